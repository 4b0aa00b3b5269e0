/* SPDX-License-Identifier: MIT */
/*
 * A raw picture: I420 (planar YCbCr 4:2:0, 8 bits, BT.601, limited range).
 * Chroma planes have (width + 1) / 2 by (height + 1) / 2 samples.
 */
#ifndef VC_BASE_IMAGE_H
#define VC_BASE_IMAGE_H

#include <stdint.h>

/* No picture is larger in either direction. */
#define VC_IMAGE_MAX 16384

/* Planes may be borrowed: only what vc_image_alloc() made is cleared. */
struct vc_image {
	int width;
	int height;
	uint8_t *y;
	uint8_t *u;
	uint8_t *v;
	int stride_y;
	int stride_u;
	int stride_v;
};

/*
 * A black picture of w x h with rows aligned for SIMD; vc_image_clear() it.
 * 0, -EINVAL (a side is below 1 or above VC_IMAGE_MAX) or -ENOMEM; '*im' is
 * empty then. What it held before is not freed.
 */
int vc_image_alloc(struct vc_image *im, int w, int h);

/* Frees and empties what vc_image_alloc() made. An empty one is fine. */
void vc_image_clear(struct vc_image *im);

#endif
