/* SPDX-License-Identifier: MIT */
/*
 * A netlink socket that the kernel tells of addresses. It says nothing while
 * nothing happens, so watching costs nothing.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/addrwatch.h"

struct vc_addrwatch {
	struct vc_loop *loop;
	struct vc_watch watch;
	void (*gone)(void *ctx, const struct sockaddr_storage *sa);
	void *ctx;
};

/* IPv4 has the address itself in IFA_LOCAL; the other is its peer's then. */
static bool address_of(const struct ifaddrmsg *m, struct rtattr *a, size_t len,
		       struct sockaddr_storage *sa)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	bool is_v6 = m->ifa_family == AF_INET6, found = false;

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (is_v6 && a->rta_type == IFA_ADDRESS &&
		    RTA_PAYLOAD(a) == 16) {
			memcpy(&in6.sin6_addr, RTA_DATA(a), 16);
			found = true;
		}
		if (!is_v6 && a->rta_type == IFA_LOCAL && RTA_PAYLOAD(a) == 4) {
			memcpy(&in.sin_addr, RTA_DATA(a), 4);
			found = true;
		}
	}
	if (is_v6 && IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
		in6.sin6_scope_id = m->ifa_index;
	memset(sa, 0, sizeof(*sa));
	if (is_v6)
		memcpy(sa, &in6, sizeof(in6));
	else
		memcpy(sa, &in, sizeof(in));
	return found;
}

static void take(const struct vc_addrwatch *w, struct nlmsghdr *h, size_t len)
{
	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		const struct ifaddrmsg *m = NLMSG_DATA(h);
		struct sockaddr_storage sa;

		if (h->nlmsg_type == RTM_DELADDR &&
		    h->nlmsg_len >= NLMSG_LENGTH(sizeof(*m)) &&
		    address_of(m, IFA_RTA(m), IFA_PAYLOAD(h), &sa))
			w->gone(w->ctx, &sa);
	}
}

static void ready(void *ctx, unsigned int events)
{
	const struct vc_addrwatch *w = ctx;
	_Alignas(struct nlmsghdr) uint8_t buf[8192];

	(void)events;
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(w->watch.fd, buf, sizeof(buf),
				     MSG_DONTWAIT, (void *)&from, &from_len);

		if (n < 0 && errno == ENOBUFS)
			w->gone(w->ctx, NULL);
		else if (n <= 0)
			return;
		else if (!from.nl_pid) /* the kernel's word only */
			take(w, (void *)buf, (size_t)n);
	}
}

int vc_addrwatch_new(struct vc_addrwatch **out, struct vc_loop *loop,
		     void (*gone)(void *ctx, const struct sockaddr_storage *sa),
		     void *ctx)
{
	const struct sockaddr_nl local = { .nl_family = AF_NETLINK,
					   .nl_groups = RTMGRP_IPV4_IFADDR |
							RTMGRP_IPV6_IFADDR };
	struct vc_addrwatch *w = vc_try_alloc(1, sizeof(*w));
	int err = 0;

	if (!w)
		return -ENOMEM;
	w->loop = loop;
	w->gone = gone;
	w->ctx = ctx;
	w->watch = (struct vc_watch){ .fn = ready, .ctx = w };
	w->watch.fd = socket(AF_NETLINK,
			     SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			     NETLINK_ROUTE);
	if (w->watch.fd < 0 ||
	    bind(w->watch.fd, (const void *)&local, sizeof(local)))
		err = -errno;
	if (!err)
		err = vc_loop_watch(loop, &w->watch, VC_READ);
	if (err) {
		if (w->watch.fd >= 0)
			close(w->watch.fd);
		free(w);
		return err;
	}
	*out = w;
	return 0;
}

void vc_addrwatch_free(struct vc_addrwatch *w)
{
	if (!w)
		return;
	vc_loop_watch(w->loop, &w->watch, 0);
	close(w->watch.fd);
	free(w);
}
