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
#include "session/clockfit.h"
#include "session/playout.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define BREAK (500 * VC_MS)
#define GAP (200 * VC_MS)
#define UNSETTLED (2 * VC_SEC)
#define DEAD_ZONE (5 * VC_MS) /* not worth bending for */
#define FINE_ZONE (1 * VC_MS) /* the same, by a straight line */
#define FITS (50 * VC_MS)     /* a line so near to the map is of its time */
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
		  const struct vc_clockfit_line *fit,
		  struct vc_line_clock **clocks, bool is_sound)
{
	*l = (struct vc_line){
		.play = play,
		.fit = fit,
		.clocks = clocks,
		.bend_part = is_sound ? SOUND_PART : PICTURE_PART,
	};
}

/*
 * At once, and then all is well. Backwards: what lies before the newest unit is
 * left out.
 */
static void move(struct vc_line *l, int64_t by)
{
	l->ref_time += by;
	l->lag += by;
	l->error = 0;
	l->is_bending = false;
	l->jumps++;
}

/* --- the author's clock --- */

/* By the straight line, unless that is of another time; else by the map. */
static bool is_fitted(const struct vc_line *l, uint32_t ts, int64_t *ns)
{
	const struct vc_clockfit_line *fit = l->fit;
	int64_t since;

	if (!fit || !fit->is_known || !l->play->map.has_sr)
		return false;
	since = vc_rtp_to_ns(vc_ts_diff(fit->ts, ts), l->play->map.rate_hz);
	*ns = fit->ns + since -
	      (int64_t)((double)since * fit->ppm / (1e6 + fit->ppm));
	return distance(*ns, vc_tsmap_ns(&l->play->map, ts)) <= FITS;
}

static int64_t authors(const struct vc_line *l, uint32_t ts)
{
	int64_t ns;

	return is_fitted(l, ts, &ns) ? ns : vc_tsmap_ns(&l->play->map, ts);
}

static int64_t target(const struct vc_line *l, uint32_t ts)
{
	return authors(l, ts) + l->clock->offset - l->stepped + l->stalled;
}

/* How far 'time' is behind when 'ts' could have been here at the earliest. */
static int64_t lag_of(const struct vc_line *l, uint32_t ts, int64_t time,
		      int64_t transit)
{
	return time - vc_tsmap_ns(&l->play->map, ts) - transit;
}

static void drop_clock(struct vc_line *l)
{
	struct vc_line_clock **p = l->clocks, *c = l->clock;
	struct vc_line **peer;

	l->clock = NULL;
	if (!c)
		return;
	for (peer = &c->first; *peer != l;)
		peer = &(*peer)->peer;
	*peer = l->peer;
	if (c->first)
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

/* The clock may have been set since its offset was taken. */
static void join(struct vc_line *l, struct vc_line_clock *c, uint32_t ts)
{
	const struct vc_line *other = c->first;
	int64_t lag;

	l->peer = c->first;
	c->first = l;
	l->clock = c;
	l->stepped = 0;
	if (!other || !other->stepped)
		return;
	lag = lag_of(l, ts, target(l, ts), l->play->transit);
	if (distance(lag - other->stepped, other->lag) <
	    distance(lag, other->lag))
		l->stepped = other->stepped;
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
		c->offset = now - authors(l, ts);
		c->next = *l->clocks;
		*l->clocks = c;
	}
	/* While it has lines it stays where it is. */
	if (c != l->clock) {
		if (l->clock)
			l->stalled = 0;
		drop_clock(l);
		join(l, c, ts);
	}
	l->key = key;
	l->by_report = by_report;
	return 0;
}

/*
 * What the author says has a step, but media went on. Has his clock been set,
 * or was it wrong before? Then the line is nearer to arrival where he says now,
 * as near as his other sources are.
 */
static void take_step(struct vc_line *l, uint32_t ts)
{
	int64_t by = target(l, ts) - at(l, ts), like = 0;
	const struct vc_line *other = l->clock->first;

	if (l->stalled && distance(by, l->stalled) < BREAK) {
		l->stalled = 0;
		return;
	}
	l->lag = lag_of(l, ts, at(l, ts), l->transit);
	while (other && (other == l || !other->has_started))
		other = other->peer;
	if (other)
		like = other->lag;
	if (distance(l->lag, like) < distance(l->lag + by, like))
		l->stepped += by - l->error;
	else
		move(l, by);
}

/* --- the line --- */

/* Goes on at 'time', but after what was there before. */
static void jump(struct vc_line *l, uint32_t ts, int64_t time)
{
	int64_t min =
		l->last_time + (l->last_duration ? l->last_duration : VC_MS);

	l->ref_ts = ts;
	l->ref_time = time > min ? time : min;
	l->is_bending = false;
	l->stalled = 0;
	l->jumps++;
}

/* The smallest since the map has a break. */
static void note_transit(struct vc_line *l, uint32_t ts, int64_t arrival)
{
	int64_t transit = arrival - vc_tsmap_ns(&l->play->map, ts);

	if (!l->unsettled || transit < l->transit)
		l->transit = transit;
}

/* Has the map a break that no unit has shown yet? Then it says nothing. */
static bool is_settled(struct vc_line *l, uint32_t ts, int64_t arrival)
{
	int64_t step = at(l, ts) - l->last_time;
	int64_t passed = arrival - l->last_arrival;

	if (l->seen_jumps == l->play->map.jumps)
		return true;
	note_transit(l, ts, arrival);
	l->unsettled += step > 0 ? step : 0;
	if (distance(step, passed) > BREAK)
		jump(l, ts,
		     l->has_started ? target(l, ts) : l->last_time + passed);
	else if (l->unsettled < UNSETTLED)
		return false;
	else if (l->has_started)
		take_step(l, ts);
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

static int64_t dead_zone(const struct vc_line *l, uint32_t ts)
{
	int64_t ns;

	return is_fitted(l, ts, &ns) ? FINE_ZONE : DEAD_ZONE;
}

static void bend(struct vc_line *l, uint32_t ts)
{
	int64_t step = at(l, ts) - l->last_time;
	int64_t gap = step - l->last_duration;
	int64_t error = target(l, ts) - at(l, ts);
	int64_t limit = step / l->bend_part;

	if (step <= 0)
		return;
	bend_clock(l, ts);
	l->error = error;
	if (distance(error, 0) >= BREAK) {
		move(l, error);
		return;
	}
	if (gap >= GAP)
		limit = error < 0 ? gap - 1 : BREAK;
	else if (!l->is_bending && distance(error, 0) <= dead_zone(l, ts))
		return;
	l->ref_time += clamp(error, limit);
	l->error -= clamp(error, limit);
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

/* May the unit lie behind a stall? A break of RTP time is none. */
static void watch(struct vc_line *l, uint32_t ts, int64_t arrival)
{
	int64_t step = at(l, ts) - l->last_time;
	bool was_open = l->stall.is_open;

	if (!l->has_unit || step <= 0 || l->seen_jumps != l->play->map.jumps ||
	    !vc_stall_put(&l->stall, step, arrival - l->last_arrival, arrival))
		return;
	if (!was_open)
		l->late = l->last_arrival - l->play->transit -
			  vc_tsmap_ns(&l->play->map, l->last_ts);
}

int vc_line_put(struct vc_line *l, uint32_t ts, int64_t duration,
		int64_t arrival, int64_t *time)
{
	int err;

	watch(l, ts, arrival);
	if (!l->has_unit) {
		l->ref_ts = ts;
		l->seen_jumps = l->play->map.jumps;
	} else if (!l->stall.is_open && is_settled(l, ts, arrival) &&
		   l->has_started) {
		err = bind_clock(l, ts);
		if (err)
			return err;
		bend(l, ts);
	}
	if (l->has_unit && at(l, ts) <= l->last_time) {
		/* Its time passed, too: what is left out is no stall. */
		if (arrival > l->last_arrival)
			l->last_arrival = arrival;
		return -ETIME;
	}
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
	l->lag = lag_of(l, l->last_ts, l->last_time, l->play->transit);
	l->has_started = true;
	return 0;
}

bool vc_line_settle(struct vc_line *l, int64_t now, int64_t *shift)
{
	*shift = vc_stall_settle(&l->stall, now);
	if (*shift < 0)
		return false;
	/* From the quickest before it to the quickest behind it. */
	if (*shift && l->late > 0 && l->late < BREAK)
		*shift += l->late;
	l->ref_time += *shift;
	l->last_time += *shift;
	l->stalled += *shift;
	l->jumps += *shift > 0;
	return true;
}
