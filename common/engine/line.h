/* SPDX-License-Identifier: MIT */
/*
 * RTP time of one source -> time of a recording. The line follows the RTP
 * clock exactly; where sender reports come to say otherwise it bends towards
 * them (engine/timeline.h says how much), or towards the straight line through
 * all of them where there is one (session/clockfit.h). Sources of one CNAME
 * share an offset between their author's clock and ours, taken once, so that
 * lips fit whatever the network did; it follows drift at 0.05 % when 100 ms off.
 *
 * The author's clock may be set while media goes on as it did: the line goes on
 * then, too. A first report may have been wrong: then it mends. Which of both
 * it was, arrival tells, beside that of the author's other sources. A sender
 * that stood still (session/stall.h) goes on where it arrives; his reports say
 * so later.
 */
#ifndef VC_ENGINE_LINE_H
#define VC_ENGINE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/stall.h"

struct vc_clockfit_line;
struct vc_line;
struct vc_playout_source;

/* ns: stream time = author's time + offset. Goes with the last of its lines. */
struct vc_line_clock {
	uint64_t key; /* hash of the CNAME; 0: one source's own */
	int64_t offset;
	bool is_bending;
	int64_t looked_at; /* time of the recording */
	struct vc_line *first;
	struct vc_line_clock *next;
};

struct vc_line {
	const struct vc_playout_source *play;
	const struct vc_clockfit_line *fit; /* or NULL */
	struct vc_line *peer;		    /* the next one of this clock */
	struct vc_line_clock **clocks;	    /* of the recording */
	struct vc_line_clock *clock;	    /* NULL before the start */
	uint64_t key;
	bool by_report;
	int bend_part; /* bends by 1/bend_part */
	bool is_bending;
	bool has_unit;
	bool has_started;
	struct vc_stall stall;
	int64_t late;	 /* by how much the last one before that was */
	int64_t stepped; /* what the author's clock was set forward by */
	int64_t stalled; /* what reports do not know of yet */
	int64_t error;	 /* by how much the newest unit was too early */
	int64_t lag;	 /* and where it is, after the earliest arrival */
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
	int64_t transit;
	uint64_t jumps;
};

/*
 * The pointers are borrowed until vc_line_clear(); 'fit' may be NULL, and may
 * change. '*clocks' is NULL at first; lines that share it share the offsets of
 * equal clocks.
 */
void vc_line_init(struct vc_line *l, const struct vc_playout_source *play,
		  const struct vc_clockfit_line *fit,
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

/*
 * As long as 'stall.is_open' the newest units may lie behind a stall. False: at
 * 'now' nobody knows. Else '*shift' is what to add to their times.
 */
bool vc_line_settle(struct vc_line *l, int64_t now, int64_t *shift);

#endif
