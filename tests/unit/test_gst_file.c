/* SPDX-License-Identifier: MIT */
/*
 * A WAV file is written here, octet by octet, so that what comes back can be
 * compared; ffmpeg makes the WebM file, since it shares no code with what
 * reads it. The other files are those two, damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "gst/file.h"
#include "gst/init.h"

#define FRAME 960
/* 1.51 s: the last frame of 20 ms is half full. */
#define WAV_SAMPLES 72480
#define WAV_HEAD 44

extern char **environ;

static char dir[] = "/tmp/vc-test-gst-file-XXXXXX";

static const struct vc_gst_file_config both = {
	.width = 160,
	.height = 160,
	.fps_num = 30,
	.fps_den = 1,
	.channels = 1,
};

static const char *at(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const void *p, size_t len)
{
	FILE *o = fopen(at(name), "we");

	assert_non_null(o);
	assert_int_equal(fwrite(p, 1, len, o), len);
	assert_int_equal(fclose(o), 0);
}

/* The first 'len' octets of a file as another one. */
static void put_head(const char *name, const char *of, size_t len)
{
	uint8_t *p = vc_alloc(1, len);
	FILE *i = fopen(at(of), "re");

	assert_non_null(i);
	assert_int_equal(fread(p, 1, len, i), len);
	fclose(i);
	put(name, p, len);
	free(p);
}

static int16_t sample(int i)
{
	return (int16_t)(i * 7919 % 20011 - 10000);
}

static void put_wav(const char *name, uint32_t claimed)
{
	static uint8_t p[WAV_HEAD + 2 * WAV_SAMPLES];
	static const uint8_t head[WAV_HEAD] =
		"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0"
		"\0\x77\1\0\2\0\x10\0data";
	uint32_t riff = claimed + WAV_HEAD - 8;

	memcpy(p, head, sizeof(head));
	for (int i = 0; i < 4; i++) {
		p[4 + i] = (uint8_t)(riff >> 8 * i);
		p[40 + i] = (uint8_t)(claimed >> 8 * i);
	}
	for (int i = 0; i < WAV_SAMPLES; i++) {
		p[WAV_HEAD + 2 * i] = (uint8_t)((uint16_t)sample(i) & 0xff);
		p[WAV_HEAD + 2 * i + 1] = (uint8_t)((uint16_t)sample(i) >> 8);
	}
	put(name, p, sizeof(p));
}

static int run(const char *const argv[])
{
	pid_t pid;
	int status = -1;

	if (posix_spawnp(&pid, argv[0], NULL, NULL,
			 (char *const *)(uintptr_t)argv, environ))
		return -1;
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* 2 s, 25 frames/s, 4:3; the sound begins half a second later. */
static int put_webm(void)
{
	const char *const argv[] = {
		"ffmpeg",
		"-nostdin",
		"-v",
		"error",
		"-f",
		"lavfi",
		"-i",
		"testsrc2=size=320x240:rate=25:duration=2",
		"-itsoffset",
		"0.5",
		"-f",
		"lavfi",
		"-i",
		"sine=frequency=440:sample_rate=48000:duration=1.5",
		"-c:v",
		"libvpx",
		"-c:a",
		"libopus",
		at("a.webm"),
		NULL,
	};

	return run(argv);
}

static int make_files(void **state)
{
	struct stat st;

	(void)state;
	if (!mkdtemp(dir) || put_webm())
		return -1;
	put_wav("a.wav", 2 * WAV_SAMPLES);
	put_wav("lies.wav", 0x7fff0000);
	put_wav("streamed.wav", UINT32_MAX);
	put("empty.webm", "", 0);
	put("text.webm", "hello\n", 6);
	put("list.webm", "#EXTM3U\nhttp://127.0.0.1/a.webm\n", 32);
	put("esc.webm", "\x1a\x45\xdf\xa3\x1b[2J\x1b[2J", 12);
	if (stat(at("a.webm"), &st))
		return -1;
	put_head("half.webm", "a.webm", (size_t)st.st_size / 2);
	put_head("head.webm", "a.webm", 420);
	put_head("half.wav", "a.wav", WAV_HEAD + 2 * 48000);
	return mkfifo(at("fifo.webm"), 0600);
}

static int drop_files(void **state)
{
	const char *const argv[] = { "rm", "-r", dir, NULL };

	(void)state;
	return run(argv);
}

static struct vc_gst_file *open_file(const char *name,
				     const struct vc_gst_file_config *config)
{
	char text[VC_GST_TEXT_CAP];
	struct vc_gst_file *f;

	if (vc_gst_file_open(&f, at(name), config, text))
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

			assert_int_equal(pcm[i],
					 k < WAV_SAMPLES ? sample(k) : 0);
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
			assert_int_equal(pcm[i], sample(n * 480 + i / 2));
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

static const struct {
	const char *name;
	int err;
	const char *says;
} refused[] = {
	{ "nothere.webm", -ENOENT, "No such file" },
	{ "", -EINVAL, "regular file" },
	{ "fifo.webm", -EINVAL, "regular file" },
	{ "empty.webm", -EMEDIUMTYPE, "an empty file" },
	{ "text.webm", -EMEDIUMTYPE, "text" },
	{ "list.webm", -EMEDIUMTYPE, "a playlist" },
	{ "esc.webm", -EBADMSG, "" },
	{ "head.webm", -EBADMSG, "cut short" },
};

static void what_is_no_medium_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(refused); i++) {
		char text[VC_GST_TEXT_CAP];
		struct vc_gst_file *f;
		int err =
			vc_gst_file_open(&f, at(refused[i].name), &both, text);

		if (err != refused[i].err || !strstr(text, refused[i].says))
			fail_msg("%s: %d: %s", refused[i].name, err, text);
		assert_null(f);
		assert_true(text[0]);
		for (const char *s = text; *s; s++)
			assert_in_range(*s, ' ', '~');
	}
}

static void nothing_wanted_in_it_is_said(void **state)
{
	struct vc_gst_file_config pictures = both;
	char text[VC_GST_TEXT_CAP];
	struct vc_gst_file *f;

	(void)state;
	pictures.channels = 0;
	assert_int_equal(vc_gst_file_open(&f, at("a.wav"), &pictures, text),
			 -ENODATA);
	assert_non_null(strstr(text, "no sound or pictures"));
}

static void a_cut_file_is_used_up_to_the_cut(void **state)
{
	struct vc_gst_file *f = open_file("half.webm", &both);
	struct sum s = drain(f, 0);

	(void)state;
	assert_in_range(s.pictures, 10, 50);
	assert_int_equal(s.end_video, -EBADMSG);
	assert_int_equal(s.end_audio, -EBADMSG);
	assert_non_null(strstr(vc_gst_file_text(f), "cut short"));
	vc_gst_file_close(f);
	f = open_file("half.wav", &both);
	s = drain(f, 0);
	assert_int_equal(s.frames, 50);
	assert_int_equal(s.end_audio, -EBADMSG);
	vc_gst_file_close(f);
}

static void claimed_sizes_are_not_believed(void **state)
{
	struct vc_gst_file *f = open_file("lies.wav", &both);
	struct sum s = drain(f, 0);

	(void)state;
	assert_int_equal(s.frames, 76);
	assert_int_equal(s.end_audio, -EBADMSG);
	vc_gst_file_close(f);
	f = open_file("streamed.wav", &both);
	s = drain(f, 0);
	assert_int_equal(s.frames, 76);
	assert_int_equal(s.end_audio, 0);
	vc_gst_file_close(f);
}

static void a_rewind_of_nothing_fails(void **state)
{
	struct vc_gst_file *f = open_file("a.wav", &both);

	(void)state;
	assert_int_equal(vc_gst_file_rewind(f), -ENODATA);
	vc_gst_file_close(f);
}

static void the_registry_can_be_written(void **state)
{
	char path[256];

	(void)state;
	unsetenv("GST_REGISTRY");
	unsetenv("GST_REGISTRY_1_0");
	setenv("XDG_CACHE_HOME", dir, 1);
	assert_int_equal(vc_gst_registry(path, sizeof(path)), 0);
	/* A file where the folder should be: then it is a folder of ours. */
	assert_int_equal(rmdir(at("gstreamer-1.0")), 0);
	put("gstreamer-1.0", "", 0);
	assert_int_equal(vc_gst_registry(path, sizeof(path)), 1);
	assert_string_equal(path, at("vc/gstreamer-1.0.registry"));
	assert_int_equal(vc_gst_registry(path, 8), -ENAMETOOLONG);
	setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
	assert_int_equal(vc_gst_registry(path, sizeof(path)), 1);
	assert_int_equal(strncmp(path, "/tmp/vc-", 8), 0);
	setenv("GST_REGISTRY", "/somewhere", 1);
	assert_int_equal(vc_gst_registry(path, sizeof(path)), 0);
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
		cmocka_unit_test(what_is_no_medium_is_refused),
		cmocka_unit_test(nothing_wanted_in_it_is_said),
		cmocka_unit_test(a_cut_file_is_used_up_to_the_cut),
		cmocka_unit_test(claimed_sizes_are_not_believed),
		cmocka_unit_test(a_rewind_of_nothing_fails),
		cmocka_unit_test(the_registry_can_be_written),
	};

	/* Our own mistakes with GLib are fatal here. */
	setenv("G_DEBUG", "fatal-criticals", 1);
	return cmocka_run_group_tests(tests, make_files, drop_files);
}
