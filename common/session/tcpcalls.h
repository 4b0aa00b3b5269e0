/* SPDX-License-Identifier: MIT */
/*
 * What calls and sessions send by TCP in a capture: messages of SIP, which go
 * to session/sipcalls.h as datagrams do; those of RTSP, which are kept here
 * (session/rtspcalls.h); and the packets of media that RTSP interleaves with
 * them, given as datagrams between lanes (wire/netpkt.h). The connections are
 * told by their octets (session/tcpflow.h, wire/textunit.h).
 *
 * After octets that are missing what comes is passed over until a unit begins.
 */
#ifndef VC_SESSION_TCPCALLS_H
#define VC_SESSION_TCPCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/rtspcalls.h"
#include "wire/netpkt.h"

struct vc_tcpcalls_counts {
	uint64_t segments; /* of connections of SIP and RTSP */
	uint64_t connections;
	uint64_t retransmitted; /* segments with octets that came before */
	uint64_t holes;		/* places where octets are missing */
	uint64_t forgotten;	/* directions of them, for want of room */
	uint64_t rtsp;		/* descriptions */
	uint64_t bad;		/* what is neither a message nor a packet */
	uint64_t interleaved;	/* packets */
};

struct vc_tcpcalls_conf {
	/* As a datagram; NULL: they are not wanted. */
	void (*sip)(void *ctx, const char *text, size_t len);
	/* 't': when the segment came that completed it; that segment's DSCP
	 * and TTL. */
	void (*packet)(void *ctx, const struct vc_netpkt *net, int64_t t);
	/* NULL, or: RTSP told something of formats or channels. */
	void (*told)(void *ctx);
	void *ctx;
};

struct vc_tcpcalls;

/* NULL: out of memory. */
struct vc_tcpcalls *vc_tcpcalls_new(const struct vc_tcpcalls_conf *conf);
/* NULL is fine. */
void vc_tcpcalls_free(struct vc_tcpcalls *c);

/* A segment (VC_NETPKT_TCP) that was captured at 't'. Whether it is of a
 * connection of SIP or RTSP. */
bool vc_tcpcalls_take(struct vc_tcpcalls *c, const struct vc_netpkt *seg,
		      int64_t t);

/* No more come: what waits for octets that are missing does so no longer. */
void vc_tcpcalls_end(struct vc_tcpcalls *c);

const struct vc_rtspcalls *vc_tcpcalls_rtsp(const struct vc_tcpcalls *c);
struct vc_tcpcalls_counts vc_tcpcalls_counts(const struct vc_tcpcalls *c);

#endif
