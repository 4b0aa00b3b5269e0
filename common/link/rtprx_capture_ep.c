/* SPDX-License-Identifier: MIT */
/*
 * Which endpoint says what payload types mean: with an --sdp that names ports,
 * the one of the port. Else all is described by --sdp, --pt and defaults, or
 * by the file (mjr), but for what goes to a side of a call whose SIP was seen:
 * that is as the side's description says. Sides that do not contradict each
 * other share an endpoint, whose description grows. And as an SSRC means
 * nothing beyond its session, while nobody says what sessions a capture has:
 * what has the SSRC of somebody else goes to another endpoint of the same kind.
 */
#include "link/rtprx_capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/sipcalls.h"
#include "wire/frame.h"
#include "wire/rtp.h"

/* --- endpoints --- */

struct endpoint *vc_captured_endpoint(struct captured *c, enum word word)
{
	struct vc_rtprx *r = c->r;
	struct endpoint *ep = &r->eps[r->n];
	char why[256];

	if (r->n == r->cap)
		return NULL;
	ep->r = r;
	ep->index = (int)r->n;
	ep->where = c->where;
	ep->port = &ep->own;
	/* What it is by itself tells RTCP from RTP: keys are the tool's. */
	vc_port_init(&ep->own, r->tool, r->conf.keychain, &c->where,
		     VC_RTCP_AT_MUX, why, sizeof(why));
	vc_rtprx_listen(ep);
	c->word[r->n] = word;
	r->n++;
	return ep;
}

int vc_captured_describe(struct endpoint *ep, char *text, size_t len)
{
	struct vc_rtprx *r = ep->r;
	struct vc_sdp *sdp = text ? vc_try_alloc(1, sizeof(*sdp)) : NULL;
	int err = sdp ? vc_rtprx_describe(ep, sdp, text, len) : -ENOMEM;

	free(sdp);
	free(ep->sdp_text);
	ep->sdp_text = text;
	ep->sdp_len = len;
	if (!err && has_begun(r))
		vc_out_desc(r->out, &r->merge.sdp);
	return err;
}

/* Has it a source of that SSRC which sends from elsewhere? */
static bool collides(const struct endpoint *ep, const struct vc_udp_msg *u)
{
	const uint8_t *p = u->pkt->data;
	bool is_rtcp = vc_demux(p, u->pkt->len) == VC_DEMUX_RTCP;
	const struct vc_source *src;
	const struct rxsrc *s;

	if (u->pkt->len < VC_RTP_HEADER)
		return false;
	src = vc_roster_find(ep->r->roster, ep->index,
			     vc_get_u32(p + (is_rtcp ? 4 : 8)));
	if (!src || src->peer == u->peer)
		return false;
	/* RTCP may come from another port of the same host. */
	s = src->user;
	return !is_rtcp ||
	       (s && s->peer && !vc_udp_same(&s->peer->rtp, u->from, false));
}

/* --- what a call's side says --- */

static const struct format *format_of(const struct endpoint *ep,
				      const struct vc_sipformat *f)
{
	return &ep->formats[f->pt & 127];
}

static bool is_as_said(const struct format *have, const struct vc_sipend *end,
		       const struct vc_sipformat *f)
{
	return have->is_described && have->codec == f->codec &&
	       have->kind == end->kind && have->rate_hz == f->rate_hz;
}

/* Does the endpoint say all that the side says? */
static bool covers(const struct endpoint *ep, const struct vc_sipend *end)
{
	for (unsigned int i = 0; i < end->n_formats; i++) {
		const struct vc_sipformat *f = &end->formats[i];

		if (f->codec && !is_as_said(format_of(ep, f), end, f))
			return false;
	}
	return true;
}

static bool contradicts(const struct endpoint *ep, const struct vc_sipend *end)
{
	for (unsigned int i = 0; i < end->n_formats; i++) {
		const struct vc_sipformat *f = &end->formats[i];
		const struct format *have = format_of(ep, f);

		if (f->codec && have->is_described && !is_as_said(have, end, f))
			return true;
	}
	return false;
}

static struct vc_sdp_media *section_of(struct vc_sdp *sdp, enum vc_kind kind)
{
	struct vc_sdp_media *m;

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		if (sdp->media[i].kind == kind)
			return &sdp->media[i];
	}
	if (sdp->n_media == VC_SDP_MEDIA_MAX)
		return NULL;
	m = &sdp->media[sdp->n_media];
	sdp->n_media++;
	*m = (struct vc_sdp_media){ .kind = kind,
				    .is_rtp = true,
				    .proto = vc_str_c("RTP/AVP") };
	return m;
}

static void add_formats(struct vc_sdp *sdp, const struct endpoint *ep,
			const struct vc_sipend *end)
{
	struct vc_sdp_media *m = section_of(sdp, end->kind);

	for (unsigned int i = 0; m && i < end->n_formats; i++) {
		const struct vc_sipformat *f = &end->formats[i];

		if (!f->codec || format_of(ep, f)->is_described ||
		    m->n_fmt == VC_SDP_FMT_MAX)
			continue;
		m->fmt[m->n_fmt] = (struct vc_sdp_fmt){
			.pt = f->pt & 127,
			.codec = vc_str_c(vc_codec_name(f->codec)),
			.rate = f->rate_hz,
			.channels = f->channels,
			.fmtp = vc_sipend_fmtp(end, f),
		};
		m->n_fmt++;
	}
}

/* What the endpoint says already, and what the side says. */
static int extend(struct endpoint *ep, const struct vc_sipend *end)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	char *text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	int n = -ENOMEM;

	if (sdp && text)
		n = ep->sdp_text ?
			    vc_sdp_parse(sdp, ep->sdp_text, ep->sdp_len) :
			    0;
	if (!n) {
		add_formats(sdp, ep, end);
		n = vc_sdp_write(sdp, text, VC_FRAME_DESC_MAX);
	}
	free(sdp);
	if (n > 0)
		return vc_captured_describe(ep, text, (size_t)n);
	free(text);
	return n ? n : -EBADMSG;
}

/* --- which endpoint --- */

struct endpoint *vc_captured_of_port(const struct captured *c, uint16_t port)
{
	const struct vc_rtprx *r = c->r;

	for (size_t i = 0; i < r->n; i++) {
		struct endpoint *ep = &r->eps[i];
		const struct vc_port *p = &ep->own;
		unsigned int rtcp = p->rtcp_at == VC_RTCP_AT_PORT ?
					    p->rtcp_port :
					    ep->where.port + 1u;

		if (ep->where.port == port ||
		    (p->rtcp_at != VC_RTCP_AT_MUX && rtcp == port))
			return ep;
	}
	return NULL;
}

/* What a key opens is kept apart from what looks like it. */
static bool suits(const struct captured *c, size_t i,
		  const struct vc_udp_msg *u, bool is_sealed)
{
	return c->is_sealed[i] == is_sealed && !collides(&c->r->eps[i], u);
}

static struct endpoint *new_endpoint(struct captured *c, enum word word,
				     bool is_sealed)
{
	struct endpoint *ep = vc_captured_endpoint(c, word);

	if (ep)
		c->is_sealed[ep->index] = is_sealed;
	return ep;
}

static struct endpoint *of_nobody(struct captured *c,
				  const struct vc_udp_msg *u, bool is_sealed)
{
	struct vc_rtprx *r = c->r;
	struct endpoint *ep;

	for (size_t i = 0; i < r->n; i++) {
		if (c->word[i] == WORD_GENERAL && suits(c, i, u, is_sealed))
			return &r->eps[i];
	}
	ep = new_endpoint(c, WORD_GENERAL, is_sealed);
	if (!ep || vc_captured_describe(ep, strdup(r->eps[0].sdp_text),
					r->eps[0].sdp_len))
		return NULL;
	return ep;
}

static struct endpoint *of_side(struct captured *c, const struct vc_sipend *end,
				const struct vc_udp_msg *u, bool is_sealed)
{
	struct vc_rtprx *r = c->r;
	struct endpoint *ep = NULL;

	for (size_t i = 0; i < r->n; i++) {
		if (covers(&r->eps[i], end) && suits(c, i, u, is_sealed))
			return &r->eps[i];
	}
	for (size_t i = 0; i < r->n && !ep; i++) {
		if (c->word[i] == WORD_CALL && !contradicts(&r->eps[i], end) &&
		    suits(c, i, u, is_sealed))
			ep = &r->eps[i];
	}
	if (!ep)
		ep = new_endpoint(c, WORD_CALL, is_sealed);
	return ep && !extend(ep, end) ? ep : NULL;
}

struct endpoint *vc_captured_taker(struct captured *c,
				   const struct vc_capture_msg *m,
				   const struct vc_udp_msg *u, bool is_sealed)
{
	if (c->is_by_port)
		return vc_captured_of_port(c, vc_udp_port(m->to));
	if (m->end && !c->is_described)
		return of_side(c, m->end, u, is_sealed);
	return of_nobody(c, u, is_sealed);
}
