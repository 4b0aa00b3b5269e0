/* SPDX-License-Identifier: MIT */
/* When a roll-over count is searched, in which order, and when it is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/rocsearch.h"

static void due_after_failures_and_a_second(void **state)
{
	struct vc_rocwatch w = { .since = 0 };

	(void)state;
	assert_false(vc_rocwatch_fail(&w, 2 * VC_SEC));
	assert_false(vc_rocwatch_fail(&w, 2 * VC_SEC));
	assert_true(vc_rocwatch_fail(&w, 2 * VC_SEC));
	vc_rocwatch_ok(&w, 2 * VC_SEC);
	for (int i = 0; i < 100; i++)
		assert_false(vc_rocwatch_fail(&w, 3 * VC_SEC - 1));
	assert_true(vc_rocwatch_fail(&w, 3 * VC_SEC));
}

static void the_order(void **state)
{
	static const struct {
		uint32_t guess, lowest, want[7];
	} rows[] = {
		{ 10, 0, { 10, 11, 9, 12, 8, 13, 14 } },
		{ 0, 0, { 0, 1, 2, 3, 4, 5, 6 } },
		{ 1, 0, { 1, 2, 0, 3, 4, 5, 6 } },
		{ 10, 9, { 10, 11, 9, 12, 13, 14, 15 } },
		{ 10, 10, { 10, 11, 12, 13, 14, 15, 16 } },
		{ 3, 10, { 10, 11, 12, 13, 14, 15, 16 } },
		/* The end of the numbers, and anew. */
		{ UINT32_MAX,
		  UINT32_MAX - 1,
		  { UINT32_MAX, UINT32_MAX - 1, UINT32_MAX, UINT32_MAX - 1,
		    UINT32_MAX, UINT32_MAX - 1, UINT32_MAX } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rocsearch rs;

		vc_rocsearch_init(&rs, rows[i].guess, rows[i].lowest);
		for (size_t j = 0; j < VC_COUNT(rows[i].want); j++)
			assert_int_equal(vc_rocsearch_next(&rs),
					 rows[i].want[j]);
	}
}

static void its_end_is_its_beginning(void **state)
{
	struct vc_rocsearch rs;
	uint32_t roc = 0;

	(void)state;
	vc_rocsearch_init(&rs, 5, 5);
	for (unsigned int i = 0; i <= VC_ROC_SPAN; i++)
		roc = vc_rocsearch_next(&rs);
	assert_int_equal(roc, 5 + VC_ROC_SPAN);
	assert_int_equal(vc_rocsearch_next(&rs), 5);
}

static void two_must_agree_within_a_second(void **state)
{
	struct vc_rocsearch rs;
	uint32_t roc = 0;

	(void)state;
	vc_rocsearch_init(&rs, 0, 0);
	assert_false(vc_rocsearch_held(&rs, 1, 0, &roc));
	vc_rocsearch_hit(&rs, 7, 65535, 0);
	assert_true(vc_rocsearch_held(&rs, 65534, VC_SEC, &roc));
	assert_int_equal(roc, 7);
	assert_true(vc_rocsearch_held(&rs, 3, VC_SEC, &roc));
	assert_int_equal(roc, 8);
	assert_false(vc_rocsearch_held(&rs, 3, VC_SEC + 1, &roc));
}

static void nearest_index(void **state)
{
	static const struct {
		int64_t last;
		uint16_t seq;
		int64_t want;
	} rows[] = {
		{ 0, 5, 5 },
		{ 65530, 2, 65538 },
		{ 65538, 65530, 65530 },
		{ 5, 65530, 65530 }, /* there is nothing below 0 */
		{ 3 * 65536 + 10, 65535, 2 * 65536 + 65535 },
		{ 3 * 65536 + 10, 10, 3 * 65536 + 10 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_roc_index(rows[i].last, rows[i].seq),
				 rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(due_after_failures_and_a_second),
		cmocka_unit_test(the_order),
		cmocka_unit_test(its_end_is_its_beginning),
		cmocka_unit_test(two_must_agree_within_a_second),
		cmocka_unit_test(nearest_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
