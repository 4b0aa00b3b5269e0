/* SPDX-License-Identifier: MIT */
/*
 * A sender whose receiver says anything: compounds of feedback, each after an
 * octet that says how many packets went before it. The estimate stays within
 * its limits.
 */
#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "session/bwe.h"
#include "wire/rtcp.h"

#define MIN 100000
#define MAX 10000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send_some(struct vc_bwe *b, unsigned int n, int64_t *now)
{
	struct vc_bwe_cluster c = { 0 };

	(void)vc_bwe_probe(b, &c);
	for (unsigned int i = 0; i < n; i++) {
		*now += 5 * VC_MS;
		(void)vc_bwe_sent(b, i & 3, (uint16_t)i, 1000, c.id, *now);
	}
	vc_bwe_due(b, *now);
}

static void hear(struct vc_bwe *b, struct vc_rtcp *pkt, int64_t now)
{
	struct vc_rtcp_fb fb;
	struct vc_bwe_stats st;

	if (!vc_rtcp_parse_fb(&fb, pkt))
		(void)vc_bwe_feedback(b, &fb, now);
	st = vc_bwe_stats(b);
	assert(st.target_bps >= MIN && st.target_bps <= MAX);
	assert(st.loss >= 0 && st.loss <= 1 && st.queue >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vc_bwe_conf conf = {
		.start_bps = 300000,
		.min_bps = MIN,
		.max_bps = MAX,
		.by_ssrc = size & 1,
	};
	int64_t now = VC_VIRTUAL_EPOCH;
	struct vc_bwe *b = vc_bwe_new(&conf, now);
	struct vc_rd rd = vc_rd_over(data, size);
	struct vc_rtcp pkt;

	assert(b);
	while (vc_rd_left(&rd)) {
		send_some(b, vc_rd_u8(&rd), &now);
		if (!vc_rtcp_next(&rd, &pkt))
			break;
		hear(b, &pkt, now);
	}
	vc_bwe_free(b);
	return 0;
}
