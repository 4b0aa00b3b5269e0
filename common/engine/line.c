/* SPDX-License-Identifier: MIT */
/*
 * The line is one point, moved along itself by whole seconds of RTP time so
 * that nothing is lost to rounding. The sender reports' opinion is the map of
 * session/tsmap.h plus the clock's offset.
 *
 * That map knows of a break of RTP time when the packet arrives, but units
 * come here later, through a jitter buffer: those from before the break would
 * be placed by the new map. So after a break of the map the line goes on by
 * itself until a unit comes that does not continue it, or for 2 s.
 */
#include "engine/line.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/playout.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define BREAK (500 * VC_MS)
#define GAP (200 * VC_MS)
#define UNSETTLED (2 * VC_SEC)
#define DEAD_ZONE (5 * VC_MS) /* not worth bending for */
#define SOUND_PART 1000
#define PICTURE_PART 100
#define CLOCK_DEAD_ZONE (100 * VC_MS)
#define CLOCK_PART 2000

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static int64_t clamp(int64_t v, int64_t limit)
{
	return v > limit ? limit : v < -limit ? -limit : v;
}

static int64_t at(const struct vc_line *l, uint32_t ts)
{
	return l->ref_time +
	       vc_rtp_to_ns(vc_ts_diff(l->ref_ts, ts), l->play->map.rate_hz);
}

/* Keeps the point near 'ts'. */
static void follow(struct vc_line *l, uint32_t ts)
{
	uint32_t rate = l->play->map.rate_hz;
	int32_t units = vc_ts_diff(l->ref_ts, ts);
	int32_t seconds = (int32_t)(units / (int64_t)rate);

	l->ref_ts += (uint32_t)seconds * rate;
	l->ref_time += seconds * VC_SEC;
}

void vc_line_init(struct vc_line *l, const struct vc_playout_source *play,
		  struct vc_line_clock **clocks, bool is_sound)
{
	*l = (struct vc_line){
		.play = play,
		.clocks = clocks,
		.bend_part = is_sound ? SOUND_PART : PICTURE_PART,
	};
}

static void drop_clock(struct vc_line *l)
{
	struct vc_line_clock **p = l->clocks, *c = l->clock;

	l->clock = NULL;
	if (!c || --c->refs)
		return;
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	free(c);
}

void vc_line_clear(struct vc_line *l)
{
	drop_clock(l);
}

static struct vc_line_clock *find_clock(const struct vc_line *l, uint64_t key)
{
	struct vc_line_clock *c = key ? *l->clocks : NULL;

	while (c && c->key != key)
		c = c->next;
	return c;
}

/*
 * Joins the clock that the source has now. A new one begins where playout
 * sees it, or, once the line has started, so that the line goes on.
 */
static int bind_clock(struct vc_line *l, uint32_t ts)
{
	bool by_report = l->play->map.has_sr;
	uint64_t key = by_report ? l->play->clock : 0;
	struct vc_line_clock *c;
	int64_t now;

	if (l->clock && l->key == key && l->by_report == by_report)
		return 0;
	c = find_clock(l, key);
	if (!c) {
		c = vc_try_alloc(1, sizeof(*c));
		if (!c)
			return -ENOMEM;
		now = l->has_started ? at(l, ts) : vc_playout_time(l->play, ts);
		c->key = key;
		c->offset = now - vc_tsmap_ns(&l->play->map, ts);
		c->next = *l->clocks;
		*l->clocks = c;
	}
	c->refs++;
	drop_clock(l);
	l->clock = c;
	l->key = key;
	l->by_report = by_report;
	return 0;
}

static int64_t target(const struct vc_line *l, uint32_t ts)
{
	return vc_tsmap_ns(&l->play->map, ts) + l->clock->offset;
}

/* Goes on at 'time', but after what was there before. */
static void jump(struct vc_line *l, uint32_t ts, int64_t time)
{
	int64_t min =
		l->last_time + (l->last_duration ? l->last_duration : VC_MS);

	l->ref_ts = ts;
	l->ref_time = time > min ? time : min;
	l->is_bending = false;
	l->jumps++;
}

/* Has the map a break that no unit has shown yet? Then it says nothing. */
static bool is_settled(struct vc_line *l, uint32_t ts, int64_t arrival)
{
	int64_t step = at(l, ts) - l->last_time;
	int64_t passed = arrival - l->last_arrival;

	if (l->seen_jumps == l->play->map.jumps)
		return true;
	l->unsettled += step > 0 ? step : 0;
	if (distance(step, passed) > BREAK)
		jump(l, ts,
		     l->has_started ? target(l, ts) : l->last_time + passed);
	else if (l->unsettled < UNSETTLED)
		return false;
	l->seen_jumps = l->play->map.jumps;
	l->unsettled = 0;
	return true;
}

/* The network's delay is not drift: hence slowly, and not for a little. */
static void bend_clock(const struct vc_line *l, uint32_t ts)
{
	struct vc_line_clock *c = l->clock;
	int64_t error = vc_playout_time(l->play, ts) - target(l, ts);
	int64_t limit = clamp(at(l, ts) - c->looked_at, VC_SEC) / CLOCK_PART;

	if (limit <= 0)
		return;
	c->looked_at = at(l, ts);
	if (!c->is_bending && distance(error, 0) <= CLOCK_DEAD_ZONE)
		return;
	c->offset += clamp(error, limit);
	c->is_bending = distance(error, 0) > limit;
}

static void bend(struct vc_line *l, uint32_t ts)
{
	int64_t step = at(l, ts) - l->last_time;
	int64_t gap = step - l->last_duration;
	int64_t error = target(l, ts) - at(l, ts);
	int64_t limit = step / l->bend_part;

	if (step <= 0)
		return;
	if (distance(error, 0) >= BREAK) {
		jump(l, ts, target(l, ts));
		return;
	}
	bend_clock(l, ts);
	if (gap >= GAP)
		limit = error < 0 ? gap - 1 : BREAK;
	else if (!l->is_bending && distance(error, 0) <= DEAD_ZONE)
		return;
	l->ref_time += clamp(error, limit);
	l->is_bending = distance(error, 0) > limit;
}

static void note(struct vc_line *l, uint32_t ts, int64_t duration,
		 int64_t arrival)
{
	l->has_unit = true;
	l->last_ts = ts;
	l->last_time = at(l, ts);
	l->last_duration = duration;
	l->last_arrival = arrival;
	follow(l, ts);
}

int vc_line_put(struct vc_line *l, uint32_t ts, int64_t duration,
		int64_t arrival, int64_t *time)
{
	int err;

	if (!l->has_unit) {
		l->ref_ts = ts;
		l->seen_jumps = l->play->map.jumps;
	} else if (is_settled(l, ts, arrival) && l->has_started) {
		err = bind_clock(l, ts);
		if (err)
			return err;
		bend(l, ts);
	}
	if (l->has_unit && at(l, ts) <= l->last_time)
		return -ETIME;
	note(l, ts, duration, arrival);
	*time = l->last_time;
	return 0;
}

int vc_line_start(struct vc_line *l, int64_t *shift)
{
	int err = bind_clock(l, l->last_ts);

	if (err)
		return err;
	*shift = target(l, l->last_ts) - l->last_time;
	if (l->seen_jumps != l->play->map.jumps)
		*shift = l->last_arrival - l->last_time;
	l->ref_time += *shift;
	l->last_time += *shift;
	l->has_started = true;
	return 0;
}
