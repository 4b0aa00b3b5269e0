/* SPDX-License-Identifier: MIT */
/* Acts: written, read, found, and what is not one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/impairacts.h"

#define HEAD VC_IMPAIR_ACTS_HEAD

static void what_is_written_is_read(void **state)
{
	static const char *const lines[] = {
		"up 1 pass 0\n",
		"up 2 loss\n",
		"up 3 pass 50000000\n",
		"up 3 pass 51000000 copy\n",
		"up 4 pass 7 after=9.2\n",
		"up 5 pass 7 copy after=9.3 bit=131\n",
		"up 6 codel\n",
		"up 7 rebind\n",
		"up audio.2.17 blackout\n",
		"up rtcp.1.3 pass 12\n",
		"up video.1.281474976710656 queue\n",
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(lines); i++) {
		struct vc_impair_acts acts[2];
		char text[256], out[VC_IMPAIR_ACT_TEXT];
		size_t line, len;

		strcpy(text, HEAD);
		strcat(text, lines[i]);
		assert_int_equal(vc_impair_acts_read(acts, text, strlen(text),
						     &line),
				 0);
		assert_int_equal(acts[VC_IMPAIR_UP].n, 1);
		len = vc_impair_act_write(out, VC_IMPAIR_UP,
					  &acts[VC_IMPAIR_UP].v[0]);
		assert_int_equal(len, strlen(lines[i]));
		assert_string_equal(out, lines[i]);
		vc_impair_acts_free(acts);
	}
}

static void they_are_found(void **state)
{
	static const char text[] = HEAD
		"# late lines\n"
		"up 9 pass 1 copy\ndown 9 loss\n\n"
		"up audio.1.9 mtu\nup 9 pass 2\nup 2 loss\n";
	struct vc_impair_acts acts[2];
	const struct vc_impair_act *a;
	size_t line;

	(void)state;
	assert_int_equal(vc_impair_acts_read(acts, text, strlen(text), &line),
			 0);
	a = vc_impair_acts_of(&acts[0], 0, 9);
	assert_int_equal(a->delay, 2);
	assert_true(a[1].is_copy);
	assert_null(vc_impair_acts_of(&acts[0], 0, 3));
	assert_int_equal(vc_impair_acts_of(&acts[1], 0, 9)->fate, VC_FATE_LOSS);
	a = vc_impair_acts_of(&acts[0], (uint64_t)VC_IMPAIR_AUDIO << 32 | 1, 9);
	assert_int_equal(a->fate, VC_FATE_MTU);
	vc_impair_acts_free(acts);
}

static void what_is_wrong_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t line;
	} rows[] = {
		{ "", 1 },
		{ "vc-impair-acts 2\n", 1 },
		{ HEAD "up 1\n", 2 },
		{ HEAD "up 0 loss\n", 2 },
		{ HEAD "sideways 1 loss\n", 2 },
		{ HEAD "up 1 lost\n", 2 },
		{ HEAD "up 1 passed 5\n", 2 },
		{ HEAD "up 1 pass\n", 2 },
		{ HEAD "up 1 pass -5\n", 2 },
		{ HEAD "up 1 pass 3600000000001\n", 2 },
		{ HEAD "up 1 loss 5\n", 2 },
		{ HEAD "up 1  loss\n", 2 },
		{ HEAD "up 1 pass 5 twice\n", 2 },
		{ HEAD "up 1 pass 5 after=3\n", 2 },
		{ HEAD "up 1 pass 5 after=3.256\n", 2 },
		{ HEAD "up 1 pass 5 bit=-1\n", 2 },
		{ HEAD "up 1 pass 5 copy after=1.1 bit=1 copy\n", 2 },
		{ HEAD "up cat.1.1 loss\n", 2 },
		{ HEAD "up audio.0.1 loss\n", 2 },
		{ HEAD "up audio.1 loss\n", 2 },
		{ HEAD "up 1 loss\n\nup x loss\n", 4 },
		{ HEAD "up 1 loss\nup 1 loss\n", 3 },
		{ HEAD "up 1 loss\nup 1 pass 5 copy\n", 3 },
		{ HEAD "down 1 rebind\n", 2 },
		{ HEAD "up 1 rebind 5\n", 2 },
		{ HEAD "up audio.1.1 rebind\n", 2 },
		{ HEAD "up 1 rebind\nup 1 rebind\n", 3 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_impair_acts acts[2];
		size_t line;

		assert_int_equal(vc_impair_acts_read(acts, rows[i].text,
						     strlen(rows[i].text),
						     &line),
				 -EBADMSG);
		assert_int_equal(line, rows[i].line);
		assert_null(acts[0].v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(they_are_found),
		cmocka_unit_test(what_is_wrong_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
