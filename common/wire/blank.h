/* SPDX-License-Identifier: MIT */
/*
 * What a packet carries is taken out of it, and what it is stays: its length,
 * and those octets by which it is known when a frame begins, of which size and
 * layer it is and whether it is a key frame. So a call can be looked at by
 * somebody who is not to hear or see it.
 *
 *	Opus		the first octet, of several frames the second, too
 *	VP8		the descriptor; where a frame begins 3 octets, of a key
 *			frame 10: its size
 *	VP9		the same, 1 and 10
 *	H.264		heads of units and fragments, lengths, one octet of a
 *			slice, parameter sets
 *	AV1		lengths and heads of OBUs, one octet of a frame,
 *			sequence headers
 *	RED, RTX	their heads, and of what is in them the same
 *	FEC		the head (14 or 20 octets), no parity
 *	telephone-event	all but the digit, which is 0
 *	comfort noise	its level
 *	others		nothing
 *
 * The rest is silence where a format has octets for it, letters x of T.140, and
 * else zeros.
 */
#ifndef VC_WIRE_BLANK_H
#define VC_WIRE_BLANK_H

#include <stddef.h>
#include <stdint.h>

struct vc_sdp;

/*
 * In place, the payload of an RTP packet of this type. 'sdp' says what that is;
 * of a type that it does not describe, and of what is malformed, nothing stays.
 */
void vc_blank_payload(const struct vc_sdp *sdp, uint8_t pt, uint8_t *p,
		      size_t len);

#endif
