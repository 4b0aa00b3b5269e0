/* SPDX-License-Identifier: MIT */
/*
 * How the tiles of a composed picture are arranged, as a text says: regions of
 * the canvas and what fills each. It is lines of columns with blanks between;
 * '#' begins a comment:
 *
 *   WHAT X Y W H [z=N] [shape=W:H|any]
 *   when CONDITION...
 *
 * X, Y, W and H are in 1/360 of the canvas. WHAT is a list with commas
 * between; the first of it that is there, and is in no region before, fills the
 * region:
 *
 *   slides	the slides that were shown last
 *   pinned	who is pinned
 *   speaker	who talks, or talked last; who is pinned, where no region
 *		of the arrangement is for `pinned`
 *   join:N	the Nth who came
 *   active:N	the Nth of those who talked last
 *   rest[:N]	all that is in no other region, N at most, in a grid; where
 *		there is no room for all, those who talked last
 *
 * A tile is the largest of 'shape' (16:9) in its region; `any` fills it.
 * Regions may overlap: what has the larger z (0) is above, else the later
 * line. `when` begins a part, whose regions are used when all its conditions
 * hold and no part before it has been:
 *
 *   slides	there are any
 *   pinned	he is here
 *   tiles:N	so many there are at least
 *   -		always
 *
 * Parsing and placing are pure.
 */
#ifndef VC_MEDIA_ARRANGE_H
#define VC_MEDIA_ARRANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/columns.h"
#include "base/str.h"
#include "media/layout.h"

#define VC_ARRANGE_SIZE 16384 /* octets of a text at most */
#define VC_ARRANGE_UNITS 360
#define VC_ARRANGE_PARTS 16
#define VC_ARRANGE_REGIONS 64 /* of all parts */
#define VC_ARRANGE_CHOICES 8  /* of a region */
#define VC_ARRANGE_TILES 49   /* placed at most */
#define VC_ARRANGE_NONE SIZE_MAX

enum vc_fill {
	VC_FILL_SLIDES,
	VC_FILL_PINNED,
	VC_FILL_SPEAKER,
	VC_FILL_JOIN,
	VC_FILL_ACTIVE,
	VC_FILL_REST,
};

struct vc_arrange_region {
	struct {
		enum vc_fill fill;
		unsigned int n; /* the Nth, or N at most; from 1 */
	} choices[VC_ARRANGE_CHOICES];
	size_t n_choices;
	struct vc_rect at; /* in units, odd ones too */
	int z;
	int shape_w; /* 0: any */
	int shape_h;
};

struct vc_arrange_part {
	bool with_slides;
	bool with_pinned;
	unsigned int tiles;
	size_t first; /* of the regions */
	size_t n;
};

/* Copied as it is. */
struct vc_arrange {
	struct vc_arrange_part parts[VC_ARRANGE_PARTS];
	size_t n_parts;
	struct vc_arrange_region regions[VC_ARRANGE_REGIONS];
	size_t n_regions;
	bool has_pinned; /* a region for it */
};

/* 0, or -EINVAL and '*err'; '*out' is whole or untouched. */
int vc_arrange_parse(struct vc_arrange *out, struct vc_str text,
		     struct vc_columns_error *err);

/* The text of a preset ("grid", "speaker", ...), or NULL. */
const char *vc_arrange_preset(const char *name);
/* The name of preset 'i', or NULL after the last. */
const char *vc_arrange_preset_name(size_t i);

/* Something to be shown. */
struct vc_arrange_item {
	bool is_slides;
	/* Since when he talks, or they are shown; INT64_MIN: he never did. */
	int64_t since;
};

/* All that is to be shown, in the order in which people came. */
struct vc_arrange_scene {
	const struct vc_arrange_item *items;
	size_t n;
	size_t speaker; /* one of them, or VC_ARRANGE_NONE */
	size_t pinned;	/* likewise */
};

/* Where one of them goes. */
struct vc_arrange_place {
	size_t item;
	struct vc_rect at;
};

/*
 * Places for what has one on a canvas of w x h, from the lowest to the topmost;
 * how many: at most VC_ARRANGE_TILES, and no item twice. What would be
 * smaller than 16x8 has none.
 */
size_t vc_arrange_place(const struct vc_arrange *a,
			const struct vc_arrange_scene *scene, int w, int h,
			struct vc_arrange_place out[static VC_ARRANGE_TILES]);

#endif
