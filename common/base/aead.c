/* SPDX-License-Identifier: MIT */
#include "base/aead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/mem.h"

struct vc_aead {
	EVP_CIPHER_CTX *ctx; /* has the key, once for all */
};

/* HKDF, both steps. */
static int derive(const uint8_t *master, const uint8_t *salt, const void *info,
		  size_t len, uint8_t out[static VC_AEAD_KEY + VC_AEAD_PROOF])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM p[5];
	int did = 0;

	p[0] = OSSL_PARAM_construct_utf8_string(
		OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t) "SHA256", 0);
	p[1] = OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)master, VC_AEAD_KEY);
	p[2] = OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, VC_AEAD_SALT);
	p[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
						 (void *)(uintptr_t)info, len);
	p[4] = OSSL_PARAM_construct_end();
	if (ctx)
		did = EVP_KDF_derive(ctx, out, VC_AEAD_KEY + VC_AEAD_PROOF, p);
	EVP_KDF_CTX_free(ctx); /* zeroises */
	EVP_KDF_free(kdf);
	return did == 1 ? 0 : -ENOMEM;
}

struct vc_aead *vc_aead_new(const uint8_t master[static VC_AEAD_KEY],
			    const uint8_t salt[static VC_AEAD_SALT],
			    const void *info, size_t len,
			    uint8_t proof[static VC_AEAD_PROOF])
{
	uint8_t made[VC_AEAD_KEY + VC_AEAD_PROOF];
	struct vc_aead *s = vc_try_alloc(1, sizeof(*s));
	bool has_key = false;

	if (!s)
		return NULL;
	s->ctx = EVP_CIPHER_CTX_new();
	if (s->ctx && !derive(master, salt, info, len, made))
		has_key = EVP_CipherInit_ex(s->ctx, EVP_aes_256_gcm(), NULL,
					    made, NULL, true) == 1;
	if (has_key)
		memcpy(proof, made + VC_AEAD_KEY, VC_AEAD_PROOF);
	OPENSSL_cleanse(made, sizeof(made));
	if (has_key)
		return s;
	vc_aead_free(s);
	return NULL;
}

void vc_aead_free(struct vc_aead *s)
{
	if (!s)
		return;
	EVP_CIPHER_CTX_free(s->ctx); /* zeroises */
	free(s);
}

bool vc_aead_is_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return !CRYPTO_memcmp(a, b, len);
}

/* All but the tag. */
static bool run(struct vc_aead *s, bool is_closing, const uint8_t *nonce,
		const void *aad, size_t aad_len, const uint8_t *p, size_t len,
		uint8_t *out)
{
	int n;

	return EVP_CipherInit_ex(s->ctx, NULL, NULL, NULL, nonce, is_closing) ==
		       1 &&
	       EVP_CipherUpdate(s->ctx, NULL, &n, aad, (int)aad_len) == 1 &&
	       (!len || EVP_CipherUpdate(s->ctx, out, &n, p, (int)len) == 1);
}

int vc_aead_close(struct vc_aead *s, const uint8_t nonce[static VC_AEAD_NONCE],
		  const void *aad, size_t aad_len, const uint8_t *p, size_t len,
		  uint8_t *out)
{
	int n;

	if (run(s, true, nonce, aad, aad_len, p, len, out) &&
	    EVP_CipherFinal_ex(s->ctx, out + len, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, VC_AEAD_TAG,
				out + len) == 1)
		return 0;
	return -EIO;
}

int vc_aead_open(struct vc_aead *s, const uint8_t nonce[static VC_AEAD_NONCE],
		 const void *aad, size_t aad_len, const uint8_t *p, size_t len,
		 uint8_t *out)
{
	uint8_t tag[VC_AEAD_TAG], none[1];
	int n;

	if (len < VC_AEAD_TAG)
		return -EBADMSG;
	len -= VC_AEAD_TAG;
	memcpy(tag, p + len, VC_AEAD_TAG);
	if (run(s, false, nonce, aad, aad_len, p, len, out) &&
	    EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, VC_AEAD_TAG,
				tag) == 1 &&
	    EVP_CipherFinal_ex(s->ctx, none, &n) == 1)
		return 0;
	return -EBADMSG;
}
