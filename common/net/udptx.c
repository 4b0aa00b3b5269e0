/* SPDX-License-Identifier: MIT */
/*
 * Sending: pieces of equal length in a row (the last may be shorter) may become
 * one message with a UDP_SEGMENT control message. Where a device or a path
 * will not have it the socket goes on without.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <string.h>
#include <time.h> /* which the next one lacks */

#include <linux/errqueue.h>

#include "base/mem.h"
#include "net/udp_internal.h"

#define MAX_SEGMENTS 64
#define MAX_SEGMENT 1400 /* longer ones may not fit a path's MTU */
#define MAX_SUPER 65000
#define LONE_MAX 512 /* octets that are worth copying */
#define TOLD_CONTROL 512

static size_t piece_len(const struct vc_udp_piece *p)
{
	return (size_t)p->head_len + p->body_len;
}

/* How many from 'p' on may go as one buffer. */
static size_t run_of(const struct vc_udp *u, const struct vc_udp_piece *p,
		     size_t n)
{
	size_t size = piece_len(p), total = size, i;
	const struct sockaddr_storage *to = p->to;

	if (!u->does_segment || size > MAX_SEGMENT || !size)
		return 1;
	for (i = 1; i < n && i < MAX_SEGMENTS; i++) {
		size_t len = piece_len(&p[i]);

		total += len;
		if (!len || len > size || total > MAX_SUPER || p[i].to != to ||
		    p[i].dscp != p->dscp)
			break;
		if (len < size)
			return i + 1;
	}
	return i;
}

/* One more control message, into what vc_udp_tx has room for. */
static void add_control(struct msghdr *h, uint8_t *control, int level, int type,
			const void *value, size_t len)
{
	struct cmsghdr *c = (void *)(control + h->msg_controllen);

	h->msg_control = control;
	h->msg_controllen += CMSG_SPACE(len);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
}

static void add_segment(struct msghdr *h, uint8_t *control, size_t size)
{
	uint16_t v = (uint16_t)size;

	add_control(h, control, SOL_UDP, UDP_SEGMENT, &v, sizeof(v));
}

static void add_dscp(const struct vc_udp *u, struct msghdr *h, uint8_t *control,
		     const struct vc_udp_piece *p)
{
	int v = p->dscp << 2;

	if (vc_udp_is_v4(p->to ? p->to : &u->peer))
		add_control(h, control, IPPROTO_IP, IP_TOS, &v, sizeof(v));
	else
		add_control(h, control, IPPROTO_IPV6, IPV6_TCLASS, &v,
			    sizeof(v));
}

static void *unconst(const uint8_t *p)
{
	return (void *)(uintptr_t)p;
}

static void set_to(struct msghdr *h, const struct sockaddr_storage *to)
{
	if (!to)
		return;
	h->msg_name = (void *)(uintptr_t)to;
	h->msg_namelen = vc_udp_sa_len(to);
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
	struct vc_udp_tx *tx = &u->io->tx;
	size_t done = 0, n_iov = 0;
	unsigned int m;

	if (n > VC_UDP_BATCH)
		n = VC_UDP_BATCH;
	for (m = 0; done < n; m++) {
		struct msghdr *h = &tx->hdr[m].msg_hdr;

		run[m] = run_of(u, &pieces[done], n - done);
		*h = (struct msghdr){ .msg_iov = &tx->iov[n_iov] };
		set_to(h, pieces[done].to);
		for (size_t i = 0; i < run[m]; i++)
			h->msg_iovlen += add_piece(&h->msg_iov[h->msg_iovlen],
						   &pieces[done + i]);
		n_iov += h->msg_iovlen;
		if (run[m] > 1)
			add_segment(h, tx->control[m],
				    piece_len(&pieces[done]));
		if (pieces[done].dscp)
			add_dscp(u, h, tx->control[m], &pieces[done]);
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

void vc_udp_fetch(const struct vc_udp *u)
{
	vc_fetch(u, offsetof(struct vc_udp, local));
}

/*
 * A short one by itself, as each of a conference's is that goes its own way: the
 * kernel takes a twelfth less time for what lies in one piece than for a message.
 */
static bool is_lone(const struct vc_udp_piece *p, size_t n)
{
	return n == 1 && !p->dscp && (!p->head_len || piece_len(p) <= LONE_MAX);
}

static int send_lone(struct vc_udp *u, const struct vc_udp_piece *p)
{
	const uint8_t *data = p->body;
	uint8_t whole[LONE_MAX];
	ssize_t got;

	if (p->head_len) {
		memcpy(whole, p->head, p->head_len);
		memcpy(whole + p->head_len, p->body, p->body_len);
		data = whole;
	}
	do
		got = sendto(u->fd, data, piece_len(p),
			     MSG_DONTWAIT | MSG_NOSIGNAL,
			     p->to ? vc_udp_sa(p->to) : NULL,
			     p->to ? vc_udp_sa_len(p->to) : 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return vc_udp_failed(u, errno);
	u->counts.sent++;
	return 0;
}

int vc_udp_send(struct vc_udp *u, const struct vc_udp_piece *pieces, size_t n,
		size_t *sent)
{
	size_t run[VC_UDP_BATCH];

	*sent = 0;
	if (is_lone(pieces, n)) {
		int err = send_lone(u, pieces);

		*sent = !err;
		return err;
	}
	while (*sent < n) {
		unsigned int m = tx_prepare(u, pieces + *sent, n - *sent, run);
		int got = sendmmsg(u->fd, u->io->tx.hdr, m,
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
		return vc_udp_failed(u, errno);
	}
	return 0;
}

/* --- what came back --- */

static bool is_error(const struct cmsghdr *c)
{
	return (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
	       (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
}

/* What ICMP said, as an errno; 0: it is the system's own, which the call that
 * failed has said. */
static int icmp_of(struct msghdr *h)
{
	struct sock_extended_err e;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (!is_error(c))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		return e.ee_origin == SO_EE_ORIGIN_ICMP ||
				       e.ee_origin == SO_EE_ORIGIN_ICMP6 ?
			       (int)e.ee_errno :
			       0;
	}
	return 0;
}

int vc_udp_told(struct vc_udp *u, struct sockaddr_storage *to)
{
	_Alignas(struct cmsghdr) uint8_t control[TOLD_CONTROL];
	struct msghdr h;
	int err = 0;

	while (!err) {
		h = (struct msghdr){ .msg_name = to,
				     .msg_namelen = sizeof(*to),
				     .msg_control = control,
				     .msg_controllen = sizeof(control) };
		if (recvmsg(u->fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		err = icmp_of(&h);
	}
	return vc_udp_failed(u, err);
}
