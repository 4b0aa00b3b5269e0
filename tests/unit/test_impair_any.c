/* SPDX-License-Identifier: MIT */
/* What holds in any bad network, for some that are drawn at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/impair.h"

#define NETWORKS 200
#define PACKETS 500

struct die {
	struct vc_rand rand;
	uint64_t i;
};

static uint64_t roll(struct die *d, uint64_t below)
{
	d->i++;
	return vc_rand_u64(&d->rand, "roll", d->i) % below;
}

static void any_network(struct vc_impair_conf *c, struct die *d)
{
	do {
		vc_impair_conf_init(c);
		c->loss = (enum vc_impair_loss)roll(d, VC_LOSS_STATE + 1);
		c->loss_share = (uint32_t)roll(d, VC_IMPAIR_ALL + 1);
		c->burst_milli = (uint32_t)roll(d, 10000);
		c->n_lost = 1;
		c->lost[0].step = 1 + roll(d, 10);
		c->lost[0].last = roll(d, PACKETS);
		for (size_t i = 0; i < VC_COUNT(c->chain.p); i++)
			c->chain.p[i] = (uint32_t)roll(d, VC_IMPAIR_ALL + 1);
		c->delay = (int64_t)roll(d, 1u << roll(d, 31));
		c->jitter = (int64_t)roll(d, 1u << roll(d, 31));
		c->distribution =
			(enum vc_impair_jitter)roll(d, VC_JITTER_UNIFORM + 1);
		c->keeps_order = roll(d, 2);
		c->reorder_share = (uint32_t)roll(d, VC_IMPAIR_ALL / 2);
		c->reorder_by = (unsigned int)roll(d, 5);
		c->reorder_time = (int64_t)roll(d, VC_SEC);
		c->duplicate_share = (uint32_t)roll(d, VC_IMPAIR_ALL / 2);
		c->corrupt_share = (uint32_t)roll(d, VC_IMPAIR_ALL / 2);
		c->rate_bps = 1000 + roll(d, 1u << roll(d, 31));
		c->rate_bps *= roll(d, 2);
		c->max_octets = 1 << 18;
	} while (vc_impair_check(c));
}

static void put(struct vc_impair *im, struct vc_pool *pool, size_t len,
		int64_t now)
{
	struct vc_packet *pkt = vc_packet_new(pool, len);

	pkt->len = len;
	vc_impair_put(im, pkt, NULL, 0, now);
	vc_packet_unref(pkt);
}

/* Takes out what is due; not before '*last', which moves on. */
static void get(struct vc_impair *im, int64_t now, int64_t *last)
{
	struct vc_packet *pkt;
	int64_t due;

	while ((pkt = vc_impair_get(im, now, &due, NULL))) {
		assert_true(due >= *last && due <= now);
		*last = due;
		vc_packet_unref(pkt);
	}
	assert_true(vc_impair_next(im) > now || !vc_impair_held(im));
}

static void drive(struct vc_impair *im, struct vc_pool *pool, struct die *d)
{
	const struct vc_impair_counts *c = vc_impair_counts(im);
	int64_t now = VC_VIRTUAL_EPOCH, last = now;
	uint64_t sum = 0;

	for (int i = 0; i < PACKETS; i++) {
		struct vc_impair_conf conf = *vc_impair_conf(im);

		now += (int64_t)roll(d, 4 * VC_MS);
		get(im, now, &last);
		put(im, pool, roll(d, 1500), now);
		if (i % 100)
			continue;
		conf.rate_bps = 1000 + roll(d, 10000000);
		vc_impair_set(im, &conf, now);
	}
	get(im, INT64_MAX, &last);
	assert_int_equal(vc_impair_held(im), 0);
	for (int f = 0; f < VC_FATES; f++)
		sum += c->fate[f];
	assert_int_equal(sum, PACKETS);
	assert_int_equal(c->out_packets,
			 c->fate[VC_FATE_PASSES] + c->duplicated);
}

/* Each is accounted for; none comes out before its time or out of turn. */
static void none_goes_astray(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct die d = { .i = 0 };

	(void)state;
	vc_rand_init(&d.rand, 1, "test", NULL);
	for (int k = 0; k < NETWORKS; k++) {
		struct vc_impair_conf conf;
		struct vc_impair *im;

		any_network(&conf, &d);
		im = vc_impair_new(&conf, &d.rand, (uint64_t)k,
				   VC_VIRTUAL_EPOCH);
		assert_non_null(im);
		drive(im, pool, &d);
		vc_impair_free(im);
		assert_int_equal(vc_pool_used(pool), 0);
	}
	vc_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_goes_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
