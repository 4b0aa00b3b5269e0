/* SPDX-License-Identifier: MIT */
/*
 * Opening. The arrays of a batch are shared by all sockets of a tool, which
 * has one thread: a socket itself is small.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/clock.h"
#include "net/udp_internal.h"

#define SOCKET_BUFFER (4 << 20) /* Debian's rmem_max */

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

	if (conf->local &&
	    bind(u->fd, vc_udp_sa(conf->local), vc_udp_sa_len(conf->local)))
		return -errno;
	if (conf->peer &&
	    connect(u->fd, vc_udp_sa(conf->peer), vc_udp_sa_len(conf->peer)))
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
	u->io = conf->io ? conf->io : vc_udp_io_new(pool);
	u->owns_io = !conf->io;
	u->can_segment = true;
	u->wall_base = u->wall = vc_wall_minus_mono();
	u->fd = socket(like->ss_family,
		       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = u->fd < 0 ? -errno : u->io ? 0 : -ENOMEM;
	if (!err) {
		set_options(u, conf, like->ss_family);
		err = attach(u, conf);
	}
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
