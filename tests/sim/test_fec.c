/* SPDX-License-Identifier: MIT */
/*
 * A stream of pictures (30 a second of 6 packets, 180 packets/s) over a path
 * that loses at random or in bursts (Gilbert's model, 4 packets on average),
 * protected at several rates; both formats. What is lost after repair has
 * bounds for each loss and rate, and everything won is what was sent. The
 * table is on stderr with VC_FEC_TABLE set.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/fecdec.h"
#include "session/fecenc.h"
#include "unit/fecfeed.h"
#include "wire/red.h"

#define FRAME 6 /* packets */
#define MEDIA 60000
#define BURST 4
#define DELAY (100 * VC_MS)
#define BURST_DELAY (250 * VC_MS) /* for groups that are longer than bursts */

struct path {
	struct vc_rand rand;
	uint64_t n;
	unsigned int loss_percent;
	bool is_bursty;
	bool is_bad;
};

struct link {
	struct path path;
	struct vc_pool *pool;
	struct vc_fecenc *e;
	struct vc_fecdec *d;
	enum vc_fec_format format;
	uint16_t seq;	  /* of media; with ULPFEC of all */
	uint16_t fec_seq; /* FlexFEC's own */
	uint64_t sent, arrived, won, parity, wrong;
	bool *is_here;	       /* by number of the packet */
	uint32_t index[65536]; /* sequence number to that */
};

static bool is_lost(struct path *p)
{
	double u = (double)(vc_rand_u64(&p->rand, "loss", p->n) >> 11) /
		   (double)(UINT64_C(1) << 53);
	double loss = p->loss_percent / 100.0, out = 1.0 / BURST;

	p->n++;
	if (!p->is_bursty)
		return u < loss;
	p->is_bad = p->is_bad ? u >= out : u < loss * out / (1 - loss);
	return p->is_bad;
}

static void note(struct link *l, const struct vc_packet *pkt, bool is_won)
{
	uint16_t seq = vc_rtp_get_seq(pkt->data);
	bool *is_here = &l->is_here[l->index[seq]];

	l->wrong += is_won && !media_is(pkt, seq, FRAME);
	if (*is_here)
		return;
	*is_here = true;
	*(is_won ? &l->won : &l->arrived) += 1;
}

static void take_won(struct link *l)
{
	struct vc_packet *pkt;

	while ((pkt = vc_fecdec_next(l->d))) {
		note(l, pkt, true);
		vc_packet_unref(pkt);
	}
}

static void parity_arrives(struct link *l, struct vc_packet *pkt)
{
	size_t red = l->format == VC_FEC_ULP ? VC_RED_PRIMARY_HEADER : 0;
	struct vc_rtp rtp;

	if (vc_rtp_parse(&rtp, pkt->data, pkt->len) ||
	    vc_fecdec_parity(l->d, pkt, rtp.payload + red,
			     rtp.payload_len - red))
		l->wrong++;
	take_won(l);
}

static void send_parity(struct link *l)
{
	uint16_t *seq = l->format == VC_FEC_ULP ? &l->seq : &l->fec_seq;
	struct vc_packet *pkt;

	while ((pkt = vc_fecenc_next(l->e, *seq))) {
		++*seq;
		l->parity++;
		if (!is_lost(&l->path))
			parity_arrives(l, pkt);
		vc_packet_unref(pkt);
	}
}

static void send_media(struct link *l, int64_t now)
{
	struct vc_packet *pkt = media_new(l->pool, l->seq, FRAME, true);

	l->index[l->seq] = (uint32_t)l->sent;
	l->sent++;
	l->seq++;
	vc_fecenc_put(l->e, pkt->data, pkt, now);
	if (!is_lost(&l->path)) {
		note(l, pkt, false);
		vc_fecdec_media(l->d, pkt);
		take_won(l);
	}
	vc_packet_unref(pkt);
	send_parity(l);
}

static void open_link(struct link *l, enum vc_fec_format format, bool is_bursty)
{
	bool is_ulp = format == VC_FEC_ULP;
	const struct vc_fecenc_conf enc = {
		.format = format,
		.pt = is_ulp ? 119 : 118,
		.red_pt = 120,
		.ssrc = is_ulp ? MEDIA_SSRC : 7,
		.media_ssrc = MEDIA_SSRC,
		.volatile_ids = VOLATILE_IDS,
		.max_delay = is_bursty ? BURST_DELAY : DELAY,
	};
	const struct vc_fecdec_conf dec = {
		.format = format,
		.pt = enc.pt,
		.red_pt = is_ulp ? enc.red_pt : enc.pt,
		.media_ssrc = MEDIA_SSRC,
		.volatile_ids = VOLATILE_IDS,
	};

	l->format = format;
	l->pool = vc_pool_new();
	l->e = vc_fecenc_new(&enc, l->pool);
	l->d = vc_fecdec_new(&dec, l->pool);
	l->is_here = calloc(MEDIA, sizeof(bool));
	l->seq = 65000;
	vc_rand_init(&l->path.rand, 1, "test", "fec");
}

static void close_link(struct link *l)
{
	vc_fecenc_free(l->e);
	vc_fecdec_free(l->d);
	assert_int_equal(vc_pool_used(l->pool), 0);
	vc_pool_free(l->pool);
	free(l->is_here);
}

/* 'most': lost after repair, in hundredths of a percent. */
struct row {
	unsigned int loss, percent; /* 100: --fec auto's rate */
	unsigned int most_random, most_bursty;
};

static const struct row rows[] = {
	{ 1, 0, 110, 130 },	{ 1, 10, 10, 90 },     { 1, 20, 3, 50 },
	{ 1, 50, 1, 10 },	{ 5, 0, 530, 550 },    { 5, 10, 260, 450 },
	{ 5, 20, 110, 290 },	{ 5, 50, 20, 80 },     { 10, 0, 1050, 1080 },
	{ 10, 20, 420, 680 },	{ 10, 50, 100, 260 },  { 20, 0, 2080, 2080 },
	{ 20, 20, 1480, 1550 }, { 20, 50, 530, 830 },  { 1, 100, 15, 100 },
	{ 5, 100, 60, 220 },	{ 10, 100, 100, 260 }, { 20, 100, 530, 830 },
};

static void run(const struct row *r, enum vc_fec_format format, bool is_bursty)
{
	struct link *l = calloc(1, sizeof(*l));
	unsigned int percent = r->percent, most, left;

	open_link(l, format, is_bursty);
	l->path.loss_percent = r->loss;
	l->path.is_bursty = is_bursty;
	if (percent == 100)
		percent = vc_fecenc_auto((uint8_t)(r->loss * 256 / 100), -1,
					 false);
	vc_fecenc_set(l->e, percent, is_bursty);
	for (unsigned int i = 0; i < MEDIA; i++)
		send_media(l, i / FRAME * VC_SEC / 30);
	left = (unsigned int)((MEDIA - l->arrived - l->won) * 10000 / MEDIA);
	most = is_bursty ? r->most_bursty : r->most_random;
	if (getenv("VC_FEC_TABLE"))
		fprintf(stderr, "%s %-6s loss %2u%% fec %2u%%: left %5.2f%%\n",
			format == VC_FEC_ULP ? "ulp " : "flex",
			is_bursty ? "bursty" : "random", r->loss, percent,
			left / 100.0);
	assert_int_equal(l->wrong, 0);
	assert_int_equal(vc_fecdec_counts(l->d)->bad, 0);
	assert_in_range(l->parity + 24, MEDIA / 100 * percent,
			MEDIA / 100 * percent + 48);
	if (left > most)
		fail_msg("loss %u, fec %u, %s: %u of at most %u", r->loss,
			 percent, is_bursty ? "bursty" : "random", left, most);
	close_link(l);
	free(l);
}

static void random_loss(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		run(&rows[i], VC_FEC_FLEX, false);
}

static void bursts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		run(&rows[i], VC_FEC_FLEX, true);
}

/* Its own sequence numbers are part of the media's here. */
static void ulpfec_is_as_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		run(&rows[i], VC_FEC_ULP, i % 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_loss),
		cmocka_unit_test(bursts),
		cmocka_unit_test(ulpfec_is_as_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
