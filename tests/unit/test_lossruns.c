/* SPDX-License-Identifier: MIT */
/* Losses alone, in bursts, at random, and what only looked lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "session/lossruns.h"

static void assert_near(double is, double should_be, double by)
{
	if (is < should_be - by || is > should_be + by)
		fail_msg("%g is not %g", is, should_be);
}

/* Of each 'period' packets the first 'run' of its second half are lost. */
static void test_regular_losses(void **state)
{
	static const struct {
		int n, period, run;
		double ratio;
	} rows[] = {
		{ 10000, 100, 0, 0 },
		{ 10000, 100, 1, 0.99 },
		{ 10000, 100, 5, 4.75 },
		{ 10000, 10, 5, 2.5 },
		{ 300, 100, 2, 1.96 },
		/* Runs longer than the window. */
		{ 40000, 4000, 1000, 750 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_lossruns l = { 0 };

		for (int k = 0; k < rows[i].n; k++) {
			int at = k % rows[i].period - rows[i].period / 2;

			if (at < 0 || at >= rows[i].run)
				vc_lossruns_put(&l, 65000 + k);
		}
		/* What ends with a loss does not know of it. */
		assert_near(vc_lossruns_ratio(&l), rows[i].ratio,
			    rows[i].ratio / 50);
	}
}

static void test_random_losses_give_one(void **state)
{
	struct vc_lossruns l = { 0 };
	struct vc_rand r;

	(void)state;
	vc_rand_init(&r, 1, "test", "lossruns");
	for (uint64_t k = 0; k < 200000; k++) {
		if (vc_rand_u32(&r, "loss", k) % 10)
			vc_lossruns_put(&l, (int64_t)k);
	}
	assert_near(vc_lossruns_ratio(&l), 1, 0.03);
}

static void test_late_and_double_ones_are_no_loss(void **state)
{
	struct vc_lossruns l = { 0 };

	(void)state;
	for (int k = 1000; k < 9000; k++) {
		vc_lossruns_put(&l, k);
		if (k % 2 == 0)
			vc_lossruns_put(&l, k);
	}
	assert_true(vc_lossruns_ratio(&l) == 0);
	/* Each 500th comes when 400 others have passed it. */
	l = (struct vc_lossruns){ 0 };
	for (int k = 0; k < 9000; k++) {
		if (k % 500)
			vc_lossruns_put(&l, k);
		if (k % 500 == 400)
			vc_lossruns_put(&l, k - 400);
	}
	/* Before the first one is no place of the run. */
	assert_true(vc_lossruns_ratio(&l) == 0);
}

static void test_a_restart_is_no_loss(void **state)
{
	struct vc_lossruns l = { 0 };

	(void)state;
	for (int k = 0; k < 100; k++)
		vc_lossruns_put(&l, k);
	vc_lossruns_restart(&l);
	for (int k = 0; k < 100; k++)
		vc_lossruns_put(&l, 1000000 + k);
	vc_lossruns_restart(&l);
	for (int k = 0; k < 100; k++) {
		if (k != 50 && k != 51)
			vc_lossruns_put(&l, 500 + k);
	}
	assert_int_equal(l.received, 200);
	assert_near(vc_lossruns_ratio(&l), 2 * 298. / 300, 1e-9);
}

/* RFC 3611 4.7.2: bursts begin and end with a loss; one alone is the gap's. */
static void test_bursts_and_gaps(void **state)
{
	struct vc_lossruns l = { 0 };
	struct vc_xrbursts b;

	(void)state;
	for (int64_t k = 0; k < 3000; k++) {
		bool is_lost = k == 500 || /* alone */
			       (k >= 1000 && k < 1004) || k == 1019 ||
			       k == 2000 || k == 2017; /* 16 good ones apart */

		if (!is_lost)
			vc_lossruns_put(&l, 65000 + k);
	}
	for (int round = 0; round < 2; round++) {
		vc_lossruns_bursts(&l, &b);
		assert_int_equal(b.burst.n, 1);
		assert_int_equal(b.burst.places, 20);
		assert_int_equal(b.burst.bad, 5);
		assert_int_equal(b.gap.n, 2);
		assert_int_equal(b.gap.places, 2980);
		assert_int_equal(b.gap.bad, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regular_losses),
		cmocka_unit_test(test_random_losses_give_one),
		cmocka_unit_test(test_late_and_double_ones_are_no_loss),
		cmocka_unit_test(test_a_restart_is_no_loss),
		cmocka_unit_test(test_bursts_and_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
