/* SPDX-License-Identifier: MIT */
/* Decibels, ramps, places, and what does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/gain.h"

#define N 960

static void decibels(void **state)
{
	static const struct {
		int db10;
		int32_t gain;
	} rows[] = {
		{ 0, 65536 },	{ 200, 655360 }, { -200, 6554 },
		{ 60, 130762 }, { -600, 66 },	 { 1, 66295 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_gain_of(rows[i].db10), rows[i].gain);
}

static void unity_touches_nothing(void **state)
{
	static const int16_t edges[] = { 32767, -32768, 1, -1, 0, 12345 };
	const int32_t to[] = { VC_GAIN_UNITY, VC_GAIN_UNITY };
	int16_t pcm[VC_COUNT(edges)];
	struct vc_gain g;

	(void)state;
	vc_gain_init(&g, NULL);
	for (size_t i = 0; i < VC_COUNT(edges); i++)
		pcm[i] = edges[i];
	vc_gain_run(&g, pcm, VC_COUNT(edges) / 2, 2, to);
	assert_memory_equal(pcm, edges, sizeof(edges));
}

static void a_ramp_has_no_step(void **state)
{
	int32_t to = vc_gain_of(-400);
	struct vc_gain g;
	int16_t pcm[N];

	(void)state;
	vc_gain_init(&g, NULL);
	for (int i = 0; i < N; i++)
		pcm[i] = 20000;
	vc_gain_run(&g, pcm, N, 1, &to);
	for (int i = 1; i < N; i++)
		assert_in_range(pcm[i - 1] - pcm[i], 0, 22);
	assert_in_range(pcm[0], 19970, 20000);
	assert_in_range(pcm[N - 1], 200, 201);
	for (int i = 0; i < N; i++)
		pcm[i] = -20000;
	vc_gain_run(&g, pcm, N, 1, &to);
	for (int i = 0; i < N; i++)
		assert_int_equal(pcm[i], -200);
}

static void what_is_too_loud_is_limited(void **state)
{
	const int32_t to[2] = { vc_gain_of(200), vc_gain_of(200) };
	struct vc_gain g;
	int16_t pcm[N];

	(void)state;
	vc_gain_init(&g, to);
	for (int t = 0; t < 3; t++) {
		for (int i = 0; i < N; i++)
			pcm[i] = (int16_t)(i % 96 < 48 ? 30000 : -30000);
		vc_gain_run(&g, pcm, N, 1, to);
		for (int i = 0; i < N; i++)
			assert_in_range(abs(pcm[i]), 32760, 32768);
	}
}

static void places_have_equal_power(void **state)
{
	int32_t p[2];

	(void)state;
	for (int32_t at = 0; at <= VC_GAIN_UNITY; at += 1024) {
		int32_t before = at ? p[0] : INT32_MAX;
		double power;

		vc_gain_place(VC_GAIN_UNITY, at, p);
		power = (double)p[0] * p[0] + (double)p[1] * p[1];
		assert_true(power > 0.9999 * 65536 * 65536 &&
			    power < 1.0001 * 65536 * 65536);
		assert_true(p[0] < before);
	}
	vc_gain_place(VC_GAIN_UNITY, VC_GAIN_UNITY / 2, p);
	assert_int_equal(p[0], p[1]);
	vc_gain_place(VC_GAIN_UNITY, 0, p);
	assert_int_equal(p[1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decibels),
		cmocka_unit_test(unity_touches_nothing),
		cmocka_unit_test(a_ramp_has_no_step),
		cmocka_unit_test(what_is_too_loud_is_limited),
		cmocka_unit_test(places_have_equal_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
