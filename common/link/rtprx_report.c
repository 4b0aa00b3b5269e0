/* SPDX-License-Identifier: MIT */
/*
 * What goes back: receiver reports by RFC 3550's timing, one schedule for each
 * peer, as each is a session of its own, and requests for key frames. Nothing
 * is sent to anybody who is not past probation, nor more than a twentieth of
 * what he sent, so nobody can be made to flood a third.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtprx_internal.h"

#define LEAST_BPS 64000 /* a session's, however slow it is */
#define SHARE 20	/* a twentieth: 5 % */
#define UDP_IP 28	/* octets of headers, for the timing */
#define PLI_INTERVAL VC_SEC
#define SSRC_INTERVAL (10 * VC_SEC)
#define COMPOUND 1200

/* --- writing --- */

static void write_sdes(struct vc_rtprx *r, struct vc_wr *w)
{
	const struct vc_sdes_chunk chunk = {
		.ssrc = r->ssrc,
		.cname = vc_str_c(vc_tool_cname(r->tool)),
		.name = vc_str_c(vc_tool_options(r->tool)->name),
	};

	vc_rtcp_write_sdes(w, &chunk, 1);
}

/* 0, or why nothing went: -EDQUOT, -EDESTADDRREQ (no RTCP here), -errno. */
static int send_to(struct peer *p, const struct vc_wr *w)
{
	struct vc_rtprx *r = p->ep->r;
	size_t len = vc_wr_len(w);
	int err;

	if (w->bad)
		return -EMSGSIZE;
	if (p->octets_out + len > p->octets_in / SHARE)
		return -EDQUOT;
	err = vc_port_send_rtcp(p->ep->port, p->is_next, p->seal, w->start, len,
				&p->rtcp);
	if (err)
		return err;
	p->octets_out += len;
	r->counts.rtcp_out++;
	return 0;
}

/* --- reports --- */

static unsigned int add_blocks(struct peer *p, struct vc_rtcp_report *reps,
			       int64_t now)
{
	struct vc_source *src = vc_roster_first(p->ep->r->roster);
	unsigned int n = 0;

	for (; src && n < VC_RTCP_COUNT_MAX; src = src->next) {
		struct rxsrc *s = src->user;

		if (!s || s->peer != p || s->st.packets == s->reported)
			continue;
		s->reported = s->st.packets;
		vc_rxstats_report(&s->st, &reps[n], now);
		reps[n].ssrc = src->ssrc;
		n++;
	}
	return n;
}

/* How fast he sends decides how much RTCP is fair (RFC 3550 6.2). */
static void set_pace(struct peer *p, int64_t now)
{
	int64_t ms = (now - p->first) / VC_MS;
	uint64_t bps =
		p->octets_in * 8 * 1000 / (uint64_t)(ms > 500 ? ms : 500);
	int64_t min;

	if (bps < LEAST_BPS)
		bps = LEAST_BPS;
	min = (int64_t)(360 * 1000 * (uint64_t)VC_SEC / bps);
	p->time.conf.rtcp_bps = (uint32_t)(bps / SHARE);
	p->time.conf.min = min < VC_SEC	    ? VC_SEC :
			   min > 5 * VC_SEC ? 5 * VC_SEC :
					      min;
}

static void report(struct peer *p, int64_t now)
{
	struct vc_rtprx *r = p->ep->r;
	struct vc_rtcp_report reps[VC_RTCP_COUNT_MAX];
	uint8_t buf[COMPOUND];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	unsigned int n = add_blocks(p, reps, now);

	vc_rtcp_write_rr(&w, r->ssrc, reps, n);
	write_sdes(r, &w);
	send_to(p, &w);
	vc_rtcptime_sent(&p->time, vc_wr_len(&w) + UDP_IP, now);
}

static void report_due(void *ctx, int64_t now)
{
	struct peer *p = ctx;
	struct vc_rtprx *r = p->ep->r;

	set_pace(p, now);
	vc_rtcptime_members(&p->time, p->n_sources + 1, p->n_sources, false,
			    now);
	if (vc_rtcptime_due(&p->time, now))
		report(p, now);
	vc_timer_arm(r->loop, &p->timer, vc_rtcptime_next(&p->time));
}

/* --- peers --- */

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

struct peer *vc_rtprx_peer_get(struct endpoint *ep, const struct vc_port_msg *m)
{
	struct vc_rtprx *r = ep->r;
	int64_t now = vc_loop_now(r->loop);
	const struct vc_rtcptime_conf conf = {
		.rtcp_bps = LEAST_BPS / SHARE, /* set_pace() will know better */
		.min = VC_SEC,
		.first_len = 64 + UDP_IP,
	};
	struct peer *p;

	for (p = r->peers; p; p = p->next) {
		if (p->ep == ep && p->key == m->peer) {
			p->n_sources++;
			return p;
		}
	}
	p = vc_try_alloc(1, sizeof(*p));
	if (!p)
		return NULL;
	*p = (struct peer){ .ep = ep,
			    .key = m->peer,
			    .host = m->host,
			    .rtp = *m->from,
			    .n_sources = 1,
			    .first = now,
			    .next = r->peers };
	r->peers = p;
	if (m->is_authentic)
		p->seal = vc_keychain_seal(r->conf.keychain,
					   m->key_name ? m->key_name : "");
	assume_rtcp(p);
	vc_rtcptime_init(&p->time, &conf, vc_tool_rand(r->tool), now);
	p->timer = (struct vc_timer){ .fn = report_due, .ctx = p };
	if (vc_port_can_send(ep->port))
		vc_timer_arm(r->loop, &p->timer, vc_rtcptime_next(&p->time));
	return p;
}

void vc_rtprx_peer_put(struct vc_rtprx *r, struct peer *p)
{
	struct peer **at = &r->peers;

	p->n_sources--;
	if (p->n_sources)
		return;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	vc_timer_cancel(r->loop, &p->timer);
	free(p);
}

void vc_rtprx_peer_rtcp(struct peer *p, const struct sockaddr_storage *from,
			size_t len, bool is_next)
{
	struct vc_source *src;

	p->octets_in += len;
	vc_rtcptime_received(&p->time, len + UDP_IP);
	if (p->ep->port->rtcp_at == VC_RTCP_AT_MUX ||
	    (p->is_next == is_next && vc_udp_same(&p->rtcp, from, true)))
		return;
	p->rtcp = *from;
	p->is_next = is_next;
	for (src = vc_roster_first(p->ep->r->roster); src; src = src->next) {
		struct rxsrc *s = src->user;

		if (s && s->peer == p)
			vc_rtprx_tell_way(s);
	}
}

/* --- the way back --- */

/* Is it known where to, without trusting an address that anybody can forge? */
static bool is_proven(const struct rxsrc *s)
{
	return s->key >= 0 || s->ep->has_source;
}

void vc_rtprx_tell_way(struct rxsrc *s)
{
	const struct vc_rtprx_conf *conf = &s->r->conf;
	const struct peer *p = s->peer;
	const struct vc_rtprx_way way = { .port = s->ep->port,
					  .rtp = p ? &p->rtp : NULL,
					  .rtcp = p ? &p->rtcp : NULL,
					  .by_next = p && p->is_next,
					  .is_proven = is_proven(s) };

	if (!conf->back.reach || !p)
		return;
	if (!way.is_proven &&
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

/* --- key frames --- */

void vc_rtprx_want_key(struct rxsrc *s)
{
	if (!vc_port_can_send(s->ep->port))
		return;
	s->wants_pli = true;
	vc_rtprx_ask_key(s, vc_loop_now(s->r->loop));
}

void vc_rtprx_ask_key(struct rxsrc *s, int64_t now)
{
	struct vc_rtprx *r = s->r;
	uint8_t buf[COMPOUND];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!s->peer ||
	    (s->last_pli != VC_TIME_NONE && now - s->last_pli < PLI_INTERVAL))
		return;
	vc_rtcp_write_rr(&w, r->ssrc, NULL, 0);
	write_sdes(r, &w);
	vc_rtcp_write_pli(&w, r->ssrc, s->src->ssrc);
	/* Over his budget: it goes when more has come. */
	if (send_to(s->peer, &w) == -EDQUOT)
		return;
	s->wants_pli = false;
	s->last_pli = now;
	r->counts.pli_out++;
}

/* --- our own SSRC --- */

void vc_rtprx_say_bye(struct vc_rtprx *r)
{
	for (struct peer *p = r->peers; p; p = p->next) {
		uint8_t buf[COMPOUND];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));

		vc_rtcp_write_rr(&w, r->ssrc, NULL, 0);
		write_sdes(r, &w);
		vc_rtcp_write_bye(&w, &r->ssrc, 1, vc_str_c(NULL));
		/* To those who have heard of us. */
		if (p->octets_out)
			send_to(p, &w);
	}
}

void vc_rtprx_new_ssrc(struct vc_rtprx *r)
{
	int64_t now = vc_loop_now(r->loop);

	if (r->ssrc_draws) {
		if (now - r->ssrc_changed < SSRC_INTERVAL)
			return;
		vc_rtprx_say_bye(r);
		vc_roster_own(r->roster, r->ssrc, false);
	}
	/* A key is not to be used for the same SSRC in two runs. */
	r->ssrc = vc_rand_u32(vc_keychain_is_on(r->conf.keychain) ?
				      vc_keychain_rand(r->conf.keychain) :
				      vc_tool_rand(r->tool),
			      "ssrc", r->ssrc_draws);
	r->ssrc_draws++;
	r->ssrc_changed = now;
	vc_roster_own(r->roster, r->ssrc, true);
}
