/* SPDX-License-Identifier: MIT */
/*
 * One connection. OpenSSL reads and writes the socket itself, a record at a
 * time and without reading ahead, so that what has not been asked for stays in
 * the kernel, where epoll sees it. It wants to be given the same octets again
 * after it could not write: so these are gathered into a record of ours, which
 * is held until it is gone, and the writer's queue may change meanwhile.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/tls_internal.h"

#define RECORDS_A_READ 16
#define NAME_MAX_CHARS 64

struct vc_tls {
	SSL *ssl;
	int fd;
	bool is_open;	/* the handshake is done */
	bool is_broken; /* nothing more may be said */
	bool verifies;
	bool has_end; /* read already, to be told by the next call: */
	int end;
	unsigned int wants;
	uint8_t *held; /* one record */
	size_t held_start;
	size_t held_end;
	char why[160];
};

/* --- life --- */

static bool set_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	unsigned char addr[16];

	if (inet_pton(AF_INET, host, addr) == 1 ||
	    inet_pton(AF_INET6, host, addr) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 &&
	       SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct vc_tls *vc_tls_new(struct vc_tls_ctx *ctx, int fd, const char *host)
{
	struct vc_tls *tls = vc_try_alloc(1, sizeof(*tls));
	int flags = fcntl(fd, F_GETFL);

	assert(ctx->is_server || host);
	if (!tls)
		return NULL;
	tls->fd = fd;
	tls->verifies = ctx->verifies;
	tls->held = vc_try_alloc(1, VC_TLS_RECORD);
	tls->ssl = SSL_new(ctx->ssl);
	if (!tls->held || !tls->ssl || SSL_set_fd(tls->ssl, fd) != 1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
	    (host && !set_host(tls->ssl, host))) {
		vc_tls_free(tls);
		return NULL;
	}
	if (ctx->is_server)
		SSL_set_accept_state(tls->ssl);
	else
		SSL_set_connect_state(tls->ssl);
	return tls;
}

/* Octets that nobody read would make the close a reset, which could overtake
 * what was written. */
static void drain(struct vc_tls *tls)
{
	char buf[4096];

	for (int i = 0; i < 16; i++) {
		if (SSL_read(tls->ssl, buf, sizeof(buf)) <= 0)
			return;
	}
}

void vc_tls_free(struct vc_tls *tls)
{
	if (!tls)
		return;
	ERR_clear_error();
	if (tls->is_open && !tls->is_broken && !vc_tls_is_held(tls)) {
		SSL_shutdown(tls->ssl);
		drain(tls);
	}
	ERR_clear_error();
	SSL_free(tls->ssl);
	free(tls->held);
	free(tls);
}

/* --- what went wrong --- */

/* Our own refusal, or an alert about certificates (RFC 8446 section 6.2). */
static bool is_about_keys(int reason)
{
	static const int alerts[] = {
		SSL_AD_BAD_CERTIFICATE,	     SSL_AD_UNSUPPORTED_CERTIFICATE,
		SSL_AD_CERTIFICATE_REVOKED,  SSL_AD_CERTIFICATE_EXPIRED,
		SSL_AD_CERTIFICATE_UNKNOWN,  SSL_AD_UNKNOWN_CA,
		SSL_AD_ACCESS_DENIED,	     SSL3_AD_NO_CERTIFICATE,
		SSL_AD_CERTIFICATE_REQUIRED,
	};

	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED ||
	    reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return true;
	for (size_t i = 0; i < VC_COUNT(alerts); i++) {
		if (reason == SSL_AD_REASON_OFFSET + alerts[i])
			return true;
	}
	return false;
}

static int broken(struct vc_tls *tls, int err, const char *why)
{
	tls->is_broken = true;
	snprintf(tls->why, sizeof(tls->why), "%s", why);
	ERR_clear_error();
	return err;
}

static int protocol_error(struct vc_tls *tls)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	const char *text = ERR_reason_error_string(code);
	long verdict = SSL_get_verify_result(tls->ssl);

	if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return broken(tls, -ECONNABORTED, "cut off");
	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK)
		text = X509_verify_cert_error_string(verdict);
	return broken(tls, is_about_keys(reason) ? -EKEYREJECTED : -EPROTO,
		      text ? text : "not understood");
}

/* 0 at an orderly end, else -errno. */
static int outcome(struct vc_tls *tls, int ret, int sys)
{
	switch (SSL_get_error(tls->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		tls->wants = VC_READ;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		tls->wants = VC_WRITE;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		return broken(tls, sys == EPIPE ? -EPIPE : -ECONNABORTED,
			      sys ? strerror(sys) : "cut off");
	default:
		return protocol_error(tls);
	}
}

unsigned int vc_tls_wants(const struct vc_tls *tls)
{
	return tls->wants;
}

const char *vc_tls_why(const struct vc_tls *tls)
{
	return tls->why;
}

/* --- handshake --- */

int vc_tls_shake(struct vc_tls *tls)
{
	int ret, err;

	if (tls->is_broken)
		return -EPROTO;
	ERR_clear_error();
	ret = SSL_do_handshake(tls->ssl);
	if (ret == 1) {
		tls->is_open = true;
		return 0;
	}
	err = outcome(tls, ret, errno);
	return err ? err : broken(tls, -ECONNABORTED, "closed");
}

int vc_tls_shake_within(struct vc_tls *tls, int64_t timeout)
{
	int64_t end = vc_mono_now() + timeout;
	int err = vc_tls_shake(tls);

	while (err == -EAGAIN) {
		struct pollfd p = { .fd = tls->fd,
				    .events = tls->wants == VC_WRITE ? POLLOUT :
								       POLLIN };
		int64_t left = end - vc_mono_now();

		if (left <= 0)
			return broken(tls, -ETIMEDOUT, "no answer");
		if (poll(&p, 1, (int)(left / VC_MS) + 1) < 0 && errno != EINTR)
			return broken(tls, -errno, strerror(errno));
		err = vc_tls_shake(tls);
	}
	return err;
}

/* --- reading and writing --- */

ssize_t vc_tls_read(struct vc_tls *tls, uint8_t *buf, size_t len)
{
	size_t got = 0;

	assert(len >= VC_TLS_RECORD);
	for (int i = 0;
	     i < RECORDS_A_READ && len - got >= VC_TLS_RECORD && !tls->has_end;
	     i++) {
		int ret, err;

		ERR_clear_error();
		ret = SSL_read(tls->ssl, buf + got, VC_TLS_RECORD);
		if (ret > 0) {
			got += (size_t)ret;
			continue;
		}
		err = outcome(tls, ret, errno);
		if (err == -EAGAIN)
			return got ? (ssize_t)got : err;
		tls->has_end = true;
		tls->end = err;
		/* The loop is to tell of it, though nothing more may come. */
		shutdown(tls->fd, SHUT_RD);
	}
	return got ? (ssize_t)got : tls->end;
}

/*
 * A peer that refuses our certificate says so after our handshake is done
 * (TLS 1.3), and all that a writer sees is a broken pipe.
 */
static int last_word(struct vc_tls *tls, int err)
{
	char buf[256];
	int ret;

	ERR_clear_error();
	ret = SSL_read(tls->ssl, buf, sizeof(buf));
	if (ret > 0 || SSL_get_error(tls->ssl, ret) != SSL_ERROR_SSL)
		return err;
	ret = protocol_error(tls);
	return ret == -EKEYREJECTED ? ret : err;
}

static int write_held(struct vc_tls *tls)
{
	while (vc_tls_is_held(tls)) {
		int ret, err;

		ERR_clear_error();
		ret = SSL_write(tls->ssl, tls->held + tls->held_start,
				(int)(tls->held_end - tls->held_start));
		if (ret > 0) {
			tls->held_start += (size_t)ret;
			continue;
		}
		err = outcome(tls, ret, errno);
		if (err == -EPIPE || err == -ECONNABORTED)
			return last_word(tls, -EPIPE);
		return err ? err : -EPIPE;
	}
	return 0;
}

/* Fills the record from '*skip' octets behind the beginning of iov. */
static size_t gather(struct vc_tls *tls, const struct iovec *iov, int n,
		     size_t skip)
{
	size_t len = 0;

	for (int i = 0; i < n && len < VC_TLS_RECORD; i++) {
		size_t left = iov[i].iov_len, room = VC_TLS_RECORD - len;

		if (skip >= left) {
			skip -= left;
			continue;
		}
		left -= skip;
		if (left > room)
			left = room;
		memcpy(tls->held + len, (const uint8_t *)iov[i].iov_base + skip,
		       left);
		len += left;
		skip = 0;
	}
	tls->held_start = 0;
	tls->held_end = len;
	return len;
}

ssize_t vc_tls_writev(struct vc_tls *tls, const struct iovec *iov, int n)
{
	size_t taken = 0, len;
	int err;

	if (tls->is_broken)
		return -EPIPE;
	err = write_held(tls);
	while (!err) {
		len = gather(tls, iov, n, taken);
		taken += len;
		if (!len)
			break;
		err = write_held(tls);
	}
	return err && (err != -EAGAIN || !taken) ? err : (ssize_t)taken;
}

bool vc_tls_is_held(const struct vc_tls *tls)
{
	return tls->held_start < tls->held_end;
}

/* --- who it is --- */

static bool is_name(struct vc_str s)
{
	const char *p = s.p, *end = s.p + s.len;
	size_t n = 0;

	for (; p < end; n++) {
		int32_t ch = vc_utf8_next(&p, end);

		if (ch < ' ' || (ch >= 0x7f && ch < 0xa0))
			return false;
	}
	return n >= 1 && n <= NAME_MAX_CHARS;
}

static bool take_name(const ASN1_STRING *s, char *buf, size_t cap)
{
	unsigned char *text = NULL;
	int len = s ? ASN1_STRING_to_UTF8(&text, s) : -1;
	struct vc_str str =
		vc_str_of((const char *)text, len > 0 ? (size_t)len : 0);
	bool ok = len > 0 && is_name(str) && str.len < cap;

	if (ok)
		vc_str_copy(buf, cap, str);
	OPENSSL_free(text);
	return ok;
}

static bool common_name(const X509 *cert, char *buf, size_t cap)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	return i >= 0 && take_name(X509_NAME_ENTRY_get_data(
					   X509_NAME_get_entry(subject, i)),
				   buf, cap);
}

static bool alternative_name(const X509 *cert, char *buf, size_t cap)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool ok = false;

	for (int i = 0; !ok && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS || name->type == GEN_EMAIL)
			ok = take_name(name->d.ia5, buf, cap);
	}
	GENERAL_NAMES_free(names);
	return ok;
}

int vc_tls_peer_name(const struct vc_tls *tls, char *buf, size_t cap)
{
	X509 *cert = tls->verifies ? SSL_get1_peer_certificate(tls->ssl) : NULL;
	bool ok = cert && SSL_get_verify_result(tls->ssl) == X509_V_OK &&
		  (common_name(cert, buf, cap) ||
		   alternative_name(cert, buf, cap));

	X509_free(cert);
	ERR_clear_error();
	return ok ? 0 : -ENOENT;
}
