/* SPDX-License-Identifier: MIT */
/*
 * How late the units of a source come, against its fastest: a histogram that
 * forgets. A unit is what has one RTP time (a picture comes as late as its last
 * packet). Integers only, constant memory, constant time a packet; forgetting
 * goes by the seconds in which something came, so a silence forgets nothing.
 */
#ifndef VC_SESSION_SPREAD_H
#define VC_SESSION_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#define VC_SPREAD_BINS 128
#define VC_SPREAD_WIDTH INT64_C(4000000) /* ns; all of it: 512 ms */

/* All zeros at first. */
struct vc_spread {
	uint32_t bins[VC_SPREAD_BINS];
	uint64_t sum;
	int64_t faded_at;
	/* the newest unit, not in 'bins' yet */
	bool has_unit;
	uint32_t ts;
	int64_t delay;
};

/*
 * A packet of the unit 'ts' came 'delay' ns late. Later than all bins is what
 * no delay would have saved: it is left out.
 */
void vc_spread_add(struct vc_spread *s, uint32_t ts, int64_t delay,
		   int64_t arrival);

/* The fastest is slower by 'by' (0 or more): all were less late. */
void vc_spread_lower(struct vc_spread *s, int64_t by);

/* The delay that all but 'per_10000' keep to, rounded up; 0: nothing came. */
int64_t vc_spread_quantile(const struct vc_spread *s, unsigned int per_10000);

#endif
