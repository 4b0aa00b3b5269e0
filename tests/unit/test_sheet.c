/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/sheet.h"

#define THUMB_W 32
#define THUMB_H 18

/* Of the drawn sheet: what lies right of and below a cell. */
#define MARGIN 24
#define GAP 6

/* A picture that carries a number. */
static struct vc_image numbered(int w, int h, int luma)
{
	struct vc_image im;

	assert_int_equal(vc_image_alloc(&im, w, h), 0);
	vc_image_fill(&im, 0, 0, w, h,
		      (struct vc_colour){ (uint8_t)luma, 128, 128 });
	return im;
}

static int add(struct vc_sheet *s, const char *who, int64_t t, int luma)
{
	struct vc_image im = numbered(64, 36, luma);
	int err = vc_sheet_add(s, who, t, &im, NULL);

	vc_image_clear(&im);
	return err;
}

/* The number in a cell, counted from the lower right one. */
static int number_at(const struct vc_image *im, int from_right, int from_below)
{
	int x = im->width - MARGIN - from_right * (THUMB_W + GAP) - THUMB_W / 2;
	int y = im->height - MARGIN - from_below * (THUMB_H + GAP) -
		THUMB_H / 2;

	return im->y[y * im->stride_y + x];
}

/* A caption lies over the lower edge of its picture, and nowhere else. */
static void a_caption_is_on_its_picture(void **state)
{
	struct vc_image plain, im = numbered(64, 36, 200), out;
	struct vc_sheet *s = vc_sheet_new(4, 64, 36);
	int changed[2] = { 0 };

	(void)state;
	assert_non_null(s);
	assert_true(vc_sheet_columns(s) >= 2);
	assert_int_equal(vc_sheet_add(s, "a", 0, &im, NULL), 0);
	assert_int_equal(vc_sheet_draw(s, &plain), 0);
	vc_sheet_free(s);
	s = vc_sheet_new(4, 64, 36);
	assert_non_null(s);
	assert_int_equal(vc_sheet_add(s, "a", 0, &im, "Hey"), 0);
	assert_int_equal(vc_sheet_add(s, "a", 1, &im, "not the first"), 0);
	assert_int_equal(vc_sheet_draw(s, &out), 0);
	for (int y = 0; y < out.height; y++) {
		const uint8_t *a = plain.y + (ptrdiff_t)y * plain.stride_y;
		const uint8_t *b = out.y + (ptrdiff_t)y * out.stride_y;
		int below = out.height - MARGIN - y;

		changed[below > 0 && below <= 18] +=
			memcmp(a, b, (size_t)out.width) != 0;
	}
	assert_int_equal(changed[0], 0);
	assert_true(changed[1] > 5);
	vc_image_clear(&plain);
	vc_image_clear(&out);
	vc_image_clear(&im);
	vc_sheet_free(s);
}

#define EMPTY 43 /* luma of a cell without a picture, about */

static void columns_double(void **state)
{
	static const struct {
		int n;	  /* pictures, one each 250 ms */
		int used; /* columns */
		int step; /* pictures from column to column */
	} rows[] = {
		{ 1, 1, 1 },  { 4, 4, 1 },   { 5, 3, 2 },
		{ 8, 4, 2 },  { 9, 3, 4 },   { 16, 4, 4 },
		{ 17, 3, 8 }, { 33, 3, 16 }, { 64, 4, 16 },
	};

	(void)state;
	for (size_t r = 0; r < VC_COUNT(rows); r++) {
		struct vc_sheet *s = vc_sheet_new(4, THUMB_W, THUMB_H);
		struct vc_image im;

		assert_non_null(s);
		for (int i = 0; i < rows[r].n; i++)
			assert_int_equal(add(s, "a", i * 250 * VC_MS, 60 + i),
					 0);
		assert_int_equal(vc_sheet_count(s), rows[r].used);
		assert_int_equal(vc_sheet_draw(s, &im), 0);
		int shown = rows[r].used < 2 ? 2 : rows[r].used;

		for (int c = 0; c < rows[r].used; c++)
			assert_int_equal(number_at(&im, shown - 1 - c, 0),
					 60 + c * rows[r].step);
		vc_image_clear(&im);
		vc_sheet_free(s);
	}
}

/* A column keeps the later half's picture where the first half has none. */
static void gaps_stay_gaps(void **state)
{
	struct vc_sheet *s = vc_sheet_new(4, THUMB_W, THUMB_H);
	struct vc_image im;

	(void)state;
	assert_int_equal(add(s, "a", 0, 60), 0);
	assert_int_equal(add(s, "a", 1990 * VC_MS, 100), 0);
	assert_int_equal(add(s, "b", 700 * VC_MS, 120), 0);
	assert_int_equal(vc_sheet_add_row(s, "c"), 0);
	assert_int_equal(vc_sheet_count(s), 3);
	assert_int_equal(vc_sheet_draw(s, &im), 0);
	static const int want[3][4] = {
		{ 60, EMPTY, EMPTY, 100 },
		{ EMPTY, 120, EMPTY, EMPTY },
		{ EMPTY, EMPTY, EMPTY, EMPTY },
	};

	for (int r = 0; r < 3; r++)
		for (int c = 0; c < 4; c++)
			assert_true(abs(number_at(&im, 3 - c, 2 - r) -
					want[r][c]) <= 2);
	vc_image_clear(&im);
	vc_sheet_free(s);
}

static void the_first_of_its_column_stays(void **state)
{
	struct vc_sheet *s = vc_sheet_new(2, THUMB_W, THUMB_H);
	struct vc_image im;

	(void)state;
	assert_int_equal(add(s, "a", 260 * VC_MS, 70), 0);
	assert_int_equal(add(s, "a", 300 * VC_MS, 80), 0);
	/* Out of order is fine. */
	assert_int_equal(add(s, "a", 10 * VC_MS, 90), 0);
	assert_int_equal(vc_sheet_draw(s, &im), 0);
	assert_int_equal(number_at(&im, 1, 0), 90);
	assert_int_equal(number_at(&im, 0, 0), 70);
	vc_image_clear(&im);
	vc_sheet_free(s);
}

static void times_at_the_edges(void **state)
{
	struct vc_sheet *s = vc_sheet_new(3, THUMB_W, THUMB_H);
	struct vc_image im;

	(void)state;
	assert_int_equal(add(s, "a", -1, 60), -EINVAL);
	assert_int_equal(vc_sheet_count(s), 0);
	assert_int_equal(add(s, "a", 0, 60), 0);
	assert_int_equal(add(s, "a", INT64_MAX, 70), -EINVAL);
	assert_int_equal(add(s, "a", VC_SHEET_TIME_MAX + 1, 70), -EINVAL);
	assert_int_equal(add(s, "a", VC_SHEET_TIME_MAX, 70), 0);
	assert_int_equal(vc_sheet_count(s), 2);
	assert_int_equal(vc_sheet_draw(s, &im), 0);
	vc_image_clear(&im);
	vc_sheet_free(s);
}

static void rows_are_bounded(void **state)
{
	struct vc_sheet *s = vc_sheet_new(2, THUMB_W, THUMB_H);
	char who[400];

	(void)state;
	for (int i = 0; i < VC_SHEET_ROWS_MAX; i++) {
		snprintf(who, sizeof(who), "guest %d", i);
		assert_int_equal(add(s, who, 0, 60), 0);
	}
	assert_int_equal(add(s, "one more", 0, 60), -ENOSPC);
	assert_int_equal(vc_sheet_add_row(s, "one more"), -ENOSPC);
	assert_int_equal(add(s, "guest 7", VC_SEC, 60), 0);
	vc_sheet_free(s);

	/* Long names: one row as long as what is kept of them agrees. */
	s = vc_sheet_new(2, THUMB_W, THUMB_H);
	memset(who, 'x', sizeof(who) - 1);
	who[sizeof(who) - 1] = '\0';
	assert_int_equal(add(s, who, 0, 60), 0);
	assert_int_equal(add(s, who, 0, 60), 0);
	assert_int_equal(add(s, "\x1b[2J/../x", 0, 60), 0);
	assert_int_equal(add(s, "", 0, 60), 0);
	assert_int_equal(vc_sheet_count(s), 3);
	vc_sheet_free(s);
}

/* The largest sheets there may be can still be drawn. */
static void large_sheets_fit(void **state)
{
	static const int sizes[][2] = { { 1024, 1024 },
					{ 16, 16 },
					{ 320, 180 } };

	(void)state;
	for (size_t k = 0; k < VC_COUNT(sizes); k++) {
		struct vc_sheet *s = vc_sheet_new(VC_SHEET_COLS_MAX,
						  sizes[k][0], sizes[k][1]);
		struct vc_image im;
		char who[16];
		int err = 0;

		for (int i = 0; !err && i < VC_SHEET_ROWS_MAX; i++) {
			snprintf(who, sizeof(who), "%d", i);
			err = add(s, who, i * VC_SEC, 60);
		}
		assert_true(!err || err == -ENOSPC);
		assert_int_equal(vc_sheet_draw(s, &im), 0);
		vc_image_clear(&im);
		vc_sheet_free(s);
	}
}

static void odd_pictures(void **state)
{
	static const int sizes[][2] = { { 1, 1 }, { 3, 4096 }, { 4096, 3 } };
	struct vc_sheet *s = vc_sheet_new(4, THUMB_W, THUMB_H);

	(void)state;
	for (size_t k = 0; k < VC_COUNT(sizes); k++) {
		struct vc_image im = numbered(sizes[k][0], sizes[k][1], 200);

		assert_int_equal(vc_sheet_add(s, "a", (int64_t)k * 250 * VC_MS,
					      &im, NULL),
				 0);
		vc_image_clear(&im);
	}
	assert_int_equal(vc_sheet_count(s), 3);
	vc_sheet_free(s);
}

static void writing(void **state)
{
	struct vc_sheet *s = vc_sheet_new(4, THUMB_W, THUMB_H);
	int fd = memfd_create("sheet", 0), full = open("/dev/full", O_WRONLY);
	char head[8];

	(void)state;
	assert_true(fd >= 0 && full >= 0);
	assert_int_equal(vc_sheet_set_title(s, "A meeting"), 0);
	assert_int_equal(vc_sheet_set_title(s, NULL), 0);
	assert_int_equal(vc_sheet_set_title(s, "Another <b>meeting"), 0);
	/* Empty too. */
	assert_int_equal(vc_sheet_write(s, fd), 0);
	assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
	assert_memory_equal(head, "\x89PNG\r\n\x1a\n", sizeof(head));
	assert_int_equal(add(s, "a", 0, 60), 0);
	assert_int_equal(vc_sheet_write(s, full), -ENOSPC);
	assert_int_equal(vc_sheet_write(s, -1), -EBADF);
	close(fd);
	close(full);
	vc_sheet_free(s);
	vc_sheet_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_double),
		cmocka_unit_test(a_caption_is_on_its_picture),
		cmocka_unit_test(gaps_stay_gaps),
		cmocka_unit_test(the_first_of_its_column_stays),
		cmocka_unit_test(times_at_the_edges),
		cmocka_unit_test(rows_are_bounded),
		cmocka_unit_test(large_sheets_fit),
		cmocka_unit_test(odd_pictures),
		cmocka_unit_test(writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
