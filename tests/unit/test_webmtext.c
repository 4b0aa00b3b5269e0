/* SPDX-License-Identifier: MIT */
/* Subtitles in WebM and Matroska, read back while they grow and at the end. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/unitfile.h"
#include "partdir.h"
#include "webmput.h"

static const struct vc_track_info text = {
	.kind = VC_TRACK_TEXT,
	.codec = "t140",
	.name = "Ann <&>",
	.rate_hz = 1000,
};

static void type(struct vc_webmfile *f, unsigned int track, int64_t ms,
		 const char *s, bool is_open)
{
	const struct vc_container_unit u = {
		.track = track,
		.time = ms * VC_MS,
		.duration = VC_SEC,
		.is_key = true,
		.is_last = true,
		.is_open = is_open,
		.data = (const uint8_t *)s,
		.len = strlen(s),
	};

	assert_int_equal(vc_webmfile_ops.write(f, &u), 0);
}

/* All cues of a file, as "MS text|". */
static int note_cue(void *c, const struct vc_container_unit *u)
{
	char *out = c;
	size_t len = strlen(out);

	if (u->len < 10 || u->data[4])
		snprintf(out + len, 500 - len, "%d+%d %.*s|",
			 (int)(u->time / VC_MS), (int)(u->duration / VC_MS),
			 (int)u->len, (const char *)u->data);
	return 0;
}

static int note_track(void *c, const struct vc_track_info *info,
		      unsigned int *track)
{
	static unsigned int n;

	(void)c;
	*track = n++;
	return info->kind == VC_TRACK_TEXT ? 0 : -ENOTSUP;
}

static void cues_are(const char *name, const char *expected)
{
	static const struct vc_container_ops ops = { .add = note_track,
						     .write = note_cue };
	static uint8_t room[100000];
	char got[500] = "";
	const struct vc_unitfile_conf conf = { .ops = &ops, .container = got };
	struct vc_unitfile *u = vc_unitfile_new(&conf);
	size_t len = slurp(name, room, sizeof(room));

	assert_int_equal(vc_unitfile_put(u, room, len), 0);
	vc_unitfile_free(u);
	assert_string_equal(got, expected);
}

static void a_cue_grows_where_it_began(void **state)
{
	static const char *const types[] = { "webm", "matroska" };
	char longest[401] = "";

	(void)state;
	memset(longest, 'w', sizeof(longest) - 1);
	for (size_t i = 0; i < VC_COUNT(types); i++) {
		const struct vc_webmfile_conf conf = { .doctype = types[i] };
		struct vc_webmfile_counts counts;
		struct vc_outfile *o;
		struct vc_webmfile *f;
		unsigned int a, t;

		assert_int_equal(vc_outfile_open(path, &o), 0);
		f = vc_webmfile_new(&conf, o);
		assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
		assert_int_equal(vc_webmfile_ops.add(f, &text, &t), 0);
		for (int ms = 0; ms < 9000; ms += 20) {
			put(f, a, ms, true, false);
			if (ms == 1000)
				type(f, t, ms, "H", true);
			if (ms == 3000)
				type(f, t, 1000, "Hi <b>", true);
			if (ms == 7000) {
				/* Its cluster has long ended. */
				assert_int_equal(vc_webmfile_ops.flush(f), 0);
				cues_are(part, "1000+1000 Hi <b>|");
				type(f, t, 1000, "Hi <b>{x}", false);
			}
			if (ms == 8000)
				type(f, t, ms, longest, true);
		}
		type(f, t, 8000, "", false); /* taken back */
		type(f, t, 8980, "late", false);
		assert_int_equal(vc_webmfile_ops.finish(f), 0);
		vc_webmfile_counts(f, &counts);
		vc_webmfile_ops.free(f);
		assert_int_equal(vc_outfile_finish(o), 0);
		cues_are(path, "1000+1000 Hi <b>{x}|8980+1000 late|");
		/* Text among sound makes it no longer. */
		assert_int_equal(counts.duration, 9 * VC_SEC);
		unlink(path);
	}
}

static void on_a_pipe_a_cue_comes_when_it_is_over(void **state)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600);
	struct vc_outfile *o;
	struct vc_webmfile *f;
	unsigned int a, t;

	(void)state;
	assert_int_equal(vc_outfile_wrap(fd, &o), 0);
	f = vc_webmfile_new(NULL, o);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
	assert_int_equal(vc_webmfile_ops.add(f, &text, &t), 0);
	put(f, a, 0, true, false);
	type(f, t, 100, "a", true);
	put(f, a, 400, true, false);
	assert_int_equal(vc_webmfile_ops.flush(f), 0);
	cues_are(path, "");
	type(f, t, 100, "ab", false);
	type(f, t, 500, "x", true);
	type(f, t, 500, "", false);
	assert_int_equal(vc_webmfile_ops.finish(f), 0);
	vc_webmfile_ops.free(f);
	assert_int_equal(vc_outfile_finish(o), 0);
	close(fd);
	cues_are(path, "100+1000 ab|");
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cue_grows_where_it_began),
		cmocka_unit_test(on_a_pipe_a_cue_comes_when_it_is_over),
	};

	return cmocka_run_group_tests_name("webmtext", tests, make_dir,
					   drop_dir);
}
