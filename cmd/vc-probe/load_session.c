/* SPDX-License-Identifier: MIT */
/*
 * A session: a socket, two SSRCs, and what comes back. What has one of its own
 * SSRCs is an echo: each packet is compared with what was sent, octet for
 * octet, and timed. Anything else is another source, as of a mixer or a
 * selective forwarder, and is counted as a receiver does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "load.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define REPORT_EVERY (2 * VC_SEC)
#define BATCHES 4

/* --- out --- */

void load_put(struct load *l, int medium, struct vc_packet *pkt)
{
	uint16_t seq = vc_rtp_get_seq(pkt->data);
	struct load_packet *kept = &l->kept[medium][seq % LOAD_KEPT];

	vc_packet_unref(kept->pkt);
	*kept = (struct load_packet){ vc_packet_ref(pkt), l->tick };
	if (l->n_batch == LOAD_BATCH) {
		l->overflow++;
		return;
	}
	l->batch[l->n_batch] =
		(struct load_packet){ vc_packet_ref(pkt), (uint64_t)medium };
	l->n_batch++;
}

static void send_pieces(struct load_session *s,
			const struct vc_udp_piece *pieces, size_t n)
{
	size_t done = 0;
	int failed = 0;

	while (done < n) {
		size_t sent = 0;
		int err = vc_udp_send(s->udp, pieces + done, n - done, &sent);

		done += sent;
		s->refused += err == -ECONNREFUSED;
		failed = sent || !err ? !!err : failed + 1;
		if (failed > 1) {
			s->unsent++;
			done++;
			failed = 0;
		}
	}
}

/* The packet as this session numbers it: its header, before the octets that all
 * of them share. */
static struct vc_udp_piece renumber(struct load_session *s, int medium,
				    const struct vc_packet *pkt,
				    uint8_t head[static VC_RTP_HEADER])
{
	struct vc_sender *sender = &s->sender[medium];
	uint32_t ts = vc_rtp_get_ts(pkt->data) -
		      load_media_offset(s->load->media, medium);

	memcpy(head, pkt->data, VC_RTP_HEADER);
	vc_rtp_set_seq(
		head, (uint16_t)(vc_rtp_get_seq(pkt->data) + s->shift[medium]));
	vc_rtp_set_ts(head, ts + sender->ts_offset);
	vc_rtp_set_ssrc(head, sender->ssrc);
	sender->packets++;
	sender->octets += pkt->len - VC_RTP_HEADER;
	return (struct vc_udp_piece){
		.head = head,
		.head_len = VC_RTP_HEADER,
		.body = pkt->data + VC_RTP_HEADER,
		.body_len = (uint16_t)(pkt->len - VC_RTP_HEADER),
	};
}

static void send_report(struct load_session *s, int64_t now, bool is_bye)
{
	uint8_t buf[VC_SENDER_COMPOUND];

	for (int i = 0; i < LOAD_MEDIA; i++) {
		struct vc_udp_piece piece = { .body = buf };
		int len;

		if (!s->sender[i].packets)
			continue;
		len = is_bye ? vc_sender_bye(&s->sender[i], buf, sizeof(buf),
					     now, NULL) :
			       vc_sender_report(&s->sender[i], buf, sizeof(buf),
						now);
		if (len < 0)
			continue;
		piece.body_len = (uint16_t)len;
		send_pieces(s, &piece, 1);
	}
}

void load_session_send(struct load_session *s, int64_t now)
{
	struct load *l = s->load;
	uint8_t head[LOAD_BATCH][VC_RTP_HEADER];
	struct vc_udp_piece pieces[LOAD_BATCH];

	s->sent_at[l->tick % LOAD_TICKS] = vc_loop_clock(vc_tool_loop(l->tool));
	for (size_t i = 0; i < l->n_batch; i++)
		pieces[i] = renumber(s, (int)l->batch[i].tick, l->batch[i].pkt,
				     head[i]);
	send_pieces(s, pieces, l->n_batch);
	s->sent += l->n_batch;
	if (now < s->report_at)
		return;
	s->report_at = now + REPORT_EVERY;
	send_report(s, now, false);
}

void load_session_bye(struct load_session *s, int64_t now)
{
	if (s->is_started)
		send_report(s, now, true);
}

/* --- in --- */

static void write_got(struct load *l, const struct vc_udp_msg *m)
{
	uint8_t t[12] = { 0, 10, 'T', 0 }, len[2];

	vc_put_u64(t + 4, (uint64_t)m->pkt->arrival);
	vc_put_u16(len, (uint16_t)m->pkt->len);
	fwrite(t, sizeof(t), 1, l->got);
	fwrite(len, sizeof(len), 1, l->got);
	fwrite(m->pkt->data, m->pkt->len, 1, l->got);
}

static struct load_rx *rx_of(struct load_session *s, const struct vc_rtp *rtp)
{
	struct load_rx *rx;
	int medium = -1;

	for (unsigned int i = 0; i < s->n_rx; i++) {
		if (s->rx[i].ssrc == rtp->ssrc)
			return &s->rx[i];
	}
	if (s->n_rx == LOAD_SOURCES)
		return NULL;
	for (int i = 0; i < LOAD_MEDIA; i++) {
		if (s->sender[i].ssrc == rtp->ssrc)
			medium = i;
	}
	rx = &s->rx[s->n_rx];
	s->n_rx++;
	rx->ssrc = rtp->ssrc;
	rx->medium = medium;
	/* Of others the rate is known where they use our payload types. */
	vc_rxstats_init(&rx->stats,
			medium >= 0    ? load_media_rate(medium) :
			rtp->pt == 111 ? load_media_rate(LOAD_AUDIO) :
			rtp->pt == 96  ? load_media_rate(LOAD_VIDEO) :
					 0,
			0);
	return rx;
}

/* An echo: it is what was sent, and took so long. */
static void compare(struct load_session *s, int medium,
		    const struct vc_rtp *rtp, const struct vc_udp_msg *m)
{
	struct load *l = s->load;
	uint16_t seq = (uint16_t)(rtp->seq - s->shift[medium]);
	const struct load_packet *kept = &l->kept[medium][seq % LOAD_KEPT];
	const struct vc_packet *pkt = kept->pkt;

	/* Too long ago to know. */
	if (!pkt || vc_rtp_get_seq(pkt->data) != seq ||
	    l->tick - kept->tick >= LOAD_TICKS)
		return;
	if (pkt->len != m->pkt->len ||
	    memcmp(pkt->data + VC_RTP_HEADER, m->pkt->data + VC_RTP_HEADER,
		   pkt->len - VC_RTP_HEADER)) {
		s->corrupt++;
		return;
	}
	vc_hist_put(&s->rtt,
		    m->pkt->arrival - s->sent_at[kept->tick % LOAD_TICKS]);
}

static void take(struct load_session *s, const struct vc_udp_msg *m)
{
	struct load_rx *rx;
	struct vc_rtp rtp;
	int kind;

	if (vc_demux(m->pkt->data, m->pkt->len) == VC_DEMUX_RTCP &&
	    !vc_rtcp_check(m->pkt->data, m->pkt->len)) {
		s->reports++;
	} else if (m->is_cut || vc_rtp_parse(&rtp, m->pkt->data, m->pkt->len)) {
		s->malformed++;
		return;
	} else {
		rx = rx_of(s, &rtp);
		if (!rx) {
			s->crowded++;
			return;
		}
		kind = vc_rxstats_packet(&rx->stats, rtp.seq, rtp.ts,
					 rtp.payload_len, m->pkt->arrival);
		s->received += vc_rx_is_media((enum vc_rx)kind);
		if (rx->medium >= 0 && vc_rx_is_media((enum vc_rx)kind))
			compare(s, rx->medium, &rtp, m);
	}
	if (s->load->got && s->n == 1)
		write_got(s->load, m);
}

static size_t slot_of(const struct load *l, uint32_t ssrc)
{
	return (size_t)((uint64_t)ssrc * 2654435761u) % l->cap_ssrc;
}

static struct load_session *session_of(const struct load *l,
				       const struct vc_udp_msg *m)
{
	const uint8_t *p = m->pkt->data;
	uint32_t ssrc;

	if (m->pkt->len < VC_RTP_HEADER || p[0] >> 6 != 2)
		return NULL;
	ssrc = vc_demux(p, m->pkt->len) == VC_DEMUX_RTCP ? vc_get_u32(p + 4) :
							   vc_rtp_get_ssrc(p);
	for (size_t i = slot_of(l, ssrc); l->by_ssrc[i];
	     i = (i + 1) % l->cap_ssrc) {
		struct load_session *s = l->by_ssrc[i];

		if (s->sender[0].ssrc == ssrc || s->sender[1].ssrc == ssrc)
			return s;
	}
	return NULL;
}

/* 's' NULL: it came to --listen. */
static void drain(struct load *l, struct vc_udp *udp, struct load_session *s)
{
	struct vc_udp_msg *msgs;

	for (unsigned int k = 0; k < BATCHES; k++) {
		int n = vc_udp_recv(udp, vc_loop_now(vc_tool_loop(l->tool)),
				    &msgs);

		if (s && n == -ECONNREFUSED)
			s->refused++;
		if (n <= 0)
			return;
		for (int i = 0; i < n; i++) {
			struct load_session *of = s ? s :
						      session_of(l, &msgs[i]);

			if (of)
				take(of, &msgs[i]);
			else
				l->strays++;
		}
	}
}

static void ready(void *ctx, unsigned int events)
{
	struct load_session *s = ctx;

	(void)events;
	drain(s->load, s->udp, s);
}

static void listen_ready(void *ctx, unsigned int events)
{
	struct load *l = ctx;

	(void)events;
	drain(l, l->listen, NULL);
}

/* --- opening --- */

int load_listen(struct load *l)
{
	struct vc_udp_conf conf = { .io = vc_tool_udp_io(l->tool) };
	struct sockaddr_storage sa;
	socklen_t len;
	int err = vc_place_resolve(l->near.host, l->near.port,
				   vc_tool_options(l->tool)->family, SOCK_DGRAM,
				   &sa, &len);

	conf.local = &sa;
	if (!err)
		err = vc_udp_open(&l->listen, vc_tool_pool(l->tool), &conf);
	if (err)
		return err;
	active_ready(l->tool, &l->near, l->listen);
	l->listen_watch = (struct vc_watch){ .fn = listen_ready,
					     .ctx = l,
					     .fd = vc_udp_fd(l->listen) };
	return vc_loop_watch(vc_tool_loop(l->tool), &l->listen_watch, VC_READ);
}

static void draw(struct load_session *s)
{
	struct load *l = s->load;
	char purpose[64], cname[VC_CNAME_DRAWN], name[32];

	snprintf(name, sizeof(name), "load %u", s->n);
	vc_tool_draw_cname(l->tool, name, cname);
	for (int i = 0; i < LOAD_MEDIA; i++) {
		size_t at;

		snprintf(purpose, sizeof(purpose), "load %u %d", s->n, i);
		vc_sender_init(&s->sender[i], vc_tool_rand(l->tool), purpose,
			       load_media_rate(i), l->epoch, cname, name);
		at = slot_of(l, s->sender[i].ssrc);
		while (l->by_ssrc[at])
			at = (at + 1) % l->cap_ssrc;
		l->by_ssrc[at] = s;
		s->shift[i] = s->sender[i].seq;
	}
}

int load_session_open(struct load *l, struct load_session *s, unsigned int n)
{
	const struct vc_udp_conf conf = { .peer = &l->to,
					  .io = vc_tool_udp_io(l->tool) };
	int err;

	s->load = l;
	s->n = n;
	draw(s);
	err = vc_udp_open(&s->udp, vc_tool_pool(l->tool), &conf);
	if (err)
		return err;
	s->watch = (struct vc_watch){ .fn = ready,
				      .ctx = s,
				      .fd = vc_udp_fd(s->udp) };
	return vc_loop_watch(vc_tool_loop(l->tool), &s->watch, VC_READ);
}

void load_session_start(struct load_session *s, int64_t now)
{
	s->is_started = true;
	s->started = now;
	/* Not all of them at once. */
	s->report_at = now + s->n % 50 * LOAD_TICK;
}

void load_session_close(struct load_session *s)
{
	if (!s->load)
		return;
	if (s->watch.fn)
		vc_loop_watch(vc_tool_loop(s->load->tool), &s->watch, 0);
	vc_udp_close(s->udp);
	vc_hist_clear(&s->rtt);
}
