/* SPDX-License-Identifier: MIT */
/*
 * A camera does not exist where this runs. Elements of GStreamer that behave as
 * one (and as bad ones) stand in for it, at the place where the real one would
 * be made; everything behind that is the product's own. What V4L2 itself does
 * is not tested by this. F6 of the hostile inputs: gone, silent, green, of
 * another form, of no rate, with times and clocks that are wrong.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "gst/device.h"
#include "gst/devmake.h"
#include "gst/init.h"
#include "gst/steady.h"
#include "net/loop.h"

#define FRAME 960

/* patience: 0 is for ever, as far as a test goes; the machine may stand
 * still. */
static struct vc_device *open_like(enum vc_device_kind kind, const char *what,
				   int width, int64_t patience)
{
	const struct vc_device_config c = {
		.kind = kind,
		.name = what,
		.width = width,
		.height = width,
		.fps_num = 20,
		.fps_den = 1,
		.channels = 1,
		.patience = patience ? patience : 60 * VC_SEC,
	};
	char text[VC_GST_TEXT_CAP];
	struct vc_device *d;

	if (vc_device_open_with(&d, &c, vc_device_make_described, text))
		fail_msg("%s: %s", what, text);
	return d;
}

/* Waits, as the loop does, for a second try. */
static void await(const struct vc_device *d)
{
	struct pollfd p = { .fd = vc_device_fd(d), .events = POLLIN };

	assert_int_equal(poll(&p, 1, 60000), 1);
}

static int next_picture(struct vc_device *d, struct vc_image *im, int64_t *pts)
{
	int got;

	while ((got = vc_device_video(d, im, pts)) == -EAGAIN)
		await(d);
	return got;
}

static int next_sound(struct vc_device *d, int16_t *pcm, int64_t *pts)
{
	int got;

	while ((got = vc_device_audio(d, pcm, FRAME, pts)) == -EAGAIN)
		await(d);
	return got;
}

static void a_camera_gives_pictures_with_live_times(void **state)
{
	int64_t begin = vc_mono_now(), pts, last = begin - VC_SEC;
	struct vc_image im;
	struct vc_device *d =
		open_like(VC_DEVICE_V4L2,
			  "videotestsrc is-live=true pattern=red"
			  " ! video/x-raw,format=YUY2,width=640,height=480,"
			  "framerate=30/1,pixel-aspect-ratio=1/1"
			  " ! identity",
			  160, 0);

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(next_picture(d, &im, &pts), 1);
		assert_int_equal(im.width, 160);
		assert_int_equal(im.height, 160);
		/* Letterboxed: 160x120 in the middle, of red. */
		assert_in_range(im.y[5 * im.stride_y + 80], 14, 18);
		assert_in_range(im.y[80 * im.stride_y + 80], 77, 87);
		assert_in_range(im.v[40 * im.stride_v + 40], 235, 245);
		assert_true(pts > last && pts <= vc_mono_now());
		last = pts;
	}
	/* 30 a second, of which 20 were wanted. */
	assert_true(vc_mono_now() - begin > 15 * VC_SEC / 30);
	vc_device_close(d);
}

static void one_that_is_unplugged_says_so(void **state)
{
	struct vc_device *d =
		open_like(VC_DEVICE_V4L2,
			  "videotestsrc is-live=true num-buffers=3", 64, 0);
	struct vc_image im;
	int64_t pts;
	int got;

	(void)state;
	do {
		got = next_picture(d, &im, &pts);
	} while (got == 1);
	assert_int_equal(got, -EIO);
	assert_string_equal(vc_device_text(d), "it gives no more");
	assert_int_equal(vc_device_video(d, &im, &pts), -EIO);
	vc_device_close(d);
	d = open_like(VC_DEVICE_V4L2,
		      "videotestsrc is-live=true ! identity error-after=4", 64,
		      0);
	do {
		got = next_picture(d, &im, &pts);
	} while (got == 1);
	assert_int_equal(got, -EIO);
	assert_true(vc_device_text(d)[0]);
	vc_device_close(d);
}

static void one_that_is_silent_is_given_up(void **state)
{
	/* Frames come, and none of them goes on. */
	struct vc_device *d = open_like(
		VC_DEVICE_V4L2, "videotestsrc is-live=true ! valve drop=true",
		64, 300 * VC_MS);
	struct vc_image im;
	int64_t pts;
	int got, woken = 0;

	(void)state;
	while ((got = vc_device_video(d, &im, &pts)) == -EAGAIN) {
		await(d);
		woken++;
	}
	assert_int_equal(got, -ETIMEDOUT);
	assert_string_equal(vc_device_text(d), "it gave nothing for 0.3 s");
	/* Nothing turns in circles meanwhile. */
	assert_in_range(woken, 1, 4);
	vc_device_close(d);
}

/* What a device gives is sent, whatever it is: people see what is wrong. */
static void green_pictures_and_dead_microphones_go_on(void **state)
{
	struct vc_device *d =
		open_like(VC_DEVICE_V4L2,
			  "videotestsrc is-live=true pattern=green", 64, 0);
	int64_t pts, last = 0;
	int16_t pcm[FRAME];
	struct vc_image im;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(next_picture(d, &im, &pts), 1);
		assert_true(im.v[16 * im.stride_v + 16] < 60);
		assert_true(pts > last);
		last = pts;
	}
	vc_device_close(d);
	d = open_like(VC_DEVICE_PULSE, "audiotestsrc is-live=true wave=silence",
		      0, 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(next_sound(d, pcm, &pts), 1);
		for (int k = 0; k < FRAME; k++)
			assert_int_equal(pcm[k], 0);
	}
	vc_device_close(d);
}

/* 0/1: "varies", or it does not know. */
static void one_without_a_rate_is_taken(void **state)
{
	struct vc_device *d = open_like(
		VC_DEVICE_V4L2,
		"videotestsrc is-live=true ! video/x-raw,framerate=50/1"
		" ! capssetter caps=video/x-raw,framerate=(fraction)0/1",
		64, 0);
	int64_t begin = vc_mono_now(), pts, last = 0;
	struct vc_image im;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(next_picture(d, &im, &pts), 1);
		assert_true(pts > last && pts <= vc_mono_now());
		last = pts;
	}
	/* 20 a second are wanted at most. */
	assert_true(vc_mono_now() - begin > 8 * VC_SEC / 20);
	vc_device_close(d);
}

static void times_that_jump_come_out_monotone(void **state)
{
	static const char *const jumps[] = {
		"videotestsrc is-live=true timestamp-offset=3600000000000",
		"videotestsrc is-live=true ! identity ts-offset=-90000000000",
		"videotestsrc is-live=true ! identity single-segment=true "
		"drop-probability=0.3",
	};

	(void)state;
	for (size_t k = 0; k < VC_COUNT(jumps); k++) {
		struct vc_device *d =
			open_like(VC_DEVICE_V4L2, jumps[k], 64, 0);
		int64_t pts, last = vc_mono_now() - VC_SEC;
		struct vc_image im;

		for (int i = 0; i < 8; i++) {
			assert_int_equal(next_picture(d, &im, &pts), 1);
			assert_true(pts > last);
			assert_true(pts <= vc_mono_now() + VC_MS);
			last = pts;
		}
		vc_device_close(d);
	}
}

static void a_form_that_changes_is_followed(void **state)
{
	struct vc_device *d = open_like(
		VC_DEVICE_V4L2,
		"videotestsrc is-live=true num-buffers=5 pattern=red"
		" ! video/x-raw,format=YUY2,width=320,height=240"
		" ! concat name=c"
		" videotestsrc is-live=true num-buffers=40 pattern=white"
		" ! video/x-raw,format=RGB,width=640,height=360,"
		"framerate=25/1 ! c.",
		64, 0);
	int64_t pts, last = 0;
	bool was_red = false, was_white = false;
	struct vc_image im;

	(void)state;
	while (next_picture(d, &im, &pts) == 1) {
		uint8_t y = im.y[32 * im.stride_y + 32];

		assert_int_equal(im.width, 64);
		assert_true(pts > last);
		last = pts;
		was_red = was_red || (y > 75 && y < 90);
		was_white = was_white || y > 230;
	}
	assert_true(was_red && was_white);
	assert_string_equal(vc_device_text(d), "it gives no more");
	vc_device_close(d);
}

static void a_microphone_is_a_steady_line(void **state)
{
	struct vc_device *d =
		open_like(VC_DEVICE_PULSE,
			  "audiotestsrc is-live=true samplesperbuffer=441"
			  " ! audio/x-raw,rate=44100,channels=2 ! identity",
			  0, 0);
	int64_t pts, last = 0;
	int16_t pcm[FRAME];

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(next_sound(d, pcm, &pts), 1);
		assert_true(pts <= vc_mono_now());
		if (last)
			assert_true(pts - last >= 20 * VC_MS - 1000);
		last = pts;
	}
	vc_device_close(d);
}

/* As many as one takes, at once. */
static void a_device_without_a_clock_grows_nothing(void **state)
{
	struct vc_device *d =
		open_like(VC_DEVICE_ALSA, "audiotestsrc is-live=false", 0, 0);
	int64_t begin = vc_mono_now(), pts, last = 0;
	int16_t pcm[FRAME];

	(void)state;
	for (int i = 0; i < 25; i++) {
		assert_int_equal(next_sound(d, pcm, &pts), 1);
		assert_true(pts > last);
		last = pts;
	}
	/* Half a second of sound takes that long, but for the slack. */
	assert_true(vc_mono_now() - begin > 350 * VC_MS);
	vc_device_close(d);
}

static const struct {
	int ppm;      /* the device's clock is faster by */
	int late_ms;  /* every 7th piece comes so much later */
	int worst_ms; /* off its real time */
} clocks[] = {
	{ 0, 0, 1 },	    { 20000, 0, 45 },  { -20000, 0, 65 },
	{ 100, 0, 45 },	    { -100, 0, 65 },   { 0, 300, 1 },
	{ 20000, 300, 45 }, { 200000, 0, 60 },
};

/* Ten minutes of pieces of 10 ms. */
static void device_clocks_may_be_wrong(void **state)
{
	(void)state;
	for (size_t k = 0; k < VC_COUNT(clocks); k++) {
		struct vc_steady s = { 0 };
		int64_t worst = 0, last = -1;

		for (int64_t i = 0; i < 60000; i++) {
			int64_t t = i * 10 * VC_MS * 1000000 /
				    (1000000 + clocks[k].ppm);
			int64_t late = i % 7 == 6 ? clocks[k].late_ms : 0;
			size_t cut = vc_steady_put(&s, t + late * VC_MS, 480);
			int64_t line = vc_steady_time(&s, s.taken), off;

			assert_true(cut <= 480);
			assert_true(line >= last);
			last = line;
			off = line - t - 10 * VC_MS;
			worst = llabs(off) > worst ? llabs(off) : worst;
		}
		if (worst > clocks[k].worst_ms * VC_MS)
			fail_msg("%d ppm, %d ms late: off by %d us",
				 clocks[k].ppm, clocks[k].late_ms,
				 (int)(worst / 1000));
	}
}

static void a_pause_of_the_device_is_a_jump(void **state)
{
	struct vc_steady s = { 0 };

	(void)state;
	assert_int_equal(vc_steady_put(&s, VC_SEC, 480), 0);
	assert_int_equal(vc_steady_put(&s, 9 * VC_SEC, 480), 0);
	assert_int_equal(vc_steady_time(&s, 480), 9 * VC_SEC);
}

#define SIZE(w, h, r) "width=" #w ",height=" #h ",framerate=" r "/1"

static const struct {
	const char *offers, *want;
	bool is_jpeg;
} cameras[] = {
	{ "video/x-raw,format=YUY2," SIZE(640, 480, "30"), "640", false },
	{ "image/jpeg," SIZE(640, 480, "30"), "640", true },
	/* Raw is slow in the size that is wanted: JPEG is not. */
	{ "video/x-raw,format=YUY2," SIZE(1280, 720, "10") ";image/jpeg," SIZE(
		  1280, 720, "30"),
	  "1280", true },
	{ "video/x-raw,format=YUY2," SIZE(1280, 720, "10") ";image/jpeg," SIZE(
		  320, 180, "30"),
	  "1280", false },
	/* Nothing is large enough. */
	{ "image/jpeg," SIZE(160, 120, "30") ";video/x-raw,format=YUY2," SIZE(
		  176, 144, "30"),
	  "176", false },
	{ "video/x-h264," SIZE(640, 480, "30"), "", false },
	{ "EMPTY", "", false },
};

static void the_form_that_fits_is_asked_for(void **state)
{
	const struct vc_device_config c = { .width = 640,
					    .height = 360,
					    .fps_num = 25,
					    .fps_den = 1 };

	(void)state;
	assert_int_equal(vc_gst_init(), 0);
	for (size_t i = 0; i < VC_COUNT(cameras); i++) {
		bool is_jpeg = false;
		char got[1024];

		vc_device_choose_text(cameras[i].offers, &c, &is_jpeg, got,
				      sizeof(got));
		if (cameras[i].want[0] ? !strstr(got, cameras[i].want) : got[0])
			fail_msg("%s: %s", cameras[i].offers, got);
		if (got[0])
			assert_int_equal(is_jpeg, cameras[i].is_jpeg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_camera_gives_pictures_with_live_times),
		cmocka_unit_test(one_that_is_unplugged_says_so),
		cmocka_unit_test(one_that_is_silent_is_given_up),
		cmocka_unit_test(green_pictures_and_dead_microphones_go_on),
		cmocka_unit_test(one_without_a_rate_is_taken),
		cmocka_unit_test(times_that_jump_come_out_monotone),
		cmocka_unit_test(a_form_that_changes_is_followed),
		cmocka_unit_test(a_microphone_is_a_steady_line),
		cmocka_unit_test(a_device_without_a_clock_grows_nothing),
		cmocka_unit_test(device_clocks_may_be_wrong),
		cmocka_unit_test(a_pause_of_the_device_is_a_jump),
		cmocka_unit_test(the_form_that_fits_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
