/* SPDX-License-Identifier: MIT */
/*
 * Peers: the addresses that sources send from. Each is an RTP session of its
 * own, with a schedule for what is sent back to it.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtprx_internal.h"
#include "session/twccrx.h"

#define FIRST_LEN 64	/* of a first report, octets */
#define FIRST_BPS 64000 /* of media, as long as it is not known */

/* --- where it is --- */

/* Is it known where to, without trusting an address that anybody can forge?
 * Else a participant stays where his first packets came from: others can have
 * his CNAME. */
static enum vc_addr_trust trust(const struct rxsrc *s)
{
	if (s->key >= 0 || s->ep->has_source)
		return VC_ADDR_PROVEN;
	return s->ep->latch == LATCH_ALWAYS || s->ep->is_latched ?
		       VC_ADDR_BELIEVED :
		       VC_ADDR_SAID;
}

void vc_rtprx_tell_way(struct rxsrc *s)
{
	const struct vc_rtprx_conf *conf = &s->r->conf;
	const struct peer *p = s->peer;
	const struct vc_rtprx_way way = { .port = s->ep->port,
					  .rtp = p ? &p->rtp : NULL,
					  .rtcp = p ? &p->rtcp : NULL,
					  .by_next = p && p->is_next,
					  .trust = trust(s) };

	if (!conf->back.reach || !p)
		return;
	if (way.trust != VC_ADDR_PROVEN &&
	    (!s->ep->latch || !vc_addr_may_latch(&conf->rules, &p->rtp))) {
		vc_tool_warn_limited(s->r->tool, &s->r->warn_latch,
				     "%s: nothing is sent back to %s: anybody "
				     "can forge an address (cure: --allow, "
				     "--open, or keys)",
				     s->ep->where.text, s->src->addr);
		return;
	}
	conf->back.reach(conf->back.ctx, s->src->who, &way);
}

/* Where its RTCP is, until some comes and tells. */
static void assume_rtcp(struct peer *p)
{
	struct endpoint *ep = p->ep;

	p->rtcp = p->rtp;
	p->is_next = ep->port->rtcp && (ep->port->rtcp_at == VC_RTCP_AT_NEXT ||
					ep->port->rtcp_at == VC_RTCP_AT_PORT);
	if (p->is_next)
		vc_udp_set_port(&p->rtcp, (uint16_t)(vc_udp_port(&p->rtp) + 1));
}

/* --- coming and going --- */

struct peer *vc_rtprx_peer_find(struct endpoint *ep,
				const struct vc_port_msg *m)
{
	struct peer *p = ep->r->peers_by_key[m->peer % PEER_BUCKETS];

	while (p && (p->ep != ep || p->key != m->peer))
		p = p->next_alike;
	return p;
}

static struct peer *peer_new(struct endpoint *ep, const struct vc_port_msg *m)
{
	struct vc_rtprx *r = ep->r;
	int64_t now = vc_loop_now(r->loop);
	const struct vc_rtcptime_conf conf = {
		.rtcp_bps = FIRST_BPS / 20,
		.min = ep->is_group ? 0 : VC_SEC,
		.keeps_min = ep->is_group,
		.first_len = FIRST_LEN + UDP_IP,
	};
	const size_t bucket = m->peer % PEER_BUCKETS;
	struct peer *p = vc_try_alloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (struct peer){ .ep = ep,
			    .key = m->peer,
			    .host = m->host,
			    .rtp = *m->from,
			    .first = now,
			    .fb_at = INT64_MAX,
			    .cc_at = INT64_MAX,
			    .rtt = -1,
			    .nack_rtt = -1,
			    .next = r->peers,
			    .next_alike = r->peers_by_key[bucket] };
	p->sources_end = &p->sources;
	r->peers = p;
	r->peers_by_key[bucket] = p;
	if (m->is_authentic && !ep->port->dtls)
		p->seal = vc_keychain_seal(r->conf.keychain,
					   m->key_name ? m->key_name : "");
	assume_rtcp(p);
	p->fb_timer =
		(struct vc_timer){ .fn = vc_rtprx_feedback_due, .ctx = p };
	p->cc_timer = (struct vc_timer){ .fn = vc_rtprx_cc_due, .ctx = p };
	p->timer = (struct vc_timer){ .fn = vc_rtprx_report_due, .ctx = p };
	vc_rtcptime_init(&p->time, &conf, vc_tool_rand(r->tool), now);
	/* However many sources it has: it is he and we. In a group the others
	 * are not heard, as their reports go to him. */
	vc_rtcptime_members(&p->time, 2, 1, false, now);
	if (vc_port_can_send(ep->port) &&
	    vc_rtprx_has_feedback(r, VC_FEEDBACK_RR, true))
		vc_timer_arm(r->loop, &p->timer, vc_rtcptime_next(&p->time));
	return p;
}

static void peer_free(struct peer *p)
{
	struct vc_rtprx *r = p->ep->r;
	struct peer **at = &r->peers;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	at = &r->peers_by_key[p->key % PEER_BUCKETS];
	while (*at != p)
		at = &(*at)->next_alike;
	*at = p->next_alike;
	vc_timer_cancel(r->loop, &p->timer);
	vc_timer_cancel(r->loop, &p->fb_timer);
	vc_timer_cancel(r->loop, &p->cc_timer);
	vc_twccrx_free(p->cc);
	free(p);
}

struct rxsrc *vc_rtprx_after(const struct peer *p, const struct rxsrc *s)
{
	return s->next_of_peer ? s->next_of_peer : p->sources;
}

void vc_rtprx_peer_leave(struct rxsrc *s)
{
	struct peer *p = s->peer;
	struct rxsrc **at;

	if (!p)
		return;
	at = &p->sources;
	while (*at != s)
		at = &(*at)->next_of_peer;
	*at = s->next_of_peer;
	if (!*at)
		p->sources_end = at;
	if (p->turn == s)
		p->turn = *at;
	if (p->xr_turn == s)
		p->xr_turn = *at;
	s->peer = NULL;
	p->n_sources--;
	if (!p->n_sources)
		peer_free(p);
}

void vc_rtprx_peer_join(struct rxsrc *s, const struct vc_port_msg *m)
{
	struct peer *p = vc_rtprx_peer_find(s->ep, m);

	if (!p)
		p = peer_new(s->ep, m);
	vc_rtprx_peer_leave(s);
	if (!p)
		return;
	s->next_of_peer = NULL;
	*p->sources_end = s;
	p->sources_end = &s->next_of_peer;
	s->peer = p;
	p->n_sources++;
}

void vc_rtprx_peer_rtcp(struct peer *p, const struct sockaddr_storage *from,
			size_t len, bool is_next)
{
	p->octets_in += len;
	vc_rtcptime_received(&p->time, len + UDP_IP);
	if (p->ep->port->rtcp_at == VC_RTCP_AT_MUX ||
	    (p->is_next == is_next && vc_udp_same(&p->rtcp, from, true)))
		return;
	p->rtcp = *from;
	p->is_next = is_next;
	for (struct rxsrc *s = p->sources; s; s = s->next_of_peer)
		vc_rtprx_tell_way(s);
}
