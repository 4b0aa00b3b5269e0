/* SPDX-License-Identifier: MIT */
/*
 * x264 through GStreamer: pictures come out at once, like those that went in,
 * at the rate asked for, with key frames when they are asked for, in slices
 * that fit a packet, and in the same octets each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/video.h"
#include "gst/x264.h"
#include "unit/slices.h"
#include "unit/videosrc.h"

struct rig {
	struct vc_x264 *x;
	struct vc_testpic pic;
	struct vc_image img;
	const uint8_t *p;
	size_t len;
	bool is_key;
};

static struct vc_x264_config usual(int width, int height)
{
	return (struct vc_x264_config){
		.width = width,
		.height = height,
		.fps_num = 30,
		.fps_den = 1,
		.bitrate_bps = 800000,
	};
}

static void rig_open(struct rig *r, const struct vc_x264_config *c)
{
	char text[VC_GST_TEXT_CAP];

	*r = (struct rig){ NULL };
	if (vc_x264_open(&r->x, c, text))
		fail_msg("%s", text);
	assert_int_equal(
		vc_testpic_init(&r->pic, c->width, c->height, "alice", 30), 0);
	assert_int_equal(vc_image_alloc(&r->img, c->width, c->height), 0);
}

static void rig_close(struct rig *r)
{
	vc_testpic_clear(&r->pic);
	vc_image_clear(&r->img);
	vc_x264_close(r->x);
}

static void encode(struct rig *r, int frame, bool force_key)
{
	assert_int_equal(vc_x264_encode(r->x, &r->img, frame, force_key, &r->p,
					&r->len, &r->is_key),
			 0);
	assert_true(r->len > 0);
}

static void step(struct rig *r, int frame, bool force_key)
{
	vc_testpic_draw(&r->pic, &r->img, (uint64_t)frame, frame * VC_SEC / 30);
	encode(r, frame, force_key);
}

static struct vc_viddec *new_dec(int width, int height)
{
	const struct vc_viddec_cfg cfg = { VC_CODEC_H264, width, height, 0 };
	int err;
	struct vc_viddec *dec = vc_viddec_new(&cfg, &err);

	assert_non_null(dec);
	return dec;
}

static void what_goes_in_comes_out_at_once(void **state)
{
	static const struct {
		int width, height, slice_size;
		bool screen;
	} rows[] = {
		{ 640, 360, 0, false }, { 1280, 720, 0, false },
		{ 640, 360, 0, true },	{ 640, 360, 1150, false },
		{ 162, 90, 0, false },	{ 16, 16, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_x264_config c = usual(rows[i].width, rows[i].height);
		struct vc_viddec *dec = new_dec(c.width, c.height);
		struct vc_image out;
		double psnr, sum = 0;
		struct rig r;

		c.slice_size = rows[i].slice_size;
		c.screen = rows[i].screen;
		rig_open(&r, &c);
		for (int f = 0; f < 30; f++) {
			step(&r, f, false);
			assert_int_equal(r.is_key, f == 0);
			assert_int_equal(
				vc_viddec_decode(dec, r.p, r.len, &out), 0);
			psnr = videosrc_psnr(&r.img, &out);
			if (psnr < 28)
				fail_msg("row %zu: frame %d: %.1f dB", i, f,
					 psnr);
			sum += psnr;
		}
		print_message("row %zu: %.1f dB\n", i, sum / 30);
		assert_true(sum / 30 > 36);
		rig_close(&r);
		vc_viddec_free(dec);
	}
}

/* With parameter sets before, constrained baseline. */
static void a_key_frame_is_the_next_one(void **state)
{
	struct vc_x264_config c = usual(320, 180);
	struct rig r;

	(void)state;
	rig_open(&r, &c);
	for (int f = 0; f < 330; f++) {
		struct vc_h264_sps sps;
		struct vc_rd rd;
		const uint8_t *nal;
		size_t len;

		step(&r, f, f == 7 || f == 8 || f == 300);
		assert_int_equal(r.is_key, !f || f == 7 || f == 8 || f == 300);
		rd = vc_rd_over(r.p, r.len);
		assert_true(vc_h264_annexb_next(&rd, &nal, &len));
		if (!r.is_key) {
			assert_int_equal(vc_h264_type(nal[0]), VC_H264_SLICE);
			continue;
		}
		assert_int_equal(vc_h264_sps_parse(&sps, nal, len), 0);
		assert_int_equal(sps.profile_idc, 66);
		assert_int_equal(sps.constraints & 0xc0, 0xc0);
		assert_true(sps.is_in_order);
	}
	rig_close(&r);
}

/*
 * Down to a quarter and up again: what comes from 200 ms after the change on,
 * in half a second and in two.
 */
static void the_rate_is_followed(void **state)
{
	static const uint32_t rates[] = { 600000, 150000, 600000 };
	struct vc_x264_config c = usual(480, 270);
	size_t soon[3] = { 0 }, later[3] = { 0 };
	struct rig r;

	(void)state;
	c.bitrate_bps = rates[0];
	rig_open(&r, &c);
	for (int f = 0; f < 270; f++) {
		size_t k = (size_t)f / 90, at = (size_t)f % 90;

		if (!at)
			vc_x264_set_bitrate(r.x, rates[k]);
		step(&r, f, false);
		if (at >= 6 && at < 21)
			soon[k] += r.len;
		if (at >= 30)
			later[k] += r.len;
	}
	print_message("in 0.5 s: %zu %zu %zu, in 2 s: %zu %zu %zu octets\n",
		      soon[0], soon[1], soon[2], later[0], later[1], later[2]);
	for (size_t k = 0; k < 3; k++) {
		size_t due = rates[k] / 8;

		if (k)
			assert_in_range(soon[k], due / 4, due * 5 / 8);
		assert_in_range(later[k], due * 3 / 2, due * 9 / 4);
	}
	rig_close(&r);
}

/* Noise, much of it, as key frames and others. */
static void slices_are_small(void **state)
{
	static const struct {
		int width, height, slice_size;
		uint32_t bitrate_bps;
	} rows[] = {
		{ 640, 360, 1150, 20000000 },
		{ 640, 360, 800, 20000000 },
		{ 1280, 720, 1150, 8000000 },
		{ 320, 180, 1150, 30000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_x264_config c = usual(rows[i].width, rows[i].height);
		size_t longest, n, most = 0;
		uint32_t dice = 1;
		struct rig r;

		c.slice_size = rows[i].slice_size;
		c.bitrate_bps = rows[i].bitrate_bps;
		rig_open(&r, &c);
		for (int f = 0; f < 8; f++) {
			slices_noise(&r.img, &dice);
			encode(&r, f, f % 4 == 0);
			longest = slices_longest(r.p, r.len, &n);
			most = n > most ? n : most;
			if (longest > (size_t)c.slice_size)
				fail_msg("row %zu: frame %d: %zu octets", i, f,
					 longest);
			assert_true(slices_fit(r.p, r.len, 1150));
		}
		assert_true(most > 10 || i == 3);
		rig_close(&r);
	}
}

static uint64_t sum_of_run(const struct vc_x264_config *c)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	struct rig r;

	rig_open(&r, c);
	for (int f = 0; f < 12; f++) {
		if (f == 9)
			vc_x264_set_bitrate(r.x, 300000);
		step(&r, f, f == 6);
		for (size_t i = 0; i < r.len; i++)
			sum = (sum ^ r.p[i]) * UINT64_C(0x100000001b3);
	}
	rig_close(&r);
	return sum;
}

static void the_same_gives_the_same(void **state)
{
	struct vc_x264_config rows[] = { usual(640, 360), usual(1280, 720),
					 usual(640, 360) };

	(void)state;
	rows[2].slice_size = 1150;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint64_t sum = sum_of_run(&rows[i]);

		for (int k = 0; k < 3; k++)
			if (sum_of_run(&rows[i]) != sum)
				fail_msg("row %zu differs", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out_at_once),
		cmocka_unit_test(a_key_frame_is_the_next_one),
		cmocka_unit_test(the_rate_is_followed),
		cmocka_unit_test(slices_are_small),
		cmocka_unit_test(the_same_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
