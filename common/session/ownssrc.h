/* SPDX-License-Identifier: MIT */
/*
 * Our own SSRCs, and who else sends with one (RFC 3550 section 8.2); the
 * roster's own part. The first time from an address it is a collision: we take
 * another SSRC. From the same address again it is our own packets that come
 * back, and another SSRC would not help.
 */
#ifndef VC_SESSION_OWNSSRC_H
#define VC_SESSION_OWNSSRC_H

#include <stdbool.h>
#include <stdint.h>

#include "session/roster.h"

#define VC_OWN_CONFLICTS 16 /* addresses kept; the one heard longest ago goes */

/* Start with zeros, end with vc_ownssrc_clear(). */
struct vc_ownssrc {
	uint64_t *tab; /* SSRC, and 1; 0: free */
	uint32_t mask;
	uint32_t n;
	unsigned int n_conflicts;
	struct {
		uint64_t peer;
		int64_t at;
	} conflicts[VC_OWN_CONFLICTS];
};

void vc_ownssrc_clear(struct vc_ownssrc *o);

/* One more than VC_ROSTER_OWN, or than there is memory for, is not looked for
 * in what comes. */
void vc_ownssrc_set(struct vc_ownssrc *o, uint32_t ssrc, bool is_own);
bool vc_ownssrc_is(const struct vc_ownssrc *o, uint32_t ssrc);

/* It came from 'peer': -ELOOP, choose another; -EALREADY, it is a loop. */
int vc_ownssrc_met(struct vc_ownssrc *o, uint64_t peer, int64_t now);

#endif
