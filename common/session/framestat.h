/* SPDX-License-Identifier: MIT */
/*
 * What a viewer of one video source would get, without decoding: frames that
 * are whole, key frames, what was spoilt by loss, and freezes.
 *
 * A frame counts at the arrival of the packet that made it whole (or let it
 * pass: frames before it come first). A frame with packets missing is given up
 * VC_FRAMESTAT_WAIT after the newest of its packets; from there on frames are
 * of no use until the next key frame. Of formats that session/frameasm.h does
 * not have only completeness is known.
 *
 * Sizes are of payloads, of frames that count. Where key frames cannot be told
 * (another format, or encrypted) they are guessed: a frame of more than
 * VC_KEY_TIMES the median of those before it, at least VC_KEY_AFTER of them (the
 * first ones are judged by the median of theirs).
 *
 * A freeze is a time without a frame, after the first, longer than three frame
 * intervals and than 150 ms. The interval is the mean of the last 30 by the
 * sender's time stamps, freezes not counted.
 */
#ifndef VC_SESSION_FRAMESTAT_H
#define VC_SESSION_FRAMESTAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/time.h"
#include "session/hist.h"
#include "wire/codec.h"
#include "wire/rtp.h"

#define VC_FRAMESTAT_WAIT (200 * VC_MS)
#define VC_FREEZE_MIN (150 * VC_MS)

#define VC_KEY_TIMES 3
#define VC_KEY_AFTER 8
#define VC_FRAMESTAT_SIZES 32 /* changes of the picture's size that are kept */

struct vc_framestat;
struct vc_packet;

/*
 * What many of them hold together, so that sources which begin frames and never
 * end them cannot have all memory. When it is full the frames are given up of
 * those to which nothing has come for the longest time.
 */
struct vc_framestat_room {
	size_t max; /* octets, the packets' own memory among them */
	size_t octets;
	uint64_t given_up;		   /* times that it was full */
	struct vc_framestat *first, *last; /* who hold; the longest silent */
};

#define VC_FRAMESTAT_ROOM (64u << 20) /* octets */

struct vc_framestat_size {
	int64_t at;
	unsigned int width;
	unsigned int height;
};

struct vc_framestat_counts {
	uint64_t frames;    /* whole and of use */
	uint64_t keys;	    /* of these; 0 where the format is not known */
	uint64_t broken;    /* packets missing, or not well-formed */
	uint64_t waiting;   /* whole, but after a loss and before a key frame */
	unsigned int width; /* of the last key frame, 0: not known */
	unsigned int height;
	int64_t first; /* time of the first frame; VC_TIME_NONE: none */
	int64_t last;  /* of the last one, or of an end that froze */
	uint64_t freezes;
	int64_t frozen; /* in all, ns */
	int64_t longest;
	struct vc_hist key_octets; /* of key frames, known or guessed */
	struct vc_hist delta_octets;
	struct vc_hist key_interval; /* ns of RTP time from one to the next */
	struct vc_hist spread; /* ns, a frame's first packet to its last */
	uint64_t guessed;      /* key frames by their size */
	uint64_t resized;      /* width or height changed */
	struct vc_framestat_size size[VC_FRAMESTAT_SIZES];
};

/*
 * NULL when out of memory. 'rate_hz' is that of the RTP time, not 0. 'room'
 * outlives it; NULL: it has no others beside it.
 */
struct vc_framestat *vc_framestat_new(enum vc_codec codec, uint32_t rate_hz,
				      struct vc_framestat_room *room);
void vc_framestat_free(struct vc_framestat *fs);

/* As vc_frameasm_set_fmtp(). */
void vc_framestat_set_fmtp(struct vc_framestat *fs, struct vc_str fmtp);

/* A packet, at pkt->arrival. Takes a reference while it needs one. */
void vc_framestat_put(struct vc_framestat *fs, struct vc_packet *pkt,
		      const struct vc_rtp *rtp);

/*
 * The source ends at 'now': what is held is judged, a freeze may end too. All
 * but the counts is let go; packets are not taken any longer.
 */
void vc_framestat_end(struct vc_framestat *fs, int64_t now);

/* How long the freeze that goes on at 'now' is so far, ns; 0: there is none. */
int64_t vc_framestat_frozen(const struct vc_framestat *fs, int64_t now);

/* Whether key frames can be told from others in this format. */
bool vc_framestat_knows_keys(const struct vc_framestat *fs);

const struct vc_framestat_counts *vc_framestat_counts(
	const struct vc_framestat *fs);

#endif
