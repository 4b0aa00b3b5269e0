/* SPDX-License-Identifier: MIT */
/* Calls of clock_gettime(), which the vDSO answers. */
#include <time.h>

#include "base/time.h"
#include "net/clock.h"
#include "net/loop.h"

#define SAME_TIME (20 * VC_US)

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * VC_SEC + ts.tv_nsec;
}

int64_t vc_mono_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Anew where something came in between: that would look like a step. */
int64_t vc_wall_minus_mono(void)
{
	int64_t best = INT64_MAX, distance = 0;

	for (int i = 0; i < 8 && best > SAME_TIME; i++) {
		int64_t before = read_clock(CLOCK_MONOTONIC);
		int64_t wall = read_clock(CLOCK_REALTIME);
		int64_t after = read_clock(CLOCK_MONOTONIC);

		if (after - before >= best)
			continue;
		best = after - before;
		distance = wall - before - best / 2;
	}
	return distance;
}
