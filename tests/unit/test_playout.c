/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/playout.h"
#include "wire/ntp.h"

#define T0 VC_VIRTUAL_EPOCH
#define LATENCY (60 * VC_MS)
#define YEAR (INT64_C(31557600) * VC_SEC)

static void assert_near(int64_t a, int64_t b, int64_t by)
{
	if (a - b > by || b - a > by)
		fail_msg("%lld is %lld from %lld", (long long)a,
			 (long long)(a - b), (long long)b);
}

/* Sound arrives 20 ms after its author's time, video 90, lips fit. */
static void sources_of_one_cname_share_the_delay(void **state)
{
	struct vc_playout p;
	struct vc_playout_source a, v;
	int64_t t;

	(void)state;
	vc_playout_init(&p, LATENCY);
	vc_playout_source_init(&a, 48000);
	vc_playout_source_init(&v, 90000);
	vc_playout_join(&p, &a, 7);
	vc_playout_join(&p, &v, 7);
	vc_playout_sr(&a, vc_ntp_from_ns(T0), UINT32_MAX, T0);
	vc_playout_sr(&v, vc_ntp_from_ns(T0), 5, T0);
	for (uint32_t i = 0; i < 100; i++) {
		t = T0 + i * 20 * VC_MS;
		vc_playout_packet(&a, UINT32_MAX + i * 960, t + 20 * VC_MS);
		vc_playout_packet(&v, 5 + i * 1800, t + 90 * VC_MS);
		if (!i)
			continue;
		assert_near(vc_playout_time(&a, UINT32_MAX + i * 960),
			    t + 90 * VC_MS, 2);
		assert_near(vc_playout_due(&v, 5 + i * 1800),
			    t + 90 * VC_MS + LATENCY, 2);
	}
	vc_playout_leave(&v);
	assert_near(vc_playout_time(&a, UINT32_MAX), T0 + 20 * VC_MS, 2);
	vc_playout_leave(&a);
	vc_playout_leave(&a);
	assert_null(p.first);
}

/* Text that comes a second late moves nothing, and is shown with the rest. */
static void nobody_waits_for_text(void **state)
{
	struct vc_playout p;
	struct vc_playout_source a, x;

	(void)state;
	vc_playout_init(&p, VC_PLAYOUT_AUTO);
	vc_playout_source_init(&a, 48000);
	vc_playout_source_init(&x, 1000);
	x.is_aside = true;
	vc_playout_join(&p, &a, 7);
	vc_playout_join(&p, &x, 7);
	vc_playout_sr(&a, vc_ntp_from_ns(T0), 0, T0);
	vc_playout_sr(&x, vc_ntp_from_ns(T0), 5, T0);
	for (uint32_t i = 0; i < 500; i++) {
		int64_t t = T0 + i * 20 * VC_MS;
		int64_t late = i % 2 ? 0 : VC_SEC;

		vc_playout_packet(&a, i * 960, t + 20 * VC_MS);
		if (i % 15 == 0)
			vc_playout_packet(&x, 5 + i * 20, t + late);
		assert_int_equal(p.latency, VC_PLAYOUT_MIN);
		assert_near(vc_playout_time(&a, i * 960), t + 20 * VC_MS, 2);
	}
	assert_int_equal(p.late, 0);
	assert_near(vc_playout_time(&x, 5), T0 + 20 * VC_MS, 2);
	vc_playout_leave(&a);
	vc_playout_leave(&x);
}

/* Who counts for whom: same clock, reports, within 2 s (C6). */
static void strangers_do_not_delay(void **state)
{
	static const struct {
		const char *what;
		uint64_t clock;
		bool reports;
		int64_t clock_off; /* the other's NTP is behind by this */
		int64_t delay;	   /* of ours, by the other */
	} rows[] = {
		{ "same clock", 7, true, VC_SEC, 1500 * VC_MS },
		{ "earlier", 7, true, -VC_SEC, 0 },
		{ "other clock", 8, true, VC_SEC, 0 },
		{ "no reports", 7, false, VC_SEC, 0 },
		{ "no clock", 0, true, VC_SEC, 0 },
		{ "3 s off", 7, true, 3 * VC_SEC, 0 },
		{ "ten years behind", 7, true, 10 * YEAR, 0 },
		{ "ten years ahead", 7, true, -10 * YEAR, 0 },
	};
	struct vc_playout p;
	struct vc_playout_source us, other;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_playout_init(&p, 0);
		vc_playout_source_init(&us, 48000);
		vc_playout_source_init(&other, 48000);
		vc_playout_join(&p, &us, 7);
		vc_playout_join(&p, &other, rows[i].clock);
		/* our clock is half a second ahead */
		vc_playout_sr(&us, vc_ntp_from_ns(T0 + 500 * VC_MS), 0, T0);
		if (rows[i].reports)
			vc_playout_sr(&other,
				      vc_ntp_from_ns(T0 - rows[i].clock_off), 0,
				      T0);
		vc_playout_packet(&us, 0, T0);
		vc_playout_packet(&other, 0, T0);
		if (llabs(vc_playout_due(&us, 0) - T0 - rows[i].delay) > 2)
			fail_msg("%s", rows[i].what);
		/* and a packet of the other waits for nobody long */
		assert_true(vc_playout_due(&other, 0) <= T0 + VC_SEC + 2);
	}
}

/* The author's clock is an hour off, and reports come late and bend. */
static void reports_do_not_move_the_playout(void **state)
{
	struct vc_playout_source s;
	int64_t t, off;

	(void)state;
	vc_playout_source_init(&s, 48000);
	for (uint32_t i = 0; i < 1000; i++) {
		t = T0 + i * 20 * VC_MS;
		off = 3600 * VC_SEC + (i < 500 ? 0 : 40 * VC_MS);
		/* the fast ones are rare: the window has to remember them */
		vc_playout_packet(&s, i * 960, i % 100 ? t + 15 * VC_MS : t);
		if (i % 50 == 49)
			vc_playout_sr(&s, vc_ntp_from_ns(t + off), i * 960, t);
		assert_near(vc_playout_time(&s, i * 960), t, 2);
	}
	assert_true(s.map.has_sr);
	assert_int_equal(s.map.insane_srs, 0);
	assert_near(vc_tsmap_ns(&s.map, 0), T0 + 3600 * VC_SEC + 40 * VC_MS,
		    5 * VC_MS);
}

static void jitter_does_not_move_the_line(void **state)
{
	struct vc_playout_source s;

	(void)state;
	vc_playout_source_init(&s, 48000);
	for (uint32_t i = 0; i < 5000; i++) {
		vc_playout_packet(&s, i * 960,
				  T0 + i * 20 * VC_MS + i * 7919 % 40 * VC_MS);
		assert_int_equal(vc_playout_time(&s, i * 960),
				 T0 + i * 20 * VC_MS);
	}
	assert_int_equal(s.resyncs, 0);
}

/* 500 ppm either way, an hour, with and without reports: stays within 10 ms. */
static void a_clock_that_is_off_does_not_drift_away(void **state)
{
	static const struct {
		int64_t step; /* ns that an interval of 20 ms takes really */
		bool reports;
	} rows[] = {
		{ 20010000, false },
		{ 19990000, false },
		{ 20010000, true },
		{ 19990000, true },
	};
	struct vc_playout_source s;
	int64_t t;

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rows); k++) {
		vc_playout_source_init(&s, 48000);
		for (uint32_t i = 0; i < 180000; i++) {
			t = T0 + i * rows[k].step;
			vc_playout_packet(&s, i * 960 - 5000, t);
			if (rows[k].reports && i % 50 == 0)
				vc_playout_sr(&s, vc_ntp_from_ns(t),
					      i * 960 - 5000, t);
			assert_near(vc_playout_time(&s, i * 960 - 5000), t,
				    10 * VC_MS);
		}
		assert_int_equal(s.resyncs, 0);
	}
}

/* H8: after 1 s of order, what RTP time does; when is the newest due? */
static uint32_t wild_ts(int how, uint32_t i)
{
	uint32_t ts = i * 20;

	if (i < 50)
		return ts;
	switch (how) {
	case 0:
		return ts + INT32_MAX;
	case 1:
		return ts - INT32_MAX;
	case 2:
		return 1000; /* constant */
	case 3:
		return 2000 - ts; /* backwards */
	case 4:
		return i * 2654435761u; /* random */
	case 5:
		return ts + 100000; /* ahead once */
	case 6:
		return ts / 2 + 500; /* 50 % slow */
	default:
		return ts * 3 / 2; /* 50 % fast */
	}
}

static void playout_goes_on_whatever_rtp_time_does(void **state)
{
	struct vc_playout p;
	struct vc_playout_source s, good;

	(void)state;
	for (int how = 0; how < 8; how++) {
		vc_playout_init(&p, 0);
		vc_playout_source_init(&s, 1000);
		vc_playout_source_init(&good, 1000);
		vc_playout_join(&p, &s, 7);
		vc_playout_join(&p, &good, 7);
		vc_playout_sr(&s, vc_ntp_from_ns(T0), 0, T0);
		vc_playout_sr(&good, vc_ntp_from_ns(T0), 0, T0);
		for (uint32_t i = 0; i < 3000; i++) {
			int64_t t = T0 + i * 20 * VC_MS, late;

			vc_playout_packet(&s, wild_ts(how, i), t);
			vc_playout_packet(&good, i * 20, t);
			late = t - vc_playout_due(&s, wild_ts(how, i));
			/* never waits over 2 s, never late for over 1.5 s */
			if (late < -2001 * VC_MS || late > 1500 * VC_MS)
				fail_msg("%d: packet %u is %lld ms late", how,
					 i, (long long)(late / VC_MS));
			assert_near(vc_playout_due(&good, i * 20), t,
				    2001 * VC_MS);
		}
		assert_true(how > 5 || s.resyncs > 0);
		assert_int_equal(good.resyncs, 0);
	}
}

/* A sender that pauses for a minute without counting it. */
static void a_pause_is_followed_in_half_a_second(void **state)
{
	struct vc_playout_source s;
	int64_t t = T0;
	unsigned int events = 0;

	(void)state;
	vc_playout_source_init(&s, 48000);
	for (uint32_t i = 0; i < 1000; i++) {
		if (i == 500)
			t += 60 * VC_SEC;
		events += vc_playout_packet(&s, i * 960, t);
		if (i < 500 || i > 560)
			assert_near(vc_playout_time(&s, i * 960), t, 2);
		t += 20 * VC_MS;
	}
	assert_true(events <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_of_one_cname_share_the_delay),
		cmocka_unit_test(nobody_waits_for_text),
		cmocka_unit_test(strangers_do_not_delay),
		cmocka_unit_test(reports_do_not_move_the_playout),
		cmocka_unit_test(jitter_does_not_move_the_line),
		cmocka_unit_test(a_clock_that_is_off_does_not_drift_away),
		cmocka_unit_test(playout_goes_on_whatever_rtp_time_does),
		cmocka_unit_test(a_pause_is_followed_in_half_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
