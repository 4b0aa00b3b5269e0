/* SPDX-License-Identifier: MIT */
/*
 * A far end that is not ours. One that sends back what it gets tells the round
 * trip and what was lost on it, no matter on which way; one that reports by
 * RTCP (RFC 3550, section 6.4) tells what it lost, its jitter, and by LSR and
 * DLSR the round trip, by the same port or (rtcp=+1) by the next one. In clear.
 */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "path.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define REPORT_EVERY VC_SEC
#define TAIL VC_SEC
#define SPEECH_PT 0 /* PCMU */
#define SPEECH_HZ 8000
#define PICTURE_PT 96
#define PICTURE_HZ 90000
#define RTT_MAX (60 * VC_SEC)

void foreign_start(struct path_leg *leg, int64_t now)
{
	struct path *p = leg->path;
	bool is_speech = p->opt->profile == VC_PATH_VOICE && !p->trace;
	uint64_t draw = vc_rand_u64(&p->rand, "ssrc", (uint64_t)(leg - p->leg));

	leg->source.pt = is_speech ? SPEECH_PT : PICTURE_PT;
	leg->source.ssrc = (uint32_t)draw;
	leg->source.seq = (uint16_t)(draw >> 32 & 0x7fff);
	leg->reports.rate_hz = is_speech ? SPEECH_HZ : PICTURE_HZ;
	vc_rxstats_init(&leg->rx, leg->reports.rate_hz, 0);
	leg->phase = PATH_PATTERN;
	leg->phase_at = now;
	path_begin_pattern(leg);
}

static int64_t clock_of(const struct path_leg *leg)
{
	return vc_loop_clock(vc_tool_loop(leg->path->tool));
}

static uint32_t ts_of(const struct path_leg *leg, int64_t at)
{
	return (uint32_t)vc_rtp_from_ns(at - leg->phase_at,
					leg->reports.rate_hz);
}

static void send_out(struct path_leg *leg, struct vc_udp *udp, uint8_t *buf,
		     size_t len)
{
	const struct vc_udp_piece piece = { .body = buf,
					    .body_len = (uint16_t)len,
					    .dscp = path_dscp(leg->path) };
	size_t sent;
	int err = vc_udp_send(udp, &piece, 1, &sent);

	if (err && !sent)
		err = vc_udp_send(udp, &piece, 1, &sent);
	leg->was_refused |= err == -ECONNREFUSED && !sent;
	leg->unsent += !sent;
}

static void send_media(struct path_leg *leg, const struct vc_path_item *item)
{
	uint8_t buf[ACTIVE_ROOM];
	const struct vc_path_probe probe = { .type = VC_PATH_MEDIA,
					     .dscp = path_dscp(leg->path),
					     .index = leg->index };
	size_t payload = item->octets - VC_RTP_HEADER;
	int64_t at = clock_of(leg);
	int len;

	if (payload < VC_PATH_PROBE_LEN)
		payload = VC_PATH_PROBE_LEN;
	vc_path_probe_write(&probe, buf + VC_RTP_HEADER, payload);
	len = active_packet(&leg->source, buf, payload, ts_of(leg, at),
			    item->marker);
	if (len < 0)
		return;
	send_out(leg, leg->udp, buf, (size_t)len);
	if (leg->path->opt->mode != PATH_RTCP)
		vc_pathmeter_sent(leg->meter, leg->index, at, probe.dscp);
	leg->octets += payload;
	if (!leg->index)
		leg->first_at = at;
	leg->last_at = at;
	leg->index++;
}

static void send_report(struct path_leg *leg, bool is_bye)
{
	uint8_t buf[256];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	int64_t at = clock_of(leg);
	const struct vc_rtcp_sr sr = { .ssrc = leg->source.ssrc,
				       .ntp = vc_ntp_from_ns(at),
				       .rtp_ts = ts_of(leg, at),
				       .packets = leg->index,
				       .octets = (uint32_t)leg->octets };
	const struct vc_sdes_chunk chunk = {
		.ssrc = leg->source.ssrc,
		.cname = vc_str_c(vc_tool_cname(leg->path->tool)),
	};

	vc_rtcp_write_sr(&w, &sr, NULL, 0);
	vc_rtcp_write_sdes(&w, &chunk, 1);
	if (is_bye)
		vc_rtcp_write_bye(&w, &leg->source.ssrc, 1, vc_str_c(""));
	if (!w.bad)
		send_out(leg, leg->rtcp ? leg->rtcp : leg->udp, buf,
			 vc_wr_len(&w));
}

int64_t foreign_tick(struct path_leg *leg, int64_t now)
{
	int64_t duration = vc_tool_options(leg->path->tool)->duration;

	if (leg->phase == PATH_COUNTS) {
		send_report(leg, true);
		path_leg_go(leg, PATH_DONE, now);
		return now;
	}
	while (leg->has_item && leg->phase_at + leg->item.at <= now) {
		if (now - leg->phase_at >= (int64_t)leg->tries * REPORT_EVERY) {
			send_report(leg, false);
			leg->tries++;
		}
		send_media(leg, &leg->item);
		leg->has_item = vc_pathplan_next(&leg->plan, &leg->item);
	}
	if (leg->has_item && (!duration || now - leg->phase_at < duration))
		return leg->phase_at + leg->item.at;
	path_leg_go(leg, PATH_COUNTS, now);
	return now + TAIL;
}

/* --- in --- */

/* A round trip that ended at 'at': of the times in between nobody knows. */
static void take_rtt(struct path_leg *leg, uint32_t index, int64_t rtt,
		     const struct vc_udp_msg *m)
{
	const struct vc_pathmeter_in in = { .at = m->pkt->arrival,
					    .dscp = m->dscp,
					    .ttl = m->ttl };
	const struct vc_path_answer a = {
		.type = VC_PATH_MEDIA,
		.probe_dscp = VC_PATH_UNKNOWN,
		.probe_ttl = VC_PATH_UNKNOWN,
		.dscp = path_dscp(leg->path),
		.index = index,
		.count = index + 1,
		.arrived = in.at - rtt / 2,
		.departed = in.at - rtt / 2,
	};

	vc_pathmeter_answer(leg->meter, &a, &in);
}

static void take_back(struct path_leg *leg, const struct vc_udp_msg *m)
{
	struct vc_path_probe probe;
	struct vc_rtp rtp;

	if (vc_rtp_parse(&rtp, m->pkt->data, m->pkt->len) ||
	    rtp.ssrc != leg->source.ssrc ||
	    vc_path_probe_parse(&probe, rtp.payload, rtp.payload_len) ||
	    probe.index >= leg->index) {
		leg->bad++;
		return;
	}
	leg->is_alive = true;
	if (vc_rx_is_media(vc_rxstats_packet(&leg->rx, rtp.seq, rtp.ts,
					     rtp.payload_len, m->pkt->arrival)))
		take_rtt(leg, probe.index, 0, m);
}

static void take_block(struct path_leg *leg, const struct vc_rtcp_report *b,
		       const struct vc_udp_msg *m)
{
	struct path_reports *r = &leg->reports;
	uint32_t now = vc_ntp_mid(vc_ntp_from_ns(m->pkt->arrival));
	int64_t rtt = vc_ntp_short_to_ns(now - b->lsr - b->dlsr);

	if (b->ssrc != leg->source.ssrc)
		return;
	leg->is_alive = true;
	r->highest = b->highest;
	r->lost = b->lost;
	r->jitter_ms = 1e3 * b->jitter / r->rate_hz;
	if (b->fraction > r->fraction_max)
		r->fraction_max = b->fraction;
	/* Wrapped, or long ago: not a time. */
	if (b->lsr && rtt < RTT_MAX) {
		vc_pathmeter_sent(leg->meter, r->rtts, m->pkt->arrival - rtt,
				  0);
		take_rtt(leg, r->rtts, rtt, m);
		r->rtts++;
	}
	r->n++;
}

static void take_rtcp(struct path_leg *leg, const struct vc_udp_msg *m)
{
	struct vc_rd rd = vc_rd_over(m->pkt->data, m->pkt->len);
	struct vc_rtcp_report block;
	struct vc_rtcp pkt;

	if (vc_rtcp_check(m->pkt->data, m->pkt->len)) {
		leg->bad++;
		return;
	}
	while (vc_rtcp_next(&rd, &pkt)) {
		if (pkt.pt != VC_RTCP_SR && pkt.pt != VC_RTCP_RR)
			continue;
		for (unsigned int i = 0; i < pkt.count; i++) {
			if (!vc_rtcp_parse_report(&block, &pkt, i))
				take_block(leg, &block, m);
		}
	}
}

void foreign_take(struct path_leg *leg, const struct vc_udp_msg *m)
{
	bool is_rtcp = vc_demux(m->pkt->data, m->pkt->len) == VC_DEMUX_RTCP;

	if (leg->path->opt->mode == PATH_RTCP && is_rtcp)
		take_rtcp(leg, m);
	else if (leg->path->opt->mode != PATH_RTCP && !is_rtcp)
		take_back(leg, m);
	else
		leg->foreign++;
}
