/* SPDX-License-Identifier: MIT */
/* Pages and tags against octets of another writer, and cut at every octet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/ogg.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* The first page that ffmpeg wrote of a stream of Opus. */
static const uint8_t first[] =
	"\x4f\x67\x67\x53\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\xb1\x13"
	"\xae\x28\x00\x00\x00\x00\xe9\xc6\xea\x83\x01\x13\x4f\x70\x75\x73"
	"\x48\x65\x61\x64\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00";

static void pages_are_those_of_others(void **state)
{
	struct vc_ogg_page page;
	struct vc_ogg_at at = { 0 };
	uint8_t room[sizeof(first)];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	const uint8_t *p;
	size_t len, size;
	bool is_whole;

	(void)state;
	assert_int_equal(
		vc_ogg_page_parse(&page, first, sizeof(first) - 1, &size), 1);
	assert_int_equal(size, sizeof(first) - 1);
	assert_true(page.is_first);
	assert_false(page.is_last);
	assert_int_equal(page.granule, 0);
	assert_true(vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
	assert_true(is_whole);
	assert_memory_equal(p, "OpusHead", 8);
	assert_int_equal(len, 19);
	assert_false(vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
	vc_ogg_page_write(&w, &page);
	assert_int_equal(vc_wr_len(&w), size);
	assert_memory_equal(room, first, size);
}

/* Every octet that differs, and every one that is missing, is noticed. */
static void what_is_damaged_is_refused(void **state)
{
	struct vc_ogg_page page;
	uint8_t copy[sizeof(first)];
	size_t size;

	(void)state;
	for (size_t n = 0; n < sizeof(first) - 1; n++) {
		assert_int_equal(vc_ogg_page_parse(&page, first, n, &size), 0);
		assert_true(size > n);
	}
	for (size_t n = 0; n < sizeof(first) - 1; n++) {
		memcpy(copy, first, sizeof(copy));
		copy[n] ^= 0x10;
		assert_int_not_equal(vc_ogg_page_parse(&page, copy,
						       sizeof(first) - 1,
						       &size),
				     1);
	}
}

static void packets_end_where_segments_say(void **state)
{
	static const struct {
		size_t len;
		unsigned int n;
	} rows[] = { { 0, 1 },	 { 1, 1 },   { 254, 1 },    { 255, 2 },
		     { 256, 2 }, { 510, 3 }, { 64770, 255 } };
	static uint8_t body[VC_OGG_BODY_MAX], room[VC_OGG_PAGE_MAX];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t segments[VC_OGG_SEGMENTS];
		struct vc_ogg_page page = {
			.granule = -1,
			.number = 7,
			.is_last = true,
			.is_continued = true,
			.n = vc_ogg_segments(rows[i].len),
			.segments = segments,
			.body = body,
			.len = rows[i].len,
		};
		struct vc_wr w = vc_wr_over(room, sizeof(room));
		struct vc_ogg_at at = { 0 };
		const uint8_t *p;
		size_t len, size;
		bool is_whole;

		assert_int_equal(page.n, rows[i].n);
		vc_ogg_lace(segments, rows[i].len);
		vc_ogg_page_write(&w, &page);
		assert_false(w.bad);
		assert_int_equal(vc_ogg_page_parse(&page, room, vc_wr_len(&w),
						   &size),
				 1);
		assert_true(page.is_last && page.is_continued);
		assert_int_equal(page.granule, VC_OGG_NO_GRANULE);
		assert_true(
			vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
		assert_int_equal(len, rows[i].len);
		assert_true(is_whole);
		assert_false(
			vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
	}
}

static void a_packet_may_go_on(void **state)
{
	static const uint8_t segments[] = { 255, 3, 255 };
	static const uint8_t body[513];
	const struct vc_ogg_page page = { .n = 3,
					  .segments = segments,
					  .body = body,
					  .len = 513 };
	struct vc_ogg_at at = { 0 };
	const uint8_t *p;
	size_t len;
	bool is_whole;

	(void)state;
	assert_true(vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
	assert_true(is_whole && len == 258);
	assert_true(vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
	assert_true(!is_whole && len == 255 && p == body + 258);
	assert_false(vc_ogg_packet_next(&page, &at, &p, &len, &is_whole));
}

static void tags_are_read(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		const char *title; /* NULL: there are none */
	} rows[] = {
		{ BYTES("OpusTags\2\0\0\0vc\1\0\0\0\x09\0\0\0TITLE=Ann"),
		  "Ann" },
		{ BYTES("OpusTags\2\0\0\0vc\2\0\0\0\3\0\0\0a=b\7\0\0\0title=x"
			"\0\0\0"),
		  "x" },
		{ BYTES("OpusTags\2\0\0\0vc\2\0\0\0\7\0\0\0TITLE=x"
			"\xff\0\0\0a"),
		  "x" },
		{ BYTES("OpusTags\0\0\0\0\0\0\0\0"), "" },
		{ BYTES("OpusTags\0\0\0\0\1\0\0\0\6\0\0\0TITLE="), "" },
		{ BYTES("OpusTags\xff\xff\xff\xff\0\0\0\0"), "" },
		{ BYTES("OpusTags\0\0\0\0\xff\xff\xff\xff"), "" },
		{ BYTES("OpusTags\0\0\0\0\1\0\0\0\7\0\0\0TITLE="), "" },
		{ BYTES("OpusTags\0\0\0"), "" },
		{ BYTES("OpusHead"), NULL },
		{ BYTES(""), NULL },
	};
	uint8_t room[64];
	struct vc_str title;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err = vc_ogg_tags_parse(&title, rows[i].p, rows[i].len);

		assert_int_equal(err, rows[i].title ? 0 : -EBADMSG);
		if (!err)
			assert_true(vc_str_is(title, rows[i].title));
	}
	for (size_t i = 0; i < 2; i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		vc_ogg_tags_write(&w, "vc", i ? "Zo\xc3\xab" : "", 64);
		assert_int_equal(vc_wr_len(&w), 64);
		assert_int_equal(vc_ogg_tags_parse(&title, room, 64), 0);
		assert_true(vc_str_is(title, i ? "Zo\xc3\xab" : ""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_those_of_others),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(packets_end_where_segments_say),
		cmocka_unit_test(a_packet_may_go_on),
		cmocka_unit_test(tags_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
