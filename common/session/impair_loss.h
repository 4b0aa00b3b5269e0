/* SPDX-License-Identifier: MIT */
/*
 * Which packets a bad network loses: each at random, in bursts by models of
 * Gilbert and Elliott or of four states as tc-netem(8) has them, and by lists.
 * A model takes one step a packet, whatever else happens to it. Used by
 * session/impair.c only.
 */
#ifndef VC_SESSION_IMPAIR_LOSS_H
#define VC_SESSION_IMPAIR_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rand.h"
#include "session/impair.h"

struct vc_impair_lossy {
	struct vc_rand_line random, step, lost; /* dice */
	bool is_bad;				/* of Gilbert's two states */
	unsigned int state;			/* of the four: 0 to 3 */
	uint64_t n_kind[VC_IMPAIR_KINDS];	/* packets of each so far */
};

void vc_impair_lossy_init(struct vc_impair_lossy *l, const struct vc_rand *r);

/* Is packet number n lost? Ask for each, once. */
bool vc_impair_is_lost(struct vc_impair_lossy *l,
		       const struct vc_impair_conf *c, uint64_t n,
		       const struct vc_impair_what *what);

#endif
