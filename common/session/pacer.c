/* SPDX-License-Identifier: MIT */
/*
 * A ring for each class and one leaky bucket (session/pace) for all; while a
 * probe runs, a second bucket at its rate stands in for it. Dropping marks
 * items: they are passed when their turn comes, so that nothing is moved.
 */
#include "session/pacer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/pace.h"

#define WAITERS 16
#define TELL_AGAIN VC_SEC
#define PADDING 1100 /* octets of one packet of it, with IP and UDP */

struct slot {
	int64_t since;
	uint32_t ssrc;
	uint32_t octets;
	bool is_key;
	bool is_dropped;
};

struct ring {
	struct slot *slots;
	uint8_t *items;
	size_t head;
	size_t n;
};

/* An SSRC that lost pictures. */
struct waiter {
	bool set;
	int64_t told; /* VC_TIME_NONE: not yet */
	uint32_t ssrc;
};

struct vc_pacer {
	struct vc_pacer_conf conf;
	struct ring rings[VC_PACER_CLASSES];
	struct vc_pace pace;
	struct vc_bwe_cluster cluster; /* id 0: no probe runs */
	struct vc_pace probe;
	size_t probed; /* octets of it that went */
	struct waiter waiters[WAITERS];
	struct vc_pacer_stats stats;
};

struct vc_pacer *vc_pacer_new(const struct vc_pacer_conf *conf)
{
	struct vc_pacer *p = vc_try_alloc(1, sizeof(*p));

	assert(conf->cap && !(conf->cap & (conf->cap - 1)));
	if (!p)
		return NULL;
	p->conf = *conf;
	vc_pace_init(&p->pace, 0, 0);
	for (size_t c = 0; c < VC_PACER_CLASSES; c++) {
		struct ring *r = &p->rings[c];

		r->slots = vc_try_alloc(conf->cap, sizeof(*r->slots));
		r->items = vc_try_alloc(conf->cap, conf->item_size);
		if (!r->slots || !r->items) {
			vc_pacer_free(p);
			return NULL;
		}
	}
	return p;
}

void vc_pacer_free(struct vc_pacer *p)
{
	if (!p)
		return;
	vc_pacer_drop(p, ~0u);
	for (size_t c = 0; c < VC_PACER_CLASSES; c++) {
		free(p->rings[c].slots);
		free(p->rings[c].items);
	}
	free(p);
}

void vc_pacer_rate(struct vc_pacer *p, uint64_t bps, size_t burst, int64_t now)
{
	vc_pace_rise(&p->pace, bps, burst, now);
}

/* --- rings --- */

static size_t place(const struct vc_pacer *p, const struct ring *r, size_t i)
{
	return (r->head + i) & (p->conf.cap - 1);
}

static void *item_at(const struct vc_pacer *p, struct ring *r, size_t at)
{
	return r->items + at * p->conf.item_size;
}

static void drop_at(struct vc_pacer *p, struct ring *r, size_t at)
{
	if (r->slots[at].is_dropped)
		return;
	r->slots[at].is_dropped = true;
	p->stats.dropped++;
	p->stats.n--;
	p->stats.octets -= r->slots[at].octets;
	p->conf.drop(p->conf.ctx, item_at(p, r, at));
}

/* Passes dropped ones: the first that waits, or NULL. */
static struct slot *first_of(struct vc_pacer *p, struct ring *r)
{
	while (r->n && r->slots[r->head].is_dropped) {
		r->head = place(p, r, 1);
		r->n--;
	}
	return r->n ? &r->slots[r->head] : NULL;
}

void vc_pacer_drop(struct vc_pacer *p, unsigned int classes)
{
	for (size_t c = 0; c < VC_PACER_CLASSES; c++) {
		struct ring *r = &p->rings[c];

		/* What does not fit was never filled. */
		for (size_t i = 0; classes & 1u << c && i < r->n; i++)
			drop_at(p, r, place(p, r, i));
		(void)first_of(p, r);
	}
}

/* --- pictures that are dropped --- */

static struct waiter *waiter_of(struct vc_pacer *p, uint32_t ssrc)
{
	for (size_t i = 0; i < WAITERS; i++) {
		if (p->waiters[i].set && p->waiters[i].ssrc == ssrc)
			return &p->waiters[i];
	}
	return NULL;
}

/* Where all wait already it is not waited for: it looks bad for a while. */
static void add_waiter(struct vc_pacer *p, uint32_t ssrc)
{
	if (waiter_of(p, ssrc))
		return;
	for (size_t i = 0; i < WAITERS; i++) {
		if (p->waiters[i].set)
			continue;
		p->waiters[i] = (struct waiter){ .set = true,
						 .told = VC_TIME_NONE,
						 .ssrc = ssrc };
		return;
	}
}

bool vc_pacer_wants_key(struct vc_pacer *p, uint32_t *ssrc, int64_t now)
{
	for (size_t i = 0; i < WAITERS; i++) {
		struct waiter *w = &p->waiters[i];

		if (!w->set ||
		    (w->told != VC_TIME_NONE && now - w->told < TELL_AGAIN))
			continue;
		w->told = now;
		*ssrc = w->ssrc;
		return true;
	}
	return false;
}

/* The oldest picture and what follows it, up to a key frame after it. */
static void drop_pictures(struct vc_pacer *p, struct ring *r)
{
	uint32_t ssrc = r->slots[r->head].ssrc;

	for (size_t i = 0; i < r->n; i++) {
		size_t at = place(p, r, i);

		if (r->slots[at].ssrc != ssrc || r->slots[at].is_dropped)
			continue;
		if (i && r->slots[at].is_key)
			return;
		drop_at(p, r, at);
	}
	add_waiter(p, ssrc);
}

/* Of the class that 'r' is. */
static void drop_oldest(struct vc_pacer *p, struct ring *r)
{
	if (r == &p->rings[VC_PACER_VIDEO])
		drop_pictures(p, r);
	else
		drop_at(p, r, r->head);
}

static void make_room(struct vc_pacer *p, struct ring *r, int64_t now)
{
	bool is_held = r != &p->rings[VC_PACER_AUDIO] && p->conf.max_wait;
	struct slot *s;

	while ((s = first_of(p, r)) && is_held &&
	       now - s->since > p->conf.max_wait)
		drop_oldest(p, r);
	while (r->n == p->conf.cap) {
		drop_oldest(p, r);
		(void)first_of(p, r);
	}
}

/* --- in and out --- */

bool vc_pacer_put(struct vc_pacer *p, const struct vc_pacer_what *what,
		  const void *item, int64_t now)
{
	struct ring *r = &p->rings[what->class];
	struct waiter *w = NULL;
	size_t at;

	make_room(p, r, now);
	at = place(p, r, r->n);
	memcpy(item_at(p, r, at), item, p->conf.item_size);
	if (what->class == VC_PACER_VIDEO)
		w = waiter_of(p, what->ssrc);
	if (w && !what->is_key) {
		p->stats.dropped++;
		p->conf.drop(p->conf.ctx, item_at(p, r, at));
		return false;
	}
	if (w)
		w->set = false;
	r->slots[at] = (struct slot){
		.since = now,
		.ssrc = what->ssrc,
		.octets = (uint32_t)what->octets,
		.is_key = what->is_key,
	};
	r->n++;
	p->stats.n++;
	p->stats.octets += what->octets;
	return true;
}

static struct ring *first_ring(struct vc_pacer *p)
{
	for (size_t c = 0; c < VC_PACER_CLASSES; c++) {
		if (first_of(p, &p->rings[c]))
			return &p->rings[c];
	}
	return NULL;
}

/* When the next packet may go, as the buckets say. */
static int64_t bucket_next(const struct vc_pacer *p, int64_t now)
{
	return vc_pace_next(p->cluster.id ? &p->probe : &p->pace, now);
}

static uint8_t count_sent(struct vc_pacer *p, size_t octets, int64_t now)
{
	uint8_t id = p->cluster.id;

	vc_pace_sent(&p->pace, octets, now);
	if (!id)
		return 0;
	vc_pace_sent(&p->probe, octets, now);
	p->probed += octets;
	if (p->probed >= p->cluster.octets)
		p->cluster.id = 0;
	return id;
}

void *vc_pacer_take(struct vc_pacer *p, int64_t now, uint8_t *cluster)
{
	struct ring *r = first_ring(p);
	struct slot *s;
	void *item;

	if (!r)
		return NULL;
	if (bucket_next(p, now) > now &&
	    (r != &p->rings[VC_PACER_AUDIO] || p->conf.holds_audio))
		return NULL;
	s = &r->slots[r->head];
	item = item_at(p, r, r->head);
	if (now - s->since > p->stats.waited)
		p->stats.waited = now - s->since;
	*cluster = count_sent(p, s->octets, now);
	p->stats.n--;
	p->stats.octets -= s->octets;
	r->head = place(p, r, 1);
	r->n--;
	return item;
}

void vc_pacer_probe(struct vc_pacer *p, const struct vc_bwe_cluster *c)
{
	p->cluster = *c;
	p->probed = 0;
	vc_pace_init(&p->probe, c->bps, 0);
}

size_t vc_pacer_padding(const struct vc_pacer *p, int64_t now, uint8_t *cluster)
{
	*cluster = p->cluster.id;
	if (!p->cluster.id || p->stats.n || bucket_next(p, now) > now)
		return 0;
	return PADDING;
}

void vc_pacer_padded(struct vc_pacer *p, size_t octets, int64_t now)
{
	(void)count_sent(p, octets, now);
}

int64_t vc_pacer_next(const struct vc_pacer *p, int64_t now)
{
	if (!p->stats.n && !p->cluster.id)
		return INT64_MAX;
	return bucket_next(p, now);
}

struct vc_pacer_stats vc_pacer_stats(const struct vc_pacer *p)
{
	return p->stats;
}
