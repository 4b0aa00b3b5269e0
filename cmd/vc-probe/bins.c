/* SPDX-License-Identifier: MIT */
#include "bins.h"

#include <math.h>

void bins_init(struct bins *b, double width)
{
	*b = (struct bins){ .width = width };
}

void bins_put(struct bins *b, double v)
{
	double i = floor(v / b->width);

	if (!b->n || v < b->min)
		b->min = v;
	if (!b->n || v > b->max)
		b->max = v;
	b->n++;
	b->sum += v;
	b->bin[i < 0 ? 0 : i < BINS ? (int)i : BINS - 1]++;
}

double bins_mean(const struct bins *b)
{
	return b->n ? b->sum / (double)b->n : NAN;
}

double bins_min(const struct bins *b)
{
	return b->n ? b->min : NAN;
}

double bins_max(const struct bins *b)
{
	return b->n ? b->max : NAN;
}

double bins_quantile(const struct bins *b, int percent)
{
	uint64_t due = (b->n * (uint64_t)percent + 99) / 100, sum = 0;
	double v;
	int i = 0;

	if (!b->n)
		return NAN;
	for (; i < BINS - 1; i++) {
		sum += b->bin[i];
		if (sum >= due && b->bin[i])
			break;
	}
	v = (i + 0.5) * b->width;
	return v < b->min ? b->min : v > b->max ? b->max : v;
}
