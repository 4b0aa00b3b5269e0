/* SPDX-License-Identifier: MIT */
/* What net/dtls.c, dtlsassoc.c and dtlscert.c share; OpenSSL's types by their tags. */
#ifndef VC_NET_DTLS_INTERNAL_H
#define VC_NET_DTLS_INTERNAL_H

#include "net/dtls.h"

struct bio_method_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

struct vc_dtls_local {
	struct ssl_ctx_st *ssl;
	struct bio_method_st *method; /* of dtlsassoc.c */
	struct vc_fingerprint fingerprint;
};

/* The fingerprint of a certificate. 0 or -EINVAL. */
int vc_dtls_fingerprint(struct vc_fingerprint *fp, const struct x509_st *cert,
			enum vc_hash hash);

/* Sets what dtlsassoc.c does in a context: cookies, verification, datagrams. */
int vc_dtls_set_calls(struct vc_dtls_local *local);

/* --- one handshake, and the association that comes of it --- */

#define VC_DTLS_SECRET 32
#define VC_DTLS_RANDOM 32

struct vc_dtls_assoc {
	const struct vc_dtls_conf *conf;
	const uint8_t *secret; /* of cookies */
	struct ssl_st *ssl;
	struct sockaddr_storage peer; /* set before all else */
	const uint8_t *in;	      /* the datagram, NULL: read */
	size_t in_len;
	uint8_t random[VC_DTLS_RANDOM]; /* passive: of the hello it came of */
	bool is_verified;
	size_t which; /* of the peers, once it is verified */
	uint64_t id;  /* once it is up, as the next */
	struct vc_dtls_assoc *next_up;
	int64_t give_up; /* 0: not begun */
	int64_t next;	 /* VC_DTLS_NEVER: no timer runs */
};

/* Both are borrowed. NULL when out of memory. */
struct vc_dtls_assoc *vc_dtls_assoc_new(const struct vc_dtls_conf *conf,
					const uint8_t secret[VC_DTLS_SECRET]);
void vc_dtls_assoc_free(struct vc_dtls_assoc *a);

/* Is it the cookie that whoever is at a->peer was given? */
bool vc_dtls_assoc_gave(const struct vc_dtls_assoc *a, const uint8_t *cookie,
			size_t len);
/* A hello. 1: with the right cookie, shake next; 0: not; -errno: free it. */
int vc_dtls_assoc_listen(struct vc_dtls_assoc *a, const uint8_t *p, size_t len);

/* With a datagram or without. 0: '*keys' are there; -EAGAIN; or why not. */
int vc_dtls_assoc_shake(struct vc_dtls_assoc *a, const uint8_t *p, size_t len,
			int64_t now, struct vc_dtls_keys *keys,
			const char **why);

/* A datagram after that: the last flight may be asked for again. */
int vc_dtls_assoc_serve(struct vc_dtls_assoc *a, const uint8_t *p, size_t len,
			const char **why);

/* Goodbye. */
void vc_dtls_assoc_close(struct vc_dtls_assoc *a);

/* SHA-256 of the peer's certificate, once it is verified. 0 or -EINVAL. */
int vc_dtls_assoc_cert(const struct vc_dtls_assoc *a,
		       struct vc_fingerprint *fp);

/* Sends again if it is due. -ETIMEDOUT. */
int vc_dtls_assoc_tick(struct vc_dtls_assoc *a, int64_t now, const char **why);

#endif
