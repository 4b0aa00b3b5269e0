/* SPDX-License-Identifier: MIT */
/*
 * For two groups in a row the delay changed by (arrival - arrival before) -
 * (sent - sent before). The changes are summed and smoothed, and the slope of
 * the last 20 sums over arrival time is what is judged: it says by how much
 * of its length each second of media adds to the queue.
 */
#include "session/bwetrend.h"

#include "base/time.h"

#define GROUP (5 * VC_MS)
#define BURST_MAX (100 * VC_MS)
#define RESET (3 * VC_SEC) /* a change this large is another path or clock */
#define SMOOTH 0.9
#define GAIN 4.0
#define DELTAS_MAX 60u
#define THRESHOLD 12.5
#define THRESHOLD_MIN 6.0
#define THRESHOLD_MAX 600.0
#define OUTLIER 15.0
#define K_UP 0.0087
#define K_DOWN 0.039
#define OVER_MS 10.0
#define BASE_WINDOW (10 * VC_SEC)
#define RECENT_WINDOW (100 * VC_MS)

void vc_bwe_trend_init(struct vc_bwe_trend *t)
{
	*t = (struct vc_bwe_trend){
		.threshold = THRESHOLD,
		.base = { INT64_MAX, INT64_MAX },
		.base_end = VC_TIME_NONE,
		.recent = { INT64_MAX, INT64_MAX },
		.recent_end = VC_TIME_NONE,
		.updated = VC_TIME_NONE,
	};
}

static double ms_of(int64_t ns)
{
	return (double)ns / (double)VC_MS;
}

/* The least of this window and the last, renewed by windows of 'span'. */
static void keep_least(int64_t least[2], int64_t *end, int64_t span,
		       int64_t delay, int64_t arrival)
{
	if (*end == VC_TIME_NONE || arrival >= *end) {
		least[1] = least[0];
		least[0] = delay;
		*end = arrival + span;
	}
	least[0] = delay < least[0] ? delay : least[0];
}

static int64_t least_of(const int64_t least[2])
{
	return least[0] < least[1] ? least[0] : least[1];
}

int64_t vc_bwe_trend_queue(const struct vc_bwe_trend *t)
{
	if (t->recent_end == VC_TIME_NONE)
		return 0;
	return t->recent[0] - least_of(t->base) > 0 ?
		       least_of(t->recent) - least_of(t->base) :
		       0;
}

enum vc_bwe_use vc_bwe_trend_use(struct vc_bwe_trend *t)
{
	bool was_over = t->was_over;

	t->was_over = false;
	return was_over ? VC_BWE_OVER : t->use;
}

static void add_sample(struct vc_bwe_trend *t, double at_ms)
{
	if (t->n == VC_BWE_TREND_N) {
		for (unsigned int i = 1; i < t->n; i++)
			t->samples[i - 1] = t->samples[i];
		t->n--;
	}
	t->samples[t->n].at_ms = at_ms;
	t->samples[t->n].delay_ms = t->smooth_ms;
	t->n++;
}

/* Of the line through the samples; 0 where all came at once. */
static double slope(const struct vc_bwe_trend *t)
{
	double mean_x = 0, mean_y = 0, num = 0, den = 0;

	for (unsigned int i = 0; i < t->n; i++) {
		mean_x += t->samples[i].at_ms;
		mean_y += t->samples[i].delay_ms;
	}
	mean_x /= t->n;
	mean_y /= t->n;
	for (unsigned int i = 0; i < t->n; i++) {
		double x = t->samples[i].at_ms - mean_x;

		num += x * (t->samples[i].delay_ms - mean_y);
		den += x * x;
	}
	return den > 0 ? num / den : 0;
}

static void adapt(struct vc_bwe_trend *t, double trend, double dt_ms)
{
	double size = trend < 0 ? -trend : trend;
	double k = size < t->threshold ? K_DOWN : K_UP;

	if (size > t->threshold + OUTLIER)
		return;
	t->threshold += k * (size - t->threshold) * (dt_ms < 100 ? dt_ms : 100);
	if (t->threshold < THRESHOLD_MIN)
		t->threshold = THRESHOLD_MIN;
	if (t->threshold > THRESHOLD_MAX)
		t->threshold = THRESHOLD_MAX;
}

static void judge(struct vc_bwe_trend *t, double trend, double dt_ms)
{
	if (trend > t->threshold) {
		t->over_ms += t->n_over ? dt_ms : dt_ms / 2;
		t->n_over++;
		if (t->over_ms > OVER_MS && t->n_over > 1 && trend >= t->trend)
			t->use = VC_BWE_OVER;
		else if (t->use == VC_BWE_OVER)
			t->use = VC_BWE_UNDER; /* it grows no faster */
		t->was_over |= t->use == VC_BWE_OVER;
	} else {
		t->over_ms = 0;
		t->n_over = 0;
		t->use = trend < -t->threshold ? VC_BWE_UNDER : VC_BWE_NORMAL;
	}
	t->trend = trend;
}

static void restart(struct vc_bwe_trend *t)
{
	double threshold = t->threshold;

	vc_bwe_trend_init(t);
	t->threshold = threshold;
}

/* 'group' is complete and 'before' is the one before it. */
static void compare(struct vc_bwe_trend *t)
{
	int64_t sent = t->group.last_sent - t->before.last_sent;
	int64_t arrived = t->group.last_arrival - t->before.last_arrival;
	double delta = ms_of(arrived - sent), trend, dt_ms;

	if (arrived < -RESET || arrived - sent > RESET ||
	    arrived - sent < -RESET) {
		restart(t);
		return;
	}
	if (!t->n_deltas)
		t->origin = t->group.last_arrival;
	t->n_deltas += t->n_deltas < DELTAS_MAX;
	t->sum_ms += delta;
	t->smooth_ms = SMOOTH * t->smooth_ms + (1 - SMOOTH) * t->sum_ms;
	add_sample(t, ms_of(t->group.last_arrival - t->origin));
	if (t->n < VC_BWE_TREND_N / 2)
		return;
	trend = slope(t) * t->n_deltas * GAIN;
	dt_ms = ms_of(arrived > 0 ? arrived : 0);
	judge(t, trend, dt_ms);
	adapt(t, trend, dt_ms);
}

static bool belongs(const struct vc_bwe_group *g, int64_t sent, int64_t arrival)
{
	int64_t gap = arrival - g->last_arrival;

	if (sent - g->first_sent <= GROUP)
		return true;
	/* A burst: it waited somewhere and came at once. */
	return gap <= GROUP && gap < sent - g->last_sent &&
	       arrival - g->first_arrival < BURST_MAX;
}

void vc_bwe_trend_packet(struct vc_bwe_trend *t, int64_t sent, int64_t arrival)
{
	struct vc_bwe_group *g = &t->group;

	keep_least(t->base, &t->base_end, BASE_WINDOW, arrival - sent, arrival);
	keep_least(t->recent, &t->recent_end, RECENT_WINDOW, arrival - sent,
		   arrival);
	if (g->set && sent < g->first_sent)
		return;
	if (g->set && belongs(g, sent, arrival)) {
		g->last_sent = sent > g->last_sent ? sent : g->last_sent;
		if (arrival > g->last_arrival)
			g->last_arrival = arrival;
		return;
	}
	if (g->set && t->before.set)
		compare(t);
	if (g->set)
		t->before = *g;
	*g = (struct vc_bwe_group){
		.set = true,
		.first_sent = sent,
		.last_sent = sent,
		.first_arrival = arrival,
		.last_arrival = arrival,
	};
}
