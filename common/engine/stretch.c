/* SPDX-License-Identifier: MIT */
/*
 * The best length is the one at which the fade's two sides are most alike:
 * the smallest sum of absolute differences between the first FADE samples
 * and those 'length' later, looked at every fourth sample. Of equal ones
 * the longest, so that in silence most is gained.
 */
#include "engine/stretch.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP 4

static int64_t unlikeness(const int16_t *a, const int16_t *b, size_t ch)
{
	int64_t sum = 0;

	for (size_t i = 0; i < VC_STRETCH_FADE * ch; i += STEP * ch)
		for (size_t c = i; c < i + ch; c++)
			sum += abs(a[c] - b[c]);
	return sum;
}

static size_t best_length(const int16_t *pcm, size_t max, size_t ch)
{
	size_t best = VC_STRETCH_MIN;
	int64_t least = INT64_MAX;

	if (max > VC_STRETCH_MAX)
		max = VC_STRETCH_MAX;
	for (size_t len = VC_STRETCH_MIN; len <= max; len += STEP) {
		int64_t sum = unlikeness(pcm, pcm + len * ch, ch);

		if (sum <= least) {
			least = sum;
			best = len;
		}
	}
	return best;
}

/* From 'a' to 'b' over FADE samples. 'out' may be either. */
static void fade(int16_t *out, const int16_t *a, const int16_t *b, int ch)
{
	for (int i = 0; i < VC_STRETCH_FADE * ch; i++) {
		int v = a[i] * (VC_STRETCH_FADE - i / ch) + b[i] * (i / ch);

		out[i] = (int16_t)(v / VC_STRETCH_FADE);
	}
}

size_t vc_stretch_cut(int16_t *pcm, size_t n, size_t max, unsigned int channels)
{
	size_t len;

	assert(n >= VC_STRETCH_ROOM && max >= VC_STRETCH_MIN);
	len = best_length(pcm, max, channels);
	fade(pcm + len * channels, pcm, pcm + len * channels, (int)channels);
	memmove(pcm, pcm + len * channels, (n - len) * channels * sizeof(*pcm));
	return len;
}

size_t vc_stretch_repeat(int16_t *pcm, size_t n, size_t max,
			 unsigned int channels)
{
	int16_t seam[2 * VC_STRETCH_FADE];
	size_t len;

	assert(n >= VC_STRETCH_ROOM && max >= VC_STRETCH_MIN && channels <= 2);
	len = best_length(pcm, max, channels);
	/* The piece, then again: what followed it fades to its beginning. */
	fade(seam, pcm + len * channels, pcm, (int)channels);
	memmove(pcm + len * channels, pcm, n * channels * sizeof(*pcm));
	memcpy(pcm + len * channels, seam,
	       VC_STRETCH_FADE * channels * sizeof(*seam));
	return len;
}
