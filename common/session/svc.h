/* SPDX-License-Identifier: MIT */
/*
 * Layers of a stream (VP8, RFC 7741; VP9, RFC 9628): temporal ones, of which
 * the upper ones may be left out for fewer pictures a second, and of VP9 spatial
 * ones for smaller pictures. What is left is a stream that any decoder takes.
 *
 * vc_svc_pass() is how a selective forwarder does that: packets of one source
 * in, in order of arrival; it says which go on, and how. One may want less at
 * any time, which holds from the next picture on. More is there when the stream
 * lets one go up: a temporal layer where it is in sync (VP8's Y, VP9's U), a
 * spatial one at the next key picture. Pure: all it knows is in the struct.
 */
#ifndef VC_SESSION_SVC_H
#define VC_SESSION_SVC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/seqshift.h"
#include "wire/codec.h"
#include "wire/rtp.h"

struct vc_vp8_desc;
struct vc_vp9_desc;

#define VC_SVC_TOP 7 /* ids are 0..7 */

/* The highest layers that are wanted, 0 is the base. */
struct vc_svc_top {
	uint8_t sid;
	uint8_t tid;
};

/* "L3T2" (W3C WebRTC SVC): all up to the third and the second. 0 or -EINVAL. */
int vc_svc_parse(struct vc_svc_top *top, const char *word);

/* Where a packet's frame belongs; what is not told is the base. */
struct vc_svc_layer {
	uint8_t tid;
	uint8_t sid;
	int tl0picidx;	/* -1: not told */
	bool is_sync;	/* refers to the base only (VP8's Y) */
	bool is_up;	/* one may go up behind it (VP9's U) */
	bool is_inter;	/* refers to earlier pictures, as far as is known */
	bool has_start; /* the frame's first packet */
	bool has_end;	/* VP9: its last */
};

void vc_svc_layer_vp8(struct vc_svc_layer *l, const struct vc_vp8_desc *d);
void vc_svc_layer_vp9(struct vc_svc_layer *l, const struct vc_vp9_desc *d);

/* Of a payload. 0, also for other codecs: the base; -EBADMSG. */
int vc_svc_layer_read(struct vc_svc_layer *l, enum vc_codec codec,
		      const uint8_t *payload, size_t len);

/*
 * Which temporal layers lack nothing that later frames refer to: a bit each.
 * Is the frame at 'l' decodable with them, and wanted? 'whole' is then what it
 * was with that frame, else without.
 */
#define VC_SVC_WHOLE 0xff
#define VC_SVC_BASE 0x01 /* all others lack something */
bool vc_svc_follow(uint8_t *whole, const struct vc_svc_layer *l,
		   bool is_wanted);

#define VC_SVC_PICTURES 16

struct vc_svc {
	struct vc_svc_top top;
	uint8_t sid; /* spatial layers up to it pass now */
	uint8_t whole;
	bool has_begun;
	bool is_short; /* more is wanted than that, and there */
	/* What was decided of the last pictures: their packets may be late. */
	struct vc_svc_picture {
		bool is_set;
		uint32_t ts;
		bool passes;
		bool is_key;
		uint8_t sid;
	} pictures[VC_SVC_PICTURES];
	unsigned int at; /* the newest */
	struct vc_seq_ext seq;
	int64_t newest;
	struct vc_seqshift shift;
	uint64_t passed; /* packets */
	uint64_t dropped;
};

/* Begins with a key picture, or with the base. */
void vc_svc_init(struct vc_svc *s, struct vc_svc_top top);

void vc_svc_want(struct vc_svc *s, struct vc_svc_top top);

/*
 * A packet of the source. True: forward it, with the sequence number and the
 * marker that 'rtp' then has: numbers close up, and the last packet of what is
 * left of a picture has the marker. What is malformed goes on as it is.
 */
bool vc_svc_pass(struct vc_svc *s, enum vc_codec codec, struct vc_rtp *rtp);

/* Spatial layers that are wanted and there do not pass: a key picture is due. */
bool vc_svc_wants_key(const struct vc_svc *s);

#endif
