/* SPDX-License-Identifier: MIT */
/*
 * Receiving: 64 packets of the pool stand ready in a recvmmsg() array. One
 * whose reference somebody took is replaced before the next call, the others
 * are used again. The kernel's stamps are wall time; the loop's time is the
 * monotonic clock plus what the wall clock said at start, so the distance of
 * the two clocks is taken when the socket opens and looked at with each batch:
 * where it has moved, somebody has set the wall clock.
 */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "net/clock.h"
#include "net/udp_internal.h"

#define STEP VC_MS /* less is no step of the wall clock */
#define FLOOD (100 * VC_MS)

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Keyed, so that nobody can choose addresses that collide. */
void vc_udp_hash(const struct vc_udp_io *io, struct vc_udp_msg *m)
{
	uint64_t w[3], h;

	vc_udp_words(m->from, w);
	h = fold(w[0] ^ io->key[0], w[1] ^ io->key[1]);
	m->host = fold(h ^ io->key[0], (w[2] >> 16) + io->key[1]) | 1;
	m->peer = fold(h ^ io->key[1], w[2] + io->key[0]) | 1;
}

/* Makes the array ready. How many there are: fewer when out of memory. */
static unsigned int rx_prepare(struct vc_udp *u)
{
	struct vc_udp_rx *rx = &u->io->rx;

	for (unsigned int i = 0; i < rx->dirty; i++) {
		struct vc_udp_msg *m = &rx->msgs[i];
		struct msghdr *h = &rx->hdr[i].msg_hdr;

		if (m->pkt && m->pkt->refs > 1) {
			vc_packet_unref(m->pkt);
			m->pkt = NULL;
		}
		if (!m->pkt)
			m->pkt = vc_packet_new(u->io->pool, VC_UDP_CAP);
		if (!m->pkt)
			return i;
		rx->iov[i] = (struct iovec){ .iov_base = m->pkt->data,
					     .iov_len = VC_UDP_CAP };
		h->msg_iov = &rx->iov[i];
		h->msg_iovlen = 1;
		h->msg_name = &rx->from[i];
		h->msg_namelen = sizeof(rx->from[i]);
		h->msg_control = rx->control[i];
		h->msg_controllen = VC_UDP_RX_CONTROL;
	}
	rx->dirty = 0;
	return VC_UDP_BATCH;
}

static int int_of(struct cmsghdr *c)
{
	int v = 0;

	/* The TOS octet comes as one; all else as an int. */
	if (c->cmsg_len == CMSG_LEN(1))
		return *CMSG_DATA(c);
	memcpy(&v, CMSG_DATA(c), sizeof(v));
	return v;
}

static void take_time(struct vc_udp *u, struct vc_udp_msg *m, struct cmsghdr *c)
{
	struct timespec ts;

	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	m->pkt->arrival =
		ts.tv_sec * VC_SEC + ts.tv_nsec - u->wall + u->wall_base;
}

static void take_drops(struct vc_udp *u, struct cmsghdr *c)
{
	uint32_t drops;

	memcpy(&drops, CMSG_DATA(c), sizeof(drops));
	u->counts.overflow += drops - u->kernel_drops;
	u->kernel_drops = drops;
}

static void take_control(struct vc_udp *u, struct vc_udp_msg *m,
			 struct msghdr *h)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		int type = c->cmsg_type;

		if (c->cmsg_level == SOL_SOCKET) {
			if (type == SCM_TIMESTAMPNS)
				take_time(u, m, c);
			else if (type == SO_RXQ_OVFL)
				take_drops(u, c);
		} else if (c->cmsg_level == IPPROTO_IP) {
			if (type == IP_TOS)
				m->dscp = int_of(c) >> 2;
			else if (type == IP_TTL)
				m->ttl = int_of(c);
		} else if (c->cmsg_level == IPPROTO_IPV6) {
			if (type == IPV6_TCLASS)
				m->dscp = int_of(c) >> 2;
			else if (type == IPV6_HOPLIMIT)
				m->ttl = int_of(c);
		}
	}
}

/* Mostly the one before is of the same sender. */
static void take_sender(struct vc_udp *u, unsigned int i)
{
	struct vc_udp_rx *rx = &u->io->rx;
	struct vc_udp_msg *m = &rx->msgs[i];

	m->from = &rx->from[i];
	if (i && !memcmp(m->from, &rx->from[i - 1], vc_udp_sa_len(m->from))) {
		m->host = m[-1].host;
		m->peer = m[-1].peer;
		return;
	}
	vc_udp_hash(u->io, m);
}

/* A step of the wall clock, told by its distance to the other one. */
static void look_at_clocks(struct vc_udp *u)
{
	int64_t wall = vc_wall_minus_mono();

	if (wall - u->wall > STEP || u->wall - wall > STEP)
		u->wall = wall;
}

/*
 * What a packet's DSCP and TTL are takes a tenth of what it takes to receive
 * it. Where batches are full they are asked for every 100 ms only.
 */
static void ask(struct vc_udp *u, int64_t now)
{
	bool is_flood = u->filled != VC_TIME_NONE && now - u->filled < FLOOD;
	bool is_due = u->asked == VC_TIME_NONE || now - u->asked >= FLOOD;

	vc_udp_ask(u, !is_flood || is_due);
	if (u->has_ask)
		u->asked = now;
}

int vc_udp_recv(struct vc_udp *u, int64_t now, struct vc_udp_msg **msgs)
{
	struct vc_udp_rx *rx = &u->io->rx;
	unsigned int cap = rx_prepare(u);
	int n;

	*msgs = rx->msgs;
	if (!cap)
		return -ENOMEM;
	ask(u, now);
	n = recvmmsg(u->fd, rx->hdr, cap, MSG_DONTWAIT, NULL);
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		return vc_udp_failed(u, errno);
	}
	if ((unsigned int)n > rx->dirty)
		rx->dirty = (unsigned int)n;
	if (n == VC_UDP_BATCH)
		u->filled = now;
	look_at_clocks(u);
	for (int i = 0; i < n; i++) {
		struct vc_udp_msg *m = &rx->msgs[i];
		struct msghdr *h = &rx->hdr[i].msg_hdr;

		m->pkt->len = rx->hdr[i].msg_len;
		m->pkt->arrival = now;
		m->is_cut = h->msg_flags & MSG_TRUNC;
		m->dscp = m->ttl = -1;
		take_sender(u, (unsigned int)i);
		take_control(u, m, h);
	}
	u->counts.received += (unsigned int)n;
	return n;
}
