/* SPDX-License-Identifier: MIT */
/*
 * Delays go into bins of 1/4 ms up to a second, and of 16 ms up to a minute,
 * so that a stream may be as long as it likes.
 */
#include "tally.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

#define FINE (VC_MS / 4)
#define FINE_BINS 4000
#define COARSE (16 * VC_MS)
#define EARLY 200 /* bins for clocks that are apart: 50 ms */

#define FIT_SPAN (10 * VC_SEC)
#define FIT_MIN 5

void fit_put(struct fit *f, int64_t when, int64_t y)
{
	double x, v = (double)y / 1e6;

	if (!f->n)
		f->first = when;
	f->last = when;
	x = (double)(when - f->first) / 1e9;
	f->n++;
	f->x += x;
	f->y += v;
	f->xx += x * x;
	f->xy += x * v;
}

double fit_per_min(const struct fit *f)
{
	double n = (double)f->n, spread = n * f->xx - f->x * f->x;

	if (f->n < FIT_MIN || f->last - f->first < FIT_SPAN || spread <= 0)
		return NAN;
	return 60 * (n * f->xy - f->x * f->y) / spread;
}

int tally_init(struct tally *t, uint16_t id, int modulus)
{
	*t = (struct tally){ .id = id, .modulus = modulus, .last = -1 };
	t->bin = vc_try_alloc(TALLY_BINS, sizeof(*t->bin));
	return t->bin ? 0 : -ENOMEM;
}

void tally_clear(struct tally *t)
{
	free(t->bin);
	t->bin = NULL;
}

static int bin_of(int64_t delay)
{
	int64_t fine = (delay + FINE / 2) / FINE, i;

	if (delay < -EARLY * FINE)
		return 0;
	if (fine < FINE_BINS)
		return (int)fine + EARLY;
	i = EARLY + FINE_BINS + (delay - VC_SEC) / COARSE;
	return i < TALLY_BINS ? (int)i : TALLY_BINS - 1;
}

static int64_t delay_of(int bin)
{
	if (bin < EARLY + FINE_BINS)
		return (bin - EARLY) * FINE;
	return VC_SEC + (bin - EARLY - FINE_BINS) * COARSE + COARSE / 2;
}

static void put_gap(struct tally *t, int64_t missing, int64_t now)
{
	if (t->gaps < TALLY_GAPS) {
		t->gap[t->gaps].at = now;
		t->gap[t->gaps].missing = missing;
	}
	t->gaps++;
	t->missing += (uint64_t)missing;
}

static void put_number(struct tally *t, int number, int failed, int64_t now)
{
	int step = (number - t->last + t->modulus) % t->modulus;

	if (t->last < 0)
		return;
	if (step == 0)
		t->repeated++;
	else if (step >= t->modulus / 2)
		t->disorder++;
	else if (step - 1 > failed)
		put_gap(t, step - 1 - failed, now);
}

void tally_put(struct tally *t, int number, int failed, int64_t delay,
	       int64_t now)
{
	put_number(t, number, failed, now);
	t->last = number;
	t->unreadable += (uint64_t)failed;
	if (!t->read || delay < t->min)
		t->min = delay;
	if (!t->read || delay > t->max)
		t->max = delay;
	t->read++;
	t->bin[bin_of(delay)]++;
	t->last_delay = delay;
	t->last_at = now;
	fit_put(&t->fit, now, delay);
}

int64_t tally_delay(const struct tally *t, int percent)
{
	uint64_t due = (t->read * (uint64_t)percent + 99) / 100, sum = 0;
	int64_t delay;
	int i = 0;

	for (; i < TALLY_BINS - 1; i++) {
		sum += t->bin[i];
		if (sum >= due)
			break;
	}
	delay = delay_of(i);
	return delay < t->min ? t->min : delay > t->max ? t->max : delay;
}

void tally_add(struct tally *sum, const struct tally *t)
{
	if (!sum->read || (t->read && t->min < sum->min))
		sum->min = t->min;
	if (!sum->read || (t->read && t->max > sum->max))
		sum->max = t->max;
	sum->read += t->read;
	sum->unreadable += t->unreadable;
	sum->missing += t->missing;
	sum->repeated += t->repeated;
	sum->disorder += t->disorder;
	sum->gaps += t->gaps;
	for (int i = 0; i < TALLY_BINS; i++)
		sum->bin[i] += t->bin[i];
}
