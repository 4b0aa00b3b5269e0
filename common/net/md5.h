/* SPDX-License-Identifier: MIT */
/* MD5 sums, for telling decoded media from other decoded media; not for
 * anything that somebody might want to forge. */
#ifndef VC_NET_MD5_H
#define VC_NET_MD5_H

#include <stddef.h>

#define VC_MD5_TEXT 33

struct vc_md5;

/* NULL: out of memory, or this machine's OpenSSL has none. */
struct vc_md5 *vc_md5_new(void);
void vc_md5_free(struct vc_md5 *m);

void vc_md5_add(struct vc_md5 *m, const void *p, size_t len);

/* The sum of what was added, in hexadecimal; then it begins anew. */
void vc_md5_take(struct vc_md5 *m, char text[static VC_MD5_TEXT]);

#endif
