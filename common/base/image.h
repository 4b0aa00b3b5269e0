/* SPDX-License-Identifier: MIT */
/*
 * A picture in I420 (YUV 4:2:0, three planes of 8-bit samples), BT.601,
 * limited range. Chroma planes are half as wide and high, rounded up, so odd
 * sizes are legal. Whoever allocates it owns the planes; a decoder also hands
 * out pictures whose planes it keeps: the caller of that decoder must not
 * clear them.
 */
#ifndef VC_BASE_IMAGE_H
#define VC_BASE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#define VC_IMAGE_MAX 4096

struct vc_image {
	int width, height;
	uint8_t *y, *u, *v;
	int stride_y, stride_u, stride_v;
};

/* A colour in Y'CbCr as the planes hold it. */
struct vc_colour {
	uint8_t y, u, v;
};

static inline bool vc_image_size_ok(int width, int height)
{
	return width >= 1 && width <= VC_IMAGE_MAX && height >= 1 &&
	       height <= VC_IMAGE_MAX;
}

/* Width or height of a chroma plane. */
static inline int vc_image_half(int n)
{
	return (n + 1) / 2;
}

/*
 * A black picture. Strides are multiples of 32 and the planes lie in one
 * block. -EINVAL for a size outside 1..VC_IMAGE_MAX, -ENOMEM; 'img' is then
 * empty and may be cleared.
 */
int vc_image_alloc(struct vc_image *img, int width, int height);

/* Frees what vc_image_alloc() gave. An empty (all zero) image is fine. */
void vc_image_clear(struct vc_image *img);

/* The rectangle in one colour, clipped. Chroma is set where it touches. */
void vc_image_fill(struct vc_image *img, int x, int y, int width, int height,
		   struct vc_colour colour);

/* Copies all three planes. The sizes must be equal. */
void vc_image_copy(struct vc_image *dst, const struct vc_image *src);

#endif
