/* SPDX-License-Identifier: MIT */
/*
 * Marks after VP8, several in one picture, in tiles that move, and what is
 * counted when one fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "codec/video.h"
#include "media/compose.h"
#include "marks.h"

#define TILES 9

struct coder {
	struct vc_videnc *enc;
	struct vc_viddec *dec;
};

static struct coder coder_new(int width, int height, uint32_t bps)
{
	const struct vc_videnc_cfg e = {
		.codec = VC_CODEC_VP8,
		.width = width,
		.height = height,
		.fps_num = FPS,
		.fps_den = 1,
		.bitrate_bps = bps,
		.keyint_frames = 60,
	};
	const struct vc_viddec_cfg d = {
		.codec = VC_CODEC_VP8,
		.max_width = 1920,
		.max_height = 1080,
	};
	struct coder c;
	int err;

	c.enc = vc_videnc_new(&e, &err);
	c.dec = vc_viddec_new(&d, &err);
	assert_non_null(c.enc);
	assert_non_null(c.dec);
	return c;
}

static void coder_free(struct coder *c)
{
	vc_videnc_free(c->enc);
	vc_viddec_free(c->dec);
}

/* False: the encoder dropped the picture. 'out' stays the decoder's. */
static bool through(struct coder *c, const struct vc_image *img, int64_t frame,
		    struct vc_image *out)
{
	const uint8_t *p;
	bool is_key;
	size_t len;

	assert_int_equal(vc_videnc_encode(c->enc, img, frame, false, &p, &len,
					  &is_key),
			 0);
	if (!len)
		return false;
	assert_int_equal(vc_viddec_decode(c->dec, p, len, out), 0);
	return true;
}

static void test_vp8(void **state)
{
	static const struct {
		int width, height;
		uint32_t bps;
		int to_width, to_height;
	} rows[] = {
		{ 640, 360, 150000, 640, 360 }, { 640, 360, 150000, 320, 180 },
		{ 640, 360, 60000, 426, 240 },	{ 1280, 720, 400000, 320, 180 },
		{ 320, 180, 60000, 320, 180 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct coder c =
			coder_new(rows[i].width, rows[i].height, rows[i].bps);
		struct vc_mark_reader r = { 0 };
		int pictures = 0, read = 0;
		struct film f;

		film_open(&f, rows[i].width, rows[i].height, "erin");
		for (uint64_t n = 0; n < 120; n++) {
			struct vc_mark m = film_draw(&f, n);
			struct vc_image img, to;

			if (!through(&c, &f.img, (int64_t)n, &img))
				continue;
			to = scaled(&img, rows[i].to_width, rows[i].to_height);
			read += reads(&r, &to, &m);
			pictures++;
			vc_image_clear(&to);
		}
		printf("%dx%d, %u bit/s, read at %dx%d: %d of %d\n",
		       rows[i].width, rows[i].height, rows[i].bps,
		       rows[i].to_width, rows[i].to_height, read, pictures);
		assert_true(pictures > 100);
		assert_int_equal(read, pictures);
		film_close(&f);
		coder_free(&c);
	}
}

/* --- several in one picture --- */

struct grid {
	struct film film[TILES];
	struct vc_mark mark[TILES];
	struct vc_compose *compose;
};

static void grid_open(struct grid *g)
{
	char name[16];

	for (int i = 0; i < TILES; i++) {
		snprintf(name, sizeof(name), "p%d", i + 1);
		film_open(&g->film[i], 640, 360, name);
	}
	g->compose = vc_compose_new(1280, 720);
	assert_non_null(g->compose);
}

static void grid_close(struct grid *g)
{
	for (int i = 0; i < TILES; i++)
		film_close(&g->film[i]);
	vc_compose_free(g->compose);
}

static const struct vc_image *grid_draw(struct grid *g, size_t n,
					uint64_t frame)
{
	struct vc_rect rects[TILES];
	uint64_t keys[TILES];

	vc_layout_grid(rects, TILES, n, 1280, 720);
	for (size_t i = 0; i < n; i++)
		keys[i] = i + 1;
	assert_int_equal(vc_compose_set_layout(g->compose, rects, keys, n), 0);
	for (size_t i = 0; i < n; i++) {
		struct vc_tile tile = { .generation = frame + 1,
					.name = g->film[i].pic.name,
					.signs.is_active = frame / 15 % n ==
							   i };

		/* Each at a time of its own. */
		g->mark[i] = film_draw(&g->film[i], frame + 777 * i);
		tile.image = &g->film[i].img;
		assert_int_equal(vc_compose_tile(g->compose, i, &tile), 0);
	}
	return vc_compose_canvas(g->compose);
}

/* How many of the first 'n' were read; none of them twice, none wrong. */
static int grid_read(const struct grid *g, size_t n,
		     const struct vc_mark_reader *r)
{
	int read = 0;

	for (size_t k = 0; k < r->n; k++) {
		size_t i = 0;

		if (!r->found[k].is_read)
			continue;
		while (i < n && g->mark[i].id != r->found[k].mark.id)
			i++;
		assert_true(i < n);
		assert_same(&r->found[k].mark, &g->mark[i]);
		read++;
	}
	assert_true(read <= (int)n);
	return read;
}

static void test_grid(void **state)
{
	struct grid *g = vc_alloc(1, sizeof(*g));
	struct coder c = coder_new(1280, 720, 1500000);
	struct vc_mark_reader r = { 0 };
	int pictures = 0, read = 0;

	(void)state;
	grid_open(g);
	for (uint64_t n = 0; n < 90; n++) {
		const struct vc_image *img = grid_draw(g, TILES, n);
		struct vc_image out;

		if (!through(&c, img, (int64_t)n, &out))
			continue;
		vc_mark_read(&r, &out);
		read += grid_read(g, TILES, &r);
		pictures++;
	}
	printf("3x3 at 1500000 bit/s: %d of %d\n", read, pictures * TILES);
	assert_true(pictures > 60);
	assert_int_equal(read, pictures * TILES);
	grid_close(g);
	coder_free(&c);
	free(g);
}

/* Others come and go and all tiles move: found again at once. */
static void test_moving(void **state)
{
	struct vc_rand draw;
	struct grid *g = vc_alloc(1, sizeof(*g));
	struct vc_mark_reader r = { 0 };
	size_t n = 1;

	(void)state;
	vc_rand_init(&draw, 1, "test", "mark");
	grid_open(g);
	for (uint64_t frame = 0; frame < 400; frame++) {
		if (frame % 40 == 0)
			n = 1 + vc_rand_u32(&draw, "tiles", frame) % TILES;
		vc_mark_read(&r, grid_draw(g, n, frame));
		if (frame % 40 == 0)
			assert_true(grid_read(g, n, &r) >= 1);
		if (frame % 40 > 15)
			assert_int_equal(grid_read(g, n, &r), n);
	}
	/* Nobody is there any longer: forgotten. */
	for (int i = 0; i < 200; i++) {
		struct vc_image img;

		assert_int_equal(vc_image_alloc(&img, 1280, 720), 0);
		vc_mark_read(&r, &img);
		vc_image_clear(&img);
	}
	assert_int_equal(r.n, 0);
	grid_close(g);
	free(g);
}

/* What is counted when pictures of a mark are spoilt, and when it is away. */
static void test_failing(void **state)
{
	struct vc_mark_reader r = { 0 };
	struct film f;
	struct vc_rect at;
	struct vc_mark m;

	(void)state;
	film_open(&f, 640, 360, "mallory");
	assert_int_equal(vc_mark_place(640, 360, &at), 0);
	m = film_draw(&f, 1);
	assert_true(reads(&r, &f.img, &m));
	for (uint64_t n = 2; n < 5; n++) {
		film_draw(&f, n);
		vc_image_fill(&f.img, at.x + 60, at.y + 10, 120, 30,
			      (struct vc_colour){ 200, 128, 128 });
		assert_false(reads(&r, &f.img, &m));
	}
	assert_int_equal(r.found[0].failed, 3);
	assert_int_equal(r.found[0].seen, 3);
	film_draw(&f, 5);
	vc_image_fill(&f.img, at.x, at.y, at.w, at.h,
		      (struct vc_colour){ 90, 128, 128 });
	assert_false(reads(&r, &f.img, &m));
	m = film_draw(&f, 6);
	assert_true(reads(&r, &f.img, &m));
	assert_int_equal(r.found[0].failed, 4);
	assert_int_equal(r.found[0].seen, 3);
	m = film_draw(&f, 7);
	assert_true(reads(&r, &f.img, &m));
	assert_int_equal(r.found[0].failed, 0);
	film_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vp8),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_failing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
