/* SPDX-License-Identifier: MIT */
#include "session/lossburst.h"

#define LEAST 8	   /* before anything is said */
#define MEMORY 128 /* then all is halved */

static void judge(struct vc_lossburst *b)
{
	if (b->lost < LEAST)
		return;
	if (b->lost >= 2 * b->rows)
		b->is_bursty = true;
	else if (2 * b->lost < 3 * b->rows)
		b->is_bursty = false;
}

void vc_lossburst_put(struct vc_lossburst *b, uint16_t seq)
{
	if (!b->has_last || seq != (uint16_t)(b->last + 1)) {
		/* The row before is whole. */
		judge(b);
		b->rows++;
	}
	b->has_last = true;
	b->last = seq;
	b->lost++;
	if (b->lost < MEMORY)
		return;
	b->lost /= 2;
	b->rows = (b->rows + 1) / 2;
}

bool vc_lossburst_is(const struct vc_lossburst *b)
{
	return b->is_bursty;
}
