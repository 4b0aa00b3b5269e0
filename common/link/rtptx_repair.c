/* SPDX-License-Identifier: MIT */
/*
 * Sending again what a destination asks for (NACK): as retransmissions (RFC
 * 4588), with an SSRC and numbers of its own for each destination and stream,
 * or where no format for them is described, as it was. What was sent of late is
 * kept by rtptx_kept.c; each destination has a budget.
 *
 * Who sends no media learns the round trip from our answers to his clock (RFC
 * 3611 section 4.5).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"
#include "session/resend.h"
#include "session/xr.h"
#include "wire/defaults.h"
#include "wire/rtcpxr.h"
#include "wire/rtx.h"

#define NO_PT 255
#define XR_MAX (16 + 12 * VC_XR_PEERS)

/* Retransmissions of one stream. */
struct rtxout {
	struct rtxout *next;
	uint32_t media;
	uint32_t ssrc;
	uint16_t seq; /* the next */
	uint64_t packets;
	uint64_t octets; /* of payloads */
};

struct txrepair {
	struct vc_resend resend;
	struct vc_xrpeers peers;
	struct rtxout *rtx;
};

/* --- formats --- */

static bool wants(const struct vc_rtptx *s, unsigned int bit)
{
	return vc_repair_has(&s->conf.repair, bit, true);
}

bool vc_txrepair_is_wanted(const struct vc_rtptx *s)
{
	return wants(s, VC_REPAIR_NACK | VC_REPAIR_RTX);
}

static bool is_repair(enum vc_codec codec)
{
	return codec == VC_CODEC_RTX || codec == VC_CODEC_RED ||
	       codec == VC_CODEC_ULPFEC || codec == VC_CODEC_FLEXFEC;
}

/* The payload type of the retransmissions of 'pt' in a section, or NO_PT. */
static uint8_t described(const struct vc_sdp_media *m, uint8_t pt)
{
	for (unsigned int i = 0; i < m->n_fmt; i++) {
		uint8_t apt;

		if (vc_codec_by_name(m->fmt[i].codec) == VC_CODEC_RTX &&
		    vc_rtx_apt(m->fmt[i].fmtp, &apt) && apt == pt)
			return m->fmt[i].pt;
	}
	return NO_PT;
}

/* The one of our own numbering, if that is what the description follows. */
static const struct vc_default_fmt *default_of(const struct vc_sdp *sdp,
					       const struct vc_sdp_fmt *f)
{
	const struct vc_default_fmt *own = vc_default_find(f->pt);

	if (!own || !vc_str_eq_nocase(f->codec, vc_str_c(own->codec)))
		return NULL;
	for (size_t i = 0; i < vc_default_n_fmts; i++) {
		const struct vc_default_fmt *def = &vc_default_fmts[i];
		uint8_t apt;

		if (!strcmp(def->codec, "rtx") &&
		    vc_rtx_apt(vc_str_c(def->fmtp), &apt) && apt == f->pt &&
		    !vc_sdp_find_pt(sdp, def->pt, NULL, NULL))
			return def;
	}
	return NULL;
}

void vc_txrepair_desc(struct vc_rtptx *s, const struct vc_sdp *sdp)
{
	memset(s->rtx_pt, NO_PT, sizeof(s->rtx_pt));
	s->is_rsize = s->conf.sdp_out;
	s->rid_exts = vc_rtx_rids(sdp);
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		s->is_rsize |= m->rtcp_rsize;
		for (unsigned int k = 0; k < m->n_fmt; k++) {
			const struct vc_sdp_fmt *f = &m->fmt[k];
			const struct vc_default_fmt *def = default_of(sdp, f);
			uint8_t pt = described(m, f->pt);

			if (pt == NO_PT && def)
				pt = def->pt;
			if (wants(s, VC_REPAIR_RTX))
				s->rtx_pt[f->pt] = pt;
		}
	}
}

/* Adds the format for retransmissions of 'pt', if it is not there. */
static void add_format(const struct vc_rtptx *s, struct vc_sdp_media *m,
		       uint8_t pt)
{
	const struct vc_default_fmt *def;

	if (s->rtx_pt[pt] == NO_PT || described(m, pt) != NO_PT ||
	    m->n_fmt == VC_SDP_FMT_MAX)
		return;
	def = vc_default_find(s->rtx_pt[pt]);
	m->fmt[m->n_fmt] = (struct vc_sdp_fmt){
		.pt = def->pt,
		.codec = vc_str_c(def->codec),
		.rate = def->rate,
		.channels = def->channels,
		.fmtp = vc_str_c(def->fmtp),
	};
	m->n_fmt++;
}

void vc_txrepair_describe(const struct vc_rtptx *s, struct vc_sdp *sdp)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];
		unsigned int n = m->n_fmt;

		m->rtcp_rsize = true;
		for (unsigned int k = 0; k < n; k++) {
			if (is_repair(vc_codec_by_name(m->fmt[k].codec)))
				continue;
			if (wants(s, VC_REPAIR_NACK | VC_REPAIR_RTX))
				m->fmt[k].fb |= VC_FB_NACK;
			add_format(s, m, m->fmt[k].pt);
		}
	}
}

/* --- destinations --- */

static void forget(struct vc_dest *d, uint32_t media)
{
	struct rtxout **at = d->repair ? &d->repair->rtx : NULL;

	while (at && *at) {
		struct rtxout *o = *at;

		if (o->media != media) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		if (d->group)
			vc_group_forget(d->group, o->ssrc);
		free(o);
	}
}

void vc_txrepair_end(struct stream *st)
{
	for (struct vc_dest *d = st->group->dests; d; d = d->next_alike)
		forget(d, st->splice.sender.ssrc);
	vc_txkept_end(st);
}

/* NULL: there is no memory for it, so nothing is sent again. */
static struct txrepair *repair_of(struct vc_dest *d)
{
	if (d->repair)
		return d->repair;
	d->repair = vc_try_alloc(1, sizeof(*d->repair));
	if (d->repair)
		vc_resend_init(&d->repair->resend, vc_loop_now(d->s->loop));
	return d->repair;
}

void vc_txrepair_free(struct vc_dest *d)
{
	while (d->repair && d->repair->rtx)
		forget(d, d->repair->rtx->media);
	if (d->repair)
		vc_resend_clear(&d->repair->resend);
	free(d->repair);
	d->repair = NULL;
}

void vc_txrepair_sent(struct vc_dest *d, size_t len)
{
	struct txrepair *r = repair_of(d);

	if (r)
		vc_resend_media(&r->resend, len, vc_loop_now(d->s->loop));
}

bool vc_txrepair_has_ssrc(const struct vc_dest *d, uint32_t ssrc)
{
	const struct rtxout *o = d->repair ? d->repair->rtx : NULL;

	while (o && o->ssrc != ssrc)
		o = o->next;
	return o;
}

/* Equal seeds, destinations and streams give equal numbers, in clear. */
static void draw(struct vc_dest *d, struct rtxout *o)
{
	const struct vc_rand *rand = vc_rtptx_rand(d->s);
	char purpose[48];
	uint64_t n = 0;

	snprintf(purpose, sizeof(purpose), "rtx %08" PRIx32 " %016" PRIx64,
		 o->media, vc_hash_str(d->where.text));
	do {
		o->ssrc = vc_rand_u32(rand, purpose, n);
		n++;
	} while (vc_rtptx_is_taken(d->s, o->ssrc) ||
		 vc_group_claim(d->group, o->ssrc) == -EADDRINUSE);
	o->seq = (uint16_t)(vc_rand_u32(rand, purpose, n) & 0x7fff);
}

static struct rtxout *rtxout_of(struct vc_dest *d, uint32_t media)
{
	struct rtxout *o = d->repair->rtx;

	while (o && o->media != media)
		o = o->next;
	if (o)
		return o;
	o = vc_try_alloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->media = media;
	draw(d, o);
	o->next = d->repair->rtx;
	d->repair->rtx = o;
	return o;
}

/* --- sending again --- */

/* 'was' is a packet as it was sent. */
static void send_rtx(struct vc_dest *d, struct stream *st,
		     const struct vc_packet *was, uint8_t pt)
{
	struct rtxout *o = rtxout_of(d, st->splice.sender.ssrc);
	struct vc_packet *pkt;
	struct vc_rtx rtx;
	struct vc_wr w;

	pkt = vc_packet_new(vc_tool_pool(d->s->tool), was->len + VC_RTX_OSN);
	if (!o || !pkt) {
		vc_packet_unref(pkt);
		return;
	}
	rtx = (struct vc_rtx){ o->ssrc, pt, o->seq, d->s->rid_exts };
	w = vc_wr_over(pkt->data, was->len + VC_RTX_OSN);
	if (!vc_rtx_write(&w, &rtx, was->data, was->len) && !w.bad) {
		pkt->len = vc_wr_len(&w);
		o->seq++;
		o->packets++;
		o->octets += pkt->len - VC_RTP_HEADER;
		vc_dest_put(d, pkt, pkt->data, d->dscp.of[st->kind]);
	}
	vc_packet_unref(pkt);
}

/* A stream whose retransmissions have a format: its payload type, or NO_PT. */
static uint8_t padding_pt(const struct vc_dest *d, const struct stream *st)
{
	if (st->kind != VC_VIDEO || !st->has_begun || !st->src ||
	    !(d->media & 1u << st->kind))
		return NO_PT;
	return d->s->rtx_pt[st->src->pt & 0x7f];
}

/* RTP's padding: its last octet says how much there is. */
static void fill(struct vc_packet *pkt, size_t n)
{
	memset(pkt->data + VC_RTP_HEADER, 0, n);
	pkt->data[0] |= 0x20;
	pkt->len = VC_RTP_HEADER + n;
	pkt->data[pkt->len - 1] = (uint8_t)n;
}

struct vc_packet *vc_txrepair_padding(struct vc_dest *d, size_t len)
{
	const struct stream *st = d->group->streams;
	size_t n = len > VC_RTP_HEADER ? len - VC_RTP_HEADER : 1;
	struct vc_packet *pkt;
	struct rtxout *o;
	struct vc_wr w;
	struct vc_rtp rtp = { 0 };

	while (st && padding_pt(d, st) == NO_PT)
		st = st->next;
	if (!st || !repair_of(d))
		return NULL;
	n = n > UINT8_MAX ? UINT8_MAX : n;
	o = rtxout_of(d, st->splice.sender.ssrc);
	pkt = o ? vc_packet_new(vc_tool_pool(d->s->tool), VC_RTP_HEADER + n) :
		  NULL;
	if (!pkt)
		return NULL;
	rtp.pt = padding_pt(d, st);
	rtp.seq = o->seq++;
	rtp.ts = st->splice.last_ts;
	rtp.ssrc = o->ssrc;
	w = vc_wr_over(pkt->data, VC_RTP_HEADER);
	(void)vc_rtp_write(&w, &rtp);
	fill(pkt, n);
	o->packets++;
	return pkt;
}

static void answer(struct vc_dest *d, struct stream *st, uint16_t seq)
{
	int64_t now = vc_loop_now(d->s->loop);
	struct txkept kept = { .len = 0 };
	const bool is_kept = vc_txkept_find(st, seq, now, &kept);
	uint8_t pt = is_kept ? d->s->rtx_pt[kept.pt] : NO_PT;
	struct vc_packet *was;

	/* Sealed, the same number goes out once. */
	if (is_kept && pt == NO_PT && vc_keychain_is_on(d->s->conf.keychain))
		return;
	if (!vc_resend_ask(&d->repair->resend, st->splice.sender.ssrc, seq,
			   kept.len, now))
		return;
	was = vc_txkept_packet(st, &kept);
	if (was && pt != NO_PT)
		send_rtx(d, st, was, pt);
	else if (was)
		vc_dest_put(d, was, was->data, d->dscp.of[st->kind]);
	vc_packet_unref(was);
}

void vc_txrepair_nack(struct vc_dest *d, struct stream *st,
		      const struct vc_rtcp_fb *fb)
{
	struct vc_rtcp_nack e;

	if (!vc_txrepair_is_wanted(d->s) || !repair_of(d))
		return;
	for (size_t i = 0; vc_rtcp_nack_at(fb, i, &e); i++) {
		answer(d, st, e.pid);
		for (unsigned int b = 0; b < 16; b++) {
			if (e.blp & 1u << b)
				answer(d, st, (uint16_t)(e.pid + 1 + b));
		}
	}
}

void vc_txrepair_rtt(struct vc_dest *d, struct stream *st, int64_t rtt)
{
	if (repair_of(d))
		vc_resend_rtt(&d->repair->resend, rtt);
	vc_txkept_rtt(st, rtt, vc_loop_now(d->s->loop));
}

/* --- reports --- */

void vc_txrepair_take_xr(struct vc_dest *d, const struct vc_rtcp *pkt)
{
	struct vc_xr_block b;
	struct vc_rd rd;
	uint32_t author;
	uint64_t ntp;

	if (!vc_xr_over(pkt, &author, &rd) || !repair_of(d))
		return;
	while (vc_xr_next(&rd, &b)) {
		if (!vc_xr_parse_rrt(&ntp, &b))
			vc_xrpeers_heard(&d->repair->peers, author, ntp,
					 vc_loop_now(d->s->loop));
	}
}

size_t vc_txrepair_write_xr(struct vc_dest *d, uint32_t ssrc, uint8_t *p,
			    size_t cap, int64_t now)
{
	struct vc_wr w = vc_wr_over(p, cap);
	uint8_t *head;

	if (!d->repair || !d->repair->peers.n || cap < XR_MAX)
		return 0;
	head = vc_xr_open(&w, ssrc);
	vc_xrpeers_write(&d->repair->peers, &w, now);
	vc_xr_close(&w, head);
	return w.bad ? 0 : vc_wr_len(&w);
}

bool vc_txrepair_stand_in(const struct vc_dest *d, const struct stream *st,
			  struct vc_splice *out)
{
	const struct rtxout *o = d->repair ? d->repair->rtx : NULL;

	while (o && o->media != st->splice.sender.ssrc)
		o = o->next;
	if (!o)
		return false;
	*out = st->splice;
	out->sender.ssrc = o->ssrc;
	out->sender.packets = o->packets;
	out->sender.octets = o->octets;
	return true;
}

void vc_txrepair_fill_stats(const struct vc_dest *d, struct vc_json *j)
{
	static const struct vc_resend_counts none;
	const struct vc_resend_counts *c =
		d->repair ? &d->repair->resend.counts : &none;
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "asked", c->asked },	     { "resent", c->resent },
		{ "octets", c->octets },     { "unknown", c->unknown },
		{ "too_soon", c->too_soon }, { "over", c->over },
	};
	struct vc_json *one = vc_json_object();

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(one, rows[i].key, (int64_t)rows[i].n);
	vc_json_set(j, "repair", one);
}
