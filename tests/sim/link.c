/* SPDX-License-Identifier: MIT */
/* See sim/link.h. What is sent is copied, so that ends share no packets. */
#include "sim/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

void sim_init(struct sim *sim, uint64_t seed)
{
	*sim = (struct sim){ .now = VC_VIRTUAL_EPOCH };
	vc_timers_init(&sim->timers);
	sim->pool = vc_pool_new();
	vc_rand_init(&sim->rand, seed, "sim", NULL);
}

void sim_clear(struct sim *sim)
{
	assert_int_equal(vc_pool_used(sim->pool), 0);
	vc_pool_free(sim->pool);
	vc_timers_clear(&sim->timers);
}

void sim_at(struct sim *sim, struct vc_timer *timer, int64_t deadline)
{
	timer->deadline = deadline > sim->now ? deadline : sim->now;
	vc_timers_add(&sim->timers, timer);
}

void sim_cancel(struct sim *sim, struct vc_timer *timer)
{
	vc_timers_remove(&sim->timers, timer);
}

void sim_run(struct sim *sim, int64_t until)
{
	while (sim->timers.n && sim->timers.heap[1]->deadline <= until) {
		struct vc_timer *timer = sim->timers.heap[1];

		vc_timers_remove(&sim->timers, timer);
		sim->now = timer->deadline;
		timer->fn(timer->ctx, sim->now);
	}
	sim->now = until;
}

static void arm(struct sim_way *way)
{
	int64_t next = vc_impair_next(way->im);

	if (next == INT64_MAX)
		sim_cancel(way->link->sim, &way->timer);
	else
		sim_at(way->link->sim, &way->timer, next);
}

static void deliver(void *ctx, int64_t now)
{
	struct sim_way *way = ctx;
	const struct sim_end *end = &way->link->end[way->to];
	struct vc_packet *pkt;
	int64_t due;

	while ((pkt = vc_impair_get(way->im, now, &due, NULL))) {
		/* Duplicates are one packet here; ends get one each. */
		struct vc_packet *own =
			vc_packet_new(way->link->sim->pool, pkt->len);

		assert_non_null(own);
		memcpy(own->data, pkt->data, pkt->len);
		own->len = pkt->len;
		own->arrival = due;
		vc_packet_unref(pkt);
		if (end->recv)
			end->recv(end->ctx, own, due);
		vc_packet_unref(own);
	}
	arm(way);
}

void sim_link_open(struct sim_link *link, struct sim *sim,
		   const struct vc_impair_conf *there,
		   const struct vc_impair_conf *back)
{
	const struct vc_impair_conf *confs[] = { there, back };
	struct vc_impair_conf perfect;

	vc_impair_conf_init(&perfect);
	*link = (struct sim_link){ .sim = sim };
	for (int i = 0; i < 2; i++) {
		struct sim_way *way = &link->way[i];

		way->link = link;
		way->to = !i;
		way->timer = (struct vc_timer){ .fn = deliver, .ctx = way };
		way->im = vc_impair_new(confs[i] ? confs[i] : &perfect,
					&sim->rand, sim->links, sim->now);
		assert_non_null(way->im);
		sim->links++;
	}
}

void sim_link_close(struct sim_link *link)
{
	for (int i = 0; i < 2; i++) {
		sim_cancel(link->sim, &link->way[i].timer);
		vc_impair_free(link->way[i].im);
	}
}

void sim_link_set(struct sim_link *link, int from,
		  const struct vc_impair_conf *conf)
{
	vc_impair_set(link->way[from].im, conf, link->sim->now);
	arm(&link->way[from]);
}

enum vc_impair_fate sim_send(struct sim_link *link, int from, const void *p,
			     size_t len)
{
	struct sim_way *way = &link->way[from];
	struct vc_packet *pkt = vc_packet_new(link->sim->pool, len);
	enum vc_impair_fate fate;

	assert_non_null(pkt);
	memcpy(pkt->data, p, len);
	pkt->len = len;
	fate = vc_impair_put(way->im, pkt, NULL, 0, link->sim->now);
	vc_packet_unref(pkt);
	arm(way);
	return fate;
}

const struct vc_impair_counts *sim_link_counts(const struct sim_link *link,
					       int from)
{
	return vc_impair_counts(link->way[from].im);
}
