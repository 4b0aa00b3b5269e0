/* SPDX-License-Identifier: MIT */
/* All voices in one, left and right; where none is in stereo both are one. */
#include "play.h"

void blend_init(struct play *p)
{
	vc_limiter_init(&p->limiter);
}

void blend_begin(struct play *p)
{
	vc_mixsum_begin_stereo(&p->sum, TICK_SAMPLES);
}

void blend_add(struct play *p)
{
	vc_mixsum_fold(p->wide, TICK_SAMPLES, p->mix);
	vc_mixsum_add(&p->sum, p->wide);
}

void blend_out(struct play *p)
{
	vc_mixsum_out(&p->sum, NULL, &p->limiter, p->wide);
	vc_mixsum_fold(p->wide, TICK_SAMPLES, p->mix);
}
