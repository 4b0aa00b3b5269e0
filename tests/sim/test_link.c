/* SPDX-License-Identifier: MIT */
/* The network of the simulations is what it says it is, and the same again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "sim/link.h"

#define PACKETS 100000
#define LEN 172 /* 200 octets with IPv4 and UDP */

/* Sends 'left' packets, numbered from 0, one each 'gap'. */
struct sender {
	struct sim_link *link;
	struct vc_timer timer;
	uint32_t next;
	uint32_t left;
	int64_t gap;
	int64_t sent[PACKETS];
};

/* What came at the other end. */
struct receiver {
	uint32_t n;
	uint32_t lost_runs;
	uint32_t back; /* came after a later one */
	uint32_t highest;
	int64_t least, most; /* time under way */
	uint64_t sum;	     /* of numbers and times */
	int64_t last;
	const struct sender *from;
};

static void send_one(void *ctx, int64_t now)
{
	struct sender *s = ctx;
	uint8_t p[LEN] = { 0 };

	vc_put_u32(p, s->next);
	s->sent[s->next] = now;
	sim_send(s->link, SIM_A, p, sizeof(p));
	s->next++;
	s->left--;
	if (s->left)
		sim_at(s->link->sim, &s->timer, now + s->gap);
}

static void take(void *ctx, struct vc_packet *pkt, int64_t now)
{
	struct receiver *r = ctx;
	uint32_t number = vc_get_u32(pkt->data);
	int64_t way = now - r->from->sent[number];

	assert_int_equal(pkt->arrival, now);
	assert_int_equal(pkt->len, LEN);
	assert_true(now >= r->last);
	r->lost_runs += number > r->highest + 1;
	r->back += r->n && number < r->highest;
	if (number > r->highest)
		r->highest = number;
	if (!r->n || way < r->least)
		r->least = way;
	if (!r->n || way > r->most)
		r->most = way;
	r->sum = r->sum * 31 + number + (uint64_t)now;
	r->last = now;
	r->n++;
}

struct run {
	struct receiver got;
	struct vc_impair_counts counts;
};

/* All packets, one each 'gap', through 'conf'. */
static struct run run(const struct vc_impair_conf *conf, int64_t gap,
		      uint64_t seed)
{
	struct sender *s = vc_alloc(1, sizeof(*s));
	struct run out = { .got.from = s };
	struct sim_link link;
	struct sim sim;

	sim_init(&sim, seed);
	sim_link_open(&link, &sim, conf, NULL);
	link.end[SIM_B] = (struct sim_end){ .recv = take, .ctx = &out.got };
	s->link = &link;
	s->left = PACKETS;
	s->gap = gap;
	s->timer = (struct vc_timer){ .fn = send_one, .ctx = s };
	sim_at(&sim, &s->timer, sim.now);
	sim_run(&sim, sim.now + PACKETS * gap + 60 * VC_SEC);
	out.counts = *sim_link_counts(&link, SIM_A);
	assert_int_equal(vc_impair_held(link.way[SIM_A].im), 0);
	sim_link_close(&link);
	sim_clear(&sim);
	free(s);
	return out;
}

static void a_perfect_network(void **state)
{
	struct run r;

	(void)state;
	r = run(NULL, VC_MS, 1);
	assert_int_equal(r.got.n, PACKETS);
	assert_int_equal(r.got.most, 0);
	assert_int_equal(r.got.back, 0);
}

/* Shares within a tenth, mean bursts within a tenth. */
static void losses_are_as_many_and_as_long_as_asked(void **state)
{
	static const struct {
		enum vc_impair_loss loss;
		uint32_t share;
		uint32_t burst_milli;
		uint32_t mean_milli; /* expected */
	} rows[] = {
		{ VC_LOSS_RANDOM, 10000, 0, 1010 },
		{ VC_LOSS_RANDOM, 50000, 0, 1053 },
		{ VC_LOSS_RANDOM, 200000, 0, 1250 },
		{ VC_LOSS_GILBERT, 10000, 3000, 3000 },
		{ VC_LOSS_GILBERT, 50000, 5000, 5000 },
		{ VC_LOSS_GILBERT, 200000, 2500, 2500 },
		{ VC_LOSS_GILBERT, 500000, 10000, 10000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_impair_conf c;
		uint64_t lost, mean;
		struct run r;

		vc_impair_conf_init(&c);
		c.loss = rows[i].loss;
		c.loss_share = rows[i].share;
		c.burst_milli = rows[i].burst_milli;
		r = run(&c, VC_MS, 1);
		lost = PACKETS - r.got.n;
		assert_int_equal(r.counts.fate[VC_FATE_LOSS], lost);
		assert_in_range(lost, rows[i].share / 10 * 9 / 10,
				rows[i].share / 10 * 11 / 10);
		mean = lost * 1000 / r.got.lost_runs;
		assert_in_range(mean, rows[i].mean_milli * 9 / 10,
				rows[i].mean_milli * 11 / 10);
	}
}

/* 1,000 packets/s of 200 octets are 1.6 Mbit/s. */
static void a_bottleneck_has_its_rate_and_its_queue(void **state)
{
	static const struct {
		uint64_t rate;
		int64_t queue;
		size_t octets;
		int64_t most; /* under way */
	} rows[] = {
		{ 2000000, 200 * VC_MS, 0, 800 * VC_US },
		{ 1600000, 200 * VC_MS, 0, VC_MS },
		{ 800000, 200 * VC_MS, 0, 202 * VC_MS },
		{ 800000, 0, 0, 2 * VC_MS },
		{ 800000, 0, 10000, 102 * VC_MS },
		{ 100000, 1000 * VC_MS, 0, 1016 * VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_impair_conf c;
		uint64_t bits, room;
		struct run r;

		vc_impair_conf_init(&c);
		c.rate_bps = rows[i].rate;
		c.queue_time = rows[i].queue;
		c.queue_octets = rows[i].octets;
		r = run(&c, VC_MS, 1);
		bits = (uint64_t)r.got.n * 200 * 8;
		room = rows[i].rate * (PACKETS / 1000);
		if (rows[i].rate < 1600000) {
			assert_in_range(bits, room - room / 100,
					room + room / 50);
			assert_in_range(r.got.most, rows[i].most / 10 * 9,
					rows[i].most);
		} else {
			assert_int_equal(r.got.n, PACKETS);
			assert_int_equal(r.got.most, rows[i].most);
		}
		assert_int_equal(r.counts.fate[VC_FATE_QUEUE],
				 PACKETS - r.got.n);
		assert_int_equal(r.got.back, 0);
	}
}

static void jitter_is_within_its_bounds(void **state)
{
	struct vc_impair_conf c;
	struct run r;

	(void)state;
	vc_impair_conf_init(&c);
	c.delay = 100 * VC_MS;
	c.jitter = 10 * VC_MS;
	r = run(&c, VC_MS, 1);
	assert_in_range(r.got.least, 65360 * VC_US, 75 * VC_MS);
	assert_in_range(r.got.most, 125 * VC_MS, 134640 * VC_US);
	assert_in_range(r.got.back, PACKETS / 4, PACKETS);
	c.distribution = VC_JITTER_UNIFORM;
	r = run(&c, VC_MS, 1);
	assert_in_range(r.got.least, 90 * VC_MS, 91 * VC_MS);
	assert_in_range(r.got.most, 109 * VC_MS, 110 * VC_MS);
	c.keeps_order = true;
	r = run(&c, VC_MS, 1);
	assert_int_equal(r.got.n, PACKETS);
	assert_int_equal(r.got.back, 0);
	assert_in_range(r.got.most, 109 * VC_MS, 110 * VC_MS);
}

static void the_same_seed_is_the_same_run(void **state)
{
	struct vc_impair_conf c;
	struct run a, b, other;

	(void)state;
	vc_impair_conf_init(&c);
	c.loss = VC_LOSS_GILBERT;
	c.loss_share = 50000;
	c.burst_milli = 4000;
	c.delay = 50 * VC_MS;
	c.jitter = 5 * VC_MS;
	c.reorder_share = 20000;
	c.reorder_by = 3;
	c.duplicate_share = 10000;
	c.rate_bps = 1500000;
	a = run(&c, VC_MS, 7);
	b = run(&c, VC_MS, 7);
	other = run(&c, VC_MS, 8);
	assert_true(a.got.sum == b.got.sum);
	assert_memory_equal(&a.counts, &b.counts, sizeof(a.counts));
	assert_true(a.got.sum != other.got.sum);
	assert_true(a.counts.fate[VC_FATE_LOSS] !=
		    other.counts.fate[VC_FATE_LOSS]);
}

/* --- both ways, and a change on the way --- */

struct echo {
	struct sim_link *link;
	unsigned int n;
	int64_t last;
};

static void answer(void *ctx, struct vc_packet *pkt, int64_t now)
{
	struct echo *e = ctx;

	e->n++;
	e->last = now;
	pkt->data[0]++;
	sim_send(e->link, SIM_B, pkt->data, pkt->len);
}

static void count(void *ctx, struct vc_packet *pkt, int64_t now)
{
	struct echo *e = ctx;

	assert_int_equal(pkt->data[0], 2);
	e->n++;
	e->last = now;
}

static void the_ways_differ_and_change(void **state)
{
	struct vc_impair_conf there, back;
	struct echo a, b;
	struct sim_link link;
	struct sim sim;
	int64_t t0;

	(void)state;
	vc_impair_conf_init(&there);
	vc_impair_conf_init(&back);
	there.delay = 30 * VC_MS;
	back.delay = 20 * VC_MS;
	sim_init(&sim, 1);
	t0 = sim.now;
	sim_link_open(&link, &sim, &there, &back);
	a = b = (struct echo){ .link = &link };
	link.end[SIM_A] = (struct sim_end){ .recv = count, .ctx = &a };
	link.end[SIM_B] = (struct sim_end){ .recv = answer, .ctx = &b };
	sim_send(&link, SIM_A, "\1", 1);
	sim_run(&sim, t0 + 30 * VC_MS - 1);
	assert_int_equal(b.n, 0);
	sim_run(&sim, t0 + 40 * VC_MS);
	assert_int_equal(b.last - t0, 30 * VC_MS);
	back.loss = VC_LOSS_RANDOM;
	back.loss_share = VC_IMPAIR_ALL;
	sim_link_set(&link, SIM_B, &back);
	sim_send(&link, SIM_A, "\1", 1);
	sim_run(&sim, t0 + VC_SEC);
	assert_int_equal(b.n, 2);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.last - t0, 50 * VC_MS);
	assert_int_equal(sim_link_counts(&link, SIM_B)->fate[VC_FATE_LOSS], 1);
	/* Closed while something is under way. */
	sim_send(&link, SIM_A, "\1", 1);
	sim_link_close(&link);
	sim_clear(&sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_perfect_network),
		cmocka_unit_test(losses_are_as_many_and_as_long_as_asked),
		cmocka_unit_test(a_bottleneck_has_its_rate_and_its_queue),
		cmocka_unit_test(jitter_is_within_its_bounds),
		cmocka_unit_test(the_same_seed_is_the_same_run),
		cmocka_unit_test(the_ways_differ_and_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
