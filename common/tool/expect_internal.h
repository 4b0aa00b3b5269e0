/* SPDX-License-Identifier: MIT */
/* The parts of a rule, as tool/expect_rule.c reads them. */
#ifndef VC_TOOL_EXPECT_INTERNAL_H
#define VC_TOOL_EXPECT_INTERNAL_H

#include <stddef.h>

#include "base/str.h"
#include "tool/expect.h"

/* -EINVAL, with a reason. */
int vc_expect_no(char *why, size_t cap, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- expect_metric.c --- */

/*
 * Reads "[SCOPE.]METRIC[.AGG]" into scope, path, agg and trait of 'e', and the
 * row of the metric into '*found'.
 */
int vc_expect_metric(struct vc_expect *e, struct vc_str path,
		     const struct vc_metrics *metrics,
		     const struct vc_metric **found, char *why, size_t cap);
/* "p95" and the like, into 'e'. */
bool vc_expect_agg(struct vc_expect *e, struct vc_str word);

/* --- expect_value.c --- */

/* Reads e->word, in the unit of 'm'. */
int vc_expect_value(struct vc_expect *e, const struct vc_metric *m, char *why,
		    size_t cap);

#endif
