/* SPDX-License-Identifier: MIT */
/* All voices in one, left and right; where none is in stereo both are one. */
#include "play.h"

void blend_init(struct play *p)
{
	vc_limiter_init(&p->limiters[0]);
	vc_limiter_init(&p->limiters[1]);
}

void blend_begin(struct play *p)
{
	vc_mixsum_begin(&p->sums[0], TICK_SAMPLES);
	vc_mixsum_begin(&p->sums[1], TICK_SAMPLES);
}

void blend_add(struct play *p, bool is_stereo)
{
	for (size_t i = 0; i < TICK_SAMPLES; i++) {
		int16_t left = p->wide[2 * i], right = p->wide[2 * i + 1];

		p->sides[0][i] = left;
		p->sides[1][i] = right;
		p->mix[i] = is_stereo ? (int16_t)((left + right) / 2) : left;
	}
	vc_mixsum_add(&p->sums[0], p->sides[0]);
	vc_mixsum_add(&p->sums[1], p->sides[1]);
}

void blend_out(struct play *p)
{
	for (int c = 0; c < 1 + p->is_wide; c++)
		vc_mixsum_out(&p->sums[c], NULL, &p->limiters[c], p->sides[c]);
	for (size_t i = 0; i < TICK_SAMPLES; i++) {
		int16_t left = p->sides[0][i];
		int16_t right = p->is_wide ? p->sides[1][i] : left;

		p->wide[2 * i] = left;
		p->wide[2 * i + 1] = right;
		p->mix[i] = (int16_t)((left + right) / 2);
	}
}
