/* SPDX-License-Identifier: MIT */
/*
 * DTLS-SRTP (RFC 5764): keys for SRTP by a handshake between certificates that
 * are known by their fingerprints. An endpoint has no socket: it is given
 * datagrams (those with a first octet of 20 to 63, RFC 7983) and the time, and
 * gives datagrams to a callback. DTLS 1.2. An active endpoint has one peer, a
 * passive one as many as its owner takes, each at an address of its own.
 *
 * The passive side answers a stranger's hello by a cookie, no larger than the
 * hello, and keeps nothing; who returns the cookie gets one of VC_DTLS_PENDING
 * places for 10 s, the oldest making room, of the same host where that has
 * some already. So there may be a race of hellos: keys are handed out to
 * whoever has a certificate that is known, from whatever address, and a
 * handshake that fails or hangs takes nothing from the others, nor from the
 * associations that are up: the one of its address is replaced only when it
 * has come to its end. Hellos are answered at most VC_DTLS_HELLOS times a
 * second, and VC_DTLS_BEGINS of them begin a handshake.
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
#define VC_DTLS_OF_HOST 4 /* of them, before its own make room */
#define VC_DTLS_HELLOS 1000
#define VC_DTLS_BEGINS 200

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
/*
 * The same with a certificate that is kept, in files of PEM ('key' NULL: in the
 * same). 0, or -errno and '*why' in 'cap' octets.
 */
int vc_dtls_local_load(struct vc_dtls_local **out, unsigned int profiles,
		       const char *cert, const char *key, char *why,
		       size_t cap);
void vc_dtls_local_free(struct vc_dtls_local *local);
/* SHA-256. */
const struct vc_fingerprint *vc_dtls_local_fingerprint(
	const struct vc_dtls_local *local);

/* A new certificate and its key as PEM, to be kept: good for ten years. The
 * length, -ENOSPC or -ENOMEM. Wipe it. */
#define VC_DTLS_PEM_CAP 4096
int vc_dtls_new_pem(char *buf, size_t cap, struct vc_fingerprint *fp);

/* --- an endpoint --- */

struct vc_dtls_keys {
	unsigned int profile; /* one of them */
	bool is_client;	      /* we: what we send has the client's key */
	size_t key_len;
	size_t salt_len;
	uint8_t client_key[32], client_salt[14];
	uint8_t server_key[32], server_salt[14];
};

/* Whoever has come up. */
struct vc_dtls_peer {
	uint64_t id; /* of the association; not used again */
	const struct sockaddr_storage *from;
	size_t which;		    /* of conf.peers; n_peers: anybody */
	struct vc_fingerprint cert; /* SHA-256 of his certificate */
};

struct vc_dtls_conf {
	struct vc_dtls_local *local;
	const struct vc_fingerprint *peers; /* of certificates that are let in;
					     * borrowed */
	size_t n_peers;
	bool takes_anybody; /* others too */
	bool is_active;
	int64_t retransmit; /* the first time-out, doubled; 0: 100 ms */
	size_t mtu;	    /* of what we send; 0: VC_DTLS_MTU */
	void (*send)(void *ctx, const struct sockaddr_storage *to,
		     const uint8_t *p, size_t len);
	/*
	 * The peer is who he should be, and the association is up. Wiped after
	 * the call. 0, or -errno: it is closed, and has failed by that.
	 */
	int (*up)(void *ctx, const struct vc_dtls_peer *peer,
		  const struct vc_dtls_keys *keys);
	/*
	 * It is no more: -ESHUTDOWN closed by the peer, -ESTALE another one
	 * takes its place, -EPROTO. Said before the other one is up.
	 */
	void (*down)(void *ctx, uint64_t id, int err, const char *why);
	/*
	 * A handshake came to nothing: -EKEYREJECTED another certificate,
	 * -ETIMEDOUT, -EPROTO (also: no profile in common), -ENOBUFS it had to
	 * make room, or what up() said. The endpoint is as good as before; an
	 * active one starts again by vc_dtls_start() when its owner likes, but
	 * not from here nor from down().
	 */
	void (*failed)(void *ctx, const struct sockaddr_storage *from, int err,
		       const char *why);
	void *ctx;
};

/* NULL when out of memory. */
struct vc_dtls *vc_dtls_new(const struct vc_dtls_conf *conf);
/* Without a word to the peers, or to the owner. */
void vc_dtls_free(struct vc_dtls *d);

/* Active: says hello. A handshake under way is dropped, what is up stays until
 * this one is. 0 or -ENOMEM. */
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

/* The peer of an association is there now; nothing happens for one that is no
 * more, here and below. */
void vc_dtls_moved(struct vc_dtls *d, uint64_t id,
		   const struct sockaddr_storage *to);
/* Says goodbye (close_notify) and forgets it; down() is not called. */
void vc_dtls_close(struct vc_dtls *d, uint64_t id);
void vc_dtls_close_all(struct vc_dtls *d);

/* Associations that are up, and handshakes under way. */
unsigned int vc_dtls_n_up(const struct vc_dtls *d);
unsigned int vc_dtls_n_pending(const struct vc_dtls *d);

struct vc_dtls_counts {
	uint64_t ups;	   /* associations that came up */
	uint64_t failures; /* handshakes that came to nothing */
	uint64_t strays;   /* datagrams that nobody was given */
	uint64_t alerts;   /* of these, alerts in clear, which anybody can send
			    * and nobody believes */
	uint64_t limited;  /* hellos over what is answered in a second */
};

const struct vc_dtls_counts *vc_dtls_counts(const struct vc_dtls *d);

#endif
