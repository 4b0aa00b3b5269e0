/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/vp9.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* As P1, of VP9. 'payload' -1: refused. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int payload, picture_id, tid, sid, tl0picidx, n_refs, n_spatial;
} descs[] = {
	{ "empty", BYTES(""), -1, 0, 0, 0, 0, 0, 0 },
	{ "descriptor alone", BYTES("\x08"), 0, -1, -1, -1, -1, 0, 0 },
	{ "smallest", BYTES("\x0cz"), 1, -1, -1, -1, -1, 0, 0 },
	{ "7-bit id", BYTES("\x88\x7fz"), 1, 127, -1, -1, -1, 0, 0 },
	{ "7-bit id missing", BYTES("\x88"), -1, 0, 0, 0, 0, 0, 0 },
	{ "15-bit id, cut", BYTES("\x88\x80"), -1, 0, 0, 0, 0, 0, 0 },
	{ "15-bit id 0", BYTES("\x88\x80\0z"), 1, 0, -1, -1, -1, 0, 0 },
	{ "15-bit id 32767", BYTES("\x88\xff\xff"), 0, 32767, -1, -1, -1, 0,
	  0 },
	{ "layers", BYTES("\x28\x55\x07z"), 1, -1, 2, 2, 7, 0, 0 },
	{ "layers, no TL0PICIDX", BYTES("\x28\x55"), -1, 0, 0, 0, 0, 0, 0 },
	{ "layers missing", BYTES("\x28"), -1, 0, 0, 0, 0, 0, 0 },
	{ "flexible, layers", BYTES("\xb8\x05\xffz"), 1, 5, 7, 7, -1, 0, 0 },
	{ "flexible without id", BYTES("\x18z"), -1, 0, 0, 0, 0, 0, 0 },
	{ "one reference", BYTES("\xd8\x05\x02z"), 1, 5, -1, -1, -1, 1, 0 },
	{ "three references", BYTES("\xd8\x05\x03\x05\x06z"), 1, 5, -1, -1, -1,
	  3, 0 },
	{ "four references", BYTES("\xd8\x05\x03\x05\x07\x06z"), -1, 0, 0, 0, 0,
	  0, 0 },
	{ "a reference to itself", BYTES("\xd8\x05\0z"), -1, 0, 0, 0, 0, 0, 0 },
	{ "reference missing", BYTES("\xd8\x05\x03"), -1, 0, 0, 0, 0, 0, 0 },
	{ "P without F: no references", BYTES("\x48z"), 1, -1, -1, -1, -1, 0,
	  0 },
	{ "structure of nothing", BYTES("\x0a\0z"), 1, -1, -1, -1, -1, 0, 1 },
	{ "structure missing", BYTES("\x0a"), -1, 0, 0, 0, 0, 0, 0 },
	{ "sizes", BYTES("\x0a\x30\1\2\3\4\5\6\7\10z"), 1, -1, -1, -1, -1, 0,
	  2 },
	{ "sizes, cut", BYTES("\x0a\x30\1\2\3\4\5\6\7"), -1, 0, 0, 0, 0, 0, 0 },
	{ "eight sizes, cut", BYTES("\x0a\xf0\1\2\3\4\5\6\7"), -1, 0, 0, 0, 0,
	  0, 0 },
	{ "group of none", BYTES("\x0a\x08\0z"), 1, -1, -1, -1, -1, 0, 1 },
	{ "group", BYTES("\x0a\x08\2\4\1\x2c\1\2\3z"), 1, -1, -1, -1, -1, 0,
	  1 },
	{ "group, cut", BYTES("\x0a\x08\2\4\1\x2c\1\2"), -1, 0, 0, 0, 0, 0, 0 },
	{ "group of 255, cut", BYTES("\x0a\x08\xff\0\0\0"), -1, 0, 0, 0, 0, 0,
	  0 },
};

static void descriptors_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(descs); i++) {
		struct vc_vp9_desc d;
		int err = vc_vp9_desc_parse(&d, descs[i].p, descs[i].len);

		if (err != (descs[i].payload < 0 ? -EBADMSG : 0))
			fail_msg("%s: %d", descs[i].what, err);
		if (err)
			continue;
		assert_int_equal(d.payload_len, descs[i].payload);
		assert_int_equal(d.picture_id, descs[i].picture_id);
		assert_int_equal(d.tid, descs[i].tid);
		assert_int_equal(d.sid, descs[i].sid);
		assert_int_equal(d.tl0picidx, descs[i].tl0picidx);
		assert_int_equal(d.n_refs, descs[i].n_refs);
		assert_int_equal(d.has_ss, descs[i].n_spatial > 0);
		assert_int_equal(d.ss.n_spatial, descs[i].n_spatial);
	}
}

/* The first packet of three spatial and three temporal layers. */
#define L3T3                                                         \
	"\xaa\x80\1\x10\7\x58\0\xa0\0\x5a\1\x40\0\xb4\2\x80\1\x68\4" \
	"\x14\4\x54\1\x34\2\x54\1"

static void a_structure_is_read_whole_or_not(void **state)
{
	static const char text[] = L3T3 "z";
	const uint8_t *p = (const uint8_t *)text;
	struct vc_vp9_desc d;

	(void)state;
	for (size_t n = 0; n < sizeof(L3T3) - 1; n++)
		if (vc_vp9_desc_parse(&d, p, n) != -EBADMSG)
			fail_msg("%zu octets", n);
	assert_int_equal(vc_vp9_desc_parse(&d, p, sizeof(text) - 1), 0);
	assert_int_equal(d.payload_len, 1);
	assert_true(d.start && !d.end && !d.inter && !d.inter_layer);
	assert_true(d.switch_up);
	assert_int_equal(d.tid, 0);
	assert_int_equal(d.sid, 0);
	assert_int_equal(d.tl0picidx, 7);
	assert_int_equal(d.ss.n_spatial, 3);
	assert_int_equal(d.ss.width[0], 160);
	assert_int_equal(d.ss.height[1], 180);
	assert_int_equal(d.ss.width[2], 640);
	assert_int_equal(d.ss.n_pictures, 4);
	assert_int_equal(d.ss.group_len, 8);
}

/* All that can be read is written the same, but for reserved bits. */
static void what_is_read_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(descs); i++) {
		uint8_t buf[64];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_vp9_desc d;

		if (vc_vp9_desc_parse(&d, descs[i].p, descs[i].len))
			continue;
		vc_vp9_desc_write(&w, &d);
		vc_wr_bytes(&w, d.payload, d.payload_len);
		assert_false(w.bad);
		assert_int_equal(vc_wr_len(&w), descs[i].len);
		if (memcmp(buf, descs[i].p, descs[i].len))
			fail_msg("%s", descs[i].what);
	}
}

/* Key frames of 322x182 and what may go wrong in them. width 0: refused. */
#define SYNC "\x49\x83\x42"
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	bool key, existing;
	int profile, width, height;
} headers[] = {
	{ "empty", BYTES(""), 0, 0, -1, 0, 0 },
	{ "of libvpx", BYTES("\x82" SYNC "\x00\x14\x10\x0b\x56\x06"), true,
	  false, 0, 322, 182 },
	{ "cut in its size", BYTES("\x82" SYNC "\x00\x14\x10\x0b"), 0, 0, -1, 0,
	  0 },
	{ "no frame marker", BYTES("\x42" SYNC "\x00\x14\x10\x0b\x56\x06"), 0,
	  0, -1, 0, 0 },
	{ "no sync code", BYTES("\x82\x49\x83\x43\x00\x14\x10\x0b\x56\x06"), 0,
	  0, -1, 0, 0 },
	{ "RGB in profile 0", BYTES("\x82" SYNC "\xe0\x14\x10\x0b\x56\x06"), 0,
	  0, -1, 0, 0 },
	{ "65536 x 65536", BYTES("\x82" SYNC "\x0f\xff\xff\xff\xff\xff"), true,
	  false, 0, 65536, 65536 },
	{ "1 x 1", BYTES("\x82" SYNC "\x00\0\0\0\0\0"), true, false, 0, 1, 1 },
	{ "profile 1, 4:4:4", BYTES("\xa2" SYNC "\x00\x02\x82\x01\x6a\xc0\xc0"),
	  true, false, 1, 322, 182 },
	{ "profile 3, reserved bit", BYTES("\xb8" SYNC "\0\0\0\0\0\0"), 0, 0,
	  -1, 0, 0 },
	{ "inter", BYTES("\x86\x00\x40\x92\x9c"), false, false, 0, 0, 0 },
	{ "inter, cut", BYTES("\x86\x00\x40"), 0, 0, -1, 0, 0 },
	{ "inter with a size of its own",
	  BYTES("\x86\x00\x40\x90\x00\xa0\x80\x5a\x80"), false, false, 0, 322,
	  182 },
	{ "that one, cut", BYTES("\x86\x00\x40\x90\x00\xa0\x80\x5a"), 0, 0, -1,
	  0, 0 },
	{ "a known frame", BYTES("\x88"), false, true, 0, 0, 0 },
	{ "hidden, intra only",
	  BYTES("\x85\xa4\xc1\xa1\x7f\x80\xa0\x80\x5a\x80"), false, false, 0,
	  322, 182 },
};

static void frame_headers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(headers); i++) {
		struct vc_vp9_frame f;
		int err = vc_vp9_frame_parse(&f, headers[i].p, headers[i].len);

		if (err != (headers[i].profile < 0 ? -EBADMSG : 0))
			fail_msg("%s: %d", headers[i].what, err);
		if (err)
			continue;
		if (f.key != headers[i].key ||
		    f.show_existing != headers[i].existing ||
		    f.profile != headers[i].profile ||
		    (int)f.width != headers[i].width ||
		    (int)f.height != headers[i].height)
			fail_msg("%s: %d %d %u x %u", headers[i].what, f.key,
				 f.profile, f.width, f.height);
	}
}

/* Frames of libvpx, in layers: the header, and the same, hidden. */
static void frames_are_hidden(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *p;
		size_t len;
		const uint8_t *hidden;
		size_t n;
	} rows[] = {
		{ "key",
		  BYTES("\x83\x49\x83\x42\x00\x04\xf0\x02\xf8\x09\xf8\x05\xf8\x10\xe0\x90\x70\x60\xb0\x00\x10\x40"
			"\x5f\x5f\xef\xba\xf7"),
		  BYTES("\x81\x49\x83\x42\x00\x04\xf0\x02\xf8\x09\xf8\x05\xf8\x10\xe0\x90\x70\x60\xb0\x00\x10\x40") },
		{ "a layer of a key picture",
		  BYTES("\x87\x02\x02\x00\x01\x3e\x00\xbf\x01\x3f\x00\xbf\x90\x61\xc1\x20\xe0\xc1\x80\x00\x4b\x00"
			"\x7f\xbc\x5b\x74\xbc"),
		  BYTES("\x85\x01\x01\x00\x00\x9f\x00\x5f\x80\x9f\x80\x5f\xc8\x30\xe0\x90\x70\x60\xc0\x00\x25\x80") },
		{ "inter",
		  BYTES("\x87\x08\x00\x60\x00\x9e\x00\x5f\x01\x3f\x00\xbf\xc7\x47\x04\x83\x83\x28\x80\x00\x0e"
			"\x73\xbb\xb0\x03\x5f"),
		  BYTES("\x85\x04\x00\x30\x00\x4f\x00\x2f\x80\x9f\x80\x5f\xe3\xa3\x82\x41\xc1\x94\x40\x00\x07") },
		{ "inter, upper",
		  BYTES("\x87\x10\x26\x80\x01\x3e\x00\xbf\x01\x3f\x00\xbf\xcc\xc7\x04\x83\x83\x31\x00\x00\x14"
			"\x73\xab\x85\xf6\xb1"),
		  BYTES("\x85\x08\x13\x40\x00\x9f\x00\x5f\x80\x9f\x80\x5f\xe6\x63\x82\x41\xc1\x98\x80\x00\x0a") },
	};
	uint8_t head[VC_VP9_HEADER_MAX];
	size_t old;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_wr w = vc_wr_over(head, sizeof(head));
		struct vc_vp9_frame f;

		for (size_t n = 0; n < rows[i].n; n++)
			if (vc_vp9_frame_hide(&w, &old, rows[i].p, n, 0) !=
			    -EBADMSG)
				fail_msg("%s: %zu octets", rows[i].what, n);
		assert_int_equal(vc_vp9_frame_hide(&w, &old, rows[i].p,
						   rows[i].len, 0),
				 0);
		assert_int_equal(old, rows[i].n);
		assert_int_equal(vc_wr_len(&w), rows[i].n);
		assert_memory_equal(head, rows[i].hidden, rows[i].n);
		assert_int_equal(vc_vp9_frame_parse(&f, head, vc_wr_len(&w)),
				 0);
		assert_false(f.show || f.intra_only);
		/* It is hidden already. */
		assert_int_equal(vc_vp9_frame_hide(&w, &old, rows[i].hidden,
						   rows[i].n, 0),
				 -EBADMSG);
		w = vc_wr_over(head, 10);
		assert_int_equal(vc_vp9_frame_hide(&w, &old, rows[i].p,
						   rows[i].len, 0),
				 -ENOSPC);
	}
}

static void superframes_are_checked(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *p;
		size_t len;
		int n;
		uint32_t sizes[2];
	} rows[] = {
		{ "empty", BYTES(""), 0, { 0 } },
		{ "a single frame", BYTES("abc"), 0, { 0 } },
		{ "two", BYTES("aabbb\xc1\2\3\xc1"), 2, { 2, 3 } },
		{ "two, sizes of two octets",
		  BYTES("abb\xc9\1\0\2\0\xc9"),
		  2,
		  { 1, 2 } },
		{ "one", BYTES("aa\xc0\2\xc0"), 1, { 2 } },
		{ "no mark in front", BYTES("aabbb\xc0\2\3\xc1"), 0, { 0 } },
		{ "too short for its index", BYTES("\xdf"), 0, { 0 } },
		{ "sizes beyond", BYTES("aabbb\xc1\2\4\xc1"), -EBADMSG, { 0 } },
		{ "octets left", BYTES("aabbb\xc1\2\2\xc1"), -EBADMSG, { 0 } },
		{ "a frame of nothing",
		  BYTES("aa\xc1\2\0\xc1"),
		  -EBADMSG,
		  { 0 } },
		{ "sizes of four octets",
		  BYTES("aa\xd8\xff\xff\xff\xff\xd8"),
		  -EBADMSG,
		  { 0 } },
	};
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX] = { 0 };
	uint8_t buf[VC_VP9_INDEX_MAX + 6];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int n = vc_vp9_superframe_parse(sizes, rows[i].p, rows[i].len);

		if (n != rows[i].n)
			fail_msg("%s: %d", rows[i].what, n);
		for (int k = 0; k < n; k++)
			assert_int_equal(sizes[k], rows[i].sizes[k]);
	}
	vc_wr_bytes(&w, "aabbbb", 6);
	vc_vp9_superframe_write(&w, (const uint32_t[]){ 2, 4 }, 2);
	assert_int_equal(vc_vp9_superframe_parse(sizes, buf, vc_wr_len(&w)), 2);
	assert_int_equal(sizes[1], 4);
}

static void key_frames_are_seen_in_packets(void **state)
{
#define KEY "\x82" SYNC "\x00\x14\x10\x0b\x56\x06"
	static const struct {
		const uint8_t *p;
		size_t len;
		bool is_key;
	} rows[] = {
		{ BYTES("\x08" KEY), true },
		{ BYTES("\x88\x05" KEY), true },
		{ BYTES("\x28\x00\x01" KEY), true },
		{ BYTES("\x28\x02\x01" KEY), false }, /* an upper layer */
		{ BYTES("\x00" KEY), false },
		{ BYTES("\x08\x86\x00\x40\x92\x9c"), false },
		{ BYTES("\x08\x82"), false },
		{ BYTES("\x08"), false },
		{ BYTES(""), false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_vp9_is_key_start(rows[i].p, rows[i].len),
				 rows[i].is_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_checked),
		cmocka_unit_test(a_structure_is_read_whole_or_not),
		cmocka_unit_test(what_is_read_is_written),
		cmocka_unit_test(frame_headers_are_checked),
		cmocka_unit_test(frames_are_hidden),
		cmocka_unit_test(superframes_are_checked),
		cmocka_unit_test(key_frames_are_seen_in_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
