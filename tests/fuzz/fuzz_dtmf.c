/* SPDX-License-Identifier: MIT */
/* Telephone events over time: RTP time, ms since the one before, payload. */
#include <assert.h>

#include "base/bytes.h"
#include "session/dtmf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	struct vc_dtmf_heard heard[2];
	struct vc_dtmfrx rx;
	struct vc_dtmf d;
	uint64_t packets = 0, events = 0;
	int64_t now = 0;

	(void)vc_dtmf_parse(&d, data, size);
	vc_dtmfrx_init(&rx, 8000);
	while (vc_rd_left(&r) >= 10) {
		uint32_t ts = vc_rd_u32(&r);

		now += vc_rd_u16(&r) * VC_MS;
		assert(!vc_dtmf_parse(&d, vc_rd_bytes(&r, VC_DTMF_LEN),
				      VC_DTMF_LEN));
		events += vc_dtmfrx_expire(&rx, now, heard);
		events += vc_dtmfrx_put(&rx, &d, ts, now, heard);
		packets++;
		/* An event has a packet of its own. */
		assert(events <= packets);
		assert(vc_dtmfrx_next(&rx) > now);
	}
	return 0;
}
