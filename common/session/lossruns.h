/* SPDX-License-Identifier: MIT */
/*
 * Whether losses come alone or in a row: the burst ratio of ITU-T G.107
 * (BurstR), the mean length of the runs of lost packets over the length they
 * would have if the same share were lost at random, which is 1 / (1 - loss).
 * 1: random; 2 and more: bursts. And the bursts and gaps of RFC 3611.
 *
 * A place counts as lost when VC_RX_WINDOW places after it have passed, as in
 * session/rxstats.h. Constant memory; at most VC_RX_DROPOUT steps a packet.
 */
#ifndef VC_SESSION_LOSSRUNS_H
#define VC_SESSION_LOSSRUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/rxstats.h"
#include "session/xrbursts.h"

/* Start with zeros. */
struct vc_lossruns {
	bool is_started;
	bool in_run;	 /* the place before 'next' is lost */
	int64_t next;	 /* the first place that is not judged yet */
	int64_t highest; /* the newest one that came */
	uint64_t received;
	uint64_t lost;
	uint64_t runs;
	struct vc_xrbursts bursts;
	uint64_t window[VC_RX_WINDOW / 64]; /* bit seq mod VC_RX_WINDOW */
};

/*
 * A packet of media that is new; 'seq' is its extended sequence number.
 * Forward by less than VC_RX_DROPOUT, or it is the first after a restart.
 */
void vc_lossruns_put(struct vc_lossruns *l, int64_t seq);

/* What comes now is elsewhere in sequence space: no loss between. */
void vc_lossruns_restart(struct vc_lossruns *l);

/* Of all so far; 0 where nothing was lost. */
double vc_lossruns_ratio(const struct vc_lossruns *l);

/* Bursts and gaps of all so far (RFC 3611 4.7.2), of the places that were lost. */
void vc_lossruns_bursts(const struct vc_lossruns *l, struct vc_xrbursts *out);

#endif
