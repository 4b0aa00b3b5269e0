/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/opus.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* TOC octets: config << 3 | stereo << 2 | code. */
#define SILK_10 "\x00"
#define SILK_60_X2 "\x19"
#define SILK_60_ANY "\x1b"
#define CELT_2_5 "\xe0"
#define CELT_20 "\xf8"
#define CELT_20_X2 "\xf9"
#define CELT_20_TWO "\xfa"
#define CELT_20_ANY "\xfb"
#define CELT_2_5_ANY "\xe3"
#define CELT_20_STEREO "\xfc"

/* hostile.md P3. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int samples; /* -1: refused */
	unsigned int n_frames;
} packets[] = {
	{ "R1: empty", BYTES(""), -1, 0 },
	{ "TOC alone", BYTES(CELT_20), 960, 1 },
	{ "one frame", BYTES(CELT_20 "abc"), 960, 1 },
	{ "2.5 ms", BYTES(CELT_2_5 "a"), 120, 1 },
	{ "5 ms",
	  BYTES("\xe8"
		"a"),
	  240, 1 },
	{ "SILK 10 ms", BYTES(SILK_10 "a"), 480, 1 },
	{ "SILK 60 ms",
	  BYTES("\x18"
		"a"),
	  2880, 1 },
	{ "hybrid 20 ms",
	  BYTES("\x68"
		"a"),
	  960, 1 },
	{ "stereo", BYTES(CELT_20_STEREO "a"), 960, 1 },
	{ "two equal", BYTES(CELT_20_X2 "aabb"), 1920, 2 },
	{ "two empty", BYTES(CELT_20_X2), 1920, 2 },
	{ "R3: odd", BYTES(CELT_20_X2 "aab"), -1, 0 },
	{ "120 ms", BYTES(SILK_60_X2 "ab"), 5760, 2 },
	{ "two", BYTES(CELT_20_TWO "\1abb"), 1920, 2 },
	{ "two, first empty", BYTES(CELT_20_TWO "\0"), 1920, 2 },
	{ "two, second empty", BYTES(CELT_20_TWO "\1a"), 1920, 2 },
	{ "R4: no length", BYTES(CELT_20_TWO), -1, 0 },
	{ "R4: length over", BYTES(CELT_20_TWO "\2a"), -1, 0 },
	{ "R4: half a length", BYTES(CELT_20_TWO "\xfc"), -1, 0 },
	{ "R6: no count", BYTES(CELT_20_ANY), -1, 0 },
	{ "R5: count 0", BYTES(CELT_20_ANY "\0abc"), -1, 0 },
	{ "R5: count 63", BYTES(CELT_20_ANY "\x3f"), -1, 0 },
	{ "R5: 140 ms", BYTES(CELT_20_ANY "\7"), -1, 0 },
	{ "R5: 120 ms",
	  BYTES(CELT_20_ANY "\6"
			    "abcdef"),
	  5760, 6 },
	{ "R5: 49 of 2.5 ms", BYTES(CELT_2_5_ANY "\x31"), -1, 0 },
	{ "48 of 2.5 ms", BYTES(CELT_2_5_ANY "\x30"), 5760, 48 },
	{ "R5: 180 ms of SILK",
	  BYTES(SILK_60_ANY "\3"
			    "abc"),
	  -1, 0 },
	{ "R6: not equal",
	  BYTES(CELT_20_ANY "\2"
			    "abc"),
	  -1, 0 },
	{ "R6: padding",
	  BYTES(CELT_20_ANY "\x42\1"
			    "ab\0"),
	  1920, 2 },
	{ "R6: padding over",
	  BYTES(CELT_20_ANY "\x41\5"
			    "ab\0"),
	  -1, 0 },
	{ "R6: all padding",
	  BYTES(CELT_20_ANY "\x41\3"
			    "\0\0\0"),
	  960, 1 },
	{ "R6: no padding length", BYTES(CELT_20_ANY "\x41"), -1, 0 },
	{ "R6: padding 255 on and on", BYTES(CELT_20_ANY "\x41\xff\xff\xff"),
	  -1, 0 },
	{ "R7: lengths",
	  BYTES(CELT_20_ANY "\x83\1\2"
			    "abbccc"),
	  2880, 3 },
	{ "R7: no octet for the last",
	  BYTES(CELT_20_ANY "\x83\1\2"
			    "abb"),
	  2880, 3 },
	{ "R7: lengths over",
	  BYTES(CELT_20_ANY "\x83\1\2"
			    "ab"),
	  -1, 0 },
	{ "R7: lengths missing", BYTES(CELT_20_ANY "\x83\1"), -1, 0 },
	{ "R7: with padding",
	  BYTES(CELT_20_ANY "\xc2\1\1"
			    "ab\0"),
	  1920, 2 },
	{ "R7: padding over",
	  BYTES(CELT_20_ANY "\xc2\3\1"
			    "ab\0"),
	  -1, 0 },
};

static void packets_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(packets); i++) {
		struct vc_opus o;
		int n = vc_opus_samples(packets[i].p, packets[i].len);

		if (n !=
		    (packets[i].samples < 0 ? -EBADMSG : packets[i].samples))
			fail_msg("%s: %d", packets[i].what, n);
		if (n < 0)
			continue;
		assert_int_equal(
			vc_opus_parse(&o, packets[i].p, packets[i].len), 0);
		assert_int_equal(o.n_frames, packets[i].n_frames);
		assert_int_equal(o.n_frames * o.frame_samples, o.samples);
		assert_int_equal(o.is_dtx, packets[i].len <= 2);
	}
}

/* R2: no frame over 1275 octets. */
static void frames_are_not_over_1275(void **state)
{
	static const struct {
		const char *head;
		size_t head_len, len;
		bool fits;
	} rows[] = {
		{ CELT_20, 1, 1276, true },
		{ CELT_20, 1, 1277, false },
		{ CELT_20_X2, 1, 2551, true },
		{ CELT_20_X2, 1, 2553, false },
		{ CELT_20_TWO "\xff\xff", 3, 3 + 1275 + 1275, true },
		{ CELT_20_TWO "\xff\xff", 3, 3 + 1275 + 1276, false },
		{ CELT_20_ANY "\1", 2, 1277, true },
		{ CELT_20_ANY "\1", 2, 1278, false },
		{ CELT_20_ANY "\x82\1", 3, 4 + 1275, true },
		{ CELT_20_ANY "\x82\1", 3, 4 + 1276, false },
	};
	uint8_t buf[3000] = { 0 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		memcpy(buf, rows[i].head, rows[i].head_len);
		assert_int_equal(vc_opus_samples(buf, rows[i].len) > 0,
				 rows[i].fits);
	}
}

/* RFC 6716, table 2. */
static void configurations_are_known(void **state)
{
	static const unsigned int samples[] = {
		480,  960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920,
		2880, 480, 960,	 480,  960, 120, 240,  480,  960, 120, 240,
		480,  960, 120,	 240,  480, 960, 120,  240,  480, 960,
	};

	(void)state;
	for (unsigned int i = 0; i < 64; i++) {
		uint8_t toc = (uint8_t)(i >> 1 << 3 | (i & 1) << 2);
		enum vc_opus_mode mode = i / 2 < 12 ? VC_OPUS_SILK :
					 i / 2 < 16 ? VC_OPUS_HYBRID :
						      VC_OPUS_CELT;
		struct vc_opus o;

		assert_int_equal(vc_opus_parse(&o, &toc, 1), 0);
		assert_int_equal(o.config, i / 2);
		assert_int_equal(o.samples, samples[i / 2]);
		assert_int_equal(o.channels, 1 + (i & 1));
		assert_int_equal(o.mode, mode);
	}
}

static void voice_is_a_flag_of_silk(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		int voice;
	} rows[] = {
		{ BYTES("\x08\x80z"), 1 },
		{ BYTES("\x08\x7fz"), 0 },
		{ BYTES("\x68\x80z"), 1 },
		{ BYTES("\x08\x80"), -1 }, /* DTX */
		{ BYTES(CELT_20 "\x80z"), -1 },
		{ BYTES("\x09\x80z"), 1 },
		{ BYTES("\x0a\1\x7f\x80"), 0 },
		{ BYTES("\x0b\x42\1\x80z\0"), 1 },
		{ BYTES("\x0b\x82\1\x80\0"), 1 },
		{ BYTES("\x0b\xc2\1\1\x00\x80\0"), 0 },
		{ BYTES("\x0b\x42\3\0\0\0"), -1 }, /* frames are empty */
		{ BYTES(""), -1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_opus_voice(rows[i].p, rows[i].len),
				 rows[i].voice);
}

/* Bits after the VAD flags, one of those for each 20 ms. */
static void copies_are_known(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		unsigned int samples;
	} rows[] = {
		{ BYTES("\x08\x40z"), 960 }, /* 20 ms */
		{ BYTES("\x08\xbfz"), 0 },
		{ BYTES("\x00\x40z"), 480 },  /* 10 ms */
		{ BYTES("\x10\x20z"), 1920 }, /* 40 ms */
		{ BYTES("\x10\xdfz"), 0 },
		{ BYTES("\x18\x10z"), 2880 }, /* 60 ms */
		{ BYTES("\x18\xefz"), 0 },
		{ BYTES("\x68\x40z"), 960 }, /* hybrid */
		{ BYTES("\x0c\x10z"), 960 }, /* stereo: the side's */
		{ BYTES("\x0c\x40z"), 960 }, /* the middle's */
		{ BYTES("\x0c\xafz"), 0 },
		{ BYTES("\x1c\x01z"), 2880 },
		{ BYTES("\x1c\xeez"), 0 },
		{ BYTES("\x09\x40z"), 960 }, /* two frames: of the first */
		{ BYTES("\x08\x40"), 0 },    /* DTX */
		{ BYTES(CELT_20 "\xffz"), 0 },
		{ BYTES(""), 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_opus_fec(rows[i].p, rows[i].len),
				 rows[i].samples);
}

/* Silence in the mode of any packet fills any gap to less than 2.5 ms. */
static void silence_fills_gaps(void **state)
{
	static const int64_t gaps[] = { 0,    119,  120,   240,	  480,
					960,  5760, 5761,  12345, 480000,
					4801, 2879, 48000, 100000 };
	uint8_t p[2];

	(void)state;
	for (unsigned int config = 0; config < 32; config++)
		for (size_t i = 0; i < VC_COUNT(gaps); i++) {
			uint8_t toc = (uint8_t)(config << 3 | (i & 1) << 2 | 1);
			int64_t left = gaps[i], n;
			size_t len;

			while ((len = vc_opus_silence(toc, left, p, &n))) {
				assert_int_equal(vc_opus_samples(p, len), n);
				assert_int_equal(p[0] & 4, toc & 4);
				assert_true(n <= left);
				left -= n;
			}
			assert_in_range(left, 0, 119);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_checked),
		cmocka_unit_test(frames_are_not_over_1275),
		cmocka_unit_test(configurations_are_known),
		cmocka_unit_test(voice_is_a_flag_of_silk),
		cmocka_unit_test(copies_are_known),
		cmocka_unit_test(silence_fills_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
