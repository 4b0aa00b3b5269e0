/* SPDX-License-Identifier: MIT */
/* One source: what its packets, reports and `net` events say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "caught.h"
#include "decode.h"
#include "passive.h"
#include "probe.h"
#include "session/rtcpwatch.h"
#include "tool/capscan.h"
#include "wire/ntp.h"
#include "wire/opus.h"
#include "wire/rtpext.h"

#define COUNT_MAX (INT64_C(1) << 53)
#define ROUTE_MAX 16 /* more names are not kept */

static void meter_free(struct meter *m)
{
	vc_framestat_free(m->video);
	caught_free(m->caught);
	passive_free(m->passive);
	if (m->rtcp)
		vc_rtcpwatch_clear(m->rtcp);
	free(m->rtcp);
	free(m->lips);
	free(m->digits);
	decoder_free(m->decoder);
	vc_json_free(m->to);
	free(m);
}

/* Where the chain of those with the like of 'ssrc' begins, the newest first. */
static struct meter **chain_of(struct probe *p, uint32_t ssrc)
{
	return &p->by_ssrc[vc_hashkey_u64(&p->hash, ssrc, METER_CHAIN_BITS)];
}

static void unchain(struct probe *p, const struct meter *m)
{
	struct meter **at = chain_of(p, m->ssrc);

	while (*at != m)
		at = &(*at)->next_ssrc;
	*at = m->next_ssrc;
}

void meter_drop(struct probe *p, struct meter *m)
{
	const struct vc_rxstats *rx = &m->rx;
	struct past *past = &p->past;

	if (rx->packets && (!past->packets || rx->first_arrival < past->first))
		past->first = rx->first_arrival;
	if (rx->packets && (!past->packets || rx->last_arrival > past->last))
		past->last = rx->last_arrival;
	past->packets += rx->packets;
	past->octets += rx->octets;
	p->octets -= rx->octets;
	past->lost += vc_rxstats_lost(rx);
	past->expected += vc_rxstats_expected(rx);
	*(m->prev ? &m->prev->next : &p->first) = m->next;
	*(m->next ? &m->next->prev : &p->last) = m->prev;
	unchain(p, m);
	p->n_meters--;
	meter_free(m);
}

static void forget_oldest(struct probe *p)
{
	struct meter *m = p->first;

	while (m && !m->is_gone)
		m = m->next;
	if (!m)
		return;
	meter_drop(p, m);
	p->forgotten++;
}

/* It may have begun with comfort noise, or another format. */
static void decode(struct probe *p, struct meter *m, struct vc_source *src)
{
	if (m->decoder || m->decoder_tried == src->codec)
		return;
	m->decoder_tried = src->codec;
	m->decoder = decoder_new(p, m, src);
}

struct meter *meter_begin(struct probe *p, struct vc_source *src)
{
	struct meter *m;

	if (p->n_meters >= MAX_METERS)
		forget_oldest(p);
	m = vc_try_alloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->src = src;
	m->ssrc = src->ssrc;
	m->kind = src->kind;
	m->codec = src->codec;
	m->net.jitter_ms = NAN;
	vc_rxstats_init(&m->rx, src->rate_hz, 0);
	if (src->kind == VC_VIDEO && src->codec != VC_CODEC_RTX)
		m->video = vc_framestat_new((enum vc_codec)src->codec,
					    src->rate_hz, &p->video_room);
	if (m->video)
		vc_framestat_set_fmtp(m->video, vc_in_fmtp(p->in, src));
	m->decoder_tried = -1;
	meter_change(p, m, src);
	m->prev = p->last;
	if (p->last)
		p->last->next = m;
	else
		p->first = m;
	p->last = m;
	m->next_ssrc = *chain_of(p, m->ssrc);
	*chain_of(p, m->ssrc) = m;
	p->n_meters++;
	return m;
}

static void learn_encoding(struct meter *m, const struct vc_sdp *sdp, int pt)
{
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;

	if (sdp && pt >= 0 && vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt))
		vc_str_copy(m->encoding, sizeof(m->encoding), fmt->codec);
}

static bool is_slides(const struct vc_sdp *sdp, int pt)
{
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;

	return sdp && pt >= 0 &&
	       vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt) &&
	       vc_str_is(media->content, "slides");
}

void meter_change(struct probe *p, struct meter *m, const struct vc_source *src)
{
	vc_strlcpy(m->cname, src->cname, sizeof(m->cname));
	vc_strlcpy(m->name, src->name, sizeof(m->name));
	vc_strlcpy(m->rid, src->rid, sizeof(m->rid));
	if (src->who) {
		vc_strlcpy(m->id, src->who->id, sizeof(m->id));
		m->id_by = src->who->id_by;
	}
	m->pt = src->pt;
	m->codec = src->codec;
	m->is_slides = is_slides(vc_in_sdp(p->in), src->pt);
	learn_encoding(m, vc_in_sdp(p->in), src->pt);
}

/* The time between two packets in a row is what one holds. */
static void learn_ptime(struct meter *m, const struct vc_rtp *rtp)
{
	int samples;

	if (m->codec == VC_CODEC_OPUS) {
		samples = vc_opus_samples(rtp->payload, rtp->payload_len);
		if (samples > 0)
			m->ptime = vc_rtp_to_ns(samples, 48000);
	} else if (m->has_last && (uint16_t)(m->last_seq + 1) == rtp->seq &&
		   !rtp->marker) {
		int64_t ns = vc_rtp_to_ns(vc_ts_diff(m->last_ts, rtp->ts),
					  m->rx.rate_hz);

		if (ns > 0 && ns <= 200 * VC_MS)
			m->ptime = ns;
	}
	m->has_last = true;
	m->last_seq = rtp->seq;
	m->last_ts = rtp->ts;
}

static void learn_level(struct probe *p, struct meter *m,
			const struct vc_rtp *rtp)
{
	const struct vc_sdp *sdp = vc_in_sdp(p->in);
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;
	struct vc_audio_level level;
	uint8_t id;

	if (!rtp->has_ext || !vc_sdp_find_pt(sdp, rtp->pt, &media, &fmt))
		return;
	id = vc_sdp_find_ext(media, VC_EXT_URI_AUDIO_LEVEL);
	if (!id || !vc_ext_audio_level(rtp, id, &level))
		return;
	m->levels++;
	m->level_sum += level.level;
	m->voiced += level.voice;
}

void meter_rtp(struct probe *p, struct meter *m, struct vc_source *src,
	       struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	const struct vc_capscan_packet *cap = vc_in_captured(p->in);
	bool is_noise = src->codec == VC_CODEC_CN;
	bool is_event = src->codec == VC_CODEC_TELEPHONE_EVENT;
	bool is_cut = cap && cap->missing;
	uint64_t before = m->rx.octets;
	enum vc_rx rx;

	if (m->pt != src->pt && !is_noise && !is_event)
		meter_change(p, m, src);
	if (cap)
		caught_put(m, cap);
	rx = (enum vc_rx)vc_rxstats_packet(
		&m->rx, rtp->seq, rtp->ts,
		rtp->payload_len + (is_cut ? cap->missing : 0), pkt->arrival);
	p->octets += m->rx.octets - before;
	if (rx == VC_RX_RESYNC) {
		vc_lossruns_restart(&m->runs);
		if (m->rtcp)
			vc_rtcpwatch_restart(m->rtcp);
	}
	if (vc_rx_is_media(rx))
		vc_lossruns_put(&m->runs, m->rx.seq);
	if (rx != VC_RX_BAD && rx != VC_RX_PROBATION)
		passive_rtp(p, m, src, pkt, rtp, rx);
	if (m->video)
		vc_framestat_put(m->video, pkt, rtp);
	if (is_event && !is_cut)
		digits_put(m, src->rate_hz, rtp, pkt->arrival);
	if (m->kind == VC_AUDIO && vc_rx_is_media(rx) && !is_noise) {
		learn_ptime(m, rtp);
		learn_level(p, m, rtp);
	}
	if (is_cut)
		return;
	decode(p, m, src);
	decoder_put(m->decoder, src, pkt, rtp,
		    vc_in_clock(p->in) == VC_CLOCK_LIVE ?
			    vc_loop_now(vc_tool_loop(p->tool)) :
			    pkt->arrival);
}

void meter_end(struct probe *p, struct meter *m, int64_t now, enum vc_leave why)
{
	const struct vc_playout_source *play = m->src->play;

	if (play->map.has_sr && play->has_transit) {
		m->has_transit = true;
		m->transit = play->transit;
	}
	if (m->video)
		vc_framestat_end(m->video, now);
	passive_end(m);
	digits_end(m);
	if (m->rtcp)
		vc_rtcpwatch_end(m->rtcp);
	decoder_end(m->decoder);
	m->src = NULL;
	m->is_gone = true;
	m->why = why;
	p->last_why = why;
}

/* Silence after BYE is nobody's. */
void meter_tick(struct meter *m, int64_t now)
{
	if (m->src)
		decoder_tick(m->decoder, now, m->src->has_bye);
}

/* A stranger's number: sums of some must fit. */
static int64_t get_int(const struct vc_json *o, const char *key)
{
	int64_t v;

	if (!vc_json_get_int(o, key, &v) || v > COUNT_MAX || v < -COUNT_MAX)
		return UNSAID;
	return v;
}

static double get_real(const struct vc_json *o, const char *key)
{
	double v;

	return vc_json_get_real(o, key, &v) ? v : NAN;
}

void meter_net(struct meter *m, const struct vc_json *event)
{
	const struct vc_json *won = vc_json_get(event, "won"), *each;
	struct net *n = &m->net;
	const char *key;
	double v;

	n->is_known = true;
	n->received = get_int(event, "received");
	n->octets = get_int(event, "octets");
	n->expected = get_int(event, "expected");
	n->lost = get_int(event, "lost");
	if (n->lost == UNSAID && n->expected != UNSAID && n->received != UNSAID)
		n->lost = n->expected - n->received;
	n->dup = get_int(event, "dup");
	n->reordered = get_int(event, "reordered");
	n->late = get_int(event, "late");
	n->overflow = get_int(event, "overflow");
	n->auth_failed = get_int(event, "auth_failed");
	n->dscp = get_int(event, "dscp");
	n->ttl = get_int(event, "ttl");
	n->jitter_ms = get_real(event, "jitter_ms");
	n->jitter_mean_ms = get_real(event, "jitter_mean_ms");
	n->jitter_max_ms = get_real(event, "jitter_max_ms");
	n->rtt_ms = get_real(event, "rtt_ms");
	n->won = won ? 0 : UNSAID;
	for (size_t i = 0; i < 8 && (each = vc_json_member(won, i, &key));
	     i++) {
		if (vc_json_number(each, &v) && v > 0 && v < COUNT_MAX)
			n->won += (int64_t)v;
	}
}

void meter_route(struct meter *m, const struct vc_json *event)
{
	const struct vc_json *to = vc_json_get(event, "to");

	vc_json_free(m->to);
	m->to = NULL;
	if (vc_json_is_array(to) && vc_json_len(to) <= ROUTE_MAX)
		m->to = vc_json_copy(to);
}

struct meter *meter_find(const struct probe *p, uint32_t ssrc)
{
	struct meter *m =
		p->by_ssrc[vc_hashkey_u64(&p->hash, ssrc, METER_CHAIN_BITS)];

	while (m && m->ssrc != ssrc)
		m = m->next_ssrc;
	return m;
}

void meter_free_all(struct probe *p)
{
	while (p->first) {
		struct meter *m = p->first;

		p->first = m->next;
		meter_free(m);
	}
	p->last = NULL;
}
