/* SPDX-License-Identifier: MIT */
/* Who said what when. A script of 'MS KEY text', and what is written of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/transcript.h"

struct said {
	int ms;
	uint64_t key;
	const char *text;
};

#define SAID_MAX 6

static const char *const names[] = { "", "Ann", "Bob<&>", "e\x1b[2J" };

struct written {
	char text[4000];
	size_t len;
};

static void take(struct vc_transcript *t, int64_t at, struct written *w)
{
	const char *p;
	size_t len;

	while ((p = vc_transcript_take(t, at, &len))) {
		assert_true(w->len + len < sizeof(w->text));
		memcpy(w->text + w->len, p, len);
		w->len += len;
		w->text[w->len] = '\0';
	}
}

/* As vc-play does: what was said, then what is complete, every 10 ms. */
static void run(struct written *w, bool is_vtt, const struct said *said)
{
	struct vc_transcript *t = vc_transcript_new(is_vtt);
	size_t i = 0;

	assert_non_null(t);
	*w = (struct written){ .len = 0 };
	for (int ms = 0; ms <= 20000; ms += 10) {
		for (; i < SAID_MAX && said[i].text && said[i].ms == ms; i++)
			assert_int_equal(
				vc_transcript_add(t, said[i].key,
						  names[said[i].key],
						  ms * VC_MS, said[i].text,
						  strlen(said[i].text)),
				0);
		take(t, ms * VC_MS, w);
	}
	vc_transcript_end(t);
	take(t, INT64_MAX, w);
	vc_transcript_free(t);
}

static const struct {
	struct said said[SAID_MAX];
	const char *lines, *cues;
} cases[] = {
	{ { { 1000, 1, "Hello\n" } },
	  "00:00:01.000 Ann: Hello\n",
	  "00:00:01.000 --> 00:00:05.000\n<v Ann>Hello\n\n" },
	/* Typed letter by letter, and corrected. */
	{ { { 500, 1, "Hi" }, { 900, 1, "\b\bHel" }, { 1500, 1, "lo\n" } },
	  "00:00:00.500 Ann: Hello\n",
	  "00:00:00.500 --> 00:00:05.500\n<v Ann>Hello\n\n" },
	/* The next one of the same ends it, but not at once. */
	{ { { 0, 1, "one\n" }, { 2000, 1, "two\nthree\n" } },
	  "00:00:00.000 Ann: one\n00:00:02.000 Ann: two\n"
	  "00:00:02.000 Ann: three\n",
	  "00:00:00.000 --> 00:00:02.000\n<v Ann>one\n\n"
	  "00:00:02.000 --> 00:00:03.000\n<v Ann>two\n\n"
	  "00:00:02.000 --> 00:00:06.000\n<v Ann>three\n\n" },
	/* In the order in which they were begun. */
	{ { { 0, 1, "slow " }, { 1000, 2, "quick\n" }, { 3000, 1, "one\n" } },
	  "00:00:00.000 Ann: slow one\n00:00:01.000 Bob<&>: quick\n",
	  "00:00:00.000 --> 00:00:07.000\n<v Ann>slow one\n\n"
	  "00:00:01.000 --> 00:00:05.000\n<v Bob&lt;&amp;&gt;>quick\n\n" },
	/* Empty ones are none; no end is one after a while. */
	{ { { 0, 1, "\n\n \b\n" }, { 100, 1, "a" }, { 11000, 1, "b" } },
	  "00:00:00.100 Ann: a\n00:00:11.000 Ann: b\n",
	  "00:00:00.100 --> 00:00:04.100\n<v Ann>a\n\n"
	  "00:00:11.000 --> 00:00:15.000\n<v Ann>b\n\n" },
	/* It is text, whatever it looks like; a name, too. */
	{ { { 0, 3, "\a<i>-->&\xe2\x80\xae\n" } },
	  "00:00:00.000 e\\x1b[2J: <i>-->&\n",
	  "00:00:00.000 --> 00:00:04.000\n"
	  "<v e\\x1b[2J>&lt;i&gt;--&gt;&amp;\n\n" },
};

static void lines_and_cues(void **state)
{
	static struct written w;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cases); i++) {
		run(&w, false, cases[i].said);
		assert_string_equal(w.text, cases[i].lines);
		run(&w, true, cases[i].said);
		assert_string_equal(w.text, cases[i].cues);
	}
}

static void a_long_line_becomes_two(void **state)
{
	struct vc_transcript *t = vc_transcript_new(false);
	static struct written w;

	(void)state;
	for (int i = 0; i < 500; i++)
		assert_int_equal(
			vc_transcript_add(t, 1, "x", 0, "\xe2\x82\xac", 3), 0);
	vc_transcript_leave(t, 1);
	take(t, 0, &w);
	assert_int_equal(w.len, 1500 + 2 * strlen("00:00:00.000 x: \n"));
	assert_true(vc_utf8_valid(w.text, w.len));
	vc_transcript_free(t);
}

/* One who never ends a line does not hold the others for ever. */
static void nothing_grows_without_end(void **state)
{
	struct vc_transcript *t = vc_transcript_new(true);
	const char *p;
	size_t len, n = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		(void)vc_transcript_add(t, (uint64_t)i, "x", 0, "y", 1);
		while ((p = vc_transcript_take(t, 0, &len)))
			n++;
	}
	assert_true(n >= 100000 - 2 * VC_TRANSCRIPT_LINES);
	vc_transcript_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_cues),
		cmocka_unit_test(a_long_line_becomes_two),
		cmocka_unit_test(nothing_grows_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
