/* SPDX-License-Identifier: MIT */
/*
 * The gaps of one source: where its units do not follow each other, and why.
 * Stream time.
 */
#ifndef VC_RECORD_GAP_H
#define VC_RECORD_GAP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/container.h"

struct vc_json;

/* Zeros at first. */
struct gap {
	bool has_unit;
	int64_t end;  /* where the last unit ends */
	int64_t last; /* and begins */
	int64_t step; /* pictures: between the last two that followed */
	bool is_done; /* this unit has been looked at */
	bool is_back; /* who had left, at 'end' */
	/* DTX: a packet now and then, one gap in all */
	bool is_dtx;
	int64_t dtx_from;
	/* what the stream said last */
	bool is_told;
	int64_t told_from;
	int64_t told_to;
};

/* Media was left out: nothing is known of what was before. */
void gap_forget(struct gap *g);

/* Its track had somebody before, until 'end'. */
void gap_returned(struct gap *g, int64_t end);

/* A note: if it is a `gap` event of the stream, the gap that the next unit shows
 * is explained, and is no event of its own. */
void gap_take(struct gap *g, const struct vc_json *note);

/* The events that unit 'u' shows, one after the other, NULL behind the last.
 * The caller's to free. */
struct vc_json *gap_next(struct gap *g, bool is_video,
			 const struct vc_container_unit *u);

#endif
