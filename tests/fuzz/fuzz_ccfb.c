/* SPDX-License-Identifier: MIT */
/* A packet of RFC 8888: what passed the parser is read to its end. */
#include <assert.h>

#include "base/time.h"
#include "wire/ccfb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd rd = vc_rd_over(data, size);
	struct vc_ccfb_packet p;
	struct vc_rtcp_fb fb;
	struct vc_rtcp pkt;
	struct vc_ccfb c;
	size_t n = 0;

	if (!vc_rtcp_next(&rd, &pkt) || vc_rtcp_parse_fb(&fb, &pkt) ||
	    vc_ccfb_parse(&c, &fb))
		return 0;
	assert(c.at >= 0 && c.at < VC_CCFB_PERIOD);
	for (; vc_ccfb_next(&c, &p); n++) {
		assert(!p.has_time || p.is_received);
		assert(!p.ecn || p.is_received);
		assert(!p.has_time ||
		       (p.at <= c.at && p.at > c.at - 8 * VC_SEC));
	}
	assert(!c.rd.bad && n * 2 <= size);
	return 0;
}
