/* SPDX-License-Identifier: MIT */
/* Figures of one kind: their mean, ends and quantiles, in a fixed room. */
#ifndef VC_PROBE_BINS_H
#define VC_PROBE_BINS_H

#include <stdint.h>

#define BINS 1024

struct bins {
	double width; /* of a bin; the first begins at 0 */
	uint64_t n;
	double sum, min, max;
	uint32_t bin[BINS];
};

void bins_init(struct bins *b, double width);
/* What is out of range goes into the last bin, or the first. */
void bins_put(struct bins *b, double v);
double bins_mean(const struct bins *b);
double bins_min(const struct bins *b);
double bins_max(const struct bins *b);
/* Right to a width; 'percent' of the figures are not above it. NAN: there are
 * none, as for the others. */
double bins_quantile(const struct bins *b, int percent);

#endif
