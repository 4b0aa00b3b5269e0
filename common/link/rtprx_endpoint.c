/* SPDX-License-Identifier: MIT */
/*
 * Endpoints: from operands, or from the addresses of an SDP. Each has its own
 * description (the sections of its port, where the SDP has such, else all),
 * so senders that number differently come by ports of their own; all become
 * one description by merging.
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

static const char *const known_keys[] = { "sdp",   "rtcp",  "source",
					  "latch", "iface", NULL };

/* --- operands --- */

void vc_rtprx_listen(struct endpoint *ep)
{
	struct vc_port_ops ops = { .rtp = vc_rtprx_take_rtp,
				   .rtcp = vc_rtprx_take_rtcp,
				   .ctx = ep };

	vc_rtprx_dtls_listen(&ops);
	vc_port_listen(ep->port, &ops);
}

static void parse_latch(struct vc_rtprx *r, struct endpoint *ep)
{
	const char *v = vc_place_key(&ep->where, "latch");

	if (!v || !strcmp(v, "off"))
		ep->latch = LATCH_OFF;
	else if (!strcmp(v, "first"))
		ep->latch = LATCH_FIRST;
	else if (!strcmp(v, "always"))
		ep->latch = LATCH_ALWAYS;
	else
		vc_tool_usage(r->tool, "%s: latch=off|first|always",
			      ep->where.text);
}

/* source=ADDR or source=ADDR:PORT. */
static void parse_source(struct vc_rtprx *r, struct endpoint *ep)
{
	const char *v = vc_place_key(&ep->where, "source");
	char text[300], why[256];
	struct vc_place p;
	socklen_t len;
	bool has_port;
	int err;

	if (!v)
		return;
	has_port = v[0] == '[' ?
			   strstr(v, "]:") != NULL :
			   strchr(v, ':') == strrchr(v, ':') && strchr(v, ':');
	snprintf(text, sizeof(text), "rtp://%s%s%s%s",
		 v[0] != '[' && strchr(v, ':') && !has_port ? "[" : "", v,
		 v[0] != '[' && strchr(v, ':') && !has_port ? "]" : "",
		 has_port ? "" : ":0");
	if (vc_place_parse(&p, text, false, why, sizeof(why)) || p.n_keys)
		vc_tool_usage(r->tool, "%s: source=%s: not ADDR or ADDR:PORT",
			      ep->where.text, v);
	err = vc_place_resolve(p.host, p.port, vc_tool_options(r->tool)->family,
			       SOCK_DGRAM, &ep->source, &len);
	if (err)
		vc_tool_usage(r->tool, "%s: source=%s: %s", ep->where.text, v,
			      strerror(-err));
	ep->has_source = true;
}

void vc_rtprx_parse_operand(struct vc_rtprx *r, struct endpoint *ep,
			    const char *arg)
{
	const char *key;
	char why[256];

	if (vc_place_parse(&ep->where, arg, true, why, sizeof(why)))
		vc_tool_usage(r->tool, "%s: %s", ep->where.text, why);
	if (ep->where.kind != VC_PLACE_RTP)
		vc_tool_usage(r->tool,
			      "%s: not an address to listen on, as "
			      "rtp://:5004, nor a capture that is there",
			      ep->where.text);
	key = vc_place_unknown_key(&ep->where, known_keys);
	if (key)
		vc_tool_usage(r->tool,
			      "%s: no such key: %s= (sdp= rtcp= "
			      "source= iface= or latch=)",
			      ep->where.text, key);
	if (vc_port_init(&ep->own, r->tool, r->conf.keychain, &ep->where,
			 VC_RTCP_AT_AUTO, why, sizeof(why)))
		vc_tool_usage(r->tool, "%s: %s", ep->where.text, why);
	if (ep->where.is_dtls)
		vc_keychain_want_dtls(r->conf.keychain);
	ep->port = &ep->own;
	vc_rtprx_listen(ep);
	parse_latch(r, ep);
	parse_source(r, ep);
}

static void parse_operands(struct vc_rtprx *r)
{
	const struct vc_words *args = &vc_tool_options(r->tool)->args;

	r->n = args->n;
	r->eps = vc_alloc(r->n, sizeof(*r->eps));
	for (size_t i = 0; i < r->n; i++)
		vc_rtprx_parse_operand(r, &r->eps[i], args->v[i]);
}

/* --- the SDP --- */

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

	for (unsigned int i = 0; i < sdp->n_media; i++)
		ep->wants_keys |=
			vc_str_starts(sdp->media[i].proto, "RTP/SAVP");
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

/* Says why and ends, when it cannot be read. */
static void load(struct vc_rtprx *r, const char *place, char **text,
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
			load(r, own, &ep->sdp_text, &ep->sdp_len);
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

void vc_rtprx_operands(struct vc_rtprx *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));
	char *text;
	size_t len;

	if (vc_rtprx_is_capture(r)) {
		vc_rtprx_capture_operand(r);
		free(sdp);
		return;
	}
	if (!o->args.n && !o->sdp)
		vc_tool_usage(r->tool, "where to listen? As rtp://:5004");
	load(r, o->sdp, &text, &len);
	if (o->args.n)
		parse_operands(r);
	else if (!vc_sdp_parse(sdp, text, len) && !vc_rtprx_by_sdp(r, sdp))
		vc_tool_usage(r->tool, "where to listen? The SDP names no "
				       "port: give one, as rtp://:5004");
	vc_rtprx_settle(r, text, len);
	explicit_bzero(text, len);
	free(text);
	free(sdp);
}

void vc_rtprx_ports(struct vc_rtprx *r, size_t n)
{
	r->eps = vc_alloc(n, sizeof(*r->eps));
	r->cap = n;
}

void vc_rtprx_add_port(struct vc_rtprx *r, struct vc_port *port,
		       const struct vc_place *where,
		       const struct sockaddr_storage *peer)
{
	struct endpoint *ep = &r->eps[r->n];
	char *text;
	size_t len;

	ep->where = *where;
	ep->port = port;
	parse_latch(r, ep);
	ep->source = *peer;
	ep->is_for_one = true;
	/* Who has the key is believed wherever he is. */
	ep->has_source = !ep->latch && !vc_keychain_is_on(r->conf.keychain);
	vc_rtprx_listen(ep);
	r->n++;
	if (r->n < r->cap)
		return;
	load(r, NULL, &text, &len);
	vc_rtprx_settle(r, text, len);
	free(text);
}

/* --- sockets --- */

static void tell_ready(struct endpoint *ep)
{
	const struct vc_options *o = vc_tool_options(ep->r->tool);
	struct sockaddr_storage sa = *vc_udp_local(ep->port->rtp);
	const bool is_dtls = ep->where.is_dtls;
	char addr[128], line[400];

	/* A wildcard is an address nobody can send to. */
	if (!ep->where.host[0])
		snprintf(addr, sizeof(addr), "%s:%u",
			 o->family == AF_INET6 ? "[::1]" : "127.0.0.1",
			 vc_udp_port(&sa));
	else
		vc_place_addr_text(&sa, addr, sizeof(addr));
	snprintf(line, sizeof(line), "%s%s%s%s",
		 vc_place_scheme(ep->where.is_srtp, is_dtls), addr,
		 is_dtls ? " " : "",
		 is_dtls ? vc_dtlsid_text(
				   vc_keychain_dtls(ep->r->conf.keychain)) :
			   "");
	vc_tool_ready(ep->r->tool, line);
}

static int open_endpoint(struct endpoint *ep)
{
	const struct vc_options *o = vc_tool_options(ep->r->tool);
	struct sockaddr_storage sa;
	const struct vc_port_conf conf = {
		.local = &sa,
		.source = ep->has_source ? &ep->source : NULL,
		.iface = vc_place_key(&ep->where, "iface"),
		.only_v6 = o->family == AF_INET6,
		.rtcp_dscp = ep->r->conf.rtcp_dscp,
	};
	socklen_t len;
	int err = vc_place_resolve(ep->where.host, ep->where.port, o->family,
				   SOCK_DGRAM, &sa, &len);

	if (!err && ep->has_source && vc_udp_is_multicast(&sa) &&
	    ep->source.ss_family != sa.ss_family)
		vc_tool_usage(ep->r->tool,
			      "%s: the group and its source= are of one "
			      "family, IPv4 or IPv6",
			      ep->where.text);
	if (!err)
		err = vc_port_open(&ep->own, &conf);
	return err ? err : vc_rtprx_dtls_open(ep);
}

int vc_rtprx_open_ports(struct vc_rtprx *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct endpoint *ep = &r->eps[i];
		int err;

		if (ep->port != &ep->own)
			continue;
		err = open_endpoint(ep);
		if (err) {
			vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: open: %s",
				     ep->where.text, strerror(-err));
			return err;
		}
		tell_ready(ep);
	}
	return 0;
}

void vc_rtprx_close_ports(struct vc_rtprx *r)
{
	for (size_t i = 0; i < r->n; i++) {
		vc_port_close(&r->eps[i].own);
		if (r->eps[i].sdp_text)
			explicit_bzero(r->eps[i].sdp_text, r->eps[i].sdp_len);
		vc_rtxmap_free(r->eps[i].rtxmap);
		vc_rtprx_dtls_clear(&r->eps[i]);
		free(r->eps[i].sdp_text);
	}
	vc_merge_clear(&r->merge);
	free(r->eps);
}
