/* SPDX-License-Identifier: MIT */
/*
 * What one source's packets were like in an interval, for the statistics
 * summary and VoIP metrics of extended reports (RFC 3611 sections 4.6, 4.7).
 *
 * Bursts (section 4.7.2) are session/xrbursts.h's. A place is judged when VC_XR_WINDOW places after it have
 * passed, or the interval ends; what comes later changes nothing. Constant
 * memory; at most VC_RX_DROPOUT steps a packet.
 */
#ifndef VC_SESSION_XRSTATS_H
#define VC_SESSION_XRSTATS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/xrbursts.h"
#include "wire/rtcpxr.h"

#define VC_XR_WINDOW 512

/* Minimum, maximum, sums. */
struct vc_xrspread {
	uint64_t n;
	uint32_t min;
	uint32_t max;
	uint64_t sum;
	uint64_t sum_sq;
};

/* Start with zeros. */
struct vc_xrstats {
	bool is_started;
	int64_t begin; /* of the interval */
	int64_t next;  /* the first place not judged yet */
	int64_t highest;
	uint64_t came[VC_XR_WINDOW / 64]; /* bit seq mod VC_XR_WINDOW */
	uint64_t discarded[VC_XR_WINDOW / 64];
	uint64_t n_lost;
	uint64_t n_dup;
	uint64_t n_discarded;
	struct vc_xrbursts bursts;
	bool has_ts;
	uint32_t last_ts;
	int64_t last_arrival;
	struct vc_xrspread jitter;
	struct vc_xrspread hops;
	uint32_t rate_hz;
	int64_t per_packet; /* ns of media, by timestamps; 0: not known */
};

/*
 * A packet; 'seq' is its extended sequence number (vc_rxstats.seq), forward by
 * less than VC_RX_DROPOUT or the first after a restart. 'rate_hz' that of 'ts',
 * 0: not known. 'hops' is TTL or hop limit, -1: not known.
 */
void vc_xrstats_packet(struct vc_xrstats *x, int64_t seq, uint32_t ts,
		       uint32_t rate_hz, int hops, int64_t arrival);
/* It came before. */
void vc_xrstats_duplicate(struct vc_xrstats *x);
/* It came, but the jitter buffer had no use for it. */
void vc_xrstats_discarded(struct vc_xrstats *x, int64_t seq);

/* What comes now is elsewhere in sequence space: no loss between. */
void vc_xrstats_restart(struct vc_xrstats *x);

/*
 * Ends the interval: fills in all of both but the SSRCs, the kind of hops (set
 * 'hops' before: it stays where any were seen) and, in 'voip', what only the
 * caller knows: delays (0), levels, R and MOS (VC_XR_NONE), jitter buffer and
 * concealment (unknown). 'voip' may be NULL. False: nothing came in it.
 */
bool vc_xrstats_take(struct vc_xrstats *x, struct vc_xr_summary *summary,
		     struct vc_xr_voip *voip);

#endif
