/* SPDX-License-Identifier: MIT */
/* How many samples come of an Ogg file, whatever its pages are like. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/oggsound.h"
#include "wire/ogg.h"
#include "wire/opus.h"

#define SKIP 312
#define FRAME 960 /* samples of each packet here, which are silent */

enum { CONTINUED = 1, FIRST = 2, LAST = 4 };

static uint8_t file[1 << 17];
static struct vc_wr w;
static uint32_t number;

static void page(int flags, int64_t granule, uint32_t serial,
		 const uint8_t *segments, unsigned int n, const uint8_t *body)
{
	struct vc_ogg_page p = { .is_continued = flags & CONTINUED,
				 .is_first = flags & FIRST,
				 .is_last = flags & LAST,
				 .granule = granule,
				 .serial = serial,
				 .number = number++,
				 .n = n,
				 .segments = segments,
				 .body = body };

	for (unsigned int i = 0; i < n; i++)
		p.len += segments[i];
	vc_ogg_page_write(&w, &p);
}

/* OpusHead and, in two pages, OpusTags. */
static void head(uint32_t serial, int16_t gain)
{
	uint8_t p[VC_OPUS_HEAD_LEN];
	struct vc_wr h = vc_wr_over(p, sizeof(p));
	static const uint8_t tags[1000] = "OpusTags";

	vc_opus_head_write(&h, 1, SKIP);
	p[16] = (uint8_t)gain;
	p[17] = (uint8_t)(gain >> 8);
	page(FIRST, 0, serial, (const uint8_t[]){ sizeof(p) }, 1, p);
	page(0, VC_OGG_NO_GRANULE, serial, (const uint8_t[]){ 255, 255 }, 2,
	     tags);
	page(CONTINUED, 0, serial, (const uint8_t[]){ 255, 0 }, 2, tags + 510);
}

/* 'n' packets. */
static void sound(int flags, int64_t granule, uint32_t serial, unsigned int n)
{
	uint8_t segments[VC_OGG_SEGMENTS], body[VC_OGG_SEGMENTS];

	memset(segments, 1, n);
	memset(body, 0xf8, n); /* a frame of 20 ms of which nothing is told */
	page(flags, granule, serial, segments, n, body);
}

static void begin(void)
{
	w = vc_wr_over(file, sizeof(file));
	number = 0;
}

/* All samples; '*err' is that of the octet after them, or 0. */
static size_t samples(size_t piece, int *err)
{
	struct vc_oggsound *o = vc_oggsound_new();
	size_t all = 0, at = 0, len = vc_wr_len(&w), got, n;
	int16_t pcm[2 * 500];

	assert_non_null(o);
	assert_true(vc_oggsound_knows(file, len));
	for (*err = 0; at < len && !*err; at += n) {
		n = len - at < piece ? len - at : piece;
		*err = vc_oggsound_put(o, file + at, n);
		while ((got = vc_oggsound_take(o, pcm, 500)))
			all += got;
	}
	assert_true(vc_oggsound_has_begun(o));
	vc_oggsound_free(o);
	return all;
}

static void expect(size_t want)
{
	static const size_t pieces[] = { 1, 7, 1000, VC_OGGSOUND_PIECE };
	int err;

	for (size_t i = 0; i < VC_COUNT(pieces); i++) {
		assert_int_equal(samples(pieces[i], &err), want);
		assert_int_equal(err, 0);
	}
}

/* What the encoder put before, and behind the end that the last page tells. */
static void what_does_not_count_is_left_out(void **state)
{
	(void)state;
	begin();
	head(1, 0);
	sound(0, 5 * FRAME, 1, 5);
	sound(LAST, SKIP + 7000, 1, 5);
	expect(7000);
	begin(); /* all in one page */
	head(1, 0);
	sound(LAST, SKIP + 100, 1, 3);
	expect(100);
	begin(); /* no end */
	head(1, 0);
	sound(0, 5 * FRAME, 1, 5);
	expect(5 * FRAME - SKIP);
	begin(); /* cut out of a longer one */
	head(1, 0);
	sound(0, 1000000 + 5 * FRAME, 1, 5);
	sound(LAST, 1000000 + SKIP + 7000, 1, 5);
	expect(7000);
	begin(); /* an end before all */
	head(1, 0);
	sound(0, 1000000, 1, 5);
	sound(LAST, 5, 1, 5);
	expect(5 * FRAME - SKIP);
}

static void other_streams_are_left_out(void **state)
{
	(void)state;
	begin();
	page(FIRST, 0, 9, (const uint8_t[]){ 7 }, 1,
	     (const uint8_t *)"\x80theora");
	head(1, 0);
	head(2, 0);
	page(0, 0, 9, (const uint8_t[]){ 7 }, 1, (const uint8_t *)"picture");
	sound(0, 5 * FRAME, 1, 5);
	sound(LAST, 50 * FRAME, 2, 50);
	sound(LAST, SKIP + 9 * FRAME, 1, 10);
	expect(9 * FRAME);
}

static void chained_ones_follow(void **state)
{
	(void)state;
	begin();
	for (uint32_t i = 1; i <= 3; i++) {
		head(i, -256);
		sound(0, 5 * FRAME, i, 5);
		sound(LAST, SKIP + 7000, i, 5);
	}
	expect(21000);
}

static void packets_go_on_in_the_next_page(void **state)
{
	static const uint8_t body[400] = { 0xf8 };

	(void)state;
	begin();
	head(1, 0);
	sound(0, 2 * FRAME, 1, 2);
	page(0, VC_OGG_NO_GRANULE, 1, (const uint8_t[]){ 255 }, 1, body);
	page(CONTINUED, 3 * FRAME, 1, (const uint8_t[]){ 100 }, 1, body + 255);
	sound(LAST, 4 * FRAME + SKIP, 1, 2);
	expect(4 * FRAME);
	begin(); /* its beginning is missing */
	head(1, 0);
	sound(0, 2 * FRAME, 1, 2);
	page(CONTINUED, 2 * FRAME, 1, (const uint8_t[]){ 100 }, 1, body);
	sound(0, 4 * FRAME, 1, 2);
	expect(4 * FRAME - SKIP);
}

static void what_is_damaged_ends_it(void **state)
{
	size_t len;
	int err;

	(void)state;
	begin();
	head(1, 0);
	sound(0, 5 * FRAME, 1, 5);
	len = vc_wr_len(&w);
	sound(0, 10 * FRAME, 1, 5);
	sound(LAST, 7000, 1, 5);
	file[len + 30] ^= 1;
	assert_int_equal(samples(10, &err), 5 * FRAME - SKIP);
	assert_int_equal(err, -EBADMSG);
}

/* 120 ms in a packet, made louder: that is more than a tick has. */
static void long_packets_are_made_louder(void **state)
{
	static const uint8_t packet[] = { 0xfb, 6 };

	(void)state;
	begin();
	head(1, 256);
	page(LAST, 6 * FRAME, 1, (const uint8_t[]){ 2 }, 1, packet);
	expect(6 * FRAME - SKIP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_packets_are_made_louder),
		cmocka_unit_test(what_does_not_count_is_left_out),
		cmocka_unit_test(other_streams_are_left_out),
		cmocka_unit_test(chained_ones_follow),
		cmocka_unit_test(packets_go_on_in_the_next_page),
		cmocka_unit_test(what_is_damaged_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
