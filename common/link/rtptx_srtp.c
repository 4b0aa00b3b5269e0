/* SPDX-License-Identifier: MIT */
/*
 * What goes out where there are keys. A destination is a group of its own
 * then, with SSRCs of its own, whoever else is sent to with its key: no number
 * is ever used twice for two packets. Packets are sealed when they are sent,
 * where they lie if that is the last time, else a batch in memory that all
 * destinations share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/rtptx_internal.h"
#include "net/srtp.h"

/* A whole batch of packets as they mostly are, or a few of the largest. */
#define SCRATCH (VC_UDP_BATCH * 1536u)
#define ALIGN 8u

const struct vc_rand *vc_rtptx_rand(const struct vc_rtptx *s)
{
	return vc_keychain_is_on(s->conf.keychain) ?
		       vc_keychain_rand(s->conf.keychain) :
		       vc_tool_rand(s->tool);
}

int vc_dest_secure(struct vc_dest *d)
{
	struct vc_rtptx *s = d->s;
	struct vc_seal *seal;

	if (!vc_keychain_is_on(s->conf.keychain))
		return d->where.is_srtp ? -ENOKEY : 0;
	if (d->where.is_dtls || d->port->dtls)
		seal = vc_port_seal(d->port, &d->peer);
	else
		seal = vc_keychain_seal(s->conf.keychain, d->where.name);
	if (!seal && !d->where.is_dtls)
		return -ENOKEY;
	if (!s->scratch)
		s->scratch = vc_try_alloc(SCRATCH, 1);
	d->srtp = vc_try_alloc(1, sizeof(*d->srtp));
	if (!s->scratch || !d->srtp)
		return -ENOMEM;
	d->srtp->seal = seal;
	return 0;
}

void vc_dest_unsecure(struct vc_dest *d)
{
	if (d->srtp)
		vc_dest_forget_gone(d);
	free(d->srtp);
}

/* --- packets --- */

static bool is_any_alive(const struct vc_rtptx *s)
{
	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		if (!d->srtp || !d->srtp->is_over)
			return true;
	}
	return false;
}

void vc_dest_unsealed(struct vc_dest *d, int err)
{
	struct vc_tool *t = d->s->tool;

	d->counts.unsealed++;
	if (err == -ENOKEY)
		return; /* DTLS has ended meanwhile */
	if (err != -EKEYEXPIRED) {
		vc_tool_warn_limited(t, &d->srtp->warn, "%s: seal: %s",
				     d->where.text, strerror(-err));
		return;
	}
	if (d->srtp->is_over)
		return;
	d->srtp->is_over = true;
	vc_tool_fail(t, VC_EXIT_AUTH,
		     "%s: the life of its key is over: nothing more is sent",
		     d->where.text);
	if (!d->s->conf.in.is_side && !is_any_alive(d->s))
		vc_tool_stop(t, "error");
}

static int seal_in_place(struct vc_dest *d, struct vc_packet *pkt,
			 struct vc_udp_piece *piece)
{
	size_t len = piece->body_len;
	int err = vc_seal(d->srtp->seal, pkt->data, &len, pkt->cap);

	if (!err)
		piece->body_len = (uint16_t)len;
	return err;
}

int vc_dest_seal(struct vc_dest *d, struct vc_packet *pkt,
		 struct vc_udp_piece *piece, size_t *at)
{
	uint8_t *p = d->s->scratch + *at;
	size_t len = (size_t)piece->head_len + piece->body_len;
	int err;

	if (!d->srtp->seal)
		return -ENOKEY;
	if (!piece->head_len && pkt->refs == 1 &&
	    len + VC_SRTP_TRAILER_MAX <= pkt->cap)
		return seal_in_place(d, pkt, piece);
	if (len + VC_SRTP_TRAILER_MAX > SCRATCH - *at)
		return -ENOSPC;
	if (piece->head_len)
		memcpy(p, piece->head, piece->head_len);
	memcpy(p + piece->head_len, piece->body, piece->body_len);
	err = vc_seal(d->srtp->seal, p, &len, SCRATCH - *at);
	if (err)
		return err;
	piece->head_len = 0;
	piece->body = p;
	piece->body_len = (uint16_t)len;
	*at += (len + ALIGN - 1) / ALIGN * ALIGN;
	if (*at > SCRATCH)
		*at = SCRATCH;
	return 0;
}

/* --- SSRCs --- */

void vc_dest_forget_gone(struct vc_dest *d)
{
	for (unsigned int i = 0; d->srtp->seal && i < d->srtp->n_gone; i++)
		vc_seal_forget(d->srtp->seal, d->srtp->gone[i]);
	d->srtp->n_gone = 0;
}

int vc_group_claim(const struct group *g, uint32_t ssrc)
{
	struct vc_dest *d = g->dests;

	return d && d->srtp && d->srtp->seal ?
		       vc_seal_claim(d->srtp->seal, ssrc) :
		       0;
}

void vc_group_forget(const struct group *g, uint32_t ssrc)
{
	struct vc_dest *d = g->dests;

	if (!d || !d->srtp)
		return;
	/* One too many is never forgotten: its numbers must not begin anew. */
	if (d->srtp->n_gone == VC_TX_GONE)
		return;
	d->srtp->gone[d->srtp->n_gone] = ssrc;
	d->srtp->n_gone++;
	if (!vc_dest_is_busy(d))
		vc_dest_forget_gone(d);
}
