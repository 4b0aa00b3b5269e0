/* SPDX-License-Identifier: MIT */
/*
 * The loop's timers, by (deadline, arming order), so that equal deadlines run
 * in a fixed order. heap[1] is the next one.
 */
#ifndef VC_NET_TIMERS_H
#define VC_NET_TIMERS_H

#include "net/loop.h"

struct vc_timers {
	struct vc_timer **heap;
	size_t n;
	size_t cap;
	uint64_t order;
};

void vc_timers_init(struct vc_timers *t);
void vc_timers_clear(struct vc_timers *t);

/* Adds by timer->deadline, anew if it is there. */
void vc_timers_add(struct vc_timers *t, struct vc_timer *timer);

/* Nothing happens when it is not there. */
void vc_timers_remove(struct vc_timers *t, struct vc_timer *timer);

/* Moves all deadlines. */
void vc_timers_shift(struct vc_timers *t, int64_t by);

#endif
