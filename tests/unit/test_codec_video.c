/* SPDX-License-Identifier: MIT */
/*
 * Every codec of pictures: what goes in comes out, above a stated bound, in
 * the same octets each time, at the rate asked for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unit/slices.h"
#include "unit/videosrc.h"

static const enum vc_codec codecs[] = {
	VC_CODEC_VP8,
	VC_CODEC_VP9,
	VC_CODEC_H264,
	VC_CODEC_AV1,
};

static void test_cfg(void **state)
{
	static const struct {
		enum vc_codec codec;
		int width, height, speed, err;
	} rows[] = {
		{ VC_CODEC_VP8, 640, 360, 0, 0 },
		{ VC_CODEC_VP9, 640, 360, 16, 0 },
		{ VC_CODEC_H264, 640, 360, 16, 0 },
		{ VC_CODEC_AV1, 640, 360, 16, 0 },
		{ VC_CODEC_VP9, 640, 360, 17, -EINVAL },
		{ VC_CODEC_VP9, 0, 360, 0, -EINVAL },
		{ VC_CODEC_VP9, 1, 1, 0, 0 },
		{ VC_CODEC_H264, 641, 360, 0, -EINVAL },
		{ VC_CODEC_H264, 640, 14, 0, -EINVAL },
		{ VC_CODEC_AV1, 15, 360, 0, -EINVAL },
		{ VC_CODEC_AV1, 4097, 360, 0, -EINVAL },
		{ VC_CODEC_OPUS, 640, 360, 0, -ENOTSUP },
		{ VC_CODEC_NONE, 640, 360, 0, -ENOTSUP },
	};
	struct vc_viddec_cfg dec = { VC_CODEC_RTX, 640, 360, 0 };
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_videnc_cfg cfg = videosrc_usual(
			rows[i].codec, rows[i].width, rows[i].height);
		struct vc_videnc *enc;

		cfg.speed = rows[i].speed;
		enc = vc_videnc_new(&cfg, &err);
		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		assert_int_equal(enc != NULL, !err);
		vc_videnc_free(enc);
	}
	assert_null(vc_viddec_new(&dec, &err));
	assert_int_equal(err, -ENOTSUP);
	dec = (struct vc_viddec_cfg){ VC_CODEC_AV1, 4097, 360, 0 };
	assert_null(vc_viddec_new(&dec, &err));
	assert_int_equal(err, -EINVAL);
}

static struct vc_viddec *new_dec(enum vc_codec codec, int width, int height)
{
	const struct vc_viddec_cfg cfg = { codec, width, height, 0 };
	int err;
	struct vc_viddec *dec = vc_viddec_new(&cfg, &err);

	assert_non_null(dec);
	return dec;
}

/* 2 s; no frame is worse than 30 dB, all together are better than 'mean'. */
static void round_trip(const struct vc_videnc_cfg *cfg, double mean)
{
	struct vc_viddec *dec = new_dec(cfg->codec, cfg->width, cfg->height);
	struct videosrc s;
	struct vc_image out;
	double sum = 0, psnr;
	size_t octets = 0;

	videosrc_open(&s, cfg);
	for (int f = 0; f < 60; f++) {
		videosrc_step(&s, f, false);
		octets += s.len;
		assert_int_equal(s.is_key, f == 0);
		assert_int_equal(vc_viddec_decode(dec, s.p, s.len, &out), 0);
		psnr = videosrc_psnr(&s.img, &out);
		if (psnr < 30)
			fail_msg("%s: frame %d: %.1f dB",
				 vc_codec_name(cfg->codec), f, psnr);
		sum += psnr;
	}
	print_message("%s %dx%d: %.1f dB, %zu octets\n",
		      vc_codec_name(cfg->codec), cfg->width, cfg->height,
		      sum / 60, octets);
	assert_true(sum / 60 > mean);
	assert_in_range(octets, 2000, cfg->bitrate_bps / 8 * 2 * 11 / 10);
	videosrc_close(&s);
	vc_viddec_free(dec);
}

static void test_round_trip(void **state)
{
	static const struct {
		int width, height;
		uint32_t bitrate_bps;
		bool screen;
		double mean;
	} rows[] = {
		{ 640, 360, 800000, false, 44 },
		{ 1280, 720, 1500000, false, 42 },
		{ 640, 360, 800000, true, 38 },
		{ 162, 90, 300000, false, 40 },
		{ 161, 91, 300000, false, 40 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows) * VC_COUNT(codecs); i++) {
		size_t row = i / VC_COUNT(codecs);
		struct vc_videnc_cfg cfg =
			videosrc_usual(codecs[i % VC_COUNT(codecs)],
				       rows[row].width, rows[row].height);

		if (cfg.codec == VC_CODEC_H264 && cfg.width & 1)
			continue;
		cfg.bitrate_bps = rows[row].bitrate_bps;
		cfg.screen = rows[row].screen;
		round_trip(&cfg, rows[row].mean);
	}
}

/* FNV-1a over all frames. */
static uint64_t sum_of_run(const struct vc_videnc_cfg *cfg)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	struct videosrc s;

	videosrc_open(&s, cfg);
	for (int f = 0; f < 12; f++) {
		if (f == 9)
			assert_int_equal(vc_videnc_set_bitrate(s.enc, 300000),
					 0);
		videosrc_step(&s, f, f == 6);
		for (size_t i = 0; i < s.len; i++)
			sum = (sum ^ s.p[i]) * UINT64_C(0x100000001b3);
	}
	videosrc_close(&s);
	return sum;
}

static const struct {
	int width, height, threads;
	bool screen;
} runs[] = {
	{ 640, 360, 0, false },
	{ 640, 360, 2, true },
	{ 1280, 720, 0, false },
};

#define RUNS (VC_COUNT(runs) * VC_COUNT(codecs))

static struct vc_videnc_cfg cfg_of_run(size_t i)
{
	size_t row = i / VC_COUNT(codecs);
	struct vc_videnc_cfg cfg = videosrc_usual(codecs[i % VC_COUNT(codecs)],
						  runs[row].width,
						  runs[row].height);

	cfg.threads = runs[row].threads;
	cfg.screen = runs[row].screen;
	return cfg;
}

static int print_sums(void)
{
	for (size_t i = 0; i < RUNS; i++) {
		struct vc_videnc_cfg cfg = cfg_of_run(i);

		printf("%016llx\n", (unsigned long long)sum_of_run(&cfg));
	}
	return 0;
}

/* Twice here and once in another process. */
static void test_deterministic(void **state)
{
	char self[4096], command[4200];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	unsigned long long other;
	FILE *in;

	(void)state;
	assert_true(n > 0);
	self[n] = '\0';
	snprintf(command, sizeof(command), "'%s' --sums", self);
	in = popen(command, "r");
	assert_non_null(in);
	for (size_t i = 0; i < RUNS; i++) {
		struct vc_videnc_cfg cfg = cfg_of_run(i);
		uint64_t sum = sum_of_run(&cfg);

		if (sum_of_run(&cfg) != sum)
			fail_msg("run %zu: differs", i);
		assert_int_equal(fscanf(in, "%llx", &other), 1);
		if (other != sum)
			fail_msg("run %zu: differs in another process", i);
	}
	assert_int_equal(pclose(in), 0);
}

static void test_key_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		struct vc_videnc_cfg cfg = videosrc_usual(codecs[i], 320, 180);
		struct videosrc s;

		cfg.keyint_frames = 10;
		videosrc_open(&s, &cfg);
		for (int f = 0; f < 35; f++) {
			videosrc_step(&s, f, f == 14);
			assert_int_equal(s.is_key, f == 0 || f == 10 ||
							   f == 14 || f == 24 ||
							   f == 34);
		}
		videosrc_close(&s);
	}
}

/* Down to a quarter, from one frame to the next, and up again. */
static void test_bitrate(void **state)
{
	static const uint32_t rates[] = { 600000, 150000, 600000 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		struct vc_videnc_cfg cfg = videosrc_usual(codecs[i], 480, 270);
		size_t octets[3] = { 0 };
		struct videosrc s;

		cfg.bitrate_bps = rates[0];
		videosrc_open(&s, &cfg);
		for (int f = 0; f < 270; f++) {
			if (f % 90 == 0)
				assert_int_equal(vc_videnc_set_bitrate(
							 s.enc, rates[f / 90]),
						 0);
			videosrc_step(&s, f, false);
			if (f % 90 >= 30)
				octets[f / 90] += s.len;
		}
		print_message("%s: %zu %zu %zu octets in 2 s\n",
			      vc_codec_name(codecs[i]), octets[0], octets[1],
			      octets[2]);
		/* 150,000 and 37,500 octets. */
		assert_in_range(octets[0], 90000, 175000);
		assert_in_range(octets[1], 22000, 52000);
		assert_in_range(octets[2], 90000, 175000);
		assert_int_equal(vc_videnc_set_bitrate(s.enc, 0), -EINVAL);
		videosrc_close(&s);
	}
}

/* H.264: constrained baseline, parameter sets before each key, 4-octet codes. */
static void test_annexb(void **state)
{
	static const uint8_t code[4] = { 0, 0, 0, 1 };
	struct vc_videnc_cfg cfg = videosrc_usual(VC_CODEC_H264, 640, 360);
	struct videosrc s;

	(void)state;
	videosrc_open(&s, &cfg);
	for (int f = 0; f < 10; f++) {
		size_t at[8], n = 0;

		videosrc_step(&s, f, f == 5);
		for (size_t i = 0; i + 4 < s.len; i++)
			if (!memcmp(s.p + i, code, 4))
				at[n++] = i + 4;
		assert_int_equal(n, s.is_key ? 3 : 1);
		assert_int_equal(at[0], 4);
		assert_int_equal(s.p[at[n - 1]] & 31, s.is_key ? 5 : 1);
		if (!s.is_key)
			continue;
		assert_int_equal(s.p[4] & 31, 7);
		assert_int_equal(s.p[5], 66);
		assert_int_equal(s.p[6] & 0xc0, 0xc0);
		assert_int_equal(s.p[at[1]] & 31, 8);
	}
	videosrc_close(&s);
}

/*
 * H.264 in slices of a size: noise is, at any rate, and still decodes; the same
 * octets each time.
 */
static void test_slices(void **state)
{
	static const struct {
		int width, height, slice_size;
		uint32_t bitrate_bps;
	} rows[] = {
		{ 640, 360, 1100, 20000000 }, { 640, 360, 800, 20000000 },
		{ 1280, 720, 1100, 8000000 }, { 1280, 720, 800, 40000000 },
		{ 320, 180, 1100, 30000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_videnc_cfg cfg = videosrc_usual(
			VC_CODEC_H264, rows[i].width, rows[i].height);
		struct vc_viddec *dec =
			new_dec(cfg.codec, cfg.width, cfg.height);
		size_t n, most = 0, longest = 0;
		struct videosrc s, same;
		struct vc_image out;
		uint32_t dice = 1;

		cfg.bitrate_bps = rows[i].bitrate_bps;
		cfg.slice_size = rows[i].slice_size;
		videosrc_open(&s, &cfg);
		videosrc_open(&same, &cfg);
		for (int f = 0; f < 8; f++) {
			slices_noise(&s.img, &dice);
			vc_image_copy(&same.img, &s.img);
			videosrc_encode(&s, f, f % 4 == 0);
			videosrc_encode(&same, f, f % 4 == 0);
			assert_int_equal(s.len, same.len);
			assert_memory_equal(s.p, same.p, s.len);
			longest = slices_longest(s.p, s.len, &n);
			most = n > most ? n : most;
			if (longest > (size_t)cfg.slice_size)
				fail_msg("row %zu: frame %d: %zu octets", i, f,
					 longest);
			assert_true(slices_fit(s.p, s.len, longest));
			assert_false(slices_fit(s.p, s.len, longest - 1));
			assert_int_equal(
				vc_viddec_decode(dec, s.p, s.len, &out), 0);
		}
		assert_true(most > 10 || i == 4);
		videosrc_close(&s);
		videosrc_close(&same);
		vc_viddec_free(dec);
	}
}

/* --- one from elsewhere --- */

static int plug_open(const struct vc_videnc_cfg *cfg, void **self)
{
	*self = vc_alloc(1, sizeof(int));
	return cfg->threads == 1 ? 0 : -EIO;
}

static int plug_encode(void *self, const struct vc_image *img, int64_t pts,
		       bool force_key, const uint8_t **out, size_t *len,
		       bool *is_key)
{
	(void)img;
	(void)pts;
	*out = self;
	*len = sizeof(int);
	*is_key = force_key || !*(int *)self;
	++*(int *)self;
	return 0;
}

static int plug_bitrate(void *self, uint32_t bitrate_bps)
{
	*(int *)self = (int)bitrate_bps;
	return 0;
}

/* Its key frames are as far apart as asked for, and it is told the rest. */
static void test_plug(void **state)
{
	static const struct vc_videnc_plug plug = {
		.open = plug_open,
		.close = free,
		.encode = plug_encode,
		.set_bitrate = plug_bitrate,
	};
	struct vc_videnc_cfg cfg = videosrc_usual(VC_CODEC_H264, 320, 180);
	struct videosrc s;
	int err;

	(void)state;
	cfg.plug = &plug;
	cfg.keyint_frames = 3;
	videosrc_open(&s, &cfg);
	for (int f = 0; f < 10; f++) {
		videosrc_encode(&s, f, f == 4);
		assert_int_equal(s.is_key,
				 f == 0 || f == 3 || f == 4 || f == 7);
	}
	assert_int_equal(vc_videnc_set_bitrate(s.enc, 30000), 0);
	assert_int_equal(*(const int *)s.p, 30000);
	videosrc_close(&s);
	cfg.width = 321;
	assert_null(vc_videnc_new(&cfg, &err));
	assert_int_equal(err, -EINVAL);
	cfg.width = 1280;
	cfg.height = 720;
	assert_null(vc_videnc_new(&cfg, &err));
	assert_int_equal(err, -EIO);
}

/* AV1: no temporal delimiter; a key begins with its sequence header. */
static void test_obus(void **state)
{
	struct vc_videnc_cfg cfg = videosrc_usual(VC_CODEC_AV1, 640, 360);
	struct videosrc s;

	(void)state;
	videosrc_open(&s, &cfg);
	for (int f = 0; f < 10; f++) {
		videosrc_step(&s, f, f == 5);
		assert_int_equal(s.p[0], s.is_key ? 0x0a : 0x32);
	}
	videosrc_close(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cfg),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_key_frames),
		cmocka_unit_test(test_bitrate),
		cmocka_unit_test(test_annexb),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_plug),
		cmocka_unit_test(test_obus),
	};

	if (argc > 1 && !strcmp(argv[1], "--sums"))
		return print_sums();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
