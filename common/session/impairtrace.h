/* SPDX-License-Identifier: MIT */
/*
 * Traces of real networks, one number a line: delays in milliseconds (packet n
 * has the one of line n), or a link's opportunities as Mahimahi has them (the
 * milliseconds at which 1,504 octets may leave, never decreasing). At the end
 * they begin anew, opportunities after the last one's time.
 */
#ifndef VC_SESSION_IMPAIRTRACE_H
#define VC_SESSION_IMPAIRTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_IMPAIR_TRACE_MAX 1000000 /* lines */
#define VC_IMPAIR_OPPORTUNITY 1504  /* octets */

struct vc_impair_trace {
	int64_t *v; /* ns */
	size_t n;   /* at least 1 */
};

/*
 * Reads a text. 0; -EBADMSG with the number of the wrong line, -EFBIG or
 * -ENOMEM. Free 'v'.
 */
int vc_impair_trace_read(struct vc_impair_trace *trace, const char *text,
			 size_t len, bool are_opportunities, size_t *line);

/* When opportunity k (from 0 on, for ever) is, since the beginning. */
int64_t vc_impair_trace_at(const struct vc_impair_trace *trace, uint64_t k);
/* The first one at or after 't', not before 'k'. */
uint64_t vc_impair_trace_from(const struct vc_impair_trace *trace, uint64_t k,
			      int64_t t);

#endif
