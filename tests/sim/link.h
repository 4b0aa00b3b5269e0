/* SPDX-License-Identifier: MIT */
/*
 * Two endpoints and a network between them, on a simulated clock: what session
 * logic is tested on. The network is a vc_impair each way. A test embeds
 * everything, gives each end a function for what reaches it, arms vc_timers,
 * and runs the clock; the same seed gives the same run.
 *
 *	struct sim sim;
 *	struct sim_link link;
 *
 *	sim_init(&sim, 1);
 *	sim_link_open(&link, &sim, &there, &back);
 *	link.end[SIM_B] = (struct sim_end){ .recv = take, .ctx = &bob };
 *	sim_send(&link, SIM_A, packet, len);
 *	sim_run(&sim, sim.now + 10 * VC_SEC);
 *	sim_link_close(&link);
 *	sim_clear(&sim);
 */
#ifndef VC_SIM_LINK_H
#define VC_SIM_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/rand.h"
#include "net/timers.h"
#include "session/impair.h"

/* The clock begins at VC_VIRTUAL_EPOCH. */
struct sim {
	int64_t now;
	struct vc_timers timers;
	struct vc_pool *pool;
	struct vc_rand rand;
	uint64_t links; /* opened so far: each has luck of its own */
};

void sim_init(struct sim *sim, uint64_t seed);
/* All links are closed. Fails the test where packets are still referenced. */
void sim_clear(struct sim *sim);

/* A vc_timer as in net/loop.h; 'now' is its deadline. (Re)arms. */
void sim_at(struct sim *sim, struct vc_timer *timer, int64_t deadline);
void sim_cancel(struct sim *sim, struct vc_timer *timer);

/* Runs all that is due until then, that time included. */
void sim_run(struct sim *sim, int64_t until);

enum { SIM_A, SIM_B };

struct sim_end {
	/* A packet has come; take a reference to keep it. It is nobody else's,
	 * so it may be changed in place. */
	void (*recv)(void *ctx, struct vc_packet *pkt, int64_t now);
	void *ctx;
};

struct sim_link;

/* The way from one end to the other. */
struct sim_way {
	struct sim_link *link;
	struct vc_impair *im;
	struct vc_timer timer;
	int to;
};

struct sim_link {
	struct sim *sim;
	struct sim_end end[2];
	struct sim_way way[2]; /* by where it begins */
};

/* 'there' is from A to B. NULL: perfect. */
void sim_link_open(struct sim_link *link, struct sim *sim,
		   const struct vc_impair_conf *there,
		   const struct vc_impair_conf *back);
void sim_link_close(struct sim_link *link);

/* The network changes, from end 'from' to the other. */
void sim_link_set(struct sim_link *link, int from,
		  const struct vc_impair_conf *conf);

/* End 'from' sends. What becomes of it is for the test alone to know. */
enum vc_impair_fate sim_send(struct sim_link *link, int from, const void *p,
			     size_t len);

const struct vc_impair_counts *sim_link_counts(const struct sim_link *link,
					       int from);

#endif
