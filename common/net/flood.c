/* SPDX-License-Identifier: MIT */
#include "net/flood.h"

#include "base/time.h"

#define SPAN (200 * VC_MS) /* pictures come in lumps, which even out */
#define FLOOD VC_MS	   /* a packet in so long, and more often */

bool vc_flood_count(struct vc_flood *f, uint64_t n, int64_t now)
{
	const int64_t span = now - f->since;

	f->packets += n;
	if (span < SPAN) {
		f->is_on = f->is_on || f->packets >= SPAN / FLOOD;
		return f->is_on;
	}
	f->is_on = span < 2 * SPAN && f->packets >= (uint64_t)(span / FLOOD);
	f->packets = 0;
	f->since = now;
	return f->is_on;
}
