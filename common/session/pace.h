/* SPDX-License-Identifier: MIT */
/*
 * A leaky bucket: spreads packets at a rate instead of bursts (a key frame is
 * easily 50 packets at once). Exact integers: over any time it lets out at
 * most rate * time + burst.
 */
#ifndef VC_SESSION_PACE_H
#define VC_SESSION_PACE_H

#include <stddef.h>
#include <stdint.h>

struct vc_pace {
	uint64_t rate_bps; /* 0: no limit */
	int64_t burst_ns;  /* what may go at once, as time at the rate */
	int64_t free_at;   /* when all that was sent has drained */
	uint64_t frac;	   /* of a ns, in rate_bps-ths */
};

/* 'burst' octets may go at once (at least one packet always may). */
void vc_pace_init(struct vc_pace *p, uint64_t rate_bps, size_t burst);

/* The rate changes; what was sent so far stays as it was counted. */
void vc_pace_rate(struct vc_pace *p, uint64_t rate_bps, size_t burst);

/* The same, but what has not drained yet does so at a rate that is higher: it
 * may have been too much for the one before by far. */
void vc_pace_rise(struct vc_pace *p, uint64_t rate_bps, size_t burst,
		  int64_t now);

/* The earliest time >= 'now' at which the next packet may go. */
int64_t vc_pace_next(const struct vc_pace *p, int64_t now);

/* A packet of 'len' octets went at 'now'. */
void vc_pace_sent(struct vc_pace *p, size_t len, int64_t now);

#endif
