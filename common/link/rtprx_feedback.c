/* SPDX-License-Identifier: MIT */
/*
 * Feedback: what is missing of a source is asked for (NACK), and a key frame
 * where a picture cannot be made from what came (PLI, FIR). Each peer has a
 * timer that is armed for the first of its sources that has something to say;
 * all of them say it in one compound, when the budget of RTCP lets it go.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtprx_internal.h"
#include "session/xrstats.h"
#include "wire/keystart.h"
#include "wire/rtcpxr.h"

#define MAX_AGE (500 * VC_MS) /* no live reader takes what is older */
#define MAX_SEEN (60 * VC_MS) /* until a hole is seen */
#define NACK_LEAST 16	      /* octets of the shortest NACK */
#define KEY_LEAST 20	      /* of the longer request, FIR */
#define AGAIN (100 * VC_MS)   /* where the peer has not sent enough yet */
#define SILENCE VC_SEC	      /* earlier requests say nothing after it */
#define XR_CLOCK 20	      /* octets of a report that asks for the time */
#define XR_ONE 76	      /* of both reports on one source */
#define CROWD 256	      /* more sources than a conference has */
#define CROWD_HOLES \
	32 /* of each of those, if they have no key; they
			       * get no extended reports */
#define MS_OF(ns) ((ns) / VC_MS)

bool vc_rtprx_has_feedback(const struct vc_rtprx *r, unsigned int bit,
			   bool is_described)
{
	return vc_feedback_has(&r->conf.repair, bit, is_described);
}

/* --- a source's --- */

static bool has_nack(const struct rxsrc *s, unsigned int fb)
{
	const struct vc_repair_opts *o = &s->r->conf.repair;
	bool is_described = fb & VC_FB_NACK;

	return vc_repair_has(o, VC_REPAIR_NACK | VC_REPAIR_RTX, is_described) &&
	       vc_feedback_has(o, VC_FEEDBACK_NACK,
			       !s->ep->is_group &&
				       (is_described || o->has_repair));
}

/* Where no RTX is described for its packets, or wanted, they are sent again as
 * they were. */
static bool has_rtx(const struct rxsrc *s, uint8_t pt)
{
	const struct format *f = s->ep->formats;

	for (unsigned int i = 0; i < 128; i++) {
		if (f[i].has_apt && f[i].apt == pt)
			return vc_repair_has(&s->r->conf.repair, VC_REPAIR_RTX,
					     true);
	}
	return false;
}

/* Measured by extended reports, else by what came again of any source of the
 * peer, which that one tells the others. */
static void learn_rtt(struct rxsrc *s)
{
	struct vc_nack *n = &s->rep.nack;
	struct peer *p = s->peer;

	if (!p)
		return;
	if (p->rtt >= 0)
		vc_nack_rtt(n, p->rtt);
	else if (n->has_rtt)
		p->nack_rtt = n->rtt;
	else if (p->nack_rtt >= 0)
		vc_nack_rtt(n, p->nack_rtt);
}

/* From when a packet ought to have come to when it has come again: a hole is
 * seen when something comes after it, at the end of a frame some packets'
 * times later. As long as the round trip is not known one is assumed. */
static int64_t repair_time(const struct rxsrc *s)
{
	const struct vc_nack *n = &s->rep.nack;
	int64_t seen = n->spacing ? 3 * n->spacing : MAX_SEEN;

	if (n->conf.never_asks)
		return 0;
	return n->rtt + n->wait + (seen < MAX_SEEN ? seen : MAX_SEEN);
}

/* --latency auto: the slowest of a participant's sources decides, and nothing
 * is asked for that would come too late. */
static void settle_latency(struct rxsrc *s)
{
	struct vc_playout *play = &s->src->who->playout;
	const struct rxsrc *o = s->peer ? s->peer->sources : NULL;
	int64_t time = repair_time(s);
	unsigned int n = 0;

	for (; o && n < CROWD; o = o->next_of_peer, n++) {
		if (o->src->who == s->src->who && repair_time(o) > time)
			time = repair_time(o);
	}
	vc_playout_repair(play, time);
	vc_nack_max_age(&s->rep.nack,
			play->latency > time ? play->latency : time);
}

void vc_rtprx_repair_tick(struct rxsrc *s)
{
	learn_rtt(s);
	if (s->r->latency == VC_PLAYOUT_AUTO)
		settle_latency(s);
}

static bool is_of_crowd(const struct rxsrc *s)
{
	return s->key < 0 && vc_roster_n(s->r->roster) > CROWD;
}

void vc_rtprx_repair_init(struct rxsrc *s)
{
	struct vc_rtprx *r = s->r;
	const unsigned int fb = s->ep->formats[s->src->pt].fb;
	const bool is_picture = s->src->kind == VC_VIDEO;
	const struct vc_nack_conf conf = {
		.max_age = r->latency > 0 ? r->latency : MAX_AGE,
		.is_in_place = !has_rtx(s, (uint8_t)s->src->pt),
		.never_asks = !has_nack(s, fb),
		.max_holes = is_of_crowd(s) ? CROWD_HOLES : 0,
		.room = s->key < 0 ? &r->holes_room : NULL,
	};

	vc_nack_init(&s->rep.nack, &conf);
	vc_keyreq_init(&s->rep.key,
		       is_picture && vc_rtprx_has_feedback(r, VC_FEEDBACK_PLI,
							   fb & VC_FB_PLI),
		       is_picture && vc_rtprx_has_feedback(r, VC_FEEDBACK_FIR,
							   fb & VC_FB_FIR));
	if (vc_rtprx_has_feedback(r, VC_FEEDBACK_XR, false) && !is_of_crowd(s))
		s->rep.xr = vc_try_alloc(1, sizeof(*s->rep.xr));
	if (r->latency == VC_PLAYOUT_AUTO)
		settle_latency(s);
}

void vc_rtprx_repair_clear(struct rxsrc *s)
{
	vc_nack_clear(&s->rep.nack);
	free(s->rep.xr);
}

/* --- when --- */

static void arm(struct peer *p, int64_t at)
{
	if (at >= p->fb_at || !vc_port_can_send(p->ep->port))
		return;
	p->fb_at = at;
	vc_timer_arm(p->ep->r->loop, &p->fb_timer, at);
}

/* Is there a hole that stays, so that nothing behind it can be decoded? */
static void look_at_loss(struct rxsrc *s, int64_t now)
{
	const struct vc_nack_counts *c = &s->rep.nack.counts;
	uint64_t unfit = c->given_up + c->restarts;

	if (s->src->kind == VC_VIDEO && unfit != s->rep.unfit)
		vc_keyreq_want(&s->rep.key, now);
	s->rep.unfit = unfit;
}

void vc_rtprx_feed_back(struct rxsrc *s, int64_t now)
{
	int64_t at = vc_nack_next(&s->rep.nack);

	if (!s->peer)
		return;
	look_at_loss(s, now);
	if (vc_keyreq_next(&s->rep.key) <= now) {
		s->rep.may_ask = true;
		at = now;
	}
	arm(s->peer, at);
}

void vc_rtprx_want_key(struct rxsrc *s)
{
	int64_t now = vc_loop_now(s->r->loop);

	vc_keyreq_want(&s->rep.key, now);
	vc_rtprx_feed_back(s, now);
}

/* --- what --- */

/* A compound begins with who we are, where no shorter one was agreed on.
 * False: nothing more can be said in it. */
static bool open_compound(struct peer *p, struct vc_wr *w)
{
	if (!p->ep->is_rsize) {
		vc_rtcp_write_rr(w, p->ep->r->ssrc, NULL, 0);
		vc_rtprx_write_sdes(p->ep->r, w, false);
	}
	return vc_rtprx_left(w) >= KEY_LEAST;
}

/* Only VP8's key frames are known when they come. */
static void ask_key(struct rxsrc *s, struct vc_wr *w, int64_t now)
{
	struct vc_keyreq *k = &s->rep.key;
	const struct vc_keyreq_counts was = k->counts;

	s->rep.may_ask = false;
	if (!vc_keyreq_write(k, w, s->r->ssrc, s->src->ssrc, now))
		return;
	s->r->counts.pli_out += k->counts.pli - was.pli;
	s->r->counts.fir_out += k->counts.fir - was.fir;
	if (!vc_keystart_knows((enum vc_codec)s->src->codec))
		vc_keyreq_seen(k);
}

/* False: there was no room for all that it has to say. */
static bool say(struct rxsrc *s, struct vc_wr *w, int64_t now)
{
	struct vc_nack *n = &s->rep.nack;

	if (vc_rtprx_left(w) < KEY_LEAST)
		return !s->rep.may_ask && vc_nack_next(n) > now;
	if (s->rep.may_ask)
		ask_key(s, w, now);
	if (vc_nack_next(n) > now)
		return true;
	if (vc_rtprx_left(w) < NACK_LEAST)
		return false;
	s->r->counts.nack_out +=
		vc_nack_write(n, w, s->r->ssrc, s->src->ssrc, now) > 0;
	look_at_loss(s, now);
	return true;
}

/* For the next time, as far as it can be known. */
static void arm_next(struct peer *p)
{
	for (struct rxsrc *s = p->sources; s; s = s->next_of_peer)
		arm(p, vc_nack_next(&s->rep.nack));
}

void vc_rtprx_feedback_due(void *ctx, int64_t now)
{
	struct peer *p = ctx;
	uint8_t buf[COMPOUND];
	struct vc_wr w = vc_rtprx_compound(p, buf);
	int64_t at = vc_rtcptime_early(&p->time, now);
	bool is_all = true;
	size_t head;

	p->fb_at = INT64_MAX;
	if (at > now) {
		arm(p, at);
		return;
	}
	if (!open_compound(p, &w)) {
		arm(p, now + AGAIN);
		return;
	}
	head = vc_wr_len(&w);
	for (struct rxsrc *s = p->sources; s && is_all; s = s->next_of_peer)
		is_all = say(s, &w, now);
	if (vc_wr_len(&w) > head) {
		vc_rtprx_send_rtcp(p, &w);
		vc_rtcptime_early_sent(&p->time, vc_wr_len(&w) + UDP_IP, now);
	}
	arm_next(p);
	if (!is_all)
		arm(p, vc_rtcptime_early(&p->time, now));
}

/* --- extended reports --- */

void vc_rtprx_count_xr(struct rxsrc *s, const struct vc_packet *pkt,
		       const struct vc_rtp *rtp, enum vc_rx rx)
{
	struct vc_xrstats *x = s->rep.xr;

	if (rx == VC_RX_DUPLICATE)
		vc_xrstats_duplicate(x);
	if (!vc_rx_is_media(rx))
		return;
	if (rx == VC_RX_RESYNC)
		vc_xrstats_restart(x);
	vc_xrstats_packet(x, s->st.seq, rtp->ts, s->st.rate_hz, s->ttl,
			  pkt->arrival);
}

static bool is_ip6(const struct sockaddr_storage *sa)
{
	struct sockaddr_in6 in6;

	if (sa->ss_family != AF_INET6)
		return false;
	memcpy(&in6, sa, sizeof(in6));
	return !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
}

static void write_source_xr(struct rxsrc *s, struct vc_wr *w)
{
	int64_t latency = s->r->latency;
	struct vc_xr_summary sum = { .hops = VC_XR_TTL };
	struct vc_xr_voip voip = {
		.signal_dbm = VC_XR_NONE,
		.noise_dbm = VC_XR_NONE,
		.rerl_db = VC_XR_NONE,
		.r = VC_XR_NONE,
		.ext_r = VC_XR_NONE,
		.mos_lq = VC_XR_NONE,
		.mos_cq = VC_XR_NONE,
		.rtt_ms = s->peer->rtt > 0 ? (uint16_t)MS_OF(s->peer->rtt) : 0,
	};

	if (is_ip6(&s->peer->rtp))
		sum.hops = VC_XR_HOP_LIMIT;
	if (!vc_xrstats_take(s->rep.xr, &sum, &voip))
		return;
	sum.ssrc = voip.ssrc = s->src->ssrc;
	if (latency > 0) {
		voip.jba = VC_XR_JBA_FIXED;
		voip.jb_nominal_ms = (uint16_t)MS_OF(latency);
	}
	vc_xr_write_summary(w, &sum);
	if (s->src->kind == VC_AUDIO)
		vc_xr_write_voip(w, &voip);
}

bool vc_rtprx_write_xr(struct peer *p, struct vc_wr *w, int64_t now)
{
	struct rxsrc *at = p->xr_turn ? p->xr_turn : p->sources;
	uint8_t *head;

	if (!vc_rtprx_has_feedback(p->ep->r, VC_FEEDBACK_XR, true) ||
	    vc_rtprx_left(w) < XR_CLOCK)
		return false;
	head = vc_xr_open(w, p->ep->r->ssrc);
	vc_xrclock_write(&p->clock, w, now);
	for (unsigned int i = 0; i < p->n_sources; i++) {
		if (vc_rtprx_left(w) < XR_ONE)
			break;
		if (at->rep.xr)
			write_source_xr(at, w);
		at = vc_rtprx_after(p, at);
	}
	p->xr_turn = at;
	vc_xr_close(w, head);
	return true;
}

void vc_rtprx_take_xr(struct peer *p, const struct vc_rtcp *pkt, int64_t now)
{
	struct vc_xr_block b;
	struct vc_xr_dlrr e;
	struct vc_rd rd;
	uint32_t author;

	if (!vc_xr_over(pkt, &author, &rd))
		return;
	while (vc_xr_next(&rd, &b)) {
		for (size_t i = 0; vc_xr_dlrr_at(&b, i, &e); i++) {
			int64_t rtt = -1;

			if (e.ssrc == p->ep->r->ssrc)
				rtt = vc_xrclock_rtt(&p->clock, &e, now);
			if (rtt >= 0)
				p->rtt = rtt;
		}
	}
}
