/* SPDX-License-Identifier: MIT */
/* Files that are cut, lie, or are no media at all: F3 of the hostile inputs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "gst/file.h"
#include "gst/init.h"
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
	static const char list[] = "#EXTM3U\nhttp://127.0.0.1/a.webm\n";
	static const char noise[] = "\x1a\x45\xdf\xa3\x1b[2J\x1b[2J";
	const uint32_t len = 2 * MEDIAFILE_SAMPLES;

	(void)state;
	if (mediafile_dir_make() || mediafile_put_webm("a.webm") ||
	    mediafile_put_wav("a.wav", len) ||
	    mediafile_put_wav("lies.wav", 0x7fff0000) ||
	    mediafile_put_wav("streamed.wav", UINT32_MAX) ||
	    mediafile_put("empty.webm", "", 0) ||
	    mediafile_put("text.webm", "hello\n", 6) ||
	    mediafile_put("list.webm", list, sizeof(list) - 1) ||
	    mediafile_put("esc.webm", noise, sizeof(noise) - 1) ||
	    mediafile_put_head("half.webm", "a.webm", 0) ||
	    mediafile_put_head("head.webm", "a.webm", 420) ||
	    mediafile_put_head("half.wav", "a.wav",
			       MEDIAFILE_WAV_HEAD + 2 * 48000))
		return -1;
	return mkfifo(mediafile_at("fifo.webm"), 0600);
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

/* Takes all of one medium: how many frames, and how it ended. */
static int drain_sound(struct vc_gst_file *f, int *end)
{
	int16_t pcm[FRAME];
	int64_t pts;
	int n = 0;

	while ((*end = vc_gst_file_audio_wait(f, pcm, FRAME, &pts)) == 1)
		n++;
	return n;
}

static int drain_pictures(struct vc_gst_file *f, int *end)
{
	struct vc_image im;
	int64_t pts;
	int n = 0;

	while ((*end = vc_gst_file_video_wait(f, &im, &pts)) == 1)
		n++;
	return n;
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
		int err = vc_gst_file_open(&f, mediafile_at(refused[i].name),
					   &both, text);

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
	assert_int_equal(vc_gst_file_open(&f, mediafile_at("a.wav"), &pictures,
					  text),
			 -ENODATA);
	assert_non_null(strstr(text, "no sound or pictures"));
}

static void a_cut_file_is_used_up_to_the_cut(void **state)
{
	struct vc_gst_file *f = open_file("half.webm", &both);
	int end;

	(void)state;
	assert_in_range(drain_pictures(f, &end), 10, 50);
	assert_int_equal(end, -EBADMSG);
	assert_in_range(drain_sound(f, &end), 10, 80);
	assert_int_equal(end, -EBADMSG);
	assert_non_null(strstr(vc_gst_file_text(f), "cut short"));
	vc_gst_file_close(f);
	f = open_file("half.wav", &both);
	assert_int_equal(drain_sound(f, &end), 50);
	assert_int_equal(end, -EBADMSG);
	vc_gst_file_close(f);
}

static void claimed_sizes_are_not_believed(void **state)
{
	struct vc_gst_file *f = open_file("lies.wav", &both);
	int end;

	(void)state;
	assert_int_equal(drain_sound(f, &end), 76);
	assert_int_equal(end, -EBADMSG);
	vc_gst_file_close(f);
	f = open_file("streamed.wav", &both);
	assert_int_equal(drain_sound(f, &end), 76);
	assert_int_equal(end, 0);
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
	setenv("XDG_CACHE_HOME", mediafile_at("."), 1);
	assert_int_equal(vc_gst_registry(path, sizeof(path)), 0);
	/* A file where the folder should be: then it is a folder of ours. */
	assert_int_equal(rmdir(mediafile_at("gstreamer-1.0")), 0);
	assert_int_equal(mediafile_put("gstreamer-1.0", "", 0), 0);
	assert_int_equal(vc_gst_registry(path, sizeof(path)), 1);
	assert_string_equal(path, mediafile_at("./vc/gstreamer-1.0.registry"));
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
