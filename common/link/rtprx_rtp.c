/* SPDX-License-Identifier: MIT */
/*
 * The way of a packet: size, kind (RFC 7983), header, payload type, its
 * codec's parser, the roster; whatever fails at one is dropped and counted
 * there, cheapest first. Then it is counted as received and passed on, and
 * what it wins back with it (rtprx_fec.c).
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "link/rtprx_internal.h"
#include "tool/formats.h"
#include "wire/keystart.h"
#include "wire/vp8.h"

#define BAD_ROW 3 /* packets refused in a row: it is another format */

struct vc_origin vc_rtprx_origin(const struct endpoint *ep,
				 const struct vc_port_msg *m)
{
	return (struct vc_origin){
		.input = ep->index,
		.host = m->host,
		.peer = m->peer,
		.operator_name = ep->where.name[0] ? ep->where.name : NULL,
		.key_name = m->key_name,
		.cert = m->cert,
		.authenticated = m->is_authentic,
		.may_move = ep->latch == LATCH_ALWAYS,
	};
}

bool vc_rtprx_may_come(struct endpoint *ep, const struct vc_port_msg *m)
{
	/* RTCP may come from another port of the same host. */
	bool with_port = !m->is_rtcp && vc_udp_port(&ep->source);

	if (vc_addr_may_come(&ep->r->conf.rules, m->from) &&
	    ((!ep->has_source && !ep->is_latched) ||
	     vc_udp_same(m->from, &ep->source, with_port)))
		return true;
	ep->r->counts.stranger++;
	return false;
}

/* --- payload types --- */

static const char *guess(const struct vc_rtp *rtp)
{
	return vc_vp8_is_key_start(rtp->payload, rtp->payload_len) ? "VP8" :
								     "opus";
}

VC_COLD static void complain_undescribed(struct endpoint *ep,
					 const struct vc_rtp *rtp)
{
	struct format *f = &ep->formats[rtp->pt];

	ep->r->counts.pt++;
	if (f->is_named)
		return;
	f->is_named = vc_tool_warn_limited(
		ep->r->tool, &ep->r->warn_pt,
		"%s: payload type %u is not described: "
		"dropped (cure: --sdp FILE or --pt %u=%s)",
		ep->where.text, rtp->pt, rtp->pt, guess(rtp));
}

/* Another one of 'f' that it does not fit: is that to be said? */
static bool is_bad_row(struct format *f)
{
	if (f->bad_row < BAD_ROW)
		f->bad_row++;
	return !f->is_named && f->bad_row == BAD_ROW;
}

VC_COLD static void complain_unfit(struct endpoint *ep,
				   const struct vc_rtp *rtp)
{
	struct format *f = &ep->formats[rtp->pt];
	bool is_keyed = vc_keychain_is_on(ep->r->conf.keychain);

	ep->r->counts.unfit++;
	if (!is_bad_row(f))
		return;
	f->is_named = vc_tool_warn_limited(
		ep->r->tool, &ep->r->warn_pt,
		"%s: payload type %u is described as %s, "
		"which its packets are not: dropped (cure: --sdp FILE or "
		"--pt %u=%s%s)",
		ep->where.text, rtp->pt, vc_codec_name(f->codec), rtp->pt,
		guess(rtp),
		is_keyed ? "" : ", or if it is SRTP --key-file FILE");
}

/* Repair formats end here, if they are none that is made use of. */
VC_COLD static void complain_repair(struct endpoint *ep,
				    const struct vc_rtp *rtp, const char *why)
{
	struct format *f = &ep->formats[rtp->pt];

	ep->r->counts.repair++;
	if (!is_bad_row(f))
		return;
	f->is_named = vc_tool_warn_limited(
		ep->r->tool, &ep->r->warn_pt,
		"%s: payload type %u is described as %s, "
		"which %s: dropped (if it is another format: "
		"--sdp FILE or --pt %u=%s)",
		ep->where.text, rtp->pt, vc_codec_name(f->codec), why, rtp->pt,
		guess(rtp));
}

void vc_rtprx_complain_rtx(struct endpoint *ep, const struct vc_rtp *rtp)
{
	complain_repair(ep, rtp, "repeats nothing that comes here");
}

static bool is_repair(enum vc_codec codec)
{
	return codec == VC_CODEC_RTX || codec == VC_CODEC_RED ||
	       codec == VC_CODEC_ULPFEC || codec == VC_CODEC_FLEXFEC;
}

bool vc_rtprx_fits(const struct rxsrc *s, const struct vc_rtp *rtp)
{
	const struct format *f = &s->ep->formats[rtp->pt];

	return f->is_described && !is_repair(f->codec) &&
	       (int)f->kind == s->src->kind &&
	       vc_formats_fits(f->codec, rtp->payload, rtp->payload_len);
}

/* RED is what it carries, as 'room' then says. NULL: it is no RED, or carries
 * another kind. */
static const struct vc_rtp *look_into(struct endpoint *ep,
				      const struct vc_rtp *rtp,
				      struct vc_rtp *room)
{
	const struct format *f = &ep->formats[rtp->pt];

	if (f->codec != VC_CODEC_RED)
		return rtp;
	if (!vc_rtprx_red_peek(rtp, room) &&
	    (!ep->formats[room->pt].is_described ||
	     ep->formats[room->pt].kind == f->kind))
		return room;
	ep->r->counts.malformed++;
	return NULL;
}

/* ULPFEC, which is nothing without the media it is among. */
static bool is_known_parity(struct endpoint *ep, const struct vc_rtp *rtp)
{
	const struct vc_source *src =
		vc_roster_find(ep->r->roster, ep->index, rtp->ssrc);

	if (src && src->kind == (int)ep->formats[rtp->pt].kind)
		return true;
	ep->r->counts.fec_refused++;
	return false;
}

/* Is it of a format that we know of? 'rtp' is what RED carries. */
static bool is_known_format(struct endpoint *ep, const struct vc_rtp *rtp)
{
	struct format *f = &ep->formats[rtp->pt];

	if (!f->is_described) {
		complain_undescribed(ep, rtp);
		return false;
	}
	if (f->codec == VC_CODEC_ULPFEC)
		return is_known_parity(ep, rtp);
	if (is_repair(f->codec)) {
		complain_repair(ep, rtp, "is not used here");
		return false;
	}
	if (!vc_formats_fits(f->codec, rtp->payload, rtp->payload_len)) {
		complain_unfit(ep, rtp);
		return false;
	}
	f->bad_row = 0;
	return true;
}

/* Repair that is no source's. True: it was, and is seen to. */
static bool took_repair(struct endpoint *ep, const struct vc_port_msg *m,
			const struct vc_rtp *rtp)
{
	const struct format *f = &ep->formats[rtp->pt];
	const bool is_rtx = f->codec == VC_CODEC_RTX && f->has_apt;

	if (!is_rtx && f->codec != VC_CODEC_FLEXFEC)
		return false;
	if (vc_rtprx_is_noted(ep, rtp))
		vc_rtprx_note(ep, m, NULL, m->pkt, rtp);
	if (is_rtx)
		vc_rtprx_take_rtx(ep, m, rtp);
	else
		vc_rtprx_take_flexfec(ep, m, rtp);
	return true;
}

/* --- packets --- */

static void set_format(struct rxsrc *s, uint8_t pt)
{
	const struct format *f = &s->ep->formats[pt];

	s->src->pt = pt;
	s->src->kind = (int)f->kind;
	s->src->codec = (int)f->codec;
	s->st.rate_hz = f->rate_hz;
}

void vc_rtprx_media(struct rxsrc *s, struct vc_packet *pkt, struct vc_rtp *rtp)
{
	struct vc_rtprx *r = s->r;

	if (s->src->pt != rtp->pt)
		set_format(s, rtp->pt);
	if (s->src->codec == VC_CODEC_TELEPHONE_EVENT)
		vc_rtprx_digits(s, rtp);
	if (vc_merge_formats(&r->merge, (size_t)s->ep->index, pkt, rtp))
		return;
	if (s->out_ssrc != rtp->ssrc) {
		vc_rtp_set_ssrc(pkt->data, s->out_ssrc);
		rtp->ssrc = s->out_ssrc;
	}
	r->counts.packets++;
	r->counts.octets += pkt->len;
	vc_rtprx_pass(s, pkt, rtp);
}

static bool is_key_start(const struct rxsrc *s, const struct vc_rtp *rtp)
{
	return vc_keystart((enum vc_codec)s->ep->formats[rtp->pt].codec,
			   rtp->payload, rtp->payload_len);
}

void vc_rtprx_look_at_key(struct rxsrc *s, const struct vc_rtp *rtp)
{
	if ((!s->rep.key.is_wanted && !s->rep.nack.n) || !is_key_start(s, rtp))
		return;
	vc_nack_drop_before(&s->rep.nack, rtp->seq);
	vc_keyreq_seen(&s->rep.key);
}

void vc_rtprx_take_again(struct rxsrc *s, struct vc_packet *pkt)
{
	struct vc_rtp rtp, room;
	const struct vc_rtp *inner;

	if (vc_rtp_parse(&rtp, pkt->data, pkt->len))
		return;
	inner = look_into(s->ep, &rtp, &room);
	if (!inner)
		return;
	if (!vc_nack_put(&s->rep.nack, rtp.seq, VC_NACK_RTX, pkt->arrival)) {
		s->r->counts.needless++;
		return;
	}
	/* Parity that comes so late has nothing to repair. */
	if (!vc_rtprx_fits(s, inner))
		return;
	s->won.rtx++;
	vc_rtprx_take_new(s, pkt, &rtp, VC_RX_REORDERED);
}

/* Statistics of what came: an enum vc_rx. */
static enum vc_rx count(struct rxsrc *s, const struct vc_packet *pkt,
			const struct vc_rtp *rtp)
{
	const bool was_silent = s->st.packets &&
				pkt->arrival - s->st.last_arrival > VC_SEC;
	enum vc_rx rx = (enum vc_rx)vc_rxstats_packet(
		&s->st, rtp->seq, rtp->ts, rtp->payload_len, pkt->arrival);

	if (was_silent)
		vc_keyreq_renew(&s->rep.key, pkt->arrival);
	s->r->counts.duplicates += rx == VC_RX_DUPLICATE;
	s->r->counts.implausible += !vc_rx_is_media(rx) &&
				    rx != VC_RX_DUPLICATE;
	if (rx == VC_RX_RESYNC)
		vc_nack_restart(&s->rep.nack);
	if (s->rep.xr)
		vc_rtprx_count_xr(s, pkt, rtp, rx);
	if (s->r->latency == VC_PLAYOUT_AUTO && vc_rx_is_media(rx)) {
		s->src->play->is_aside = s->src->kind == VC_TEXT;
		vc_playout_packet(s->src->play, rtp->ts, pkt->arrival);
	}
	return rx;
}

/*
 * It fills a hole that was asked for. True: it comes when an answer would, so
 * it was sent again as it was, and not received in its turn.
 */
VC_COLD static bool is_answer(struct rxsrc *s, const struct vc_packet *pkt,
			      const struct vc_rtp *rtp)
{
	struct vc_nack *n = &s->rep.nack;
	const uint64_t was = n->counts.won;

	vc_nack_put(n, rtp->seq, VC_NACK_ORIGINAL, pkt->arrival);
	if (n->counts.won == was)
		return false;
	s->won.rtx++;
	return true;
}

static void deliver(struct rxsrc *s, struct vc_packet *pkt, struct vc_rtp *rtp)
{
	struct vc_rtprx *r = s->r;
	struct vc_nack *n = &s->rep.nack;
	bool is_asked = n->conf.is_in_place && vc_nack_is_asked(n, rtp->seq);
	enum vc_rx rx;

	if (!r->conf.no_limits && !vc_limits_packet(&r->limits, pkt->arrival))
		return;
	if (s->peer)
		s->peer->octets_in += pkt->len;
	if (s->peer && r->conf.back.heard)
		r->conf.back.heard(r->conf.back.ctx, s->src->who, s->ep->port,
				   &s->peer->rtp, pkt->len);
	if (n->conf.is_in_place && vc_nack_is_won(n, rtp->seq)) {
		r->counts.needless++; /* a second answer */
		return;
	}
	if (is_asked && is_answer(s, pkt, rtp)) {
		vc_rtprx_take_new(s, pkt, rtp, VC_RX_REORDERED);
		return;
	}
	rx = count(s, pkt, rtp);
	if (vc_rx_is_media(rx) &&
	    (is_asked ||
	     vc_nack_put(n, rtp->seq, VC_NACK_ORIGINAL, pkt->arrival)))
		vc_rtprx_take_new(s, pkt, rtp, rx);
}

/* The first packet of a source: a picture needs a key frame to begin with. */
VC_COLD static void meet(struct rxsrc *s, const struct vc_rtp *rtp)
{
	if (s->src->kind == VC_VIDEO && !is_key_start(s, rtp))
		vc_rtprx_want_key(s);
}

/* It sends from elsewhere now, and the roster believes that it is the same. */
VC_COLD static void move(struct rxsrc *s, const struct vc_port_msg *m)
{
	vc_rtprx_peer_join(s, m);
	vc_place_addr_text(m->from, s->src->addr, sizeof(s->src->addr));
	vc_rtprx_tell_way(s);
}

VC_COLD static void refuse(struct vc_rtprx *r, uint32_t ssrc, int err)
{
	if (err == -EAGAIN)
		return; /* a candidate: kept, maybe */
	r->counts.refused++;
	if (err == -ELOOP)
		vc_rtprx_collided(r, ssrc);
	else if (err == -ENOSPC)
		vc_tool_warn_limited(r->tool, &r->warn_full,
				     "%u sources are "
				     "here: further ones are refused",
				     vc_roster_n(r->roster));
}

VC_COLD static void take_held(struct rxsrc *s, struct vc_packet *held)
{
	struct vc_rtp rtp;

	if (held && !vc_rtp_parse(&rtp, held->data, held->len)) {
		struct vc_rtp room;
		const struct vc_rtp *inner = look_into(s->ep, &rtp, &room);

		if (vc_rtprx_is_noted(s->ep, &rtp))
			vc_rtprx_note(s->ep, s->r->msg, s->peer, held, &rtp);
		if (inner)
			meet(s, inner);
		deliver(s, held, &rtp);
	}
	vc_packet_unref(held);
}

void vc_rtprx_take_rtp(void *ctx, const struct vc_port_msg *m)
{
	struct endpoint *ep = ctx;
	struct vc_rtprx *r = ep->r;
	struct vc_packet *held = NULL, *pkt = m->pkt;
	struct vc_origin origin = vc_rtprx_origin(ep, m);
	struct vc_source *src;
	struct vc_rtp rtp, room;
	const struct vc_rtp *inner;
	struct rxsrc *s;
	int err;

	if (r->is_over || r->why || !vc_rtprx_may_come(ep, m))
		return;
	if (vc_rtp_parse(&rtp, pkt->data, pkt->len)) {
		r->counts.malformed++;
		return;
	}
	if (took_repair(ep, m, &rtp))
		return;
	inner = look_into(ep, &rtp, &room);
	if (!inner || !is_known_format(ep, inner))
		return;
	r->msg = m;
	err = vc_roster_rtp(r->roster, &origin, inner, pkt, pkt->arrival, &src,
			    &held);
	if (err || !src->user) {
		refuse(r, rtp.ssrc, err);
		vc_packet_unref(held);
		return;
	}
	s = src->user;
	if (vc_rtprx_is_noted(ep, &rtp))
		vc_rtprx_note(ep, m, s->peer, pkt, &rtp);
	if (rtp.has_ext)
		vc_rtprx_learn_rid(s, &rtp);
	if (!vc_rtprx_is_selected(s)) {
		r->counts.unselected++;
		vc_packet_unref(held);
		return;
	}
	if (m->is_authentic)
		s->key = (int)m->key;
	if (m->dscp >= 0)
		s->dscp = m->dscp;
	if (m->ttl >= 0)
		s->ttl = m->ttl;
	if (!s->peer || s->peer->key != m->peer)
		move(s, m);
	if (held)
		take_held(s, held);
	else if (!s->st.packets)
		meet(s, inner);
	deliver(s, pkt, &rtp);
	vc_rtprx_feed_back(s, vc_loop_now(r->loop));
}
