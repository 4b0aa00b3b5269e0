/* SPDX-License-Identifier: MIT */
/* What feedback may say and what is made of it; tests/sim has the paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "session/bwe.h"
#include "wire/ccfb.h"
#include "wire/rtcp.h"
#include "wire/twcc.h"

#define T0 VC_VIRTUAL_EPOCH
#define START 300000
#define MIN 100000
#define MAX 1000000

static struct vc_bwe *start(bool by_ssrc)
{
	const struct vc_bwe_conf conf = {
		.start_bps = START,
		.min_bps = MIN,
		.max_bps = MAX,
		.by_ssrc = by_ssrc,
	};

	return vc_bwe_new(&conf, T0);
}

/* Reports numbers from 'base' on as having come at these times. */
static int tell(struct vc_bwe *b, uint16_t base, const int64_t *at, size_t n,
		int64_t now)
{
	uint8_t buf[VC_TWCC_LEN(VC_TWCC_WRITE_MAX, VC_TWCC_WRITE_MAX)];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_rtcp_fb fb;
	struct vc_rtcp pkt;
	struct vc_rd rd;

	(void)vc_twcc_write(&w, 1, 2, 0, base, at, n);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	return vc_bwe_feedback(b, &fb, now);
}

/* A second of 'n' packets of 1000 octets, 'lost' of each 'of' are; feedback
 * each tenth, by a clock that is 'clock' ahead. */
static void second_by(struct vc_bwe *b, unsigned int n, unsigned int lost,
		      unsigned int of, int64_t clock, int64_t *now)
{
	int64_t at[VC_TWCC_WRITE_MAX];
	uint16_t base = 0;
	size_t k = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint16_t seq;

		*now += VC_SEC / n;
		seq = vc_bwe_sent(b, 1, (uint16_t)i, 1000, 0, *now);
		if (!k)
			base = seq;
		at[k] = of && i % of < lost ? VC_TIME_NONE :
					      *now + 20 * VC_MS + clock;
		k++;
		if (i % (n / 10) != n / 10 - 1)
			continue;
		assert_int_equal(tell(b, base, at, k, *now + 40 * VC_MS), 0);
		vc_bwe_due(b, *now + 40 * VC_MS);
		k = 0;
	}
}

static void second(struct vc_bwe *b, unsigned int n, unsigned int lost,
		   unsigned int of, int64_t *now)
{
	second_by(b, n, lost, of, 0, now);
}

/* Right behind the wrap what arrives is still known. */
static void the_time_of_feedback_wraps(void **state)
{
	struct vc_bwe *b = start(false);
	int64_t now = T0;

	(void)state;
	second_by(b, 200, 0, 0, 2 * VC_TWCC_PERIOD - T0 - 890 * VC_MS, &now);
	assert_in_range(vc_bwe_stats(b).acked_bps, 1500000, 1700000);
	vc_bwe_free(b);
}

static void a_clear_path_is_climbed(void **state)
{
	struct vc_bwe *b = start(false);
	int64_t now = T0;

	(void)state;
	assert_int_equal(vc_bwe_target(b), START);
	for (int i = 0; i < 60; i++)
		second(b, 200, 0, 0, &now);
	/* to what is allowed and no further */
	assert_int_equal(vc_bwe_target(b), MAX);
	assert_int_equal(vc_bwe_stats(b).lost, 0);
	assert_in_range(vc_bwe_stats(b).acked_bps, 1500000, 1700000);
	assert_in_range(vc_bwe_stats(b).rtt, 35 * VC_MS, 60 * VC_MS);
	/* the receiver has a say */
	vc_bwe_remb(b, 400000);
	assert_int_equal(vc_bwe_target(b), 400000);
	vc_bwe_remb(b, 1);
	assert_int_equal(vc_bwe_target(b), MIN);
	vc_bwe_remb(b, UINT64_MAX);
	assert_int_equal(vc_bwe_target(b), MAX);
	vc_bwe_free(b);
}

static void loss_is_a_limit(void **state)
{
	static const struct {
		unsigned int lost, of;
		uint64_t least, most;
	} rows[] = {
		{ 1, 100, MAX, MAX },	/* under 2 % */
		{ 1, 20, MAX, MAX },	/* up to 10 % it stays */
		{ 1, 5, MIN, MAX / 2 }, /* above it goes down */
		{ 1, 2, MIN, MIN },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_bwe *b = start(false);
		int64_t now = T0;

		for (int k = 0; k < 40; k++)
			second(b, 200, 0, 0, &now);
		for (int k = 0; k < 10; k++)
			second(b, 200, rows[i].lost, rows[i].of, &now);
		assert_in_range(vc_bwe_target(b), rows[i].least, rows[i].most);
		assert_true(vc_bwe_stats(b).lost > 0);
		vc_bwe_free(b);
	}
}

/* Of packets that were never sent, are too old, or were told of before. */
static void what_was_not_asked_is_ignored(void **state)
{
	struct vc_bwe *b = start(false);
	int64_t at[4] = { T0, T0, VC_TIME_NONE, T0 + VC_SEC };

	(void)state;
	assert_int_equal(tell(b, 0, at, 4, T0), 0);
	assert_int_equal(tell(b, 65530, at, 4, T0), 0);
	assert_int_equal(vc_bwe_stats(b).lost, 0);
	assert_int_equal(vc_bwe_stats(b).rtt, -1);
	for (unsigned int i = 0; i < 5000; i++)
		(void)vc_bwe_sent(b, 1, (uint16_t)i, 1000, 0, T0);
	assert_int_equal(tell(b, 100, at, 4, T0), 0);
	assert_int_equal(vc_bwe_stats(b).lost, 0);
	assert_int_equal(tell(b, 4990, at, 4, T0), 0);
	assert_int_equal(vc_bwe_stats(b).lost, 1);
	assert_int_equal(tell(b, 4990, at, 4, T0), 0);
	assert_int_equal(vc_bwe_stats(b).lost, 1);
	assert_int_equal(vc_bwe_target(b), START);
	vc_bwe_free(b);
}

static void other_feedback_is_refused(void **state)
{
	static const uint8_t fci[8] = { 0 };
	struct vc_bwe *b = start(false);
	struct vc_rtcp_fb fb = {
		.pt = VC_RTCP_RTPFB,
		.fmt = VC_RTCP_FB_NACK,
		.fci = fci,
		.fci_len = 8,
	};

	(void)state;
	assert_int_equal(vc_bwe_feedback(b, &fb, T0), -EOPNOTSUPP);
	fb.fmt = VC_RTCP_FB_TWCC;
	assert_int_equal(vc_bwe_feedback(b, &fb, T0), -EBADMSG);
	assert_int_equal(vc_bwe_stats(b).malformed, 1);
	assert_int_equal(vc_bwe_stats(b).feedback, 0);
	vc_bwe_free(b);
}

/* Feedback that stops takes the rate down; one who never gave any is not
 * judged. */
static void silence_takes_it_down(void **state)
{
	(void)state;
	for (int heard = 0; heard < 2; heard++) {
		struct vc_bwe *b = start(false);
		int64_t now = T0, end;

		for (int i = 0; heard && i < 3; i++)
			second(b, 40, 0, 0, &now);
		for (end = now + 10 * VC_SEC; now < end; now += 20 * VC_MS) {
			(void)vc_bwe_sent(b, 1, 1, 1000, 0, now);
			if (now >= vc_bwe_next(b))
				vc_bwe_due(b, now);
		}
		assert_int_equal(vc_bwe_target(b), heard ? MIN : START);
		assert_int_equal(vc_bwe_stats(b).timeouts > 0, heard);
		vc_bwe_free(b);
	}
}

/* 20 s of 'b' in which nothing is heard, or less than that arrives. */
static void silence(struct vc_bwe *b, int64_t *now)
{
	const int64_t end = *now + 20 * VC_SEC;

	for (; *now < end; *now += 20 * VC_MS) {
		(void)vc_bwe_sent(b, 1, 1, 1000, 0, *now);
		if (*now >= vc_bwe_next(b))
			vc_bwe_due(b, *now);
	}
	assert_int_equal(vc_bwe_target(b), MIN);
}

/* What comes after it, feedback that tells of all that was lost or something
 * else, lets it begin as at the start, and look for what was there before. */
static void after_a_silence_it_starts_again(void **state)
{
	int64_t at[400];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(at); i++)
		at[i] = VC_TIME_NONE;
	for (int heard = 0; heard < 2; heard++) {
		struct vc_bwe *b = start(false);
		struct vc_bwe_cluster c;
		int64_t now = T0;
		uint16_t seq;

		for (int i = 0; i < 40; i++)
			second(b, 200, 0, 0, &now);
		assert_int_equal(vc_bwe_target(b), MAX);
		silence(b, &now);
		seq = vc_bwe_sent(b, 1, 1, 1000, 0, now);
		at[VC_COUNT(at) - 1] = now + 20 * VC_MS;
		(void)vc_bwe_probe(b, &c);
		if (heard)
			vc_bwe_heard(b, now + 40 * VC_MS);
		else
			assert_int_equal(
				tell(b, (uint16_t)(seq + 1 - VC_COUNT(at)), at,
				     VC_COUNT(at), now + 40 * VC_MS),
				0);
		vc_bwe_due(b, now + 50 * VC_MS);
		assert_int_equal(vc_bwe_target(b), START);
		assert_true(vc_bwe_probe(b, &c));
		assert_int_equal(c.bps, MAX * 17 / 20);
		assert_int_equal(vc_bwe_stats(b).loss_bps, 0);
		assert_int_equal(vc_bwe_stats(b).lost,
				 heard ? 0 : VC_COUNT(at) - 1);
		/* Nobody is heard again: not for long. */
		silence(b, &now);
		vc_bwe_free(b);
	}
}

/* Nor by more than there was before. */
static void after_a_silence_it_is_no_more_than_before(void **state)
{
	struct vc_bwe *b = start(false);
	int64_t now = T0;

	(void)state;
	for (int i = 0; i < 20; i++)
		second(b, 200, i > 1, 2, &now);
	assert_in_range(vc_bwe_target(b), MIN, 2 * MIN);
	silence(b, &now);
	vc_bwe_heard(b, now);
	assert_in_range(vc_bwe_target(b), MIN, 2 * MIN * 17 / 20);
	/* That was no silence. */
	vc_bwe_heard(b, now + VC_MS);
	assert_in_range(vc_bwe_target(b), MIN, 2 * MIN * 17 / 20);
	vc_bwe_free(b);
}

static void a_probe_is_asked_for_at_once(void **state)
{
	struct vc_bwe *b = start(false);
	struct vc_bwe_cluster c;

	(void)state;
	assert_false(vc_bwe_probe(b, &c));
	(void)vc_bwe_sent(b, 1, 1, 1000, 0, T0);
	assert_true(vc_bwe_probe(b, &c));
	assert_true(c.id > 0);
	assert_int_equal(c.bps, 2 * START);
	assert_int_equal(c.octets, 6000);
	assert_false(vc_bwe_probe(b, &c));
	vc_bwe_free(b);
}

/* Eight packets of 750 octets at twice the start: 10 ms each. */
static void a_probe_is_believed(void **state)
{
	static const struct {
		int64_t step; /* between those that come */
		int64_t late; /* the same in the second half; 0: as before */
		uint64_t least, most;
	} rows[] = {
		{ 10 * VC_MS, 0, 560000, 580000 },
		{ 15 * VC_MS, 0, 355000, 375000 },
		/* a token bucket */
		{ 10 * VC_MS, 15 * VC_MS, 355000, 375000 },
		/* less than now is no news */
		{ 30 * VC_MS, 0, START, START * 11 / 10 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_bwe *b = start(false);
		int64_t at[9] = { T0 + 20 * VC_MS }, came = T0 + 20 * VC_MS;
		struct vc_bwe_cluster c;

		(void)vc_bwe_sent(b, 1, 1, 750, 0, T0);
		assert_true(vc_bwe_probe(b, &c));
		for (int k = 0; k < 8; k++) {
			(void)vc_bwe_sent(b, 1, 1, 750, c.id,
					  T0 + k * 10 * VC_MS);
			at[k + 1] = came;
			came += k >= 4 && rows[i].late ? rows[i].late :
							 rows[i].step;
		}
		assert_int_equal(tell(b, 0, at, 9, T0 + 100 * VC_MS), 0);
		assert_in_range(vc_bwe_target(b), rows[i].least, rows[i].most);
		vc_bwe_free(b);
	}
}

/* More SSRCs than are kept: the last ones are known. */
static void streams_are_bounded(void **state)
{
	struct vc_bwe *b = start(true);
	uint8_t buf[VC_CCFB_LEN(2, 2)];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	uint8_t *head = vc_ccfb_open(&w, 9);
	const int64_t lost = VC_TIME_NONE;
	struct vc_rtcp_fb fb;
	struct vc_rtcp pkt;
	struct vc_rd rd;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		(void)vc_bwe_sent(b, i, 7, 1000, 0, T0 + i);
	vc_ccfb_block(&w, 5, 7, &lost, 1, T0 + VC_SEC);
	vc_ccfb_block(&w, 999, 7, &lost, 1, T0 + VC_SEC);
	vc_ccfb_close(&w, head, T0 + VC_SEC);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	assert_int_equal(vc_bwe_feedback(b, &fb, T0 + VC_SEC), 0);
	assert_int_equal(vc_bwe_stats(b).lost, 1);
	vc_bwe_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_of_feedback_wraps),
		cmocka_unit_test(a_clear_path_is_climbed),
		cmocka_unit_test(loss_is_a_limit),
		cmocka_unit_test(what_was_not_asked_is_ignored),
		cmocka_unit_test(other_feedback_is_refused),
		cmocka_unit_test(silence_takes_it_down),
		cmocka_unit_test(after_a_silence_it_starts_again),
		cmocka_unit_test(after_a_silence_it_is_no_more_than_before),
		cmocka_unit_test(a_probe_is_asked_for_at_once),
		cmocka_unit_test(a_probe_is_believed),
		cmocka_unit_test(streams_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
