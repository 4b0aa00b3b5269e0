/* SPDX-License-Identifier: MIT */
/* Reading Ogg: packets that span pages, and tags as strangers have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/ogg.h"
#include "wire/oggread.h"

#define SKIP 312
#define FRAME 960 /* samples */
#define TAGS VC_OGG_TAGS "\2\0\0\0vc\1\0\0\0\x09\0\0\0TITLE=Ann"
#define MOST 16

static uint8_t file[1 << 18], tags[1 << 17];
static struct vc_wr w;
static uint32_t number;

/* 'len' octets; of a packet that goes on in the next page a multiple of 255. */
static void put_page(int64_t granule, bool is_continued, bool goes_on,
		     const uint8_t *p, size_t len)
{
	uint8_t segments[VC_OGG_SEGMENTS + 1];
	const struct vc_ogg_page page = {
		.is_first = !number,
		.is_continued = is_continued,
		.granule = granule,
		.serial = 7,
		.number = number,
		.n = vc_ogg_segments(len) - goes_on,
		.segments = segments,
		.body = p,
		.len = len,
	};

	vc_ogg_lace(segments, len);
	vc_ogg_page_write(&w, &page);
	assert_false(w.bad);
	number++;
}

static int begin_file(void **state)
{
	uint8_t head[VC_OPUS_HEAD_LEN];
	struct vc_wr h = vc_wr_over(head, sizeof(head));

	(void)state;
	w = vc_wr_over(file, sizeof(file));
	number = 0;
	vc_opus_head_write(&h, 1, SKIP);
	put_page(0, false, false, head, sizeof(head));
	return 0;
}

/* 20 ms. */
static void put_sound(int64_t granule)
{
	static const uint8_t frame[] = "\xf8zz";

	put_page(granule, false, false, frame, 3);
}

struct seen {
	unsigned int tracks, bad, n;
	char name[16];
	int64_t times[MOST];
};

static struct seen read_all(void)
{
	static struct vc_oggread r;
	struct vc_webmread_item item;
	struct seen seen = { 0 };

	memset(&r, 0, sizeof(r));
	for (size_t at = 0; at < vc_wr_len(&w); at += item.size) {
		assert_int_equal(vc_oggread_next(&r, file + at,
						 vc_wr_len(&w) - at, &item),
				 1);
		seen.bad += item.kind == VC_WEBMREAD_BAD;
		if (item.kind == VC_WEBMREAD_TRACK) {
			seen.tracks++;
			vc_str_copy(seen.name, sizeof(seen.name),
				    item.track.name);
		}
		if (item.kind == VC_WEBMREAD_BLOCK) {
			assert_int_equal(seen.tracks, 1);
			assert_in_range(seen.n, 0, MOST - 1);
			seen.times[seen.n] = item.block.time;
			seen.n++;
		}
	}
	return seen;
}

/* Three equal frames: how long they are is known once all is there. */
static void packets_of_frames_over_pages(void **state)
{
	uint8_t packet[3 * 255 + 20] = "\xfb\x03";
	struct seen seen;

	(void)state;
	put_page(0, false, false, (const uint8_t *)TAGS, sizeof(TAGS) - 1);
	put_sound(FRAME);
	put_page(VC_OGG_NO_GRANULE, false, true, packet, 510);
	put_page(VC_OGG_NO_GRANULE, true, true, packet + 510, 255);
	put_page(4 * FRAME, true, false, packet + 765, 20);
	put_sound(5 * FRAME);
	seen = read_all();
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.times[0], 0);
	assert_int_equal(seen.times[1], 20 * VC_MS);
	assert_int_equal(seen.times[2], 80 * VC_MS);
}

/* As above, behind a hole: the granule alone says when it is. */
static void packets_over_pages_behind_a_hole(void **state)
{
	uint8_t packet[255 + 21] = "\xfb\x02";
	struct seen seen;

	(void)state;
	put_page(0, false, false, (const uint8_t *)TAGS, sizeof(TAGS) - 1);
	put_sound(FRAME);
	number++;
	put_page(VC_OGG_NO_GRANULE, false, true, packet, 255);
	put_page(12 * FRAME, true, false, packet + 255, 21);
	seen = read_all();
	assert_int_equal(seen.bad, 1);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.times[1], 200 * VC_MS);
}

static void put_rest_and_check(const char *name, unsigned int bad)
{
	struct seen seen;

	put_sound(FRAME);
	put_sound(2 * FRAME);
	seen = read_all();
	assert_int_equal(seen.tracks, 1);
	assert_string_equal(seen.name, name);
	assert_int_equal(seen.bad, bad);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.times[1], 20 * VC_MS);
}

/* With a picture in them, as music has, over three pages. */
static void tags_of_any_size(void **state)
{
	const size_t page = VC_OGG_BODY_MAX;

	(void)state;
	memcpy(tags, TAGS, sizeof(TAGS) - 1);
	put_page(VC_OGG_NO_GRANULE, false, true, tags, page);
	put_page(VC_OGG_NO_GRANULE, true, true, tags, page);
	put_page(0, true, false, tags, 1000);
	put_rest_and_check("Ann", 0);
}

static void tags_whose_lengths_lie(void **state)
{
	static const uint8_t lie[] = VC_OGG_TAGS "\xff\xff\xff\xff";

	(void)state;
	put_page(0, false, false, lie, sizeof(lie) - 1);
	put_rest_and_check("", 0);
}

static void tags_that_are_none(void **state)
{
	(void)state;
	put_page(0, false, false, (const uint8_t *)"OpusTogs", 8);
	put_rest_and_check("", 1);
}

static void tags_whose_page_is_damaged(void **state)
{
	size_t at = vc_wr_len(&w);

	(void)state;
	put_page(0, false, false, (const uint8_t *)TAGS, sizeof(TAGS) - 1);
	file[at + 40] ^= 1;
	put_rest_and_check("", 2); /* that, and the number after it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(packets_of_frames_over_pages,
				       begin_file),
		cmocka_unit_test_setup(packets_over_pages_behind_a_hole,
				       begin_file),
		cmocka_unit_test_setup(tags_of_any_size, begin_file),
		cmocka_unit_test_setup(tags_whose_lengths_lie, begin_file),
		cmocka_unit_test_setup(tags_that_are_none, begin_file),
		cmocka_unit_test_setup(tags_whose_page_is_damaged, begin_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
