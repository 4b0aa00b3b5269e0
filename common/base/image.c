/* SPDX-License-Identifier: MIT */
/*
 * One allocation holds all three planes, Y first, so that 'y' is what is
 * freed. Rows are padded to multiples of 64 octets.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"

#define ROW_ALIGN 64

static int aligned(int n)
{
	return (n + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
}

int vc_image_alloc(struct vc_image *im, int w, int h)
{
	size_t len_y, len_c;
	uint8_t *p;

	*im = (struct vc_image){ 0 };
	if (w < 1 || h < 1 || w > VC_IMAGE_MAX || h > VC_IMAGE_MAX)
		return -EINVAL;
	int stride_y = aligned(w);
	int stride_c = aligned((w + 1) / 2);

	len_y = (size_t)stride_y * (size_t)h;
	len_c = (size_t)stride_c * (size_t)((h + 1) / 2);
	p = vc_try_alloc(1, len_y + 2 * len_c);
	if (!p)
		return -ENOMEM;
	memset(p, 16, len_y);
	memset(p + len_y, 128, 2 * len_c);
	*im = (struct vc_image){
		.width = w,
		.height = h,
		.y = p,
		.u = p + len_y,
		.v = p + len_y + len_c,
		.stride_y = stride_y,
		.stride_u = stride_c,
		.stride_v = stride_c,
	};
	return 0;
}

void vc_image_clear(struct vc_image *im)
{
	free(im->y);
	*im = (struct vc_image){ 0 };
}

static void fill_plane(uint8_t *p, int stride, int x0, int y0, int x1, int y1,
		       uint8_t value)
{
	for (int y = y0; y < y1; y++)
		memset(p + (ptrdiff_t)y * stride + x0, value,
		       (size_t)(x1 - x0));
}

static int clamp(int64_t n, int max)
{
	return n < 0 ? 0 : n > max ? max : (int)n;
}

void vc_image_fill(struct vc_image *im, int x, int y, int w, int h,
		   struct vc_colour c)
{
	int x0 = clamp(x, im->width), x1 = clamp((int64_t)x + w, im->width);
	int y0 = clamp(y, im->height), y1 = clamp((int64_t)y + h, im->height);

	if (x0 >= x1 || y0 >= y1)
		return;
	fill_plane(im->y, im->stride_y, x0, y0, x1, y1, c.y);
	x0 /= 2;
	y0 /= 2;
	x1 = vc_image_half(x1);
	y1 = vc_image_half(y1);
	fill_plane(im->u, im->stride_u, x0, y0, x1, y1, c.u);
	fill_plane(im->v, im->stride_v, x0, y0, x1, y1, c.v);
}

static void copy_plane(uint8_t *dst, int stride_dst, const uint8_t *src,
		       int stride_src, int w, int h)
{
	if (stride_dst == stride_src) {
		memcpy(dst, src,
		       (size_t)(h - 1) * (size_t)stride_src + (size_t)w);
		return;
	}
	for (int y = 0; y < h; y++)
		memcpy(dst + (ptrdiff_t)y * stride_dst,
		       src + (ptrdiff_t)y * stride_src, (size_t)w);
}

void vc_image_copy(struct vc_image *dst, const struct vc_image *src)
{
	int w = src->width, h = src->height;
	int wc = vc_image_half(w), hc = vc_image_half(h);

	assert(dst->width == w && dst->height == h);
	copy_plane(dst->y, dst->stride_y, src->y, src->stride_y, w, h);
	copy_plane(dst->u, dst->stride_u, src->u, src->stride_u, wc, hc);
	copy_plane(dst->v, dst->stride_v, src->v, src->stride_v, wc, hc);
}
