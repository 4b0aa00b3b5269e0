/* SPDX-License-Identifier: MIT */
/* The font and the test picture that is written with it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/font.h"
#include "media/testpic.h"

static const struct vc_colour white = { 235, 128, 128 };

static uint64_t sum_plane(uint64_t h, const uint8_t *p, int stride, int width,
			  int height)
{
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			h = (h ^ p[y * stride + x]) * UINT64_C(0x100000001b3);
	return h;
}

/* FNV-1a over what is visible. */
static uint64_t sum(const struct vc_image *im)
{
	int w = vc_image_half(im->width), h = vc_image_half(im->height);
	uint64_t s = UINT64_C(0xcbf29ce484222325);

	s = sum_plane(s, im->y, im->stride_y, im->width, im->height);
	s = sum_plane(s, im->u, im->stride_u, w, h);
	return sum_plane(s, im->v, im->stride_v, w, h);
}

static int lit(const struct vc_image *im)
{
	int n = 0;

	for (int y = 0; y < im->height; y++)
		for (int x = 0; x < im->width; x++)
			n += im->y[y * im->stride_y + x] != 16;
	return n;
}

/* All 95 characters differ, and none but the space is empty. */
static void test_glyphs(void **state)
{
	uint64_t sums[96];

	(void)state;
	for (int i = 0; i < 96; i++) {
		char text[2] = { (char)(32 + i), 0 };
		struct vc_image im;

		assert_int_equal(vc_image_alloc(&im, 24, 36), 0);
		assert_int_equal(vc_font_draw(&im, 0, 0, 3, text, white), 24);
		assert_int_equal(lit(&im) == 0, i == 0);
		sums[i] = sum(&im);
		for (int k = 0; k < i; k++)
			assert_true(sums[k] != sums[i]);
		vc_image_clear(&im);
	}
	assert_int_equal(vc_font_width(3, "ab"), 48);
	/* A box a character, cut ones as well. */
	assert_int_equal(vc_font_width(1, "\xc3\x89\xe5\x90\x8d"), 16);
	assert_int_equal(vc_font_width(1, "\xe5\x90"), 8);
	assert_int_equal(vc_font_width(1, "\x90\xff"), 16);
}

/* Bytes that are no ASCII are boxes, not reads past the table. */
static void test_foreign_bytes(void **state)
{
	struct vc_image a, b;

	(void)state;
	assert_int_equal(vc_image_alloc(&a, 40, 12), 0);
	assert_int_equal(vc_image_alloc(&b, 40, 12), 0);
	vc_font_draw(&a, 0, 0, 1, "\x1b\x7f\x80\xff\n", white);
	vc_font_draw(&b, 0, 0, 1, "\x01\x02\x03\x04\x05", white);
	assert_true(sum(&a) == sum(&b));
	assert_true(lit(&a) > 0);
	vc_image_clear(&a);
	vc_image_clear(&b);
}

/* Off every edge: what is inside is what a larger picture has there. */
static void test_clipping(void **state)
{
	static const struct {
		int x, y;
	} rows[] = {
		{ -13, 3 }, { 50, 3 },	 { 5, -10 },  { 5, 20 },
		{ -3, -3 }, { 1000, 0 }, { 0, 1000 }, { -1000, -1000 },
	};
	enum { W = 61, H = 33, EDGE = 64 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_image small, large;

		assert_int_equal(vc_image_alloc(&small, W, H), 0);
		assert_int_equal(
			vc_image_alloc(&large, W + 2 * EDGE, H + 2 * EDGE), 0);
		vc_font_draw(&small, rows[i].x, rows[i].y, 2, "vc", white);
		vc_font_draw(&large, rows[i].x + EDGE, rows[i].y + EDGE, 2,
			     "vc", white);
		for (int y = 0; y < H; y++)
			assert_memory_equal(
				small.y + y * small.stride_y,
				large.y + (y + EDGE) * large.stride_y + EDGE,
				W);
		vc_image_clear(&small);
		vc_image_clear(&large);
	}
}

/*
 * The same octets on every machine. A change of the picture changes these
 * sums: look at it, then write the new ones here.
 */
static void test_same_octets(void **state)
{
	static const struct {
		int width, height;
		const char *name;
		uint64_t frame, sum;
	} rows[] = {
		{ 640, 360, "alice", 0, UINT64_C(0xb6538257b51a46c2) },
		{ 640, 360, "alice", 1, UINT64_C(0xbb1138fc4388c90e) },
		{ 640, 360, "bob", 1, UINT64_C(0xb6d36807de6af8cf) },
		{ 333, 187, "carol", 12345678, UINT64_C(0x5d332b7b64b98acc) },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_testpic pic;
		struct vc_image im;
		int64_t now =
			VC_VIRTUAL_EPOCH + (int64_t)rows[i].frame * VC_SEC / 30;

		assert_int_equal(vc_testpic_init(&pic, rows[i].width,
						 rows[i].height, rows[i].name,
						 30),
				 0);
		assert_int_equal(
			vc_image_alloc(&im, rows[i].width, rows[i].height), 0);
		vc_testpic_draw(&pic, &im, rows[i].frame, now);
		if (sum(&im) != rows[i].sum)
			fail_msg("row %zu: 0x%016llx", i,
				 (unsigned long long)sum(&im));
		vc_testpic_clear(&pic);
		vc_image_clear(&im);
	}
}

/* Any size, name and time: for the sanitizers. */
static void test_extremes(void **state)
{
	static const struct {
		int width, height, fps;
		const char *name;
		uint64_t frame;
		int64_t now;
	} rows[] = {
		{ 1, 1, 1, "", 0, 0 },
		{ 1, 1000, 30, "x", UINT64_MAX, INT64_MAX },
		{ 1000, 1, 1000, "x", UINT64_MAX / 2, -1 },
		{ 2, 2, 30, "\x1b[2J/../x", 7, INT64_MIN },
		{ 4096, 4096, 60, "x", 599, VC_VIRTUAL_EPOCH },
		{ 17, 4096, 30,
		  "a name of more than sixty-four characters, which is cut "
		  "where it has to be",
		  1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_testpic pic;
		struct vc_image im;

		assert_int_equal(vc_testpic_init(&pic, rows[i].width,
						 rows[i].height, rows[i].name,
						 rows[i].fps),
				 0);
		assert_int_equal(
			vc_image_alloc(&im, rows[i].width, rows[i].height), 0);
		for (uint64_t k = 0; k < 5; k++)
			vc_testpic_draw(&pic, &im, rows[i].frame + k,
					rows[i].now);
		assert_true(strlen(pic.name) < VC_TESTPIC_NAME_CAP);
		vc_testpic_clear(&pic);
		vc_image_clear(&im);
	}
}

static void test_refused(void **state)
{
	struct vc_testpic pic;

	(void)state;
	assert_int_equal(vc_testpic_init(&pic, 0, 9, "x", 30), -EINVAL);
	vc_testpic_clear(&pic);
	assert_int_equal(vc_testpic_init(&pic, 9, 9, "x", 0), -EINVAL);
	vc_testpic_clear(&pic);
}

/* The people of the examples can be told apart at a glance. */
static void test_hues_differ(void **state)
{
	static const char *const names[] = { "alice", "bob", "carol", "dave" };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(names); i++) {
		for (size_t k = 0; k < i; k++) {
			struct vc_colour a = vc_testpic_hue(names[i]);
			struct vc_colour b = vc_testpic_hue(names[k]);
			int du = a.u - b.u, dv = a.v - b.v;

			assert_true(du * du + dv * dv > 48 * 48);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glyphs),
		cmocka_unit_test(test_foreign_bytes),
		cmocka_unit_test(test_clipping),
		cmocka_unit_test(test_same_octets),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hues_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
