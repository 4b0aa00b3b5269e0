/* SPDX-License-Identifier: MIT */
/* What is kept for sending again, and what of it a peer may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "session/history.h"
#include "session/resend.h"

#define T0 VC_VIRTUAL_EPOCH

static void put(struct vc_history *h, struct vc_pool *pool, uint16_t seq,
		size_t len, int64_t now)
{
	struct vc_packet *pkt = vc_packet_new(pool, len);
	uint8_t head[VC_RTP_HEADER] = { 0x80 };

	assert_non_null(pkt);
	pkt->len = len;
	vc_rtp_set_seq(head, seq);
	vc_history_put(h, pkt, head, now);
	vc_packet_unref(pkt);
}

static struct vc_history *new_history(unsigned int packets, size_t octets)
{
	const struct vc_history_conf conf = { .packets = packets,
					      .octets = octets };
	struct vc_history *h = vc_history_new(&conf);

	assert_non_null(h);
	return h;
}

/* How many are there? The newest of them is 'newest'. */
static unsigned int n_kept(const struct vc_history *h, uint16_t newest,
			   int64_t now)
{
	struct vc_history_item i;
	unsigned int n = 0;

	for (uint32_t seq = 0; seq < 65536; seq++)
		n += vc_history_get(h, (uint16_t)seq, now, &i);
	assert_int_equal(n > 0, vc_history_get(h, newest, now, &i));
	return n;
}

/* After these in a row, 10 ms apart and of 100 octets: which are there? */
static void history_is_bounded(void **state)
{
	static const struct {
		unsigned int packets;
		size_t octets;
		uint16_t first;
		unsigned int n, kept;
	} rows[] = {
		{ 64, 100000, 0, 64, 64 },
		{ 64, 100000, 0, 65, 64 },
		{ 64, 100000, 65530, 100, 64 },
		{ 60, 100000, 65530, 100, 64 },
		{ 0, 1050, 65530, 100, 8 },
		{ 0, 0, 65500, 200, 101 },
		{ 100000, 0, 65500, 10000, 101 },
		{ 0, 111, 5, 10, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_history *h =
			new_history(rows[i].packets, rows[i].octets);
		struct vc_pool *pool = vc_pool_new();
		uint16_t newest = (uint16_t)(rows[i].first + rows[i].n - 1);
		int64_t now = T0;

		for (unsigned int k = 0; k < rows[i].n; k++) {
			now = T0 + k * 10 * VC_MS;
			put(h, pool, (uint16_t)(rows[i].first + k), 100, now);
		}
		assert_int_equal(n_kept(h, newest, now), rows[i].kept);
		assert_int_equal(vc_pool_used(pool), 0);
		vc_history_unref(h);
		vc_pool_free(pool);
	}
}

/* Whatever came before, none that is young enough makes room as long as the
 * ring may grow; and what is kept is what was put. */
static void nothing_young_goes_before_it_must(void **state)
{
	static const size_t lens[] = { 12, 1200, 100, 5000, 13, 1472 };
	const int64_t step = 1010 * VC_US;
	struct vc_history *h = new_history(4096, 0);
	struct vc_pool *pool = vc_pool_new();
	struct vc_history_item item;

	(void)state;
	for (uint32_t i = 0; i < 9000; i++) {
		/* A little at first, then more at once. */
		const size_t len = lens[(i < 3000 ? 0 : i) % VC_COUNT(lens)];
		const int64_t now = T0 + i * step;

		put(h, pool, (uint16_t)i, len, now);
		for (uint32_t k = i < 990 ? 0 : i - 990; k <= i; k += 45) {
			const size_t was =
				lens[(k < 3000 ? 0 : k) % VC_COUNT(lens)];

			assert_true(vc_history_get(h, (uint16_t)k, now, &item));
			assert_int_equal(item.len, was);
			assert_int_equal(vc_rtp_get_seq(item.data),
					 (uint16_t)k);
			assert_int_equal(item.sent, T0 + k * step);
		}
		assert_false(
			vc_history_get(h, (uint16_t)(i - 991), now, &item));
	}
	vc_history_unref(h);
	vc_pool_free(pool);
}

/* However young: the ring stays as long as 16 packets and a half need. */
static void what_nobody_can_have_takes_no_room(void **state)
{
	struct vc_history *h = new_history(16, 0);
	struct vc_pool *pool = vc_pool_new();
	const uint8_t *least = NULL, *most = NULL;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		struct vc_history_item item;

		put(h, pool, (uint16_t)i, 1000, T0 + i * VC_US);
		assert_true(vc_history_get(h, (uint16_t)i, T0, &item));
		if (i < 100)
			continue;
		if (!least || item.data < least)
			least = item.data;
		if (!most || item.data > most)
			most = item.data;
	}
	assert_in_range(most - least, 1000, 32 << 10);
	vc_history_unref(h);
	vc_pool_free(pool);
}

static void history_takes_any_order(void **state)
{
	struct vc_history *h = new_history(16, 0);
	struct vc_pool *pool = vc_pool_new();
	struct vc_history_item i;

	(void)state;
	put(h, pool, 65535, 100, T0);
	put(h, pool, 2, 200, T0 + 1);
	put(h, pool, 0, 300, T0 + 2);
	put(h, pool, 0, 400, T0 + 3); /* the later one counts */
	assert_int_equal(n_kept(h, 2, T0), 3);
	assert_true(vc_history_get(h, 0, T0, &i));
	assert_int_equal(i.len, 400);
	assert_false(vc_history_get(h, 1, T0, &i));
	assert_false(vc_history_get(h, 16, T0, &i)); /* in 0's place */
	/* too far back */
	put(h, pool, 65522, 100, T0);
	assert_int_equal(n_kept(h, 2, T0), 3);
	/* up by less than are kept, by more, by half the numbers */
	put(h, pool, 15, 100, T0);
	assert_false(vc_history_get(h, 65535, T0, &i));
	assert_true(vc_history_get(h, 0, T0, &i));
	put(h, pool, 32000, 100, T0);
	assert_false(vc_history_get(h, 0, T0, &i));
	assert_int_equal(n_kept(h, 32000, T0), 3);
	put(h, pool, 32000 + 32768, 100, T0);
	assert_false(vc_history_get(h, 32000 + 32768, T0, &i));
	vc_history_unref(h);
	vc_pool_free(pool);
}

static void long_round_trips_keep_longer(void **state)
{
	static const struct {
		int64_t rtt, age;
	} rows[] = {
		{ 0, VC_SEC },
		{ 400 * VC_MS, VC_SEC },
		{ VC_SEC, 2500 * VC_MS },
		{ 60 * VC_SEC, 5 * VC_SEC },
		{ INT64_MAX, 5 * VC_SEC },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_history *h = new_history(16, 0);
		struct vc_pool *pool = vc_pool_new();
		struct vc_history_item item;

		vc_history_rtt(h, rows[i].rtt, T0);
		/* A shorter one of somebody else changes nothing soon. */
		vc_history_rtt(h, 0, T0 + 29 * VC_SEC);
		put(h, pool, 1, 100, T0);
		assert_true(vc_history_get(h, 1, T0 + rows[i].age, &item));
		assert_false(vc_history_get(h, 1, T0 + rows[i].age + 1, &item));
		vc_history_unref(h);
		vc_pool_free(pool);
	}
}

/* Who was far away does not ask any more. */
static void the_longest_round_trip_is_forgotten(void **state)
{
	struct vc_history *h = new_history(16, 0);
	struct vc_pool *pool = vc_pool_new();
	const int64_t now = T0 + 30 * VC_SEC;
	struct vc_history_item item;

	(void)state;
	vc_history_rtt(h, VC_SEC, T0);
	vc_history_rtt(h, VC_MS, now);
	put(h, pool, 1, 100, now);
	assert_true(vc_history_get(h, 1, now + VC_SEC, &item));
	assert_false(vc_history_get(h, 1, now + VC_SEC + 1, &item));
	vc_history_unref(h);
	vc_pool_free(pool);
}

/* Many have so much together, as they need it; and it is given back. */
static void histories_share_a_budget(void **state)
{
	struct vc_history_budget budget = { .max = 100 << 10 };
	const struct vc_history_conf conf = { .packets = 1024,
					      .octets = 1 << 20,
					      .budget = &budget };
	struct vc_history *h[2];
	struct vc_pool *pool = vc_pool_new();
	struct vc_history_item item;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(h); i++) {
		h[i] = vc_history_new(&conf);
		assert_non_null(h[i]);
	}
	assert_int_equal(budget.used, 0);
	for (uint16_t i = 0; i < 200; i++)
		put(h[0], pool, i, 1000, T0);
	assert_in_range(budget.used, 64 << 10, 100 << 10);
	/* The newest are there, the others made room. */
	assert_true(vc_history_get(h[0], 199, T0, &item));
	assert_false(vc_history_get(h[0], 100, T0, &item));
	for (uint16_t i = 0; i < 200; i++)
		put(h[1], pool, i, 1000, T0);
	assert_in_range(budget.used, 64 << 10, 100 << 10);
	assert_true(vc_history_get(h[1], 199, T0, &item));
	vc_history_unref(vc_history_ref(h[0]));
	assert_true(vc_history_get(h[0], 199, T0, &item));
	vc_history_unref(h[0]);
	vc_history_unref(h[1]);
	assert_int_equal(budget.used, 0);
	vc_pool_free(pool);
}

/* Once a round trip. */
static void a_packet_goes_once_a_round_trip(void **state)
{
	static const struct {
		int64_t after; /* the time before */
		bool goes;
	} rows[] = {
		{ 0, true },
		{ 0, false },
		{ 199 * VC_MS, false },
		{ 200 * VC_MS, true },
		{ 300 * VC_MS, false },
		{ 10 * VC_SEC, true },
	};
	struct vc_resend r;
	int64_t at = 0;

	(void)state;
	vc_resend_init(&r, T0);
	vc_resend_rtt(&r, 200 * VC_MS);
	vc_resend_media(&r, 1000000, T0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		at = rows[i].after;
		if (i == VC_COUNT(rows) - 1)
			vc_resend_media(&r, 1000000, T0 + at);
		assert_int_equal(vc_resend_ask(&r, 7, 65535, 100, T0 + at),
				 rows[i].goes);
	}
	/* other numbers, other streams, zeros */
	assert_true(vc_resend_ask(&r, 7, 0, 100, T0 + at));
	assert_true(vc_resend_ask(&r, 0, 0, 100, T0 + at));
	assert_true(vc_resend_ask(&r, 8, 65535, 100, T0 + at));
	assert_false(vc_resend_ask(&r, 0, 0, 100, T0 + at));
	assert_false(vc_resend_ask(&r, 9, 9, 0, T0 + at));
	assert_int_equal(r.counts.unknown, 1);
	assert_int_equal(r.counts.too_soon, 4);
	assert_int_equal(r.counts.resent, 6);
	assert_int_equal(r.counts.octets, 600);
	vc_resend_clear(&r);
}

/* All 65536 numbers, at line rate for 20 s: never more than the budget. */
static void the_budget_holds(void **state)
{
	struct vc_resend r;
	uint64_t media = 0, second = 0, was = 0;
	uint16_t seq = 0;

	(void)state;
	vc_resend_init(&r, T0);
	for (int ms = 0; ms < 20000; ms++) {
		int64_t now = T0 + ms * VC_MS;

		if (ms % 10 == 0) {
			vc_resend_media(&r, 1000, now);
			media += 1000;
		}
		for (int k = 0; k < 20; k++) {
			vc_resend_ask(&r, 1, seq, 1000, now);
			seq++;
		}
		assert_true(r.counts.octets * 4 <= media);
		if (ms % 1000 != 999)
			continue;
		second = r.counts.octets - was;
		was = r.counts.octets;
		assert_true(second <= 50000);
	}
	assert_int_equal(r.counts.octets, media / 4);
	/* silence ends what there is to give */
	assert_false(vc_resend_ask(&r, 1, 0, 1, T0 + 31 * VC_SEC));
	assert_false(vc_resend_ask(&r, 1, 0, 1, T0 + 3600 * VC_SEC));
	vc_resend_media(&r, 8, T0 + 3600 * VC_SEC);
	assert_true(vc_resend_ask(&r, 1, 0, 2, T0 + 3600 * VC_SEC));
	assert_false(vc_resend_ask(&r, 1, 1, 1, T0 + 3600 * VC_SEC));
	vc_resend_clear(&r);
}

/* Of what went before a silence that is longer than what is remembered nothing
 * counts, wherever in a second it ends. */
static void a_silence_ends_what_there_was(void **state)
{
	static const int silences_ms[] = { 10000, 10100, 20000,	 20100,
					   24700, 25500, 3605300 };
	struct vc_resend r;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(silences_ms); i++) {
		int64_t end = T0 + 9990 * VC_MS + silences_ms[i] * VC_MS;

		vc_resend_init(&r, T0);
		for (int k = 0; k < 1000; k++)
			vc_resend_media(&r, 1000, T0 + k * 10 * VC_MS);
		for (uint16_t seq = 0; seq < 40; seq++)
			vc_resend_ask(&r, 1, seq, 1000, T0 + 9990 * VC_MS);
		assert_false(vc_resend_ask(&r, 1, 50, 1, end));
		vc_resend_media(&r, 4000, end);
		assert_true(vc_resend_ask(&r, 1, 51, 1000, end));
		assert_false(vc_resend_ask(&r, 1, 52, 1, end));
		vc_resend_clear(&r);
	}
}

/* A burst after ten good seconds: half a second's media, no more. */
static void a_burst_gets_half_of_a_second(void **state)
{
	struct vc_resend r;

	(void)state;
	vc_resend_init(&r, T0);
	for (int i = 0; i < 1000; i++)
		vc_resend_media(&r, 1000, T0 + i * 10 * VC_MS);
	for (uint16_t seq = 0; seq < 200; seq++)
		vc_resend_ask(&r, 1, seq, 1000, T0 + 9990 * VC_MS);
	assert_int_equal(r.counts.resent, 50);
	assert_int_equal(r.counts.over, 150);
	vc_resend_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(history_is_bounded),
		cmocka_unit_test(the_longest_round_trip_is_forgotten),
		cmocka_unit_test(histories_share_a_budget),
		cmocka_unit_test(nothing_young_goes_before_it_must),
		cmocka_unit_test(what_nobody_can_have_takes_no_room),
		cmocka_unit_test(history_takes_any_order),
		cmocka_unit_test(long_round_trips_keep_longer),
		cmocka_unit_test(a_packet_goes_once_a_round_trip),
		cmocka_unit_test(the_budget_holds),
		cmocka_unit_test(a_burst_gets_half_of_a_second),
		cmocka_unit_test(a_silence_ends_what_there_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
