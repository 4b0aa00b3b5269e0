/* SPDX-License-Identifier: MIT */
/* Packets as they arrive: see passive.h. */
#include "passive.h"

#include <stdlib.h>

#include "base/mem.h"
#include "probe.h"
#include "wire/codec.h"
#include "wire/opus.h"
#include "wire/rtpext.h"

#define OPUS_SILENT 2 /* octets at most: nothing is in it (DTX) */

static struct passive *begin(const struct probe *p, const struct meter *m)
{
	struct passive *x = vc_try_alloc(1, sizeof(*x));

	if (!x)
		return NULL;
	vc_flow_init(&x->flow, m->rx.rate_hz, p->opt->buffers,
		     p->opt->n_buffers);
	x->check.is_video = m->kind == VC_VIDEO;
	x->check.may_reorder = m->codec == VC_CODEC_H264 ||
			       m->codec == VC_CODEC_NONE;
	x->loss_end = VC_TIME_NONE;
	x->latency.pt = -1;
	return x;
}

static void see_pt(struct passive *x, const struct vc_source *src,
		   const struct vc_rtp *rtp)
{
	struct seen_pt *s = &x->pt[x->pt_at];

	if (!x->n_pts || s->pt != rtp->pt) {
		unsigned int i = 0;

		while (i < x->n_pts && x->pt[i].pt != rtp->pt)
			i++;
		if (i == SEEN_PTS) {
			x->other_pts++;
			return;
		}
		s = &x->pt[i];
		if (i == x->n_pts) {
			*s = (struct seen_pt){ .pt = rtp->pt,
					       .codec = src->codec };
			x->n_pts++;
		}
		x->pt_at = i;
	}
	s->packets++;
	s->octets += rtp->payload_len;
}

static void see_ext(struct passive *x, uint8_t id, unsigned int hint)
{
	unsigned int i = hint;

	/* They come in the same order, packet after packet. */
	if (i >= x->n_exts || x->ext[i].id != id) {
		i = 0;
		while (i < x->n_exts && x->ext[i].id != id)
			i++;
	}
	if (i == SEEN_EXTS) {
		x->other_exts++;
		return;
	}
	if (i == x->n_exts) {
		x->ext[i].id = id;
		x->n_exts++;
	}
	x->ext[i].packets++;
}

static void see_exts(struct passive *x, const struct vc_rtp *rtp)
{
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_ext ext;
	unsigned int i = 0;

	while (vc_ext_next(&it, &ext)) {
		see_ext(x, ext.id, i);
		i++;
	}
}

/* RTP time that a packet of sound holds; 0: it does not say. */
static uint32_t units_of(const struct vc_source *src, const struct vc_rtp *rtp)
{
	int samples;

	switch (src->codec) {
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
	case VC_CODEC_G722: /* two samples an octet, of which RTP counts one */
		return (uint32_t)rtp->payload_len;
	case VC_CODEC_L16:
		return (uint32_t)rtp->payload_len / 2 /
		       (src->channels ? src->channels : 1);
	case VC_CODEC_OPUS:
		samples = vc_opus_samples(rtp->payload, rtp->payload_len);
		return samples > 0 ? (uint32_t)samples : 0;
	default:
		return 0;
	}
}

static bool is_check(const struct meter *m)
{
	return m->kind == VC_AUDIO ||
	       (m->kind == VC_VIDEO && m->codec != VC_CODEC_RTX);
}

static void check(struct passive *x, const struct meter *m,
		  const struct vc_source *src, const struct vc_rtp *rtp)
{
	struct vc_rtpcheck_packet pkt = { .seq = rtp->seq,
					  .ts = rtp->ts,
					  .marker = rtp->marker };

	switch (src->codec) {
	case VC_CODEC_RTX:
	case VC_CODEC_ULPFEC:
	case VC_CODEC_FLEXFEC:
	case VC_CODEC_RED:
		/* Not of the media's own time and order. */
		vc_rtpcheck_restart(&x->check);
		return;
	default:
		break;
	}
	if (m->kind == VC_AUDIO) {
		pkt.units = units_of(src, rtp);
		pkt.is_silent = src->codec == VC_CODEC_CN ||
				(src->codec == VC_CODEC_OPUS &&
				 rtp->payload_len <= OPUS_SILENT);
		pkt.is_event = src->codec == VC_CODEC_TELEPHONE_EVENT;
	}
	vc_rtpcheck_put(&x->check, &pkt);
}

static int64_t missing(const struct vc_rxstats *rx)
{
	return vc_rxstats_lost(rx) + (int64_t)rx->duplicates;
}

/* How much of each LOSS_SPAN never came. */
static void lose(struct passive *x, const struct vc_rxstats *rx,
		 int64_t arrival)
{
	int64_t expected, lost;

	if (arrival < x->loss_end)
		return;
	expected = (int64_t)vc_rxstats_expected(rx);
	if (x->loss_end != VC_TIME_NONE) {
		lost = missing(rx) - x->loss_missing;
		expected -= x->loss_expected;
		if (expected > 0)
			vc_hist_put(&x->loss,
				    lost > 0 ? lost * 1000000 / expected : 0);
	}
	x->loss_expected = (int64_t)vc_rxstats_expected(rx);
	x->loss_missing = missing(rx);
	x->loss_end = arrival + LOSS_SPAN;
}

void passive_rtp(const struct probe *p, struct meter *m,
		 const struct vc_source *src, const struct vc_packet *pkt,
		 const struct vc_rtp *rtp, enum vc_rx rx)
{
	struct passive *x;

	if (!m->passive)
		m->passive = begin(p, m);
	x = m->passive;
	if (!x)
		return;
	if (rx == VC_RX_RESYNC) {
		vc_flow_tear(&x->flow);
		vc_rtpcheck_restart(&x->check);
	}
	vc_flow_put(&x->flow, rtp->ts, rtp->payload_len, pkt->arrival);
	see_pt(x, src, rtp);
	if (rtp->has_ext) {
		see_exts(x, rtp);
		latency_put(p, m, pkt, rtp);
	}
	if (vc_rx_is_media(rx) && is_check(m))
		check(x, m, src, rtp);
	if (m->kind == VC_AUDIO)
		lose(x, &m->rx, pkt->arrival);
}

void passive_end(struct meter *m)
{
	if (!m->passive)
		return;
	/* At least a fifth of one counts as one. */
	if (m->kind == VC_AUDIO &&
	    m->rx.last_arrival >=
		    m->passive->loss_end - LOSS_SPAN + LOSS_SPAN / 5) {
		m->passive->loss_end = m->rx.last_arrival;
		lose(m->passive, &m->rx, m->rx.last_arrival);
	}
	vc_flow_end(&m->passive->flow);
	vc_hist_close(&m->passive->loss);
	vc_hist_close(&m->passive->latency.by);
}

void passive_free(struct passive *x)
{
	if (!x)
		return;
	vc_flow_clear(&x->flow);
	vc_hist_clear(&x->loss);
	vc_hist_clear(&x->latency.by);
	free(x);
}
