/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/sender.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define T0 VC_VIRTUAL_EPOCH

static struct vc_sender make(const char *name, const char *purpose)
{
	struct vc_rand rand;
	struct vc_sender s;

	vc_rand_init(&rand, 1, "test", name);
	vc_sender_init(&s, &rand, purpose, 90000, T0, "cname", name);
	return s;
}

static void draws_differ_and_repeat(void **state)
{
	struct vc_sender a = make("alice", "video"), b = make("alice", "video");
	struct vc_sender c = make("alice", "audio"), d = make("bob", "video");
	struct vc_rand rand;

	(void)state;
	assert_int_equal(a.ssrc, b.ssrc);
	assert_int_equal(a.ts_offset, b.ts_offset);
	assert_int_equal(a.seq, b.seq);
	assert_int_not_equal(a.ssrc, c.ssrc);
	assert_int_not_equal(a.ssrc, d.ssrc);
	assert_int_not_equal(a.ssrc, a.ts_offset);
	vc_rand_init(&rand, 1, "test", "alice");
	for (uint64_t n = 0; n < 1000; n++) {
		vc_sender_redraw(&b, &rand, "video", n);
		assert_true(b.seq < 0x8000);
		assert_true(!n == (b.ssrc == a.ssrc));
	}
}

static void rtp_time_is_exact(void **state)
{
	static const struct {
		int64_t t;
		uint32_t units;
	} rows[] = {
		{ 0, 0 },
		{ VC_SEC, 90000 },
		{ 33333333, 3000 }, /* nearest, not below */
		{ 66666667, 6000 },
		{ -VC_SEC, UINT32_MAX - 89999 },
		{ 47722 * VC_SEC, 12704 }, /* past the wrap */
	};
	struct vc_sender s = make("alice", "video");

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal((uint32_t)(vc_sender_ts(&s, T0 + rows[i].t) -
					    s.ts_offset),
				 rows[i].units);
}

static void packets_are_numbered_over_the_wrap(void **state)
{
	struct vc_sender s = make("alice", "video");
	struct vc_rtp rtp = { .pt = 96 };

	(void)state;
	s.seq = 65535;
	vc_sender_next(&s, &rtp, 7, 100);
	assert_int_equal(rtp.seq, 65535);
	assert_int_equal(rtp.ts, 7);
	assert_int_equal(rtp.ssrc, s.ssrc);
	vc_sender_next(&s, &rtp, 8, 50);
	assert_int_equal(rtp.seq, 0);
	assert_int_equal(s.packets, 2);
	assert_int_equal(s.octets, 150);
}

static void check_compound(const struct vc_sender *s, const uint8_t *buf,
			   int len, int64_t t, const char *name, bool bye)
{
	struct vc_rd rd = vc_rd_over(buf, (size_t)len);
	struct vc_rtcp pkt;
	struct vc_rtcp_sr sr;
	struct vc_sdes_iter it;
	struct vc_sdes_item item;
	struct vc_rtcp_bye b;

	assert_true(len > 0);
	assert_int_equal(vc_rtcp_check(buf, (size_t)len), 0);
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_sr(&sr, &pkt), 0);
	assert_int_equal(sr.ssrc, s->ssrc);
	assert_int_equal(vc_ntp_to_ns(sr.ntp), t);
	assert_int_equal(sr.rtp_ts, vc_sender_ts(s, t));
	assert_int_equal(sr.packets, s->packets);
	assert_int_equal(sr.octets, s->octets);
	assert_int_equal(pkt.count, 0);
	assert_true(vc_rtcp_next(&rd, &pkt));
	it = vc_sdes_over(&pkt);
	assert_true(vc_sdes_next(&it, &item));
	assert_int_equal(item.type, VC_SDES_CNAME);
	assert_true(vc_str_is(item.text, "cname"));
	assert_int_equal(vc_sdes_next(&it, &item), name[0] != '\0');
	if (name[0])
		assert_true(vc_str_is(item.text, name));
	assert_int_equal(vc_rtcp_next(&rd, &pkt), bye);
	if (!bye)
		return;
	assert_int_equal(vc_rtcp_parse_bye(&b, &pkt), 0);
	assert_int_equal(vc_rtcp_bye_ssrc(&b, 0), s->ssrc);
}

static void reports_say_what_was_sent(void **state)
{
	static const char *const names[] = { "", "bob", "\x1b[2J/../x" };
	uint8_t buf[VC_SENDER_COMPOUND];
	struct vc_sender s;
	struct vc_rtp rtp;
	int64_t t = T0 + VC_SEC;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(names); i++) {
		s = make(names[i], "video");
		assert_int_equal(vc_sender_next_report(&s), INT64_MIN);
		vc_sender_next(&s, &rtp, 0, 1000);
		check_compound(&s, buf,
			       vc_sender_report(&s, buf, sizeof(buf), t), t,
			       names[i], false);
		assert_int_equal(vc_sender_next_report(&s), t + VC_SEC);
		check_compound(&s, buf,
			       vc_sender_bye(&s, buf, sizeof(buf), t, "end"), t,
			       names[i], true);
		assert_int_equal(vc_sender_report(&s, buf, 40, t), -ENOSPC);
	}
}

static void the_longest_compound_fits(void **state)
{
	uint8_t buf[VC_SENDER_COMPOUND];
	struct vc_sender s;
	struct vc_rand rand;
	char text[400];
	int len;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[399] = '\0';
	vc_rand_init(&rand, 1, "test", "");
	vc_sender_init(&s, &rand, "a", 48000, T0, text, text);
	assert_int_equal(strlen(s.cname), 255);
	len = vc_sender_bye(&s, buf, sizeof(buf), T0, text);
	assert_true(len > 0);
	assert_int_equal(vc_rtcp_check(buf, (size_t)len), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_differ_and_repeat),
		cmocka_unit_test(rtp_time_is_exact),
		cmocka_unit_test(packets_are_numbered_over_the_wrap),
		cmocka_unit_test(reports_say_what_was_sent),
		cmocka_unit_test(the_longest_compound_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
