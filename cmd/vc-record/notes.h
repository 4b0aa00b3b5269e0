/* SPDX-License-Identifier: MIT */
/*
 * What happened, for the sidecars: some of the stream's events, and what is
 * seen here. 'source' is a source's mark.
 */
#ifndef VC_RECORD_NOTES_H
#define VC_RECORD_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "clocks.h"
#include "media/talkers.h"
#include "recorder.h"
#include "session/roster.h"

struct vc_rtp;

/* A source's levels (RFC 6464), undecoded. Zeros at first. */
struct hearing {
	struct vc_talk talk;
	bool has_level;
	int64_t heard;
};

/* To all outputs. Borrows 'note'. */
void notes_put(struct recorder *rec, int64_t at, uint64_t source,
	       const struct vc_json *note);

/* An event of the stream. */
void notes_event(struct recorder *rec, const struct vc_json *event);

/* With --compose: he is in the mix from now on; who talks there. */
void notes_join(struct recorder *rec, const struct vc_source *src);
void notes_speaker(struct recorder *rec, const char *id, bool on, int level_db,
		   int64_t at);

void notes_leave(struct recorder *rec, const struct vc_source *src,
		 uint64_t source, enum vc_leave why);

/* --sync-policy=require: no report came, nothing of it is recorded. Said. */
void notes_left_out(struct recorder *rec, const struct vc_source *src,
		    enum vc_codec codec);

/* How its clock ran, as far as that is known. */
void notes_clock(struct recorder *rec, const struct clocks *c,
		 const struct vc_source *src, uint64_t source);

/* What is known of whose it is has changed. */
void notes_rename(struct recorder *rec, const struct vc_source *src,
		  uint64_t source, const char *name);

/* A packet of sound. */
void notes_packet(struct recorder *rec, struct hearing *h,
		  const struct vc_source *src, uint64_t source,
		  const struct vc_rtp *rtp, int64_t arrival);

/* None came until then. */
void notes_silence(struct recorder *rec, struct hearing *h,
		   const struct vc_source *src, uint64_t source, int64_t until);

/* Now and then, for those of whom none comes. */
void notes_tick(struct recorder *rec, struct hearing *h,
		const struct vc_source *src, uint64_t source, int64_t now);

#endif
