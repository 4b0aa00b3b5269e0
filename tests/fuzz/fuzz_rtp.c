/* SPDX-License-Identifier: MIT */
/* An RTP packet: what is read, written again, is read alike. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/rtpext.h"

static void walk(const struct vc_rtp *rtp)
{
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_audio_level level;
	struct vc_ext e;

	while (vc_ext_next(&it, &e)) {
		assert(e.p >= rtp->ext);
		assert(e.p + e.len <= rtp->ext + rtp->ext_len);
		assert(vc_ext_find(rtp, e.id, NULL, NULL));
	}
	(void)vc_ext_audio_level(rtp, 1, &level);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rtp rtp, again;
	struct vc_wr w;
	uint8_t *copy;

	(void)vc_demux(data, size);
	if (vc_rtp_parse(&rtp, data, size))
		return 0;
	assert(rtp.header_len + rtp.payload_len + rtp.pad_len == size);
	walk(&rtp);
	copy = malloc(size);
	assert(copy);
	w = vc_wr_over(copy, size);
	assert(!vc_rtp_write(&w, &rtp) && !w.bad);
	assert(vc_wr_len(&w) == rtp.header_len);
	vc_wr_bytes(&w, rtp.payload, rtp.payload_len);
	assert(!vc_rtp_parse(&again, copy, vc_wr_len(&w)));
	assert(again.payload_len == rtp.payload_len);
	assert(again.n_csrc == rtp.n_csrc && again.ext_len == rtp.ext_len);
	vc_rtp_remap(copy, rtp.ssrc, ~rtp.ssrc);
	assert(vc_rtp_get_ssrc(copy) == ~rtp.ssrc);
	free(copy);
	return 0;
}
