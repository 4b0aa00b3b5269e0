/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "media/pixels.h"

static struct vc_image plain(int w, int h, struct vc_colour c)
{
	struct vc_image im;

	assert_int_equal(vc_image_alloc(&im, w, h), 0);
	vc_image_fill(&im, 0, 0, w, h, c);
	return im;
}

static const struct vc_colour grey = { 100, 128, 128 };

static struct vc_colour pixel(const struct vc_image *im, int x, int y)
{
	return (struct vc_colour){
		im->y[y * im->stride_y + x],
		im->u[y / 2 * im->stride_u + x / 2],
		im->v[y / 2 * im->stride_v + x / 2],
	};
}

static void assert_colour(struct vc_colour got, struct vc_colour want, int near)
{
	assert_true(abs(got.y - want.y) <= near);
	assert_true(abs(got.u - want.u) <= near);
	assert_true(abs(got.v - want.v) <= near);
}

/* Nothing but 'at' may differ from 'c'. */
static void assert_outside(const struct vc_image *im, struct vc_rect at,
			   struct vc_colour c)
{
	for (int y = 0; y < im->height; y++)
		for (int x = 0; x < im->width; x++)
			if (x < at.x || x >= at.x + at.w || y < at.y ||
			    y >= at.y + at.h)
				assert_colour(pixel(im, x, y), c, 0);
}

static void colours(void **state)
{
	static const struct {
		uint32_t rgb;
		struct vc_colour want;
	} rows[] = {
		{ 0x000000, { 16, 128, 128 } }, { 0xffffff, { 235, 128, 128 } },
		{ 0xff0000, { 82, 90, 240 } },	{ 0x00ff00, { 144, 54, 34 } },
		{ 0x0000ff, { 41, 240, 110 } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_colour c = vc_pixels_colour(rows[i].rgb);
		uint32_t back = vc_pixels_rgb(c);

		assert_colour(c, rows[i].want, 1);
		for (int shift = 0; shift < 24; shift += 8)
			assert_true(abs((int)(back >> shift & 255) -
					(int)(rows[i].rgb >> shift & 255)) < 4);
	}
}

static void frames_stay_inside(void **state)
{
	const struct vc_colour red = vc_pixels_colour(0xff0000);
	struct vc_rect at = { 8, 4, 20, 12 };
	struct vc_image im = plain(40, 24, grey);

	(void)state;
	vc_pixels_frame(&im, at, 2, red);
	assert_outside(&im, at, grey);
	assert_colour(pixel(&im, 8, 4), red, 0);
	assert_colour(pixel(&im, 27, 15), red, 0);
	assert_colour(pixel(&im, 10, 6), grey, 0);
	assert_colour(pixel(&im, 25, 13), grey, 0);
	vc_image_clear(&im);
}

static void equal_sizes_are_copied(void **state)
{
	struct vc_image src = plain(16, 8, grey), dst = plain(32, 32, grey);
	struct vc_rect at = { 4, 6, 16, 8 };

	(void)state;
	for (int y = 0; y < 8; y++)
		for (int x = 0; x < 16; x++)
			src.y[y * src.stride_y + x] = (uint8_t)(16 * y + x);
	vc_pixels_scale(&dst, at, &src);
	assert_outside(&dst, at, grey);
	for (int y = 0; y < 8; y++)
		assert_memory_equal(dst.y + (6 + y) * dst.stride_y + 4,
				    src.y + y * src.stride_y, 16);
	vc_image_clear(&src);
	vc_image_clear(&dst);
}

static void any_size_scales(void **state)
{
	static const int sizes[][2] = {
		{ 1, 1 },   { 1, 4096 },  { 4096, 1 },	 { 3, 5 },
		{ 17, 31 }, { 640, 360 }, { 1281, 719 },
	};
	const struct vc_colour red = vc_pixels_colour(0xff0000);
	struct vc_rect at = { 6, 2, 50, 38 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(sizes); i++) {
		struct vc_image src = plain(sizes[i][0], sizes[i][1], red);
		struct vc_image dst = plain(60, 44, grey);

		vc_pixels_scale(&dst, at, &src);
		assert_outside(&dst, at, grey);
		assert_colour(pixel(&dst, 6, 2), red, 2);
		assert_colour(pixel(&dst, 55, 39), red, 2);
		assert_colour(pixel(&dst, 30, 20), red, 2);
		vc_image_clear(&src);
		vc_image_clear(&dst);
	}
}

#define SIDE 9

/* SIDE x SIDE pixels, of which a sprite takes all but the last of each row. */
static struct vc_sprite sprite_of(uint32_t argb)
{
	uint32_t words[SIDE * SIDE];
	struct vc_sprite s;

	for (int i = 0; i < SIDE * SIDE; i++)
		words[i] = argb;
	assert_int_equal(vc_sprite_from_argb(&s, (const uint8_t *)words,
					     4 * SIDE, SIDE, SIDE),
			 0);
	assert_int_equal(s.image.width, SIDE - 1);
	assert_int_equal(s.image.height, SIDE - 1);
	return s;
}

/* Where its corner comes to lie; odd sides too. */
static void pictures_turn(void **state)
{
	static const struct {
		bool is_flipped;
		unsigned int turn;
		bool is_right, is_low;
	} rows[] = {
		{ false, 0, false, false }, { false, 90, true, false },
		{ false, 180, true, true }, { false, 270, false, true },
		{ true, 0, true, false },   { true, 90, true, true },
		{ true, 180, false, true }, { true, 270, false, false },
	};
	const struct vc_colour red = vc_pixels_colour(0xff0000);

	(void)state;
	for (size_t i = 0; i < 2 * VC_COUNT(rows); i++) {
		size_t k = i / 2;
		int w = 40 + (i & 1), h = 24 + (i & 1);
		bool is_lying = rows[k].turn % 180;
		struct vc_image src = plain(w, h, grey), dst;
		struct vc_rect at = { 0, 0, 4, 4 };

		vc_image_fill(&src, 0, 0, 4, 4, red);
		assert_int_equal(vc_image_alloc(&dst, is_lying ? h : w,
						is_lying ? w : h),
				 0);
		vc_pixels_turn(&dst, &src, rows[k].is_flipped, rows[k].turn);
		if (rows[k].is_right)
			at.x = dst.width - 4;
		if (rows[k].is_low)
			at.y = dst.height - 4;
		for (int x = 0; x < 4; x++)
			for (int y = 0; y < 4; y++)
				assert_int_equal(
					pixel(&dst, at.x + x, at.y + y).y,
					red.y);
		/* Chroma of odd sides is half a sample off. */
		if (!(i & 1)) {
			assert_colour(pixel(&dst, at.x + 2, at.y + 2), red, 0);
			assert_outside(&dst, at, grey);
		}
		vc_image_clear(&src);
		vc_image_clear(&dst);
	}
}

static void blending(void **state)
{
	static const struct {
		uint32_t argb; /* premultiplied */
		struct vc_colour want;
	} rows[] = {
		{ 0x00000000, { 100, 128, 128 } },
		{ 0xffffffff, { 235, 128, 128 } },
		{ 0xff000000, { 16, 128, 128 } },
		{ 0x80808080, { 167, 128, 128 } },
		{ 0x80000000, { 58, 128, 128 } },
		{ 0x80800000, { 91, 109, 184 } },
	};
	struct vc_rect at = { 4, 6, SIDE - 1, SIDE - 1 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_image dst = plain(32, 32, grey);
		struct vc_sprite s = sprite_of(rows[i].argb);

		vc_sprite_blend(&dst, at.x, at.y, &s);
		assert_outside(&dst, at, grey);
		assert_colour(pixel(&dst, 4, 6), rows[i].want, 1);
		assert_colour(pixel(&dst, 11, 13), rows[i].want, 1);
		vc_sprite_clear(&s);
		vc_image_clear(&dst);
	}
}

static void sprites_are_clipped(void **state)
{
	static const struct {
		int x, y;
		struct vc_rect seen;
	} rows[] = {
		{ -4, -6, { 0, 0, 4, 2 } },  { 12, 12, { 12, 12, 4, 4 } },
		{ -8, 0, { 0, 0, 0, 0 } },   { 0, 16, { 0, 0, 0, 0 } },
		{ 1000, 2, { 0, 0, 0, 0 } }, { -1000, 2, { 0, 0, 0, 0 } },
		{ 14, -2, { 14, 0, 2, 6 } },
	};
	const struct vc_colour white = vc_pixels_colour(0xffffff);

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_image dst = plain(16, 16, grey);
		struct vc_sprite s = sprite_of(0xffffffff);
		struct vc_rect r = rows[i].seen;

		vc_sprite_blend(&dst, rows[i].x, rows[i].y, &s);
		assert_outside(&dst, r, grey);
		if (r.w) {
			assert_colour(pixel(&dst, r.x, r.y), white, 1);
			assert_colour(pixel(&dst, r.x + r.w - 1, r.y + r.h - 1),
				      white, 1);
		}
		vc_sprite_clear(&s);
		vc_image_clear(&dst);
	}
}

static void an_empty_sprite_draws_nothing(void **state)
{
	struct vc_sprite s = { 0 };
	struct vc_image dst = plain(16, 16, grey);
	const uint8_t pixel1[4] = { 0 };

	(void)state;
	vc_sprite_blend(&dst, 2, 2, &s);
	assert_outside(&dst, (struct vc_rect){ 0 }, grey);
	assert_int_equal(vc_sprite_from_argb(&s, pixel1, 4, 1, 1), -EINVAL);
	assert_null(s.image.y);
	vc_sprite_clear(&s);
	vc_image_clear(&dst);
}

static void to_rgb(void **state)
{
	static const uint32_t rows[] = { 0,	   0xffffff, 0xff0000,
					 0x00ff00, 0x0000ff, 0x123456 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_image im = plain(3, 3, vc_pixels_colour(rows[i]));
		uint32_t words[3 * 3];

		vc_pixels_to_rgb((uint8_t *)words, 12, &im);
		for (int k = 0; k < 9; k++)
			for (int shift = 0; shift < 24; shift += 8)
				assert_true(abs((int)(words[k] >> shift & 255) -
						(int)(rows[i] >> shift & 255)) <
					    5);
		vc_image_clear(&im);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours),
		cmocka_unit_test(frames_stay_inside),
		cmocka_unit_test(equal_sizes_are_copied),
		cmocka_unit_test(any_size_scales),
		cmocka_unit_test(pictures_turn),
		cmocka_unit_test(blending),
		cmocka_unit_test(sprites_are_clipped),
		cmocka_unit_test(an_empty_sprite_draws_nothing),
		cmocka_unit_test(to_rgb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
