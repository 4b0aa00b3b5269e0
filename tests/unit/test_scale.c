/* SPDX-License-Identifier: MIT */
/*
 * Scaling against the formula of its header, written once more without a
 * thought of speed, on planes that end where they end (sanitizers see more is
 * read). The file itself is taken in, so that what machines without the
 * instructions do is tested, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "media/scale.c" /* NOLINT(bugprone-suspicious-include) */

#define EDGE 24 /* untouched octets around what is written */

static void fill(uint8_t *p, size_t len, uint64_t seed)
{
	struct vc_rand r;
	struct vc_rand_line line;

	vc_rand_init(&r, seed, "test", "scale");
	vc_rand_line(&line, &r, "samples");
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)vc_rand_at(&line, i);
}

/* In 1/65536 of a sample. */
static long long place(long long i, long long from, long long to)
{
	const long long step = from * 65536 / to;
	const long long at = step / 2 - 32768 + i * step;

	return at < 0 ? 0 : at > (from - 1) * 65536 ? (from - 1) * 65536 : at;
}

static int between(int a, int b, long long at)
{
	const int weight = (int)(at % 65536 / 512);

	return ((128 - weight) * a + weight * b + 64) / 128;
}

static int want(const uint8_t *src, int stride, int w, int h, long long px,
		long long py)
{
	const long long x = px / 65536, y = py / 65536;
	const long long x1 = x + 1 < w ? x + 1 : x, y1 = y + 1 < h ? y + 1 : y;
	const uint8_t *a = src + y * stride, *b = src + y1 * stride;

	return between(between(a[x], b[x], py), between(a[x1], b[x1], py), px);
}

/* Rows are 'more' octets apart than they are long, which stay as they are. */
static void check(int dst_w, int dst_h, int w, int h, int more)
{
	const int to = dst_w + more, from = w + more;
	const size_t len = (size_t)to * (size_t)dst_h - (size_t)more;
	const size_t src_len = (size_t)from * (size_t)h - (size_t)more;
	uint8_t *src = vc_alloc(src_len, 1);
	uint8_t *out = vc_alloc(len + 2 * EDGE, 1);
	uint8_t *dst = out + EDGE;

	fill(src, src_len, (uint64_t)(w * 4099 + h));
	memset(out, 0xa5, len + 2 * EDGE);
	vc_scale(dst, to, dst_w, dst_h, src, from, w, h);
	for (int y = 0; y < dst_h; y++) {
		for (int x = 0; x < dst_w; x++)
			assert_int_equal(dst[y * to + x],
					 want(src, from, w, h,
					      place(x, w, dst_w),
					      place(y, h, dst_h)));
		for (int x = dst_w; x < to && y + 1 < dst_h; x++)
			assert_int_equal(dst[y * to + x], 0xa5);
	}
	for (size_t i = 0; i < EDGE; i++) {
		assert_int_equal(out[i], 0xa5);
		assert_int_equal(dst[len + i], 0xa5);
	}
	free(src);
	free(out);
}

static void is_bilinear(void **state)
{
	static const int rows[][4] = {
		{ 1, 1, 1, 1 },		{ 17, 5, 1, 1 },
		{ 2, 2, 3, 3 },		{ 4, 3, 7, 5 },
		{ 8, 8, 15, 15 },	{ 9, 9, 17, 17 },
		{ 426, 240, 640, 360 }, { 213, 120, 320, 180 },
		{ 640, 360, 426, 240 }, { 1024, 4, 2047, 7 },
		{ 513, 3, 1025, 5 },	{ 511, 2, 512, 3 },
		{ 4096, 2, 2049, 1 },	{ 2049, 2, 4096, 3 },
		{ 4096, 1, 1, 1 },	{ 3, 4096, 5, 2300 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		check(rows[i][0], rows[i][1], rows[i][2], rows[i][3],
		      (int)i % 3 * 7);
	for (int w = 1; w < 70; w++)
		for (int to = w / 2 + 1; to < 80; to++)
			check(to, 3, w, 4, to % 5);
}

static void half_is_not_for_it(void **state)
{
	(void)state;
	assert_false(vc_scale_fits(320, 180, 640, 360));
	assert_false(vc_scale_fits(321, 180, 640, 360));
	assert_false(vc_scale_fits(320, 181, 640, 360));
	assert_true(vc_scale_fits(321, 181, 640, 360));
	assert_true(vc_scale_fits(1, 1, 1, 1));
}

/* All pairs, all weights. */
static void same_rows(const struct means *by)
{
	/* 32 by 32, 16 of what is left, and what is left of that. */
	uint8_t a[256 + 27], b[256 + 27], one[256 + 27], other[256 + 27];

	for (int k = 0; k < 256; k++) {
		for (size_t i = 0; i < sizeof(a); i++) {
			a[i] = (uint8_t)i;
			b[i] = (uint8_t)(i + (size_t)k);
		}
		for (int weight = 0; weight < WEIGHTS; weight++) {
			by->rows(one, a, b, weight, (int)sizeof(a));
			rows_plain(other, a, b, weight, (int)sizeof(a));
			assert_memory_equal(one, other, sizeof(a));
		}
	}
}

static void plan_any(struct taps *t, uint64_t seed)
{
	fill((uint8_t *)t, sizeof(*t), seed);
	t->from &= 127;
	for (int i = 0; i < REACH; i += 2) {
		t->at[i] %= REACH;
		t->at[i + 1] %= REACH;
		t->weight[i + 1] %= WEIGHTS;
		t->weight[i] = (uint8_t)(WEIGHTS - t->weight[i + 1]);
	}
}

static void same_columns(const struct means *by)
{
	uint8_t row[256], one[3 * COLUMNS], other[3 * COLUMNS];
	struct taps t[3];

	for (uint64_t seed = 0; seed < 20000; seed++) {
		const int n = 1 + (int)(seed % 3);

		for (int i = 0; i < n; i++)
			plan_any(&t[i], 3 * seed + (uint64_t)i);
		fill(row, sizeof(row), seed + 1);
		by->columns(one, row, t, n);
		columns_plain(other, row, t, n);
		assert_memory_equal(one, other, (size_t)(n * COLUMNS));
	}
}

/* What is done at once is what is done one by one. */
static void machines_agree(void **state)
{
	const struct means by = best();

	(void)state;
	same_rows(&by);
	same_columns(&by);
#ifdef __x86_64__
	if (__builtin_cpu_supports("ssse3")) {
		const struct means older = { rows_ssse3, columns_ssse3 };

		same_rows(&older);
		same_columns(&older);
	}
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_bilinear),
		cmocka_unit_test(half_is_not_for_it),
		cmocka_unit_test(machines_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
