/* SPDX-License-Identifier: MIT */
/*
 * Text as it is typed (ITU-T T.140) in RTP (RFC 4103): UTF-8, which packets may
 * cut anywhere, alone or redundantly in RED.
 */
#ifndef VC_WIRE_T140_H
#define VC_WIRE_T140_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/red.h"

#define VC_T140_BELL 0x07
#define VC_T140_BACKSPACE 0x08
#define VC_T140_LINE 0x2028 /* NEW LINE; CR LF means the same */
#define VC_T140_LOST 0xfffd /* missing text */

/* Room that an octet in may take when it comes out. */
#define VC_T140_GROWTH 3

/*
 * Octets to text. What goes through is characters, NEW LINE, BS and BEL;
 * BOM, the other controls and the sequences of T.140 (select graphic rendition,
 * application functions, INT) are taken out, a tab is a space. What is no UTF-8
 * becomes VC_T140_LOST. Zeros and 'line' to begin with.
 */
struct vc_t140_filter {
	uint32_t line;	   /* how NEW LINE goes out: '\n' or VC_T140_LINE */
	uint8_t octets[4]; /* of a character that is not whole */
	uint8_t n;
	bool is_rest;	/* text was lost, maybe within a character */
	uint8_t state;	/* in a sequence */
	uint16_t n_seq; /* characters of it */
};

/* The text of 'len' octets. Room for VC_T140_GROWTH * (len + 4) is enough. */
void vc_t140_filter(struct vc_t140_filter *f, const uint8_t *p, size_t len,
		    struct vc_wr *out);

/* Text is missing here: VC_T140_LOST, also for characters it cuts in two. */
void vc_t140_lost(struct vc_t140_filter *f, struct vc_wr *out);

/* No more text: a character that was cut becomes VC_T140_LOST. */
void vc_t140_finish(struct vc_t140_filter *f, struct vc_wr *out);

/*
 * A payload of RED with text of type 'pt': red->blocks are the blocks before,
 * the oldest first, and this packet's. 0, or -EBADMSG: not RED, another type in
 * it, or blocks that do not follow each other in time.
 */
int vc_t140_red_parse(struct vc_red *red, const uint8_t *p, size_t len,
		      uint8_t pt);

#endif
