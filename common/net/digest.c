/* SPDX-License-Identifier: MIT */
#include "net/digest.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/mem.h"

struct vc_digest {
	const EVP_MD *kind;
	EVP_MD_CTX *ctx;
};

static struct vc_digest *new (const EVP_MD *kind)
{
	struct vc_digest *d = vc_try_alloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->kind = kind;
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx && EVP_DigestInit_ex(d->ctx, kind, NULL) == 1)
		return d;
	vc_digest_free(d);
	return NULL;
}

struct vc_digest *vc_digest_new_md5(void)
{
	return new (EVP_md5());
}

struct vc_digest *vc_digest_new_sha256(void)
{
	return new (EVP_sha256());
}

void vc_digest_free(struct vc_digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void vc_digest_add(struct vc_digest *d, const void *p, size_t len)
{
	EVP_DigestUpdate(d->ctx, p, len);
}

void vc_digest_take(struct vc_digest *d, char text[static VC_DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int n = 0;

	EVP_DigestFinal_ex(d->ctx, sum, &n);
	EVP_DigestInit_ex(d->ctx, d->kind, NULL);
	text[0] = '\0';
	for (unsigned int i = 0; i < n && 2 * i + 2 < VC_DIGEST_TEXT; i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
}
