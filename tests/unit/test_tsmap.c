/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/tsmap.h"
#include "wire/ntp.h"

#define T0 (INT64_C(1795000000) * VC_SEC) /* 2026 */
#define TS0 UINT32_C(0xffffff00)	  /* wraps at once */

static void assert_near(int64_t a, int64_t b, int64_t by)
{
	if (a - b > by || b - a > by)
		fail_msg("%lld is %lld from %lld", (long long)a,
			 (long long)(a - b), (long long)b);
}

static void without_reports_arrival_is_the_line(void **state)
{
	struct vc_tsmap m;

	(void)state;
	vc_tsmap_init(&m, 48000);
	assert_false(vc_tsmap_packet(&m, TS0, T0));
	assert_false(m.has_sr);
	assert_int_equal(vc_tsmap_ns(&m, TS0), T0);
	assert_int_equal(vc_tsmap_ns(&m, TS0 + 960), T0 + 20 * VC_MS);
	assert_int_equal(vc_tsmap_ns(&m, TS0 - 960), T0 - 20 * VC_MS);
	assert_int_equal(vc_tsmap_ts(&m, T0 + 20 * VC_MS), TS0 + 960);
	assert_int_equal(vc_tsmap_ts(&m, T0 - 20 * VC_MS), TS0 - 960);
}

/* Hours on end, over many wraps, nothing is lost to rounding. */
static void the_line_stays_exact_over_wraps(void **state)
{
	static const uint32_t rates[] = { 8000, 44100, 48000, 90000 };
	struct vc_tsmap m;
	uint32_t ts;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rates); i++) {
		vc_tsmap_init(&m, rates[i]);
		ts = TS0;
		for (int64_t s = 0; s < 200000; s++) {
			assert_false(vc_tsmap_packet(&m, ts, T0 + s * VC_SEC));
			assert_int_equal(vc_tsmap_ns(&m, ts), T0 + s * VC_SEC);
			ts += rates[i];
		}
	}
}

/* C6: which reports are believed, when the media is at T0 = TS0. */
static void only_sane_reports_count(void **state)
{
	static const struct {
		const char *what;
		int64_t ntp_s; /* from T0; -1: NTP 0 */
		uint32_t ts;
		int64_t media_after_s;
		int err;
	} rows[] = {
		{ "now", 0, TS0, 0, 0 },
		{ "nothing", -1, TS0, 0, -EBADMSG },
		{ "ten years on: its own clock", 315360000, TS0, 0, 0 },
		{ "after 2036", 400000000, TS0, 0, 0 },
		{ "9 s behind", 0, TS0 - 9 * 48000, 0, 0 },
		{ "11 s behind", 0, TS0 - 11 * 48000, 0, -EBADMSG },
		{ "11 s ahead", 0, TS0 + 11 * 48000, 0, -EBADMSG },
		{ "unrelated", 0, TS0 + 0x80000000, 0, -EBADMSG },
		{ "after a pause", 60, TS0 + 60 * 48000, 60, 0 },
	};
	struct vc_tsmap m;
	uint64_t ntp;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_tsmap_init(&m, 48000);
		vc_tsmap_packet(&m, TS0, T0);
		ntp = rows[i].ntp_s < 0 ?
			      0 :
			      vc_ntp_from_ns(T0 + rows[i].ntp_s * VC_SEC);
		if (vc_tsmap_sr(&m, ntp, rows[i].ts,
				T0 + rows[i].media_after_s * VC_SEC) !=
		    rows[i].err)
			fail_msg("%s", rows[i].what);
		assert_int_equal(m.has_sr, !rows[i].err);
		assert_int_equal(m.insane_srs, rows[i].err != 0);
		if (!rows[i].err)
			assert_near(vc_tsmap_ns(&m, rows[i].ts),
				    T0 + rows[i].ntp_s * VC_SEC, 1);
	}
}

static void a_report_before_the_media_counts_if_it_fits(void **state)
{
	struct vc_tsmap m;

	(void)state;
	vc_tsmap_init(&m, 48000);
	assert_int_equal(vc_tsmap_sr(&m, vc_ntp_from_ns(T0 - VC_SEC), TS0, T0),
			 0);
	vc_tsmap_packet(&m, TS0 + 960, T0 + 50 * VC_MS);
	assert_true(m.has_sr);
	assert_int_equal(vc_tsmap_ns(&m, TS0 + 960), T0 - VC_SEC + 20 * VC_MS);

	vc_tsmap_init(&m, 48000);
	vc_tsmap_sr(&m, vc_ntp_from_ns(T0 - VC_SEC), TS0 ^ 0x80000000, T0);
	vc_tsmap_packet(&m, TS0 + 960, T0 + 50 * VC_MS);
	assert_false(m.has_sr);
	assert_int_equal(vc_tsmap_ns(&m, TS0 + 960), T0 + 50 * VC_MS);
}

/* Over 2036-02-07 06:28:16 UTC. */
static void ntp_eras_are_no_event(void **state)
{
	const int64_t wrap = INT64_C(2085978496) * VC_SEC;
	struct vc_tsmap m;

	(void)state;
	vc_tsmap_init(&m, 90000);
	for (int64_t s = -5; s < 5; s++) {
		int64_t t = wrap + s * VC_SEC + VC_MS;
		uint32_t ts = TS0 + (uint32_t)(s * 90000);

		assert_false(vc_tsmap_packet(&m, ts, t));
		assert_int_equal(vc_tsmap_sr(&m, vc_ntp_from_ns(t), ts, t), 0);
		assert_near(vc_tsmap_ns(&m, ts), t, 1);
	}
	assert_int_equal(m.jumps, 0);
	assert_int_equal(m.insane_srs, 0);
}

/* A sampling clock 500 ppm off: reports bend the line, never far. */
static void reports_bend_the_line(void **state)
{
	struct vc_tsmap m;
	uint32_t ts = TS0;

	(void)state;
	vc_tsmap_init(&m, 48000);
	for (int64_t s = 0; s < 3600; s++) {
		int64_t t = T0 + s * VC_SEC;

		assert_false(vc_tsmap_packet(&m, ts, t));
		assert_int_equal(vc_tsmap_sr(&m, vc_ntp_from_ns(t), ts, t), 0);
		assert_near(vc_tsmap_ns(&m, ts), t, 3 * VC_MS);
		ts += 48024;
	}
	assert_int_equal(m.jumps, 0);
}

static void one_report_that_disagrees_is_not_believed(void **state)
{
	struct vc_tsmap m;

	(void)state;
	vc_tsmap_init(&m, 1000);
	for (uint32_t s = 0; s < 4; s++)
		vc_tsmap_packet(&m, s * 1000, T0 + s * VC_SEC);
	assert_int_equal(
		vc_tsmap_sr(&m, vc_ntp_from_ns(T0), 0, T0 + 3 * VC_SEC), 0);
	assert_int_equal(vc_tsmap_sr(&m, vc_ntp_from_ns(T0 + 90 * VC_SEC), 3000,
				     T0 + 3 * VC_SEC),
			 -EBADMSG);
	assert_near(vc_tsmap_ns(&m, 3000), T0 + 3 * VC_SEC, 1);
	/* another one elsewhere does not confirm it, the next one does */
	assert_int_equal(vc_tsmap_sr(&m, vc_ntp_from_ns(T0 + 50 * VC_SEC), 4000,
				     T0 + 4 * VC_SEC),
			 -EBADMSG);
	assert_int_equal(vc_tsmap_sr(&m, vc_ntp_from_ns(T0 + 51 * VC_SEC), 5000,
				     T0 + 5 * VC_SEC),
			 0);
	assert_near(vc_tsmap_ns(&m, 5000), T0 + 51 * VC_SEC, 1);
	assert_int_equal(m.jumps, 1);
}

/* H8: what one packet 20 ms after the last one's arrival is taken for. */
static void jumps_are_told_from_queues(void **state)
{
	static const struct {
		const char *what;
		int32_t ts_ms; /* how far RTP time moves */
		int64_t after_ms;
		bool jumps;
	} rows[] = {
		{ "next", 20, 20, false },
		{ "lost ones", 1020, 1020, false },
		{ "constant", 0, 20, false },
		{ "a little back", -400, 20, false },
		{ "pause without time", 20, 60000, false },
		{ "pause with time", 60000, 60000, false },
		{ "ahead", 5000, 20, true },
		{ "back", -5000, 20, true },
		{ "far ahead", INT32_MAX, 20, true },
		{ "far back", INT32_MIN + 1, 20, true },
	};
	struct vc_tsmap m;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t t = T0 + 9 * 20 * VC_MS + rows[i].after_ms * VC_MS;
		uint32_t ts = TS0 + 180 + (uint32_t)rows[i].ts_ms;

		vc_tsmap_init(&m, 1000);
		for (int k = 0; k < 10; k++)
			vc_tsmap_packet(&m, TS0 + (uint32_t)k * 20,
					T0 + k * 20 * VC_MS);
		if (vc_tsmap_packet(&m, ts, t) != rows[i].jumps)
			fail_msg("%s", rows[i].what);
		if (rows[i].jumps)
			assert_near(vc_tsmap_ns(&m, ts), t, VC_MS);
	}
}

/* 3 s of stall, then all at once with 2 s of it lost: no jump. */
static void a_queue_that_drains_is_no_jump(void **state)
{
	struct vc_tsmap m;
	int64_t t = T0;

	(void)state;
	vc_tsmap_init(&m, 1000);
	for (uint32_t i = 0; i < 50; i++, t += 20 * VC_MS)
		assert_false(vc_tsmap_packet(&m, i * 20, t));
	t += 3 * VC_SEC;
	for (uint32_t i = 50; i < 200; i++) {
		if (i > 60 && i < 160)
			continue;
		assert_false(vc_tsmap_packet(&m, i * 20, t));
	}
	assert_int_equal(vc_tsmap_ns(&m, 1000), T0 + VC_SEC);
}

/*
 * After an hour of a clock 300 ppm slow, without reports and with ones that
 * bend the line, a jump ahead by 1 s is still seen.
 */
static void jumps_are_seen_after_drift(void **state)
{
	struct vc_tsmap m;
	int64_t t = T0;
	uint32_t ts;

	(void)state;
	for (int reports = 0; reports < 2; reports++) {
		vc_tsmap_init(&m, 48000);
		ts = TS0;
		for (int i = 0; i < 180000; i++) {
			t += 20006000;
			ts += 960;
			assert_false(vc_tsmap_packet(&m, ts, t));
			if (reports && i % 50 == 0)
				vc_tsmap_sr(&m, vc_ntp_from_ns(t), ts, t);
		}
		assert_true(vc_tsmap_packet(&m, ts + 48960, t + 20 * VC_MS));
	}
}

/* Bending moves what is known of the queue with the line. */
static void bending_keeps_the_queue(void **state)
{
	struct vc_tsmap m;
	int64_t before;

	(void)state;
	vc_tsmap_init(&m, 1000);
	for (uint32_t i = 0; i < 100; i++)
		vc_tsmap_packet(&m, i * 20, T0 + i * 20 * VC_MS);
	vc_tsmap_sr(&m, vc_ntp_from_ns(T0 + 2 * VC_SEC), 2000, T0 + 2 * VC_SEC);
	for (uint32_t i = 2; i < 6; i++) {
		int64_t t = T0 + i * VC_SEC;

		before = t - vc_tsmap_ns(&m, i * 1000) - m.base;
		vc_tsmap_sr(&m, vc_ntp_from_ns(t + 45 * VC_MS), i * 1000, t);
		assert_int_equal(t - vc_tsmap_ns(&m, i * 1000) - m.base,
				 before);
	}
	assert_near(vc_tsmap_ns(&m, 5000), T0 + 5 * VC_SEC + 45 * VC_MS,
		    20 * VC_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_reports_arrival_is_the_line),
		cmocka_unit_test(the_line_stays_exact_over_wraps),
		cmocka_unit_test(only_sane_reports_count),
		cmocka_unit_test(a_report_before_the_media_counts_if_it_fits),
		cmocka_unit_test(ntp_eras_are_no_event),
		cmocka_unit_test(reports_bend_the_line),
		cmocka_unit_test(one_report_that_disagrees_is_not_believed),
		cmocka_unit_test(jumps_are_told_from_queues),
		cmocka_unit_test(a_queue_that_drains_is_no_jump),
		cmocka_unit_test(jumps_are_seen_after_drift),
		cmocka_unit_test(bending_keeps_the_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
