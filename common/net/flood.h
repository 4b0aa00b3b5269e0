/* SPDX-License-Identifier: MIT */
/*
 * Is what goes one way a flood (1,000 packets a second and more), for which it
 * pays to give the kernel many at once, or the packets of a conference, which a
 * capture beside us is to show as they are?
 */
#ifndef VC_NET_FLOOD_H
#define VC_NET_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing went yet. */
struct vc_flood {
	int64_t since;	  /* when this span began */
	uint64_t packets; /* of it */
	bool is_on;
};

/*
 * 'n' more went at 'now', ns of a clock that does not go back. It is looked at in
 * spans of 200 ms: one with a packet a millisecond is of a flood, and known for
 * it as soon as there are 200. A silence of 400 ms ends it.
 */
bool vc_flood_count(struct vc_flood *f, uint64_t n, int64_t now);

#endif
