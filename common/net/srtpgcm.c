/* SPDX-License-Identifier: MIT */
/*
 * Debian's libsrtp2 is built on NSS, which for each packet opens a session,
 * looks up the key, and makes the tables that belong to it, in 5 to 14
 * allocations; and what it keeps of a key is so much that 1,000 of them are in
 * no cache. But the library takes another implementation of a cipher, if that
 * passes its tests (srtp2/cipher.h): here is one. What SRTP is stays the
 * library's: headers, indexes, replay, and which keys follow from a master key.
 *
 * The test vectors are those of McGrew and Viega, "The Galois/Counter Mode of
 * Operation (GCM)", 4 and 16.
 */
#include "net/srtpgcm.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <srtp2/cipher.h>

#define SALT 12 /* of the length of a key that the library gives */

struct gcm {
	srtp_cipher_t as; /* what the library knows of it */
	EVP_CIPHER_CTX *ctx;
	int tag_len;
};

static const srtp_cipher_type_t type_128, type_256;

static const EVP_CIPHER *cipher_of(const struct gcm *g)
{
	return g->as.algorithm == SRTP_AES_GCM_128 ? EVP_aes_128_gcm() :
						     EVP_aes_256_gcm();
}

static srtp_err_status_t gcm_free(srtp_cipher_t *c)
{
	struct gcm *g = c->state;

	EVP_CIPHER_CTX_free(g->ctx); /* zeroises */
	free(g);
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_new(srtp_cipher_t **out, int key_len, int tag_len)
{
	const srtp_cipher_type_t *type = key_len == 16 + SALT ? &type_128 :
								&type_256;
	struct gcm *g = malloc(sizeof(*g));

	if (!g)
		return srtp_err_status_alloc_fail;
	*g = (struct gcm){ .as = { .type = type,
				   .state = g,
				   .key_len = key_len,
				   .algorithm = (int)type->id },
			   .ctx = EVP_CIPHER_CTX_new(),
			   .tag_len = tag_len };
	if (!g->ctx) {
		free(g);
		return srtp_err_status_alloc_fail;
	}
	*out = &g->as;
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_key(void *state, const uint8_t *key)
{
	struct gcm *g = state;

	return EVP_CipherInit_ex(g->ctx, cipher_of(g), NULL, key, NULL, 1) ?
		       srtp_err_status_ok :
		       srtp_err_status_init_fail;
}

/* A packet begins. */
static srtp_err_status_t gcm_iv(void *state, uint8_t *iv,
				srtp_cipher_direction_t direction)
{
	struct gcm *g = state;

	return EVP_CipherInit_ex(g->ctx, NULL, NULL, NULL, iv,
				 direction == srtp_direction_encrypt) ?
		       srtp_err_status_ok :
		       srtp_err_status_cipher_fail;
}

/* More of what is authentic and not secret. */
static srtp_err_status_t gcm_aad(void *state, const uint8_t *aad, uint32_t len)
{
	struct gcm *g = state;
	int n;

	return EVP_CipherUpdate(g->ctx, NULL, &n, aad, (int)len) ?
		       srtp_err_status_ok :
		       srtp_err_status_cipher_fail;
}

/* The rest of it, in place; there may be none. */
static bool run(struct gcm *g, uint8_t *p, unsigned int len)
{
	uint8_t none[1];
	int n;

	if (len && !EVP_CipherUpdate(g->ctx, p, &n, p, (int)len))
		return false;
	return EVP_CipherFinal_ex(g->ctx, none, &n) > 0;
}

static srtp_err_status_t gcm_seal(void *state, uint8_t *p, unsigned int *len)
{
	return run(state, p, *len) ? srtp_err_status_ok :
				     srtp_err_status_cipher_fail;
}

static srtp_err_status_t gcm_tag(void *state, uint8_t *tag, uint32_t *len)
{
	struct gcm *g = state;

	*len = (uint32_t)g->tag_len;
	return EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_GET_TAG, g->tag_len,
				   tag) > 0 ?
		       srtp_err_status_ok :
		       srtp_err_status_cipher_fail;
}

/* With its tag behind it, which is cut off. */
static srtp_err_status_t gcm_open(void *state, uint8_t *p, unsigned int *len)
{
	struct gcm *g = state;
	unsigned int tag_len = (unsigned int)g->tag_len;

	if (*len < tag_len)
		return srtp_err_status_bad_param;
	*len -= tag_len;
	if (EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_TAG, g->tag_len,
				p + *len) <= 0)
		return srtp_err_status_cipher_fail;
	return run(g, p, *len) ? srtp_err_status_ok : srtp_err_status_auth_fail;
}

/* --- tests, which the library makes --- */

#define PLAIN_LEN 60
#define TAG_LEN 16

/* The key of 16 is the first half of that of 32; what follows stands for the
 * salt. */
static const uint8_t key[32 + SALT] = {
	0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
	0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
	0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
};
static const uint8_t iv_of_test[12] = { 0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce,
					0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88 };
static const uint8_t plain[PLAIN_LEN] = {
	0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5,
	0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda,
	0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95,
	0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
	0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39,
};
static const uint8_t aad_of_test[20] = {
	0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
	0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2,
};
static const uint8_t sealed_128[PLAIN_LEN + TAG_LEN] = {
	0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21,
	0xb7, 0x84, 0xd0, 0xd4, 0x9c, 0xe3, 0xaa, 0x21, 0x2f, 0x2c, 0x02,
	0xa4, 0xe0, 0x35, 0xc1, 0x7e, 0x23, 0x29, 0xac, 0xa1, 0x2e, 0x21,
	0xd5, 0x14, 0xb2, 0x54, 0x66, 0x93, 0x1c, 0x7d, 0x8f, 0x6a, 0x5a,
	0xac, 0x84, 0xaa, 0x05, 0x1b, 0xa3, 0x0b, 0x39, 0x6a, 0x0a, 0xac,
	0x97, 0x3d, 0x58, 0xe0, 0x91, 0x5b, 0xc9, 0x4f, 0xbc, 0x32, 0x21,
	0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47,
};
static const uint8_t sealed_256[PLAIN_LEN + TAG_LEN] = {
	0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37,
	0xa3, 0x2a, 0x84, 0x42, 0x7d, 0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5,
	0xc0, 0xc9, 0x75, 0x98, 0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa, 0x8c,
	0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb, 0x3d, 0xa7, 0xb0, 0x8b, 0x10,
	0x56, 0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63, 0x93, 0xba, 0x7a,
	0x0a, 0xbc, 0xc9, 0xf6, 0x62, 0x76, 0xfc, 0x6e, 0xce, 0x0f, 0x4e,
	0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b,
};

#define TEST(bits, octets)                                                    \
	{                                                                     \
		.key_length_octets = (octets) + SALT, .key = key,             \
		.idx = (uint8_t *)(uintptr_t)iv_of_test,                      \
		.plaintext_length_octets = PLAIN_LEN, .plaintext = plain,     \
		.ciphertext_length_octets = sizeof(sealed_##bits),            \
		.ciphertext = sealed_##bits,                                  \
		.aad_length_octets = sizeof(aad_of_test), .aad = aad_of_test, \
		.tag_length_octets = TAG_LEN,                                 \
	}

static const srtp_cipher_test_case_t test_128 = TEST(128, 16);
static const srtp_cipher_test_case_t test_256 = TEST(256, 32);

/* --- both --- */

#define TYPE(bits)                                                            \
	{                                                                     \
		.alloc = gcm_new, .dealloc = gcm_free, .init = gcm_key,       \
		.set_aad = gcm_aad, .encrypt = gcm_seal, .decrypt = gcm_open, \
		.set_iv = gcm_iv, .get_tag = gcm_tag,                         \
		.description = "AES-" #bits " GCM of OpenSSL",                \
		.test_data = &test_##bits, .id = SRTP_AES_GCM_##bits,         \
	}

static const srtp_cipher_type_t type_128 = TYPE(128);
static const srtp_cipher_type_t type_256 = TYPE(256);

int vc_srtpgcm_install(void)
{
	return srtp_replace_cipher_type(&type_128, SRTP_AES_GCM_128) ||
			       srtp_replace_cipher_type(&type_256,
							SRTP_AES_GCM_256) ?
		       -EIO :
		       0;
}
