/* SPDX-License-Identifier: MIT */
/*
 * Redundant audio: RED (RFC 2198) around Opus, and text (RFC 4103). The sender
 * puts payloads that it has sent before into each packet once more; the
 * receiver takes packets apart and fills holes. Not thread-safe; allocates
 * nothing per packet.
 *
 * RED says of an older payload how much earlier it is, not which packet it
 * was. It is given a sequence number only where that is certain: it lies a
 * whole number of its own durations before the packet, and the nearest packets
 * that are known before and after it lie just as far from it in RTP time as in
 * sequence numbers. After a pause or a change of duration that does not hold,
 * and nothing is filled. Of text the blocks are those of the packets before, in
 * a row, also the empty ones (RFC 4103, section 4.2).
 */
#ifndef VC_SESSION_REDAUDIO_H
#define VC_SESSION_REDAUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtp.h"

struct vc_packet;
struct vc_pool;

#define VC_REDTX_BLOCKS_MAX 3
#define VC_REDTX_DISTANCE_MAX 3
#define VC_REDRX_BLOCKS_MAX 8 /* holes that one packet can fill */
#define VC_REDRX_WINDOW 64    /* packets back that are known */

struct vc_redtx_conf {
	uint8_t red_pt;
	unsigned int n; /* older payloads in a packet, 1..3 */
	/*
	 * Packets from one to the next of them, 1..3: n = 1 and distance = 2
	 * repair two losses in a row.
	 */
	unsigned int distance;
	size_t max_len; /* of a packet; the oldest payloads are left out */
};

struct vc_redtx;

/* Packets come from 'pool', which must outlive it. NULL: no memory. */
struct vc_redtx *vc_redtx_new(const struct vc_redtx_conf *conf,
			      struct vc_pool *pool);
void vc_redtx_free(struct vc_redtx *tx);

/*
 * The RED packet to send in place of 'pkt', with its number, time and
 * extensions; the reference is the caller's. 'head' is the packet's first
 * VC_RTP_HEADER octets as it would go out, 'rtp' the parsed header of 'pkt'.
 * Keeps a reference to 'pkt'. NULL: no memory, or longer than 'max_len':
 * send it as it is.
 */
struct vc_packet *vc_redtx_put(struct vc_redtx *tx, const uint8_t *head,
			       struct vc_packet *pkt, const struct vc_rtp *rtp);

struct vc_redrx_counts {
	uint64_t packets;   /* RED packets taken apart */
	uint64_t filled;    /* lost packets that were won */
	uint64_t malformed; /* refused */
	uint64_t uncertain; /* older payloads of no certain number */
};

struct vc_redrx;

/* Of one source. Packets come from 'pool', which must outlive it. */
struct vc_redrx *vc_redrx_new(uint8_t red_pt, bool is_text,
			      struct vc_pool *pool);
void vc_redrx_free(struct vc_redrx *rx);

/* A packet of that source which is not RED, or was won elsewhere, is here. */
void vc_redrx_note(struct vc_redrx *rx, const struct vc_rtp *rtp);

/*
 * A RED packet; 'rtp' is its parsed header. 0 (call vc_redrx_next()), or
 * -EBADMSG: not RED, or RED in RED; -ENOMEM.
 */
int vc_redrx_put(struct vc_redrx *rx, struct vc_packet *pkt,
		 const struct vc_rtp *rtp);

/*
 * The packets it held: those that fill holes, '*is_won', then its own, of the
 * payload type of its primary block. NULL after the last. The reference is the
 * caller's. A packet that was filled may still come: it is a duplicate then.
 */
struct vc_packet *vc_redrx_next(struct vc_redrx *rx, bool *is_won);

const struct vc_redrx_counts *vc_redrx_counts(const struct vc_redrx *rx);

#endif
