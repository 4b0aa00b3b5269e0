/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "media/layout.h"

static bool apart(struct vc_rect a, struct vc_rect b)
{
	return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y ||
	       b.y + b.h <= a.y;
}

static void check_grid(const struct vc_rect *r, int n, int w, int h)
{
	for (int i = 0; i < n; i++) {
		assert_true(r[i].x >= 0 && r[i].x + r[i].w <= w);
		assert_true(r[i].y >= 0 && r[i].y + r[i].h <= h);
		assert_int_equal((r[i].x | r[i].y | r[i].w | r[i].h) & 1, 0);
		assert_int_equal(r[i].w, r[0].w);
		assert_int_equal(r[i].h, r[0].h);
		/* 16:9 to a 64th, or but for two pixels of rounding. */
		assert_true(abs(r[i].w * 9 - r[i].h * 16) <=
			    r[i].h * 16 / 64 + 32);
		for (int k = 0; k < i; k++)
			assert_true(apart(r[i], r[k]));
	}
}

static void no_tile_overlaps_or_sticks_out(void **state)
{
	static const int sizes[][2] = {
		{ 1280, 720 }, { 640, 360 },  { 1920, 1080 },
		{ 720, 1280 }, { 1000, 998 }, { 4096, 2160 },
	};
	struct vc_rect r[49];

	(void)state;
	for (size_t s = 0; s < VC_COUNT(sizes); s++) {
		for (int n = 1; n <= 49; n++) {
			int w = sizes[s][0], h = sizes[s][1];

			assert_int_equal(vc_layout_grid(r, 49, (size_t)n, w, h),
					 0);
			check_grid(r, n, w, h);
		}
	}
}

/* On a 16:9 canvas k x k tiles fill it, and in between the loss is bounded. */
static void the_area_is_used(void **state)
{
	struct vc_rect r[49];

	(void)state;
	for (int n = 1; n <= 49; n++) {
		int side = 1;

		while (side * side < n)
			side++;
		assert_int_equal(vc_layout_grid(r, 49, (size_t)n, 1280, 720),
				 0);
		int64_t used = (int64_t)n * r[0].w * r[0].h;
		int64_t square = (int64_t)n * 1280 * 720 / (side * side);

		assert_true(used * 100 >= square * 97);
	}
}

static void known_grids(void **state)
{
	static const struct {
		int n, w, h, i;
		struct vc_rect want;
	} rows[] = {
		{ 1, 1280, 720, 0, { 0, 0, 1280, 720 } },
		{ 2, 1280, 720, 0, { 0, 180, 640, 360 } },
		{ 2, 1280, 720, 1, { 640, 180, 640, 360 } },
		{ 3, 1280, 720, 1, { 640, 0, 640, 360 } },
		{ 3, 1280, 720, 2, { 320, 360, 640, 360 } },
		{ 4, 1280, 720, 3, { 640, 360, 640, 360 } },
		{ 5, 1280, 720, 0, { 0, 122, 426, 238 } },
		{ 5, 1280, 720, 3, { 214, 360, 426, 238 } },
		{ 6, 1280, 720, 5, { 852, 360, 426, 238 } },
		{ 2, 720, 1280, 1, { 0, 640, 720, 404 } },
	};
	struct vc_rect r[6];

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rows); k++) {
		assert_int_equal(vc_layout_grid(r, 6, (size_t)rows[k].n,
						rows[k].w, rows[k].h),
				 0);
		assert_memory_equal(&r[rows[k].i], &rows[k].want, sizeof(r[0]));
	}
}

static void the_last_row_is_centred(void **state)
{
	struct vc_rect r[5];

	(void)state;
	assert_int_equal(vc_layout_grid(r, 5, 5, 1920, 1080), 0);
	assert_int_equal(r[3].y, r[4].y);
	assert_int_equal(r[3].x + r[4].x + r[4].w, 1920);
}

static void too_many(void **state)
{
	struct vc_rect r[4096];

	(void)state;
	assert_int_equal(vc_layout_grid(r, 3, 4, 1280, 720), -E2BIG);
	assert_int_equal(vc_layout_grid(r, 3, 0, 1280, 720), 0);
	assert_int_equal(vc_layout_grid(r, 4096, 4096, 64, 36), -ERANGE);
	assert_int_equal(vc_layout_grid(r, 4096, 1, 8, 8), -ERANGE);
	assert_int_equal(vc_layout_grid(r, 4096, 2, 16, 14), -ERANGE);
}

static void fitting(void **state)
{
	static const struct {
		struct vc_rect box;
		int w, h;
		struct vc_rect want;
	} rows[] = {
		{ { 0, 0, 640, 360 }, 640, 360, { 0, 0, 640, 360 } },
		{ { 0, 0, 640, 360 }, 1280, 720, { 0, 0, 640, 360 } },
		{ { 10, 20, 640, 360 }, 480, 360, { 90, 20, 480, 360 } },
		{ { 0, 0, 426, 240 }, 640, 360, { 0, 0, 426, 240 } },
		{ { 0, 0, 640, 360 }, 360, 640, { 218, 0, 202, 360 } },
		{ { 0, 0, 640, 360 }, 4096, 1, { 0, 178, 640, 2 } },
		{ { 0, 0, 640, 360 }, 1, 4096, { 318, 0, 2, 360 } },
	};

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rows); k++) {
		struct vc_rect r =
			vc_layout_fit(rows[k].box, rows[k].w, rows[k].h);

		assert_memory_equal(&r, &rows[k].want, sizeof(r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_tile_overlaps_or_sticks_out),
		cmocka_unit_test(the_area_is_used),
		cmocka_unit_test(known_grids),
		cmocka_unit_test(the_last_row_is_centred),
		cmocka_unit_test(too_many),
		cmocka_unit_test(fitting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
