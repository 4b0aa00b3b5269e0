/* SPDX-License-Identifier: MIT */
/*
 * Rules over time (tool/expect.h): from time to time a record is sampled, and
 * what each rule makes of each source is kept: aggregates of the samples, and of
 * `for T` the windows that end with each of them. Whoever asked is told at once
 * when a rule begins to fail, and when it holds again.
 *
 * A sample is what came since the one before it, where the metric's trait says
 * so. One of a rate counts only when the source was there all the time.
 * Quantiles are exact of 1024 samples, and within 1 % of more; memory is bounded
 * (VC_WATCH_OCTETS), and with it what of sources that left is kept: 1000 rows of
 * a rule that held and 1000 that failed; more are counted.
 */
#ifndef VC_TOOL_WATCH_H
#define VC_TOOL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/expect.h"

#define VC_WATCH_OCTETS (64u << 20)
#define VC_WATCH_ROWS 1000

struct vc_rulewatch;

/* A rule fails, or holds again. */
struct vc_rulewatch_change {
	const struct vc_expect *rule;
	bool held;
	double measured;
	int64_t from, to;	      /* when that was, as in the samples */
	const struct vc_json *source; /* NULL: of no source alone */
};

/*
 * Of 'rules', which stay where they are, those over time are watched. For
 * start-up. 'changed' may be NULL.
 */
struct vc_rulewatch *vc_rulewatch_new(
	const struct vc_expect *rules, size_t n, int64_t interval,
	void (*changed)(void *ctx, const struct vc_rulewatch_change *c),
	void *ctx);
void vc_rulewatch_free(struct vc_rulewatch *w);

/*
 * A sample: 'record' has "sources" and "total" as they stand 'at' ns after the
 * beginning, 'span' after the sample before, as was planned; 'took' is how long
 * that was indeed, which rates are by: a live clock may be late. A source is told from others by
 * "ssrc" and "begin_s", or by "id" and "kind"; it ends when it is no longer there.
 * One whose "left" is a word was not there to the end of the sample.
 */
void vc_rulewatch_sample(struct vc_rulewatch *w, const struct vc_json *record,
			 int64_t at, int64_t span, int64_t took);

/*
 * What rule number i came to: rows as those of vc_expect_judge(), with "from_s"
 * and "to_s", which is the part of the time that "measured" is of; of `for T`
 * that of the worst window, with "windows" and "failed". True when it held.
 */
bool vc_rulewatch_judge(struct vc_rulewatch *w, size_t i,
			struct vc_json *results);

/* Samples that there was no memory for: rules over time fail by them. */
uint64_t vc_rulewatch_unwatched(const struct vc_rulewatch *w);

#endif
