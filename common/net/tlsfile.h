/* SPDX-License-Identifier: MIT */
/*
 * Certificates and keys in files (PEM), for net/tlsctx.c and net/dtlscert.c;
 * OpenSSL's types by their tags. Nothing is asked on the terminal: a key behind
 * a passphrase is refused.
 */
#ifndef VC_NET_TLSFILE_H
#define VC_NET_TLSFILE_H

#include <stddef.h>

struct ssl_ctx_st;

void vc_tlsfile_init(struct ssl_ctx_st *ssl);

/* Our own: a certificate with what leads to it, and its private key, which is
 * in 'cert' as well where 'key' is NULL. 0 or -errno and 'why'. */
int vc_tlsfile_load(struct ssl_ctx_st *ssl, const char *cert, const char *key,
		    char *why, size_t cap);

/* Says in 'why' what OpenSSL has just found wrong with 'what' in 'file', or why
 * it cannot be read. -errno. */
int vc_tlsfile_fail(char *why, size_t cap, const char *file, const char *what);

#endif
