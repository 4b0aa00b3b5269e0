/* SPDX-License-Identifier: MIT */
/*
 * --top: the sources on a whole terminal while they run, from the records of a
 * series and, for what is in sight, their totals. Nothing is measured here.
 */
#ifndef VC_PROBE_TOP_H
#define VC_PROBE_TOP_H

#include <stddef.h>
#include <stdint.h>

struct probe;
struct top;
struct vc_json;

/* Takes the terminal; without one that is wrong usage. 0, or an error that was
 * said. */
int top_open(struct top **out, struct probe *p);
/* Gives it back. NULL is fine. */
void top_close(struct top *t);

/* The loop begins. */
void top_start(struct top *t);

/* A record of a series, which it takes over. */
void top_interval(struct top *t, struct vc_json *line);

/* --- top_rows.c --- */

enum top_order {
	TOP_NAME,
	TOP_LOSS,
	TOP_JITTER,
	TOP_RATE,
	TOP_MOS,
};

/*
 * The rows of 'line' in that order, the worst of a figure first, who has none
 * last; '*n' of them, from malloc(). NULL: none, or no memory.
 */
const struct vc_json **top_sort(const struct vc_json *line,
				enum top_order order, size_t *n);

/* A row with "state" and "all", what its source has in all; free it. */
struct vc_json *top_complete(const struct probe *p, const struct vc_json *row);

#endif
