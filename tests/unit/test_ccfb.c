/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/ccfb.h"
#include "wire/sdp.h"

/* One packet after its header; what it says in text. */
static const struct {
	const char *what;
	const char *body;
	size_t len;
	const char *said; /* NULL: refused */
} rows[] = {
	{ "a report of nobody", "\0\0\0\1\0\0\x80\0", 8, "" },
	{ "two packets, half a second before",
	  "\0\0\0\1\0\0\0\2\xff\xff\0\2\x82\0\0\0\0\1\x80\0", 20,
	  "2:65535 1000000000 0; 2:0 lost; " },
	{ "an odd number is filled",
	  "\0\0\0\1\0\0\0\2\0\1\0\1\x80\0\0\0\0\0\0\3\0\7\0\1\xa0\1\0\0"
	  "\0\1\0\0",
	  32, "2:1 1000000000 0; 3:7 999023438 1; " },
	{ "a block of none",
	  "\0\0\0\1\0\0\0\2\0\1\0\0\0\0\0\3\0\7\0\1\x80\0\0\0\0\1\0\0", 28,
	  "3:7 1000000000 0; " },
	{ "times that are not known",
	  "\0\0\0\1\0\0\0\2\0\1\0\2\x9f\xfe\x9f\xff\0\1\0\0", 20,
	  "2:1 ?; 2:2 ?; " },
	{ "the longest that is known",
	  "\0\0\0\1\0\0\0\2\0\1\0\2\x9f\xfd\0\0\0\x8\0\0", 20,
	  "2:1 2929688 0; 2:2 lost; " },
	{ "a block longer than the packet",
	  "\0\0\0\1\0\0\0\2\0\1\0\3\x80\0\x80\0\0\1\0\0", 20, NULL },
	{ "16385 numbers", "\0\0\0\1\0\0\0\2\0\1\x40\1\0\1\0\0", 16, NULL },
	{ "half a block", "\0\0\0\1\0\0\0\2\0\1\0\0", 12, NULL },
	{ "65535 numbers", "\0\0\0\1\0\0\0\2\0\1\xff\xff\0\1\0\0", 16, NULL },
};

static bool read_body(struct vc_ccfb *c, const char *body, size_t len)
{
	const struct vc_rtcp pkt = {
		.pt = VC_RTCP_RTPFB,
		.count = VC_RTCP_FB_CCFB,
		.body = (const uint8_t *)body,
		.len = len,
	};
	struct vc_rtcp_fb fb;

	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	return !vc_ccfb_parse(c, &fb);
}

static void say(struct vc_ccfb *c, char *text, size_t cap)
{
	struct vc_ccfb_packet p;
	size_t n = 0;

	text[0] = 0;
	while (vc_ccfb_next(c, &p)) {
		n += (size_t)snprintf(text + n, cap - n, "%u:%u ", p.ssrc,
				      p.seq);
		if (!p.is_received)
			n += (size_t)snprintf(text + n, cap - n, "lost; ");
		else if (!p.has_time)
			n += (size_t)snprintf(text + n, cap - n, "?; ");
		else
			n += (size_t)snprintf(text + n, cap - n, "%lld %u; ",
					      (long long)p.at, p.ecn);
	}
}

static void octets_to_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		bool is_good;
		char text[256];
		struct vc_ccfb c;

		is_good = read_body(&c, rows[i].body, rows[i].len);
		if (is_good != (rows[i].said != NULL))
			fail_msg("%s", rows[i].what);
		if (!is_good)
			continue;
		say(&c, text, sizeof(text));
		assert_string_equal(text, rows[i].said);
	}
}

static void another_type_is_refused(void **state)
{
	struct vc_rtcp_fb fb = { .pt = VC_RTCP_PSFB, .fmt = VC_RTCP_FB_CCFB };
	struct vc_ccfb c;

	(void)state;
	assert_int_equal(vc_ccfb_parse(&c, &fb), -EBADMSG);
	fb.pt = VC_RTCP_RTPFB;
	fb.fmt = VC_RTCP_FB_TWCC;
	assert_int_equal(vc_ccfb_parse(&c, &fb), -EBADMSG);
}

/* Within half a step of 1/1024 s, and the fraction of the report's time. */
static void check_at(const struct vc_ccfb *c, const struct vc_ccfb_packet *p,
		     int64_t at, int64_t now)
{
	int64_t age = c->at - p->at, d = age - (now - at);

	if (now - at < 0 || now - at >= 8 * VC_SEC - VC_MS) {
		assert_false(p->has_time);
		return;
	}
	assert_true(p->has_time);
	assert_true(d <= 500 * VC_US && d >= -500 * VC_US);
}

static void what_is_written_is_read(void **state)
{
	const int64_t now = VC_VIRTUAL_EPOCH + 123456789;
	const int64_t a[3] = { now - 8 * VC_SEC, VC_TIME_NONE,
			       now - 100 * VC_MS };
	const int64_t b[4] = { now, now + 1, now - 7990 * VC_MS,
			       now - 20 * VC_SEC };
	uint8_t buf[VC_CCFB_LEN(2, 7)];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	uint8_t *head = vc_ccfb_open(&w, 9);
	struct vc_ccfb_packet p;
	struct vc_ccfb c;

	(void)state;
	vc_ccfb_block(&w, 0xffffffff, 65535, a, 3, now);
	vc_ccfb_block(&w, 0, 0, b, 4, now);
	vc_ccfb_close(&w, head, now);
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check_reduced(buf, vc_wr_len(&w)), 0);
	assert_true(read_body(&c, (const char *)buf + 4, vc_wr_len(&w) - 4));
	assert_true(c.at - now % VC_CCFB_PERIOD <= 0);
	assert_true(c.at - now % VC_CCFB_PERIOD > -16 * VC_US);
	for (unsigned int i = 0; i < 7; i++) {
		int64_t at = i < 3 ? a[i] : b[i - 3];

		assert_true(vc_ccfb_next(&c, &p));
		assert_int_equal(p.ssrc, i < 3 ? 0xffffffff : 0);
		assert_int_equal(p.seq, (uint16_t)(i < 3 ? 65535 + i : i - 3));
		assert_int_equal(p.is_received, at != VC_TIME_NONE);
		if (p.is_received)
			check_at(&c, &p, at, now);
	}
	assert_false(vc_ccfb_next(&c, &p));
}

/* In SDP it is of all payload types or of none (section 6). */
static void it_is_described_for_all_types(void **state)
{
	static const char text[] = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\n"
				   "m=video 0 RTP/AVPF 96 97\n"
				   "a=rtcp-fb:* ack ccfb\n"
				   "a=rtcp-fb:96 ack rpsi\n"
				   "a=rtpmap:96 VP8/90000\n"
				   "a=rtpmap:97 H264/90000\n";
	static struct vc_sdp sdp;
	static char out[1024];
	const char *line;
	int n;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, text, sizeof(text) - 1), 0);
	assert_int_equal(sdp.media[0].fmt[0].fb, VC_FB_CCFB);
	assert_int_equal(sdp.media[0].fmt[1].fb, VC_FB_CCFB);
	n = vc_sdp_write(&sdp, out, sizeof(out) - 1);
	assert_true(n > 0);
	out[n] = '\0';
	line = strstr(out, "a=rtcp-fb:* ack ccfb\r\n");
	assert_non_null(line);
	assert_null(strstr(line + 10, "rtcp-fb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_to_times),
		cmocka_unit_test(another_type_is_refused),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(it_is_described_for_all_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
