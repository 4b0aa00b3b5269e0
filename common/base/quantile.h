/* SPDX-License-Identifier: MIT */
/*
 * Quantiles of numbers that come one by one, however many: the first
 * VC_QUANTILE_EXACT of them are kept, and what is told of them is exact; of more
 * it is within 1 %, by bins whose bounds grow by the same ratio (numbers nearer
 * to 0 than 1e-6 count as 0, those beyond 1e12 as that). Memory is bounded: 8
 * KiB, and with bins 9, or 17 where there are negative ones too.
 */
#ifndef VC_BASE_QUANTILE_H
#define VC_BASE_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

#define VC_QUANTILE_EXACT 1024

/* All zeros at first. */
struct vc_quantile {
	uint64_t n;
	double min; /* exact, like 'max' and 'sum', once something came */
	double max;
	double sum;
	double *kept; /* NULL: in bins */
	size_t cap;
	uint32_t *above; /* bins of numbers above 0 */
	uint32_t *below;
	uint64_t zeros;
};

/* 'v' is finite. 0, or -ENOMEM: it is left out. */
int vc_quantile_put(struct vc_quantile *q, double v);

/*
 * The least number that 'share' (0 to 1) of them do not exceed, by nearest rank;
 * something must have come.
 */
double vc_quantile_at(const struct vc_quantile *q, double share);

/* That rank among 'n' (not 0), from 1 on. */
uint64_t vc_quantile_rank(uint64_t n, double share);

void vc_quantile_clear(struct vc_quantile *q);

/* The same of 'n' numbers (not 0) at hand; sorts them. */
double vc_quantile_of(double *v, size_t n, double share);

#endif
