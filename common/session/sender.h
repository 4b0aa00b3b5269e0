/* SPDX-License-Identifier: MIT */
/*
 * One outgoing source: its SSRC, sequence numbers, RTP time and counts, and
 * the RTCP that speaks of it. RFC 3550 5.1, 6.4.1, 6.5, 6.6.
 *
 * On a pipe, vc_sender_next_report() says when: before the first RTP packet,
 * then once a second (vc-stream(7)); on a network session/rtcptime.h does.
 */
#ifndef VC_SESSION_SENDER_H
#define VC_SESSION_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"

struct vc_rtp;

/* Room that every compound of vc_sender_report() and _bye() fits in. */
#define VC_SENDER_COMPOUND 848

#define VC_SENDER_INTERVAL INT64_C(1000000000)

struct vc_sender {
	uint32_t ssrc;
	uint32_t rate_hz;
	uint16_t seq;	    /* of the next packet */
	uint32_t ts_offset; /* RTP time of 'epoch' */
	int64_t epoch;
	uint64_t packets;
	uint64_t octets;     /* of payloads */
	int64_t last_report; /* VC_TIME_NONE before the first */
	char cname[256];
	char name[256];
};

/*
 * Draws SSRC, first sequence number (below 2^15, for SRTP) and RTP offset as
 * PRF(rand, purpose, 0); 'purpose' tells the sources of one tool apart. RTP
 * time counts from 'epoch', the stream's beginning. 'cname' and 'name' are
 * copied, cut at 255 octets; name NULL or "": no NAME item.
 */
void vc_sender_init(struct vc_sender *s, const struct vc_rand *rand,
		    const char *purpose, uint32_t rate_hz, int64_t epoch,
		    const char *cname, const char *name);

/* After a collision: a new SSRC, sequence start and offset (counter 'n'). */
void vc_sender_redraw(struct vc_sender *s, const struct vc_rand *rand,
		      const char *purpose, uint64_t n);

/* RTP time of stream time 't', exact. */
uint32_t vc_sender_ts(const struct vc_sender *s, int64_t t);

/*
 * Fills ssrc, seq and ts of the header of the next packet and counts it with
 * 'payload_len' octets.
 */
void vc_sender_next(struct vc_sender *s, struct vc_rtp *rtp, uint32_t ts,
		    size_t payload_len);

/* When SR and SDES are due on a pipe; INT64_MIN (at once) before the first. */
int64_t vc_sender_next_report(const struct vc_sender *s);

/*
 * Writes SR (NTP = 't', stream time) + SDES and notes that it was sent.
 * Returns the octets written, -ENOSPC when 'cap' is below what it takes.
 */
int vc_sender_report(struct vc_sender *s, uint8_t *buf, size_t cap, int64_t t);

/* The same + BYE, with 'reason' unless NULL. */
int vc_sender_bye(struct vc_sender *s, uint8_t *buf, size_t cap, int64_t t,
		  const char *reason);

#endif
