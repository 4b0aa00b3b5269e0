/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/level.h"

#define N 960

/* A square wave's level is its height. */
static const struct {
	int height;
	uint8_t level;
} squares[] = {
	{ 32767, 0 }, { -32768, 0 }, { 30935, 0 }, { 30930, 1 },
	{ 16384, 6 }, { 3277, 20 },  { 328, 40 },  { 33, 60 },
	{ 3, 81 },    { 1, 90 },     { 0, 127 },
};

static void test_squares(void **state)
{
	int16_t pcm[N];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(squares); i++) {
		for (int k = 0; k < N; k++)
			pcm[k] = (int16_t)squares[i].height;
		assert_int_equal(vc_level_dbov(pcm, N), squares[i].level);
	}
}

static void test_faint(void **state)
{
	int16_t pcm[N] = { 0 };

	(void)state;
	assert_int_equal(vc_level_dbov(pcm, 0), 127);
	pcm[17] = -1; /* 1/960 of a step: 90.3 + 29.8 */
	assert_int_equal(vc_level_dbov(pcm, N), 120);
	assert_true(fabs(vc_level_dbfs(pcm, N) + 120.13) < 0.01);
	pcm[17] = 0;
	assert_true(vc_level_dbfs(pcm, N) == -127);
	assert_true(vc_level_dbfs(pcm, 0) == -127);
}

static void test_sine(void **state)
{
	int16_t pcm[N];

	(void)state;
	for (int i = 0; i < N; i++)
		pcm[i] = (int16_t)lrint(32767 * sin(i * 0.13089969389957));
	assert_int_equal(vc_level_dbov(pcm, N), 3);
	assert_true(fabs(vc_level_dbfs(pcm, N) + 3.01) < 0.01);
}

/* More samples than the fixed point has room for at full scale. */
static void test_long(void **state)
{
	size_t n = (1 << 17) + 5;
	int16_t *pcm = vc_alloc(n, sizeof(*pcm));

	(void)state;
	for (size_t i = 0; i < n; i++)
		pcm[i] = INT16_MIN;
	assert_int_equal(vc_level_dbov(pcm, n), 0);
	assert_int_equal(vc_level_dbov(pcm, 1 << 17), 0);
	free(pcm);
}

/* The octet is the rounded level wherever rounding is clear. */
static void test_against_logarithm(void **state)
{
	int16_t pcm[N];
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 400; round++) {
		int range = 1 + (1 << round % 16);

		for (int i = 0; i < N; i++) {
			x = x * 1664525 + 1013904223;
			pcm[i] = (int16_t)((int)(x >> 16) % range - range / 2);
		}
		double db = -vc_level_dbfs(pcm, N);

		if (fabs(db - floor(db) - 0.5) > 0.01)
			assert_int_equal(vc_level_dbov(pcm, N), lrint(db));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_squares),
		cmocka_unit_test(test_faint),
		cmocka_unit_test(test_sine),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_against_logarithm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
