/* SPDX-License-Identifier: MIT */
/* One rule and one source over time; used by tool/watch.c only. */
#ifndef VC_TOOL_WATCH_TRACK_H
#define VC_TOOL_WATCH_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/quantile.h"
#include "tool/expect.h"

/* A step, as in vc_rulewatch_sample(). */
struct vc_track_time {
	int64_t at, span, took;
	int64_t interval; /* what a span should be */
};

/* What came in one step. */
struct vc_track_step {
	double part, whole, seconds;
	double v; /* the sample; NAN: none */
};

/* All zeros at first. */
struct vc_track {
	double part, whole;	    /* as they stood at the last sample */
	bool was_unknown;	    /* then there was none */
	uint64_t n;		    /* samples */
	double min, max, sum, last; /* of them */
	double sum_part, sum_whole, seconds;
	struct vc_quantile quantile;
	int64_t from, to; /* what they are of */
	/* of `for T`: a ring */
	struct vc_track_step *step;
	size_t n_steps, next;
	uint64_t windows, failed;
	double worst;
	int64_t worst_from, worst_to;
	/* what was said last */
	bool is_known, held;
	double figure;
};

/* Octets that it may come to need besides itself. */
size_t vc_track_room(const struct vc_expect *e, int64_t interval);

/*
 * A step; 'is_whole': the source was there from its beginning to its end. True:
 * there is a new figure, and t->held says whether it is as it should be. -ENOMEM leaves the step out, which '*err' says.
 */
bool vc_track_put(struct vc_track *t, const struct vc_expect *e,
		  const struct vc_json *source,
		  const struct vc_track_time *time, bool is_whole, int *err);

/* Its row; NULL: nothing was measured. */
struct vc_json *vc_track_row(const struct vc_track *t,
			     const struct vc_expect *e,
			     const struct vc_json *source, bool *ok);

void vc_track_clear(struct vc_track *t);

#endif
