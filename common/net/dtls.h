/* SPDX-License-Identifier: MIT */
/*
 * DTLS-SRTP (RFC 5764): keys for SRTP by a handshake between certificates that
 * are known by their fingerprints. An endpoint has no socket: it is given
 * datagrams (those with a first octet of 20 to 63, RFC 7983) and the time, and
 * gives datagrams to a callback. DTLS 1.2; one peer at a time.
 *
 * The passive side answers a stranger's hello by a cookie, no larger than the
 * hello, and keeps nothing; who returns the cookie gets one of VC_DTLS_PENDING
 * places for 10 s, the oldest making room. So there may be a race of hellos:
 * keys are handed out to whoever has the certificate, from whatever address,
 * and a handshake that fails or hangs takes nothing from the others, nor from
 * the association that is up, which is replaced only when another one is.
 */
#ifndef VC_NET_DTLS_H
#define VC_NET_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wire/fingerprint.h"

struct vc_dtls;
struct vc_dtls_local;

#define VC_DTLS_MTU 1200 /* no datagram of ours is larger */
#define VC_DTLS_PENDING 16

/* Protection profiles that may be agreed on. */
#define VC_DTLS_GCM_128 (1u << 0)    /* AEAD_AES_128_GCM (RFC 7714) */
#define VC_DTLS_GCM_256 (1u << 1)    /* AEAD_AES_256_GCM */
#define VC_DTLS_CM_SHA1_80 (1u << 2) /* AES_CM_128_HMAC_SHA1_80 (RFC 3711) */

/* a=setup (RFC 4145, RFC 5763). */
enum vc_dtls_setup { VC_SETUP_ACTIVE, VC_SETUP_PASSIVE, VC_SETUP_ACTPASS };

/* Who begins. -EINVAL: both, neither, or nobody has decided. */
int vc_dtls_role(enum vc_dtls_setup ours, enum vc_dtls_setup theirs,
		 bool *is_active);

/* --- who we are --- */

/*
 * A fresh certificate (ECDSA P-256, self-signed) and the profiles that may be
 * agreed on, liked in the order above. Outlives its endpoints. 0, -EINVAL no
 * profile, -ENOMEM.
 */
int vc_dtls_local_new(struct vc_dtls_local **out, unsigned int profiles);
void vc_dtls_local_free(struct vc_dtls_local *local);
/* SHA-256. */
const struct vc_fingerprint *vc_dtls_local_fingerprint(
	const struct vc_dtls_local *local);

/* --- an endpoint --- */

struct vc_dtls_keys {
	unsigned int profile; /* one of them */
	bool is_client;	      /* we: what we send has the client's key */
	size_t key_len;
	size_t salt_len;
	uint8_t client_key[32], client_salt[14];
	uint8_t server_key[32], server_salt[14];
};

struct vc_dtls_conf {
	struct vc_dtls_local *local;
	struct vc_fingerprint peer; /* of the certificate he must have */
	bool is_active;
	int64_t retransmit; /* the first time-out, doubled; 0: 100 ms */
	size_t mtu;	    /* of what we send; 0: VC_DTLS_MTU */
	void (*send)(void *ctx, const struct sockaddr_storage *to,
		     const uint8_t *p, size_t len);
	/* The peer is who he should be. Wiped after the call. */
	void (*keys)(void *ctx, const struct sockaddr_storage *from,
		     const struct vc_dtls_keys *keys);
	/*
	 * A handshake came to nothing: -EKEYREJECTED another certificate,
	 * -ETIMEDOUT, -EPROTO (also: no profile in common), -ENOBUFS it had to
	 * make room; or the association was closed by the peer: -ESHUTDOWN.
	 * The endpoint is as good as before; an active one starts again by
	 * vc_dtls_start() when its owner likes, but not from here.
	 */
	void (*failed)(void *ctx, const struct sockaddr_storage *from, int err,
		       const char *why);
	void *ctx;
};

/* NULL when out of memory. */
struct vc_dtls *vc_dtls_new(const struct vc_dtls_conf *conf);
/* Without a word to the peer. */
void vc_dtls_free(struct vc_dtls *d);

/* Active: says hello. A handshake under way is dropped. 0 or -ENOMEM. */
int vc_dtls_start(struct vc_dtls *d, const struct sockaddr_storage *to,
		  int64_t now);

/* A datagram has come. */
void vc_dtls_put(struct vc_dtls *d, const struct sockaddr_storage *from,
		 const uint8_t *p, size_t len, int64_t now);

/* When vc_dtls_tick() is due, or VC_DTLS_NEVER. After each call of the above. */
#define VC_DTLS_NEVER INT64_MAX
int64_t vc_dtls_deadline(const struct vc_dtls *d);
/* Sends again what was lost, and gives up. */
void vc_dtls_tick(struct vc_dtls *d, int64_t now);

bool vc_dtls_is_up(const struct vc_dtls *d);
/* Handshakes that came to nothing, and datagrams that nobody was given. */
uint64_t vc_dtls_failures(const struct vc_dtls *d);
uint64_t vc_dtls_strays(const struct vc_dtls *d);

#endif
