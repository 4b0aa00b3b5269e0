/* SPDX-License-Identifier: MIT */
/* Each cause alone; shares and rates over many packets are in sim/test_link.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/impair.h"

#define T0 VC_VIRTUAL_EPOCH

struct net {
	struct vc_pool *pool;
	struct vc_rand rand;
	struct vc_impair_conf conf;
	struct vc_impair *im;
};

static int set_up(void **state)
{
	struct net *n = vc_alloc(1, sizeof(*n));

	n->pool = vc_pool_new();
	vc_rand_init(&n->rand, 1, "test", NULL);
	vc_impair_conf_init(&n->conf);
	*state = n;
	return 0;
}

static int tear_down(void **state)
{
	struct net *n = *state;

	vc_impair_free(n->im);
	assert_int_equal(vc_pool_used(n->pool), 0);
	vc_pool_free(n->pool);
	free(n);
	return 0;
}

/* By n->conf, from the beginning. */
static void begin(struct net *n)
{
	vc_impair_free(n->im);
	assert_null(vc_impair_check(&n->conf));
	n->im = vc_impair_new(&n->conf, &n->rand, 0, T0);
	assert_non_null(n->im);
}

static enum vc_impair_fate put_len(struct net *n, uint64_t tag, size_t len,
				   int64_t t)
{
	struct vc_packet *pkt = vc_packet_new(n->pool, len);
	enum vc_impair_fate fate;

	pkt->len = len;
	memset(pkt->data, 0x55, len);
	fate = vc_impair_put(n->im, pkt, NULL, tag, T0 + t);
	vc_packet_unref(pkt);
	return fate;
}

static enum vc_impair_fate put(struct net *n, uint64_t tag, int64_t t)
{
	return put_len(n, tag, 100, t);
}

/* The tag of what comes out next, by 't', -1: nothing. '*due' since T0. */
static int64_t get(struct net *n, int64_t t, int64_t *due)
{
	struct vc_packet *pkt;
	uint64_t tag;

	pkt = vc_impair_get(n->im, T0 + t, due, &tag);
	if (!pkt)
		return -1;
	*due -= T0;
	vc_packet_unref(pkt);
	return (int64_t)tag;
}

static void expect(struct net *n, int64_t tag, int64_t t)
{
	int64_t due;

	assert_int_equal(vc_impair_next(n->im), T0 + t);
	assert_int_equal(get(n, t - 1, &due), -1);
	assert_int_equal(get(n, t, &due), tag);
	assert_int_equal(due, t);
}

static void expect_nothing(struct net *n)
{
	assert_int_equal(vc_impair_held(n->im), 0);
	assert_int_equal(vc_impair_next(n->im), INT64_MAX);
	assert_null(vc_impair_get(n->im, INT64_MAX, NULL, NULL));
}

static uint64_t fate(const struct net *n, enum vc_impair_fate f)
{
	return vc_impair_counts(n->im)->fate[f];
}

static void nothing_is_the_default(void **state)
{
	struct net *n = *state;

	begin(n);
	expect_nothing(n);
	assert_int_equal(put(n, 1, 5), VC_FATE_PASSES);
	expect(n, 1, 5);
	expect_nothing(n);
	assert_int_equal(vc_impair_counts(n->im)->out_octets, 100);
}

static void numbers_are_lost_as_listed(void **state)
{
	static const struct {
		struct vc_impair_range r[2];
		size_t n;
		const char *lost; /* of packets 1 to 10 */
	} rows[] = {
		{ { { 1, UINT64_MAX, 1, 0 } }, 1, "xxxxxxxxxx" },
		{ { { 3, UINT64_MAX, 3, 0 } }, 1, "..x..x..x." },
		{ { { UINT64_MAX, UINT64_MAX, UINT64_MAX, 0 } },
		  1,
		  ".........." },
		{ { { 0 } }, 0, ".........." },
		{ { { 1, 1, 0, 0 }, { 4, 6, 0, 0 } }, 2, "x..xxx...." },
		{ { { 9, UINT64_MAX, 0, 0 } }, 1, "........xx" },
		{ { { 6, 4, 0, 0 } }, 1, ".........." },
		{ { { 4, 9, 2, 0 } }, 1, "...x.x.x.." },
	};
	struct net *n = *state;

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		memcpy(n->conf.lost, rows[i].r, sizeof(rows[i].r));
		n->conf.n_lost = rows[i].n;
		begin(n);
		for (int k = 0; k < 10; k++)
			assert_int_equal(put(n, 0, k), rows[i].lost[k] == 'x' ?
							       VC_FATE_LOSS :
							       VC_FATE_PASSES);
	}
}

static void all_and_none_are_shares_too(void **state)
{
	struct net *n = *state;

	for (enum vc_impair_loss l = VC_LOSS_RANDOM; l <= VC_LOSS_GILBERT;
	     l++) {
		n->conf.loss = l;
		n->conf.burst_milli = 1000;
		n->conf.loss_share = VC_IMPAIR_ALL;
		begin(n);
		for (int k = 0; k < 1000; k++)
			assert_int_equal(put(n, 0, k), VC_FATE_LOSS);
		n->conf.loss_share = 0;
		begin(n);
		for (int k = 0; k < 1000; k++)
			assert_int_equal(put(n, 0, k), VC_FATE_PASSES);
	}
}

/* What is lost depends on the number alone. */
static void other_causes_do_not_change_what_is_lost(void **state)
{
	struct net *n = *state;
	bool lost[1000];

	n->conf.loss = VC_LOSS_GILBERT;
	n->conf.loss_share = 200000;
	n->conf.burst_milli = 3000;
	begin(n);
	for (int k = 0; k < 1000; k++)
		lost[k] = put(n, 0, k) == VC_FATE_LOSS;
	n->conf.rate_bps = 1000000;
	n->conf.duplicate_share = 500000;
	n->conf.n_dark = 1;
	n->conf.dark[0] = (struct vc_impair_dark){ 100 * VC_MS, 400 * VC_MS, 0,
						   INT64_MAX };
	begin(n);
	for (int k = 0; k < 1000; k++) {
		enum vc_impair_fate f = put(n, 0, k * VC_MS);

		if (f == VC_FATE_LOSS)
			assert_true(lost[k]);
		else if (f == VC_FATE_PASSES)
			assert_false(lost[k]);
	}
	assert_int_equal(fate(n, VC_FATE_BLACKOUT), 400);
}

static void it_is_dark_at_times(void **state)
{
	static const struct {
		int64_t t_ms;
		bool dark;
	} rows[] = {
		{ 0, false },	{ 499, false },	 { 500, true },
		{ 699, true },	{ 700, false },	 { 1999, false },
		{ 2000, true }, { 2099, true },	 { 2100, false },
		{ 4050, true }, { 4100, false }, { 6050, false },
	};
	struct net *n = *state;

	n->conf.n_dark = 2;
	n->conf.dark[0] = (struct vc_impair_dark){ 500 * VC_MS, 200 * VC_MS, 0,
						   INT64_MAX };
	n->conf.dark[1] = (struct vc_impair_dark){ 2 * VC_SEC, 100 * VC_MS,
						   2 * VC_SEC, 6 * VC_SEC };
	begin(n);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(put(n, 0, rows[i].t_ms * VC_MS),
				 rows[i].dark ? VC_FATE_BLACKOUT :
						VC_FATE_PASSES);
}

static void long_packets_do_not_fit(void **state)
{
	struct net *n = *state;

	n->conf.mtu = 1280;
	begin(n);
	assert_int_equal(put_len(n, 0, 1252, 0), VC_FATE_PASSES);
	assert_int_equal(put_len(n, 0, 1253, 0), VC_FATE_MTU);
	n->conf.overhead = 48;
	vc_impair_set(n->im, &n->conf, T0);
	assert_int_equal(put_len(n, 0, 1252, 0), VC_FATE_MTU);
	assert_int_equal(fate(n, VC_FATE_MTU), 2);
}

/* 128 octets with overhead are 1 ms at 1.024 Mbit/s. */
static void the_bottleneck_takes_its_time(void **state)
{
	struct net *n = *state;

	n->conf.rate_bps = 1024000;
	n->conf.queue_time = 2 * VC_MS;
	n->conf.delay = 10 * VC_MS;
	begin(n);
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(put(n, i, 0), VC_FATE_PASSES);
	assert_int_equal(put(n, 4, 0), VC_FATE_QUEUE);
	assert_int_equal(put(n, 5, VC_MS), VC_FATE_PASSES);
	expect(n, 1, 11 * VC_MS);
	expect(n, 2, 12 * VC_MS);
	expect(n, 3, 13 * VC_MS);
	expect(n, 5, 14 * VC_MS);
	assert_int_equal(vc_impair_counts(n->im)->queue_max, 2 * VC_MS);
	n->conf.queue_octets = 127;
	vc_impair_set(n->im, &n->conf, T0 + VC_SEC);
	assert_int_equal(put(n, 6, VC_SEC), VC_FATE_PASSES);
	assert_int_equal(put(n, 7, VC_SEC), VC_FATE_QUEUE);
}

static void a_new_rate_is_for_those_who_wait(void **state)
{
	struct net *n = *state;

	n->conf.rate_bps = 1024000;
	n->conf.delay = 10 * VC_MS;
	n->conf.keeps_order = true;
	begin(n);
	for (uint64_t i = 1; i <= 5; i++)
		put(n, i, 0);
	/* 1 has left, half of 2 has; the rest takes twice the time. */
	n->conf.rate_bps = 512000;
	vc_impair_set(n->im, &n->conf, T0 + 1500 * VC_US);
	expect(n, 1, 11 * VC_MS);
	expect(n, 2, 12500 * VC_US);
	expect(n, 3, 14500 * VC_US);
	expect(n, 4, 16500 * VC_US);
	expect(n, 5, 18500 * VC_US);
	/* What is on the link without a rate leaves it at once. */
	put(n, 6, 20 * VC_MS);
	put(n, 7, 20 * VC_MS);
	put(n, 8, 20 * VC_MS);
	n->conf.rate_bps = 0;
	vc_impair_set(n->im, &n->conf, T0 + 23 * VC_MS);
	expect(n, 6, 32 * VC_MS);
	expect(n, 7, 33 * VC_MS);
	expect(n, 8, 33 * VC_MS);
	/* From the largest rate and queue to the smallest: no overflow. */
	n->conf.rate_bps = VC_IMPAIR_RATE_MAX;
	n->conf.queue_time = VC_IMPAIR_TIME_MAX;
	vc_impair_set(n->im, &n->conf, T0 + VC_SEC);
	for (uint64_t i = 0; i < 1000; i++)
		put(n, 8, VC_SEC);
	n->conf.rate_bps = VC_IMPAIR_RATE_MIN;
	vc_impair_set(n->im, &n->conf, T0 + VC_SEC);
	assert_true(vc_impair_next(n->im) >= T0 + VC_SEC);
}

static void late_ones_are_overtaken(void **state)
{
	struct net *n = *state;

	/* The first alone: by time. */
	n->conf.reorder_share = VC_IMPAIR_ALL;
	n->conf.reorder_time = 5 * VC_MS;
	n->conf.keeps_order = true;
	begin(n);
	put(n, 1, 0);
	n->conf.reorder_share = 0;
	vc_impair_set(n->im, &n->conf, T0);
	put(n, 2, VC_MS);
	expect(n, 2, VC_MS);
	expect(n, 1, 5 * VC_MS);

	/* By packets. */
	n->conf.reorder_share = VC_IMPAIR_ALL;
	n->conf.reorder_by = 2;
	vc_impair_set(n->im, &n->conf, T0 + 10 * VC_MS);
	put(n, 3, 10 * VC_MS);
	n->conf.reorder_share = 0;
	vc_impair_set(n->im, &n->conf, T0 + 10 * VC_MS);
	put(n, 4, 11 * VC_MS);
	expect(n, 4, 11 * VC_MS);
	put(n, 5, 12 * VC_MS);
	expect(n, 5, 12 * VC_MS);
	expect(n, 3, 12 * VC_MS);
	assert_int_equal(vc_impair_counts(n->im)->reordered, 2);

	/* Nobody comes by. */
	n->conf.reorder_share = VC_IMPAIR_ALL;
	vc_impair_set(n->im, &n->conf, T0 + 20 * VC_MS);
	put(n, 6, 20 * VC_MS);
	expect(n, 6, 20 * VC_MS + VC_SEC);
	expect_nothing(n);

	/* 64 can wait so; the next two pass them. */
	for (uint64_t i = 0; i < 100; i++)
		put(n, i, 2 * VC_SEC);
	assert_int_equal(vc_impair_counts(n->im)->reordered, 3 + 98);
}

static void copies_and_broken_ones(void **state)
{
	struct net *n = *state;
	struct vc_packet *pkt, *out;
	unsigned int bits = 0;
	int64_t due;

	n->conf.duplicate_share = VC_IMPAIR_ALL;
	n->conf.delay = VC_MS;
	begin(n);
	put(n, 1, 0);
	expect(n, 1, VC_MS);
	expect(n, 1, VC_MS);
	expect_nothing(n);
	n->conf.duplicate_share = 0;
	n->conf.corrupt_share = VC_IMPAIR_ALL;
	n->conf.corrupt_from = 12;
	vc_impair_set(n->im, &n->conf, T0);
	for (int k = 0; k < 200; k++) {
		pkt = vc_packet_new(n->pool, 16);
		pkt->len = 16;
		memset(pkt->data, 0, 16);
		vc_impair_put(n->im, pkt, NULL, 2, T0);
		out = vc_impair_get(n->im, T0 + VC_MS, &due, NULL);
		bits = 0;
		for (size_t i = 0; i < 16; i++) {
			assert_int_equal(pkt->data[i], 0);
			bits += (unsigned int)__builtin_popcount(out->data[i]);
			assert_true(i >= 12 || !out->data[i]);
		}
		assert_int_equal(bits, 1);
		vc_packet_unref(pkt);
		vc_packet_unref(out);
	}
	/* Nothing in it that could be broken. */
	assert_int_equal(put_len(n, 3, 12, 0), VC_FATE_PASSES);
	assert_int_equal(put_len(n, 3, 0, 0), VC_FATE_PASSES);
	assert_int_equal(vc_impair_counts(n->im)->corrupted, 200);
}

static void memory_is_bounded(void **state)
{
	struct net *n = *state;
	struct vc_packet *like = vc_packet_new(n->pool, 100);
	uint64_t passed = 0, room = (1 << 20) / like->cap;

	vc_packet_unref(like);
	n->conf.delay = VC_IMPAIR_TIME_MAX;
	n->conf.duplicate_share = VC_IMPAIR_ALL;
	n->conf.max_octets = 1 << 20;
	begin(n);
	for (int k = 0; k < 10000; k++)
		passed += put(n, 0, k) == VC_FATE_PASSES;
	assert_int_equal(passed, room / 2);
	assert_int_equal(fate(n, VC_FATE_FULL), 10000 - passed);
	assert_int_equal(vc_impair_held(n->im), room);
	for (uint64_t k = 0; k < room; k++)
		vc_packet_unref(vc_impair_get(n->im, INT64_MAX, NULL, NULL));
	assert_int_equal(put(n, 0, 0), VC_FATE_PASSES);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		struct vc_impair_conf conf;
		bool is_sound;
	} rows[] = {
		{ { 0 }, true },
		{ { .loss = VC_LOSS_RANDOM, .loss_share = 1000001 }, false },
		{ { .loss = VC_LOSS_GILBERT, .loss_share = 500000 }, false },
		{ { .loss = VC_LOSS_GILBERT,
		    .loss_share = 500000,
		    .burst_milli = 1000 },
		  true },
		{ { .loss = VC_LOSS_GILBERT,
		    .loss_share = 500001,
		    .burst_milli = 1000 },
		  false },
		{ { .loss = VC_LOSS_GEMODEL, .chain = { { 1000001 } } },
		  false },
		{ { .loss = VC_LOSS_STATE,
		    .chain = { { 600000, 0, 0, 0, 400001 } } },
		  false },
		{ { .n_lost = VC_IMPAIR_RANGES + 1 }, false },
		{ { .delay = -1 }, false },
		{ { .delay = VC_IMPAIR_TIME_MAX }, true },
		{ { .jitter = VC_IMPAIR_TIME_MAX + 1 }, false },
		{ { .rate_bps = 999 }, false },
		{ { .rate_bps = VC_IMPAIR_RATE_MAX + 1 }, false },
		{ { .queue_octets = (1u << 30) + 1 }, false },
		{ { .mtu = 65536 }, false },
		{ { .reorder_by = VC_IMPAIR_PLACES_MAX + 1 }, false },
		{ { .corrupt_share = VC_IMPAIR_ALL + 1 }, false },
		{ { .n_dark = 1, .dark = { { 5, 5, 0, 5 } } }, false },
		{ { .n_dark = 1, .dark = { { 5, 5, 0, 6 } } }, true },
		{ { .n_dark = VC_IMPAIR_WINDOWS + 1 }, false },
		{ { .n_dark = 1, .dark = { { 0, 5, 5, 9 } } }, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(!vc_impair_check(&rows[i].conf),
				 rows[i].is_sound);
}

/* Pinned: the same on every machine. */
static void the_dice_do_not_change(void **state)
{
	struct net *n = *state;
	uint64_t sum = 0;
	int64_t due;

	n->conf.loss = VC_LOSS_RANDOM;
	n->conf.loss_share = 100000;
	n->conf.delay = 50 * VC_MS;
	n->conf.jitter = 10 * VC_MS;
	begin(n);
	for (int k = 0; k < 100; k++)
		put(n, 0, k * VC_MS);
	while (get(n, VC_SEC, &due) >= 0)
		sum = sum * 31 + (uint64_t)due;
	assert_int_equal(fate(n, VC_FATE_LOSS), 10);
	assert_true(sum == UINT64_C(0x7bdf1ec311b18f56));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_the_default),
		T(numbers_are_lost_as_listed),
		T(all_and_none_are_shares_too),
		T(other_causes_do_not_change_what_is_lost),
		T(it_is_dark_at_times),
		T(long_packets_do_not_fit),
		T(the_bottleneck_takes_its_time),
		T(a_new_rate_is_for_those_who_wait),
		T(late_ones_are_overtaken),
		T(copies_and_broken_ones),
		T(memory_is_bounded),
		T(nonsense_is_refused),
		T(the_dice_do_not_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
