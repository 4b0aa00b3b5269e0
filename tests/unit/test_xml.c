/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tool/xml.h"

static const struct {
	const char *in;
	const char *out;
} rows[] = {
	{ "", "" },
	{ "plain \xc3\xb6", "plain \xc3\xb6" },
	{ "a<b>&c", "a&lt;b&gt;&amp;c" },
	{ "\"'", "&quot;&#39;" },
	{ "&lt;", "&amp;lt;" },
	{ "]]>", "]]&gt;" },
};

static void test_put(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		assert_non_null(f);
		vc_xml_put(f, rows[i].in);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(text, rows[i].out);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_put) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
