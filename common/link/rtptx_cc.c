/* SPDX-License-Identifier: MIT */
/*
 * Congestion control of a destination: RTP waits in a queue of its own
 * (session/pacer) and goes as fast as the estimate of the path (session/bwe)
 * lets it, sound first. What goes is numbered at that moment; feedback comes
 * back to the estimate. Probes are filled up with retransmissions that repeat
 * nothing, where there is a format for such.
 *
 * Without an estimate it is the queue alone, for as long as a circuit breaker
 * sets a limit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"
#include "session/bwe.h"
#include "session/pacer.h"
#include "wire/keystart.h"
#include "wire/rtcp.h"
#include "wire/rtpext.h"

#define SRTP_TAG 16
#define ITEMS 1024 /* of a class */
#define MAX_WAIT (800 * VC_MS)
#define REMB_LIFE (10 * VC_SEC)
#define MEASURE (200 * VC_MS)
#define PACE_TIMES 11 / 10 /* of the estimate: it is what passes */
#define USUAL_SHARE 0.92   /* of payload in what pictures take */

struct held {
	struct vc_packet *pkt;
	bool is_numbered; /* it has its header, and room for the number */
	uint8_t head[VC_RTP_HEADER];
	uint8_t dscp;
	uint8_t class; /* enum vc_pacer_class */
	uint16_t payload;
	size_t at[2]; /* as in vc_txrate_number() */
};

/* What went since it was looked at last, and what that amounts to. */
struct mix {
	int64_t since;
	uint64_t others;  /* octets on the wire that are no pictures */
	uint64_t picture; /* and that are */
	uint64_t payload; /* of these */
	double others_bps;
	double share; /* payload / picture */
};

struct txcc {
	struct vc_pacer *pacer;
	struct vc_bwe *bwe; /* or NULL */
	uint64_t limit_bps; /* 0: none */
	struct vc_timer timer;
	struct mix mix;
	uint64_t remb_bps; /* 0: none holds */
	int64_t rembed;	   /* when it came */
	uint64_t padding;  /* packets */
	bool can_pad;
	bool is_busy; /* releasing */
};

/* --- life --- */

static void drop_held(void *ctx, void *item)
{
	struct held *h = item;
	struct vc_dest *d = ctx;

	d->counts.dropped++;
	vc_packet_unref(h->pkt);
}

static void tick(void *ctx, int64_t now);

static struct txcc *cc_new(struct vc_dest *d, int64_t now)
{
	const struct vc_pacer_conf conf = {
		.item_size = sizeof(struct held),
		.cap = ITEMS,
		.max_wait = MAX_WAIT,
		.drop = drop_held,
		.ctx = d,
	};
	struct txcc *cc = vc_try_alloc(1, sizeof(*cc));

	if (!cc)
		return NULL;
	cc->pacer = vc_pacer_new(&conf);
	if (!cc->pacer) {
		free(cc);
		return NULL;
	}
	cc->timer = (struct vc_timer){ .fn = tick, .ctx = d };
	cc->mix = (struct mix){ .since = now, .share = USUAL_SHARE };
	cc->can_pad = true;
	d->cc = cc;
	d->is_guarded = true;
	return cc;
}

void vc_txcc_begin(struct vc_dest *d)
{
	const struct vc_bwe_opts *o = &d->s->conf.bwe;
	const struct vc_bwe_conf conf = {
		.start_bps = o->start_bps,
		.min_bps = o->min_bps,
		.max_bps = o->max_bps,
		.by_ssrc = o->by == VC_BWE_BY_RFC8888,
	};
	int64_t now = vc_loop_now(d->s->loop);

	if (o->by == VC_BWE_OFF || d->cc || vc_udp_is_multicast(&d->peer))
		return;
	if (!cc_new(d, now))
		return;
	d->cc->bwe = vc_bwe_new(&conf, now);
	if (!d->cc->bwe) {
		vc_txcc_free(d);
		return;
	}
	vc_timer_arm(d->s->loop, &d->cc->timer, vc_bwe_next(d->cc->bwe));
}

void vc_txcc_free(struct vc_dest *d)
{
	struct txcc *cc = d->cc;

	if (!cc)
		return;
	vc_timer_cancel(d->s->loop, &cc->timer);
	vc_pacer_free(cc->pacer);
	vc_bwe_free(cc->bwe);
	free(cc);
	d->cc = NULL;
}

void vc_txcc_give_up(struct vc_dest *d)
{
	vc_pacer_drop(d->cc->pacer, ~0u);
}

void vc_txcc_resume(struct vc_dest *d)
{
	if (d->cc && d->cc->bwe)
		vc_bwe_heard(d->cc->bwe, vc_loop_now(d->s->loop));
}

bool vc_txcc_is_busy(const struct vc_dest *d)
{
	return d->cc && vc_pacer_stats(d->cc->pacer).n;
}

void vc_txcc_limit(struct vc_dest *d, uint64_t bps)
{
	if (!d->cc && bps)
		(void)cc_new(d, vc_loop_now(d->s->loop));
	if (!d->cc)
		return;
	d->cc->limit_bps = bps;
	if (bps || d->cc->bwe || d->cc->is_busy)
		return;
	vc_txcc_release(d, vc_loop_now(d->s->loop));
	vc_txcc_free(d);
}

/* --- in --- */

/* Can a picture begin with it, as far as that can be seen? */
static bool is_key(const struct stream *st, const struct vc_packet *pkt)
{
	struct vc_rtp rtp;

	return !st->src || !vc_keystart_knows((enum vc_codec)st->src->codec) ||
	       vc_rtp_parse(&rtp, pkt->data, pkt->len) ||
	       rtp.pt != st->src->pt ||
	       vc_keystart((enum vc_codec)st->src->codec, rtp.payload,
			   rtp.payload_len);
}

/* Sound, pictures, and what repairs either. */
static enum vc_pacer_class class_of(const struct stream *st)
{
	if (!st)
		return VC_PACER_REPAIR;
	return st->kind == VC_VIDEO ? VC_PACER_VIDEO : VC_PACER_AUDIO;
}

/* Takes a reference, or makes what is sent in its place. */
static struct held held_of(const struct vc_dest *d, struct vc_packet *pkt,
			   const uint8_t *head)
{
	struct held h = { .payload = (uint16_t)(pkt->len - VC_RTP_HEADER) };

	memcpy(h.head, head, sizeof(h.head));
	if (d->cc->bwe && d->s->conf.bwe.by == VC_BWE_BY_TWCC)
		h.pkt = vc_txrate_number(d->s, pkt, head, h.at);
	h.is_numbered = h.pkt;
	if (!h.pkt)
		h.pkt = vc_packet_ref(pkt);
	return h;
}

static size_t octets_of(const struct vc_dest *d, const struct held *h)
{
	return h->pkt->len + UDP_IP + (d->srtp ? SRTP_TAG : 0);
}

void vc_txcc_hold(struct vc_dest *d, struct vc_packet *pkt, const uint8_t *head,
		  uint8_t dscp)
{
	const uint32_t ssrc = vc_rtp_get_ssrc(head);
	const struct stream *st = vc_group_find(d->group, ssrc);
	struct held h = held_of(d, pkt, head);
	struct vc_pacer_what what = {
		.class = class_of(st),
		.ssrc = ssrc,
		.octets = octets_of(d, &h),
	};

	h.dscp = dscp;
	h.class = (uint8_t)what.class;
	if (what.class == VC_PACER_VIDEO)
		what.is_key = is_key(st, pkt);
	(void)vc_pacer_put(d->cc->pacer, &what, &h, vc_loop_now(d->s->loop));
}

/* --- out --- */

static void count(struct txcc *cc, const struct held *h, size_t octets)
{
	if (h->class != VC_PACER_VIDEO) {
		cc->mix.others += octets;
		return;
	}
	cc->mix.picture += octets;
	cc->mix.payload += h->payload;
}

/* Drops the reference. */
static void send_held(struct vc_dest *d, const struct held *h, uint8_t cluster,
		      int64_t now)
{
	struct txcc *cc = d->cc;
	const bool by_ssrc = d->s->conf.bwe.by == VC_BWE_BY_RFC8888;
	size_t octets = octets_of(d, h);
	uint16_t tseq = 0;

	if (cc->bwe && (by_ssrc || h->is_numbered))
		tseq = vc_bwe_sent(cc->bwe, vc_rtp_get_ssrc(h->head),
				   vc_rtp_get_seq(h->head), octets, cluster,
				   now);
	if (h->is_numbered)
		vc_ext_set_twcc(h->pkt->data + h->at[0], tseq);
	if (h->is_numbered && d->s->ext_time)
		vc_ext_set_send_time(h->pkt->data + h->at[1], now);
	vc_dest_queue(d, h->pkt, h->is_numbered ? NULL : h->head, h->dscp);
	vc_packet_unref(h->pkt);
}

static uint64_t lesser(uint64_t bps, uint64_t limit)
{
	return limit && (!bps || limit < bps) ? limit : bps;
}

/* Of the queue; limits that somebody has set are not exceeded for a frame. */
static uint64_t rate_of(const struct vc_dest *d)
{
	const struct txcc *cc = d->cc;
	uint64_t bps;

	if (!cc->bwe)
		return cc->limit_bps;
	bps = vc_bwe_target(cc->bwe) * PACE_TIMES;
	bps = lesser(bps, d->s->conf.bwe.max_bps);
	if (cc->remb_bps > d->s->conf.bwe.min_bps)
		bps = lesser(bps, cc->remb_bps);
	return lesser(bps, cc->limit_bps);
}

/* False: none can be made. */
static bool send_padding(struct vc_dest *d, size_t len, uint8_t cluster,
			 int64_t now)
{
	struct vc_packet *pkt = vc_txrepair_padding(d, len);
	struct held h;

	if (!pkt)
		return false;
	h = held_of(d, pkt, pkt->data);
	h.dscp = d->dscp.of[VC_VIDEO];
	vc_packet_unref(pkt);
	vc_pacer_padded(d->cc->pacer, octets_of(d, &h), now);
	send_held(d, &h, cluster, now);
	d->cc->padding++;
	return true;
}

static void pad(struct vc_dest *d, int64_t now)
{
	uint8_t cluster;
	size_t n;

	while ((n = vc_pacer_padding(d->cc->pacer, now, &cluster))) {
		d->cc->can_pad = send_padding(d, n - UDP_IP, cluster, now);
		if (!d->cc->can_pad)
			return;
	}
}

static void ask_keys(struct vc_dest *d, int64_t now)
{
	uint32_t ssrc;

	while (vc_pacer_wants_key(d->cc->pacer, &ssrc, now)) {
		const struct stream *st = vc_group_find(d->group, ssrc);

		if (st && st->src)
			vc_in_keyframe(d->s->in, st->src->ssrc);
	}
}

static void arm(struct vc_dest *d, int64_t now)
{
	struct txcc *cc = d->cc;
	int64_t at = vc_pacer_next(cc->pacer, now);

	/* A probe that cannot be filled waits for media. */
	if (at == INT64_MAX || (!cc->can_pad && !vc_txcc_is_busy(d)))
		return;
	vc_timer_arm(d->s->loop, &d->pace_timer, at);
}

void vc_txcc_release(struct vc_dest *d, int64_t now)
{
	struct txcc *cc = d->cc;
	struct vc_bwe_cluster probe;
	struct held *h;
	uint8_t cluster;

	if (cc->is_busy)
		return;
	cc->is_busy = true;
	if (cc->bwe && vc_bwe_probe(cc->bwe, &probe))
		vc_pacer_probe(cc->pacer, &probe);
	vc_pacer_rate(cc->pacer, rate_of(d), 0, now);
	while ((h = vc_pacer_take(cc->pacer, now, &cluster))) {
		count(cc, h, octets_of(d, h));
		send_held(d, h, cluster, now);
	}
	if (cc->bwe)
		pad(d, now);
	ask_keys(d, now);
	arm(d, now);
	cc->is_busy = false;
}

/* --- feedback --- */

void vc_txcc_wish(struct vc_dest *d, uint64_t bps)
{
	if (!d->cc || !d->cc->bwe)
		return;
	d->cc->rembed = vc_loop_now(d->s->loop);
	d->cc->remb_bps = bps ? bps : 1;
	vc_bwe_remb(d->cc->bwe, d->cc->remb_bps);
}

void vc_txcc_feedback(struct vc_dest *d, const struct vc_rtcp_fb *fb)
{
	if (d->cc && d->cc->bwe)
		(void)vc_bwe_feedback(d->cc->bwe, fb, vc_loop_now(d->s->loop));
}

bool vc_txcc_is_unheard(const struct vc_dest *d)
{
	return d->cc && d->cc->bwe && !vc_bwe_stats(d->cc->bwe).feedback;
}

int64_t vc_txcc_rtt(const struct vc_dest *d)
{
	return d->cc && d->cc->bwe ? vc_bwe_stats(d->cc->bwe).rtt : -1;
}

/* --- time --- */

static void measure(struct mix *m, int64_t now)
{
	double secs = (double)(now - m->since) / (double)VC_SEC;
	double bps = (double)m->others * 8 / secs;

	m->others_bps += (bps - m->others_bps) / 4;
	if (m->picture)
		m->share +=
			((double)m->payload / (double)m->picture - m->share) /
			4;
	m->others = m->picture = m->payload = 0;
	m->since = now;
}

static void tick(void *ctx, int64_t now)
{
	struct vc_dest *d = ctx;
	struct txcc *cc = d->cc;

	vc_bwe_due(cc->bwe, now);
	if (cc->remb_bps && now - cc->rembed > REMB_LIFE) {
		cc->remb_bps = 0;
		vc_bwe_remb(cc->bwe, 0);
	}
	if (now - cc->mix.since >= MEASURE)
		measure(&cc->mix, now);
	vc_timer_arm(d->s->loop, &cc->timer, vc_bwe_next(cc->bwe));
	vc_dest_flush(d);
}

static unsigned int count_pictures(const struct vc_dest *d)
{
	const struct stream *st = d->group->streams;
	unsigned int n = 0;

	for (; st; st = st->next)
		n += st->kind == VC_VIDEO && st->src;
	return n ? n : 1;
}

uint64_t vc_txcc_share(const struct vc_dest *d)
{
	const struct txcc *cc = d->cc;
	double bps;

	if (!cc->bwe)
		return 0;
	bps = (double)vc_bwe_target(cc->bwe);
	if (cc->limit_bps && (double)cc->limit_bps < bps)
		bps = (double)cc->limit_bps;
	bps = (bps - cc->mix.others_bps) * cc->mix.share / count_pictures(d);
	return bps < 1 ? 1 : (uint64_t)bps;
}

/* --- statistics --- */

static const char *state_of(const struct txcc *cc,
			    const struct vc_bwe_stats *st)
{
	if (cc->limit_bps)
		return "breaker";
	if (!st->feedback)
		return "waiting";
	if (cc->remb_bps && st->target_bps >= cc->remb_bps)
		return "remb";
	return st->loss_bps && st->target_bps >= st->loss_bps ? "loss" :
								"delay";
}

void vc_txcc_fill_stats(const struct vc_dest *d, struct vc_json *j)
{
	const struct txcc *cc = d->cc;
	struct vc_json *one;
	struct vc_bwe_stats st;
	struct vc_pacer_stats queue;

	if (!cc || !cc->bwe)
		return;
	one = vc_json_object();
	st = vc_bwe_stats(cc->bwe);
	queue = vc_pacer_stats(cc->pacer);
	vc_json_set_str(one, "state", state_of(cc, &st));
	vc_json_set_int(one, "target_bps", (int64_t)st.target_bps);
	vc_json_set_int(one, "acked_bps", (int64_t)st.acked_bps);
	vc_json_set_int(one, "video_bps", (int64_t)vc_txcc_share(d));
	vc_json_set_real(one, "loss", st.loss, 4);
	vc_json_set_real(one, "queue_ms", (double)st.queue / VC_MS, 3);
	if (st.rtt >= 0)
		vc_json_set_real(one, "rtt_ms", (double)st.rtt / VC_MS, 3);
	else
		vc_json_set_null(one, "rtt_ms");
	vc_json_set_int(one, "feedback", (int64_t)st.feedback);
	vc_json_set_int(one, "malformed", (int64_t)st.malformed);
	vc_json_set_int(one, "lost", (int64_t)st.lost);
	vc_json_set_int(one, "overuses", (int64_t)st.overuses);
	vc_json_set_int(one, "probes", (int64_t)st.probes);
	vc_json_set_int(one, "timeouts", (int64_t)st.timeouts);
	vc_json_set_int(one, "padding", (int64_t)cc->padding);
	vc_json_set_int(one, "waits", (int64_t)queue.n);
	vc_json_set_real(one, "waited_ms", (double)queue.waited / VC_MS, 3);
	vc_json_set(j, "bwe", one);
}
