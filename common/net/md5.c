/* SPDX-License-Identifier: MIT */
#include "net/md5.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/mem.h"

struct vc_md5 {
	EVP_MD_CTX *ctx;
};

struct vc_md5 *vc_md5_new(void)
{
	struct vc_md5 *m = vc_try_alloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->ctx = EVP_MD_CTX_new();
	if (m->ctx && EVP_DigestInit_ex(m->ctx, EVP_md5(), NULL) == 1)
		return m;
	vc_md5_free(m);
	return NULL;
}

void vc_md5_free(struct vc_md5 *m)
{
	if (!m)
		return;
	EVP_MD_CTX_free(m->ctx);
	free(m);
}

void vc_md5_add(struct vc_md5 *m, const void *p, size_t len)
{
	EVP_DigestUpdate(m->ctx, p, len);
}

void vc_md5_take(struct vc_md5 *m, char text[static VC_MD5_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE] = { 0 };

	EVP_DigestFinal_ex(m->ctx, sum, NULL);
	EVP_DigestInit_ex(m->ctx, EVP_md5(), NULL);
	for (int i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", sum[i]);
}
