/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tlsfile.h"

/* OpenSSL would ask on the terminal. */
static int no_passphrase(char *buf, int size, int for_writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)for_writing;
	(void)ctx;
	return -1;
}

void vc_tlsfile_init(SSL_CTX *ssl)
{
	SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
}

int vc_tlsfile_fail(char *why, size_t cap, const char *file, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	int err = -EINVAL;

	if (access(file, R_OK)) {
		err = -errno;
		reason = strerror(errno);
	}
	snprintf(why, cap, "%s: %s: %s", file, what,
		 reason ? reason : "not understood");
	ERR_clear_error();
	return err;
}

int vc_tlsfile_load(SSL_CTX *ssl, const char *cert, const char *key, char *why,
		    size_t cap)
{
	key = key ? key : cert;
	if (SSL_CTX_use_certificate_chain_file(ssl, cert) != 1)
		return vc_tlsfile_fail(why, cap, cert, "certificate");
	if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ssl) != 1)
		return vc_tlsfile_fail(why, cap, key, "private key");
	return 0;
}
