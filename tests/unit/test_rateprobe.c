/* SPDX-License-Identifier: MIT */
/*
 * The search for a rate, over links with a bucket, a queue and losses, on a
 * clock of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/rateprobe.h"

#define T0 VC_VIRTUAL_EPOCH
#define FAR INT64_C(123456789) /* its clock is so much ahead */
#define STEP (500 * VC_US)
#define QUEUE 65536

/* A token bucket, as tbf: packets wait for tokens in a queue of 'limit'. */
struct link {
	uint64_t bps;
	double bucket; /* octets */
	uint32_t limit;
	double loss;
	int64_t delay;
	int64_t wobble; /* more of it in 100 ms of each 500 */
	bool polices;	/* no queue: what has no token is lost */
	double tokens;
	int64_t at, free_at;
	uint64_t draws;
};

struct flying {
	uint32_t index;
	int64_t arrives;
};

static struct flying air[QUEUE];
static size_t n_air;

static void fill(struct link *l, int64_t now)
{
	l->tokens += (double)(now - l->at) * (double)l->bps / 8e9;
	l->tokens = l->tokens > l->bucket ? l->bucket : l->tokens;
	l->at = now;
}

/* True and when it arrives, or it is lost. */
static bool through(struct link *l, uint32_t octets, int64_t now, int64_t *at)
{
	static const struct vc_rand r = { { 1, 2 } };
	double waits, backlog;

	l->draws++;
	if ((double)vc_rand_u32(&r, "loss", l->draws) / UINT32_MAX < l->loss)
		return false;
	fill(l, now);
	backlog = l->free_at > now ?
			  (double)(l->free_at - now) * (double)l->bps / 8e9 :
			  0;
	if (backlog + octets > l->limit && l->tokens < octets)
		return false;
	if (l->polices && l->tokens < octets)
		return false;
	l->tokens -= octets;
	waits = l->tokens < 0 ? -l->tokens * 8e9 / (double)l->bps : 0;
	l->free_at = now + (int64_t)waits;
	*at = l->free_at + l->delay;
	if (now % (500 * VC_MS) < 100 * VC_MS)
		*at += l->wobble;
	return true;
}

static struct vc_rateprobe_result search(struct link *l, uint64_t max_bps)
{
	const struct vc_rateprobe_conf conf = {
		.min_bps = 100000,
		.max_bps = max_bps,
		.min_octets = 148,
		.max_octets = 1228,
		.rtt = 2 * l->delay,
		.budget = 9500 * VC_MS,
	};
	struct vc_rateprobe_result result;
	struct vc_rateprobe p;
	int64_t now = T0;

	l->at = T0;
	l->tokens = l->bucket;
	n_air = 0;
	assert_int_equal(vc_rateprobe_init(&p, &conf, now), 0);
	for (; p.state != VC_RATEPROBE_DONE; now += STEP) {
		struct flying f;
		uint32_t octets;
		size_t kept = 0;

		while (vc_rateprobe_due(&p, now, &f.index, &octets)) {
			assert_true(p.bps <= max_bps);
			vc_rateprobe_sent(&p, f.index, now);
			if (!through(l, octets, now, &f.arrives))
				continue;
			assert_true(n_air < QUEUE);
			air[n_air] = f;
			n_air++;
		}
		/* The word of it takes as long to come back. */
		for (size_t i = 0; i < n_air; i++) {
			if (air[i].arrives + l->delay <= now) {
				vc_rateprobe_arrived(&p, air[i].index,
						     air[i].arrives + FAR);
			} else {
				air[kept] = air[i];
				kept++;
			}
		}
		n_air = kept;
		vc_rateprobe_tick(&p, now);
		assert_true(now < T0 + 10 * VC_SEC);
	}
	result = p.result;
	vc_rateprobe_clear(&p);
	return result;
}

/* Rows: a link, and what is found of it, within 10 %. */
static void finds_what_a_link_carries(void **state)
{
	static const struct {
		struct link link;
		uint64_t max, found; /* found 0: any; the limit is none */
		bool is_limit;
	} rows[] = {
		{ { .bps = 1000000, .bucket = 1540, .limit = 18750 },
		  200000000,
		  1000000,
		  true },
		{ { .bps = 300000,
		    .bucket = 2000,
		    .limit = 10000,
		    .delay = 100 * VC_MS },
		  200000000,
		  300000,
		  true },
		{ { .bps = 64000, .bucket = 2000, .limit = 4000 },
		  200000000,
		  64000,
		  true },
		{ { .bps = 5000000, .bucket = 32000, .limit = 30000 },
		  200000000,
		  5000000,
		  true },
		{ { .bps = 20000000,
		    .bucket = 100000,
		    .limit = 1000000,
		    .delay = 20 * VC_MS },
		  200000000,
		  20000000,
		  true },
		{ { .bps = 90000000, .bucket = 200000, .limit = 400000 },
		  200000000,
		  90000000,
		  true },
		/* two seconds of queue */
		{ { .bps = 2000000, .bucket = 1540, .limit = 500000 },
		  200000000,
		  2000000,
		  true },
		{ { .bps = 3000000,
		    .bucket = 6000,
		    .limit = 6000,
		    .polices = true },
		  200000000,
		  3000000,
		  true },
		/* a little is lost anyway */
		{ { .bps = 4000000,
		    .bucket = 1540,
		    .limit = 20000,
		    .loss = 0.002 },
		  200000000,
		  4000000,
		  true },
		/* more than it is asked for */
		{ { .bps = 1000000000, .bucket = 1e6, .limit = 1000000 },
		  10000000,
		  10000000,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct link l = rows[i].link;
		struct vc_rateprobe_result r = search(&l, rows[i].max);

		print_message(
			"%llu: %llu in %lld ms, loss %.4f, queue %lld ms\n",
			(unsigned long long)rows[i].link.bps,
			(unsigned long long)r.bps, (long long)(r.took / VC_MS),
			r.loss, (long long)(r.queueing / VC_MS));
		assert_int_equal(r.is_limit, rows[i].is_limit);
		assert_true(r.is_held);
		assert_true((double)r.bps > 0.9 * (double)rows[i].found);
		assert_true((double)r.bps < 1.1 * (double)rows[i].found);
		assert_true(r.loss < VC_RATEPROBE_LOSS);
		assert_true(r.queueing < VC_RATEPROBE_QUEUE);
		assert_true(r.took < 10 * VC_SEC);
	}
}

static void a_path_that_loses_anyway_has_no_such_rate(void **state)
{
	struct link l = { .bps = 5000000,
			  .bucket = 1540,
			  .limit = 20000,
			  .loss = 0.05 };
	struct vc_rateprobe_result r = search(&l, 200000000);

	(void)state;
	assert_int_equal(r.bps, 0);
	assert_false(r.is_held);
	assert_true(r.loss > 0.01);
}

/* What waits at any rate, as behind somebody else's bursts. */
static void a_path_that_queues_anyway_has_no_such_rate(void **state)
{
	struct link l = { .bps = 5000000,
			  .bucket = 1540,
			  .limit = 20000,
			  .wobble = 80 * VC_MS };
	struct vc_rateprobe_result r = search(&l, 200000000);

	(void)state;
	assert_int_equal(r.bps, 0);
	assert_false(r.is_held);
	assert_true(r.queueing > VC_RATEPROBE_QUEUE);
}

static void nothing_comes(void **state)
{
	struct link l = { .bps = 5000000, .bucket = 1540, .loss = 1.1 };
	struct vc_rateprobe_result r = search(&l, 200000000);

	(void)state;
	assert_int_equal(r.bps, 0);
	assert_false(r.is_held);
}

/* What a far end says of packets that are none of this step. */
static void what_is_none_of_it_is_not_taken(void **state)
{
	const struct vc_rateprobe_conf conf = { .min_bps = 100000,
						.max_bps = 1000000,
						.min_octets = 148,
						.max_octets = 1228,
						.budget = VC_SEC };
	struct vc_rateprobe p;
	uint32_t index, octets;

	(void)state;
	assert_int_equal(vc_rateprobe_init(&p, &conf, T0), 0);
	assert_true(vc_rateprobe_due(&p, T0, &index, &octets));
	vc_rateprobe_arrived(&p, index, T0); /* has not left */
	vc_rateprobe_arrived(&p, UINT32_MAX, T0);
	vc_rateprobe_arrived(&p, p.n, T0);
	assert_int_equal(p.arrived, 0);
	vc_rateprobe_sent(&p, index, T0);
	vc_rateprobe_arrived(&p, index, T0 + VC_MS);
	vc_rateprobe_arrived(&p, index, T0 + VC_MS);
	assert_int_equal(p.arrived, 1);
	vc_rateprobe_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_a_link_carries),
		cmocka_unit_test(a_path_that_loses_anyway_has_no_such_rate),
		cmocka_unit_test(a_path_that_queues_anyway_has_no_such_rate),
		cmocka_unit_test(nothing_comes),
		cmocka_unit_test(what_is_none_of_it_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
