/* SPDX-License-Identifier: MIT */
/*
 * A packet that is let in goes to the bottleneck, if there is one, and when it
 * has left that its delay is drawn; from then on it lies in a queue by the time
 * when it comes out. One that is to be overtaken by a number of others waits
 * apart, in 'late', and enters the queue with the time of the last of these.
 * All is worked out when time is told, for the times when it happened, so it
 * does not matter how often that is.
 *
 * Packets that come out at the same time do so by 'order': their number, and a
 * rank behind it for copies and for those that were late.
 */
#include "session/impair.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/impair_internal.h"
#include "session/impair_jitter.h"
#include "session/impairplan.h"

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
	im->neck.begin = begin;
	vc_bottleneck_set(&im->neck, conf->rate_bps, conf->link,
			  conf->with_codel, begin);
	return im;
}

void vc_impair_free(struct vc_impair *im)
{
	if (!im)
		return;
	for (size_t i = 0; i < im->n_late; i++)
		vc_packet_unref(im->late[i].pkt);
	vc_bottleneck_clear(&im->neck);
	vc_delayq_clear(&im->q);
	free(im);
}

const struct vc_impair_conf *vc_impair_conf(const struct vc_impair *im)
{
	return &im->conf;
}

void vc_impair_tell(struct vc_impair *im,
		    void (*fn)(void *ctx, const struct vc_impair_act *act),
		    void *ctx)
{
	im->tell = fn;
	im->tell_ctx = ctx;
}

void vc_impair_replay(struct vc_impair *im, const struct vc_impair_acts *acts)
{
	im->script = acts;
}

void vc_impair_flow(struct vc_impair *im, int64_t now)
{
	struct vc_delayed item;
	bool is_dropped;

	while (vc_bottleneck_pop(&im->neck, now, &item, &is_dropped)) {
		if (is_dropped)
			vc_impair_dropped(im, &item);
		else if (item.pkt)
			vc_impair_go_on(im, &item);
	}
}

/* --- changes --- */

void vc_impair_set(struct vc_impair *im, const struct vc_impair_conf *conf,
		   int64_t now)
{
	assert(!vc_impair_check(conf));
	vc_impair_flow(im, now);
	vc_bottleneck_set(&im->neck, conf->rate_bps, conf->link,
			  conf->with_codel, now);
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

void vc_impair_keep_up(struct vc_impair *im, int64_t now)
{
	while (im->changes < INT64_MAX && im->changes <= now)
		obey(im, im->changes);
	vc_impair_flow(im, now);
}

/* --- out --- */

int64_t vc_impair_next(const struct vc_impair *im)
{
	const struct vc_waiting *first = vc_delayq_first(&im->q);
	int64_t next = first ? first->due : INT64_MAX;
	int64_t least = 0;

	for (size_t i = 0; i < im->n_late; i++) {
		if (im->late[i].due < next)
			next = im->late[i].due;
	}
	if (!im->neck.n_held)
		return next;
	/* No sooner than by its least delay: that spares a wake-up. */
	if (!im->conf.skew_ppb)
		least = im->conf.delay + vc_impair_jitter_least(&im->conf);
	least = vc_bottleneck_next(&im->neck) + (least > 0 ? least : 0);
	if (im->changes < least)
		least = im->changes;
	return least < next ? least : next;
}

struct vc_packet *vc_impair_get(struct vc_impair *im, int64_t now, int64_t *due,
				uint64_t *tag)
{
	const struct vc_waiting *first;
	struct vc_waiting item;

	vc_impair_keep_up(im, now);
	vc_impair_give_up(im, now);
	first = vc_delayq_first(&im->q);
	if (!first || first->due > now)
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
	return im->q.n_ring + im->q.n_heap + im->n_late + im->neck.n_held;
}

const struct vc_impair_counts *vc_impair_counts(const struct vc_impair *im)
{
	return &im->counts;
}
