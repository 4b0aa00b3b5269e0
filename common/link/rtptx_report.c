/* SPDX-License-Identifier: MIT */
/*
 * RTCP. Out: each stream is announced before its first packet; after that each
 * destination, as a session of its own, gets reports on all its streams by RFC
 * 3550's timing, and BYE at the end. In: what peers report is kept for the
 * statistics, and their wish for a key frame goes to the producer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"
#include "wire/remb.h"
#include "wire/rtcp.h"

#define COMPOUND 1200	 /* a datagram's worth */
#define LEAST_BPS 64000	 /* a session's, however slow it is */
#define MAX_A_SECOND 250 /* compounds of one peer that are taken */
#define SHARE 20	 /* RTCP is a twentieth of the media */
#define FEEDBACK 64	 /* kept, on streams that are there no more, too */

/* --- out --- */

static void send_compound(struct vc_dest *d, const uint8_t *p, size_t len)
{
	struct vc_packet *pkt;
	int err;

	if (d->port->rtcp_at == VC_RTCP_AT_OFF || !len || vc_dest_lacks_key(d))
		return;
	d->counts.rtcp_out++;
	if (d->by_next || (!d->is_connected && !d->port->is_for_many)) {
		if (!vc_dest_may_send(d, len))
			return;
		err = vc_port_send_rtcp(d->port, d->by_next,
					d->srtp ? d->srtp->seal : NULL, p, len,
					d->is_connected ? NULL : &d->rtcp);
		if (err)
			vc_dest_complain(d, err);
		return;
	}
	/* By the queue, so that it stays in its place among the packets. */
	pkt = vc_packet_new(vc_tool_pool(d->s->tool), len);
	if (!pkt)
		return;
	memcpy(pkt->data, p, len);
	pkt->len = len;
	d->counts.queued_rtcp++;
	d->counts.queued_rtcp_octets += len;
	vc_dest_put(d, pkt, NULL, vc_dscp_rtcp(&d->dscp));
	vc_packet_unref(pkt);
}

void vc_dest_say_alive(struct vc_dest *d)
{
	struct vc_tool *t = d->s->tool;
	const struct vc_sdes_chunk chunk = {
		.ssrc = vc_rand_u32(vc_rtptx_rand(d->s), "keepalive", 0),
		.cname = vc_str_c(vc_tool_cname(t)),
	};
	uint8_t buf[COMPOUND];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	vc_rtcp_write_rr(&w, chunk.ssrc, NULL, 0);
	vc_rtcp_write_sdes(&w, &chunk, 1);
	if (!w.bad)
		send_compound(d, buf, vc_wr_len(&w));
}

static bool gets(const struct vc_dest *d, const struct stream *st)
{
	return d->group == st->group && (d->media & 1u << st->kind);
}

/* Reports that go together, few to a datagram. */
struct reports {
	struct vc_dest *d;
	int64_t now;
	uint8_t buf[COMPOUND];
	size_t len;
	size_t first; /* octets of the first datagram */
};

static void send_reports(struct reports *r)
{
	send_compound(r->d, r->buf, r->len);
	r->first = r->first ? r->first : r->len;
	r->len = 0;
}

static void add_report(struct reports *r, struct vc_splice *splice)
{
	int n;

	if (sizeof(r->buf) - r->len < VC_SENDER_COMPOUND)
		send_reports(r);
	n = vc_splice_report(splice, r->buf + r->len, sizeof(r->buf) - r->len,
			     r->now, &r->d->log);
	r->len += n > 0 ? (size_t)n : 0;
}

/* The reports of all streams that 'd' gets. */
static size_t report_all(struct vc_dest *d, int64_t now)
{
	struct reports r = { .d = d, .now = now };
	struct vc_splice again;

	for (struct stream *st = d->group->streams; st; st = st->next) {
		if (!st->has_begun || !gets(d, st))
			continue;
		add_report(&r, &st->splice);
		r.len += vc_txrepair_write_xr(d, st->splice.sender.ssrc,
					      r.buf + r.len,
					      sizeof(r.buf) - r.len, now);
		if (vc_txrepair_stand_in(d, st, &again))
			add_report(&r, &again);
	}
	send_reports(&r);
	return r.first;
}

static void set_pace(struct vc_dest *d, int64_t now)
{
	int64_t ms = (now - d->begun) / VC_MS;
	uint64_t bps =
		d->counts.octets * 8 * 1000 / (uint64_t)(ms > 500 ? ms : 500);
	int64_t min;

	if (bps < LEAST_BPS)
		bps = LEAST_BPS;
	/* RFC 3550 6.2: the reduced minimum, 360 / (kbit/s) seconds. */
	min = (int64_t)(360 * 1000 * (uint64_t)VC_SEC / bps);
	d->time.conf.rtcp_bps = (uint32_t)(bps / SHARE);
	d->time.conf.min = min < VC_SEC	    ? VC_SEC :
			   min > 5 * VC_SEC ? 5 * VC_SEC :
					      min;
}

static void time_due(void *ctx, int64_t now)
{
	struct vc_dest *d = ctx;

	set_pace(d, now);
	vc_rtcptime_members(&d->time, 2, 1, true, now);
	if (vc_rtcptime_due(&d->time, now)) {
		size_t len = report_all(d, now);

		vc_rtcptime_sent(&d->time, len + UDP_IP, now);
	}
	vc_timer_arm(d->s->loop, &d->time_timer, vc_rtcptime_next(&d->time));
}

/* The first stream begins: so does the session. */
static void begin(struct vc_dest *d, size_t len)
{
	struct vc_rtptx *s = d->s;
	int64_t now = vc_loop_now(s->loop);
	const struct vc_rtcptime_conf conf = {
		.rtcp_bps = LEAST_BPS / SHARE, /* set_pace() will know better */
		.min = VC_SEC,
		.first_len = len + UDP_IP,
	};

	d->has_begun = true;
	d->begun = now;
	d->reported = VC_TIME_NONE;
	vc_rtcptime_init(&d->time, &conf, vc_tool_rand(s->tool), now);
	d->time_timer = (struct vc_timer){ .fn = time_due, .ctx = d };
	vc_timer_arm(s->loop, &d->time_timer, vc_rtcptime_next(&d->time));
	vc_breaker_begin(d);
	vc_txcc_begin(d);
	vc_txkept_greet(s, now);
}

void vc_txstream_announce_to(struct stream *st, struct vc_dest *d)
{
	uint8_t buf[VC_SENDER_COMPOUND];
	int n;

	if (!gets(d, st))
		return;
	n = vc_splice_report(&st->splice, buf, sizeof(buf),
			     vc_loop_now(d->s->loop), &d->log);
	if (n < 0)
		return;
	send_compound(d, buf, (size_t)n);
	if (!d->has_begun)
		begin(d, (size_t)n);
}

void vc_dest_greet(struct vc_dest *d)
{
	for (struct stream *st = d->group->streams; st; st = st->next) {
		if (st->has_begun)
			vc_txstream_announce_to(st, d);
	}
}

void vc_txstream_announce(struct stream *st)
{
	for (struct vc_dest *d = st->group->dests; d; d = d->next_alike)
		vc_txstream_announce_to(st, d);
}

static void say_bye(struct vc_dest *d, struct stream *st)
{
	int64_t now = vc_loop_now(d->s->loop);
	uint8_t buf[VC_SENDER_COMPOUND];
	struct vc_splice again;
	int n;

	if (!st->has_begun || !gets(d, st))
		return;
	if (vc_txrepair_stand_in(d, st, &again)) {
		n = vc_splice_bye(&again, buf, sizeof(buf), now);
		send_compound(d, buf, n > 0 ? (size_t)n : 0);
	}
	n = vc_splice_bye(&st->splice, buf, sizeof(buf), now);
	send_compound(d, buf, n > 0 ? (size_t)n : 0);
}

void vc_txstream_bye(struct stream *st)
{
	vc_txfec_flush(st->tx, st);
	for (struct vc_dest *d = st->group->dests; d; d = d->next_alike)
		say_bye(d, st);
	st->has_begun = false;
}

void vc_dest_bye(struct vc_dest *d)
{
	for (struct stream *st = d->group->streams; st; st = st->next)
		say_bye(d, st);
}

/* --- the input's --- */

static struct vc_source *source_of(const struct vc_rtptx *s, uint32_t ssrc)
{
	struct vc_source *src = NULL;

	for (size_t i = 0; !src && i < vc_in_n(s->in); i++)
		src = vc_roster_find(vc_in_roster(s->in), (int)i, ssrc);
	return src;
}

static void take_sr(struct vc_rtptx *s, const struct vc_rtcp_sr *sr,
		    int64_t arrival)
{
	struct vc_source *src = source_of(s, sr->ssrc);
	struct txsrc *tx = src ? src->user : NULL;

	if (!tx)
		return;
	if (!tx->line.rate_hz)
		vc_srcline_init(&tx->line, src->play->map.rate_hz);
	vc_srcline_sr(&tx->line, sr->ntp, sr->rtp_ts, arrival);
	for (size_t i = 0; i < tx->cap; i++) {
		if (tx->ways[i].st)
			vc_splice_line(&tx->ways[i].st->splice, &tx->line);
	}
}

void vc_rtptx_rtcp(void *ctx, struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp p;

	while (vc_rtcp_next(&rd, &p)) {
		struct vc_rtcp_sr sr;

		if (!vc_rtcp_parse_sr(&sr, &p))
			take_sr(ctx, &sr, pkt->arrival);
	}
}

/* --- peers' --- */

/* That on streams which have gone, when there is much of it. */
static void prune(struct vc_dest *d)
{
	struct feedback **at = &d->feedback;

	while (*at) {
		struct feedback *f = *at;

		if (vc_group_find(d->group, f->ssrc)) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		free(f);
	}
}

static struct feedback *feedback_of(struct vc_dest *d, const struct stream *st)
{
	uint32_t ssrc = st->splice.sender.ssrc;
	struct feedback *f = d->feedback;
	unsigned int n = 0;

	for (; f && f->ssrc != ssrc; f = f->next)
		n++;
	if (f)
		return f;
	if (n >= FEEDBACK)
		prune(d);
	f = vc_try_alloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->ssrc = ssrc;
	f->rate_hz = st->splice.sender.rate_hz;
	f->rtt = -1;
	f->next = d->feedback;
	d->feedback = f;
	return f;
}

static void take_report(struct vc_dest *d, const struct vc_rtcp_report *rep)
{
	int64_t now = vc_loop_now(d->s->loop), rtt;
	struct stream *st = vc_group_find(d->group, rep->ssrc);
	struct feedback *f = st ? feedback_of(d, st) : NULL;

	if (!f)
		return;
	vc_breaker_block(d, f, rep);
	f->highest = rep->highest;
	f->reports++;
	f->fraction = rep->fraction;
	f->lost = rep->lost;
	f->jitter = rep->jitter;
	rtt = vc_srlog_rtt(&d->log, rep->ssrc, rep->lsr, rep->dlsr, now);
	if (rtt >= 0) {
		/* He knows when he was sent a report, which nobody else was;
		 * an SSRC can be known from before. */
		d->is_unproven = false;
		f->rtt = rtt;
		vc_txrepair_rtt(d, st, rtt);
	}
	vc_txfec_report(d, st, f);
}

void vc_dest_ask_keys(const struct vc_dest *d)
{
	const struct stream *st = d->group->streams;

	for (; st; st = st->next) {
		if (st->kind == VC_VIDEO && st->src &&
		    (d->media & 1u << st->kind))
			vc_in_keyframe(d->s->in, st->src->ssrc);
	}
}

static void want_key(struct vc_dest *d, uint32_t ssrc)
{
	const struct stream *st = vc_group_find(d->group, ssrc);

	d->counts.plis++;
	if (!st || !st->src || !gets(d, st))
		return;
	/* There, no more than one a second and source is asked for. */
	d->s->keyframes++;
	vc_in_keyframe(d->s->in, st->src->ssrc);
}

static void take_nack(struct vc_dest *d, const struct vc_rtcp_fb *fb)
{
	struct stream *st = vc_group_find(d->group, fb->media);

	d->counts.nacks++;
	if (!st || !gets(d, st))
		return;
	vc_txfec_nack(d->s, st, fb);
	vc_txrepair_nack(d, st, fb);
}

/* REMB, or TMMBR, where what is asked of one of our streams holds for all that
 * goes there. False: it is neither. */
static bool is_wish(const struct vc_dest *d, const struct vc_rtcp_fb *fb,
		    uint64_t *bps)
{
	struct vc_rtcp_tmmbr t;
	struct vc_remb remb;
	bool is_one = !vc_remb_parse(&remb, fb);

	*bps = is_one ? remb.bps : UINT64_MAX;
	for (size_t i = 0; vc_rtcp_tmmbr_at(fb, i, &t); i++) {
		if (!vc_group_find(d->group, t.ssrc))
			continue;
		*bps = *bps < t.bps ? *bps : t.bps;
		is_one = true;
	}
	return is_one;
}

static void take_fb(struct vc_dest *d, const struct vc_rtcp *p)
{
	struct vc_rtcp_fb fb;
	struct vc_rtcp_fir fir;
	uint64_t bps;

	if (vc_rtcp_parse_fb(&fb, p))
		return;
	if (is_wish(d, &fb, &bps))
		vc_txcc_wish(d, bps);
	if (fb.pt == VC_RTCP_RTPFB) {
		if (fb.fmt == VC_RTCP_FB_NACK)
			take_nack(d, &fb);
		else
			vc_txcc_feedback(d, &fb);
		return;
	}
	if (fb.fmt == VC_RTCP_FB_PLI)
		want_key(d, fb.media);
	for (size_t i = 0; vc_rtcp_fir_at(&fb, i, &fir); i++)
		want_key(d, fir.ssrc);
}

/* Of one peer no more than this is taken, whatever he sends. */
static bool is_too_much(struct vc_dest *d)
{
	int64_t now = vc_loop_now(d->s->loop);

	if (now - d->second >= VC_SEC) {
		d->second = now;
		d->rtcp_n = 0;
	}
	d->rtcp_n++;
	return d->rtcp_n > MAX_A_SECOND;
}

static void take_reports(struct vc_dest *d, const struct vc_rtcp *p)
{
	struct vc_rtcp_report rep;

	for (unsigned int i = 0; i < p->count; i++) {
		if (!vc_rtcp_parse_report(&rep, p, i))
			take_report(d, &rep);
	}
	if (p->count)
		vc_txrate_reported(d);
}

void vc_dest_take_rtcp(void *ctx, const struct vc_port_msg *m)
{
	const struct vc_packet *pkt = m->pkt;
	struct vc_dest *d = ctx;
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp p;

	if (!vc_dest_may_speak(d, m)) {
		d->counts.rtcp_foreign++;
		return;
	}
	d->counts.rtcp_in++;
	if (d->s->is_rsize ? vc_rtcp_check_reduced(pkt->data, pkt->len) :
			     vc_rtcp_check(pkt->data, pkt->len)) {
		d->counts.rtcp_malformed++;
		return;
	}
	if (is_too_much(d)) {
		d->counts.rtcp_held++;
		return;
	}
	vc_rtcptime_received(&d->time, pkt->len + UDP_IP);
	if (vc_dest_is_collision(d, m))
		return;
	vc_txkept_heard(d->s);
	while (vc_rtcp_next(&rd, &p)) {
		if (p.pt == VC_RTCP_RTPFB || p.pt == VC_RTCP_PSFB)
			take_fb(d, &p);
		if (p.pt == VC_RTCP_XR)
			vc_txrepair_take_xr(d, &p);
		if (p.pt == VC_RTCP_SR || p.pt == VC_RTCP_RR)
			take_reports(d, &p);
	}
	vc_breaker_heard(d);
}
