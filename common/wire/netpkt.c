/* SPDX-License-Identifier: MIT */
/*
 * One cursor over what was captured goes down the layers. Lengths that headers
 * claim are checked against what was on the wire, so that a packet that was
 * cut is told from one that lies; the cursor's end against what was captured.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/netpkt.h"

#define VLANS_MAX 4
#define HEADERS_MAX 8
#define UDP_HEADER 8
#define TCP_HEADER 20

enum ether {
	ETHER_IPV4 = 0x0800,
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	ETHER_QINQ = 0x88a8, /* 802.1ad */
	ETHER_QINQ_OLD = 0x9100,
};

enum proto {
	PROTO_HOPOPTS = 0,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_DSTOPTS = 60,
	PROTO_MOBILITY = 135,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
};

struct down {
	struct vc_netpkt *out;
	struct vc_rd r;
	size_t missing; /* on the wire and not captured */
};

/* Octets that are left on the wire, from the cursor on. */
static size_t wire_left(const struct down *d)
{
	return vc_rd_left(&d->r) + d->missing;
}

/* The headers are not all there. */
static enum vc_netpkt_kind short_of(const struct down *d)
{
	return d->missing ? VC_NETPKT_CUT : VC_NETPKT_BAD;
}

/* Nothing after 'n' octets of the wire is the packet's: Ethernet pads. */
static bool shorten(struct down *d, size_t n)
{
	size_t left = vc_rd_left(&d->r), wire = wire_left(d);

	if (n > wire)
		return false;
	if (left > n)
		d->r.end = d->r.p + n;
	d->missing = n - vc_rd_left(&d->r);
	return true;
}

/* --- UDP --- */

static enum vc_netpkt_kind take_udp(struct down *d)
{
	size_t len;

	d->out->src.port = vc_rd_u16(&d->r);
	d->out->dst.port = vc_rd_u16(&d->r);
	len = vc_rd_u16(&d->r);
	vc_rd_skip(&d->r, 2);
	if (d->r.bad)
		return short_of(d);
	if (len < UDP_HEADER || !shorten(d, len - UDP_HEADER))
		return VC_NETPKT_BAD;
	d->out->payload = d->r.p;
	d->out->caplen = vc_rd_left(&d->r);
	d->out->len = wire_left(d);
	return VC_NETPKT_UDP;
}

static enum vc_netpkt_kind take_tcp(struct down *d)
{
	const uint8_t *p = vc_rd_bytes(&d->r, TCP_HEADER);
	size_t header;

	if (!p)
		return short_of(d);
	header = (size_t)(p[12] >> 4) * 4;
	if (header < TCP_HEADER || header - TCP_HEADER > wire_left(d))
		return VC_NETPKT_BAD;
	vc_rd_skip(&d->r, header - TCP_HEADER);
	if (d->r.bad)
		return short_of(d);
	d->out->src.port = vc_get_u16(p);
	d->out->dst.port = vc_get_u16(p + 2);
	d->out->seq = vc_get_u32(p + 4);
	d->out->ack = vc_get_u32(p + 8);
	d->out->flags = p[13];
	d->out->payload = d->r.p;
	d->out->caplen = vc_rd_left(&d->r);
	d->out->len = wire_left(d);
	return VC_NETPKT_TCP;
}

static enum vc_netpkt_kind take_proto(struct down *d, unsigned int proto)
{
	if (proto == PROTO_UDP)
		return take_udp(d);
	return proto == PROTO_TCP ? take_tcp(d) : VC_NETPKT_OTHER;
}

/* --- IP --- */

static enum vc_netpkt_kind take_ipv4(struct down *d)
{
	size_t before = wire_left(d), header, total;
	const uint8_t *p = vc_rd_bytes(&d->r, 20);

	if (!p)
		return short_of(d);
	header = (size_t)(p[0] & 15) * 4;
	total = vc_get_u16(p + 2);
	if (!total) /* the kernel cuts it later (TSO) */
		total = before;
	if (p[0] >> 4 != 4 || header < 20 || total < header || total > before)
		return VC_NETPKT_BAD;
	d->out->dscp = p[1] >> 2;
	d->out->ttl = p[8];
	memcpy(d->out->src.ip, p + 12, 4);
	memcpy(d->out->dst.ip, p + 16, 4);
	vc_rd_skip(&d->r, header - 20);
	if (d->r.bad)
		return short_of(d);
	shorten(d, total - header);
	if (vc_get_u16(p + 6) & 0x3fff) /* more of them, or an offset */
		return VC_NETPKT_FRAGMENT;
	return take_proto(d, p[9]);
}

/* One extension header; '*next' becomes what it leads to. */
static enum vc_netpkt_kind skip_extension(struct down *d, unsigned int *next)
{
	const uint8_t *p = vc_rd_bytes(&d->r, 8);
	size_t len;

	if (!p)
		return short_of(d);
	if (*next == PROTO_FRAGMENT) {
		*next = p[0];
		/* One that is whole is legal (RFC 6946). */
		return vc_get_u16(p + 2) & 0xfff9 ? VC_NETPKT_FRAGMENT :
						    VC_NETPKT_UDP;
	}
	len = *next == PROTO_AH ? ((size_t)p[1] + 2) * 4 :
				  ((size_t)p[1] + 1) * 8;
	if (len < 8 || len - 8 > wire_left(d))
		return VC_NETPKT_BAD;
	vc_rd_skip(&d->r, len - 8);
	*next = p[0];
	return d->r.bad ? VC_NETPKT_CUT : VC_NETPKT_UDP;
}

static bool is_extension(unsigned int proto)
{
	return proto == PROTO_HOPOPTS || proto == PROTO_ROUTING ||
	       proto == PROTO_FRAGMENT || proto == PROTO_AH ||
	       proto == PROTO_DSTOPTS || proto == PROTO_MOBILITY ||
	       proto == PROTO_HIP || proto == PROTO_SHIM6;
}

static enum vc_netpkt_kind take_ipv6(struct down *d)
{
	const uint8_t *p = vc_rd_bytes(&d->r, 40);
	unsigned int next;

	if (!p)
		return short_of(d);
	/* No length: a jumbogram, or one that the kernel cuts later. */
	if (p[0] >> 4 != 6 ||
	    (vc_get_u16(p + 4) && !shorten(d, vc_get_u16(p + 4))))
		return VC_NETPKT_BAD;
	d->out->src.is_ip6 = d->out->dst.is_ip6 = true;
	d->out->dscp = (uint8_t)(vc_get_u16(p) >> 6 & 63);
	d->out->ttl = p[7];
	memcpy(d->out->src.ip, p + 8, 16);
	memcpy(d->out->dst.ip, p + 24, 16);
	next = p[6];
	for (int i = 0; is_extension(next); i++) {
		enum vc_netpkt_kind kind = skip_extension(d, &next);

		if (kind != VC_NETPKT_UDP)
			return kind;
		if (i == HEADERS_MAX)
			return VC_NETPKT_BAD;
	}
	return take_proto(d, next);
}

/* By the version, where nothing else tells. */
static enum vc_netpkt_kind take_ip(struct down *d)
{
	if (!vc_rd_left(&d->r))
		return short_of(d);
	switch (d->r.p[0] >> 4) {
	case 4:
		return take_ipv4(d);
	case 6:
		return take_ipv6(d);
	default:
		return VC_NETPKT_BAD;
	}
}

/* --- links --- */

static enum vc_netpkt_kind take_ether(struct down *d, unsigned int type)
{
	for (int i = 0;
	     type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_OLD;
	     i++) {
		if (i == VLANS_MAX)
			return VC_NETPKT_BAD;
		vc_rd_skip(&d->r, 2);
		type = vc_rd_u16(&d->r);
	}
	if (d->r.bad)
		return short_of(d);
	if (type == ETHER_IPV4)
		return take_ipv4(d);
	return type == ETHER_IPV6 ? take_ipv6(d) : VC_NETPKT_OTHER;
}

/* The family, as the capturing machine numbers it and orders octets. */
static enum vc_netpkt_kind take_family(struct down *d)
{
	uint32_t family = vc_rd_u32(&d->r);

	if (d->r.bad)
		return short_of(d);
	if (family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00);
	switch (family) {
	case 2:
		return take_ipv4(d);
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return take_ipv6(d);
	default:
		return VC_NETPKT_OTHER;
	}
}

enum vc_netpkt_kind vc_netpkt_parse(struct vc_netpkt *out, unsigned int link,
				    const uint8_t *p, size_t caplen, size_t len)
{
	struct down d = { .out = out,
			  .r = vc_rd_over(p, caplen),
			  .missing = len > caplen ? len - caplen : 0 };
	unsigned int type;

	*out = (struct vc_netpkt){ 0 };
	switch (link) {
	case VC_LINK_ETHERNET:
		vc_rd_skip(&d.r, 12);
		type = vc_rd_u16(&d.r);
		return take_ether(&d, type);
	case VC_LINK_SLL:
		vc_rd_skip(&d.r, 14);
		type = vc_rd_u16(&d.r);
		return take_ether(&d, type);
	case VC_LINK_SLL2:
		type = vc_rd_u16(&d.r);
		vc_rd_skip(&d.r, 18);
		return take_ether(&d, type);
	case VC_LINK_NULL:
	case VC_LINK_LOOP:
		return take_family(&d);
	case VC_LINK_RAW_OLD:
	case VC_LINK_RAW_BSD:
	case VC_LINK_RAW:
	case VC_LINK_IPV4:
	case VC_LINK_IPV6:
		return take_ip(&d);
	default:
		return VC_NETPKT_LINK;
	}
}

bool vc_netaddr_eq(const struct vc_netaddr *a, const struct vc_netaddr *b)
{
	return a->is_ip6 == b->is_ip6 && a->port == b->port &&
	       a->lane == b->lane && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

void vc_netaddr_text(char *out, size_t cap, const struct vc_netaddr *a)
{
	char ip[INET6_ADDRSTRLEN];

	out[0] = '\0';
	if (a && a->port &&
	    inet_ntop(a->is_ip6 ? AF_INET6 : AF_INET, a->ip, ip, sizeof(ip)))
		snprintf(out, cap, a->is_ip6 ? "[%s]:%u" : "%s:%u", ip,
			 a->port);
}

void vc_netaddr_words(uint32_t w[static VC_NETADDR_WORDS],
		      const struct vc_netaddr *src,
		      const struct vc_netaddr *dst)
{
	memcpy(w, src->ip, sizeof(src->ip));
	memcpy(w + 4, dst->ip, sizeof(dst->ip));
	w[8] = (uint32_t)src->port << 16 | dst->port;
}
