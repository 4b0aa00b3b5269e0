/* SPDX-License-Identifier: MIT */
/*
 * The pictures of a source by their time, a little back: several may be decoded
 * at once, when something that was waited for is here or given up.
 */
#ifndef VC_PLAY_PAST_H
#define VC_PLAY_PAST_H

#include <stddef.h>
#include <stdint.h>

#include "base/image.h"

#define PAST_MAX 32

struct past {
	struct {
		struct vc_image image;
		int64_t at; /* media time */
		uint64_t number;
	} shots[PAST_MAX]; /* by time, from 'first' on, around the end */
	size_t first, n;
	uint64_t added;
};

void past_clear(struct past *p);

/* A copy; the oldest one goes if there is no room. */
void past_add(struct past *p, int64_t at, const struct vc_image *image);

/*
 * What is seen at that time, and which it is, from 1 on; NULL: nothing yet. What
 * was before it is forgotten.
 */
const struct vc_image *past_at(struct past *p, int64_t at, uint64_t *number);

#endif
