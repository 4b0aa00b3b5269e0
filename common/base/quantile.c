/* SPDX-License-Identifier: MIT */
/*
 * Bin i holds what is above BASE x RATIO^(i - 1) and not above BASE x RATIO^i,
 * and stands for the number whose distance to both, as a share of them, is the
 * same: 1 %.
 */
#include "base/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ERROR 0.01
#define RATIO ((1 + ERROR) / (1 - ERROR))
#define BASE 1e-6
#define BINS 2080 /* the last one ends above 1e12 */
#define FIRST_CAP 16

static size_t bin_of(double v)
{
	double i = ceil(log(v / BASE) / log(RATIO));

	return i < 0 ? 0 : i < BINS ? (size_t)i : BINS - 1;
}

static double middle(size_t bin)
{
	return BASE * pow(RATIO, (double)bin) * (1 - ERROR);
}

static int count(struct vc_quantile *q, double v)
{
	uint32_t **bins = v < 0 ? &q->below : &q->above;

	if (fabs(v) < BASE) {
		q->zeros++;
		return 0;
	}
	if (!*bins)
		*bins = vc_try_alloc(BINS, sizeof(**bins));
	if (!*bins)
		return -ENOMEM;
	(*bins)[bin_of(fabs(v))]++;
	return 0;
}

/* All that is kept goes into bins. */
static int move_to_bins(struct vc_quantile *q)
{
	q->above = vc_try_alloc(BINS, sizeof(*q->above));
	q->below = q->min < 0 ? vc_try_alloc(BINS, sizeof(*q->below)) : NULL;
	if (!q->above || (q->min < 0 && !q->below)) {
		free(q->above);
		free(q->below);
		q->above = q->below = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < q->n; i++)
		count(q, q->kept[i]);
	free(q->kept);
	q->kept = NULL;
	return 0;
}

static int make_room(struct vc_quantile *q)
{
	size_t cap = q->cap ? 2 * q->cap : FIRST_CAP;
	double *kept;

	if (q->n < q->cap)
		return 0;
	if (q->cap == VC_QUANTILE_EXACT)
		return move_to_bins(q);
	kept = vc_try_alloc(cap, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	if (q->n)
		memcpy(kept, q->kept, q->n * sizeof(*kept));
	free(q->kept);
	q->kept = kept;
	q->cap = cap;
	return 0;
}

int vc_quantile_put(struct vc_quantile *q, double v)
{
	int err = q->n && !q->kept ? 0 : make_room(q);

	if (!err && q->kept)
		q->kept[q->n] = v;
	else if (!err)
		err = count(q, v);
	if (err)
		return err;
	q->min = q->n && q->min < v ? q->min : v;
	q->max = q->n && q->max > v ? q->max : v;
	q->sum += v;
	q->n++;
	return 0;
}

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Counted from 1. */
uint64_t vc_quantile_rank(uint64_t n, double share)
{
	double rank = ceil(share * (double)n - 1e-9);

	return rank < 1 ? 1 : rank > (double)n ? n : (uint64_t)rank;
}

double vc_quantile_of(double *v, size_t n, double share)
{
	qsort(v, n, sizeof(*v), order);
	return v[vc_quantile_rank(n, share) - 1];
}

static double in_bins(const struct vc_quantile *q, uint64_t rank)
{
	uint64_t sum = 0;

	for (size_t i = BINS; q->below && i > 0; i--) {
		sum += q->below[i - 1];
		if (sum >= rank)
			return -middle(i - 1);
	}
	sum += q->zeros;
	if (sum >= rank)
		return 0;
	for (size_t i = 0; q->above && i < BINS; i++) {
		sum += q->above[i];
		if (sum >= rank)
			return middle(i);
	}
	return q->max;
}

double vc_quantile_at(const struct vc_quantile *q, double share)
{
	double v;

	if (q->kept) {
		double sorted[VC_QUANTILE_EXACT];

		memcpy(sorted, q->kept, q->n * sizeof(*sorted));
		return vc_quantile_of(sorted, q->n, share);
	}
	v = in_bins(q, vc_quantile_rank(q->n, share));
	return v < q->min ? q->min : v > q->max ? q->max : v;
}

void vc_quantile_clear(struct vc_quantile *q)
{
	free(q->kept);
	free(q->above);
	free(q->below);
	memset(q, 0, sizeof(*q));
}
