/* SPDX-License-Identifier: MIT */
/* Endpoints: from operands, or from the addresses of an SDP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/rtprx_internal.h"
#include "session/rtxmap.h"

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
			      vc_place_why(&p, err));
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
	vc_rtprx_load(r, o->sdp, &text, &len);
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
	vc_rtprx_load(r, NULL, &text, &len);
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

/* All who miss a packet would ask for it at once (RFC 4585 3.5), so what is
 * fed back of single packets is only what the operator names. */
static void enter_group(struct endpoint *ep)
{
	const unsigned int cc = VC_FEEDBACK_TWCC | VC_FEEDBACK_CCFB;

	ep->is_group = true;
	if (!vc_rtprx_has_feedback(ep->r, cc, false))
		ep->cc = RX_CC_OFF;
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
	if (!err && vc_udp_is_multicast(&sa))
		enter_group(ep);
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
				     ep->where.text,
				     vc_place_why(&ep->where, err));
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
