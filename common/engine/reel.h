/* SPDX-License-Identifier: MIT */
/*
 * Between a timeline and a container: one track a participant, kind of media
 * and codec, whoever sends it; slides are a kind of their own. When a source
 * has gone and another one of the same owner comes (a participant who is back,
 * a stream that starts afresh), it goes on in the track of the first, with a
 * key frame; on a pipe, where no track can come late, it could not be recorded
 * otherwise. Also knows what is in each track, for statistics.
 */
#ifndef VC_ENGINE_REEL_H
#define VC_ENGINE_REEL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/container.h"

struct vc_reel_track {
	uint64_t source; /* that uses it now, as in its info */
	uint64_t owner;
	enum vc_track_kind kind;
	bool is_slides;
	const char *codec;
	char name[VC_TRACK_NAME_CAP];
	uint64_t units;
	uint64_t octets;
	uint64_t dropped;  /* not after the one before, or before a key frame */
	uint64_t left_out; /* of 'units': by the container */
	int64_t first;	   /* time of its first unit; -1: none yet */
	int64_t end;	   /* where its last one ends */
	int64_t last;
	bool needs_key;
	bool is_open; /* text: its last cue goes on */
};

struct vc_reel {
	const struct vc_container_ops *ops; /* of the container behind it */
	void *container;
	/* Is the source still here? Then its track is its own. */
	bool (*is_here)(void *ctx, uint64_t source);
	void *ctx;
	unsigned int n;
	unsigned int cap;
	struct vc_reel_track *tracks;
};

/* Its 'ctx' is a struct vc_reel with the first four fields set. */
extern const struct vc_container_ops vc_reel_ops;

void vc_reel_clear(struct vc_reel *r);

/* A source turned out to be somebody else's. */
void vc_reel_set_owner(struct vc_reel *r, uint64_t source, uint64_t owner);

#endif
