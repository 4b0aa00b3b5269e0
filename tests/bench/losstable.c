/* SPDX-License-Identifier: MIT */
/*
 * What stays lost after repair: a sender and a receiver made of the session
 * modules, with a network between them that loses as much both ways, on a
 * simulated clock. The same figures on every run; loss.sh prints them beside
 * those of the tools.
 *
 * Pictures: 25 frames a second of four packets of 1000 octets. Sound: packets
 * of 20 ms, which go in RED where FEC is asked for. What comes after it would
 * have been played, 'latency' after the earliest it could come, is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/fecdec.h"
#include "session/fecenc.h"
#include "session/history.h"
#include "session/impair.h"
#include "session/nack.h"
#include "session/redaudio.h"
#include "session/resend.h"
#include "session/rtcptime.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtx.h"

#define T0 VC_VIRTUAL_EPOCH
#define SECONDS 200
#define MAX_PACKETS (SECONDS * 100)
#define MEDIA_SSRC 0x11111111
#define RTX_SSRC 0x22222222
#define FEC_SSRC 0x33333333
#define RECEIVER 0x44444444
#define RTX_PT 97
#define FEC_PT 118
#define RED_PT 63
#define UDP_IP 28
#define BURST 4000 /* thousandths of a packet */
#define FIRST_SEQ 65000

struct kind {
	const char *name;
	uint8_t pt;
	size_t len;
	unsigned int at_once; /* packets */
	int64_t every;	      /* and so often */
	uint32_t ts_step;
};

static const struct kind kinds[] = {
	{ "video", 96, 1000, 4, 40 * VC_MS, 3600 },
	{ "audio", 111, 120, 1, 20 * VC_MS, 960 },
};

struct how {
	const char *name;
	bool nack;
	bool fec;
};

static const struct how hows[] = {
	{ "none", false, false },
	{ "nack", true, false },
	{ "fec", false, true },
	{ "both", true, true },
};

struct row {
	unsigned int percent;
	bool is_bursty;
	int64_t rtt;
};

struct run {
	const struct kind *kind;
	struct how how;
	struct row row;
	int64_t latency;
	struct vc_pool *pool;
	struct vc_impair *to;
	struct vc_impair *back;
	/* the sender */
	struct vc_history *history;
	struct vc_resend resend;
	struct vc_fecenc *enc;
	struct vc_redtx *redtx;
	unsigned int n;
	unsigned int sent;
	uint16_t rtx_seq;
	uint16_t fec_seq;
	uint64_t media_octets;
	uint64_t other_octets;
	/* the receiver */
	struct vc_nack nack;
	struct vc_fecdec *dec;
	struct vc_redrx *redrx;
	struct vc_rtcptime time;
	uint8_t got[MAX_PACKETS];
};

static int64_t sent_at(const struct run *r, unsigned int n)
{
	return T0 + n / r->kind->at_once * r->kind->every;
}

/* --- the sender --- */

static void put(struct run *r, struct vc_packet *pkt, int64_t now)
{
	if (pkt)
		vc_impair_put(r->to, pkt, NULL, 0, now);
	vc_packet_unref(pkt);
}

static struct vc_packet *media(struct run *r)
{
	const struct kind *k = r->kind;
	struct vc_packet *pkt = vc_packet_new(r->pool, k->len);
	const struct vc_rtp rtp = {
		.pt = k->pt,
		.ssrc = MEDIA_SSRC,
		.seq = (uint16_t)(FIRST_SEQ + r->sent),
		.ts = r->sent / k->at_once * k->ts_step,
		.marker = r->sent % k->at_once == k->at_once - 1,
	};
	struct vc_wr w = vc_wr_over(pkt->data, k->len);

	vc_rtp_write(&w, &rtp);
	memset(pkt->data + VC_RTP_HEADER, 0, k->len - VC_RTP_HEADER);
	/* one Opus frame of 20 ms; the packet's number */
	pkt->data[VC_RTP_HEADER] = 0x78;
	vc_put_u32(pkt->data + VC_RTP_HEADER + 1, r->sent);
	pkt->len = k->len;
	return pkt;
}

static void send_parity(struct run *r, int64_t now)
{
	struct vc_packet *pkt;

	while ((pkt = vc_fecenc_next(r->enc, r->fec_seq))) {
		r->fec_seq++;
		r->other_octets += pkt->len;
		put(r, pkt, now);
	}
}

static void send_one(struct run *r, int64_t now)
{
	struct vc_packet *pkt = media(r), *red = NULL;
	struct vc_rtp rtp;

	vc_rtp_parse(&rtp, pkt->data, pkt->len);
	r->sent++;
	r->media_octets += pkt->len;
	if (r->redtx)
		red = vc_redtx_put(r->redtx, pkt->data, pkt, &rtp);
	if (red) {
		r->other_octets += red->len - pkt->len;
		vc_packet_unref(pkt);
		pkt = red;
	}
	vc_history_put(r->history, pkt, pkt->data, now);
	vc_resend_media(&r->resend, pkt->len, now);
	if (r->enc)
		vc_fecenc_put(r->enc, pkt->data, pkt, now);
	put(r, pkt, now);
	if (r->enc)
		send_parity(r, now);
}

static void resend(struct run *r, uint16_t seq, int64_t now)
{
	struct vc_history_item i = { .data = NULL };
	const struct vc_rtx rtx = { RTX_SSRC, RTX_PT, r->rtx_seq, { 0 } };
	struct vc_packet *pkt;
	struct vc_wr w;

	(void)vc_history_get(r->history, seq, now, &i);
	if (!vc_resend_ask(&r->resend, MEDIA_SSRC, seq, i.len, now))
		return;
	pkt = vc_packet_new(r->pool, i.len + VC_RTX_OSN);
	w = vc_wr_over(pkt->data, pkt->cap);
	vc_rtx_write(&w, &rtx, i.data, i.len);
	pkt->len = vc_wr_len(&w);
	r->other_octets += pkt->len;
	r->rtx_seq++;
	put(r, pkt, now);
}

static void take_rtcp(struct run *r, const struct vc_packet *pkt, int64_t now)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp_nack e;
	struct vc_rtcp_fb fb;
	struct vc_rtcp p;

	while (vc_rtcp_next(&rd, &p)) {
		if (vc_rtcp_parse_fb(&fb, &p))
			continue;
		for (size_t i = 0; vc_rtcp_nack_at(&fb, i, &e); i++) {
			resend(r, e.pid, now);
			for (unsigned int b = 0; b < 16; b++) {
				if (e.blp & 1u << b)
					resend(r, (uint16_t)(e.pid + 1 + b),
					       now);
			}
		}
	}
}

/* --- the receiver --- */

/* It is here; is it in time? */
static void have(struct run *r, const struct vc_packet *pkt, int64_t now)
{
	unsigned int n = vc_get_u32(pkt->data + VC_RTP_HEADER + 1);

	if (n < r->n && now <= sent_at(r, n) + r->row.rtt / 2 + r->latency)
		r->got[n] = 1;
}

static void have_all_won(struct run *r, int64_t now)
{
	struct vc_packet *pkt;

	while (r->dec && (pkt = vc_fecdec_next(r->dec))) {
		vc_nack_put(&r->nack, vc_rtp_get_seq(pkt->data), VC_NACK_FEC,
			    now);
		have(r, pkt, now);
		vc_packet_unref(pkt);
	}
}

static void take_red(struct run *r, struct vc_packet *pkt,
		     const struct vc_rtp *rtp, int64_t now)
{
	struct vc_packet *out;
	bool is_won;

	if (vc_redrx_put(r->redrx, pkt, rtp))
		return;
	while ((out = vc_redrx_next(r->redrx, &is_won))) {
		if (is_won)
			vc_nack_put(&r->nack, vc_rtp_get_seq(out->data),
				    VC_NACK_FEC, now);
		have(r, out, now);
		vc_packet_unref(out);
	}
}

static void take(struct run *r, struct vc_packet *pkt, int64_t now)
{
	enum vc_nack_how how = VC_NACK_ORIGINAL;
	struct vc_rtp rtp;

	vc_rtp_parse(&rtp, pkt->data, pkt->len);
	if (rtp.pt == FEC_PT) {
		vc_fecdec_parity(r->dec, pkt, rtp.payload, rtp.payload_len);
		have_all_won(r, now);
		return;
	}
	if (rtp.pt == RTX_PT) {
		vc_rtx_unwrap(pkt->data, &pkt->len, MEDIA_SSRC,
			      r->redtx ? RED_PT : r->kind->pt);
		vc_rtp_parse(&rtp, pkt->data, pkt->len);
		how = VC_NACK_RTX;
	}
	if (!vc_nack_put(&r->nack, rtp.seq, how, now))
		return;
	if (rtp.pt == RED_PT) {
		take_red(r, pkt, &rtp, now);
		return;
	}
	have(r, pkt, now);
	if (r->redrx)
		vc_redrx_note(r->redrx, &rtp);
	if (r->dec)
		vc_fecdec_media(r->dec, pkt);
	have_all_won(r, now);
}

static void ask(struct run *r, int64_t now)
{
	struct vc_packet *pkt;
	struct vc_wr w;

	if (vc_nack_next(&r->nack) > now ||
	    vc_rtcptime_early(&r->time, now) > now)
		return;
	pkt = vc_packet_new(r->pool, 600);
	w = vc_wr_over(pkt->data, 600);
	if (vc_nack_write(&r->nack, &w, RECEIVER, MEDIA_SSRC, now)) {
		pkt->len = vc_wr_len(&w);
		vc_rtcptime_early_sent(&r->time, pkt->len + UDP_IP, now);
		vc_impair_put(r->back, pkt, NULL, 0, now);
	}
	vc_packet_unref(pkt);
}

/* --- a run --- */

static struct vc_impair *network(const struct row *row, uint64_t which)
{
	struct vc_impair_conf conf;
	struct vc_rand rand;

	vc_rand_init(&rand, 1, "losstable", NULL);
	vc_impair_conf_init(&conf);
	conf.loss = row->is_bursty ? VC_LOSS_GILBERT : VC_LOSS_RANDOM;
	conf.loss_share = row->percent * (VC_IMPAIR_ALL / 100);
	conf.burst_milli = BURST;
	conf.delay = row->rtt / 2;
	return vc_impair_new(&conf, &rand, which, T0);
}

static void start_repair(struct run *r)
{
	const struct vc_nack_conf nc = { .max_age = r->latency,
					 .never_asks = !r->how.nack };
	const struct vc_history_conf hc = { 0 };
	const struct vc_redtx_conf red = { .red_pt = RED_PT,
					   .n = 2,
					   .distance = 1,
					   .max_len = 1200 };
	const struct vc_fecenc_conf ec = { .format = VC_FEC_FLEX,
					   .pt = FEC_PT,
					   .ssrc = FEC_SSRC,
					   .media_ssrc = MEDIA_SSRC,
					   .max_delay = 100 * VC_MS };
	const struct vc_fecdec_conf dc = { .format = VC_FEC_FLEX,
					   .pt = FEC_PT,
					   .red_pt = FEC_PT,
					   .media_ssrc = MEDIA_SSRC };

	r->history = vc_history_new(&hc);
	vc_history_rtt(r->history, r->row.rtt, T0);
	vc_resend_init(&r->resend, T0);
	vc_resend_rtt(&r->resend, r->row.rtt);
	vc_nack_init(&r->nack, &nc);
	vc_nack_rtt(&r->nack, r->row.rtt);
	if (!r->how.fec)
		return;
	if (r->kind == &kinds[1]) {
		r->redtx = vc_redtx_new(&red, r->pool);
		r->redrx = vc_redrx_new(RED_PT, false, r->pool);
		return;
	}
	r->enc = vc_fecenc_new(&ec, r->pool);
	r->dec = vc_fecdec_new(&dc, r->pool);
	vc_fecenc_set(r->enc,
		      vc_fecenc_auto((uint8_t)(r->row.percent * 256 / 100),
				     r->row.rtt, r->how.nack),
		      r->row.is_bursty);
}

static void start(struct run *r)
{
	const struct kind *k = r->kind;
	const struct vc_rtcptime_conf conf = { .unicast = true,
					       .first_len = 100 };
	struct vc_rand rand;

	r->pool = vc_pool_new();
	r->to = network(&r->row, 0);
	r->back = network(&r->row, 1);
	r->latency = r->row.rtt < 100 * VC_MS ? 200 * VC_MS : 500 * VC_MS;
	r->n = (unsigned int)(SECONDS * VC_SEC / k->every) * k->at_once;
	start_repair(r);
	vc_rand_init(&rand, 1, "losstable", "rtcp");
	vc_rtcptime_init(&r->time, &conf, &rand, T0);
	vc_rtcptime_rate(&r->time, k->len * k->at_once * 8 *
					   (uint64_t)(VC_SEC / k->every));
	vc_rtcptime_members(&r->time, 2, 1, false, T0);
}

static void step(struct run *r, int64_t now)
{
	struct vc_packet *pkt;

	while (r->sent < r->n && sent_at(r, r->sent) <= now)
		send_one(r, now);
	if (r->enc && vc_fecenc_due(r->enc) != VC_TIME_NONE &&
	    vc_fecenc_due(r->enc) <= now) {
		vc_fecenc_tick(r->enc, now);
		send_parity(r, now);
	}
	while ((pkt = vc_impair_get(r->to, now, NULL, NULL))) {
		/* Others hold it as it was sent: it becomes the receiver's. */
		struct vc_packet *own = vc_packet_new(r->pool, pkt->len);

		memcpy(own->data, pkt->data, pkt->len);
		own->len = pkt->len;
		own->arrival = now;
		vc_packet_unref(pkt);
		take(r, own, now);
		vc_packet_unref(own);
	}
	ask(r, now);
	while ((pkt = vc_impair_get(r->back, now, NULL, NULL))) {
		take_rtcp(r, pkt, now);
		vc_packet_unref(pkt);
	}
}

static void stop(struct run *r)
{
	vc_nack_clear(&r->nack);
	vc_history_unref(r->history);
	vc_resend_clear(&r->resend);
	vc_fecenc_free(r->enc);
	vc_fecdec_free(r->dec);
	vc_redtx_free(r->redtx);
	vc_redrx_free(r->redrx);
	vc_impair_free(r->to);
	vc_impair_free(r->back);
	vc_pool_free(r->pool);
	free(r);
}

/* --- what it prints --- */

static void print(const struct run *r)
{
	unsigned int missing = 0, row = 0, longest = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		row = r->got[i] ? 0 : row + 1;
		missing += !r->got[i];
		longest = row > longest ? row : longest;
	}
	printf("{\"bench\":\"loss\",\"kind\":\"%s\",\"loss\":%u,"
	       "\"bursts\":%s,\"rtt_ms\":%d,\"latency_ms\":%d,"
	       "\"repair\":\"%s\",\"residual\":%.3f,\"longest\":%u,"
	       "\"overhead\":%.1f}\n",
	       r->kind->name, r->row.percent,
	       r->row.is_bursty ? "true" : "false", (int)(r->row.rtt / VC_MS),
	       (int)(r->latency / VC_MS), r->how.name, 100.0 * missing / r->n,
	       longest,
	       100.0 * (double)r->other_octets / (double)r->media_octets);
}

static void run(const struct kind *kind, const struct how *how,
		const struct row *row)
{
	struct run *r = vc_alloc(1, sizeof(*r));
	int64_t end = T0 + (SECONDS + 2) * VC_SEC;

	r->kind = kind;
	r->how = *how;
	r->row = *row;
	start(r);
	for (int64_t now = T0; now < end; now += VC_MS)
		step(r, now);
	print(r);
	stop(r);
}

int main(void)
{
	static const unsigned int percents[] = { 1, 5, 10, 20 };
	struct row row;

	for (size_t k = 0; k < VC_COUNT(kinds); k++) {
		for (size_t i = 0; i < 16 * VC_COUNT(hows); i++) {
			size_t n = i / VC_COUNT(hows);

			row.percent = percents[n / 4];
			row.is_bursty = n & 2;
			row.rtt = n & 1 ? 200 * VC_MS : 50 * VC_MS;
			run(&kinds[k], &hows[i % VC_COUNT(hows)], &row);
		}
	}
	return 0;
}
