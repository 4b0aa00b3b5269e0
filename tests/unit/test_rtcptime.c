/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/rtcptime.h"

#define T0 VC_VIRTUAL_EPOCH

static struct vc_rtcptime start(uint32_t bps, bool unicast)
{
	const struct vc_rtcptime_conf conf = {
		.rtcp_bps = bps,
		.unicast = unicast,
		.first_len = 100,
	};
	struct vc_rand rand;
	struct vc_rtcptime t;

	vc_rand_init(&rand, 1, "test", "rtcp");
	vc_rtcptime_init(&t, &conf, &rand, T0);
	return t;
}

/* RFC 3550 6.3.1: the interval without randomness. */
static void the_interval_is_the_formula(void **state)
{
	static const struct {
		uint32_t bps;
		unsigned int members, senders;
		int64_t seconds;
	} rows[] = {
		{ 3200, 1, 0, 5 },
		{ 3200, 10, 0, 5 },
		{ 800, 100, 0, 133 },	 /* 100 octets each, on 3/4 */
		{ 800, 100, 25, 100 },	 /* 75 receivers have 3/4 */
		{ 800, 100, 26, 100 },	 /* more senders than a quarter */
		{ 800, 1000, 10, 1320 }, /* 990 receivers on 600 bit/s */
		{ 0, 1, 0, 12 },	 /* bounded below at 64 bit/s */
		{ UINT32_MAX, 65535, 1, 5 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtcptime t = start(rows[i].bps, false);

		vc_rtcptime_members(&t, rows[i].members, rows[i].senders, false,
				    T0);
		assert_int_equal(vc_rtcptime_interval(&t) / VC_SEC,
				 rows[i].seconds);
	}
}

/* Two members: each report in (0.5 to 1.5) of 5 s / 1.21828, spread over it. */
static void reports_are_spread(void **state)
{
	struct vc_rtcptime t = start(3200, true);
	int64_t now = T0, min = INT64_MAX, max = 0, sum = 0, d;
	int n = 0, k = 0;

	(void)state;
	vc_rtcptime_members(&t, 2, 1, true, T0);
	assert_int_equal(vc_rtcptime_next(&t), T0);
	assert_true(vc_rtcptime_due(&t, now));
	vc_rtcptime_sent(&t, 100, now);
	while (n < 1000) {
		assert_false(vc_rtcptime_due(&t, vc_rtcptime_next(&t) - 1));
		k++;
		assert_true(k < 100000);
		if (!vc_rtcptime_due(&t, vc_rtcptime_next(&t)))
			continue;
		d = vc_rtcptime_next(&t) - now;
		now += d;
		vc_rtcptime_sent(&t, 100, now);
		min = d < min ? d : min;
		max = d > max ? d : max;
		sum += d;
		n++;
	}
	assert_true(min > 2052 * VC_MS && min < 2500 * VC_MS);
	assert_true(max < 6157 * VC_MS && max > 5700 * VC_MS);
	/* reconsideration makes the mean what the formula says */
	assert_true(sum / n > 4700 * VC_MS && sum / n < 5300 * VC_MS);
}

static void the_first_report_waits_on_multicast(void **state)
{
	struct vc_rtcptime t = start(3200, false);

	(void)state;
	assert_true(vc_rtcptime_next(&t) > T0 + VC_SEC);
	assert_true(vc_rtcptime_next(&t) < T0 + 3079 * VC_MS);
}

/* A crowd that joins while we wait moves our report away. */
static void reconsideration_waits_for_a_crowd(void **state)
{
	struct vc_rtcptime t = start(800, false);
	int64_t at = vc_rtcptime_next(&t);

	(void)state;
	vc_rtcptime_members(&t, 1000, 0, false, at);
	assert_false(vc_rtcptime_due(&t, at));
	assert_true(vc_rtcptime_next(&t) > T0 + 400 * VC_SEC);
	/* 6.3.4: when all but one leave it comes back */
	vc_rtcptime_members(&t, 1, 0, false, at);
	assert_true(vc_rtcptime_next(&t) < at + 2 * VC_SEC);
}

static void byes_are_counted_when_many_leave(void **state)
{
	struct vc_rtcptime t = start(3200, true);
	int64_t at, now;

	(void)state;
	vc_rtcptime_members(&t, 50, 2, true, T0);
	assert_true(vc_rtcptime_leave(&t, 60, T0));
	vc_rtcptime_members(&t, 51, 2, true, T0);
	assert_false(vc_rtcptime_leave(&t, 60, T0));
	at = vc_rtcptime_next(&t);
	assert_true(at > T0 + VC_SEC && at < T0 + 3079 * VC_MS);
	for (int i = 0; i < 4000; i++)
		vc_rtcptime_bye_heard(&t, 60);
	/* reports of others do not count now */
	vc_rtcptime_received(&t, 1400);
	assert_false(vc_rtcptime_due(&t, at));
	now = vc_rtcptime_next(&t);
	assert_true(now > T0 + 200 * VC_SEC);
	while (!vc_rtcptime_due(&t, now)) {
		assert_true(vc_rtcptime_next(&t) > now);
		now = vc_rtcptime_next(&t);
	}
}

/* 6.2: the reduced minimum is for sending, not for time-outs. */
static void the_minimum_follows_the_rate(void **state)
{
	static const struct {
		uint64_t media_bps;
		uint32_t rtcp_bps;
		int64_t min_ms;
	} rows[] = {
		{ 0, 3200, 5000 },	  { 64000, 3200, 5000 },
		{ 72000, 3600, 5000 },	  { 144000, 7200, 2500 },
		{ 1000000, 50000, 1000 }, { UINT64_MAX, UINT32_MAX, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtcptime t = start(3200, true);

		vc_rtcptime_rate(&t, rows[i].media_bps);
		assert_int_equal(t.conf.rtcp_bps, rows[i].rtcp_bps);
		assert_int_equal(t.conf.min, rows[i].min_ms * VC_MS);
		assert_int_equal(vc_rtcptime_interval(&t), 5 * VC_SEC);
		/* Many who only receive would be too many at that pace. */
		t = start(3200, true);
		t.conf.keeps_min = true;
		vc_rtcptime_rate(&t, rows[i].media_bps);
		assert_int_equal(t.conf.rtcp_bps, rows[i].rtcp_bps);
		assert_int_equal(t.conf.min, 5 * VC_SEC);
	}
}

/* Between two, a second's worth goes at once, then what the bandwidth takes:
 * half of it, reports among it. */
static void early_feedback_keeps_to_the_bandwidth(void **state)
{
	static const struct {
		uint32_t bps;
		size_t len;
	} rows[] = {
		{ 3200, 60 },
		{ 50000, 90 },
		{ 500000, 60 },
		{ 0, 60 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtcptime t = start(rows[i].bps, true);
		uint64_t octets = 0, half = rows[i].bps / 16;
		int64_t at;

		if (half < 8)
			half = 8;
		vc_rtcptime_members(&t, 2, 1, false, T0);
		assert_true(vc_rtcptime_early(&t, T0) <= T0);
		for (int ms = 0; ms < 60000; ms++) {
			int64_t now = T0 + ms * VC_MS;

			if (vc_rtcptime_due(&t, now)) {
				vc_rtcptime_sent(&t, 100, now);
				octets += 100;
			}
			at = vc_rtcptime_early(&t, now);
			if (at > now) {
				assert_true(vc_rtcptime_early(&t, at) <= at);
				continue;
			}
			vc_rtcptime_early_sent(&t, rows[i].len, now);
			octets += rows[i].len;
		}
		assert_true(octets <= half * 61 + rows[i].len + 100);
		/* and makes use of it */
		assert_true(octets >= half * 59);
	}
}

/* In a group: one between two reports, dithered, instead of the next. */
static void early_feedback_of_a_group_is_dithered(void **state)
{
	struct vc_rtcptime t = start(8000, true);
	int64_t tp, tn, at, seen = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		int64_t now = vc_rtcptime_next(&t);

		vc_rtcptime_members(&t, 30, 1, false, now);
		while (!vc_rtcptime_due(&t, now))
			now = vc_rtcptime_next(&t);
		vc_rtcptime_sent(&t, 100, now);
		tp = t.tp;
		tn = t.tn;
		at = vc_rtcptime_early(&t, now);
		assert_in_range(at - now, 0, (tn - tp) / 2);
		seen = at - now > seen ? at - now : seen;
		assert_int_equal(vc_rtcptime_early(&t, at - 1), at);
		if (i % 3 == 0) {
			/* said by another: the next begins anew */
			vc_rtcptime_early_drop(&t);
			assert_int_equal(vc_rtcptime_early(&t, tn - 1), tn);
			continue;
		}
		vc_rtcptime_early_sent(&t, 60, at);
		assert_int_equal(t.tn, tn + (tn - tp));
		assert_int_equal(t.tp, tn);
		/* no second one before the next report */
		assert_int_equal(vc_rtcptime_early(&t, at + 1), t.tn);
	}
	assert_true(seen > 2 * VC_SEC);
	vc_rtcptime_members(&t, 100, 1, false, t.tn);
	assert_false(vc_rtcptime_leave(&t, 60, t.tn));
	assert_int_equal(vc_rtcptime_early(&t, t.tn), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_interval_is_the_formula),
		cmocka_unit_test(reports_are_spread),
		cmocka_unit_test(the_first_report_waits_on_multicast),
		cmocka_unit_test(reconsideration_waits_for_a_crowd),
		cmocka_unit_test(byes_are_counted_when_many_leave),
		cmocka_unit_test(the_minimum_follows_the_rate),
		cmocka_unit_test(early_feedback_keeps_to_the_bandwidth),
		cmocka_unit_test(early_feedback_of_a_group_is_dithered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
