/* SPDX-License-Identifier: MIT */
/* Signals are triangle waves in integers, so that every machine has the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/mixsum.h"

#define N 960

/* 'period' in samples, divisible by 4. */
static int16_t triangle(size_t i, int period, int amplitude)
{
	int ph = (int)(i % (size_t)period);
	int q = period / 4;
	int v = ph < q ? ph : ph < 3 * q ? 2 * q - ph : ph - 4 * q;

	return (int16_t)((int64_t)v * amplitude / q);
}

static void fill(int16_t *pcm, size_t from, int period, int amplitude)
{
	for (size_t i = 0; i < N; i++)
		pcm[i] = triangle(from + i, period, amplitude);
}

static void what_fits_is_the_sum(void **state)
{
	static const size_t sizes[] = { 1, 47, 48, 49, 480, N, 2880, 5760 };
	struct vc_mixsum sum;
	struct vc_limiter lim;
	int16_t a[VC_MIXSUM_MAX], b[VC_MIXSUM_MAX], out[VC_MIXSUM_MAX];

	(void)state;
	for (size_t s = 0; s < VC_COUNT(sizes); s++) {
		vc_limiter_init(&lim);
		for (size_t i = 0; i < sizes[s]; i++) {
			a[i] = triangle(i, 96, 20000);
			b[i] = triangle(i, 40, -12767);
		}
		vc_mixsum_begin(&sum, sizes[s]);
		vc_mixsum_add(&sum, a);
		vc_mixsum_add(&sum, b);
		vc_mixsum_out(&sum, NULL, &lim, out);
		for (size_t i = 0; i < sizes[s]; i++)
			assert_int_equal(out[i], a[i] + b[i]);
		assert_int_equal(lim.gain, VC_LIMITER_UNITY);
	}
}

static void the_extremes_fit(void **state)
{
	const int16_t rows[] = { -32768, 32767, 0, -1 };
	struct vc_mixsum sum;
	struct vc_limiter lim;
	int16_t out[4];

	(void)state;
	vc_limiter_init(&lim);
	vc_mixsum_begin(&sum, 4);
	vc_mixsum_add(&sum, rows);
	vc_mixsum_out(&sum, NULL, &lim, out);
	assert_memory_equal(out, rows, sizeof(rows));
	assert_int_equal(lim.gain, VC_LIMITER_UNITY);
}

static void nothing_is_silence(void **state)
{
	struct vc_mixsum sum;
	struct vc_limiter lim;
	int16_t out[N];

	(void)state;
	vc_limiter_init(&lim);
	vc_mixsum_begin(&sum, 0);
	vc_mixsum_out(&sum, NULL, &lim, out);
	vc_mixsum_begin(&sum, N);
	vc_mixsum_out(&sum, NULL, &lim, out);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(out[i], 0);
}

/* Also when all together would not fit: only what is heard counts. */
static void minus_self_is_the_others(void **state)
{
	static const int amplitude[3] = { 32767, -16000, 16700 };
	static const int period[3] = { 48, 120, 200 };
	struct vc_mixsum sum;
	struct vc_limiter lim;
	int16_t in[3][N];

	(void)state;
	vc_mixsum_begin(&sum, N);
	for (int k = 0; k < 3; k++) {
		fill(in[k], 0, period[k], amplitude[k]);
		vc_mixsum_add(&sum, in[k]);
	}
	vc_limiter_init(&lim);
	int16_t out[N];

	vc_mixsum_out(&sum, in[0], &lim, out);
	for (int i = 0; i < N; i++)
		assert_int_equal(out[i], in[1][i] + in[2][i]);
	vc_mixsum_out(&sum, in[0], &lim, in[0]);
	assert_memory_equal(in[0], out, sizeof(out));
}

/* Tick 't' of 'count' equal inputs through 'lim'; the wide sum in 'wide'. */
static void loud_tick(struct vc_limiter *lim, int count, size_t t, int period,
		      int32_t *wide, int16_t *out)
{
	struct vc_mixsum sum;
	int16_t pcm[N];

	fill(pcm, t * N, period, 32767);
	vc_mixsum_begin(&sum, N);
	for (int k = 0; k < count; k++)
		vc_mixsum_add(&sum, pcm);
	vc_mixsum_out(&sum, NULL, lim, out);
	memcpy(wide, sum.acc, sizeof(sum.acc[0]) * N);
}

/* hostile.md P4 */
static void sixteen_squares_are_bounded(void **state)
{
	struct vc_mixsum sum;
	struct vc_limiter lim;
	int16_t pcm[N], out[N];

	(void)state;
	vc_limiter_init(&lim);
	for (int t = 0; t < 10; t++) {
		for (int i = 0; i < N; i++)
			pcm[i] = i / 50 % 2 ? -32768 : 32767;
		vc_mixsum_begin(&sum, N);
		for (int k = 0; k < 16; k++)
			vc_mixsum_add(&sum, pcm);
		vc_mixsum_out(&sum, NULL, &lim, out);
		for (int i = 0; i < N; i++) {
			assert_true((out[i] < 0) == (pcm[i] < 0));
			assert_in_range(abs(out[i]), 32000, 32768);
		}
	}
}

/*
 * Clipping would flatten 15/16 of every slope. Once the gain has settled the
 * output must have the input's shape: the same gain, within 2 %, everywhere.
 */
static void loud_keeps_its_shape(void **state)
{
	static const int periods[] = { 40, 96, 480, 960 };
	struct vc_limiter lim;
	int32_t wide[N];
	int16_t out[N];

	(void)state;
	for (size_t p = 0; p < VC_COUNT(periods); p++) {
		vc_limiter_init(&lim);
		for (size_t t = 0; t < 50; t++) {
			loud_tick(&lim, 16, t, periods[p], wide, out);
			for (int i = 0; t > 0 && i < N; i++) {
				int want = wide[i] / 16;

				assert_in_range(out[i] - want + 656, 0, 1312);
			}
		}
	}
}

/* From quiet to 16 times full scale and back: no step that was not there. */
static void no_clicks(void **state)
{
	struct vc_limiter lim;
	int32_t wide[N];
	int16_t out[N];
	int last = 0;

	(void)state;
	vc_limiter_init(&lim);
	for (size_t t = 0; t < 60; t++) {
		int count = t / 10 % 2 ? 16 : 1;

		/* A tick is two periods: each begins at a zero. */
		loud_tick(&lim, count, t, 480, wide, out);
		for (int i = 0; i < N; i++) {
			/* A full-scale slope is 16 * 273 a sample at most. */
			assert_in_range(abs(out[i] - last), 0, 16 * 274);
			assert_false(wide[i] > 0 && out[i] < 0);
			assert_false(wide[i] < 0 && out[i] > 0);
			last = out[i];
		}
	}
}

static void the_gain_recovers(void **state)
{
	struct vc_limiter lim;
	int32_t wide[N];
	int16_t out[N];
	int ticks = 0;

	(void)state;
	vc_limiter_init(&lim);
	loud_tick(&lim, 16, 0, 480, wide, out);
	assert_in_range(lim.gain, VC_LIMITER_UNITY / 17, VC_LIMITER_UNITY / 15);
	while (lim.gain < VC_LIMITER_UNITY) {
		int32_t before = lim.gain;

		loud_tick(&lim, 1, 0, 480, wide, out);
		assert_true(lim.gain > before);
		ticks++;
		assert_true(ticks < 80);
	}
	assert_true(ticks > 10);
	loud_tick(&lim, 1, 0, 480, wide, out);
	for (int i = 0; i < N; i++)
		assert_int_equal(out[i], wide[i]);
}

/* Two channels: each is its own sum, and both are turned down alike. */
static void two_channels_keep_their_balance(void **state)
{
	struct vc_mixsum sum;
	struct vc_limiter lim, mono;
	int16_t in[2 * N], one[N], out[2 * N], alone[N];

	(void)state;
	vc_limiter_init(&lim);
	vc_limiter_init(&mono);
	for (size_t t = 0; t < 20; t++) {
		fill(one, t * N, 480, 20000);
		for (size_t i = 0; i < N; i++) {
			in[2 * i] = one[i];
			in[2 * i + 1] = (int16_t)(-one[i] / 8);
		}
		vc_mixsum_begin_stereo(&sum, N);
		for (int k = 0; k < 4; k++)
			vc_mixsum_add(&sum, in);
		vc_mixsum_out(&sum, t < 10 ? NULL : in, &lim, out);
		vc_mixsum_begin(&sum, N);
		for (int k = 0; k < 4; k++)
			vc_mixsum_add(&sum, one);
		vc_mixsum_out(&sum, t < 10 ? NULL : one, &mono, alone);
		for (size_t i = 0; i < N; i++) {
			/* The louder one is as if it were alone. */
			assert_int_equal(out[2 * i], alone[i]);
			assert_in_range(out[2 * i + 1] + alone[i] / 8 + 4, 0,
					8);
		}
	}
	assert_true(lim.gain < VC_LIMITER_UNITY);
}

/* FNV-1a of a loud second: another value would mean other octets. */
static void same_octets_everywhere(void **state)
{
	struct vc_limiter lim;
	int32_t wide[N];
	int16_t out[N];
	uint32_t hash = 2166136261U;

	(void)state;
	vc_limiter_init(&lim);
	for (size_t t = 0; t < 50; t++) {
		loud_tick(&lim, 1 + (int)(t % 5), t, 96, wide, out);
		for (int i = 0; i < N; i++)
			hash = (hash ^ (uint16_t)out[i]) * 16777619U;
	}
	assert_int_equal(hash, 0x7d2d1218);
}

static void one_channel_is_the_mean_of_two(void **state)
{
	const int16_t wide[] = { 100,	    200,       -3,	  -4,
				 INT16_MAX, INT16_MAX, INT16_MIN, INT16_MIN,
				 INT16_MIN, INT16_MAX };
	const int16_t mean[] = { 150, -3, INT16_MAX, INT16_MIN, 0 };
	int16_t pcm[5];

	(void)state;
	vc_mixsum_fold(wide, 5, pcm);
	assert_memory_equal(pcm, mean, sizeof(mean));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_the_sum),
		cmocka_unit_test(the_extremes_fit),
		cmocka_unit_test(nothing_is_silence),
		cmocka_unit_test(minus_self_is_the_others),
		cmocka_unit_test(sixteen_squares_are_bounded),
		cmocka_unit_test(loud_keeps_its_shape),
		cmocka_unit_test(no_clicks),
		cmocka_unit_test(the_gain_recovers),
		cmocka_unit_test(two_channels_keep_their_balance),
		cmocka_unit_test(one_channel_is_the_mean_of_two),
		cmocka_unit_test(same_octets_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
