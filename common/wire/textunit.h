/* SPDX-License-Identifier: MIT */
/*
 * What a TCP connection of SIP (RFC 3261, 18.3) or RTSP (RFC 2326, RFC 7826)
 * carries, one unit behind the other: messages, as long as their Content-Length
 * says, and between those of RTSP packets of media, each after a '$', its
 * channel and its length (RFC 2326, 10.12; RFC 7826, 14).
 */
#ifndef VC_WIRE_TEXTUNIT_H
#define VC_WIRE_TEXTUNIT_H

#include <stddef.h>
#include <stdint.h>

#define VC_TEXTUNIT_MAX 65535 /* octets of a message */
#define VC_TEXTUNIT_HEAD 4    /* octets before a packet */

enum vc_textunit {
	VC_TEXTUNIT_BAD,   /* none begins here */
	VC_TEXTUNIT_SHORT, /* one may: more octets will tell */
	VC_TEXTUNIT_SPACE, /* ends of lines between messages: are you there? */
	VC_TEXTUNIT_SIP,
	VC_TEXTUNIT_RTSP,
	VC_TEXTUNIT_PACKET,
};

/* Of a unit that comes in many pieces: what need not be done again for each.
 * Zeros for a new one. */
struct vc_textscan {
	size_t searched; /* octets, for the end of its headers */
	size_t need;	 /* its length, once it is known */
};

/*
 * The unit at 'p', of 'len' octets that are there, at least one; its length in
 * '*size' (but for BAD and SHORT).
 */
enum vc_textunit vc_textunit_next(const uint8_t *p, size_t len,
				  struct vc_textscan *scan, size_t *size);

/*
 * What the octets begin with, where nothing is known: a message by its first
 * words, or a packet that is RTP or RTCP, of a size and channel that are usual,
 * and, if there is more, is followed by another unit.
 */
enum vc_textunit vc_textunit_looks(const uint8_t *p, size_t len);

/*
 * After octets that are missing: where a unit begins in those of a segment; its
 * length, where none does.
 */
size_t vc_textunit_find(const uint8_t *p, size_t len);

#endif
