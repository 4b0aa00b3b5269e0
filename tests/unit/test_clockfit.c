/* SPDX-License-Identifier: MIT */
/* The line between an RTP clock and another: each case has a known answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "base/rand.h"
#include "base/time.h"
#include "session/clockfit.h"
#include "wire/ntp.h"

#define T0 (INT64_C(1795000000) * VC_SEC) /* 2026 */
#define TS0 UINT32_C(0xffff0000)	  /* wraps soon */
#define RATE 90000

/* What RTP time a clock 'ppm' fast shows after 'ns'. */
static uint32_t ts_after(int64_t ns, double ppm)
{
	double units = (double)ns * (1 + ppm / 1e6) * RATE / 1e9;

	return TS0 + (uint32_t)(uint64_t)llround(units);
}

/* Reports each 5 s for 'seconds', whose NTP time is off by up to 'noise'. */
static void feed(struct vc_clockfit *f, double ppm, int64_t from, int64_t to,
		 int64_t ahead, int64_t noise)
{
	struct vc_rand r;

	vc_rand_init(&r, 7, "test", "clockfit");
	for (int64_t s = from; s < to; s += 5) {
		int64_t off = noise ? (int64_t)(vc_rand_u32(&r, "noise",
							    (uint64_t)s) %
						(uint64_t)(2 * noise)) -
					      noise :
				      0;

		vc_clockfit_put(f, ts_after(s * VC_SEC, ppm),
				T0 + s * VC_SEC + ahead + off,
				T0 + s * VC_SEC + 40 * VC_MS);
	}
}

static void assert_ppm(const struct vc_clockfit *f, double ppm, double within)
{
	struct vc_clockfit_line line;

	vc_clockfit_line(f, &line);
	assert_true(line.is_known);
	if (!(fabs(line.ppm - ppm) <= within))
		fail_msg("%.3f ppm where %.3f within %.3f are due", line.ppm,
			 ppm, within);
}

static void a_clock_is_measured(void **state)
{
	static const struct {
		double ppm;
		int64_t noise;
		double within;
	} rows[] = {
		{ 0, 0, 0.01 },		  { 500, 0, 0.01 },
		{ -500, 0, 0.01 },	  { 500, 2 * VC_MS, 1 },
		{ -37.5, 10 * VC_MS, 2 }, { 0, 10 * VC_MS, 2 },
		{ -500, 1 * VC_MS, 0.5 },
	};
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		vc_clockfit_init(&f, RATE);
		feed(&f, rows[i].ppm, 0, 3600, 0, rows[i].noise);
		assert_ppm(&f, rows[i].ppm, rows[i].within);
		vc_clockfit_line(&f, &line);
		assert_int_equal(line.steps, 0);
		assert_true(line.residual <= rows[i].noise + 20 * VC_US);
		assert_true(line.ppm_error <= rows[i].within);
	}
}

/* Where the line lies at the newest report: noise of one does not move it. */
static void it_lies_where_most_reports_do(void **state)
{
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	feed(&f, 200, 0, 3600, 0, 5 * VC_MS);
	vc_clockfit_put(&f, ts_after(3600 * VC_SEC, 200),
			T0 + 3600 * VC_SEC + 40 * VC_MS,
			T0 + 3600 * VC_SEC + 40 * VC_MS);
	vc_clockfit_line(&f, &line);
	assert_int_equal(line.ts, ts_after(3600 * VC_SEC, 200));
	assert_true(llabs(line.ns - (T0 + 3600 * VC_SEC)) < 2 * VC_MS);
}

static void wrong_reports_do_not_tilt_it(void **state)
{
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	for (int64_t s = 0; s < 3600; s += 5) {
		/* One in five says anything, by up to a year. */
		int64_t off = s % 25 ? 0 : s * s * 2477 * VC_US;

		vc_clockfit_put(&f, ts_after(s * VC_SEC, 100),
				T0 + s * VC_SEC + off, T0 + s * VC_SEC);
	}
	assert_ppm(&f, 100, 0.1);
	vc_clockfit_line(&f, &line);
	assert_true(line.residual < VC_MS);
	/* And in the same direction, near enough to be believed at first. */
	vc_clockfit_init(&f, RATE);
	for (int64_t s = 0; s < 3600; s += 5)
		vc_clockfit_put(&f, ts_after(s * VC_SEC, 100),
				T0 + s * VC_SEC + (s % 35 ? 0 : 35 * VC_MS),
				T0 + s * VC_SEC);
	assert_ppm(&f, 100, 0.5);
	vc_clockfit_line(&f, &line);
	assert_true(line.outliers * 8 > line.used);
}

static void a_clock_that_is_set_makes_a_step(void **state)
{
	static const int64_t steps[] = { 60 * VC_MS, -60 * VC_MS, VC_SEC,
					 -3600 * VC_SEC, 400 * 86400 * VC_SEC };
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		vc_clockfit_init(&f, RATE);
		feed(&f, -500, 0, 600, 0, VC_MS);
		feed(&f, -500, 600, 1200, steps[i], VC_MS);
		feed(&f, -500, 1200, 1800, 0, VC_MS);
		assert_ppm(&f, -500, 2);
		vc_clockfit_line(&f, &line);
		assert_int_equal(line.steps, 2);
		assert_true(llabs(line.ns - (T0 + 1795 * VC_SEC)) < 2 * VC_MS);
	}
}

static void steps_without_end_are_evened_out(void **state)
{
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	for (int64_t i = 0; i < 40; i++)
		feed(&f, 50, i * 60, i * 60 + 60, i * 7 * VC_SEC, 0);
	assert_ppm(&f, 50, 5);
	vc_clockfit_line(&f, &line);
	assert_int_equal(line.steps, 39);
}

static void a_source_that_restarts_goes_on(void **state)
{
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	feed(&f, 300, 0, 600, 0, VC_MS);
	vc_clockfit_tear(&f);
	for (int64_t s = 600; s < 1200; s += 5)
		vc_clockfit_put(&f, ts_after(s * VC_SEC, 300) + 0x51234567,
				T0 + s * VC_SEC, T0 + s * VC_SEC);
	assert_ppm(&f, 300, 2);
	vc_clockfit_line(&f, &line);
	assert_int_equal(line.steps, 1);
}

/* A day of silence is one wrap and 8 hours at 90 kHz. */
static void wraps_are_counted_by_stream_time(void **state)
{
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	feed(&f, 100, 0, 60, 0, 0);
	feed(&f, 100, 86400, 86460, 0, 0);
	assert_ppm(&f, 100, 0.1);
	vc_clockfit_line(&f, &line);
	assert_int_equal(line.steps, 0);
	assert_true(line.span > 86400 * VC_SEC);
}

static void a_day_takes_no_more_than_an_hour(void **state)
{
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	feed(&f, 12.5, 0, 86400, 0, 3 * VC_MS);
	assert_int_equal(f.puts, 86400 / 5);
	assert_true(f.n <= VC_CLOCKFIT_PAIRS);
	assert_true(f.n > VC_CLOCKFIT_PAIRS / 2 - 1);
	assert_ppm(&f, 12.5, 0.2);
}

static void too_little_is_said_to_be_unknown(void **state)
{
	struct vc_clockfit_line line;
	struct vc_clockfit f;

	(void)state;
	vc_clockfit_init(&f, RATE);
	vc_clockfit_line(&f, &line);
	assert_false(line.is_known);
	vc_clockfit_put(&f, TS0, T0, T0);
	vc_clockfit_line(&f, &line);
	assert_false(line.is_known);
	vc_clockfit_put(&f, TS0 + RATE / 2, T0 + VC_SEC / 2, T0 + VC_SEC / 2);
	vc_clockfit_line(&f, &line);
	assert_false(line.is_known);
	vc_clockfit_put(&f, TS0 + 2 * RATE, T0 + 2 * VC_SEC, T0 + 2 * VC_SEC);
	vc_clockfit_line(&f, &line);
	assert_true(line.is_known);
}

/* Arrival: late packets are many, early ones are none. */
static void arrival_is_a_clock_as_well(void **state)
{
	struct vc_clockfit f;
	struct vc_rand r;

	(void)state;
	vc_rand_init(&r, 9, "test", "clockfit");
	vc_clockfit_init(&f, RATE);
	for (int64_t ms = 0; ms < 1200000; ms += 20) {
		int64_t late =
			vc_rand_u32(&r, "noise", (uint64_t)ms) % 40 * VC_MS;

		/* Ten seconds of a full queue. */
		if (ms >= 300000 && ms < 310000)
			late += 400 * VC_MS;
		vc_clockfit_arrival(&f, ts_after(ms * VC_MS, 250),
				    T0 + ms * VC_MS + late);
	}
	assert_ppm(&f, 250, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_is_measured),
		cmocka_unit_test(it_lies_where_most_reports_do),
		cmocka_unit_test(wrong_reports_do_not_tilt_it),
		cmocka_unit_test(a_clock_that_is_set_makes_a_step),
		cmocka_unit_test(steps_without_end_are_evened_out),
		cmocka_unit_test(a_source_that_restarts_goes_on),
		cmocka_unit_test(wraps_are_counted_by_stream_time),
		cmocka_unit_test(a_day_takes_no_more_than_an_hour),
		cmocka_unit_test(too_little_is_said_to_be_unknown),
		cmocka_unit_test(arrival_is_a_clock_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
