/* SPDX-License-Identifier: MIT */
/* Who talks when: `--talk 'p1=0s-5s,9s- p2=4s-'`. */
#ifndef VC_CAPTURE_TALK_H
#define VC_CAPTURE_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALK_MAX 64 /* times of one person */

/* Times from the stream's beginning. */
struct talk {
	bool is_planned; /* else: all the time */
	size_t n;
	struct {
		int64_t from, to; /* INT64_MAX: to the end */
	} at[TALK_MAX];
};

/*
 * Is every word of the plan a time of one of 'n' people, who are called
 * 'prefix'1 to n? 0, or -EINVAL and what is wrong in 'why'.
 */
int talk_check(const char *plan, const char *prefix, size_t n, char *why,
	       size_t cap);

/* The times of the one who is called 'name': none if he is not in the plan. */
int talk_parse(struct talk *t, const char *plan, const char *name);

bool talk_is_on(const struct talk *t, int64_t time);

#endif
