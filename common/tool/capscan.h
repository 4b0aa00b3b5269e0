/* SPDX-License-Identifier: MIT */
/*
 * From the pieces of a capture (wire/piece.h) to RTP and RTCP packets, with
 * what IP says of them. A flow is one address that sends to another, or what
 * goes so by a channel of RTSP; what it is is found out once and kept, so that
 * a packet of a known flow costs a look-up. A flow is taken if its port is
 * wanted (a description's), if SIP in the capture tells that it belongs to a
 * call (session/sipcalls.h) or RTSP what its channel is (session/tcpcalls.h),
 * or if it looks like RTP (session/rtpfind.h, which has the rules).
 *
 * At most VC_CAPSCAN_FLOWS flows are known; the one that was silent for longest
 * is forgotten first, and is another flow if it comes back. Nothing is put in
 * order, repaired or decrypted. No clock, no descriptors.
 */
#ifndef VC_TOOL_CAPSCAN_H
#define VC_TOOL_CAPSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "session/tcpcalls.h"
#include "tool/capcall.h"
#include "wire/filekind.h"
#include "wire/netpkt.h"
#include "wire/piece.h"

#define VC_CAPSCAN_FLOWS 4096

struct vc_capscan;

struct vc_capflow {
	struct vc_netaddr src;
	struct vc_netaddr dst;
	int id;			    /* never that of another one */
	bool is_rtp;		    /* by what came, or by a call */
	bool is_rtcp;		    /* likewise */
	struct vc_capcall *call;    /* NULL: SIP tells nothing */
	uint64_t told;		    /* changes when 'call' does */
	char from[VC_NETADDR_TEXT]; /* 'src', once it is known to be RTP */

	/* the module's own */
	uint64_t judged; /* messages of SIP and RTSP that had come then */
	bool is_wanted;	 /* by its port */
	int owner;	 /* id of the flow of RTP that this one of RTCP is of */
	uint16_t owner_at;
	uint16_t next; /* in the chain of its hash, as the next two of age */
	uint16_t older, newer;
};

struct vc_capscan_packet {
	struct vc_packet *pkt; /* borrowed; 'arrival' is set */
	bool is_rtcp;
	size_t missing; /* octets that were on the wire and not captured */
	int dscp, ttl;	/* -1: the file does not say */
	/* Of RTP the flow it came by; RTCP: the one whose reports it has. Valid
	 * during the call. */
	const struct vc_capflow *flow;
	const struct vc_netaddr *from, *to; /* NULL: the file does not say */
};

struct vc_capscan_counts {
	uint64_t packets; /* of the capture, of any kind */
	uint64_t bad;	  /* malformed, in the file or as packets */
	uint64_t other;	  /* none of these, or an unknown link layer */
	uint64_t links;	  /* of these: an unknown link layer */
	uint64_t fragments;
	uint64_t cut;	    /* so little captured that it cannot be told */
	uint64_t cut_taken; /* cut, and given */
	uint64_t datagrams;
	struct vc_tcpcalls_counts tcp;
	uint64_t sip, sip_bad; /* messages, by UDP and TCP */
	uint64_t not_rtp;
	uint64_t toobig;
	uint64_t given;
	uint64_t flows; /* of RTP */
	uint64_t flows_forgotten;
};

struct vc_capscan_conf {
	enum vc_filekind kind; /* PCAP, also of an interface; RTPDUMP, MJR */
	struct vc_pool *pool;  /* borrowed */
	void (*packet)(void *ctx, const struct vc_capscan_packet *p);
	/* NULL, or: only what goes to ports that are wanted. */
	bool (*wants)(void *ctx, uint16_t port);
	void *ctx;
};

/* NULL when out of memory. */
struct vc_capscan *vc_capscan_new(const struct vc_capscan_conf *conf);
/* NULL is fine. */
void vc_capscan_free(struct vc_capscan *s);

/*
 * A piece of kind PACKET, captured at 't'. Those of a flow that had to be
 * looked at first come with the one that told, in order. -ENOMEM: it is left
 * out.
 */
int vc_capscan_take(struct vc_capscan *s, const struct vc_piece *p, int64_t t);

/* No more come. May give some that waited. */
void vc_capscan_end(struct vc_capscan *s);

struct vc_capscan_counts vc_capscan_counts(const struct vc_capscan *s);

#endif
