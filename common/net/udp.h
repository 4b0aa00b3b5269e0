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
	 * family. */
	const struct sockaddr_storage *local;
	/* Connected to: datagrams of others are not received, refusals by it
	 * are. NULL: not connected. */
	const struct sockaddr_storage *peer;
	bool only_v6;	      /* :: does not take IPv4 */
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
	int dscp;      /* -1: not known, as the next */
	int ttl;
};

/* What goes out: head and body are one datagram. Borrowed. */
struct vc_udp_piece {
	const uint8_t *head;
	const uint8_t *body;
	uint16_t head_len;
	uint16_t body_len;
	const struct sockaddr_storage *to; /* NULL: the peer */
};

struct vc_udp_counts {
	uint64_t received;
	uint64_t overflow; /* dropped by the kernel: we were too slow */
	uint64_t sent;
	uint64_t refused; /* ICMP: nobody listens there */
};

/* NULL 'conf->local' needs a peer. 0 or -errno. 'pool' is borrowed. */
int vc_udp_open(struct vc_udp **out, struct vc_pool *pool,
		const struct vc_udp_conf *conf);
/* NULL is fine. */
void vc_udp_close(struct vc_udp *u);

int vc_udp_fd(const struct vc_udp *u);
/* Where it is bound, with the real port. */
const struct sockaddr_storage *vc_udp_local(const struct vc_udp *u);
const struct vc_udp_counts *vc_udp_counts(const struct vc_udp *u);

/*
 * Receives what is there, at most VC_UDP_BATCH. 'now' is the loop's time, for
 * datagrams without a stamp; stamps follow no step of the wall clock. Returns
 * how many ('*msgs' are they), 0 (none), or -errno; -ECONNREFUSED says that
 * the peer refused something that was sent before, and is no end.
 */
int vc_udp_recv(struct vc_udp *u, int64_t now, struct vc_udp_msg **msgs);

/*
 * From now on several of equal length in a row go out as one buffer, which the
 * kernel cuts, or (as at first) not. It is cheaper; but a capture on this
 * machine shows them as one packet.
 */
void vc_udp_segment(struct vc_udp *u, bool on);

/*
 * Sends, a run to each address. '*sent' is how many of 'n' went. 0 (all), -EAGAIN or
 * -ENOBUFS (no room: drop or wait), -ECONNREFUSED (of something before: call
 * again for the rest), or another -errno of pieces[*sent].
 */
int vc_udp_send(struct vc_udp *u, const struct vc_udp_piece *pieces, size_t n,
		size_t *sent);

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
