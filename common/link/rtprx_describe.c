/* SPDX-License-Identifier: MIT */
/*
 * What an SDP says of endpoints. Each has its own description (the sections of
 * its port, where the SDP has such, else all), so senders that number
 * differently come by ports of their own; all become one description by
 * merging.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/fecopt.h"
#include "link/rtprx_internal.h"
#include "session/rtxmap.h"
#include "tool/formats.h"
#include "wire/frame.h"
#include "wire/rtx.h"

/* Where nothing is said of feedback. */
#define FB_USUAL (VC_FB_NACK | VC_FB_PLI | VC_FB_TWCC)

/* SCHEME://HOST:PORT of a section, as an operand would say it. Names are asked
 * of nobody because an SDP, who knows whose, has them. */
static void section_place(struct vc_rtprx *r, char *buf, size_t cap,
			  const struct vc_sdp *sdp,
			  const struct vc_sdp_media *m)
{
	const struct vc_sdp_addr *a = vc_sdp_conn(sdp, m);
	struct vc_str host = a ? a->host : vc_str_c("");
	bool is_ip6 = a && a->is_ip6;
	char text[256];

	if (vc_str_copy(text, sizeof(text), host) >= sizeof(text) ||
	    (host.len && !vc_place_is_numeric(text)))
		vc_tool_usage(r->tool,
			      "where to listen? The SDP has a name, not an "
			      "address: give it, as rtp://:%u",
			      m->port);
	snprintf(buf, cap, "%srtp://%s%.*s%s:%u",
		 vc_str_starts(m->proto, "UDP/TLS/") ? "dtls+" : "",
		 is_ip6 ? "[" : "", VC_STR_ARGS(host), is_ip6 ? "]" : "",
		 m->port);
}

static bool is_listed(const struct vc_rtprx *r, uint16_t port)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->eps[i].where.port == port)
			return true;
	}
	return false;
}

size_t vc_rtprx_by_sdp(struct vc_rtprx *r, const struct vc_sdp *sdp)
{
	r->eps = vc_alloc(VC_SDP_MEDIA_MAX, sizeof(*r->eps));
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];
		struct endpoint *ep = &r->eps[r->n];
		char place[512];

		if (!m->is_rtp || !m->port || is_listed(r, m->port))
			continue;
		section_place(r, place, sizeof(place), sdp, m);
		vc_rtprx_parse_operand(r, ep, place);
		if (m->rtcp_mux) {
			ep->own.rtcp_at = VC_RTCP_AT_MUX;
		} else if (m->rtcp_port) {
			ep->own.rtcp_at = VC_RTCP_AT_PORT;
			ep->own.rtcp_port = m->rtcp_port;
		}
		r->n++;
	}
	return r->n;
}

/* Leaves the sections of 'port', if there are such; in a stream ports and
 * addresses say nothing. */
static void narrow(struct vc_sdp *sdp, uint16_t port)
{
	unsigned int n = 0;
	bool has_port = false;

	for (unsigned int i = 0; i < sdp->n_media; i++)
		has_port |= port && sdp->media[i].port == port;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];

		if (!m->is_rtp || (has_port && m->port != port))
			continue;
		m->port = m->rtcp_port = 0;
		m->rtcp_mux = false;
		m->conn.set = false;
		m->n_ssrc = 0;
		/* Layers that come: who described himself receives them. */
		if (m->dir == VC_SDP_RECVONLY)
			vc_sdp_turn_rids(m);
		vc_sdp_keep_sent_rids(m);
		m->dir = VC_SDP_SENDRECV;
		m->proto = vc_str_c("RTP/AVP");
		sdp->media[n] = *m;
		n++;
	}
	sdp->n_media = n;
	sdp->conn.set = false;
	sdp->origin = (struct vc_str){ 0 };
}

/* With a key somebody is known by it; and without one nobody is let in. */
static void check_trust(struct vc_rtprx *r, const struct endpoint *ep)
{
	const bool is_on = vc_keychain_is_on(r->conf.keychain);

	if (ep->where.is_dtls)
		return;
	if (ep->wants_dtls && !vc_keychain_opens(r->conf.keychain))
		vc_tool_usage(r->tool,
			      "%s: its SDP wants DTLS-SRTP (cure: dtls+rtp://)",
			      ep->where.text);
	if ((is_on || ep->where.is_srtp || ep->wants_keys) &&
	    !vc_keychain_opens(r->conf.keychain))
		vc_tool_usage(r->tool,
			      "%s: no SRTP key to receive with (cure: "
			      "--key-file, or a=crypto in its SDP)",
			      ep->where.text);
	if (r->conf.back.reach && !is_on && !ep->latch && !ep->has_source)
		vc_tool_usage(r->tool,
			      "%s: to send back it has to be known where to: "
			      "latch=first believes the first packet, "
			      "source=ADDR:PORT says it, keys prove it",
			      ep->where.text);
}

/* Before its sections are narrowed to what a stream says. 0 or -errno. */
static int take_keys(struct endpoint *ep, struct vc_sdp *sdp)
{
	struct vc_keychain *keys = ep->r->conf.keychain;

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		ep->wants_keys |= vc_str_starts(m->proto, "RTP/SAVP") ||
				  m->keys.n_crypto > 0;
		ep->wants_dtls |= m->port &&
				  vc_str_starts(m->proto, "UDP/TLS/");
	}
	if (ep->where.is_dtls)
		return vc_rtprx_dtls_take(ep, sdp);
	return keys ? vc_keychain_sdp(keys, sdp, ep->where.name,
				      &sdp->bad_why) :
		      0;
}

/* What a format's sender takes where the description says nothing of feedback:
 * asking does no harm. */
static unsigned int feedback_by_default(const struct vc_sdp *sdp)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		for (unsigned int k = 0; k < sdp->media[i].n_fmt; k++) {
			if (sdp->media[i].fmt[k].fb)
				return 0;
		}
	}
	return FB_USUAL;
}

/* Whose packets RTX SSRCs carry, where it is said. */
static void learn_pairs(struct endpoint *ep, const struct vc_sdp_media *m)
{
	if (m->n_fid && !ep->rtxmap)
		ep->rtxmap = vc_rtxmap_new();
	for (unsigned int i = 0; ep->rtxmap && i < m->n_fid; i++)
		(void)vc_rtxmap_fid(ep->rtxmap, m->fid[i].media, m->fid[i].rtx);
}

static void learn_formats(struct endpoint *ep, const struct vc_sdp *sdp)
{
	const unsigned int fb = ep->is_said ? feedback_by_default(sdp) :
					      FB_USUAL;

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		ep->is_rsize |= sdp->media[i].rtcp_rsize;
		learn_pairs(ep, &sdp->media[i]);
	}
	for (unsigned int pt = 0; pt < 128; pt++) {
		struct format *f = &ep->formats[pt];
		const struct vc_sdp_media *media;
		const struct vc_sdp_fmt *fmt;

		if (!vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt))
			continue;
		f->is_described = true;
		f->codec = vc_codec_by_name(fmt->codec);
		f->kind = media->kind;
		f->rate_hz = fmt->rate;
		f->fb = fmt->fb | fb;
		f->has_apt = f->codec == VC_CODEC_RTX &&
			     vc_rtx_apt(fmt->fmtp, &f->apt);
	}
	ep->rid_exts = vc_rtx_rids(sdp);
	ep->volatile_ids = vc_fec_volatile_ids(sdp);
	vc_rtprx_learn_cc(ep, sdp);
}

int vc_rtprx_describe(struct endpoint *ep, struct vc_sdp *sdp, const char *text,
		      size_t len)
{
	char *narrowed = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	int n, err = narrowed ? vc_sdp_parse(sdp, text, len) : -ENOMEM;

	if (!err) {
		err = take_keys(ep, sdp);
		narrow(sdp, ep->where.port);
		learn_formats(ep, sdp);
	}
	if (!err) {
		n = vc_sdp_write(sdp, narrowed, VC_FRAME_DESC_MAX);
		err = n < 0 ? n :
			      vc_merge_desc(&ep->r->merge, (size_t)ep->index,
					    narrowed, (size_t)n, sdp);
	}
	free(narrowed);
	return err;
}

static void describe(struct vc_rtprx *r, struct endpoint *ep,
		     struct vc_sdp *sdp, const char *text, size_t len)
{
	int err = vc_rtprx_describe(ep, sdp, text, len);

	if (err == -EEXIST)
		vc_tool_usage(r->tool,
			      "%s: the SDP has payload type %u "
			      "twice: give each port its own operand with sdp=",
			      ep->where.text, sdp->bad_line);
	if (err)
		vc_tool_usage(r->tool, "%s: the SDP cannot be used: %s",
			      ep->where.text,
			      sdp->bad_why ? sdp->bad_why : strerror(-err));
}

void vc_rtprx_load(struct vc_rtprx *r, const char *place, char **text,
		   size_t *len)
{
	const struct vc_options *o = vc_tool_options(r->tool);

	if (vc_formats_load(r->tool, place, &o->pt, text, len))
		exit(VC_EXIT_FAIL);
}

void vc_rtprx_settle(struct vc_rtprx *r, const char *text, size_t len)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));

	vc_merge_init(&r->merge, r->cap > r->n ? r->cap : r->n,
		      vc_tool_rand(r->tool));
	for (size_t i = 0; i < r->n; i++) {
		struct endpoint *ep = &r->eps[i];
		const char *own = vc_place_key(&ep->where, "sdp");

		ep->r = r;
		ep->index = (int)i;
		if (own)
			vc_rtprx_load(r, own, &ep->sdp_text, &ep->sdp_len);
		ep->is_said = own || vc_tool_options(r->tool)->sdp;
		describe(r, ep, sdp, own ? ep->sdp_text : text,
			 own ? ep->sdp_len : len);
	}
	for (size_t i = 0; i < r->n; i++) {
		check_trust(r, &r->eps[i]);
		vc_rtprx_dtls_check(&r->eps[i]);
	}
	free(sdp);
}
