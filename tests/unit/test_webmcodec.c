/* SPDX-License-Identifier: MIT */
/*
 * What Matroska says of a codec, octet by octet, and what H.264's units become.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/webmcodec.h"
#include "wire/av1.h"
#include "wire/avcc.h"
#include "wire/opus.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* 320x240, baseline; and a PPS for it. */
#define SPS "\x67\x42\xc0\x0d\x8c\x8d\x40\xa0\xfd\x00\xf0\x88\x45\x38"
#define PPS "\x68\xce\x3c\x80"
/* High, 4:2:0, 8 bits, 1280x720. */
#define HIGH                                                               \
	"\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x10\x00\x00\x03\x00" \
	"\x10\x00\x00\x03\x03\xc0\xf1\x83\x19\x60"
#define CODE "\0\0\0\1"
#define IDR CODE "\x65\x88\x84"
/* 640x360, main, level 2.1. */
#define SEQUENCE "\x0a\x0a\x00\x00\x00\x0c\xc4\xff\x67\x14\x68\x02"

static const struct {
	const char *codec;
	uint32_t rate_hz;
	unsigned int channels; /* 0: pictures */
	const uint8_t *first;
	size_t first_len;
	bool is_webm;
	const char *id; /* NULL: refused */
	const uint8_t *priv;
	size_t priv_len;
} rows[] = {
	{ "opus", 48000, 2, NULL, 0, true, "A_OPUS",
	  BYTES("OpusHead\1\2\x38\1\x80\xbb\0\0\0\0\0") },
	{ "PCMU", 8000, 1, NULL, 0, false, "A_MS/ACM",
	  BYTES("\7\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0\0\0") },
	{ "PCMA", 16000, 2, NULL, 0, false, "A_MS/ACM",
	  BYTES("\6\0\2\0\x80\x3e\0\0\0\x7d\0\0\2\0\x08\0\0\0") },
	{ "G722", 8000, 1, NULL, 0, false, "A_MS/ACM",
	  BYTES("\x8f\2\1\0\x80\x3e\0\0\x40\x1f\0\0\1\0\4\0\0\0") },
	{ "L16", 44100, 2, NULL, 0, false, "A_PCM/INT/BIG", NULL, 0 },
	{ "L16", 44100, 2, NULL, 0, true, NULL, NULL, 0 },
	{ "PCMU", 8000, 1, NULL, 0, true, NULL, NULL, 0 },
	{ "VP8", 90000, 0, NULL, 0, true, "V_VP8", NULL, 0 },
	{ "VP9", 90000, 0, NULL, 0, true, "V_VP9", NULL, 0 },
	{ "AV1", 90000, 0, BYTES(SEQUENCE "\x32\1\0"), true, "V_AV1",
	  BYTES("\x81\1\x0c\0" SEQUENCE) },
	{ "AV1", 90000, 0, BYTES("\x32\1\0"), false, NULL, NULL, 0 },
	{ "AV1", 90000, 0, BYTES("\x0a\2\0\0"), false, NULL, NULL, 0 },
	{ "AV1", 90000, 0, NULL, 0, false, NULL, NULL, 0 },
	{ "H264", 90000, 0, BYTES(CODE SPS CODE PPS IDR), false,
	  "V_MPEG4/ISO/AVC",
	  BYTES("\1\x42\xc0\x0d\xff\xe1\0\x0e" SPS "\1\0\4" PPS) },
	{ "H264", 90000, 0, BYTES(CODE HIGH CODE PPS IDR), false,
	  "V_MPEG4/ISO/AVC",
	  BYTES("\1\x64\0\x1f\xff\xe1\0\x1a" HIGH "\1\0\4" PPS
		"\xfd\xf8\xf8\0") },
	{ "H264", 90000, 0, BYTES(CODE SPS CODE PPS IDR), true, NULL, NULL, 0 },
	{ "H264", 90000, 0, BYTES(CODE SPS IDR), false, NULL, NULL, 0 },
	{ "H264", 90000, 0, BYTES(CODE PPS IDR), false, NULL, NULL, 0 },
	{ "H264", 90000, 0, BYTES(CODE "\x67\x42" CODE PPS), false, NULL, NULL,
	  0 },
	{ "H264", 90000, 0, NULL, 0, false, NULL, NULL, 0 },
	{ "telephone-event", 8000, 1, NULL, 0, false, NULL, NULL, 0 },
	{ "none", 8000, 1, NULL, 0, false, NULL, NULL, 0 },
};

static void codecs_say_what_players_need(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_track_info info = {
			.kind = rows[i].channels ? VC_TRACK_AUDIO :
						   VC_TRACK_VIDEO,
			.codec = rows[i].codec,
			.rate_hz = rows[i].rate_hz,
			.channels = rows[i].channels,
			.delay = 6500000,
			.first = rows[i].first,
			.first_len = rows[i].first_len,
		};
		struct vc_webm_track t = { .number = 1 };
		int err = vc_webmcodec_set(&t, &info, rows[i].is_webm);

		if (!rows[i].id) {
			assert_int_equal(err, -ENOTSUP);
			assert_null(t.priv);
			continue;
		}
		assert_int_equal(err, 0);
		assert_string_equal(t.codec, rows[i].id);
		assert_int_equal(t.priv_len, rows[i].priv_len);
		if (t.priv)
			assert_memory_equal(t.priv, rows[i].priv, t.priv_len);
		assert_int_equal(vc_webmcodec_has_lengths(&t),
				 !strcmp(rows[i].codec, "H264"));
		free(t.priv);
	}
}

static void a_record_that_is_written_is_read(void **state)
{
	uint8_t room[64];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	struct vc_avcc a;
	const uint8_t *nal;
	size_t len;

	(void)state;
	assert_int_equal(vc_avcc_write(&w, BYTES(CODE SPS CODE PPS IDR)), 0);
	assert_int_equal(vc_avcc_parse(&a, room, vc_wr_len(&w)), 0);
	assert_int_equal(a.size_len, VC_AVCC_SIZE_LEN);
	assert_true(vc_avcc_set_next(&a, &nal, &len));
	assert_int_equal(len, sizeof(SPS) - 1);
	assert_memory_equal(nal, SPS, len);
	assert_true(vc_avcc_set_next(&a, &nal, &len));
	assert_memory_equal(nal, PPS, len);
	assert_false(vc_avcc_set_next(&a, &nal, &len));
	for (size_t cap = 0; cap < vc_wr_len(&w); cap++) {
		struct vc_wr small = vc_wr_over(room, cap);

		assert_int_equal(vc_avcc_write(&small,
					       BYTES(CODE SPS CODE PPS)),
				 -EBADMSG);
	}
}

/* Sequence headers, from an encoder's, with what differs at the end. */
static void colours_of_av1_are_told(void **state)
{
	static const struct {
		uint8_t profile, level;
		const char *colors; /* bits, from high_bitdepth on */
		struct vc_av1_colors c;
		bool is_bad;
	} cases[] = {
		{ 0, 5, "000000", { .half_x = true, .half_y = true }, false },
		{ 0,
		  5,
		  "000001",
		  { .half_x = true, .half_y = true, .position = 1 },
		  false },
		{ 0,
		  9,
		  "100000",
		  { .is_high = true, .half_x = true, .half_y = true },
		  false },
		{ 0,
		  5,
		  "010000",
		  { .is_grey = true, .half_x = true, .half_y = true },
		  false },
		{ 1, 5, "0000", { 0 }, false },
		{ 2,
		  5,
		  "1110000",
		  { .is_high = true,
		    .is_twelve_bit = true,
		    .is_grey = true,
		    .half_x = true,
		    .half_y = true },
		  false },
		{ 2,
		  5,
		  "110001000",
		  { .is_high = true, .is_twelve_bit = true, .half_x = true },
		  false },
		{ 2, 5, "0000", { .half_x = true }, false },
		{ 1, 5, "01000000010000110100000000", { 0 }, false },
		{ 0, 5, "0", { 0 }, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cases); i++) {
		/* No timing, one point, 16x16, no tools. */
		static const char size[] = "0011"
					   "0011"
					   "1111"
					   "1111";
		static const char tools[] = "0000"
					    "0000"
					    "0"
					    "11"
					    "000";
		char bits[160];
		uint8_t p[20] = { 0 };
		struct vc_av1_sequence s;
		struct vc_av1_colors c;
		size_t n = 0;

		for (int b = 2; b >= 0; b--)
			bits[n++] = (char)('0' + (cases[i].profile >> b & 1));
		n += (size_t)sprintf(bits + n,
				     "00"
				     "0"
				     "0"
				     "00000"
				     "%012d",
				     0);
		for (int b = 4; b >= 0; b--)
			bits[n++] = (char)('0' + (cases[i].level >> b & 1));
		n += (size_t)sprintf(bits + n, "%s%s0%s%s",
				     cases[i].level > 7 ? "1" : "", size, tools,
				     cases[i].colors);
		for (size_t b = 0; b < n; b++)
			p[b / 8] |= (uint8_t)((bits[b] - '0') << (7 - b % 8));
		assert_int_equal(
			vc_av1_colors_parse(&s, &c, p,
					    (n + 7) / 8 - cases[i].is_bad),
			cases[i].is_bad ? -EBADMSG : 0);
		if (cases[i].is_bad)
			continue;
		assert_int_equal(s.level, cases[i].level);
		assert_int_equal(s.tier, cases[i].level > 7);
		assert_int_equal(s.width, 16);
		assert_memory_equal(&c, &cases[i].c, sizeof(c));
	}
}

static void heads_of_opus_are_read(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		int err;
	} heads[] = {
		{ BYTES("OpusHead\1\1\x38\1\x80\xbb\0\0\0\0\0"), 0 },
		{ BYTES("OpusHead\x0f\2\x38\1\x80\xbb\0\0\x80\xfe\0"), 0 },
		{ BYTES("OpusHead\x10\2\x38\1\x80\xbb\0\0\0\0\0"), -ENOTSUP },
		{ BYTES("OpusHead\1\0\x38\1\x80\xbb\0\0\0\0\0"), -ENOTSUP },
		{ BYTES("OpusHead\1\3\x38\1\x80\xbb\0\0\0\0\0"), -ENOTSUP },
		{ BYTES("OpusHead\1\2\x38\1\x80\xbb\0\0\0\0\1"), -ENOTSUP },
		{ BYTES("OpusHead\1\2\x38\1\x80\xbb\0\0\0\0"), -EBADMSG },
		{ BYTES("OpusTags\1\2\x38\1\x80\xbb\0\0\0\0\0"), -EBADMSG },
		{ BYTES(""), -EBADMSG },
	};
	struct vc_opus_head head;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(heads); i++) {
		assert_int_equal(vc_opus_head_parse(&head, heads[i].p,
						    heads[i].len),
				 heads[i].err);
		if (!heads[i].err) {
			assert_int_equal(head.channels, heads[i].p[9]);
			assert_int_equal(head.pre_skip, 312);
			assert_int_equal(head.gain, i ? -384 : 0);
		}
	}
}

static void heads_of_opus_in_mp4_are_read(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		int err;
	} heads[] = {
		{ BYTES("\0\1\1\x38\0\0\xbb\x80\0\0\0"), 0 },
		{ BYTES("\0\2\1\x38\0\0\xbb\x80\xfe\x80\0more"), 0 },
		{ BYTES("\1\2\1\x38\0\0\xbb\x80\0\0\0"), -ENOTSUP },
		{ BYTES("\0\0\1\x38\0\0\xbb\x80\0\0\0"), -ENOTSUP },
		{ BYTES("\0\6\1\x38\0\0\xbb\x80\0\0\0"), -ENOTSUP },
		{ BYTES("\0\2\1\x38\0\0\xbb\x80\0\0\1"), -ENOTSUP },
		{ BYTES("\0\2\1\x38\0\0\xbb\x80\0\0"), -EBADMSG },
		{ BYTES(""), -EBADMSG },
	};
	struct vc_opus_head head;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(heads); i++) {
		assert_int_equal(vc_opus_dops_parse(&head, heads[i].p,
						    heads[i].len),
				 heads[i].err);
		if (!heads[i].err) {
			assert_int_equal(head.channels, heads[i].p[1]);
			assert_int_equal(head.pre_skip, 312);
			assert_int_equal(head.gain, i ? -384 : 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codecs_say_what_players_need),
		cmocka_unit_test(a_record_that_is_written_is_read),
		cmocka_unit_test(colours_of_av1_are_told),
		cmocka_unit_test(heads_of_opus_are_read),
		cmocka_unit_test(heads_of_opus_in_mp4_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
