/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

#define TEXT(s) (s), sizeof(s) - 1

static const struct {
	const char *in;
	size_t len;
	const char *out;
} escapes[] = {
	{ TEXT(""), "" },
	{ TEXT("alice"), "alice" },
	{ TEXT("\x1b[2J/../x"), "\\x1b[2J/../x" },
	{ TEXT("a\0b\r\n\t\x7f"), "a\\x00b\\x0d\\x0a\\x09\\x7f" },
	{ TEXT("a\\x1b"), "a\\\\x1b" },
	{ TEXT("gr\xc3\xbc\xc3\x9f"
	       "e \xe2\x82\xac \xf0\x9f\x98\x80"),
	  "gr\xc3\xbc\xc3\x9f"
	  "e \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ TEXT("\xc2\x9b"
	       "2J"),
	  "\\xc2\\x9b2J" }, /* C1: CSI */
	{ TEXT("a\xe2\x80\xae"
	       "b"),
	  "a\\u{202e}b" }, /* bidi */
	{ TEXT("\xe2\x81\xa6\xef\xbb\xbf"), "\\u{2066}\\u{feff}" },
	{ TEXT("\xc2\xad\xe2\x80\x8b"), "\\u{ad}\\u{200b}" },
	{ TEXT("\xf3\xa0\x80\x81"), "\\u{e0001}" }, /* tag */
	{ TEXT("\xff\xfe"), "\\xff\\xfe" },
	{ TEXT("\xc0\xaf"), "\\xc0\\xaf" },	     /* overlong */
	{ TEXT("\xed\xa0\x80"), "\\xed\\xa0\\x80" }, /* surrogate */
	{ TEXT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ TEXT("x\xe2\x82"), "x\\xe2\\x82" }, /* cut short */
};

static void foreign_text_is_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(escapes); i++) {
		char out[128];
		size_t n = vc_escape(out, sizeof(out), escapes[i].in,
				     escapes[i].len);

		assert_string_equal(out, escapes[i].out);
		assert_int_equal(n, strlen(out));
		assert_true(n < VC_ESCAPE_CAP(escapes[i].len));
	}
}

static void what_is_escaped_stays_as_it_is(void **state)
{
	char once[128], out[128];

	(void)state;
	vc_escape(once, sizeof(once), "a\x1b\\", 3);
	vc_escape_rest(out, sizeof(out), once, strlen(once));
	assert_string_equal(out, "a\\x1b\\\\");
	vc_escape_rest(out, sizeof(out), "a\\\x1b", 3);
	assert_string_equal(out, "a\\\\x1b");
}

static void escaping_never_writes_behind_its_room(void **state)
{
	const char *in = "a\x1b\xe2\x80\xae\xe2\x82\xac\\";

	(void)state;
	for (size_t cap = 0; cap < 32; cap++) {
		char out[40];
		size_t n;

		memset(out, '!', sizeof(out));
		n = vc_escape(out, cap, in, strlen(in));
		for (size_t i = cap; i < sizeof(out); i++)
			assert_int_equal(out[i], '!');
		assert_true(!cap || (n < cap && !out[n]));
		assert_true(vc_utf8_valid(out, n));
	}
	assert_int_equal(vc_escape(NULL, 0, NULL, 0), 0);
}

static void utf8_is_decoded(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		int32_t c;
		size_t step;
	} rows[] = {
		{ TEXT("a"), 'a', 1 },
		{ TEXT("\0"), 0, 1 },
		{ TEXT("\xc2\x80"), 0x80, 2 },
		{ TEXT("\xdf\xbf"), 0x7ff, 2 },
		{ TEXT("\xe0\xa0\x80"), 0x800, 3 },
		{ TEXT("\xef\xbf\xbf"), 0xffff, 3 },
		{ TEXT("\xf0\x90\x80\x80"), 0x10000, 4 },
		{ TEXT("\xf4\x8f\xbf\xbf"), 0x10ffff, 4 },
		{ TEXT("\x80"), -1, 1 },
		{ TEXT("\xc1\xbf"), -1, 1 },
		{ TEXT("\xe0\x9f\xbf"), -1, 1 },
		{ TEXT("\xf0\x8f\xbf\xbf"), -1, 1 },
		{ TEXT("\xf5\x80\x80\x80"), -1, 1 },
		{ TEXT("\xe2\x82z"), -1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const char *p = rows[i].in;

		assert_int_equal(vc_utf8_next(&p, rows[i].in + rows[i].len),
				 rows[i].c);
		assert_int_equal(p - rows[i].in, rows[i].step);
		assert_int_equal(vc_utf8_valid(rows[i].in, rows[i].step),
				 rows[i].c >= 0);
	}
	assert_true(vc_utf8_valid(NULL, 0));
}

static void globs_match(void **state)
{
	static const struct {
		const char *pattern, *s;
		bool matches;
	} rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "?", "", false },
		{ "?", "a", true },
		{ "?", "\xe2\x82\xac", true },
		{ "?", "ab", false },
		{ "al*", "alice", true },
		{ "al*", "bob", false },
		{ "*ice", "alice", true },
		{ "*ice", "alicex", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "*ab", "aab", true },
		{ "**?", "a", true },
		{ "a", "A", false },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "\\*", "\\*", false },
		{ "\\?", "?", true },
		{ "\\?", "a", false },
		{ "\\a", "a", true },
		{ "\\\\", "\\", true },
		{ "\\\\", "\\\\", false },
		{ "\\\\*", "\\ab", true },
		{ "a\\", "a\\", true },
		{ "a\\", "a", false },
		{ "\\", "", false },
		{ "*\\*", "ab*", true },
		{ "*\\*", "a*b", false },
		{ "*\\*c", "a*b*c", true },
		{ "\\\xe2\x82\xac", "\xe2\x82\xac", true },
		{ "*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_glob(rows[i].pattern, rows[i].s),
				 rows[i].matches);
	assert_true(vc_glob_str("b?", vc_str_of(&"abc"[1], 2)));
	assert_true(vc_glob_str("*", vc_str_c(NULL)));
}

static void a_glob_may_be_one_word(void **state)
{
	static const struct {
		const char *pattern, *word;
	} rows[] = {
		{ "", "" },	      { "ann", "ann" },
		{ "a*", NULL },	      { "?", NULL },
		{ "\\*", "*" },	      { "a\\?b", "a?b" },
		{ "\\\\", "\\" },     { "\\\\*", NULL },
		{ "a\\", "a\\" },     { "1234567", "1234567" },
		{ "12345678", NULL }, { "\\1234567", "1234567" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char word[8];
		bool is_word = vc_glob_word(rows[i].pattern, word, 8);

		assert_int_equal(is_word, rows[i].word != NULL);
		if (!is_word)
			continue;
		assert_string_equal(word, rows[i].word);
		assert_true(vc_glob(rows[i].pattern, word));
	}
}

static void slices_compare_and_cut(void **state)
{
	struct vc_str s = vc_str_c("a,b,,c"), none = vc_str_c(NULL);

	(void)state;
	assert_true(vc_str_is(vc_str_cut(&s, ','), "a"));
	assert_true(vc_str_is(vc_str_cut(&s, ','), "b"));
	assert_true(vc_str_is(vc_str_cut(&s, ','), ""));
	assert_true(vc_str_is(s, "c"));
	assert_true(vc_str_is(vc_str_cut(&s, ','), "c"));
	assert_int_equal(s.len, 0);
	s = vc_str_c("a\r\n\n\r\r\nb\r");
	assert_true(vc_str_is(vc_str_line(&s), "a"));
	assert_true(vc_str_is(vc_str_line(&s), ""));
	assert_true(vc_str_is(vc_str_line(&s), "\r"));
	assert_true(vc_str_is(vc_str_line(&s), "b"));
	assert_int_equal(vc_str_line(&s).len, 0);
	assert_true(vc_str_is(vc_str_trim(vc_str_c("\t a b\r\n")), "a b"));
	assert_int_equal(vc_str_trim(vc_str_c(" \t")).len, 0);
	assert_int_equal(vc_str_trim(vc_str_of("\0 ", 2)).len, 1);
	assert_true(vc_str_eq(none, vc_str_c("")));
	assert_true(vc_str_eq_nocase(vc_str_c("oPuS"), vc_str_c("Opus")));
	assert_false(vc_str_is_nocase(vc_str_c("opu"), "opus"));
	assert_false(vc_str_is(vc_str_c("opus"), "Opus"));
	assert_true(vc_str_starts(vc_str_c("x-vc"), "x-"));
	assert_false(vc_str_starts(vc_str_c("x"), "x-"));
}

static void numbers_are_digits_alone(void **state)
{
	static const struct {
		const char *s;
		uint32_t max;
		bool fits;
		uint32_t v;
	} rows[] = {
		{ "0", 9, true, 0 },
		{ "007", 9, true, 7 },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", UINT32_MAX, false, 0 },
		{ "99999999999999999999999", UINT32_MAX, false, 0 },
		{ "128", 127, false, 0 },
		{ "", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ "+1", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "0x1", 9, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint32_t v = 0;

		assert_int_equal(vc_str_u32(vc_str_c(rows[i].s), rows[i].max,
					    &v),
				 rows[i].fits);
		assert_int_equal(v, rows[i].v);
	}
}

static void copies_are_cut_and_ended(void **state)
{
	char out[4] = "!!!";

	(void)state;
	assert_int_equal(vc_strlcpy(out, "abcdef", sizeof(out)), 6);
	assert_string_equal(out, "abc");
	assert_int_equal(vc_strlcpy(out, "abc", sizeof(out)), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(vc_str_copy(out, 1, vc_str_c("x")), 1);
	assert_string_equal(out, "");
	assert_int_equal(vc_str_copy(out, 4, vc_str_c(NULL)), 0);
	/* Not within a character. */
	assert_int_equal(vc_strlcpy(out, "ab\xc3\xa9", sizeof(out)), 4);
	assert_string_equal(out, "ab");
	assert_int_equal(vc_strlcpy(out, "a\xc3\xa9z", sizeof(out)), 4);
	assert_string_equal(out, "a\xc3\xa9");
	assert_int_equal(vc_strlcpy(out, "\xf0\x9f\x8e\x89", 4), 4);
	assert_string_equal(out, "");
	assert_int_equal(vc_strlcpy(out, "a\x80\x80\x80", 4), 4);
	assert_string_equal(out, "a\x80\x80");
	assert_int_equal(vc_strlcpy(out, "a\xff\xff\xff", 4), 4);
}

static void the_last_character_goes(void **state)
{
	(void)state;
	assert_int_equal(vc_utf8_back("", 0), 0);
	assert_int_equal(vc_utf8_back("ab", 2), 1);
	assert_int_equal(vc_utf8_back("a\xc3\xa4", 3), 1);
	assert_int_equal(vc_utf8_back("\xf0\x9f\x98\x80", 4), 0);
	/* Not UTF-8, but there is no more. */
	assert_int_equal(vc_utf8_back("\x80\x80", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_character_goes),
		cmocka_unit_test(foreign_text_is_escaped),
		cmocka_unit_test(what_is_escaped_stays_as_it_is),
		cmocka_unit_test(escaping_never_writes_behind_its_room),
		cmocka_unit_test(utf8_is_decoded),
		cmocka_unit_test(globs_match),
		cmocka_unit_test(a_glob_may_be_one_word),
		cmocka_unit_test(slices_compare_and_cut),
		cmocka_unit_test(numbers_are_digits_alone),
		cmocka_unit_test(copies_are_cut_and_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
