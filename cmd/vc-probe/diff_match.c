/* SPDX-License-Identifier: MIT */
/*
 * Each side holds its packets in a ring, in its order, until they are older than
 * the window; then its fate is decided: it had a partner, or it is of this side
 * only. Hashes lead to the newest packet of a key, and from there to older ones;
 * what has left the ring ends the chain, so nothing is ever taken out of it.
 */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashkey.h"
#include "base/mem.h"
#include "wire/rtp.h"

#define WALK 64	  /* equal payloads that are looked at */
#define STEADY 16 /* numbers: what is left out between is renumbered */

enum { BY_KEY, BY_PAYLOAD };

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 31) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* --- sources --- */

static int group_of(const struct diff_packet *p)
{
	int by;

	if (!p->from || !p->to)
		return -1;
	by = memcmp(p->from->ip, p->to->ip, sizeof(p->from->ip));
	if (!by)
		by = p->from->port - p->to->port;
	return by < 0 ? 0 : 1;
}

static uint32_t source_chain(const struct diff_side *s, uint32_t ssrc)
{
	return vc_hashkey_u64(&s->hash, ssrc, DIFF_SOURCE_BITS);
}

static struct diff_source *source_of(struct diff_side *s,
				     const struct diff_packet *p)
{
	uint16_t *at = &s->chain[source_chain(s, p->ssrc)];
	struct diff_source *src;

	for (unsigned int i = *at; i; i = s->sources[i - 1].next) {
		src = &s->sources[i - 1];
		if (src->ssrc == p->ssrc && src->flow == p->flow)
			return src;
	}
	if (s->n_sources == DIFF_SOURCES)
		return NULL;
	src = &s->sources[s->n_sources];
	s->n_sources++;
	src->ssrc = p->ssrc;
	src->track = p->track;
	src->flow = p->flow;
	src->group = group_of(p);
	src->dscp_a = src->dscp_b = -1;
	vc_netaddr_text(src->from, sizeof(src->from), p->from);
	vc_netaddr_text(src->to, sizeof(src->to), p->to);
	src->next = *at;
	*at = (uint16_t)s->n_sources;
	return src;
}

static bool knows_ssrc(const struct diff_side *s, uint32_t ssrc)
{
	unsigned int i = s->chain[source_chain(s, ssrc)];

	while (i && s->sources[i - 1].ssrc != ssrc)
		i = s->sources[i - 1].next;
	return i != 0;
}

/* --- what is held --- */

static struct diff_entry *nth(const struct diff_side *s, uint64_t n)
{
	return &s->held[n & (DIFF_HELD - 1)];
}

static uint32_t *bucket(const struct diff_side *s, int by, uint64_t key)
{
	return &s->by[by][vc_hashkey_u64(&s->hash, key, DIFF_HELD_BITS)];
}

/* From the 32 bits of a chain; false: it is not held any more. */
static bool is_held(const struct diff_side *s, uint32_t link, uint64_t *n)
{
	uint32_t back = (uint32_t)s->tail - (link - 1);

	if (!link || !back || back > s->tail - s->head)
		return false;
	*n = s->tail - back;
	return true;
}

static bool has_passed(const struct diff *d, int side, int64_t t)
{
	const struct diff_side *o = &d->side[1 - side];

	if (o->is_over)
		return true;
	if (!d->has_offset)
		return false;
	return (side == 0 ? o->newest - d->offset : o->newest + d->offset) >
	       t + d->window / 2;
}

static void tell_old(struct diff *d, int side)
{
	struct diff_side *s = &d->side[side];

	while (s->head < s->tail) {
		const struct diff_entry *e = nth(s, s->head);

		if (s->newest - e->t <= d->window ||
		    (!e->is_paired && !e->is_duplicate &&
		     !has_passed(d, side, e->t)))
			return;
		diff_fate(d, side, e);
		s->head++;
	}
}

static uint64_t hold(struct diff *d, int side, const struct diff_entry *e)
{
	struct diff_side *s = &d->side[side];
	uint64_t n = s->tail;

	if (s->tail - s->head == DIFF_HELD) {
		s->forced += !nth(s, s->head)->is_paired;
		diff_fate(d, side, nth(s, s->head));
		s->head++;
	}
	*nth(s, n) = *e;
	s->tail++;
	for (int by = 0; by < 2; by++) {
		uint32_t *at = bucket(s, by, by ? e->payload : e->key);

		nth(s, n)->next[by] = *at;
		*at = (uint32_t)n + 1;
	}
	return n;
}

/* --- partners --- */

static bool find_key(const struct diff_side *s, uint64_t key, uint64_t *n)
{
	uint32_t link = *bucket(s, BY_KEY, key);

	while (is_held(s, link, n)) {
		if (nth(s, *n)->key == key)
			return true;
		link = nth(s, *n)->next[BY_KEY];
	}
	return false;
}

static bool may_pair(const struct diff_source *a, const struct diff_source *b)
{
	return (!a->peer || a->peer == b) && (!b->peer || b->peer == a);
}

/* Of equal payloads the one whose number fits, else the oldest. */
static bool find_payload(const struct diff *d, int side,
			 const struct diff_entry *e, uint64_t *n)
{
	const struct diff_side *o = &d->side[1 - side];
	uint32_t link = *bucket(o, BY_PAYLOAD, e->payload);
	bool is_found = false;
	uint64_t at;

	for (int i = 0; i < WALK && is_held(o, link, &at);) {
		const struct diff_entry *f = nth(o, at);

		link = f->next[BY_PAYLOAD];
		if (f->payload != e->payload)
			continue;
		i++;
		if (f->is_paired || f->is_duplicate ||
		    !may_pair(e->src, f->src) ||
		    (d->match == DIFF_AUTO && f->src->peer &&
		     !f->src->by_payload))
			continue;
		is_found = true;
		*n = at;
		if (e->src->peer &&
		    (side ? vc_seq_diff(f->seq, e->seq) :
			    vc_seq_diff(e->seq, f->seq)) == e->src->offset)
			return true;
	}
	return is_found;
}

static void pair(struct diff *d, struct diff_entry *a, uint64_t a_n,
		 struct diff_entry *b, uint64_t b_n)
{
	int offset = vc_seq_diff(a->seq, b->seq);
	struct diff_source *src = a->src;
	int64_t delay = b->t - a->t;

	a->is_paired = b->is_paired = true;
	a->pair = b_n;
	b->pair = a_n;
	a->pair_t = b->t;
	b->pair_t = a->t;
	src->peer = b->src;
	b->src->peer = src;
	src->steady += src->pairs &&
		       abs(vc_seq_diff((uint16_t)offset,
				       (uint16_t)src->offset)) <= STEADY;
	src->pairs++;
	src->offset = b->src->offset = offset;
	if (!d->has_offset || delay < d->offset)
		d->offset = delay;
	d->has_offset = true;
	src->dscp_a = a->dscp;
	src->dscp_b = b->dscp;
	src->dscp_changed += a->dscp >= 0 && b->dscp >= 0 && a->dscp != b->dscp;
	if (a->ttl >= 0 && b->ttl >= 0) {
		int hops = a->ttl - b->ttl;

		if (!src->has_hops || hops < src->hops_min)
			src->hops_min = hops;
		if (!src->has_hops || hops > src->hops_max)
			src->hops_max = hops;
		src->has_hops = true;
	}
}

/* The first of its key; what came again is no partner of anybody. */
static bool find_first(const struct diff_side *s, uint64_t key, uint64_t *n)
{
	if (!find_key(s, key, n))
		return false;
	if (nth(s, *n)->is_duplicate)
		*n = nth(s, *n)->pair;
	return *n >= s->head;
}

static bool find(struct diff *d, int side, struct diff_entry *e, uint64_t *n)
{
	const struct diff_side *o = &d->side[1 - side];
	bool is_by_payload;

	if (d->match != DIFF_PAYLOAD && find_first(o, e->key, n) &&
	    !nth(o, *n)->is_paired && may_pair(e->src, nth(o, *n)->src))
		return true;
	is_by_payload = d->match == DIFF_PAYLOAD ||
			(d->match == DIFF_AUTO && !knows_ssrc(o, e->src->ssrc));
	if (!is_by_payload || !find_payload(d, side, e, n))
		return false;
	e->src->by_payload = true;
	nth(o, *n)->src->by_payload = true;
	return true;
}

void diff_put(struct diff *d, int side, const struct diff_packet *p)
{
	struct diff_side *s = &d->side[side];
	struct diff_entry e = {
		.t = p->t,
		.key = mix(p->payload ^ ((uint64_t)p->ssrc << 16 | p->seq)),
		.payload = p->payload,
		.src = source_of(s, p),
		.seq = p->seq,
		.dscp = (int16_t)p->dscp,
		.ttl = (int16_t)p->ttl,
	};
	uint64_t n, other;

	s->packets++;
	if (p->t > s->newest || s->packets == 1)
		s->newest = p->t;
	if (!e.src) {
		s->refused++;
		return;
	}
	e.src->packets++;
	e.src->unread += p->unread;
	if (find_key(s, e.key, &n) && nth(s, n)->src == e.src) {
		e.is_duplicate = true;
		e.pair = nth(s, n)->is_duplicate ? nth(s, n)->pair : n;
		e.src->duplicates++;
	}
	n = hold(d, side, &e);
	if (!e.is_duplicate && find(d, side, nth(s, n), &other)) {
		struct diff_entry *mine = nth(s, n);
		struct diff_entry *his = nth(&d->side[1 - side], other);

		if (side)
			pair(d, his, other, mine, n);
		else
			pair(d, mine, n, his, other);
	}
	tell_old(d, 0);
	tell_old(d, 1);
}

void diff_unread(struct diff *d, int side, const struct diff_packet *p)
{
	struct diff_source *src = source_of(&d->side[side], p);

	if (src)
		src->unread += p->unread;
}

/* The one that lags, in time where the clocks' offset is known. */
int diff_next(const struct diff *d)
{
	const struct diff_side *a = &d->side[0], *b = &d->side[1];

	if (a->is_over || b->is_over)
		return a->is_over;
	if (!d->has_offset)
		return a->packets > b->packets;
	return a->newest + d->offset > b->newest;
}

void diff_end(struct diff *d)
{
	for (int side = 0; side < 2; side++) {
		struct diff_side *s = &d->side[side];

		for (; s->head < s->tail; s->head++)
			diff_fate(d, side, nth(s, s->head));
	}
	diff_fates_end(d);
}

int diff_begin(struct diff *d)
{
	for (int i = 0; i < 2; i++) {
		struct diff_side *s = &d->side[i];
		int err = vc_hashkey_init(&s->hash);

		if (err)
			return err;
		if (d->match == DIFF_MARKS)
			s->marks = diff_marks_new(d, i);
		if (d->match == DIFF_MARKS && !s->marks)
			return -ENOMEM;
		s->held = vc_try_alloc(DIFF_HELD, sizeof(*s->held));
		s->by[0] = vc_try_alloc(DIFF_HELD, sizeof(*s->by[0]));
		s->by[1] = vc_try_alloc(DIFF_HELD, sizeof(*s->by[1]));
		s->sources = vc_try_alloc(DIFF_SOURCES, sizeof(*s->sources));
		if (!s->held || !s->by[0] || !s->by[1] || !s->sources)
			return -ENOMEM;
	}
	return 0;
}

void diff_clear(struct diff *d)
{
	for (int i = 0; i < 2; i++) {
		struct diff_side *s = &d->side[i];

		for (unsigned int k = 0; k < s->n_sources; k++)
			vc_quantile_clear(&s->sources[k].delay);
		free(s->held);
		free(s->by[0]);
		free(s->by[1]);
		free(s->sources);
		diff_marks_free(s->marks);
		diff_reader_free(s->reader);
	}
}
