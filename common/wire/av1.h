/* SPDX-License-Identifier: MIT */
/*
 * AV1 in RTP (the AV1 RTP specification 1.0): aggregation header and OBU
 * elements. And of AV1 itself: OBUs, sequence header and the beginning of a
 * frame header.
 */
#ifndef VC_WIRE_AV1_H
#define VC_WIRE_AV1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_AV1_LEB128_MAX 8 /* octets of one */
#define VC_AV1_HEAD_MAX (2 + VC_AV1_LEB128_MAX)

/* A number of at most 32 bits in at most 8 octets; else r->bad. */
uint32_t vc_av1_leb128_read(struct vc_rd *r);
void vc_av1_leb128_write(struct vc_wr *w, uint32_t v);
size_t vc_av1_leb128_len(uint32_t v);

/* --- payloads --- */

/* An RTP payload; vc_av1_elem_next() goes through it. Borrows. */
struct vc_av1_payload {
	bool continues;	     /* Z: begins with the rest of an element */
	bool is_cut;	     /* Y: its last element goes on in the next one */
	bool new_sequence;   /* N: a coded video sequence begins */
	unsigned int n_elem; /* W: 1 to 3; 0: all have their length */
	unsigned int at;     /* elements that were given out */
	struct vc_rd rd;
};

/*
 * 0, or -EBADMSG: no element, an empty one, lengths beyond the end, N with Z.
 */
int vc_av1_payload_parse(struct vc_av1_payload *a, const uint8_t *p,
			 size_t len);

/* Element by element: an OBU or a part of one. False: no more. */
bool vc_av1_elem_next(struct vc_av1_payload *a, const uint8_t **p, size_t *len);

/* Whether this payload begins a key frame: with a (sound) sequence header. */
bool vc_av1_is_key_start(const uint8_t *payload, size_t len);

/* --- OBUs --- */

enum vc_av1_type {
	VC_AV1_SEQUENCE = 1,
	VC_AV1_DELIMITER = 2,
	VC_AV1_FRAME_HEADER = 3,
	VC_AV1_TILE_GROUP = 4,
	VC_AV1_METADATA = 5,
	VC_AV1_FRAME = 6,
	VC_AV1_REDUNDANT_HEADER = 7,
	VC_AV1_TILE_LIST = 8,
	VC_AV1_PADDING = 15,
};

/* Whether it is left out of RTP. */
static inline bool vc_av1_is_dropped(uint8_t type)
{
	return type == VC_AV1_DELIMITER || type == VC_AV1_TILE_LIST ||
	       type == VC_AV1_PADDING;
}

struct vc_av1_obu {
	uint8_t type;
	bool has_ext;
	uint8_t ext; /* its octet */
	uint8_t tid; /* of it */
	uint8_t sid;
	const uint8_t *p; /* what follows the header; borrows */
	size_t len;
};

/*
 * One OBU in 'len' octets. Where it says its size, that is the rest of them. 0,
 * or -EBADMSG (also for the forbidden bit).
 */
int vc_av1_obu_parse(struct vc_av1_obu *o, const uint8_t *p, size_t len);

/* The next one of many that all say their size. False: no more, or r->bad. */
bool vc_av1_obu_next(struct vc_rd *r, struct vc_av1_obu *o);

/* Its header, with its size or without: VC_AV1_HEAD_MAX octets at most. */
void vc_av1_obu_head(struct vc_wr *w, const struct vc_av1_obu *o,
		     bool with_size);

struct vc_av1_sequence {
	uint8_t profile; /* 0..2 */
	bool is_still;
	bool is_reduced; /* reduced_still_picture_header */
	uint8_t level;	 /* of the first operating point */
	uint8_t tier;
	uint32_t width; /* at most; 1..65536 */
	uint32_t height;
};

/* A sequence header's payload. 0, or -EBADMSG. */
int vc_av1_sequence_parse(struct vc_av1_sequence *s, const uint8_t *p,
			  size_t len);

struct vc_av1_colors {
	bool is_high; /* more than 8 bits */
	bool is_twelve_bit;
	bool is_grey;
	bool half_x; /* chroma is subsampled */
	bool half_y;
	uint8_t position; /* chroma_sample_position */
};

/* The same, as far as the colours. 0, or -EBADMSG. */
int vc_av1_colors_parse(struct vc_av1_sequence *s, struct vc_av1_colors *c,
			const uint8_t *p, size_t len);

/*
 * The configuration record of a temporal unit ("av1C", Matroska's
 * CodecPrivate), with its sequence header. 0, -EBADMSG: it has none that is
 * sound, -ENOBUFS.
 */
int vc_av1c_write(struct vc_wr *w, const uint8_t *p, size_t len);

struct vc_av1_frame {
	bool show_existing;
	bool key; /* and shown at once */
};

/* The beginning of a frame (header) OBU's payload. 0, or -EBADMSG. */
int vc_av1_frame_parse(struct vc_av1_frame *f, const struct vc_av1_sequence *s,
		       const uint8_t *p, size_t len);

#endif
