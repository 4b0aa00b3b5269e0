/* SPDX-License-Identifier: MIT */
/*
 * What is held lies in a queue by the time when it comes out. A packet that is
 * to be overtaken by a number of others waits apart, in 'late', and enters the
 * queue with the time of the last of these. The bottleneck is a pacer without a burst: when it
 * will be free is how long its queue is. Each item remembers when it leaves
 * the bottleneck, so that a change of the rate moves it.
 */
#include "session/impair.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/delayq.h"
#include "session/impair_loss.h"
#include "session/impairplan.h"
#include "session/pace.h"

#define LATE_MAX 64	/* packets that wait to be overtaken */
#define LATE_FOR VC_SEC /* when nobody comes to overtake them */
#define ONE (UINT64_C(1) << 32)
/* Spread of each of four uniform numbers whose sum has a deviation of 1. */
#define SPREAD_MILLI 866
/* No change of the rate makes a packet wait longer: an hour. */
#define MOVED_MAX (3600 * VC_SEC)

struct vc_impair {
	struct vc_impair_conf conf;
	const struct vc_impair_plan *plan; /* or NULL */
	int64_t changes;		   /* by the plan, next */
	struct {
		struct vc_rand_line corrupt, bit, reorder, duplicate, jitter,
			jitter_copy;
	} dice;
	struct vc_impair_lossy lossy;
	int64_t begin;
	struct vc_pace pace;
	uint64_t n;	  /* packets so far */
	int64_t last_due; /* of those that keep order */
	uint64_t order;
	struct vc_delayq q;
	struct vc_delayed late[LATE_MAX];
	size_t n_late;
	size_t octets; /* of the buffers held */
	struct vc_impair_counts counts;
};

/* --- dice --- */

static bool hits(const struct vc_impair *im, const struct vc_rand_line *die,
		 uint32_t share)
{
	if (!share)
		return false;
	return (vc_rand_at(die, im->n) >> 32) * VC_IMPAIR_ALL < share * ONE;
}

static int64_t jitter(const struct vc_impair *im,
		      const struct vc_rand_line *die)
{
	const struct vc_impair_conf *c = &im->conf;
	uint64_t roll = vc_rand_at(die, im->n);
	int64_t sum = -4 * INT64_C(32768);

	if (c->distribution == VC_JITTER_UNIFORM)
		return ((int64_t)(roll >> 40) - (1 << 23)) * c->jitter /
		       (1 << 23);
	for (unsigned int i = 0; i < 4; i++)
		sum += (int64_t)(roll >> 16 * i & 0xffff);
	return sum * (c->jitter * SPREAD_MILLI / 1000) / 32768;
}

/* --- life --- */

struct vc_impair *vc_impair_new(const struct vc_impair_conf *conf,
				const struct vc_rand *rand, uint64_t which,
				int64_t begin)
{
	struct vc_impair *im = vc_try_alloc(1, sizeof(*im));
	struct vc_rand own;

	assert(!vc_impair_check(conf));
	if (!im)
		return NULL;
	im->conf = *conf;
	vc_rand_init(&own, vc_rand_u64(rand, "impair", which), NULL, NULL);
	vc_impair_lossy_init(&im->lossy, &own);
	vc_rand_line(&im->dice.corrupt, &own, "corrupt");
	vc_rand_line(&im->dice.bit, &own, "bit");
	vc_rand_line(&im->dice.reorder, &own, "reorder");
	vc_rand_line(&im->dice.duplicate, &own, "duplicate");
	vc_rand_line(&im->dice.jitter, &own, "jitter");
	vc_rand_line(&im->dice.jitter_copy, &own, "jitter of the copy");
	im->begin = begin;
	im->changes = INT64_MAX;
	im->last_due = VC_TIME_NONE;
	vc_pace_init(&im->pace, conf->rate_bps, 0);
	return im;
}

void vc_impair_free(struct vc_impair *im)
{
	if (!im)
		return;
	for (size_t i = 0; i < im->n_late; i++)
		vc_packet_unref(im->late[i].pkt);
	vc_delayq_clear(&im->q);
	free(im);
}

const struct vc_impair_conf *vc_impair_conf(const struct vc_impair *im)
{
	return &im->conf;
}

/* --- another rate --- */

struct move {
	struct vc_impair *im;
	uint64_t rate_bps; /* the new one */
	int64_t now;
};

/* When what was to leave at 't' does at the new rate. */
static int64_t moved(const struct move *m, int64_t t)
{
	unsigned __int128 left;

	if (t <= m->now)
		return t;
	if (!m->rate_bps)
		return m->now;
	left = (unsigned __int128)(t - m->now) * m->im->conf.rate_bps /
	       m->rate_bps;
	return m->now + (left < MOVED_MAX ? (int64_t)left : MOVED_MAX);
}

static void move(void *ctx, struct vc_delayed *item)
{
	const struct move *m = ctx;
	struct vc_impair *im = m->im;
	int64_t leaves = moved(m, item->leaves);

	item->due += leaves - item->leaves;
	item->leaves = leaves;
	if (item->is_late)
		return;
	if (im->conf.keeps_order && item->due < im->last_due)
		item->due = im->last_due;
	if (item->due > im->last_due)
		im->last_due = item->due;
}

static void move_all(struct vc_impair *im, uint64_t rate_bps, int64_t now)
{
	struct move m = { .im = im, .rate_bps = rate_bps, .now = now };

	im->last_due = VC_TIME_NONE;
	vc_delayq_move(&im->q, move, &m);
	for (size_t i = 0; i < im->n_late; i++)
		move(&m, &im->late[i]);
	im->pace.free_at = moved(&m, im->pace.free_at);
}

void vc_impair_set(struct vc_impair *im, const struct vc_impair_conf *conf,
		   int64_t now)
{
	assert(!vc_impair_check(conf));
	if (im->conf.rate_bps && conf->rate_bps != im->conf.rate_bps)
		move_all(im, conf->rate_bps, now);
	vc_pace_rate(&im->pace, conf->rate_bps, 0);
	im->conf = *conf;
}

static void obey(struct vc_impair *im, int64_t now)
{
	struct vc_impair_conf conf;
	int64_t until;

	vc_impair_plan_at(im->plan, now - im->begin, &conf, &until);
	conf.corrupt_from = im->conf.corrupt_from;
	conf.max_octets = im->conf.max_octets;
	im->changes = until < INT64_MAX - im->begin ? im->begin + until :
						      INT64_MAX;
	vc_impair_set(im, &conf, now);
}

void vc_impair_follow(struct vc_impair *im, const struct vc_impair_plan *plan,
		      int64_t now)
{
	im->plan = plan;
	obey(im, now);
}

/* All changes until then, each at its time. */
static void keep_up(struct vc_impair *im, int64_t now)
{
	while (im->changes < INT64_MAX && im->changes <= now)
		obey(im, im->changes);
}

/* --- in --- */

static bool is_dark(const struct vc_impair *im, int64_t now)
{
	const struct vc_impair_conf *c = &im->conf;
	int64_t t = now - im->begin;

	for (size_t i = 0; i < c->n_dark; i++) {
		const struct vc_impair_dark *d = &c->dark[i];
		int64_t in = t - d->from;

		if (in < 0 || t >= d->to)
			continue;
		if ((d->every ? in % d->every : in) < d->span)
			return true;
	}
	return false;
}

/* Through the bottleneck. False: its queue is full. */
static bool queue(struct vc_impair *im, size_t len, int64_t now,
		  int64_t *leaves)
{
	const struct vc_impair_conf *c = &im->conf;
	int64_t wait = vc_pace_next(&im->pace, now) - now;
	int64_t most = c->queue_time;

	*leaves = now;
	if (!c->rate_bps)
		return true;
	if (c->queue_octets)
		most = (int64_t)((unsigned __int128)c->queue_octets * 8 *
				 (uint64_t)VC_SEC / c->rate_bps);
	if (wait > most)
		return false;
	if (wait > im->counts.queue_max)
		im->counts.queue_max = wait;
	vc_pace_sent(&im->pace, len, now);
	*leaves = im->pace.free_at;
	return true;
}

static enum vc_impair_fate judge(struct vc_impair *im,
				 const struct vc_packet *pkt,
				 const struct vc_impair_what *what, int64_t now,
				 int64_t *leaves)
{
	const struct vc_impair_conf *c = &im->conf;
	size_t len = pkt->len + c->overhead;
	/* First: one number, one step of the model. */
	bool lost = vc_impair_is_lost(&im->lossy, c, im->n, what);

	if (c->mtu && len > c->mtu)
		return VC_FATE_MTU;
	if (is_dark(im, now))
		return VC_FATE_BLACKOUT;
	/* Twice, if there will be a copy. */
	if (im->octets + 2 * pkt->cap > c->max_octets ||
	    !vc_delayq_room(&im->q, im->n_late + 2))
		return VC_FATE_FULL;
	if (!queue(im, len, now, leaves))
		return VC_FATE_QUEUE;
	return lost ? VC_FATE_LOSS : VC_FATE_PASSES;
}

/* A packet of the same octets but one bit, if there is memory. */
static struct vc_packet *corrupted(struct vc_impair *im, struct vc_packet *pkt)
{
	size_t from = im->conf.corrupt_from;
	struct vc_packet *copy;
	uint64_t bit;

	if (pkt->len <= from)
		return vc_packet_ref(pkt);
	copy = vc_packet_new(pkt->pool, pkt->len);
	if (!copy)
		return vc_packet_ref(pkt);
	memcpy(copy->data, pkt->data, pkt->len);
	copy->len = pkt->len;
	copy->arrival = pkt->arrival;
	bit = vc_rand_at(&im->dice.bit, im->n) % (8 * (pkt->len - from));
	copy->data[from + bit / 8] ^= (uint8_t)(1u << bit % 8);
	im->counts.corrupted++;
	return copy;
}

/* One more packet at 'due': those that it was to overtake follow it. */
static void overtake(struct vc_impair *im, int64_t due)
{
	size_t n = 0;

	for (size_t i = 0; i < im->n_late; i++) {
		struct vc_delayed *item = &im->late[i];

		item->to_pass--;
		if (item->to_pass) {
			im->late[n] = *item;
			n++;
			continue;
		}
		if (due < item->due)
			item->due = due;
		item->order = im->order;
		im->order++;
		vc_delayq_push(&im->q, item);
	}
	im->n_late = n;
}

static void schedule(struct vc_impair *im, struct vc_delayed *item,
		     const struct vc_rand_line *die)
{
	const struct vc_impair_conf *c = &im->conf;
	int64_t delay = c->delay;

	if (c->jitter)
		delay += jitter(im, die);
	item->due = item->leaves + (delay > 0 ? delay : 0);
	item->order = im->order;
	im->order++;
	im->octets += item->pkt->cap;
	if (item->is_late && item->to_pass) {
		item->due += LATE_FOR;
		im->late[im->n_late] = *item;
		im->n_late++;
		return;
	}
	if (item->is_late)
		item->due += c->reorder_time;
	else if (c->keeps_order && item->due < im->last_due)
		item->due = im->last_due;
	if (!item->is_late && item->due > im->last_due)
		im->last_due = item->due;
	vc_delayq_push(&im->q, item);
	overtake(im, item->due);
}

static void duplicate(struct vc_impair *im, const struct vc_delayed *first)
{
	struct vc_delayed item = *first;

	item.is_late = false;
	item.to_pass = 0;
	vc_packet_ref(item.pkt);
	im->counts.duplicated++;
	schedule(im, &item, &im->dice.jitter_copy);
}

/* What takes no part comes out as it came. */
static enum vc_impair_fate pass_by(struct vc_impair *im, struct vc_packet *pkt,
				   uint64_t tag, int64_t now)
{
	struct vc_delayed item = {
		.tag = tag,
		.leaves = now,
		.due = now,
		.is_by = true,
	};

	if (!vc_delayq_room(&im->q, im->n_late + 2))
		return VC_FATE_FULL;
	item.pkt = vc_packet_ref(pkt);
	item.order = im->order;
	im->order++;
	im->octets += pkt->cap;
	im->counts.passed_by++;
	vc_delayq_push(&im->q, &item);
	return VC_FATE_PASSES;
}

enum vc_impair_fate vc_impair_put(struct vc_impair *im, struct vc_packet *pkt,
				  const struct vc_impair_what *what,
				  uint64_t tag, int64_t now)
{
	const struct vc_impair_conf *c = &im->conf;
	struct vc_delayed item = { .tag = tag };
	enum vc_impair_fate fate;

	keep_up(im, now);
	if (c->only && !((what ? what->is : VC_IMPAIR_OTHER) & c->only))
		return pass_by(im, pkt, tag, now);
	im->n++;
	im->counts.packets++;
	im->counts.octets += pkt->len;
	fate = judge(im, pkt, what, now, &item.leaves);
	im->counts.fate[fate]++;
	if (fate != VC_FATE_PASSES)
		return fate;
	item.pkt = hits(im, &im->dice.corrupt, c->corrupt_share) ?
			   corrupted(im, pkt) :
			   vc_packet_ref(pkt);
	item.is_late = hits(im, &im->dice.reorder, c->reorder_share) &&
		       (!c->reorder_by || im->n_late < LATE_MAX);
	if (item.is_late) {
		item.to_pass = c->reorder_by;
		im->counts.reordered++;
	}
	schedule(im, &item, &im->dice.jitter);
	if (hits(im, &im->dice.duplicate, c->duplicate_share))
		duplicate(im, &item);
	return fate;
}

/* --- out --- */

int64_t vc_impair_next(const struct vc_impair *im)
{
	int64_t next = im->q.n ? im->q.heap[0].due : INT64_MAX;

	for (size_t i = 0; i < im->n_late; i++) {
		if (im->late[i].due < next)
			next = im->late[i].due;
	}
	return next;
}

/* Nobody has come by to overtake them. */
static void give_up(struct vc_impair *im, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < im->n_late; i++) {
		if (im->late[i].due <= now) {
			vc_delayq_push(&im->q, &im->late[i]);
			continue;
		}
		im->late[n] = im->late[i];
		n++;
	}
	im->n_late = n;
}

struct vc_packet *vc_impair_get(struct vc_impair *im, int64_t now, int64_t *due,
				uint64_t *tag)
{
	struct vc_delayed item;

	keep_up(im, now);
	give_up(im, now);
	if (!im->q.n || im->q.heap[0].due > now)
		return NULL;
	item = vc_delayq_pop(&im->q);
	im->octets -= item.pkt->cap;
	if (!item.is_by) {
		im->counts.out_packets++;
		im->counts.out_octets += item.pkt->len;
	}
	if (due)
		*due = item.due;
	if (tag)
		*tag = item.tag;
	return item.pkt;
}

size_t vc_impair_held(const struct vc_impair *im)
{
	return im->q.n + im->n_late;
}

const struct vc_impair_counts *vc_impair_counts(const struct vc_impair *im)
{
	return &im->counts;
}
