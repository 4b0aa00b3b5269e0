/* SPDX-License-Identifier: MIT */
/*
 * RTP time of one source -> time of a recording. The line follows the RTP
 * clock exactly; where sender reports come to say otherwise it bends towards
 * them (engine/timeline.h says how much). Sources of one CNAME share an
 * offset between their author's clock and ours, taken once, so that lips fit
 * whatever the network did; it follows drift at 0.05 % when 100 ms off.
 */
#ifndef VC_ENGINE_LINE_H
#define VC_ENGINE_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct vc_playout_source;

/* ns: stream time = author's time + offset. Counted references. */
struct vc_line_clock {
	uint64_t key; /* hash of the CNAME; 0: one source's own */
	int64_t offset;
	bool is_bending;
	int64_t looked_at; /* time of the recording */
	unsigned int refs;
	struct vc_line_clock *next;
};

struct vc_line {
	const struct vc_playout_source *play;
	struct vc_line_clock **clocks; /* of the recording */
	struct vc_line_clock *clock;   /* NULL before the start */
	uint64_t key;
	bool by_report;
	int bend_part; /* bends by 1/bend_part */
	bool is_bending;
	bool has_unit;
	bool has_started;
	/* the line: 'ref_ts' is 'ref_time' */
	uint32_t ref_ts;
	int64_t ref_time;
	/* the newest unit */
	uint32_t last_ts;
	int64_t last_time;
	int64_t last_duration;
	int64_t last_arrival;
	/* breaks of RTP time that the packets had and the units had not yet */
	uint64_t seen_jumps;
	int64_t unsettled;
	uint64_t jumps;
};

/*
 * Both pointers are borrowed until vc_line_clear(). '*clocks' is NULL at
 * first; lines that share it share the offsets of equal clocks.
 */
void vc_line_init(struct vc_line *l, const struct vc_playout_source *play,
		  struct vc_line_clock **clocks, bool is_sound);
void vc_line_clear(struct vc_line *l);

/*
 * The time of the next unit; 'duration' 0: unknown. Before the start times
 * count from the first unit. 0, -ETIME when it is not after the one before
 * it, or -ENOMEM.
 */
int vc_line_put(struct vc_line *l, uint32_t ts, int64_t duration,
		int64_t arrival, int64_t *time);

/*
 * Enough is known: ties the line to stream time. '*shift' is what to add to
 * all times that were given. Needs a unit. 0 or -ENOMEM.
 */
int vc_line_start(struct vc_line *l, int64_t *shift);

#endif
