/* SPDX-License-Identifier: MIT */
/*
 * RTP header extensions, one- and two-byte form (RFC 8285), and the client's
 * audio level (RFC 6464). Malformed ones never cost the packet: reading stops
 * and what came before stands.
 */
#ifndef VC_WIRE_RTPEXT_H
#define VC_WIRE_RTPEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtp.h"

/* The ids of our own descriptions (vc-stream(7)). */
enum vc_ext_id {
	VC_EXT_AUDIO_LEVEL = 1,
	VC_EXT_ABS_SEND_TIME = 2,
	VC_EXT_TWCC = 3,
	VC_EXT_MID = 4,
	VC_EXT_ABS_CAPTURE_TIME = 5,
	VC_EXT_RID = 6,
	VC_EXT_REPAIRED_RID = 7,
	VC_EXT_ORIENTATION = 8,
	VC_EXT_CSRC_LEVELS = 9,
};

#define VC_EXT_URI_AUDIO_LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

/* One element. Borrows from the packet. */
struct vc_ext {
	uint8_t id; /* 1..14, or 1..255 in the two-byte form */
	const uint8_t *p;
	size_t len; /* 1..16, or 0..255 */
};

struct vc_ext_iter {
	struct vc_rd rd;
	bool two_byte;
};

/* Over the elements of 'rtp'; none when it has no or an unknown extension. */
struct vc_ext_iter vc_ext_over(const struct vc_rtp *rtp);

/*
 * True and '*out': the next one. False after the last; also at id 15, at id 0
 * with a length, and at an element that is longer than what is left.
 */
bool vc_ext_next(struct vc_ext_iter *it, struct vc_ext *out);

/* The first element with 'id', true and its octets (len and p may be NULL). */
bool vc_ext_find(const struct vc_rtp *rtp, uint8_t id, const uint8_t **p,
		 size_t *len);

/*
 * Appends an element of a one-byte block (its header, not the block's: give
 * the octets to vc_rtp_write() as ext, with ext_profile VC_RTP_EXT_ONE).
 * 'id' is 1..14 and 'len' 1..16.
 */
void vc_ext_write(struct vc_wr *w, uint8_t id, const void *data, size_t len);

/* RFC 6464: 'level' is -dBov, 0 (loudest) to 127 (silence). */
struct vc_audio_level {
	bool voice;
	uint8_t level;
};

/* True when the packet carries one under 'id'. */
bool vc_ext_audio_level(const struct vc_rtp *rtp, uint8_t id,
			struct vc_audio_level *out);

/* Appends one, as vc_ext_write(). A level above 127 is written as 127. */
void vc_ext_write_audio_level(struct vc_wr *w, uint8_t id, bool voice,
			      uint8_t level);

#endif
