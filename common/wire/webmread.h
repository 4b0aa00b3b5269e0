/* SPDX-License-Identifier: MIT */
/*
 * Reads WebM and Matroska files (RFC 9559, RFC 8794) front to back, from as
 * many octets as are here: files as they grow, and pipes. Tracks come before
 * blocks, as in all files that can be streamed. Segments and clusters may have
 * unknown sizes; cues, tags and all else that is not needed is stepped over.
 * Sizes are believed only as far as their parent reaches, and memory is the
 * caller's. Pure.
 */
#ifndef VC_WIRE_WEBMREAD_H
#define VC_WIRE_WEBMREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* What has to be here as a whole, and no larger: a block, a track's entry. */
#define VC_WEBMREAD_MAX (8u << 20)

/* Frames of a block that is laced. */
#define VC_WEBMREAD_LACED 256

/* No block is later, ns: 36 years. */
#define VC_WEBMREAD_TIME_MAX (INT64_C(1) << 60)

enum vc_webmread_kind {
	VC_WEBMREAD_SKIP,  /* nothing of interest */
	VC_WEBMREAD_TRACK, /* a track is declared */
	VC_WEBMREAD_BLOCK,
	VC_WEBMREAD_BAD, /* malformed, and stepped over: count it */
};

/* Slices borrow from the file's octets. What is not said is 0 or empty. */
struct vc_webmread_track {
	uint64_t number; /* never 0 */
	uint64_t type;	 /* enum vc_webm_kind, or another */
	struct vc_str codec;
	struct vc_str name; /* foreign */
	const uint8_t *priv;
	size_t priv_len;
	bool is_encoded; /* compressed or encrypted: not for us */
	uint64_t codec_delay;
	uint64_t default_duration; /* ns */
	double rate_hz;
	uint64_t channels;
	uint64_t bits; /* of a sample of PCM */
	uint64_t width;
	uint64_t height;
};

struct vc_webmread_block {
	uint64_t track;
	int64_t time; /* ns since the file's beginning; never negative */
	bool is_key;
	int64_t duration; /* ns, or -1: not said */
	const uint8_t *data;
	unsigned int n; /* frames, one behind the other; at least 1 */
	uint32_t size[VC_WEBMREAD_LACED];
};

struct vc_webmread_item {
	enum vc_webmread_kind kind;
	size_t size; /* octets to step over; maybe more than are here */
	struct vc_webmread_track track;
	struct vc_webmread_block block;
};

/* For those who make items: it is of 'kind', and so large. Returns 1. */
static inline int vc_webmread_is(struct vc_webmread_item *out,
				 enum vc_webmread_kind kind, size_t size)
{
	out->kind = kind;
	out->size = size;
	return 1;
}

/* Zero it before the first call; the reader's own, but for 'has_cues'. */
struct vc_webmread {
	bool has_head;
	uint64_t pos;
	uint64_t scale; /* ns a tick; 0: not said yet */
	double duration_ticks;
	bool has_cues;
	bool has_segment;
	bool in_segment;
	uint64_t segment_end; /* or VC_EBML_UNKNOWN */
	uint32_t child; /* id of the element that is open in it; 0: none */
	uint64_t child_end;
	bool has_ticks;
	uint64_t ticks; /* of the cluster */
};

/*
 * The next item at 'buf'. 1: here it is. 0: more octets are needed, at least
 * out->size in all. -EBADMSG: it is no such file, or cannot be read from here
 * on; what came before is good.
 */
int vc_webmread_next(struct vc_webmread *r, const uint8_t *buf, size_t len,
		     struct vc_webmread_item *out);

/* What the file says it lasts, ns; 0: nothing was said so far. */
int64_t vc_webmread_duration(const struct vc_webmread *r);

/* May the file end here, or has it been cut? (Nothing may be left over.) */
bool vc_webmread_is_whole(const struct vc_webmread *r);

#endif
