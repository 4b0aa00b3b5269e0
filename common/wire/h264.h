/* SPDX-License-Identifier: MIT */
/*
 * H.264 in RTP (RFC 6184): single NAL units, STAP-A and FU-A, which is all of
 * packetization-modes 0 and 1. STAP-B, MTAP and FU-B belong to mode 2 and are
 * refused. And of H.264 itself: NAL units in Annex B, parameter sets and the
 * beginning of a slice.
 */
#ifndef VC_WIRE_H264_H
#define VC_WIRE_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/str.h"

#define VC_H264_SPS_MAX 32     /* ids */
#define VC_H264_PPS_MAX 256    /* ids */
#define VC_H264_SIDE_MAX 16384 /* of a picture */

enum vc_h264_type {
	VC_H264_SLICE = 1,
	VC_H264_PART_A = 2,
	VC_H264_IDR = 5,
	VC_H264_SEI = 6,
	VC_H264_SPS = 7,
	VC_H264_PPS = 8,
	VC_H264_AUD = 9,
	VC_H264_SUBSET_SPS = 15,
	VC_H264_LAST = 23, /* of those that H.264 itself may have */
	VC_H264_STAP_A = 24,
	VC_H264_FU_A = 28,
};

/* Of a NAL unit, or of the packet's first octet. */
static inline unsigned int vc_h264_type(uint8_t head)
{
	return head & 0x1f;
}

/* --- payloads --- */

struct vc_h264_payload {
	enum vc_h264_type kind; /* VC_H264_STAP_A, _FU_A; else a NAL unit */
	/* A NAL unit; STAP-A: units, each after a length of two octets; FU-A:
	 * the fragment. Borrows. */
	const uint8_t *p;
	size_t len;
	/* FU-A only. */
	uint8_t head; /* first octet of the unit that is in fragments */
	bool start;
	bool end;
};

/*
 * 0, or -EBADMSG: empty, a type that is refused (also in an aggregate or a
 * fragment), the forbidden bit, lengths that do not add up, start and end in
 * one.
 */
int vc_h264_payload_parse(struct vc_h264_payload *h, const uint8_t *p,
			  size_t len);

/* The next unit of a STAP-A, 'r' over what was parsed. False: no more. */
bool vc_h264_stap_next(struct vc_rd *r, const uint8_t **nal, size_t *len);

/*
 * Whether this payload begins a key frame: an IDR picture or a SPS before it.
 */
bool vc_h264_is_key_start(const uint8_t *payload, size_t len);

/* --- Annex B --- */

/*
 * The next NAL unit in 'r', without start code and zeros after it. False: no
 * more. What is before the first start code is passed over.
 */
bool vc_h264_annexb_next(struct vc_rd *r, const uint8_t **nal, size_t *len);

/* Whether there is a start code in a unit, which is then none. */
bool vc_h264_has_code(const uint8_t *nal, size_t len);

/* --- NAL units, head included --- */

struct vc_h264_sps {
	uint8_t profile_idc;
	uint8_t constraints;
	uint8_t level_idc;
	uint8_t id;	       /* 0..31 */
	uint8_t chroma_format; /* 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4 */
	uint8_t bit_depth;     /* of luma, 8..14 */
	uint8_t chroma_depth;
	bool is_interlaced; /* fields or MBAFF may come */
	bool is_in_order;   /* pictures are shown in the order they come */
	unsigned int width; /* as shown; even for 4:2:0 */
	unsigned int height;
	unsigned int coded_width; /* before cropping: what a decoder allocates */
	unsigned int coded_height;
};

/*
 * 0, or -EBADMSG: a value out of its range, more cropped than is there, a side
 * over VC_H264_SIDE_MAX, or it ends too early, with the VUI parameters.
 */
int vc_h264_sps_parse(struct vc_h264_sps *sps, const uint8_t *nal, size_t len);

struct vc_h264_pps {
	uint8_t id; /* 0..255 */
	uint8_t sps_id;
};

int vc_h264_pps_parse(struct vc_h264_pps *pps, const uint8_t *nal, size_t len);

/*
 * The next set in 'list', the value of sprop-parameter-sets in an SDP (RFC 6184
 * 8.1). Its length in 'out'; 0: no more; -EBADMSG: no SPS or PPS in base64, or
 * longer than 'cap'.
 */
int vc_h264_sprop_next(struct vc_str *list, uint8_t *out, size_t cap);

struct vc_h264_slice {
	bool is_first; /* of its picture: begins with macroblock 0 */
	uint8_t pps_id;
};

/* Types 1, 2 and 5. */
int vc_h264_slice_parse(struct vc_h264_slice *s, const uint8_t *nal,
			size_t len);

#endif
