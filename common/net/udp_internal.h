/* SPDX-License-Identifier: MIT */
/* What udp.c (opening), udprx.c (receiving) and udptx.c (sending) share. */
#ifndef VC_NET_UDP_INTERNAL_H
#define VC_NET_UDP_INTERNAL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net/udp.h"

/* Room for a stamp, the overflow count, DSCP and TTL. */
#define VC_UDP_RX_CONTROL 128
/* Room for a segment's size and DSCP. */
#define VC_UDP_TX_CONTROL \
	(CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(int)))

struct vc_udp_rx {
	unsigned int dirty; /* so many at the front are to be made ready */
	struct mmsghdr hdr[VC_UDP_BATCH];
	struct iovec iov[VC_UDP_BATCH];
	struct sockaddr_storage from[VC_UDP_BATCH];
	struct vc_udp_msg msgs[VC_UDP_BATCH];
	_Alignas(struct cmsghdr)
		uint8_t control[VC_UDP_BATCH][VC_UDP_RX_CONTROL];
};

struct vc_udp_tx {
	struct mmsghdr hdr[VC_UDP_BATCH];
	struct iovec iov[2 * VC_UDP_BATCH];
	_Alignas(struct cmsghdr)
		uint8_t control[VC_UDP_BATCH][VC_UDP_TX_CONTROL];
};

struct vc_udp_io {
	struct vc_pool *pool;
	uint64_t key[2]; /* secret: nobody can choose addresses whose
			  * hashes collide */
	struct vc_udp_rx rx;
	struct vc_udp_tx tx;
};

struct vc_udp {
	int fd;
	bool owns_io;
	struct vc_udp_io *io;
	bool can_segment; /* nothing has said that it cannot */
	bool does_segment;
	struct vc_udp_counts counts;
	struct sockaddr_storage local;
	struct sockaddr_storage peer; /* family AF_UNSPEC: not connected */
	char iface[IF_NAMESIZE];      /* "": any */
	bool is_local_chosen;	      /* 'local' is an address by the routes */
	int64_t wall_base;	      /* wall - monotonic clock at start */
	int64_t wall;		      /* the same now */
	uint32_t kernel_drops;	      /* as last told, wraps */
	bool has_ask;	/* DSCP and TTL come with what is received */
	int64_t asked;	/* when that was so last */
	int64_t filled; /* when a batch was full last */
};

/* From now on they come, or do not. */
void vc_udp_ask(struct vc_udp *u, bool on);

/* Counts it, and returns it negative. */
int vc_udp_failed(struct vc_udp *u, int err);

/* IPv4, be it mapped into IPv6. */
bool vc_udp_is_v4(const struct sockaddr_storage *sa);

static inline socklen_t vc_udp_sa_len(const struct sockaddr_storage *sa)
{
	return sa->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					   sizeof(struct sockaddr_in);
}

static inline const struct sockaddr *vc_udp_sa(const struct sockaddr_storage *sa)
{
	return (const struct sockaddr *)(const void *)sa;
}

#endif
