/* SPDX-License-Identifier: MIT */
/*
 * What is typed, as cues. A script of 'MS text', and the cues that are over:
 * "START-END text", and how often each was put before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/cueline.h"

struct seen {
	char text[4000];
	size_t len;
	int64_t open; /* the start of the one that goes on; -1: none does */
	unsigned int n_open, n_over;
	int64_t last; /* start of the newest */
};

static int put(void *ctx, const struct vc_cue *c)
{
	struct seen *s = ctx;

	assert_true(vc_utf8_valid(c->text, c->len));
	assert_true(c->end >= c->start + VC_CUE_SHOWN);
	/* Another begins later; the same comes again. */
	if (s->open >= 0)
		assert_int_equal(c->start, s->open);
	else
		assert_true(c->start > s->last);
	s->last = c->start;
	s->open = c->is_over ? -1 : c->start;
	s->n_open += !c->is_over;
	if (!c->is_over)
		return 0;
	s->n_over++;
	if (s->len < 2000)
		s->len += (size_t)snprintf(
			s->text + s->len, sizeof(s->text) - s->len,
			"%d-%d %.*s|", (int)(c->start / VC_MS),
			(int)(c->end / VC_MS), (int)c->len, c->text);
	return 0;
}

struct typed {
	int ms;
	const char *text;
};

static void run(struct seen *s, const struct typed *script, size_t n)
{
	struct vc_cueline c = { .put = put, .ctx = s };
	size_t i = 0;

	*s = (struct seen){ .open = -1, .last = -1 };
	for (int ms = 0; ms <= 100000; ms += 50) {
		for (; i < n && script[i].text && script[i].ms <= ms; i++)
			assert_int_equal(
				vc_cueline_type(&c, script[i].ms * VC_MS,
						script[i].text,
						strlen(script[i].text)),
				0);
		assert_int_equal(vc_cueline_look(&c, ms * VC_MS), 0);
	}
	assert_int_equal(vc_cueline_end(&c), 0);
	assert_int_equal(s->open, -1);
}

#define SCRIPT 6

static const struct {
	struct typed script[SCRIPT];
	const char *cues;
} cases[] = {
	{ { { 1000, "Hello\n" } }, "1000-5000 Hello|" },
	/* Letter by letter, corrected, a pause that is none. */
	{ { { 500, "Hi" }, { 900, "\b\bHel" }, { 8000, "lo\n" } },
	  "500-12000 Hello|" },
	/* The next line ends it, but not at once. */
	{ { { 0, "one\n" }, { 2000, "two\nthree\n" } },
	  "0-2000 one|2000-3000 two|2001-6000 three|" },
	/* A pause does, 4 s after the last letter. */
	{ { { 0, "one" }, { 10000, "two" } }, "0-4000 one|10000-14000 two|" },
	{ { { 0, "one" }, { 9999, "two" } }, "0-13999 onetwo|" },
	/* A backspace goes over the end of a line that is not over, and ... */
	{ { { 0, "ab\n" }, { 1000, "\b\bc\n" } }, "0-5000 ac|" },
	/* ... not into one that is. */
	{ { { 0, "ab\nc" }, { 1000, "\b\b\b\bd" } }, "0-1000 ab|1-5000 d|" },
	/* All of it was taken back: said so where it was seen. */
	{ { { 0, "ab" }, { 300, "\b\b" }, { 5000, "\nx\n" } },
	  "0-5000 |5000-9000 x|" },
	{ { { 0, "ab\b\b\n" } }, "" },
	/* Empty lines are none; what is not to be seen is not there. */
	{ { { 0, "\n\n\a" },
	    { 100, "a\xe2\x80\xae"
		   "b\x7f\n\n" } },
	  "100-4100 ab|" },
	/* No line goes on for ever. */
	{ { { 0, "a" }, { 9000, "b" }, { 18000, "c" }, { 27000, "d" } },
	  "0-31000 abcd|" },
};

static void lines_become_cues(void **state)
{
	struct seen s;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cases); i++) {
		run(&s, cases[i].script, SCRIPT);
		assert_string_equal(s.text, cases[i].cues);
	}
}

static void a_line_is_cut_where_it_can_be(void **state)
{
	struct vc_cueline c = { .put = put };
	struct seen s = { .open = -1, .last = -1 };
	char text[1000];

	(void)state;
	c.ctx = &s;
	memset(text, 'x', sizeof(text));
	text[390] = ' ';
	/* Letters that grow count as what they become. */
	memset(text + 800, '<', 100);
	assert_int_equal(vc_cueline_type(&c, 0, text, 900), 0);
	assert_int_equal(vc_cueline_end(&c), 0);
	assert_int_equal(s.n_over, 4);
	/* Before the word: 391, the whole: 400, the rest and 78 of five: 9 + 78
	 * * 5 = 399, the last 22. */
	assert_memory_equal(s.text, "0-1000 xxx", 10);
	assert_int_equal(strchr(s.text, '|') - s.text, 7 + 391);
	assert_int_equal(c.dropped, 0);
	/* And where it takes too long. */
	s = (struct seen){ .open = -1, .last = s.last };
	for (int i = 0; i < 30; i++)
		assert_int_equal(
			vc_cueline_type(&c, (10 + 5 * i) * VC_SEC, "y", 1), 0);
	assert_int_equal(s.n_over, 2);
	assert_int_equal(s.last, (10 + 120) * VC_SEC);
}

/* 4 MB in a tenth of a second: a thousand cues and a little, and flat memory. */
static void a_flood_is_bounded(void **state)
{
	struct vc_cueline c = { .put = put };
	struct seen s = { .open = -1, .last = -1 };
	static char text[40000];

	(void)state;
	c.ctx = &s;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '\n' : 'a';
	for (int i = 0; i < 100; i++)
		assert_int_equal(
			vc_cueline_type(&c, i * VC_MS, text, sizeof(text)), 0);
	assert_true(s.n_over <= 1101);
	assert_true(s.last <= 2 * VC_SEC);
	assert_true(c.dropped > 1990000);
	/* It is over when it is over. */
	s = (struct seen){ .open = -1, .last = s.last };
	assert_int_equal(vc_cueline_type(&c, 10 * VC_SEC, "b\n", 2), 0);
	assert_int_equal(vc_cueline_look(&c, 14 * VC_SEC), 0);
	assert_non_null(strstr(s.text, "10000-14000 b|"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_cues),
		cmocka_unit_test(a_line_is_cut_where_it_can_be),
		cmocka_unit_test(a_flood_is_bounded),
	};

	return cmocka_run_group_tests_name("cueline", tests, NULL, NULL);
}
