/* SPDX-License-Identifier: MIT */
/* Repair by NACK and RTX, and what becomes of blackouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sim/nackpair.h"

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
		struct nackpair *s = nackpair_new(rows[i].loss, rows[i].rtt, 0,
						  rows[i].max_age, i);
		const struct vc_nack_counts *c = &s->nack.counts;

		/* a sound, which has no key frames */
		vc_keyreq_init(&s->key, false, false);
		nackpair_run(s);
		assert_in_range(s->lost, rows[i].lost_min, 2500);
		assert_in_range(s->missing, 0, rows[i].missing_max);
		/* the round trip was learnt */
		assert_in_range(s->nack.rtt, rows[i].rtt * 9 / 10,
				rows[i].rtt * 13 / 10);
		/* no storm: an asking for each loss and each asking lost */
		assert_true(c->asked <= s->lost * 2 + s->resend.counts.over);
		assert_true(c->packets <= c->asked);
		assert_true(s->most_nacks <= 80);
		/* the budget holds, in each second and over all */
		assert_true(s->worst_second <= 500);
		assert_true(s->resend.counts.octets * 4 <= s->media_octets);
		/* and RTCP's: a fortieth */
		assert_true(s->rtcp_octets * 40 <=
			    s->media_octets + 40 * VC_SEC / VC_MS);
		/* what was seen adds up */
		assert_int_equal(c->holes, c->won + c->given_up);
		nackpair_free(s);
	}
}

/* Packets that overtake each other by up to 30 ms, none lost: once that is
 * known hardly anything is asked for. */
static void reordering_is_waited_for(void **state)
{
	struct nackpair *s = nackpair_new((struct loss){ 0, 1000 }, 50 * VC_MS,
					  30 * VC_MS, 400 * VC_MS, 7);
	const struct vc_nack_counts *c = &s->nack.counts;

	(void)state;
	nackpair_run(s);
	assert_int_equal(s->missing, 0);
	assert_true(c->reordered > PACKETS / 10);
	assert_true(c->asked < c->reordered / 50);
	nackpair_free(s);
}

/* The link is dark for a while: the first packet after it is taken at once,
 * and a picture is back after one request and its way there and back. */
static void blackouts_end_with_one_request(void **state)
{
	static const struct {
		int64_t dark;
		int64_t rtt;
	} rows[] = {
		{ 200 * VC_MS, 50 * VC_MS },  { VC_SEC, 50 * VC_MS },
		{ VC_SEC, 200 * VC_MS },      { 10 * VC_SEC, 50 * VC_MS },
		{ 10 * VC_SEC, 200 * VC_MS }, { 60 * VC_SEC, 50 * VC_MS },
		{ 60 * VC_SEC, 200 * VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct nackpair *s = nackpair_new((struct loss){ 0, 1000 },
						  rows[i].rtt, 0, 150 * VC_MS,
						  i);
		int64_t back = T0 + 20 * VC_SEC + rows[i].dark;
		unsigned int first = (unsigned int)((back - T0) / SPACING);

		s->to->dark_from = s->back->dark_from = T0 + 20 * VC_SEC;
		s->to->dark_to = s->back->dark_to = back;
		nackpair_run(s);
		assert_int_equal(s->key.counts.pli, 1);
		assert_int_equal(s->key.counts.satisfied, 1);
		/* there, wait for a packet, back */
		assert_in_range(s->key_came - back, rows[i].rtt,
				rows[i].rtt * 3 / 2 + 30 * VC_MS);
		for (unsigned int k = first; k < PACKETS; k++)
			assert_int_equal(s->got[k], 1);
		/* of what it ate only the end was asked for */
		assert_true(s->nack.counts.asked <= 15);
		assert_true(s->resend.counts.resent <= 15);
		nackpair_free(s);
	}
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
		cmocka_unit_test(blackouts_end_with_one_request),
		cmocka_unit_test(nobody_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
