/* SPDX-License-Identifier: MIT */
/*
 * Our certificate: made at start and good for a month, as nobody looks at more
 * of it than its fingerprint, or kept in a file. Its subject says nothing. And
 * the roles.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/mem.h"
#include "net/dtls_internal.h"
#include "net/tlsfile.h"

#define DAY (24 * 3600L)
#define MONTH 30
#define TEN_YEARS 3652

int vc_dtls_role(enum vc_dtls_setup ours, enum vc_dtls_setup theirs,
		 bool *is_active)
{
	/* Equal words decide nothing: both would wait, or both begin. */
	if (ours == theirs)
		return -EINVAL;
	*is_active = ours == VC_SETUP_ACTIVE || theirs == VC_SETUP_PASSIVE;
	return 0;
}

int vc_dtls_fingerprint(struct vc_fingerprint *fp, const X509 *cert,
			enum vc_hash hash)
{
	const EVP_MD *md = hash == VC_SHA224 ? EVP_sha224() :
			   hash == VC_SHA256 ? EVP_sha256() :
			   hash == VC_SHA384 ? EVP_sha384() :
					       EVP_sha512();
	unsigned int len = sizeof(fp->octets);

	if (X509_digest(cert, md, fp->octets, &len) != 1)
		return -EINVAL;
	fp->hash = hash;
	fp->len = len;
	return 0;
}

static bool set_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));

	BN_free(n);
	return ok;
}

static bool sign(X509 *cert, EVP_PKEY *key, int days)
{
	static const unsigned char subject[] = "vc";
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), days * DAY) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, subject, -1,
					  -1, 0) &&
	       X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
	       X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Both are the caller's. 0 or -ENOMEM. */
static int make_pair(X509 **cert, EVP_PKEY **key, int days)
{
	*key = EVP_EC_gen("P-256");
	*cert = X509_new();
	return *key && *cert && sign(*cert, *key, days) ? 0 : -ENOMEM;
}

static int make_certificate(struct vc_dtls_local *local)
{
	EVP_PKEY *key;
	X509 *cert;
	int err = make_pair(&cert, &key, MONTH);

	if (!err && (SSL_CTX_use_certificate(local->ssl, cert) != 1 ||
		     SSL_CTX_use_PrivateKey(local->ssl, key) != 1))
		err = -ENOMEM;
	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

int vc_dtls_new_pem(char *buf, size_t cap, struct vc_fingerprint *fp)
{
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *key;
	X509 *cert;
	int err = make_pair(&cert, &key, TEN_YEARS), len = 0;
	char *text;

	if (!err && (!bio || PEM_write_bio_X509(bio, cert) != 1 ||
		     PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL,
					      NULL) != 1))
		err = -ENOMEM;
	if (!err)
		err = vc_dtls_fingerprint(fp, cert, VC_SHA256);
	if (!err) {
		len = (int)BIO_get_mem_data(bio, &text);
		if ((size_t)len > cap)
			err = -ENOSPC;
		else
			memcpy(buf, text, (size_t)len);
		OPENSSL_cleanse(text, (size_t)len);
	}
	BIO_free(bio);
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err ? err : len;
}

static int set_profiles(SSL_CTX *ssl, unsigned int profiles)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} all[] = {
		{ VC_DTLS_GCM_128, "SRTP_AEAD_AES_128_GCM" },
		{ VC_DTLS_GCM_256, "SRTP_AEAD_AES_256_GCM" },
		{ VC_DTLS_CM_SHA1_80, "SRTP_AES128_CM_SHA1_80" },
	};
	char list[128] = "";
	size_t len = 0;

	for (size_t i = 0; i < VC_COUNT(all); i++) {
		if (profiles & all[i].bit)
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						"%s%s", len ? ":" : "",
						all[i].name);
	}
	/* This one returns 0 when all is well. */
	return len && !SSL_CTX_set_tlsext_use_srtp(ssl, list) ? 0 : -EINVAL;
}

static int set_policy(SSL_CTX *ssl)
{
	SSL_CTX_set_options(ssl,
			    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				    SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU |
				    SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(ssl, 1);
	return SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION) == 1 &&
			       SSL_CTX_set_cipher_list(
				       ssl, "ECDHE+AESGCM:ECDHE+CHACHA20:"
					    "ECDHE+AES") == 1 ?
		       0 :
		       -ENOMEM;
}

/* --- life --- */

/* With no certificate yet. */
static int make_local(struct vc_dtls_local **out, unsigned int profiles)
{
	struct vc_dtls_local *local = vc_try_alloc(1, sizeof(*local));
	int err;

	*out = local;
	if (!local)
		return -ENOMEM;
	local->ssl = SSL_CTX_new(DTLS_method());
	err = local->ssl ? set_policy(local->ssl) : -ENOMEM;
	if (!err)
		err = set_profiles(local->ssl, profiles);
	return err ? err : vc_dtls_set_calls(local);
}

static int settle(struct vc_dtls_local **out, struct vc_dtls_local *local,
		  int err)
{
	if (!err)
		err = vc_dtls_fingerprint(&local->fingerprint,
					  SSL_CTX_get0_certificate(local->ssl),
					  VC_SHA256);
	ERR_clear_error();
	if (err)
		vc_dtls_local_free(local);
	else
		*out = local;
	return err;
}

int vc_dtls_local_new(struct vc_dtls_local **out, unsigned int profiles)
{
	struct vc_dtls_local *local;
	int err = make_local(&local, profiles);

	return settle(out, local, err ? err : make_certificate(local));
}

int vc_dtls_local_load(struct vc_dtls_local **out, unsigned int profiles,
		       const char *cert, const char *key, char *why, size_t cap)
{
	struct vc_dtls_local *local;
	int err = make_local(&local, profiles);

	snprintf(why, cap, "%s", strerror(err ? -err : EINVAL));
	if (!err) {
		vc_tlsfile_init(local->ssl);
		err = vc_tlsfile_load(local->ssl, cert, key, why, cap);
	}
	return settle(out, local, err);
}

void vc_dtls_local_free(struct vc_dtls_local *local)
{
	if (!local)
		return;
	SSL_CTX_free(local->ssl);
	BIO_meth_free(local->method);
	free(local);
}

const struct vc_fingerprint *vc_dtls_local_fingerprint(
	const struct vc_dtls_local *local)
{
	return &local->fingerprint;
}
