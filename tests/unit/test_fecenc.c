/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "fecfeed.h"
#include "session/fecenc.h"
#include "wire/red.h"

#define DELAY (60 * VC_MS)

static const struct vc_fecenc_conf flex = {
	.format = VC_FEC_FLEX,
	.pt = 118,
	.ssrc = 0x22222222,
	.media_ssrc = MEDIA_SSRC,
	.volatile_ids = VOLATILE_IDS,
	.max_delay = DELAY,
};

static void put(struct vc_fecenc *e, struct vc_pool *pool, uint16_t seq,
		unsigned int frame, int64_t now)
{
	struct vc_packet *pkt = media_new(pool, seq, frame, false);

	vc_fecenc_put(e, pkt->data, pkt, now);
	vc_packet_unref(pkt);
}

static unsigned int take_all(struct vc_fecenc *e)
{
	struct vc_packet *pkt;
	unsigned int n = 0;

	while ((pkt = vc_fecenc_next(e, (uint16_t)n))) {
		n++;
		vc_packet_unref(pkt);
	}
	return n;
}

/* 90 packets/s in frames of 3; over 10 s the rate is what was asked for. */
static void the_rate_holds(void **state)
{
	static const struct {
		unsigned int percent, frame;
	} rows[] = {
		{ 0, 3 },    { 1, 3 },	{ 5, 3 },  { 10, 3 },
		{ 20, 3 },   { 33, 3 }, { 50, 3 }, { 100, 3 },
		{ 20, 100 }, { 50, 1 }, { 5, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_pool *pool = vc_pool_new();
		struct vc_fecenc *e = vc_fecenc_new(&flex, pool);
		unsigned int n = 300 * rows[i].frame, parity = 0;
		const struct vc_fecenc_counts *c = vc_fecenc_counts(e);
		unsigned int want = n * rows[i].percent / 100;

		vc_fecenc_set(e, rows[i].percent, i % 2);
		for (unsigned int k = 0; k < n; k++) {
			/* Across the wrap. */
			put(e, pool, (uint16_t)(65400 + k), rows[i].frame,
			    k / rows[i].frame * 33 * VC_MS);
			parity += take_all(e);
		}
		/* Slow streams with little FEC: the rest came too late. */
		if (rows[i].percent * rows[i].frame >= 30)
			assert_int_equal(c->skipped, 0);
		vc_fecenc_tick(e, 100 * VC_SEC);
		parity += take_all(e);
		if (!rows[i].percent)
			assert_int_equal(vc_pool_used(pool), 0);
		assert_in_range(parity, want > 2 ? want - 2 : 0, want + 2);
		assert_int_equal(parity, c->parity);
		vc_fecenc_free(e);
		assert_int_equal(vc_pool_used(pool), 0);
		vc_pool_free(pool);
	}
}

/* Groups end with a frame when half of the delay has passed, or later. */
static void groups_end_in_time(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_fecenc *e = vc_fecenc_new(&flex, pool);

	(void)state;
	assert_int_equal(vc_fecenc_due(e), VC_TIME_NONE);
	vc_fecenc_set(e, 50, false);
	for (uint16_t seq = 0; seq < 4; seq++) {
		put(e, pool, seq, 4, 0);
		assert_int_equal(take_all(e), 0);
	}
	assert_int_equal(vc_fecenc_due(e), DELAY);
	/* In the middle of the next frame nothing ends... */
	for (uint16_t seq = 4; seq < 7; seq++) {
		put(e, pool, seq, 4, DELAY / 2);
		assert_int_equal(take_all(e), 0);
	}
	/* ... and with it a group does. */
	put(e, pool, 7, 4, DELAY / 2);
	assert_int_equal(take_all(e), 4);
	assert_int_equal(vc_fecenc_due(e), VC_TIME_NONE);
	/* Nothing follows: by time. */
	put(e, pool, 8, 4, DELAY);
	put(e, pool, 9, 4, DELAY);
	assert_int_equal(vc_fecenc_due(e), 2 * DELAY);
	vc_fecenc_tick(e, 2 * DELAY - 1);
	assert_int_equal(take_all(e), 0);
	vc_fecenc_tick(e, 2 * DELAY);
	assert_int_equal(take_all(e), 1);
	vc_fecenc_free(e);
	assert_int_equal(vc_pool_used(pool), 0);
	vc_pool_free(pool);
}

/* The rate does not allow it: given up, and the references with it. */
static void what_comes_too_late_is_not_sent(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_fecenc *e = vc_fecenc_new(&flex, pool);

	(void)state;
	vc_fecenc_set(e, 10, false);
	put(e, pool, 1, 1, 0);
	assert_int_equal(vc_fecenc_due(e), 4 * DELAY);
	vc_fecenc_tick(e, 4 * DELAY);
	assert_int_equal(take_all(e), 0);
	assert_int_equal(vc_pool_used(pool), 0);
	assert_int_equal(vc_fecenc_counts(e)->skipped, 1);
	vc_fecenc_free(e);
	vc_pool_free(pool);
}

/* Old numbers, holes, jumps, lengths: protected or skipped, never wrong. */
static void odd_input_is_survived(void **state)
{
	static const struct {
		uint16_t seqs[6];
		unsigned int n, parity, skipped;
	} rows[] = {
		{ { 10, 11, 11, 12 }, 4, 3, 1 },   /* twice */
		{ { 10, 9, 11 }, 3, 2, 1 },	   /* back */
		{ { 10, 60, 118 }, 3, 3, 0 },	   /* 109 places */
		{ { 10, 119, 120 }, 3, 3, 0 },	   /* the next group */
		{ { 65535, 0, 1 }, 3, 3, 0 },	   /* wrap */
		{ { 10, 32778, 32779 }, 3, 1, 2 }, /* 32768: back */
		{ { 10, 40000 }, 2, 1, 1 },
		{ { 10, 20000, 20001 }, 3, 3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_pool *pool = vc_pool_new();
		struct vc_fecenc *e = vc_fecenc_new(&flex, pool);
		unsigned int parity = 0;

		vc_fecenc_set(e, 100, true);
		for (unsigned int k = 0; k < rows[i].n; k++) {
			put(e, pool, rows[i].seqs[k], 1000, 0);
			parity += take_all(e);
		}
		vc_fecenc_tick(e, DELAY);
		parity += take_all(e);
		assert_int_equal(parity, rows[i].parity);
		assert_int_equal(vc_fecenc_counts(e)->skipped, rows[i].skipped);
		vc_fecenc_free(e);
		assert_int_equal(vc_pool_used(pool), 0);
		vc_pool_free(pool);
	}
}

static void long_packets_are_skipped(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_fecenc *e = vc_fecenc_new(&flex, pool);
	struct vc_packet *pkt = vc_packet_new(pool, VC_PACKET_MAX);

	(void)state;
	vc_fecenc_set(e, 100, false);
	memset(pkt->data, 0x80, VC_PACKET_MAX);
	pkt->len = VC_PACKET_MAX - VC_FEC_HEADER_MAX;
	vc_fecenc_put(e, pkt->data, pkt, 0);
	assert_int_equal(vc_fecenc_counts(e)->skipped, 1);
	pkt->len--;
	vc_fecenc_put(e, pkt->data, pkt, DELAY);
	vc_fecenc_tick(e, 2 * DELAY);
	assert_int_equal(take_all(e), 1);
	vc_packet_unref(pkt);
	vc_fecenc_free(e);
	assert_int_equal(vc_pool_used(pool), 0);
	vc_pool_free(pool);
}

/* RTP and RED around, and what is left is no leak. */
static void parity_is_rtp(void **state)
{
	struct vc_fecenc_conf ulp = flex;

	(void)state;
	ulp.format = VC_FEC_ULP;
	ulp.pt = 119;
	ulp.red_pt = 120;
	ulp.ssrc = MEDIA_SSRC;
	for (int is_ulp = 0; is_ulp < 2; is_ulp++) {
		struct vc_pool *pool = vc_pool_new();
		struct vc_fecenc *e =
			vc_fecenc_new(is_ulp ? &ulp : &flex, pool);
		struct vc_packet *pkt;
		struct vc_rtp rtp;
		struct vc_fec fec;

		vc_fecenc_set(e, 50, false);
		for (uint16_t seq = 100; seq < 104; seq++)
			put(e, pool, seq, 3, 0);
		vc_fecenc_tick(e, DELAY);
		pkt = vc_fecenc_next(e, 777);
		assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
		assert_int_equal(rtp.pt, is_ulp ? 120 : 118);
		assert_int_equal(rtp.seq, 777);
		assert_int_equal(rtp.ts, 103 / 3 * 3000);
		assert_int_equal(rtp.ssrc, is_ulp ? MEDIA_SSRC : 0x22222222);
		assert_false(rtp.marker);
		if (is_ulp)
			assert_int_equal(rtp.payload[0], 119);
		assert_int_equal(vc_fec_parse(&fec,
					      is_ulp ? VC_FEC_ULP : VC_FEC_FLEX,
					      rtp.payload + is_ulp,
					      rtp.payload_len - (size_t)is_ulp),
				 0);
		assert_int_equal(fec.base, 100);
		assert_int_equal(vc_fec_mask_n(&fec.mask), 3);
		vc_packet_unref(pkt);
		vc_fecenc_free(e);
		assert_int_equal(vc_pool_used(pool), 0);
		vc_pool_free(pool);
	}
}

static void auto_follows_loss_and_distance(void **state)
{
	static const struct {
		uint8_t fraction;
		int64_t rtt_ms; /* -1: not known */
		bool has_nack;
		unsigned int percent;
	} rows[] = {
		{ 0, 300, false, 0 },	 { 3, 300, false, 10 },
		{ 13, 300, false, 30 },	 { 26, 300, false, 50 },
		{ 255, 300, false, 50 }, { 13, 20, false, 30 },
		{ 13, 20, true, 0 },	 { 13, 50, true, 0 },
		{ 13, 125, true, 15 },	 { 13, 200, true, 30 },
		{ 13, 5000, true, 30 },	 { 13, -1, true, 30 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t rtt = rows[i].rtt_ms < 0 ? -1 : rows[i].rtt_ms * VC_MS;

		assert_int_equal(vc_fecenc_auto(rows[i].fraction, rtt,
						rows[i].has_nack),
				 rows[i].percent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_holds),
		cmocka_unit_test(groups_end_in_time),
		cmocka_unit_test(what_comes_too_late_is_not_sent),
		cmocka_unit_test(odd_input_is_survived),
		cmocka_unit_test(long_packets_are_skipped),
		cmocka_unit_test(parity_is_rtp),
		cmocka_unit_test(auto_follows_loss_and_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
