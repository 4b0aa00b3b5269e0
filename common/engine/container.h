/* SPDX-License-Identifier: MIT */
/*
 * What a timeline writes to: a table of functions that a container format
 * fills in, so that the next format is one file more. All return 0 or a
 * negative errno, which ends the recording.
 */
#ifndef VC_ENGINE_CONTAINER_H
#define VC_ENGINE_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtpext.h"

#define VC_TRACK_NAME_CAP 256

struct vc_webm_chapter;

enum vc_track_kind {
	VC_TRACK_AUDIO,
	VC_TRACK_VIDEO,
	VC_TRACK_TEXT, /* subtitles: a unit is the plain text of a cue */
};

/* "audio", "video", "text". */
const char *vc_track_kind_name(enum vc_track_kind kind);

/* A track as a container declares it. */
struct vc_track_info {
	enum vc_track_kind kind;
	const char *codec; /* as rtpmap names it: "opus", "VP8"; static */
	char name[VC_TRACK_NAME_CAP]; /* by vc_track_set_name(); "": none */
	uint32_t rate_hz;	      /* of RTP time */
	unsigned int channels;	      /* audio */
	int64_t delay; /* audio: decoder output before the first sample, ns */
	unsigned int width; /* video: of the first key frame */
	unsigned int height;
	struct vc_orientation orientation; /* likewise: how to turn it */
	bool by_report; /* its times are what sender reports say, not arrival */
	/* Whose it is, as RTCP says: foreign, unescaped; "": not known. */
	uint32_t ssrc;
	char cname[VC_TRACK_NAME_CAP];
	bool is_slides; /* video: a track of its own, beside the camera's */
	/* Its first unit, while it is declared; borrowed. */
	const uint8_t *first;
	size_t first_len;
	/*
	 * Marks of the tool, which nothing here looks at: which source it is,
	 * and whose (engine/reel.h).
	 */
	uint64_t source;
	uint64_t owner;
};

/* Does adding a track that ends like this leave it out, and no more? */
bool vc_track_is_refused(int err);

/* A foreign name, escaped (so it is UTF-8) and cut at a whole character. */
void vc_track_set_name(char dst[static VC_TRACK_NAME_CAP], const char *name);

/* What the first key frame says. */
void vc_track_set_picture(struct vc_track_info *info, unsigned int width,
			  unsigned int height, const struct vc_orientation *o);

/* One access unit on its way into a container. */
struct vc_container_unit {
	unsigned int track;
	int64_t time; /* ns from the recording's beginning */
	int64_t duration;
	bool is_key;
	bool is_last;  /* no successor is known: say the duration */
	bool is_jump;  /* the track's time broke before it */
	bool is_stall; /* its sender stood still before it */
	/*
	 * Text: it goes on, and comes again as a whole, of the same time, until
	 * it comes with this false; without octets then: it was taken back.
	 */
	bool is_open;
	uint32_t lost; /* packets missing between it and the one before */
	uint32_t ts;   /* RTP time, where it came as that */
	const uint8_t *data;
	size_t len;
};

struct vc_container_ops {
	const char *name;
	/*
	 * Declares a track; '*track' is its index. -ENOTSUP for a codec it
	 * does not hold, -ENOSPC where it is too late for another track,
	 * -EMLINK where it holds no more than it has by its nature: none of
	 * them ends the recording, that source is left out.
	 */
	int (*add)(void *c, const struct vc_track_info *info,
		   unsigned int *track);
	/* May be NULL: names are final when a track is added. Escaped. */
	int (*rename)(void *c, unsigned int track, const char *name);
	/*
	 * Times never decrease within a track; across tracks they are in order
	 * but for units that came later than the timeline holds. 1: the
	 * format has no place for it, and it was left out.
	 */
	int (*write)(void *c, const struct vc_container_unit *u);
	/*
	 * May be NULL. Where one file goes on in another: units of the other
	 * one, without which a decoder loses some sound at the border. 'lead':
	 * those before its beginning (times may be negative), before the first
	 * write. 'trail': the one that follows its last. 1: it is in the file.
	 */
	int (*lead)(void *c, const struct vc_container_unit *u);
	int (*trail)(void *c, const struct vc_container_unit *u);
	/* May be NULL: no more units of the track come. */
	void (*end)(void *c, unsigned int track);
	/* Hands over what was gathered (a pipe's reader waits for it). */
	int (*flush)(void *c);
	/*
	 * May be NULL: it has none. What 'finish' is to write; borrowed until
	 * then. -ESPIPE where it cannot.
	 */
	int (*chapters)(void *c, const struct vc_webm_chapter *list, size_t n);
	/*
	 * Writes the end; the file is then the caller's to finish. -ENODATA
	 * when nothing was ever written: the file is better abandoned.
	 */
	int (*finish)(void *c);
	void (*free)(void *c); /* NULL is fine */
};

#endif
