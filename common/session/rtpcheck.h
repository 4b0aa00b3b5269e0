/* SPDX-License-Identifier: MIT */
/*
 * Whether markers and time stamps of one source are as its kind of media wants
 * them, by packets that follow each other in sequence (what was lost between
 * could explain anything). Sound: a marker begins a spurt of talk (RFC 3551
 * section 4.1), so none stands where time goes on without a gap, and time goes
 * on by what a packet holds, or by a gap after silence. Pictures: all packets
 * of a frame have one time, and the last has the marker.
 *
 * It also tells how much of the time was not sent, or sent as silence (DTX).
 */
#ifndef VC_SESSION_RTPCHECK_H
#define VC_SESSION_RTPCHECK_H

#include <stdbool.h>
#include <stdint.h>

/* What a packet is. */
struct vc_rtpcheck_packet {
	uint16_t seq;
	uint32_t ts;
	bool marker;
	/* sound */
	uint32_t units; /* RTP time that it holds; 0: not known */
	bool is_silent; /* comfort noise, or a packet of silence */
	bool is_event;	/* of telephone events: with times of their own */
};

/* Start with zeros, and say what it is. */
struct vc_rtpcheck {
	bool is_video;
	bool may_reorder; /* frames are sent in another order than shown */
	uint64_t packets;
	uint64_t markers;
	uint64_t marker_errors;
	uint64_t ts_back;  /* time that goes back, or (sound) stands still */
	uint64_t ts_steps; /* sound: that goes on by another step than it may */
	uint64_t units;	   /* RTP time that went on, packets in sequence */
	uint64_t silent;   /* of it: gaps, and what silent packets hold */

	bool has_last;
	struct vc_rtpcheck_packet last;
	uint32_t usual; /* the step of time, where packets do not say theirs */
};

/* A packet of media that is new. */
void vc_rtpcheck_put(struct vc_rtpcheck *c,
		     const struct vc_rtpcheck_packet *pkt);

/* What comes next has nothing to do with what came. */
void vc_rtpcheck_restart(struct vc_rtpcheck *c);

#endif
