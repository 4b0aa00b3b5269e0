/* SPDX-License-Identifier: MIT */
/*
 * What all connections of one kind have in common. Sessions are not resumed
 * and no tickets are sent: connections here are few and long, and a ticket
 * that a client never reads would make its close a reset. With TLS 1.2 only
 * suites with forward secrecy and an AEAD are taken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#include "base/mem.h"
#include "net/tls.h"
#include "net/tls_internal.h"
#include "net/tlsfile.h"

static int load_trusted(SSL_CTX *ssl, const struct vc_tls_conf *conf, char *why,
			size_t cap)
{
	int mode = SSL_VERIFY_PEER;

	if (conf->insecure || (conf->is_server && !conf->ca)) {
		SSL_CTX_set_verify(ssl, SSL_VERIFY_NONE, NULL);
		return 0;
	}
	if (conf->is_server)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ssl, mode, NULL);
	if (!conf->ca)
		return SSL_CTX_set_default_verify_paths(ssl) == 1 ? 0 : -ENOMEM;
	if (SSL_CTX_load_verify_file(ssl, conf->ca) != 1)
		return vc_tlsfile_fail(why, cap, conf->ca, "certificates");
	if (conf->is_server)
		SSL_CTX_set_client_CA_list(ssl,
					   SSL_load_client_CA_file(conf->ca));
	return 0;
}

static void set_policy(SSL_CTX *ssl)
{
	SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_TICKET |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ssl, 0);
	vc_tlsfile_init(ssl);
}

int vc_tls_ctx_new(struct vc_tls_ctx **out, const struct vc_tls_conf *conf,
		   char *why, size_t cap)
{
	struct vc_tls_ctx *ctx = vc_try_alloc(1, sizeof(*ctx));
	int err = -ENOMEM;

	snprintf(why, cap, "%s", strerror(ENOMEM));
	if (!ctx)
		return -ENOMEM;
	ctx->is_server = conf->is_server;
	ctx->verifies = !conf->insecure && (conf->ca || !conf->is_server);
	ctx->ssl = SSL_CTX_new(conf->is_server ? TLS_server_method() :
						 TLS_client_method());
	if (!ctx->ssl)
		goto fail;
	set_policy(ctx->ssl);
	if (SSL_CTX_set_min_proto_version(ctx->ssl, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx->ssl, "ECDHE+AESGCM:ECDHE+CHACHA20") !=
		    1)
		goto fail;
	err = conf->cert ? vc_tlsfile_load(ctx->ssl, conf->cert, conf->key, why,
					   cap) :
			   0;
	if (!err)
		err = load_trusted(ctx->ssl, conf, why, cap);
	if (err)
		goto fail;
	*out = ctx;
	return 0;
fail:
	vc_tls_ctx_free(ctx);
	return err;
}

void vc_tls_ctx_free(struct vc_tls_ctx *ctx)
{
	if (!ctx)
		return;
	SSL_CTX_free(ctx->ssl);
	free(ctx);
}
