/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/base64.h"

#define CAP 6

static void texts_are_read(void **state)
{
	static const struct {
		const char *text, *octets;
		int n;
	} rows[] = {
		{ "", "", 0 },
		{ "Zg==", "f", 1 },
		{ "Zg", "f", 1 },
		{ "Zm8=", "fo", 2 },
		{ "Zm8", "fo", 2 },
		{ "Zm9v", "foo", 3 },
		{ "Zm9vYmFy", "foobar", 6 },
		{ "+/+/", "\xfb\xff\xbf", 3 },
		{ "Zm9vYmFyYg==", "", -EBADMSG }, /* no room */
		{ "Z", "", -EBADMSG },
		{ "Zm9vY", "", -EBADMSG },
		{ "Zh==", "", -EBADMSG }, /* bits that say nothing */
		{ "Zm9=", "", -EBADMSG },
		{ "Zg=", "", -EBADMSG },
		{ "Zg===", "", -EBADMSG },
		{ "====", "", -EBADMSG },
		{ "Z=g=", "", -EBADMSG },
		{ "Zm-v", "", -EBADMSG },
		{ "Zm 9v", "", -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t out[CAP];
		int n = vc_base64_read(vc_str_c(rows[i].text), out, CAP);

		if (n != rows[i].n)
			fail_msg("%s: %d", rows[i].text, n);
		if (n > 0)
			assert_memory_equal(out, rows[i].octets, (size_t)n);
	}
	{
		uint8_t out[CAP];

		assert_int_equal(vc_base64_read(vc_str_of("Z\0==", 4), out,
						CAP),
				 -EBADMSG);
	}
}

static void what_is_written_is_read(void **state)
{
	static const uint8_t octets[] = "\0\xff\x10zyx";

	(void)state;
	for (size_t len = 0; len <= CAP; len++) {
		uint8_t text[8], out[CAP];
		struct vc_wr w = vc_wr_over(text, sizeof(text));
		struct vc_str s;

		vc_base64_write(&w, octets, len);
		assert_false(w.bad);
		s = vc_str_of((const char *)text, vc_wr_len(&w));
		assert_int_equal(s.len, (len + 2) / 3 * 4);
		assert_int_equal(vc_base64_read(s, out, CAP), len);
		assert_memory_equal(out, octets, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
