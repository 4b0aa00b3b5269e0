/* SPDX-License-Identifier: MIT */
/*
 * From a captured packet to what is given: down to its datagram, then whether
 * it is SIP, wanted, of a call, or looks like RTP.
 */
#include <netinet/in.h>
#include <string.h>

#include "tool/capture_internal.h"
#include "wire/sip.h"

struct datagram {
	struct vc_netaddr src;
	struct vc_netaddr dst;
	struct vc_packet *pkt;
	size_t len;
	bool is_cut;
	int dscp;
	int ttl;
	const struct vc_sipcall *call; /* NULL: of none that is known */
	const struct vc_sipend *end;
};

static void to_sockaddr(const struct vc_netaddr *a, struct sockaddr_storage *sa)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(a->port) };
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(a->port) };

	memset(sa, 0, sizeof(*sa));
	if (a->is_ip6) {
		memcpy(&in6.sin6_addr, a->ip, 16);
		memcpy(sa, &in6, sizeof(in6));
	} else {
		memcpy(&in.sin_addr, a->ip, 4);
		memcpy(sa, &in, sizeof(in));
	}
}

static void give(struct vc_capture *c, const struct datagram *d)
{
	struct sockaddr_storage from, to;
	struct vc_capture_msg m = { .udp = { .pkt = d->pkt,
					     .from = &from,
					     .is_cut = d->is_cut,
					     .dscp = d->dscp,
					     .ttl = d->ttl },
				    .to = &to,
				    .len = d->len,
				    .call = d->call,
				    .end = d->end };

	if (c->is_over)
		return;
	to_sockaddr(&d->src, &from);
	to_sockaddr(&d->dst, &to);
	vc_udp_hash(c->conf.io, &m.udp);
	c->counts.given++;
	c->ops.msg(c->ctx, &m);
}

/* What was held until it looked like RTP; how much of it was captured is not
 * known any more: where packets are cut, these are taken as such. */
static void give_held(struct vc_capture *c, const struct datagram *d,
		      struct vc_rtpflow *flow)
{
	struct datagram h = *d;

	for (;;) {
		h.pkt = vc_rtpfind_pop(flow);
		if (!h.pkt)
			return;
		h.len = h.pkt->len;
		h.is_cut = c->has_cut;
		c->counts.not_rtp--;
		give(c, &h);
		vc_packet_unref(h.pkt);
	}
}

static bool is_wanted(struct vc_capture *c, const struct datagram *d)
{
	struct sockaddr_storage from, to;

	to_sockaddr(&d->src, &from);
	to_sockaddr(&d->dst, &to);
	return c->ops.wants(c->ctx, &from, &to);
}

static void take_sip(void *ctx, const char *text, size_t len)
{
	struct vc_capture *c = ctx;

	c->counts.sip++;
	if (vc_sipcalls_take(c->calls, text, len))
		c->counts.sip_bad++;
}

/* Whether SIP tells of it, or RTSP of the channel it came by. */
static bool is_told(struct vc_capture *c, struct datagram *d)
{
	const struct vc_rtspcall *rtsp;

	if (!d->src.lane)
		return vc_sipcalls_find(c->calls, &d->dst, &d->call, &d->end);
	rtsp = vc_rtspcalls_find(vc_tcpcalls_rtsp(c->tcp), &d->src, &d->dst);
	if (rtsp)
		d->end = vc_rtspcall_section(rtsp, d->src.lane);
	return d->end;
}

static void judge(struct vc_capture *c, struct datagram *d)
{
	struct vc_rtpflow *flow;
	bool is_of_call;

	if (!d->is_cut && vc_sip_looks(d->pkt->data, d->pkt->len)) {
		take_sip(c, (const char *)d->pkt->data, d->pkt->len);
		return;
	}
	is_of_call = is_told(c, d);
	if (c->ops.wants ? is_wanted(c, d) : is_of_call) {
		give(c, d);
		return;
	}
	c->counts.not_rtp++;
	if (c->ops.wants)
		return;
	switch (vc_rtpfind_take(c->find, &d->src, &d->dst, d->pkt, &flow)) {
	case VC_RTPFIND_RTP:
		give_held(c, d, flow);
		/* fall through */
	case VC_RTPFIND_RTCP:
		c->counts.not_rtp--;
		give(c, d);
		return;
	case VC_RTPFIND_MAYBE:
	case VC_RTPFIND_NO:
		return;
	}
}

/* Copies what was captured of it, VC_UDP_CAP octets at most. */
static void take(struct vc_capture *c, struct datagram *d, const uint8_t *p,
		 size_t caplen, int64_t t)
{
	size_t n = caplen < VC_UDP_CAP ? caplen : VC_UDP_CAP;

	d->is_cut = n < d->len;
	c->has_cut |= d->is_cut;
	d->pkt = vc_packet_new(c->conf.pool, VC_UDP_CAP);
	if (!d->pkt)
		return;
	if (n)
		memcpy(d->pkt->data, p, n);
	d->pkt->len = n;
	d->pkt->arrival = t;
	if (c->kind == VC_FILEKIND_RTPDUMP || c->kind == VC_FILEKIND_MJR)
		give(c, d);
	else
		judge(c, d);
	vc_packet_unref(d->pkt);
}

/* RTP as it is: who sent it is not in the file. */
static void take_bare(struct vc_capture *c, const struct vc_piece *p, int64_t t)
{
	struct datagram d = { .len = p->len, .dscp = -1, .ttl = -1 };

	if (c->kind == VC_FILEKIND_RTPDUMP)
		d.src = d.dst = c->rtpdump.addr;
	c->counts.datagrams++;
	take(c, &d, p->data, p->caplen, t);
}

/* A datagram, or what is as one. */
static void take_net(void *ctx, const struct vc_netpkt *net, int64_t t)
{
	struct datagram d = { .src = net->src,
			      .dst = net->dst,
			      .len = net->len,
			      .dscp = net->dscp,
			      .ttl = net->ttl };

	take(ctx, &d, net->payload, net->caplen, t);
}

struct vc_tcpcalls *vc_capture_tcp(struct vc_capture *c)
{
	const struct vc_tcpcalls_conf conf = { .sip = take_sip,
					       .packet = take_net,
					       .ctx = c };

	return vc_tcpcalls_new(&conf);
}

void vc_capture_packet(struct vc_capture *c, const struct vc_piece *p,
		       int64_t t)
{
	struct vc_netpkt pkt;

	c->counts.packets++;
	if (c->kind == VC_FILEKIND_RTPDUMP || c->kind == VC_FILEKIND_MJR) {
		take_bare(c, p, t);
		return;
	}
	switch (vc_netpkt_parse(&pkt, p->link, p->data, p->caplen, p->len)) {
	case VC_NETPKT_UDP:
		c->counts.datagrams++;
		take_net(c, &pkt, t);
		return;
	case VC_NETPKT_TCP:
		c->counts.other += !vc_tcpcalls_take(c->tcp, &pkt, t);
		return;
	case VC_NETPKT_OTHER:
	case VC_NETPKT_LINK:
		c->counts.other++;
		return;
	case VC_NETPKT_FRAGMENT:
		c->counts.fragments++;
		return;
	case VC_NETPKT_CUT:
		c->counts.cut++;
		return;
	case VC_NETPKT_BAD:
		c->counts.bad++;
		return;
	}
}
