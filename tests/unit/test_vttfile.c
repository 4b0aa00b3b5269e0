/* SPDX-License-Identifier: MIT */
/* WebVTT files: the order of cues, and what is held. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/vttfile.h"
#include "partdir.h"

static uint8_t room[400000];
static struct vc_outfile *out;
static struct vc_vttfile *file;

static void begin(void)
{
	static const struct vc_track_info sound = { .kind = VC_TRACK_AUDIO };
	struct vc_track_info text = { .kind = VC_TRACK_TEXT };
	unsigned int track;

	assert_int_equal(vc_outfile_open(path, &out), 0);
	file = vc_vttfile_new(out);
	assert_non_null(file);
	assert_int_equal(vc_vttfile_ops.add(file, &sound, &track), -ENOTSUP);
	for (unsigned int i = 0; i < 2; i++) {
		vc_track_set_name(text.name, i ? "Bob\n<>" : "Ann");
		assert_int_equal(vc_vttfile_ops.add(file, &text, &track), 0);
		assert_int_equal(track, i);
	}
}

static void type(unsigned int track, int64_t ms, const char *s, bool is_open)
{
	const struct vc_container_unit u = {
		.track = track,
		.time = ms * VC_MS,
		.duration = VC_SEC,
		.is_open = is_open,
		.data = (const uint8_t *)s,
		.len = strlen(s),
	};

	assert_int_equal(vc_vttfile_ops.write(file, &u), 0);
}

static size_t end(void)
{
	assert_int_equal(vc_vttfile_ops.finish(file), 0);
	vc_vttfile_ops.free(file);
	assert_int_equal(vc_outfile_finish(out), 0);
	return slurp(path, room, sizeof(room) - 1);
}

#define ANN "00:00:01.000 --> 00:00:02.000\n<v Ann>one two\n\n"
#define BOB "00:00:01.500 --> 00:00:02.500\n<v Bob\\x0a&lt;&gt;>x\n\n"

static void cues_are_in_the_order_they_began(void **state)
{
	(void)state;
	begin();
	type(0, 1000, "one", true);
	type(1, 1500, "x", false);
	assert_int_equal(vc_vttfile_ops.flush(file), 0);
	assert_int_equal(slurp(part, room, sizeof(room)), 0);
	type(0, 1000, "one two", true);
	type(0, 1000, "one two", false);
	type(1, 3000, "gone", true);
	type(1, 3000, "", false);
	type(0, 4000, "four", true);
	assert_int_equal(vc_vttfile_ops.rename(file, 0, "Anna"), 0);
	room[end()] = '\0';
	assert_string_equal((char *)room,
			    "WEBVTT\n\n" ANN BOB
			    "00:00:04.000 --> 00:00:05.000\n<v Anna>four\n\n");
	unlink(path);
}

/* One that never ends holds so many others and no more. */
static void what_is_held_is_bounded(void **state)
{
	size_t len = 0;

	(void)state;
	begin();
	type(0, 0, "a", true);
	for (int i = 1; i <= VC_VTTFILE_CUES + 9; i++) {
		type(1, i, "b", false);
		if (i == VC_VTTFILE_CUES - 1) {
			vc_vttfile_ops.flush(file);
			len = slurp(part, room, sizeof(room));
			assert_int_equal(len, 0);
		}
	}
	/* It was over by then. */
	type(0, 0, "ab", false);
	room[end()] = '\0';
	assert_non_null(strstr((char *)room, ">a\n"));
	assert_null(strstr((char *)room, ">ab\n"));
	for (char *p = (char *)room; (p = strstr(p, "-->")); p++)
		len++;
	assert_int_equal(len, VC_VTTFILE_CUES + 10);
	unlink(path);
}

static void nothing_said_is_no_file(void **state)
{
	(void)state;
	begin();
	type(0, 0, "a", true);
	type(0, 0, "", false);
	assert_int_equal(vc_vttfile_ops.finish(file), -ENODATA);
	vc_vttfile_ops.free(file);
	vc_outfile_abandon(out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cues_are_in_the_order_they_began),
		cmocka_unit_test(what_is_held_is_bounded),
		cmocka_unit_test(nothing_said_is_no_file),
	};

	return cmocka_run_group_tests_name("vttfile", tests, make_dir,
					   drop_dir);
}
