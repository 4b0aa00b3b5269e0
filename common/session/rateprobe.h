/* SPDX-License-Identifier: MIT */
/*
 * The highest rate that a path carries at under 1 % loss and 50 ms of
 * queueing, in seconds:
 *
 * - climb: 200 ms of packets at a rate, at twice that, and so on, until they
 *   are lost, queue, or arrive more slowly than they were sent;
 * - measure: half a second at a quarter more than what arrived. In its second
 *   half a shaper's bucket is empty, and what arrives is what the path carries;
 * - when the queue has drained, hold: a second at 97 % of that has to arrive
 *   within the limits, else 5 % less, and so on, in larger steps.
 *
 * Rates are of IP packets with their headers. Pure: it is told when packets
 * left and, by the far clock, when they arrived.
 */
#ifndef VC_SESSION_RATEPROBE_H
#define VC_SESSION_RATEPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_RATEPROBE_LOSS 0.01
#define VC_RATEPROBE_QUEUE INT64_C(50000000)
#define VC_RATEPROBE_PACKETS 32768 /* of one step */

struct vc_rateprobe_conf {
	uint64_t min_bps, max_bps;
	uint32_t min_octets; /* of an IP packet */
	uint32_t max_octets;
	int64_t rtt;	/* least so far */
	int64_t budget; /* no longer than that */
};

enum vc_rateprobe_state {
	VC_RATEPROBE_CLIMB,
	VC_RATEPROBE_MEASURE,
	VC_RATEPROBE_DRAIN,
	VC_RATEPROBE_HOLD,
	VC_RATEPROBE_DONE,
};

struct vc_rateprobe_result {
	uint64_t bps;	  /* 0: none was found */
	bool is_limit;	  /* false: the path may carry more than max_bps */
	bool is_held;	  /* it was seen to hold, not only measured */
	double loss;	  /* of the packets at that rate */
	int64_t queueing; /* p95 of their delay over the least, ns */
	unsigned int steps;
	uint64_t octets; /* that were sent */
	int64_t took;
};

struct vc_rateprobe_packet {
	int64_t sent, arrived; /* arrived: VC_TIME_NONE: not */
};

struct vc_rateprobe {
	struct vc_rateprobe_conf conf;
	enum vc_rateprobe_state state;
	struct vc_rateprobe_result result;
	int64_t begun;
	/* the step at hand */
	uint64_t bps;
	uint32_t octets; /* of each packet */
	uint32_t first;	 /* index of its first packet */
	uint32_t n, sent, arrived;
	int64_t start, ended; /* ended: VC_TIME_NONE: not all are sent */
	int64_t until;	      /* DRAIN */
	int64_t least;	      /* delay by two clocks; VC_TIME_NONE */
	uint64_t measured;    /* bit/s */
	unsigned int holds;
	struct vc_rateprobe_packet *packet;
	int64_t *sorted;
};

/* 0 or -ENOMEM. */
int vc_rateprobe_init(struct vc_rateprobe *p,
		      const struct vc_rateprobe_conf *conf, int64_t now);
void vc_rateprobe_clear(struct vc_rateprobe *p);

/* True: a packet of '*octets' (of IP) with that index is to leave now; ask
 * again. It is said to have left by vc_rateprobe_sent(). */
bool vc_rateprobe_due(struct vc_rateprobe *p, int64_t now, uint32_t *index,
		      uint32_t *octets);
void vc_rateprobe_sent(struct vc_rateprobe *p, uint32_t index, int64_t at);
/* By the far clock. */
void vc_rateprobe_arrived(struct vc_rateprobe *p, uint32_t index, int64_t at);

/* When to ask again. VC_RATEPROBE_DONE: never. */
int64_t vc_rateprobe_next(const struct vc_rateprobe *p, int64_t now);
/* Goes on where a step is over. */
void vc_rateprobe_tick(struct vc_rateprobe *p, int64_t now);

#endif
