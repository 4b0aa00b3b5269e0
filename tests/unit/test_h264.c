/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/h264.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static void payloads_are_checked(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *p;
		size_t len;
		int err;
		bool is_key;
	} rows[] = {
		{ "empty", BYTES(""), -EBADMSG, false },
		{ "a unit", BYTES("\x41\x9a"), 0, false },
		{ "an IDR picture", BYTES("\x65\x88"), 0, true },
		{ "its second slice", BYTES("\x65\x03"), 0, false },
		{ "an IDR picture of nothing", BYTES("\x65"), 0, false },
		{ "SPS", BYTES("\x67\x42"), 0, true },
		{ "forbidden bit", BYTES("\xc1\x9a"), -EBADMSG, false },
		{ "type 0", BYTES("\x60\x9a"), -EBADMSG, false },
		{ "type 30", BYTES("\x7e\x9a"), -EBADMSG, false },
		{ "STAP-B", BYTES("\x79\0\0\0\2\x67\1"), -EBADMSG, false },
		{ "MTAP16", BYTES("\x7a\0\0\0\2\x67\1"), -EBADMSG, false },
		{ "FU-B", BYTES("\x7d\x85\0\0\1"), -EBADMSG, false },
		{ "STAP-A", BYTES("\x78\0\2\x67\x42\0\1\x68"), 0, true },
		{ "STAP-A without SPS", BYTES("\x78\0\2\x06\x42\0\1\x68"), 0,
		  false },
		{ "STAP-A of nothing", BYTES("\x78"), -EBADMSG, false },
		{ "STAP-A, length 0", BYTES("\x78\0\0"), -EBADMSG, false },
		{ "STAP-A, too long", BYTES("\x78\0\3\x67\x42"), -EBADMSG,
		  false },
		{ "STAP-A, half a length", BYTES("\x78\0\1\x67\0"), -EBADMSG,
		  false },
		{ "STAP-A in STAP-A", BYTES("\x78\0\3\x78\0\1"), -EBADMSG,
		  false },
		{ "FU-A in STAP-A", BYTES("\x78\0\3\x7c\x85\1"), -EBADMSG,
		  false },
		{ "FU-A, start", BYTES("\x7c\x85\x88"), 0, true },
		{ "FU-A, middle", BYTES("\x7c\x05\x88"), 0, false },
		{ "FU-A, end", BYTES("\x7c\x45\x88"), 0, false },
		{ "FU-A, both", BYTES("\x7c\xc5\x88"), -EBADMSG, false },
		{ "FU-A alone", BYTES("\x7c"), -EBADMSG, false },
		{ "FU-A of nothing", BYTES("\x7c\x85"), 0, false },
		{ "FU-A of FU-A", BYTES("\x7c\x9c\x85"), -EBADMSG, false },
		{ "FU-A of type 0", BYTES("\x7c\x80\x85"), -EBADMSG, false },
	};
	struct vc_h264_payload h;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (vc_h264_payload_parse(&h, rows[i].p, rows[i].len) !=
		    rows[i].err)
			fail_msg("%s", rows[i].what);
		if (vc_h264_is_key_start(rows[i].p, rows[i].len) !=
		    rows[i].is_key)
			fail_msg("%s: key", rows[i].what);
	}
	assert_int_equal(vc_h264_payload_parse(&h, BYTES("\x7c\x85\x88")), 0);
	assert_int_equal(h.head, 0x65);
	assert_true(h.start && !h.end);
	assert_int_equal(h.len, 1);
}

static void annex_b_is_taken_apart(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		const char *units;
	} rows[] = {
		{ BYTES(""), "" },
		{ BYTES("abc"), "" },
		{ BYTES("\0\0\1"), "" },
		{ BYTES("\0\0\1a"), "a," },
		{ BYTES("\0\0\0\1a\0\0\0\1bc"), "a,bc," },
		{ BYTES("xx\0\0\1a\0\0\1b\0\0"), "a,b," },
		{ BYTES("\0\0\1\0\0\1a"), "a," },
		{ BYTES("\0\0\0\0\0\1a\0\0\0\0\0\1b"), "a,b," },
		{ BYTES("\0\0\1\1\1\0\1a"), "\1\1?\1a," },
		{ BYTES("\0\0\1a\0\0"), "a," },
		{ BYTES("\0\0\1a\0\0\2b"), "a??\2b," },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rd r = vc_rd_over(rows[i].p, rows[i].len);
		const uint8_t *nal;
		size_t len, n = 0;

		while (vc_h264_annexb_next(&r, &nal, &len)) {
			for (size_t k = 0; k < len; k++)
				out[n++] = nal[k] ? (char)nal[k] : '?';
			out[n++] = ',';
		}
		out[n] = 0;
		assert_string_equal(out, rows[i].units);
	}
	assert_true(vc_h264_has_code(BYTES("a\0\0\1")));
	assert_false(vc_h264_has_code(BYTES("a\0\0\3\1\0\1")));
}

/* Sets that x264 and openh264 write, then with a value changed. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int profile, level, width, height, coded_height;
	bool is_interlaced;
} sets[] = {
	{ "baseline, 322x182",
	  BYTES("\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11\x00\x00\x03\x00"
		"\x01\x00\x00\x03\x00\x1e\x0f\x14\x2a\xa0"),
	  66, 12, 322, 182, 192, false },
	{ "high, 1920x1080",
	  BYTES("\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00"
		"\x03\x00\x04\x00\x00\x03\x00\x78\x3c\x60\xc6\x58"),
	  100, 40, 1920, 1080, 1088, false },
	{ "4:2:2 fields with HRD, 720x576",
	  BYTES("\x67\x7a\x00\x1e\xbc\xd9\x40\xb4\x24\xd8\x08\x80\x00\x00\x03"
		"\x00\x80\x00\x00\x19\x30\x10\x00\xf4\x20\x00\x3d\x09\xc9\x86"
		"\x01\xf1\x42\x99\x60"),
	  122, 30, 720, 576, 576, true },
	{ "openh264",
	  BYTES("\x67\x42\xc0\x0d\x8c\x8d\x40\xa8\xcb\x11\x34\x03\xc2\x21\x1a"
		"\x80"),
	  66, 13, 322, 182, 192, false },
	{ "4:4:4",
	  BYTES("\x67\xf4\x00\x0c\x91\x9b\x28\x2a\x33\xc7\xc5\xe0\x22\x00\x00"
		"\x03\x00\x02\x00\x00\x03\x00\x3c\x1e\x28\x53\x2c"),
	  244, 12, 322, 182, 192, false },
	{ "no SPS", BYTES("\x68\x42\xc0\x0d\x8c\x8d\x40\xa8\xcb\x11"), -1, 0, 0,
	  0, 0, false },
	{ "its head only", BYTES("\x67"), -1, 0, 0, 0, 0, false },
	{ "cut before its size", BYTES("\x67\x42\xc0\x0d\x8c"), -1, 0, 0, 0, 0,
	  false },
	{ "cut in the VUI",
	  BYTES("\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11\x00\x00\x03\x00"),
	  -1, 0, 0, 0, 0, false },
	/* id 32: 000001 00001 */
	{ "id over 31", BYTES("\x67\x42\xc0\x0d\x04\x23\x50\x2a\x32\xc4\x80"),
	  -1, 0, 0, 0, 0, false },
	{ "a number without end",
	  BYTES("\x67\x42\xc0\x0d\x80\0\0\3\0\0\3\0\0\3\0\0\3\0\0\3\0\0"), -1,
	  0, 0, 0, 0, false },
};

/* Writes an SPS of which only the size is of interest. */
struct bits {
	uint8_t p[64];
	size_t n;
};

static void put(struct bits *b, unsigned int n, uint32_t v)
{
	while (n--) {
		b->p[b->n / 8] |= (uint8_t)((v >> n & 1) << (7 - b->n % 8));
		b->n++;
	}
}

static void put_ue(struct bits *b, uint32_t v)
{
	unsigned int len = 0;

	while ((v + 1) >> len > 1)
		len++;
	put(b, len, 0);
	put(b, len + 1, v + 1);
}

static int sized(struct vc_h264_sps *sps, uint32_t mbs_x, uint32_t mbs_y,
		 const uint32_t crop[4])
{
	struct bits b = { .p = { 0x67, 66, 0, 30 }, .n = 32 };

	put_ue(&b, 0); /* id */
	put_ue(&b, 0); /* log2_max_frame_num */
	put_ue(&b, 2); /* pic_order_cnt_type */
	put_ue(&b, 1);
	put(&b, 1, 0);
	put_ue(&b, mbs_x - 1);
	put_ue(&b, mbs_y - 1);
	put(&b, 1, 1); /* frames only */
	put(&b, 1, 1);
	put(&b, 1, 1); /* cropped */
	for (int i = 0; i < 4; i++)
		put_ue(&b, crop[i]);
	put(&b, 1, 0); /* no VUI */
	put(&b, 1, 1);
	return vc_h264_sps_parse(sps, b.p, b.n / 8 + 1);
}

static void sizes_are_guarded(void **state)
{
	static const struct {
		uint32_t mbs_x, mbs_y, crop[4];
		int err;
		unsigned int width, height;
	} rows[] = {
		{ 1, 1, { 0, 0, 0, 0 }, 0, 16, 16 },
		{ 40, 23, { 0, 0, 0, 4 }, 0, 640, 360 },
		{ 40, 23, { 1, 1, 1, 1 }, 0, 636, 364 },
		{ 1, 1, { 0, 7, 0, 7 }, 0, 2, 2 },
		{ 1, 1, { 0, 8, 0, 0 }, -EBADMSG, 0, 0 },
		{ 1, 1, { 0, 0, 4, 4 }, -EBADMSG, 0, 0 },
		{ 1, 1, { 16384, 16384, 0, 0 }, -EBADMSG, 0, 0 },
		{ 1, 1, { 0, 16385, 0, 0 }, -EBADMSG, 0, 0 },
		{ 1024, 1024, { 0, 0, 0, 0 }, 0, 16384, 16384 },
		{ 1025, 1, { 0, 0, 0, 0 }, -EBADMSG, 0, 0 },
		{ 1, 1025, { 0, 0, 0, 0 }, -EBADMSG, 0, 0 },
		{ 1, UINT32_MAX - 1, { 0, 0, 0, 0 }, -EBADMSG, 0, 0 },
	};
	struct vc_h264_sps sps;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err =
			sized(&sps, rows[i].mbs_x, rows[i].mbs_y, rows[i].crop);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		if (err)
			continue;
		assert_int_equal(sps.width, rows[i].width);
		assert_int_equal(sps.height, rows[i].height);
		assert_int_equal(sps.coded_width, 16 * rows[i].mbs_x);
	}
}

static void parameter_sets_are_read(void **state)
{
	struct vc_h264_slice slice;
	struct vc_h264_sps sps;
	struct vc_h264_pps pps;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(sets); i++) {
		int err = vc_h264_sps_parse(&sps, sets[i].p, sets[i].len);

		if (err != (sets[i].profile < 0 ? -EBADMSG : 0))
			fail_msg("%s: %d", sets[i].what, err);
		if (err)
			continue;
		/* The others have B pictures, or may. */
		assert_int_equal(sps.is_in_order, sets[i].profile == 66);
		if (sps.profile_idc != sets[i].profile ||
		    sps.level_idc != sets[i].level ||
		    (int)sps.width != sets[i].width ||
		    (int)sps.height != sets[i].height ||
		    (int)sps.coded_height != sets[i].coded_height ||
		    sps.is_interlaced != sets[i].is_interlaced || sps.id)
			fail_msg("%s: %u %u %u x %u", sets[i].what,
				 sps.profile_idc, sps.level_idc, sps.width,
				 sps.height);
	}
	assert_int_equal(vc_h264_pps_parse(&pps, BYTES("\x68\xce\x0f\xc8")), 0);
	assert_int_equal(pps.id, 0);
	assert_int_equal(pps.sps_id, 0);
	/* 1 010: id 0, of SPS 1; 00000000 100000001: id 256 */
	assert_int_equal(vc_h264_pps_parse(&pps, BYTES("\x68\xa8")), 0);
	assert_int_equal(pps.sps_id, 1);
	assert_int_equal(vc_h264_pps_parse(&pps, BYTES("\x68\x00\x80\xff")),
			 -EBADMSG);
	assert_int_equal(vc_h264_pps_parse(&pps, BYTES("\x68")), -EBADMSG);
	assert_int_equal(vc_h264_slice_parse(&slice, BYTES("\x65\x88\x84")), 0);
	assert_true(slice.is_first);
	assert_int_equal(vc_h264_slice_parse(&slice, BYTES("\x65\x03\xf8\x88")),
			 0);
	assert_false(slice.is_first);
	assert_int_equal(slice.pps_id, 0);
	assert_int_equal(vc_h264_slice_parse(&slice, BYTES("\x65\x80")),
			 -EBADMSG);
	assert_int_equal(vc_h264_slice_parse(&slice, BYTES("\x67\x88\x84")),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payloads_are_checked),
		cmocka_unit_test(annex_b_is_taken_apart),
		cmocka_unit_test(sizes_are_guarded),
		cmocka_unit_test(parameter_sets_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
