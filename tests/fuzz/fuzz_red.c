/* SPDX-License-Identifier: MIT */
/*
 * RED: a payload there and back, and the receiver of redundant audio. A record
 * is 9 octets (number, time, length, what to do) and its payload.
 */
#include <assert.h>
#include <string.h>

#include "base/pool.h"
#include "session/redaudio.h"
#include "wire/red.h"

#define LEN_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void there_and_back(const uint8_t *p, size_t len)
{
	uint8_t buf[LEN_MAX];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_red red;

	if (vc_red_parse(&red, p, len))
		return;
	assert(red.n >= 1 && red.n <= VC_RED_BLOCKS_MAX);
	vc_red_write(&w, &red);
	assert(!w.bad && vc_wr_len(&w) == len && !memcmp(buf, p, len));
}

static void take(struct vc_redrx *rx, uint16_t own)
{
	struct vc_packet *pkt;
	struct vc_rtp rtp;
	bool is_won;

	while ((pkt = vc_redrx_next(rx, &is_won))) {
		assert(!vc_rtp_parse(&rtp, pkt->data, pkt->len));
		assert(is_won == (rtp.seq != own) && rtp.pt != 63);
		vc_packet_unref(pkt);
	}
}

static void one_packet(struct vc_rd *r, struct vc_pool *pool,
		       struct vc_redrx *rx)
{
	struct vc_packet *pkt = vc_packet_new(pool, 2 * LEN_MAX);
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);
	struct vc_rtp rtp = { .pt = 63, .ssrc = 7 };
	uint8_t what;
	size_t len;

	rtp.seq = vc_rd_u16(r);
	rtp.ts = vc_rd_u32(r);
	len = vc_rd_u16(r) % LEN_MAX;
	what = vc_rd_u8(r);
	if (len > vc_rd_left(r))
		len = vc_rd_left(r);
	(void)vc_rtp_write(&w, &rtp);
	vc_wr_bytes(&w, vc_rd_bytes(r, len), len);
	pkt->len = vc_wr_len(&w);
	assert(!vc_rtp_parse(&rtp, pkt->data, pkt->len));
	there_and_back(rtp.payload, rtp.payload_len);
	if (what & 1)
		vc_redrx_note(rx, &rtp);
	else if (!vc_redrx_put(rx, pkt, &rtp) && !(what & 2))
		take(rx, rtp.seq);
	vc_packet_unref(pkt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	struct vc_pool *pool = vc_pool_new();
	struct vc_redrx *rx = vc_redrx_new(63, size & 1, pool);

	assert(pool && rx);
	while (vc_rd_left(&r) >= 9) {
		one_packet(&r, pool, rx);
		assert(vc_pool_used(pool) <= VC_REDRX_BLOCKS_MAX + 1);
	}
	vc_redrx_free(rx);
	assert(vc_pool_used(pool) == 0);
	vc_pool_free(pool);
	return 0;
}
