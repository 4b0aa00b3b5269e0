/* SPDX-License-Identifier: MIT */
/*
 * Reads MP4 in fragments (ISO/IEC 14496-12) front to back, from as many octets
 * as are here: files as they grow, and pipes. Also files of this project that
 * were finished: their fragments lie in the one mdat, before the moov with the
 * tables, which is looked at for its duration only. Other MP4, whose samples
 * only tables say, is not read here. Sizes are believed only as far as their
 * parent reaches, and memory is the caller's. Pure.
 */
#ifndef VC_WIRE_MP4READ_H
#define VC_WIRE_MP4READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/str.h"

/* What has to be here as a whole, and no larger: a moov, a fragment. */
#define VC_MP4READ_MAX (32u << 20)
#define VC_MP4READ_TRACKS 64

/* No sample is later, ns: 36 years. */
#define VC_MP4READ_TIME_MAX (INT64_C(1) << 60)

enum vc_mp4read_kind {
	VC_MP4READ_SKIP,       /* nothing of interest */
	VC_MP4READ_TRACKS_ARE, /* the tracks: of the reader */
	VC_MP4READ_FRAGMENT,   /* samples: vc_mp4read_sample() */
	VC_MP4READ_BAD,	       /* malformed, and stepped over: count it */
};

/* Slices borrow from the file's octets, until the item is stepped over. */
struct vc_mp4read_track {
	uint32_t id; /* never 0 */
	uint32_t scale;
	uint32_t handler;      /* "vide", "soun" */
	uint32_t type;	       /* of its first sample entry: "avc1", "Opus" */
	struct vc_str name;    /* foreign */
	const uint8_t *config; /* in avcC or dOps */
	size_t config_len;
	unsigned int channels;
	unsigned int width, height;
	/* What samples have that say nothing themselves. */
	uint32_t duration, size, flags;
};

struct vc_mp4read_item {
	enum vc_mp4read_kind kind;
	bool is_bad;   /* its end is malformed; what came before it counts */
	uint64_t size; /* octets to step over; maybe more than are here */
	const uint8_t *p;
	size_t len;
	size_t moof_len; /* of those */
};

/* Zero it before the first call; the reader's own, but for the last four. */
struct vc_mp4read {
	bool has_head;
	bool is_inside; /* the mdat that fragments lie in */
	uint64_t pos;
	uint64_t inside_end;
	bool has_index;	  /* of key frames, or the tables */
	int64_t duration; /* what the file says it lasts, ns; 0: nothing */
	unsigned int n;
	struct vc_mp4read_track tracks[VC_MP4READ_TRACKS];
};

/*
 * The next item at 'buf'. 1: here it is. 0: more octets are needed, at least
 * out->size in all. -EBADMSG: it is no such file, or cannot be read from here
 * on; what came before is good. -ENOTSUP: only tables say what is in it.
 */
int vc_mp4read_next(struct vc_mp4read *r, const uint8_t *buf, size_t len,
		    struct vc_mp4read_item *out);

/* May the file end here, or has it been cut? (Nothing may be left over.) */
bool vc_mp4read_is_whole(const struct vc_mp4read *r);

struct vc_mp4read_sample {
	unsigned int track; /* index */
	int64_t time;	    /* ns from the file's beginning */
	int64_t duration;
	bool is_key;
	const uint8_t *p;
	size_t len;
};

/* Where one is in a fragment; its own. */
struct vc_mp4read_cursor {
	unsigned int track;
	struct vc_rd traf; /* what is left of it */
	struct vc_rd run;
	uint32_t n, flags; /* of the run: samples that are left */
	uint32_t first_flags;
	bool is_first;
	uint32_t duration, size, defaults;
	int64_t time; /* ticks */
	size_t at;    /* of the next sample's octets */
	bool is_here;
	struct vc_mp4read_sample next;
};

struct vc_mp4read_walk {
	const struct vc_mp4read *r;
	const struct vc_mp4read_item *item;
	size_t left; /* octets of media that no sample has had */
	bool is_bad; /* something in it was malformed */
	unsigned int n;
	struct vc_mp4read_cursor cursors[VC_MP4READ_TRACKS];
};

void vc_mp4read_begin(struct vc_mp4read_walk *w, const struct vc_mp4read *r,
		      const struct vc_mp4read_item *item);

/* The next sample of the fragment, in order of time. False: no more. */
bool vc_mp4read_sample(struct vc_mp4read_walk *w, struct vc_mp4read_sample *s);

#endif
