/* SPDX-License-Identifier: MIT */
/*
 * What the answers to a pattern of probes (wire/pathpkt.h) say of the path.
 * Four times belong to an answered probe: t1 it left, t2 it arrived, t3 the
 * answer left, t4 it arrived; t2 and t3 are by the far clock.
 *
 * Round trip: (t4 - t1) - (t3 - t2). The clocks' offset is taken where that was
 * least, as NTP does (RFC 5905, section 8): ((t2 - t1) + (t3 - t4)) / 2, and is
 * wrong by at most half of that round trip, whatever the path. Delay variation
 * (RFC 5481, 4.2) is that of a direction over its least delay and needs no
 * offset. In ten seconds and more the clocks' skew is seen, by the least delays
 * of each second in both directions, and taken out.
 */
#ifndef VC_SESSION_PATHMETER_H
#define VC_SESSION_PATHMETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/clockfit.h"
#include "wire/pathpkt.h"

#define VC_PATHMETER_RECENT 16384      /* probes whose answers have delays */
#define VC_PATHMETER_SAMPLES 65536     /* when full, every second one goes */
#define VC_PATHMETER_PLACES (1u << 20) /* probes whose loss is placed */

struct vc_pathmeter;

/* NULL when out of memory. */
struct vc_pathmeter *vc_pathmeter_new(void);
void vc_pathmeter_free(struct vc_pathmeter *m);

/* Indices count up from 0. */
void vc_pathmeter_sent(struct vc_pathmeter *m, uint32_t index, int64_t at,
		       uint8_t dscp);

/* How an answer came. */
struct vc_pathmeter_in {
	int64_t at;
	int dscp, ttl;	     /* -1: not known */
	uint32_t duplicates; /* of all answers, so far */
};

/* An answer to MEDIA, or to END: the far end's last counts. */
void vc_pathmeter_answer(struct vc_pathmeter *m, const struct vc_path_answer *a,
			 const struct vc_pathmeter_in *in);

/* ns; all VC_TIME_NONE where there was nothing. */
struct vc_path_spread {
	int64_t min, mean, p50, p95, p99, max;
};

/* One direction. Up is to the far end. */
struct vc_path_way {
	uint64_t sent, received, lost, duplicates, reordered;
	uint64_t bursts; /* runs of lost ones; up to _PLACES probes */
	uint64_t burst_longest;
	struct vc_path_spread delay; /* by the offset */
	struct vc_path_spread variation;
	int64_t jitter, jitter_max; /* RFC 3550, A.8; mean. VC_TIME_NONE */
	uint64_t dscp_known, dscp_kept;
	int dscp_sent, dscp_arrived; /* the most of them; -1: not known */
	int ttl;		     /* that the last one had left; likewise */
};

struct vc_path_result {
	struct vc_path_way up, down;
	struct vc_path_spread rtt;
	int64_t offset;	      /* far clock - this one; VC_TIME_NONE */
	int64_t offset_error; /* at most */
	bool has_skew;
	double skew_ppm; /* by which the far clock is fast */
	bool is_final;	 /* the far end told its last counts */
	uint64_t capped; /* probes that it did not answer, over its rate */
};

void vc_pathmeter_result(struct vc_pathmeter *m, struct vc_path_result *out);

/* The least round trip so far, or VC_TIME_NONE. */
int64_t vc_pathmeter_rtt(const struct vc_pathmeter *m);

#endif
