/* SPDX-License-Identifier: MIT */
/*
 * Whether a record is as good as a former one of the same kind: each metric of
 * which it is known which way is better (tool/expect.h, a trait), of each source
 * that was there. Counts say nothing: runs differ in length.
 */
#ifndef VC_TOOL_BASELINE_H
#define VC_TOOL_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/expect.h"

#define VC_TOLERANCES 32

/* How much worse a metric may be. */
struct vc_tolerance {
	const struct vc_metric *metric;
	bool is_off; /* it is not looked at */
	bool is_share;
	double by; /* a share of what it was, or in its unit */
};

/* Begin with zeros and 'share'. */
struct vc_tolerances {
	double share; /* of those that are not in 'own' */
	size_t n;
	struct vc_tolerance own[VC_TOLERANCES];
};

/* "5%,jitter_ms=2ms,fps=10%,heard=off"; -EINVAL with a reason. */
int vc_tolerances_parse(struct vc_tolerances *t, const char *text,
			const struct vc_metrics *metrics, char *why,
			size_t cap);

/*
 * Compares "sources" of both: those of one kind and id, then those of one kind in
 * their order. Appends to 'results' a row as vc_expect_judge() for each figure
 * that is worse than it may be, with "baseline" and "bound"; one for each source
 * that is not there; and where all is well one row with "compared", how many
 * figures. True when all is well.
 */
bool vc_baseline_judge(const struct vc_metrics *metrics,
		       const struct vc_tolerances *t,
		       const struct vc_json *baseline,
		       const struct vc_json *record, struct vc_json *results);

#endif
