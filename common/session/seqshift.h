/* SPDX-License-Identifier: MIT */
/*
 * Sequence numbers of a stream into which packets are put on its way, or out
 * of which some are taken: all numbers behind such a place move. One that
 * comes late moves as it would have in its turn, so no two become the same.
 * Constant memory: what is from before the places that are kept moves as the
 * first behind the oldest that was forgotten.
 */
#ifndef VC_SESSION_SEQSHIFT_H
#define VC_SESSION_SEQSHIFT_H

#include <stdint.h>

#define VC_SEQSHIFT_PLACES 64

/* Begin with zeros. */
struct vc_seqshift {
	int oldest; /* by how much, before the first place */
	int newest; /* and behind the last one */
	unsigned int n;
	struct {
		int64_t after; /* extended number */
		int by;
	} places[VC_SEQSHIFT_PLACES];
};

/*
 * Numbers after 'after' move by 'by' more. Places come in order: one that is
 * before the last is taken for the same.
 */
void vc_seqshift_add(struct vc_seqshift *s, int64_t after, int by);

/* Numbers after 'after' move as the first of them does. */
void vc_seqshift_cut(struct vc_seqshift *s, int64_t after);

/* By how much the extended number 'seq' moves. */
int vc_seqshift_of(const struct vc_seqshift *s, int64_t seq);

#endif
