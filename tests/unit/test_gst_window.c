/* SPDX-License-Identifier: MIT */
/*
 * With sinks that need neither display nor device; the real ones are shown by
 * vc-play's tests under Xvfb.
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
#include "gst/window.h"

static const struct {
	struct vc_gst_window_config config;
	int err;
	const char *says;
} refused[] = {
	{ { .width = 64, .height = 64 }, -ENODEV, "DISPLAY" },
	{ { .width = 64, .height = 64, .video_sink = "nosuchsink" },
	  -EINVAL,
	  "nosuchsink: no such" },
	{ { .width = 64,
	    .height = 64,
	    .video_sink = "fakesink",
	    .channels = 1,
	    .audio_sink = "nosuchsink" },
	  -EINVAL,
	  "nosuch" },
	/* It lacks a file name. */
	{ { .channels = 1, .audio_sink = "filesink" },
	  -ENODEV,
	  "filesink: does not work here" },
};

static void what_cannot_open_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(refused); i++) {
		char text[VC_GST_TEXT_CAP];
		struct vc_gst_window *w;
		int err = vc_gst_window_open(&w, &refused[i].config, text);

		if (err != refused[i].err || !strstr(text, refused[i].says))
			fail_msg("row %zu: %d: %s", i, err, text);
		assert_null(w);
	}
}

static void convert(uint8_t *rgb, int stride, const struct vc_image *img)
{
	for (int y = 0; y < img->height; y++)
		memset(rgb + (ptrdiff_t)y * stride, 0, 4 * (size_t)img->width);
}

static void pictures_and_sound_go_in(void **state)
{
	const struct vc_gst_window_config c = {
		.title = "test",
		.width = 64,
		.height = 48,
		.channels = 2,
		.video_sink = "fakesink",
		.audio_sink = "fakesink",
	};
	char text[VC_GST_TEXT_CAP];
	struct vc_gst_window *w;
	struct vc_gst_event ev;
	struct vc_image small, odd;
	int16_t pcm[2 * 960] = { 0 };

	(void)state;
	assert_int_equal(vc_gst_window_open(&w, &c, text), 0);
	assert_int_equal(vc_image_alloc(&small, 64, 48), 0);
	assert_int_equal(vc_image_alloc(&odd, 33, 17), 0);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(vc_gst_window_video(w, i % 2 ? &odd : &small),
				 0);
		if (i % 3 == 0)
			assert_int_equal(
				vc_gst_window_rgb(w, i % 2 ? &small : &odd,
						  convert),
				0);
		int err = vc_gst_window_audio(w, pcm, 960);

		assert_true(err == 0 || err == -EAGAIN);
		assert_in_range(vc_gst_window_queued(w), 0, 200 * VC_MS);
	}
	assert_false(vc_gst_window_wants_rgb(w));
	assert_int_equal(vc_gst_window_event(w, &ev), 0);
	vc_image_clear(&small);
	vc_image_clear(&odd);
	vc_gst_window_close(w);
}

static void sound_that_does_not_fit_is_refused(void **state)
{
	const struct vc_gst_window_config c = { .channels = 1,
						.audio_sink = "fakesink" };
	static int16_t pcm[9600];
	char text[VC_GST_TEXT_CAP];
	struct vc_gst_window *w;
	struct vc_image im;

	(void)state;
	assert_int_equal(vc_gst_window_open(&w, &c, text), 0);
	assert_int_equal(vc_gst_window_audio(w, pcm, 9600 + 48), -EAGAIN);
	assert_int_equal(vc_gst_window_audio(w, pcm, 9600), 0);
	assert_int_equal(vc_image_alloc(&im, 64, 48), 0);
	assert_int_equal(vc_gst_window_video(w, &im), -EPIPE);
	vc_image_clear(&im);
	vc_gst_window_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_open_says_why),
		cmocka_unit_test(pictures_and_sound_go_in),
		cmocka_unit_test(sound_that_does_not_fit_is_refused),
	};

	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	setenv("G_DEBUG", "fatal-criticals", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
