/* SPDX-License-Identifier: MIT */
/*
 * Makes sound a little shorter or longer without a click, to catch up with a
 * clock or to wait for it: a piece of about a pitch period is left out, or
 * played twice, and the seam is cross-faded where the wave fits best. Integers
 * throughout. 48 kHz; counts are samples of each of the interleaved channels.
 */
#ifndef VC_ENGINE_STRETCH_H
#define VC_ENGINE_STRETCH_H

#include <stddef.h>
#include <stdint.h>

#define VC_STRETCH_MIN 120  /* samples of a piece: 2.5 ms */
#define VC_STRETCH_MAX 600  /* 12.5 ms */
#define VC_STRETCH_FADE 240 /* 5 ms */

/* Samples that must lie at 'pcm' for either: piece and fade. */
#define VC_STRETCH_ROOM (VC_STRETCH_MAX + VC_STRETCH_FADE)

/*
 * Takes a piece of at most 'max' samples (VC_STRETCH_MIN at least) out of the
 * beginning of pcm[0..n), n >= VC_STRETCH_ROOM. Returns its length; the sound
 * is now n less that.
 */
size_t vc_stretch_cut(int16_t *pcm, size_t n, size_t max,
		      unsigned int channels);

/*
 * Plays a piece of at most 'max' samples twice; there is room for n +
 * VC_STRETCH_MAX at 'pcm'. Returns its length; the sound is now n more that.
 */
size_t vc_stretch_repeat(int16_t *pcm, size_t n, size_t max,
			 unsigned int channels);

#endif
