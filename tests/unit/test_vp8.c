/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/vp8.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* hostile.md P1. 'payload' -1: refused. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int payload, picture_id, tl0picidx, tid, keyidx;
} descs[] = {
	{ "empty", BYTES(""), -1, 0, 0, 0, 0 },
	{ "descriptor alone", BYTES("\x10"), 0, -1, -1, -1, -1 },
	{ "smallest", BYTES("\x10z"), 1, -1, -1, -1, -1 },
	{ "extension missing", BYTES("\x90"), -1, 0, 0, 0, 0 },
	{ "extension of nothing", BYTES("\x90\0"), 0, -1, -1, -1, -1 },
	{ "picture id missing", BYTES("\x90\x80"), -1, 0, 0, 0, 0 },
	{ "7-bit id", BYTES("\x90\x80\x05"), 0, 5, -1, -1, -1 },
	{ "7-bit id 127", BYTES("\x90\x80\x7f\x01"), 1, 127, -1, -1, -1 },
	{ "15-bit id, cut", BYTES("\x90\x80\x80"), -1, 0, 0, 0, 0 },
	{ "15-bit id 0", BYTES("\x90\x80\x80\0z"), 1, 0, -1, -1, -1 },
	{ "15-bit id 32767", BYTES("\x90\x80\xff\xffz"), 1, 32767, -1, -1, -1 },
	{ "all, 1 octet", BYTES("\x90\xf0"), -1, 0, 0, 0, 0 },
	{ "all, 2 octets", BYTES("\x90\xf0\x80"), -1, 0, 0, 0, 0 },
	{ "all, 3 octets", BYTES("\x90\xf0\x80\1"), -1, 0, 0, 0, 0 },
	{ "all, 4 octets", BYTES("\x90\xf0\x80\1\xff"), -1, 0, 0, 0, 0 },
	{ "all, 5 octets", BYTES("\x90\xf0\x80\1\xff\xdf"), 0, 1, 255, 3, 31 },
	{ "all", BYTES("\x90\xf0\x80\1\xff\xdfz"), 1, 1, 255, 3, 31 },
	{ "T without K", BYTES("\x90\x20\x5fz"), 1, -1, -1, 1, -1 },
	{ "K without T", BYTES("\x90\x10\xdfz"), 1, -1, -1, -1, 31 },
	{ "L alone", BYTES("\x90\x40\0z"), 1, -1, 0, -1, -1 },
	{ "reserved bits", BYTES("\x58z"), 1, -1, -1, -1, -1 },
};

static void descriptors_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(descs); i++) {
		struct vc_vp8_desc d;
		int err = vc_vp8_desc_parse(&d, descs[i].p, descs[i].len);

		if (err != (descs[i].payload < 0 ? -EBADMSG : 0))
			fail_msg("%s: %d", descs[i].what, err);
		if (err)
			continue;
		assert_int_equal(d.payload_len, descs[i].payload);
		assert_ptr_equal(d.payload + d.payload_len,
				 descs[i].p + descs[i].len);
		assert_int_equal(d.picture_id, descs[i].picture_id);
		assert_int_equal(d.tl0picidx, descs[i].tl0picidx);
		assert_int_equal(d.tid, descs[i].tid);
		assert_int_equal(d.keyidx, descs[i].keyidx);
		assert_true(d.start);
		assert_int_equal(d.part, 0);
		assert_int_equal(vc_vp8_desc_is_first(&d),
				 descs[i].payload > 0);
	}
}

/* Y, T and K share an octet; Y counts with T. */
static void layers_are_read(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		int tid, tl0picidx, keyidx;
		bool sync, non_ref;
	} rows[] = {
		{ BYTES("\xb0\xe0\x80\1\7\xa0z"), 2, 7, -1, true, true },
		{ BYTES("\x90\xe0\x80\1\7\x60z"), 1, 7, -1, true, false },
		{ BYTES("\x90\xe0\x80\1\xff\x00z"), 0, 255, -1, false, false },
		{ BYTES("\x90\xe0\x80\1\xff\x1fz"), 0, 255, -1, false, false },
		{ BYTES("\x90\xd0\x80\1\7\xe5z"), -1, 7, 5, false, false },
		{ BYTES("\x90\xf0\x80\1\7\xe5z"), 3, 7, 5, true, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_vp8_desc d;

		/* Whole, and one octet short anywhere. */
		for (size_t n = 0; n < rows[i].len - 1; n++)
			assert_int_equal(vc_vp8_desc_parse(&d, rows[i].p, n),
					 -EBADMSG);
		assert_int_equal(vc_vp8_desc_parse(&d, rows[i].p, rows[i].len),
				 0);
		assert_int_equal(d.tid, rows[i].tid);
		assert_int_equal(d.tl0picidx, rows[i].tl0picidx);
		assert_int_equal(d.keyidx, rows[i].keyidx);
		assert_int_equal(d.layer_sync, rows[i].sync);
		assert_int_equal(d.non_ref, rows[i].non_ref);
	}
}

static void continuations_are_not_first(void **state)
{
	static const char *const rows[] = { "\0z", "\1z", "\x11z", "\x17z" };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_vp8_desc d;

		assert_int_equal(
			vc_vp8_desc_parse(&d, (const uint8_t *)rows[i], 2), 0);
		assert_false(vc_vp8_desc_is_first(&d));
	}
}

static void what_is_written_is_read(void **state)
{
	static const struct vc_vp8_desc rows[] = {
		{ true, 0, false, -1, false, -1, -1, false, -1, NULL, 0 },
		{ false, 7, true, 0, false, -1, -1, false, -1, NULL, 0 },
		{ true, 0, false, 127, false, -1, -1, false, -1, NULL, 0 },
		{ true, 0, false, 127, true, -1, -1, false, -1, NULL, 0 },
		{ true, 0, false, 32767, true, 255, -1, false, -1, NULL, 0 },
		{ true, 0, true, 128, true, 0, 0, true, 0, NULL, 0 },
		{ true, 0, false, -1, false, -1, 3, false, -1, NULL, 0 },
		{ true, 0, false, -1, false, -1, -1, false, 31, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t buf[VC_VP8_DESC_MAX + 1];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_vp8_desc d;

		vc_vp8_desc_write(&w, &rows[i]);
		assert_false(w.bad);
		assert_true(vc_wr_len(&w) <= VC_VP8_DESC_MAX);
		vc_wr_u8(&w, 'z');
		assert_int_equal(vc_vp8_desc_parse(&d, buf, vc_wr_len(&w)), 0);
		assert_int_equal(d.payload_len, 1);
		assert_int_equal(d.start, rows[i].start);
		assert_int_equal(d.part, rows[i].part);
		assert_int_equal(d.non_ref, rows[i].non_ref);
		assert_int_equal(d.picture_id, rows[i].picture_id);
		assert_int_equal(d.long_id, rows[i].long_id);
		assert_int_equal(d.tl0picidx, rows[i].tl0picidx);
		assert_int_equal(d.tid, rows[i].tid);
		assert_int_equal(d.layer_sync, rows[i].layer_sync);
		assert_int_equal(d.keyidx, rows[i].keyidx);
	}
}

#define KEY(sizes) "\x30\1\0\x9d\1\x2a" sizes "123456789" /* 9 octets */

/* hostile.md P2. width 0: refused. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len, frame_len;
	bool key;
	int width, height, scale_x;
	uint32_t first;
} headers[] = {
	{ "empty", BYTES(""), 0, 0, 0, 0, 0, 0 },
	{ "2 octets", BYTES("\x31\1"), 0, 0, 0, 0, 0, 0 },
	{ "inter", BYTES("\x31\1\0"), 0, false, 1, 0, 0, 9 },
	{ "inter, whole", BYTES("\x31\1\0"), 12, false, 1, 0, 0, 9 },
	{ "inter, too short", BYTES("\x31\1\0"), 11, 0, 0, 0, 0, 0 },
	{ "key", BYTES(KEY("\x80\2\x68\1")), 19, true, 640, 360, 0, 9 },
	{ "key, too short", BYTES(KEY("\x80\2\x68\1")), 18, 0, 0, 0, 0, 0 },
	{ "key, header alone", BYTES("\x30\1\0\x9d\1\x2a\x80\2\x68\1"), 0, true,
	  640, 360, 0, 9 },
	{ "key, cut", BYTES("\x30\1\0\x9d\1\x2a\x80\2\x68"), 0, 0, 0, 0, 0, 0 },
	{ "no start code", BYTES("\x30\1\0\x9d\1\x2b\x80\2\x68\1"), 0, 0, 0, 0,
	  0, 0 },
	{ "16383x16383", BYTES(KEY("\xff\x3f\xff\x3f")), 19, true, 16383, 16383,
	  0, 9 },
	{ "0x0", BYTES(KEY("\0\0\0\0")), 19, 0, 0, 0, 0, 0 },
	{ "1x0", BYTES(KEY("\1\0\0\0")), 19, 0, 0, 0, 0, 0 },
	{ "1x1", BYTES(KEY("\1\0\1\0")), 19, true, 1, 1, 0, 9 },
	{ "scaled", BYTES(KEY("\1\xc0\1\x40")), 19, true, 1, 1, 3, 9 },
	{ "scaled 0", BYTES(KEY("\0\xc0\1\x40")), 19, 0, 0, 0, 0, 0 },
	{ "version 4", BYTES("\x39\1\0"), 0, 0, 0, 0, 0, 0 },
	{ "version 3", BYTES("\x37\1\0"), 0, false, 1, 0, 0, 9 },
	{ "no first partition", BYTES("\x11\0\0"), 0, 0, 0, 0, 0, 0 },
	{ "partition of 2^19", BYTES("\xf1\xff\xff"), 0, false, 1, 0, 0,
	  0x7ffff },
	{ "partition of 2^19, in 1 kB", BYTES("\xf1\xff\xff"), 1024, 0, 0, 0, 0,
	  0 },
};

static void frame_headers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(headers); i++) {
		struct vc_vp8_frame f;
		int err = vc_vp8_frame_parse(&f, headers[i].p, headers[i].len,
					     headers[i].frame_len);

		if (err != (headers[i].width ? 0 : -EBADMSG))
			fail_msg("%s: %d", headers[i].what, err);
		if (err)
			continue;
		assert_int_equal(f.key, headers[i].key);
		assert_true(f.show);
		assert_int_equal(f.first_part_size, headers[i].first);
		assert_int_equal(f.width, f.key ? headers[i].width : 0);
		assert_int_equal(f.height, headers[i].height);
		assert_int_equal(f.scale_x, headers[i].scale_x);
	}
}

static void key_frames_are_seen_in_packets(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		bool is_key;
	} rows[] = {
		{ BYTES("\x10" KEY("\x80\2\x68\1")), true },
		{ BYTES("\x90\x80\x80\1" KEY("\x80\2\x68\1")), true },
		{ BYTES("\x00" KEY("\x80\2\x68\1")), false },
		{ BYTES("\x11" KEY("\x80\2\x68\1")), false },
		{ BYTES("\x10\x31\1\0"), false },
		{ BYTES("\x10\x30\1\0\x9d\1\x2a\0\0\0\0"), false },
		{ BYTES("\x10"), false },
		{ BYTES(""), false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_vp8_is_key_start(rows[i].p, rows[i].len),
				 rows[i].is_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_checked),
		cmocka_unit_test(layers_are_read),
		cmocka_unit_test(continuations_are_not_first),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(frame_headers_are_checked),
		cmocka_unit_test(key_frames_are_seen_in_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
