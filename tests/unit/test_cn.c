/* SPDX-License-Identifier: MIT */
/* Comfort noise that a sender asks for: its packets, its level and spectrum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "media/comfort.h"
#include "media/level.h"

#define SECOND 8000

static void packets(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		int err;
		uint8_t level;
		unsigned int n;
		int16_t first, last;
	} rows[] = {
		{ "", 0, -EBADMSG, 0, 0, 0, 0 },
		{ "\x00", 1, 0, 0, 0, 0, 0 },
		{ "\x7f", 1, 0, 127, 0, 0, 0 },
		{ "\x80", 1, -EBADMSG, 0, 0, 0, 0 },
		{ "\x28\x00\xfe", 3, 0, 40, 2, -32766, 32766 },
		{ "\x28\x7f\x80", 3, 0, 40, 2, 0, 258 },
		{ "\x28\x7f\xff", 3, -EBADMSG, 0, 0, 0, 0 },
		/* Twelve are enough. */
		{ "\x28............//////", 19, 0, 40, 12, -20898, -20898 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_cn cn = { .level_dbov = 99 };

		assert_int_equal(vc_cn_parse(&cn,
					     (const uint8_t *)rows[i].octets,
					     rows[i].len),
				 rows[i].err);
		if (rows[i].err) {
			assert_int_equal(cn.level_dbov, 99);
			continue;
		}
		assert_int_equal(cn.level_dbov, rows[i].level);
		assert_int_equal(cn.n, rows[i].n);
		if (!cn.n)
			continue;
		assert_int_equal(cn.k[0], rows[i].first);
		assert_int_equal(cn.k[cn.n - 1], rows[i].last);
	}
}

/* The correlation of neighbours, in percent: of white noise 0. */
static int colour(const int16_t *pcm, size_t n)
{
	double all = 0, next = 0;

	for (size_t i = 1; i < n; i++) {
		all += (double)pcm[i] * pcm[i];
		next += (double)pcm[i] * pcm[i - 1];
	}
	return all > 0 ? (int)(100 * next / all) : 0;
}

static void level_and_colour(void **state)
{
	static const struct {
		uint8_t octets[4];
		size_t len;
		int level, colour;
	} rows[] = {
		{ { 50 }, 1, 50, 0 },
		{ { 70 }, 1, 70, 0 },
		{ { 0 }, 1, VC_COMFORT_LOUDEST, 0 },
		/* k1 = -0.8: neighbours are alike; 0.8: they are opposites. */
		{ { 40, 25 }, 2, 40, 80 },
		{ { 40, 229 }, 2, 40, -80 },
		{ { 40, 25, 178 }, 3, 40, 80 },
	};
	static int16_t pcm[4 * SECOND];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_comfort c = { 0 };
		struct vc_cn cn;
		int level, shade;

		assert_int_equal(vc_cn_parse(&cn, rows[i].octets, rows[i].len),
				 0);
		vc_comfort_set(&c, &cn);
		vc_comfort_next(&c, pcm, VC_COUNT(pcm));
		level = vc_level_dbov(pcm, VC_COUNT(pcm));
		shade = colour(pcm, VC_COUNT(pcm));
		if (abs(level - rows[i].level) > 1 ||
		    abs(shade - rows[i].colour) > 5)
			fail_msg("row %zu: %d, %d", i, level, shade);
	}
}

/* Whatever the coefficients, and however they change, it is bounded. */
static void any_filter_is_stable(void **state)
{
	static const uint8_t edges[] = { 0, 1, 127, 253, 254 };
	struct vc_comfort c = { 0 };
	int16_t pcm[160];
	struct vc_cn cn;
	uint8_t octets[13] = { 127 };

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		for (unsigned int k = 0; k < 12; k++)
			octets[k + 1] = edges[(i >> k) * (k + 7) % 5];
		assert_int_equal(vc_cn_parse(&cn, octets, 1 + i % 13), 0);
		vc_comfort_set(&c, &cn);
		vc_comfort_next(&c, pcm, 160);
	}
	/* The softest is none, when what was before has died away. */
	assert_int_equal(vc_cn_parse(&cn, octets, 1), 0);
	vc_comfort_set(&c, &cn);
	vc_comfort_next(&c, pcm, 160);
	vc_comfort_next(&c, pcm, 160);
	assert_in_range(vc_level_dbov(pcm, 160), 90, 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets),
		cmocka_unit_test(level_and_colour),
		cmocka_unit_test(any_filter_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
