/* SPDX-License-Identifier: MIT */
/*
 * Janus's recordings (https://janus.conf.meetecho.com/docs/recordings): the
 * RTP packets of one stream, behind a description in JSON.
 *
 * MJR00002: frames "MEET", milliseconds since the first one, length, packet.
 * MJR00001: frames "MEETECHO", length, packet, without any time; in the oldest
 * the description is a first frame of "audio" (Opus) or "video" (VP8).
 */
#ifndef VC_WIRE_MJR_H
#define VC_WIRE_MJR_H

#include <stddef.h>
#include <stdint.h>

#include "wire/piece.h"
#include "wire/rtp.h"

/* Zero it before the first call. */
struct vc_mjr {
	int version; /* 0: not known yet */
	struct vc_ts_ext offset;
};

/*
 * The piece at 'buf', as wire/piece.h says. The first is the INFO, the
 * description: JSON, or "audio" or "video". The times of packets are ns since
 * the first one (which the description tells in microseconds, "u"), or
 * VC_TIME_NONE.
 */
int vc_mjr_next(struct vc_mjr *m, const uint8_t *buf, size_t len,
		struct vc_piece *out);

#endif
