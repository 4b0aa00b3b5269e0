/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "session/redaudio.h"
#include "wire/red.h"

#define RED_PT 63
#define PT 111
#define FRAME 960u
#define TOC_20 0xf8 /* CELT, 20 ms */

struct way {
	struct vc_pool *pool;
	struct vc_redtx *tx;
	struct vc_redrx *rx;
	uint16_t first; /* number and time of the first packet */
	uint32_t ts0;
	unsigned int own, won;
};

/* Near the wrap of both. */
static void open_way(struct way *w, unsigned int n, unsigned int distance,
		     size_t max_len)
{
	const struct vc_redtx_conf conf = { RED_PT, n, distance, max_len };

	*w = (struct way){ .pool = vc_pool_new(),
			   .first = 65530,
			   .ts0 = UINT32_MAX - 4 * FRAME };
	w->tx = vc_redtx_new(&conf, w->pool);
	w->rx = vc_redrx_new(RED_PT, false, w->pool);
}

static void close_way(struct way *w)
{
	vc_redtx_free(w->tx);
	vc_redrx_free(w->rx);
	assert_int_equal(vc_pool_used(w->pool), 0);
	vc_pool_free(w->pool);
}

/* An Opus packet of 'len' octets that follow from its number. */
static struct vc_packet *sound(struct way *w, uint16_t seq, uint32_t ts,
			       uint8_t toc, size_t len)
{
	struct vc_packet *pkt = vc_packet_new(w->pool, 2000);
	uint8_t ext[4] = { 0x10, (uint8_t)seq };
	struct vc_wr wr = vc_wr_over(pkt->data, pkt->cap);
	struct vc_rtp rtp = { .pt = PT,
			      .seq = seq,
			      .ts = ts,
			      .ssrc = 5,
			      .has_ext = true,
			      .ext_profile = 0xbede,
			      .ext = ext,
			      .ext_len = 4 };

	(void)vc_rtp_write(&wr, &rtp);
	vc_wr_u8(&wr, toc);
	while (vc_wr_len(&wr) < 20 + len)
		vc_wr_u8(&wr, (uint8_t)(seq * 3 + vc_wr_len(&wr)));
	pkt->len = vc_wr_len(&wr);
	return pkt;
}

/* Sent; the RED packet, whose reference is the caller's. */
static struct vc_packet *redden(struct way *w, struct vc_packet *pkt)
{
	struct vc_packet *red;
	struct vc_rtp rtp;

	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	red = vc_redtx_put(w->tx, pkt->data, pkt, &rtp);
	assert_non_null(red);
	return red;
}

static int arrive(struct way *w, struct vc_packet *red)
{
	struct vc_rtp rtp;

	assert_int_equal(vc_rtp_parse(&rtp, red->data, red->len), 0);
	return vc_redrx_put(w->rx, red, &rtp);
}

/* The k-th packet, of 20 ms. */
static struct vc_packet *nth(struct way *w, unsigned int k)
{
	return sound(w, (uint16_t)(w->first + k), w->ts0 + k * FRAME, TOC_20,
		     50);
}

/* What comes out is the packet that was sent, or (won) its payload. */
static void take(struct way *w)
{
	struct vc_packet *pkt;
	bool is_won;

	while ((pkt = vc_redrx_next(w->rx, &is_won))) {
		uint16_t k = (uint16_t)(vc_rtp_get_seq(pkt->data) - w->first);
		struct vc_packet *sent = nth(w, k);
		struct vc_rtp got;

		assert_int_equal(vc_rtp_parse(&got, pkt->data, pkt->len), 0);
		assert_int_equal(got.pt, PT);
		assert_int_equal(got.ts, w->ts0 + k * FRAME);
		assert_int_equal(got.ssrc, 5);
		assert_int_equal(got.payload_len, 50);
		assert_memory_equal(got.payload, sent->data + 20, 50);
		if (!is_won)
			assert_memory_equal(pkt->data, sent->data, sent->len);
		*(is_won ? &w->won : &w->own) += 1;
		vc_packet_unref(sent);
		vc_packet_unref(pkt);
	}
}

/* 'lost' is a bit a packet of 32. */
static const struct {
	unsigned int n, distance;
	uint32_t lost;
	unsigned int won;
} runs[] = {
	{ 1, 1, 0, 0 },		 { 1, 1, 0x00000010, 1 },
	{ 1, 1, 0x00000030, 1 }, { 1, 1, 0x55555554, 15 },
	{ 1, 2, 0x00000030, 2 }, { 1, 3, 0x00000070, 3 },
	{ 1, 2, 0x00000070, 2 }, { 2, 1, 0x00000030, 2 },
	{ 3, 1, 0x00000070, 3 }, { 3, 1, 0x000000f0, 3 },
	{ 3, 3, 0x0000fff0, 9 }, { 3, 1, 0x00000007, 0 },
};

static void holes_are_filled(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(runs); i++) {
		unsigned int lost = 0;
		struct way w;

		open_way(&w, runs[i].n, runs[i].distance, 1200);
		for (unsigned int k = 0; k < 32; k++) {
			struct vc_packet *pkt = nth(&w, k);
			struct vc_packet *red = redden(&w, pkt);

			vc_packet_unref(pkt);
			if (runs[i].lost >> k & 1)
				lost++;
			else
				assert_int_equal(arrive(&w, red), 0);
			take(&w);
			vc_packet_unref(red);
		}
		if (w.won != runs[i].won)
			fail_msg("row %zu: %u", i, w.won);
		assert_int_equal(w.own, 32 - lost);
		assert_int_equal(vc_redrx_counts(w.rx)->filled, w.won);
		close_way(&w);
	}
}

/* How many blocks a packet gets. */
static void the_sender_keeps_to_limits(void **state)
{
	static const struct {
		unsigned int n;
		size_t len, max_len;
		uint32_t step;
		size_t blocks;
	} rows[] = {
		{ 1, 50, 1200, FRAME, 2 },
		{ 3, 50, 1200, FRAME, 4 },
		{ 3, 50, 20 + 4 * 50 + 13, FRAME, 4 },
		{ 3, 50, 20 + 4 * 50 + 12, FRAME, 3 },
		{ 3, 50, 20 + 51, FRAME, 1 },
		{ 1, 1023, 3000, FRAME, 2 },
		{ 1, 1024, 3000, FRAME, 1 },
		{ 3, 50, 1200, 8000, 3 },  /* offsets up to 16383 */
		{ 3, 50, 1200, 16384, 1 }, /* after a pause */
		{ 3, 50, 1200, 0, 1 },
		{ 3, 50, 1200, 0u - FRAME, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_packet *red = NULL;
		struct vc_red blocks;
		struct vc_rtp rtp;
		struct way w;

		open_way(&w, rows[i].n, 1, rows[i].max_len);
		for (uint16_t k = 0; k < 5; k++) {
			struct vc_packet *pkt = sound(&w, k, k * rows[i].step,
						      TOC_20, rows[i].len);

			vc_packet_unref(red);
			red = redden(&w, pkt);
			vc_packet_unref(pkt);
		}
		assert_int_equal(vc_rtp_parse(&rtp, red->data, red->len), 0);
		assert_int_equal(rtp.pt, RED_PT);
		assert_true(red->len <= rows[i].max_len);
		assert_int_equal(
			vc_red_parse(&blocks, rtp.payload, rtp.payload_len), 0);
		if (blocks.n != rows[i].blocks)
			fail_msg("row %zu: %zu", i, blocks.n);
		vc_packet_unref(red);
		close_way(&w);
	}
}

/* Its own payload alone is too much: it goes as it is. */
static void too_long_goes_as_it_is(void **state)
{
	static const size_t lens[] = { 179, 180, 1500 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(lens); i++) {
		struct vc_packet *pkt, *red;
		struct vc_rtp rtp;
		struct way w;

		open_way(&w, 1, 1, 200);
		pkt = sound(&w, 1, 0, TOC_20, lens[i]);
		assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
		red = vc_redtx_put(w.tx, pkt->data, pkt, &rtp);
		assert_int_equal(red != NULL, lens[i] == 179);
		vc_packet_unref(red);
		vc_packet_unref(pkt);
		close_way(&w);
	}
}

struct known {
	uint16_t seq;
	uint32_t ts;
};

/*
 * What is known, and a RED packet 'seq' at 'ts' with one older payload. 'won'
 * is the number it gets, -1: none.
 */
static const struct {
	const char *what;
	struct known known[3];
	size_t n_known;
	uint16_t seq;
	uint32_t ts;
	uint16_t offset;
	const char *payload;
	int won;
} maps[] = {
	{ "one", { { 10, 0 } }, 1, 12, 1920, 960, "\xf8z", 11 },
	{ "one, 10 ms", { { 10, 0 } }, 1, 12, 960, 480, "\xf0z", 11 },
	{ "three back", { { 10, 0 } }, 1, 14, 3840, 2880, "\xf8z", 11 },
	{ "across the wrap",
	  { { 65535, 0xfffffc40 } },
	  1,
	  1,
	  960,
	  960,
	  "\xf8z",
	  0 },
	{ "nothing before", { { 12, 1920 } }, 0, 12, 1920, 960, "\xf8z", -1 },
	{ "not lost", { { 10, 0 }, { 11, 960 } }, 2, 12, 1920, 960, "\xf8z", -1 },
	{ "offset 0", { { 10, 0 } }, 1, 12, 1920, 0, "\xf8z", -1 },
	{ "half a frame", { { 10, 0 } }, 1, 12, 1920, 480, "\xf8z", -1 },
	{ "a pause before", { { 10, 0 } }, 1, 12, 9600, 960, "\xf8z", -1 },
	{ "a pause after", { { 10, 0 } }, 1, 12, 3840, 2880, "\xf8z", -1 },
	{ "two lost, and a pause",
	  { { 10, 0 } },
	  1,
	  13,
	  3840,
	  2880,
	  "\xf8z",
	  -1 },
	{ "another duration before",
	  { { 10, 0 } },
	  1,
	  12,
	  2880,
	  960,
	  "\xf8z",
	  -1 },
	{ "a neighbour says other",
	  { { 10, 0 }, { 12, 2400 } },
	  2,
	  13,
	  2880,
	  1920,
	  "\xf8z",
	  -1 },
	{ "too far back", { { 10, 0 } }, 1, 80, 67200, 15360, "\xf8z", -1 },
	{ "no Opus", { { 10, 0 } }, 1, 12, 1920, 960, "\xfb", -1 },
	{ "empty", { { 10, 0 } }, 1, 12, 1920, 960, "", -1 },
};

static struct vc_packet *red_of(struct way *w, size_t i, uint8_t old_pt,
				uint8_t own_pt)
{
	struct vc_packet *pkt = vc_packet_new(w->pool, 100);
	struct vc_wr wr = vc_wr_over(pkt->data, pkt->cap);
	struct vc_rtp rtp = { .pt = RED_PT,
			      .seq = maps[i].seq,
			      .ts = maps[i].ts };
	struct vc_red red = { .n = 2 };

	red.blocks[0] = (struct vc_red_block){ old_pt, maps[i].offset,
					       (const uint8_t *)maps[i].payload,
					       strlen(maps[i].payload) };
	red.blocks[1] =
		(struct vc_red_block){ own_pt, 0, (const uint8_t *)"\xf8z", 2 };
	(void)vc_rtp_write(&wr, &rtp);
	vc_red_write(&wr, &red);
	assert_false(wr.bad);
	pkt->len = vc_wr_len(&wr);
	return pkt;
}

static void only_what_is_certain_is_filled(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(maps); i++) {
		struct vc_packet *red, *out;
		bool is_won;
		struct way w;

		open_way(&w, 1, 1, 1200);
		for (size_t k = 0; k < maps[i].n_known; k++) {
			const struct vc_rtp rtp = { .seq = maps[i].known[k].seq,
						    .ts = maps[i].known[k].ts };

			vc_redrx_note(w.rx, &rtp);
		}
		red = red_of(&w, i, PT, PT);
		assert_int_equal(arrive(&w, red), 0);
		out = vc_redrx_next(w.rx, &is_won);
		if (is_won != (maps[i].won >= 0))
			fail_msg("%s", maps[i].what);
		if (is_won) {
			assert_int_equal(vc_rtp_get_seq(out->data),
					 maps[i].won);
			vc_packet_unref(out);
			out = vc_redrx_next(w.rx, &is_won);
		}
		assert_int_equal(vc_rtp_get_seq(out->data), maps[i].seq);
		assert_int_equal(vc_rtp_get_pt(out->data), PT);
		vc_packet_unref(out);
		assert_null(vc_redrx_next(w.rx, &is_won));
		vc_packet_unref(red);
		close_way(&w);
	}
}

static void types_are_checked(void **state)
{
	static const struct {
		uint8_t old_pt, own_pt;
		int err;
		bool is_won;
	} rows[] = {
		{ PT, PT, 0, true },
		{ 0, PT, 0, false },
		{ RED_PT, PT, 0, false },
		{ RED_PT, RED_PT, -EBADMSG, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_rtp before = { .seq = 10 };
		struct vc_packet *red;
		struct way w;

		open_way(&w, 1, 1, 1200);
		vc_redrx_note(w.rx, &before);
		red = red_of(&w, 0, rows[i].old_pt, rows[i].own_pt);
		assert_int_equal(arrive(&w, red), rows[i].err);
		assert_int_equal(vc_redrx_counts(w.rx)->filled, rows[i].is_won);
		/* What is not taken is no leak. */
		vc_packet_unref(red);
		close_way(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_are_filled),
		cmocka_unit_test(the_sender_keeps_to_limits),
		cmocka_unit_test(too_long_goes_as_it_is),
		cmocka_unit_test(only_what_is_certain_is_filled),
		cmocka_unit_test(types_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
