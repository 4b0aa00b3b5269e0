/* SPDX-License-Identifier: MIT */
/*
 * Ports that many destinations share. With a socket for each, each packet is a
 * system call, and what the kernel keeps of a thousand sockets is in no cache:
 * so only the first ones have their own. Those that come after share one of
 * their family, unless they ask for something that is a socket's (bind=,
 * iface=, ttl=, an RTCP port, DTLS) or are where one of these is already. Such
 * a socket is not connected: what comes is told apart by whom it is from, and
 * what ICMP says by whom it was sent to.
 *
 * Or the port is a receiver's, who finds the destinations by it (--reply).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/rtptx_internal.h"

#define FEW 16 /* have a port of their own */
#define LEAST_ROWS 64

/* --- who is where --- */

/* The lowest bit is always set. */
static struct vc_dest **row_of(const struct vc_rtptx *s, uint64_t there)
{
	return &s->by_addr[there >> 1 & (s->cap_by_addr - 1)];
}

/* Rows stay as long as they are where there is no memory. */
static void grow(struct vc_rtptx *s)
{
	const size_t was = s->cap_by_addr;
	const size_t cap = was ? 2 * was : LEAST_ROWS;
	struct vc_dest **old = s->by_addr;
	struct vc_dest **rows = NULL;

	if (s->n_by_addr >= was)
		rows = vc_try_alloc(cap, sizeof(struct vc_dest *));
	if (!rows)
		return;
	s->by_addr = rows;
	s->cap_by_addr = cap;
	for (size_t i = 0; i < was; i++) {
		while (old[i]) {
			struct vc_dest *d = old[i], **row = row_of(s, d->there);

			old[i] = d->next_there;
			d->next_there = *row;
			*row = d;
		}
	}
	free(old);
}

static uint64_t hash(const struct vc_rtptx *s,
		     const struct sockaddr_storage *sa)
{
	struct vc_udp_msg m = { .from = sa };

	vc_udp_hash(vc_tool_udp_io(s->tool), &m);
	return m.peer;
}

int vc_hub_enter(struct vc_dest *d)
{
	struct vc_rtptx *s = d->s;
	struct vc_dest **row;

	grow(s);
	if (!s->cap_by_addr)
		return -ENOMEM;
	d->there = hash(s, &d->rtcp);
	row = row_of(s, d->there);
	d->next_there = *row;
	*row = d;
	s->n_by_addr++;
	return 0;
}

void vc_hub_leave(struct vc_dest *d)
{
	struct vc_dest **at;

	if (!d->there)
		return;
	at = row_of(d->s, d->there);
	while (*at != d)
		at = &(*at)->next_there;
	*at = d->next_there;
	d->there = 0;
	d->s->n_by_addr--;
}

/* The next one that is at 'sa' by that port, from 'd' on. */
static struct vc_dest *at(struct vc_dest *d, const struct vc_port *port,
			  const struct sockaddr_storage *sa)
{
	while (d && (d->port != port || !vc_udp_same(sa, &d->rtcp, true)))
		d = d->next_there;
	return d;
}

static struct vc_dest *first_at(const struct vc_rtptx *s,
				const struct vc_port *port,
				const struct sockaddr_storage *sa,
				uint64_t there)
{
	return s->cap_by_addr ? at(*row_of(s, there), port, sa) : NULL;
}

/* --- what comes --- */

static bool is_known(void *ctx, const struct vc_port_msg *m)
{
	const struct hub *h = ctx;

	return first_at(h->s, h->port, m->from, m->peer);
}

static void take_rtcp(void *ctx, const struct vc_port_msg *m)
{
	const struct hub *h = ctx;
	struct vc_dest *d = first_at(h->s, h->port, m->from, m->peer);

	while (d) {
		struct vc_dest *next = at(d->next_there, h->port, m->from);

		vc_dest_take_rtcp(d, m);
		d = next;
	}
}

static void told(void *ctx, const struct sockaddr_storage *to, int err)
{
	const struct hub *h = ctx;
	struct vc_dest *d = first_at(h->s, h->port, to, hash(h->s, to));

	if (d)
		vc_dest_complain(d, err);
}

/* Somebody at that port has other keys. */
static void keys(void *ctx)
{
	const struct hub *h = ctx;

	for (struct vc_dest *d = h->s->dests; d; d = d->next) {
		if (d->port == h->port && d->srtp)
			vc_dest_rekey(d);
	}
}

int vc_hub_listen(struct vc_rtptx *s, struct vc_port *port)
{
	struct hub *h = s->hubs;
	struct vc_port_ops ops = { .rtcp = take_rtcp,
				   .is_known = is_known,
				   .told = told,
				   .keys = keys };

	while (h && h->port != port)
		h = h->next;
	if (h)
		return 0;
	h = vc_try_alloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	*h = (struct hub){ .next = s->hubs, .s = s, .port = port };
	s->hubs = h;
	ops.ctx = h;
	vc_port_listen(port, &ops);
	return 0;
}

void vc_hubs_free(struct vc_rtptx *s)
{
	while (s->hubs) {
		struct hub *h = s->hubs;

		s->hubs = h->next;
		vc_port_unlisten(h->port, h);
		free(h);
	}
	for (size_t i = 0; i < VC_COUNT(s->shared); i++)
		vc_port_close(&s->shared[i]);
	free(s->by_addr);
}

/* --- shared ones --- */

static bool asks_for_its_own(const struct vc_dest *d)
{
	static const char *const its_own[] = { "bind", "iface", "ttl" };

	for (size_t i = 0; i < VC_COUNT(its_own); i++) {
		if (vc_place_key(d->place, its_own[i]))
			return true;
	}
	return d->where.is_dtls || d->s->conf.is_duplex ||
	       vc_udp_is_multicast(&d->peer) ||
	       d->own.rtcp_at != VC_RTCP_AT_MUX;
}

static int open_shared(struct vc_rtptx *s, struct vc_port *p, int family)
{
	const struct sockaddr_storage any = { .ss_family =
						      (sa_family_t)family };
	/* That of IPv6 takes IPv4, as that may be written in its addresses. */
	const struct vc_port_conf conf = { .local = &any, .is_for_many = true };
	int err;

	if (p->rtp)
		return 0;
	*p = (struct vc_port){ .tool = s->tool,
			       .keychain = s->conf.keychain,
			       .rtcp_at = VC_RTCP_AT_MUX };
	err = vc_port_open(p, &conf);
	if (!err)
		err = vc_hub_listen(s, p);
	if (err)
		vc_port_close(p);
	return err;
}

int vc_hub_share(struct vc_dest *d)
{
	struct vc_rtptx *s = d->s;
	struct vc_port *p = &s->shared[d->peer.ss_family == AF_INET6];
	int err;

	if (asks_for_its_own(d))
		return 1;
	if (s->n_alone < FEW) {
		s->n_alone++;
		d->is_alone = true;
		return 1;
	}
	if (first_at(s, p, &d->peer, hash(s, &d->peer)))
		return 1;
	err = open_shared(s, p, d->peer.ss_family);
	if (err)
		return err;
	d->port = p;
	d->rtcp = d->peer;
	return vc_hub_enter(d);
}
