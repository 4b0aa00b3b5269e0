/* SPDX-License-Identifier: MIT */
/*
 * dtls+rtp:// destinations. Who is active says hello when his port is open;
 * nothing is sent to anybody who has no keys yet, and so that a recording does
 * not begin without him the input waits until all have keys or have failed,
 * but no longer than 2 s for the rest of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/dtlsid.h"
#include "link/dtlsport.h"
#include "link/rtptx_internal.h"
#include "wire/sdp.h"

#define PATIENCE (2 * VC_SEC)
/* Of a destination that only reports; each has RTX, and may begin anew. */
#define REPORTERS 16

/* --- the input waits --- */

static bool has_failed(const struct vc_dest *d)
{
	return d->port->dtls &&
	       vc_dtlsport_state(d->port->dtls) == VC_DTLS_FAILED;
}

static void patience_due(void *ctx, int64_t now)
{
	struct vc_rtptx *s = ctx;

	(void)now;
	s->does_wait = false;
	vc_in_suspend(s->in, false);
}

static void look(struct vc_rtptx *s)
{
	bool is_any_ready = false, is_any_coming = false;

	if (!s->does_wait)
		return;
	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		is_any_ready |= !vc_dest_lacks_key(d);
		is_any_coming |= vc_dest_lacks_key(d) && !has_failed(d);
	}
	/* Not from here, as a datagram may be at hand. */
	if (!is_any_coming)
		vc_timer_arm(s->loop, &s->patience, vc_loop_now(s->loop));
	else if (is_any_ready && !s->patience.place)
		vc_timer_arm(s->loop, &s->patience,
			     vc_loop_now(s->loop) + PATIENCE);
}

void vc_rtptx_wait(struct vc_rtptx *s)
{
	bool is_any = false;

	for (const struct vc_dest *d = s->dests; d; d = d->next)
		is_any |= vc_dest_lacks_key(d);
	if (!is_any || s->conf.in.is_side)
		return;
	s->does_wait = true;
	s->patience = (struct vc_timer){ .fn = patience_due, .ctx = s };
	vc_in_suspend(s->in, true);
	look(s);
}

void vc_rtptx_unwait(struct vc_rtptx *s)
{
	if (!s->does_wait)
		return;
	s->does_wait = false;
	vc_timer_cancel(s->loop, &s->patience);
	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		if (!vc_dest_lacks_key(d))
			continue;
		vc_tool_fail(s->tool, VC_EXIT_AUTH,
			     "%s: no DTLS handshake came to its end: nothing "
			     "was sent",
			     d->where.text);
	}
}

/* --- keys come and go --- */

void vc_dest_rekey(struct vc_dest *d)
{
	struct vc_seal *seal = vc_port_seal(d->port, &d->peer);

	if (d->srtp->seal == seal)
		return;
	d->srtp->seal = seal;
	d->srtp->is_over = false;
	d->srtp->n_gone = 0;
	if (!seal || !d->group)
		return;
	vc_dest_greet(d);
	vc_dest_ask_keys(d);
}

static void give_up(struct vc_dest *d)
{
	bool is_any_alive = false;

	vc_tool_fail(d->s->tool, VC_EXIT_AUTH,
		     "%s: no DTLS handshake came to its end: nothing is sent",
		     d->where.text);
	for (const struct vc_dest *o = d->s->dests; o; o = o->next)
		is_any_alive |= !has_failed(o);
	if (!is_any_alive) {
		d->s->does_wait = false;
		vc_tool_stop(d->s->tool, "error");
	}
}

void vc_dest_keys(void *ctx)
{
	struct vc_dest *d = ctx;

	if (!d->port->dtls || !d->srtp)
		return;
	vc_dest_rekey(d);
	if (has_failed(d))
		give_up(d);
	look(d->s);
}

bool vc_dest_lacks_key(const struct vc_dest *d)
{
	return d->srtp && !d->srtp->seal;
}

/* --- opening --- */

/* What sdp= says of the peer. 0, or -EINVAL and why. */
static int read_offer(const struct vc_dest *d, struct vc_dtls_offer *offer,
		      struct vc_why *why)
{
	const char *file = vc_place_key(d->place, "sdp"), *reason = NULL;
	struct vc_place p;
	struct vc_sdp *sdp;
	char *text = NULL, wrong[256] = "";
	size_t len;
	int err;

	*offer = (struct vc_dtls_offer){ .setup = -1 };
	if (!file)
		return 0;
	sdp = vc_try_alloc(1, sizeof(*sdp));
	err = sdp ? vc_place_parse(&p, file, false, wrong, sizeof(wrong)) :
		    -ENOMEM;
	if (err == -EINVAL)
		reason = wrong;
	if (!err)
		err = vc_place_slurp(&p, VC_SDP_TEXT_MAX, &text, &len);
	if (!err) {
		err = vc_sdp_parse(sdp, text, len);
		reason = sdp->bad_why;
	}
	if (!err)
		err = vc_dtls_offer_read(offer, sdp, &reason);
	if (err)
		snprintf(why->text, sizeof(why->text), "sdp=%.160s: %s", file,
			 reason ? reason : strerror(-err));
	free(text);
	free(sdp);
	return err ? -EINVAL : 0;
}

static int open_port(struct vc_dest *d, struct vc_dtls_terms *terms)
{
	const struct vc_rtptx *s = d->s;
	const struct vc_dtlsport_conf conf = {
		.port = d->port,
		.keychain = s->conf.keychain,
		.where = d->where.text,
		.terms = terms,
		.peer = &d->peer,
		.is_connected = d->is_connected,
		.max_sources = s->conf.is_duplex ?
				       vc_tool_options(s->tool)->max_sources :
				       REPORTERS,
	};

	return vc_dtlsport_new(&d->port->dtls, &conf);
}

int vc_dest_shake(struct vc_dest *d, struct vc_why *why)
{
	struct vc_dtls_offer offer;
	struct vc_dtls_terms terms;
	const char *reason = NULL;
	int err = read_offer(d, &offer, why);

	if (err)
		return err;
	err = vc_dtls_terms_make(&terms, vc_keychain_dtls(d->s->conf.keychain),
				 d->where.name, &offer, true, &reason);
	vc_dtls_offer_clear(&offer);
	if (err && reason)
		snprintf(why->text, sizeof(why->text), "%s", reason);
	if (err)
		return err;
	d->setup = terms.setup;
	err = vc_dest_secure(d);
	if (!err)
		err = open_port(d, &terms);
	if (err)
		vc_dtls_terms_clear(&terms);
	return err;
}
