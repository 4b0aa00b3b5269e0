/* SPDX-License-Identifier: MIT */
/* Subtitles as WebVTT and SubRip spell them, and what strangers spell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/webvtt.h"

static char room[1000];

static void is(const struct vc_wr *w, const char *expected)
{
	assert_false(w->bad);
	assert_int_equal(vc_wr_len(w), strlen(expected));
	assert_memory_equal(w->start, expected, strlen(expected));
}

static void a_cue_is_what_players_read(void **state)
{
	struct vc_wr w = vc_wr_over(room, sizeof(room));

	(void)state;
	vc_webvtt_cue(&w, 3661 * VC_SEC + 1999999, 100 * 3600 * VC_SEC, "A&B>",
		      "x --> y", 7);
	is(&w, "01:01:01.001 --> 100:00:00.000\n"
	       "<v A&amp;B&gt;>x --&gt; y\n\n");
}

static const struct {
	const char *text, *vtt, *subrip;
} rows[] = {
	{ "hello", "hello", "hello" },
	{ "-->", "--&gt;", "-->" },
	{ "<b>", "&lt;b&gt;",
	  "<\xe2\x81\xa0"
	  "b>" },
	{ "{\\an8}x", "{\\an8}x", "{\xe2\x81\xa0\\an8}x" },
	{ "&lt;", "&amp;lt;", "&lt;" },
	{ "a < b & c", "a &lt; b &amp; c", "a <\xe2\x81\xa0 b & c" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "", "", "" },
};

static void text_is_never_markup_and_comes_back(void **state)
{
	char back[100];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		size_t len = strlen(rows[i].text);
		struct vc_wr w = vc_wr_over(room, sizeof(room));
		struct vc_wr b = vc_wr_over(back, sizeof(back));

		vc_webvtt_text(&w, rows[i].text, len);
		is(&w, rows[i].vtt);
		vc_webvtt_plain(&b, room, vc_wr_len(&w));
		is(&b, rows[i].text);
		w = vc_wr_over(room, sizeof(room));
		b = vc_wr_over(back, sizeof(back));
		vc_subrip_text(&w, rows[i].text, len);
		is(&w, rows[i].subrip);
		vc_subrip_plain(&b, room, vc_wr_len(&w));
		is(&b, rows[i].text);
	}
}

static void what_others_write_is_read(void **state)
{
	static const struct {
		const char *said, *vtt, *subrip;
	} others[] = {
		{ "<v Bob>hi</v>", "hi", "hi" },
		{ "<i>a</i> <00:00:01.000>b", "a b", "a <00:00:01.000>b" },
		{ "\n\none\r\n\ntwo\n", "one\ntwo", "one\ntwo" },
		{ "open <b", "open ", "open <b" },
		{ "a&nbsp;b&lrm;c&bogus;&", "a bc&bogus;&",
		  "a&nbsp;b&lrm;c&bogus;&" },
		{ "1 < 2 <b>x</b>", "1 x", "1 < 2 x" },
		{ "<", "", "<" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(others); i++) {
		size_t len = strlen(others[i].said);
		/* Never more than it was. */
		struct vc_wr w = vc_wr_over(room, len);

		vc_webvtt_plain(&w, others[i].said, len);
		is(&w, others[i].vtt);
		w = vc_wr_over(room, len);
		vc_subrip_plain(&w, others[i].said, len);
		is(&w, others[i].subrip);
	}
}

/* Looking for the end of each tag anew would take minutes. */
static void tags_that_never_end_are_text(void **state)
{
	const size_t len = 4u << 20;
	char *text = vc_alloc(1, len), *plain = vc_alloc(1, len);
	struct vc_wr w = vc_wr_over(plain, len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? 'b' : '<';
	vc_subrip_plain(&w, text, len);
	assert_int_equal(vc_wr_len(&w), len);
	assert_memory_equal(plain, text, len);
	text[len / 2] = '>';
	w = vc_wr_over(plain, len);
	vc_subrip_plain(&w, text, len);
	assert_int_equal(vc_wr_len(&w), len / 2 - 1);
	free(text);
	free(plain);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cue_is_what_players_read),
		cmocka_unit_test(text_is_never_markup_and_comes_back),
		cmocka_unit_test(what_others_write_is_read),
		cmocka_unit_test(tags_that_never_end_are_text),
	};

	return cmocka_run_group_tests_name("webvtt", tests, NULL, NULL);
}
