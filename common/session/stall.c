/* SPDX-License-Identifier: MIT */
#include "session/stall.h"

#include "base/time.h"

#define CAUGHT_UP (100 * VC_MS)

bool vc_stall_put(struct vc_stall *s, int64_t step, int64_t passed,
		  int64_t arrival)
{
	int64_t late = passed - step;

	if (!s->is_open) {
		s->is_open = late > VC_STALL_LEAST;
		s->since = arrival;
		s->first = s->least = s->lag = late;
		return s->is_open;
	}
	s->lag += late;
	if (s->lag < s->least)
		s->least = s->lag;
	/* A queue that drains. */
	if (s->first - s->least > CAUGHT_UP)
		s->is_open = false;
	return s->is_open;
}

int64_t vc_stall_settle(struct vc_stall *s, int64_t now)
{
	if (!s->is_open)
		return 0;
	if (now - s->since < VC_STALL_SURE)
		return -1;
	s->is_open = false;
	return s->least;
}
