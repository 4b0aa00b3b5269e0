/* SPDX-License-Identifier: MIT */
/*
 * One source as foreign packets drive it: statistics, time, jitter buffer and
 * VP8 assembly. A record is 12 octets (seq, ts, ms since the one before, what
 * to do, payload length) and its payload.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "base/time.h"
#include "session/frameasm.h"
#include "session/jbuf.h"
#include "session/playout.h"
#include "session/rxstats.h"
#include "wire/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_frame(struct vc_jbuf *jb, struct vc_frameasm *fa, bool due)
{
	struct vc_jbuf_frame f;
	struct vc_video_frame out;
	enum vc_jbuf_state state = vc_jbuf_frame(jb, &f);

	if (state == VC_JBUF_EMPTY || (state == VC_JBUF_MISSING && !due))
		return;
	if (!vc_frameasm_frame(fa, jb, &f, &out))
		assert(out.len && out.width <= 4096 && out.height <= 4096);
	if (vc_jbuf_drop_frame(jb))
		vc_frameasm_lost(fa);
}

static void one_packet(struct vc_rd *r, struct vc_pool *pool,
		       struct vc_rxstats *st, struct vc_playout_source *play,
		       struct vc_jbuf *jb, int64_t *now)
{
	struct vc_packet *pkt = vc_packet_new(pool, 256);
	struct vc_rtp rtp = { .seq = vc_rd_u16(r), .ts = vc_rd_u32(r) };
	uint8_t what;

	*now += vc_rd_u16(r) * VC_MS;
	what = vc_rd_u8(r);
	rtp.marker = what & 1;
	rtp.payload_len = vc_rd_u8(r);
	if (rtp.payload_len > vc_rd_left(r))
		rtp.payload_len = vc_rd_left(r);
	rtp.payload = vc_rd_bytes(r, rtp.payload_len);
	assert(pkt);
	pkt->len = rtp.payload_len;
	pkt->arrival = *now;
	vc_rxstats_packet(st, rtp.seq, rtp.ts, rtp.payload_len, *now);
	vc_playout_packet(play, rtp.ts, *now);
	if (what & 2)
		vc_playout_sr(play, (uint64_t)rtp.ts << 24, rtp.ts, *now);
	(void)vc_playout_due(play, rtp.ts);
	if (rtp.payload)
		(void)vc_jbuf_put(jb, pkt, &rtp);
	vc_packet_unref(pkt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	struct vc_pool *pool = vc_pool_new();
	struct vc_jbuf *jb = vc_jbuf_new(32, 2000);
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
	struct vc_playout_source play;
	struct vc_rtcp_report rep;
	struct vc_rxstats st;
	int64_t now = VC_VIRTUAL_EPOCH;

	assert(pool && jb && fa);
	vc_rxstats_init(&st, 90000, size & 2);
	vc_playout_source_init(&play, 90000);
	while (vc_rd_left(&r) >= 10) {
		uint8_t what = r.p[8];

		one_packet(&r, pool, &st, &play, jb, &now);
		assert(vc_jbuf_packets(jb) <= 32);
		assert(vc_pool_used(pool) <= 33);
		if (what & 4)
			read_frame(jb, fa, what & 8);
	}
	vc_rxstats_report(&st, &rep, now);
	while (vc_jbuf_packets(jb))
		read_frame(jb, fa, true);
	vc_jbuf_free(jb);
	assert(vc_pool_used(pool) == 0);
	vc_pool_free(pool);
	vc_frameasm_free(fa);
	return 0;
}
