/* SPDX-License-Identifier: MIT */
/*
 * Parity packets for RTP: ULPFEC (RFC 5109; one level, masks of 16 and 48) and
 * FlexFEC as the payload name flexfec-03 means it. A packet of either says
 * which media packets it covers and holds their sum (exclusive or), from which
 * a single one that is missing follows.
 *
 * flexfec-03 is draft-ietf-payload-flexible-fec-scheme-03, section 4.2, which
 * every WebRTC endpoint speaks under that name:
 *
 *	R F P X CC(4)  M PT(7)  length(16)
 *	timestamp(32)
 *	SSRC count(8)  reserved(24)
 *	SSRC(32)
 *	sequence base(16)  k mask(15)  [k mask(31)  [k mask(63)]]
 *
 * A set k ends the mask. Its successor RFC 8627 is another format and does not
 * go by that name: there the protected SSRCs are the CSRC list of the FEC
 * packet and not in this header, a *clear* k ends the mask, and the third part
 * has 64 places and no k. Here one SSRC is protected; R (retransmission) and F
 * (fixed masks, M = 1) are refused.
 *
 * What is summed is a packet's octets after the fixed header and 64 bits of
 * the rest: P X CC, M PT, length, timestamp. SSRC and sequence number are
 * known without.
 */
#ifndef VC_WIRE_FEC_H
#define VC_WIRE_FEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtp.h"

enum vc_fec_format {
	VC_FEC_ULP,
	VC_FEC_FLEX,
};

#define VC_FEC_ULP_SPAN 48   /* places the widest mask has */
#define VC_FEC_FLEX_SPAN 109 /* likewise */
#define VC_FEC_SPAN_MAX 109
#define VC_FEC_HEADER_MAX 32

/* Place i is bit i % 64 of w[i / 64]: the packet with sequence base + i. */
struct vc_fec_mask {
	uint64_t w[2];
};

static inline void vc_fec_mask_set(struct vc_fec_mask *m, unsigned int i)
{
	m->w[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void vc_fec_mask_clear(struct vc_fec_mask *m, unsigned int i)
{
	m->w[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static inline bool vc_fec_mask_has(const struct vc_fec_mask *m, unsigned int i)
{
	return i < 128 && (m->w[i / 64] >> i % 64 & 1);
}

/* How many places are set. */
static inline unsigned int vc_fec_mask_n(const struct vc_fec_mask *m)
{
	return (unsigned int)(__builtin_popcountll(m->w[0]) +
			      __builtin_popcountll(m->w[1]));
}

/* The first place that is set, from 'i' on; 128 when there is none. */
unsigned int vc_fec_mask_next(const struct vc_fec_mask *m, unsigned int i);

/* A sum of packets: begin with zeros, 'body' and 'cap'. */
struct vc_fec_sum {
	uint8_t first;	 /* P X CC */
	uint8_t second;	 /* M PT */
	uint16_t length; /* of what follows the fixed header */
	uint32_t ts;
	uint8_t *body; /* room for the rest of the longest one */
	size_t cap;
	size_t len; /* of the longest one */
};

/*
 * Adds a packet: 'head' is its VC_RTP_HEADER first octets, 'rest' what follows
 * them. Header extensions with an id in 'volatile_ids' (bit id, 1..14) count
 * as zeros: those that are written when a packet leaves, later than FEC
 * (absolute send time, transport-wide sequence number). False, and nothing
 * was added: 'rest' does not fit into 'cap' or 16 bits.
 */
bool vc_fec_sum_add(struct vc_fec_sum *sum, const uint8_t *head,
		    const uint8_t *rest, size_t len, uint16_t volatile_ids);

/* A FEC packet's payload. Borrows. */
struct vc_fec {
	struct vc_fec_sum sum; /* of 'cap' 0; 'body' is not set by parsing */
	uint32_t ssrc;	       /* FlexFEC: the protected one */
	uint16_t base;
	struct vc_fec_mask mask; /* not empty */
	const uint8_t *body;
	size_t body_len;
};

/*
 * 0, or -EBADMSG: cut short, an empty mask, a ULPFEC length that is not the
 * rest, a FlexFEC mask without an end or SSRC count of 0; -ENOTSUP: what the
 * top of this page excludes, and ULPFEC with more levels or E set.
 */
int vc_fec_parse(struct vc_fec *fec, enum vc_fec_format format,
		 const uint8_t *p, size_t len);

/* Octets before the body, for a mask whose last place is before 'span'. */
size_t vc_fec_header_len(enum vc_fec_format format, unsigned int span);

/*
 * Writes that header, with the smallest mask that holds 'fec->mask'; the body
 * ('body_len' octets) is the caller's to place behind it. Too little room, or
 * a mask that does not fit the format, sets w->bad.
 */
void vc_fec_write(struct vc_wr *w, enum vc_fec_format format,
		  const struct vc_fec *fec);

#endif
