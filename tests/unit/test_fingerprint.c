/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/fingerprint.h"

#define O4 "01:23:AB:ff"
#define O28 O4 ":" O4 ":" O4 ":" O4 ":" O4 ":" O4 ":" O4
#define O32 O28 ":" O4

static void rows(void **state)
{
	static const struct {
		const char *text;
		int err;
	} row[] = {
		{ "sha-256 " O32, 0 },
		{ "SHA-256 " O32, 0 },
		{ "sha-224 " O28, 0 },
		{ "sha-384 " O32 ":" O4 ":" O4 ":" O4 ":" O4, 0 },
		{ "sha-512 " O32 ":" O32, 0 },
		{ "sha-512 " O32, -EBADMSG },
		{ "sha-256 " O28, -EBADMSG },
		{ "sha-256 " O32 ":", -EBADMSG },
		{ "sha-256 " O32 ":00", -EBADMSG },
		{ "sha-256  " O32, -EBADMSG },
		{ "sha-256 " O28 ":01:23:AB:fg", -EBADMSG },
		{ "sha-256 " O28 ":01:23-AB:ff", -EBADMSG },
		{ "sha-256 ", -EBADMSG },
		{ "sha-256", -EBADMSG },
		{ " " O32, -EBADMSG },
		{ "", -EBADMSG },
		{ "sha-1 " O4 ":" O4 ":" O4 ":" O4 ":" O4, -EKEYREJECTED },
		{ "md5 " O4 ":" O4 ":" O4 ":" O4, -EKEYREJECTED },
		{ "MD2 x", -EKEYREJECTED },
		{ "sha-25 " O32, -EOPNOTSUPP },
		{ "sha-2566 " O32, -EOPNOTSUPP },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(row); i++) {
		struct vc_fingerprint fp = { .len = 77 };
		int err = vc_fingerprint_parse(&fp, vc_str_c(row[i].text));

		if (err != row[i].err)
			fail_msg("%s: %d", row[i].text, err);
		if (err)
			assert_int_equal(fp.len, 77);
		else
			assert_int_equal(fp.octets[fp.len - 1], 0xff);
	}
}

static void there_and_back(void **state)
{
	char text[VC_FINGERPRINT_TEXT];

	(void)state;
	for (int hash = VC_SHA224; hash <= VC_SHA512; hash++) {
		static const size_t len[] = { 28, 32, 48, 64 };
		struct vc_fingerprint fp = { .hash = (enum vc_hash)hash,
					     .len = len[hash] },
				      back;

		for (size_t i = 0; i < fp.len; i++)
			fp.octets[i] = (uint8_t)(i * 41);
		vc_fingerprint_write(&fp, text, sizeof(text));
		assert_int_equal(vc_fingerprint_parse(&back, vc_str_c(text)),
				 0);
		assert_memory_equal(&fp, &back, sizeof(fp));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
