/* SPDX-License-Identifier: MIT */
/*
 * dtls+rtp:// endpoints: whoever has a certificate that is known may come,
 * from wherever packets may.
 */

#include "base/json.h"
#include "link/dtlsport.h"
#include "link/rtprx_internal.h"

static bool is_ours(const struct endpoint *ep)
{
	return ep->where.is_dtls && ep->port == &ep->own;
}

int vc_rtprx_dtls_take(struct endpoint *ep, struct vc_sdp *sdp)
{
	/* One that is described anew is still the same. */
	if (!is_ours(ep) || ep->offer.prints)
		return 0;
	return vc_dtls_offer_read(&ep->offer, sdp, &sdp->bad_why);
}

void vc_rtprx_dtls_check(struct endpoint *ep)
{
	struct vc_tool *t = ep->r->tool;
	const char *why = NULL;

	if (!is_ours(ep))
		return;
	if (vc_dtls_terms_make(&ep->terms,
			       vc_keychain_dtls(ep->r->conf.keychain),
			       ep->where.name, &ep->offer, false, &why))
		vc_tool_usage(t, "%s: %s", ep->where.text,
			      why ? why : "out of memory");
	if (ep->terms.is_active &&
	    (!ep->has_source || !vc_udp_port(&ep->source)))
		vc_tool_usage(t,
			      "%s: to begin the handshake it has to be known "
			      "where to: source=ADDR:PORT",
			      ep->where.text);
}

/* Before anything is answered, as with packets. */
static bool may_shake(void *ctx, const struct vc_port_msg *m)
{
	struct endpoint *ep = ctx;

	return !ep->r->is_over && vc_rtprx_may_come(ep, m);
}

void vc_rtprx_dtls_listen(struct vc_port_ops *ops)
{
	ops->may_shake = may_shake;
}

int vc_rtprx_dtls_open(struct endpoint *ep)
{
	struct sockaddr_storage peer = ep->source;
	const struct vc_dtlsport_conf conf = {
		.port = ep->port,
		.keychain = ep->r->conf.keychain,
		.where = ep->where.text,
		.terms = &ep->terms,
		.peer = ep->terms.is_active ? &peer : NULL,
		.max_sources = vc_tool_options(ep->r->tool)->max_sources,
	};
	int err;

	if (!is_ours(ep))
		return 0;
	vc_udp_map(&peer, vc_udp_local(ep->port->rtp));
	err = vc_dtlsport_new(&ep->port->dtls, &conf);
	if (!err)
		ep->terms = (struct vc_dtls_terms){ .n = 0 };
	return err;
}

void vc_rtprx_dtls_clear(struct endpoint *ep)
{
	vc_dtls_offer_clear(&ep->offer);
	vc_dtls_terms_clear(&ep->terms);
}

void vc_rtprx_fill_dtls(const struct vc_rtprx *r, struct vc_json *record)
{
	struct vc_json *list = NULL;

	for (size_t i = 0; i < r->n; i++) {
		const struct endpoint *ep = &r->eps[i];
		struct vc_json *one;

		if (!is_ours(ep) || !ep->port->dtls)
			continue;
		one = vc_dtlsport_json(ep->port->dtls);
		vc_json_set_str(one, "at", ep->where.text);
		list = list ? list : vc_json_array();
		vc_json_add(list, one);
	}
	if (list)
		vc_json_set(record, "dtls", list);
}
