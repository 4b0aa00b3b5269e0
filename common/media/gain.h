/* SPDX-License-Identifier: MIT */
/*
 * Sound made louder or softer without a click: a gain moves to its new value in
 * a straight line over the block that it is applied to. One channel or two, each
 * with a gain of its own (which is also how something is placed between left and
 * right). What does not fit any more is limited. Integers, but for the decibels.
 */
#ifndef VC_MEDIA_GAIN_H
#define VC_MEDIA_GAIN_H

#include <stddef.h>
#include <stdint.h>

#include "media/mixsum.h"

#define VC_GAIN_UNITY (INT32_C(1) << 16)

struct vc_gain {
	int32_t now[2]; /* of each channel, times 2^16 */
	struct vc_limiter lim;
};

/* The gain of so many tenths of a dB, -1000 to 800, times 2^16. */
int32_t vc_gain_of(int db10);

/*
 * At equal power from left (0) over the middle (VC_GAIN_UNITY / 2) to right
 * (VC_GAIN_UNITY): the two channels' parts of 'gain'.
 */
void vc_gain_place(int32_t gain, int32_t place, int32_t out[static 2]);

/* At unity, or at what 'at' says of the two channels. */
void vc_gain_init(struct vc_gain *g, const int32_t *at);

/*
 * 'n' samples of each of 1 or 2 channels, interleaved, in place, VC_MIXSUM_MAX
 * of all at most; the gains are 'to' at the end. What is at unity and stays
 * there is not touched.
 */
void vc_gain_run(struct vc_gain *g, int16_t *pcm, size_t n,
		 unsigned int channels, const int32_t *to);

#endif
