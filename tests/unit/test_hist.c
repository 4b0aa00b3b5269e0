/* SPDX-License-Identifier: MIT */
/* Histograms: what is exact, how far quantiles may be off, and memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/hist.h"

/* Each value alone comes back, and between others within 1 in 128. */
static void test_values(void **state)
{
	static const int64_t rows[] = {
		0, 1, 63, 64, 65, 127, 128, 20000000, 33333333, VC_HIST_MAX,
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_hist h = { 0 };
		int64_t q;

		assert_false(vc_hist_quantile(&h, VC_HIST_P50, &q));
		vc_hist_put(&h, rows[i]);
		assert_true(vc_hist_quantile(&h, VC_HIST_P50, &q));
		assert_int_equal(q, rows[i]);
		vc_hist_put(&h, 0);
		vc_hist_put(&h, VC_HIST_MAX);
		assert_true(vc_hist_quantile(&h, VC_HIST_P50, &q));
		assert_in_range(q, rows[i] - rows[i] / 128,
				rows[i] + rows[i] / 128);
		vc_hist_clear(&h);
	}
}

static void test_beyond(void **state)
{
	struct vc_hist h = { 0 };
	int64_t q;

	(void)state;
	vc_hist_put(&h, -5);
	vc_hist_put(&h, INT64_MAX);
	assert_int_equal(h.min, -5);
	assert_int_equal(h.max, VC_HIST_MAX);
	assert_true(vc_hist_quantile(&h, VC_HIST_P5, &q));
	assert_int_equal(q, 0);
	vc_hist_clear(&h);
}

/* 1..1000 ms: quantiles before and after its memory is gone. */
static void test_close(void **state)
{
	static const int64_t want[VC_HIST_QUANTILES] = { 50, 500, 950, 990 };
	struct vc_hist h = { 0 };

	(void)state;
	for (int64_t i = 1; i <= 1000; i++)
		vc_hist_put(&h, i * 1000000);
	for (int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < VC_HIST_QUANTILES; i++) {
			int64_t q, ms = want[i] * 1000000;

			assert_true(
				vc_hist_quantile(&h, (enum vc_hist_q)i, &q));
			assert_in_range(q, ms - ms / 128, ms + ms / 128);
		}
		vc_hist_close(&h);
		vc_hist_put(&h, 7000000000);
	}
	assert_int_equal(h.n, 1002);
	assert_int_equal(h.max, 7000000000);
	for (unsigned int i = 0; i < VC_HIST_PAGES; i++)
		assert_null(h.page[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
