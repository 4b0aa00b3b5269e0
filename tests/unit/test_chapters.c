/* SPDX-License-Identifier: MIT */
/* Who has the word, and marks: scripts, and the chapters they make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/chapters.h"

/* "SECONDS+NAME" begins to talk, "-NAME" ends, "!TEXT" is a mark. */
static void run(const char *script, char out[static 500])
{
	struct vc_chapters *c = vc_chapters_new();
	int64_t at = 0;
	size_t len = 0;

	assert_non_null(c);
	while (*script) {
		char *p, word[2] = "";

		at = (int64_t)(strtod(script, &p) * 10 + 0.5) * 100 * VC_MS;
		word[0] = p[1];
		if (*p == '!')
			vc_chapters_mark(c, at, word);
		else
			vc_chapters_talk(c, at, (uint64_t)p[1], word,
					 *p == '+');
		script = p + 2 + (p[2] == ' ');
	}
	vc_chapters_run(c, at + 60 * VC_SEC);
	for (size_t i = 0; i < vc_chapters_n(c); i++) {
		const struct vc_chapter *one = vc_chapters_at(c, i);

		len += (size_t)snprintf(out + len, 500 - len, "%s%.1f%s%s",
					i ? " " : "", (double)one->start / 1e9,
					one->is_mark ? "!" : "+", one->title);
	}
	out[len] = '\0';
	vc_chapters_free(c);
}

static const struct {
	const char *script, *chapters;
} cases[] = {
	{ "", "" },
	{ "1+a", "1.0+a" },
	/* Not sure: a word or two. */
	{ "1+a 2.9-a", "" },
	{ "1+a 3-a", "1.0+a" },
	/* One after the other, and one who says yes meanwhile. */
	{ "1+a 20-a 20.5+b 40-b 41+a", "1.0+a 20.5+b 41.0+a" },
	{ "1+a 5+b 6-b 20-a", "1.0+a" },
	{ "1+a 20-a 20.2+b 21-b 21.5+a", "1.0+a" },
	/* He talked before he was alone: from then on he has the word. */
	{ "1+a 15+b 20-a", "1.0+a 20.0+b" },
	/* Too soon: it waits, and may be over by then. */
	{ "1+a 4-a 4+b", "1.0+a 11.0+b" },
	{ "1+a 4-a 4+b 10-b", "1.0+a" },
	{ "1+a 4-a 4+b 9-b 9+c 30-c", "1.0+a 11.0+c" },
	/* The one before goes on after a pause. */
	{ "1+a 20-a 30+a 50-a", "1.0+a" },
	/* Marks are where they are set; what follows them waits. */
	{ "1!x 1!y 2+a", "1.0!x 1.0!y 11.0+a" },
	{ "1+a 5!x 8-a 8+b", "1.0+a 5.0!x 15.0+b" },
	{ "0+a 1!x", "1.0!x 11.0+a" },
	/* Twice on, twice off. */
	{ "1+a 2+a 20-a 21-a 22+b", "1.0+a 22.0+b" },
};

static void who_has_the_word(void **state)
{
	char got[500];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cases); i++) {
		run(cases[i].script, got);
		assert_string_equal(got, cases[i].chapters);
	}
}

static void titles_are_text_and_all_is_bounded(void **state)
{
	struct vc_chapters *c = vc_chapters_new();
	const char *title;
	char name[1000];

	(void)state;
	vc_chapters_mark(c, 0, "a\n\x1b<b>\xe2\x80\xae");
	assert_string_equal(vc_chapters_at(c, 0)->title,
			    "a\\x0a\\x1b<b>\\u{202e}");
	memset(name, 0, sizeof(name));
	for (size_t i = 0; i + 4 < sizeof(name); i += 3)
		memcpy(name + i, "\xe4\xbd\xa0", 3);
	vc_chapters_mark(c, 0, name);
	title = vc_chapters_at(c, 1)->title;
	assert_int_equal(strlen(title), VC_CHAPTER_TITLE - 2);
	assert_true(vc_utf8_valid(title, strlen(title)));
	for (int i = 0; i < 2000; i++)
		vc_chapters_mark(c, i * VC_SEC, "m");
	assert_int_equal(vc_chapters_n(c), VC_CHAPTERS_MAX);
	for (size_t i = 1; i < VC_CHAPTERS_MAX; i++)
		assert_true(vc_chapters_at(c, i)->start >
			    vc_chapters_at(c, i - 1)->start);
	for (uint64_t i = 0; i < 2000; i++)
		vc_chapters_talk(c, 2000 * VC_SEC, i, "t", true);
	for (uint64_t i = 0; i < 2000; i++)
		vc_chapters_talk(c, 3000 * VC_SEC, i, "t", false);
	vc_chapters_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_the_word),
		cmocka_unit_test(titles_are_text_and_all_is_bounded),
	};

	return cmocka_run_group_tests_name("chapters", tests, NULL, NULL);
}
