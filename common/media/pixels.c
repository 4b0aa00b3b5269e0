/* SPDX-License-Identifier: MIT */
/*
 * What runs on every frame (copy, blend, conversion to RGB, and scaling but for
 * what media/scale.h does) is libyuv's; what runs when a label changes is done
 * here, pixel by pixel. A sprite's chroma is the mean of four pixels weighted
 * by their alpha, so that nothing of a transparent pixel's colour bleeds into
 * an edge.
 */
#include <assert.h>
#include <errno.h>
#include <libyuv.h>
#include <stddef.h>
#include <string.h>

#include "media/pixels.h"
#include "media/scale.h"

/* libyuv's ARGB is cairo's on little-endian machines. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "order of ARGB");

static int clamp(int v, int lo, int hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* BT.601 in 1/256. */
static struct vc_colour to_yuv(int r, int g, int b)
{
	return (struct vc_colour){
		.y = (uint8_t)(16 + ((66 * r + 129 * g + 25 * b + 128) >> 8)),
		.u = (uint8_t)(128 + ((-38 * r - 74 * g + 112 * b + 128) >> 8)),
		.v = (uint8_t)(128 + ((112 * r - 94 * g - 18 * b + 128) >> 8)),
	};
}

struct vc_colour vc_pixels_colour(uint32_t rgb)
{
	return to_yuv(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
}

uint32_t vc_pixels_rgb(struct vc_colour colour)
{
	int y = 298 * (colour.y - 16) + 128;
	int u = colour.u - 128, v = colour.v - 128;
	int r = clamp((y + 409 * v) >> 8, 0, 255);
	int g = clamp((y - 100 * u - 208 * v) >> 8, 0, 255);
	int b = clamp((y + 516 * u) >> 8, 0, 255);

	return (uint32_t)r << 16 | (uint32_t)g << 8 | (uint32_t)b;
}

void vc_pixels_frame(struct vc_image *dst, struct vc_rect at, int width,
		     struct vc_colour colour)
{
	int x = at.x, y = at.y, w = at.w, h = at.h;

	vc_image_fill(dst, x, y, w, width, colour);
	vc_image_fill(dst, x, y + h - width, w, width, colour);
	vc_image_fill(dst, x, y, width, h, colour);
	vc_image_fill(dst, x + w - width, y, width, h, colour);
}

/* The samples of a chroma plane that belong to (x, y), both even. */
static uint8_t *chroma_at(uint8_t *plane, int stride, int x, int y)
{
	return plane + (ptrdiff_t)(y / 2) * stride + x / 2;
}

static uint8_t *luma_at(uint8_t *plane, int stride, int x, int y)
{
	return plane + (ptrdiff_t)y * stride + x;
}

void vc_pixels_grey(struct vc_image *dst, struct vc_rect at)
{
	size_t w = (size_t)vc_image_half(at.w);

	for (int y = at.y; y < at.y + at.h; y += 2) {
		memset(chroma_at(dst->u, dst->stride_u, at.x, y), 128, w);
		memset(chroma_at(dst->v, dst->stride_v, at.x, y), 128, w);
	}
}

void vc_pixels_scale_plane(uint8_t *dst, int dst_stride, int dst_w, int dst_h,
			   const uint8_t *src, int src_stride, int w, int h)
{
	if (vc_scale_fits(dst_w, dst_h, w, h) && (dst_w != w || dst_h != h))
		vc_scale(dst, dst_stride, dst_w, dst_h, src, src_stride, w, h);
	else
		ScalePlane(src, src_stride, w, h, dst, dst_stride, dst_w, dst_h,
			   kFilterBox);
}

void vc_pixels_scale(struct vc_image *dst, struct vc_rect at,
		     const struct vc_image *src)
{
	const int w = vc_image_half(src->width), h = vc_image_half(src->height);
	const int to_w = vc_image_half(at.w), to_h = vc_image_half(at.h);

	assert(!(at.x & 1) && !(at.y & 1) && at.x >= 0 && at.y >= 0);
	assert(at.x + at.w <= dst->width && at.y + at.h <= dst->height);
	vc_pixels_scale_plane(luma_at(dst->y, dst->stride_y, at.x, at.y),
			      dst->stride_y, at.w, at.h, src->y, src->stride_y,
			      src->width, src->height);
	vc_pixels_scale_plane(chroma_at(dst->u, dst->stride_u, at.x, at.y),
			      dst->stride_u, to_w, to_h, src->u, src->stride_u,
			      w, h);
	vc_pixels_scale_plane(chroma_at(dst->v, dst->stride_v, at.x, at.y),
			      dst->stride_v, to_w, to_h, src->v, src->stride_v,
			      w, h);
}

/* Upside down comes for nothing, and half a turn on it is left to right. */
void vc_pixels_turn(struct vc_image *dst, const struct vc_image *src,
		    bool is_flipped, unsigned int turn)
{
	static const enum RotationMode modes[] = { kRotate0, kRotate90,
						   kRotate180, kRotate270 };
	const unsigned int quarters = turn / 90 + (is_flipped ? 2 : 0);
	const bool is_lying = turn % 180;

	assert(dst->width == (is_lying ? src->height : src->width) &&
	       dst->height == (is_lying ? src->width : src->height));
	I420Rotate(src->y, src->stride_y, src->u, src->stride_u, src->v,
		   src->stride_v, dst->y, dst->stride_y, dst->u, dst->stride_u,
		   dst->v, dst->stride_v, src->width,
		   is_flipped ? -src->height : src->height,
		   modes[quarters % 4]);
}

double vc_pixels_psnr(const struct vc_image *a, const struct vc_image *b)
{
	uint64_t error = ComputeSumSquareErrorPlane(
		a->y, a->stride_y, b->y, b->stride_y, a->width, a->height);
	double v = SumSquareErrorToPsnr(error, (uint64_t)a->width *
						       (uint64_t)a->height);

	return v < VC_PIXELS_PSNR_MAX ? v : VC_PIXELS_PSNR_MAX;
}

double vc_pixels_ssim(const struct vc_image *a, const struct vc_image *b)
{
	return CalcFrameSsim(a->y, a->stride_y, b->y, b->stride_y, a->width,
			     a->height);
}

void vc_sprite_clear(struct vc_sprite *s)
{
	vc_image_clear(&s->image);
	vc_image_clear(&s->alpha);
}

/* Sums over pixels, premultiplied. */
struct argb_sum {
	int a, r, g, b;
};

static void add_pixel(struct argb_sum *sum, uint32_t argb)
{
	sum->a += (int)(argb >> 24);
	sum->r += (int)(argb >> 16 & 255);
	sum->g += (int)(argb >> 8 & 255);
	sum->b += (int)(argb & 255);
}

static struct vc_colour colour_of(const struct argb_sum *sum)
{
	if (!sum->a)
		return (struct vc_colour){ 16, 128, 128 };
	return to_yuv(clamp(sum->r * 255 / sum->a, 0, 255),
		      clamp(sum->g * 255 / sum->a, 0, 255),
		      clamp(sum->b * 255 / sum->a, 0, 255));
}

/* The four pixels whose upper left one is (x, y). */
static void take_four(struct vc_sprite *s, const uint8_t *argb, int stride,
		      int x, int y)
{
	struct vc_image *im = &s->image, *al = &s->alpha;
	struct argb_sum four = { 0 };

	for (int i = 0; i < 4; i++) {
		int px = x + (i & 1), py = y + (i >> 1);
		struct argb_sum one = { 0 };
		uint32_t word;

		memcpy(&word, argb + (ptrdiff_t)py * stride + 4 * px, 4);
		add_pixel(&one, word);
		add_pixel(&four, word);
		*luma_at(im->y, im->stride_y, px, py) = colour_of(&one).y;
		*luma_at(al->y, al->stride_y, px, py) = (uint8_t)one.a;
	}
	struct vc_colour c = colour_of(&four);

	*chroma_at(im->u, im->stride_u, x, y) = c.u;
	*chroma_at(im->v, im->stride_v, x, y) = c.v;
	*chroma_at(al->u, al->stride_u, x, y) = (uint8_t)(four.a / 4);
}

int vc_sprite_from_argb(struct vc_sprite *out, const uint8_t *argb, int stride,
			int w, int h)
{
	int err;

	*out = (struct vc_sprite){ 0 };
	err = vc_image_alloc(&out->image, w & ~1, h & ~1);
	if (!err)
		err = vc_image_alloc(&out->alpha, w & ~1, h & ~1);
	if (err) {
		vc_sprite_clear(out);
		return err;
	}
	for (int y = 0; y < out->image.height; y += 2)
		for (int x = 0; x < out->image.width; x += 2)
			take_four(out, argb, stride, x, y);
	return 0;
}

static void blend_plane(uint8_t *dst, int dst_stride, const uint8_t *src,
			int src_stride, const uint8_t *alpha, int alpha_stride,
			int w, int h)
{
	BlendPlane(src, src_stride, dst, dst_stride, alpha, alpha_stride, dst,
		   dst_stride, w, h);
}

void vc_sprite_blend(struct vc_image *dst, int x, int y,
		     const struct vc_sprite *s)
{
	const struct vc_image *im = &s->image, *al = &s->alpha;
	int sx = x < 0 ? -x : 0, sy = y < 0 ? -y : 0;
	int w = clamp(dst->width - x, 0, im->width) - sx;
	int h = clamp(dst->height - y, 0, im->height) - sy;

	assert(!(x & 1) && !(y & 1));
	if (!im->y || w <= 0 || h <= 0)
		return;
	x += sx;
	y += sy;
	blend_plane(luma_at(dst->y, dst->stride_y, x, y), dst->stride_y,
		    luma_at(im->y, im->stride_y, sx, sy), im->stride_y,
		    luma_at(al->y, al->stride_y, sx, sy), al->stride_y, w, h);
	w = vc_image_half(w);
	h = vc_image_half(h);
	blend_plane(chroma_at(dst->u, dst->stride_u, x, y), dst->stride_u,
		    chroma_at(im->u, im->stride_u, sx, sy), im->stride_u,
		    chroma_at(al->u, al->stride_u, sx, sy), al->stride_u, w, h);
	blend_plane(chroma_at(dst->v, dst->stride_v, x, y), dst->stride_v,
		    chroma_at(im->v, im->stride_v, sx, sy), im->stride_v,
		    chroma_at(al->u, al->stride_u, sx, sy), al->stride_u, w, h);
}

void vc_pixels_to_rgb(uint8_t *rgb, int stride, const struct vc_image *src)
{
	I420ToARGB(src->y, src->stride_y, src->u, src->stride_u, src->v,
		   src->stride_v, rgb, stride, src->width, src->height);
}
