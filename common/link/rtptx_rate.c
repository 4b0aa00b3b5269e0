/* SPDX-License-Identifier: MIT */
/*
 * What congestion control adds to packets and says to others: the transport-wide
 * number and the time of sending as header extensions (RFC 8285), by the ids
 * that the description has for them or our own; both in the SDP for receivers;
 * and to the producers what bit rate their pictures may have, which is what
 * the narrowest of the paths that they take leaves for them.
 */

#include <math.h>

#include "base/time.h"
#include "link/rtptx_internal.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define EXT_ROOM 16	     /* that they take at most in a header */
#define UNHEARD (5 * VC_SEC) /* reports, but no feedback */
#define TELL (200 * VC_MS)
#define LEAST_BPS 30000 /* that producers take */
#define MOST_BPS 50000000
#define ID_MAX 14 /* of the one-byte form */

/* --- ids --- */

/* The described id, else 'usual' or another that is free; 0: none is. */
static uint8_t id_of(const struct vc_sdp *sdp, const char *uri, uint8_t usual,
		     uint8_t taken)
{
	uint8_t id = vc_sdp_ext_id(sdp, uri);

	if (id)
		return id;
	if (!vc_sdp_ext_uri(sdp, usual).len)
		return usual;
	for (id = 1; id <= ID_MAX; id++) {
		if (id != taken && !vc_sdp_ext_uri(sdp, id).len)
			return id;
	}
	return 0;
}

void vc_txrate_desc(struct vc_rtptx *s, const struct vc_sdp *sdp)
{
	if (s->conf.bwe.by != VC_BWE_BY_TWCC)
		return;
	s->ext_twcc = id_of(sdp, VC_EXT_URI_TWCC, VC_EXT_TWCC, 0);
	s->ext_time = id_of(sdp, VC_EXT_URI_ABS_SEND_TIME, VC_EXT_ABS_SEND_TIME,
			    s->ext_twcc);
	if (!s->ext_twcc)
		vc_tool_warn(s->tool, "--bwe=twcc: the description leaves no "
				      "id for the numbers of packets");
}

static void add_ext(struct vc_sdp_media *m, uint8_t id, const char *uri)
{
	if (!id || vc_sdp_find_ext(m, uri) || m->n_ext == VC_SDP_EXT_MAX)
		return;
	m->ext[m->n_ext] =
		(struct vc_sdp_extmap){ .id = id, .uri = vc_str_c(uri) };
	m->n_ext++;
}

void vc_txrate_describe(const struct vc_rtptx *s, struct vc_sdp *sdp)
{
	const bool by_twcc = s->conf.bwe.by == VC_BWE_BY_TWCC;

	if (s->conf.bwe.by == VC_BWE_OFF)
		return;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];

		if (!m->is_rtp)
			continue;
		for (unsigned int k = 0; k < m->n_fmt; k++)
			m->fmt[k].fb |= by_twcc ? VC_FB_TWCC : VC_FB_CCFB;
		if (!by_twcc)
			continue;
		add_ext(m, s->ext_twcc, VC_EXT_URI_TWCC);
		add_ext(m, s->ext_time, VC_EXT_URI_ABS_SEND_TIME);
	}
}

/* --- packets --- */

struct vc_packet *vc_txrate_number(struct vc_rtptx *s,
				   const struct vc_packet *pkt,
				   const uint8_t *head, size_t at[static 2])
{
	const struct vc_ext put[] = { { .id = s->ext_twcc, .len = 2 },
				      { .id = s->ext_time, .len = 3 } };
	struct vc_packet *out;
	struct vc_rtp rtp;
	struct vc_wr w;

	if (!s->ext_twcc || vc_rtp_parse(&rtp, pkt->data, pkt->len) ||
	    pkt->len + EXT_ROOM > VC_PACKET_MAX)
		return NULL;
	out = vc_packet_new(vc_tool_pool(s->tool), pkt->len + EXT_ROOM);
	if (!out)
		return NULL;
	rtp.pt = vc_rtp_get_pt(head);
	rtp.marker = vc_rtp_get_marker(head);
	rtp.seq = vc_rtp_get_seq(head);
	rtp.ts = vc_rtp_get_ts(head);
	rtp.ssrc = vc_rtp_get_ssrc(head);
	w = vc_wr_over(out->data, pkt->len + EXT_ROOM);
	if (!vc_ext_put(&w, &rtp, put, s->ext_time ? 2 : 1, at))
		vc_wr_bytes(&w, pkt->data + rtp.header_len,
			    pkt->len - rtp.header_len);
	else
		w.bad = true;
	if (w.bad) {
		vc_packet_unref(out);
		return NULL;
	}
	out->len = vc_wr_len(&w);
	out->arrival = pkt->arrival;
	return out;
}

/* --- producers --- */

/* Of all that are sent it; 0: nobody sets a limit. */
static uint64_t narrowest(const struct vc_rtptx *s, const struct txsrc *tx)
{
	uint64_t least = 0;

	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		size_t i = d->group ? d->group->index : 0;
		uint64_t share;

		if (!d->cc || !d->group || i >= tx->cap || !tx->ways[i].st ||
		    !(d->media & 1u << VC_VIDEO))
			continue;
		share = vc_txcc_share(d);
		if (share && (!least || share < least))
			least = share;
	}
	return least;
}

/* What pictures of a size need: less than in proportion to their area. */
static double need_of(const struct vc_layer *l)
{
	return pow((double)l->width * l->height, 0.75);
}

/* Layers of one picture do not get equal shares, but by what they need. */
static void weigh_group(struct vc_layer *const *all, size_t n)
{
	bool is_known = true;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		is_known &= all[i]->width > 0;
		sum += need_of(all[i]);
	}
	for (size_t i = 0; i < n && is_known; i++) {
		struct txsrc *tx = all[i]->owner;

		tx->weight = (double)n * need_of(all[i]) / sum;
	}
}

static void weigh(const struct vc_rtptx *s)
{
	struct vc_source *first = vc_roster_first(vc_in_roster(s->in));
	struct vc_layer *all[VC_LAYERS_MAX];

	for (struct vc_source *src = first; src; src = src->next) {
		struct txsrc *tx = src->user;

		if (!tx)
			continue;
		tx->weight = 1;
		vc_layers_clear(&tx->layer);
	}
	for (struct vc_source *src = first; src; src = src->next) {
		struct txsrc *tx = src->user;

		if (tx && src->rid[0])
			vc_layers_link(&tx->layer);
	}
	for (struct vc_source *src = first; src; src = src->next) {
		struct txsrc *tx = src->user;

		if (tx && src->rid[0])
			weigh_group(all, vc_layers_group(&tx->layer, all));
	}
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void tell(struct vc_rtptx *s, const struct vc_source *src)
{
	struct txsrc *tx = src->user;
	uint64_t bps = narrowest(s, tx);

	if (!bps)
		return;
	bps = (uint64_t)((double)bps * tx->weight);
	if (bps < LEAST_BPS)
		bps = LEAST_BPS;
	if (bps > MOST_BPS)
		bps = MOST_BPS;
	if (tx->told_bps && apart(tx->told_bps, bps) <= tx->told_bps / 50)
		return;
	tx->told_bps = bps;
	vc_in_bitrate(s->in, src->ssrc, bps);
}

static void tell_all(void *ctx, int64_t now)
{
	struct vc_rtptx *s = ctx;
	const struct vc_source *src = vc_roster_first(vc_in_roster(s->in));

	weigh(s);
	for (; src; src = src->next) {
		if (src->user && src->kind == VC_VIDEO)
			tell(s, src);
	}
	vc_timer_arm(s->loop, &s->rate_timer, now + TELL);
}

void vc_txrate_reported(struct vc_dest *d)
{
	const bool by_twcc = d->s->conf.bwe.by == VC_BWE_BY_TWCC;
	int64_t now = vc_loop_now(d->s->loop);

	if (d->reported == VC_TIME_NONE)
		d->reported = now;
	if (d->is_deaf || now - d->reported < UNHEARD || !vc_txcc_is_unheard(d))
		return;
	d->is_deaf = true;
	vc_tool_warn(d->s->tool,
		     "%s: reports come, but not the feedback of --bwe=%s: the "
		     "rate stays as it began (cure: vc-recv "
		     "--feedback=rr,nack,pli,%s there, or --sdp-out's "
		     "description)",
		     d->where.text, by_twcc ? "twcc" : "rfc8888",
		     by_twcc ? "twcc" : "ccfb");
}

void vc_txrate_begin(struct vc_rtptx *s)
{
	s->rate_timer = (struct vc_timer){ .fn = tell_all, .ctx = s };
	if (s->conf.bwe.by != VC_BWE_OFF)
		vc_timer_arm(s->loop, &s->rate_timer,
			     vc_loop_now(s->loop) + TELL);
}

void vc_txrate_end(struct vc_rtptx *s)
{
	vc_timer_cancel(s->loop, &s->rate_timer);
}
