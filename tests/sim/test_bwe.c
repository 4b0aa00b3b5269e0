/* SPDX-License-Identifier: MIT */
/*
 * What a sender makes of a bottleneck, over round trips, token buckets, queues
 * and seeds. Rates are of the link layer and averages over 5 s unless said
 * otherwise; a token bucket that was full lets its burst pass beyond its rate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/bwe.h"
#include "sim/bwesim.h"
#include "wire/ccfb.h"
#include "wire/twcc.h"

#define LINK 1000000
#define SEEDS 3
#define SPAN (5 * VC_SEC)

static const struct bwesim_conf usual = {
	.link_bps = LINK,
	.burst = 1540,
	.limit = 100 * VC_MS,
	.rtt = 50 * VC_MS,
	.start_bps = 300000,
	.clock = 1234567 * VC_US,
	.skew_ppm = 200,
	.seed = 1,
};

/* Calls 'fn' for all round trips, buckets, queues and seeds. */
static void all_links(void (*fn)(const struct bwesim_conf *conf))
{
	static const int64_t rtts[] = { 20, 100, 200 };
	static const int64_t limits[] = { 50, 100, 300 };
	static const size_t bursts[] = { 1540, 5000, 10000 };

	for (size_t i = 0; i < 27 * SEEDS; i++) {
		struct bwesim_conf c = usual;

		c.rtt = rtts[i % 3] * VC_MS;
		c.limit = limits[i / 3 % 3] * VC_MS;
		c.burst = bursts[i / 9 % 3];
		c.seed = 1 + i / 27;
		c.skew_ppm = i % 2 ? 200 : -200;
		print_message("# rtt %lld limit %lld burst %zu seed %llu\n",
			      (long long)(c.rtt / VC_MS),
			      (long long)(c.limit / VC_MS), c.burst,
			      (unsigned long long)c.seed);
		fn(&c);
	}
}

static void in_bounds(double v, double least, double most)
{
	if (v < least || v > most)
		fail_msg("%.3f is not within %.3f and %.3f", v, least, most);
}

static double with_burst(const struct bwesim_conf *c, double bps)
{
	return bps + (double)c->burst * 8 / 5;
}

/* 80 to 100 % after 5 s and from then on, under 1 % lost from the start. */
static void settles(const struct bwesim_conf *c)
{
	struct bwesim *s = bwesim_new(c);
	double loss = bwesim_run(s, SPAN).loss;

	for (int i = 0; i < 6; i++) {
		struct bwesim_span p = bwesim_run(s, SPAN);

		in_bounds(p.link_bps, 0.8 * LINK, with_burst(c, LINK));
		loss += p.loss;
	}
	in_bounds(loss / 7, 0, 0.01);
	bwesim_free(s);
}

/* Half the rate: after 2 s no more is sent than passes, and queues are short.
 * Twice: back within 10 s. */
static void gives_way(const struct bwesim_conf *c)
{
	struct bwesim *s = bwesim_new(c);
	struct bwesim_span p;

	bwesim_run(s, 20 * VC_SEC);
	bwesim_link(s, LINK / 2);
	bwesim_run(s, 2 * VC_SEC);
	p = bwesim_run(s, 2 * VC_SEC);
	in_bounds(p.sent_bps, 0.5 * LINK / 2,
		  1.04 * LINK / 2 + (double)c->burst * 4);
	p = bwesim_run(s, 3 * VC_SEC);
	in_bounds((double)(p.queue / VC_MS), 0, 60);
	for (int i = 0; i < 2; i++) {
		p = bwesim_run(s, SPAN);
		in_bounds(p.link_bps, 0.7 * LINK / 2, with_burst(c, LINK / 2));
		in_bounds(p.loss, 0, 0.03);
	}
	bwesim_link(s, LINK);
	bwesim_run(s, 10 * VC_SEC);
	p = bwesim_run(s, SPAN);
	in_bounds(p.link_bps, 0.7 * LINK, with_burst(c, LINK));
	bwesim_free(s);
}

static void it_settles(void **state)
{
	(void)state;
	all_links(settles);
}

static void it_gives_way(void **state)
{
	(void)state;
	all_links(gives_way);
}

/* Runs 'conf' to 35 s: every span of 5 s from the second on is in bounds. */
static struct vc_bwe_stats check_run(const struct bwesim_conf *conf,
				     double least, double most)
{
	struct bwesim *s = bwesim_new(conf);
	struct vc_bwe_stats st;

	bwesim_run(s, SPAN);
	for (int i = 0; i < 6; i++)
		in_bounds(bwesim_run(s, SPAN).link_bps, least,
			  with_burst(conf, most));
	st = vc_bwe_stats(bwesim_bwe(s));
	bwesim_free(s);
	return st;
}

static void by_ssrc_it_is_the_same(void **state)
{
	struct bwesim_conf c = usual;

	(void)state;
	c.by_ssrc = true;
	for (c.seed = 1; c.seed <= SEEDS; c.seed++) {
		settles(&c);
		gives_way(&c);
	}
}

static void bad_paths_do_not_bring_it_down(void **state)
{
	static const struct {
		double loss, feedback_loss;
		int64_t jitter;
		double least;
	} rows[] = {
		{ 0.02, 0, 0, 0.75 },	   { 0, 0.1, 0, 0.75 },
		{ 0, 0.3, 0, 0.75 },	   { 0, 0, 5 * VC_MS, 0.75 },
		{ 0, 0, 30 * VC_MS, 0.7 }, { 0.02, 0.1, 10 * VC_MS, 0.7 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows) * SEEDS * 2; i++) {
		size_t row = i / SEEDS / 2;
		struct bwesim_conf c = usual;

		c.loss = rows[row].loss;
		c.feedback_loss = rows[row].feedback_loss;
		c.jitter = rows[row].jitter;
		c.seed = 1 + i % SEEDS;
		c.by_ssrc = i / SEEDS % 2;
		print_message("# row %zu seed %llu\n", row,
			      (unsigned long long)c.seed);
		(void)check_run(&c, rows[row].least * LINK, LINK);
	}
}

/* The numbers of either feedback wrap, and so do its times. */
static void nothing_happens_at_a_wrap(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t period = i ? VC_CCFB_PERIOD : VC_TWCC_PERIOD;
		struct bwesim_conf c = usual;
		struct bwesim *s;

		c.by_ssrc = i;
		c.clock = period - VC_VIRTUAL_EPOCH % period - 400 * VC_SEC;
		s = bwesim_new(&c);
		bwesim_run(s, SPAN);
		/* over 65536 packets */
		for (int k = 0; k < 160; k++)
			in_bounds(bwesim_run(s, SPAN).link_bps, 0.75 * LINK,
				  with_burst(&c, LINK));
		assert_int_equal(vc_bwe_stats(bwesim_bwe(s)).timeouts, 0);
		bwesim_free(s);
	}
}

/* Nothing passes for a while: little is sent into it, and it comes back. */
static void it_outlives_a_blackout(void **state)
{
	static const int64_t rows[] = { 1, 10, 60 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct bwesim *s = bwesim_new(&usual);

		bwesim_run(s, 15 * VC_SEC);
		bwesim_link(s, 0);
		bwesim_run(s, rows[i] * VC_SEC);
		if (rows[i] > 5)
			assert_true(vc_bwe_target(bwesim_bwe(s)) <= 60000);
		bwesim_link(s, LINK);
		bwesim_run(s, 5 * VC_SEC);
		in_bounds(bwesim_run(s, SPAN).link_bps, 0.7 * LINK,
			  LINK * 1.01);
		bwesim_free(s);
	}
}

/* A source that makes little: it is not padded up, and what the path carries
 * is there when it is wanted. */
static void it_waits_for_the_application(void **state)
{
	struct bwesim_conf c = usual;

	(void)state;
	c.source_bps = 150000;
	for (c.seed = 1; c.seed <= SEEDS; c.seed++) {
		struct bwesim *s = bwesim_new(&c);

		bwesim_run(s, SPAN);
		in_bounds(bwesim_run(s, 30 * VC_SEC).sent_bps, 150000, 280000);
		bwesim_source(s, 0);
		bwesim_run(s, SPAN);
		in_bounds(bwesim_run(s, SPAN).link_bps, 0.75 * LINK,
			  1.01 * LINK);
		bwesim_free(s);
	}
}

static void it_leaves_room_for_others(void **state)
{
	struct bwesim_conf c = usual;

	(void)state;
	c.cross_bps = 400000;
	for (c.seed = 1; c.seed <= SEEDS; c.seed++)
		(void)check_run(&c, 0.7 * 580000, 600000);
}

static void equal_seeds_give_equal_runs(void **state)
{
	struct bwesim_span a[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct bwesim *s = bwesim_new(&usual);

		a[i] = bwesim_run(s, 20 * VC_SEC);
		bwesim_free(s);
	}
	assert_memory_equal(&a[0], &a[1], sizeof(a[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_settles),
		cmocka_unit_test(it_gives_way),
		cmocka_unit_test(by_ssrc_it_is_the_same),
		cmocka_unit_test(bad_paths_do_not_bring_it_down),
		cmocka_unit_test(nothing_happens_at_a_wrap),
		cmocka_unit_test(it_outlives_a_blackout),
		cmocka_unit_test(it_waits_for_the_application),
		cmocka_unit_test(it_leaves_room_for_others),
		cmocka_unit_test(equal_seeds_give_equal_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
