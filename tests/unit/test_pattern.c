/* SPDX-License-Identifier: MIT */
/* Names of files with words in braces: what strangers say is made harmless. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "tool/pattern.h"

static void foreign_words(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "Alice", "Alice" },
		{ "", "-" },
		{ NULL, "-" },
		{ ".", "_" },
		{ "..", "_." },
		{ "../../etc/cron.d/x", "_._.._etc_cron.d_x" },
		{ ".bashrc", "_bashrc" },
		{ "a\nb\x1b[2J", "a_b__2J" },
		{ "-rf", "-rf" },
		{ "名前", "__" },
		{ "J\xc3\xbcrgen M.", "J_rgen_M." },
		{ "{name}", "_name_" },
		{ "\xff\xfe", "__" },
	};
	char word[VC_PATTERN_WORD + 1], *text = vc_alloc(1, 4097);

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_pattern_word(word, rows[i].text);
		assert_string_equal(word, rows[i].word);
	}
	memset(text, 'x', 4096);
	vc_pattern_word(word, text);
	assert_int_equal(strlen(word), VC_PATTERN_WORD);
	free(text);
}

static void expands(void **state)
{
	const struct vc_pattern_words words = {
		.tag = "t1",
		.name = "A/B",
		.cname = "x@y",
		.kind = "video",
		.ssrc = 0xabc,
		.time = VC_VIRTUAL_EPOCH + 61 * VC_SEC,
		.n = 7,
	};
	static const struct {
		const char *text, *path;
		int err;
	} rows[] = {
		{ "a.png", "a.png", 0 },
		{ "d/{name}.png", "d/A_B.png", 0 },
		{ "{tag}{cname}-{kind}", "t1x_y-video", 0 },
		{ "{ssrc}.{n}.{time}", "00000ABC.0007.20000101T000101Z", 0 },
		{ "{name}{name}", "A_BA_B", 0 },
		{ "a}b", "a}b", 0 },
		{ "{nme}", "", -EINVAL },
		{ "{}", "", -EINVAL },
		{ "x{name", "", -EINVAL },
		{ "0123456789012345678901234567890123456789", "",
		  -ENAMETOOLONG },
		{ "012345678901234567890123456789{name}{name}", "",
		  -ENAMETOOLONG },
	};
	char path[36];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(vc_pattern_expand(path, sizeof(path),
						   rows[i].text, &words),
				 rows[i].err);
		if (!rows[i].err)
			assert_string_equal(path, rows[i].path);
	}
}

/* "rm $f" is no "rm -rf". */
static void no_options(void **state)
{
	const struct vc_pattern_words words = { .name = "-rf" };
	static const struct {
		const char *text, *path;
	} rows[] = {
		{ "{name}.webm", "_rf.webm" },	 { "d/{name}", "d/_rf" },
		{ "{tag}-{name}", "_--rf" },	 { "a{name}", "a-rf" },
		{ "{tag}{name}", "_-rf" },	 { "{n}/{name}", "0000/_rf" },
		{ "d/{tag}/{name}", "d/_/_rf" },
	};
	char path[36];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(vc_pattern_expand(path, sizeof(path),
						   rows[i].text, &words),
				 0);
		assert_string_equal(path, rows[i].path);
	}
}

static void checks(void **state)
{
	char why[64];

	(void)state;
	assert_int_equal(vc_pattern_check("{name}{n}", "name n", why, 64), 0);
	assert_int_equal(vc_pattern_check("{n}", "name", why, 64), -EINVAL);
	assert_string_equal(why, "{n}: not one of name");
	assert_true(vc_pattern_has("x{name}y{n}", "n"));
	assert_false(vc_pattern_has("x{name}y", "n"));
	assert_false(vc_pattern_is("x}y"));
}

static void numbers(void **state)
{
	static const struct {
		const char *plain;
		unsigned int n;
		const char *path;
		int err;
	} rows[] = {
		{ "a.b/c.png", 1, "a.b/c.png", 0 },
		{ "a.b/c.png", 2, "a.b/c-2.png", 0 },
		{ "a.b/c", 4294967295, "a.b/c-4294967295", 0 },
		{ "a.vcrtp.gz", 3, "a-3.vcrtp.gz", 0 },
		{ "d/a.gz", 3, "d/a-3.gz", 0 },
		{ ".gz", 3, "-3.gz", 0 },
		{ "", 2, "-2", 0 },
		{ "0123456789012345678", 1, "0123456789012345678", 0 },
		{ "0123456789012345678", 2, "", -ENAMETOOLONG },
	};
	char path[20];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(vc_pattern_number(path, sizeof(path),
						   rows[i].plain, rows[i].n),
				 rows[i].err);
		if (!rows[i].err)
			assert_string_equal(path, rows[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_words), cmocka_unit_test(expands),
		cmocka_unit_test(no_options),	 cmocka_unit_test(checks),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
