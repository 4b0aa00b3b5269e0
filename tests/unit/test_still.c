/* SPDX-License-Identifier: MIT */
/* What stands still is repeated; any sample of it that changes is coded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/image.h"
#include "codec/still.h"

/* Five by three macroblocks, of which the last ones are cut off. */
#define W 75
#define H 41
#define COLUMNS 5
#define ALL 15

struct world {
	struct vc_image img;
	struct vc_still *still;
};

static void fill(struct vc_image *img)
{
	for (int i = 0; i < img->stride_y * H; i++)
		img->y[i] = (uint8_t)(i * 7);
}

static int open_world(void **state)
{
	static struct world w;

	if (vc_image_alloc(&w.img, W, H))
		return -1;
	fill(&w.img);
	w.still = vc_still_new(W, H);
	*state = &w;
	return w.still ? 0 : -1;
}

static int close_world(void **state)
{
	struct world *w = *state;

	vc_image_clear(&w->img);
	vc_still_free(w->still);
	return 0;
}

/* How many are to be coded. Negative: the picture is dropped then. */
static int next(struct world *w, bool is_key, int quantizer)
{
	const uint8_t *plan = vc_still_plan(w->still, &w->img, is_key);
	int n = 0;

	for (int i = 0; i < ALL; i++)
		n += plan[i];
	if (quantizer >= 0)
		vc_still_coded(w->still, quantizer);
	return n;
}

/* Until it is repeated. */
static void settle(struct world *w, int quantizer)
{
	for (int i = 0; i < VC_STILL_TIMES; i++)
		next(w, false, quantizer);
}

static void test_repeats(void **state)
{
	struct world *w = *state;
	int anew[ALL] = { 0 };

	for (int i = 0; i < VC_STILL_TIMES; i++)
		assert_int_equal(next(w, !i, 20), ALL);
	for (int k = 0; k < VC_STILL_ANEW; k++) {
		const uint8_t *plan = vc_still_plan(w->still, &w->img, false);

		for (int i = 0; i < ALL; i++)
			anew[i] += plan[i];
		vc_still_coded(w->still, 20);
	}
	for (int i = 0; i < ALL; i++)
		assert_int_equal(anew[i], 1);
	assert_int_equal(next(w, true, 20), ALL);
	assert_int_equal(next(w, false, 20), ALL);
}

/* What the encoder dropped was not coded. */
static void test_dropped(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3 * VC_STILL_TIMES; i++)
		assert_int_equal(next(w, !i, -1), ALL);
}

static void test_finer(void **state)
{
	struct world *w = *state;
	const int finer = 20 - VC_STILL_FINER;

	settle(w, 20);
	settle(w, 30);	      /* coarser: nothing to gain */
	settle(w, finer + 1); /* next to nothing */
	assert_true(next(w, false, finer) < 3);
	/* One of those was coded anew just now. */
	for (int i = 0; i < VC_STILL_TIMES - 1; i++)
		assert_int_equal(next(w, false, finer), ALL);
	assert_in_range(next(w, false, finer), ALL - 2, ALL);
	assert_true(next(w, false, finer) < 3);
}

/* Each sample of each plane counts, and for its own macroblock alone. */
static void touch(struct world *w, uint8_t *sample, size_t square)
{
	const uint8_t *plan;

	settle(w, 20);
	for (int i = 0; i < 2; i++) {
		*sample ^= 1;
		plan = vc_still_plan(w->still, &w->img, false);
		assert_int_equal(plan[square], 1);
		vc_still_coded(w->still, 20);
		plan = vc_still_plan(w->still, &w->img, false);
		assert_int_equal(plan[square], 1);
		vc_still_coded(w->still, 20);
	}
}

static void test_each_sample(void **state)
{
	struct world *w = *state;
	struct vc_image *img = &w->img;

	for (int y = 0; y < H; y += 3)
		for (int x = 0; x < W; x++)
			touch(w, &img->y[y * img->stride_y + x],
			      (size_t)(y / 16 * COLUMNS + x / 16));
	for (int y = 0; y < vc_image_half(H); y++)
		for (int x = 0; x < vc_image_half(W); x++) {
			const size_t i = (size_t)(y / 8 * COLUMNS + x / 8);

			touch(w, &img->u[y * img->stride_u + x], i);
			touch(w, &img->v[y * img->stride_v + x], i);
		}
}

/* What moves, grows or blinks in one column, however evenly. */
static void change(struct world *w, int x, int kind, int by)
{
	uint8_t *p = &w->img.y[x];
	const ptrdiff_t stride = w->img.stride_y;
	const uint8_t first = p[0];

	for (int i = 0; i < 16; i++) {
		if (kind == 0) /* a caret of some rows */
			p[i * stride] ^= i < 2 * by ? 0x80 : 0;
		else if (kind == 1) /* a rule that gets brighter */
			p[i * stride] = (uint8_t)(p[i * stride] + 16 * by);
	}
	if (kind == 2) { /* a point that moves down */
		p[0] = p[by * stride];
		p[by * stride] = first;
	}
}

static bool is_coded(struct world *w, int square)
{
	const bool is = vc_still_plan(w->still, &w->img, false)[square];

	vc_still_coded(w->still, 20);
	return is;
}

static void test_even_changes(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3 * 64 * 7; i++) {
		const int kind = i % 3, x = i / 3 % 64, by = 1 + i / 3 / 64;
		uint8_t *p = &w->img.y[x];

		fill(&w->img);
		p[0] = p[by * w->img.stride_y] ^ 0x80;
		settle(w, 20);
		change(w, x, kind, by);
		/* Twice, as once may be by its turn. */
		assert_true(is_coded(w, x / 16) && is_coded(w, x / 16));
	}
}

/* Rows that change places are another picture. */
static void test_moved(void **state)
{
	struct world *w = *state;
	struct vc_image *img = &w->img;

	settle(w, 20);
	for (int x = 0; x < W; x++) {
		uint8_t *a = &img->y[x], *b = &img->y[img->stride_y + x];
		const uint8_t was = *a;

		*a = *b;
		*b = was;
	}
	assert_in_range(next(w, false, 20), COLUMNS, COLUMNS + 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_repeats),	 TEST(test_dropped),
		TEST(test_finer),	 TEST(test_each_sample),
		TEST(test_even_changes), TEST(test_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
