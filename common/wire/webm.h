/* SPDX-License-Identifier: MIT */
/*
 * The pieces of a WebM or Matroska file (RFC 9559, WebM container guidelines),
 * written into the caller's cursor. The order of a file is
 *
 *   head, segment, [seek head], info, tracks, [void], {cluster {block}},
 *   [cues], [chapters]
 *
 * On a pipe segment and clusters have unknown sizes, and what stands in
 * brackets is left out. In a file seek head, info and tracks are written over
 * at the end: the first two always have the same length.
 *
 * Times are ticks of one millisecond (players expect that scale); nanoseconds
 * are rounded to them in one place, vc_webm_ticks(). Pure; nothing in it
 * depends on the day: no dates, and track UIDs are track numbers.
 */
#ifndef VC_WIRE_WEBM_H
#define VC_WIRE_WEBM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtpext.h"

#define VC_WEBM_TICK INT64_C(1000000) /* ns */

/* Track numbers are 1..VC_WEBM_MAX_TRACKS. */
#define VC_WEBM_MAX_TRACKS 512

/* A block's time is at most so many ticks from its cluster's. */
#define VC_WEBM_BLOCK_MIN (-32768)
#define VC_WEBM_BLOCK_MAX 32767

/* Octets that are always the same, for reserving and writing over. */
#define VC_WEBM_SEEK_HEAD_LEN 92
#define VC_WEBM_SEGMENT_LEN 12	  /* the header of the segment */
#define VC_WEBM_CLUSTER_SIZE_AT 4 /* its size, from the cluster's start */

/* Room that holds a block's header, and a cluster's. */
#define VC_WEBM_BLOCK_CAP 64
#define VC_WEBM_CLUSTER_CAP 32

/* Room for one track's entry, name and private data apart. */
#define VC_WEBM_TRACK_CAP 200

enum vc_webm_kind {
	VC_WEBM_VIDEO = 1,
	VC_WEBM_AUDIO = 2,
	VC_WEBM_TEXT = 0x11, /* subtitles */
};

struct vc_webm_track {
	unsigned int number; /* from 1, each once */
	enum vc_webm_kind kind;
	const char *codec; /* "A_OPUS", "V_VP8" */
	const char *name;  /* UTF-8; NULL or "": none */
	bool is_default;   /* what a player plays unless told */
	uint8_t *priv;	   /* CodecPrivate; NULL: none */
	size_t priv_len;
	uint64_t codec_delay; /* ns; 0: none */
	uint64_t seek_preroll;
	uint32_t rate_hz; /* audio */
	unsigned int channels;
	unsigned int bits;  /* of a sample of PCM; 0: not said */
	unsigned int width; /* video */
	unsigned int height;
	struct vc_orientation orientation; /* how to turn it */
};

struct vc_webm_block {
	unsigned int track;
	int rel; /* ticks from the cluster's time */
	bool is_key;
	size_t len; /* octets that follow the header */
	/*
	 * -1, or its duration in ticks, said because nothing after it does.
	 * 'ref' is then how many ticks before it lies the one it refers to
	 * (not of a key frame).
	 */
	int64_t duration;
	int64_t ref;
};

struct vc_webm_cue {
	int64_t ticks;
	uint64_t cluster; /* its place, from the start of the segment's data */
	unsigned int track;
};

/* Nearest tick; halves go up. */
int64_t vc_webm_ticks(int64_t ns);

/* The EBML header; 'doctype' is "webm" or "matroska". */
void vc_webm_head(struct vc_wr *w, const char *doctype);

/* VC_EBML_UNKNOWN where the size is not known. */
void vc_webm_segment(struct vc_wr *w, uint64_t size);

/*
 * Where the others lie, from the start of the segment's data; of the last two
 * 0: not there (yet). Takes VC_WEBM_SEEK_HEAD_LEN octets.
 */
void vc_webm_seek_head(struct vc_wr *w, uint64_t info, uint64_t tracks,
		       uint64_t cues, uint64_t chapters);

/*
 * Duration in ticks; 0: unknown yet, room is kept; -1: never known. The first
 * two take equally many octets.
 */
void vc_webm_info(struct vc_wr *w, const char *app, int64_t duration);

void vc_webm_tracks(struct vc_wr *w, const struct vc_webm_track *tracks,
		    unsigned int n);

/* A cluster's header, size (eight octets, at VC_WEBM_CLUSTER_SIZE_AT), time. */
void vc_webm_cluster(struct vc_wr *w, int64_t ticks, uint64_t size);

/* A block's header: the caller writes b->len octets behind it. */
void vc_webm_block(struct vc_wr *w, const struct vc_webm_block *b);

/*
 * A subtitle's block, 'len' octets at 'p', in a group with its duration; takes
 * VC_WEBM_TEXT_CAP octets and those. 'room' not 0: in so much room, which is
 * filled up, for it to be written over.
 */
#define VC_WEBM_TEXT_CAP 64
void vc_webm_text(struct vc_wr *w, const struct vc_webm_block *b, const void *p,
		  size_t len, size_t room);

/* A part of the file, of a name that is foreign. */
struct vc_webm_chapter {
	int64_t start; /* ns */
	int64_t end;
	const char *title; /* UTF-8 */
};

/* Room that holds them. */
size_t vc_webm_chapters_cap(const struct vc_webm_chapter *chapters, size_t n);
void vc_webm_chapters(struct vc_wr *w, const struct vc_webm_chapter *chapters,
		      size_t n);

/* Room that holds 'n' cues. */
size_t vc_webm_cues_cap(size_t n);
void vc_webm_cues(struct vc_wr *w, const struct vc_webm_cue *cues, size_t n);

#endif
