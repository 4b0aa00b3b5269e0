/* SPDX-License-Identifier: MIT */
/*
 * A unit weighs WEIGHT; each second every bin loses a part of FADE, rounded up
 * so that it ends at 0. So what the histogram knows is that of about FADE
 * seconds.
 */
#include "session/spread.h"

#include <string.h>

#include "base/time.h"

#define WEIGHT 4096u
#define FADE 32

static void fade(struct vc_spread *s)
{
	s->sum = 0;
	for (unsigned int i = 0; i < VC_SPREAD_BINS; i++) {
		s->bins[i] -= s->bins[i] / FADE + (s->bins[i] % FADE != 0);
		s->sum += s->bins[i];
	}
}

static void count(struct vc_spread *s, int64_t arrival)
{
	int64_t i = s->delay > 0 ? s->delay / VC_SPREAD_WIDTH : 0;

	if (!s->sum)
		s->faded_at = arrival;
	if (arrival - s->faded_at >= VC_SEC || arrival < s->faded_at) {
		fade(s);
		s->faded_at = arrival;
	}
	if (i >= VC_SPREAD_BINS || s->bins[i] > UINT32_MAX - WEIGHT)
		return;
	s->bins[i] += WEIGHT;
	s->sum += WEIGHT;
}

void vc_spread_add(struct vc_spread *s, uint32_t ts, int64_t delay,
		   int64_t arrival)
{
	if (s->has_unit && s->ts == ts) {
		if (delay > s->delay)
			s->delay = delay;
		return;
	}
	if (s->has_unit)
		count(s, arrival);
	s->has_unit = true;
	s->ts = ts;
	s->delay = delay;
}

void vc_spread_lower(struct vc_spread *s, int64_t by)
{
	size_t n = by / VC_SPREAD_WIDTH < VC_SPREAD_BINS ?
			   (size_t)(by / VC_SPREAD_WIDTH) :
			   VC_SPREAD_BINS - 1;
	uint64_t low = 0;

	if (!n)
		return;
	for (size_t i = 0; i <= n; i++)
		low += s->bins[i];
	memmove(s->bins, s->bins + n, (VC_SPREAD_BINS - n) * sizeof(*s->bins));
	memset(s->bins + VC_SPREAD_BINS - n, 0, n * sizeof(*s->bins));
	s->sum -= low;
	s->bins[0] = low < UINT32_MAX ? (uint32_t)low : UINT32_MAX;
	s->sum += s->bins[0];
}

int64_t vc_spread_quantile(const struct vc_spread *s, unsigned int per_10000)
{
	uint64_t may_be_over = s->sum * per_10000 / 10000;
	unsigned int i = VC_SPREAD_BINS;
	uint64_t over = 0;

	if (!s->sum)
		return 0;
	while (i > 0 && over + s->bins[i - 1] <= may_be_over) {
		i--;
		over += s->bins[i];
	}
	/* What is in the first bin may well be no delay at all. */
	return i > 1 ? i * VC_SPREAD_WIDTH : 0;
}
