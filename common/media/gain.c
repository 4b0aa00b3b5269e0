/* SPDX-License-Identifier: MIT */
#include "media/gain.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#define ROUND (VC_GAIN_UNITY / 2)

int32_t vc_gain_of(int db10)
{
	assert(db10 >= -1000 && db10 <= 800);
	/* Rounded: the same on machines whose last bit differs. */
	return (int32_t)lrint(pow(10, db10 / 200.0) * VC_GAIN_UNITY);
}

void vc_gain_place(int32_t gain, int32_t place, int32_t out[static 2])
{
	double angle = (double)place / VC_GAIN_UNITY * M_PI_2;

	out[0] = (int32_t)lrint(cos(angle) * gain);
	out[1] = (int32_t)lrint(sin(angle) * gain);
}

void vc_gain_init(struct vc_gain *g, const int32_t *at)
{
	g->now[0] = at ? at[0] : VC_GAIN_UNITY;
	g->now[1] = at ? at[1] : VC_GAIN_UNITY;
	vc_limiter_init(&g->lim);
}

/* One channel, every 'step'-th sample. */
static void scale(const int16_t *pcm, size_t n, unsigned int step, int64_t from,
		  int64_t to, int32_t *out)
{
	/* With 16 more bits, so that a line of many samples is one. */
	int64_t gain = from * 65536;
	int64_t slope = (to - from) * 65536 / (int64_t)n;

	for (size_t i = 0; i < n * step; i += step) {
		gain += slope;
		out[i] = (int32_t)((pcm[i] * (gain >> 16) + ROUND) >> 16);
	}
}

void vc_gain_run(struct vc_gain *g, int16_t *pcm, size_t n,
		 unsigned int channels, const int32_t *to)
{
	bool is_unity = g->lim.gain == VC_LIMITER_UNITY;
	int32_t x[VC_MIXSUM_MAX];

	assert(n * channels <= VC_MIXSUM_MAX);
	for (unsigned int c = 0; c < channels; c++)
		is_unity = is_unity && g->now[c] == VC_GAIN_UNITY &&
			   to[c] == VC_GAIN_UNITY;
	if (is_unity || !n)
		return;
	for (unsigned int c = 0; c < channels; c++) {
		scale(pcm + c, n, channels, g->now[c], to[c], x + c);
		g->now[c] = to[c];
	}
	vc_limiter_run(&g->lim, x, n * channels, channels, pcm);
}
