/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/near.h"

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned int distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "mute", "mute", 0 },
		{ "mtue", "mute", 1 },
		{ "mut", "mute", 1 },
		{ "kitten", "sitting", 3 },
		{ "keyframe", "key", 5 },
	};
	char longest[65];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(vc_near_distance(rows[i].a, rows[i].b),
				 rows[i].distance);
		assert_int_equal(vc_near_distance(rows[i].b, rows[i].a),
				 rows[i].distance);
	}
	memset(longest, 'x', 64);
	longest[64] = '\0';
	assert_int_equal(vc_near_distance(longest, longest), 99);
	longest[63] = '\0';
	assert_int_equal(vc_near_distance(longest, longest), 0);
}

static void the_nearest_is_meant(void **state)
{
	static const struct {
		const char *word, *best;
	} rows[] = {
		{ "mute", "mute" },  { "mut", "mute" }, { "unmut", "unmute" },
		{ "vmut", "vmute" }, { "x", NULL },	{ "gian", "gain" },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_near near = { .word = rows[i].word };

		vc_near_try(&near, "unmute");
		vc_near_try(&near, "mute");
		vc_near_try(&near, "vmute");
		vc_near_try(&near, "gain");
		if (rows[i].best)
			assert_string_equal(near.best, rows[i].best);
		else
			assert_null(near.best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(the_nearest_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
