/* SPDX-License-Identifier: MIT */
/*
 * The octets of TCP connections in a capture, in order (RFC 9293): each
 * direction is a flow. What begins one is a SYN, or a segment whose first
 * octets look like what is sought; once the octets of a flow contradict that,
 * it is forgotten, so a connection of something else leaves nothing. Ports say
 * nothing.
 *
 * Segments that came too early are held, octets that came before are cut (the
 * first to come is believed). A hole is given up when the other end
 * acknowledges what is behind it (the capture lost it), when too much is held,
 * or after VC_TCPFLOW_WAIT: then the flow has a gap. So has one whose segment
 * was not captured whole.
 *
 * All is bounded: VC_TCPFLOW_MAX flows, of these VC_TCPFLOW_FRESH that are not
 * known yet; VC_TCPFLOW_HELD octets held of each, VC_TCPFLOW_ALL of all. The
 * flow that was silent for longest is forgotten first. Told the time.
 */
#ifndef VC_SESSION_TCPFLOW_H
#define VC_SESSION_TCPFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "wire/netpkt.h"
#include "wire/textunit.h"

#define VC_TCPFLOW_MAX 2048
#define VC_TCPFLOW_FRESH 512
#define VC_TCPFLOW_HELD (256 << 10)
#define VC_TCPFLOW_PIECES 256	    /* segments held of a flow */
#define VC_TCPFLOW_ALL (8 << 20)    /* octets, what is kept too */
#define VC_TCPFLOW_KEPT (128 << 10) /* what the taker leaves of a flow */
#define VC_TCPFLOW_LEAP (16 << 20)  /* a window; beyond it is another stream */
#define VC_TCPFLOW_WAIT (5 * VC_SEC)

enum vc_tcpflow_looks {
	VC_TCPFLOW_NO,
	VC_TCPFLOW_MAYBE, /* more octets will tell */
	VC_TCPFLOW_YES,
};

struct vc_tcppiece;

struct vc_tcpflow {
	struct vc_netaddr src, dst;
	/* Of the segment that brought the octets, or filled the hole. */
	int64_t t;
	uint8_t dscp, ttl;

	/* the taker's own, zeros at first */
	struct vc_textscan scan;
	bool is_lost;
	size_t lost; /* octets since then */

	/* the module's own */
	bool is_known;
	uint32_t next;		    /* number of the octet that is due */
	struct vc_tcppiece *pieces; /* held, in order, none overlap */
	struct vc_tcppiece *last;
	unsigned int n_pieces;
	size_t held;
	uint8_t *buf; /* what the taker left */
	size_t len, cap;
	uint16_t chain; /* of its hash, or of free ones */
	uint16_t older, newer;
};

struct vc_tcpflow_counts {
	uint64_t connections;
	uint64_t retransmitted; /* segments with octets that came before */
	uint64_t holes;		/* given up */
	uint64_t forgotten;	/* flows that were known, for want of room */
};

struct vc_tcpflow_conf {
	enum vc_tcpflow_looks (*looks)(const uint8_t *p, size_t len);
	/* The octets of a flow that are due, with those that were left. How
	 * many were taken: the rest comes again, with what follows. SIZE_MAX:
	 * it is not what is sought after all. */
	size_t (*octets)(void *ctx, struct vc_tcpflow *f, const uint8_t *p,
			 size_t len);
	/* What was left is gone; what comes next does not follow it. */
	void (*gap)(void *ctx, struct vc_tcpflow *f);
	void *ctx;
};

struct vc_tcpflows;

/* NULL: out of memory. */
struct vc_tcpflows *vc_tcpflows_new(const struct vc_tcpflow_conf *conf);
/* NULL is fine. */
void vc_tcpflows_free(struct vc_tcpflows *t);

/* A segment of TCP. Whether it is of a flow that is what is sought. */
bool vc_tcpflows_take(struct vc_tcpflows *t, const struct vc_netpkt *seg,
		      int64_t now);

/* No more come: holes are given up. */
void vc_tcpflows_end(struct vc_tcpflows *t);

const struct vc_tcpflow_counts *vc_tcpflows_counts(const struct vc_tcpflows *t);

/* Octets that are held and kept at the moment, of all flows. */
size_t vc_tcpflows_octets(const struct vc_tcpflows *t);

#endif
