/* SPDX-License-Identifier: MIT */
/*
 * Known signals: those of EBU Tech 3341 that are sines (the requirements are
 * within 0.1 LU), and for level, silence and clipping what was put in.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/loudness.h"
#include "media/soundstat.h"
#include "unit/sine.h"

#define RATE VC_LOUDNESS_RATE
#define STEP 960

/* A sine of 1 kHz with a peak of 'dbfs' for 'seconds', in 'channels'. */
static void feed(struct vc_soundstat *s, size_t *at, double seconds,
		 double dbfs, int channels)
{
	size_t left = (size_t)lrint(seconds * RATE);
	int16_t one[STEP], both[2 * STEP];
	double amp = 32768 * pow(10, dbfs / 20);

	while (left) {
		size_t n = left < STEP ? left : STEP;

		sine_put(one, n, *at, 1000, RATE, amp);
		for (size_t i = 0; i < n; i++)
			both[2 * i] = both[2 * i + 1] = one[i];
		vc_soundstat_feed(s, channels == 2 ? both : one, n, channels);
		*at += n;
		left -= n;
	}
}

/* EBU Tech 3341, cases 1 to 5; more pieces than one: the gates. */
static const struct {
	struct {
		double seconds, dbfs;
	} piece[5];
	double lufs;
} cases[] = {
	{ { { 20, -23 } }, -23 },
	{ { { 20, -33 } }, -33 },
	{ { { 10, -36 }, { 60, -23 }, { 10, -36 } }, -23 },
	{ { { 10, -72 }, { 10, -36 }, { 60, -23 }, { 10, -36 }, { 10, -72 } },
	  -23 },
	{ { { 20, -26 }, { 20.1, -20 }, { 20, -26 } }, -23 },
};

static void test_integrated(void **state)
{
	struct vc_soundstat s;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cases); i++) {
		size_t at = 0;

		vc_soundstat_init(&s);
		for (size_t k = 0; k < VC_COUNT(cases[i].piece); k++)
			feed(&s, &at, cases[i].piece[k].seconds,
			     cases[i].piece[k].dbfs, 2);
		assert_true(fabs(vc_loudness_integrated(&s.loudness) -
				 cases[i].lufs) < 0.1);
	}
}

/* Case 9: short-term is -23 wherever it begins; 12: momentary is. */
static void test_windows(void **state)
{
	struct vc_soundstat s;
	size_t at = 0;

	(void)state;
	vc_soundstat_init(&s);
	for (int i = 0; i < 5; i++) {
		feed(&s, &at, 1.34, -20, 2);
		feed(&s, &at, 1.66, -30, 2);
	}
	assert_true(fabs(vc_loudness_short_term_max(&s.loudness) + 23) < 0.1);
	vc_soundstat_init(&s);
	at = 0;
	for (int i = 0; i < 25; i++) {
		feed(&s, &at, 0.18, -20, 2);
		feed(&s, &at, 0.22, -30, 2);
	}
	assert_true(fabs(vc_loudness_momentary_max(&s.loudness) + 23) < 0.1);
	assert_true(fabs(vc_loudness_integrated(&s.loudness) + 23) < 0.1);
}

/* One channel has half the power of two. */
static void test_mono(void **state)
{
	struct vc_soundstat s;
	size_t at = 0;

	(void)state;
	vc_soundstat_init(&s);
	feed(&s, &at, 20, -23, 1);
	assert_true(fabs(vc_loudness_integrated(&s.loudness) + 26.01) < 0.1);
	assert_true(fabs(vc_soundstat_level_dbfs(&s) + 26.01) < 0.01);
	assert_true(fabs(vc_soundstat_peak_dbfs(&s) + 23) < 0.01);
}

/* K-weighting: low sounds count less, high ones up to 4 dB more. */
static void test_weighting(void **state)
{
	int16_t pcm[STEP];
	struct vc_loudness l;

	(void)state;
	vc_loudness_init(&l);
	for (size_t at = 0; at < 10 * RATE; at += STEP) {
		sine_put(pcm, STEP, at, 25, RATE, 3277);
		vc_loudness_feed(&l, pcm, STEP, 1);
	}
	assert_true(vc_loudness_integrated(&l) < -31);
	vc_loudness_init(&l);
	for (size_t at = 0; at < 10 * RATE; at += STEP) {
		sine_put(pcm, STEP, at, 8000, RATE, 3277);
		vc_loudness_feed(&l, pcm, STEP, 1);
	}
	/* The shelf: 4 dB. */
	assert_true(fabs(vc_loudness_integrated(&l) + 23.01 - 3.31) < 0.1);
}

static void test_nothing(void **state)
{
	struct vc_soundstat s;
	int16_t zeros[STEP] = { 0 };

	(void)state;
	vc_soundstat_init(&s);
	assert_true(isnan(vc_soundstat_level_dbfs(&s)));
	assert_true(isnan(vc_soundstat_peak_dbfs(&s)));
	for (int i = 0; i < 19; i++)
		vc_soundstat_feed(&s, zeros, STEP, 1);
	assert_true(isnan(vc_loudness_momentary_max(&s.loudness)));
	vc_soundstat_feed(&s, zeros, STEP, 1);
	assert_true(vc_loudness_momentary_max(&s.loudness) == -120);
	assert_true(isnan(vc_loudness_short_term_max(&s.loudness)));
	/* The gate lets none of it pass. */
	assert_true(isnan(vc_loudness_integrated(&s.loudness)));
	assert_true(vc_soundstat_level_dbfs(&s) == -127);
	assert_int_equal(s.silent, 20);
}

static void test_silence(void **state)
{
	struct vc_soundstat s;
	size_t at = 0;

	(void)state;
	vc_soundstat_init(&s);
	feed(&s, &at, 2, -20, 2);
	feed(&s, &at, 1, -80, 2);
	feed(&s, &at, 3, -56, 2); /* a peak of -56 dBFS is a level of -59 */
	feed(&s, &at, 4, -58, 2); /* and this one -61 */
	assert_int_equal(s.blocks, 500);
	assert_int_equal(s.silent, 250);
	assert_int_equal(s.silent_longest, 200);
}

static void test_clipping(void **state)
{
	/* In a row: 2, 3, 5 at the other end, 2 and 2 at both ends. */
	static const int16_t pcm[] = {
		0,	32767,	32767,	0,	32767,	32767,	32767,
		0,	-32768, -32767, -32768, -32768, -32768, 5,
		-32768, -32768, 32767,	32767,	0,
	};
	int16_t both[2 * VC_COUNT(pcm)];
	struct vc_soundstat s;

	(void)state;
	vc_soundstat_init(&s);
	/* Runs go on from one call to the next. */
	vc_soundstat_feed(&s, pcm, 5, 1);
	vc_soundstat_feed(&s, pcm + 5, VC_COUNT(pcm) - 5, 1);
	assert_int_equal(s.clips, 2);
	assert_int_equal(s.clipped, 8);
	assert_int_equal(s.peak, 32768);
	/* Each channel has its own. */
	vc_soundstat_init(&s);
	for (size_t i = 0; i < VC_COUNT(pcm); i++) {
		both[2 * i] = pcm[i];
		both[2 * i + 1] = i % 2 ? 32767 : 0;
	}
	vc_soundstat_feed(&s, both, VC_COUNT(pcm), 2);
	assert_int_equal(s.clips, 2);
	assert_int_equal(s.clipped, 8);
	assert_int_equal(s.all, 2 * VC_COUNT(pcm));
}

/* A sine of full scale only just reaches its ends; a louder one is cut. */
static void test_full_scale(void **state)
{
	int16_t pcm[STEP];
	struct vc_soundstat s;

	(void)state;
	vc_soundstat_init(&s);
	sine_put(pcm, STEP, 0, 997, RATE, 32767);
	vc_soundstat_feed(&s, pcm, STEP, 1);
	assert_int_equal(s.clips, 0);
	for (int i = 0; i < STEP; i++) {
		double v = 65534 * sin(2 * M_PI * 1000 * i / RATE);

		pcm[i] = (int16_t)(v > 32767 ? 32767 : v < -32767 ? -32767 : v);
	}
	vc_soundstat_init(&s);
	vc_soundstat_feed(&s, pcm, STEP, 1);
	/* 20 periods, both ends, cut over the third of a period. */
	assert_int_equal(s.clips, 40);
	assert_in_range(s.clipped, 40 * 15, 40 * 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integrated),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_mono),
		cmocka_unit_test(test_weighting),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_clipping),
		cmocka_unit_test(test_full_scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
