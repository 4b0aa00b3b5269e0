/* SPDX-License-Identifier: MIT */
/* What shelf.c (whose units go into which file) and turns.c share. */
#ifndef VC_RECORD_SHELF_H
#define VC_RECORD_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "output.h"

static inline bool lane_is_video(const struct lane *lane)
{
	return lane->info.kind == VC_TRACK_VIDEO;
}

/* A unit of the lane, its time stream time, into its file. 0 or -errno. */
int shelf_put(struct output *o, struct lane *lane,
	      const struct vc_container_unit *u);

/* What there is to say of a source that has gone. */
void shelf_say_of(struct output *o, uint64_t source);

/* What follows goes into another file than 'v'. */
void shelf_go_on(struct output *o, struct volume *v, const char *why);

#endif
