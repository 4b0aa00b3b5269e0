/* SPDX-License-Identifier: MIT */
/*
 * Retransmissions (RFC 4588): each is made the packet again that it repeats,
 * and takes its way. Whose it is says the description, or is guessed from what
 * was asked for; but it is taken from the address of that source only, and
 * makes no source of its own.
 */
#include "link/rtprx_internal.h"
#include "session/rtxmap.h"
#include "wire/rtpext.h"
#include "wire/rtx.h"

static struct rxsrc *source_of(struct endpoint *ep, const struct vc_port_msg *m,
			       uint32_t ssrc)
{
	struct vc_source *src = vc_roster_find(ep->r->roster, ep->index, ssrc);
	struct rxsrc *s = src ? src->user : NULL;

	return s && s->peer && s->peer->key == m->peer ? s : NULL;
}

/* Has it packets of this type? In RED they have another one inside. */
static bool is_carried(const struct rxsrc *s, uint8_t apt)
{
	const struct format *f = &s->ep->formats[apt];

	return s->src->pt == apt ||
	       (f->codec == VC_CODEC_RED && (int)f->kind == s->src->kind);
}

/* Whose is it, by what is missing? */
static void learn(struct endpoint *ep, const struct vc_port_msg *m,
		  const struct vc_rtp *rtp, uint16_t osn)
{
	const struct peer *p = vc_rtprx_peer_find(ep, m);
	struct vc_rtxguess g = { 0 };
	struct vc_str rid;
	bool has_rid;

	has_rid = vc_ext_token(rtp, ep->rid_exts.repaired, &rid);
	for (struct rxsrc *s = p ? p->sources : NULL; s; s = s->next_of_peer) {
		bool is_asked = vc_nack_is_asked(&s->rep.nack, osn);
		bool is_his = has_rid && vc_str_is(rid, s->src->rid);

		/* Another layer's it is not. */
		if (is_carried(s, ep->formats[rtp->pt].apt) &&
		    (is_his || !has_rid || !s->src->rid[0]))
			vc_rtxguess_add(&g, s->src->ssrc,
					(is_asked ? VC_RTX_BY_ASKED : 0) |
						(is_his ? VC_RTX_BY_RID : 0));
	}
	vc_rtxmap_learn(ep->rtxmap, rtp->ssrc, &g, m->pkt->arrival);
}

/* Are there packets from there that could be lost and sent again so? */
static bool has_media(struct endpoint *ep, const struct vc_port_msg *m,
		      uint8_t apt)
{
	const struct peer *p = vc_rtprx_peer_find(ep, m);

	for (struct rxsrc *s = p ? p->sources : NULL; s; s = s->next_of_peer)
		if (is_carried(s, apt))
			return true;
	return false;
}

/* The source that it is of, or NULL. */
static struct rxsrc *media_of(struct endpoint *ep, const struct vc_port_msg *m,
			      const struct vc_rtp *rtp, uint16_t osn)
{
	int64_t now = m->pkt->arrival;
	uint32_t ssrc;

	if (!ep->rtxmap)
		ep->rtxmap = vc_rtxmap_new();
	if (!ep->rtxmap)
		return NULL;
	if (!vc_rtxmap_find(ep->rtxmap, rtp->ssrc, now, &ssrc)) {
		learn(ep, m, rtp, osn);
		if (!vc_rtxmap_find(ep->rtxmap, rtp->ssrc, now, &ssrc))
			return NULL;
	}
	return source_of(ep, m, ssrc);
}

/* It probes the path, and is paid for like all else. */
static void took_padding(struct endpoint *ep, const struct vc_port_msg *m)
{
	struct peer *p = vc_rtprx_peer_find(ep, m);

	if (p)
		p->octets_in += m->pkt->len;
}

void vc_rtprx_take_rtx(struct endpoint *ep, const struct vc_port_msg *m,
		       const struct vc_rtp *rtp)
{
	struct vc_packet *pkt = m->pkt;
	struct rxsrc *s;
	uint16_t osn;

	if (!vc_repair_has(&ep->r->conf.repair, VC_REPAIR_RTX, true)) {
		ep->r->counts.repair++;
		return;
	}
	if (!vc_rtx_osn(rtp, &osn)) {
		took_padding(ep, m);
		return;
	}
	s = media_of(ep, m, rtp, osn);
	if (!s) {
		/* By a default, 97 is RTX: others have sound there. */
		if (has_media(ep, m, ep->formats[rtp->pt].apt))
			ep->r->counts.repair++;
		else
			vc_rtprx_complain_rtx(ep, rtp);
		return;
	}
	ep->formats[rtp->pt].bad_row = 0;
	s->peer->octets_in += pkt->len;
	vc_rtxmap_was_asked(ep->rtxmap, rtp->ssrc,
			    vc_nack_is_asked(&s->rep.nack, osn));
	if (vc_rtx_unwrap(pkt->data, &pkt->len, s->src->ssrc,
			  ep->formats[rtp->pt].apt))
		return;
	vc_ext_rename(pkt->data, pkt->len, ep->rid_exts.repaired,
		      ep->rid_exts.rid);
	vc_rtprx_take_again(s, pkt);
}
