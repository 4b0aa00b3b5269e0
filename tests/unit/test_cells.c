/* SPDX-License-Identifier: MIT */
/* A screen of characters: widths, what is foreign, colours, what changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/cells.h"
#include "media/pixels.h"

#define FG UINT32_C(0xffffff)
#define BG UINT32_C(0)

/* All of 'c' as text, to be freed. */
static char *whole(struct vc_cells *c)
{
	size_t len;
	const char *text = vc_cells_update(c, true, &len);
	char *copy = vc_alloc(1, len + 1);

	memcpy(copy, text, len);
	return copy;
}

static void text_in_columns(void **state)
{
	static const struct {
		const char *text;
		int room, took;
		const char *line;
	} rows[] = {
		{ "alice", 8, 5, "alice   " },
		{ "", 8, 0, "        " },
		{ "alice in w", 8, 8, "alice i\xe2\x80\xa6" },
		{ "alice in", 8, 8, "alice in" },
		/* Wide ones take two columns, and are never halved. */
		{ "\xe5\x90\x8d\xe5\x89\x8d", 8, 4,
		  "\xe5\x90\x8d\xe5\x89\x8d    " },
		{ "\xe5\x90\x8d\xe5\x89\x8d\xe5\x90\x8d", 4, 3,
		  "\xe5\x90\x8d\xe2\x80\xa6     " },
		{ "\xe5\x90\x8d", 1, 1, "\xe2\x80\xa6       " },
		/* Combining ones take none, also behind a wide one. */
		{ "u\xcc\x88x", 8, 2, "u\xcc\x88x      " },
		{ "\xe5\x90\x8d\xcc\x88x", 8, 3, "\xe5\x90\x8d\xcc\x88x     " },
		{ "\xcc\x88x", 8, 1, "x       " },
		/* So many that they have no room. */
		{ "u\xcc\x88\xcc\x88\xcc\x88\xcc\x88\xcc\x88\xcc\x88\xcc\x88"
		  "\xcc\x88\xcc\x88",
		  8, 1,
		  "u\xcc\x88\xcc\x88\xcc\x88\xcc\x88\xcc\x88\xcc\x88       " },
		/* What is foreign is shown, not carried out. */
		{ "a\x1b[J", 8, 7, "a\\x1b[J " },
		{ "\n", 8, 4, "\\x0a    " },
		{ "\xff", 8, 4, "\\xff    " },
		{ "\xe2\x80\xae", 8, 8, "\\u{202e}" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_cells *c = vc_cells_new(8, 1, VC_CELLS_NONE);
		char *text, line[64];

		assert_int_equal(vc_cells_text(c, 0, 0, rows[i].room,
					       rows[i].text, FG, BG),
				 rows[i].took);
		text = whole(c);
		strcpy(line, rows[i].line);
		strcat(line, "\n");
		assert_string_equal(text, line);
		free(text);
		vc_cells_free(c);
	}
}

static void fill(struct vc_image *im, uint32_t rgb)
{
	vc_image_fill(im, 0, 0, im->width, im->height, vc_pixels_colour(rgb));
}

static void pictures_in_cells(void **state)
{
	static const struct {
		enum vc_cells_colours colours;
		uint32_t rgb;
		const char *text;
	} rows[] = {
		{ VC_CELLS_NONE, 0x000000, "   \n" },
		{ VC_CELLS_NONE, 0xffffff, "@@@\n" },
		{ VC_CELLS_NONE, 0x808080, "+++\n" },
		{ VC_CELLS_256, 0xffffff,
		  "\033[38;5;231m\033[48;5;231m\xe2\x96\x80\xe2\x96\x80"
		  "\xe2\x96\x80\033[0m\n" },
		{ VC_CELLS_256, 0x808080,
		  "\033[38;5;244m\033[48;5;244m\xe2\x96\x80\xe2\x96\x80"
		  "\xe2\x96\x80\033[0m\n" },
		{ VC_CELLS_TRUE, 0xffffff,
		  "\033[38;2;255;255;255m\033[48;2;255;255;255m\xe2\x96\x80"
		  "\xe2\x96\x80\xe2\x96\x80\033[0m\n" },
	};
	struct vc_image im;

	(void)state;
	assert_int_equal(vc_image_alloc(&im, 64, 64), 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_cells *c = vc_cells_new(3, 1, rows[i].colours);
		char *text;

		fill(&im, rows[i].rgb);
		/* An odd number of columns, too. */
		assert_int_equal(vc_cells_image(c, 0, 0, 3, 1, &im), 0);
		text = whole(c);
		assert_string_equal(text, rows[i].text);
		free(text);
		vc_cells_free(c);
	}
	vc_image_clear(&im);
}

static void only_what_changed(void **state)
{
	struct vc_cells *c = vc_cells_new(20, 3, VC_CELLS_TRUE);
	const char *text;
	size_t len;

	(void)state;
	vc_cells_text(c, 0, 1, 20, "\xe5\x90\x8d\xe5\x89\x8d alice", FG, BG);
	vc_cells_update(c, false, &len);
	assert_true(len > 60);
	/* The same again: nothing. */
	vc_cells_clear(c);
	vc_cells_text(c, 0, 1, 20, "\xe5\x90\x8d\xe5\x89\x8d alice", FG, BG);
	vc_cells_update(c, false, &len);
	assert_int_equal(len, 0);
	/* One letter, at its place. */
	vc_cells_text(c, 0, 1, 20, "\xe5\x90\x8d\xe5\x89\x8d alike", FG, BG);
	text = vc_cells_update(c, false, &len);
	assert_int_equal(len, 6 + 19 + 13 + 1);
	assert_memory_equal(text, "\033[2;9H", 6);
	assert_int_equal(text[len - 1], 'k');
	/* Half of a wide one is all of it. */
	vc_cells_text(c, 1, 1, 20, "x", FG, BG);
	vc_cells_text(c, 0, 1, 1, " ", FG, BG);
	text = vc_cells_update(c, false, &len);
	assert_memory_equal(text, "\033[2;1H", 6);
	assert_int_equal(len, 6 + 19 + 13 + 2);
	/* Not known any longer: all of it. */
	vc_cells_forget(c);
	vc_cells_update(c, false, &len);
	assert_true(len > 60);
	/* Another size. */
	assert_int_equal(
		vc_cells_resize(c, VC_CELLS_MAX_COLS, VC_CELLS_MAX_ROWS), 0);
	vc_cells_update(c, false, &len);
	assert_true(len >= VC_CELLS_MAX_COLS * VC_CELLS_MAX_ROWS);
	vc_cells_free(c);
}

/* The most octets that cells can take have room. */
static void all_different(void **state)
{
	struct vc_cells *c = vc_cells_new(61, 9, VC_CELLS_TRUE);
	size_t len;

	(void)state;
	for (int y = 0; y < 9; y++)
		for (int x = 0; x < 61; x++)
			vc_cells_text(c, x, y, 1,
				      "u\xcc\x88\xcc\x88\xcc\x88\xcc\x88",
				      0xfefefe - (uint32_t)x,
				      0xefefef - (uint32_t)x);
	vc_cells_update(c, true, &len);
	assert_int_equal(len, 61 * 9 * (19 + 19 + 9) + 9 * 5);
	vc_cells_free(c);
}

static void meters(void **state)
{
	struct vc_cells *c = vc_cells_new(12, 1, VC_CELLS_NONE);
	char *text;

	(void)state;
	vc_cells_meter(c, 1, 0, 10, 4);
	text = whole(c);
	assert_string_equal(text, " ####...... \n");
	free(text);
	/* What has no room is left out. */
	vc_cells_meter(c, 8, 0, 10, 40);
	vc_cells_fill(c, -0, 0, 100, 100, BG);
	vc_cells_text(c, 0, 5, 10, "x", FG, BG);
	vc_cells_text(c, 20, 0, 10, "x", FG, BG);
	vc_cells_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_in_columns),
		cmocka_unit_test(pictures_in_cells),
		cmocka_unit_test(only_what_changed),
		cmocka_unit_test(all_different),
		cmocka_unit_test(meters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
