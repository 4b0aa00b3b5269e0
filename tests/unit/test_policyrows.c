/* SPDX-License-Identifier: MIT */
/* Rows of a policy that nobody has, as others go before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/policy.h"

/* Which line has all of the last row; 0: somebody has it. */
static void a_row_may_be_nobodys(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *id;
	} rows[] = {
		{ "default-role student\nrole:student - -\nrecorder * *\n", 2,
		  "recorder" },
		{ "ann * *\nbob * *\n", 0, NULL },
		{ "role:a * *\nann * *\n", 0, NULL },
		{ "role ann a\nrole:a * *\nann * *\n", 2, "ann" },
		{ "role a* a\nrole:? * *\nann,abe * *\n", 2, "ann" },
		{ "role ann a\nrole:a * *\nann,bob * *\n", 0, NULL },
		{ "role ann a\nrole:a * *\nann,* * *\n", 0, NULL },
		{ "role ann a\nrole:a * *\nann,role:b * *\n", 0, NULL },
		{ "role ann a\nrole:a * *\nan? * *\n", 0, NULL },
		{ "ann * *\na* * *\nann - -\n", 1, "ann" },
		{ "role:a * *\nrole:b,role:a * *\n", 0, NULL },
		{ "role:a,role:b * *\nrole:b * *\n", 1, "" },
		{ "role:a* * *\nrole:ab * *\n", 1, "" },
		{ "role:ab * *\nrole:a* * *\n", 0, NULL },
		{ "a*,* * *\na*,role:b,role:* * *\n", 1, "" },
		{ "role:* * *\n* * *\n", 1, "" },
		{ "role:?* * *\n* * *\n", 0, NULL },
		/* A backslash: who is called just so. */
		{ "role a\\* x\nrole:x * *\na\\* * *\n", 2, "a*" },
		{ "a?b * *\na\\b * *\n", 0, NULL },
	};
	struct vc_columns_error err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_policy *p =
			vc_policy_parse(vc_str_c(rows[i].text), &err);
		const struct vc_policy_row *last = NULL, *before;
		struct vc_policy_who who;

		assert_non_null(p);
		for (size_t k = 0; vc_policy_row_at(p, k); k++)
			last = vc_policy_row_at(p, k);
		before = vc_policy_row_before(p, last, &who);
		if ((before ? before->line : 0) != rows[i].line ||
		    (before && strcmp(who.id, rows[i].id) != 0))
			fail_msg("%s: line %u", rows[i].text,
				 before ? before->line : 0);
		vc_policy_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_may_be_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
