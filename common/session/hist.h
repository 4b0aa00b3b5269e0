/* SPDX-License-Identifier: MIT */
/*
 * A histogram of numbers (ns, octets) that may be as many as they like:
 * minimum, maximum and mean are exact, quantiles right to 1 in 128 (values
 * below 64: exactly). Bins come in pages of 64 for a factor of 2, each taken
 * when the first value falls into it, so that a narrow spread costs little:
 * at most 35 times 256 octets. Integers only, for what comes with each packet
 * (for what comes once a second there is base/quantile.h).
 */
#ifndef VC_SESSION_HIST_H
#define VC_SESSION_HIST_H

#include <stdbool.h>
#include <stdint.h>

#define VC_HIST_PAGES 35
#define VC_HIST_MAX ((INT64_C(1) << 40) - 1) /* what is more counts as that */

enum vc_hist_q {
	VC_HIST_P5,
	VC_HIST_P50,
	VC_HIST_P95,
	VC_HIST_P99,
	VC_HIST_QUANTILES,
};

/* Start with zeros. Up to 'sum' all may be read. */
struct vc_hist {
	uint64_t n;
	int64_t min;
	int64_t max;
	int64_t sum; /* of values, each cut to VC_HIST_MAX */

	uint64_t binned;
	bool is_closed;
	int64_t closed[VC_HIST_QUANTILES];
	uint32_t *page[VC_HIST_PAGES];
};

/* What is less than 0 is in the lowest bin. */
void vc_hist_put(struct vc_hist *h, int64_t v);

/* False: nothing was put, or there was no memory. */
bool vc_hist_quantile(const struct vc_hist *h, enum vc_hist_q q, int64_t *out);

/* No more will be put: keeps the quantiles, and lets its memory go. */
void vc_hist_close(struct vc_hist *h);

/* Lets all of it go. */
void vc_hist_clear(struct vc_hist *h);

#endif
