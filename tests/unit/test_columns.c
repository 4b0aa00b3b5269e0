/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "base/columns.h"
#include "base/mem.h"

/* "1[a|b] 3[c]", and what is wrong behind it. */
static void check(const char *text, const char *want, unsigned int line,
		  const char *why)
{
	struct vc_columns_error err = { 0 };
	struct vc_columns c;
	char got[400] = "";
	int more;

	assert_int_equal(vc_columns_begin(&c, vc_str_c(text), 400, &err), 0);
	while ((more = vc_columns_next(&c)) > 0) {
		size_t len = strlen(got);

		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%u[",
					len ? " " : "", c.line);
		for (size_t i = 0; i < c.n; i++)
			len += (size_t)snprintf(got + len, sizeof(got) - len,
						"%s%.*s", i ? "|" : "",
						VC_STR_ARGS(c.col[i]));
		snprintf(got + len, sizeof(got) - len, "]");
	}
	assert_string_equal(got, want);
	assert_int_equal(more, why ? -EINVAL : 0);
	assert_int_equal(err.line, line);
	assert_string_equal(err.why, why ? why : "");
}

static void lines_in_columns(void **state)
{
	(void)state;
	check("", "", 0, NULL);
	check("\n \t\r\n# a\n  #b\n", "", 0, NULL);
	check("a", "1[a]", 0, NULL);
	check("a b\n\n\tc\td # e\n", "1[a|b] 3[c|d]", 0, NULL);
	check("a#b #c d\r\ne\r\n", "1[a#b] 2[e]", 0, NULL);
	check("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 # 17",
	      "1[1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16]", 0, NULL);
	check("a\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\nb", "1[a]", 2,
	      "'1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17': too many columns");
	check("\n\n\xff", "", 3, "'\\xff': not UTF-8 text");
}

static void what_is_wrong(void **state)
{
	struct vc_columns_error err;
	struct vc_columns c;
	char text[80], said[VC_COLUMNS_SAID];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(vc_columns_begin(&c, vc_str_of("a\0b", 3), 3, &err),
			 0);
	assert_int_equal(vc_columns_next(&c), -EINVAL);
	assert_string_equal(err.why, "'a\\x00b': not UTF-8 text");
	assert_int_equal(vc_columns_begin(&c, vc_str_of(text, 80), 79, &err),
			 -EINVAL);
	assert_int_equal(err.line, 0);
	assert_string_equal(err.why, "more than 0 KiB");

	/* Words are foreign, and may be long. */
	assert_int_equal(vc_columns_begin(&c, vc_str_of(text, 80), 80, &err),
			 0);
	assert_int_equal(vc_columns_next(&c), 1);
	assert_int_equal(vc_columns_wrong(&c, "no", vc_str_c("\x1b[2J")),
			 -EINVAL);
	assert_string_equal(err.why, "'\\x1b[2J': no");
	vc_columns_wrong(&c, "no", c.col[0]);
	assert_int_equal(strlen(err.why), 64 + strlen("'': no"));
	vc_columns_wrong(&c, "no", vc_str_c(""));
	vc_columns_say(&err, said);
	assert_string_equal(said, "line 1: no");
	assert_int_equal(vc_columns_no_memory(&c), -ENOMEM);
	vc_columns_say(&err, said);
	assert_string_equal(said, "line 1: out of memory");
	err.line = 0;
	vc_columns_say(&err, said);
	assert_string_equal(said, "out of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_in_columns),
		cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
