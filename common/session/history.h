/* SPDX-License-Identifier: MIT */
/*
 * The packets of one stream that were sent of late, by sequence number, for
 * sending them again. Bounded in packets, octets and age. What may be sent again
 * to whom is session/resend.h's to say.
 */
#ifndef VC_SESSION_HISTORY_H
#define VC_SESSION_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtp.h"

struct vc_packet;
struct vc_history;

/* What several have together: octets that are there, and how many may be. */
struct vc_history_budget {
	size_t used, max;
};

struct vc_history_conf {
	unsigned int packets; /* rounded up to a power of two; 0: 1024 */
	size_t octets;	      /* 16 a packet among them; 0: 2 MiB */
	int64_t age;	      /* 0: 1 s */
	struct vc_history_budget *budget; /* outlives it; NULL: none */
};

/* One packet as it was sent. Its octets are the history's. */
struct vc_history_item {
	const uint8_t *data;
	size_t len;
	int64_t sent;
	uint64_t at; /* of what was put later it is more */
};

/* NULL when out of memory. Its memory grows with what is kept. */
struct vc_history *vc_history_new(const struct vc_history_conf *conf);
struct vc_history *vc_history_ref(struct vc_history *h);
/* The last one frees it. NULL is fine. */
void vc_history_unref(struct vc_history *h);

/* Something will be put soon: see vc_fetch(). */
void vc_history_fetch(const struct vc_history *h);

/*
 * A packet goes out, with the first VC_RTP_HEADER octets as in 'head': they are
 * copied. Numbers come in about their order; one that is further back than there
 * are packets kept is not kept, unless all that is there is too old.
 */
void vc_history_put(struct vc_history *h, const struct vc_packet *pkt,
		    const uint8_t head[static VC_RTP_HEADER], int64_t now);

/* Where the next will be: what is put from now on is there or behind it. */
uint64_t vc_history_mark(const struct vc_history *h);

/* A round trip of somebody who asks: packets are kept for 2.5 of the longest
 * of the last half minute, if that is more than the age of the configuration,
 * and 5 s at most. */
void vc_history_rtt(struct vc_history *h, int64_t rtt, int64_t now);

/* True and '*out', valid until the next put. False: never sent, or too long
 * ago. */
bool vc_history_get(const struct vc_history *h, uint16_t seq, int64_t now,
		    struct vc_history_item *out);

#endif
