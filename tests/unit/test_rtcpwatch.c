/* SPDX-License-Identifier: MIT */
/* Sender reports that are right and wrong, and round trips past us. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/rtcpwatch.h"
#include "wire/ntp.h"

/* The i-th of reports 5 s apart, 50 packets a second, over the wraps. */
static void put(struct vc_rtcpwatch *w, int64_t i, int64_t ntp_by,
		uint32_t packets_by, int64_t ts_by)
{
	const struct vc_rtcp_sr sr = {
		.ntp = vc_ntp_from_ns(i * 5 * VC_SEC + ntp_by),
		.rtp_ts = (uint32_t)(i * 40000 - 60000 + ts_by),
		.packets = (uint32_t)(i * 250 - 300) + packets_by,
	};
	const struct vc_rtcpwatch_media media = {
		.expected = (uint64_t)i * 250,
		.ts = (uint32_t)(i * 40000 - 60000 - 160),
		.arrival = i * 5 * VC_SEC - 20 * VC_MS,
	};

	vc_rtcpwatch_sr(w, &sr, &media, i * 5 * VC_SEC);
}

static void test_right(void **state)
{
	struct vc_clockfit_line line;
	struct vc_rtcpwatch w;

	(void)state;
	vc_rtcpwatch_init(&w, 8000);
	for (int64_t i = 0; i < 10; i++)
		put(&w, i, 0, 0, 0);
	assert_int_equal(w.srs, 10);
	assert_int_equal(w.longest, 5 * VC_SEC);
	assert_int_equal(w.wrong_counts, 0);
	assert_int_equal(w.wrong_times, 0);
	assert_int_equal(w.ntp_steps, 0);
	assert_int_equal(w.off_max, 0);
	assert_true(vc_rtcpwatch_line(&w, &line));
	assert_true(fabs(line.ppm) < 0.01);
	vc_rtcpwatch_end(&w);
	assert_true(vc_rtcpwatch_line(&w, &line));
}

static void test_wrong(void **state)
{
	struct vc_rtcpwatch w;

	(void)state;
	vc_rtcpwatch_init(&w, 8000);
	for (int64_t i = 0; i < 12; i++)
		put(&w, i, i >= 6 ? 400 * VC_MS : 0, i == 3 ? 500 : 0,
		    i == 8 ? 16000 : 0);
	assert_int_equal(w.wrong_counts, 1);
	assert_int_equal(w.wrong_times, 1);
	assert_int_equal(w.off_max, 2 * VC_SEC);
	assert_int_equal(w.ntp_steps, 1);
	vc_rtcpwatch_clear(&w);
	/* Counts that begin anew with the sequence numbers are right. */
	vc_rtcpwatch_init(&w, 8000);
	put(&w, 1, 0, 0, 0);
	vc_rtcpwatch_restart(&w);
	put(&w, 2, 0, 70000, 0);
	put(&w, 3, 0, 70000, 0);
	assert_int_equal(w.wrong_counts, 0);
	vc_rtcpwatch_clear(&w);
}

/* A report passes at 0 s; its block comes 1.08 s later, 1 s after it got there. */
static void test_round_trip(void **state)
{
	struct vc_rtcp_report rep = { .fraction = 64,
				      .lost = 12,
				      .jitter = 80 };
	struct vc_rtcpwatch w;
	int64_t rtt;

	(void)state;
	vc_rtcpwatch_init(&w, 8000);
	assert_false(vc_rtcpwatch_report(&w, &rep, 0, &rtt));
	for (int64_t i = 0; i < 3; i++)
		put(&w, i, 0, 0, 0);
	rep.lsr = vc_ntp_mid(vc_ntp_from_ns(5 * VC_SEC));
	rep.dlsr = 65536;
	rep.fraction = 16;
	assert_true(vc_rtcpwatch_report(&w, &rep, 6080 * VC_MS, &rtt));
	assert_int_equal(rtt, 80 * VC_MS);
	assert_int_equal(w.far.n, 1);
	assert_int_equal(w.fraction, 16);
	assert_int_equal(w.fraction_max, 64);
	/* It answers before it was asked, or what was never said. */
	assert_false(vc_rtcpwatch_report(&w, &rep, 5900 * VC_MS, &rtt));
	rep.lsr++;
	assert_false(vc_rtcpwatch_report(&w, &rep, 6080 * VC_MS, &rtt));
	assert_int_equal(w.reports, 4);
	vc_rtcpwatch_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
