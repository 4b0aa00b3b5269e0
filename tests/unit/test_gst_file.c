/* SPDX-License-Identifier: MIT */
/* What whole files give. For what damaged ones do, see test_gst_damage.c. */
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
#include "gst/file.h"
#include "unit/mediafile.h"

#define FRAME 960

static const struct vc_gst_file_config both = {
	.width = 160,
	.height = 160,
	.fps_num = 30,
	.fps_den = 1,
	.channels = 1,
};

static int make_files(void **state)
{
	(void)state;
	if (mediafile_dir_make() || mediafile_put_webm("a.webm"))
		return -1;
	return mediafile_put_wav("a.wav", 2 * MEDIAFILE_SAMPLES);
}

static int drop_files(void **state)
{
	(void)state;
	return mediafile_dir_drop();
}

static struct vc_gst_file *open_file(const char *name,
				     const struct vc_gst_file_config *config)
{
	char text[VC_GST_TEXT_CAP];
	struct vc_gst_file *f;

	if (vc_gst_file_open(&f, mediafile_at(name), config, text))
		fail_msg("%s: %s", name, text);
	return f;
}

/* What a file gave. */
struct sum {
	int pictures, frames; /* counts */
	int end_video, end_audio;
	int64_t video_pts, audio_pts; /* of the last ones */
	uint64_t video_sum, audio_sum;
};

static void add_picture(struct sum *s, const struct vc_image *im)
{
	for (int y = 0; y < im->height; y++)
		for (int x = 0; x < im->width; x++)
			s->video_sum =
				s->video_sum * 31 + im->y[y * im->stride_y + x];
	s->pictures++;
}

/* Takes all of it, what is due first first, and checks the time stamps. */
static struct sum drain(struct vc_gst_file *f, int64_t base)
{
	struct sum s = { .end_video = 1, .end_audio = 1 };
	int16_t pcm[FRAME];
	struct vc_image im;

	while (s.end_video == 1 || s.end_audio == 1) {
		if (s.end_audio == 1 &&
		    (s.end_video != 1 || s.audio_pts <= s.video_pts)) {
			s.end_audio = vc_gst_file_audio_wait(f, pcm, FRAME,
							     &s.audio_pts);
			if (s.end_audio != 1)
				continue;
			assert_int_equal(s.audio_pts,
					 base + s.frames * 20 * VC_MS);
			for (int i = 0; i < FRAME; i++)
				s.audio_sum =
					s.audio_sum * 31 + (uint16_t)pcm[i];
			s.frames++;
		} else {
			s.end_video =
				vc_gst_file_video_wait(f, &im, &s.video_pts);
			if (s.end_video != 1)
				continue;
			assert_int_equal(s.video_pts,
					 base + s.pictures * VC_SEC / 30);
			add_picture(&s, &im);
		}
	}
	return s;
}

static void wav_comes_back_sample_by_sample(void **state)
{
	struct vc_gst_file *f = open_file("a.wav", &both);
	int16_t pcm[FRAME];
	int64_t pts;
	int n = 0;

	(void)state;
	assert_true(vc_gst_file_has_audio(f));
	assert_false(vc_gst_file_has_video(f));
	assert_int_equal(vc_gst_file_duration(f), 1510 * VC_MS);
	while (vc_gst_file_audio_wait(f, pcm, FRAME, &pts) == 1) {
		assert_int_equal(pts, n * INT64_C(20) * VC_MS);
		for (int i = 0; i < FRAME; i++) {
			int k = n * FRAME + i;

			assert_int_equal(pcm[i], k < MEDIAFILE_SAMPLES ?
							 mediafile_sample(k) :
							 0);
		}
		n++;
	}
	assert_int_equal(n, 76);
	assert_int_equal(vc_gst_file_audio_wait(f, pcm, FRAME, &pts), 0);
	vc_gst_file_close(f);
}

static void stereo_has_both_channels(void **state)
{
	struct vc_gst_file_config c = { .channels = 2 };
	struct vc_gst_file *f = open_file("a.wav", &c);
	int16_t pcm[2 * 480];
	int64_t pts;

	(void)state;
	for (int n = 0; n < 10; n++) {
		assert_int_equal(vc_gst_file_audio_wait(f, pcm, 480, &pts), 1);
		assert_int_equal(pts, n * INT64_C(10) * VC_MS);
		for (int i = 0; i < 960; i++)
			assert_int_equal(pcm[i],
					 mediafile_sample(n * 480 + i / 2));
	}
	vc_gst_file_close(f);
}

static void webm_has_every_frame_and_loops(void **state)
{
	struct vc_gst_file *f = open_file("a.webm", &both);
	struct sum first = drain(f, 0);

	(void)state;
	assert_int_equal(first.pictures, 60);
	assert_int_equal(first.frames, 100);
	assert_int_equal(first.end_video, 0);
	assert_int_equal(first.end_audio, 0);
	for (int round = 1; round < 3; round++) {
		assert_int_equal(vc_gst_file_rewind(f), 0);
		struct sum s = drain(f, round * 2 * VC_SEC);

		assert_int_equal(s.pictures, first.pictures);
		assert_int_equal(s.frames, first.frames);
		assert_true(s.video_sum == first.video_sum);
		assert_true(s.audio_sum == first.audio_sum);
	}
	vc_gst_file_close(f);
}

static void sound_begins_when_it_should(void **state)
{
	struct vc_gst_file *f = open_file("a.webm", &both);
	struct vc_image im;
	int16_t pcm[FRAME];
	int64_t pts;
	int peak[50] = { 0 };

	(void)state;
	assert_int_equal(vc_gst_file_video_wait(f, &im, &pts), 1);
	for (int n = 0; n < 50; n++) {
		assert_int_equal(vc_gst_file_audio_wait(f, pcm, FRAME, &pts),
				 1);
		for (int i = 0; i < FRAME; i++)
			if (abs(pcm[i]) > peak[n])
				peak[n] = abs(pcm[i]);
	}
	assert_in_range(peak[23], 0, 100);
	assert_in_range(peak[26], 1000, 32768);
	vc_gst_file_close(f);
}

static void pictures_are_letterboxed(void **state)
{
	struct vc_gst_file *f = open_file("a.webm", &both);
	struct vc_image im;
	int64_t pts;
	int bright = 0;

	(void)state;
	assert_int_equal(vc_gst_file_video_wait(f, &im, &pts), 1);
	assert_int_equal(im.width, 160);
	assert_int_equal(im.height, 160);
	/* 320x240 in 160x160: 20 rows above and below stay black. */
	for (int x = 0; x < 160; x++) {
		assert_in_range(im.y[10 * im.stride_y + x], 15, 17);
		assert_in_range(im.y[150 * im.stride_y + x], 15, 17);
		bright += im.y[30 * im.stride_y + x] > 60;
	}
	assert_in_range(bright, 40, 160);
	vc_gst_file_close(f);
}

static void what_is_not_wanted_stays_away(void **state)
{
	struct vc_gst_file_config sound = { .channels = 1 };
	struct vc_gst_file_config pictures = both;
	struct vc_gst_file *f = open_file("a.webm", &sound);

	(void)state;
	struct sum s = drain(f, 0);

	assert_int_equal(s.pictures, 0);
	assert_int_equal(s.frames, 100);
	vc_gst_file_close(f);
	pictures.channels = 0;
	f = open_file("a.webm", &pictures);
	s = drain(f, 0);
	assert_int_equal(s.pictures, 60);
	assert_int_equal(s.frames, 0);
	vc_gst_file_close(f);
}

static void the_loop_can_wait_on_descriptors(void **state)
{
	struct vc_gst_file *f = open_file("a.webm", &both);
	struct pollfd p = { .fd = vc_gst_file_audio_fd(f), .events = POLLIN };
	struct vc_image im;
	int16_t pcm[FRAME];
	int64_t pts;
	int n = 0;
	int got;

	(void)state;
	do {
		(void)vc_gst_file_video(f, &im, &pts);
		got = vc_gst_file_audio(f, pcm, FRAME, &pts);
		n += got == 1;
		if (got == -EAGAIN)
			assert_int_equal(poll(&p, 1, 5000), 1);
	} while (got == 1 || got == -EAGAIN);
	assert_int_equal(got, 0);
	assert_int_equal(n, 100);
	vc_gst_file_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wav_comes_back_sample_by_sample),
		cmocka_unit_test(stereo_has_both_channels),
		cmocka_unit_test(webm_has_every_frame_and_loops),
		cmocka_unit_test(sound_begins_when_it_should),
		cmocka_unit_test(pictures_are_letterboxed),
		cmocka_unit_test(what_is_not_wanted_stays_away),
		cmocka_unit_test(the_loop_can_wait_on_descriptors),
	};

	/* Our own mistakes with GLib are fatal here. */
	setenv("G_DEBUG", "fatal-criticals", 1);
	return cmocka_run_group_tests(tests, make_files, drop_files);
}
