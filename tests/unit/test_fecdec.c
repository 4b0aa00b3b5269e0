/* SPDX-License-Identifier: MIT */
/*
 * What the decoder wins back from what the encoder makes, and what it does
 * with parity that lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/time.h"
#include "fecfeed.h"
#include "session/fecdec.h"
#include "session/fecenc.h"
#include "wire/red.h"

struct pair {
	struct vc_pool *pool;
	struct vc_fecdec *d;
	enum vc_fec_format format;
};

static void open_pair(struct pair *x, enum vc_fec_format format)
{
	const struct vc_fecdec_conf conf = {
		.format = format,
		.pt = format == VC_FEC_ULP ? 119 : 118,
		.red_pt = format == VC_FEC_ULP ? 120 : 118,
		.media_ssrc = MEDIA_SSRC,
		.volatile_ids = VOLATILE_IDS,
	};

	x->pool = vc_pool_new();
	x->d = vc_fecdec_new(&conf, x->pool);
	x->format = format;
}

static void close_pair(struct pair *x)
{
	vc_fecdec_free(x->d);
	assert_int_equal(vc_pool_used(x->pool), 0);
	vc_pool_free(x->pool);
}

static void give_media(struct pair *x, uint16_t seq)
{
	struct vc_packet *pkt = media_new(x->pool, seq, 3, true);

	vc_fecdec_media(x->d, pkt);
	vc_packet_unref(pkt);
}

/* A parity packet over 'n' sequence numbers, with its own number 'own'. */
static struct vc_packet *parity_new(struct pair *x, uint16_t own,
				    const uint16_t *seqs, size_t n)
{
	uint8_t body[MEDIA_LEN_MAX];
	struct vc_fec fec = { .base = seqs[0], .ssrc = MEDIA_SSRC };
	struct vc_packet *pkt = vc_packet_new(x->pool, 2000);
	struct vc_rtp rtp = { .pt = 118, .seq = own, .ssrc = MEDIA_SSRC };
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);

	fec.sum.body = body;
	fec.sum.cap = sizeof(body);
	for (size_t i = 0; i < n; i++) {
		struct vc_packet *m = media_new(x->pool, seqs[i], 3, false);

		vc_fec_mask_set(&fec.mask, (uint16_t)(seqs[i] - seqs[0]));
		vc_fec_sum_add(&fec.sum, m->data, m->data + VC_RTP_HEADER,
			       m->len - VC_RTP_HEADER, VOLATILE_IDS);
		vc_packet_unref(m);
	}
	fec.body_len = fec.sum.len;
	(void)vc_rtp_write(&w, &rtp);
	vc_fec_write(&w, x->format, &fec);
	vc_wr_bytes(&w, body, fec.body_len);
	assert_false(w.bad);
	pkt->len = vc_wr_len(&w);
	return pkt;
}

static int give(struct pair *x, struct vc_packet *pkt)
{
	int err = vc_fecdec_parity(x->d, pkt, pkt->data + VC_RTP_HEADER,
				   pkt->len - VC_RTP_HEADER);

	vc_packet_unref(pkt);
	return err;
}

static int give_parity(struct pair *x, uint16_t own, const uint16_t *seqs,
		       size_t n)
{
	return give(x, parity_new(x, own, seqs, n));
}

static void expect_won(struct pair *x, uint16_t seq)
{
	struct vc_packet *pkt = vc_fecdec_next(x->d);

	assert_non_null(pkt);
	assert_true(media_is(pkt, seq, 3));
	vc_packet_unref(pkt);
}

/* 'lost': bits of ten packets from 'base' on; parity 0 is even, 1 is odd
 * places, 2 all. What must be won, whatever comes first. */
static const struct {
	uint16_t base;
	unsigned int lost, parity, won;
} losses[] = {
	{ 100, 0x000, 7, 0x000 },   { 100, 0x001, 1, 0x001 },
	{ 100, 0x200, 2, 0x200 },   { 100, 0x003, 3, 0x003 },
	{ 100, 0x003, 4, 0x000 },   { 100, 0x003, 5, 0x003 },
	{ 100, 0x005, 7, 0x000 },   { 100, 0x007, 7, 0x002 },
	{ 65530, 0x001, 1, 0x001 }, { 65530, 0x060, 3, 0x060 },
	{ 65530, 0x060, 6, 0x060 }, { 65527, 0x300, 5, 0x300 },
};

static void run_loss(size_t i, enum vc_fec_format format, bool parity_first)
{
	static const uint16_t step[] = { 2, 2, 1 };
	uint16_t base = losses[i].base;
	struct vc_packet *pkt;
	unsigned int won = 0;
	struct pair x;

	open_pair(&x, format);
	give_media(&x, (uint16_t)(base - 1));
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned int k = 0; (pass == parity_first) && k < 10; k++)
			if (!(losses[i].lost >> k & 1))
				give_media(&x, (uint16_t)(base + k));
		for (unsigned int j = 0; (pass != parity_first) && j < 3; j++) {
			uint16_t seqs[10];
			size_t n = 0;

			for (unsigned int k = j % 2; k < 10; k += step[j])
				seqs[n++] = (uint16_t)(base + k);
			if (losses[i].parity >> j & 1)
				assert_int_equal(
					give_parity(&x,
						    (uint16_t)(base + 20 + j),
						    seqs, n),
					0);
		}
		while ((pkt = vc_fecdec_next(x.d))) {
			uint16_t seq = vc_rtp_get_seq(pkt->data);

			assert_true(media_is(pkt, seq, 3));
			won |= 1u << (uint16_t)(seq - base);
			vc_packet_unref(pkt);
		}
	}
	/* What comes last may be won before it comes. */
	won &= losses[i].lost;
	if (won != losses[i].won)
		fail_msg("row %zu: %x", i, won);
	assert_int_equal(vc_fecdec_counts(x.d)->bad, 0);
	close_pair(&x);
}

static void losses_are_repaired(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(losses); i++) {
		for (int k = 0; k < 4; k++)
			run_loss(i, k & 1 ? VC_FEC_ULP : VC_FEC_FLEX, k & 2);
	}
}

/* Fifty that each need the one before, and the first comes last. */
static void a_chain_is_unrolled(void **state)
{
	struct pair x;

	(void)state;
	open_pair(&x, VC_FEC_FLEX);
	give_media(&x, 999);
	for (uint16_t i = 0; i < 40; i++)
		assert_int_equal(give_parity(&x, 0,
					     (uint16_t[]){ 1000 + i, 1001 + i },
					     2),
				 0);
	assert_null(vc_fecdec_next(x.d));
	give_media(&x, 1000);
	for (uint16_t i = 0; i < 40; i++)
		expect_won(&x, 1001 + i);
	assert_null(vc_fecdec_next(x.d));
	assert_int_equal(vc_fecdec_counts(x.d)->recovered, 40);
	close_pair(&x);
}

/* hostile.md P7: 100 for each media packet, each of which could be the one. */
static void the_store_is_bounded(void **state)
{
	const struct vc_fecdec_counts *c;
	struct pair x;

	(void)state;
	open_pair(&x, VC_FEC_FLEX);
	for (uint16_t seq = 0; seq < 1000; seq++) {
		if (seq % 50)
			give_media(&x, seq);
		for (uint16_t k = 0; seq && k < 100; k++)
			assert_int_equal(
				give_parity(&x, 0,
					    (uint16_t[]){ seq + 1 + k % 20,
							  seq + 30 + k % 50 },
					    2),
				0);
		assert_true(vc_pool_used(x.pool) <=
			    VC_FECDEC_WINDOW + 2 * VC_FECDEC_PARITY_MAX);
		for (struct vc_packet *p; (p = vc_fecdec_next(x.d));)
			vc_packet_unref(p);
	}
	c = vc_fecdec_counts(x.d);
	assert_int_equal(c->parity, 99900);
	assert_true(c->expired + c->unused > 10000);
	assert_in_range(c->parity - c->expired - c->unused - c->recovered, 0,
			VC_FECDEC_PARITY_MAX);
	close_pair(&x);
}

static void what_lies_outside_is_refused(void **state)
{
	static const struct {
		uint16_t newest, seqs[2];
		int err;
	} rows[] = {
		{ 1000, { 1000, 1001 }, 0 },
		{ 1000, { 1127, 1128 }, 0 },
		{ 1000, { 1128, 1129 }, -ERANGE },
		{ 1000, { 745, 746 }, 0 },
		{ 1000, { 744, 745 }, -ERANGE },
		{ 1000, { 30000, 30001 }, -ERANGE },
		{ 1000, { 33768, 33769 }, -ERANGE },
		{ 10, { 65530, 65531 }, 0 },
		{ 65530, { 5, 6 }, 0 },
		{ 10, { 65291, 65292 }, 0 },
		{ 10, { 65290, 65291 }, -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct pair x;
		int err;

		open_pair(&x, VC_FEC_FLEX);
		assert_int_equal(give_parity(&x, 0, rows[i].seqs, 2), -ERANGE);
		give_media(&x, rows[i].newest);
		err = give_parity(&x, 0, rows[i].seqs, 2);
		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		close_pair(&x);
	}
}

/* ULPFEC shares the sequence: a parity packet covers itself, or another. */
static void parity_does_not_cover_parity(void **state)
{
	const uint16_t itself[] = { 100, 103 }, other[] = { 101, 104 },
		       later[] = { 101, 105 };
	struct pair x;

	(void)state;
	open_pair(&x, VC_FEC_ULP);
	for (uint16_t seq = 100; seq < 103; seq++)
		give_media(&x, seq);
	assert_int_equal(give_parity(&x, 103, itself, 2), -EBADMSG);
	assert_int_equal(give_parity(&x, 104, itself, 2), -EBADMSG);
	assert_int_equal(give_parity(&x, 105, other, 2), -EBADMSG);
	assert_null(vc_fecdec_next(x.d));
	close_pair(&x);

	/* The other way round: it waits for what turns out to be parity. */
	open_pair(&x, VC_FEC_ULP);
	give_media(&x, 100);
	assert_int_equal(give_parity(&x, 106, later, 2), 0);
	assert_int_equal(give_parity(&x, 105, (uint16_t[]){ 100, 102 }, 2), 0);
	assert_int_equal(vc_fecdec_counts(x.d)->bad, 1);
	expect_won(&x, 102);
	give_media(&x, 101);
	assert_null(vc_fecdec_next(x.d));
	close_pair(&x);
}

/* Octets of a parity packet over 10 and 11, of which 11 is missing. */
static const struct {
	const char *what;
	enum vc_fec_format format;
	size_t at; /* in the payload */
	uint8_t flip;
	int err;
	bool is_won;
} lies[] = {
	{ "nothing", VC_FEC_FLEX, 0, 0, 0, true },
	{ "length 256 more", VC_FEC_FLEX, 2, 1, 0, false },
	{ "length 2 less", VC_FEC_FLEX, 3, 2, 0, false },
	{ "an extension that is none", VC_FEC_FLEX, 0, 0x10, 0, false },
	{ "padding that is none", VC_FEC_FLEX, 0, 0x20, 0, false },
	{ "another source", VC_FEC_FLEX, 15, 1, -ENOENT, false },
	{ "type of parity", VC_FEC_FLEX, 1, 96 ^ 118, 0, false },
	{ "type of RTCP", VC_FEC_FLEX, 1, 96 ^ 72, 0, false },
	{ "nothing", VC_FEC_ULP, 0, 0, 0, true },
	{ "length", VC_FEC_ULP, 9, 2, 0, false },
	{ "type of parity", VC_FEC_ULP, 1, 96 ^ 119, 0, false },
	{ "type of RED", VC_FEC_ULP, 1, 96 ^ 120, 0, false },
	{ "a second level", VC_FEC_ULP, 11, 4, -ENOTSUP, false },
};

static void lies_are_found_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(lies); i++) {
		/* 11 has 108 octets after its header, 10 has 71. */
		struct vc_packet *pkt;
		struct pair x;
		int err;

		open_pair(&x, lies[i].format);
		give_media(&x, 10);
		pkt = parity_new(&x, 13, (uint16_t[]){ 10, 11 }, 2);
		pkt->data[VC_RTP_HEADER + lies[i].at] ^= lies[i].flip;
		err = give(&x, pkt);
		if (err != lies[i].err)
			fail_msg("%s: %d", lies[i].what, err);
		pkt = vc_fecdec_next(x.d);
		if (!pkt != !lies[i].is_won)
			fail_msg("%s: won or not", lies[i].what);
		vc_packet_unref(pkt);
		if (!err)
			assert_int_equal(vc_fecdec_counts(x.d)->bad,
					 !lies[i].is_won);
		close_pair(&x);
	}
}

/* The longest packet is longer than the sum says. */
static void a_short_sum_is_refused(void **state)
{
	struct vc_packet *pkt;
	struct pair x;

	(void)state;
	open_pair(&x, VC_FEC_FLEX);
	give_media(&x, 10);
	pkt = parity_new(&x, 0, (uint16_t[]){ 10, 11 }, 2);
	pkt->len -= 60;
	assert_int_equal(give(&x, pkt), 0);
	assert_null(vc_fecdec_next(x.d));
	assert_int_equal(vc_fecdec_counts(x.d)->bad, 1);
	close_pair(&x);
}

/* What came before a restart is not used after it. */
static void jumps_begin_anew(void **state)
{
	static const uint16_t rows[][2] = {
		{ 1000, 1256 }, { 1000, 20000 }, { 1000, 40000 },
		{ 5000, 3900 }, { 65500, 300 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint16_t a = rows[i][0], b = rows[i][1];
		struct pair x;

		open_pair(&x, VC_FEC_FLEX);
		give_media(&x, a);
		assert_int_equal(
			give_parity(&x, 0, (uint16_t[]){ a, a + 1, a + 2 }, 3),
			0);
		give_media(&x, b);
		assert_int_equal(vc_fecdec_counts(x.d)->expired, 1);
		assert_int_equal(vc_pool_used(x.pool), 1);
		assert_int_equal(
			give_parity(&x, 0, (uint16_t[]){ b, b + 1 }, 2), 0);
		expect_won(&x, (uint16_t)(b + 1));
		close_pair(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_are_repaired),
		cmocka_unit_test(a_chain_is_unrolled),
		cmocka_unit_test(the_store_is_bounded),
		cmocka_unit_test(what_lies_outside_is_refused),
		cmocka_unit_test(parity_does_not_cover_parity),
		cmocka_unit_test(lies_are_found_out),
		cmocka_unit_test(a_short_sum_is_refused),
		cmocka_unit_test(jumps_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
