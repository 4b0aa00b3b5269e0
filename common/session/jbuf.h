/* SPDX-License-Identifier: MIT */
/*
 * The jitter buffer of one source: holds packets and gives them out in order
 * of sequence number. It orders and holds, bounded in packets and octets;
 * when a packet is due is the reader's business (session/playout.h).
 *
 * Two ways to read, not to be mixed on one buffer:
 *   audio: vc_jbuf_peek() says whether the next packet is here, missing while
 *	later ones are here, or nothing is; vc_jbuf_pop() and vc_jbuf_skip().
 *   video: vc_jbuf_frame() says whether the next frame is complete, broken or
 *	not here; vc_jbuf_at() is its packets; vc_jbuf_drop_frame().
 *
 * Gaps, however large, cost constant time. A jump that the window cannot hold
 * (forward by its size, back by more than 1024) counts when two packets in a
 * row are there, a smaller one back when 16 are; it is then spliced to what is
 * held: 'resync' is set on the first packet after it, once. Not thread-safe.
 */
#ifndef VC_SESSION_JBUF_H
#define VC_SESSION_JBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtp.h"

#define VC_JBUF_PACKETS_MAX (1u << 14)

struct vc_jbuf;
struct vc_packet;

/* A packet that is held. Slices in 'rtp' borrow from 'pkt'. */
struct vc_jbuf_item {
	struct vc_packet *pkt;
	struct vc_rtp rtp;
	uint64_t pos; /* place in the order: 1 more than the one before it */
	bool resync;  /* first after a jump: what came before is unrelated */
};

enum vc_jbuf_state {
	VC_JBUF_EMPTY,	 /* nothing is held */
	VC_JBUF_READY,	 /* the next packet or frame is here, whole */
	VC_JBUF_MISSING, /* it is not, or not whole, but others are here */
};

/* Since the beginning. */
struct vc_jbuf_counts {
	uint64_t put;
	uint64_t duplicates;
	uint64_t late;	   /* their turn had passed */
	uint64_t overflow; /* held, dropped unread to make room */
	uint64_t skipped;  /* places given up: never here */
	uint64_t resyncs;
	uint64_t stray; /* alone far away, never followed */
};

/* The next frame: all packets of one timestamp. */
struct vc_jbuf_frame {
	uint32_t ts;
	size_t n;	 /* packets that are here, in a row from the first */
	size_t octets;	 /* of their payloads */
	bool has_start;	 /* no hole before its first packet */
	bool has_end;	 /* its last one (marker, or the next frame follows) */
	bool resync;	 /* as in the first item */
	bool followed;	 /* a packet of a later frame is held */
	int64_t arrival; /* of its last packet that is here */
};

/*
 * 'max_packets' (at most VC_JBUF_PACKETS_MAX) is rounded up to a power of two;
 * it is also the widest gap the buffer spans. Memory for them is taken as they
 * come. NULL when out of memory.
 */
struct vc_jbuf *vc_jbuf_new(size_t max_packets, size_t max_octets);
void vc_jbuf_free(struct vc_jbuf *jb);

/* Forgets all packets and where it was; counts stay. */
void vc_jbuf_reset(struct vc_jbuf *jb);

/*
 * Takes a reference. 'rtp' is the parsed header of 'pkt'. 0 (held, maybe
 * apart until a second one follows a jump), -EALREADY for a duplicate, -ETIME
 * when its turn has passed, -ENOMEM. A full buffer drops its oldest.
 */
int vc_jbuf_put(struct vc_jbuf *jb, struct vc_packet *pkt,
		const struct vc_rtp *rtp);

/*
 * What comes next: '*item' is it when READY, the first later one when MISSING
 * (vc_jbuf_hole() places on), NULL when EMPTY. Valid until the next call that
 * changes 'jb'.
 */
enum vc_jbuf_state vc_jbuf_peek(const struct vc_jbuf *jb,
				const struct vc_jbuf_item **item);

/* How many places before the first packet held are missing. */
uint64_t vc_jbuf_hole(const struct vc_jbuf *jb);

/* READY only: takes the next packet out; its reference is the caller's. */
struct vc_packet *vc_jbuf_pop(struct vc_jbuf *jb);

/* MISSING only: gives up at most 'n' places. Returns how many. */
uint64_t vc_jbuf_skip(struct vc_jbuf *jb, uint64_t n);

/*
 * The next frame. READY: whole, from the place after the last one given out to
 * its marker or to a packet with another timestamp. MISSING: 'f' is what is
 * here of the first frame that is held; waiting may complete it. When only
 * the start is missing the hole may be the end of a frame before: the payload
 * knows (vc_frameasm_frame() says -EBADMSG if it is no start).
 */
enum vc_jbuf_state vc_jbuf_frame(struct vc_jbuf *jb, struct vc_jbuf_frame *f);

/* The i-th packet of the frame that vc_jbuf_frame() just gave, i < f->n. */
const struct vc_jbuf_item *vc_jbuf_at(const struct vc_jbuf *jb, size_t i);

/*
 * Drops that frame, whole or broken: all that is held of its timestamp, and
 * the holes before and in it. Returns how many places were missing. A hole
 * after it counts to the next frame.
 */
uint64_t vc_jbuf_drop_frame(struct vc_jbuf *jb);

/* Held now. */
size_t vc_jbuf_packets(const struct vc_jbuf *jb);
size_t vc_jbuf_octets(const struct vc_jbuf *jb);
const struct vc_jbuf_counts *vc_jbuf_counts(const struct vc_jbuf *jb);

#endif
