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

static int64_t unlikeness(const int16_t *a, const int16_t *b)
{
	int64_t sum = 0;

	for (size_t i = 0; i < VC_STRETCH_FADE; i += STEP)
		sum += abs(a[i] - b[i]);
	return sum;
}

static size_t best_length(const int16_t *pcm, size_t max)
{
	size_t best = VC_STRETCH_MIN;
	int64_t least = INT64_MAX;

	if (max > VC_STRETCH_MAX)
		max = VC_STRETCH_MAX;
	for (size_t len = VC_STRETCH_MIN; len <= max; len += STEP) {
		int64_t sum = unlikeness(pcm, pcm + len);

		if (sum <= least) {
			least = sum;
			best = len;
		}
	}
	return best;
}

/* From 'a' to 'b' over FADE samples. 'out' may be either. */
static void fade(int16_t *out, const int16_t *a, const int16_t *b)
{
	for (int i = 0; i < VC_STRETCH_FADE; i++) {
		int v = a[i] * (VC_STRETCH_FADE - i) + b[i] * i;

		out[i] = (int16_t)(v / VC_STRETCH_FADE);
	}
}

size_t vc_stretch_cut(int16_t *pcm, size_t n, size_t max)
{
	size_t len;

	assert(n >= VC_STRETCH_ROOM && max >= VC_STRETCH_MIN);
	len = best_length(pcm, max);
	fade(pcm + len, pcm, pcm + len);
	memmove(pcm, pcm + len, (n - len) * sizeof(*pcm));
	return len;
}

size_t vc_stretch_repeat(int16_t *pcm, size_t n, size_t max)
{
	int16_t seam[VC_STRETCH_FADE];
	size_t len;

	assert(n >= VC_STRETCH_ROOM && max >= VC_STRETCH_MIN);
	len = best_length(pcm, max);
	/* The piece, then again: what followed it fades to its beginning. */
	fade(seam, pcm + len, pcm);
	memmove(pcm + len, pcm, n * sizeof(*pcm));
	memcpy(pcm + len, seam, sizeof(seam));
	return len;
}
