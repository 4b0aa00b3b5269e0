/* SPDX-License-Identifier: MIT */
/*
 * Sums over octets. MD5 tells decoded media from other decoded media and
 * nothing that somebody might want to forge; SHA-256 is for that.
 */
#ifndef VC_NET_DIGEST_H
#define VC_NET_DIGEST_H

#include <stddef.h>

#define VC_DIGEST_TEXT 65

struct vc_digest;

/* NULL: out of memory, or this machine's OpenSSL has none. */
struct vc_digest *vc_digest_new_md5(void);
struct vc_digest *vc_digest_new_sha256(void);
void vc_digest_free(struct vc_digest *d);

void vc_digest_add(struct vc_digest *d, const void *p, size_t len);

/* The sum of what was added, in hexadecimal; then it begins anew. */
void vc_digest_take(struct vc_digest *d, char text[static VC_DIGEST_TEXT]);

#endif
