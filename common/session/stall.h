/* SPDX-License-Identifier: MIT */
/*
 * Did a sender stand still? Its RTP clock is then behind arrival, all at once,
 * and stays there. What a network held up catches up again, so for
 * VC_STALL_SURE nobody knows which it was.
 */
#ifndef VC_SESSION_STALL_H
#define VC_SESSION_STALL_H

#include <stdbool.h>
#include <stdint.h>

#define VC_STALL_LEAST INT64_C(500000000) /* shorter ones are not looked for */
#define VC_STALL_SURE INT64_C(750000000)

/* Zeros at first. All in ns. */
struct vc_stall {
	bool is_open;  /* it may have */
	int64_t since; /* arrival of the first unit behind it */
	int64_t first; /* by how much that was late */
	int64_t lag;   /* by how much the newest is */
	int64_t least;
};

/*
 * A unit came whose RTP time is 'step' after that of the one before, and its
 * arrival 'passed'. True, and as long as 'is_open': it may lie behind a stall.
 */
bool vc_stall_put(struct vc_stall *s, int64_t step, int64_t passed,
		  int64_t arrival);

/*
 * At 'now': negative, it is not known yet; 0, none is open (any more); else it
 * was one, which lasted so much longer than RTP time says.
 */
int64_t vc_stall_settle(struct vc_stall *s, int64_t now);

#endif
