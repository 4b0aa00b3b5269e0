/* SPDX-License-Identifier: MIT */
/* Rewriting: what goes out is one stream, whatever changes behind it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/splice.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"

#define T0 VC_VIRTUAL_EPOCH
#define RATE 48000u

static struct vc_splice make(uint64_t seed)
{
	struct vc_splice s;
	struct vc_rand rand;

	vc_rand_init(&rand, seed, "test", NULL);
	vc_splice_init(&s, &rand, "a", 0, RATE);
	return s;
}

static struct vc_srcline line_of(uint32_t ts, int64_t ns)
{
	struct vc_srcline l;

	vc_srcline_init(&l, RATE);
	vc_srcline_sr(&l, vc_ntp_from_ns(ns), ts, ns);
	return l;
}

/* Sends one packet; its sequence number and RTP time as they went out. */
static struct vc_rtp put(struct vc_splice *s, uint16_t seq, uint32_t ts,
			 int64_t arrival)
{
	const struct vc_rtp in = { .seq = seq, .ts = ts, .ssrc = 7 };
	struct vc_rtp out = { 0 };

	assert_true(vc_splice_map(s, &in, arrival, &out));
	vc_splice_sent(s, 100);
	assert_int_equal(out.ssrc, s->sender.ssrc);
	return out;
}

static void test_draw(void **state)
{
	struct vc_splice a = make(1), b = make(1), c = make(2);
	struct vc_srcline l = line_of(0, T0);

	(void)state;
	assert_int_equal(a.sender.ssrc, b.sender.ssrc);
	assert_int_not_equal(a.sender.ssrc, c.sender.ssrc);
	assert_true(a.sender.seq < 0x8000);
	vc_splice_source(&a, &l, false);
	vc_splice_source(&b, &l, false);
	/* The numbers of the input do not matter. */
	assert_int_equal(put(&a, 5, 1000, T0).seq, put(&b, 65000, 99, T0).seq);
}

/* Distances of the input stay, across both wraps: gaps, reordering. */
static void test_offsets(void **state)
{
	static const struct {
		uint16_t seq;
		uint32_t ts;
	} rows[] = {
		{ 65534, 0xfffffc40 }, { 65535, 0 },   { 0, 960 },
		{ 3, 3840 },	       { 1, 1920 },    { 4, 4800 },
		{ 5, 5760 },	       { 30000, 960 }, { 65535, 0 },
	};
	struct vc_splice s = make(3);
	struct vc_srcline l = line_of(0, T0);
	struct vc_rtp first, out;

	(void)state;
	vc_splice_source(&s, &l, false);
	first = put(&s, rows[0].seq, rows[0].ts, T0);
	for (size_t i = 1; i < VC_COUNT(rows); i++) {
		out = put(&s, rows[i].seq, rows[i].ts, T0 + (int64_t)i);
		assert_int_equal((uint16_t)(out.seq - first.seq),
				 (uint16_t)(rows[i].seq - rows[0].seq));
		assert_int_equal(out.ts - first.ts, rows[i].ts - rows[0].ts);
	}
	assert_int_equal(s.sender.packets, VC_COUNT(rows));
	assert_int_equal(s.sender.octets, 100 * VC_COUNT(rows));
}

/*
 * Two encoders on one grid and one clock: at a change the next packet is the
 * next number, and 960 units later, to the tick; by arrival it is what the
 * clock says.
 */
static void test_change(void **state)
{
	static const struct {
		bool shares_clock;
		uint32_t ts_a, ts_b;
		int64_t late; /* of the second one's arrival */
		uint32_t step;
	} rows[] = {
		{ true, 5, 777777, 0, 960 },
		{ true, 5, 777777, 3 * VC_MS, 960 },
		{ true, 0xffffff00, 0xfffffff0, 0, 960 },
		{ false, 5, 777777, 0, 960 },
		{ false, 5, 777777, 5 * VC_MS, 1200 },
		/* Lines that disagree with the clock by more than 500 ms. */
		{ true, 5, 777777, 700 * VC_MS, 34560 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_splice s = make(i);
		struct vc_srcline a = line_of(rows[i].ts_a, T0);
		/* 20 ms later it is at ts_b. */
		struct vc_srcline b = line_of(rows[i].ts_b, T0 + 20 * VC_MS);
		struct vc_rtp before, after;

		vc_splice_source(&s, &a, false);
		before = put(&s, 100, rows[i].ts_a, T0);
		vc_splice_source(&s, &b, rows[i].shares_clock);
		after = put(&s, 60000, rows[i].ts_b,
			    T0 + 20 * VC_MS + rows[i].late);
		assert_int_equal((uint16_t)(after.seq - before.seq), 1);
		assert_int_equal(after.ts - before.ts, rows[i].step);
		/* And on from there. */
		before = after;
		after = put(&s, 60001, rows[i].ts_b + 960, T0 + 40 * VC_MS);
		assert_int_equal((uint16_t)(after.seq - before.seq), 1);
		assert_int_equal(after.ts - before.ts, 960);
	}
}

/* Time never stands or goes back at a change. */
static void test_change_at_once(void **state)
{
	struct vc_splice s = make(9);
	struct vc_srcline a = line_of(0, T0), b = line_of(0, T0 - VC_SEC);
	struct vc_rtp before, after;

	(void)state;
	vc_splice_source(&s, &a, false);
	before = put(&s, 1, 0, T0);
	vc_splice_source(&s, &b, true);
	after = put(&s, 1, 0, T0);
	assert_int_equal(after.ts - before.ts, 1);
	assert_int_equal((uint16_t)(after.seq - before.seq), 1);
}

/* It is as its source is, until that changes. */
static void test_keep(void **state)
{
	const struct vc_rtp first = { .seq = 65535, .ts = 0xfffffff0 };
	struct vc_srcline a = line_of(0xfffffff0, T0);
	struct vc_srcline b = line_of(7, T0 + 40 * VC_MS);
	struct vc_splice s;
	struct vc_rtp out;

	(void)state;
	vc_splice_keep(&s, 77, &first, RATE);
	vc_splice_source(&s, &a, false);
	out = put(&s, 65535, 0xfffffff0, T0);
	assert_int_equal(out.ssrc, 77);
	assert_int_equal(out.seq, 65535);
	assert_int_equal(out.ts, 0xfffffff0);
	out = put(&s, 0, 944, T0 + 20 * VC_MS);
	assert_int_equal(out.seq, 0);
	assert_int_equal(out.ts, 944);
	vc_splice_source(&s, &b, true);
	out = put(&s, 100, 7, T0 + 40 * VC_MS);
	assert_int_equal(out.ssrc, 77);
	assert_int_equal(out.seq, 1);
	assert_int_equal(out.ts, 1904);
}

/* A packet from before the first one of its source has no place. */
/*
 * A telephone event, from seconds ago, leaves no doubt of how far the sound is:
 * the next source goes on by the lines, behind all of it.
 */
static void test_change_after_event(void **state)
{
	const struct vc_srcline a = line_of(1000, T0);
	const struct vc_srcline b = line_of(700000, T0);
	struct vc_rtp in = { .ssrc = 7, .seq = 10, .ts = 1000 }, out = { 0 };
	struct vc_splice s = make(4);
	uint32_t ts;

	(void)state;
	s.codec = VC_CODEC_OPUS;
	vc_splice_source(&s, &a, true);
	assert_true(vc_splice_map(&s, &in, T0, &out));
	vc_splice_sent(&s, 4);
	ts = out.ts;
	in.ts += 960;
	for (int i = 1; i <= 50; i++) {
		in.seq++;
		assert_true(vc_splice_map_event(&s, &in, T0 + i * 20 * VC_MS,
						&out));
		vc_splice_sent(&s, 4);
		assert_int_equal(out.ts, ts + 960);
	}
	vc_splice_source(&s, &b, true);
	/* 1,020 ms after the first of the other. */
	out = put(&s, 500, 700000 + RATE + 960, T0 + VC_SEC + 20 * VC_MS);
	assert_int_equal(out.ts, ts + RATE + 960);
}

static void test_late_at_change(void **state)
{
	struct vc_splice s = make(4);
	struct vc_srcline l = line_of(0, T0);
	struct vc_rtp in = { .seq = 65535 }, out;

	(void)state;
	vc_splice_source(&s, &l, false);
	put(&s, 500, 0, T0);
	vc_splice_source(&s, &l, true);
	put(&s, 0, 960, T0 + 20 * VC_MS);
	assert_false(vc_splice_map(&s, &in, T0 + 21 * VC_MS, &out));
	put(&s, 1, 1920, T0 + 40 * VC_MS);
}

static struct vc_rtcp_sr report_at(struct vc_splice *s, struct vc_srlog *log,
				   int64_t now)
{
	uint8_t buf[VC_SENDER_COMPOUND];
	int len = vc_splice_report(s, buf, sizeof(buf), now, log);
	struct vc_rd rd = vc_rd_over(buf, (size_t)len);
	struct vc_rtcp p;
	struct vc_rtcp_sr sr;

	assert_true(len > 0);
	assert_int_equal(vc_rtcp_check(buf, (size_t)len), 0);
	assert_true(vc_rtcp_next(&rd, &p));
	assert_int_equal(vc_rtcp_parse_sr(&sr, &p), 0);
	return sr;
}

/* The author's clock is 10 years off ours: his line is what is sent. */
/*
 * Packets that are put in take numbers; the source's move on behind them, and
 * what comes late fills its own hole. Across the wrap of both sides.
 */
static void test_insert(void **state)
{
	static const struct {
		int in;	 /* number of the source, -1: one is put in */
		int out; /* number, from the first one's */
	} rows[] = {
		{ 65533, 0 }, { 65534, 1 }, { -1, 2 },	      { -1, 3 },
		{ 65535, 4 }, { 1, 6 },	    { -1, 7 },	      { 0, 5 },
		{ 2, 8 },     { 4, 10 },    { 65535, 4 },     { -1, 11 },
		{ 3, 9 },     { 5, 12 },    { 30000, 30007 },
	};
	struct vc_splice s = make(4);
	struct vc_srcline l = line_of(0, T0);
	uint16_t first = s.sender.seq;

	(void)state;
	vc_splice_source(&s, &l, false);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint16_t out = rows[i].in < 0 ? vc_splice_insert(&s) :
						put(&s, (uint16_t)rows[i].in,
						    (uint32_t)i, T0)
							.seq;

		assert_int_equal((uint16_t)(out - first), rows[i].out);
	}
	/* The next source goes on behind what was put in, and is not moved. */
	vc_splice_insert(&s);
	vc_splice_source(&s, &l, false);
	assert_int_equal((uint16_t)(put(&s, 7, 0, T0).seq - first), 30009);
	assert_int_equal((uint16_t)(put(&s, 8, 0, T0).seq - first), 30010);
}

/*
 * Numbers of the source: 's' is skipped, 'r' goes on after that, else it goes
 * out. What they become, of those that go out; 99: it does not.
 */
static void test_left_out(void **state)
{
	static const struct {
		const char *in;
		int out[8];
	} rows[] = {
		{ "1 2 s3 s4 5 6", { 1, 2, 3, 4 } },
		/* Twice, and in another order, and late. */
		{ "1 2 s3 s4 s4 s3 5", { 1, 2, 3 } },
		{ "1 s4 s3 s2 s4 5", { 1, 2 } },
		{ "1 3 s2 4", { 1, 3, 4 } },
		{ "1 2 s3 s4 r5 6", { 1, 2, 3, 4 } },
		/* A start that was overtaken: what is missing of it shows. */
		{ "1 2 s3 s5 r4 6 7", { 1, 2, 3, 5, 6 } },
		{ "1 s2 s5 s6 r4 7", { 1, 3, 6 } },
		/* Of before: it was not for him, or is too late. */
		{ "1 2 s3 s4 r5 2 4 6", { 1, 2, 3, 99, 99, 4 } },
		{ "1 s70 s71 s3 72", { 1, 70 } },
		{ "s1 s2 r3 4 s5 6", { 3, 4, 5 } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_splice s = make(1);
		struct vc_srcline l = line_of(0, T0);
		const char *p = rows[i].in;
		uint16_t zero = 0;
		bool has_any = false;
		size_t n = 0;

		vc_splice_source(&s, &l, false);
		while (*p) {
			const char what = *p == 's' || *p == 'r' ? *p++ : ' ';
			char *end;
			uint16_t seq = (uint16_t)strtoul(p, &end, 10);
			const struct vc_rtp in = { .seq = (uint16_t)(65530 +
								     seq),
						   .ssrc = 7 };
			struct vc_rtp out = { 0 };

			p = *end ? end + 1 : end;
			if (what == 's') {
				vc_splice_skip(&s, &in);
				continue;
			}
			if (what == 'r')
				vc_splice_resume(&s, &in);
			if (!vc_splice_map(&s, &in, T0, &out)) {
				assert_int_equal(rows[i].out[n++], 99);
				continue;
			}
			if (!has_any)
				zero = (uint16_t)(out.seq - seq);
			has_any = true;
			assert_int_equal((uint16_t)(out.seq - zero),
					 rows[i].out[n++]);
		}
		assert_int_equal(rows[i].out[n], 0);
	}
}

static void test_report(void **state)
{
	const int64_t author = T0 + 10 * 365 * 86400 * VC_SEC;
	struct vc_splice s = make(5);
	struct vc_srlog log = { 0 };
	struct vc_srcline l;
	struct vc_rtp first;
	struct vc_rtcp_sr sr;

	(void)state;
	vc_srcline_init(&l, RATE);
	vc_srcline_sr(&l, vc_ntp_from_ns(author), 4000, T0);
	vc_splice_source(&s, &l, false);
	vc_splice_name(&s, "cname", "name");
	first = put(&s, 1, 4000, T0 + VC_MS);
	sr = report_at(&s, &log, T0 + VC_SEC);
	assert_int_equal(sr.ssrc, s.sender.ssrc);
	assert_int_equal(sr.packets, 1);
	assert_int_equal(sr.octets, 100);
	assert_int_equal(sr.ntp, vc_ntp_from_ns(author + VC_SEC));
	assert_int_equal(sr.rtp_ts - first.ts, RATE);
	/* A report without a clock changes nothing. */
	vc_srcline_sr(&l, 0, 1, T0 + 2 * VC_SEC);
	vc_splice_line(&s, &l);
	sr = report_at(&s, &log, T0 + 3 * VC_SEC);
	assert_int_equal(sr.ntp, vc_ntp_from_ns(author + 3 * VC_SEC));
}

/* Without reports from the input the time of arrival is the line. */
static void test_report_by_arrival(void **state)
{
	struct vc_splice s = make(6);
	struct vc_srlog log = { 0 };
	struct vc_srcline l;
	struct vc_rtp first;
	struct vc_rtcp_sr sr;

	(void)state;
	vc_srcline_init(&l, RATE);
	vc_splice_source(&s, &l, false);
	first = put(&s, 1, 77, T0);
	sr = report_at(&s, &log, T0 + 500 * VC_MS);
	assert_int_equal(sr.ntp, vc_ntp_from_ns(T0 + 500 * VC_MS));
	assert_int_equal(sr.rtp_ts - first.ts, RATE / 2);
}

static void test_rtt(void **state)
{
	struct vc_splice s = make(7);
	struct vc_srlog log = { 0 };
	struct vc_srcline l = line_of(0, T0);
	struct vc_rtcp_sr sr;
	uint32_t mid, dlsr = vc_ntp_short_from_ns(30 * VC_MS);
	int64_t rtt;

	(void)state;
	vc_splice_source(&s, &l, false);
	put(&s, 1, 0, T0);
	sr = report_at(&s, &log, T0);
	mid = vc_ntp_mid(sr.ntp);
	rtt = vc_srlog_rtt(&log, sr.ssrc, mid, dlsr, T0 + 50 * VC_MS);
	assert_in_range(rtt, 19 * VC_MS, 21 * VC_MS);
	/* C6: longer held than it is ago; an hour; unknown; none. */
	assert_int_equal(vc_srlog_rtt(&log, sr.ssrc, mid, dlsr, T0), 0);
	assert_int_equal(
		vc_srlog_rtt(&log, sr.ssrc, mid, 0, T0 + 3600 * VC_SEC), -1);
	assert_int_equal(vc_srlog_rtt(&log, sr.ssrc, mid + 1, 0, T0), -1);
	assert_int_equal(vc_srlog_rtt(&log, sr.ssrc + 1, mid, 0, T0), -1);
	assert_int_equal(vc_srlog_rtt(&log, sr.ssrc, 0, 0, T0), -1);
	/* The log keeps the last ones. */
	for (int i = 1; i <= VC_SRLOG; i++)
		sr = report_at(&s, &log, T0 + i * VC_SEC);
	assert_int_equal(vc_srlog_rtt(&log, sr.ssrc, mid, 0, T0), -1);
	assert_int_equal(vc_srlog_rtt(&log, sr.ssrc, vc_ntp_mid(sr.ntp), 0,
				      T0 + VC_SRLOG * VC_SEC),
			 0);
}

static void test_bye(void **state)
{
	struct vc_splice s = make(8);
	struct vc_srcline l = line_of(0, T0);
	uint8_t buf[VC_SENDER_COMPOUND];
	struct vc_rtcp_bye bye;
	struct vc_rtcp p = { 0 };
	struct vc_rd rd;
	int len;

	(void)state;
	vc_splice_source(&s, &l, false);
	put(&s, 1, 0, T0);
	assert_int_equal(vc_splice_bye(&s, buf, 20, T0), -ENOSPC);
	len = vc_splice_bye(&s, buf, sizeof(buf), T0);
	assert_int_equal(vc_rtcp_check(buf, (size_t)len), 0);
	rd = vc_rd_over(buf, (size_t)len);
	while (vc_rtcp_next(&rd, &p) && p.pt != VC_RTCP_BYE)
		continue;
	assert_int_equal(vc_rtcp_parse_bye(&bye, &p), 0);
	assert_int_equal(vc_rtcp_bye_ssrc(&bye, 0), s.sender.ssrc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draw),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_change_at_once),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_change_after_event),
		cmocka_unit_test(test_late_at_change),
		cmocka_unit_test(test_insert),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_report_by_arrival),
		cmocka_unit_test(test_rtt),
		cmocka_unit_test(test_bye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
