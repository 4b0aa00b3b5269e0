/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/nack.h"
#include "wire/rtcp.h"

#define T0 VC_VIRTUAL_EPOCH
#define ORIGINAL VC_NACK_ORIGINAL

static struct vc_nack start(uint16_t seq, int64_t max_age, bool is_in_place)
{
	const struct vc_nack_conf conf = { .max_age = max_age,
					   .is_in_place = is_in_place };
	struct vc_nack n;

	vc_nack_init(&n, &conf);
	/* two, so that the spacing is known: 10 ms */
	assert_true(vc_nack_put(&n, (uint16_t)(seq - 1), ORIGINAL,
				T0 - 10 * VC_MS));
	assert_true(vc_nack_put(&n, seq, ORIGINAL, T0));
	return n;
}

/* The numbers asked for at 'now', of a window from 'base' on. */
static uint64_t ask(struct vc_nack *n, uint16_t base, int64_t now)
{
	uint8_t buf[600];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	unsigned int asked = vc_nack_write(n, &w, 1, 2, now), bits = 0;
	struct vc_rd rd = vc_rd_over(buf, vc_wr_len(&w));
	struct vc_rtcp_nack e;
	struct vc_rtcp_fb fb;
	struct vc_rtcp pkt;
	uint64_t set = 0;

	if (!vc_wr_len(&w)) {
		assert_int_equal(asked, 0);
		return 0;
	}
	assert_int_equal(vc_rtcp_check_reduced(buf, vc_wr_len(&w)), 0);
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	assert_int_equal(fb.sender, 1);
	assert_int_equal(fb.media, 2);
	for (size_t i = 0; vc_rtcp_nack_at(&fb, i, &e); i++) {
		set |= UINT64_C(1) << (uint16_t)(e.pid - base) % 64;
		bits++;
		for (unsigned int b = 0; b < 16; b++) {
			if (!(e.blp & 1u << b))
				continue;
			set |= UINT64_C(1)
			       << (uint16_t)(e.pid + 1 + b - base) % 64;
			bits++;
		}
	}
	assert_int_equal(bits, asked);
	return set;
}

/* Which numbers are asked for when 'next' is the next one to come. */
static void holes_are_asked_for_at_once(void **state)
{
	static const struct {
		uint16_t first, next;
		uint64_t asked; /* bits from first + 1 on */
	} rows[] = {
		{ 10, 11, 0 },
		{ 10, 12, 1 },
		{ 10, 13, 3 },
		{ 65535, 0, 0 },
		{ 65535, 2, 3 },
		{ 65533, 1, 7 },
		{ 10, 30, (1u << 19) - 1 },
		{ 0, 40, (UINT64_C(1) << 39) - 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_nack n = start(rows[i].first, VC_SEC, false);
		uint16_t base = (uint16_t)(rows[i].first + 1);
		int64_t now = T0 + 10 * VC_MS;

		assert_int_equal(vc_nack_next(&n), INT64_MAX);
		assert_true(vc_nack_put(&n, rows[i].next, ORIGINAL, now));
		assert_int_equal(vc_nack_next(&n),
				 rows[i].asked ? now : INT64_MAX);
		assert_int_equal(ask(&n, base, now), rows[i].asked);
		assert_int_equal(ask(&n, base, now), 0);
		/* 1.5 times 100 ms later, not before */
		assert_int_equal(ask(&n, base, now + 149 * VC_MS), 0);
		assert_int_equal(ask(&n, base, now + 150 * VC_MS),
				 rows[i].asked);
		vc_nack_clear(&n);
	}
}

static void askings_come_together(void **state)
{
	struct vc_nack n = start(0, VC_SEC, false);

	(void)state;
	vc_nack_put(&n, 2, ORIGINAL, T0);
	assert_int_equal(ask(&n, 1, T0), 1);
	vc_nack_put(&n, 4, ORIGINAL, T0 + VC_MS);
	vc_nack_put(&n, 6, ORIGINAL, T0 + 2 * VC_MS);
	assert_int_equal(vc_nack_next(&n), T0 + 5 * VC_MS);
	assert_int_equal(ask(&n, 1, T0 + 4 * VC_MS), 0);
	assert_int_equal(ask(&n, 1, T0 + 5 * VC_MS), 0x14);
	vc_nack_clear(&n);
}

static void a_packet_is_had_once(void **state)
{
	struct vc_nack n = start(65534, VC_SEC, false);

	(void)state;
	vc_nack_put(&n, 3, ORIGINAL, T0); /* 65535, 0, 1, 2 are missing */
	assert_int_equal(ask(&n, 65535, T0), 15);
	assert_true(vc_nack_is_asked(&n, 0));
	assert_false(vc_nack_is_asked(&n, 3));
	assert_true(vc_nack_put(&n, 0, VC_NACK_RTX, T0 + 40 * VC_MS));
	assert_false(vc_nack_put(&n, 0, VC_NACK_RTX, T0 + 41 * VC_MS));
	assert_false(vc_nack_put(&n, 0, ORIGINAL, T0 + 42 * VC_MS));
	assert_true(vc_nack_put(&n, 1, VC_NACK_FEC, T0 + 43 * VC_MS));
	assert_false(vc_nack_put(&n, 1, VC_NACK_FEC, T0 + 43 * VC_MS));
	assert_false(vc_nack_put(&n, 1, ORIGINAL, T0 + 43 * VC_MS));
	assert_true(vc_nack_put(&n, 65535, ORIGINAL, T0 + 44 * VC_MS));
	/* never asked for, ahead of all */
	assert_false(vc_nack_put(&n, 4, VC_NACK_RTX, T0));
	assert_int_equal(n.rtt, 40 * VC_MS);
	assert_int_equal(n.counts.won, 1);
	assert_int_equal(n.counts.fec, 1);
	assert_int_equal(n.counts.reordered, 1);
	assert_int_equal(n.counts.late, 2);
	assert_int_equal(n.counts.holes, 4);
	/* 2 is given up after a second; what comes of it then is late */
	assert_int_equal(ask(&n, 2, T0 + VC_SEC), 0);
	assert_int_equal(n.counts.given_up, 1);
	assert_false(vc_nack_put(&n, 2, VC_NACK_RTX, T0 + VC_SEC));
	assert_true(vc_nack_put(&n, 2, ORIGINAL, T0 + VC_SEC));
	assert_int_equal(vc_nack_next(&n), INT64_MAX);
	vc_nack_clear(&n);
}

static void what_is_overtaken_is_waited_for(void **state)
{
	struct vc_nack n = start(0, VC_SEC, false);
	int64_t now = T0;

	(void)state;
	vc_nack_put(&n, 2, ORIGINAL, now);
	vc_nack_put(&n, 1, ORIGINAL, now + 8 * VC_MS);
	now += 20 * VC_MS;
	assert_int_equal(ask(&n, 1, now), 0);
	vc_nack_put(&n, 4, ORIGINAL, now);
	assert_int_equal(vc_nack_next(&n), now + 10 * VC_MS);
	assert_int_equal(ask(&n, 3, now + 9 * VC_MS), 0);
	vc_nack_put(&n, 3, ORIGINAL, now + 9 * VC_MS);
	assert_int_equal(ask(&n, 3, now + 10 * VC_MS), 0);
	/* bounded, however late one came */
	vc_nack_put(&n, 6, ORIGINAL, now + 20 * VC_MS);
	vc_nack_put(&n, 5, ORIGINAL, now + 900 * VC_MS);
	now += VC_SEC;
	vc_nack_put(&n, 8, ORIGINAL, now);
	assert_int_equal(ask(&n, 7, now + 49 * VC_MS), 0);
	assert_int_equal(vc_nack_next(&n), now + 50 * VC_MS);
	assert_int_equal(ask(&n, 7, now + 50 * VC_MS), 1);
	assert_int_equal(n.counts.reordered, 3);
	vc_nack_clear(&n);
}

/* A peer without RTX: what comes after it was asked for is the answer. */
static void answers_in_place_are_no_reordering(void **state)
{
	struct vc_nack n = start(0, VC_SEC, true);

	(void)state;
	vc_nack_put(&n, 2, ORIGINAL, T0);
	assert_int_equal(ask(&n, 1, T0), 1);
	vc_nack_put(&n, 1, ORIGINAL, T0 + 60 * VC_MS);
	assert_int_equal(n.counts.won, 1);
	assert_int_equal(n.counts.reordered, 0);
	assert_int_equal(n.wait, 0);
	/* late, when it has just been asked for again */
	vc_nack_put(&n, 4, ORIGINAL, T0 + 60 * VC_MS);
	assert_int_equal(ask(&n, 3, T0 + 60 * VC_MS), 1);
	assert_int_equal(ask(&n, 3, vc_nack_next(&n)), 1);
	vc_nack_put(&n, 3, ORIGINAL, n.holes[0].asked + VC_MS);
	assert_int_equal(n.counts.won, 2);
	assert_int_equal(n.counts.reordered, 0);
	vc_nack_clear(&n);
}

/* Nothing is asked for whose answer comes after the playout. */
/* A second answer is known as one; across the wrap. */
static void answers_in_place_come_twice(void **state)
{
	struct vc_nack n = start(65534, VC_SEC, true);
	int64_t now = T0 + 20 * VC_MS;

	(void)state;
	assert_true(vc_nack_put(&n, 1, ORIGINAL, now));
	assert_false(vc_nack_is_won(&n, 0));
	assert_int_not_equal(ask(&n, 65535, now), 0);
	assert_true(vc_nack_put(&n, 0, ORIGINAL, now + VC_NACK_RTT));
	assert_int_equal(n.counts.won, 1);
	assert_true(vc_nack_is_won(&n, 0));
	assert_false(vc_nack_is_won(&n, 65535));
	/* not by asking: it stays so until it has come once more */
	assert_true(vc_nack_is_won(&n, 0));
	assert_false(vc_nack_put(&n, 0, ORIGINAL, now + VC_NACK_RTT));
	assert_false(vc_nack_is_won(&n, 0));
	vc_nack_clear(&n);
}

/* Nobody is asked, but what stays missing is known at its time. */
static void holes_can_be_watched_only(void **state)
{
	const struct vc_nack_conf conf = { .max_age = 100 * VC_MS,
					   .never_asks = true };
	struct vc_nack n;

	(void)state;
	vc_nack_init(&n, &conf);
	assert_true(vc_nack_put(&n, 65535, ORIGINAL, T0));
	assert_true(vc_nack_put(&n, 2, ORIGINAL, T0 + 30 * VC_MS));
	assert_true(vc_nack_put(&n, 1, ORIGINAL, T0 + 40 * VC_MS));
	assert_true(vc_nack_next(&n) > T0 + 40 * VC_MS);
	assert_int_equal(ask(&n, 0, vc_nack_next(&n)), 0);
	assert_int_equal(ask(&n, 0, T0 + 140 * VC_MS), 0);
	assert_int_equal(n.counts.given_up, 1);
	assert_int_equal(n.counts.reordered, 1);
	assert_int_equal(n.counts.packets, 0);
	assert_int_equal(vc_nack_next(&n), INT64_MAX);
	vc_nack_clear(&n);
}

/* Who has most of it leaves a few places to each, and gives it back. */
static void room_is_shared(void **state)
{
	unsigned int room = 100;
	const struct vc_nack_conf conf = { .max_age = 100 * VC_MS,
					   .room = &room };
	struct vc_nack a, b;

	(void)state;
	vc_nack_init(&a, &conf);
	vc_nack_init(&b, &conf);
	assert_true(vc_nack_put(&a, 65500, ORIGINAL, T0));
	assert_true(vc_nack_put(&b, 65500, ORIGINAL, T0));
	/* 264 would have been more than there is. */
	assert_true(vc_nack_put(&a, 264, ORIGINAL, T0));
	assert_int_equal(a.n, 64);
	assert_int_equal(a.cap, 64);
	assert_int_equal(a.counts.given_up, 299 - 64);
	assert_int_equal(room, 100 - 56);
	/* The newest are known. */
	assert_int_equal(a.holes[63].seq, 263);
	assert_true(vc_nack_put(&b, 65500 + 30, ORIGINAL, T0));
	assert_int_equal(b.n, 29);
	assert_int_equal(room, 100 - 56 - 24);
	assert_true(vc_nack_put(&b, 50, ORIGINAL, T0));
	assert_int_equal(b.n, 32);
	/* They are given up, and the room is free. */
	assert_int_equal(ask(&a, 0, T0 + VC_SEC), 0);
	assert_int_equal(a.n, 0);
	assert_int_equal(room, 100 - 24);
	vc_nack_clear(&b);
	assert_int_equal(room, 100);
	/* A few of its own need none of it. */
	room = 0;
	assert_true(vc_nack_put(&a, 284, ORIGINAL, T0));
	assert_int_equal(a.n, 8);
	assert_true(vc_nack_put(&a, 283, ORIGINAL, T0));
	assert_int_equal(a.n, 7);
	vc_nack_clear(&a);
	assert_int_equal(room, 0);
}

static void what_comes_too_late_is_not_asked_for(void **state)
{
	static const struct {
		int64_t max_age, rtt;
		unsigned int times;
	} rows[] = {
		{ 60 * VC_MS, 100 * VC_MS, 0 },
		{ 115 * VC_MS, 100 * VC_MS, 1 },
		{ 250 * VC_MS, 100 * VC_MS, 1 },
		{ 265 * VC_MS, 100 * VC_MS, 2 },
		{ VC_SEC, 10 * VC_MS, 10 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_nack n = start(0, rows[i].max_age, false);
		unsigned int times = 0;

		vc_nack_rtt(&n, rows[i].rtt);
		vc_nack_put(&n, 2, ORIGINAL, T0 + 10 * VC_MS);
		for (int64_t d = 10; d < 2000; d++)
			times += ask(&n, 1, T0 + d * VC_MS) != 0;
		assert_int_equal(times, rows[i].times);
		assert_int_equal(n.counts.given_up, 1);
		vc_nack_clear(&n);
	}
}

/* However long a burst: bounded, and only its end is of any use. */
/* As of one in a crowd. */
static void few_holes(void)
{
	struct vc_nack n = start(0, VC_SEC, false);

	n.conf.max_holes = 32;
	for (uint16_t seq = 1; seq < 20000; seq = (uint16_t)(seq + 1999))
		assert_true(vc_nack_put(&n, seq, ORIGINAL, T0 + 10 * VC_MS));
	assert_int_equal(n.n, 32);
	assert_int_equal(n.cap, 32);
	assert_int_equal(n.counts.given_up + 32, n.counts.holes);
	vc_nack_clear(&n);
}

static void bursts_are_bounded(void **state)
{
	static const struct {
		uint16_t next;
		int64_t after; /* the packet before it */
		uint64_t holes, kept, restarts;
	} rows[] = {
		{ 100, VC_SEC, 99, 99, 0 },
		{ 2000, 20 * VC_SEC, 1999, 100, 0 }, /* a second's worth */
		{ 2000, 10 * VC_MS, 1999, 1024, 0 },
		{ 2999, 10 * VC_MS, 2998, 1024, 0 },
		{ 3000, 10 * VC_MS, 0, 0, 1 },
		{ 40000, 10 * VC_MS, 0, 0, 1 },
		/* silence, then one is lost: that is young */
		{ 2, 60 * VC_SEC, 1, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_nack n = start(0, VC_SEC, false);

		assert_true(vc_nack_put(&n, rows[i].next, ORIGINAL,
					T0 + rows[i].after));
		assert_int_equal(n.counts.holes, rows[i].holes);
		assert_int_equal(n.n, rows[i].kept);
		assert_int_equal(n.counts.given_up,
				 rows[i].holes - rows[i].kept);
		assert_int_equal(n.counts.restarts, rows[i].restarts);
		assert_true(n.cap <= VC_NACK_HOLES);
		vc_nack_clear(&n);
	}
	few_holes();
}

/* Every other packet of 60000: old holes go as new ones come. */
static void endless_loss_is_bounded(void **state)
{
	struct vc_nack n = start(0, VC_SEC, false);
	uint8_t buf[1200];

	(void)state;
	for (uint32_t i = 2; i < 60000; i += 2) {
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		int64_t now = T0 + i * 10 * VC_US;

		vc_nack_put(&n, (uint16_t)i, ORIGINAL, now);
		vc_nack_write(&n, &w, 1, 2, now);
		assert_true(n.n <= VC_NACK_HOLES && !w.bad);
	}
	assert_int_equal(n.counts.holes, 29999);
	assert_int_equal(n.counts.given_up, 29999 - VC_NACK_HOLES);
	/* 0.6 s: one asking each 5 ms */
	assert_true(n.counts.packets <= 121);
	vc_nack_clear(&n);
}

static void a_list_that_is_too_long_goes_on(void **state)
{
	struct vc_nack n = start(0, VC_SEC, false);
	uint8_t buf[20]; /* room for two entries */
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	(void)state;
	vc_nack_put(&n, 101, ORIGINAL, T0 + 10 * VC_MS);
	assert_int_equal(vc_nack_write(&n, &w, 1, 2, T0 + 10 * VC_MS), 34);
	assert_int_equal(vc_wr_len(&w), 20);
	assert_int_equal(vc_nack_next(&n), T0 + 15 * VC_MS);
	w = vc_wr_over(buf, sizeof(buf));
	assert_int_equal(vc_nack_write(&n, &w, 1, 2, T0 + 15 * VC_MS), 34);
	assert_true(vc_nack_is_asked(&n, 68));
	assert_false(vc_nack_is_asked(&n, 69));
	/* no room at all: nothing is said to have been asked */
	assert_int_equal(vc_nack_write(&n, &w, 1, 2, T0 + 20 * VC_MS), 0);
	assert_false(w.bad);
	vc_nack_clear(&n);
}

static void a_restart_forgets(void **state)
{
	struct vc_nack n = start(0, VC_SEC, false);

	(void)state;
	vc_nack_put(&n, 5, ORIGINAL, T0);
	vc_nack_restart(&n);
	vc_nack_put(&n, 50000, ORIGINAL, T0);
	assert_int_equal(n.n, 0);
	assert_int_equal(vc_nack_next(&n), INT64_MAX);
	assert_int_equal(n.counts.given_up, 4);
	/* far back, as far as from far ahead */
	vc_nack_put(&n, 20000, ORIGINAL, T0);
	assert_int_equal(n.high, 20000);
	assert_int_equal(n.counts.restarts, 2);
	vc_nack_clear(&n);
}

static void a_key_frame_makes_holes_needless(void **state)
{
	static const struct {
		uint16_t key;
		uint64_t left; /* bits from 65534 on */
	} rows[] = {
		{ 65533, 0x0b }, { 65535, 0x0a }, { 0, 0x08 },	{ 1, 0x08 },
		{ 2, 0 },	 { 100, 0 },	  { 20000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_nack n = start(65533, VC_SEC, false);

		vc_nack_drop_before(&n, 65533);
		vc_nack_put(&n, 0, ORIGINAL, T0); /* 65534, 65535 */
		vc_nack_put(&n, 2, ORIGINAL, T0); /* 1 */
		vc_nack_drop_before(&n, rows[i].key);
		assert_int_equal(n.counts.needless + n.n, 3);
		assert_int_equal(ask(&n, 65534, T0), rows[i].left);
		assert_int_equal(n.counts.given_up, 0);
		vc_nack_clear(&n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_are_asked_for_at_once),
		cmocka_unit_test(askings_come_together),
		cmocka_unit_test(a_packet_is_had_once),
		cmocka_unit_test(what_is_overtaken_is_waited_for),
		cmocka_unit_test(answers_in_place_are_no_reordering),
		cmocka_unit_test(answers_in_place_come_twice),
		cmocka_unit_test(holes_can_be_watched_only),
		cmocka_unit_test(room_is_shared),
		cmocka_unit_test(what_comes_too_late_is_not_asked_for),
		cmocka_unit_test(bursts_are_bounded),
		cmocka_unit_test(endless_loss_is_bounded),
		cmocka_unit_test(a_list_that_is_too_long_goes_on),
		cmocka_unit_test(a_restart_forgets),
		cmocka_unit_test(a_key_frame_makes_holes_needless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
