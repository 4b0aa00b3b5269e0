/* SPDX-License-Identifier: MIT */
/*
 * The pieces of an MP4 file (ISO/IEC 14496-12, H.264 in it by 14496-15, Opus by
 * "Encapsulation of Opus in ISO Base Media File Format"), written into the
 * caller's cursor. A file that grows is
 *
 *   ftyp, moov without samples, {moof, mdat}, [mfra]
 *
 * and one that is whole for every player is ftyp, mdat, moov with all tables.
 * Times of a track are ticks of its own scale, those of the file ticks of
 * VC_MP4_SCALE. Pure; no dates are written, so equal input gives equal octets.
 */
#ifndef VC_WIRE_MP4_H
#define VC_WIRE_MP4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtpext.h"

#define VC_MP4_SCALE 48000	 /* of the file, and of Opus */
#define VC_MP4_VIDEO_SCALE 90000 /* as RTP has it */

/* Room that holds what is fixed: a head, a track but for name, entries and
 * tables, of a fragment, what it has of a track beside its samples. */
#define VC_MP4_HEAD_CAP 256
#define VC_MP4_TRACK_CAP 768
#define VC_MP4_TRAF_LEN 68
#define VC_MP4_SAMPLE_LEN 12
#define VC_MP4_MFRA_CAP 64 /* of a track, beside its points */
#define VC_MP4_POINT_LEN 20

/* Octets of a box's header; of one with a size of eight octets. */
#define VC_MP4_BOX_LEN 8
#define VC_MP4_BIG_LEN 16

/* Ticks of a track as those of the file. */
static inline uint64_t vc_mp4_rescale(uint64_t ticks, uint32_t scale)
{
	return ticks / scale * VC_MP4_SCALE +
	       (ticks % scale * VC_MP4_SCALE + scale / 2) / scale;
}

/* A type, as "moov". */
#define VC_MP4_TYPE(a, b, c, d)                                           \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | \
	 (uint32_t)(d))

/* Entries of a table as they stand in the file. */
struct vc_mp4_table {
	const uint8_t *p;
	size_t len;
	uint32_t n;
};

struct vc_mp4_track {
	uint32_t id; /* from 1 */
	bool is_video;
	bool is_off;	  /* not what a player plays unless told */
	const char *name; /* UTF-8; "": none */
	uint32_t scale;
	unsigned int width, height;
	struct vc_orientation orientation; /* how to turn it */
	struct vc_mp4_table entries; /* sample entries: what samples are */
	unsigned int skip; /* ticks of sound at the beginning not to be heard */
	/* Without samples all of the following is 0. */
	uint64_t first;	   /* when the first one is, in ticks */
	uint64_t duration; /* of all, in ticks */
	unsigned int roll; /* sound: samples before one that it needs */
	struct vc_mp4_table times, keys, chunks, sizes, places;
};

/* Sample entries. */
void vc_mp4_avc1(struct vc_wr *w, unsigned int width, unsigned int height,
		 const uint8_t *avcc, size_t len);
void vc_mp4_opus(struct vc_wr *w, unsigned int channels, uint16_t pre_skip);

void vc_mp4_ftyp(struct vc_wr *w);

/* A box that is passed over, of 'len' octets in all: 0, or at least 8. */
void vc_mp4_free(struct vc_wr *w, size_t len);

/* The header of an mdat whose size, header and all, may be large. */
void vc_mp4_big_mdat(struct vc_wr *w, uint64_t size);

/*
 * The tracks. With 'has_fragments' samples come later, and 'duration' (0: not
 * known) is of those, too.
 */
void vc_mp4_moov(struct vc_wr *w, const struct vc_mp4_track *tracks,
		 unsigned int n, uint64_t duration, bool has_fragments);

struct vc_mp4_sample {
	uint32_t duration; /* ticks */
	uint32_t size;
	bool is_key;
};

/* What a fragment has of a track. */
struct vc_mp4_run {
	uint32_t track;
	uint32_t entry; /* from 1 */
	uint64_t time;	/* of the first one, ticks */
	bool is_video;
	const struct vc_mp4_sample *samples;
	uint32_t n;	 /* 0: nothing, is left out */
	uint64_t octets; /* of all */
};

/*
 * A fragment's moof, and the header of the mdat, behind which the samples of
 * all runs are to come in their order. '*data' is where they begin, from the
 * start of the moof.
 */
void vc_mp4_moof(struct vc_wr *w, uint32_t serial,
		 const struct vc_mp4_run *runs, unsigned int n, size_t *data);

/* Where a fragment is that has a key sample: an entry of a table of points. */
void vc_mp4_point(struct vc_wr *w, uint64_t time, uint64_t moof,
		  unsigned int traf, unsigned int sample);

/* The index of a file of fragments, its last box; 'points' one a track. */
void vc_mp4_mfra(struct vc_wr *w, const struct vc_mp4_table *points,
		 unsigned int n);

#endif
