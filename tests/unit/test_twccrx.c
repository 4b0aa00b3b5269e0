/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "session/twccrx.h"
#include "wire/ccfb.h"
#include "wire/twcc.h"

#define T0 (1000 * VC_SEC)

/* One report as text: "FIRST:" and a '+' or '-' a number, SSRC by SSRC. */
static size_t report(struct vc_twccrx *rx, bool by_ssrc, int64_t now,
		     char *text, size_t cap)
{
	uint8_t buf[VC_TWCCRX_REPORT];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_ccfb_packet cp;
	struct vc_twcc_packet tp;
	struct vc_rtcp_fb fb;
	struct vc_rtcp pkt;
	struct vc_ccfb c;
	struct vc_twcc t;
	struct vc_rd rd;
	int64_t last = -1;
	size_t n = 0, numbers = 0, room = vc_twccrx_room(rx);

	text[0] = 0;
	if (room)
		w.end = buf + room;
	if (!vc_twccrx_write(rx, &w, 99, now)) {
		assert_int_equal(room, 0);
		return 0;
	}
	assert_in_range(room, vc_wr_len(&w), VC_TWCCRX_REPORT);
	assert_int_equal(vc_rtcp_check_reduced(buf, vc_wr_len(&w)), 0);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	assert_int_equal(fb.sender, 99);
	if (by_ssrc) {
		assert_int_equal(vc_ccfb_parse(&c, &fb), 0);
		for (; vc_ccfb_next(&c, &cp); numbers++) {
			if (cp.ssrc != last)
				n += (size_t)snprintf(
					text + n, cap - n,
					"%s%u/%u:", numbers ? " " : "", cp.ssrc,
					cp.seq);
			last = cp.ssrc;
			n += (size_t)snprintf(text + n, cap - n, "%c",
					      cp.is_received ? '+' : '-');
		}
		return numbers;
	}
	assert_int_equal(vc_twcc_parse(&t, &fb), 0);
	n += (size_t)snprintf(text, cap, "%u:", t.base);
	for (; vc_twcc_next(&t, &tp); numbers++)
		n += (size_t)snprintf(text + n, cap - n, "%c",
				      tp.is_received ? '+' : '-');
	return numbers;
}

static const char *say(struct vc_twccrx *rx, bool by_ssrc, int64_t now)
{
	static char text[4096];

	report(rx, by_ssrc, now, text, sizeof(text));
	return text;
}

static void came(struct vc_twccrx *rx, const char *list, int64_t now)
{
	while (*list) {
		unsigned int seq;
		int n;

		assert_int_equal(sscanf(list, "%u %n", &seq, &n), 1);
		vc_twccrx_packet(rx, 7, (uint16_t)seq, 1000, now);
		list += n;
	}
}

static void numbers_are_told_once(void **state)
{
	struct vc_twccrx *rx = vc_twccrx_new(false);

	(void)state;
	assert_true(vc_twccrx_next(rx) == INT64_MAX);
	assert_string_equal(say(rx, false, T0), "");
	came(rx, "65533 65534 0 1", T0);
	assert_string_equal(say(rx, false, T0), "65533:++-++");
	assert_true(vc_twccrx_next(rx) == INT64_MAX);
	assert_string_equal(say(rx, false, T0), "");
	came(rx, "5", T0);
	assert_string_equal(say(rx, false, T0), "2:---+");
	/* late: with all that was told after it */
	came(rx, "3", T0);
	assert_string_equal(say(rx, false, T0), "3:+-+");
	/* a duplicate says nothing new */
	came(rx, "3 5", T0);
	assert_string_equal(say(rx, false, T0), "");
	/* reordering within a report */
	came(rx, "9 8 7 6", T0);
	assert_string_equal(say(rx, false, T0), "6:++++");
	vc_twccrx_free(rx);
}

static void jumps_are_bounded(void **state)
{
	struct vc_twccrx *rx = vc_twccrx_new(false);
	char text[4096];

	(void)state;
	came(rx, "10", T0);
	assert_string_equal(say(rx, false, T0), "10:+");
	/* as far as the ring goes: lost */
	came(rx, "1034", T0);
	assert_int_equal(report(rx, false, T0, text, sizeof(text)), 1024);
	/* further: somewhere else */
	came(rx, "30000", T0);
	assert_string_equal(say(rx, false, T0), "30000:+");
	came(rx, "28000", T0);
	assert_string_equal(say(rx, false, T0), "28000:+");
	came(rx, "60768", T0);
	assert_string_equal(say(rx, false, T0), "60768:+");
	/* too old for the ring is told no more, but begins anew */
	came(rx, "60000 60001", T0);
	assert_true(strlen(say(rx, false, T0)) > 0);
	vc_twccrx_free(rx);
}

static void a_report_is_bounded(void **state)
{
	struct vc_twccrx *rx = vc_twccrx_new(false);
	char text[4096];

	(void)state;
	for (unsigned int i = 0; i < 900; i++)
		vc_twccrx_packet(rx, 7, (uint16_t)(65000 + i), 1000, T0);
	assert_true(vc_twccrx_next(rx) <= T0);
	assert_int_equal(report(rx, false, T0, text, sizeof(text)), 400);
	assert_true(vc_twccrx_next(rx) <= T0);
	assert_int_equal(report(rx, false, T0, text, sizeof(text)), 400);
	assert_int_equal(report(rx, false, T0, text, sizeof(text)), 100);
	assert_true(vc_twccrx_next(rx) == INT64_MAX);
	vc_twccrx_free(rx);
}

/* What does not fit into an RTCP compound waits. */
static void no_room_loses_nothing(void **state)
{
	struct vc_twccrx *rx = vc_twccrx_new(false);
	uint8_t buf[VC_TWCCRX_REPORT];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	(void)state;
	came(rx, "1 2", T0);
	w.end = buf + vc_twccrx_room(rx) - 1;
	assert_false(vc_twccrx_write(rx, &w, 1, T0));
	assert_int_equal(vc_wr_len(&w), 0);
	assert_string_equal(say(rx, false, T0), "1:++");
	vc_twccrx_free(rx);
}

/* About 5 % of what comes, within 50 and 250 ms. */
static void reports_keep_their_share(void **state)
{
	static const struct {
		size_t len;
		int64_t step;
		int64_t least, most;
	} rows[] = {
		{ 100, 100 * VC_MS, 250 * VC_MS, 350 * VC_MS },
		{ 500, 40 * VC_MS, 100 * VC_MS, 160 * VC_MS },
		{ 1200, 4 * VC_MS, 50 * VC_MS, 54 * VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_twccrx *rx = vc_twccrx_new(false);
		int64_t now = T0, last = 0;
		uint16_t seq = 0;

		for (; now < T0 + 5 * VC_SEC; now += rows[i].step) {
			vc_twccrx_packet(rx, 7, seq++, rows[i].len, now);
			if (now < vc_twccrx_next(rx))
				continue;
			assert_true(*say(rx, false, now));
			if (last && now > T0 + 2 * VC_SEC)
				assert_in_range(now - last, rows[i].least,
						rows[i].most);
			last = now;
		}
		assert_true(last > T0 + 4 * VC_SEC);
		vc_twccrx_free(rx);
	}
}

static void by_ssrc(void **state)
{
	struct vc_twccrx *rx = vc_twccrx_new(true);

	(void)state;
	vc_twccrx_packet(rx, 1, 65535, 100, T0);
	vc_twccrx_packet(rx, 2, 7, 100, T0);
	vc_twccrx_packet(rx, 1, 1, 100, T0);
	assert_string_equal(say(rx, true, T0), "1/65535:+-+ 2/7:+");
	vc_twccrx_packet(rx, 2, 9, 100, T0);
	assert_string_equal(say(rx, true, T0), "2/8:-+");
	/* a crowd: the SSRC that was silent for longest makes room */
	for (uint32_t s = 100; s < 10100; s++)
		vc_twccrx_packet(rx, s, 5, 100, T0 + s);
	assert_memory_equal(say(rx, true, T0 + VC_SEC), "100", 2);
	vc_twccrx_free(rx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_told_once),
		cmocka_unit_test(jumps_are_bounded),
		cmocka_unit_test(a_report_is_bounded),
		cmocka_unit_test(no_room_loses_nothing),
		cmocka_unit_test(reports_keep_their_share),
		cmocka_unit_test(by_ssrc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
