/* SPDX-License-Identifier: MIT */
/*
 * Each track has a queue and a line (RTP time to ours). A track starts when
 * its first unit has been held for 'hold': by then its reports have come.
 * From the queues the earliest unit goes out when every track that is live has
 * one and it has a successor, or when it has been held long enough. So who
 * falls silent delays the others by 'hold' and no more.
 *
 * Which unit is the earliest is found by a heap of the tracks that have one,
 * built anew for each run, as nothing comes while units go out.
 */
#include "engine/timeline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/earliest.h"
#include "engine/line.h"
#include "engine/unitq.h"
#include "session/playout.h"
#include "wire/ntp.h"

#define DEFAULT_FRAME (VC_SEC / 30) /* of a lone picture */

struct vc_timeline_track {
	struct vc_timeline_track *next;
	struct vc_track_info info;
	struct vc_line line;
	struct vc_unitq q;
	bool was_added; /* the container knows it as 'index' */
	unsigned int index;
	int refused;
	bool has_ended;
	bool needs_key;	 /* of what comes in */
	bool lacks_key;	 /* of what goes out */
	size_t doubtful; /* the newest so many may lie behind a stall */
	uint32_t lost;	 /* before the next one, with what was dropped */
	int64_t first_put;
	/* The shorter of the last two distances: what a last picture lasts. */
	int64_t last_time;
	int64_t steps[2];
};

struct vc_timeline {
	struct vc_timeline_conf conf;
	struct vc_timeline_track *first;
	struct vc_line_clock *clocks;
	bool has_begun;
	bool is_finishing;
	int64_t epoch;
	size_t octets;
	struct vc_timeline_counts counts;
	size_t n_tracks;
	/* During a run. */
	struct vc_earliest next; /* room for all tracks; those with a unit */
	size_t n_awaited;	 /* tracks that go on and have no unit here */
};

struct vc_timeline *vc_timeline_new(const struct vc_timeline_conf *conf)
{
	struct vc_timeline *tl = vc_try_alloc(1, sizeof(*tl));

	if (!tl)
		return NULL;
	tl->conf = *conf;
	if (!tl->conf.hold)
		tl->conf.hold = VC_TIMELINE_HOLD;
	if (!tl->conf.max_octets)
		tl->conf.max_octets = VC_TIMELINE_OCTETS;
	return tl;
}

static void free_track(struct vc_timeline_track *t)
{
	vc_line_clear(&t->line);
	vc_unitq_clear(&t->q);
	free(t);
}

void vc_timeline_free(struct vc_timeline *tl)
{
	struct vc_timeline_track *t, *next;

	if (!tl)
		return;
	for (t = tl->first; t; t = next) {
		next = t->next;
		free_track(t);
	}
	vc_earliest_free(&tl->next);
	free(tl);
}

struct vc_timeline_track *vc_timeline_add(struct vc_timeline *tl,
					  const struct vc_playout_source *play,
					  const struct vc_clockfit_line *fit,
					  const struct vc_track_info *info)
{
	struct vc_timeline_track *t = vc_try_alloc(1, sizeof(*t));
	struct vc_timeline_track **p = &tl->first;

	if (!t || vc_earliest_reserve(&tl->next, tl->n_tracks + 1)) {
		free(t);
		return NULL;
	}
	t->info = *info;
	t->needs_key = info->kind == VC_TRACK_VIDEO;
	vc_line_init(&t->line, play, fit, &tl->clocks,
		     info->kind == VC_TRACK_AUDIO);
	while (*p)
		p = &(*p)->next;
	*p = t;
	tl->n_tracks++;
	return t;
}

int vc_timeline_rename(struct vc_timeline *tl, struct vc_timeline_track *t,
		       const char *name, const char *cname, uint64_t owner)
{
	vc_track_set_name(t->info.name, name);
	vc_strlcpy(t->info.cname, cname, sizeof(t->info.cname));
	t->info.owner = owner;
	if (!t->was_added || !tl->conf.ops->rename)
		return 0;
	return tl->conf.ops->rename(tl->conf.container, t->index, t->info.name);
}

int vc_timeline_refused(const struct vc_timeline_track *t)
{
	return t->refused;
}

int64_t vc_timeline_epoch(const struct vc_timeline *tl)
{
	return tl->has_begun ? tl->epoch : VC_TIME_NONE;
}

const struct vc_timeline_counts *vc_timeline_counts(const struct vc_timeline *tl)
{
	return &tl->counts;
}

static void empty_queue(struct vc_timeline *tl, struct vc_timeline_track *t)
{
	tl->octets -= vc_unitq_octets(&t->q);
	vc_unitq_clear(&t->q);
	t->doubtful = 0;
}

static int start(struct vc_timeline_track *t)
{
	int64_t shift;
	int err = vc_line_start(&t->line, &shift);

	if (err)
		return err;
	vc_unitq_shift(&t->q, shift);
	t->last_time += shift;
	return 0;
}

/* Is it known by 'now' whether there was a stall? */
static void settle(struct vc_timeline *tl, struct vc_timeline_track *t,
		   int64_t now)
{
	int64_t shift;

	if ((!t->doubtful && !t->line.stall.is_open) ||
	    !vc_line_settle(&t->line, now, &shift))
		return;
	if (shift) {
		if (t->doubtful)
			vc_unitq_stall(&t->q, t->doubtful, shift);
		t->last_time += shift;
		tl->counts.jumps++;
	}
	t->doubtful = 0;
}

void vc_timeline_end(struct vc_timeline *tl, struct vc_timeline_track *t)
{
	settle(tl, t, INT64_MAX);
	/* Its line needs 'play', which goes now. */
	if (t->q.n && !t->line.has_started && start(t))
		empty_queue(tl, t);
	t->has_ended = true;
}

/* Whether the unit may become part of its track at all. */
static bool admit(struct vc_timeline *tl, struct vc_timeline_track *t,
		  const struct vc_timeline_unit *u, int64_t now)
{
	if (t->refused) {
		tl->counts.refused++;
		return false;
	}
	if (t->needs_key && !u->is_key) {
		tl->counts.no_key++;
		return false;
	}
	t->needs_key = false;
	if (t->line.has_unit)
		return true;
	if (t->info.kind == VC_TRACK_VIDEO && u->width)
		vc_track_set_picture(&t->info, u->width, u->height,
				     &u->orientation);
	t->first_put = now;
	return true;
}

/* A picture lasts until the next one. */
static void note_step(struct vc_timeline_track *t, int64_t step)
{
	t->steps[0] = t->steps[1] ? t->steps[1] : step;
	t->steps[1] = step;
	if (t->q.n && t->info.kind == VC_TRACK_VIDEO)
		vc_unitq_set_duration(&t->q, step);
}

int vc_timeline_put(struct vc_timeline *tl, struct vc_timeline_track *t,
		    const struct vc_timeline_unit *u, int64_t now)
{
	struct vc_unitq_item item = {
		.duration = vc_rtp_to_ns(u->n_ts, t->info.rate_hz),
		.queued = now,
		.is_key = u->is_key,
		.lost = t->lost + u->lost,
		.ts = u->ts,
		.len = u->len,
		.data = u->data,
	};
	bool is_first = !t->line.has_unit;
	uint64_t jumps = t->line.jumps;
	size_t before = vc_unitq_octets(&t->q);
	int err;

	assert(!t->has_ended);
	t->lost = item.lost;
	if (!admit(tl, t, u, now))
		return 0;
	err = vc_line_put(&t->line, u->ts, item.duration, u->arrival,
			  &item.time);
	tl->counts.jumps += t->line.jumps - jumps;
	if (err == -ETIME) {
		t->needs_key = t->info.kind == VC_TRACK_VIDEO;
		tl->counts.late++;
		return 0;
	}
	if (err)
		return err;
	item.is_jump = t->line.jumps != jumps;
	t->lost = 0;
	if (t->info.kind == VC_TRACK_VIDEO && vc_unitq_yield(&t->q, &item))
		t->doubtful -= t->doubtful > 0;
	else if (!is_first)
		note_step(t, item.time - t->last_time);
	t->last_time = item.time;
	err = vc_unitq_push(&t->q, &item);
	tl->octets += vc_unitq_octets(&t->q) - before;
	if (!err && t->line.stall.is_open)
		t->doubtful++;
	return err;
}

/* Tells the container. Its refusal is the track's, not ours. */
static int declare(struct vc_timeline *tl, struct vc_timeline_track *t)
{
	struct vc_unitq_item first;
	int err;

	if (t->was_added)
		return 0;
	t->info.by_report = t->line.by_report;
	first = vc_unitq_front(&t->q);
	t->info.first = first.data;
	t->info.first_len = first.len;
	err = tl->conf.ops->add(tl->conf.container, &t->info, &t->index);
	t->was_added = !err;
	if (!vc_track_is_refused(err))
		return err;
	t->refused = err;
	tl->counts.refused += t->q.n;
	empty_queue(tl, t);
	return 0;
}

static bool is_over(const struct vc_timeline *tl)
{
	return tl->is_finishing || tl->octets > tl->conf.max_octets;
}

static int start_due(struct vc_timeline *tl, int64_t now)
{
	int err = 0;

	for (struct vc_timeline_track *t = tl->first; t && !err; t = t->next)
		if (t->q.n && !t->line.has_started &&
		    (is_over(tl) || now - t->first_put >= tl->conf.hold))
			err = start(t);
	return err;
}

static void find_next(struct vc_timeline *tl)
{
	struct vc_timeline_track *t;
	size_t order = 0;

	tl->next.n = tl->n_awaited = 0;
	for (t = tl->first; t; t = t->next, order++) {
		if (t->q.n && t->line.has_started)
			vc_earliest_add(&tl->next, vc_unitq_front(&t->q).time,
					order, t);
		else
			tl->n_awaited += !t->refused && !t->has_ended;
	}
	vc_earliest_sort(&tl->next);
}

/* The first one gave a unit, or all of them. */
static void renew_first(struct vc_timeline *tl,
			const struct vc_timeline_track *t)
{
	if (t->q.n) {
		vc_earliest_renew(&tl->next, vc_unitq_front(&t->q).time);
		return;
	}
	tl->n_awaited += !t->refused && !t->has_ended;
	vc_earliest_pop(&tl->next);
}

/* The first unit of all is due: time begins, with all that is here. */
static int begin(struct vc_timeline *tl)
{
	struct vc_timeline_track *t;
	int err = 0;

	find_next(tl);
	if (!tl->next.n)
		return 0;
	for (t = tl->first; t && !err; t = t->next) {
		if (!t->q.n)
			continue;
		if (!t->line.has_started)
			err = start(t);
		if (!err)
			err = declare(tl, t);
	}
	find_next(tl);
	if (err || !tl->next.n)
		return err;
	tl->epoch = tl->next.v[0].time;
	tl->has_begun = true;
	return 0;
}

static bool is_due(const struct vc_timeline *tl,
		   const struct vc_timeline_track *first, int64_t now)
{
	if (is_over(tl) ||
	    now - vc_unitq_front(&first->q).queued >= tl->conf.hold)
		return true;
	if (first->doubtful == first->q.n)
		return false;
	return (first->q.n >= 2 || first->has_ended) && !tl->n_awaited;
}

static int64_t lasts(const struct vc_timeline_track *t,
		     const struct vc_unitq_item *item)
{
	if (item->duration || t->info.kind == VC_TRACK_TEXT)
		return item->duration;
	if (!t->steps[0])
		return DEFAULT_FRAME;
	return t->steps[0] < t->steps[1] ? t->steps[0] : t->steps[1];
}

static int hand_over(struct vc_timeline *tl, struct vc_timeline_track *t)
{
	struct vc_unitq_item item = vc_unitq_front(&t->q);
	struct vc_container_unit u = {
		.track = t->index,
		.time = item.time - tl->epoch,
		.duration = lasts(t, &item),
		.is_key = item.is_key,
		.is_last = t->q.n == 1,
		.is_jump = item.is_jump,
		.is_stall = item.is_stall,
		.lost = item.lost,
		.ts = item.ts,
		.data = item.data,
		.len = item.len,
	};
	size_t before = vc_unitq_octets(&t->q);
	int err = 0;

	if (t->info.kind == VC_TRACK_VIDEO && u.time < 0)
		t->lacks_key = true;
	else if (u.is_key)
		t->lacks_key = false;
	if (u.time < 0 || t->lacks_key) {
		tl->counts.late++;
	} else {
		err = tl->conf.ops->write(tl->conf.container, &u);
		tl->counts.units++;
		if (tl->counts.end < u.time + u.duration)
			tl->counts.end = u.time + u.duration;
	}
	vc_unitq_pop(&t->q);
	if (t->doubtful > t->q.n)
		t->doubtful = t->q.n;
	tl->octets -= before - vc_unitq_octets(&t->q);
	return err;
}

/* Tracks that have ended and given all they had. */
static void sweep(struct vc_timeline *tl)
{
	struct vc_timeline_track **p = &tl->first, *t;

	while ((t = *p)) {
		if (!t->has_ended || t->q.n) {
			p = &t->next;
			continue;
		}
		*p = t->next;
		if (t->was_added && tl->conf.ops->end)
			tl->conf.ops->end(tl->conf.container, t->index);
		free_track(t);
		tl->n_tracks--;
	}
}

/* All units that are due, the earliest first. */
static int hand_over_due(struct vc_timeline *tl, int64_t now)
{
	int err = 0;

	find_next(tl);
	while (!err && tl->next.n) {
		struct vc_timeline_track *t = tl->next.v[0].what;

		err = declare(tl, t);
		if (!err && !t->refused && !is_due(tl, t, now))
			break;
		if (!err && !t->refused)
			err = hand_over(tl, t);
		renew_first(tl, t);
	}
	return err;
}

int vc_timeline_run(struct vc_timeline *tl, int64_t now)
{
	struct vc_timeline_track *t;
	int err;

	for (t = tl->first; t; t = t->next)
		settle(tl, t, tl->is_finishing ? INT64_MAX : now);
	err = start_due(tl, now);
	if (!err && !tl->has_begun)
		err = begin(tl);
	if (!err && tl->has_begun)
		err = hand_over_due(tl, now);
	sweep(tl);
	return err;
}

int64_t vc_timeline_next(const struct vc_timeline *tl)
{
	const struct vc_timeline_track *t;
	int64_t next = INT64_MAX, due;

	for (t = tl->first; t; t = t->next) {
		if (!t->q.n)
			continue;
		due = (t->line.has_started ? vc_unitq_front(&t->q).queued :
					     t->first_put) +
		      tl->conf.hold;
		if (t->doubtful && t->line.stall.since + VC_STALL_SURE < due)
			due = t->line.stall.since + VC_STALL_SURE;
		if (due < next)
			next = due;
	}
	return next;
}

int vc_timeline_finish(struct vc_timeline *tl)
{
	int err;

	tl->is_finishing = true;
	err = vc_timeline_run(tl, 0);
	tl->is_finishing = false;
	return err;
}
