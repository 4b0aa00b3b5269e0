/* SPDX-License-Identifier: MIT */
/*
 * RTP time of one source -> its author's time in ns (NTP time since the Unix
 * epoch, by sender reports), or, before the first sane report, a line through
 * the first packet's arrival. RFC 3550 6.4.1. Exact integers; wraps of RTP
 * time and NTP eras (2036) are no event.
 *
 * The author's clock may be years off ours: only differences matter, and only
 * sources of one CNAME share it (session/playout.h). Times of arrival must lie
 * in 0 .. 2^62 ns, and rates be sane (1000 Hz or more) where both are foreign.
 */
#ifndef VC_SESSION_TSMAP_H
#define VC_SESSION_TSMAP_H

#include <stdbool.h>
#include <stdint.h>

struct vc_tsmap {
	uint32_t rate_hz;
	bool has_line; /* a packet or report came */
	bool has_sr;   /* ns are the author's time, not arrival */
	bool is_torn;  /* RTP time jumped: the next report is believed */
	/* the line: 'ref_ts' is 'ref_ns' */
	uint32_t ref_ts;
	int64_t ref_ns;
	/* the newest packet */
	bool has_packet;
	uint32_t last_ts;
	int64_t last_arrival;
	int64_t base; /* smallest arrival - time, leaking upwards */
	int64_t sr_arrival;
	/* a report that disagrees, until a second one confirms it */
	bool has_doubt;
	uint32_t doubt_ts;
	int64_t doubt_ns;
	uint64_t jumps;	     /* breaks of the RTP time line */
	uint64_t insane_srs; /* reports not used */
};

/* 'rate_hz' is 1..VC_RTP_RATE_MAX. */
void vc_tsmap_init(struct vc_tsmap *m, uint32_t rate_hz);

/*
 * A packet arrived. True when its time does not continue that of the packet
 * before (it and the clock of arrival moved more than 500 ms apart in one
 * step): the line then goes on by arrival, until a report mends it.
 */
bool vc_tsmap_packet(struct vc_tsmap *m, uint32_t ts, int64_t arrival);

/*
 * A sender report arrived: 64-bit 'ntp' time equals 'ts'. 0, or -EBADMSG for
 * one that is not used: NTP 0, RTP time more than 10 s from the media that
 * arrived, or a line more than 50 ms from the present one (two in a row that
 * agree with each other are believed). The first steps the line, later ones
 * bend it by a quarter of their difference.
 */
int vc_tsmap_sr(struct vc_tsmap *m, uint64_t ntp, uint32_t ts, int64_t arrival);

/* The time of 'ts', within 2^31 units of the newest packet. */
int64_t vc_tsmap_ns(const struct vc_tsmap *m, uint32_t ts);

/* The RTP time of 'ns', for the way back. */
uint32_t vc_tsmap_ts(const struct vc_tsmap *m, int64_t ns);

#endif
