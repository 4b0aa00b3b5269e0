/* SPDX-License-Identifier: MIT */
/*
 * A sender with a bandwidth estimate, a bottleneck and a receiver, on a clock
 * of their own. The sender is a source whose pictures follow the estimate, a
 * pacer and session/bwe; the receiver is session/twccrx; feedback travels as
 * octets. The bottleneck is a token bucket with a queue that drops what does
 * not fit, as `tc qdisc add ... tbf rate R burst B limit L` does; sizes there
 * are those of the link layer.
 */
#ifndef VC_SIM_BWESIM_H
#define VC_SIM_BWESIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bwesim;

struct bwesim_conf {
	uint64_t link_bps;
	size_t burst;	/* octets */
	int64_t limit;	/* time that the queue takes at the rate */
	int64_t rtt;	/* without queue */
	int64_t jitter; /* at most, after the bottleneck */
	double loss;	/* of packets, anywhere */
	double feedback_loss;
	double skew_ppm; /* of the receiver's clock */
	int64_t clock;	 /* its distance */
	uint64_t start_bps;
	uint64_t source_bps; /* most that the source makes; 0: no limit */
	uint64_t cross_bps;  /* of another's packets through the bottleneck */
	uint64_t seed;
	bool by_ssrc; /* RFC 8888 */
};

/* What happened from 'from' to 'to'. */
struct bwesim_span {
	double link_bps; /* ours, through the bottleneck, its octets */
	double sent_bps;
	double loss;   /* of ours, 0..1 */
	int64_t queue; /* mean wait in the bottleneck */
	int64_t queue_max;
	uint64_t target; /* at the end */
	uint64_t target_min;
};

struct bwesim *bwesim_new(const struct bwesim_conf *conf);
void bwesim_free(struct bwesim *s);

/* Lets 'span' ns pass. */
struct bwesim_span bwesim_run(struct bwesim *s, int64_t span);

/* The bottleneck changes; its queue keeps what it holds. 0 bps: a blackout. */
void bwesim_link(struct bwesim *s, uint64_t bps);
void bwesim_source(struct bwesim *s, uint64_t bps);

const struct vc_bwe *bwesim_bwe(const struct bwesim *s);

#endif
