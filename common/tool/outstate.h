/* SPDX-License-Identifier: MIT */
/*
 * What an output says again each second: the newest text of each key, in the
 * order in which the keys came. A thousand people are a thousand keys, so they
 * are found by a hash. Part of tool/out.h.
 */
#ifndef VC_TOOL_OUTSTATE_H
#define VC_TOOL_OUTSTATE_H

#include <stdbool.h>

#define VC_OUTSTATE_BUCKETS 1024

struct vc_outstate {
	char *text; /* an event, as JSON */
	struct vc_outstate *prev, *next;
	struct vc_outstate *next_alike; /* of the same bucket */
	char key[];
};

/* All zeros: empty. */
struct vc_outstates {
	struct vc_outstate *first, *last;
	struct vc_outstate *buckets[VC_OUTSTATE_BUCKETS];
};

void vc_outstates_clear(struct vc_outstates *t);

/*
 * Takes 'text'. True: it is kept, and differs from what 'key' had in more than
 * its time. False: it is freed (also for want of memory).
 */
bool vc_outstates_put(struct vc_outstates *t, const char *key, char *text);

/* Is not said any longer, if it was. */
void vc_outstates_drop(struct vc_outstates *t, const char *key);

#endif
