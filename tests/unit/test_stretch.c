/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/stretch.h"

#define N 1920

/* A triangle: the steps between its samples are all of one size. */
static void wave(int16_t *pcm, size_t n, int period, int step)
{
	for (size_t i = 0; i < n; i++) {
		int x = (int)(i % (size_t)period);

		pcm[i] = (int16_t)((x < period / 2 ? x : period - x) * step);
	}
}

static int steepest(const int16_t *pcm, size_t n)
{
	int most = 0;

	for (size_t i = 1; i < n; i++)
		if (abs(pcm[i] - pcm[i - 1]) > most)
			most = abs(pcm[i] - pcm[i - 1]);
	return most;
}

static void no_seam_is_heard(void **state)
{
	static const int periods[] = { 96, 160, 240, 400 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(periods); i++) {
		int16_t a[N + VC_STRETCH_MAX], b[N + VC_STRETCH_MAX];
		size_t cut, twice;

		wave(a, N, periods[i], 100);
		memcpy(b, a, sizeof(*a) * N);
		cut = vc_stretch_cut(a, N, VC_STRETCH_MAX, 1);
		assert_int_equal(cut % (size_t)periods[i], 0);
		assert_true(steepest(a, N - cut) <= 101);
		twice = vc_stretch_repeat(b, N, VC_STRETCH_MAX, 1);
		assert_int_equal(twice % (size_t)periods[i], 0);
		assert_true(steepest(b, N + twice) <= 101);
	}
}

static void pieces_are_as_long_as_allowed(void **state)
{
	static const size_t max[] = { VC_STRETCH_MIN, 200, VC_STRETCH_MAX,
				      5000 };
	int16_t pcm[N + VC_STRETCH_MAX];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(max); i++) {
		size_t most = max[i] < VC_STRETCH_MAX ? max[i] : VC_STRETCH_MAX;

		/* In silence all lengths fit: the longest is taken. */
		memset(pcm, 0, sizeof(pcm));
		assert_int_equal(vc_stretch_cut(pcm, N, max[i], 1), most);
		assert_int_equal(vc_stretch_repeat(pcm, N, max[i], 1), most);
	}
}

static void what_lies_behind_stays(void **state)
{
	int16_t pcm[N + VC_STRETCH_MAX];
	size_t len;

	(void)state;
	for (int i = 0; i < N; i++)
		pcm[i] = (int16_t)i;
	len = vc_stretch_cut(pcm, N, 300, 1);
	for (size_t i = VC_STRETCH_FADE; i < N - len; i++)
		assert_int_equal(pcm[i], i + len);
	for (int i = 0; i < N; i++)
		pcm[i] = (int16_t)i;
	len = vc_stretch_repeat(pcm, N, 300, 1);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(pcm[i], i);
	for (size_t i = len + VC_STRETCH_FADE; i < N + len; i++)
		assert_int_equal(pcm[i], i - len);
}

/* Two channels that are alike are treated as the one they are. */
static void channels_stay_together(void **state)
{
	int16_t one[N + VC_STRETCH_MAX], two[2 * (N + VC_STRETCH_MAX)];

	(void)state;
	for (int repeats = 0; repeats < 2; repeats++) {
		size_t (*const stretch)(int16_t *, size_t, size_t,
					unsigned int) =
			repeats ? vc_stretch_repeat : vc_stretch_cut;
		size_t len, n;

		wave(one, N, 170, 90);
		for (int i = 0; i < N; i++)
			two[2 * i] = two[2 * i + 1] = one[i];
		len = stretch(one, N, 500, 1);
		assert_int_equal(stretch(two, N, 500, 2), len);
		n = repeats ? N + len : N - len;
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(two[2 * i], one[i]);
			assert_int_equal(two[2 * i + 1], one[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_seam_is_heard),
		cmocka_unit_test(pieces_are_as_long_as_allowed),
		cmocka_unit_test(what_lies_behind_stays),
		cmocka_unit_test(channels_stay_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
