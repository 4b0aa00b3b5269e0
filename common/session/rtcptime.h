/* SPDX-License-Identifier: MIT */
/*
 * When to send RTCP: RFC 3550 6.2, 6.3 and A.7, with forward and reverse
 * reconsideration, and early feedback of RFC 4585 3.3 to 3.5. Arm a timer for
 * vc_rtcptime_next(); when it fires ask vc_rtcptime_due(), send if it says so,
 * then arm again. Who has feedback (NACK, PLI, FIR, congestion control) asks
 * vc_rtcptime_early() when it may go.
 *
 * 'min' plays the part of RFC 4585's T_rr_interval: it spaces the regular
 * reports, and leaves what they save of the bandwidth to early feedback.
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
	bool keeps_min;	  /* at any rate: who only receives, in a group (6.2) */
	bool unicast;	  /* the first report goes at once */
	size_t first_len; /* octets of a first compound, with IP and UDP */
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
	int64_t paid;	  /* what went until now is paid for by then */
	bool may_early;	  /* in a group: none went since the last report */
	int64_t early_at; /* in a group: the one that is due, or NONE */
};

void vc_rtcptime_init(struct vc_rtcptime *t,
		      const struct vc_rtcptime_conf *conf,
		      const struct vc_rand *rand, int64_t now);

/*
 * What the session's media takes, bits a second (less than 64000 counts as
 * that): RTCP gets 5 % of it, and the reduced minimum of 6.2, 360 / (kbit/s)
 * seconds, within 1 to 5 s, unless 'keeps_min'. As often as it is known better.
 */
void vc_rtcptime_rate(struct vc_rtcptime *t, uint64_t media_bps);

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

/*
 * When feedback about something that happened may go: 'now' or before, at once
 * (follow with vc_rtcptime_early_sent()); later, ask again then. Put it into a
 * regular report that goes before. Between two it is a matter of bandwidth
 * alone: our half of it, or a second's worth of it in advance. In a group one
 * may go between two reports, a random time later, as another may say it.
 */
int64_t vc_rtcptime_early(struct vc_rtcptime *t, int64_t now);
void vc_rtcptime_early_sent(struct vc_rtcptime *t, size_t len, int64_t now);
/* Somebody else said it, or it is of no use any more. */
void vc_rtcptime_early_drop(struct vc_rtcptime *t);

/*
 * The calculated interval without randomness, for time-outs (5 of them; 2 for a
 * sender that has become a receiver): no less than 5 s, whatever 'min' is
 * (6.2), and a receiver's (6.3.5).
 */
int64_t vc_rtcptime_interval(const struct vc_rtcptime *t);

#endif
