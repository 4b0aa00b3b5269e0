/* SPDX-License-Identifier: MIT */
/* Pictures that are black, the same, or made of blocks, because made so. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/image.h"
#include "media/picmeasure.h"

#define W 167 /* not a multiple of a square */
#define H 99

static const struct vc_colour grey = { 100, 128, 128 };

static void fill_noise(struct vc_image *img, int range)
{
	uint32_t x = 1;

	for (int y = 0; y < img->height; y++) {
		for (int i = 0; i < img->width; i++) {
			x = x * 1664525 + 1013904223;
			img->y[y * img->stride_y + i] =
				(uint8_t)(100 + (int)(x >> 16) % range);
		}
	}
}

static void test_dark(void **state)
{
	struct vc_image img;

	(void)state;
	assert_int_equal(vc_image_alloc(&img, W, H), 0);
	assert_true(vc_picmeasure_dark(&img) == 1); /* 16 */
	vc_image_fill(&img, 0, 0, W, H, (struct vc_colour){ 37, 0, 0 });
	assert_true(vc_picmeasure_dark(&img) == 1);
	vc_image_fill(&img, 0, 0, W, H, (struct vc_colour){ 38, 0, 0 });
	assert_true(vc_picmeasure_dark(&img) == 0);
	vc_image_fill(&img, 0, 0, W, 33, (struct vc_colour){ 0, 0, 0 });
	assert_true(fabs(vc_picmeasure_dark(&img) - 1.0 / 3) < 1e-9);
	vc_image_clear(&img);
}

static void test_same(void **state)
{
	struct vc_image a, b, other;

	(void)state;
	assert_int_equal(vc_image_alloc(&a, W, H), 0);
	assert_int_equal(vc_image_alloc(&b, W, H), 0);
	assert_int_equal(vc_image_alloc(&other, W + 1, H), 0);
	fill_noise(&a, 50);
	vc_image_copy(&b, &a);
	assert_true(vc_picmeasure_is_same(&a, &b));
	assert_true(vc_picmeasure_difference(&a, &b) == 0);
	assert_false(vc_picmeasure_is_same(&a, &other));
	assert_true(vc_picmeasure_difference(&a, &other) == 255);
	/* One in four samples by one: what a codec does. */
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x += 4)
			b.y[y * b.stride_y + x]++;
	assert_true(vc_picmeasure_is_same(&a, &b));
	/* All by one is more than that. */
	for (int i = 0; i < a.stride_y * H; i++)
		b.y[i] = (uint8_t)(a.y[i] + 1);
	assert_false(vc_picmeasure_is_same(&a, &b));
	assert_true(vc_picmeasure_difference(&a, &b) == 1);
	vc_image_clear(&a);
	vc_image_clear(&b);
	vc_image_clear(&other);
}

/* A small thing that moves is a change, in the last corner too. */
static void test_small_change(void **state)
{
	struct vc_image a, b;

	(void)state;
	assert_int_equal(vc_image_alloc(&a, W, H), 0);
	assert_int_equal(vc_image_alloc(&b, W, H), 0);
	vc_image_fill(&a, 0, 0, W, H, grey);
	vc_image_fill(&b, 0, 0, W, H, grey);
	vc_image_fill(&b, W - 2, H - 2, 2, 2, (struct vc_colour){ 200, 0, 0 });
	/* 7 x 3 samples are there, of which 4 differ by 100. */
	assert_false(vc_picmeasure_is_same(&a, &b));
	assert_true(vc_picmeasure_difference(&a, &b) < VC_PICMEASURE_NOISE);
	vc_image_clear(&a);
	vc_image_clear(&b);
}

/* Squares of 'size', each a little lighter or darker, 'off' from the edge. */
static void draw_squares(struct vc_image *img, int size, int off)
{
	uint32_t n = 7;

	fill_noise(img, 6);
	for (int y = -off; y < img->height; y += size) {
		for (int x = -off; x < img->width; x += size) {
			n = n * 1664525 + 1013904223;
			for (int i = 0; i < size * size; i++) {
				int px = x + i % size, py = y + i / size;

				if (px >= 0 && py >= 0 && px < img->width &&
				    py < img->height)
					img->y[py * img->stride_y + px] +=
						(uint8_t)(n >> 16) % 24;
			}
		}
	}
}

static void test_grid(void **state)
{
	struct vc_image img;
	double v;

	(void)state;
	assert_int_equal(vc_image_alloc(&img, W, H), 0);
	vc_image_fill(&img, 0, 0, W, H, grey);
	assert_true(vc_picmeasure_grid(&img) == 1);
	fill_noise(&img, 60);
	v = vc_picmeasure_grid(&img);
	assert_true(v > 0.9 && v < 1.1);
	draw_squares(&img, 8, 0);
	assert_true(vc_picmeasure_grid(&img) > 2);
	/* The same squares elsewhere are not the grid of a codec. */
	draw_squares(&img, 8, 3);
	assert_true(vc_picmeasure_grid(&img) < 1);
	vc_image_clear(&img);
	assert_int_equal(vc_image_alloc(&img, 31, 99), 0);
	assert_true(vc_picmeasure_grid(&img) == 0);
	vc_image_clear(&img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dark),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_small_change),
		cmocka_unit_test(test_grid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
