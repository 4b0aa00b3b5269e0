/* SPDX-License-Identifier: MIT */
/* What is shown of a text: the last rows of it, for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/caption.h"
#include "media/charwidth.h"

#define LRO "\xe2\x80\xad"
#define ZWJ "\xe2\x80\x8d"

static const char *rows_of(const struct vc_caption *c, int cols, int rows)
{
	static char out[VC_CAPTION_OUT];
	struct vc_charwidth *w = vc_charwidth_new();
	size_t len = vc_caption_rows(c, w, VC_SEC, cols, rows, out);

	assert_non_null(w);
	vc_charwidth_free(w);

	assert_int_equal(len, strlen(out));
	assert_true(vc_utf8_valid(out, len));
	return out;
}

static void rows_are_broken_between_words(void **state)
{
	static const struct {
		const char *in;
		int cols, rows;
		const char *out;
	} cases[] = {
		{ "", 20, 2, "" },
		{ "\n\n", 20, 2, "" },
		{ "hello", 20, 2, "hello" },
		{ "hello\n", 20, 2, "hello" },
		{ "one\ntwo\nthree\n", 20, 2, "two\nthree" },
		{ "one\ntwo\nthree\n", 20, 1, "three" },
		{ "one\n\n\ntwo", 20, 2, "one\ntwo" },
		{ "the quick brown fox", 10, 2, "the quick\nbrown fox" },
		{ "the quick brown fox", 9, 2, "the quick\nbrown fox" },
		{ "the quick brown fox", 8, 2, "brown\nfox" },
		{ "abcdefghij", 4, 2, "efgh\nij" },
		/* Wide ones take two columns. */
		{ "\xe4\xbd\xa0\xe5\xa5\xbd\xe5\x90\x97", 4, 2,
		  "\xe4\xbd\xa0\xe5\xa5\xbd\n\xe5\x90\x97" },
		{ "\xe4\xbd\xa0\xe5\xa5\xbd", 3, 2,
		  "\xe4\xbd\xa0\n\xe5\xa5\xbd" },
		/* What combines none. */
		{ "e\xcc\x81"
		  "a",
		  2, 1,
		  "e\xcc\x81"
		  "a" },
		{ "ab\bc", 20, 2, "ac" },
		{ "\xe4\xbd\xa0\bx\b\b\by", 20, 2, "y" },
		{ "ab\n\bc", 20, 2, "abc" },
		{ "a\ab", 20, 2, "ab" },
		/* Nothing that changes the direction; joiners stay. */
		{ "a" LRO "b", 20, 2, "ab" },
		{ "a" ZWJ "b", 20, 2, "a" ZWJ "b" },
		{ "back\\slash", 20, 2, "back\\slash" },
		{ "ab", 1, 2, "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cases); i++) {
		struct vc_caption c = { 0 };
		size_t len = strlen(cases[i].in);

		vc_caption_add(&c, cases[i].in, len, VC_SEC);
		assert_string_equal(rows_of(&c, cases[i].cols, cases[i].rows),
				    cases[i].out);
	}
}

static void it_goes_after_a_while(void **state)
{
	struct vc_caption c = { 0 };
	char out[VC_CAPTION_OUT];

	(void)state;
	assert_int_equal(vc_caption_rows(&c, NULL, 0, 20, 2, out), 0);
	vc_caption_add(&c, "one", 3, 10 * VC_SEC);
	assert_int_equal(vc_caption_rows(&c, NULL, 10 * VC_SEC, 20, 2, out), 3);
	assert_int_equal(vc_caption_rows(&c, NULL,
					 10 * VC_SEC + VC_CAPTION_HOLD - 1, 20,
					 2, out),
			 3);
	assert_int_equal(vc_caption_rows(&c, NULL,
					 10 * VC_SEC + VC_CAPTION_HOLD, 20, 2,
					 out),
			 0);
	assert_string_equal(out, "");
	/* More of it in time stays with it, later it is something new. */
	vc_caption_add(&c, "two", 3, 12 * VC_SEC);
	vc_caption_rows(&c, NULL, 12 * VC_SEC, 20, 2, out);
	assert_string_equal(out, "onetwo");
	vc_caption_add(&c, "new", 3, 30 * VC_SEC);
	vc_caption_rows(&c, NULL, 30 * VC_SEC, 20, 2, out);
	assert_string_equal(out, "new");
}

/* However long somebody types, whole characters are kept, the newest. */
static void it_is_bounded(void **state)
{
	struct vc_charwidth *w = vc_charwidth_new();
	struct vc_caption c = { 0 };
	char out[VC_CAPTION_OUT];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		vc_caption_add(&c, "\xf0\x9f\x98\x80", 4, VC_SEC);
		assert_true(vc_utf8_valid(c.text, c.len));
	}
	vc_caption_add(&c, "end", 3, VC_SEC);
	for (int cols = 2; cols < 300; cols++) {
		size_t len = vc_caption_rows(&c, w, VC_SEC, cols, 2, out);

		assert_true(len < sizeof(out) && vc_utf8_valid(out, len));
		assert_string_equal(out + len - 1, "d");
	}
	/* All marks and no letter: a row ends by its octets. */
	for (int i = 0; i < 400; i++)
		vc_caption_add(&c, "\xcc\x81", 2, VC_SEC);
	rows_of(&c, 20, 2);
	vc_charwidth_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_broken_between_words),
		cmocka_unit_test(it_goes_after_a_while),
		cmocka_unit_test(it_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
