/* SPDX-License-Identifier: MIT */
/*
 * VP8 frames to RTP payloads and back (RFC 7741). Packing writes the 4-octet
 * descriptor with a 15-bit picture id, for one temporal layer. Assembly takes
 * what any sender writes, looks at descriptor and frame header before it
 * gives a frame to anybody, and needs the packets of one whole frame.
 */
#ifndef VC_SESSION_VP8PACK_H
#define VC_SESSION_VP8PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_jbuf;
struct vc_jbuf_frame;

#define VC_VP8_PACKET_MAX 1200 /* RTP packet, by default */
#define VC_VP8_FRAME_MAX (4u << 20)
#define VC_VP8_DESC_LEN 4

/* The fragments of one frame. Borrows the frame. */
struct vc_vp8pack {
	const uint8_t *p;
	size_t left;
	size_t n; /* fragments that are left */
	uint16_t picture_id;
	bool is_first;
	bool is_ref;
};

/*
 * Cuts a frame into the fewest fragments, of sizes that differ by at most one
 * octet, so that descriptor and fragment are at most 'max_payload' octets
 * (more than VC_VP8_DESC_LEN). 'is_ref': other frames may refer to it (N = 0).
 */
void vc_vp8pack_init(struct vc_vp8pack *pk, const uint8_t *frame, size_t len,
		     size_t max_payload, uint16_t picture_id, bool is_ref);

/*
 * Writes the next payload (max_payload octets of room); its length, 0 after
 * the last. '*marker' on the last one.
 */
size_t vc_vp8pack_next(struct vc_vp8pack *pk, uint8_t *out, bool *marker);

struct vc_vp8asm_conf {
	size_t max_octets;	 /* of a frame; 0: VC_VP8_FRAME_MAX */
	unsigned int max_width;	 /* 0: 4096 */
	unsigned int max_height; /* 0: 4096 */
};

/* A frame out. Borrows from the assembler until its next call. */
struct vc_vp8frame {
	const uint8_t *data;
	size_t len;
	bool is_key;
	unsigned int width; /* of the last key frame */
	unsigned int height;
	bool has_picture_id;
	uint16_t picture_id;
	bool skipped; /* picture ids say that frames before it were dropped */
};

struct vc_vp8asm_counts {
	uint64_t frames;
	uint64_t keys;
	uint64_t malformed; /* descriptor or header */
	uint64_t refused;   /* larger than the limits */
	uint64_t waiting;   /* whole, but no key frame came before */
};

struct vc_vp8asm;

/* NULL when out of memory. 'conf' NULL: the defaults. */
struct vc_vp8asm *vc_vp8asm_new(const struct vc_vp8asm_conf *conf);
void vc_vp8asm_free(struct vc_vp8asm *va);

/* A frame was lost: wait for a key frame (vc_vp8asm_needs_key()). */
void vc_vp8asm_lost(struct vc_vp8asm *va);

/* Before the first key frame and after a loss: ask the sender for one. */
bool vc_vp8asm_needs_key(const struct vc_vp8asm *va);

/*
 * Assembles the READY frame of 'jb'. 0 and '*out', or
 *   -ENODATA	no VP8 in it (padding only): nothing happened;
 *   -EAGAIN	an inter frame while a key frame is waited for;
 *   -EBADMSG	malformed, or its beginning is not there;
 *   -EFBIG	over a limit of octets or picture size;
 *   -ENOMEM.
 * After the last four a key frame is needed. Drops nothing from 'jb'.
 */
int vc_vp8asm_frame(struct vc_vp8asm *va, const struct vc_jbuf *jb,
		    const struct vc_jbuf_frame *f, struct vc_vp8frame *out);

/* The same from payloads in a row, for readers without a jitter buffer. */
void vc_vp8asm_begin(struct vc_vp8asm *va);
int vc_vp8asm_add(struct vc_vp8asm *va, const uint8_t *payload, size_t len);
int vc_vp8asm_end(struct vc_vp8asm *va, struct vc_vp8frame *out);

const struct vc_vp8asm_counts *vc_vp8asm_counts(const struct vc_vp8asm *va);

#endif
