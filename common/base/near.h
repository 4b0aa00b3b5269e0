/* SPDX-License-Identifier: MIT */
/* What was meant by a word that nobody knows: "did you mean". */
#ifndef VC_BASE_NEAR_H
#define VC_BASE_NEAR_H

#include <stdbool.h>

/*
 * How many letters to change, add, drop or swap between neighbours to make
 * 'a' of 'b'; 99 when either is longer than 63.
 */
unsigned int vc_near_distance(const char *a, const char *b);
/* Near enough to ask. */
bool vc_near_is(const char *word, const char *known);

/*
 * Looks for the nearest to 'word' of all that are tried: begin with that one
 * member set.
 */
struct vc_near {
	const char *word;
	const char *best; /* NULL: none is near enough; borrowed */
	unsigned int distance;
};

void vc_near_try(struct vc_near *n, const char *known);

#endif
