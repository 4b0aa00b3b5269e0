/* SPDX-License-Identifier: MIT */
/*
 * The sender's memory is a ring of packets, as far back as n times distance.
 * The receiver's is a ring of numbers and times, newest first to be asked.
 */
#include "session/redaudio.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "wire/opus.h"
#include "wire/red.h"

#define HISTORY (VC_REDTX_BLOCKS_MAX * VC_REDTX_DISTANCE_MAX)
#define FAR 1024 /* further back than this: the source began anew */

/* --- sender --- */

struct sent {
	struct vc_packet *pkt; /* NULL: none yet */
	struct vc_red_block block;
	uint32_t ts;
};

struct vc_redtx {
	struct vc_redtx_conf conf;
	struct vc_pool *pool;
	struct sent sent[HISTORY];
	unsigned int next; /* where the next one goes */
};

struct vc_redtx *vc_redtx_new(const struct vc_redtx_conf *conf,
			      struct vc_pool *pool)
{
	struct vc_redtx *tx = vc_try_alloc(1, sizeof(*tx));

	assert(conf->n >= 1 && conf->n <= VC_REDTX_BLOCKS_MAX);
	assert(conf->distance >= 1 && conf->distance <= VC_REDTX_DISTANCE_MAX);
	if (!tx)
		return NULL;
	tx->conf = *conf;
	tx->pool = pool;
	return tx;
}

void vc_redtx_free(struct vc_redtx *tx)
{
	if (!tx)
		return;
	for (unsigned int i = 0; i < HISTORY; i++)
		vc_packet_unref(tx->sent[i].pkt);
	free(tx);
}

static void remember(struct vc_redtx *tx, struct vc_packet *pkt, uint32_t ts,
		     const struct vc_red_block *block)
{
	struct sent *s = &tx->sent[tx->next];

	vc_packet_unref(s->pkt);
	*s = (struct sent){ vc_packet_ref(pkt), *block, ts };
	tx->next = (tx->next + 1) % HISTORY;
}

/* Fills 'red' up with older payloads, the oldest first; 'room' for all. */
static void choose(const struct vc_redtx *tx, struct vc_red *red, uint32_t ts,
		   const struct vc_red_block *primary, size_t room)
{
	struct vc_red_block older[VC_REDTX_BLOCKS_MAX];
	size_t used = VC_RED_PRIMARY_HEADER + primary->len;
	unsigned int n = 0;

	for (unsigned int i = 1; i <= tx->conf.n; i++) {
		unsigned int back = i * tx->conf.distance;
		const struct sent *s =
			&tx->sent[(tx->next + HISTORY - back) % HISTORY];
		int32_t offset = vc_ts_diff(s->ts, ts);

		used += VC_RED_HEADER + s->block.len;
		if (!s->pkt || used > room || offset <= 0 ||
		    offset > VC_RED_OFFSET_MAX || s->block.len > VC_RED_LEN_MAX)
			break;
		older[n] = s->block;
		older[n].ts_offset = (uint16_t)offset;
		n++;
	}
	red->n = 0;
	while (n) {
		n--;
		red->blocks[red->n] = older[n];
		red->n++;
	}
	red->blocks[red->n] = *primary;
	red->n++;
}

struct vc_packet *vc_redtx_put(struct vc_redtx *tx, const uint8_t *head,
			       struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	const struct vc_red_block primary = { .pt = vc_rtp_get_pt(head),
					      .p = rtp->payload,
					      .len = rtp->payload_len };
	size_t max = tx->conf.max_len < VC_PACKET_MAX ? tx->conf.max_len :
							VC_PACKET_MAX;
	uint32_t ts = vc_rtp_get_ts(head);
	struct vc_packet *out;
	struct vc_red red;
	struct vc_wr w;

	choose(tx, &red, ts, &primary,
	       max > rtp->header_len ? max - rtp->header_len : 0);
	out = vc_packet_new(tx->pool, max);
	remember(tx, pkt, ts, &primary);
	if (!out)
		return NULL;
	w = vc_wr_over(out->data, max);
	vc_wr_bytes(&w, head, VC_RTP_HEADER);
	vc_wr_bytes(&w, pkt->data + VC_RTP_HEADER,
		    rtp->header_len - VC_RTP_HEADER);
	vc_red_write(&w, &red);
	if (w.bad) {
		vc_packet_unref(out);
		return NULL;
	}
	out->data[0] &= 0xdf; /* padding is not copied */
	vc_rtp_set_pt(out->data, tx->conf.red_pt);
	out->len = vc_wr_len(&w);
	out->arrival = pkt->arrival;
	return out;
}

/* --- receiver --- */

struct seen {
	bool is_here;
	uint16_t seq;
	uint32_t ts;
};

struct vc_redrx {
	uint8_t red_pt;
	bool is_text;
	struct vc_pool *pool;
	bool has_newest;
	uint16_t newest;
	struct seen seen[VC_REDRX_WINDOW];
	struct vc_packet *out[VC_REDRX_BLOCKS_MAX + 1];
	unsigned int n_out;
	unsigned int next_out;
	struct vc_redrx_counts counts;
};

struct vc_redrx *vc_redrx_new(uint8_t red_pt, bool is_text,
			      struct vc_pool *pool)
{
	struct vc_redrx *rx = vc_try_alloc(1, sizeof(*rx));

	if (!rx)
		return NULL;
	rx->red_pt = red_pt;
	rx->is_text = is_text;
	rx->pool = pool;
	return rx;
}

static void drop_out(struct vc_redrx *rx)
{
	while (rx->next_out < rx->n_out) {
		vc_packet_unref(rx->out[rx->next_out]);
		rx->next_out++;
	}
	rx->n_out = rx->next_out = 0;
}

void vc_redrx_free(struct vc_redrx *rx)
{
	if (!rx)
		return;
	drop_out(rx);
	free(rx);
}

/* NULL: not here, or too long ago to know. */
static const struct seen *find(const struct vc_redrx *rx, uint16_t seq)
{
	const struct seen *s = &rx->seen[seq % VC_REDRX_WINDOW];

	return s->is_here && s->seq == seq ? s : NULL;
}

static bool is_in_window(const struct vc_redrx *rx, uint16_t seq)
{
	int ahead = vc_seq_diff(rx->newest, seq);

	return ahead <= 0 && ahead > -VC_REDRX_WINDOW;
}

static void note(struct vc_redrx *rx, uint16_t seq, uint32_t ts)
{
	int ahead = vc_seq_diff(rx->newest, seq);
	bool is_new = !rx->has_newest || ahead >= VC_REDRX_WINDOW ||
		      ahead <= -FAR;

	for (unsigned int i = 0; is_new && i < VC_REDRX_WINDOW; i++)
		rx->seen[i].is_here = false;
	if (is_new || ahead > 0)
		rx->newest = seq;
	rx->has_newest = true;
	if (is_in_window(rx, seq))
		rx->seen[seq % VC_REDRX_WINDOW] =
			(struct seen){ true, seq, ts };
}

void vc_redrx_note(struct vc_redrx *rx, const struct vc_rtp *rtp)
{
	note(rx, rtp->seq, rtp->ts);
}

/* The nearest packet that is known, from 'seq' on in steps of 'step'. */
static const struct seen *nearest(const struct vc_redrx *rx, uint16_t seq,
				  int step)
{
	for (; is_in_window(rx, seq); seq = (uint16_t)(seq + step)) {
		const struct seen *s = find(rx, seq);

		if (s)
			return s;
	}
	return NULL;
}

/* Whether 'seq' at 'ts' lies between its neighbours as its duration says. */
static bool is_certain(const struct vc_redrx *rx, uint16_t seq, uint32_t ts,
		       int samples)
{
	const struct seen *before = nearest(rx, (uint16_t)(seq - 1), -1);
	const struct seen *after = nearest(rx, (uint16_t)(seq + 1), 1);

	return before && after &&
	       vc_ts_diff(before->ts, ts) ==
		       samples * vc_seq_diff(before->seq, seq) &&
	       vc_ts_diff(ts, after->ts) ==
		       samples * vc_seq_diff(seq, after->seq);
}

static int give(struct vc_redrx *rx, struct vc_packet *out, struct vc_wr *w,
		int64_t arrival)
{
	if (w->bad) {
		vc_packet_unref(out);
		return -ENOMEM;
	}
	out->len = vc_wr_len(w);
	out->arrival = arrival;
	rx->out[rx->n_out] = out;
	rx->n_out++;
	return 0;
}

/* The packet that a payload was before: number and time of 'head' are set. */
static bool place_sound(const struct vc_redrx *rx, struct vc_rtp *head,
			const struct vc_rtp *rtp, const struct vc_red_block *b)
{
	int samples = vc_opus_samples(b->p, b->len);

	if (samples <= 0 || !b->ts_offset || b->ts_offset % samples)
		return false;
	head->seq = (uint16_t)(rtp->seq - b->ts_offset / samples);
	head->ts = rtp->ts - b->ts_offset;
	return find(rx, head->seq) ||
	       (is_in_window(rx, head->seq) &&
		is_certain(rx, head->seq, head->ts, samples));
}

/* The same of text; 'back' blocks before the last one. */
static bool place_text(const struct vc_redrx *rx, struct vc_rtp *head,
		       const struct vc_rtp *rtp, const struct vc_red_block *b,
		       size_t back)
{
	head->seq = (uint16_t)(rtp->seq - back);
	head->ts = rtp->ts - b->ts_offset;
	/* What went before the first that came is not missing. */
	return is_in_window(rx, head->seq) &&
	       nearest(rx, (uint16_t)(head->seq - 1), -1);
}

static void fill(struct vc_redrx *rx, const struct vc_packet *pkt,
		 const struct vc_rtp *rtp, const struct vc_red_block *b,
		 size_t back)
{
	struct vc_rtp head = { .pt = b->pt, .ssrc = rtp->ssrc };
	struct vc_packet *out;
	struct vc_wr w;

	if (!(rx->is_text ? place_text(rx, &head, rtp, b, back) :
			    place_sound(rx, &head, rtp, b))) {
		rx->counts.uncertain++;
		return;
	}
	if (find(rx, head.seq) || rx->n_out == VC_REDRX_BLOCKS_MAX)
		return;
	out = vc_packet_new(rx->pool, VC_RTP_HEADER + b->len);
	if (!out)
		return;
	w = vc_wr_over(out->data, out->cap);
	(void)vc_rtp_write(&w, &head);
	vc_wr_bytes(&w, b->p, b->len);
	if (give(rx, out, &w, pkt->arrival))
		return;
	note(rx, head.seq, head.ts);
	rx->counts.filled++;
}

static int give_primary(struct vc_redrx *rx, struct vc_packet *pkt,
			const struct vc_rtp *rtp, const struct vc_red_block *b)
{
	struct vc_packet *out = vc_packet_new(rx->pool, pkt->len);
	struct vc_wr w;

	if (!out)
		return -ENOMEM;
	w = vc_wr_over(out->data, out->cap);
	vc_red_unwrap(&w, pkt->data, rtp, b);
	return give(rx, out, &w, pkt->arrival);
}

int vc_redrx_put(struct vc_redrx *rx, struct vc_packet *pkt,
		 const struct vc_rtp *rtp)
{
	const struct vc_red_block *primary;
	struct vc_red red;
	int err = vc_red_parse(&red, rtp->payload, rtp->payload_len);

	drop_out(rx);
	if (err || red.blocks[red.n - 1].pt == rx->red_pt) {
		rx->counts.malformed++;
		return -EBADMSG;
	}
	primary = &red.blocks[red.n - 1];
	rx->counts.packets++;
	note(rx, rtp->seq, rtp->ts);
	for (size_t i = 0; i + 1 < red.n; i++) {
		const struct vc_red_block *b = &red.blocks[i];

		if ((b->len || rx->is_text) && b->pt == primary->pt)
			fill(rx, pkt, rtp, b, red.n - 1 - i);
	}
	return give_primary(rx, pkt, rtp, primary);
}

struct vc_packet *vc_redrx_next(struct vc_redrx *rx, bool *is_won)
{
	struct vc_packet *pkt;

	if (rx->next_out == rx->n_out)
		return NULL;
	pkt = rx->out[rx->next_out];
	rx->next_out++;
	*is_won = rx->next_out < rx->n_out;
	return pkt;
}

const struct vc_redrx_counts *vc_redrx_counts(const struct vc_redrx *rx)
{
	return &rx->counts;
}
