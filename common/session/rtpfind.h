/* SPDX-License-Identifier: MIT */
/*
 * Which flows of datagrams are RTP, where nobody says: by the look of what
 * comes. A flow (an address that sends, and one that receives) is RTP once
 * VC_RTPFIND_ROW packets of one SSRC came in a row, their numbers rising by
 * little and their timestamps not leaping, of whatever payload types: WebRTC
 * begins with several (RTX and padding that probe for the rate). The packets
 * before that are held and given out then. Where RTP is, or one port below it,
 * what looks like RTCP is RTCP; elsewhere what is a valid compound of SR and
 * SDES, as it comes before the first RTP. Nothing is decrypted: SRTP looks the
 * same.
 *
 * At most VC_RTPFIND_FLOWS flows are known, the least recently seen is
 * forgotten first, those that are RTP last.
 */
#ifndef VC_SESSION_RTPFIND_H
#define VC_SESSION_RTPFIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "wire/netpkt.h"

#define VC_RTPFIND_ROW 4
#define VC_RTPFIND_FLOWS 1024
#define VC_RTPFIND_HELD 16 /* packets a flow */

struct vc_rtpfind;
struct vc_rtpflow;

enum vc_rtpfind_says {
	VC_RTPFIND_NO,
	VC_RTPFIND_MAYBE, /* is held */
	VC_RTPFIND_RTP,	  /* take the held ones first */
	VC_RTPFIND_RTCP,
};

struct vc_rtpfind_counts {
	uint64_t rtp; /* flows that turned out to be RTP */
	uint64_t forgotten;
};

/* NULL: out of memory. */
struct vc_rtpfind *vc_rtpfind_new(void);
/* NULL is fine. Drops what is held. */
void vc_rtpfind_free(struct vc_rtpfind *f);

/*
 * What the datagram 'pkt' is. '*flow' (not for NO) is valid until the next
 * call.
 */
enum vc_rtpfind_says vc_rtpfind_take(struct vc_rtpfind *f,
				     const struct vc_netaddr *src,
				     const struct vc_netaddr *dst,
				     struct vc_packet *pkt,
				     struct vc_rtpflow **flow);

/* The oldest packet that is held, and its reference; NULL: none. */
struct vc_packet *vc_rtpfind_pop(struct vc_rtpflow *flow);

const struct vc_rtpfind_counts *vc_rtpfind_counts(const struct vc_rtpfind *f);

#endif
