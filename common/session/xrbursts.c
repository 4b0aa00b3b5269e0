/* SPDX-License-Identifier: MIT */
/*
 * Of each run of bad places that fewer than VC_XR_GMIN good ones part, only its
 * length and its bad ones are kept until it is known to be over: one alone then
 * belongs to the gap around it.
 */
#include "session/xrbursts.h"

static void add_gap(struct vc_xrbursts *b, uint64_t places, uint64_t bad)
{
	if (!places)
		return;
	b->gap.n += !b->gap_open;
	b->gap_open = true;
	b->gap.places += places;
	b->gap.bad += bad;
}

void vc_xrbursts_end(struct vc_xrbursts *b)
{
	if (b->run_bad > 1) {
		b->gap_open = false;
		b->burst.n++;
		b->burst.places += b->run_places;
		b->burst.bad += b->run_bad;
	} else {
		add_gap(b, b->run_places, b->run_bad);
	}
	add_gap(b, b->good_row, 0);
	b->run_places = b->run_bad = b->good_row = 0;
}

void vc_xrbursts_put(struct vc_xrbursts *b, bool is_bad)
{
	if (!is_bad) {
		b->good_row++;
		return;
	}
	if (b->run_bad && b->good_row < VC_XR_GMIN) {
		b->run_places += b->good_row + 1;
	} else {
		vc_xrbursts_end(b);
		b->run_places = 1;
	}
	b->run_bad++;
	b->good_row = 0;
}
