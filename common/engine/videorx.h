/* SPDX-License-Identifier: MIT */
/*
 * The receive chain of one video source: jitter buffer, frame assembly, size
 * limits, decoder. The reader pulls by stream time and gets the newest picture
 * that is due; all frames before it are decoded in order. After a loss the
 * picture freezes until the next key frame, which the tool is told to ask for;
 * of temporal layers it goes on as long as nothing of the base is missing.
 */
#ifndef VC_ENGINE_VIDEORX_H
#define VC_ENGINE_VIDEORX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "session/playout.h"
#include "wire/codec.h"
#include "wire/rtp.h"

struct vc_videorx;
struct vc_packet;

struct vc_videorx_counts {
	uint64_t frames; /* decoded */
	uint64_t key_frames;
	uint64_t broken;  /* frames with packets missing */
	uint64_t waiting; /* frames dropped while awaiting a key frame */
	uint64_t malformed;
	uint64_t refused; /* over the size limit */
	uint64_t late;
};

/*
 * VP8, VP9, H.264 or AV1, else -ENOTSUP; -ENOMEM. What is larger than
 * 'max_width' x 'max_height' is refused before any decoder sees it.
 */
struct vc_videorx *vc_videorx_new(enum vc_codec codec,
				  const struct vc_playout_source *play,
				  int max_width, int max_height, int *err);
/* As vc_frameasm_set_fmtp(). */
void vc_videorx_set_fmtp(struct vc_videorx *v, struct vc_str fmtp);
/*
 * Pictures are turned as the extension with this id says (wire/rtpext.h); 0, as
 * at first: there is none, and they are as they were sent.
 */
void vc_videorx_set_orientation(struct vc_videorx *v, uint8_t id);
void vc_videorx_free(struct vc_videorx *v);

/*
 * From now on the picture is the decoder's own, and not a copy of it, unless it
 * is turned: who decodes many saves much of their pictures' way to memory and
 * back. But a frame that gives no picture takes away the one before it, and until the next
 * there is none; this happens once, as then copies are made again.
 */
void vc_videorx_borrow(struct vc_videorx *v);
/* Takes a reference. */
void vc_videorx_put(struct vc_videorx *v, struct vc_packet *pkt,
		    const struct vc_rtp *rtp);

void vc_videorx_end(struct vc_videorx *v);

/* Decodes what is due at 'now'. True when a new picture is there. */
bool vc_videorx_pull(struct vc_videorx *v, int64_t now);

/* When the next one is due that is here as a whole; VC_TIME_NONE: none is. */
int64_t vc_videorx_due(const struct vc_videorx *v);

/*
 * The same in two steps, for decoding on another thread. vc_videorx_take()
 * puts frames together and says whether there is anything to decode; packets
 * belong to one thread, and so does it. vc_videorx_decode() touches nothing
 * else's: until it has returned only vc_videorx_put() may be called for 'v'.
 */
bool vc_videorx_take(struct vc_videorx *v, int64_t now);
bool vc_videorx_decode(struct vc_videorx *v);

/*
 * The newest picture, NULL before the first (and as vc_videorx_borrow() says);
 * borrowed until the next pull.
 * '*generation' grows with each new one.
 */
const struct vc_image *vc_videorx_image(const struct vc_videorx *v,
					uint64_t *generation);
/* Stream time of that picture. */
int64_t vc_videorx_time(const struct vc_videorx *v);

/*
 * 'seen' gets each picture that is decoded, also those a later one replaces in
 * the same pull. 'img' is borrowed for the call; 'time' is its stream time.
 */
void vc_videorx_watch(struct vc_videorx *v,
		      void (*seen)(void *ctx, const struct vc_image *img,
				   int64_t time),
		      void *ctx);

/* True when a key frame is needed to go on. Limits are the asker's. */
bool vc_videorx_wants_key(const struct vc_videorx *v);

bool vc_videorx_held(const struct vc_videorx *v);

const struct vc_videorx_counts *vc_videorx_counts(const struct vc_videorx *v);

#endif
