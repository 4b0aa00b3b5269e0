/* SPDX-License-Identifier: MIT */
/*
 * Opening. The arrays of a batch are shared by all sockets of a tool, which
 * has one thread: a socket itself is small.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "base/time.h"
#include "net/clock.h"
#include "net/udp_internal.h"

#define SOCKET_BUFFER (4 << 20) /* Debian's rmem_max */

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29 /* of linux/in6.h */
#endif

/* --- batches --- */

struct vc_udp_io *vc_udp_io_new(struct vc_pool *pool)
{
	struct vc_udp_io *io = vc_try_alloc(1, sizeof(*io));

	if (!io)
		return NULL;
	if (vc_rand_seed(&io->key[0]) || vc_rand_seed(&io->key[1])) {
		free(io);
		return NULL;
	}
	io->pool = pool;
	io->rx.dirty = VC_UDP_BATCH;
	return io;
}

void vc_udp_io_free(struct vc_udp_io *io)
{
	for (size_t i = 0; io && i < VC_UDP_BATCH; i++)
		vc_packet_unref(io->rx.msgs[i].pkt);
	free(io);
}

/* --- opening --- */

static int set(const struct vc_udp *u, int level, int name, int value)
{
	return setsockopt(u->fd, level, name, &value, sizeof(value));
}

/*
 * Datagrams are not cut into fragments. Whatever an ICMP message claims of the
 * path, which anybody can forge, stops nothing: it is told as an error.
 */
static void set_whole(const struct vc_udp *u, bool is_v6)
{
	set(u, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	if (!is_v6)
		return;
	set(u, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
	set(u, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
}

static void set_ttl(const struct vc_udp *u, int ttl, bool is_v6)
{
	set(u, IPPROTO_IP, IP_TTL, ttl);
	set(u, IPPROTO_IP, IP_MULTICAST_TTL, ttl);
	if (!is_v6)
		return;
	set(u, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
	set(u, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl);
}

static void set_options(struct vc_udp *u, const struct vc_udp_conf *conf,
			bool is_v6)
{
	if (is_v6)
		set(u, IPPROTO_IPV6, IPV6_V6ONLY, conf->only_v6);
	/* More than the system allows becomes what it allows. */
	set(u, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
	set(u, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
	if (conf->ttl)
		set_ttl(u, conf->ttl, is_v6);
	set_whole(u, is_v6);
	if (conf->is_for_many)
		set(u, IPPROTO_IP, IP_RECVERR, 1);
	if (conf->is_for_many && is_v6)
		set(u, IPPROTO_IPV6, IPV6_RECVERR, 1);
	set(u, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	set(u, SOL_SOCKET, SO_RXQ_OVFL, 1);
}

void vc_udp_ask(struct vc_udp *u, bool on)
{
	if (u->has_ask == on)
		return;
	u->has_ask = on;
	set(u, IPPROTO_IP, IP_RECVTOS, on);
	set(u, IPPROTO_IP, IP_RECVTTL, on);
	if (u->local.ss_family != AF_INET6)
		return;
	set(u, IPPROTO_IPV6, IPV6_RECVTCLASS, on);
	set(u, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, on);
}

/* --- addresses and interfaces --- */

static int bind_to_iface(const struct vc_udp *u)
{
	return setsockopt(u->fd, SOL_SOCKET, SO_BINDTODEVICE, u->iface,
			  (socklen_t)strlen(u->iface) + 1) ?
		       -errno :
		       0;
}

/* Groups are sent to by it; all else comes and goes by it alone. */
static int set_iface(struct vc_udp *u, const struct vc_udp_conf *conf,
		     bool is_v6)
{
	struct ip_mreqn by = { 0 };

	if (!conf->iface)
		return 0;
	by.imr_ifindex = (int)if_nametoindex(conf->iface);
	if (!by.imr_ifindex)
		return -ENODEV;
	setsockopt(u->fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by));
	if (is_v6)
		set(u, IPPROTO_IPV6, IPV6_MULTICAST_IF, by.imr_ifindex);
	if (conf->local && vc_udp_is_multicast(conf->local))
		return 0;
	vc_strlcpy(u->iface, conf->iface, sizeof(u->iface));
	return bind_to_iface(u);
}

static int join(const struct vc_udp *u, const struct vc_udp_conf *conf)
{
	const bool is_v6 = u->local.ss_family == AF_INET6;
	const int level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	struct group_source_req one = { .gsr_group = u->local };
	struct group_req any = { .gr_group = u->local };

	if (conf->iface)
		one.gsr_interface = any.gr_interface =
			if_nametoindex(conf->iface);
	/* What others on this machine have joined is not ours. */
	set(u, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	if (is_v6)
		set(u, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	if (!conf->source)
		return setsockopt(u->fd, level, MCAST_JOIN_GROUP, &any,
				  sizeof(any)) ?
			       -errno :
			       0;
	one.gsr_source = *conf->source;
	return setsockopt(u->fd, level, MCAST_JOIN_SOURCE_GROUP, &one,
			  sizeof(one)) ?
		       -errno :
		       0;
}

static bool is_any(const struct sockaddr_storage *sa)
{
	uint64_t w[3];

	vc_udp_words(sa, w);
	if (sa->ss_family == AF_INET6)
		return !w[0] && !w[1];
	return !((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr;
}

static int bind_to(struct vc_udp *u, const struct sockaddr_storage *local,
		   const char *iface)
{
	struct sockaddr_storage sa = *local;
	int err = vc_udp_set_zone(&sa, iface);

	/* Of a group all get all: nobody takes anything from anybody. */
	if (!err && vc_udp_is_multicast(&sa))
		set(u, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!err && bind(u->fd, vc_udp_sa(&sa), vc_udp_sa_len(&sa)))
		err = -errno;
	return err;
}

static int learn_local(struct vc_udp *u)
{
	socklen_t len = sizeof(u->local);

	return getsockname(u->fd, (struct sockaddr *)(void *)&u->local, &len) ?
		       -errno :
		       0;
}

static int connect_to(const struct vc_udp *u, int fd)
{
	return connect(fd, vc_udp_sa(&u->peer), vc_udp_sa_len(&u->peer)) ?
		       -errno :
		       0;
}

static int attach(struct vc_udp *u, const struct vc_udp_conf *conf)
{
	int err = 0;

	if (conf->local)
		err = bind_to(u, conf->local, conf->iface);
	if (!err && conf->peer) {
		u->peer = *conf->peer;
		u->is_local_chosen = !conf->local || is_any(conf->local);
		err = vc_udp_set_zone(&u->peer, conf->iface);
		if (!err)
			err = connect_to(u, u->fd);
	}
	if (!err)
		err = learn_local(u);
	if (!err && vc_udp_is_multicast(&u->local))
		err = join(u, conf);
	return err;
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
	u->io = conf->io ? conf->io : vc_udp_io_new(pool);
	u->owns_io = !conf->io;
	u->can_segment = true;
	u->wall_base = u->wall = vc_wall_minus_mono();
	u->asked = u->filled = VC_TIME_NONE;
	u->fd = socket(like->ss_family,
		       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = u->fd < 0 ? -errno : u->io ? 0 : -ENOMEM;
	if (!err) {
		set_options(u, conf, like->ss_family == AF_INET6);
		err = set_iface(u, conf, like->ss_family == AF_INET6);
	}
	if (!err)
		err = attach(u, conf);
	if (err) {
		vc_udp_close(u);
		return err;
	}
	vc_udp_ask(u, true);
	*out = u;
	return 0;
}

/* --- another address --- */

bool vc_udp_may_reconnect(const struct vc_udp *u)
{
	return u->peer.ss_family != AF_UNSPEC && u->is_local_chosen;
}

/* Is there any to be had? Until then the socket stays as it is: one that is
 * not connected would take what anybody sends. */
static int try_routes(const struct vc_udp *u)
{
	struct vc_udp probe = *u;
	int err;

	probe.fd = socket(u->peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (probe.fd < 0)
		return -errno;
	err = u->iface[0] ? bind_to_iface(&probe) : 0;
	if (!err)
		err = connect_to(u, probe.fd);
	close(probe.fd);
	return err;
}

int vc_udp_reconnect(struct vc_udp *u)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage any = { .ss_family = u->peer.ss_family };
	int err = try_routes(u);

	if (err)
		return err;
	if (connect(u->fd, &none, sizeof(none)))
		return -errno;
	/* That lost the interface, and the port where the kernel chose it. */
	if (u->iface[0])
		err = bind_to_iface(u);
	vc_udp_set_port(&any, vc_udp_port(&u->local));
	if (!err && bind(u->fd, vc_udp_sa(&any), vc_udp_sa_len(&any)) &&
	    errno != EINVAL)
		err = -errno;
	if (!err)
		err = connect_to(u, u->fd);
	return err ? err : learn_local(u);
}

/* --- the rest --- */

void vc_udp_close(struct vc_udp *u)
{
	if (!u)
		return;
	if (u->owns_io)
		vc_udp_io_free(u->io);
	if (u->fd >= 0)
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
