/* SPDX-License-Identifier: MIT */
/* The chain without echo (test_echo.c has that), and the line of the played. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/farline.h"
#include "media/level.h"
#include "media/voice.h"
#include "speech.h"

#define N VC_VOICE_FRAME

/* --- the chain --- */

/* 'x' after 'seconds' of the same, dBFS over the last fourth. */
static double level_after(const struct vc_voice_conf *conf, double seconds,
			  void (*make)(void *ctx, double *x), void *ctx)
{
	struct vc_voice *v = vc_voice_new(conf);
	int frames = (int)(seconds * 100);
	double sum = 0;

	assert_non_null(v);
	for (int k = 0; k < frames; k++) {
		double x[N];
		int16_t pcm[N];

		make(ctx, x);
		for (int i = 0; i < N; i++)
			pcm[i] = speech_sample(x[i]);
		vc_voice_near(v, k * 10 * VC_MS, pcm, N);
		for (int i = 0; i < N && k >= frames * 3 / 4; i++)
			sum += pcm[i] / 32768.0 * pcm[i] / 32768.0;
	}
	vc_voice_free(v);
	return 10 * log10(sum / (frames - frames * 3 / 4) / N + 1e-12);
}

static void make_speech(void *ctx, double *x)
{
	speech_read(ctx, x, N);
}

static void make_noise(void *ctx, double *x)
{
	for (int i = 0; i < N; i++)
		x[i] = 0.01 * (speech_unit(ctx) - 0.5);
}

struct sine {
	double hz;
	uint64_t n;
};

static void make_sine(void *ctx, double *x)
{
	struct sine *s = ctx;

	for (int i = 0; i < N; i++) {
		x[i] = 0.5 *
		       sin(2 * M_PI * s->hz * (double)s->n / VC_VOICE_RATE);
		s->n++;
	}
}

static double speech_level(const struct vc_voice_conf *conf, double loudness)
{
	struct speech s;

	speech_init(&s, 4, 120);
	s.loudness = loudness;
	return level_after(conf, 20, make_speech, &s);
}

static void low_tones_are_cut(void **state)
{
	static const struct {
		double hz, min, max;
	} rows[] = {
		{ 25, -100, -30 }, { 50, -24, -20 },   { 100, -13, -11 },
		{ 300, -9.3, -9 }, { 1000, -9.1, -9 }, { 8000, -9.1, -9 },
	};
	static const struct vc_voice_conf conf = { .highpass = true };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sine s = { .hz = rows[i].hz };
		double level = level_after(&conf, 2, make_sine, &s);

		if (level < rows[i].min || level > rows[i].max)
			fail_msg("%.0f Hz: %.1f dBFS", rows[i].hz, level);
	}
}

static void noise_goes_and_speech_stays(void **state)
{
	static const struct vc_voice_conf none = { 0 },
					  conf = { .denoise = true };
	uint32_t dice = 1, same = 1;
	double is = level_after(&conf, 8, make_noise, &dice);
	double was = level_after(&none, 8, make_noise, &same);

	(void)state;
	if (is > was - 12)
		fail_msg("noise: %.1f of %.1f dBFS", is, was);
	is = speech_level(&conf, 1);
	was = speech_level(&none, 1);
	if (fabs(is - was) > 1.5)
		fail_msg("speech: %.1f of %.1f dBFS", is, was);
}

static void what_is_quiet_gets_louder(void **state)
{
	static const struct vc_voice_conf none = { 0 }, conf = { .agc = true };
	double loud = speech_level(&conf, 1), quiet = speech_level(&conf, 0.1);
	double was = speech_level(&none, 0.1);

	(void)state;
	if (quiet < was + 10 || fabs(loud - quiet) > 6)
		fail_msg("%.1f dBFS became %.1f, loud %.1f", was, quiet, loud);
}

/* CPU of a second of near and far sound, ns. */
static int64_t second_of(struct vc_voice *v, double loudness, uint32_t *dice,
			 int64_t *t)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	for (int k = 0; k < 100; k++, *t += 10 * VC_MS) {
		int16_t pcm[N];

		for (int i = 0; i < N; i++)
			pcm[i] = speech_sample(loudness *
					       (speech_unit(dice) - 0.5));
		vc_voice_far(v, *t, pcm, N);
		vc_voice_near(v, *t, pcm, N);
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (end.tv_sec - begin.tv_sec) * VC_SEC + end.tv_nsec -
	       begin.tv_nsec;
}

/*
 * hostile.md P4: what decays in floating point falls below 1e-38 in silence, and
 * each number down there may cost a hundred times as much.
 */
static void silence_is_no_dearer(void **state)
{
	static const struct vc_voice_conf conf = { true, true, true, true,
						   NULL };
	struct vc_voice *v = vc_voice_new(&conf);
	int64_t t = VC_SEC, loud = INT64_MAX, worst = 0;
	uint32_t dice = 1;

	(void)state;
	for (int k = 0; k < 4; k++) {
		int64_t a = second_of(v, 0.3, &dice, &t);

		loud = a < loud ? a : loud;
	}
	/* The lesser of two: the machine is not alone. */
	for (int k = 0; k < 15; k++) {
		int64_t a = second_of(v, 0, &dice, &t);
		int64_t b = second_of(v, 0, &dice, &t);

		a = a < b ? a : b;
		worst = a > worst ? a : worst;
	}
	print_message("a second: %d us, of silence %d us\n", (int)(loud / 1000),
		      (int)(worst / 1000));
	assert_true(worst < 4 * loud);
	vc_voice_free(v);
}

static void nothing_wanted_is_nothing_done(void **state)
{
	static const struct vc_voice_conf none = { 0 };
	struct vc_voice *v = vc_voice_new(&none);
	int16_t pcm[2 * N], was[2 * N];

	(void)state;
	for (int i = 0; i < 2 * N; i++)
		was[i] = pcm[i] = (int16_t)(i * 31);
	vc_voice_near(v, 0, pcm, 2 * N);
	assert_memory_equal(pcm, was, sizeof(pcm));
	assert_int_equal(vc_voice_delay(v), 0);
	vc_voice_free(v);
}

/* A click comes out as late as is said. */
static void the_delay_is_told(void **state)
{
	static const struct vc_voice_conf conf = { .agc = true },
					  echo = { .echo = true };
	const struct vc_voice_conf *const rows[] = { &conf, &echo };

	(void)state;
	for (size_t r = 0; r < VC_COUNT(rows); r++) {
		struct vc_voice *v = vc_voice_new(rows[r]);
		int16_t pcm[60 * N] = { 0 };
		int top = 0;

		for (int i = 0; i < 60 * N; i++)
			pcm[i] = (int16_t)(i % 7);
		pcm[50 * N + 100] = 20000;
		vc_voice_near(v, 0, pcm, 60 * N);
		for (int i = 40 * N; i < 60 * N; i++)
			top = pcm[i] > pcm[top] ? i : top;
		assert_int_equal(top, 50 * N + 100 + (int)vc_voice_delay(v));
		vc_voice_free(v);
	}
}

/* --- what was played --- */

static void fill(int16_t *pcm, size_t n, int from)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)(from + (int)i);
}

static void what_was_put_is_read(void **state)
{
	struct vc_farline *f = vc_alloc(1, sizeof(*f));
	int16_t pcm[N], out[N];

	(void)state;
	assert_false(vc_farline_read(f, 0, 1, out, N));
	fill(pcm, N, 1000);
	vc_farline_put(f, 5000, pcm, N);
	fill(pcm, N, 1000 + N);
	vc_farline_put(f, 5000 + N, pcm, N);
	assert_true(vc_farline_read(f, 5000, 1, out, N));
	for (int i = 0; i < N; i++)
		assert_int_equal(out[i], 1000 + i);
	/* Between samples, and not one by one. */
	assert_true(vc_farline_read(f, 5010.5, 1.25, out, 100));
	for (int i = 0; i < 100; i++)
		assert_in_range(out[i], 1010 + i * 5 / 4, 1012 + i * 5 / 4);
	/* Before and after it is silence. */
	assert_true(vc_farline_read(f, 4990, 1, out, 20));
	assert_int_equal(out[8], 0);
	assert_int_equal(out[10], 1000);
	assert_true(vc_farline_read(f, 5000 + 2 * N - 10, 1, out, 20));
	assert_int_equal(out[9], 1000 + 2 * N - 1);
	assert_int_equal(out[10], 0);
	assert_false(vc_farline_read(f, 5000 + 2 * N + 2, 1, out, N));
	assert_false(vc_farline_read(f, 5000 - 1e12, 1, out, N));
	assert_false(vc_farline_read(f, 1e15, 1, out, N));
	free(f);
}

static void holes_are_silence_and_the_past_is_replaced(void **state)
{
	struct vc_farline *f = vc_alloc(1, sizeof(*f));
	int16_t pcm[N], out[N];

	(void)state;
	fill(pcm, N, 1000);
	vc_farline_put(f, 0, pcm, N);
	vc_farline_put(f, 3 * N, pcm, N);
	assert_int_equal(f->jumps, 1);
	assert_false(vc_farline_read(f, 1.5 * N, 1, out, N));
	assert_true(vc_farline_read(f, 3 * N, 1, out, N));
	assert_int_equal(out[7], 1007);
	/* Back: what lay there is gone, what lay before is not. */
	fill(pcm, N, 5000);
	vc_farline_put(f, 2 * N - 240, pcm, N);
	assert_int_equal(f->jumps, 2);
	assert_true(vc_farline_read(f, 2 * N - 240, 1, out, N));
	assert_int_equal(out[0], 5000);
	assert_false(vc_farline_read(f, 3 * N, 1, out, N));
	assert_true(vc_farline_read(f, 10, 1, out, 10));
	assert_int_equal(out[0], 1010);
	/* Farther than it holds, both ways. */
	vc_farline_put(f, 1e9, pcm, N);
	vc_farline_put(f, 2 * N, pcm, N);
	assert_false(vc_farline_read(f, 0, 1, out, N));
	assert_true(vc_farline_read(f, 2 * N, 1, out, N));
	assert_int_equal(f->jumps, 4);
	free(f);
}

/* Times that run 200 ppm fast: no jump, and never far from them. */
static void times_are_followed(void **state)
{
	struct vc_farline *f = vc_alloc(1, sizeof(*f));
	int16_t pcm[N], out[2];
	int value = 0;

	(void)state;
	for (int k = 0; k < 100000; k++) {
		double pos = k * N * 1.0002;

		for (int i = 0; i < N; i++)
			pcm[i] = (int16_t)((value + i) / 8 % 4096);
		vc_farline_put(f, pos, pcm, N);
		vc_farline_read(f, pos + 240, 1, out, 1);
		/* The time constant is 10 s, so it is 96 samples behind. */
		if (k > 10 && pcm[240] > 200 && pcm[240] < 3900)
			assert_in_range(out[0], pcm[240] - 20, pcm[240] + 20);
		value += N;
	}
	assert_int_equal(f->jumps, 0);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(low_tones_are_cut),
		cmocka_unit_test(noise_goes_and_speech_stays),
		cmocka_unit_test(what_is_quiet_gets_louder),
		cmocka_unit_test(silence_is_no_dearer),
		cmocka_unit_test(nothing_wanted_is_nothing_done),
		cmocka_unit_test(the_delay_is_told),
		cmocka_unit_test(what_was_put_is_read),
		cmocka_unit_test(holes_are_silence_and_the_past_is_replaced),
		cmocka_unit_test(times_are_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
