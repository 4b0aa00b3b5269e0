/* SPDX-License-Identifier: MIT */
/*
 * Where the tiles of a composed picture go. Pure arithmetic; for arrangements
 * with names see media/arrange.h.
 */
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

/*
 * The same in 'box', with tiles of another shape; 'shape_w' 0: of any, so that
 * they fill it.
 */
int vc_layout_grid_in(struct vc_rect *out, size_t cap, size_t n,
		      struct vc_rect box, int shape_w, int shape_h);

/*
 * The largest w:h inside 'box', centred; all of 'box', which is even, where
 * that is right to a 64th. Never below 2 x 2.
 */
struct vc_rect vc_layout_fit(struct vc_rect box, int w, int h);

#endif
