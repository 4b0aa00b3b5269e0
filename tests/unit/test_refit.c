/* SPDX-License-Identifier: MIT */
/*
 * Frames of containers for RTP: avcC and lengths to Annex B with sets before
 * IDR pictures, OBUs that all say their size, and what is malformed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/refit.h"
#include "wire/avcc.h"
#include "wire/webm.h"
#include "wire/webmread.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* 320x240, baseline; and a PPS for it. */
#define SPS "\x67\x42\xc0\x0d\x8c\x8d\x40\xa0\xfd\x00\xf0\x88\x45\x38"
#define PPS "\x68\xce\x3c\x80"
#define AVCC                       \
	"\x01\x42\xc0\x0d\xff\xe1" \
	"\x00\x0e" SPS "\x01\x00\x04" PPS
#define CODE "\0\0\0\1"
#define IDR "\x65\x88\x84\x00"
#define SLICE "\x41\x9a\x22"

static void records_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
		int err;
		unsigned int size_len;
	} rows[] = {
		{ BYTES(AVCC), 0, 4 },
		{ BYTES(AVCC "\xfd\xf8\xf8\0"), 0, 4 },
		{ BYTES("\1\x42\xc0\x0d\xfc\xe0\0"), 0, 1 },
		{ BYTES("\1\x42\xc0\x0d\xfd\xe0\0"), 0, 2 },
		{ BYTES("\1\x42\xc0\x0d\xfe\xe0\0"), -EBADMSG, 0 },
		{ BYTES("\0\x42\xc0\x0d\xff\xe0\0"), -EBADMSG, 0 },
		{ BYTES("\1\x42\xc0\x0d\xff\xe1\0\0\0"), -EBADMSG, 0 },
		{ BYTES("\1\x42\xc0\x0d\xff\xe1\0\1\x68\0"), -EBADMSG, 0 },
		{ BYTES("\1\x42\xc0\x0d\xff\xe1\xff\xff\x67\0"), -EBADMSG, 0 },
		{ BYTES("\1\x42\xc0\x0d\xff\xe0"), -EBADMSG, 0 },
		{ BYTES("\1\x42\xc0\x0d\xff\xff\0\1\x67\0"), -EBADMSG, 0 },
		{ BYTES(""), -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_avcc a;
		const uint8_t *nal;
		size_t len, n = 0;

		assert_int_equal(vc_avcc_parse(&a, rows[i].p, rows[i].len),
				 rows[i].err);
		if (rows[i].err)
			continue;
		assert_int_equal(a.size_len, rows[i].size_len);
		while (vc_avcc_set_next(&a, &nal, &len))
			n++;
		assert_int_equal(n, i < 2 ? 2 : 0);
	}
	/* Cut at every octet. */
	for (size_t len = 0; len < sizeof(AVCC) - 1; len++) {
		struct vc_avcc a;

		assert_int_equal(vc_avcc_parse(&a, (const uint8_t *)AVCC, len),
				 -EBADMSG);
	}
}

struct row {
	const uint8_t *p;
	size_t len;
	bool is_said;
	int err;
	const uint8_t *out; /* NULL: as it was */
	size_t out_len;
	bool is_key;
};

static void fit_all(enum vc_codec codec, const uint8_t *priv, size_t priv_len,
		    const struct row *rows, size_t n)
{
	int err;
	struct vc_refit *r = vc_refit_new(codec, priv, priv_len, &err);

	assert_non_null(r);
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		struct vc_refit_frame f;
		/* Of its length, so that a sanitizer sees what is beyond. */
		uint8_t *p = malloc(row->len ? row->len : 1);

		assert_non_null(p);
		memcpy(p, row->p, row->len);
		assert_int_equal(vc_refit(r, p, row->len, row->is_said, &f),
				 row->err);
		if (!row->err) {
			const uint8_t *out = row->out ? row->out : row->p;
			size_t len = row->out ? row->out_len : row->len;

			assert_int_equal(f.len, len);
			assert_memory_equal(f.p, out, len);
			assert_int_equal(f.is_key, row->is_key);
		}
		free(p);
	}
	vc_refit_free(r);
}

static void lengths_become_start_codes_and_key_frames_have_sets(void **state)
{
	static const struct row rows[] = {
		{ BYTES("\0\0\0\4" IDR), true, 0,
		  BYTES(CODE SPS CODE PPS CODE IDR), true },
		{ BYTES("\0\0\0\3" SLICE), false, 0, BYTES(CODE SLICE), false },
		/* A delimiter stays first. */
		{ BYTES("\0\0\0\2\x09\x10\0\0\0\4" IDR), true, 0,
		  BYTES(CODE "\x09\x10" CODE SPS CODE PPS CODE IDR), true },
		/* Sets in band are what counts. */
		{ BYTES("\0\0\0\x0e" SPS "\0\0\0\4" PPS "\0\0\0\4" IDR), true,
		  0, BYTES(CODE SPS CODE PPS CODE IDR), true },
		/* Empty units are passed over. */
		{ BYTES("\0\0\0\0\0\0\0\3" SLICE "\0\0\0\0"), false, 0,
		  BYTES(CODE SLICE), false },
		{ BYTES(""), true, -ENODATA, NULL, 0, false },
		{ BYTES("\0\0\0\2\x09\x10"), true, -ENODATA, NULL, 0, false },
		/* It reaches too far, by a little and by much. */
		{ BYTES("\0\0\0\5" IDR), true, -EBADMSG, NULL, 0, false },
		{ BYTES("\xff\xff\xff\xff" IDR), true, -EBADMSG, NULL, 0,
		  false },
		{ BYTES("\0\0\0\4" IDR "\0\0"), true, -EBADMSG, NULL, 0,
		  false },
		/* What would be cut elsewhere later. */
		{ BYTES("\0\0\0\6\x65\x88\0\0\1\x67"), true, -EBADMSG, NULL, 0,
		  false },
		/* No unit has these types. */
		{ BYTES("\0\0\0\2\x78\0"), true, -EBADMSG, NULL, 0, false },
		{ BYTES("\0\0\0\2\xe5\0"), true, -EBADMSG, NULL, 0, false },
	};
	static const struct row annexb[] = {
		{ BYTES(CODE SPS CODE PPS CODE IDR), false, 0, NULL, 0, true },
		{ BYTES(CODE SLICE), false, 0, NULL, 0, false },
		{ BYTES("\xff\xff"), false, -ENODATA, NULL, 0, false },
	};

	(void)state;
	fit_all(VC_CODEC_H264, BYTES(AVCC), rows, VC_COUNT(rows));
	fit_all(VC_CODEC_H264, NULL, 0, annexb, VC_COUNT(annexb));
}

/* A sequence header as aom writes it; a frame OBU of nonsense. */
#define SEQ "\x0a\x0b\0\0\0\x2c\xcf\x7f\x3e\x9f\xf9\x08\x08"
#define AV1C "\x81\x00\x0c\x00" SEQ
#define FRAME "\x32\x03\x10\xaa\xbb"

static void obus_say_their_size_and_key_frames_their_sequence(void **state)
{
	static const struct row rows[] = {
		{ BYTES(FRAME), false, 0, NULL, 0, false },
		{ BYTES(FRAME), true, 0, BYTES(SEQ FRAME), true },
		{ BYTES(SEQ FRAME), true, 0, NULL, 0, true },
		/* The last one goes to the end. */
		{ BYTES("\x30\x10\xaa\xbb"), false, 0, BYTES(FRAME), false },
		{ BYTES("\x12\0\x30\x10\xaa\xbb"), false, 0, BYTES(FRAME),
		  false },
		{ BYTES("\x12\0"), true, -ENODATA, NULL, 0, false },
		{ BYTES("\x32\x04\x10\xaa\xbb"), true, -EBADMSG, NULL, 0,
		  false },
		{ BYTES("\xb2\x03\x10\xaa\xbb"), true, -EBADMSG, NULL, 0,
		  false },
		{ BYTES("\x32\xff\xff\xff\xff\xff"), true, -EBADMSG, NULL, 0,
		  false },
	};

	(void)state;
	fit_all(VC_CODEC_AV1, BYTES(AV1C), rows, VC_COUNT(rows));
}

static void sound_has_its_length(void **state)
{
	static const struct {
		enum vc_codec codec;
		const uint8_t *p;
		size_t len;
		int err;
		int64_t length;
	} rows[] = {
		{ VC_CODEC_OPUS, BYTES("\xf8\xff\xfe"), 0, 20 * VC_MS },
		{ VC_CODEC_OPUS, BYTES("\x08\xff\xfe"), 0, 20 * VC_MS },
		{ VC_CODEC_OPUS, BYTES("OpusHead\1\2"), -ENODATA, 0 },
		{ VC_CODEC_OPUS, BYTES("OpusTags"), -ENODATA, 0 },
		{ VC_CODEC_OPUS, BYTES("\xfb\0"), -EBADMSG, 0 },
		{ VC_CODEC_PCMU, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), 0,
		  VC_MS },
		{ VC_CODEC_G722, BYTES("\1\2\3\4\5\6\7\10"), 0, VC_MS },
	};
	struct vc_refit_frame f;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err;
		struct vc_refit *r = vc_refit_new(rows[i].codec, NULL, 0, &err);

		assert_non_null(r);
		assert_int_equal(vc_refit(r, rows[i].p, rows[i].len, false, &f),
				 rows[i].err);
		if (!rows[i].err)
			assert_int_equal(f.length, rows[i].length);
		vc_refit_free(r);
	}
}

static void what_cannot_be_sent_is_refused(void **state)
{
	static const struct {
		enum vc_codec codec;
		const uint8_t *priv;
		size_t len;
		int err;
	} rows[] = {
		{ VC_CODEC_RED, NULL, 0, -ENOTSUP },
		{ VC_CODEC_NONE, NULL, 0, -ENOTSUP },
		{ VC_CODEC_OPUS, BYTES("OpusHead\1\6\0\0\0\0\0\0\0\0\1"),
		  -ENOTSUP },
		{ VC_CODEC_OPUS, BYTES("OpusHead\1\0\0\0\0\0\0\0\0\0\0"),
		  -ENOTSUP },
		{ VC_CODEC_OPUS, BYTES("OpusHead"), -EBADMSG },
		{ VC_CODEC_H264, BYTES("\1\x42"), -EBADMSG },
		{ VC_CODEC_AV1, BYTES("\x81\0\0\0\x0a\xff"), -EBADMSG },
		{ VC_CODEC_AV1, BYTES("\x82\0\0\0"), -EBADMSG },
	};
	static const struct {
		const char *id;
		uint64_t type;
		const uint8_t *priv;
		size_t len;
		enum vc_codec codec;
	} tracks[] = {
		{ "A_OPUS", VC_WEBM_AUDIO, NULL, 0, VC_CODEC_OPUS },
		{ "A_OPUS", VC_WEBM_VIDEO, NULL, 0, VC_CODEC_NONE },
		{ "V_MPEG4/ISO/AVC", VC_WEBM_VIDEO, NULL, 0, VC_CODEC_H264 },
		{ "V_MPEG4/ISO/ASP", VC_WEBM_VIDEO, NULL, 0, VC_CODEC_NONE },
		{ "A_MS/ACM", VC_WEBM_AUDIO,
		  BYTES("\7\0\1\0\x40\x1f\0\0\x40\x1f\0\0"), VC_CODEC_PCMU },
		{ "A_MS/ACM", VC_WEBM_AUDIO, BYTES("\7\0\2\0\x40\x1f\0\0"),
		  VC_CODEC_NONE },
		{ "A_MS/ACM", VC_WEBM_AUDIO, BYTES("\7\0\1"), VC_CODEC_NONE },
		{ "A_MS/ACM", VC_WEBM_AUDIO, NULL, 0, VC_CODEC_NONE },
		{ "A_PCM/INT/BIG", VC_WEBM_AUDIO, NULL, 0, VC_CODEC_NONE },
		{ "D_WEBVTT/SUBTITLES", VC_WEBM_TEXT, NULL, 0, VC_CODEC_T140 },
		{ "S_TEXT/UTF8", VC_WEBM_TEXT, NULL, 0, VC_CODEC_T140 },
		{ "S_TEXT/UTF8", VC_WEBM_AUDIO, NULL, 0, VC_CODEC_NONE },
		{ "S_TEXT/ASS", VC_WEBM_TEXT, NULL, 0, VC_CODEC_NONE },
	};
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_null(vc_refit_new(rows[i].codec, rows[i].priv,
					 rows[i].len, &err));
		assert_int_equal(err, rows[i].err);
	}
	for (size_t i = 0; i < VC_COUNT(tracks); i++) {
		struct vc_webmread_track t = {
			.type = tracks[i].type,
			.codec = vc_str_c(tracks[i].id),
			.priv = tracks[i].priv,
			.priv_len = tracks[i].len,
		};

		assert_int_equal(vc_refit_webm(&t), tracks[i].codec);
		t.is_encoded = true;
		assert_int_equal(vc_refit_webm(&t), VC_CODEC_NONE);
	}
}

static void of_a_subtitle_its_text_is_left(void **state)
{
	static const struct {
		bool is_subrip;
		const uint8_t *p;
		size_t len;
		int err;
		const char *text;
	} rows[] = {
		{ false, BYTES("id\nalign:start\n<v Bob>a &lt; b"), 0,
		  "a < b" },
		{ false, BYTES("\n\none\ntwo\n"), 0, "one\ntwo" },
		{ false, BYTES("\n\n<b></b>"), -ENODATA, NULL },
		{ false, BYTES("no such lines"), -ENODATA, NULL },
		{ false, BYTES("\n\n\xff"), -EBADMSG, NULL },
		{ true, BYTES("one\r\n<i>two</i> &lt;"), 0, "one\ntwo &lt;" },
		{ true, BYTES("\r\n"), -ENODATA, NULL },
	};
	static const uint8_t long_one[16385];
	struct vc_refit_frame f;
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_refit *r = vc_refit_new(VC_CODEC_T140, NULL, 0, &err);

		vc_refit_set_subrip(r, rows[i].is_subrip);
		assert_int_equal(vc_refit(r, rows[i].p, rows[i].len, false, &f),
				 rows[i].err);
		if (!rows[i].err) {
			assert_true(f.is_key);
			assert_int_equal(f.len, strlen(rows[i].text));
			assert_memory_equal(f.p, rows[i].text, f.len);
		}
		assert_int_equal(vc_refit(r, long_one, sizeof(long_one), false,
					  &f),
				 -EBADMSG);
		vc_refit_free(r);
	}
}

static void the_description_says_the_profile(void **state)
{
	char fmtp[VC_REFIT_FMTP];
	int err;
	struct vc_refit *r = vc_refit_new(VC_CODEC_H264, BYTES(AVCC), &err);

	(void)state;
	assert_non_null(r);
	vc_refit_fmtp(r, fmtp);
	assert_string_equal(fmtp,
			    "packetization-mode=1;profile-level-id=42c00d");
	assert_true(vc_refit_in_order(r));
	vc_refit_free(r);
	r = vc_refit_new(VC_CODEC_H264, NULL, 0, &err);
	assert_non_null(r);
	vc_refit_fmtp(r, fmtp);
	assert_string_equal(fmtp, "");
	assert_false(vc_refit_in_order(r));
	vc_refit_free(r);
}

static void l16_lasts_as_long_as_its_samples(void **state)
{
	static const uint8_t octets[1920];
	struct vc_webmread_track t = { .type = VC_WEBM_AUDIO,
				       .codec = vc_str_c("A_PCM/INT/BIG"),
				       .bits = 16,
				       .rate_hz = 48000,
				       .channels = 2 };
	struct vc_refit_frame f;
	struct vc_refit *r;
	int err;

	(void)state;
	assert_int_equal(vc_refit_held(&t), VC_CODEC_L16);
	assert_int_equal(vc_refit_webm(&t), VC_CODEC_NONE);
	r = vc_refit_new(VC_CODEC_L16, NULL, 0, &err);
	assert_non_null(r);
	vc_refit_set_sound(r, 48000, 2);
	assert_int_equal(vc_refit(r, octets, sizeof(octets), true, &f), 0);
	assert_int_equal(f.length, 10 * VC_MS);
	vc_refit_free(r);
	t.bits = 24;
	assert_int_equal(vc_refit_held(&t), VC_CODEC_NONE);
	t.bits = 16;
	t.channels = 17;
	assert_int_equal(vc_refit_held(&t), VC_CODEC_NONE);
	t.channels = 2;
	t.rate_hz = 0.5;
	assert_int_equal(vc_refit_held(&t), VC_CODEC_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_whole_or_not_at_all),
		cmocka_unit_test(
			lengths_become_start_codes_and_key_frames_have_sets),
		cmocka_unit_test(
			obus_say_their_size_and_key_frames_their_sequence),
		cmocka_unit_test(sound_has_its_length),
		cmocka_unit_test(what_cannot_be_sent_is_refused),
		cmocka_unit_test(of_a_subtitle_its_text_is_left),
		cmocka_unit_test(the_description_says_the_profile),
		cmocka_unit_test(l16_lasts_as_long_as_its_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
