/* SPDX-License-Identifier: MIT */
/*
 * RTP payloads to frames of video, of the formats of session/framepack.h. Takes
 * what any sender writes, looks at the payload's and the frame's header before
 * it gives a frame to anybody, and needs the packets of one whole frame.
 *
 * A frame comes out as decoders take it: of VP9 a picture with all its layers
 * (a superframe where there are several), of H.264 an access unit in Annex B
 * with start codes of four octets, where a key frame has its parameter sets in
 * front also if they came earlier, of AV1 a temporal unit of OBUs that all say
 * their size, without temporal delimiter.
 *
 * After a loss a key frame is due, but where picture ids tell that no frame is
 * missing, or, of VP8 and VP9 with temporal layers, TL0PICIDX that none of the
 * base is. Then only frames of upper layers are left out, up to where one may
 * go up again.
 */
#ifndef VC_SESSION_FRAMEASM_H
#define VC_SESSION_FRAMEASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/codec.h"

struct vc_jbuf;
struct vc_jbuf_frame;

#define VC_VIDEO_FRAME_MAX (4u << 20)

struct vc_frameasm_conf {
	size_t max_octets;	 /* of a frame; 0: VC_VIDEO_FRAME_MAX */
	unsigned int max_width;	 /* 0: 4096 */
	unsigned int max_height; /* 0: 4096 */
	/*
	 * H.264: pictures count also when their parameter sets did not come
	 * in band (they may be in an SDP); of these no size is known. For
	 * those who decode nothing.
	 */
	bool may_lack_sets;
};

/* A frame out. Borrows from the assembler until its next call. */
struct vc_video_frame {
	const uint8_t *data;
	size_t len;
	bool is_key;
	unsigned int width; /* as it or a frame before it said */
	unsigned int height;
	bool has_picture_id; /* VP8, VP9 */
	uint16_t picture_id;
	bool skipped; /* picture ids say that frames before it were dropped */
};

struct vc_frameasm_counts {
	uint64_t frames;
	uint64_t keys;
	uint64_t malformed; /* payload or frame header */
	uint64_t refused;   /* larger than the limits */
	uint64_t waiting;   /* whole, but no key frame came before */
	uint64_t left_out;  /* of upper layers, for lack of another */
};

struct vc_frameasm;

/* Whether frames of 'codec' can be put together here. */
bool vc_frameasm_can(enum vc_codec codec);

/* NULL: out of memory, or it cannot. 'conf' NULL: the defaults. */
struct vc_frameasm *vc_frameasm_new(enum vc_codec codec,
				    const struct vc_frameasm_conf *conf);
void vc_frameasm_free(struct vc_frameasm *fa);

/*
 * What the description says of the format: H.264's parameter sets need not come
 * in band. Those that are malformed are left out.
 */
void vc_frameasm_set_fmtp(struct vc_frameasm *fa, struct vc_str fmtp);

/* Anything was lost: wait for a key frame (vc_frameasm_needs_key()). */
void vc_frameasm_lost(struct vc_frameasm *fa);

/* Packets before the next frame are missing: that frame tells what of. */
void vc_frameasm_gap(struct vc_frameasm *fa);

/*
 * A frame was lost, or is given up as it is not whole. Where there are temporal
 * layers the next one tells whether that matters.
 */
void vc_frameasm_broken(struct vc_frameasm *fa);

/* Before the first key frame and after a loss: ask the sender for one. */
bool vc_frameasm_needs_key(const struct vc_frameasm *fa);

/*
 * Assembles the READY frame of 'jb'. 0 and '*out', or
 *   -ENODATA	nothing of a picture in it (padding only), or a frame of an
 *		upper layer that needs what was lost: all goes on without it;
 *   -EAGAIN	an inter frame while a key frame is waited for;
 *   -ESTALE	a frame that may need what was lost in a gap before it;
 *   -EBADMSG	malformed, or its beginning is not there;
 *   -EFBIG	over a limit of octets or picture size;
 *   -ENOMEM.
 * After the last five a key frame is needed, but after -EBADMSG behind a gap,
 * as vc_frameasm_broken() says. Drops nothing from 'jb'.
 */
int vc_frameasm_frame(struct vc_frameasm *fa, const struct vc_jbuf *jb,
		      const struct vc_jbuf_frame *f,
		      struct vc_video_frame *out);

/* The same from payloads in a row, for readers without a jitter buffer. */
void vc_frameasm_begin(struct vc_frameasm *fa);
int vc_frameasm_add(struct vc_frameasm *fa, const uint8_t *payload, size_t len);
int vc_frameasm_end(struct vc_frameasm *fa, struct vc_video_frame *out);

const struct vc_frameasm_counts *vc_frameasm_counts(
	const struct vc_frameasm *fa);

#endif
