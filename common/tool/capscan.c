/* SPDX-License-Identifier: MIT */
/*
 * Flows lie in an array, found by hash chains and in a list by age. What does
 * not begin like RTP or RTCP makes no flow. When SIP or RTSP was seen since a
 * flow was last judged it is judged again, as ports and payload types are told
 * in the middle of calls, too.
 */
#include "tool/capscan.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashkey.h"
#include "base/mem.h"
#include "session/rtpfind.h"
#include "wire/frame.h"
#include "wire/rtp.h"
#include "wire/sip.h"

#define BUCKET_BITS 13
#define BUCKETS (1u << BUCKET_BITS)
#define NONE UINT16_MAX

struct vc_capscan {
	struct vc_capscan_conf conf;
	struct vc_rtpfind *find;
	struct vc_sipcalls *calls;
	struct vc_capflow *flows;
	unsigned int n;
	int next_id;
	uint16_t oldest, newest;
	struct vc_capflow *last; /* hit */
	struct vc_capflow bare;	 /* of files that hold but one */
	uint64_t told;
	uint64_t heard; /* messages of SIP and RTSP */
	struct vc_tcpcalls *tcp;
	struct vc_hashkey hash;
	uint16_t buckets[BUCKETS];
	struct vc_capscan_counts counts;
};

/* A datagram on its way. */
struct datagram {
	const struct vc_netpkt *net; /* NULL: bare RTP of a file */
	const uint8_t *p;
	size_t caplen;
	size_t len;
	int64_t t;
};

/* --- flows --- */

static uint16_t *bucket(struct vc_capscan *s, const struct vc_netaddr *src,
			const struct vc_netaddr *dst)
{
	uint32_t w[VC_NETADDR_WORDS];

	vc_netaddr_words(w, src, dst);
	return &s->buckets[vc_hashkey_words(&s->hash, w, VC_COUNT(w),
					    BUCKET_BITS)];
}

static bool is_of(const struct vc_capflow *f, const struct vc_netaddr *src,
		  const struct vc_netaddr *dst)
{
	return vc_netaddr_eq(&f->dst, dst) && vc_netaddr_eq(&f->src, src);
}

static uint16_t at(const struct vc_capscan *s, const struct vc_capflow *f)
{
	return (uint16_t)(f - s->flows);
}

static void unlist(struct vc_capscan *s, struct vc_capflow *f)
{
	if (f->older != NONE)
		s->flows[f->older].newer = f->newer;
	else
		s->oldest = f->newer;
	if (f->newer != NONE)
		s->flows[f->newer].older = f->older;
	else
		s->newest = f->older;
}

static void list(struct vc_capscan *s, struct vc_capflow *f)
{
	f->older = s->newest;
	f->newer = NONE;
	if (s->newest != NONE)
		s->flows[s->newest].newer = at(s, f);
	else
		s->oldest = at(s, f);
	s->newest = at(s, f);
}

static struct vc_capflow *find(struct vc_capscan *s,
			       const struct vc_netaddr *src,
			       const struct vc_netaddr *dst)
{
	uint16_t i = *bucket(s, src, dst);

	while (i != NONE && !is_of(&s->flows[i], src, dst))
		i = s->flows[i].next;
	return i == NONE ? NULL : &s->flows[i];
}

static struct vc_capflow *forget_oldest(struct vc_capscan *s)
{
	struct vc_capflow *f = &s->flows[s->oldest];
	uint16_t *link = bucket(s, &f->src, &f->dst);

	while (*link != at(s, f))
		link = &s->flows[*link].next;
	*link = f->next;
	unlist(s, f);
	free(f->call);
	s->counts.flows_forgotten += f->is_rtp;
	return f;
}

static struct vc_capflow *flow_of(struct vc_capscan *s,
				  const struct vc_netaddr *src,
				  const struct vc_netaddr *dst)
{
	struct vc_capflow *f = s->last;
	uint16_t *link;

	if (f && is_of(f, src, dst))
		return f;
	f = find(s, src, dst);
	if (f) {
		unlist(s, f);
	} else {
		f = s->n < VC_CAPSCAN_FLOWS ? &s->flows[s->n] :
					      forget_oldest(s);
		s->n += s->n < VC_CAPSCAN_FLOWS;
		link = bucket(s, src, dst);
		*f = (struct vc_capflow){ .src = *src,
					  .dst = *dst,
					  .id = s->next_id,
					  .judged = UINT64_MAX,
					  .owner = -1,
					  .next = *link };
		s->next_id = s->next_id < INT_MAX ? s->next_id + 1 : 1;
		*link = at(s, f);
	}
	list(s, f);
	s->last = f;
	return f;
}

/* --- what a flow is --- */

static void judge_flow(struct vc_capscan *s, struct vc_capflow *f)
{
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
	const struct vc_rtspcall *rtsp = NULL;
	bool is_of_call;

	f->judged = s->heard;
	if (s->conf.wants)
		f->is_wanted = s->conf.wants(s->conf.ctx, f->dst.port);
	is_of_call = s->counts.sip &&
		     vc_sipcalls_find(s->calls, &f->dst, &call, &end);
	if (!is_of_call)
		rtsp = vc_rtspcalls_find(vc_tcpcalls_rtsp(s->tcp), &f->src,
					 &f->dst);
	if (!is_of_call && !rtsp)
		return;
	if (!f->call)
		f->call = vc_try_alloc(1, sizeof(*f->call));
	if (!f->call)
		return;
	if (is_of_call)
		vc_capcall_by_sip(f->call, call, end);
	else
		vc_capcall_by_rtsp(f->call, rtsp, f->src.lane);
	s->told++;
	f->told = s->told;
}

static bool is_taken(const struct vc_capscan *s, const struct vc_capflow *f)
{
	return s->conf.wants ? f->is_wanted :
			       f->call && (!f->call->is_rtsp || f->src.lane);
}

/* RTCP goes by the port or lane of RTP, or the next port. */
static const struct vc_capflow *owner_of(struct vc_capscan *s,
					 struct vc_capflow *f)
{
	struct vc_netaddr src = f->src, dst = f->dst;
	struct vc_capflow *rtp;

	if (f->is_rtp || f->src.lane)
		return f;
	rtp = &s->flows[f->owner_at];
	if (f->owner >= 0 && rtp->id == f->owner)
		return rtp;
	src.port--;
	dst.port--;
	rtp = find(s, &src, &dst);
	if (!rtp && !(f->dst.port & 1))
		return f;
	if (!rtp)
		rtp = flow_of(s, &src, &dst);
	f->owner = rtp->id;
	f->owner_at = at(s, rtp);
	return rtp;
}

/* --- packets --- */

static struct vc_packet *copy(struct vc_capscan *s, const struct datagram *d)
{
	struct vc_packet *pkt = vc_packet_new(s->conf.pool, d->caplen);

	if (!pkt)
		return NULL;
	memcpy(pkt->data, d->p, d->caplen);
	pkt->len = d->caplen;
	pkt->arrival = d->t;
	return pkt;
}

static void give(struct vc_capscan *s, struct vc_capflow *f,
		 const struct datagram *d, struct vc_packet *pkt)
{
	bool is_rtcp = vc_demux(pkt->data, pkt->len) == VC_DEMUX_RTCP;
	struct vc_capscan_packet out = {
		.pkt = pkt,
		.is_rtcp = is_rtcp,
		.missing = d->len - d->caplen,
		.dscp = d->net ? d->net->dscp : -1,
		.ttl = d->net ? d->net->ttl : -1,
		.from = f->src.port ? &f->src : NULL,
		.to = f->dst.port ? &f->dst : NULL,
	};

	if (!is_rtcp && !f->is_rtp) {
		f->is_rtp = true;
		vc_netaddr_text(f->from, sizeof(f->from), &f->src);
		s->counts.flows++;
	}
	out.flow = is_rtcp && d->net ? owner_of(s, f) : f;
	s->counts.given++;
	s->counts.cut_taken += out.missing > 0;
	s->conf.packet(s->conf.ctx, &out);
}

/* What waited for the flow to be known. How much of it was cut is not known any
 * more: as much as of the one that told. */
static void give_held(struct vc_capscan *s, struct vc_capflow *f,
		      const struct datagram *d, struct vc_rtpflow *held)
{
	struct vc_packet *pkt;

	while ((pkt = vc_rtpfind_pop(held))) {
		struct datagram h = *d;

		h.caplen = pkt->len;
		h.len = pkt->len + (d->len - d->caplen);
		s->counts.not_rtp--;
		give(s, f, &h, pkt);
		vc_packet_unref(pkt);
	}
}

static void look(struct vc_capscan *s, struct vc_capflow *f,
		 const struct datagram *d, struct vc_packet *pkt)
{
	struct vc_rtpflow *held;

	switch (vc_rtpfind_take(s->find, &f->src, &f->dst, pkt, &held)) {
	case VC_RTPFIND_RTP:
		give_held(s, f, d, held);
		give(s, f, d, pkt);
		return;
	case VC_RTPFIND_RTCP:
		f->is_rtcp = true;
		give(s, f, d, pkt);
		return;
	case VC_RTPFIND_MAYBE:
	case VC_RTPFIND_NO:
		s->counts.not_rtp++;
		return;
	}
}

static void take_sip(void *ctx, const char *text, size_t len)
{
	struct vc_capscan *s = ctx;

	s->counts.sip++;
	/* Flows are not judged again for what says nothing. */
	if (vc_sipcalls_take(s->calls, text, len))
		s->counts.sip_bad++;
	else
		s->heard++;
}

static void take_other(struct vc_capscan *s, const struct datagram *d)
{
	if (d->caplen == d->len && vc_sip_looks(d->p, d->caplen))
		take_sip(s, (const char *)d->p, d->caplen);
	else
		s->counts.not_rtp++;
}

static int take_datagram(struct vc_capscan *s, const struct datagram *d)
{
	bool is_ours, is_rtcp;
	struct vc_capflow *f;
	struct vc_packet *pkt;

	if (d->caplen < 4 || d->p[0] >> 6 != 2) {
		take_other(s, d);
		return 0;
	}
	if (d->caplen > VC_FRAME_RTP_MAX) {
		s->counts.toobig++;
		return 0;
	}
	f = flow_of(s, &d->net->src, &d->net->dst);
	if (f->judged != s->heard)
		judge_flow(s, f);
	if (s->conf.wants && !f->is_wanted) {
		s->counts.not_rtp++;
		return 0;
	}
	pkt = copy(s, d);
	if (!pkt)
		return -ENOMEM;
	is_rtcp = vc_demux(d->p, d->caplen) == VC_DEMUX_RTCP;
	is_ours = is_taken(s, f) || (is_rtcp ? f->is_rtcp : f->is_rtp);
	if (is_ours)
		give(s, f, d, pkt);
	else
		look(s, f, d, pkt);
	vc_packet_unref(pkt);
	return 0;
}

/* RTP as it is. */
static int take_bare(struct vc_capscan *s, const struct vc_piece *p, int64_t t)
{
	struct datagram d = { .p = p->data,
			      .caplen = p->caplen,
			      .len = p->len,
			      .t = t };
	struct vc_packet *pkt;

	s->counts.datagrams++;
	if (d.caplen < 4 || d.p[0] >> 6 != 2) {
		s->counts.not_rtp++;
		return 0;
	}
	if (d.caplen > VC_FRAME_RTP_MAX) {
		s->counts.toobig++;
		return 0;
	}
	pkt = copy(s, &d);
	if (!pkt)
		return -ENOMEM;
	give(s, &s->bare, &d, pkt);
	vc_packet_unref(pkt);
	return 0;
}

/* A datagram, or what is as one. */
static int take_net(struct vc_capscan *s, const struct vc_netpkt *net,
		    int64_t t)
{
	const struct datagram d = { .net = net,
				    .p = net->payload,
				    .caplen = net->caplen,
				    .len = net->len,
				    .t = t };

	return take_datagram(s, &d);
}

/* Out of memory it is left out, too. */
static void on_interleaved(void *ctx, const struct vc_netpkt *net, int64_t t)
{
	(void)take_net(ctx, net, t);
}

static void on_rtsp(void *ctx)
{
	struct vc_capscan *s = ctx;

	s->heard++;
}

static void take_tcp(struct vc_capscan *s, const struct vc_netpkt *net,
		     int64_t t)
{
	s->counts.other += !vc_tcpcalls_take(s->tcp, net, t);
}

int vc_capscan_take(struct vc_capscan *s, const struct vc_piece *p, int64_t t)
{
	struct vc_netpkt net;

	s->counts.packets++;
	if (s->conf.kind != VC_FILEKIND_PCAP)
		return take_bare(s, p, t);
	switch (vc_netpkt_parse(&net, p->link, p->data, p->caplen, p->len)) {
	case VC_NETPKT_UDP:
		break;
	case VC_NETPKT_TCP:
		take_tcp(s, &net, t);
		return 0;
	case VC_NETPKT_LINK:
		s->counts.links++;
		/* fall through */
	case VC_NETPKT_OTHER:
		s->counts.other++;
		return 0;
	case VC_NETPKT_FRAGMENT:
		s->counts.fragments++;
		return 0;
	case VC_NETPKT_CUT:
		s->counts.cut++;
		return 0;
	case VC_NETPKT_BAD:
		s->counts.bad++;
		return 0;
	}
	s->counts.datagrams++;
	return take_net(s, &net, t);
}

void vc_capscan_end(struct vc_capscan *s)
{
	vc_tcpcalls_end(s->tcp);
}

/* --- life --- */

struct vc_capscan_counts vc_capscan_counts(const struct vc_capscan *s)
{
	struct vc_capscan_counts n = s->counts;

	n.tcp = vc_tcpcalls_counts(s->tcp);
	return n;
}

struct vc_capscan *vc_capscan_new(const struct vc_capscan_conf *conf)
{
	struct vc_capscan *s = vc_try_alloc(1, sizeof(*s));
	const struct vc_tcpcalls_conf tcp = { .sip = take_sip,
					      .packet = on_interleaved,
					      .told = on_rtsp,
					      .ctx = s };

	if (!s)
		return NULL;
	s->conf = *conf;
	s->oldest = s->newest = NONE;
	s->next_id = 1;
	for (size_t i = 0; i < BUCKETS; i++)
		s->buckets[i] = NONE;
	s->find = vc_rtpfind_new();
	s->calls = vc_sipcalls_new();
	s->flows = vc_try_alloc(VC_CAPSCAN_FLOWS, sizeof(*s->flows));
	s->tcp = vc_tcpcalls_new(&tcp);
	if (s->find && s->calls && s->flows && s->tcp &&
	    !vc_hashkey_init(&s->hash))
		return s;
	vc_capscan_free(s);
	return NULL;
}

void vc_capscan_free(struct vc_capscan *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < s->n; i++)
		free(s->flows[i].call);
	free(s->flows);
	vc_tcpcalls_free(s->tcp);
	vc_rtpfind_free(s->find);
	vc_sipcalls_free(s->calls);
	free(s);
}
