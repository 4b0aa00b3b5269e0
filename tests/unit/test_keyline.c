/* SPDX-License-Identifier: MIT */
/* Key lines and a=crypto: what is read, what is refused, and that what was
 * written is read again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/keyline.h"

/* 30, 28, 46 and 44 octets, 0 1 2 ... */
#define B30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define B28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw"
#define B46 B30 "Hh8gISIjJCUmJygpKissLQ"
#define B44 B30 "Hh8gISIjJCUmJygpKis"

static void good_lines(void **state)
{
	static const struct {
		const char *text, *name, *written; /* NULL: as text */
		bool in, out;
		enum vc_srtp_suite suite;
		uint64_t lifetime;
		int mki_len, mki_last;
	} rows[] = {
		{ "AEAD_AES_128_GCM inline:" B28 "==", "", NULL, true, true,
		  VC_AEAD_AES_128_GCM, VC_SRTP_LIFE_MAX, 0, 0 },
		{ "AEAD_AES_128_GCM inline:" B28, "",
		  "AEAD_AES_128_GCM inline:" B28 "==", true, true,
		  VC_AEAD_AES_128_GCM, VC_SRTP_LIFE_MAX, 0, 0 },
		{ "in AEAD_AES_256_GCM inline:" B44 "=", "", NULL, true, false,
		  VC_AEAD_AES_256_GCM, VC_SRTP_LIFE_MAX, 0, 0 },
		{ "alice=out AES_CM_128_HMAC_SHA1_80 inline:" B30, "alice",
		  NULL, false, true, VC_AES_CM_128_HMAC_SHA1_80,
		  VC_SRTP_LIFE_MAX, 0, 0 },
		{ "J\xc3\xb6 B=AES_CM_128_HMAC_SHA1_32 inline:" B30 "|2^20",
		  "J\xc3\xb6 B",
		  "J\xc3\xb6 B=AES_CM_128_HMAC_SHA1_32 inline:" B30 "|1048576",
		  true, true, VC_AES_CM_128_HMAC_SHA1_32, 1u << 20, 0, 0 },
		{ "AES_256_CM_HMAC_SHA1_80 inline:" B46 "==|1|258:4", "", NULL,
		  true, true, VC_AES_256_CM_HMAC_SHA1_80, 1, 4, 2 },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|0:128", "", NULL,
		  true, true, VC_AES_CM_128_HMAC_SHA1_80, VC_SRTP_LIFE_MAX, 128,
		  0 },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|255:1", "", NULL,
		  true, true, VC_AES_CM_128_HMAC_SHA1_80, VC_SRTP_LIFE_MAX, 1,
		  255 },
		{ "in\tAES_CM_128_HMAC_SHA1_80   inline:" B30 " ", "",
		  "in AES_CM_128_HMAC_SHA1_80 inline:" B30, true, false,
		  VC_AES_CM_128_HMAC_SHA1_80, VC_SRTP_LIFE_MAX, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_keyline k;
		char text[VC_KEYLINE_CAP];
		const char *why;

		assert_int_equal(
			vc_keyline_parse(&k, vc_str_c(rows[i].text), &why), 0);
		assert_string_equal(k.name, rows[i].name);
		assert_int_equal(k.in, rows[i].in);
		assert_int_equal(k.out, rows[i].out);
		assert_int_equal(k.key.suite, rows[i].suite);
		assert_true(k.key.lifetime == rows[i].lifetime);
		assert_int_equal(k.key.mki_len, rows[i].mki_len);
		if (k.key.mki_len)
			assert_int_equal(k.key.mki[k.key.mki_len - 1],
					 rows[i].mki_last);
		for (size_t j = 0; j < vc_srtp_master_len(&k.key); j++)
			assert_int_equal(k.key.master[j], j);
		assert_true(vc_keyline_write(&k, text, sizeof(text)) > 0);
		assert_string_equal(text, rows[i].written ? rows[i].written :
							    rows[i].text);
	}
}

static void bad_lines(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", -ENOTSUP },
		{ "in", -ENOTSUP },
		{ "AES_CM_128_HMAC_SHA1_80", -EBADMSG },
		{ "F8_128_HMAC_SHA1_80 inline:" B30, -ENOTSUP },
		{ "aead_aes_128_gcm inline:" B28, -ENOTSUP },
		{ "both AEAD_AES_128_GCM inline:" B28, -ENOTSUP },
		{ "AEAD_AES_128_GCM " B28, -EBADMSG },
		{ "AEAD_AES_128_GCM inline:", -EBADMSG },
		{ "AEAD_AES_128_GCM inline:" B30, -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B28, -EBADMSG },
		{ "AEAD_AES_128_GCM inline:" B28 "=", -EBADMSG },
		{ "AEAD_AES_128_GCM inline:" B28 "===", -EBADMSG },
		{ "AEAD_AES_128_GCM inline:" B28 "== x", -EBADMSG },
		/* Bits behind the last octet. */
		{ "AEAD_AES_128_GCM inline:"
		  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGx",
		  -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMU"
		  "FRYXGBka!xwd",
		  -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 ";inline:" B30,
		  -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|0", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^49", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|-1", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|281474976710657",
		  -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:0", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:129", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|256:1", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|:1", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|x:1", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:1|5", -EBADMSG },
		{ "AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2|1:1|5", -EBADMSG },
		{ "=AES_CM_128_HMAC_SHA1_80 inline:" B30, -EBADMSG },
		{ "a/b=AES_CM_128_HMAC_SHA1_80 inline:" B30, -EBADMSG },
		{ "a\x1b=AES_CM_128_HMAC_SHA1_80 inline:" B30, -EBADMSG },
		{ "a\xff=AES_CM_128_HMAC_SHA1_80 inline:" B30, -EBADMSG },
	};
	static char nul[] = "AES_CM_128_HMAC_SHA1_80 inline:" B30;
	struct vc_keyline k;
	const char *why;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		why = NULL;
		assert_int_equal(vc_keyline_parse(&k, vc_str_c(rows[i].text),
						  &why),
				 rows[i].err);
		assert_non_null(why);
		/* No part of a key stays behind. */
		for (size_t j = 0; j < sizeof(k); j++)
			assert_int_equal(((uint8_t *)&k)[j], 0);
	}
	nul[3] = '\0';
	assert_int_equal(vc_keyline_parse(&k, vc_str_of(nul, sizeof(nul) - 1),
					  &why),
			 -EBADMSG);
}

static void the_longest_mki_comes_back(void **state)
{
	struct vc_keyline k = { .in = true, .out = true }, back;
	char text[VC_KEYLINE_CAP];
	const char *why;

	(void)state;
	k.key.suite = VC_AES_256_CM_HMAC_SHA1_80;
	k.key.lifetime = VC_SRTP_LIFE_MAX - 1;
	k.key.mki_len = VC_SRTP_MKI_MAX;
	memset(k.key.mki, 0xff, sizeof(k.key.mki));
	memset(k.key.master, 0xfe, sizeof(k.key.master));
	memset(k.name, 'n', 64);
	assert_true(vc_keyline_write(&k, text, sizeof(text)) > 0);
	assert_int_equal(vc_keyline_parse(&back, vc_str_c(text), &why), 0);
	assert_memory_equal(&back, &k, sizeof(k));
	assert_int_equal(vc_keyline_write(&k, text, strlen(text)), -ENOSPC);
}

static void crypto_attributes(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint32_t tag;
	} rows[] = {
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:" B30, 0, 1 },
		{ "999999999 AEAD_AES_128_GCM inline:" B28 "==|2^20|1:4", 0,
		  999999999 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:" B30 " WSH=128 -x", 0, 1 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:" B30 " KDR=1", -ENOTSUP,
		  0 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:" B30 " UNENCRYPTED_SRTP",
		  -ENOTSUP, 0 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:" B30
		  " UNAUTHENTICATED_SRTP",
		  -ENOTSUP, 0 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:" B30
		  "|2^20|1:4;inline:" B30 "|2^20|2:4",
		  -ENOTSUP, 0 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:" B30 ";inline:" B30,
		  -ENOTSUP, 0 },
		{ "AES_CM_128_HMAC_SHA1_32 inline:" B30, -EBADMSG, 0 },
		{ "1 NULL inline:" B30, -ENOTSUP, 0 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:" B28, -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char text[VC_KEYLINE_CAP];
		struct vc_srtp_key key, back;
		const char *why;
		uint32_t tag;

		assert_int_equal(vc_crypto_parse(&key, &tag,
						 vc_str_c(rows[i].text), &why),
				 rows[i].err);
		if (rows[i].err)
			continue;
		assert_int_equal(tag, rows[i].tag);
		assert_true(vc_crypto_write(&key, tag, text, sizeof(text)) > 0);
		assert_int_equal(
			vc_crypto_parse(&back, &tag, vc_str_c(text), &why), 0);
		assert_memory_equal(&back, &key, sizeof(key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(the_longest_mki_comes_back),
		cmocka_unit_test(crypto_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
