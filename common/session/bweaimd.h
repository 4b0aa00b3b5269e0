/* SPDX-License-Identifier: MIT */
/*
 * Rate control of a bandwidth estimate (draft-ietf-rmcat-gcc-02 sections 5.5
 * and 6): up by a share while the path is unknown, by steps near what it
 * carried when it was last full, down to a share of what arrived when delays
 * say it is over-used; and a second limit from loss. A part of session/bwe.
 */
#ifndef VC_SESSION_BWEAIMD_H
#define VC_SESSION_BWEAIMD_H

#include <stdbool.h>
#include <stdint.h>

#include "session/bwetrend.h"

struct vc_bwe_aimd {
	double bps;
	bool has_capacity; /* what arrived when the path was full: */
	double capacity;   /* mean, kbit/s */
	double variance;   /* of it, by the mean */
	int64_t updated;
	int64_t decreased;
};

struct vc_bwe_loss {
	double limit; /* 0: none */
	uint64_t n;   /* packets reported since 'since' */
	uint64_t lost;
	int64_t since;
	int64_t decreased;
	double fraction; /* of the last interval */
};

void vc_bwe_aimd_init(struct vc_bwe_aimd *a, double bps, int64_t now);

/*
 * 'acked' is what arrives in bits a second, 0 where that is not known; with
 * 'is_full' a queue stands, so that it is what the path carries. True when the
 * rate went down.
 */
bool vc_bwe_aimd_update(struct vc_bwe_aimd *a, enum vc_bwe_use use,
			double acked, bool is_full, int64_t rtt, int64_t now);

/* The rate is known otherwise, by a probe. */
void vc_bwe_aimd_set(struct vc_bwe_aimd *a, double bps, int64_t now);

/* The path was full and carried 'bps'. */
void vc_bwe_aimd_learn(struct vc_bwe_aimd *a, double bps);

/* True when 'bps' is more than the path has carried when it was full, or when
 * it never was. */
bool vc_bwe_aimd_is_beyond(const struct vc_bwe_aimd *a, double bps);

void vc_bwe_loss_init(struct vc_bwe_loss *l);

/* Of 'n' packets reported 'lost' did not come; 'bps' is what we send at. */
void vc_bwe_loss_update(struct vc_bwe_loss *l, uint64_t n, uint64_t lost,
			double bps, int64_t rtt, int64_t now);

#endif
