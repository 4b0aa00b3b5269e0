/* SPDX-License-Identifier: MIT */
/*
 * The packets of one outgoing stream that were sent of late, by sequence
 * number, for sending them again. Bounded in packets, octets and age. What may
 * be sent again to whom is session/resend.h's to say.
 */
#ifndef VC_SESSION_HISTORY_H
#define VC_SESSION_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "wire/rtp.h"

struct vc_packet;
struct vc_history;

struct vc_history_conf {
	unsigned int packets; /* rounded up to a power of two; 0: 1024 */
	size_t octets;	      /* 0: 2 MiB */
	int64_t age;	      /* 0: 1 s */
};

/* One packet as it was sent: 'head', then 'pkt' from VC_RTP_HEADER on. */
struct vc_history_item {
	struct vc_packet *pkt; /* the history's reference */
	int64_t sent;
	uint16_t seq;
	uint8_t head[VC_RTP_HEADER];
};

/* NULL when out of memory. */
struct vc_history *vc_history_new(const struct vc_history_conf *conf);
/* Drops all references. NULL is fine. */
void vc_history_free(struct vc_history *h);

/*
 * A packet goes out, with the first VC_RTP_HEADER octets as in 'head'. Takes a
 * reference. Numbers come in about their order; one from further back than all
 * that is kept is not, a far jump forgets what was before.
 */
void vc_history_put(struct vc_history *h, struct vc_packet *pkt,
		    const uint8_t head[static VC_RTP_HEADER], int64_t now);

/* The longest round trip of those who ask: packets are kept for 2.5 of them,
 * if that is more than the age of the configuration, and 5 s at most. */
void vc_history_rtt(struct vc_history *h, int64_t rtt);

/* NULL: never sent, or too long ago. Valid until the next put. */
const struct vc_history_item *vc_history_get(const struct vc_history *h,
					     uint16_t seq, int64_t now);

/* The newest, whose repetition is the best padding there is for a probe of the
 * path; or NULL. Valid until the next put. */
const struct vc_history_item *vc_history_newest(const struct vc_history *h,
						int64_t now);

/* What is held. */
unsigned int vc_history_packets(const struct vc_history *h);
size_t vc_history_octets(const struct vc_history *h);

#endif
