/* SPDX-License-Identifier: MIT */
/*
 * VP9 in RTP: payload descriptor (RFC 9628), the uncompressed header of a frame
 * and the index of a superframe (VP9 bitstream specification 6.2, annex B).
 */
#ifndef VC_WIRE_VP9_H
#define VC_WIRE_VP9_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_VP9_LAYERS_MAX 8
#define VC_VP9_REFS_MAX 3
#define VC_VP9_SUPERFRAME_MAX 8

/* Scalability structure. */
struct vc_vp9_ss {
	uint8_t n_spatial; /* 1..8 */
	bool has_size;
	uint16_t width[VC_VP9_LAYERS_MAX];
	uint16_t height[VC_VP9_LAYERS_MAX];
	bool has_group;	      /* G */
	uint8_t n_pictures;   /* in a group */
	const uint8_t *group; /* their octets, checked; borrows */
	size_t group_len;
};

/* -1: that field is not there. 'payload' borrows. */
struct vc_vp9_desc {
	int picture_id; /* 7 or 15 bits */
	bool long_id;	/* it has 15 */
	bool inter;	/* P: predicted from earlier pictures */
	bool flexible;	/* F */
	bool start;	/* B: a frame (of a layer) begins here */
	bool end;	/* E */
	bool non_ref;	/* Z: no reference for upper spatial layers */
	int tid;	/* 0..7, with sid: L */
	bool switch_up; /* U */
	int sid;
	bool inter_layer;	       /* D: predicted from the layer below */
	int tl0picidx;		       /* with layers, unless flexible */
	uint8_t n_refs;		       /* flexible and inter */
	uint8_t refs[VC_VP9_REFS_MAX]; /* pictures back, 1..127 */
	bool has_ss;
	struct vc_vp9_ss ss;
	const uint8_t *payload; /* may be empty: ignore such a packet */
	size_t payload_len;
};

/*
 * 0, or -EBADMSG: shorter than it says, flexible without picture id, more than
 * three references or one to itself. Reserved bits are free.
 */
int vc_vp9_desc_parse(struct vc_vp9_desc *d, const uint8_t *p, size_t len);

/*
 * Writes it without payload. A picture id is written with 15 bits if long_id
 * or above 127; layers where tid is not -1.
 */
void vc_vp9_desc_write(struct vc_wr *w, const struct vc_vp9_desc *d);

/* The beginning of a frame. */
struct vc_vp9_frame {
	uint8_t profile;
	bool show_existing; /* nothing but a frame that is known is shown */
	bool key;
	bool show;
	bool intra_only;
	/* Where the header says it, which key frames do; else 0. */
	uint32_t width; /* 1..65536 */
	uint32_t height;
};

/* 0, or -EBADMSG: too short, or no VP9. Limits on size are the caller's. */
int vc_vp9_frame_parse(struct vc_vp9_frame *f, const uint8_t *p, size_t len);

/*
 * The header of the same frame that is not to be shown, to replace the first
 * 'head_len' octets of it: at most one octet longer. 'width' is the frame's, 0
 * where nobody knows if the header does not say it. Only of a frame that is
 * shown, of profile 0 and error-resilient: others may go by what was shown
 * before them. -EBADMSG: it cannot be done; -ENOSPC.
 */
int vc_vp9_frame_hide(struct vc_wr *w, size_t *head_len, const uint8_t *p,
		      size_t len, uint32_t width);
#define VC_VP9_HEADER_MAX 128

/*
 * The frames in a superframe: their sizes, and how many; 0: it is a single
 * frame. -EBADMSG: the index and the octets before it do not agree.
 */
int vc_vp9_superframe_parse(uint32_t sizes[VC_VP9_SUPERFRAME_MAX],
			    const uint8_t *p, size_t len);

/* The index, to follow the frames; n is 1 to VC_VP9_SUPERFRAME_MAX. */
void vc_vp9_superframe_write(struct vc_wr *w, const uint32_t *sizes, size_t n);
#define VC_VP9_INDEX_MAX (2 + 4 * VC_VP9_SUPERFRAME_MAX)

/* Whether this RTP payload begins a picture with a (well-formed) key frame. */
bool vc_vp9_is_key_start(const uint8_t *payload, size_t len);

#endif
