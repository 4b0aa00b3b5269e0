/* SPDX-License-Identifier: MIT */
/*
 * TCP to the relay's port goes through as it is, for signalling that shares it
 * with media: each connection has one of its own to the far address, and what
 * is read from the one is written to the other, at most a buffer ahead. An end
 * of one way is passed on, and the other way goes on until it ends too. Who is
 * silent both ways for --timeout is ended, as datagrams' clients are, and no
 * address but this machine's own has more than a share of the connections.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "relay.h"

#define CONNECTIONS 64
#define SHARE 8 /* of them an address has, unless it is loopback's */
#define BUFFER 16384
#define REST (100 * VC_MS) /* after there were no descriptors */
#define LOOK VC_SEC	   /* for silent ones */
#define BACKLOG 16

struct half {
	uint8_t buf[BUFFER];
	size_t off, len; /* what is not written yet */
	bool has_end;	 /* no more will be read */
	bool is_shut;	 /* and the other side knows */
};

/* Of each pair: 0 the client's, 1 the far one's. */
struct connection {
	struct tcp *tcp;
	struct vc_watch watch[2];
	struct half half[2]; /* from watch[i] to the other one */
	bool is_connecting;
	struct sockaddr_storage from;
	int64_t last; /* when octets went through, or it was begun */
};

struct tcp {
	struct relay *r;
	struct vc_watch watch;
	struct vc_timer rest, look;
	struct connection *c[CONNECTIONS];
	uint64_t accepted, refused, failed, expired;
	uint64_t octets[2];
};

static void end(struct connection *c)
{
	struct tcp *t = c->tcp;

	for (size_t i = 0; i < 2; i++) {
		vc_loop_watch(t->r->im->loop, &c->watch[i], 0);
		close(c->watch[i].fd);
	}
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (t->c[i] == c)
			t->c[i] = NULL;
	}
	free(c);
}

/* Reads if there is room. False: the connection is broken. */
static bool fill(struct half *h, int fd)
{
	ssize_t n;

	if (h->len || h->has_end)
		return true;
	n = recv(fd, h->buf, sizeof(h->buf), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	h->has_end = n == 0;
	h->off = 0;
	h->len = (size_t)n;
	return true;
}

static bool drain(struct half *h, int fd, uint64_t *octets)
{
	ssize_t n;

	if (h->len) {
		n = send(fd, h->buf + h->off, h->len, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		h->off += (size_t)n;
		h->len -= (size_t)n;
		*octets += (uint64_t)n;
	}
	if (h->has_end && !h->len && !h->is_shut) {
		h->is_shut = true;
		return !shutdown(fd, SHUT_WR);
	}
	return true;
}

static bool has_connected(const struct connection *c)
{
	socklen_t len = sizeof(int);
	int err = 0;

	return !getsockopt(c->watch[1].fd, SOL_SOCKET, SO_ERROR, &err, &len) &&
	       !err;
}

static int want(struct connection *c)
{
	int err = 0;

	for (size_t i = 0; i < 2 && !err; i++) {
		const struct half *in = &c->half[i], *out = &c->half[!i];
		unsigned int events = 0;

		if (!in->len && !in->has_end && !(c->is_connecting && i == 1))
			events |= VC_READ;
		if (out->len || (c->is_connecting && i == 1))
			events |= VC_WRITE;
		err = vc_loop_watch(c->tcp->r->im->loop, &c->watch[i], events);
	}
	return err;
}

static void go_on(struct connection *c, bool far_is_ready)
{
	const uint64_t *octets = c->tcp->octets;
	uint64_t before = octets[0] + octets[1];
	bool is_well = true;

	if (c->is_connecting && far_is_ready) {
		c->is_connecting = false;
		is_well = has_connected(c);
		c->tcp->failed += !is_well;
	}
	for (size_t i = 0; i < 2 && is_well; i++) {
		if (i == 1 && c->is_connecting)
			break;
		is_well = fill(&c->half[i], c->watch[i].fd);
		if (is_well && !c->is_connecting)
			is_well = drain(&c->half[i], c->watch[!i].fd,
					&c->tcp->octets[i]);
	}
	if (octets[0] + octets[1] != before)
		c->last = vc_loop_now(c->tcp->r->im->loop);
	if (!is_well || (c->half[0].is_shut && c->half[1].is_shut) || want(c))
		end(c);
}

static void near_ready(void *ctx, unsigned int events)
{
	(void)events;
	go_on(ctx, false);
}

static void far_ready(void *ctx, unsigned int events)
{
	(void)events;
	go_on(ctx, true);
}

/* To the far address; -1: it cannot be. */
static int reach(const struct relay *r)
{
	socklen_t len = r->far_addr.ss_family == AF_INET6 ?
				sizeof(struct sockaddr_in6) :
				sizeof(struct sockaddr_in);
	int fd = socket(r->far_addr.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (!connect(fd, (const struct sockaddr *)&r->far_addr, len) ||
	    errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* NULL: there is none, or 'from' has his share. */
static struct connection **place(struct tcp *t,
				 const struct sockaddr_storage *from)
{
	struct connection **at = NULL;
	unsigned int n = 0;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (!t->c[i])
			at = &t->c[i];
		else
			n += vc_udp_same(&t->c[i]->from, from, false);
	}
	return n < SHARE || vc_addr_is_here(from) ? at : NULL;
}

static void take(struct tcp *t, int fd, const struct sockaddr_storage *from)
{
	struct connection **at = place(t, from);
	struct connection *c = at ? vc_try_alloc(1, sizeof(*c)) : NULL;
	int far = c ? reach(t->r) : -1;

	if (far < 0) {
		t->refused++;
		free(c);
		close(fd);
		return;
	}
	*at = c;
	c->tcp = t;
	c->is_connecting = true;
	c->from = *from;
	c->last = vc_loop_now(t->r->im->loop);
	c->watch[0] = (struct vc_watch){ .fn = near_ready, .ctx = c, .fd = fd };
	c->watch[1] = (struct vc_watch){ .fn = far_ready, .ctx = c, .fd = far };
	t->accepted++;
	if (want(c))
		end(c);
}

static void rested(void *ctx, int64_t now)
{
	struct tcp *t = ctx;

	(void)now;
	vc_loop_watch(t->r->im->loop, &t->watch, VC_READ);
}

/* Who waits stays in the kernel's queue, and the loop must not spin meanwhile. */
static void rest(struct tcp *t, int err)
{
	struct vc_loop *loop = t->r->im->loop;

	if (err != EMFILE && err != ENFILE && err != ENOBUFS && err != ENOMEM)
		return;
	vc_loop_watch(loop, &t->watch, 0);
	vc_timer_arm(loop, &t->rest, vc_loop_now(loop) + REST);
}

static void look(void *ctx, int64_t now)
{
	struct tcp *t = ctx;
	int64_t timeout = t->r->im->timeout;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (!t->c[i] || now - t->c[i]->last < timeout)
			continue;
		t->expired++;
		end(t->c[i]);
	}
	vc_timer_arm(t->r->im->loop, &t->look,
		     now + (timeout < LOOK ? timeout : LOOK));
}

static void came(void *ctx, unsigned int events)
{
	struct tcp *t = ctx;
	struct vc_addr_rules *rules = &t->r->im->allowed;
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int fd;

	(void)events;
	fd = accept4(t->watch.fd, (struct sockaddr *)&from, &len,
		     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		rest(t, errno);
		return;
	}
	if (vc_addr_may_come(rules, &from) && vc_addr_may_latch(rules, &from)) {
		take(t, fd, &from);
		return;
	}
	t->refused++;
	close(fd);
}

static int listen_at(const struct sockaddr_storage *sa, bool only_v6)
{
	bool is_v6 = sa->ss_family == AF_INET6;
	socklen_t len = is_v6 ? sizeof(struct sockaddr_in6) :
				sizeof(struct sockaddr_in);
	int on = 1, v6only = only_v6;
	int fd = socket(sa->ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if ((is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
				 sizeof(v6only))) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)sa, len) || listen(fd, BACKLOG)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* Without it the relay is one for datagrams: somebody else has the port. */
void tcp_open(struct relay *r)
{
	const struct vc_options *o = vc_tool_options(r->im->tool);
	int fd = listen_at(vc_udp_local(r->udp), o->family == AF_INET6);
	struct tcp *t;

	if (fd < 0) {
		vc_tool_warn(r->im->tool, "%s: TCP is not passed on: %s",
			     r->near.text, strerror(-fd));
		return;
	}
	t = vc_alloc(1, sizeof(*t));
	t->r = r;
	t->watch = (struct vc_watch){ .fn = came, .ctx = t, .fd = fd };
	t->rest = (struct vc_timer){ .fn = rested, .ctx = t };
	t->look = (struct vc_timer){ .fn = look, .ctx = t };
	r->tcp = t;
	look(t, vc_loop_now(r->im->loop));
	if (vc_loop_watch(r->im->loop, &t->watch, VC_READ))
		tcp_close(r);
}

void tcp_close(struct relay *r)
{
	struct tcp *t = r->tcp;

	if (!t)
		return;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (t->c[i])
			end(t->c[i]);
	}
	vc_timer_cancel(r->im->loop, &t->rest);
	vc_timer_cancel(r->im->loop, &t->look);
	vc_loop_watch(r->im->loop, &t->watch, 0);
	close(t->watch.fd);
	free(t);
	r->tcp = NULL;
}

void tcp_fill_stats(const struct relay *r, struct vc_json *record)
{
	const struct tcp *t = r->tcp;
	struct vc_json *j;
	int64_t n = 0;

	if (!t) {
		vc_json_set_null(record, "tcp");
		return;
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		n += t->c[i] != NULL;
	j = vc_json_object();
	vc_json_set_int(j, "connections", n);
	vc_json_set_int(j, "accepted", (int64_t)t->accepted);
	vc_json_set_int(j, "refused", (int64_t)t->refused);
	vc_json_set_int(j, "failed", (int64_t)t->failed);
	vc_json_set_int(j, "expired", (int64_t)t->expired);
	vc_json_set_int(j, "octets_up", (int64_t)t->octets[0]);
	vc_json_set_int(j, "octets_down", (int64_t)t->octets[1]);
	vc_json_set(record, "tcp", j);
}
