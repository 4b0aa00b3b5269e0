/* SPDX-License-Identifier: MIT */
/*
 * One handshake: an SSL object over a BIO of ours that holds the one datagram
 * being read. OpenSSL runs its retransmission timer on the machine's clock;
 * when it will be due is asked after each step and told in the caller's time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/dtls_internal.h"
#include "net/udp.h"

#define TIMEOUT (10 * VC_SEC)
#define FIRST_RETRANSMIT (100 * VC_MS)
#define LAST_RETRANSMIT (3 * VC_SEC)
#define MAX_CERTIFICATE 16384
#define LABEL "EXTRACTOR-dtls_srtp"

/* --- datagrams --- */

static int bio_read(BIO *bio, char *buf, int len)
{
	struct vc_dtls_assoc *a = BIO_get_data(bio);
	size_t n = a->in_len;

	BIO_clear_retry_flags(bio);
	if (!a->in) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (n > (size_t)len)
		n = (size_t)len;
	memcpy(buf, a->in, n);
	a->in = NULL;
	return (int)n;
}

static int bio_write(BIO *bio, const char *buf, int len)
{
	struct vc_dtls_assoc *a = BIO_get_data(bio);
	const struct vc_dtls_conf *conf = a->conf;

	conf->send(conf->ctx, &a->peer, (const uint8_t *)buf, (size_t)len);
	return len;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	(void)bio;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

/* --- cookies, verification --- */

static void make_cookie(const struct vc_dtls_assoc *a,
			uint8_t cookie[static 32])
{
	uint64_t words[3];
	unsigned int len = 32;

	vc_udp_words(&a->peer, words);
	HMAC(EVP_sha256(), a->secret, VC_DTLS_SECRET, (const uint8_t *)words,
	     sizeof(words), cookie, &len);
}

static int cookie_generate(SSL *ssl, unsigned char *cookie, unsigned int *len)
{
	make_cookie(SSL_get_app_data(ssl), cookie);
	*len = 32;
	return 1;
}

bool vc_dtls_assoc_gave(const struct vc_dtls_assoc *a, const uint8_t *cookie,
			size_t len)
{
	uint8_t wanted[32];

	make_cookie(a, wanted);
	return len == 32 && !CRYPTO_memcmp(wanted, cookie, 32);
}

static int cookie_verify(SSL *ssl, const unsigned char *cookie,
			 unsigned int len)
{
	return vc_dtls_assoc_gave(SSL_get_app_data(ssl), cookie, len);
}

/* Whose it is: 'n_peers' nobody's that is known. */
static size_t look_up(const struct vc_dtls_conf *conf, const X509 *cert)
{
	struct vc_fingerprint fp = { .len = 0 };
	size_t i;

	for (i = 0; i < conf->n_peers; i++) {
		const struct vc_fingerprint *wanted = &conf->peers[i];

		if (!fp.len || fp.hash != wanted->hash)
			fp.len = vc_dtls_fingerprint(&fp, cert, wanted->hash) ?
					 0 :
					 fp.len;
		if (fp.len && fp.len == wanted->len &&
		    !CRYPTO_memcmp(fp.octets, wanted->octets, fp.len))
			break;
	}
	return i;
}

/* The fingerprint is all that says who it is; names and dates say nothing. */
static int verify(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct vc_dtls_assoc *a = SSL_get_app_data(ssl);
	const struct vc_dtls_conf *conf = a->conf;
	const X509 *cert = X509_STORE_CTX_get0_cert(store);

	(void)arg;
	a->which = cert ? look_up(conf, cert) : conf->n_peers;
	a->is_verified = cert &&
			 (a->which < conf->n_peers || conf->takes_anybody);
	if (!a->is_verified)
		X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return a->is_verified;
}

int vc_dtls_set_calls(struct vc_dtls_local *local)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
				     "datagrams");

	local->method = m;
	if (!m || !BIO_meth_set_read(m, bio_read) ||
	    !BIO_meth_set_write(m, bio_write) ||
	    !BIO_meth_set_ctrl(m, bio_ctrl) ||
	    !BIO_meth_set_create(m, bio_create))
		return -ENOMEM;
	SSL_CTX_set_cookie_generate_cb(local->ssl, cookie_generate);
	SSL_CTX_set_cookie_verify_cb(local->ssl, cookie_verify);
	SSL_CTX_set_verify(local->ssl,
			   SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   NULL);
	SSL_CTX_set_cert_verify_callback(local->ssl, verify, NULL);
	SSL_CTX_set_max_cert_list(local->ssl, MAX_CERTIFICATE);
	return 0;
}

/* --- life --- */

static unsigned int retransmit_after(SSL *ssl, unsigned int last_us)
{
	const struct vc_dtls_assoc *a = SSL_get_app_data(ssl);
	int64_t first = a->conf->retransmit ? a->conf->retransmit :
					      FIRST_RETRANSMIT;
	int64_t ns = last_us ? 2 * last_us * VC_US : first;

	return (unsigned int)((ns < LAST_RETRANSMIT ? ns : LAST_RETRANSMIT) /
			      VC_US);
}

void vc_dtls_assoc_free(struct vc_dtls_assoc *a)
{
	if (!a)
		return;
	SSL_free(a->ssl);
	free(a);
	ERR_clear_error();
}

struct vc_dtls_assoc *vc_dtls_assoc_new(const struct vc_dtls_conf *conf,
					const uint8_t secret[VC_DTLS_SECRET])
{
	struct vc_dtls_assoc *a = vc_try_alloc(1, sizeof(*a));
	BIO *bio = a ? BIO_new(conf->local->method) : NULL;

	if (!bio) {
		free(a);
		return NULL;
	}
	a->conf = conf;
	a->secret = secret;
	a->next = VC_DTLS_NEVER;
	BIO_set_data(bio, a);
	a->ssl = SSL_new(conf->local->ssl);
	if (!a->ssl) {
		BIO_free(bio);
		free(a);
		return NULL;
	}
	SSL_set_bio(a->ssl, bio, bio);
	SSL_set_app_data(a->ssl, a);
	SSL_set_mtu(a->ssl, conf->mtu ? (long)conf->mtu : VC_DTLS_MTU);
	DTLS_set_timer_cb(a->ssl, retransmit_after);
	if (conf->is_active)
		SSL_set_connect_state(a->ssl);
	else
		SSL_set_accept_state(a->ssl);
	return a;
}

/* --- how it goes on --- */

static int error_of(const char **why)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());
	int reason = ERR_GET_REASON(ERR_peek_error());

	ERR_clear_error();
	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED ||
	    reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
		*why = "another certificate";
		return -EKEYREJECTED;
	}
	*why = text ? text : "not understood";
	return -EPROTO;
}

static void set_timer(struct vc_dtls_assoc *a, int64_t now)
{
	struct timeval tv;
	int64_t left;

	a->next = VC_DTLS_NEVER;
	if (!DTLSv1_get_timeout(a->ssl, &tv))
		return;
	left = tv.tv_sec * VC_SEC + tv.tv_usec * VC_US;
	a->next = now + (left > VC_MS ? left : VC_MS);
}

/* RFC 5764 section 4.2: both keys, then both salts, the client's first. */
static bool export_keys(struct vc_dtls_assoc *a, struct vc_dtls_keys *k)
{
	static const struct {
		unsigned long id;
		unsigned int profile;
		size_t key, salt;
	} all[] = {
		{ SRTP_AEAD_AES_128_GCM, VC_DTLS_GCM_128, 16, 12 },
		{ SRTP_AEAD_AES_256_GCM, VC_DTLS_GCM_256, 32, 12 },
		{ SRTP_AES128_CM_SHA1_80, VC_DTLS_CM_SHA1_80, 16, 14 },
	};
	const SRTP_PROTECTION_PROFILE *p =
		SSL_get_selected_srtp_profile(a->ssl);
	uint8_t buf[2 * (32 + 14)], *at = buf;
	size_t i = 0;

	while (p && i < VC_COUNT(all) && all[i].id != p->id)
		i++;
	if (!p || i == VC_COUNT(all))
		return false;
	k->profile = all[i].profile;
	k->is_client = a->conf->is_active;
	k->key_len = all[i].key;
	k->salt_len = all[i].salt;
	if (SSL_export_keying_material(a->ssl, buf,
				       2 * (k->key_len + k->salt_len), LABEL,
				       strlen(LABEL), NULL, 0, 0) != 1)
		return false;
	memcpy(k->client_key, at, k->key_len);
	memcpy(k->server_key, at += k->key_len, k->key_len);
	memcpy(k->client_salt, at += k->key_len, k->salt_len);
	memcpy(k->server_salt, at + k->salt_len, k->salt_len);
	OPENSSL_cleanse(buf, sizeof(buf));
	return true;
}

int vc_dtls_assoc_listen(struct vc_dtls_assoc *a, const uint8_t *p, size_t len)
{
	BIO_ADDR *addr = BIO_ADDR_new();
	int ret;

	if (!addr)
		return -ENOMEM;
	a->in = p;
	a->in_len = len;
	ERR_clear_error();
	ret = DTLSv1_listen(a->ssl, addr);
	ERR_clear_error();
	BIO_ADDR_free(addr);
	a->in = NULL;
	return ret < 0 ? -EPROTO : ret;
}

static int finish(struct vc_dtls_assoc *a, struct vc_dtls_keys *keys,
		  const char **why)
{
	a->next = a->give_up = VC_DTLS_NEVER;
	if (!a->is_verified) {
		*why = "another certificate";
		return -EKEYREJECTED;
	}
	if (!export_keys(a, keys)) {
		*why = "no SRTP profile in common";
		return -EPROTO;
	}
	return 0;
}

int vc_dtls_assoc_shake(struct vc_dtls_assoc *a, const uint8_t *p, size_t len,
			int64_t now, struct vc_dtls_keys *keys,
			const char **why)
{
	int ret;

	if (!a->give_up)
		a->give_up = now + TIMEOUT;
	a->in = p;
	a->in_len = len;
	ERR_clear_error();
	ret = SSL_do_handshake(a->ssl);
	a->in = NULL;
	if (ret == 1)
		return finish(a, keys, why);
	if (SSL_get_error(a->ssl, ret) != SSL_ERROR_WANT_READ)
		return error_of(why);
	set_timer(a, now);
	return -EAGAIN;
}

int vc_dtls_assoc_serve(struct vc_dtls_assoc *a, const uint8_t *p, size_t len,
			const char **why)
{
	uint8_t buf[256];
	int ret;

	a->in = p;
	a->in_len = len;
	ERR_clear_error();
	do {
		ret = SSL_read(a->ssl, buf, sizeof(buf));
	} while (ret > 0);
	a->in = NULL;
	if (SSL_get_error(a->ssl, ret) == SSL_ERROR_WANT_READ)
		return 0;
	if (SSL_get_error(a->ssl, ret) != SSL_ERROR_ZERO_RETURN)
		return error_of(why);
	*why = "closed by the peer";
	return -ESHUTDOWN;
}

void vc_dtls_assoc_close(struct vc_dtls_assoc *a)
{
	ERR_clear_error();
	(void)SSL_shutdown(a->ssl);
	ERR_clear_error();
}

int vc_dtls_assoc_cert(const struct vc_dtls_assoc *a, struct vc_fingerprint *fp)
{
	X509 *cert = SSL_get1_peer_certificate(a->ssl);
	int err = cert ? vc_dtls_fingerprint(fp, cert, VC_SHA256) : -EINVAL;

	X509_free(cert);
	return err;
}

int vc_dtls_assoc_tick(struct vc_dtls_assoc *a, int64_t now, const char **why)
{
	int ret;

	*why = "no end within 10 s";
	if (now >= a->give_up)
		return -ETIMEDOUT;
	if (now < a->next)
		return 0;
	ERR_clear_error();
	ret = DTLSv1_handle_timeout(a->ssl);
	ERR_clear_error();
	*why = "no answer";
	if (ret < 0)
		return -ETIMEDOUT;
	set_timer(a, now);
	return 0;
}
