/* SPDX-License-Identifier: MIT */
/*
 * A canvas on which the pictures of many are shown side by side. It does only
 * what changed since the last time: a tile is redrawn when its picture's
 * generation moves on, a label is rendered when its text or size changes.
 * Not thread-safe.
 */
#ifndef VC_MEDIA_COMPOSE_H
#define VC_MEDIA_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "media/layout.h"

/* The most tiles. */
#define VC_COMPOSE_TILES_MAX 49

struct vc_compose;

/* What a tile shows. All of it is borrowed for the call only. */
struct vc_tile {
	const struct vc_image *image; /* NULL: a placeholder with initials */
	uint64_t generation; /* another number when 'image' shows another */
	const char *name;    /* foreign text; NULL or "": no label */
	bool is_active;	     /* framed in a bright colour: who talks */
	/* Rows at the bottom (foreign text), as of vc_caption_rows() with the
	 * columns of vc_compose_columns(); NULL or "": none. */
	const char *caption;
};

/* Sides are even and at least 16. NULL when out of memory. */
struct vc_compose *vc_compose_new(int w, int h);
void vc_compose_free(struct vc_compose *c);

/*
 * Tile i goes to rects[i] and belongs to keys[i], which stays the same as long
 * as it is the same participant: his label moves with him. Keys are distinct.
 * A tile that keeps key and place keeps its picture; others wait for
 * vc_compose_tile(), in background colour. Rectangles lie inside the canvas and
 * do not overlap. 0; -E2BIG for more than VC_COMPOSE_TILES_MAX.
 */
int vc_compose_set_layout(struct vc_compose *c, const struct vc_rect *rects,
			  const uint64_t *keys, size_t n);

/*
 * Draws tile 'i': the picture letter-boxed with its aspect kept, the name at
 * the lower left. Does nothing when nothing changed. 0; -ENOMEM: the tile may
 * lack its picture or label until the next change.
 */
int vc_compose_tile(struct vc_compose *c, size_t i, const struct vc_tile *tile);

/* How many columns of a caption have room in tile 'i'. */
int vc_compose_columns(const struct vc_compose *c, size_t i);

/* Good until the next call on 'c'. */
const struct vc_image *vc_compose_canvas(const struct vc_compose *c);

/* Grows whenever the canvas changed: what need not be encoded again. */
uint64_t vc_compose_generation(const struct vc_compose *c);

#endif
