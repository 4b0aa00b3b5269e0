/* SPDX-License-Identifier: MIT */
/*
 * A canvas on which the pictures of many are shown side by side, or one above
 * another. It does only
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

/* What is drawn on a tile beside its picture and its caption. */
struct vc_tile_signs {
	bool is_active; /* framed in a bright colour: who talks */
	bool is_muted;	/* a crossed microphone: who is not heard */
	bool is_old;	/* grey, with a clock: nothing new has come */
	bool is_bare;	/* neither name nor sign nor bright frame */
};

/* What a tile shows. All of it is borrowed for the call only. */
struct vc_tile {
	const struct vc_image *image; /* NULL: a placeholder with initials */
	uint64_t generation; /* another number when 'image' shows another */
	const char *name;    /* foreign text; NULL or "": no label */
	struct vc_tile_signs signs;
	/* Rows at the bottom (foreign text), as of vc_caption_rows() with the
	 * columns of vc_compose_columns(); NULL or "": none. */
	const char *caption;
};

/* Sides are even and at least 16. NULL when out of memory. */
struct vc_compose *vc_compose_new(int w, int h);
void vc_compose_free(struct vc_compose *c);

/* What is behind all tiles, 0xRRGGBB; bars in them are a little off it. To be
 * said before the first layout. */
void vc_compose_set_background(struct vc_compose *c, uint32_t rgb);

/*
 * Tile i goes to rects[i] and belongs to keys[i], which stays the same as long
 * as it shows the same: its label moves with it. Keys are distinct. Rectangles
 * lie inside the canvas; where they overlap, the later one is above. A tile
 * takes along what it shows, to be drawn anew with vc_compose_tile() when it
 * has another size; what was in no layout before is in background colour until
 * then. 0; -E2BIG for more than VC_COMPOSE_TILES_MAX; -ENOMEM: all tiles are
 * to be drawn anew.
 */
int vc_compose_set_layout(struct vc_compose *c, const struct vc_rect *rects,
			  const uint64_t *keys, size_t n);

/*
 * Draws tile 'i': the picture letter-boxed with its aspect kept, the name at
 * the lower left; what lies above stays above. Does nothing when nothing
 * changed. 0; -ENOMEM: the tile may lack its picture or label until the next
 * change.
 */
int vc_compose_tile(struct vc_compose *c, size_t i, const struct vc_tile *tile);

/* Nothing was drawn on tile 'i' yet, in this layout or one before. */
bool vc_compose_is_empty(const struct vc_compose *c, size_t i);

/* How many columns of a caption have room in tile 'i'. */
int vc_compose_columns(const struct vc_compose *c, size_t i);

/* Good until the next call on 'c'. */
const struct vc_image *vc_compose_canvas(const struct vc_compose *c);

/* Grows whenever the canvas changed: what need not be encoded again. */
uint64_t vc_compose_generation(const struct vc_compose *c);

#endif
