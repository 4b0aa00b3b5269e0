/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.2 and 1.3 over a connected stream socket that is in the loop: nothing
 * here waits, but for vc_tls_shake_within(). Certificates and host names are
 * verified unless a context is made insecure. SIGPIPE is to be ignored.
 */
#ifndef VC_NET_TLS_H
#define VC_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct vc_loop;
struct vc_tls_ctx;
struct vc_tls;
struct vc_tls_door;

/* A record: what vc_tls_read() needs room for. */
#define VC_TLS_RECORD 16384

struct vc_tls_conf {
	bool is_server;
	bool insecure;	  /* whoever it is, it is believed */
	const char *ca;	  /* PEM; NULL: the system's. A server that has one
			   * demands certificates of its clients */
	const char *cert; /* PEM, the chain; a server must have one */
	const char *key;  /* PEM; NULL: in the same file */
};

/*
 * Reads the files. 0, or -errno with the reason for people in 'why': -ENOENT
 * and the like of a file, -EINVAL no or no fitting certificate or key in it,
 * -ENOMEM. Outlives its connections.
 */
int vc_tls_ctx_new(struct vc_tls_ctx **out, const struct vc_tls_conf *conf,
		   char *why, size_t cap);
void vc_tls_ctx_free(struct vc_tls_ctx *ctx);

/*
 * The descriptor is made non-blocking and stays the caller's, who closes it
 * after vc_tls_free(). 'host' is the name or address that a server's
 * certificate must be for; NULL in a server. NULL when out of memory.
 */
struct vc_tls *vc_tls_new(struct vc_tls_ctx *ctx, int fd, const char *host);

/* Says goodbye (close_notify) if all that was taken could be written, without
 * waiting. NULL is fine. */
void vc_tls_free(struct vc_tls *tls);

/*
 * The handshake goes on. 0 when it is done; -EAGAIN: again when the descriptor
 * is ready for vc_tls_wants(); -EKEYREJECTED a certificate was refused, by us
 * or by the peer; -ECONNABORTED the peer is gone; -EPROTO all else. After an
 * error vc_tls_why() knows more, and the connection is of no use.
 */
int vc_tls_shake(struct vc_tls *tls);
unsigned int vc_tls_wants(const struct vc_tls *tls); /* VC_READ, VC_WRITE */
const char *vc_tls_why(const struct vc_tls *tls);

/* The same, waiting at most 'timeout' ns: for start-up. Also -ETIMEDOUT. */
int vc_tls_shake_within(struct vc_tls *tls, int64_t timeout);

/*
 * Reads as many whole records as have come and fit; 'len' is at least
 * VC_TLS_RECORD, so that nothing is left behind of which the loop would not
 * tell. Octets, 0 at an orderly end, or -EAGAIN, -ECONNABORTED cut off without
 * close_notify, and as above.
 */
ssize_t vc_tls_read(struct vc_tls *tls, uint8_t *buf, size_t len);

/*
 * Takes octets, in records as large as they may be, and returns how many it
 * took. What the socket did not take is held here, at most one record, and
 * written by the next call: while vc_tls_is_held(), call it again (with no
 * octets at all if there are none) when the descriptor is writable. -EAGAIN,
 * -EPIPE the peer is gone, and as above.
 */
ssize_t vc_tls_writev(struct vc_tls *tls, const struct iovec *iov, int n);
bool vc_tls_is_held(const struct vc_tls *tls);

/*
 * Whom the peer's verified certificate names: its common name, else its first
 * DNS name or mail address; 1 to 64 characters of UTF-8, none a control
 * character. 0, or -ENOENT no certificate, none that was verified, or no such
 * name in it.
 */
int vc_tls_peer_name(const struct vc_tls *tls, char *buf, size_t cap);

/* --- handshakes of those who connect to us --- */

#define VC_TLS_PENDING 16

struct vc_tls_door_conf {
	struct vc_loop *loop;
	struct vc_tls_ctx *tls; /* of a server */
	/* Both are taken over. May free the door. */
	void (*open)(void *ctx, int fd, struct vc_tls *tls);
	void *ctx;
	/* It came to nothing; 'fd' is closed afterwards. */
	void (*failed)(void *ctx, int fd, const char *why);
	void *failed_ctx;
};

/*
 * Carries out handshakes beside each other in the loop: each has 10 s, and
 * VC_TLS_PENDING of them can be under way; then the oldest makes room. NULL
 * when out of memory.
 */
struct vc_tls_door *vc_tls_door_new(const struct vc_tls_door_conf *conf);
void vc_tls_door_free(struct vc_tls_door *door);
/* Takes an accepted socket over. */
void vc_tls_door_put(struct vc_tls_door *door, int fd);

#endif
