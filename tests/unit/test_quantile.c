/* SPDX-License-Identifier: MIT */
/* Quantiles: exact of a few, within 1 % of many, whatever the numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/quantile.h"

static void few_are_exact(void **state)
{
	static const struct {
		double share, is;
	} rows[] = {
		{ 0, 1 },   { 0.01, 1 },  { 0.05, 1 },	{ 0.1, 1 }, { 0.11, 2 },
		{ 0.5, 5 }, { 0.95, 10 }, { 0.99, 10 }, { 1, 10 },
	};
	static const double numbers[] = { 3, 10, 1, 7, 9, 2, 8, 4, 6, 5 };
	struct vc_quantile q = { 0 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(numbers); i++)
		assert_int_equal(vc_quantile_put(&q, numbers[i]), 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		double v = vc_quantile_at(&q, rows[i].share);

		if (v < rows[i].is || v > rows[i].is)
			fail_msg("%g: %g", rows[i].share, v);
	}
	assert_true(q.min == 1 && q.max == 10 && q.sum == 55 && q.n == 10);
	vc_quantile_clear(&q);
}

/* One more than are kept, and many more: nearest ranks of an even spread. */
static void many_are_within_a_hundredth(void **state)
{
	static const size_t sizes[] = { VC_QUANTILE_EXACT,
					VC_QUANTILE_EXACT + 1, 86400 };
	static const double shares[] = { 0.01, 0.05, 0.5, 0.95, 0.99 };

	(void)state;
	for (size_t k = 0; k < VC_COUNT(sizes); k++) {
		struct vc_quantile q = { 0 };
		size_t n = sizes[k];

		for (size_t i = 0; i < n; i++)
			vc_quantile_put(&q, (double)(i * 7919 % n) + 1);
		assert_int_equal(q.kept != NULL, n <= VC_QUANTILE_EXACT);
		for (size_t i = 0; i < VC_COUNT(shares); i++) {
			double is = ceil(shares[i] * (double)n);
			double v = vc_quantile_at(&q, shares[i]);

			if (fabs(v - is) > 0.0101 * is)
				fail_msg("%zu, %g: %g, not %g", n, shares[i], v,
					 is);
		}
		vc_quantile_clear(&q);
	}
}

static void signs_and_ends(void **state)
{
	struct vc_quantile q = { 0 };

	(void)state;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(vc_quantile_put(&q, i % 3 == 0 ? -50 :
						     i % 3 == 1 ? 0 :
								  40),
				 0);
	assert_true(fabs(vc_quantile_at(&q, 0.1) + 50) < 0.5);
	assert_true(vc_quantile_at(&q, 0.5) == 0);
	assert_true(fabs(vc_quantile_at(&q, 0.9) - 40) < 0.4);
	assert_true(vc_quantile_at(&q, 0) >= -50);
	vc_quantile_put(&q, 1e300);
	vc_quantile_put(&q, -1e300);
	vc_quantile_put(&q, 1e-300);
	assert_true(q.max == 1e300 && q.min == -1e300);
	assert_true(vc_quantile_at(&q, 1) >= 1e12);
	vc_quantile_clear(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_exact),
		cmocka_unit_test(many_are_within_a_hundredth),
		cmocka_unit_test(signs_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
