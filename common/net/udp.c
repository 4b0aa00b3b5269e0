/* SPDX-License-Identifier: MIT */
/*
 * Receiving: 64 packets of the pool stand ready in a recvmmsg() array. One
 * whose reference somebody took is replaced before the next call, the others
 * are used again. The kernel's stamps are wall time; the loop's time is the
 * monotonic clock plus what the wall clock said at start, so the distance of
 * the two clocks is taken when the socket opens and looked at with each batch:
 * where it has moved, somebody has set the wall clock.
 *
 * Sending: pieces of equal length in a row (the last may be shorter) may become
 * one message with a UDP_SEGMENT control message. Where a device or a path
 * will not have it the socket goes on without.
 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/clock.h"
#include "net/udp.h"

#define SOCKET_BUFFER (4 << 20) /* Debian's rmem_max */
#define STEP VC_MS		/* less is no step of the wall clock */
#define MAX_SEGMENTS 64
#define MAX_SEGMENT 1400 /* longer ones may not fit a path's MTU */
#define MAX_SUPER 65000

/* Room for a stamp, the overflow count, DSCP and TTL. */
#define RX_CONTROL 128
#define TX_CONTROL CMSG_SPACE(sizeof(uint16_t))

struct rx {
	unsigned int dirty; /* so many at the front are to be made ready */
	struct mmsghdr hdr[VC_UDP_BATCH];
	struct iovec iov[VC_UDP_BATCH];
	struct sockaddr_storage from[VC_UDP_BATCH];
	struct vc_udp_msg msgs[VC_UDP_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[VC_UDP_BATCH][RX_CONTROL];
};

struct tx {
	struct mmsghdr hdr[VC_UDP_BATCH];
	struct iovec iov[2 * VC_UDP_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[VC_UDP_BATCH][TX_CONTROL];
};

struct vc_udp {
	int fd;
	struct vc_pool *pool;
	struct sockaddr_storage local;
	int64_t wall_base; /* wall - monotonic clock at start */
	int64_t wall;	   /* the same now */
	uint64_t key[2];
	uint32_t kernel_drops; /* as last told, wraps */
	bool with_time;
	bool can_segment; /* nothing has said that it cannot */
	bool does_segment;
	struct vc_udp_counts counts;
	struct rx rx;
	struct tx tx;
};

/* --- addresses --- */

static socklen_t sa_len(const struct sockaddr_storage *sa)
{
	return sa->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					   sizeof(struct sockaddr_in);
}

static const struct sockaddr *sa_of(const struct sockaddr_storage *sa)
{
	return (const struct sockaddr *)(const void *)sa;
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Keyed, so that nobody can choose addresses that collide. */
static void hash_from(const struct vc_udp *u, struct vc_udp_msg *m)
{
	uint64_t w[3], h;

	vc_udp_words(m->from, w);
	h = fold(w[0] ^ u->key[0], w[1] ^ u->key[1]);
	m->host = fold(h ^ u->key[0], (w[2] >> 16) + u->key[1]) | 1;
	m->peer = fold(h ^ u->key[1], w[2] + u->key[0]) | 1;
}

/* --- opening --- */

static int set(const struct vc_udp *u, int level, int name, int value)
{
	return setsockopt(u->fd, level, name, &value, sizeof(value));
}

static void set_options(struct vc_udp *u, const struct vc_udp_conf *conf,
			int family)
{
	bool is_v6 = family == AF_INET6;

	if (is_v6)
		set(u, IPPROTO_IPV6, IPV6_V6ONLY, conf->only_v6);
	/* More than the system allows becomes what it allows. */
	set(u, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
	set(u, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
	if (conf->ttl) {
		set(u, IPPROTO_IP, IP_TTL, conf->ttl);
		set(u, IPPROTO_IP, IP_MULTICAST_TTL, conf->ttl);
		if (is_v6) {
			set(u, IPPROTO_IPV6, IPV6_UNICAST_HOPS, conf->ttl);
			set(u, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, conf->ttl);
		}
	}
	if (!conf->with_time)
		return;
	set(u, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	set(u, SOL_SOCKET, SO_RXQ_OVFL, 1);
	set(u, IPPROTO_IP, IP_RECVTOS, 1);
	set(u, IPPROTO_IP, IP_RECVTTL, 1);
	if (is_v6) {
		set(u, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
		set(u, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	}
}

static int attach(struct vc_udp *u, const struct vc_udp_conf *conf)
{
	socklen_t len = sizeof(u->local);

	if (conf->local && bind(u->fd, sa_of(conf->local), sa_len(conf->local)))
		return -errno;
	if (conf->peer && connect(u->fd, sa_of(conf->peer), sa_len(conf->peer)))
		return -errno;
	if (getsockname(u->fd, (struct sockaddr *)(void *)&u->local, &len))
		return -errno;
	return 0;
}

int vc_udp_open(struct vc_udp **out, struct vc_pool *pool,
		const struct vc_udp_conf *conf)
{
	const struct sockaddr_storage *like = conf->local ? conf->local :
							    conf->peer;
	struct vc_udp *u = vc_try_alloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	u->pool = pool;
	u->with_time = conf->with_time;
	u->can_segment = true;
	u->rx.dirty = VC_UDP_BATCH;
	u->wall_base = u->wall = vc_wall_minus_mono();
	memcpy(u->key, conf->key, sizeof(u->key));
	u->fd = socket(like->ss_family,
		       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (u->fd < 0) {
		err = -errno;
		free(u);
		return err;
	}
	set_options(u, conf, like->ss_family);
	err = attach(u, conf);
	if (err) {
		vc_udp_close(u);
		return err;
	}
	*out = u;
	return 0;
}

void vc_udp_close(struct vc_udp *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < VC_UDP_BATCH; i++)
		vc_packet_unref(u->rx.msgs[i].pkt);
	close(u->fd);
	free(u);
}

int vc_udp_fd(const struct vc_udp *u)
{
	return u->fd;
}

const struct sockaddr_storage *vc_udp_local(const struct vc_udp *u)
{
	return &u->local;
}

const struct vc_udp_counts *vc_udp_counts(const struct vc_udp *u)
{
	return &u->counts;
}

/* --- receiving --- */

/* Makes the array ready. How many there are: fewer when out of memory. */
static unsigned int rx_prepare(struct vc_udp *u)
{
	struct rx *rx = &u->rx;

	for (unsigned int i = 0; i < rx->dirty; i++) {
		struct vc_udp_msg *m = &rx->msgs[i];
		struct msghdr *h = &rx->hdr[i].msg_hdr;

		if (m->pkt && m->pkt->refs > 1) {
			vc_packet_unref(m->pkt);
			m->pkt = NULL;
		}
		if (!m->pkt)
			m->pkt = vc_packet_new(u->pool, VC_UDP_CAP);
		if (!m->pkt)
			return i;
		rx->iov[i] = (struct iovec){ .iov_base = m->pkt->data,
					     .iov_len = VC_UDP_CAP };
		h->msg_iov = &rx->iov[i];
		h->msg_iovlen = 1;
		h->msg_name = &rx->from[i];
		h->msg_namelen = sizeof(rx->from[i]);
		h->msg_control = u->with_time ? rx->control[i] : NULL;
		h->msg_controllen = u->with_time ? RX_CONTROL : 0;
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

/* A step of the wall clock, told by its distance to the other one. */
static void look_at_clocks(struct vc_udp *u)
{
	int64_t wall = vc_wall_minus_mono();

	if (wall - u->wall > STEP || u->wall - wall > STEP)
		u->wall = wall;
}

int vc_udp_recv(struct vc_udp *u, int64_t now, struct vc_udp_msg **msgs)
{
	struct rx *rx = &u->rx;
	unsigned int cap = rx_prepare(u);
	int n;

	*msgs = rx->msgs;
	if (!cap)
		return -ENOMEM;
	n = recvmmsg(u->fd, rx->hdr, cap, MSG_DONTWAIT, NULL);
	if (n < 0) {
		u->counts.refused += errno == ECONNREFUSED;
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	}
	if ((unsigned int)n > rx->dirty)
		rx->dirty = (unsigned int)n;
	if (u->with_time)
		look_at_clocks(u);
	for (int i = 0; i < n; i++) {
		struct vc_udp_msg *m = &rx->msgs[i];
		struct msghdr *h = &rx->hdr[i].msg_hdr;

		m->pkt->len = rx->hdr[i].msg_len;
		m->pkt->arrival = now;
		m->from = &rx->from[i];
		m->is_cut = h->msg_flags & MSG_TRUNC;
		m->dscp = m->ttl = -1;
		hash_from(u, m);
		if (u->with_time)
			take_control(u, m, h);
	}
	u->counts.received += (unsigned int)n;
	return n;
}

/* --- sending --- */

static size_t piece_len(const struct vc_udp_piece *p)
{
	return (size_t)p->head_len + p->body_len;
}

/* How many from 'p' on may go as one buffer. */
static size_t run_of(const struct vc_udp *u, const struct vc_udp_piece *p,
		     size_t n)
{
	size_t size = piece_len(p), total = size, i;

	if (!u->does_segment || size > MAX_SEGMENT || !size)
		return 1;
	for (i = 1; i < n && i < MAX_SEGMENTS; i++) {
		size_t len = piece_len(&p[i]);

		total += len;
		if (!len || len > size || total > MAX_SUPER)
			break;
		if (len < size)
			return i + 1;
	}
	return i;
}

static void set_segment(struct msghdr *h, uint8_t *control, size_t size)
{
	uint16_t v = (uint16_t)size;
	struct cmsghdr *c;

	h->msg_control = control;
	h->msg_controllen = TX_CONTROL;
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(v));
	memcpy(CMSG_DATA(c), &v, sizeof(v));
}

static void *unconst(const uint8_t *p)
{
	return (void *)(uintptr_t)p;
}

static size_t add_piece(struct iovec *iov, const struct vc_udp_piece *p)
{
	size_t n = 0;

	if (p->head_len) {
		iov[n].iov_base = unconst(p->head);
		iov[n++].iov_len = p->head_len;
	}
	iov[n].iov_base = unconst(p->body);
	iov[n++].iov_len = p->body_len;
	return n;
}

/* Fills messages with at most VC_UDP_BATCH pieces. How many messages. */
static unsigned int tx_prepare(struct vc_udp *u,
			       const struct vc_udp_piece *pieces, size_t n,
			       size_t run[static VC_UDP_BATCH])
{
	struct tx *tx = &u->tx;
	size_t done = 0, n_iov = 0;
	unsigned int m;

	if (n > VC_UDP_BATCH)
		n = VC_UDP_BATCH;
	for (m = 0; done < n; m++) {
		struct msghdr *h = &tx->hdr[m].msg_hdr;

		run[m] = run_of(u, &pieces[done], n - done);
		*h = (struct msghdr){ .msg_iov = &tx->iov[n_iov] };
		for (size_t i = 0; i < run[m]; i++)
			h->msg_iovlen += add_piece(&h->msg_iov[h->msg_iovlen],
						   &pieces[done + i]);
		n_iov += h->msg_iovlen;
		if (run[m] > 1)
			set_segment(h, tx->control[m],
				    piece_len(&pieces[done]));
		done += run[m];
	}
	return m;
}

/* Errors that a device or path without segmentation gives. */
static bool is_segment_error(int err)
{
	return err == EIO || err == EINVAL || err == EMSGSIZE ||
	       err == EOPNOTSUPP || err == ENOPROTOOPT;
}

void vc_udp_segment(struct vc_udp *u, bool on)
{
	u->does_segment = on && u->can_segment;
}

int vc_udp_send(struct vc_udp *u, const struct vc_udp_piece *pieces, size_t n,
		size_t *sent)
{
	size_t run[VC_UDP_BATCH];

	*sent = 0;
	while (*sent < n) {
		unsigned int m = tx_prepare(u, pieces + *sent, n - *sent, run);
		int got = sendmmsg(u->fd, u->tx.hdr, m,
				   MSG_DONTWAIT | MSG_NOSIGNAL);

		for (int i = 0; i < got; i++) {
			*sent += run[i];
			u->counts.sent += run[i];
		}
		if (got >= 0 || errno == EINTR)
			continue;
		if (run[0] > 1 && is_segment_error(errno)) {
			u->can_segment = u->does_segment = false;
			continue;
		}
		u->counts.refused += errno == ECONNREFUSED;
		return -errno;
	}
	return 0;
}

int vc_udp_send_to(struct vc_udp *u, const void *p, size_t len,
		   const struct sockaddr_storage *to)
{
	ssize_t n = sendto(u->fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			   sa_of(to), sa_len(to));

	if (n < 0)
		return -errno;
	u->counts.sent++;
	return 0;
}
