/* SPDX-License-Identifier: MIT */
/*
 * RED, redundant payloads in one RTP packet (RFC 2198): earlier blocks first,
 * each with its own type, its length and how far its RTP time lies before the
 * packet's; the primary block, which is the packet's own, comes last. Audio
 * uses it to carry older payloads again, video to carry ULPFEC (RFC 5109
 * section 14) in the media's own sequence: one block then, media or FEC.
 */
#ifndef VC_WIRE_RED_H
#define VC_WIRE_RED_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtp.h"

#define VC_RED_BLOCKS_MAX 32
#define VC_RED_OFFSET_MAX 0x3fff
#define VC_RED_LEN_MAX 0x3ff
#define VC_RED_HEADER 4		/* of a redundant block */
#define VC_RED_PRIMARY_HEADER 1 /* of the primary one */

struct vc_red_block {
	uint8_t pt;
	uint16_t ts_offset; /* before the packet's time; the primary's is 0 */
	const uint8_t *p;   /* borrows; may be empty */
	size_t len;
};

struct vc_red {
	size_t n; /* 1 or more; the last one is the primary */
	struct vc_red_block blocks[VC_RED_BLOCKS_MAX];
};

/*
 * An RTP payload. 0, or -EBADMSG: no primary block, more than
 * VC_RED_BLOCKS_MAX, or lengths that exceed the payload.
 */
int vc_red_parse(struct vc_red *red, const uint8_t *p, size_t len);

/*
 * The payload for 'red': an offset or length out of range, n of 0 or over the
 * maximum, and too little room set w->bad.
 */
void vc_red_write(struct vc_wr *w, const struct vc_red *red);

/*
 * A packet with a single block out of an ordinary one, and back; the other
 * octets (CSRCs, extension, padding) stay as they are. 'head' is the packet's
 * first VC_RTP_HEADER octets, 'rest' those after them; 'header_len' is where
 * its payload begins, as in struct vc_rtp. Too little room sets w->bad.
 */
void vc_red_wrap(struct vc_wr *w, const uint8_t *head, const uint8_t *rest,
		 size_t rest_len, size_t header_len, uint8_t red_pt);

/*
 * 'rtp' is the parsed header of the RED packet 'p', 'block' one of its blocks.
 */
void vc_red_unwrap(struct vc_wr *w, const uint8_t *p, const struct vc_rtp *rtp,
		   const struct vc_red_block *block);

#endif
