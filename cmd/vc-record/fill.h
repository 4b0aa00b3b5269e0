/* SPDX-License-Identifier: MIT */
/*
 * --gap: what a file has where nothing came. Its track's times are the file's.
 */
#ifndef VC_RECORD_FILL_H
#define VC_RECORD_FILL_H

#include <stdbool.h>
#include <stdint.h>

struct vc_container_unit;
struct volume;

enum gap_policy {
	GAP_MARK,    /* nothing: times go on */
	GAP_SILENCE, /* silence, of sound */
	GAP_HOLD,    /* the same, and pictures stay */
	GAP_CUT,     /* no time either */
};

extern const char *const gap_names[]; /* ended by NULL */

/* Where all of a file had nothing and its time was left out. Zeros at first. */
struct cuts {
	int64_t total; /* ns */
	int64_t from;  /* the newest, stream time */
	int64_t to;
};

/*
 * The time in a file of what was at 'at'; both count from the file's beginning.
 * What lies in a cut is where that is; older cuts than the newest are forgotten.
 */
int64_t cuts_map(const struct cuts *c, int64_t at);

/*
 * Nothing was in any track from 'from' to 'to': true, that time is left out from
 * now on. Less than a second never is.
 */
bool cuts_add(struct cuts *c, int64_t from, int64_t to);

/*
 * Before a unit of 'track' at 'time' (of the file): silence up to it, and up to
 * a while before it in the other tracks. 0 or the container's error.
 */
int fill_before(struct volume *v, unsigned int track, int64_t time);

/* All tracks of sound last until the file ends. */
int fill_end(struct volume *v);

#endif
