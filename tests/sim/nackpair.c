/* SPDX-License-Identifier: MIT */
/* See nackpair.h. A link is a list of what is on its way. */
#include "sim/nackpair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtx.h"

#define UDP_IP 28
#define MEDIA_PT 96
#define RTX_PT 97
#define MEDIA_SSRC 0x11111111
#define RTX_SSRC 0x22222222
#define RECEIVER 0x33333333
#define FIRST_SEQ 64000 /* wraps on the way */

static unsigned int draw(struct nacklink *l, unsigned int below)
{
	l->draws++;
	return vc_rand_u32(&l->rand, "link", l->draws) % below;
}

static void link_send(struct nacklink *l, const uint8_t *p, size_t len,
		      int64_t now)
{
	int64_t jitter = l->jitter ? draw(l, 1000) * (l->jitter / 1000) : 0;

	l->is_bad = l->is_bad ? draw(l, 1000) >= l->loss.to_good :
				draw(l, 1000) < l->loss.to_bad;
	if (l->is_bad || (now >= l->dark_from && now < l->dark_to))
		return;
	assert_true(l->n < IN_FLIGHT && len <= sizeof(l->a[0].data));
	l->a[l->n].at = now + l->delay + jitter;
	l->a[l->n].len = len;
	memcpy(l->a[l->n].data, p, len);
	l->n++;
}

/* The first that is due, into 'p'; 0: none. */
static size_t link_recv(struct nacklink *l, uint8_t *p, int64_t now)
{
	unsigned int first = l->n;
	size_t len;

	for (unsigned int i = 0; i < l->n; i++) {
		if (l->a[i].at <= now &&
		    (first == l->n || l->a[i].at < l->a[first].at))
			first = i;
	}
	if (first == l->n)
		return 0;
	len = l->a[first].len;
	memcpy(p, l->a[first].data, len);
	l->n--;
	memmove(&l->a[first], &l->a[first + 1],
		(l->n - first) * sizeof(l->a[0]));
	return len;
}

static void send_media(struct nackpair *s, int64_t now)
{
	struct vc_packet *pkt = vc_packet_new(s->pool, LEN);
	const struct vc_rtp rtp = {
		.pt = MEDIA_PT,
		.ssrc = MEDIA_SSRC,
		.seq = (uint16_t)(FIRST_SEQ + s->sent),
		.ts = s->sent * 900,
	};
	struct vc_wr w = vc_wr_over(pkt->data, LEN);
	uint8_t *payload;

	assert_int_equal(vc_rtp_write(&w, &rtp), 0);
	payload = vc_wr_room(&w, LEN - VC_RTP_HEADER);
	memset(payload, 0, LEN - VC_RTP_HEADER);
	vc_put_u32(payload, s->sent);
	payload[4] = s->wants_key;
	s->wants_key = false;
	pkt->len = LEN;
	vc_history_put(s->history, pkt, pkt->data, now);
	vc_resend_media(&s->resend, LEN, now);
	link_send(s->to, pkt->data, LEN, now);
	s->lost += s->to->is_bad;
	vc_packet_unref(pkt);
	s->sent++;
	s->media_octets += LEN;
}

static void resend(struct nackpair *s, uint16_t seq, int64_t now)
{
	struct vc_history_item i = { .data = NULL };
	const bool is_kept = vc_history_get(s->history, seq, now, &i);
	const struct vc_rtx rtx = { RTX_SSRC, RTX_PT, s->rtx_seq, { 0 } };
	uint8_t buf[LEN + VC_RTX_OSN];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!vc_resend_ask(&s->resend, MEDIA_SSRC, seq,
			   is_kept ? i.len + VC_RTX_OSN : 0, now))
		return;
	assert_int_equal(vc_rtx_write(&w, &rtx, i.data, i.len), 0);
	assert_false(w.bad);
	link_send(s->to, buf, vc_wr_len(&w), now);
	s->rtx_seq++;
}

static void take_rtcp(struct nackpair *s, const uint8_t *p, size_t len,
		      int64_t now)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;

	assert_int_equal(vc_rtcp_check_reduced(p, len), 0);
	while (vc_rtcp_next(&rd, &pkt)) {
		struct vc_rtcp_nack e;
		struct vc_rtcp_fb fb;

		assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
		s->wants_key |= fb.pt == VC_RTCP_PSFB;
		for (size_t i = 0; vc_rtcp_nack_at(&fb, i, &e); i++) {
			resend(s, e.pid, now);
			for (unsigned int b = 0; b < 16; b++) {
				if (e.blp & 1u << b)
					resend(s, (uint16_t)(e.pid + 1 + b),
					       now);
			}
		}
	}
}

static void take_media(struct nackpair *s, uint8_t *p, size_t len, int64_t now)
{
	enum vc_nack_how how = VC_NACK_ORIGINAL;
	struct vc_rtp rtp;
	uint32_t n;

	if (vc_rtp_get_pt(p) == RTX_PT) {
		assert_int_equal(vc_rtx_unwrap(p, &len, MEDIA_SSRC, MEDIA_PT),
				 0);
		how = VC_NACK_RTX;
	}
	assert_int_equal(len, LEN);
	assert_int_equal(vc_rtp_parse(&rtp, p, len), 0);
	n = vc_get_u32(rtp.payload);
	assert_int_equal(rtp.seq, (uint16_t)(FIRST_SEQ + n));
	assert_int_equal(rtp.ts, n * 900);
	if (!vc_nack_put(&s->nack, rtp.seq, how, now))
		return;
	assert_int_equal(s->got[n], 0);
	s->got[n] = 1;
	if (!rtp.payload[4])
		return;
	vc_nack_drop_before(&s->nack, rtp.seq);
	vc_keyreq_seen(&s->key);
	s->key_came = now;
	s->key_n = n;
}

static void send_back(struct nackpair *s, const struct vc_wr *w, int64_t now)
{
	size_t len = vc_wr_len(w);

	assert_false(w->bad);
	vc_rtcptime_early_sent(&s->time, len + UDP_IP, now);
	s->rtcp_octets += len + UDP_IP;
	link_send(s->back, w->start, len, now);
}

static void ask(struct nackpair *s, int64_t now)
{
	uint8_t buf[600];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!vc_nack_write(&s->nack, &w, RECEIVER, MEDIA_SSRC, now))
		return;
	send_back(s, &w, now);
	s->nacks_in_second++;
}

static void ask_key(struct nackpair *s, int64_t now)
{
	uint64_t unfit = s->nack.counts.given_up + s->nack.counts.restarts;
	uint8_t buf[64];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (unfit != s->unfit)
		vc_keyreq_want(&s->key, now);
	s->unfit = unfit;
	if (vc_keyreq_write(&s->key, &w, RECEIVER, MEDIA_SSRC, now))
		send_back(s, &w, now);
}

/* What a receiver does after packets have come, and when it is time. */
static void feed_back(struct nackpair *s, bool has_come, int64_t now)
{
	if (vc_nack_next(&s->nack) <= now &&
	    vc_rtcptime_early(&s->time, now) <= now)
		ask(s, now);
	if (has_come && vc_rtcptime_early(&s->time, now) <= now)
		ask_key(s, now);
}

static void second(struct nackpair *s)
{
	uint64_t media = s->media_octets - s->second_media;
	uint64_t resent = s->resend.counts.octets - s->second_resent;

	if (media && resent * 1000 / media > s->worst_second)
		s->worst_second = resent * 1000 / media;
	s->second_media = s->media_octets;
	s->second_resent = s->resend.counts.octets;
	if (s->nacks_in_second > s->most_nacks)
		s->most_nacks = s->nacks_in_second;
	s->nacks_in_second = 0;
}

static void step(struct nackpair *s, int64_t now)
{
	uint8_t buf[LEN + 64];
	bool has_come = false;
	size_t len;

	if ((now - T0) % SPACING == 0 && s->sent < PACKETS)
		send_media(s, now);
	while ((len = link_recv(s->to, buf, now))) {
		take_media(s, buf, len, now);
		has_come = true;
	}
	feed_back(s, has_come, now);
	while ((len = link_recv(s->back, buf, now)))
		take_rtcp(s, buf, len, now);
	if ((now - T0) % VC_SEC == 0)
		second(s);
}

static struct nacklink *new_link(struct loss loss, int64_t delay,
				 int64_t jitter, uint64_t seed)
{
	struct nacklink *l = vc_alloc(1, sizeof(*l));

	l->loss = loss;
	l->delay = delay;
	l->jitter = jitter;
	vc_rand_init(&l->rand, seed, "sim", NULL);
	return l;
}

static void start_rtcp(struct nackpair *s)
{
	const struct vc_rtcptime_conf conf = { .unicast = true,
					       .first_len = 100 };
	struct vc_rand rand;

	vc_rand_init(&rand, 1, "sim", "rtcp");
	vc_rtcptime_init(&s->time, &conf, &rand, T0);
	vc_rtcptime_rate(&s->time, LEN * 8 * VC_SEC / SPACING);
	vc_rtcptime_members(&s->time, 2, 1, false, T0);
}

struct nackpair *nackpair_new(struct loss loss, int64_t rtt, int64_t jitter,
			      int64_t max_age, uint64_t seed)
{
	const struct vc_history_conf hc = { 0 };
	const struct vc_nack_conf nc = { .max_age = max_age };
	struct nackpair *s = vc_alloc(1, sizeof(*s));

	s->to = new_link(loss, rtt / 2, jitter, seed);
	s->back = new_link(loss, rtt / 2, 0, seed + 1000);
	s->pool = vc_pool_new();
	s->history = vc_history_new(&hc);
	assert_non_null(s->history);
	vc_history_rtt(s->history, rtt, T0);
	vc_resend_init(&s->resend, T0);
	vc_resend_rtt(&s->resend, rtt);
	vc_nack_init(&s->nack, &nc);
	vc_keyreq_init(&s->key, true, false);
	start_rtcp(s);
	return s;
}

void nackpair_run(struct nackpair *s)
{
	int64_t end = T0 + (SEC_OF_MEDIA + 2) * VC_SEC;

	for (int64_t now = T0; now < end; now += VC_MS)
		step(s, now);
	for (unsigned int i = 0; i < PACKETS; i++)
		s->missing += !s->got[i];
}

void nackpair_free(struct nackpair *s)
{
	vc_nack_clear(&s->nack);
	vc_history_unref(s->history);
	vc_resend_clear(&s->resend);
	assert_int_equal(vc_pool_used(s->pool), 0);
	vc_pool_free(s->pool);
	free(s->to);
	free(s->back);
	free(s);
}
