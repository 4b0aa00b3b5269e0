/* SPDX-License-Identifier: MIT */
/*
 * How the packets of one source arrive: the time between them, how much later
 * than the quickest they are, how many come at once, and how fast the source's
 * clock runs beside ours. By RTP time and arrival alone, so also of what is
 * encrypted.
 *
 * A packet's delay is its arrival less its RTP time, over the least of the last
 * 5 to 10 s: the queues on the way and the reordering, but not the way itself;
 * a clock that is off moves it by less than its ppm times 10 s. Memory is
 * bounded, and taken as it is needed.
 */
#ifndef VC_SESSION_FLOW_H
#define VC_SESSION_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "session/clockfit.h"
#include "session/hist.h"

#define VC_FLOW_BUFFERS 8
#define VC_FLOW_FINE (10 * VC_MS)
#define VC_FLOW_COARSE (100 * VC_MS)
/* RTP time and arrival move further apart from one packet to the next: the
 * source has restarted its clock. */
#define VC_FLOW_STEP (5 * VC_SEC)

/* Octets that arrive within stretches of time, counted from the first one. */
struct vc_flow_peak {
	int64_t end; /* of the present one */
	uint64_t octets;
	uint64_t most; /* of those that are over */
};

/* Embedded. Up to 'late' all may be read. */
struct vc_flow {
	uint32_t rate_hz;
	uint64_t packets;
	uint64_t octets;
	int64_t first_arrival;
	int64_t last_arrival;
	struct vc_hist delta; /* ns from packet to packet */
	struct vc_hist delay; /* ns */
	uint64_t steps;	      /* of RTP time, see VC_FLOW_STEP */
	uint64_t late[VC_FLOW_BUFFERS];

	unsigned int n_buffers;
	const int64_t *buffers; /* ns, borrowed */
	struct vc_flow_peak fine, coarse;
	int64_t units; /* RTP time since the reference, no wraps */
	int64_t ref;   /* its arrival */
	uint32_t last_ts;
	int64_t last_delay; /* not over the quickest */
	int64_t least[2];   /* of this 5 s, and those before */
	int64_t began;	    /* this 5 s */
	/* the quickest of this second */
	int64_t second;
	int64_t quick;
	uint32_t quick_ts;
	int64_t quick_at;
	struct vc_clockfit *fit; /* NULL: too short, or no memory */
	bool is_over;
	struct vc_clockfit_line line;
};

/* 'rate_hz' 0: not known, then there are no delays. Of each of the 'n' buffers
 * (VC_FLOW_BUFFERS at most) it counts who comes too late for it. */
void vc_flow_init(struct vc_flow *f, uint32_t rate_hz, const int64_t *buffers,
		  unsigned int n);

/* A packet, in the order of arrival. */
void vc_flow_put(struct vc_flow *f, uint32_t ts, size_t octets,
		 int64_t arrival);

/* What comes next is not on the same line of RTP time. */
void vc_flow_tear(struct vc_flow *f);

/* The most octets in one stretch of VC_FLOW_FINE, of VC_FLOW_COARSE. */
uint64_t vc_flow_most(const struct vc_flow_peak *p);

/*
 * The source's clock beside that of arrival, by the quickest packet of each
 * second. False: fewer than 10 s, or 8 seconds of them, are not enough.
 */
bool vc_flow_line(const struct vc_flow *f, struct vc_clockfit_line *line);

/* No more comes: lets all memory go that figures do not need. */
void vc_flow_end(struct vc_flow *f);
void vc_flow_clear(struct vc_flow *f);

#endif
