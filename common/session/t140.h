/* SPDX-License-Identifier: MIT */
/*
 * Text over time (RFC 4103): a sender that gathers what is typed into a packet
 * every 300 ms, at most, with the blocks before it once more; and a receiver
 * that fills what was lost from these, marks what it cannot, and says each text
 * once. Told the time; no memory of its own. Of RTP time a unit is 1 ms.
 */
#ifndef VC_SESSION_T140_H
#define VC_SESSION_T140_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "session/pace.h"
#include "wire/t140.h"

/* --- sender --- */

#define VC_T140_INTERVAL (300 * VC_MS)
#define VC_T140_GENERATIONS_MAX 2
#define VC_T140_BLOCK_MAX 256 /* octets of text in a packet */
#define VC_T140_QUEUE 8192
#define VC_T140_CPS 30 /* characters a second, over 10 s */
#define VC_T140_PAYLOAD_MAX (3 * (VC_T140_BLOCK_MAX + VC_RED_HEADER) + 1)

/* A block that was sent. */
struct vc_t140_block {
	uint32_t ts;
	size_t len;
	uint8_t p[VC_T140_BLOCK_MAX];
};

struct vc_t140tx {
	uint8_t pt; /* of text, inside RED */
	unsigned int generations;
	struct vc_t140_filter filter;
	struct vc_pace pace;
	uint8_t queue[VC_T140_QUEUE]; /* whole characters */
	size_t len;
	struct vc_t140_block before[VC_T140_GENERATIONS_MAX]; /* newest first */
	unsigned int n_before;
	unsigned int n_due; /* packets without text that are still due */
	bool is_idle;
	int64_t next; /* when a packet may go */
};

/*
 * 'generations' of redundancy, 0 to 2: packets are RED around 'pt', or without
 * any are text itself. 'cps': VC_T140_CPS, another number of characters a
 * second that the receiver takes, or 0, no limit.
 */
void vc_t140tx_init(struct vc_t140tx *tx, unsigned int generations, uint8_t pt,
		    unsigned int cps);

/*
 * What is typed: UTF-8, cut anywhere. Returns how much of it was taken: all,
 * unless the queue is full. A line ends with "\n".
 */
size_t vc_t140tx_type(struct vc_t140tx *tx, const char *text, size_t len,
		      int64_t now);

/* When vc_t140tx_get() has a packet; INT64_MAX: there is nothing to say. */
int64_t vc_t140tx_next(const struct vc_t140tx *tx);

/*
 * The payload that is due at 'now', whose RTP time is 'ts'; its length, 0: none
 * is. '*marker': the first one after silence.
 */
size_t vc_t140tx_get(struct vc_t140tx *tx, int64_t now, uint32_t ts,
		     uint8_t out[static VC_T140_PAYLOAD_MAX], bool *marker);

/* --- receiver, one a source --- */

struct vc_t140rx_counts {
	uint64_t packets;
	uint64_t filled; /* lost ones whose text came again */
	uint64_t lost;	 /* and those whose text did not */
	uint64_t late;	 /* or twice: their text was said, or missed, already */
	uint64_t malformed;
};

struct vc_t140rx {
	struct vc_t140_filter filter;
	bool has_seq;
	uint16_t seq; /* of the newest packet */
	struct vc_t140rx_counts counts;
};

void vc_t140rx_init(struct vc_t140rx *rx);

/*
 * The text of a packet, and of those lost before it, appended to 'out' as UTF-8
 * with "\n" for NEW LINE; BS and BEL are in it, no other control. The first
 * function is for payloads of text, the second for RED around text of type
 * 'pt'. Packets should come in order: a late one is dropped. Room for
 * VC_T140_GROWTH * (len + 8) octets is enough. 0 or -EBADMSG.
 */
int vc_t140rx_put(struct vc_t140rx *rx, uint16_t seq, const uint8_t *p,
		  size_t len, struct vc_wr *out);
int vc_t140rx_put_red(struct vc_t140rx *rx, uint16_t seq, const uint8_t *p,
		      size_t len, uint8_t pt, struct vc_wr *out);

/* No more packets: what is cut off at the end. */
void vc_t140rx_end(struct vc_t140rx *rx, struct vc_wr *out);

#endif
