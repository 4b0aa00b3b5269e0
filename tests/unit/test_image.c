/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/image.h"
#include "base/mem.h"

static void test_sizes(void **state)
{
	static const struct {
		int width, height, err;
	} rows[] = {
		{ 1, 1, 0 },	      { 3, 5, 0 },	    { 640, 360, 0 },
		{ 4096, 4096, 0 },    { 0, 1, -EINVAL },    { 1, -1, -EINVAL },
		{ 4097, 1, -EINVAL }, { 1, 4097, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_image im;

		assert_int_equal(vc_image_alloc(&im, rows[i].width,
						rows[i].height),
				 rows[i].err);
		assert_int_equal(im.y != NULL, !rows[i].err);
		assert_int_equal(vc_image_size_ok(rows[i].width,
						  rows[i].height),
				 !rows[i].err);
		if (im.y) {
			assert_int_equal(im.y[0], 16);
			assert_int_equal(im.v[0], 128);
		}
		vc_image_clear(&im);
		assert_null(im.y);
	}
}

/* Rectangles inside, across each edge, and outside. */
static void test_fill(void **state)
{
	static const struct {
		int x, y, w, h, pixels;
	} rows[] = {
		{ 0, 0, 5, 3, 15 },	   { 1, 1, 2, 1, 2 },
		{ -2, -2, 4, 4, 4 },	   { 4, 2, 100, 100, 1 },
		{ 5, 0, 1, 1, 0 },	   { 0, 0, 0, 9, 0 },
		{ -9, 0, 9, 3, 0 },	   { INT32_MAX, 0, INT32_MAX, 3, 0 },
		{ INT32_MIN, 0, 9, 3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_image im;
		int n = 0;

		assert_int_equal(vc_image_alloc(&im, 5, 3), 0);
		vc_image_fill(&im, rows[i].x, rows[i].y, rows[i].w, rows[i].h,
			      (struct vc_colour){ 200, 90, 91 });
		for (int y = 0; y < 3; y++)
			for (int x = 0; x < 5; x++)
				n += im.y[y * im.stride_y + x] == 200;
		assert_int_equal(n, rows[i].pixels);
		vc_image_clear(&im);
	}
}

static void test_copy(void **state)
{
	struct vc_image a, b;

	(void)state;
	assert_int_equal(vc_image_alloc(&a, 7, 5), 0);
	assert_int_equal(vc_image_alloc(&b, 7, 5), 0);
	vc_image_fill(&a, 6, 4, 1, 1, (struct vc_colour){ 99, 98, 97 });
	b.stride_y -= 1; /* rows one by one */
	vc_image_copy(&b, &a);
	assert_int_equal(b.y[4 * b.stride_y + 6], 99);
	assert_int_equal(b.u[2 * b.stride_u + 3], 98);
	assert_int_equal(b.v[2 * b.stride_v + 3], 97);
	vc_image_clear(&a);
	vc_image_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
