/* SPDX-License-Identifier: MIT */
/*
 * Each parity packet keeps the mask of what it covers and is not here. A media
 * packet clears its place in all of them; one with a single place left gives a
 * packet, which does the same; one with none left goes.
 *
 * Slots are found by the low bits of the sequence number. They hold a span
 * larger than window and what lies ahead of it, so no two that may be here
 * share one.
 */
#include "session/fecdec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"

#define SLOTS 512

enum what {
	NOTHING,
	MEDIA,
	PARITY, /* ULPFEC: the number is a parity packet's */
};

struct slot {
	enum what what;
	uint16_t seq;
	struct vc_packet *pkt; /* MEDIA */
};

struct parity {
	struct vc_packet *pkt; /* NULL: free */
	struct vc_fec fec;     /* borrows from pkt */
	struct vc_fec_mask missing;
};

struct vc_fecdec {
	struct vc_fecdec_conf conf;
	struct vc_pool *pool;
	bool has_newest;
	uint16_t newest;
	int64_t now; /* arrival of the last packet */
	struct slot slots[SLOTS];
	struct parity parity[VC_FECDEC_PARITY_MAX];
	unsigned int n_parity;	  /* in use */
	unsigned int next_parity; /* makes room, when all are in use */
	struct vc_packet *won[VC_FECDEC_PARITY_MAX];
	unsigned int n_won;
	unsigned int next_won;
	struct vc_fecdec_counts counts;
};

struct vc_fecdec *vc_fecdec_new(const struct vc_fecdec_conf *conf,
				struct vc_pool *pool)
{
	struct vc_fecdec *d = vc_try_alloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conf = *conf;
	d->pool = pool;
	return d;
}

/* --- what is held --- */

static void drop(struct vc_fecdec *d, struct parity *q)
{
	d->n_parity -= q->pkt != NULL;
	vc_packet_unref(q->pkt);
	q->pkt = NULL;
}

static void empty(struct slot *s)
{
	vc_packet_unref(s->pkt);
	s->pkt = NULL;
	s->what = NOTHING;
}

static void forget(struct vc_fecdec *d)
{
	for (unsigned int i = 0; i < SLOTS; i++)
		empty(&d->slots[i]);
	for (unsigned int i = 0; i < VC_FECDEC_PARITY_MAX; i++) {
		d->counts.expired += d->parity[i].pkt != NULL;
		drop(d, &d->parity[i]);
	}
	d->has_newest = false;
}

void vc_fecdec_free(struct vc_fecdec *d)
{
	if (!d)
		return;
	forget(d);
	while (d->next_won < d->n_won) {
		vc_packet_unref(d->won[d->next_won]);
		d->next_won++;
	}
	free(d);
}

static struct slot *slot_of(struct vc_fecdec *d, uint16_t seq)
{
	return &d->slots[seq % SLOTS];
}

static enum what what_is(struct vc_fecdec *d, uint16_t seq)
{
	const struct slot *s = slot_of(d, seq);

	return s->seq == seq ? s->what : NOTHING;
}

static bool is_over(const struct vc_fecdec *d, const struct parity *q)
{
	unsigned int first = vc_fec_mask_next(&q->fec.mask, 0);
	uint16_t seq = (uint16_t)(q->fec.base + first);

	return vc_seq_diff(d->newest, seq) <= -VC_FECDEC_WINDOW;
}

/* The window moves to 'seq', which is less than its size ahead. */
static void move_to(struct vc_fecdec *d, uint16_t seq)
{
	while (d->newest != seq) {
		d->newest++;
		empty(slot_of(d, (uint16_t)(d->newest - VC_FECDEC_WINDOW)));
	}
	for (unsigned int i = 0; d->n_parity && i < VC_FECDEC_PARITY_MAX; i++) {
		struct parity *q = &d->parity[i];

		if (!q->pkt || !is_over(d, q))
			continue;
		d->counts.expired++;
		drop(d, q);
	}
}

/* Makes room for 'seq'; false when its time has passed, or it is here. */
static bool enter(struct vc_fecdec *d, uint16_t seq)
{
	int ahead = vc_seq_diff(d->newest, seq);

	if (d->has_newest && (ahead >= VC_FECDEC_WINDOW || ahead <= -SLOTS * 2))
		forget(d);
	if (!d->has_newest) {
		d->has_newest = true;
		d->newest = seq;
	} else if (ahead > 0) {
		move_to(d, seq);
	} else if (ahead <= -VC_FECDEC_WINDOW) {
		return false;
	}
	return what_is(d, seq) == NOTHING;
}

/* 'seq' is here: parity waits for one packet less, or was wrong about it. */
static void put(struct vc_fecdec *d, uint16_t seq, enum what what,
		struct vc_packet *pkt)
{
	struct slot *s = slot_of(d, seq);

	empty(s);
	*s = (struct slot){ .what = what, .seq = seq, .pkt = pkt };
	for (unsigned int i = 0; d->n_parity && i < VC_FECDEC_PARITY_MAX; i++) {
		struct parity *q = &d->parity[i];
		unsigned int place = (uint16_t)(seq - q->fec.base);

		if (!q->pkt || !vc_fec_mask_has(&q->missing, place))
			continue;
		vc_fec_mask_clear(&q->missing, place);
		if (what == MEDIA)
			continue;
		d->counts.bad++;
		drop(d, q);
	}
}

/* --- winning back --- */

/* Adds what is here of that parity to the sum it carries. */
static bool add_all(struct vc_fecdec *d, const struct parity *q,
		    unsigned int missing, struct vc_fec_sum *sum)
{
	const struct vc_fec_mask *m = &q->fec.mask;

	for (unsigned int i = vc_fec_mask_next(m, 0); i < 128;
	     i = vc_fec_mask_next(m, i + 1)) {
		const struct slot *s;

		if (i == missing)
			continue;
		s = slot_of(d, (uint16_t)(q->fec.base + i));
		if (!vc_fec_sum_add(
			    sum, s->pkt->data, s->pkt->data + VC_RTP_HEADER,
			    s->pkt->len - VC_RTP_HEADER, d->conf.volatile_ids))
			return false;
	}
	return true;
}

static bool is_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i])
			return false;
	}
	return true;
}

/* The sum as a packet; false if it is none of media. */
static bool complete(const struct vc_fecdec *d, const struct vc_fec_sum *sum,
		     uint16_t seq, struct vc_packet *pkt)
{
	struct vc_rtp rtp;

	if (sum->length > sum->len ||
	    !is_zero(sum->body + sum->length, sum->len - sum->length))
		return false;
	pkt->len = VC_RTP_HEADER + sum->length;
	pkt->arrival = d->now;
	pkt->data[0] = 0x80 | sum->first;
	pkt->data[1] = sum->second;
	vc_rtp_set_seq(pkt->data, seq);
	vc_rtp_set_ts(pkt->data, sum->ts);
	vc_rtp_set_ssrc(pkt->data, d->conf.media_ssrc);
	return vc_demux(pkt->data, pkt->len) == VC_DEMUX_RTP &&
	       !vc_rtp_parse(&rtp, pkt->data, pkt->len) &&
	       rtp.pt != d->conf.pt && rtp.pt != d->conf.red_pt;
}

static struct vc_packet *recover(struct vc_fecdec *d, const struct parity *q,
				 unsigned int missing)
{
	struct vc_fec_sum sum = q->fec.sum;
	struct vc_packet *pkt;

	if (q->fec.body_len > VC_PACKET_MAX - VC_RTP_HEADER)
		return NULL;
	pkt = vc_packet_new(d->pool, VC_RTP_HEADER + q->fec.body_len);
	if (!pkt)
		return NULL;
	sum.body = pkt->data + VC_RTP_HEADER;
	sum.cap = sum.len = q->fec.body_len;
	memcpy(sum.body, q->fec.body, sum.len);
	if (add_all(d, q, missing, &sum) &&
	    complete(d, &sum, (uint16_t)(q->fec.base + missing), pkt))
		return pkt;
	vc_packet_unref(pkt);
	return NULL;
}

static void try_one(struct vc_fecdec *d, struct parity *q)
{
	unsigned int place = vc_fec_mask_next(&q->missing, 0);
	uint16_t seq = (uint16_t)(q->fec.base + place);
	struct vc_packet *pkt = recover(d, q, place);

	drop(d, q);
	if (!pkt) {
		d->counts.bad++;
		return;
	}
	d->counts.recovered++;
	d->won[d->n_won] = vc_packet_ref(pkt);
	d->n_won++;
	if (vc_seq_before(d->newest, seq))
		move_to(d, seq);
	put(d, seq, MEDIA, pkt);
}

/* Each turn but the last uses up a parity packet. */
static void win(struct vc_fecdec *d)
{
	bool goes_on = d->n_parity;

	while (goes_on) {
		goes_on = false;
		for (unsigned int i = 0; i < VC_FECDEC_PARITY_MAX; i++) {
			struct parity *q = &d->parity[i];
			unsigned int n = vc_fec_mask_n(&q->missing);

			if (!q->pkt || n > 1)
				continue;
			if (!n) {
				d->counts.unused++;
				drop(d, q);
			} else if (d->n_won < VC_FECDEC_PARITY_MAX) {
				try_one(d, q);
				goes_on = true;
			}
		}
	}
}

/* --- in and out --- */

void vc_fecdec_media(struct vc_fecdec *d, struct vc_packet *pkt)
{
	uint16_t seq;

	if (pkt->len < VC_RTP_HEADER)
		return;
	seq = vc_rtp_get_seq(pkt->data);
	d->now = pkt->arrival;
	if (!enter(d, seq))
		return;
	put(d, seq, MEDIA, vc_packet_ref(pkt));
	win(d);
}

/* ULPFEC: the parity packet's own number is no media packet's. */
static void note_own(struct vc_fecdec *d, const struct vc_packet *pkt)
{
	uint16_t seq = vc_rtp_get_seq(pkt->data);

	if (d->conf.format == VC_FEC_ULP && d->has_newest && enter(d, seq))
		put(d, seq, PARITY, NULL);
}

/* Sets what 'q' waits for. 0 or why it is refused. */
static int look_up(struct vc_fecdec *d, struct parity *q)
{
	const struct vc_fec_mask *m = &q->fec.mask;

	q->missing = *m;
	for (unsigned int i = vc_fec_mask_next(m, 0); i < 128;
	     i = vc_fec_mask_next(m, i + 1)) {
		uint16_t seq = (uint16_t)(q->fec.base + i);
		int ahead = vc_seq_diff(d->newest, seq);
		enum what what = what_is(d, seq);

		if (ahead > VC_FECDEC_AHEAD || ahead <= -VC_FECDEC_WINDOW)
			return -ERANGE;
		if (what == PARITY)
			return -EBADMSG;
		if (what == MEDIA)
			vc_fec_mask_clear(&q->missing, i);
	}
	return 0;
}

static int take(struct vc_fecdec *d, const struct vc_packet *pkt,
		struct parity *q, const uint8_t *p, size_t len)
{
	int err = vc_fec_parse(&q->fec, d->conf.format, p, len);

	if (err)
		return err;
	if (d->conf.format == VC_FEC_FLEX && q->fec.ssrc != d->conf.media_ssrc)
		return -ENOENT;
	note_own(d, pkt);
	return d->has_newest ? look_up(d, q) : -ERANGE;
}

static struct parity *free_parity(struct vc_fecdec *d)
{
	struct parity *q;

	for (unsigned int i = 0; i < VC_FECDEC_PARITY_MAX; i++) {
		if (!d->parity[i].pkt)
			return &d->parity[i];
	}
	q = &d->parity[d->next_parity];
	d->next_parity = (d->next_parity + 1) % VC_FECDEC_PARITY_MAX;
	d->counts.expired++;
	drop(d, q);
	return q;
}

int vc_fecdec_parity(struct vc_fecdec *d, struct vc_packet *pkt,
		     const uint8_t *p, size_t len)
{
	struct parity q = { .pkt = NULL };
	int err;

	d->now = pkt->arrival;
	err = take(d, pkt, &q, p, len);
	if (err) {
		d->counts.malformed++;
		return err;
	}
	d->counts.parity++;
	q.pkt = vc_packet_ref(pkt);
	*free_parity(d) = q;
	d->n_parity++;
	win(d);
	return 0;
}

struct vc_packet *vc_fecdec_next(struct vc_fecdec *d)
{
	struct vc_packet *pkt;

	if (d->next_won == d->n_won) {
		d->next_won = d->n_won = 0;
		return NULL;
	}
	pkt = d->won[d->next_won];
	d->next_won++;
	return pkt;
}

const struct vc_fecdec_counts *vc_fecdec_counts(const struct vc_fecdec *d)
{
	return &d->counts;
}
