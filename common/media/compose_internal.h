/* SPDX-License-Identifier: MIT */
/* What the files of media/compose.h share. */
#ifndef VC_MEDIA_COMPOSE_INTERNAL_H
#define VC_MEDIA_COMPOSE_INTERNAL_H

#include "media/caption.h"
#include "media/compose.h"
#include "media/label.h"
#include "media/pixels.h"

/* More of a name cannot be seen, and does not count as a change. */
#define NAME_CAP 256

struct compose_colours {
	struct vc_colour canvas;
	struct vc_colour tile;
	struct vc_colour active;
};

struct slot {
	uint64_t key;
	struct vc_rect at;
	/* What is drawn, where that lies above something; else empty, and the
	 * canvas has it. */
	struct vc_image own;
	bool has_pixels;  /* those of this tile, maybe of another size */
	bool is_drawn;	  /* and right, as follows */
	bool has_picture; /* else a placeholder */
	uint64_t generation;
	struct vc_tile_signs signs;
	/* These move with the key. A sprite may stay empty: nothing to draw. */
	char name[NAME_CAP];
	struct vc_sprite label;
	struct vc_sprite initials;
	struct vc_sprite muted;
	struct vc_sprite old;
	bool has_label;
	bool has_initials;
	bool has_muted;
	bool has_old;
	char caption[VC_CAPTION_OUT];
	struct vc_sprite rows[VC_CAPTION_ROWS];
	bool has_rows;
};

/* compose_draw.c */
/*
 * All of it, with s->signs, into 'dst' at 'at', which is of s->at's size. 0 or
 * -ENOMEM.
 */
int compose_draw(struct slot *s, const struct vc_tile *tile,
		 const struct compose_colours *colours, struct vc_image *dst,
		 struct vc_rect at);
void compose_take_signs(struct slot *s, const struct vc_tile_signs *signs);
void compose_drop_rows(struct slot *s);
void compose_drop_sprites(struct slot *s);
int compose_caption_size(struct vc_rect at);

#endif
