/* SPDX-License-Identifier: MIT */
/*
 * What a bad network is like at which time: a list of rules, each for one
 * property and one window of time. Of rules for the same property the last
 * whose window is open holds; lists of losses and blackouts add up.
 */
#ifndef VC_SESSION_IMPAIRPLAN_H
#define VC_SESSION_IMPAIRPLAN_H

#include <stddef.h>
#include <stdint.h>

#include "session/impair.h"

#define VC_IMPAIR_RULES 64

enum vc_impair_key {
	VC_IMPAIR_KEY_LOSS,
	VC_IMPAIR_KEY_DROP,
	VC_IMPAIR_KEY_DELAY,
	VC_IMPAIR_KEY_JITTER,
	VC_IMPAIR_KEY_REORDER,
	VC_IMPAIR_KEY_DUPLICATE,
	VC_IMPAIR_KEY_CORRUPT,
	VC_IMPAIR_KEY_RATE,
	VC_IMPAIR_KEY_OVERHEAD,
	VC_IMPAIR_KEY_MTU,
	VC_IMPAIR_KEY_BLACKOUT,
	VC_IMPAIR_KEY_SKEW,
	VC_IMPAIR_KEY_ONLY,
	VC_IMPAIR_KEY_REBIND, /* at 'from'; the relay's, not the network's */
	VC_IMPAIR_KEYS,
};

struct vc_impair_rule {
	enum vc_impair_key key;
	int64_t from, to; /* since the beginning; INT64_MAX: for ever */
	struct vc_impair_conf value; /* what of it is of 'key' */
};

/* Start with zeros. */
struct vc_impair_plan {
	struct vc_impair_rule rules[VC_IMPAIR_RULES];
	size_t n;
};

/* Whether rules for it add up. */
bool vc_impair_adds_up(enum vc_impair_key key);

/* 0 or -E2BIG. */
int vc_impair_plan_add(struct vc_impair_plan *plan,
		       const struct vc_impair_rule *rule);

/* Forgets the rules for a property. */
void vc_impair_plan_forget(struct vc_impair_plan *plan, enum vc_impair_key key);

/*
 * What holds at 't' since the beginning, and in '*until' how long (INT64_MAX:
 * for ever). Of lists that do not fit what came first is there.
 */
void vc_impair_plan_at(const struct vc_impair_plan *plan, int64_t t,
		       struct vc_impair_conf *conf, int64_t *until);

#endif
