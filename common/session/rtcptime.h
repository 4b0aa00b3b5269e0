/* SPDX-License-Identifier: MIT */
/*
 * When to send RTCP: RFC 3550 6.2, 6.3 and A.7, with forward and reverse
 * reconsideration. Arm a timer for vc_rtcptime_next(); when it fires ask
 * vc_rtcptime_due(), send if it says so, then arm again.
 */
#ifndef VC_SESSION_RTCPTIME_H
#define VC_SESSION_RTCPTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"

struct vc_rtcptime_conf {
	uint32_t rtcp_bps; /* for RTCP: 5 % of the session's rate */
	int64_t min;	   /* 0: RFC 3550's 5 s */
	bool unicast;	   /* the first report goes at once */
	size_t first_len;  /* octets of a first compound, with IP and UDP */
};

struct vc_rtcptime {
	struct vc_rtcptime_conf conf;
	struct vc_rand rand;
	uint64_t draws;
	unsigned int members; /* with us */
	unsigned int senders; /* with us when we send */
	bool we_sent;
	bool is_initial;
	bool is_leaving;
	unsigned int pmembers;
	uint32_t avg_x16; /* average size of compounds, octets, 16ths */
	int64_t tp;	  /* when one was sent last */
	int64_t tn;	  /* when the next may be */
};

void vc_rtcptime_init(struct vc_rtcptime *t,
		      const struct vc_rtcptime_conf *conf,
		      const struct vc_rand *rand, int64_t now);

/* When to ask next. */
int64_t vc_rtcptime_next(const struct vc_rtcptime *t);

/*
 * At 'now' >= next: true when a report is to be sent now (follow with
 * vc_rtcptime_sent()), else the time has been moved on.
 */
bool vc_rtcptime_due(struct vc_rtcptime *t, int64_t now);

/* A compound of 'len' octets (with IP and UDP) was sent or received. */
void vc_rtcptime_sent(struct vc_rtcptime *t, size_t len, int64_t now);
void vc_rtcptime_received(struct vc_rtcptime *t, size_t len);

/*
 * How many there are now, counting us (and in 'senders' if 'we_sent' in the
 * last two intervals). Fewer members bring the next report forward (6.3.4).
 */
void vc_rtcptime_members(struct vc_rtcptime *t, unsigned int members,
			 unsigned int senders, bool we_sent, int64_t now);

/*
 * We leave. True: send BYE now (at most 50 members). False: wait for
 * vc_rtcptime_next() and vc_rtcptime_due() as with reports; each BYE of
 * others heard meanwhile is told by vc_rtcptime_bye_heard() (6.3.7).
 */
bool vc_rtcptime_leave(struct vc_rtcptime *t, size_t len, int64_t now);
void vc_rtcptime_bye_heard(struct vc_rtcptime *t, size_t len);

/* The calculated interval without randomness, for time-outs (5 of them). */
int64_t vc_rtcptime_interval(const struct vc_rtcptime *t);

#endif
