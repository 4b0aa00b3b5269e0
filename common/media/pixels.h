/* SPDX-License-Identifier: MIT */
/*
 * Pixel work on I420 pictures, by libyuv. Rectangles lie inside the picture
 * and have even coordinates; sizes may be odd at its right and lower edge.
 */
#ifndef VC_MEDIA_PIXELS_H
#define VC_MEDIA_PIXELS_H

#include <stdint.h>

#include "base/image.h"
#include "media/layout.h"

/* A colour as the planes hold it. */
struct vc_yuv {
	uint8_t y;
	uint8_t u;
	uint8_t v;
};

/* 0xRRGGBB in BT.601, limited range. */
struct vc_yuv vc_yuv_of_rgb(uint32_t rgb);

void vc_pixels_fill(struct vc_image *dst, struct vc_rect at, struct vc_yuv c);

/* A frame of 'width' (even) pixels along the inside of 'at'. */
void vc_pixels_frame(struct vc_image *dst, struct vc_rect at, int width,
		     struct vc_yuv c);

/* Scales 'src' to fill 'at'; a plain copy when the sizes agree. 0 or -ENOMEM. */
int vc_pixels_scale(struct vc_image *dst, struct vc_rect at,
		    const struct vc_image *src);

/*
 * A picture with an alpha plane each for luma and chroma, not premultiplied.
 * Planes belong to it.
 */
struct vc_sprite {
	struct vc_image image;
	struct vc_image alpha; /* y: for luma, u: for chroma; v unused */
};

void vc_sprite_clear(struct vc_sprite *s);

/*
 * Makes a sprite of premultiplied pixels in cairo's ARGB32 (native-endian
 * words). Sides are made even by clipping. 0, -EINVAL or -ENOMEM.
 */
int vc_sprite_from_argb(struct vc_sprite *out, const uint8_t *argb, int stride,
			int w, int h);

/* Blends 's' with its upper left corner at (x, y), both even; clipped. */
void vc_sprite_blend(struct vc_image *dst, int x, int y,
		     const struct vc_sprite *s);

/* Into cairo's RGB24 (a native-endian word a pixel), 'stride' octets a row. */
void vc_pixels_to_rgb(uint8_t *rgb, int stride, const struct vc_image *src);

#endif
