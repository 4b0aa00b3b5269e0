/* SPDX-License-Identifier: MIT */
/*
 * UDP sockets, read and written in batches. Non-blocking; the loop says when
 * there is something to read (vc_udp_fd()). Datagrams are received into
 * packets of a pool and stamped with the kernel's time of arrival; batches to
 * one peer go out with one system call, and if wanted as buffers that the kernel
 * cuts (UDP_SEGMENT). Nothing is allocated per datagram.
 */
#ifndef VC_NET_UDP_H
#define VC_NET_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/pool.h"

#define VC_UDP_BATCH 64
#define VC_UDP_CAP 2048 /* longer datagrams are cut, and said to be */

struct vc_udp;

/*
 * What a batch is received into and sent from, 80 kB: one serves all sockets
 * of a thread.
 */
struct vc_udp_io;

/* 'pool' is borrowed. NULL when out of memory or of randomness. */
struct vc_udp_io *vc_udp_io_new(struct vc_pool *pool);
/* After its sockets. NULL is fine. */
void vc_udp_io_free(struct vc_udp_io *io);

struct vc_udp_conf {
	/* Bound to; its port 0: the kernel's choice. NULL: any of the peer's
	 * family. A multicast group is joined, and others may do so too: each
	 * gets all that comes. Any other address is ours alone. */
	const struct sockaddr_storage *local;
	/* Who may send to the group (RFC 4607). NULL: everybody. */
	const struct sockaddr_storage *source;
	const char *iface; /* by this one only; NULL: as the routes go */
	/* Connected to: datagrams of others are not received, refusals by it
	 * are. NULL: not connected. */
	const struct sockaddr_storage *peer;
	bool only_v6;	      /* :: does not take IPv4 */
	bool is_for_many;     /* peers: vc_udp_told() says whom ICMP means */
	int ttl;	      /* 0: the system's */
	struct vc_udp_io *io; /* borrowed; NULL: one of its own */
};

/* One datagram. */
struct vc_udp_msg {
	/* Borrowed until the next vc_udp_recv() with the same vc_udp_io: take a
	 * reference to keep it.
	 * 'arrival' is set, in the loop's time. */
	struct vc_packet *pkt;
	const struct sockaddr_storage *from; /* borrowed likewise */
	uint64_t host; /* hash of the address, with a key that is
			* the vc_udp_io's; never 0 */
	uint64_t peer; /* of address and port; never 0 */
	bool is_cut;   /* it was longer than VC_UDP_CAP */
	int dscp;      /* -1: not known, as the next; in a flood mostly */
	int ttl;
};

/* What goes out: head and body are one datagram. Borrowed. */
struct vc_udp_piece {
	const uint8_t *head;
	const uint8_t *body;
	uint16_t head_len;
	uint16_t body_len;
	const struct sockaddr_storage *to; /* NULL: the peer */
	uint8_t dscp;			   /* of RFC 2474; 0: best effort */
};

/* What can go wrong with datagrams, as it is counted. */
enum vc_udp_error {
	VC_UDP_REFUSED,	    /* ICMP: nobody listens there */
	VC_UDP_UNREACHABLE, /* no route from here, or from a router on */
	VC_UDP_TOOBIG,	    /* longer than the path takes */
	VC_UDP_NOBUFS,	    /* the queues of the system are full */
	VC_UDP_DENIED,	    /* by a firewall */
	VC_UDP_OTHER,
	VC_UDP_ERRORS,
};

/* Of an errno, negative or not. */
enum vc_udp_error vc_udp_error_of(int err);
const char *vc_udp_error_name(enum vc_udp_error e); /* "refused" */

struct vc_udp_counts {
	uint64_t received;
	uint64_t overflow; /* dropped by the kernel: we were too slow */
	uint64_t sent;
	uint64_t errors[VC_UDP_ERRORS];
};

/*
 * NULL 'conf->local' needs a peer. 0 or -errno, -ENODEV for an interface that
 * is not there. 'pool' is borrowed. Nothing is cut into fragments on the way,
 * here or later.
 */
int vc_udp_open(struct vc_udp **out, struct vc_pool *pool,
		const struct vc_udp_conf *conf);
/* NULL is fine. */
void vc_udp_close(struct vc_udp *u);

int vc_udp_fd(const struct vc_udp *u);
/* Where it is bound, with the real port. */
const struct sockaddr_storage *vc_udp_local(const struct vc_udp *u);
const struct vc_udp_counts *vc_udp_counts(const struct vc_udp *u);

/*
 * A connected socket sends from the address that the kernel chose for it then.
 * When that has gone, this chooses anew; the port and what stands in the queue
 * stay. 0; -errno: not yet (-ENETUNREACH), and nothing has changed.
 */
int vc_udp_reconnect(struct vc_udp *u);
/* Connected, and from an address that was the kernel's choice. */
bool vc_udp_may_reconnect(const struct vc_udp *u);

/*
 * Receives what is there, at most VC_UDP_BATCH. 'now' is the loop's time, for
 * datagrams without a stamp; stamps follow no step of the wall clock. Returns
 * how many ('*msgs' are they), 0 (none), or -errno; -ECONNREFUSED says that
 * the peer refused something that was sent before, and is no end; nor are
 * others, which routers say.
 */
int vc_udp_recv(struct vc_udp *u, int64_t now, struct vc_udp_msg **msgs);

/*
 * From now on several of equal length in a row go out as one buffer, which the
 * kernel cuts, or (as at first) not. It is cheaper; but a capture on this
 * machine shows them as one packet.
 */
void vc_udp_segment(struct vc_udp *u, bool on);

/* Something will be sent soon: see vc_fetch(). */
void vc_udp_fetch(const struct vc_udp *u);
/*
 * Sends, a run to each address and DSCP. '*sent' is how many of 'n' went. 0 (all),
 * -EAGAIN or -ENOBUFS (no room: drop or wait), or another -errno: of something
 * before, that came back by ICMP, or of pieces[*sent]. Call again for the rest:
 * what is said twice is of that piece.
 */
int vc_udp_send(struct vc_udp *u, const struct vc_udp_piece *pieces, size_t n,
		size_t *sent);

/*
 * Of a socket for many peers: what came back by ICMP of something that was sent
 * to '*to'. -errno, or 0: no more. To be asked until then whenever vc_udp_recv()
 * or vc_udp_send() has failed: the failure was of one of these, if there are any.
 */
int vc_udp_told(struct vc_udp *u, struct sockaddr_storage *to);

bool vc_udp_is_multicast(const struct sockaddr_storage *sa);
/* An IPv6 address that means nothing without an interface (fe80::1, ff02::1)
 * and has none is meant at this one. 0 or -ENODEV. */
int vc_udp_set_zone(struct sockaddr_storage *sa, const char *iface);

/* As a socket that is bound to 'local' is to be given it: IPv4 is mapped into
 * IPv6 where that is IPv6. */
void vc_udp_map(struct sockaddr_storage *sa,
		const struct sockaddr_storage *local);

/* Sets the port, and reads it, in host order. */
void vc_udp_set_port(struct sockaddr_storage *sa, uint16_t port);
uint16_t vc_udp_port(const struct sockaddr_storage *sa);
/* An address as numbers: 128 bits of it (IPv4 as mapped), then its zone above
 * 16 bits of port. Only to be compared or hashed. */
void vc_udp_words(const struct sockaddr_storage *sa, uint64_t w[static 3]);
/* Sets m->host and m->peer of m->from, as vc_udp_recv() with this 'io' does. */
void vc_udp_hash(const struct vc_udp_io *io, struct vc_udp_msg *m);

/* Same address; with_port: and port. */
bool vc_udp_same(const struct sockaddr_storage *a,
		 const struct sockaddr_storage *b, bool with_port);

#endif
