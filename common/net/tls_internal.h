/* SPDX-License-Identifier: MIT */
/* What net/tlsctx.c and net/tls.c share; OpenSSL's types by their tags. */
#ifndef VC_NET_TLS_INTERNAL_H
#define VC_NET_TLS_INTERNAL_H

#include <stdbool.h>

struct ssl_ctx_st;

struct vc_tls_ctx {
	struct ssl_ctx_st *ssl;
	bool is_server;
	bool verifies; /* the peer's certificate */
};

#endif
