/* SPDX-License-Identifier: MIT */
/*
 * Pixel work on I420 pictures, most of it libyuv's. Rectangles lie inside the
 * picture and have even coordinates; sizes may be odd at its right and lower
 * edge.
 */
#ifndef VC_MEDIA_PIXELS_H
#define VC_MEDIA_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/image.h"
#include "media/layout.h"

/* 0xRRGGBB in BT.601, limited range, and back. */
struct vc_colour vc_pixels_colour(uint32_t rgb);
uint32_t vc_pixels_rgb(struct vc_colour colour);

/* A frame of 'width' (even) pixels along the inside of 'at'. */
void vc_pixels_frame(struct vc_image *dst, struct vc_rect at, int width,
		     struct vc_colour colour);

/* Takes the colour out of 'at'. */
void vc_pixels_grey(struct vc_image *dst, struct vc_rect at);

/* Scales 'src' to fill 'at'; a plain copy when the sizes agree. */
void vc_pixels_scale(struct vc_image *dst, struct vc_rect at,
		     const struct vc_image *src);

/*
 * 'src', flipped left to right where that is wanted, and then turned by 'turn'
 * degrees clockwise (0, 90, 180, 270), into 'dst', which it fills.
 */
void vc_pixels_turn(struct vc_image *dst, const struct vc_image *src,
		    bool is_flipped, unsigned int turn);

/*
 * How near the luma of two pictures of the same size is: PSNR in dB, of equal
 * ones VC_PIXELS_PSNR_MAX; and SSIM (Wang 2004) over windows of 8 x 8 samples,
 * each 4 samples; 1: equal.
 */
#define VC_PIXELS_PSNR_MAX 100
double vc_pixels_psnr(const struct vc_image *a, const struct vc_image *b);
double vc_pixels_ssim(const struct vc_image *a, const struct vc_image *b);

/* One plane of 'w' x 'h' samples into another, which it fills. */
void vc_pixels_scale_plane(uint8_t *dst, int dst_stride, int dst_w, int dst_h,
			   const uint8_t *src, int src_stride, int w, int h);

/*
 * A picture with an alpha plane each for luma and chroma, not premultiplied.
 * Owns its planes.
 */
struct vc_sprite {
	struct vc_image image;
	struct vc_image alpha; /* y: for luma, u: for chroma; v unused */
};

/* Frees and empties. An empty (all zero) sprite is fine, and draws nothing. */
void vc_sprite_clear(struct vc_sprite *s);

/*
 * Makes a sprite of premultiplied pixels in cairo's ARGB32 (native-endian
 * words). Odd sides lose a pixel. 0, -EINVAL for a size that
 * base/image.h does not take, -ENOMEM; 'out' is empty then.
 */
int vc_sprite_from_argb(struct vc_sprite *out, const uint8_t *argb, int stride,
			int w, int h);

/* Blends 's' with its upper left corner at (x, y), both even; clipped. */
void vc_sprite_blend(struct vc_image *dst, int x, int y,
		     const struct vc_sprite *s);

/* Into cairo's RGB24 (a native-endian word a pixel), 'stride' octets a row. */
void vc_pixels_to_rgb(uint8_t *rgb, int stride, const struct vc_image *src);

#endif
