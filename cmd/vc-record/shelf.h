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

static inline bool lane_is_text(const struct lane *lane)
{
	return lane->info.kind == VC_TRACK_TEXT;
}

/* A unit of the lane, its time stream time, into its file. 0 or -errno. */
int shelf_put(struct output *o, struct lane *lane,
	      const struct vc_container_unit *u);

/* The file that this one's units go into now (output.h), or NULL. */
struct volume *shelf_find(const struct output *o, uint64_t key);

/* What there is to say of a source that has gone. */
void shelf_say_of(struct output *o, uint64_t source);

/* What follows goes into another file than 'v'. */
void shelf_go_on(struct output *o, struct volume *v, const char *why);

/* --- subtitles.c: lanes of text; other lanes are let be --- */

/* 0 or -ENOMEM. */
int subtitles_begin(struct lane *lane);
void subtitles_free(struct lane *lane);

/* What is typed, its time stream time, into the lane's file. 0 or -errno. */
int subtitles_put(struct lane *lane, const struct vc_container_unit *u);

/* Nothing more came until 'now'. An error becomes the output's, as below. */
void subtitles_tick(struct output *o, struct lane *lane, int64_t now);

/* The cue that is being written is over: of the lane, or of all in 'v' (NULL:
 * of all). */
void subtitles_end(struct output *o, struct lane *lane);
void subtitles_end_all(struct output *o, const struct volume *v);

#endif
