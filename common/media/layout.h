/* SPDX-License-Identifier: MIT */
/* Where the tiles of a composed picture go. Pure arithmetic. */
#ifndef VC_MEDIA_LAYOUT_H
#define VC_MEDIA_LAYOUT_H

#include <stddef.h>

/* In pixels of the canvas. All four are even, as 4:2:0 chroma wants it. */
struct vc_rect {
	int x;
	int y;
	int w;
	int h;
};

/*
 * The largest 16:9 tiles (to a 64th) of which 'n' fit into w x h, in rows of equal length,
 * the last one centred, and all of it centred. The same for the same numbers.
 * Writes out[0..n). 0; -E2BIG when n > cap; -ERANGE when tiles would shrink
 * below 16x8.
 */
int vc_layout_grid(struct vc_rect *out, size_t cap, size_t n, int w, int h);

/* How tiles are arranged. The first of them is in front, but in a grid. */
enum vc_layout {
	VC_LAYOUT_GRID,
	VC_LAYOUT_SPEAKER,	/* a large one, others in a strip below */
	VC_LAYOUT_SIDE_BY_SIDE, /* two */
	VC_LAYOUT_SINGLE,	/* one */
};

/* By its name: "grid", "speaker", "side-by-side", "single"; or -1. */
int vc_layout_by_name(const char *name);

/*
 * Places for the first ones of 'n' tiles in w x h; how many have one, at most
 * 'cap'. Writes out[0] to that.
 */
size_t vc_layout_tiles(enum vc_layout layout, struct vc_rect *out, size_t cap,
		       size_t n, int w, int h);

/*
 * The largest w:h inside 'box', centred; all of 'box', which is even, where
 * that is right to a 64th. Never below 2 x 2.
 */
struct vc_rect vc_layout_fit(struct vc_rect box, int w, int h);

#endif
