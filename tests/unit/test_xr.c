/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/xr.h"
#include "session/xrstats.h"
#include "wire/ntp.h"

#define T0 VC_VIRTUAL_EPOCH
#define X10 "xxxxxxxxxx"
#define X16 X10 "xxxxxx"

/* Clock there, delay, answer back: the round trip without the delay. */
static void round_trips_are_measured(void **state)
{
	static const struct {
		int64_t way, held;
	} rows[] = {
		{ 0, 0 },
		{ 20 * VC_MS, 0 },
		{ 100 * VC_MS, 5 * VC_SEC },
		{ 30 * VC_SEC, VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t at = T0 + 12345678, there = at + rows[i].way;
		int64_t back = there + rows[i].held + rows[i].way, rtt;
		struct vc_xrpeers peers = { 0 };
		struct vc_xrclock clock = { 0 };
		uint8_t buf[64];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_rd rd;
		struct vc_xr_block b;
		struct vc_xr_dlrr e;
		uint64_t ntp;

		vc_xrclock_write(&clock, &w, at);
		rd = vc_rd_over(buf, vc_wr_len(&w));
		assert_true(vc_xr_next(&rd, &b));
		assert_int_equal(vc_xr_parse_rrt(&ntp, &b), 0);
		vc_xrpeers_heard(&peers, 7, ntp, there);
		w = vc_wr_over(buf, sizeof(buf));
		assert_int_equal(
			vc_xrpeers_write(&peers, &w, there + rows[i].held), 1);
		rd = vc_rd_over(buf, vc_wr_len(&w));
		assert_true(vc_xr_next(&rd, &b));
		assert_true(vc_xr_dlrr_at(&b, 0, &e));
		assert_int_equal(e.ssrc, 7);
		rtt = vc_xrclock_rtt(&clock, &e, back);
		/* in units of 1/65536 s */
		assert_in_range(rtt + VC_MS, 2 * rows[i].way + VC_MS - 20000,
				2 * rows[i].way + VC_MS + 20000);
		/* once */
		assert_int_equal(vc_xrpeers_write(&peers, &w, back), 0);
	}
}

static void made_up_answers_are_not_believed(void **state)
{
	struct vc_xrclock clock = { 0 };
	uint8_t buf[12 * 12];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_xr_dlrr e = { .ssrc = 7 };

	(void)state;
	assert_int_equal(vc_xrclock_rtt(&clock, &e, T0), -1);
	for (int i = 0; i < VC_XR_SENT + 1; i++)
		vc_xrclock_write(&clock, &w, T0 + i * VC_SEC);
	assert_false(w.bad);
	e.lrr = vc_ntp_mid(vc_ntp_from_ns(T0)); /* too long ago */
	assert_int_equal(vc_xrclock_rtt(&clock, &e, T0 + 9 * VC_SEC), -1);
	e.lrr = vc_ntp_mid(vc_ntp_from_ns(T0 + VC_SEC));
	assert_int_equal(vc_xrclock_rtt(&clock, &e, T0 + 9 * VC_SEC),
			 8 * VC_SEC);
	assert_int_equal(vc_xrclock_rtt(&clock, &e, T0 + 62 * VC_SEC), -1);
	/* held longer than all of it took */
	e.dlrr = UINT32_MAX;
	assert_int_equal(vc_xrclock_rtt(&clock, &e, T0 + 9 * VC_SEC), 0);
	e.lrr++;
	assert_int_equal(vc_xrclock_rtt(&clock, &e, T0 + 9 * VC_SEC), -1);
}

static void who_is_answered_is_bounded(void **state)
{
	struct vc_xrpeers peers = { 0 };
	uint8_t buf[400];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_xr_block b;
	struct vc_xr_dlrr e;
	struct vc_rd rd;

	(void)state;
	vc_xrpeers_heard(&peers, 1, 0, T0);
	assert_int_equal(vc_xrpeers_write(&peers, &w, T0), 0);
	for (uint32_t i = 0; i < 1000; i++)
		vc_xrpeers_heard(&peers, i, (uint64_t)i << 16 | 1, T0);
	vc_xrpeers_heard(&peers, 990, UINT64_C(5) << 16, T0 + VC_SEC);
	assert_int_equal(vc_xrpeers_write(&peers, &w, T0 + 2 * VC_SEC),
			 VC_XR_PEERS);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_xr_next(&rd, &b));
	assert_true(vc_xr_dlrr_at(&b, 0, &e));
	assert_int_equal(e.ssrc, 984);
	assert_true(vc_xr_dlrr_at(&b, VC_XR_PEERS - 1, &e));
	assert_int_equal(e.ssrc, 990);
	assert_int_equal(e.lrr, 5);
	assert_int_equal(e.dlrr, 65536);
}

/* x came, - was lost, d was discarded; 20 ms each. */
static void feed(struct vc_xrstats *x, int64_t seq, const char *what)
{
	for (size_t i = 0; what[i]; i++, seq++) {
		if (what[i] == '-')
			continue;
		vc_xrstats_packet(x, seq, (uint32_t)seq * 160, 8000, 64,
				  T0 + seq * 20 * VC_MS);
		if (what[i] == 'd')
			vc_xrstats_discarded(x, seq);
	}
}

static void bursts_and_gaps_are_found(void **state)
{
	static const struct {
		const char *what;
		unsigned int lost, burst_density, gap_density, burst_ms, gap_ms;
	} rows[] = {
		{ "x", 0, 0, 0, 0, 20 },
		{ X16 X16, 0, 0, 0, 0, 640 },
		/* one alone is the gap's: 1 of 33 */
		{ X16 "-" X16, 1, 0, 7, 0, 660 },
		{ X10 "-" X10, 1, 0, 12, 0, 420 },
		/* two in a row, and two that 15 part: bursts of 2 and 17 */
		{ X16 "--" X16, 2, 255, 0, 40, 320 },
		{ X16 "-" X10 "xxxxx-" X16, 2, 30, 0, 340, 320 },
		/* 16 part them: two alone, 2 of 50 */
		{ X16 "-" X16 "-" X16, 2, 0, 10, 0, 1000 },
		/* two bursts, of 2 and of 4 with 3 lost: 5 of 6 */
		{ X16 "--" X16 "--x-" X16, 5, 213, 0, 60, 320 },
		/* what is discarded counts, but not as lost */
		{ X16 "d-" X16, 1, 255, 0, 40, 320 },
		{ X16 "dd" X16, 0, 255, 0, 40, 320 },
		/* at the end: until the last that came */
		{ X16 "--x", 2, 255, 0, 40, 170 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_xrstats x = { 0 };
		struct vc_xr_summary s = { .ssrc = 9, .hops = VC_XR_TTL };
		struct vc_xr_voip v;

		feed(&x, 65530, rows[i].what);
		assert_true(vc_xrstats_take(&x, &s, &v));
		assert_int_equal(s.lost, rows[i].lost);
		assert_int_equal(s.begin, 65530);
		assert_int_equal(s.end,
				 (uint16_t)(65530 + strlen(rows[i].what)));
		assert_int_equal(s.hops_mean, 64);
		assert_int_equal(v.burst_density, rows[i].burst_density);
		assert_int_equal(v.gap_density, rows[i].gap_density);
		if (!rows[i].what[1])
			continue; /* how long a packet is, is not known yet */
		assert_int_equal(v.burst_ms, rows[i].burst_ms);
		assert_int_equal(v.gap_ms, rows[i].gap_ms);
		assert_int_equal(v.gmin, 16);
		assert_int_equal(v.r, VC_XR_NONE);
		assert_false(vc_xrstats_take(&x, &s, &v));
	}
}

/* Intervals follow each other; late and doubled ones, jitter, restarts. */
static void intervals_are_summed_up(void **state)
{
	struct vc_xrstats x = { 0 };
	struct vc_xr_summary s = { 0 };

	(void)state;
	assert_false(vc_xrstats_take(&x, &s, NULL));
	feed(&x, 100, "xx-xx");
	vc_xrstats_packet(&x, 102, 102 * 160, 8000, -1, T0 + 105 * 20 * VC_MS);
	vc_xrstats_duplicate(&x);
	assert_true(vc_xrstats_take(&x, &s, NULL));
	assert_int_equal(s.lost, 0);
	assert_int_equal(s.dup, 1);
	assert_int_equal(s.hops, VC_XR_NO_HOPS);
	/* 102 came 60 ms late: 480 units, once */
	assert_int_equal(s.jitter_min, 0);
	assert_int_equal(s.jitter_max, 480);
	assert_int_equal(s.jitter_mean, 120);
	assert_in_range(s.jitter_dev, 207, 208);
	feed(&x, 105, "--x");
	/* too late for its interval and for this one */
	vc_xrstats_packet(&x, 104, 104 * 160, 8000, -1, T0);
	assert_true(vc_xrstats_take(&x, &s, NULL));
	assert_int_equal(s.begin, 105);
	assert_int_equal(s.end, 108);
	assert_int_equal(s.lost, 2);
	assert_int_equal(s.dup, 0);
	vc_xrstats_restart(&x);
	feed(&x, 40000, "x");
	assert_true(vc_xrstats_take(&x, &s, NULL));
	assert_int_equal(s.lost, 0);
	/* as far as it goes without a restart */
	vc_xrstats_packet(&x, 40000 + 2999, 0, 8000, -1, T0);
	assert_true(vc_xrstats_take(&x, &s, NULL));
	assert_int_equal(s.lost, 2998);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips_are_measured),
		cmocka_unit_test(made_up_answers_are_not_believed),
		cmocka_unit_test(who_is_answered_is_bounded),
		cmocka_unit_test(bursts_and_gaps_are_found),
		cmocka_unit_test(intervals_are_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
