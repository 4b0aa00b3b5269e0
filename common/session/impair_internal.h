/* SPDX-License-Identifier: MIT */
/* The parts of session/impair.h: impair.c (life, time, what comes out),
 * impair_in.c (what goes in), impair_late.c (behind the bottleneck). */
#ifndef VC_SESSION_IMPAIR_INTERNAL_H
#define VC_SESSION_IMPAIR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"
#include "session/bottleneck.h"
#include "session/delayq.h"
#include "session/impair.h"
#include "session/impair_loss.h"

#define VC_IMPAIR_LATE_MAX 64 /* packets that wait to be overtaken */

struct vc_impair {
	struct vc_impair_conf conf;
	const struct vc_impair_plan *plan; /* or NULL */
	int64_t changes;		   /* by the plan, next */
	struct {
		struct vc_rand_line corrupt, bit, reorder, duplicate, jitter,
			jitter_copy;
	} dice;
	struct vc_impair_lossy lossy;
	int64_t begin;
	uint64_t n;	 /* packets so far that take part */
	uint64_t number; /* packets so far */
	struct vc_bottleneck neck;
	int64_t last_due; /* of those that keep order */
	struct vc_delayq q;
	struct vc_delayed late[VC_IMPAIR_LATE_MAX];
	size_t n_late;
	size_t octets; /* of the buffers held */
	void (*tell)(void *ctx, const struct vc_impair_act *act);
	void *tell_ctx;
	const struct vc_impair_acts *script;
	struct vc_impair_counts counts;
};

/* --- impair.c --- */

/* All that has happened until then, each at its time. */
void vc_impair_keep_up(struct vc_impair *im, int64_t now);
/* What has left the bottleneck by then goes on. */
void vc_impair_flow(struct vc_impair *im, int64_t now);

/* --- impair_late.c --- */

void vc_impair_tell_lost(struct vc_impair *im, uint64_t number,
			 enum vc_impair_fate fate);
/* It comes out at item->due, that is settled. */
void vc_impair_settle(struct vc_impair *im, const struct vc_delayed *item);
/* Flips a bit in a copy of it, if there is memory. */
void vc_impair_corrupt(struct vc_impair *im, struct vc_delayed *item,
		       uint64_t bit);
/* It has left the bottleneck: what luck has for it now. */
void vc_impair_go_on(struct vc_impair *im, struct vc_delayed *item);
/* CoDel dropped it: until now it counted as passed. */
void vc_impair_dropped(struct vc_impair *im, struct vc_delayed *item);
/* Who waited to be overtaken in vain. */
void vc_impair_give_up(struct vc_impair *im, int64_t now);

#endif
