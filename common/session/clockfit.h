/* SPDX-License-Identifier: MIT */
/*
 * How fast one source's RTP clock runs beside another clock: the straight line
 * through all that is known of both. Pairs of the two come from sender reports
 * (the author's NTP clock, RFC 3550 section 6.4.1), from abs-capture-time, or,
 * where there is neither, from times of arrival.
 *
 * The line is robust: its slope is first the median of the slopes between
 * pairs that are spread over the whole (Theil 1950, Sen 1968), then the least
 * squares through those pairs that lie within three deviations of it. A quarter
 * of them may be anything. A clock that is set while it runs, by 50 ms or more
 * and for two pairs at least, and a source that restarts begin another line of
 * the same slope: the step is counted and tilts nothing.
 *
 * Memory is fixed: when it is full every second pair goes, and from then on
 * every second one is kept (and so on), so that those kept are always spread
 * over the whole time.
 */
#ifndef VC_SESSION_CLOCKFIT_H
#define VC_SESSION_CLOCKFIT_H

#include <stdbool.h>
#include <stdint.h>

#define VC_CLOCKFIT_PAIRS 256
#define VC_CLOCKFIT_LINES 16 /* further steps are evened out as they come */

struct vc_clockfit_pair {
	int64_t units; /* RTP time since the first pair, no wraps */
	int64_t off;   /* ns by which the other clock is ahead of it */
	uint8_t line;
};

/* Embedded; 'puts' and 'steps' may be read. */
struct vc_clockfit {
	uint32_t rate_hz;
	uint64_t puts; /* pairs that were given */
	uint64_t steps;
	/* the newest pair: 'ts' is 'units' when the other clock said 'ns' */
	uint32_t ts;
	int64_t units;
	int64_t at;
	int64_t off;
	int64_t ns0; /* what the first one's other clock said */
	int64_t evened;
	int64_t stepped; /* 'at' of the first pair behind the last step */
	bool is_torn;
	bool has_doubt;
	struct vc_clockfit_pair doubt;
	/* those kept */
	unsigned int n;
	unsigned int lines;
	uint64_t every; /* so many pairs are one that is kept */
	uint64_t skipped;
	struct vc_clockfit_pair pair[VC_CLOCKFIT_PAIRS];
	/* the least late arrival of this second */
	bool has_least;
	uint32_t least_ts;
	int64_t least_at;
	int64_t second;
};

/* What it comes to. */
struct vc_clockfit_line {
	bool is_known;	  /* two pairs at least, a second apart */
	double ppm;	  /* by which the RTP clock is fast; negative: slow */
	double ppm_error; /* one standard deviation of that */
	int64_t residual; /* ns: half of the pairs are nearer to the line */
	int64_t worst;	  /* ns, of those that count */
	int64_t span;	  /* ns from the first pair to the last */
	unsigned int used;
	unsigned int outliers; /* of those kept: further than three deviations */
	uint64_t steps;
	int64_t since; /* behind the last step this was known first */
	/* the line itself, at the newest pair */
	uint32_t ts;
	int64_t ns;
};

/* 'rate_hz' is 1..VC_RTP_RATE_MAX. */
void vc_clockfit_init(struct vc_clockfit *f, uint32_t rate_hz);

/*
 * The other clock said 'ns' at RTP time 'ts'; known since 'at' (stream time),
 * which tells wraps of RTP time.
 */
void vc_clockfit_put(struct vc_clockfit *f, uint32_t ts, int64_t ns,
		     int64_t at);

/*
 * A packet of RTP time 'ts' arrived: the least late one of each second makes a
 * pair, so queues on the way do not count.
 */
void vc_clockfit_arrival(struct vc_clockfit *f, uint32_t ts, int64_t at);

/* RTP time jumped: what comes next is not on this line. */
void vc_clockfit_tear(struct vc_clockfit *f);

/*
 * Does a slope say something? Either it is known to 10 ppm, or it is no chance
 * that it is not 0: three standard deviations away.
 */
bool vc_clockfit_is_sure(double ppm, double ppm_error);

/* The line through all so far. */
void vc_clockfit_line(const struct vc_clockfit *f,
		      struct vc_clockfit_line *line);

#endif
