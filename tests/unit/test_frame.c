/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/frame.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int result;
	enum vc_frame_type type;
	size_t size;
} frames[] = {
	{ "nothing", BYTES(""), 0, VC_FRAME_EMPTY, 2 },
	{ "half a length", BYTES("\0"), 0, VC_FRAME_EMPTY, 2 },
	{ "keep-alive", BYTES("\0\0"), 1, VC_FRAME_EMPTY, 2 },
	{ "payload missing", BYTES("\0\1"), 0, VC_FRAME_EMPTY, 3 },
	{ "payload cut", BYTES("\1\0\x80"), 0, VC_FRAME_EMPTY, 258 },
	{ "RTP", BYTES("\0\2\x80\x6fmore"), 1, VC_FRAME_RTP, 4 },
	{ "RTP of 1 octet", BYTES("\0\1\x80"), 1, VC_FRAME_RTP, 3 },
	{ "RTP, marker and 72", BYTES("\0\2\x80\xc8"), 1, VC_FRAME_RTCP, 4 },
	{ "RTCP", BYTES("\0\2\xbf\xdf"), 1, VC_FRAME_RTCP, 4 },
	{ "description", BYTES("\0\5v=0\r\n"), 1, VC_FRAME_DESC, 7 },
	{ "description, LF", BYTES("\0\4v=0\n"), 1, VC_FRAME_DESC, 6 },
	{ "version 1", BYTES("\0\4v=1\n"), -EBADMSG, VC_FRAME_DESC, 6 },
	{ "version 01", BYTES("\0\5v=01\n"), -EBADMSG, VC_FRAME_DESC, 7 },
	{ "description, short", BYTES("\0\3v=0"), -EBADMSG, VC_FRAME_DESC, 5 },
	{ "time", BYTES("\0\x0aT\0\0\0\0\0\0\0\0\1"), 1, VC_FRAME_TIME, 12 },
	{ "arrival", BYTES("\0\x0aT\1\0\0\0\0\0\0\0\1"), 1, VC_FRAME_TIME, 12 },
	{ "time of kind 2", BYTES("\0\x0aT\2\0\0\0\0\0\0\0\1"), -EBADMSG,
	  VC_FRAME_TIME, 12 },
	{ "time of 9", BYTES("\0\x09T\0\0\0\0\0\0\0\0"), -EBADMSG,
	  VC_FRAME_TIME, 11 },
	{ "time of 11", BYTES("\0\x0bT\0\0\0\0\0\0\0\0\0\0"), -EBADMSG,
	  VC_FRAME_TIME, 13 },
	{ "event", BYTES("\0\2{}"), 1, VC_FRAME_EVENT, 4 },
	{ "STUN", BYTES("\0\2\0\1"), 1, VC_FRAME_OTHER, 4 },
	{ "reserved", BYTES("\0\1x"), 1, VC_FRAME_OTHER, 3 },
	{ "reserved", BYTES("\0\1\xc0"), 1, VC_FRAME_OTHER, 3 },
};

static void frames_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(frames); i++) {
		struct vc_frame f;
		int r = vc_frame_next(frames[i].p, frames[i].len, &f);

		if (r != frames[i].result || f.type != frames[i].type ||
		    f.size != frames[i].size || f.toobig)
			fail_msg("%s: %d, type %d, size %zu", frames[i].what, r,
				 (int)f.type, f.size);
		if (r != 0) {
			assert_ptr_equal(f.payload, frames[i].p + 2);
			assert_int_equal(f.len, f.size - 2);
		}
	}
}

static void the_first_octet_decides(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		uint8_t p[2] = { (uint8_t)i, 0 };
		enum vc_frame_type is = i >= 128 && i <= 191 ? VC_FRAME_RTP :
					i == 'v'	     ? VC_FRAME_DESC :
					i == 'T'	     ? VC_FRAME_TIME :
					i == '{'	     ? VC_FRAME_EVENT :
							       VC_FRAME_OTHER;

		assert_int_equal(vc_frame_type(p, 2), is);
		p[1] = 200;
		assert_int_equal(vc_frame_type(p, 2),
				 is == VC_FRAME_RTP ? VC_FRAME_RTCP : is);
	}
	assert_int_equal(vc_frame_type(NULL, 0), VC_FRAME_EMPTY);
}

static uint8_t big[VC_FRAME_MAX];

/* hostile.md H1. */
static void large_ones_are_known(void **state)
{
	static const struct {
		size_t len;
		const char *head;
		int result;
		bool toobig;
	} rows[] = {
		{ 1500, "\x80\x6f", 1, false },
		{ 9000, "\x80\x6f", 1, false },
		{ VC_FRAME_RTP_MAX, "\x80\x6f", 1, false },
		{ VC_FRAME_RTP_MAX + 1, "\x80\x6f", 1, true },
		{ VC_FRAME_RTP_MAX + 1, "\x80\xc8", 1, true },
		{ VC_FRAME_PAYLOAD_MAX, "\x80\x6f", 1, true },
		{ VC_FRAME_DESC_MAX, "v=0\n", 1, false },
		{ VC_FRAME_DESC_MAX + 1, "v=0\n", -EBADMSG, false },
		{ VC_FRAME_PAYLOAD_MAX, "{", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_frame f;

		vc_frame_head(big, rows[i].len);
		memcpy(big + 2, rows[i].head, strlen(rows[i].head));
		assert_int_equal(vc_frame_next(big, rows[i].len + 1, &f), 0);
		assert_int_equal(f.size, rows[i].len + 2);
		assert_int_equal(vc_frame_next(big, sizeof(big), &f),
				 rows[i].result);
		assert_int_equal(f.size, rows[i].len + 2);
		assert_int_equal(f.toobig, rows[i].toobig);
	}
}

static void times_are_read_as_written(void **state)
{
	static const int64_t times[] = { 0, 1, VC_FRAME_TIME_MAX,
					 INT64_C(946684800000000000) };

	(void)state;
	for (size_t i = 0; i < 2 * VC_COUNT(times); i++) {
		enum vc_frame_time kind = i & 1 ? VC_TIME_ARRIVAL :
						  VC_TIME_STREAM;
		uint8_t buf[VC_FRAME_TIME_SIZE];
		enum vc_frame_time got;
		struct vc_frame f;
		int64_t ns = 5;

		vc_frame_time_write(buf, kind, times[i / 2]);
		assert_int_equal(vc_frame_next(buf, sizeof(buf), &f), 1);
		assert_int_equal(f.type, VC_FRAME_TIME);
		assert_int_equal(f.size, sizeof(buf));
		assert_int_equal(
			vc_frame_time_parse(f.payload, f.len, &got, &ns), 0);
		assert_int_equal(got, kind);
		assert_true(ns == times[i / 2]);
	}
}

/* Sums and differences of those would overflow. */
static void absurd_times_are_refused(void **state)
{
	static const int64_t times[] = { -1, INT64_MIN, INT64_MAX,
					 VC_FRAME_TIME_MAX + 1 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(times); i++) {
		uint8_t buf[VC_FRAME_TIME_SIZE];
		struct vc_frame f;

		vc_frame_time_write(buf, VC_TIME_STREAM, times[i]);
		assert_int_equal(vc_frame_next(buf, sizeof(buf), &f), -EBADMSG);
		assert_int_equal(f.size, sizeof(buf));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_told_apart),
		cmocka_unit_test(the_first_octet_decides),
		cmocka_unit_test(large_ones_are_known),
		cmocka_unit_test(times_are_read_as_written),
		cmocka_unit_test(absurd_times_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
