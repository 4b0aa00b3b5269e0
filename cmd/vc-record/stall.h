/* SPDX-License-Identifier: MIT */
/*
 * Did a sender stand still? Its RTP clock then falls behind arrival, all at
 * once, and stays there; what a network held up catches up with it again.
 */
#ifndef VC_RECORD_STALL_H
#define VC_RECORD_STALL_H

#include <stdbool.h>
#include <stdint.h>

/* Zeros at first. */
struct stall {
	bool has_packet;
	uint32_t ts; /* of the newest */
	int64_t arrival;
	bool is_open; /* it may have, from 'from' to 'to' */
	int64_t from;
	int64_t to;
	int64_t lag; /* since 'from' */
	int64_t least;
};

/* A packet came. True, a second late: it did, from 'from' to 'to'. */
bool stall_packet(struct stall *s, uint32_t ts, uint32_t rate_hz,
		  int64_t arrival);

#endif
