/* SPDX-License-Identifier: MIT */
/*
 * RTP header extensions, one- and two-byte form (RFC 8285): elements of a
 * packet, a header with elements put in, and what the elements mean that vc
 * knows. Malformed ones never cost the packet: reading stops and what came
 * before stands.
 */
#ifndef VC_WIRE_RTPEXT_H
#define VC_WIRE_RTPEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
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
#define VC_EXT_URI_ABS_SEND_TIME \
	"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
#define VC_EXT_URI_TWCC           \
	"http://www.ietf.org/id/" \
	"draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define VC_EXT_URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define VC_EXT_URI_ABS_CAPTURE_TIME \
	"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
#define VC_EXT_URI_RID "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
#define VC_EXT_URI_REPAIRED_RID \
	"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
#define VC_EXT_URI_ORIENTATION "urn:3gpp:video-orientation"
#define VC_EXT_URI_CSRC_LEVELS "urn:ietf:params:rtp-hdrext:csrc-audio-level"

/* A RID is longer neither here nor in a description. */
#define VC_RID_MAX 16

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

/* --- writing --- */

/*
 * Appends an element of a one-byte block (its header, not the block's: give
 * the octets to vc_rtp_write() as ext, with ext_profile VC_RTP_EXT_ONE).
 * 'id' is 1..14 and 'len' 1..16.
 */
void vc_ext_write(struct vc_wr *w, uint8_t id, const void *data, size_t len);

/* The same of a two-byte block (VC_RTP_EXT_TWO); any id but 0, any length. */
void vc_ext_write_two(struct vc_wr *w, uint8_t id, const void *data,
		      uint8_t len);

/*
 * Writes the header of 'rtp' (as vc_rtp_write(), and with the P bit where it
 * has padding) with the 'n' elements of 'put': they replace all with their ids,
 * the others stay before them in their order. All that follows rtp->header_len
 * in the packet is the rest of the new one. The form is two-byte where it was,
 * or where an element needs it. at[i] is where the octets of put[i] lie, from
 * the beginning of what is written here: they may be filled in later. 'put'
 * has no id twice; its p may be NULL: zeros.
 *
 * 0; -ENOTSUP: it has an extension of an unknown profile, which no element
 * can join; -ENOSPC: no room in 'w', which is bad then.
 */
int vc_ext_put(struct vc_wr *w, const struct vc_rtp *rtp,
	       const struct vc_ext *put, size_t n, size_t *at);

/*
 * In the packet [p, p + len), in place: the elements with id 'from' get the id
 * 'to'. Nothing happens where one of the two is 0 (not described), or 'to' does
 * not go into the form they have.
 */
void vc_ext_rename(uint8_t *p, size_t len, uint8_t from, uint8_t to);

/* --- meanings --- */

/*
 * Readers: true and '*out' when the packet carries one under 'id' that makes
 * sense. Writers fill the octets of an element, for vc_ext_put() or in place.
 */

/* RFC 6464: 'level' is -dBov, 0 (loudest) to 127 (silence). */
struct vc_audio_level {
	bool voice;
	uint8_t level;
};

bool vc_ext_audio_level(const struct vc_rtp *rtp, uint8_t id,
			struct vc_audio_level *out);

/* Appends one, as vc_ext_write(). A level above 127 is written as 127. */
void vc_ext_write_audio_level(struct vc_wr *w, uint8_t id, bool voice,
			      uint8_t level);

/*
 * RFC 6465: the levels of the CSRCs, in their order, into out[0..n); returns
 * n, which is at most rtp->n_csrc. Written they are plain octets 0..127.
 */
unsigned int vc_ext_csrc_levels(const struct vc_rtp *rtp, uint8_t id,
				uint8_t out[static VC_RTP_CSRC_MAX]);

/* When it was sent: seconds in 6.18 bits of NTP time, so they wrap at 64 s. */
bool vc_ext_send_time(const struct vc_rtp *rtp, uint8_t id, uint32_t *out);
void vc_ext_set_send_time(uint8_t p[static 3], int64_t ns);
/* From a to b, -32 s .. 32 s, in ns. */
int64_t vc_ext_send_time_diff(uint32_t a, uint32_t b);

/* Transport-wide sequence number; also of version 2, whose request for
 * feedback is not looked at. */
bool vc_ext_twcc(const struct vc_rtp *rtp, uint8_t id, uint16_t *out);
void vc_ext_set_twcc(uint8_t p[static 2], uint16_t seq);

/* When it was captured, by the clock of its first sender; 'offset_ns' is from
 * the clock that sent it to that one, where it is known. */
struct vc_capture_time {
	uint64_t ntp;
	bool has_offset;
	int64_t offset_ns;
};

bool vc_ext_capture_time(const struct vc_rtp *rtp, uint8_t id,
			 struct vc_capture_time *out);
/* Returns the length, 8 or 16. */
size_t vc_ext_set_capture_time(uint8_t p[static 16],
			       const struct vc_capture_time *t);

/* MID, RID, repaired RID (RFC 9143, RFC 8852): letters, digits and other
 * characters of a token, 1 to 255 of them. Borrows from the packet. */
bool vc_ext_token(const struct vc_rtp *rtp, uint8_t id, struct vc_str *out);

/* 3GPP TS 26.114: how to turn the picture, after flipping it. */
struct vc_orientation {
	bool is_back;	   /* the camera on the back */
	bool is_flipped;   /* left to right */
	unsigned int turn; /* degrees clockwise: 0, 90, 180, 270 */
};

bool vc_ext_orientation(const struct vc_rtp *rtp, uint8_t id,
			struct vc_orientation *out);
uint8_t vc_ext_orientation_octet(const struct vc_orientation *o);

#endif
