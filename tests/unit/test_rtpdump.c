/* SPDX-License-Identifier: MIT */
/* The dumps of rtptools and Janus's recordings. */
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
#include "wire/mjr.h"
#include "wire/rtpdump.h"

#define L(s) s, sizeof(s) - 1

typedef int next_fn(void *state, const uint8_t *p, size_t len,
		    struct vc_piece *out);

static int next_dump(void *state, const uint8_t *p, size_t len,
		     struct vc_piece *out)
{
	return vc_rtpdump_next(state, p, len, out);
}

static int next_mjr(void *state, const uint8_t *p, size_t len,
		    struct vc_piece *out)
{
	return vc_mjr_next(state, p, len, out);
}

/* One letter a piece: '.' skip, 'p' packet, 'i' info, 'b' bad, then '!' error,
 * '$' the end, '~' cut. */
static void walk(next_fn *next, void *reader, const char *p, size_t len,
		 char *out, struct vc_piece *last)
{
	struct vc_piece piece;
	size_t at = 0;

	while (at < len) {
		size_t n = len - at;
		uint8_t *copy = malloc(n);
		int got;

		memcpy(copy, p + at, n);
		got = next(reader, copy, n, &piece);
		if (got == 1 && piece.kind == VC_PIECE_PACKET)
			*last = piece;
		if (got == 1 && piece.data) {
			assert_true(piece.data + piece.caplen <= copy + n);
			assert_true(piece.len >= piece.caplen);
		}
		free(copy);
		if (got != 1) {
			assert_true(got < 0 || piece.size > n);
			*out++ = got < 0 ? '!' : '~';
			break;
		}
		assert_true(piece.size > 0 && piece.size <= n);
		*out++ = ".pib"[piece.kind];
		at += piece.size;
	}
	if (at == len)
		*out++ = '$';
	*out = '\0';
}

/* --- rtpdump --- */

#define LINE "#!rtpplay1.0 10.0.0.1/5004\n"
#define HEAD "\0\0\0\7\0\0\0\5\x0a\0\0\1\x13\x8c\0\0"
#define RTP "\0\x14\0\x0c\0\0\0\x14\x80\0\0\1\0\0\0\0\0\0\0\1"
#define RTCP "\0\x10\0\0\0\0\0\x15\x80\xc9\0\1\0\0\0\1"

static const struct {
	const char *p;
	size_t len;
	const char *pieces;
	int64_t time;
	size_t caplen;
	size_t is_len;
} dumps[] = {
	{ L(LINE HEAD RTP), ".p$", 7020005 * VC_US, 12, 12 },
	{ L(LINE HEAD RTP RTCP), ".pp$", 7021005 * VC_US, 8, 8 },
	{ L(LINE HEAD "\0\x14\5\x0c\0\0\0\x14\x80\0\0\1\0\0\0\0\0\0\0\1"),
	  ".p$", 7020005 * VC_US, 12, 1292 },
	{ L("#!rtpplay1.0 ::1/5004\r\n" HEAD RTP), ".p$", 7020005 * VC_US, 12,
	  12 },
	/* offsets that wrap, and that go back before the beginning */
	{ L(LINE HEAD "\0\x8\0\0\x70\0\0\0"
		      "\0\x8\0\0\xe0\0\0\0"
		      "\0\x8\0\0\0\0\0\0"),
	  ".ppp$", 7000005 * VC_US + ((INT64_C(1) << 32) * VC_MS), 0, 0 },
	{ L(LINE HEAD "\0\x8\0\0\0\0\0\0"
		      "\0\x8\0\0\xff\xff\xff\xff"),
	  ".pb$", 7000005 * VC_US, 0, 0 },
	{ L(LINE HEAD "\0\7\0\0\0\0\0\0"), ".!", 0, 0, 0 },
	{ L(LINE HEAD "\0\0\0\0\0\0\0\0"), ".!", 0, 0, 0 },
	{ L(LINE "\0\0\0\7\0\x0f\x42\x40\x0a\0\0\1\x13\x8c\0\0"), "!", 0, 0,
	  0 },
	{ L("#!rtpplay1.0 10.0.0.1/65536\n" HEAD), "!", 0, 0, 0 },
	{ L("#!rtpplay1.0 10.0.0.1\n" HEAD), "!", 0, 0, 0 },
	{ L("#!rtpplay1.0 \n" HEAD), "!", 0, 0, 0 },
	{ L("#!rtpplay1.1 10.0.0.1/5004\n" HEAD), "!", 0, 0, 0 },
	{ L("#!/bin/sh 10.0.0.1/5004\n" HEAD), "!", 0, 0, 0 },
};

static void dumps_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(dumps); i++) {
		struct vc_rtpdump rd = { 0 };
		struct vc_piece last = { 0 };
		char pieces[32];

		walk(next_dump, &rd, dumps[i].p, dumps[i].len, pieces, &last);
		if (strcmp(pieces, dumps[i].pieces) ||
		    last.time != dumps[i].time ||
		    last.caplen != dumps[i].caplen ||
		    last.len != dumps[i].is_len)
			fail_msg("row %zu: %s", i, pieces);
	}
}

static void versions_are_told_from_strangers(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		int err;
	} rows[] = {
		{ L("#!rtpplay1.1 10.0.0.1/5004\n"), -EPROTONOSUPPORT },
		{ L("#!/bin/sh xxxxxxxxxxxxxxx\n"), -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtpdump rd = { 0 };
		struct vc_piece piece;

		assert_int_equal(vc_rtpdump_next(&rd,
						 (const uint8_t *)rows[i].p,
						 rows[i].len, &piece),
				 rows[i].err);
	}
}

static void the_address_is_the_lines(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		struct vc_netaddr addr;
	} rows[] = {
		{ L(LINE HEAD), { .ip = { 10, 0, 0, 1 }, .port = 5004 } },
		{ L("#!rtpplay1.0 ::1/6\n" HEAD),
		  { .is_ip6 = true, .ip = { [15] = 1 }, .port = 6 } },
		{ L("#!rtpplay1.0 any.example/0\n" HEAD), { .port = 0 } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtpdump rd = { 0 };
		struct vc_piece piece;

		assert_int_equal(vc_rtpdump_next(&rd,
						 (const uint8_t *)rows[i].p,
						 rows[i].len, &piece),
				 1);
		assert_true(vc_netaddr_eq(&rd.addr, &rows[i].addr));
	}
}

/* A first line without an end, in one piece or coming octet by octet. */
static void lines_have_a_cap(void **state)
{
	uint8_t text[1024];
	struct vc_rtpdump rd = { 0 };
	struct vc_piece piece;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "#!rtpplay1.0 ", 13);
	for (size_t n = 0; n < VC_RTPDUMP_LINE_MAX; n++) {
		assert_int_equal(vc_rtpdump_next(&rd, text, n, &piece), 0);
		assert_int_equal(piece.size, n + 1);
	}
	assert_int_equal(vc_rtpdump_next(&rd, text, VC_RTPDUMP_LINE_MAX,
					 &piece),
			 -EBADMSG);
	text[VC_RTPDUMP_LINE_MAX] = '\n';
	assert_int_equal(vc_rtpdump_next(&rd, text, sizeof(text), &piece),
			 -EBADMSG);
}

/* --- mjr --- */

#define INFO "\0\2{}"
#define FRAME "MEET\0\0\0\x14\0\2\x80\0"
#define OLD_FRAME "MEETECHO\0\2\x80\0"

static const struct {
	const char *p;
	size_t len;
	const char *pieces;
	int64_t time;
	size_t caplen;
} recordings[] = {
	{ L("MJR00002" INFO FRAME FRAME), "ipp$", 20 * VC_MS, 2 },
	{ L("MJR00001" INFO OLD_FRAME), "ip$", VC_TIME_NONE, 2 },
	{ L("MEETECHO\0\5audio" OLD_FRAME), "ip$", VC_TIME_NONE, 2 },
	{ L("MEETECHO\0\5video" OLD_FRAME), "ip$", VC_TIME_NONE, 2 },
	{ L("MEETECHO\0\5other" OLD_FRAME), "!", 0, 0 },
	{ L("MEETECHO\0\4audi" OLD_FRAME), "!", 0, 0 },
	{ L("MJR00002\0\0" FRAME), "ip$", 20 * VC_MS, 2 },
	{ L("MJR00002" INFO "MEET\0\0\0\x14\0\0"), "ip$", 20 * VC_MS, 0 },
	{ L("MJR00002" INFO "MEAT\0\0\0\x14\0\0"), "i!", 0, 0 },
	{ L("MJR00001" INFO FRAME), "i!", 0, 0 },
	/* ECHO is a time, too: of 13 days */
	{ L("MJR00002" INFO OLD_FRAME), "ip$", 0x4543484f * VC_MS, 2 },
	{ L("MJR00003" INFO FRAME), "!", 0, 0 },
	{ L("MJX00002" INFO FRAME), "!", 0, 0 },
	/* time that wraps, and that goes back before the beginning */
	{ L("MJR00002" INFO "MEET\x70\0\0\0\0\0"
	    "MEET\xe0\0\0\0\0\0MEET\0\0\0\0\0\0"),
	  "ippp$", (INT64_C(1) << 32) * VC_MS, 0 },
	{ L("MJR00002" INFO "MEET\0\0\0\0\0\0MEET\xff\xff\xff\xff\0\0"), "ipb$",
	  0, 0 },
};

static void recordings_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(recordings); i++) {
		struct vc_mjr m = { 0 };
		struct vc_piece last = { 0 };
		char pieces[32];

		walk(next_mjr, &m, recordings[i].p, recordings[i].len, pieces,
		     &last);
		if (strcmp(pieces, recordings[i].pieces) ||
		    last.time != recordings[i].time ||
		    last.caplen != recordings[i].caplen)
			fail_msg("row %zu: %s", i, pieces);
	}
}

/* Far leaps of time are no overflow. */
static void leaps_have_an_end(void **state)
{
	uint8_t frame[] = "MEET\0\0\0\0\0";
	struct vc_mjr m = { .version = 2 };
	struct vc_piece piece;
	unsigned int bad = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		vc_put_u32(frame + 4, i * 0x7fffffffu);
		assert_int_equal(vc_mjr_next(&m, frame, 10, &piece), 1);
		bad += piece.kind == VC_PIECE_BAD;
	}
	assert_true(bad > 5000 && bad < 9000);
}

/* --- both --- */

static void files_cut_at_every_octet(void **state)
{
	struct vc_piece last;
	char pieces[32], part[32];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(dumps); i++) {
		struct vc_rtpdump rd = { 0 };

		walk(next_dump, &rd, dumps[i].p, dumps[i].len, pieces, &last);
		for (size_t n = 1; n < dumps[i].len; n++) {
			rd = (struct vc_rtpdump){ 0 };
			walk(next_dump, &rd, dumps[i].p, n, part, &last);
			assert_memory_equal(part, pieces, strlen(part) - 1);
		}
	}
	for (size_t i = 0; i < VC_COUNT(recordings); i++) {
		struct vc_mjr m = { 0 };

		walk(next_mjr, &m, recordings[i].p, recordings[i].len, pieces,
		     &last);
		for (size_t n = 1; n < recordings[i].len; n++) {
			m = (struct vc_mjr){ 0 };
			walk(next_mjr, &m, recordings[i].p, n, part, &last);
			assert_memory_equal(part, pieces, strlen(part) - 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dumps_are_read),
		cmocka_unit_test(versions_are_told_from_strangers),
		cmocka_unit_test(the_address_is_the_lines),
		cmocka_unit_test(lines_have_a_cap),
		cmocka_unit_test(recordings_are_read),
		cmocka_unit_test(leaps_have_an_end),
		cmocka_unit_test(files_cut_at_every_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
