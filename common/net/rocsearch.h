/* SPDX-License-Identifier: MIT */
/*
 * When to look for the roll-over count of an SSRC, where, and when it is
 * found (late joins and long blackouts: RFC 3711, 3.3.1). Pure: told the time,
 * knows no key. In common/net, whose keyring asks it.
 *
 * After 3 failures and no success for a second it is due. The counts tried are
 * guess, guess + 1, - 1, + 2, - 2, then upward to guess + 2^16, then anew. A
 * count that fits one packet is held, and counts when a second agrees within
 * a second.
 */
#ifndef VC_NET_ROCSEARCH_H
#define VC_NET_ROCSEARCH_H

#include <stdbool.h>
#include <stdint.h>

#define VC_ROC_FAILS 3
#define VC_ROC_SPAN 65536

/* Failures since the last success. Begins zeroed but for 'since': now. */
struct vc_rocwatch {
	unsigned int fails;
	int64_t since; /* the last success, or when it was first heard */
};

void vc_rocwatch_ok(struct vc_rocwatch *w, int64_t now);
/* Counts a failure; whether a search is due. */
bool vc_rocwatch_fail(struct vc_rocwatch *w, int64_t now);

struct vc_rocsearch {
	uint32_t guess;
	uint32_t lowest; /* none below is tried: that would be a replay */
	uint32_t step;
	bool has_hit;
	int64_t hit; /* index (count << 16 | number) of the packet that fitted */
	int64_t hit_time;
};

void vc_rocsearch_init(struct vc_rocsearch *rs, uint32_t guess,
		       uint32_t lowest);

/* The next count to try. */
uint32_t vc_rocsearch_next(struct vc_rocsearch *rs);

/* The packet 'seq' fitted 'roc'. */
void vc_rocsearch_hit(struct vc_rocsearch *rs, uint32_t roc, uint16_t seq,
		      int64_t now);
/* Whether one waits for a second packet (forgotten after a second); '*roc' is
 * what that has if it is 'seq'. */
bool vc_rocsearch_held(struct vc_rocsearch *rs, uint16_t seq, int64_t now,
		       uint32_t *roc);

/* The index nearest to 'last' that ends in 'seq'; not below 0. */
int64_t vc_roc_index(int64_t last, uint16_t seq);

#endif
