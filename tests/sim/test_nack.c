/* SPDX-License-Identifier: MIT */
/*
 * Repair by NACK and RTX between two endpoints over a link that loses: one
 * sends a packet of 1000 octets each 10 ms, keeps a history and answers within
 * its budget, the other asks. Time goes in steps of a millisecond; what a step
 * sends is real octets. RTX and NACKs are lost like the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/history.h"
#include "session/nack.h"
#include "session/resend.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtx.h"

#define T0 VC_VIRTUAL_EPOCH
#define SEC_OF_MEDIA 100
#define PACKETS (SEC_OF_MEDIA * 100u)
#define SPACING (10 * VC_MS)
#define LEN 1000
#define IN_FLIGHT 1024
#define MEDIA_PT 96
#define RTX_PT 97
#define MEDIA_SSRC 0x11111111
#define RTX_SSRC 0x22222222
#define RECEIVER 0x33333333
#define FIRST_SEQ 64000 /* wraps on the way */

/* Per thousand. Random loss: to_bad, with to_good 1000 - to_bad. */
struct loss {
	unsigned int to_bad;
	unsigned int to_good;
};

struct link {
	struct loss loss;
	int64_t delay;
	int64_t jitter; /* up to so much more, each for itself */
	struct vc_rand rand;
	uint64_t draws;
	bool is_bad;
	unsigned int n;
	struct {
		int64_t at;
		size_t len;
		uint8_t data[LEN + 64];
	} a[IN_FLIGHT];
};

static unsigned int draw(struct link *l, unsigned int below)
{
	l->draws++;
	return vc_rand_u32(&l->rand, "link", l->draws) % below;
}

static void link_send(struct link *l, const uint8_t *p, size_t len, int64_t now)
{
	int64_t jitter = l->jitter ? draw(l, 1000) * (l->jitter / 1000) : 0;

	l->is_bad = l->is_bad ? draw(l, 1000) >= l->loss.to_good :
				draw(l, 1000) < l->loss.to_bad;
	if (l->is_bad)
		return;
	assert_true(l->n < IN_FLIGHT && len <= sizeof(l->a[0].data));
	l->a[l->n].at = now + l->delay + jitter;
	l->a[l->n].len = len;
	memcpy(l->a[l->n].data, p, len);
	l->n++;
}

/* The first that is due, into 'p'; 0: none. */
static size_t link_recv(struct link *l, uint8_t *p, int64_t now)
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

struct sim {
	struct link *to;
	struct link *back;
	int64_t max_age;
	/* the sender */
	struct vc_pool *pool;
	struct vc_history *history;
	struct vc_resend resend;
	unsigned int sent;
	uint16_t rtx_seq;
	uint64_t media_octets;
	uint64_t worst_second; /* resent, per thousand of the media */
	uint64_t second_media;
	uint64_t second_resent;
	/* the receiver */
	struct vc_nack nack;
	uint8_t got[PACKETS];
	unsigned int lost; /* originals that the link ate */
	unsigned int missing;
	unsigned int nacks_in_second;
	unsigned int most_nacks;
};

static void send_media(struct sim *s, int64_t now)
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
	pkt->len = LEN;
	vc_history_put(s->history, pkt, pkt->data, now);
	vc_resend_media(&s->resend, LEN, now);
	link_send(s->to, pkt->data, LEN, now);
	s->lost += s->to->is_bad;
	vc_packet_unref(pkt);
	s->sent++;
	s->media_octets += LEN;
}

static void resend(struct sim *s, uint16_t seq, int64_t now)
{
	const struct vc_history_item *i = vc_history_get(s->history, seq, now);
	const struct vc_rtx rtx = { RTX_SSRC, RTX_PT, s->rtx_seq };
	uint8_t buf[LEN + VC_RTX_OSN];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!vc_resend_ask(&s->resend, MEDIA_SSRC, seq,
			   i ? i->pkt->len + VC_RTX_OSN : 0, now))
		return;
	assert_int_equal(
		vc_rtx_write(&w, &rtx, i->head, i->pkt->data, i->pkt->len), 0);
	assert_false(w.bad);
	link_send(s->to, buf, vc_wr_len(&w), now);
	s->rtx_seq++;
}

static void take_nack(struct sim *s, const uint8_t *p, size_t len, int64_t now)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;

	assert_int_equal(vc_rtcp_check_reduced(p, len), 0);
	while (vc_rtcp_next(&rd, &pkt)) {
		struct vc_rtcp_nack e;
		struct vc_rtcp_fb fb;

		assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
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

static void take_media(struct sim *s, uint8_t *p, size_t len, int64_t now)
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
}

static void ask(struct sim *s, int64_t now)
{
	uint8_t buf[600];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!vc_nack_write(&s->nack, &w, RECEIVER, MEDIA_SSRC, now))
		return;
	assert_false(w.bad);
	link_send(s->back, buf, vc_wr_len(&w), now);
	s->nacks_in_second++;
}

static void second(struct sim *s)
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

static void step(struct sim *s, int64_t now)
{
	uint8_t buf[LEN + 64];
	size_t len;

	if ((now - T0) % SPACING == 0 && s->sent < PACKETS)
		send_media(s, now);
	while ((len = link_recv(s->to, buf, now)))
		take_media(s, buf, len, now);
	if (vc_nack_next(&s->nack) <= now)
		ask(s, now);
	while ((len = link_recv(s->back, buf, now)))
		take_nack(s, buf, len, now);
	if ((now - T0) % VC_SEC == 0)
		second(s);
}

static struct link *new_link(struct loss loss, int64_t delay, int64_t jitter,
			     uint64_t seed)
{
	struct link *l = vc_alloc(1, sizeof(*l));

	l->loss = loss;
	l->delay = delay;
	l->jitter = jitter;
	vc_rand_init(&l->rand, seed, "sim", NULL);
	return l;
}

static struct sim *run(struct loss loss, int64_t rtt, int64_t jitter,
		       int64_t max_age, uint64_t seed)
{
	const struct vc_history_conf hc = { 0 };
	const struct vc_nack_conf nc = { .max_age = max_age };
	struct sim *s = vc_alloc(1, sizeof(*s));
	int64_t end = T0 + (SEC_OF_MEDIA + 2) * VC_SEC;

	s->to = new_link(loss, rtt / 2, jitter, seed);
	s->back = new_link(loss, rtt / 2, 0, seed + 1000);
	s->pool = vc_pool_new();
	s->history = vc_history_new(&hc);
	assert_non_null(s->history);
	vc_history_rtt(s->history, rtt);
	vc_resend_init(&s->resend, T0);
	vc_resend_rtt(&s->resend, rtt);
	vc_nack_init(&s->nack, &nc);
	for (int64_t now = T0; now < end; now += VC_MS)
		step(s, now);
	for (unsigned int i = 0; i < PACKETS; i++)
		s->missing += !s->got[i];
	return s;
}

static void finish(struct sim *s)
{
	vc_nack_clear(&s->nack);
	vc_history_free(s->history);
	assert_int_equal(vc_pool_used(s->pool), 0);
	vc_pool_free(s->pool);
	free(s->to);
	free(s->back);
	free(s);
}

/*
 * What stays lost when there is time for so many askings. Each fails with the
 * NACK or with its answer: 19 of 100 at a loss of 10 %, of which bursts make a
 * little more.
 */
static void losses_are_repaired(void **state)
{
	static const struct {
		struct loss loss;
		int64_t rtt, max_age;
		unsigned int lost_min;	  /* of 10000 */
		unsigned int missing_max; /* of 10000 */
	} rows[] = {
		/* random, 10 %: one asking, two, three */
		{ { 100, 900 }, 50 * VC_MS, 100 * VC_MS, 900, 240 },
		{ { 100, 900 }, 50 * VC_MS, 160 * VC_MS, 900, 60 },
		{ { 100, 900 }, 50 * VC_MS, 250 * VC_MS, 900, 15 },
		{ { 100, 900 }, 200 * VC_MS, 300 * VC_MS, 900, 240 },
		{ { 100, 900 }, 200 * VC_MS, 600 * VC_MS, 900, 60 },
		{ { 100, 900 }, 200 * VC_MS, VC_SEC, 900, 15 },
		/* bursts of four, 7.4 % */
		{ { 20, 250 }, 50 * VC_MS, 250 * VC_MS, 600, 40 },
		{ { 20, 250 }, 200 * VC_MS, VC_SEC, 600, 40 },
		/* 1 %; 20 %, where the budget is what stops it */
		{ { 10, 990 }, 200 * VC_MS, 600 * VC_MS, 60, 2 },
		{ { 200, 800 }, 50 * VC_MS, 500 * VC_MS, 1900, 150 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sim *s =
			run(rows[i].loss, rows[i].rtt, 0, rows[i].max_age, i);
		const struct vc_nack_counts *c = &s->nack.counts;

		assert_in_range(s->lost, rows[i].lost_min, 2500);
		assert_in_range(s->missing, 0, rows[i].missing_max);
		/* the round trip was learnt */
		assert_in_range(s->nack.rtt, rows[i].rtt * 9 / 10,
				rows[i].rtt * 13 / 10);
		/* no storm: an asking for each loss and each asking lost */
		assert_true(c->asked <=
			    s->lost * 2 + s->resend.counts.over);
		assert_true(c->packets <= c->asked);
		assert_true(s->most_nacks <= 80);
		/* the budget holds, in each second and over all */
		assert_true(s->worst_second <= 500);
		assert_true(s->resend.counts.octets * 4 <= s->media_octets);
		/* what was seen adds up */
		assert_int_equal(c->holes, c->won + c->given_up);
		finish(s);
	}
}

/* Packets that overtake each other by up to 30 ms, none lost: once that is
 * known hardly anything is asked for. */
static void reordering_is_waited_for(void **state)
{
	struct sim *s = run((struct loss){ 0, 1000 }, 50 * VC_MS, 30 * VC_MS,
			    400 * VC_MS, 7);
	const struct vc_nack_counts *c = &s->nack.counts;

	(void)state;
	assert_int_equal(s->missing, 0);
	assert_true(c->reordered > PACKETS / 10);
	assert_true(c->asked < c->reordered / 50);
	finish(s);
}

/* Everything is lost on the way back: asking is bounded, and gives up. */
static void nobody_answers(void **state)
{
	const struct vc_nack_conf nc = { .max_age = 10 * VC_SEC };
	struct vc_nack n;
	uint8_t buf[600];
	unsigned int asked = 0;

	(void)state;
	vc_nack_init(&n, &nc);
	vc_nack_put(&n, 65530, VC_NACK_ORIGINAL, T0);
	vc_nack_put(&n, 4, VC_NACK_ORIGINAL, T0 + 10 * VC_MS);
	for (int64_t now = T0; now < T0 + 20 * VC_SEC; now += VC_MS) {
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));

		asked += vc_nack_write(&n, &w, 1, 2, now);
	}
	assert_int_equal(asked, 9 * 10);
	assert_int_equal(n.counts.packets, 10);
	assert_int_equal(n.counts.given_up, 9);
	assert_int_equal(vc_nack_next(&n), INT64_MAX);
	vc_nack_clear(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_are_repaired),
		cmocka_unit_test(reordering_is_waited_for),
		cmocka_unit_test(nobody_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
