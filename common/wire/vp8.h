/* SPDX-License-Identifier: MIT */
/* VP8 in RTP: payload descriptor (RFC 7741) and frame header (RFC 6386). */
#ifndef VC_WIRE_VP8_H
#define VC_WIRE_VP8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_VP8_DESC_MAX 6

/* -1: that field is not there. 'payload' borrows. */
struct vc_vp8_desc {
	bool start;		/* S: a partition begins here */
	uint8_t part;		/* PID: partition index, 0..7 */
	bool non_ref;		/* N: nobody refers to this frame */
	int picture_id;		/* 7 or 15 bits */
	bool long_id;		/* it has 15 */
	int tl0picidx;		/* 0..255 */
	int tid;		/* 0..3 */
	bool layer_sync;	/* Y, with tid */
	int keyidx;		/* 0..31 */
	const uint8_t *payload; /* may be empty: ignore such a packet */
	size_t payload_len;
};

/* 0, or -EBADMSG: shorter than the descriptor says. Reserved bits are free. */
int vc_vp8_desc_parse(struct vc_vp8_desc *d, const uint8_t *p, size_t len);

/* Writes it without payload. A picture id is written with 15 bits if long_id
 * or above 127. */
void vc_vp8_desc_write(struct vc_wr *w, const struct vc_vp8_desc *d);

/* Whether a frame begins in this packet: S and partition 0. */
static inline bool vc_vp8_desc_is_first(const struct vc_vp8_desc *d)
{
	return d->start && d->part == 0 && d->payload_len > 0;
}

/* The uncompressed beginning of a frame. */
struct vc_vp8_frame {
	bool key;
	uint8_t version;
	bool show;
	uint32_t first_part_size;
	/* Key frames only, else 0. */
	uint16_t width; /* 1..16383 */
	uint16_t height;
	uint8_t scale_x; /* 0..3: 1, 5/4, 5/3, 2: a hint for display */
	uint8_t scale_y;
};

/*
 * 'len' octets of a frame's beginning; 'frame_len' is the length of the whole
 * one, 0 where that is not known yet. 0, or -EBADMSG: too short, no start code,
 * version above 3, a side of 0, first partition empty or longer than the frame.
 * Limits on size are the caller's.
 */
int vc_vp8_frame_parse(struct vc_vp8_frame *f, const uint8_t *p, size_t len,
		       size_t frame_len);

/* Whether this RTP payload begins a (well-formed) key frame. */
bool vc_vp8_is_key_start(const uint8_t *payload, size_t len);

#endif
