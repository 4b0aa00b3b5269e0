/* SPDX-License-Identifier: MIT */
/* What session/frameasm.c and its payload formats share. */
#ifndef VC_SESSION_FRAMEASM_INTERNAL_H
#define VC_SESSION_FRAMEASM_INTERNAL_H

#include "session/frameasm.h"
#include "session/svc.h"

/* Octets of one frame, which grow as frames do and are kept. */
struct vc_framebuf {
	uint8_t *p;
	size_t len;
	size_t cap;
};

/* What a format knows of a frame that is whole. */
struct vc_frameasm_found {
	bool is_key;
	unsigned int width; /* what it says or goes by; 0: it does not say */
	unsigned int height;
};

struct vc_frameasm_ops {
	/* State of its own; NULL where it has none. NULL result: no memory. */
	void *(*open)(void);
	void (*close)(void *state);
	/* May be NULL: what the description says. */
	void (*fmtp)(void *state, struct vc_str text);
	void (*begin)(struct vc_frameasm *fa); /* may be NULL */
	/* A payload, not empty. 0 or an error of vc_frameasm_frame(). */
	int (*add)(struct vc_frameasm *fa, const uint8_t *p, size_t len);
	/*
	 * All payloads are there: what it is, with 'frame' as it is to go out.
	 * -EAGAIN: what it needs never came.
	 */
	int (*end)(struct vc_frameasm *fa, struct vc_frameasm_found *found);
};

struct vc_frameasm {
	const struct vc_frameasm_ops *ops;
	struct vc_frameasm_conf conf;
	void *state;		  /* of 'ops' */
	struct vc_framebuf frame; /* nothing in it: nothing came yet */
	int err;		  /* of the frame that is being put together */
	bool needs_key;
	unsigned int width;
	unsigned int height;
	int picture_id; /* of this frame, -1: none */
	int id_mask;
	int last_id;		   /* of the frame before it, -1: not known */
	struct vc_svc_layer layer; /* of this frame */
	bool has_gap;		   /* packets before it are missing */
	int last_base;		   /* last TL0PICIDX, -1: not known */
	uint8_t whole;		   /* temporal layers, see vc_svc_follow() */
	struct vc_frameasm_counts counts;
};

extern const struct vc_frameasm_ops vc_frameasm_vp8;
extern const struct vc_frameasm_ops vc_frameasm_vp9;
extern const struct vc_frameasm_ops vc_frameasm_h264;
extern const struct vc_frameasm_ops vc_frameasm_av1;

/* Room for 'n' more octets of a frame. 0, -EFBIG, -ENOMEM. */
int vc_framebuf_reserve(struct vc_framebuf *b, size_t n, size_t max);

/* Appends. The same errors. */
int vc_framebuf_add(struct vc_framebuf *b, const uint8_t *p, size_t n,
		    size_t max);

#endif
