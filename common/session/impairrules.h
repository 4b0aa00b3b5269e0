/* SPDX-License-Identifier: MIT */
/*
 * Words for a bad network, as in
 *
 *	loss=2% delay=80ms jitter=20ms:uniform blackout=2s from=10s
 *
 * read into a plan. A rule is KEY=VALUE[:MODIFIER...]; from=T and to=T stand
 * behind the rule whose window they are. vc-impair(1) is the reference.
 */
#ifndef VC_SESSION_IMPAIRRULES_H
#define VC_SESSION_IMPAIRRULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/impairplan.h"

#define VC_IMPAIR_WHY 256 /* room for a reason */

/* Whether the text up to the first blank is such a word: KEY=... of ours. */
bool vc_impair_is_rule(const char *text);

/* The key that was meant by an unknown one (up to a '='), or NULL. */
const char *vc_impair_near(const char *word);

/* Are the words of such a text spoken at the beginning, or by a command? */
struct vc_impair_words {
	int64_t now;   /* since the beginning: what times count from */
	bool replaces; /* what was said of the same keys before goes */
	/* The trace of a file, or NULL with a reason for people. May be NULL:
	 * there are no files. */
	const struct vc_impair_trace *(*load)(void *ctx, const char *path,
					      bool are_opportunities,
					      const char **wrong);
	void *ctx;
};

/*
 * Adds the rules of a text to a plan. 0, or -EINVAL with a reason for people
 * (foreign text in it is escaped) in 'why' and the plan as it was.
 */
int vc_impair_rules(struct vc_impair_plan *plan, const char *text,
		    const struct vc_impair_words *how,
		    char why[static VC_IMPAIR_WHY]);

#endif
