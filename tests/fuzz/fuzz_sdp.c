/* SPDX-License-Identifier: MIT */
/* A description: what is read and written is a fixed point from then on. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "wire/sdp.h"

#define CAP (256u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char one[CAP], two[CAP];
	static struct vc_sdp sdp;
	struct vc_str value;
	uint8_t pt;
	int err, n;

	err = vc_sdp_parse(&sdp, (const char *)data, size);
	assert(!err == !sdp.bad_line && !err == !sdp.bad_why);
	if (err)
		return 0;
	(void)vc_sdp_check_pts(&sdp, &pt);
	for (unsigned int i = 0; i < sdp.n_media; i++)
		for (unsigned int j = 0; j < sdp.media[i].n_fmt; j++)
			(void)vc_sdp_fmtp_get(sdp.media[i].fmt[j].fmtp, "apt",
					      &value);
	n = vc_sdp_write_keys(&sdp, one, sizeof(one));
	assert(n > 0);
	err = vc_sdp_parse(&sdp, one, (size_t)n);
	/* A wildcard that is written out may take more lines than there are. */
	assert(!err || err == -E2BIG);
	if (err)
		return 0;
	assert(vc_sdp_write_keys(&sdp, two, sizeof(two)) == n);
	assert(!memcmp(one, two, (size_t)n));
	return 0;
}
