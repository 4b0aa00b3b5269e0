/* SPDX-License-Identifier: MIT */
/*
 * Foreign frames of every codec (P2 of the hostile inputs): what claims too
 * large a picture is refused before a decoder sees it, what is damaged is an
 * error, and after one only a key frame helps.
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
#include "unit/videosrc.h"

static const enum vc_codec codecs[] = {
	VC_CODEC_VP8,
	VC_CODEC_VP9,
	VC_CODEC_H264,
	VC_CODEC_AV1,
};

static struct vc_viddec *new_dec(enum vc_codec codec, int width, int height)
{
	const struct vc_viddec_cfg cfg = { codec, width, height, 0 };
	int err;
	struct vc_viddec *dec = vc_viddec_new(&cfg, &err);

	assert_non_null(dec);
	return dec;
}

/* --- headers of our own making --- */

struct bits {
	uint8_t p[512];
	size_t n; /* bits */
};

static void put(struct bits *b, unsigned int n, uint32_t v)
{
	for (unsigned int i = n; i > 0; i--) {
		if (v >> (i - 1) & 1)
			b->p[b->n / 8] |= (uint8_t)(0x80 >> b->n % 8);
		b->n++;
	}
}

static void put_ue(struct bits *b, uint32_t v)
{
	unsigned int n = 0;

	while ((v + 1) >> n > 1)
		n++;
	put(b, n, 0);
	put(b, n + 1, v + 1);
}

static void pad(struct bits *b)
{
	b->n = (b->n + 7) / 8 * 8;
}

static void put_vp9_size(struct bits *b, uint32_t w, uint32_t h)
{
	put(b, 16, w - 1);
	put(b, 16, h - 1);
	put(b, 1, 0);
	pad(b);
}

static void put_vp9_key(struct bits *b, uint32_t w, uint32_t h)
{
	put(b, 8, 0x82);
	put(b, 24, 0x498342);
	put(b, 4, 0);
	put_vp9_size(b, w, h);
}

/* An inter frame that brings a size of its own. */
static void put_vp9_inter(struct bits *b, uint32_t w, uint32_t h)
{
	put(b, 8, 0x86);
	put(b, 2, 0);
	put(b, 8, 1);
	put(b, 12, 0);
	put(b, 3, 0);
	put_vp9_size(b, w, h);
}

static void put_sps(struct bits *b, uint32_t mbs_w, uint32_t mbs_h,
		    uint32_t crop)
{
	put(b, 32, 1);
	put(b, 8, 0x67);
	put(b, 24, 0x42c01e);
	put_ue(b, 0);
	put_ue(b, 0);
	put_ue(b, 2);
	put_ue(b, 1);
	put(b, 1, 0);
	put_ue(b, mbs_w - 1);
	put_ue(b, mbs_h - 1);
	put(b, 2, 3);
	put(b, 1, 1);
	for (int i = 0; i < 4; i++)
		put_ue(b, i % 2 ? crop : 0);
	put(b, 2, 1);
	pad(b);
	/* The beginning of an IDR slice. */
	put(b, 32, 1);
	put(b, 32, 0x6588ffff);
}

static void put_av1(struct bits *b, uint32_t w, uint32_t h, uint32_t profile)
{
	struct bits s = { .n = 0 };

	put(&s, 3, profile);
	put(&s, 2, 0);
	put(&s, 2, 0);
	put(&s, 5, 0);
	put(&s, 12, 0);
	put(&s, 5, 1);
	put(&s, 8, 0xff);
	put(&s, 16, w - 1);
	put(&s, 16, h - 1);
	put(&s, 32, 0);
	pad(&s);
	put(b, 8, 0x0a);
	put(b, 8, (uint32_t)(s.n / 8));
	memcpy(b->p + b->n / 8, s.p, s.n / 8);
	b->n += s.n;
	put(b, 32, 0x32021000); /* a shown key frame */
}

static int decode(struct vc_viddec *dec, const struct bits *b)
{
	struct vc_image out;

	return vc_viddec_decode(dec, b->p, b->n / 8, &out);
}

/* 65,536 a side, and one more than the limit. */
static void test_sizes(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t w, h;
	} rows[] = {
		{ VC_CODEC_VP9, 65536, 65536 }, { VC_CODEC_VP9, 1281, 16 },
		{ VC_CODEC_VP9, 16, 721 },	{ VC_CODEC_H264, 1024, 1024 },
		{ VC_CODEC_H264, 81, 1 },	{ VC_CODEC_H264, 1, 46 },
		{ VC_CODEC_AV1, 65536, 65536 }, { VC_CODEC_AV1, 1281, 16 },
		{ VC_CODEC_AV1, 16, 721 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_viddec *dec = new_dec(rows[i].codec, 1280, 720);
		struct bits b = { .n = 0 };

		if (rows[i].codec == VC_CODEC_VP9)
			put_vp9_key(&b, rows[i].w, rows[i].h);
		else if (rows[i].codec == VC_CODEC_H264)
			put_sps(&b, rows[i].w, rows[i].h, 0);
		else
			put_av1(&b, rows[i].w, rows[i].h, 0);
		if (decode(dec, &b) != -EFBIG)
			fail_msg("row %zu", i);
		vc_viddec_free(dec);
	}
}

/* Kinds that are not decoded, and what is no header. */
static void test_refused(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *p;
		size_t len;
		int err;
	} rows[] = {
		{ VC_CODEC_VP9, "", 0, -EBADMSG },
		{ VC_CODEC_VP9, "\x82", 1, -EBADMSG },
		{ VC_CODEC_VP9, "\x82\x49\x83\x43\0\0\xf0\0\xf0\0", 10,
		  -EBADMSG },
		/* profiles 1 and 2, RGB */
		{ VC_CODEC_VP9, "\xa2\x49\x83\x42\0\0\xf0\0\xf0\0", 10,
		  -EBADMSG },
		{ VC_CODEC_VP9, "\x92\x49\x83\x42\0\0\xf0\0\xf0\0", 10,
		  -EBADMSG },
		{ VC_CODEC_VP9, "\x82\x49\x83\x42\xe0\0\xf0\0\xf0\0", 10,
		  -EBADMSG },
		/* shown again, an inter frame: before any key */
		{ VC_CODEC_VP9, "\x88", 1, -EAGAIN },
		{ VC_CODEC_VP9, "\x86\0\x40\x02\0\0\0", 7, -EAGAIN },
		/* indexes: a frame of 0 octets, one beyond the end */
		{ VC_CODEC_VP9, "\x88\xc0\0\xc0", 4, -EBADMSG },
		{ VC_CODEC_VP9, "\x88\xc0\2\xc0", 4, -EBADMSG },
		{ VC_CODEC_H264, "", 0, -EBADMSG },
		{ VC_CODEC_H264, "\x65\x88\x80", 3, -EBADMSG },
		{ VC_CODEC_H264, "\0\0\0\1", 4, -EBADMSG },
		{ VC_CODEC_H264, "\0\0\0\1\x41\x9a", 6, -EAGAIN },
		{ VC_CODEC_H264, "\0\0\1\x67", 4, -EBADMSG },
		{ VC_CODEC_H264, "\0\0\1\x67\x42\xc0\x1e", 7, -EBADMSG },
		/* a key whose parameter sets never came */
		{ VC_CODEC_H264, "\0\0\1\x65\x88\x84\x21\xa0", 8, -EBADMSG },
		{ VC_CODEC_AV1, "", 0, -EBADMSG },
		{ VC_CODEC_AV1, "\x12\0", 2, -EAGAIN },
		{ VC_CODEC_AV1, "\x8a\0", 2, -EBADMSG },
		{ VC_CODEC_AV1, "\x0a\x05\0", 3, -EBADMSG },
		{ VC_CODEC_AV1, "\x0a\xff\xff\xff\xff\xff", 6, -EBADMSG },
		{ VC_CODEC_AV1, "\x0a\x01\x20", 3, -EBADMSG },
		{ VC_CODEC_AV1, "\x32\x01\x10", 3, -EAGAIN },
		{ VC_CODEC_AV1, "\x36", 1, -EBADMSG },
	};
	struct vc_image out;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_viddec *dec = new_dec(rows[i].codec, 1280, 720);
		int err = vc_viddec_decode(dec, (const uint8_t *)rows[i].p,
					   rows[i].len, &out);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		vc_viddec_free(dec);
	}
}

/* Cropping that hides most of what is coded; other colours. */
static void test_disguised(void **state)
{
	struct vc_viddec *h264 = new_dec(VC_CODEC_H264, 320, 180);
	struct vc_viddec *av1 = new_dec(VC_CODEC_AV1, 320, 180);
	struct bits b = { .n = 0 };

	(void)state;
	put_sps(&b, 200, 200, 1440);
	assert_int_equal(decode(h264, &b), -EFBIG);
	b = (struct bits){ .n = 0 };
	put_av1(&b, 320, 180, 1);
	assert_int_equal(decode(av1, &b), -EBADMSG);
	vc_viddec_free(h264);
	vc_viddec_free(av1);
}

/* VP9: other frames may bring a size too, and hide behind the first. */
static void test_vp9_hidden(void **state)
{
	struct vc_videnc_cfg cfg = videosrc_usual(VC_CODEC_VP9, 320, 180);
	struct vc_viddec *dec = new_dec(VC_CODEC_VP9, 320, 180);
	struct bits big = { .n = 0 }, inter = { .n = 0 };
	struct vc_image out;
	struct videosrc s;
	uint8_t *p;

	(void)state;
	put_vp9_key(&big, 16384, 16384);
	put_vp9_inter(&inter, 16384, 16384);
	videosrc_open(&s, &cfg);
	videosrc_step(&s, 0, true);
	p = vc_alloc(s.len + 100, 1);
	memcpy(p, s.p, s.len);
	memcpy(p + s.len, big.p, big.n / 8);
	/* What follows is not another frame. */
	assert_int_equal(vc_viddec_decode(dec, p, s.len + big.n / 8, &out), 0);
	assert_int_equal(out.width, 320);
	/* In a superframe it is. */
	p[s.len + big.n / 8] = 0xc9;
	p[s.len + big.n / 8 + 1] = (uint8_t)s.len;
	p[s.len + big.n / 8 + 2] = (uint8_t)(s.len >> 8);
	p[s.len + big.n / 8 + 3] = (uint8_t)(big.n / 8);
	p[s.len + big.n / 8 + 4] = 0;
	p[s.len + big.n / 8 + 5] = 0xc9;
	assert_int_equal(vc_viddec_decode(dec, p, s.len + big.n / 8 + 6, &out),
			 -EFBIG);
	assert_int_equal(vc_viddec_decode(dec, s.p, s.len, &out), 0);
	assert_int_equal(decode(dec, &inter), -EFBIG);
	free(p);
	videosrc_close(&s);
	vc_viddec_free(dec);
}

/* After a failure only a key frame helps, and it does. */
static void test_recovery(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		struct vc_videnc_cfg cfg = videosrc_usual(codecs[i], 320, 180);
		struct vc_viddec *dec = new_dec(codecs[i], 320, 180);
		struct videosrc s;
		struct vc_image out;

		videosrc_open(&s, &cfg);
		for (int f = 0; f < 12; f++) {
			int err;

			videosrc_step(&s, f, f == 8);
			err = vc_viddec_decode(dec, s.p, f == 3 ? 1 : s.len,
					       &out);
			if (err != (f < 3 || f >= 8 ? 0 :
				    f == 3	    ? -EBADMSG :
						      -EAGAIN))
				fail_msg("%s: frame %d: %d",
					 vc_codec_name(codecs[i]), f, err);
			if (!err)
				assert_true(videosrc_psnr(&s.img, &out) > 30);
		}
		videosrc_close(&s);
		vc_viddec_free(dec);
	}
}

/* Sizes change at key frames; each octet of a frame may be wrong. */
static void test_damage(void **state)
{
	static const int widths[] = { 320, 64, 160, 16 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs) * VC_COUNT(widths); i++) {
		enum vc_codec codec = codecs[i / VC_COUNT(widths)];
		int width = widths[i % VC_COUNT(widths)];
		struct vc_videnc_cfg cfg = videosrc_usual(codec, width, 48);
		struct vc_viddec *dec = new_dec(codec, 320, 320);
		struct vc_image out;
		struct videosrc s;
		uint32_t x = 1;
		uint8_t *copy;

		videosrc_open(&s, &cfg);
		videosrc_step(&s, 0, true);
		copy = vc_alloc(s.len, 1);
		for (int k = 0; k < 100; k++) {
			x = x * 1664525 + 1013904223;
			memcpy(copy, s.p, s.len);
			copy[x % s.len] ^= (uint8_t)(x >> 24);
			if (!vc_viddec_decode(dec, copy, s.len - (x >> 8) % 4,
					      &out))
				assert_true(out.width <= 320 &&
					    out.height <= 320);
		}
		assert_int_equal(vc_viddec_decode(dec, s.p, s.len, &out), 0);
		assert_int_equal(out.width, width);
		assert_int_equal(out.height, 48);
		free(copy);
		videosrc_close(&s);
		vc_viddec_free(dec);
	}
}

/*
 * Each frame is a key of another size, now and then of one that is refused: a
 * decoder follows, and keeps nothing of what it refused.
 */
static void test_size_of_each_frame(void **state)
{
	static const struct {
		int width, height;
	} sizes[] = {
		{ 320, 180 }, { 16, 16 },   { 322, 16 }, { 176, 320 },
		{ 16, 322 },  { 320, 320 }, { 18, 34 },	 { 640, 360 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		struct vc_viddec *dec = new_dec(codecs[i], 320, 320);

		for (size_t k = 0; k < 2 * VC_COUNT(sizes); k++) {
			int w = sizes[k % VC_COUNT(sizes)].width;
			int h = sizes[k % VC_COUNT(sizes)].height;
			bool fits = w <= 320 && h <= 320;
			struct vc_videnc_cfg cfg =
				videosrc_usual(codecs[i], w, h);
			struct vc_image out;
			struct videosrc s;

			videosrc_open(&s, &cfg);
			videosrc_step(&s, 0, true);
			assert_int_equal(vc_viddec_decode(dec, s.p, s.len,
							  &out),
					 fits ? 0 : -EFBIG);
			if (fits) {
				assert_int_equal(out.width, w);
				assert_int_equal(out.height, h);
			}
			/* What refers to the refused one waits. */
			videosrc_step(&s, 1, false);
			assert_int_equal(vc_viddec_decode(dec, s.p, s.len,
							  &out),
					 fits ? 0 : -EAGAIN);
			videosrc_close(&s);
		}
		vc_viddec_free(dec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_disguised),
		cmocka_unit_test(test_vp9_hidden),
		cmocka_unit_test(test_size_of_each_frame),
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
