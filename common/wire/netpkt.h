/* SPDX-License-Identifier: MIT */
/*
 * From a captured packet to the UDP datagram or TCP segment in it: link layers,
 * VLANs, IPv4 with options, IPv6 with extension headers. Fragments are named,
 * not put together. Checksums are not looked at: who captures where packets are
 * sent sees none yet.
 */
#ifndef VC_WIRE_NETPKT_H
#define VC_WIRE_NETPKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* LINKTYPE_ numbers of tcpdump.org that are understood. */
enum vc_link {
	VC_LINK_NULL = 0,
	VC_LINK_ETHERNET = 1,
	VC_LINK_RAW_OLD = 12,
	VC_LINK_RAW_BSD = 14,
	VC_LINK_RAW = 101,
	VC_LINK_LOOP = 108,
	VC_LINK_SLL = 113,
	VC_LINK_IPV4 = 228,
	VC_LINK_IPV6 = 229,
	VC_LINK_SLL2 = 276,
};

/* An address and a port, in host order. */
struct vc_netaddr {
	bool is_ip6;
	uint8_t ip[16]; /* IPv4: the first 4, zeros after them */
	uint16_t port;
	/* Of a packet that came within a TCP connection, as RTSP interleaves
	 * them: 1 + the channel of its RTP. 0: a datagram, or the
	 * connection. */
	uint16_t lane;
};

bool vc_netaddr_eq(const struct vc_netaddr *a, const struct vc_netaddr *b);

/* "192.0.2.1:5004", "[2001:db8::1]:5004"; "" where it is NULL or of port 0. */
#define VC_NETADDR_TEXT 64
void vc_netaddr_text(char *out, size_t cap, const struct vc_netaddr *a);

/* What a table of pairs hashes: all but the lanes. */
#define VC_NETADDR_WORDS 9
void vc_netaddr_words(uint32_t w[static VC_NETADDR_WORDS],
		      const struct vc_netaddr *src,
		      const struct vc_netaddr *dst);

enum vc_netpkt_kind {
	VC_NETPKT_UDP,
	VC_NETPKT_TCP,	    /* a segment */
	VC_NETPKT_OTHER,    /* something else over IP, or not IP */
	VC_NETPKT_FRAGMENT, /* of an IP packet, the first one too */
	VC_NETPKT_CUT,	    /* so little was captured that it cannot be told */
	VC_NETPKT_BAD,	    /* malformed */
	VC_NETPKT_LINK,	    /* a link layer that is not understood */
};

struct vc_netpkt {
	struct vc_netaddr src;
	struct vc_netaddr dst;
	uint8_t dscp;
	uint8_t ttl; /* IPv6: hop limit */
	const uint8_t *payload;
	size_t caplen; /* octets at 'payload' */
	size_t len;    /* as it was sent; more if it was cut */
	uint32_t seq;  /* of TCP, as the next two */
	uint32_t ack;
	uint8_t flags; /* VC_TCP_ */
};

enum vc_tcp_flag {
	VC_TCP_FIN = 1,
	VC_TCP_SYN = 2,
	VC_TCP_RST = 4,
	VC_TCP_ACK = 16,
};

/* A packet of 'caplen' octets of which 'len' were on the wire. '*out' is set
 * where it is UDP or TCP. */
enum vc_netpkt_kind vc_netpkt_parse(struct vc_netpkt *out, unsigned int link,
				    const uint8_t *p, size_t caplen,
				    size_t len);

#define VC_NETPKT_HEAD_MAX 48 /* octets before the payload that is written */
#define VC_NETPKT_PAYLOAD_MAX 65507

/*
 * The UDP datagram of a payload in an IP packet, without a link layer
 * (VC_LINK_RAW). Makes the cursor bad where addresses are not of one kind, or
 * it is longer than VC_NETPKT_PAYLOAD_MAX.
 */
void vc_netpkt_write(struct vc_wr *w, const struct vc_netaddr *src,
		     const struct vc_netaddr *dst, const uint8_t *p,
		     size_t len);

#endif
