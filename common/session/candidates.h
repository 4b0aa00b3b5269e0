/* SPDX-License-Identifier: MIT */
/*
 * SSRCs that were heard of and are no sources yet; the roster's own part. At
 * most VC_ROSTER_CANDIDATES, the least recently heard goes first: among those
 * RTCP vouches for when they are more than half, else among the others, so
 * that neither flood pushes out the other kind.
 */
#ifndef VC_SESSION_CANDIDATES_H
#define VC_SESSION_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#include "session/roster.h"

struct vc_candidate {
	uint32_t ssrc;
	int input;
	uint64_t host;
	uint64_t stamp; /* when heard, as a count */
	bool is_vouched;
	unsigned int row; /* RTP packets in a row */
	uint16_t next_seq;
	struct vc_packet *held; /* the first of them, one reference */
	bool has_sr;
	uint64_t sr_ntp;
	uint32_t sr_ts;
	int64_t sr_arrival;
	char cname[VC_ROSTER_TEXT];
	char name[VC_ROSTER_TEXT];
};

struct vc_candidates {
	struct vc_candidate *a;
	uint64_t keys[VC_ROSTER_CANDIDATES]; /* searched instead of 'a' */
	unsigned int n;
	unsigned int n_vouched;
	uint64_t stamp;
	uint64_t evicted;
};

/* 0 or -ENOMEM. */
int vc_candidates_init(struct vc_candidates *cs);
void vc_candidates_clear(struct vc_candidates *cs);

/*
 * The one of (input, ssrc), made when there is none. NULL when one of another
 * host is here that RTCP vouches for; otherwise that one begins anew. Valid
 * until the next get or drop.
 */
struct vc_candidate *vc_candidates_get(struct vc_candidates *cs, int input,
				       uint32_t ssrc, uint64_t host);
void vc_candidates_vouch(struct vc_candidates *cs, struct vc_candidate *c);
void vc_candidates_drop(struct vc_candidates *cs, struct vc_candidate *c);

/* Counts an RTP packet: how many in a row with it. */
unsigned int vc_candidate_row(struct vc_candidate *c, uint16_t seq);

/* Keeps 'pkt' (if not NULL), the first of a row; forgets another row's. */
void vc_candidate_hold(struct vc_candidate *c, bool is_first,
		       struct vc_packet *pkt);

#endif
