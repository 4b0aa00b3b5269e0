/* SPDX-License-Identifier: MIT */
/*
 * Layers: sources of one participant that show the same in several sizes
 * (simulcast, RFC 8853), of which a reader takes one. They are told from his
 * other sources by their RID (RFC 8852), and from layers of something else by
 * the section of the description. How large each is, its key frames say.
 */
#ifndef VC_SESSION_LAYERS_H
#define VC_SESSION_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "wire/codec.h"
#include "wire/rtp.h"

#define VC_LAYERS_MAX 16

/* One that is this far behind the newest packet of all is not sent any more. */
#define VC_LAYER_SILENCE VC_SEC

struct vc_source;

/* Starts with zeros, 'src' and 'owner'. */
struct vc_layer {
	const struct vc_source *src;
	void *owner;
	unsigned int width; /* of its newest key frame; 0: none came yet */
	unsigned int height;
	bool is_heard;
	int64_t heard; /* arrival of its newest packet */
	bool is_over;  /* the owner's: it said BYE */
	/* after vc_layers_group() */
	bool is_grouped;
	bool is_extra; /* one too many: not to be taken */
	struct vc_layer *next;
	struct vc_layer *last;
};

/* A packet of the source, at 'arrival'. */
void vc_layer_packet(struct vc_layer *l, enum vc_codec codec,
		     const struct vc_rtp *rtp, int64_t arrival);

/*
 * Who goes with whom, of any number of sources at little cost: first each is
 * cleared, then each is linked, then each is asked for its group, always in one
 * order. The 'user' of participants is taken for that.
 */
void vc_layers_clear(struct vc_layer *l);
void vc_layers_link(struct vc_layer *l);
/* The layers of which 'l' is the first, and how many; 0: it is not the first. */
size_t vc_layers_group(struct vc_layer *l,
		       struct vc_layer *out[static VC_LAYERS_MAX]);

/*
 * The one to take for a place of 'width' x 'height', into which pictures are
 * fitted: the smallest that needs no enlarging, else the largest; 0 x 0: the
 * smallest of all. One that is not sent any more, or is over, only where there is
 * no other; one whose size is not known likewise. -1: n is 0.
 */
int vc_layers_pick(struct vc_layer *const *l, size_t n, unsigned int width,
		   unsigned int height);

/* A place no picture is too large for. */
#define VC_LAYERS_LARGEST UINT32_MAX

#endif
