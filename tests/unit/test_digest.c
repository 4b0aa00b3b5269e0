/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/digest.h"

/* RFC 1321 A.5, FIPS 180-2 B.1 and B.2. */
static void sums_are_known(void **state)
{
	struct vc_digest *m = vc_digest_new_md5();
	struct vc_digest *s = vc_digest_new_sha256();
	char text[VC_DIGEST_TEXT];

	(void)state;
	assert_non_null(m);
	assert_non_null(s);
	vc_digest_add(m, "message ", 8);
	vc_digest_add(m, "digest", 6);
	vc_digest_take(m, text);
	assert_string_equal(text, "f96b697d7cb7938d525a2f31aaf161d0");
	/* It begins anew. */
	vc_digest_take(m, text);
	assert_string_equal(text, "d41d8cd98f00b204e9800998ecf8427e");
	vc_digest_add(s, "abc", 3);
	vc_digest_take(s, text);
	assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad");
	vc_digest_take(s, text);
	assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb924"
				  "27ae41e4649b934ca495991b7852b855");
	vc_digest_free(m);
	vc_digest_free(s);
	vc_digest_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
