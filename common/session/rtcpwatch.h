/* SPDX-License-Identifier: MIT */
/*
 * What RTCP says about one source, heard by somebody on the way: its sender
 * reports and whether they are right, what those who receive it report, and the
 * times to them and back.
 *
 * Round trips without a clock in common: a sender report passes here, a report
 * block that names it (LSR) passes later, and how long the receiver waited is in
 * it (DLSR): the rest is the time from here to the receiver and back. That of
 * the other side comes likewise from what the source says of others' reports,
 * or of their reference times (XR RRT, DLRR).
 */
#ifndef VC_SESSION_RTCPWATCH_H
#define VC_SESSION_RTCPWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "session/clockfit.h"
#include "wire/rtcp.h"

#define VC_RTCPWATCH_SRS 8 /* that LSR may name */
/* Counts that are further from the sequence numbers are wrong: in 16ths of
 * them, and so many packets more. */
#define VC_RTCPWATCH_SIXTEENTHS 1
#define VC_RTCPWATCH_PACKETS 32
/* The RTP time of a report is that far from the media's: wrong. */
#define VC_RTCPWATCH_OFF VC_SEC

/* Start with zeros. */
struct vc_rtcpwatch_time {
	uint64_t n;
	int64_t last;
	int64_t min;
	int64_t max;
};

/* Embedded. Up to 'far' and 'near' all may be read. */
struct vc_rtcpwatch {
	uint64_t srs;
	int64_t first_sr, last_sr; /* when they came */
	int64_t longest;	   /* ns without one, behind the first */
	uint64_t wrong_counts;
	uint64_t wrong_times; /* RTP time far from the media */
	int64_t off_max;      /* ns, the most it was away from it */
	uint64_t ntp_steps;   /* of the line from RTP to NTP, 50 ms or more */
	uint64_t reports;     /* report blocks about it */
	uint8_t fraction, fraction_max; /* of 256 */
	int32_t lost;
	uint32_t jitter, jitter_max;   /* RTP units */
	struct vc_rtcpwatch_time far;  /* here to its receivers and back */
	struct vc_rtcpwatch_time near; /* here to its sender and back */

	uint32_t rate_hz;
	bool has_base;
	uint32_t base_packets;
	uint64_t base_expected;
	struct {
		uint32_t mid;
		int64_t at;
	} sr[VC_RTCPWATCH_SRS];
	struct vc_clockfit *fit; /* NULL: no report, or no memory */
	bool is_over;
	struct vc_clockfit_line line;
};

/* What has come of the source when a report does. */
struct vc_rtcpwatch_media {
	uint64_t expected; /* by sequence numbers, all runs */
	uint32_t ts;	   /* of the newest packet */
	int64_t arrival;
};

void vc_rtcpwatch_init(struct vc_rtcpwatch *w, uint32_t rate_hz);

/* Its sender report came at 'now'. */
void vc_rtcpwatch_sr(struct vc_rtcpwatch *w, const struct vc_rtcp_sr *sr,
		     const struct vc_rtcpwatch_media *media, int64_t now);

/* What it counts begins anew: sequence numbers did. */
void vc_rtcpwatch_restart(struct vc_rtcpwatch *w);

/*
 * A report block about it came. True and '*rtt': its LSR names a report that
 * was seen, so this is the time to the reporter and back (in 'far' already).
 */
bool vc_rtcpwatch_report(struct vc_rtcpwatch *w,
			 const struct vc_rtcp_report *rep, int64_t now,
			 int64_t *rtt);

void vc_rtcpwatch_time(struct vc_rtcpwatch_time *t, int64_t ns);

/*
 * How fast the source's RTP clock runs beside its own NTP clock. False: fewer
 * than three reports, or less than 10 s of them, are not enough.
 */
bool vc_rtcpwatch_line(const struct vc_rtcpwatch *w,
		       struct vc_clockfit_line *line);

void vc_rtcpwatch_end(struct vc_rtcpwatch *w);
void vc_rtcpwatch_clear(struct vc_rtcpwatch *w);

#endif
