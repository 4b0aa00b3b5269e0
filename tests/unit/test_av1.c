/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/av1.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static void numbers_are_bounded(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		bool is_bad;
		uint32_t v;
	} rows[] = {
		{ BYTES(""), true, 0 },
		{ BYTES("\x00"), false, 0 },
		{ BYTES("\x7f"), false, 127 },
		{ BYTES("\x80"), true, 0 },
		{ BYTES("\x80\x01"), false, 128 },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x00"), false, 0 },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x00"), true, 0 },
		{ BYTES("\xff\xff\xff\xff\x0f"), false, UINT32_MAX },
		{ BYTES("\xff\xff\xff\xff\x1f"), true, 0 },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\x7f"), true, 0 },
	};
	static const uint32_t values[] = {
		0, 127, 128, 16383, 16384, UINT32_MAX
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rd r = vc_rd_over(rows[i].p, rows[i].len);

		assert_int_equal(vc_av1_leb128_read(&r), rows[i].v);
		assert_int_equal(r.bad, rows[i].is_bad);
	}
	for (size_t i = 0; i < VC_COUNT(values); i++) {
		uint8_t buf[VC_AV1_LEB128_MAX];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_rd r;

		vc_av1_leb128_write(&w, values[i]);
		assert_int_equal(vc_wr_len(&w), vc_av1_leb128_len(values[i]));
		r = vc_rd_over(buf, vc_wr_len(&w));
		assert_int_equal(vc_av1_leb128_read(&r), values[i]);
	}
}

/* Sequence headers of libaom: 322x182 and, made of it, others. */
#define SEQ "\x00\x00\x00\x04\x3d\x06\xd4\xda\xf9\x00\x40"

static void payloads_are_checked(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *p;
		size_t len;
		int n; /* elements; -1: refused */
		bool is_key;
	} rows[] = {
		{ "empty", BYTES(""), -1, false },
		{ "header alone", BYTES("\x10"), -1, false },
		{ "header alone, W 0", BYTES("\x00"), -1, false },
		{ "one", BYTES("\x10\x30z"), 1, false },
		{ "one with its length", BYTES("\x00\2\x30z"), 1, false },
		{ "three", BYTES("\x30\2\x30z\1\x30\x30z"), 3, false },
		{ "five", BYTES("\x00\1\x30\1\x30\1\x30\1\x30\1\x30"), 5,
		  false },
		{ "one of two", BYTES("\x20\2\x30z"), -1, false },
		{ "length beyond the end", BYTES("\x20\4\x30zz"), -1, false },
		{ "length without end", BYTES("\x00\x80"), -1, false },
		{ "empty element", BYTES("\x20\0\x30z"), -1, false },
		{ "N and Z", BYTES("\x98\x30z"), -1, false },
		{ "key", BYTES("\x18\x08" SEQ), 1, true },
		{ "key, N not set", BYTES("\x20\x0c\x08" SEQ "\x30z"), 2,
		  true },
		{ "after a delimiter", BYTES("\x20\1\x10\x08" SEQ), 2, true },
		{ "with its size", BYTES("\x10\x0a\x0b" SEQ), 1, true },
		{ "size too small", BYTES("\x10\x0a\x0a" SEQ), 1, false },
		{ "continued", BYTES("\x90\x08" SEQ), 1, false },
		{ "sequence header cut", BYTES("\x10\x08\0\0\0\4"), 1, false },
		{ "frame first", BYTES("\x20\2\x30z\x08" SEQ), 2, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_av1_payload a;
		int err = vc_av1_payload_parse(&a, rows[i].p, rows[i].len);
		const uint8_t *p;
		size_t len;
		int n = 0;

		if (err != (rows[i].n < 0 ? -EBADMSG : 0))
			fail_msg("%s: %d", rows[i].what, err);
		while (!err && vc_av1_elem_next(&a, &p, &len))
			n++;
		if (!err && n != rows[i].n)
			fail_msg("%s: %d", rows[i].what, n);
		if (vc_av1_is_key_start(rows[i].p, rows[i].len) !=
		    rows[i].is_key)
			fail_msg("%s: key", rows[i].what);
	}
}

static void obus_are_checked(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		int err, type, sid, n;
	} rows[] = {
		{ BYTES(""), -EBADMSG, 0, 0, 0 },
		{ BYTES("\x30"), 0, VC_AV1_FRAME, 0, 0 },
		{ BYTES("\x30xy"), 0, VC_AV1_FRAME, 0, 2 },
		{ BYTES("\xb0xy"), -EBADMSG, 0, 0, 0 }, /* forbidden bit */
		{ BYTES("\x34\x08xy"), 0, VC_AV1_FRAME, 1, 2 },
		{ BYTES("\x34"), -EBADMSG, 0, 0, 0 },
		{ BYTES("\x32\2xy"), 0, VC_AV1_FRAME, 0, 2 },
		{ BYTES("\x32\1xy"), -EBADMSG, 0, 0, 0 },
		{ BYTES("\x32\3xy"), -EBADMSG, 0, 0, 0 },
		{ BYTES("\x36\x18\2xy"), 0, VC_AV1_FRAME, 3, 2 },
		{ BYTES("\x32"), -EBADMSG, 0, 0, 0 },
		{ BYTES("\x0a\x81\0z"), 0, VC_AV1_SEQUENCE, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_av1_obu o, again;
		struct vc_wr w;
		uint8_t buf[VC_AV1_HEAD_MAX + 4];
		int err = vc_av1_obu_parse(&o, rows[i].p, rows[i].len);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		if (err)
			continue;
		assert_int_equal(o.type, rows[i].type);
		assert_int_equal(o.sid, rows[i].sid);
		assert_int_equal(o.len, rows[i].n);
		w = vc_wr_over(buf, sizeof(buf));
		vc_av1_obu_head(&w, &o, i & 1);
		vc_wr_bytes(&w, o.p, o.len);
		assert_int_equal(vc_av1_obu_parse(&again, buf, vc_wr_len(&w)),
				 0);
		assert_int_equal(again.type, o.type);
		assert_int_equal(again.ext, o.ext);
		assert_int_equal(again.len, o.len);
	}
}

static void sequence_headers_are_read(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *p;
		size_t len;
		int width, height; /* 0: refused */
	} rows[] = {
		{ "libaom", BYTES(SEQ), 322, 182 },
		{ "cut", BYTES("\x00\x00\x00\x04\x3d\x06"), 0, 0 },
		{ "empty", BYTES(""), 0, 0 },
		{ "profile 3", BYTES("\x60\x00\x00\x04\x3d\x06\xd4\xda\xf9"), 0,
		  0 },
		{ "reduced, but no still picture",
		  BYTES("\x08\x00\x00\x04\x3d\x06\xd4\xda\xf9"), 0, 0 },
		/* 000 1 1 00000, 4 bits of 15 twice, 16 bits of 1 twice */
		{ "reduced, 65536 x 65536",
		  BYTES("\x18\x3f\xff\xff\xff\xff\xff"), 65536, 65536 },
		{ "32 points, cut", BYTES("\x00\x7c\x00\x00\x00\x00"), 0, 0 },
		{ "uvlc without end",
		  BYTES("\x04\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0"), 0,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_av1_sequence s;
		int err = vc_av1_sequence_parse(&s, rows[i].p, rows[i].len);

		if (err != (rows[i].width ? 0 : -EBADMSG))
			fail_msg("%s: %d", rows[i].what, err);
		if (!err && ((int)s.width != rows[i].width ||
			     (int)s.height != rows[i].height))
			fail_msg("%s: %u x %u", rows[i].what, s.width,
				 s.height);
	}
}

static void key_frames_are_told(void **state)
{
	static const struct {
		bool is_reduced;
		const uint8_t *p;
		size_t len;
		int err;
		bool key, existing;
	} rows[] = {
		{ false, BYTES("\x10"), 0, true, false },
		{ false, BYTES("\x00"), 0, false, false }, /* not shown */
		{ false, BYTES("\x30"), 0, false, false },
		{ false, BYTES("\x90"), 0, false, true },
		{ false, BYTES(""), -EBADMSG, false, false },
		{ true, BYTES(""), 0, true, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_av1_sequence s = { .is_reduced =
							   rows[i].is_reduced };
		struct vc_av1_frame f;
		int err = vc_av1_frame_parse(&f, &s, rows[i].p, rows[i].len);

		assert_int_equal(err, rows[i].err);
		if (err)
			continue;
		assert_int_equal(f.key, rows[i].key);
		assert_int_equal(f.show_existing, rows[i].existing);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_bounded),
		cmocka_unit_test(payloads_are_checked),
		cmocka_unit_test(obus_are_checked),
		cmocka_unit_test(sequence_headers_are_read),
		cmocka_unit_test(key_frames_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
