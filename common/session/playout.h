/* SPDX-License-Identifier: MIT */
/*
 * When media is due: one delay for all sources of one CNAME, so that lips fit.
 *
 * Each source keeps its transit, the smallest arrival - author's time over the
 * last 10 s (a window, so that a clock 500 ppm off moves it and never drifts
 * away). A packet's place in stream time is its author's time + the largest
 * transit among the sources of its CNAME that have sender reports; it is due
 * 'latency' later. A source without report goes by its own transit alone, and
 * so does one whose transit is more than 2 s from another's: clocks that far
 * apart are not one clock (hostile.md C6).
 *
 * The latency is fixed or adaptive. Adaptive, it is what keeps late units of
 * each source of the participant under VC_PLAYOUT_LATE (of 10,000), by the
 * delays of about the last half minute (session/spread.h). It grows at once,
 * also when a few units in a second come late, and shrinks by 20 ms a second,
 * which is stretched away unheard. When the window of minima moves, latency
 * moves against it: what is due stays due.
 *
 * Nothing waits for ever: a step of a source's RTP time follows arrival at
 * once, and one that has been late by 500 ms for a whole 500 ms is followed
 * too (hostile.md H8).
 */
#ifndef VC_SESSION_PLAYOUT_H
#define VC_SESSION_PLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "session/spread.h"
#include "session/tsmap.h"

#define VC_PLAYOUT_BUCKETS 20 /* of 500 ms */

/* Adaptive latency: how it is asked for, its bounds, units that may be late. */
#define VC_PLAYOUT_AUTO INT64_C(-1)
#define VC_PLAYOUT_MIN INT64_C(20000000)
#define VC_PLAYOUT_MAX INT64_C(500000000)
#define VC_PLAYOUT_LATE 50
#define VC_PLAYOUT_BURST 3 /* late units in a second that make it grow */

struct vc_json;
struct vc_playout_source;

/* A participant's. Up to 'late' all may be read. */
struct vc_playout {
	int64_t latency; /* now */
	int64_t target;	 /* adaptive: what it shrinks to */
	bool is_auto;
	uint64_t units;
	uint64_t late; /* of them: arrived after they were due */

	struct vc_playout_source *first;
	int64_t round_trip;
	bool has_looked;
	int64_t looked_at;
	int64_t hold_until;
	/* the last units that were late or nearly so, a ring */
	struct {
		int64_t at;
		int64_t need;
	} over[VC_PLAYOUT_BURST];
	uint64_t n_over;
};

/* Embedded in what keeps a source. 'map' may be read. */
struct vc_playout_source {
	struct vc_tsmap map;
	struct vc_playout *home; /* NULL: alone */
	struct vc_playout_source *next;
	uint64_t clock;	 /* equal: the same author's clock; 0: nobody's */
	int64_t transit; /* smallest in the window */
	int64_t bucket_min[VC_PLAYOUT_BUCKETS];
	int64_t bucket_start;
	unsigned int bucket;
	unsigned int bucket_n; /* packets in the newest */
	bool has_transit;
	uint64_t resyncs; /* steps that were followed */
	/* Text: follows the others, who neither wait for it nor go by it. Set
	 * after vc_playout_source_init(). */
	bool is_aside;
	struct vc_spread spread;
	bool is_over; /* the newest unit, so that it counts once */
	bool is_late;
};

/* 'latency' in ns, or VC_PLAYOUT_AUTO. */
void vc_playout_init(struct vc_playout *p, int64_t latency);

/*
 * Adaptive: what is lost comes again after 'round_trip' (0: it does not), so
 * the latency leaves time for that.
 */
void vc_playout_repair(struct vc_playout *p, int64_t round_trip);

/* 'rate_hz' of its RTP time. It is alone until it joins. With NULL as the source
 * this, the next two and a sender report do nothing. */
void vc_playout_source_init(struct vc_playout_source *s, uint32_t rate_hz);

/*
 * Joins 's' (leaving where it was) with 'clock', a hash of its CNAME (0: none
 * is known). Both must stay where they are until it leaves.
 */
void vc_playout_join(struct vc_playout *p, struct vc_playout_source *s,
		     uint64_t clock);
void vc_playout_leave(struct vc_playout_source *s);

/*
 * Its RTP time is another clock's, of 'rate_hz', from the packet 'ts' on that
 * arrived now: what was known of the old one is forgotten, but whose it is.
 */
void vc_playout_reclock(struct vc_playout_source *s, uint32_t rate_hz,
			uint32_t ts, int64_t arrival);

/* A packet of 's' arrived. True when its time line broke: a resync event. */
bool vc_playout_packet(struct vc_playout_source *s, uint32_t ts,
		       int64_t arrival);

/*
 * The reader had the unit 'ts' only 'by' after it was due, though it arrived in
 * time: the way from there to here is part of the delay.
 */
void vc_playout_missed(struct vc_playout_source *s, uint32_t ts, int64_t by,
		       int64_t arrival);

/* A sender report of 's' arrived; as vc_tsmap_sr(). */
int vc_playout_sr(struct vc_playout_source *s, uint64_t ntp, uint32_t ts,
		  int64_t arrival);

/*
 * The place of 'ts' in stream time: when the slowest source of its CNAME would
 * have brought it at best. Needs a packet of 's' before.
 */
int64_t vc_playout_time(const struct vc_playout_source *s, uint32_t ts);

/* The same + latency: when it is due. */
int64_t vc_playout_due(const struct vc_playout_source *s, uint32_t ts);

/*
 * Sets latency_ms (now), target_ms (what it shrinks to), and delay_p50_ms and
 * delay_p95_ms of this source's units over its fastest (null: none came) in a
 * statistics record.
 */
void vc_playout_stats(const struct vc_playout_source *s, struct vc_json *j);

#endif
