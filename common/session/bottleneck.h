/* SPDX-License-Identifier: MIT */
/*
 * The link that all packets go through one after the other, and the queue
 * before it: at a rate, or at the opportunities of a trace; the queue may drop
 * at its head as CoDel does. What is lost later takes its time here too, as an
 * item without a packet. Used by session/impair.c only.
 */
#ifndef VC_SESSION_BOTTLENECK_H
#define VC_SESSION_BOTTLENECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/codel.h"
#include "session/delayq.h"
#include "session/impairtrace.h"

/* Start with zeros and 'begin'. */
struct vc_bottleneck {
	int64_t begin;			     /* of the trace */
	uint64_t rate_bps;		     /* 0: none, all leave at once */
	const struct vc_impair_trace *trace; /* or NULL; before the rate */
	bool with_codel;
	struct vc_codel codel;

	bool is_busy;
	struct vc_delayed serving; /* on the link until free_at */
	int64_t free_at;
	uint64_t frac; /* of a ns, in rate_bps-ths */
	uint64_t k;    /* the trace's next opportunity */
	size_t credit; /* octets left of the one before */

	struct vc_delayed *ring;
	size_t cap, first, n;
	uint64_t octets; /* that wait */
	size_t n_held;	 /* items with a packet */
};

void vc_bottleneck_clear(struct vc_bottleneck *b);

/* Is there one, or is anything in it still? */
bool vc_bottleneck_is_there(const struct vc_bottleneck *b);

/*
 * Another one from 'now' on; what has left by then was taken out before. What
 * is on the link leaves at the new rate.
 */
void vc_bottleneck_set(struct vc_bottleneck *b, uint64_t rate_bps,
		       const struct vc_impair_trace *trace, bool with_codel,
		       int64_t now);

/* How long a packet that comes now would wait, if none is dropped. */
int64_t vc_bottleneck_wait(const struct vc_bottleneck *b, int64_t now);

/* False: no memory for one more. */
bool vc_bottleneck_room(struct vc_bottleneck *b);
/* There is room. 'item' has 'entered', 'size', and a packet or none. */
void vc_bottleneck_push(struct vc_bottleneck *b, const struct vc_delayed *item);

/*
 * The next that has left by 'now', with 'leaves', or that CoDel dropped then.
 * False: there is none.
 */
bool vc_bottleneck_pop(struct vc_bottleneck *b, int64_t now,
		       struct vc_delayed *item, bool *is_dropped);

/* When that will be, at the earliest; INT64_MAX: it is empty. */
int64_t vc_bottleneck_next(const struct vc_bottleneck *b);

#endif
