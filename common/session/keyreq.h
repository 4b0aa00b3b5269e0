/* SPDX-License-Identifier: MIT */
/*
 * When to ask a sender of video for a key frame, and how: the one manager of
 * it, one for each source that is received. PLI first (RFC 4585 section 6.3.1);
 * if none comes of it, FIR (RFC 5104 section 4.3.1) where that was agreed on.
 * At most one request a second; unanswered ones come ever more seldom.
 *
 * Say vc_keyreq_want() at the start, at a switch and whenever what is here
 * cannot be decoded, vc_keyreq_seen() when a key frame begins. Whenever
 * vc_keyreq_next() has come and media of the source comes (asking nobody is of
 * no use), write what is due, if RTCP may go.
 */
#ifndef VC_SESSION_KEYREQ_H
#define VC_SESSION_KEYREQ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct vc_keyreq_counts {
	uint64_t wanted; /* times that a key frame began to be wanted */
	uint64_t pli;
	uint64_t fir;
	uint64_t satisfied;
};

/* 'counts' and 'is_wanted' may be read. */
struct vc_keyreq {
	struct vc_keyreq_counts counts;
	bool has_pli; /* what was agreed on; with neither, nothing is asked */
	bool has_fir;
	bool is_wanted;
	unsigned int tries; /* since it was wanted */
	int64_t last;	    /* request, VC_TIME_NONE: never */
	int64_t next;	    /* if it is wanted */
	uint8_t fir_seq;
};

void vc_keyreq_init(struct vc_keyreq *k, bool has_pli, bool has_fir);

/* A key frame is wanted; more of the same while it is not there. */
void vc_keyreq_want(struct vc_keyreq *k, int64_t now);

/* The source is back, or another: earlier silence says nothing about it. */
void vc_keyreq_renew(struct vc_keyreq *k, int64_t now);

/* A key frame began to come: the wish is fulfilled. */
void vc_keyreq_seen(struct vc_keyreq *k);

/* When to ask, INT64_MAX: there is nothing to ask. */
int64_t vc_keyreq_next(const struct vc_keyreq *k);

/*
 * Appends the request that is due at 'now' to 'w'. False: none is. With w->bad
 * it does not count as sent.
 */
bool vc_keyreq_write(struct vc_keyreq *k, struct vc_wr *w, uint32_t sender,
		     uint32_t media, int64_t now);

#endif
