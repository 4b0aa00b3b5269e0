/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/rxstats.h"
#include "wire/rtcp.h"

/* What each packet was, a letter each, in the order of enum vc_rx. */
static const char letters[] = "NRLSPDB";

static const struct {
	const char *what;
	unsigned int probation;
	uint16_t seq[24];
	const char *is;
	uint64_t expected;
	int64_t lost;
} rows[] = {
	{ "in order", 0, { 1, 2, 3, 4 }, "NNNN", 4, 0 },
	{ "wrap", 0, { 65534, 65535, 0, 1 }, "NNNN", 4, 0 },
	{ "gap over the wrap", 0, { 65534, 1 }, "NN", 4, 2 },
	{ "gap of 1", 0, { 5, 7 }, "NN", 3, 1 },
	{ "gap of 100", 0, { 5, 106 }, "NN", 102, 100 },
	{ "largest gap", 0, { 5, 3004 }, "NN", 3000, 2998 },
	{ "gap over the limit", 0, { 5, 3005, 3006 }, "NBS", 2, 0 },
	{ "half the circle", 0, { 0, 32767, 32768 }, "NBS", 2, 0 },
	{ "half and one", 0, { 0, 32768, 32769 }, "NBS", 2, 0 },
	{ "one before the first", 0, { 0, 65535, 1 }, "NRN", 3, 0 },
	{ "duplicates", 0, { 9, 10, 10, 9, 11 }, "NNDDN", 3, -2 },
	{ "duplicate over the wrap", 0, { 65535, 0, 65535 }, "NND", 2, -1 },
	{ "reordered", 0, { 1, 3, 2, 4 }, "NNRN", 4, 0 },
	{ "reordered over the wrap", 0, { 65534, 0, 65535 }, "NNR", 3, 0 },
	{ "99 back", 0, { 1, 200, 101 }, "NNR", 200, 197 },
	{ "100 back", 0, { 1, 200, 100 }, "NNL", 200, 197 },
	{ "1000 back, two in a row",
	  0,
	  { 1, 1500, 500, 501, 1501 },
	  "NNLLN",
	  1501,
	  1496 },
	{ "restart", 0, { 1, 2, 40000, 40001, 40002 }, "NNBSN", 4, 0 },
	{ "stray", 0, { 1, 2, 40000, 3, 40001, 4 }, "NNBNBN", 4, 0 },
	{ "two senders in turn",
	  0,
	  { 1, 30000, 2, 30001, 3, 30002 },
	  "NBNBNB",
	  3,
	  0 },
	{ "restart where we were",
	  0,
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 2 },
	  "NNNNNNNNNNNNNNNNDD",
	  16,
	  -2 },
	{ "probation", 2, { 7, 9, 10, 11 }, "PPNN", 2, 0 },
	{ "probation over the wrap", 3, { 65535, 0, 1 }, "PPN", 1, 0 },
};

static void each_packet_is_what_it_is(void **state)
{
	struct vc_rxstats st;
	int rx;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_rxstats_init(&st, 8000, rows[i].probation);
		for (size_t k = 0; rows[i].is[k]; k++) {
			rx = vc_rxstats_packet(&st, rows[i].seq[k], 0, 10, 0);
			if (letters[rx] != rows[i].is[k])
				fail_msg("%s: packet %zu is %c, not %c",
					 rows[i].what, k, letters[rx],
					 rows[i].is[k]);
		}
		if (vc_rxstats_expected(&st) != rows[i].expected ||
		    vc_rxstats_lost(&st) != rows[i].lost)
			fail_msg("%s: expected %d, lost %d", rows[i].what,
				 (int)vc_rxstats_expected(&st),
				 (int)vc_rxstats_lost(&st));
	}
}

static void a_restart_among_what_came_is_found(void **state)
{
	struct vc_rxstats st;
	int rx = VC_RX_BAD;

	(void)state;
	vc_rxstats_init(&st, 8000, 0);
	for (int i = 0; i < 1000; i++)
		vc_rxstats_packet(&st, (uint16_t)(65000 + i), 0, 1, 0);
	for (int i = 0; i < VC_RX_DUP_RUN; i++)
		rx = vc_rxstats_packet(&st, (uint16_t)(65100 + i), 0, 1, 0);
	assert_int_equal(rx, VC_RX_RESYNC);
	assert_int_equal(st.resyncs, 1);
	rx = vc_rxstats_packet(&st, 65100 + VC_RX_DUP_RUN, 0, 1, 0);
	assert_int_equal(rx, VC_RX_NEW);
}

static void extended_numbers_go_on_over_many_wraps(void **state)
{
	struct vc_rxstats st;
	struct vc_rtcp_report rep;

	(void)state;
	vc_rxstats_init(&st, 8000, 0);
	for (int64_t i = 65530; i < 65530 + 200000; i++) {
		vc_rxstats_packet(&st, (uint16_t)i, 0, 3, 0);
		assert_int_equal(st.seq, i);
	}
	vc_rxstats_report(&st, &rep, 0);
	assert_int_equal(rep.highest, 65530 + 199999);
	assert_int_equal(rep.lost, 0);
	assert_int_equal(rep.lsr, 0);
	assert_int_equal(st.octets, 600000);
}

/* RFC 3550 A.3, and C7: the interval, and lost below 0 and above 24 bits. */
static void what_came_is_known_for_a_window(void **state)
{
	static const struct {
		uint16_t seq;
		bool has;
	} asked[] = {
		{ 65534, true },  { 65535, false }, { 0, true },
		{ 1, false },	  { 1021, true },   { 1022, false },
		{ 65533, false }, { 1020, false },
	};
	struct vc_rxstats st;

	(void)state;
	vc_rxstats_init(&st, 0, 0);
	assert_false(vc_rxstats_has(&st, 0));
	(void)vc_rxstats_packet(&st, 65534, 0, 1, 0);
	(void)vc_rxstats_packet(&st, 0, 0, 1, 0);
	(void)vc_rxstats_packet(&st, 1021, 0, 1, 0);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		assert_int_equal(vc_rxstats_has(&st, asked[i].seq),
				 asked[i].has);
	assert_int_equal(vc_rxstats_extend(&st, 65535), 65535);
	assert_int_equal(vc_rxstats_extend(&st, 1022), 65536 + 1022);
	/* Too far behind to know. */
	(void)vc_rxstats_packet(&st, 1022, 0, 1, 0);
	assert_false(vc_rxstats_has(&st, 65534));
}

static void reports_count_loss(void **state)
{
	struct vc_rxstats st;
	struct vc_rtcp_report rep;

	(void)state;
	vc_rxstats_init(&st, 8000, 0);
	for (int i = 0; i < 100; i++)
		if (i % 4 != 1)
			vc_rxstats_packet(&st, (uint16_t)i, 0, 1, 0);
	vc_rxstats_report(&st, &rep, 0);
	assert_int_equal(rep.lost, 25);
	assert_int_equal(rep.fraction, 64);
	vc_rxstats_packet(&st, 100, 0, 1, 0);
	for (int i = 0; i < 30; i++)
		vc_rxstats_packet(&st, (uint16_t)(99 + i % 2), 0, 1, 0);
	vc_rxstats_report(&st, &rep, 0);
	assert_int_equal(rep.fraction, 0);
	assert_int_equal(rep.lost, -5);
	vc_rxstats_packet(&st, 3000, 0, 1, 0);
	vc_rxstats_report(&st, &rep, 0);
	assert_int_equal(rep.fraction, 255);
	for (int i = 1; i < 4000; i++)
		vc_rxstats_packet(&st, (uint16_t)(3000 + i * 2900), 0, 1, 0);
	vc_rxstats_report(&st, &rep, 0);
	assert_int_equal(rep.lost, 0x7fffff);
}

static void reports_say_when_the_last_sr_came(void **state)
{
	static const struct {
		int64_t after;
		uint32_t dlsr;
	} sr[] = {
		{ 0, 0 },
		{ VC_SEC, 65536 },
		{ 1500 * VC_MS, 98304 },
		{ -VC_SEC, 0 }, /* C6: time that went back */
		{ 100000 * VC_SEC, UINT32_MAX },
	};
	struct vc_rxstats st;
	struct vc_rtcp_report rep;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(sr); i++) {
		vc_rxstats_init(&st, 8000, 0);
		vc_rxstats_packet(&st, 1, 0, 1, 0);
		vc_rxstats_sr(&st, UINT64_C(0x1234567890abcdef), 5 * VC_SEC);
		vc_rxstats_report(&st, &rep, 5 * VC_SEC + sr[i].after);
		assert_int_equal(rep.lsr, 0x567890ab);
		assert_int_equal(rep.dlsr, sr[i].dlsr);
	}
}

/* The recurrence in real numbers, as tshark computes it, in ms. */
static void jitter_equals_real_arithmetic(void **state)
{
	static const uint32_t rates[] = { 8000, 48000, 90000 };
	struct vc_rand rand;
	struct vc_rxstats st;
	double jitter, max, sum, d, before;
	uint32_t ts, step;
	int64_t t;

	(void)state;
	vc_rand_init(&rand, 7, "test", "jitter");
	for (size_t k = 0; k < VC_COUNT(rates); k++) {
		vc_rxstats_init(&st, rates[k], 0);
		step = rates[k] / 50;
		ts = UINT32_MAX - 100 * step; /* wraps on the way */
		jitter = max = sum = before = 0;
		for (int i = 0; i < 5000; i++) {
			t = i * 20 * VC_MS +
			    vc_rand_u32(&rand, "t", (uint64_t)i) % 30000000;
			if (i) {
				d = (double)t / 1e6 - before - 20.0;
				d = d < 0 ? -d : d;
				jitter = (15 * jitter + d) / 16;
				max = jitter > max ? jitter : max;
				sum += jitter;
			}
			before = (double)t / 1e6;
			vc_rxstats_packet(&st, (uint16_t)i, ts, 160, t);
			ts += step;
		}
		assert_true(abs((int)(jitter * 1e6) - (int)st.jitter_ns) < 50);
		assert_true(abs((int)(max * 1e6) - (int)st.jitter_max_ns) < 50);
		assert_true(abs((int)(sum / 4999 * 1e6) -
				(int)vc_rxstats_jitter_mean_ns(&st)) < 50);
	}
}

/* H8: any timestamps, any times, at the lowest and highest rate. */
static void wild_timestamps_overflow_nothing(void **state)
{
	static const uint32_t rates[] = { 0, 1, 8000, 1000000000 };
	static const uint32_t ts[] = { 0, 0x80000000, 0x7fffffff, 1,
				       UINT32_MAX };
	struct vc_rxstats st;
	struct vc_rtcp_report rep;

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rates); k++) {
		vc_rxstats_init(&st, rates[k], 0);
		for (unsigned int i = 0; i < 100000; i++)
			vc_rxstats_packet(&st, (uint16_t)i,
					  ts[i % VC_COUNT(ts)], 1,
					  i % 2 ? INT64_MAX / 4 : 0);
		vc_rxstats_report(&st, &rep, 0);
		assert_true(st.jitter_ns >= 0);
		assert_true(vc_rxstats_jitter_mean_ns(&st) >= 0);
		assert_true(rates[k] ? st.jitter_ns > 0 : !rep.jitter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_packet_is_what_it_is),
		cmocka_unit_test(a_restart_among_what_came_is_found),
		cmocka_unit_test(extended_numbers_go_on_over_many_wraps),
		cmocka_unit_test(what_came_is_known_for_a_window),
		cmocka_unit_test(reports_count_loss),
		cmocka_unit_test(reports_say_when_the_last_sr_came),
		cmocka_unit_test(jitter_equals_real_arithmetic),
		cmocka_unit_test(wild_timestamps_overflow_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
