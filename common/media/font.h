/* SPDX-License-Identifier: MIT */
/*
 * A bitmap font of our own, 8 x 12 a character, for ASCII 32 to 126; anything
 * else is drawn as a hollow box. Strokes are two pixels wide; when scaled up,
 * corners and diagonals are smoothed. Integers only: the same picture on
 * every machine.
 */
#ifndef VC_MEDIA_FONT_H
#define VC_MEDIA_FONT_H

#include "base/image.h"

#define VC_FONT_WIDTH 8
#define VC_FONT_HEIGHT 12

/*
 * Draws 'text' with its upper left corner at (x, y), each font pixel 'scale'
 * (at least 1) pixels wide and high. What lies outside 'img' is not drawn.
 * Returns the x behind the last character.
 */
int vc_font_draw(struct vc_image *img, int x, int y, int scale,
		 const char *text, struct vc_colour colour);

/* How wide that would be. */
int vc_font_width(int scale, const char *text);

#endif
