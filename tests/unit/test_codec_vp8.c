/* SPDX-License-Identifier: MIT */
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
#include "codec/video.h"
#include "media/testpic.h"

static struct vc_videnc_cfg usual(int width, int height)
{
	return (struct vc_videnc_cfg){
		.codec = VC_CODEC_VP8,
		.width = width,
		.height = height,
		.fps_num = 30,
		.fps_den = 1,
		.bitrate_bps = 800000,
	};
}

static struct vc_viddec *new_dec(int max_width, int max_height)
{
	const struct vc_viddec_cfg cfg = {
		.codec = VC_CODEC_VP8,
		.max_width = max_width,
		.max_height = max_height,
	};
	int err;
	struct vc_viddec *dec = vc_viddec_new(&cfg, &err);

	assert_non_null(dec);
	return dec;
}

/* A source and its encoder. */
struct source {
	struct vc_testpic pic;
	struct vc_image img;
	struct vc_videnc *enc;
	const uint8_t *p;
	size_t len;
	bool is_key;
};

static void open_source(struct source *s, const struct vc_videnc_cfg *cfg)
{
	int err;

	assert_int_equal(vc_testpic_init(&s->pic, cfg->width, cfg->height,
					 "alice", 30),
			 0);
	assert_int_equal(vc_image_alloc(&s->img, cfg->width, cfg->height), 0);
	s->enc = vc_videnc_new(cfg, &err);
	assert_non_null(s->enc);
}

static void close_source(struct source *s)
{
	vc_testpic_clear(&s->pic);
	vc_image_clear(&s->img);
	vc_videnc_free(s->enc);
}

static void step(struct source *s, int frame, bool force_key)
{
	vc_testpic_draw(&s->pic, &s->img, (uint64_t)frame, frame * VC_SEC / 30);
	assert_int_equal(vc_videnc_encode(s->enc, &s->img, frame, force_key,
					  &s->p, &s->len, &s->is_key),
			 0);
	assert_true(s->len > 0);
	assert_int_equal(s->is_key, !(s->p[0] & 1));
}

static void test_cfg(void **state)
{
	static const struct {
		int width, height, speed, fps, threads, err;
	} rows[] = {
		{ 640, 360, 0, 30, 0, 0 },
		{ 1, 1, 4, 30, 1, 0 },
		{ 4096, 2, 16, 30, 2, 0 },
		{ 0, 360, 0, 30, 0, -EINVAL },
		{ 4097, 360, 0, 30, 0, -EINVAL },
		{ 64, 64, -4, 30, 0, -EINVAL },
		{ 64, 64, 17, 30, 0, -EINVAL },
		{ 64, 64, 0, 0, 0, -EINVAL },
		{ 64, 64, 0, 30, -1, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_videnc_cfg cfg = usual(rows[i].width, rows[i].height);
		struct vc_videnc *enc;
		int err = 1;

		cfg.speed = rows[i].speed;
		cfg.fps_num = rows[i].fps;
		cfg.threads = rows[i].threads;
		enc = vc_videnc_new(&cfg, &err);
		assert_int_equal(err, rows[i].err);
		assert_int_equal(enc != NULL, !err);
		vc_videnc_free(enc);
	}
	assert_int_equal(vc_videnc_threads(VC_CODEC_VP8, 1280, 720), 1);
	assert_int_equal(vc_videnc_threads(VC_CODEC_VP8, 1920, 1080), 2);
	assert_int_equal(vc_videnc_threads(VC_CODEC_VP9, 640, 360), 1);
	assert_int_equal(vc_videnc_threads(VC_CODEC_VP9, 1280, 720), 2);
}

/* Peak signal to noise ratio over 30 dB is 255^2 / 1000 a pixel. */
static bool is_like(const struct vc_image *a, const struct vc_image *b)
{
	uint64_t error = 0;

	for (int y = 0; y < a->height; y++)
		for (int x = 0; x < a->width; x++) {
			int d = a->y[y * a->stride_y + x] -
				b->y[y * b->stride_y + x];

			error += (uint64_t)(d * d);
		}
	return error < 65ULL * (uint64_t)a->width * (uint64_t)a->height;
}

/* Encodes what is drawn as frame number 'f', and decodes it. */
static size_t show(struct source *s, struct vc_viddec *dec, int f,
		   struct vc_image *out)
{
	assert_int_equal(vc_videnc_encode(s->enc, &s->img, f, false, &s->p,
					  &s->len, &s->is_key),
			 0);
	assert_int_equal(vc_viddec_decode(dec, s->p, s->len, out), 0);
	return s->len;
}

/*
 * A picture that stands gets better and then costs next to nothing; the least
 * thing that moves on it is shown at once.
 */
static void test_standing(void **state)
{
	const struct vc_videnc_cfg cfg = usual(640, 360);
	struct vc_viddec *dec = new_dec(640, 360);
	struct vc_image out;
	struct source s;
	size_t octets = 0;
	uint8_t *cursor;

	(void)state;
	open_source(&s, &cfg);
	vc_testpic_draw(&s.pic, &s.img, 0, 0);
	for (int f = 0; f < 90; f++)
		octets = (f < 60 ? 0 : octets) + show(&s, dec, f, &out);
	assert_true(octets < 6000);
	assert_true(is_like(&s.img, &out));
	cursor = &s.img.y[200 * s.img.stride_y + 303];
	for (int f = 90; f < 100; f++) {
		for (int i = 0; i < 12; i++)
			cursor[i * s.img.stride_y] ^= 0x80;
		show(&s, dec, f, &out);
		for (int i = 2; i < 10; i++)
			assert_in_range(
				128 + cursor[i * s.img.stride_y] -
					out.y[(200 + i) * out.stride_y + 303],
				88, 168);
	}
	close_source(&s);
	vc_viddec_free(dec);
}

static void test_round_trip(void **state)
{
	static const struct {
		int width, height;
	} rows[] = { { 640, 360 }, { 161, 91 }, { 1280, 720 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_videnc_cfg cfg = usual(rows[i].width, rows[i].height);
		struct vc_viddec *dec = new_dec(1280, 720);
		struct source s;
		struct vc_image out;
		size_t octets = 0;

		open_source(&s, &cfg);
		for (int f = 0; f < 60; f++) {
			step(&s, f, false);
			octets += s.len;
			assert_int_equal(s.is_key, f == 0);
			assert_int_equal(
				vc_viddec_decode(dec, s.p, s.len, &out), 0);
			assert_int_equal(out.width, rows[i].width);
			assert_int_equal(out.height, rows[i].height);
			assert_true(is_like(&s.img, &out));
		}
		assert_in_range(octets, 2000, 220000); /* 2 s of 800 kbit/s */
		close_source(&s);
		vc_viddec_free(dec);
	}
}

/* FNV-1a over all frames. */
static uint64_t sum_of_run(const struct vc_videnc_cfg *cfg, int frames)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	struct source s;

	open_source(&s, cfg);
	for (int f = 0; f < frames; f++) {
		step(&s, f, f == frames / 2);
		for (size_t i = 0; i < s.len; i++)
			sum = (sum ^ s.p[i]) * UINT64_C(0x100000001b3);
	}
	close_source(&s);
	return sum;
}

static void test_deterministic(void **state)
{
	static const struct {
		int width, height, threads;
	} rows[] = { { 640, 360, 1 }, { 640, 360, 2 }, { 1280, 720, 2 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_videnc_cfg cfg = usual(rows[i].width, rows[i].height);

		cfg.threads = rows[i].threads;
		uint64_t sum = sum_of_run(&cfg, 30);

		assert_true(sum_of_run(&cfg, 30) == sum);
		assert_true(sum_of_run(&cfg, 30) == sum);
	}
}

static void test_key_frames(void **state)
{
	struct vc_videnc_cfg cfg = usual(320, 180);
	struct source s;

	(void)state;
	cfg.keyint_frames = 10;
	open_source(&s, &cfg);
	for (int f = 0; f < 35; f++) {
		step(&s, f, f == 14);
		assert_int_equal(s.is_key, f == 0 || f == 10 || f == 14 ||
						   f == 24 || f == 34);
	}
	close_source(&s);
}

static void test_bitrate(void **state)
{
	struct vc_videnc_cfg cfg = usual(640, 360);
	struct source s;
	size_t octets[2] = { 0 };

	(void)state;
	open_source(&s, &cfg);
	for (int f = 0; f < 180; f++) {
		if (f == 90)
			assert_int_equal(vc_videnc_set_bitrate(s.enc, 150000),
					 0);
		step(&s, f, false);
		if (f >= 30 && f < 90)
			octets[0] += s.len;
		if (f >= 120)
			octets[1] += s.len;
	}
	/* 2 s each: 200,000 and 37,500 octets. */
	assert_in_range(octets[0], 120000, 240000);
	assert_in_range(octets[1], 20000, 50000);
	assert_int_equal(vc_videnc_set_bitrate(s.enc, 0), -EINVAL);
	close_source(&s);
}

/* Size limits, junk, and nothing but a key frame to start with. */
/* hostile.md P2 */
static void test_hostile(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		int err;
	} rows[] = {
		{ "", 0, -EBADMSG },
		{ "\x10\x00", 2, -EBADMSG },
		{ "\x10\x00\x00\x9d\x01\x2a\x10\x00\x10", 9, -EBADMSG },
		/* 16383 x 16383, and one more than the limit */
		{ "\x30\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f", 11, -EFBIG },
		{ "\x30\x00\x00\x9d\x01\x2a\x01\x05\x10\x00", 11, -EFBIG },
		/* nothing at all, a bad start code */
		{ "\x30\x00\x00\x9d\x01\x2a\x00\x00\x00\x00", 11, -EBADMSG },
		{ "\x30\x00\x00\x9d\x01\x2b\x10\x00\x10\x00", 11, -EBADMSG },
		/* a first partition that is longer than the frame */
		{ "\xf0\xff\xff\x9d\x01\x2a\x10\x00\x10\x00", 10, -EBADMSG },
		{ "\x31\x00\x00\x00\x00", 5, -EAGAIN },
	};
	struct vc_viddec *dec = new_dec(1280, 720);
	struct vc_image out;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err = vc_viddec_decode(dec, (const uint8_t *)rows[i].p,
					   rows[i].len, &out);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
	}
	vc_viddec_free(dec);
}

/* After a failure only a key frame helps, and it does. */
static void test_recovery(void **state)
{
	struct vc_videnc_cfg cfg = usual(320, 180);
	struct vc_viddec *dec = new_dec(320, 180);
	struct source s;
	struct vc_image out;

	(void)state;
	open_source(&s, &cfg);
	for (int f = 0; f < 12; f++) {
		int expected = f < 3 ? 0 : f == 3 ? -EBADMSG : -EAGAIN;
		size_t len;

		step(&s, f, f == 8);
		len = f == 3 ? 2 : s.len;
		assert_int_equal(vc_viddec_decode(dec, s.p, len, &out),
				 f < 8 ? expected : 0);
	}
	close_source(&s);
	vc_viddec_free(dec);
}

/* Sizes change at key frames; each octet of a frame may be wrong. */
static void test_damage(void **state)
{
	static const int widths[] = { 320, 64, 160, 16 };
	struct vc_viddec *dec = new_dec(320, 320);
	struct vc_image out;
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(widths); i++) {
		struct vc_videnc_cfg cfg = usual(widths[i], 48);
		struct source s;
		uint8_t *copy;

		open_source(&s, &cfg);
		step(&s, 0, true);
		assert_int_equal(vc_viddec_decode(dec, s.p, s.len, &out), 0);
		assert_int_equal(out.width, widths[i]);
		copy = vc_alloc(s.len, 1);
		for (int k = 0; k < 200; k++) {
			x = x * 1664525 + 1013904223;
			memcpy(copy, s.p, s.len);
			copy[x % s.len] ^= (uint8_t)(x >> 24);
			(void)vc_viddec_decode(dec, copy, s.len - (x >> 8) % 4,
					       &out);
		}
		assert_int_equal(vc_viddec_decode(dec, s.p, s.len, &out), 0);
		free(copy);
		close_source(&s);
	}
	vc_viddec_free(dec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cfg),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_standing),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_key_frames),
		cmocka_unit_test(test_bitrate),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
