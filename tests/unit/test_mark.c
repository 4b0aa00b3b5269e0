/* SPDX-License-Identifier: MIT */
/*
 * Marks in pictures: the code, and reading it back from pictures that were
 * cropped and scaled; and nothing from pictures that have none. A wrong
 * reading fails a test wherever it happens.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "media/mark.h"
#include "media/pixels.h"
#include "media/testpic.h"
#include "marks.h"

static struct vc_rand draw;

static uint32_t number(const char *what, uint64_t i)
{
	return vc_rand_u32(&draw, what, i);
}

static struct vc_mark random_mark(uint64_t i)
{
	uint32_t n = number("mark", i);

	return vc_mark_make((uint16_t)n, n >> 16,
			    (int64_t)number("time", i) * VC_MS);
}

/* Up to seven wrong cells are put right; of more nothing wrong is read. */
static void test_code(void **state)
{
	uint8_t cells[VC_MARK_CELLS];
	int refused = 0;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		struct vc_mark m = random_mark(i), got = { 0 };
		unsigned int errors = i % 12, turned = 0;

		vc_mark_encode(cells, &m);
		for (unsigned int k = 0; turned < errors; k++) {
			uint32_t at =
				number("cell", i * 64 + k) % VC_MARK_CELLS;

			if (cells[at] & 2)
				continue;
			cells[at] ^= 3;
			turned++;
		}
		for (unsigned int k = 0; k < VC_MARK_CELLS; k++)
			cells[k] &= 1;
		if (errors <= 7) {
			assert_int_equal(vc_mark_decode(&got, cells), errors);
			assert_same(&got, &m);
		} else {
			refused += vc_mark_decode(&got, cells) == -EBADMSG;
		}
	}
	/* 8 to 11 errors of 0 to 11 */
	assert_int_equal(refused, 20000 / 12 * 4);
	memset(cells, 0, sizeof(cells));
	assert_int_equal(vc_mark_decode(&(struct vc_mark){ 0 }, cells),
			 -EBADMSG);
	memset(cells, 1, sizeof(cells));
	assert_int_equal(vc_mark_decode(&(struct vc_mark){ 0 }, cells),
			 -EBADMSG);
}

static void test_taken(void **state)
{
	static const struct {
		int64_t taken_ms, read_ms;
		bool is_same;
	} rows[] = {
		{ 0, 0, true },
		{ 0, 59000, true },
		{ 65535, 65536, true },
		{ 65536, 65537, true },
		{ 1792249000123, 1792249000323, true },
		{ 1792249004000, 1792249000000, true }, /* clocks differ */
		{ 1792249006000, 1792249000000, false },
		{ 1792249000000, 1792249061000, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t now = rows[i].read_ms * VC_MS;
		struct vc_mark m = vc_mark_make(1, 2, rows[i].taken_ms * VC_MS);

		assert_int_equal(vc_mark_taken(&m, now) ==
					 rows[i].taken_ms * VC_MS,
				 rows[i].is_same);
	}
	assert_int_equal(vc_mark_make(1, VC_MARK_FRAMES + 5, 0).frame, 5);
	assert_int_equal(vc_mark_make(1, 0, VC_MS / 2).time_ms, 1);
	assert_int_not_equal(vc_mark_id("alice"), vc_mark_id("bob"));
}

/* --- pictures --- */

/* A part of a picture, without a copy. Coordinates are even. */
static struct vc_image part_of(const struct vc_image *img, struct vc_rect r)
{
	struct vc_image part = *img;

	part.width = r.w;
	part.height = r.h;
	part.y += r.y * img->stride_y + r.x;
	part.u += r.y / 2 * img->stride_u + r.x / 2;
	part.v += r.y / 2 * img->stride_v + r.x / 2;
	return part;
}

static void test_sizes(void **state)
{
	static const struct {
		int width, height;
		bool has_room;
	} rows[] = {
		{ 160, 90, true },   { 176, 144, true },   { 320, 180, true },
		{ 426, 240, true },  { 640, 360, true },   { 640, 480, true },
		{ 853, 481, true },  { 1280, 720, true },  { 1920, 1080, true },
		{ 720, 1280, true }, { 3840, 2160, true }, { 118, 66, false },
		{ 16, 16, false },   { 2000, 40, false },  { 40, 2000, false },
		{ 1, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_mark m = random_mark(i);
		struct vc_mark_reader r = { 0 };
		struct vc_image img;
		int err;

		assert_int_equal(
			vc_image_alloc(&img, rows[i].width, rows[i].height), 0);
		err = vc_mark_draw(&img, &m);
		assert_int_equal(err, rows[i].has_room ? 0 : -ERANGE);
		assert_int_equal(reads(&r, &img, &m), rows[i].has_room);
		vc_image_clear(&img);
	}
}

/* Scaled there and back, by all kinds of factors. */
static void test_scaled(void **state)
{
	static const struct {
		int width, height, to_width, to_height, back_width;
	} rows[] = {
		{ 1280, 720, 320, 180, 0 },   { 1280, 720, 320, 180, 1280 },
		{ 640, 360, 426, 240, 0 },    { 640, 360, 320, 180, 0 },
		{ 640, 360, 1280, 720, 0 },   { 640, 360, 400, 360, 0 },
		{ 1280, 720, 854, 480, 640 }, { 1920, 1080, 320, 180, 0 },
		{ 1280, 720, 280, 158, 0 },   { 640, 360, 574, 322, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_mark_reader r = { 0 };
		struct film f;

		film_open(&f, rows[i].width, rows[i].height, "alice");
		for (uint64_t n = 0; n < 40; n++) {
			struct vc_mark m = film_draw(&f, 1000 + 31 * n);
			struct vc_image a = scaled(&f.img, rows[i].to_width,
						   rows[i].to_height);
			struct vc_image b = { 0 };

			if (rows[i].back_width)
				b = scaled(&a, rows[i].back_width,
					   rows[i].back_width * 9 / 16);
			assert_true(reads(&r, b.y ? &b : &a, &m));
			vc_image_clear(&a);
			vc_image_clear(&b);
		}
		film_close(&f);
	}
}

/* Each side loses up to 5 %; or bars are added; brightness changes. */
static void test_cropped(void **state)
{
	struct film f;

	(void)state;
	film_open(&f, 640, 360, "carol");
	for (int percent = 1; percent <= 5; percent++) {
		struct vc_rect rect = { 640 * percent / 100 & ~1,
					360 * percent / 100 & ~1, 0, 0 };
		struct vc_mark m = film_draw(&f, (uint64_t)percent);
		struct vc_mark_reader r = { 0 };
		struct vc_image part, out;

		rect.w = 640 - 2 * rect.x;
		rect.h = 360 - 2 * rect.y;
		part = part_of(&f.img, rect);
		assert_true(reads(&r, &part, &m));
		out = scaled(&part, 480, 270);
		assert_true(reads(&r, &out, &m));
		vc_image_clear(&out);
	}
	film_close(&f);
}

static void test_boxed_and_faded(void **state)
{
	struct vc_rect middle = { 0, 60, 640, 360 };
	struct vc_mark_reader r = { 0 };
	struct vc_image box;
	struct vc_mark m;
	struct film f;

	(void)state;
	film_open(&f, 640, 360, "dave");
	m = film_draw(&f, 32767);
	assert_int_equal(vc_image_alloc(&box, 640, 480), 0);
	vc_pixels_scale(&box, middle, &f.img);
	assert_true(reads(&r, &box, &m));
	/* limited to full range, then much darker and flatter */
	for (int i = 0; i < 640 * 480; i++) {
		uint8_t *p = &box.y[i / 640 * box.stride_y + i % 640];
		int full = (*p - 16) * 255 / 219;

		*p = (uint8_t)(full < 0 ? 0 : full > 255 ? 255 : full);
	}
	assert_true(reads(&r, &box, &m));
	for (int i = 0; i < 640 * 480; i++) {
		uint8_t *p = &box.y[i / 640 * box.stride_y + i % 640];

		*p = (uint8_t)(20 + *p * 2 / 5);
	}
	assert_true(reads(&r, &box, &m));
	vc_image_clear(&box);
	film_close(&f);
}

/* --- none --- */

static void fill_noise(struct vc_image *img, uint64_t seed, int kind)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	for (int y = 0; y < img->height; y++) {
		for (int i = 0; i < img->width; i++) {
			uint8_t *p = &img->y[y * img->stride_y + i];

			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (kind == 0)
				*p = (uint8_t)x;
			else if (kind == 1) /* cells, light and dark */
				*p = i % 4 || !i ? (i ? p[-1] : 30) :
						   (x & 1 ? 200 : 40);
			else if (kind == 2) /* bars through the picture */
				*p = y		? p[-img->stride_y] :
				     i % 4 && i ? p[-1] :
						  (x & 1 ? 200 : 40);
			else
				*p = (uint8_t)(i * (1 + (int)(seed % 5)) / 3 +
					       y * (int)(seed % 7) / 2 +
					       (int)(x & 15));
		}
	}
}

static void test_none(void **state)
{
	const char *const names[] = { "alice", "bob", "HH:MM", "|||:|:||" };
	struct vc_mark_found found[4];
	struct vc_testpic pic[4];
	struct vc_image img;

	(void)state;
	assert_int_equal(vc_image_alloc(&img, 320, 180), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			vc_testpic_init(&pic[i], 320, 180, names[i], FPS), 0);
	for (uint64_t i = 0; i < 10000; i++) {
		int kind = (int)(i % 5);

		if (kind < 4)
			fill_noise(&img, i, kind);
		else
			vc_testpic_draw(&pic[i / 5 % 4], &img, i,
					(int64_t)i * 40 * VC_MS);
		assert_int_equal(vc_mark_search(&img, found, 4), 0);
	}
	for (int i = 0; i < 4; i++)
		vc_testpic_clear(&pic[i]);
	vc_image_clear(&img);
}

/* True bars about cells drawn by chance: the code alone has to refuse. */
static void test_no_code(void **state)
{
	struct vc_mark m = { 0 };
	struct vc_mark_geo geo;
	struct vc_image img;
	struct vc_rect at;

	(void)state;
	assert_int_equal(vc_image_alloc(&img, 320, 180), 0);
	assert_int_equal(vc_mark_draw(&img, &m), 0);
	assert_int_equal(vc_mark_place(320, 180, &at), 0);
	geo = (struct vc_mark_geo){ (at.x + 4) * 256, (at.y + 4) * 256, 1024,
				    1024 };
	assert_int_equal(vc_mark_read_at(&img, &geo, &m), 0);
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t bits[2] = { vc_rand_u64(&draw, "a", i),
				     vc_rand_u64(&draw, "b", i) };

		for (int k = 0; k < VC_MARK_CELLS; k++)
			vc_image_fill(&img, at.x + 24 + k % 16 * 4,
				      at.y + 4 + k / 16 * 4, 4, 4,
				      (struct vc_colour){
					      bits[k / 64] >> k % 64 & 1 ? 200 :
									   48,
					      128, 128 });
		assert_int_equal(vc_mark_read_at(&img, &geo, &m), -EBADMSG);
	}
	vc_image_clear(&img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_cropped),
		cmocka_unit_test(test_boxed_and_faded),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_no_code),
	};

	vc_rand_init(&draw, 1, "test", "mark");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
