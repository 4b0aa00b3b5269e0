/* SPDX-License-Identifier: MIT */
/*
 * A figure over a part of the time is worked out from what grew in it where the
 * metric is a count, a share or a rate, so that it is exact; one that stands for
 * itself must be as it should at each sample, so that its figure is the worst of
 * them.
 */
#include "tool/watch_track.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"

static double seconds(int64_t ns)
{
	return (double)ns / (double)VC_SEC;
}

/* NAN: it is not in the record. */
static double number(const struct vc_json *source, const char *path)
{
	double v;

	return vc_json_number(vc_expect_find(source, path), &v) ? v : NAN;
}

/*
 * What came since the last sample; false: nothing is known of it, and of how
 * long the next one's is neither.
 */
static bool take_step(struct vc_track *t, const struct vc_expect *e,
		      const struct vc_json *source, int64_t took, bool is_whole,
		      struct vc_track_step *s)
{
	const struct vc_trait *trait = &e->trait;
	double part = number(source, trait->part ? trait->part : e->path);
	double whole = trait->whole ? number(source, trait->whole) : 0;

	if (isnan(part) || isnan(whole)) {
		*s = (struct vc_track_step){ .v = NAN };
		t->was_unknown = true;
		return false;
	}
	*s = (struct vc_track_step){ .part = part - t->part,
				     .whole = whole - t->whole,
				     .seconds = seconds(took) };
	t->part = part;
	t->whole = whole;
	switch (trait->over) {
	case VC_OVER_COUNT:
		s->v = s->part;
		break;
	case VC_OVER_SHARE:
		s->v = s->whole > 0 ? s->part / s->whole : NAN;
		break;
	case VC_OVER_RATE:
		s->v = is_whole && !t->was_unknown ?
			       trait->scale * s->part / s->seconds :
			       NAN;
		break;
	default:
		s->v = part;
		break;
	}
	t->was_unknown = false;
	return true;
}

/* --- figures --- */

/* The sums of some steps. */
struct sums {
	size_t n;
	double part, whole, seconds;
	double min, max, sum, last;
};

static void add(struct sums *s, const struct vc_track_step *step)
{
	s->part += step->part;
	s->whole += step->whole;
	s->seconds += step->seconds;
	if (isnan(step->v))
		return;
	s->min = s->n && s->min < step->v ? s->min : step->v;
	s->max = s->n && s->max > step->v ? s->max : step->v;
	s->sum += step->v;
	s->last = step->v;
	s->n++;
}

static double worst_of(const struct vc_expect *e, const struct sums *s)
{
	return vc_expect_is_worse(e, s->max, s->min) ? s->max : s->min;
}

/* NAN: there is none. Of quantiles the caller knows. */
static double figure(const struct vc_expect *e, const struct sums *s)
{
	if (e->agg && !s->n)
		return NAN;
	switch (e->agg) {
	case VC_AGG_MIN:
		return s->min;
	case VC_AGG_MEAN:
		return s->sum / (double)s->n;
	case VC_AGG_MAX:
		return s->max;
	case VC_AGG_LAST:
		return s->last;
	default:
		break;
	}
	switch (e->trait.over) {
	case VC_OVER_COUNT:
		return s->part;
	case VC_OVER_SHARE:
		return s->whole > 0 ? s->part / s->whole : NAN;
	case VC_OVER_RATE:
		return s->seconds > 0 ? e->trait.scale * s->part / s->seconds :
					NAN;
	default:
		return s->n ? worst_of(e, s) : NAN;
	}
}

/* --- all the time, or a part of it --- */

/* NAN: there is no new one; '*err' may say why. */
static double put_sum(struct vc_track *t, const struct vc_expect *e,
		      const struct vc_track_step *step, int64_t at,
		      int64_t span, int *err)
{
	struct sums s = { .n = t->n,
			  .part = t->sum_part,
			  .whole = t->sum_whole,
			  .seconds = t->seconds,
			  .min = t->min,
			  .max = t->max,
			  .sum = t->sum,
			  .last = t->last };

	/* A rate is of what is whole, in time as well. */
	if (e->trait.over == VC_OVER_RATE && isnan(step->v))
		return NAN;
	if (e->agg == VC_AGG_QUANTILE && !isnan(step->v))
		*err = vc_quantile_put(&t->quantile, step->v);
	if (*err)
		return NAN;
	add(&s, step);
	if (t->to == 0)
		t->from = at - span;
	t->to = at;
	t->n = s.n;
	t->sum_part = s.part;
	t->sum_whole = s.whole;
	t->min = s.min;
	t->max = s.max;
	t->sum = s.sum;
	t->last = s.last;
	t->seconds = s.seconds;
	if (e->agg != VC_AGG_QUANTILE)
		return figure(e, &s);
	return t->quantile.n ? vc_quantile_at(&t->quantile, e->quantile) : NAN;
}

/* --- `for T` --- */

static double window_figure(const struct vc_track *t, const struct vc_expect *e,
			    int64_t interval)
{
	struct sums s = { 0 };
	double *v, result = NAN;

	for (size_t i = 0; i < t->n_steps; i++) {
		size_t at = (t->next + i) % t->n_steps;

		if (e->trait.over == VC_OVER_RATE && isnan(t->step[at].v) &&
		    !e->agg)
			return NAN;
		add(&s, &t->step[at]);
	}
	if (e->agg != VC_AGG_QUANTILE)
		return figure(e, &s);
	v = s.n ? vc_try_alloc((size_t)(e->each / interval), sizeof(*v)) : NULL;
	s.n = 0;
	for (size_t i = 0; v && i < t->n_steps; i++) {
		if (isnan(t->step[i].v))
			continue;
		v[s.n] = t->step[i].v;
		s.n++;
	}
	if (v)
		result = vc_quantile_of(v, s.n, e->quantile);
	free(v);
	return result;
}

static double put_ring(struct vc_track *t, const struct vc_expect *e,
		       const struct vc_track_step *step,
		       const struct vc_track_time *time, int *err)
{
	size_t cap = (size_t)(e->each / time->interval);

	if (!t->step)
		t->step = vc_try_alloc(cap, sizeof(*t->step));
	if (!t->step) {
		*err = -ENOMEM;
		return NAN;
	}
	t->step[t->next] = *step;
	t->next = (t->next + 1) % cap;
	if (t->n_steps < cap)
		t->n_steps++;
	if (t->n_steps < cap)
		return NAN;
	t->from = time->at - e->each;
	t->to = time->at;
	return window_figure(t, e, time->interval);
}

static void judge_window(struct vc_track *t, const struct vc_expect *e)
{
	if (!t->windows || vc_expect_is_worse(e, t->figure, t->worst)) {
		t->worst = t->figure;
		t->worst_from = t->from;
		t->worst_to = t->to;
	}
	t->windows++;
	t->failed += !vc_expect_holds(e, t->figure);
}

/* --- */

size_t vc_track_room(const struct vc_expect *e, int64_t interval)
{
	if (e->each)
		return (size_t)(e->each / interval) *
		       sizeof(struct vc_track_step);
	return e->agg == VC_AGG_QUANTILE ? (17u << 10) : 0;
}

bool vc_track_put(struct vc_track *t, const struct vc_expect *e,
		  const struct vc_json *source,
		  const struct vc_track_time *time, bool is_whole, int *err)
{
	bool is_in = time->at - time->span >= e->from && time->at <= e->to;
	struct vc_track_step step;
	double v = NAN;
	bool is_known = take_step(t, e, source, time->took, is_whole, &step);

	*err = 0;
	if (!is_in)
		return false;
	/* A window has its length, also where there was nothing for a while. */
	if (e->each && time->span >= time->interval)
		v = put_ring(t, e, &step, time, err);
	else if (!e->each && is_known)
		v = put_sum(t, e, &step, time->at, time->span, err);
	if (isnan(v))
		return false;
	t->figure = v;
	if (e->each)
		judge_window(t, e);
	t->held = vc_expect_holds(e, v);
	return true;
}

struct vc_json *vc_track_row(const struct vc_track *t,
			     const struct vc_expect *e,
			     const struct vc_json *source, bool *ok)
{
	struct vc_json *row;

	if (!t->is_known)
		return NULL;
	*ok = e->each ? !t->failed : t->held;
	row = vc_expect_row(e->text, e->unit, *ok, source);
	vc_json_set_real(row, "measured", e->each ? t->worst : t->figure, 6);
	vc_json_set_real(row, "from_s",
			 seconds(e->each ? t->worst_from : t->from), 3);
	vc_json_set_real(row, "to_s", seconds(e->each ? t->worst_to : t->to),
			 3);
	if (e->each) {
		vc_json_set_int(row, "windows", (int64_t)t->windows);
		vc_json_set_int(row, "failed", (int64_t)t->failed);
	}
	return row;
}

void vc_track_clear(struct vc_track *t)
{
	vc_quantile_clear(&t->quantile);
	free(t->step);
	*t = (struct vc_track){ 0 };
}
