/* SPDX-License-Identifier: MIT */
/*
 * White noise through a low-pass of first order at about 2 kHz, which has a
 * seventh of the power left.
 */
#include "media/hiss.h"

#include <math.h>

#include "media/level.h"

#define UNITY (INT32_C(1) << 16)
#define HOLD 10		 /* blocks */
#define RISE (UNITY / 5) /* in a block; it falls in one */

void vc_hiss_init(struct vc_hiss *h, uint8_t level_dbov, uint32_t seed)
{
	double rms = 32768 * pow(10, -level_dbov / 20.0);

	/* Of even noise the power is a third of the peak's. */
	*h = (struct vc_hiss){ .amp = (int32_t)lrint(rms * sqrt(21) * 256),
			       .level_dbov = level_dbov,
			       .state = seed | 1 };
}

static int16_t next(struct vc_hiss *h, unsigned int channel)
{
	int32_t x;

	h->state ^= h->state << 13;
	h->state ^= h->state >> 17;
	h->state ^= h->state << 5;
	x = (int32_t)((int64_t)(int16_t)(h->state >> 16) * h->amp / 32768);
	h->low[channel] += (x - h->low[channel]) / 4;
	return (int16_t)(h->low[channel] / 256);
}

void vc_hiss_next(struct vc_hiss *h, size_t n)
{
	int16_t *wide = h->pcm + VC_HISS_MAX;

	for (size_t i = 0; i < n; i++) {
		wide[2 * i] = next(h, 0);
		wide[2 * i + 1] = next(h, 1);
		h->pcm[i] = wide[2 * i];
	}
}

static int16_t sum(int a, int b)
{
	int v = a + b;

	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

void vc_calm_run(struct vc_calm *c, const struct vc_hiss *h, int16_t *pcm,
		 size_t n, unsigned int channels)
{
	const int16_t *noise = channels == 2 ? h->pcm + VC_HISS_MAX : h->pcm;
	bool is_quiet = vc_level_dbov(pcm, n * channels) > h->level_dbov;
	int32_t from = c->gain, to = 0;

	if (!h->amp)
		return;
	c->quiet = is_quiet ? c->quiet + (c->quiet < HOLD) : 0;
	if (c->quiet == HOLD)
		to = from + RISE < UNITY ? from + RISE : UNITY;
	c->gain = to;
	if (!from && !to)
		return;
	for (size_t i = 0; i < n * channels; i++) {
		int64_t at = (int64_t)(i / channels);
		int32_t gain = from + (int32_t)((to - from) * at / (int64_t)n);

		pcm[i] = sum(pcm[i], (noise[i] * gain + UNITY / 2) >> 16);
	}
}
