/* SPDX-License-Identifier: MIT */
/* Comfort noise: its level, its edges, and that it is the same for a seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/hiss.h"
#include "media/level.h"

#define N 960

static void levels(void **state)
{
	static const uint8_t rows[] = { 50, 60, 70, 80, 90 };
	static struct vc_hiss h;
	static int16_t all[50 * N];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_hiss_init(&h, rows[i], 7);
		for (int k = 0; k < 50; k++) {
			vc_hiss_next(&h, N);
			memcpy(all + k * N, h.pcm, N * sizeof(*all));
		}
		/* Of the softest the last bit is half of all. */
		assert_in_range(vc_level_dbov(all, 50 * N), rows[i] - 1,
				rows[i] + (rows[i] < 80 ? 1 : 4));
	}
}

/* Tick 't' of silence, but for sound in 30 to 39. */
static void tick(struct vc_calm *c, struct vc_hiss *h, int t, int16_t *pcm,
		 unsigned int channels)
{
	for (size_t i = 0; i < N * channels; i++)
		pcm[i] = (int16_t)(t >= 30 && t < 40 ?
					   (int)(i / channels % 96) * 20 - 960 :
					   0);
	vc_hiss_next(h, N);
	vc_calm_run(c, h, pcm, N, channels);
}

static void edges(void **state)
{
	static struct vc_hiss h;
	int16_t pcm[2 * N], last = 0;

	(void)state;
	for (unsigned int ch = 1; ch <= 2; ch++) {
		struct vc_calm c = { 0 };
		int before = 0;

		vc_hiss_init(&h, 50, 1);
		for (int t = 0; t < 60; t++) {
			uint8_t level;

			tick(&c, &h, t, pcm, ch);
			level = vc_level_dbov(pcm, N * ch);
			if (t < 9 || (t > 40 && t < 49))
				assert_int_equal(level, 127);
			if ((t > 14 && t < 30) || t > 54)
				assert_in_range(level, 48, 52);
			/* It rises, and falls with the sound that comes. */
			if (t > 9 && t < 14)
				assert_true(level < before);
			if (t == 31)
				assert_int_equal(pcm[0], -960);
			if (t == 10)
				assert_in_range(abs(pcm[0] - last), 0, 40);
			before = level;
			last = pcm[N * ch - ch];
		}
	}
}

static void same_for_a_seed(void **state)
{
	static struct vc_hiss a, b, c;
	uint32_t hash = 2166136261U;

	(void)state;
	vc_hiss_init(&a, 60, 1);
	vc_hiss_init(&b, 60, 1);
	vc_hiss_init(&c, 60, 9);
	for (int t = 0; t < 20; t++) {
		vc_hiss_next(&a, N);
		vc_hiss_next(&b, N);
		vc_hiss_next(&c, N);
		assert_memory_equal(a.pcm, b.pcm, sizeof(a.pcm));
		assert_memory_not_equal(a.pcm, c.pcm, sizeof(a.pcm));
		for (int i = 0; i < N; i++)
			hash = (hash ^ (uint16_t)a.pcm[i]) * 16777619U;
	}
	/* Another value would mean other octets. */
	assert_int_equal(hash, 0x2d0e084e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(edges),
		cmocka_unit_test(same_for_a_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
