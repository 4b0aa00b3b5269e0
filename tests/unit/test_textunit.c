/* SPDX-License-Identifier: MIT */
/* Units of TCP connections of SIP and RTSP, and messages of RTSP. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/rtsp.h"
#include "wire/textunit.h"

#define L(s) s, sizeof(s) - 1
#define RTP "\x80\x60\0\1\0\0\0\2\0\0\0\3"

/* --- what begins --- */

static void beginnings(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		enum vc_textunit is;
	} rows[] = {
		{ L("INVITE sip:bob@example.com SIP/2.0\r\n"),
		  VC_TEXTUNIT_SIP },
		{ L("INVITE sips:b"), VC_TEXTUNIT_SIP },
		{ L("MESSAGE tel:+1"), VC_TEXTUNIT_SIP },
		{ L("OPTIONS sip:b"), VC_TEXTUNIT_SIP },
		{ L("OPTIONS rtsp://b"), VC_TEXTUNIT_RTSP },
		{ L("OPTIONS * RTSP/1.0"), VC_TEXTUNIT_RTSP },
		{ L("PLAY rtsps://b"), VC_TEXTUNIT_RTSP },
		{ L("PLAY_NOTIFY rtsp://b"), VC_TEXTUNIT_RTSP },
		{ L("SIP/2.0 200 OK"), VC_TEXTUNIT_SIP },
		{ L("RTSP/1.0 401 "), VC_TEXTUNIT_RTSP },
		{ L("RTSP/2.0 200 OK"), VC_TEXTUNIT_RTSP },
		{ L(""), VC_TEXTUNIT_SHORT },
		{ L("R"), VC_TEXTUNIT_SHORT },
		{ L("RTSP/"), VC_TEXTUNIT_SHORT },
		{ L("OPTIONS "), VC_TEXTUNIT_SHORT },
		{ L("OPTIONS * "), VC_TEXTUNIT_SHORT },
		{ L("PLAY"), VC_TEXTUNIT_SHORT },
		{ L("OPTIONS * HTTP/1.1"), VC_TEXTUNIT_BAD },
		{ L("OPTIONS http://b"), VC_TEXTUNIT_BAD },
		{ L("GET / HTTP/1.1"), VC_TEXTUNIT_BAD },
		{ L("PLAY sip:bob"), VC_TEXTUNIT_BAD },
		{ L("INVITES"), VC_TEXTUNIT_BAD },
		{ L("SSH-2.0"), VC_TEXTUNIT_BAD },
		{ L("\x16\3\1"), VC_TEXTUNIT_BAD },
		{ L("\r\n"), VC_TEXTUNIT_BAD },
		{ L("$"), VC_TEXTUNIT_SHORT },
		{ L("$\0\0\x0c" RTP), VC_TEXTUNIT_PACKET },
		{ L("$\0\0\x0c\x80\x60"), VC_TEXTUNIT_PACKET },
		{ L("$\0\0\x0c" RTP "$\1"), VC_TEXTUNIT_PACKET },
		{ L("$\0\0\x0c" RTP "RTSP/1.0 2"), VC_TEXTUNIT_PACKET },
		{ L("$\0\0\x0c" RTP "no"), VC_TEXTUNIT_BAD },
		{ L("$\0\0\x0b" RTP), VC_TEXTUNIT_BAD },
		{ L("$\x40\0\x0c" RTP), VC_TEXTUNIT_BAD },
		{ L("$\0\x50\x0c" RTP), VC_TEXTUNIT_BAD },
		{ L("$\0\0\x0c\x8f\x60"), VC_TEXTUNIT_BAD },
		{ L("$\0\0\x0c\x20\x60"), VC_TEXTUNIT_BAD },
		{ L("$\1\0\x08\x80\xc8\0\1"), VC_TEXTUNIT_PACKET },
		{ L("$\1\0\x07\x80\xc8\0\1"), VC_TEXTUNIT_BAD },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (vc_textunit_looks((const uint8_t *)rows[i].p,
				      rows[i].len) != rows[i].is)
			fail_msg("row %zu: %s", i, rows[i].p);
	}
}

static void where_it_goes_on(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		size_t at;
	} rows[] = {
		{ L("RTSP/1.0 200"), 0 },
		{ L("$\0\0\x0c" RTP), 0 },
		{ L("abc$\0\0\x0c" RTP "$\0\0\x0c" RTP), 3 },
		{ L("a$c$\0\0\x0c" RTP "RTSP/1.0"), 3 },
		{ L("abc$\0\0\x0c" RTP), 19 },
		{ L("abc$\0\0\x0c" RTP "no"), 21 },
		{ L("abc$"), 4 },
		{ L(""), 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_textunit_find((const uint8_t *)rows[i].p,
						  rows[i].len),
				 rows[i].at);
}

static void lengths_of_units(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		enum vc_textunit is;
		size_t size;
	} rows[] = {
		{ L("\r\n\r\nINVITE"), VC_TEXTUNIT_SPACE, 1 },
		{ L("$\5\0\0abc"), VC_TEXTUNIT_PACKET, 4 },
		{ L("$\xff\0\3abc"), VC_TEXTUNIT_PACKET, 7 },
		{ L("$\5\0\4abc"), VC_TEXTUNIT_SHORT, 0 },
		{ L("RTSP/1.0 200 OK\r\n\r\nmore"), VC_TEXTUNIT_RTSP, 19 },
		{ L("RTSP/1.0 200 OK\r\na: b\r\nContent-length : 2\r\n\r\nmore"),
		  VC_TEXTUNIT_RTSP, 47 },
		{ L("SIP/2.0 200 OK\nl:2\n\nmore"), VC_TEXTUNIT_SIP, 22 },
		{ L("SIP/2.0 200 OK\nl:5\n\nmore"), VC_TEXTUNIT_SHORT, 0 },
		{ L("SIP/2.0 200 OK\nl:-1\n\nmore"), VC_TEXTUNIT_BAD, 0 },
		{ L("SIP/2.0 200 OK\nl:65535\n\nmore"), VC_TEXTUNIT_BAD, 0 },
		{ L("SIP/2.0 200 OK\nl:99999999999\n\n"), VC_TEXTUNIT_BAD, 0 },
		{ L("hello"), VC_TEXTUNIT_BAD, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_textscan whole = { 0 }, scan = { 0 };
		const uint8_t *p = (const uint8_t *)rows[i].p;
		enum vc_textunit is;
		size_t size = 0;

		is = vc_textunit_next(p, rows[i].len, &whole, &size);
		if (is != rows[i].is)
			fail_msg("row %zu: %d", i, is);
		if (is > VC_TEXTUNIT_SHORT)
			assert_int_equal(size, rows[i].size);
		/* Octet by octet it is the same. */
		for (size_t n = 1; n <= rows[i].len; n++) {
			is = vc_textunit_next(p, n, &scan, &size);
			if (is != VC_TEXTUNIT_SHORT)
				break;
		}
		assert_int_equal(is, rows[i].is);
		if (is > VC_TEXTUNIT_SHORT)
			assert_int_equal(size, rows[i].size);
	}
}

/* --- RTSP --- */

static void messages(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "SETUP rtsp://h/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n", 0 },
		{ "RTSP/1.0 200 OK\nContent-Length: 2\n\nabc", 0 },
		{ "RTSP/1.0 200 OK\nContent-Length: 4\n\nabc", -EBADMSG },
		{ "RTSP/1.0 200 OK\nContent-Length: x\n\nabc", -EBADMSG },
		{ "RTSP/1.0 20 OK\n\n", -EBADMSG },
		{ "RTSP/1.0 099 OK\n\n", -EBADMSG },
		{ "SETUP rtsp://h/1\n\n", -EBADMSG },
		{ "SETUP  RTSP/1.0\n\n", -EBADMSG },
		{ "SETUP rtsp://h/1 RTSP/1.0\r\nCSeq: 1\r\n", -EBADMSG },
		{ "", -EBADMSG },
	};
	char text[4096];
	struct vc_rtsp r;
	size_t n;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_rtsp_parse(&r, rows[i].text,
					       strlen(rows[i].text)),
				 rows[i].err);
	n = (size_t)snprintf(text, sizeof(text), "RTSP/1.0 200 OK\n");
	for (int i = 0; i < VC_RTSP_LINES_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "a: b\n");
	text[n] = '\n';
	assert_int_equal(vc_rtsp_parse(&r, text, n + 1), 0);
	memcpy(text + n, "a:b\n\n", 5);
	assert_int_equal(vc_rtsp_parse(&r, text, n + 5), -E2BIG);
}

static void transports(void **state)
{
	static const struct {
		const char *text;
		int rtp, rtcp;
	} rows[] = {
		{ "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1", 2, 3 },
		{ "RTP/AVP/TCP; Interleaved = 7", 7, 7 },
		{ "RTP/AVP/TCP;interleaved=255-254", 255, 254 },
		{ "RTP/AVP/TCP;interleaved=0-1,RTP/AVP;unicast", 0, 1 },
		{ "RTP/AVP/TCP;interleaved=0-256", -1, 0 },
		{ "RTP/AVP/TCP;interleaved=-1", -1, 0 },
		{ "RTP/AVP/TCP;interleaved", -1, 0 },
		{ "RTP/AVP;unicast;client_port=4-5", -1, 0 },
		{ "", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t rtp = 0, rtcp = 0;
		bool is = vc_rtsp_interleaved(vc_str_c(rows[i].text), &rtp,
					      &rtcp);

		assert_int_equal(is, rows[i].rtp >= 0);
		if (is) {
			assert_int_equal(rtp, rows[i].rtp);
			assert_int_equal(rtcp, rows[i].rtcp);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beginnings),
		cmocka_unit_test(where_it_goes_on),
		cmocka_unit_test(lengths_of_units),
		cmocka_unit_test(messages),
		cmocka_unit_test(transports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
