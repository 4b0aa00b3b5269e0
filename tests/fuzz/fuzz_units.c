/* SPDX-License-Identifier: MIT */
/* Packets in any order to units. An octet of codec, then for each packet: */
/* flags, sequence number, RTP time, length, payload. */
#include "base/bytes.h"
#include "base/pool.h"
#include "engine/units.h"
#include "wire/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	static const enum vc_codec codecs[] = { VC_CODEC_OPUS, VC_CODEC_VP8,
						VC_CODEC_VP9, VC_CODEC_H264,
						VC_CODEC_AV1 };
	enum vc_codec codec = codecs[vc_rd_u8(&r) % 5];
	int err;
	struct vc_units *u = vc_units_new(codec, VC_UNITS_WAIT, &err);
	struct vc_pool *pool = vc_pool_new();
	struct vc_timeline_unit unit;
	int64_t now = 0;

	while (u && vc_rd_left(&r)) {
		uint8_t flags = vc_rd_u8(&r);
		struct vc_rtp rtp = { .marker = flags & 1 };
		struct vc_packet *pkt = vc_packet_new(pool, 256);

		rtp.seq = vc_rd_u16(&r);
		rtp.ts = vc_rd_u32(&r);
		rtp.payload_len = vc_rd_u8(&r);
		rtp.payload = vc_rd_bytes(&r, rtp.payload_len);
		pkt->arrival = now;
		now += (int64_t)(flags >> 2) * 10000000;
		if (!r.bad)
			vc_units_put(u, pkt, &rtp, !(flags & 2));
		vc_packet_unref(pkt);
		while (vc_units_next(u, now, &unit))
			if (!unit.len || !unit.data)
				__builtin_trap();
	}
	vc_units_end(u);
	while (vc_units_next(u, now, &unit))
		;
	vc_units_free(u);
	vc_pool_free(pool);
	return 0;
}
