/* SPDX-License-Identifier: MIT */
/* Arrivals made by hand: spacing, delays, lateness, peaks, skew, steps. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/flow.h"

#define PTIME (20 * VC_MS)

static const int64_t buffers[] = { 5 * VC_MS, 40 * VC_MS };

static void begin(struct vc_flow *f)
{
	vc_flow_init(f, 8000, buffers, VC_COUNT(buffers));
}

static int64_t quantile(const struct vc_hist *h, enum vc_hist_q q)
{
	int64_t v = -1;

	assert_true(vc_hist_quantile(h, q, &v));
	return v;
}

/* Every tenth packet is 30 ms late, over the wrap of RTP time. */
static void test_late(void **state)
{
	struct vc_flow f;

	(void)state;
	begin(&f);
	for (int64_t i = 0; i < 1000; i++)
		vc_flow_put(&f, (uint32_t)(i * 160 - 80000), 160,
			    i * PTIME + (i % 10 == 9 ? 30 * VC_MS : 0));
	assert_int_equal(f.delay.max, 30 * VC_MS);
	assert_int_equal(quantile(&f.delay, VC_HIST_P50), 0);
	assert_in_range(quantile(&f.delay, VC_HIST_P95), 29800000, 30 * VC_MS);
	assert_int_equal(f.late[0], 100);
	assert_int_equal(f.late[1], 0);
	assert_int_equal(f.delta.max, 50 * VC_MS);
	assert_int_equal(f.delta.min, 0); /* the next one overtakes */
	assert_int_equal(f.steps, 0);
	vc_flow_clear(&f);
}

/* The way gets 50 ms longer: after 10 s that is the way. */
static void test_quickest_forgets(void **state)
{
	struct vc_flow f;

	(void)state;
	begin(&f);
	for (int64_t i = 0; i < 3000; i++)
		vc_flow_put(&f, (uint32_t)(i * 160), 160,
			    i * PTIME + (i >= 1000 ? 50 * VC_MS : 0));
	assert_in_range(f.late[1], 250, 501);
	vc_flow_clear(&f);
}

/* The source's clock is fast by so many ppm; queues add to some arrivals. */
static void test_skew(void **state)
{
	static const int ppms[] = { 0, 100, -250 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(ppms); i++) {
		struct vc_clockfit_line line;
		struct vc_flow f;

		begin(&f);
		for (int64_t k = 0; k < 3000; k++) {
			double ts = (double)k * 160 * (1 + ppms[i] / 1e6);

			vc_flow_put(&f, (uint32_t)llround(ts), 160,
				    k * PTIME + (k % 7) * 3 * VC_MS);
			if (k == 400)
				assert_false(vc_flow_line(&f, &line));
		}
		assert_true(vc_flow_line(&f, &line));
		assert_true(fabs(line.ppm - ppms[i]) < 1);
		vc_flow_end(&f);
		assert_null(f.fit);
		assert_true(vc_flow_line(&f, &line));
		assert_true(fabs(line.ppm - ppms[i]) < 1);
		vc_flow_clear(&f);
	}
}

/* RTP time jumps by an hour: no delay, and no skew of it. */
static void test_step(void **state)
{
	struct vc_clockfit_line line;
	struct vc_flow f;

	(void)state;
	begin(&f);
	for (int64_t i = 0; i < 2000; i++)
		vc_flow_put(&f, (uint32_t)(i * 160 + (i < 1000 ? 0 : 28800000)),
			    160, i * PTIME);
	assert_int_equal(f.steps, 1);
	assert_int_equal(f.delay.max, 0);
	assert_true(vc_flow_line(&f, &line));
	assert_true(fabs(line.ppm) < 0.1);
	vc_flow_clear(&f);
}

/* Ten packets of 1000 octets at once each 100 ms. */
static void test_peaks(void **state)
{
	struct vc_flow f;

	(void)state;
	vc_flow_init(&f, 0, NULL, 0);
	for (int64_t i = 0; i < 1000; i++)
		vc_flow_put(&f, 0, 1000, i / 10 * 100 * VC_MS);
	assert_int_equal(vc_flow_most(&f.fine), 10000);
	assert_int_equal(vc_flow_most(&f.coarse), 10000);
	assert_int_equal(f.delay.n, 0);
	assert_int_equal(quantile(&f.delta, VC_HIST_P50), 0);
	assert_int_equal(f.delta.max, 100 * VC_MS);
	vc_flow_clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_quickest_forgets),
		cmocka_unit_test(test_skew),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_peaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
