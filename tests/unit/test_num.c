/* SPDX-License-Identifier: MIT */
/* Numbers with units: exact values, and everything that is not quite one. */
#include <errno.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

static void times(void **state)
{
	static const struct {
		const char *text;
		int err;
		int64_t ns;
	} rows[] = {
		{ "0", 0, 0 },
		{ "0s", 0, 0 },
		{ "200ms", 0, 200 * VC_MS },
		{ "10s", 0, 10 * VC_SEC },
		{ "1.5s", 0, 1500 * VC_MS },
		{ "0.000000001s", 0, 1 },
		{ "0.0000000019s", 0, 1 },
		{ "95m", 0, 5700 * VC_SEC },
		{ "1h30m", 0, 5400 * VC_SEC },
		{ "7d", 0, 604800 * VC_SEC },
		{ "1h0.5m", 0, 3630 * VC_SEC },
		{ "1s500ms", 0, 1500 * VC_MS },
		{ "20us", 0, 20000 },
		{ "7ns", 0, 7 },
		{ "2562047h", 0, INT64_C(2562047) * 3600 * VC_SEC },
		{ "2562048h", -ERANGE, 0 },
		{ "99999999999999999999s", -ERANGE, 0 },
		{ "10", -EDOM, 0 },
		{ "1.5", -EDOM, 0 },
		{ "", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "+1s", -EINVAL, 0 },
		{ " 1s", -EINVAL, 0 },
		{ "1s ", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "1.s", -EINVAL, 0 },
		{ "1h30", -EINVAL, 0 },
		{ "30m1h", -EINVAL, 0 },
		{ "1s1s", -EINVAL, 0 },
		{ "1sec", -EINVAL, 0 },
		{ "0x10s", -EINVAL, 0 },
		{ "1e3s", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t ns = -1;

		assert_int_equal(vc_num_time(rows[i].text, &ns), rows[i].err);
		assert_int_equal(ns, rows[i].err ? -1 : rows[i].ns);
	}
}

static void ranges(void **state)
{
	static const struct {
		const char *text;
		bool is_good;
		int64_t from, to;
	} rows[] = {
		{ "0s-5s", true, 0, 5 * VC_SEC },
		{ "0-200ms", true, 0, 200 * VC_MS },
		{ "4s-", true, 4 * VC_SEC, INT64_MAX },
		{ "5s-5s", false, 0, 0 },
		{ "5s-4s", false, 0, 0 },
		{ "-5s", false, 0, 0 },
		{ "5s", false, 0, 0 },
		{ "1-2", false, 0, 0 },
		{ "1s-2s-3s", false, 0, 0 },
		{ "00000000000000000000000000000001s-2s", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t from = -1, to = -1;

		assert_int_equal(vc_num_range(rows[i].text, &from, &to),
				 rows[i].is_good ? 0 : -EINVAL);
		assert_true(from == (rows[i].is_good ? rows[i].from : -1));
		assert_true(to == (rows[i].is_good ? rows[i].to : -1));
	}
}

static void rates_and_sizes(void **state)
{
	static const struct {
		int (*fn)(const char *s, uint64_t *v);
		const char *text;
		int err;
		uint64_t v;
	} rows[] = {
		{ vc_num_rate, "800k", 0, 800000 },
		{ vc_num_rate, "1.5M", 0, 1500000 },
		{ vc_num_rate, "64000", 0, 64000 },
		{ vc_num_rate, "1000", 0, 1000 },
		{ vc_num_rate, "999", -EDOM, 0 },
		{ vc_num_rate, "0", -ERANGE, 0 },
		{ vc_num_rate, "0k", -ERANGE, 0 },
		{ vc_num_rate, "99999999999G", -ERANGE, 0 },
		{ vc_num_rate, "800kb", -EINVAL, 0 },
		{ vc_num_rate, "k", -EINVAL, 0 },
		{ vc_num_rate, "-1k", -EINVAL, 0 },
		{ vc_num_size, "1500", 0, 1500 },
		{ vc_num_size, "0", 0, 0 },
		{ vc_num_size, "50G", 0, UINT64_C(50000000000) },
		{ vc_num_size, "50GiB", 0, UINT64_C(50) << 30 },
		{ vc_num_size, "1.5kB", 0, 1500 },
		{ vc_num_size, "0.5KiB", 0, 512 },
		{ vc_num_size, "16MB", 0, 16000000 },
		{ vc_num_size, "1.5", -EINVAL, 0 },
		{ vc_num_size, "1GiBs", -EINVAL, 0 },
		{ vc_num_size, "18446744073709551615", 0, UINT64_MAX },
		{ vc_num_size, "18446744073709551616", -ERANGE, 0 },
		{ vc_num_size, "18446745T", -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint64_t v = 77;

		assert_int_equal(rows[i].fn(rows[i].text, &v), rows[i].err);
		assert_int_equal(v, rows[i].err ? 77 : rows[i].v);
	}
}

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		int err;
		int64_t v;
	} rows[] = {
		{ "0", 0, 9, 0, 0 },
		{ "-0", 0, 9, 0, 0 },
		{ "9", 0, 9, 0, 9 },
		{ "10", 0, 9, -ERANGE, 0 },
		{ "-1", 0, 9, -ERANGE, 0 },
		{ "007", 0, 9, 0, 7 },
		{ "9223372036854775807", 0, INT64_MAX, 0, INT64_MAX },
		{ "9223372036854775808", 0, INT64_MAX, -ERANGE, 0 },
		{ "-9223372036854775808", INT64_MIN, 0, 0, INT64_MIN },
		{ "-9223372036854775809", INT64_MIN, 0, -ERANGE, 0 },
		{ "18446744073709551617", INT64_MIN, INT64_MAX, -ERANGE, 0 },
		{ "", 0, 9, -EINVAL, 0 },
		{ "-", -9, 9, -EINVAL, 0 },
		{ "--1", -9, 9, -EINVAL, 0 },
		{ "+1", 0, 9, -EINVAL, 0 },
		{ " 1", 0, 9, -EINVAL, 0 },
		{ "1x", 0, 9, -EINVAL, 0 },
		{ "1.0", 0, 9, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t v = 77;

		assert_int_equal(vc_num_i64(rows[i].text, rows[i].min,
					    rows[i].max, &v),
				 rows[i].err);
		assert_int_equal(v, rows[i].err ? 77 : rows[i].v);
	}
}

static void reals(void **state)
{
	static const char *const bad[] = { "",	  " 1",	  "inf",  "nan", "0x1",
					   "1,5", "1.5s", "--1",  "+-1", "e5",
					   ".",	  "1e",	  "1e999" };
	double v = 0;

	(void)state;
	assert_int_equal(vc_num_real("0.05", 0, 1, &v), 0);
	assert_true(v == 0.05);
	assert_int_equal(vc_num_real("-2.5e1", -30, 0, &v), 0);
	assert_true(v == -25);
	assert_int_equal(vc_num_real("1.1", 0, 1, &v), -ERANGE);
	for (size_t i = 0; i < VC_COUNT(bad); i++)
		assert_true(vc_num_real(bad[i], -10, 10, &v) < 0);
	assert_true(v == -25);
}

static void pictures(void **state)
{
	static const struct {
		const char *text;
		int err, a, b;
	} dims[] = {
		{ "640x360", 0, 640, 360 },
		{ "1x16384", 0, 1, 16384 },
		{ "0x1", -ERANGE, 0, 0 },
		{ "16385x1", -ERANGE, 0, 0 },
		{ "1x99999999999999999999", -ERANGE, 0, 0 },
		{ "640", -EINVAL, 0, 0 },
		{ "640x", -EINVAL, 0, 0 },
		{ "x360", -EINVAL, 0, 0 },
		{ "640X360", -EINVAL, 0, 0 },
		{ "640x360x1", -EINVAL, 0, 0 },
		{ "640x-1", -EINVAL, 0, 0 },
	}, fps[] = {
		{ "30", 0, 30, 1 },
		{ "29.97", 0, 2997, 100 },
		{ "12.50", 0, 25, 2 },
		{ "30000/1001", 0, 30000, 1001 },
		{ "60/2", 0, 30, 1 },
		{ "1/1000", 0, 1, 1000 },
		{ "1000", 0, 1000, 1 },
		{ "0", -ERANGE, 0, 0 },
		{ "1001", -ERANGE, 0, 0 },
		{ "1/0", -ERANGE, 0, 0 },
		{ "30/", -EINVAL, 0, 0 },
		{ "30.", -EINVAL, 0, 0 },
		{ "30fps", -EINVAL, 0, 0 },
		{ "99999999999999999999", -ERANGE, 0, 0 },
		{ "1.99999999999999999999", -ERANGE, 0, 0 },
	};
	int a, b;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(dims); i++) {
		a = b = 0;
		assert_int_equal(vc_num_dims(dims[i].text, &a, &b),
				 dims[i].err);
		assert_int_equal(a, dims[i].a);
		assert_int_equal(b, dims[i].b);
	}
	for (size_t i = 0; i < VC_COUNT(fps); i++) {
		a = b = 0;
		assert_int_equal(vc_num_fps(fps[i].text, &a, &b), fps[i].err);
		assert_int_equal(a, fps[i].a);
		assert_int_equal(b, fps[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(ranges),
		cmocka_unit_test(rates_and_sizes),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(reals),
		cmocka_unit_test(pictures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
