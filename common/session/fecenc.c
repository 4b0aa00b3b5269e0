/* SPDX-License-Identifier: MIT */
/*
 * Which media packet goes into which parity packets, for losses that come
 * alone: parity packets are the corners of a graph, with one corner more that
 * stands for none, and media packets its edges. Lost edges are repaired when
 * they form no circle. Corners are walked in zigzag (0, 1, -1, 2, -2, ... and
 * the same from the next corner on), so that edges which follow each other
 * make paths: that many losses in a row are repaired too.
 */
#include "session/fecenc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"

/* A put may end a group of its own after a full one. */
#define READY_MAX (VC_FECENC_GROUP_MAX + 1)
#define GIVE_UP 4 /* times max_delay: parity would come too late */

struct item {
	struct vc_packet *pkt;
	uint8_t head[VC_RTP_HEADER];
	unsigned int place; /* sequence number - base */
	unsigned int in[2]; /* the parity packets it goes into */
};

struct vc_fecenc {
	struct vc_fecenc_conf conf;
	struct vc_pool *pool;
	unsigned int percent;
	bool is_bursty;
	int credit; /* hundredths of a parity packet, of groups before */
	struct item items[VC_FECENC_GROUP_MAX];
	unsigned int n;
	uint16_t base;
	int64_t first; /* when the group began */
	struct vc_packet *ready[READY_MAX];
	unsigned int n_ready;
	unsigned int next_ready;
	struct vc_fecenc_counts counts;
};

struct vc_fecenc *vc_fecenc_new(const struct vc_fecenc_conf *conf,
				struct vc_pool *pool)
{
	struct vc_fecenc *e = vc_try_alloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->conf = *conf;
	e->pool = pool;
	return e;
}

static void drop_ready(struct vc_fecenc *e)
{
	while (e->next_ready < e->n_ready) {
		vc_packet_unref(e->ready[e->next_ready]);
		e->next_ready++;
	}
	e->n_ready = 0;
	e->next_ready = 0;
}

static void drop_items(struct vc_fecenc *e)
{
	for (unsigned int i = 0; i < e->n; i++)
		vc_packet_unref(e->items[i].pkt);
	e->n = 0;
}

void vc_fecenc_free(struct vc_fecenc *e)
{
	if (!e)
		return;
	drop_items(e);
	drop_ready(e);
	free(e);
}

void vc_fecenc_set(struct vc_fecenc *e, unsigned int percent, bool is_bursty)
{
	if (percent > VC_FECENC_PERCENT_MAX)
		percent = VC_FECENC_PERCENT_MAX;
	e->percent = percent;
	e->is_bursty = is_bursty;
	if (!percent)
		drop_items(e);
}

unsigned int vc_fecenc_auto(uint8_t fraction, int64_t rtt, bool has_nack)
{
	const int64_t soon = 50 * VC_MS, late = 200 * VC_MS;
	int64_t percent = 5 + 5 * 100 * fraction / 256;

	if (!fraction)
		return 0;
	if (percent > VC_FECENC_AUTO_MAX)
		percent = VC_FECENC_AUTO_MAX;
	if (!has_nack || rtt < 0 || rtt >= late)
		return (unsigned int)percent;
	if (rtt <= soon)
		return 0;
	return (unsigned int)(percent * (rtt - soon) / (late - soon));
}

/* --- parity --- */

/* Where the walk from corner 0 is after 't' steps; of 'n' corners. */
static unsigned int zigzag(unsigned int t, unsigned int n)
{
	return (t % 2 ? t / 2 + 1 : n - t / 2) % n;
}

/* Spreads the group over 'm' parity packets. */
static void spread(struct vc_fecenc *e, unsigned int m)
{
	unsigned int corners = m + 1;

	for (unsigned int i = 0; i < e->n; i++) {
		unsigned int edge = i % (corners * m / 2);
		unsigned int from = edge / m, step = edge % m;
		unsigned int *in = e->items[i].in;

		/* Of the last walk, the half that was not walked before. */
		if (m % 2 == 0 && from == m / 2)
			step = 2 * step + 1;
		in[0] = (from + zigzag(step, corners)) % corners;
		in[1] = (from + zigzag(step + 1, corners)) % corners;
		if (e->is_bursty)
			in[0] = in[1] = i % m;
	}
}

static bool is_in(const struct item *it, unsigned int j)
{
	return it->in[0] == j || it->in[1] == j;
}

static void write_header(const struct vc_fecenc *e, struct vc_wr *w)
{
	const struct item *last = &e->items[e->n - 1];
	const bool is_ulp = e->conf.format == VC_FEC_ULP;
	struct vc_rtp rtp = {
		.pt = is_ulp ? e->conf.red_pt : e->conf.pt,
		.ts = vc_rtp_get_ts(last->head),
		.ssrc = e->conf.ssrc,
	};

	(void)vc_rtp_write(w, &rtp);
	if (is_ulp)
		vc_wr_u8(w, e->conf.pt);
}

/* NULL when nothing goes into parity 'j', or out of memory. */
static struct vc_packet *make_parity(const struct vc_fecenc *e, unsigned int j)
{
	struct vc_fec fec = { .ssrc = e->conf.media_ssrc, .base = e->base };
	size_t longest = 0, body_at;
	unsigned int span = 0;
	struct vc_packet *pkt;
	struct vc_wr w;

	for (unsigned int i = 0; i < e->n; i++) {
		const struct item *it = &e->items[i];

		if (!is_in(it, j))
			continue;
		span = it->place + 1;
		vc_fec_mask_set(&fec.mask, it->place);
		if (it->pkt->len > longest)
			longest = it->pkt->len;
	}
	if (!span)
		return NULL;
	pkt = vc_packet_new(e->pool, longest + VC_FEC_HEADER_MAX + 1);
	if (!pkt)
		return NULL;
	w = vc_wr_over(pkt->data, pkt->cap);
	write_header(e, &w);
	body_at = vc_wr_len(&w) + vc_fec_header_len(e->conf.format, span);
	fec.sum.body = pkt->data + body_at;
	fec.sum.cap = pkt->cap - body_at;
	for (unsigned int i = 0; i < e->n; i++) {
		const struct item *it = &e->items[i];

		if (is_in(it, j))
			vc_fec_sum_add(&fec.sum, it->head,
				       it->pkt->data + VC_RTP_HEADER,
				       it->pkt->len - VC_RTP_HEADER,
				       e->conf.volatile_ids);
	}
	fec.body_len = fec.sum.len;
	vc_fec_write(&w, e->conf.format, &fec);
	pkt->len = body_at + fec.body_len;
	return pkt;
}

/* --- groups --- */

/* Hundredths of a parity packet that this group may have. */
static int allowed(const struct vc_fecenc *e)
{
	return e->credit + (int)(e->n * e->percent);
}

static void end_group(struct vc_fecenc *e)
{
	int n = (allowed(e) + 50) / 100;
	unsigned int m = n < 0 ? 0 : n > (int)e->n ? e->n : (unsigned int)n;

	e->credit = allowed(e) - (int)m * 100;
	if (e->credit > 100)
		e->credit = 100;
	if (m)
		spread(e, m);
	for (unsigned int j = 0; j < m; j++) {
		struct vc_packet *pkt = make_parity(e, j);

		if (!pkt)
			continue;
		pkt->arrival = e->items[e->n - 1].pkt->arrival;
		e->ready[e->n_ready] = pkt;
		e->n_ready++;
		e->counts.parity++;
		e->counts.octets += pkt->len;
	}
	*(m ? &e->counts.media : &e->counts.skipped) += e->n;
	drop_items(e);
}

static bool is_due(const struct vc_fecenc *e, int64_t now, bool marker)
{
	int64_t age = now - e->first, max = e->conf.max_delay;
	int hundredths = allowed(e);

	return e->n == VC_FECENC_GROUP_MAX ||
	       (marker && hundredths >= 100 && age >= max / 2) ||
	       (hundredths >= 50 && age >= max) || age >= GIVE_UP * max;
}

static unsigned int span_of(const struct vc_fecenc *e)
{
	return e->conf.format == VC_FEC_ULP ? VC_FEC_ULP_SPAN :
					      VC_FEC_FLEX_SPAN;
}

/* In ascending order, of a length that fits into a parity packet. */
static bool is_fit(const struct vc_fecenc *e, int place, size_t len)
{
	int last = e->n ? (int)e->items[e->n - 1].place : -1;

	return place > last && len >= VC_RTP_HEADER &&
	       len <= VC_PACKET_MAX - VC_FEC_HEADER_MAX - 1;
}

void vc_fecenc_put(struct vc_fecenc *e, const uint8_t *head,
		   struct vc_packet *pkt, int64_t now)
{
	uint16_t seq = vc_rtp_get_seq(head);
	struct item *it;
	int place;

	drop_ready(e);
	if (!e->percent)
		return;
	if (e->n && vc_seq_diff(e->base, seq) >= (int)span_of(e))
		end_group(e);
	if (!e->n) {
		e->base = seq;
		e->first = now;
	}
	place = vc_seq_diff(e->base, seq);
	if (!is_fit(e, place, pkt->len)) {
		e->counts.skipped++;
		return;
	}
	it = &e->items[e->n];
	it->pkt = vc_packet_ref(pkt);
	it->place = (unsigned int)place;
	memcpy(it->head, head, VC_RTP_HEADER);
	e->n++;
	if (is_due(e, now, vc_rtp_get_marker(head)))
		end_group(e);
}

int64_t vc_fecenc_due(const struct vc_fecenc *e)
{
	int times = allowed(e) >= 50 ? 1 : GIVE_UP;

	return e->n ? e->first + times * e->conf.max_delay : VC_TIME_NONE;
}

void vc_fecenc_tick(struct vc_fecenc *e, int64_t now)
{
	drop_ready(e);
	if (e->n && is_due(e, now, false))
		end_group(e);
}

bool vc_fecenc_has_next(const struct vc_fecenc *e)
{
	return e->next_ready < e->n_ready;
}

struct vc_packet *vc_fecenc_next(struct vc_fecenc *e, uint16_t seq)
{
	struct vc_packet *pkt;

	if (!vc_fecenc_has_next(e))
		return NULL;
	pkt = e->ready[e->next_ready];
	e->next_ready++;
	vc_rtp_set_seq(pkt->data, seq);
	return pkt;
}

const struct vc_fecenc_counts *vc_fecenc_counts(const struct vc_fecenc *e)
{
	return &e->counts;
}
