/* SPDX-License-Identifier: MIT */
/*
 * Whether the first packets of a flow are RTP is known by those that follow.
 * Until then they wait, and so do all others, so that the order stays.
 */
#include "tool/capin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/slide.h"
#include "base/time.h"
#include "session/rtpfind.h"
#include "session/tcpcalls.h"
#include "tool/capture_internal.h"
#include "wire/frame.h"

#define WAITING 256	   /* packets that wait for a flow to be known */
#define WAITS (1 * VC_SEC) /* and so long */

/* A packet that is given once all before it were. */
struct waiting {
	struct vc_packet *pkt;
	struct vc_netaddr from;
	bool is_rtp; /* else it is not known yet */
};

struct vc_capin {
	struct vc_capin_conf conf;
	struct vc_pcap pcap;
	struct vc_rtpdump rtpdump;
	struct vc_mjr mjr;
	struct vc_mjrinfo info;
	struct vc_rtpfind *find;
	struct vc_tcpcalls *tcp;
	int err;	       /* of a packet that came by TCP */
	unsigned int first, n; /* of 'queue' */
	struct waiting queue[WAITING];
	int64_t last; /* time of the packet before */
	struct vc_slide slide;
	bool is_begun;
};

/* --- packets --- */

static struct waiting *nth(struct vc_capin *c, unsigned int i)
{
	return &c->queue[(c->first + i) % WAITING];
}

static void release(struct vc_capin *c)
{
	struct waiting *w = nth(c, 0);

	if (w->is_rtp)
		c->conf.packet(c->conf.ctx, w->pkt, &w->from);
	vc_packet_unref(w->pkt);
	c->first = (c->first + 1) % WAITING;
	c->n--;
}

static void wait_for(struct vc_capin *c, struct vc_packet *pkt,
		     const struct vc_netaddr *from, bool is_rtp)
{
	if (c->n == WAITING)
		release(c);
	*nth(c, c->n) = (struct waiting){ vc_packet_ref(pkt), *from, is_rtp };
	c->n++;
}

/* It turned out to be RTP. What waited for too long comes late. */
static void confirm(struct vc_capin *c, struct vc_packet *pkt,
		    const struct vc_netaddr *from)
{
	for (unsigned int i = 0; i < c->n; i++) {
		if (nth(c, i)->pkt != pkt)
			continue;
		nth(c, i)->is_rtp = true;
		return;
	}
	c->conf.packet(c->conf.ctx, pkt, from);
}

static void give_found(struct vc_capin *c, const struct vc_netpkt *net,
		       struct vc_packet *pkt)
{
	struct vc_packet *held;
	struct vc_rtpflow *flow;

	switch (vc_rtpfind_take(c->find, &net->src, &net->dst, pkt, &flow)) {
	case VC_RTPFIND_RTP:
		while ((held = vc_rtpfind_pop(flow))) {
			confirm(c, held, &net->src);
			vc_packet_unref(held);
		}
		/* fall through */
	case VC_RTPFIND_RTCP:
		wait_for(c, pkt, &net->src, true);
		break;
	case VC_RTPFIND_MAYBE:
		wait_for(c, pkt, &net->src, false);
		break;
	case VC_RTPFIND_NO:
		break;
	}
	while (c->n &&
	       (nth(c, 0)->is_rtp || c->last - nth(c, 0)->pkt->arrival > WAITS))
		release(c);
}

/* A datagram that was captured whole; 'net' is NULL where all are RTP. */
static int give(struct vc_capin *c, const struct vc_netpkt *net,
		const uint8_t *p, size_t len, int64_t t)
{
	struct vc_packet *pkt;

	if (len < 4 || len > VC_FRAME_RTP_MAX || p[0] >> 6 != 2)
		return 0;
	pkt = vc_packet_new(c->conf.pool, len);
	if (!pkt)
		return -ENOMEM;
	memcpy(pkt->data, p, len);
	pkt->len = len;
	pkt->arrival = t;
	if (net)
		give_found(c, net, pkt);
	else
		c->conf.packet(c->conf.ctx, pkt, NULL);
	vc_packet_unref(pkt);
	return 0;
}

static void describe(struct vc_capin *c, const struct vc_piece *p)
{
	struct vc_sdp *sdp = c->info.is_told ? NULL :
					       vc_try_alloc(1, sizeof(*sdp));

	if (sdp && vc_mjrinfo_sdp(&c->info, p, sdp))
		c->conf.desc(c->conf.ctx, sdp);
	free(sdp);
}

static void give_interleaved(void *ctx, const struct vc_netpkt *net, int64_t t)
{
	struct vc_capin *c = ctx;

	if (!c->err)
		c->err = give(c, net, net->payload, net->caplen, t);
}

static int take_net(struct vc_capin *c, const struct vc_piece *p)
{
	struct vc_netpkt net;

	switch (vc_netpkt_parse(&net, p->link, p->data, p->caplen, p->len)) {
	case VC_NETPKT_UDP:
		if (net.caplen < net.len)
			return 0;
		return give(c, &net, net.payload, net.caplen, c->last);
	case VC_NETPKT_TCP:
		vc_tcpcalls_take(c->tcp, &net, c->last);
		return c->err;
	default:
		return 0;
	}
}

static int take_packet(struct vc_capin *c, const struct vc_piece *p)
{
	int64_t t = p->time;

	if (c->conf.kind == VC_FILEKIND_MJR)
		t = vc_mjrinfo_time(&c->info, p);
	if (t != VC_TIME_NONE)
		c->last = t < 0			? 0 :
			  t > VC_FRAME_TIME_MAX ? VC_FRAME_TIME_MAX :
						  t;
	if (c->conf.kind == VC_FILEKIND_MJR)
		describe(c, p);
	if (c->conf.kind == VC_FILEKIND_PCAP)
		return take_net(c, p);
	return p->caplen < p->len ? 0 :
				    give(c, NULL, p->data, p->caplen, c->last);
}

static int next_piece(struct vc_capin *c, const uint8_t *buf, size_t len,
		      struct vc_piece *p)
{
	switch (c->conf.kind) {
	case VC_FILEKIND_RTPDUMP:
		return vc_rtpdump_next(&c->rtpdump, buf, len, p);
	case VC_FILEKIND_MJR:
		return vc_mjr_next(&c->mjr, buf, len, p);
	default:
		return vc_pcap_next(&c->pcap, buf, len, p);
	}
}

static int take_piece(struct vc_capin *c, const struct vc_piece *p)
{
	c->is_begun = true;
	if (p->kind == VC_PIECE_PACKET)
		return take_packet(c, p);
	return p->kind == VC_PIECE_INFO ? vc_mjrinfo_take(&c->info, p) : 0;
}

static int next(void *ctx, const uint8_t *p, size_t len, uint64_t *size)
{
	struct vc_capin *c = ctx;
	struct vc_piece piece;
	int got = next_piece(c, p, len, &piece), err;

	if (got <= 0)
		return got;
	*size = piece.size;
	err = take_piece(c, &piece);
	return err ? err : 1;
}

int vc_capin_put(struct vc_capin *c, const uint8_t *p, size_t len)
{
	return vc_slide_put(&c->slide, p, len);
}

bool vc_capin_end(struct vc_capin *c)
{
	vc_tcpcalls_end(c->tcp);
	while (c->n)
		release(c);
	return c->is_begun && vc_slide_is_empty(&c->slide);
}

struct vc_capin *vc_capin_new(const struct vc_capin_conf *conf)
{
	struct vc_capin *c = vc_try_alloc(1, sizeof(*c));
	const struct vc_tcpcalls_conf tcp = { .packet = give_interleaved,
					      .ctx = c };

	if (!c)
		return NULL;
	c->conf = *conf;
	c->slide.next = next;
	c->slide.ctx = c;
	c->last = VC_VIRTUAL_EPOCH;
	c->find = vc_rtpfind_new();
	c->tcp = vc_tcpcalls_new(&tcp);
	if (c->find && c->tcp)
		return c;
	vc_capin_free(c);
	return NULL;
}

void vc_capin_free(struct vc_capin *c)
{
	if (!c)
		return;
	while (c->n) {
		nth(c, 0)->is_rtp = false;
		release(c);
	}
	vc_rtpfind_free(c->find);
	vc_tcpcalls_free(c->tcp);
	vc_slide_clear(&c->slide);
	free(c);
}
