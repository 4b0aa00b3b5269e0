/* SPDX-License-Identifier: MIT */
/* What the options say of all outputs. */
#ifndef VC_RECORD_CONF_H
#define VC_RECORD_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "fill.h"
#include "tool/tool.h"

struct format;
struct strip;

/* What has a file of its own. */
enum tracks_by {
	TRACKS_MIXED, /* everything */
	TRACKS_PARTICIPANT,
	TRACKS_SOURCE,
};

/* What it begins with. */
enum start_on {
	START_MEDIA, /* the first unit */
	START_NOW,   /* its own start: what is before media is a gap */
	START_KEYFRAME,
	START_VOICE,
	START_COMMAND,
};

/* Sources that no report puts in time. */
enum sync_policy {
	SYNC_GUESS, /* by arrival */
	SYNC_REQUIRE,
};

struct record_conf {
	const struct format *format; /* -f, or NULL: by suffix */
	bool overwrite;
	bool fragmented; /* MP4 is to stay so */
	bool no_sidecar;
	bool cues; /* chapters */
	enum tracks_by by;
	enum start_on start_on;
	enum sync_policy sync;
	enum gap_policy gap;
	int64_t pre_roll;
	int64_t segment_time; /* 0: none, as the next */
	uint64_t segment_octets;
	int64_t stop_silence; /* 0: not */
	struct vc_words stop_on;
	const char *compose; /* --compose; NULL: what comes is recorded */
	int mode;	     /* of files; -1: 0600 */
	unsigned int group;  /* -1: as it is */
	bool fsync;
	int64_t keep_time; /* 0: for ever, as the next */
	uint64_t keep_octets;
	uint64_t min_free;
	struct vc_words encrypt_key_file; /* places */
	const uint8_t *seal_key;	  /* of them; NULL: in clear */
	unsigned int strip_what;	  /* STRIP_* */
	struct strip *strip;		  /* the same at work, or NULL */
};

#endif
