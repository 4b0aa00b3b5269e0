/* SPDX-License-Identifier: MIT */
/*
 * Repair as foreign packets and RTCP drive it, both ends' parts. An operation
 * is 4 octets: what, ms since the one before, a sequence number. Whatever
 * comes, what is kept, asked for and sent again stays within its bounds.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "base/time.h"
#include "session/history.h"
#include "session/keyreq.h"
#include "session/nack.h"
#include "session/resend.h"
#include "session/rxstats.h"
#include "session/xrstats.h"
#include "wire/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ends {
	int64_t now;
	struct vc_nack nack;
	struct vc_rxstats st;
	struct vc_xrstats xr;
	struct vc_keyreq key;
	struct vc_pool *pool;
	struct vc_history *history;
	struct vc_resend resend;
	uint64_t media;
	int64_t last_key;
};

/* As link/ tells them: only what the statistics take for media. */
static void receive(struct ends *e, uint16_t seq)
{
	enum vc_rx rx = (enum vc_rx)vc_rxstats_packet(&e->st, seq, seq * 160u,
						      100, e->now);

	if (rx == VC_RX_DUPLICATE)
		vc_xrstats_duplicate(&e->xr);
	if (!vc_rx_is_media(rx))
		return;
	if (rx == VC_RX_RESYNC) {
		vc_nack_restart(&e->nack);
		vc_xrstats_restart(&e->xr);
	}
	vc_xrstats_packet(&e->xr, e->st.seq, seq * 160u, 8000, seq & 255,
			  e->now);
	(void)vc_nack_put(&e->nack, seq, VC_NACK_ORIGINAL, e->now);
}

static void ask(struct ends *e)
{
	uint8_t buf[1200];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	unsigned int n = vc_nack_write(&e->nack, &w, 1, 2, e->now);

	assert(!w.bad && !n == !vc_wr_len(&w));
	assert(!n || !vc_rtcp_check_reduced(buf, vc_wr_len(&w)));
	assert(vc_nack_next(&e->nack) > e->now || !e->nack.n);
}

static void ask_key(struct ends *e)
{
	uint8_t buf[64];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!vc_keyreq_write(&e->key, &w, 1, 2, e->now))
		return;
	assert(!vc_rtcp_check_reduced(buf, vc_wr_len(&w)));
	assert(e->last_key == VC_TIME_NONE || e->now - e->last_key >= VC_SEC);
	e->last_key = e->now;
}

static void send_one(struct ends *e, uint16_t seq)
{
	struct vc_packet *pkt = vc_packet_new(e->pool, 100);
	uint8_t head[VC_RTP_HEADER] = { 0x80 };

	assert(pkt);
	pkt->len = 20 + seq % 80;
	vc_rtp_set_seq(head, seq);
	vc_history_put(e->history, pkt, head, e->now);
	vc_resend_media(&e->resend, pkt->len, e->now);
	e->media += pkt->len;
	vc_packet_unref(pkt);
}

static void send_again(struct ends *e, uint16_t seq)
{
	struct vc_history_item i = { .data = NULL };

	if (vc_history_get(e->history, seq, e->now, &i)) {
		assert(vc_rtp_get_seq(i.data) == seq);
		assert(i.len == 20u + seq % 80);
	}
	vc_resend_ask(&e->resend, 1, seq, i.len, e->now);
	assert(e->resend.counts.octets * 4 <= e->media);
}

static void one(struct ends *e, uint8_t what, uint16_t seq)
{
	struct vc_xr_summary summary = { .hops = VC_XR_TTL };
	struct vc_xr_voip voip;

	switch (what % 10) {
	case 0:
		vc_nack_put(&e->nack, seq, VC_NACK_RTX, e->now);
		break;
	case 1:
		vc_nack_put(&e->nack, seq, VC_NACK_FEC, e->now);
		break;
	case 2:
		vc_keyreq_want(&e->key, e->now);
		break;
	case 3:
		vc_keyreq_seen(&e->key);
		break;
	case 4:
		send_again(e, seq);
		break;
	case 5:
		vc_nack_rtt(&e->nack, (int64_t)seq * VC_MS - VC_SEC);
		vc_resend_rtt(&e->resend, (int64_t)seq * VC_MS - VC_SEC);
		vc_history_rtt(e->history, (int64_t)seq * VC_MS - VC_SEC,
			       (int64_t)seq * VC_SEC);
		break;
	case 6:
		vc_xrstats_discarded(&e->xr, e->st.seq - seq % 600);
		(void)vc_xrstats_take(&e->xr, &summary, &voip);
		break;
	case 7:
		send_one(e, seq);
		break;
	default:
		receive(e, seq);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vc_history_conf hc = { .packets = size & 8 ? 64 : 1024,
					    .octets = size & 16 ? 3000 : 0 };
	unsigned int room = 40;
	const struct vc_nack_conf nc = { .is_in_place = size & 1,
					 .room = size & 32 ? &room : NULL };
	struct vc_rd r = vc_rd_over(data, size);
	struct ends e = { .now = VC_VIRTUAL_EPOCH, .last_key = VC_TIME_NONE };

	vc_nack_init(&e.nack, &nc);
	vc_rxstats_init(&e.st, 8000, 0);
	vc_keyreq_init(&e.key, size & 2, size & 4);
	vc_resend_init(&e.resend, e.now);
	e.pool = vc_pool_new();
	e.history = vc_history_new(&hc);
	assert(e.pool && e.history);
	while (vc_rd_left(&r) >= 4) {
		uint8_t what = vc_rd_u8(&r);

		e.now += vc_rd_u8(&r) * VC_MS;
		one(&e, what, vc_rd_u16(&r));
		if (what & 0x80)
			ask(&e);
		ask_key(&e);
		assert(e.nack.n <= VC_NACK_HOLES && room <= 40);
	}
	vc_nack_clear(&e.nack);
	assert(room == 40);
	vc_history_unref(e.history);
	vc_resend_clear(&e.resend);
	assert(vc_pool_used(e.pool) == 0);
	vc_pool_free(e.pool);
	return 0;
}
