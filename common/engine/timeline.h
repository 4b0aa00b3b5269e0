/* SPDX-License-Identifier: MIT */
/*
 * Access units of many sources onto one line of time, in order, into a
 * container. Time 0 is the first of all. Where a unit belongs is what
 * session/playout.h says: sender reports join the sources of one CNAME, stream
 * time joins participants.
 *
 * A track follows its RTP clock exactly, gaps and all. What the reports say
 * may differ from that by and by (drift, a report that came late): the track
 * then bends after it, sound by at most 0.1 %, pictures by 1 %, and at once
 * where a gap hides it. 500 ms and more is a break: it jumps; back, units are
 * dropped as late until it has caught up (engine/line.h). Behind a stall of its
 * sender it goes on where it arrives; until it is known that it is one (for
 * VC_STALL_SURE) its units wait.
 *
 * Units are held until every track has a later one, or for 'hold' at most: the
 * order is then right across tracks, the first reports have come, and a unit's
 * duration is known from the next. Memory is taken as queues grow, never for
 * each unit.
 */
#ifndef VC_ENGINE_TIMELINE_H
#define VC_ENGINE_TIMELINE_H

#include "engine/container.h"

#define VC_TIMELINE_HOLD INT64_C(1000000000)
#define VC_TIMELINE_OCTETS (64u << 20)

struct vc_clockfit_line;
struct vc_playout_source;
struct vc_timeline;
struct vc_timeline_track;

struct vc_timeline_conf {
	const struct vc_container_ops *ops;
	void *container;   /* borrowed */
	int64_t hold;	   /* 0: VC_TIMELINE_HOLD */
	size_t max_octets; /* held in all; 0: VC_TIMELINE_OCTETS. Over it the
			    * earliest units go out before their time */
};

/* A complete access unit: an Opus packet, a VP8 frame. Borrows. */
struct vc_timeline_unit {
	uint32_t ts;   /* RTP time */
	uint32_t n_ts; /* its duration in RTP units; 0: until the next one, of
			* text: not known */
	bool is_key;
	unsigned int width; /* of a key frame: the track's first one counts */
	unsigned int height;
	struct vc_orientation orientation;
	int64_t arrival; /* of its last packet */
	uint32_t lost;	 /* packets missing before it */
	const uint8_t *data;
	size_t len;
};

struct vc_timeline_counts {
	uint64_t units;	 /* that went into the container */
	uint64_t late;	 /* dropped: not after the one before it, or before 0 */
	uint64_t no_key; /* dropped: video before its first key frame */
	uint64_t refused; /* dropped: the container cannot have the track */
	uint64_t jumps;	  /* breaks of a track's time */
	int64_t end;	  /* ns from 0: where the last one ends */
};

/* NULL when out of memory. */
struct vc_timeline *vc_timeline_new(const struct vc_timeline_conf *conf);

/* Drops what is held. Not the container. */
void vc_timeline_free(struct vc_timeline *tl);

/*
 * A track for the source that 'play' belongs to; 'fit' is the straight line
 * through its reports as far as there is one (it may change), or NULL. Both
 * must stay until vc_timeline_end(). The container hears of the track with its
 * first unit. Video begins with a key frame.
 */
struct vc_timeline_track *vc_timeline_add(struct vc_timeline *tl,
					  const struct vc_playout_source *play,
					  const struct vc_clockfit_line *fit,
					  const struct vc_track_info *info);

/* What was learnt later: a (foreign) name, whose it is by RTCP and by the tool.
 * 0 or the container's error. */
int vc_timeline_rename(struct vc_timeline *tl, struct vc_timeline_track *t,
		       const char *name, const char *cname, uint64_t owner);

/* No more units; what is held goes out in its turn. 't' is gone. */
void vc_timeline_end(struct vc_timeline *tl, struct vc_timeline_track *t);

/*
 * A unit in order of decoding, after vc_playout_packet() of its packets. It
 * is copied. 0 or -ENOMEM; units that do not fit are dropped and counted.
 */
int vc_timeline_put(struct vc_timeline *tl, struct vc_timeline_track *t,
		    const struct vc_timeline_unit *u, int64_t now);

/* Hands over what is due at 'now'. 0 or the container's error. */
int vc_timeline_run(struct vc_timeline *tl, int64_t now);

/* When to run next even if nothing comes; INT64_MAX: nothing is held. */
int64_t vc_timeline_next(const struct vc_timeline *tl);

/* Hands over all that is held. 0 or the container's error. */
int vc_timeline_finish(struct vc_timeline *tl);

/* Did the container refuse it (vc_track_is_refused())? Else 0. */
int vc_timeline_refused(const struct vc_timeline_track *t);

/* Stream time of time 0; VC_TIME_NONE: nothing went out yet. */
int64_t vc_timeline_epoch(const struct vc_timeline *tl);

const struct vc_timeline_counts *vc_timeline_counts(
	const struct vc_timeline *tl);

#endif
