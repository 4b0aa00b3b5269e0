/* SPDX-License-Identifier: MIT */
/*
 * RTCP that comes in. A compound is taken whole or not at all: it must be
 * valid, and may name no source that is known to be of another host. What
 * belongs into a stream (SR, SDES, BYE, APP) is passed on. It often comes
 * before the first packet of its source is admitted; such compounds wait in a
 * small ring, for then.
 */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "link/rtprx_internal.h"

#define MAX_A_SECOND 50 /* compounds of one peer that are taken */

/* --- whose is it? --- */

static struct vc_source *find(const struct endpoint *ep, uint32_t ssrc)
{
	return vc_roster_find(ep->r->roster, ep->index, ssrc);
}

static bool is_foreign(const struct endpoint *ep, const struct vc_port_msg *m,
		       uint32_t ssrc)
{
	const struct vc_source *src = find(ep, ssrc);

	if (m->is_authentic)
		return src && (src->cert != m->cert ||
			       strcmp(src->key_name,
				      m->key_name ? m->key_name : "") != 0);
	return src && src->host != m->host;
}

/* Does it speak of somebody else's source? */
static bool names_foreign(const struct endpoint *ep,
			  const struct vc_port_msg *m)
{
	struct vc_rd rd = vc_rd_over(m->pkt->data, m->pkt->len);
	struct vc_rtcp p;

	while (vc_rtcp_next(&rd, &p)) {
		struct vc_sdes_iter it = vc_sdes_over(&p);
		struct vc_sdes_item item;
		struct vc_rtcp_sr sr;
		struct vc_rtcp_bye bye;

		if (!vc_rtcp_parse_sr(&sr, &p) && is_foreign(ep, m, sr.ssrc))
			return true;
		while (p.pt == VC_RTCP_SDES && vc_sdes_next(&it, &item)) {
			if (is_foreign(ep, m, item.ssrc))
				return true;
		}
		if (vc_rtcp_parse_bye(&bye, &p))
			continue;
		for (unsigned int i = 0; i < bye.n; i++) {
			if (is_foreign(ep, m, vc_rtcp_bye_ssrc(&bye, i)))
				return true;
		}
	}
	return false;
}

struct met {
	struct endpoint *ep;
	const struct vc_port_msg *m;
};

static bool is_ours(void *ctx, uint32_t ssrc)
{
	const struct met *met = ctx;
	struct vc_origin origin = vc_rtprx_origin(met->ep, met->m);
	int err = vc_roster_check_own(met->ep->r->roster, &origin, ssrc,
				      met->m->pkt->arrival);

	if (err == -ELOOP)
		vc_rtprx_collided(met->ep->r, ssrc);
	return err;
}

/* Does it speak for us? Somebody has our SSRC, or sends back what we sent. */
static bool is_own(struct endpoint *ep, const struct vc_port_msg *m)
{
	struct met met = { .ep = ep, .m = m };

	return vc_rtcp_any_author(m->pkt->data, m->pkt->len, is_ours, &met);
}

/* --- taking --- */

static void take_sr(struct endpoint *ep, const struct vc_port_msg *m,
		    const struct vc_rtcp_sr *sr)
{
	struct vc_origin origin = vc_rtprx_origin(ep, m);
	struct vc_source *src = vc_roster_sr(ep->r->roster, &origin, sr->ssrc,
					     sr->ntp, sr->rtp_ts,
					     m->pkt->arrival);
	struct rxsrc *s = src ? src->user : NULL;

	if (s)
		vc_rxstats_sr(&s->st, sr->ntp, m->pkt->arrival);
}

static void take_sdes(struct endpoint *ep, const struct vc_port_msg *m,
		      const struct vc_rtcp *p)
{
	const struct vc_str none = { 0 };
	struct vc_origin origin = vc_rtprx_origin(ep, m);
	struct vc_sdes_iter it = vc_sdes_over(p);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		bool is_name = item.type == VC_SDES_NAME;

		if (!is_name && item.type != VC_SDES_CNAME)
			continue;
		vc_roster_sdes(ep->r->roster, &origin, item.ssrc,
			       is_name ? none : item.text,
			       is_name ? item.text : none, m->pkt->arrival);
	}
}

static void take_bye(struct endpoint *ep, const struct vc_port_msg *m,
		     const struct vc_rtcp_bye *bye)
{
	struct vc_origin origin = vc_rtprx_origin(ep, m);

	for (unsigned int i = 0; i < bye->n; i++)
		vc_roster_bye(ep->r->roster, &origin, vc_rtcp_bye_ssrc(bye, i),
			      m->pkt->arrival);
}

static void take_all(struct endpoint *ep, const struct vc_port_msg *m,
		     struct peer *peer)
{
	struct vc_rd rd = vc_rd_over(m->pkt->data, m->pkt->len);
	struct vc_rtcp p;

	while (vc_rtcp_next(&rd, &p)) {
		struct vc_rtcp_sr sr;
		struct vc_rtcp_bye bye;

		if (!vc_rtcp_parse_sr(&sr, &p))
			take_sr(ep, m, &sr);
		else if (p.pt == VC_RTCP_SDES)
			take_sdes(ep, m, &p);
		else if (p.pt == VC_RTCP_XR && peer)
			vc_rtprx_take_xr(peer, &p, m->pkt->arrival);
		else if (!vc_rtcp_parse_bye(&bye, &p))
			take_bye(ep, m, &bye);
	}
}

/* --- passing on --- */

/* Equal SSRCs of two endpoints have another one in the stream. */
static void remap(const struct endpoint *ep, struct vc_packet *pkt)
{
	const struct vc_source *src = vc_roster_first(ep->r->roster);

	for (; ep->r->n > 1 && src; src = src->next) {
		const struct rxsrc *s = src->user;

		if (s && src->input == ep->index && s->out_ssrc != src->ssrc)
			vc_rtcp_remap(pkt->data, pkt->len, src->ssrc,
				      s->out_ssrc);
	}
}

/* What of it goes into the stream, or NULL: nothing. */
static struct vc_packet *strip(struct vc_rtprx *r, const struct vc_packet *pkt)
{
	struct vc_packet *out =
		vc_packet_new(vc_tool_pool(r->tool), pkt->len + 8);
	struct vc_wr w;

	if (!out)
		return NULL;
	w = vc_wr_over(out->data, out->cap);
	vc_rtcp_write_stripped(&w, pkt->data, pkt->len);
	out->len = w.bad ? 0 : vc_wr_len(&w);
	out->arrival = pkt->arrival;
	if (out->len)
		return out;
	vc_packet_unref(out);
	return NULL;
}

static void keep_early(struct vc_rtprx *r, const struct endpoint *ep,
		       const struct vc_port_msg *m, uint32_t author)
{
	struct early *e = &r->early[r->next_early];
	struct vc_packet *out = strip(r, m->pkt);

	if (!out)
		return;
	r->next_early = (r->next_early + 1) % EARLY;
	vc_packet_unref(e->pkt);
	*e = (struct early){ .pkt = out,
			     .input = ep->index,
			     .ssrc = author,
			     .host = m->host,
			     .key_name = m->key_name,
			     .from = *m->from,
			     .is_next = m->is_next };
}

static void early_sr(struct rxsrc *s, const struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp_sr sr;
	struct vc_rtcp p;

	while (vc_rtcp_next(&rd, &p)) {
		if (!vc_rtcp_parse_sr(&sr, &p) && sr.ssrc == s->src->ssrc)
			vc_rxstats_sr(&s->st, sr.ntp, pkt->arrival);
	}
}

void vc_rtprx_early_write(struct vc_rtprx *r, struct rxsrc *s)
{
	/* From the oldest on. */
	for (unsigned int i = 0; i < EARLY; i++) {
		struct early *e = &r->early[(r->next_early + i) % EARLY];

		if (!e->pkt || e->input != s->src->input ||
		    e->ssrc != s->src->ssrc || e->host != s->src->host ||
		    strcmp(e->key_name ? e->key_name : "", s->src->key_name))
			continue;
		if (s->peer)
			vc_rtprx_peer_rtcp(s->peer, &e->from, e->pkt->len,
					   e->is_next);
		early_sr(s, e->pkt);
		remap(s->ep, e->pkt);
		vc_out_packet(r->out, e->pkt, true);
		vc_packet_unref(e->pkt);
		e->pkt = NULL;
	}
}

void vc_rtprx_early_clear(struct vc_rtprx *r)
{
	for (unsigned int i = 0; i < EARLY; i++)
		vc_packet_unref(r->early[i].pkt);
}

/* Of one peer no more than this is taken, whatever he sends. */
static bool is_too_much(struct peer *p, int64_t now)
{
	if (now - p->rtcp_second >= VC_SEC) {
		p->rtcp_second = now;
		p->rtcp_n = 0;
	}
	p->rtcp_n++;
	return p->rtcp_n > MAX_A_SECOND;
}

/* A short one only where that was agreed on; it names its author. */
static bool is_valid(const struct endpoint *ep, const struct vc_packet *pkt)
{
	if (!ep->is_rsize)
		return !vc_rtcp_check(pkt->data, pkt->len);
	return pkt->len >= 8 && !vc_rtcp_check_reduced(pkt->data, pkt->len);
}

void vc_rtprx_take_rtcp(void *ctx, const struct vc_port_msg *m)
{
	struct endpoint *ep = ctx;
	struct vc_rtprx *r = ep->r;
	struct vc_packet *pkt = m->pkt, *out;
	struct vc_source *author;
	struct rxsrc *s;

	if (r->is_over || r->why || !vc_rtprx_may_come(ep, m))
		return;
	r->counts.rtcp_in++;
	if (!is_valid(ep, pkt)) {
		r->counts.rtcp_malformed++;
		return;
	}
	if (is_own(ep, m))
		return;
	author = find(ep, vc_get_u32(pkt->data + 4));
	s = author ? author->user : NULL;
	if (names_foreign(ep, m) ||
	    is_foreign(ep, m, vc_get_u32(pkt->data + 4))) {
		r->counts.rtcp_foreign++;
		return;
	}
	if (s && s->peer && is_too_much(s->peer, pkt->arrival)) {
		r->counts.rtcp_held++;
		return;
	}
	if (s && s->peer)
		vc_rtprx_peer_rtcp(s->peer, m->from, pkt->len, m->is_next);
	r->msg = m;
	take_all(ep, m, s ? s->peer : NULL);
	if (!s) {
		keep_early(r, ep, m, vc_get_u32(pkt->data + 4));
		return;
	}
	if (!s->is_shown)
		return;
	out = strip(r, pkt);
	if (!out)
		return;
	remap(ep, out);
	vc_out_packet(r->out, out, true);
	vc_packet_unref(out);
}
