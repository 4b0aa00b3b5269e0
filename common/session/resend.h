/* SPDX-License-Identifier: MIT */
/*
 * What one peer may have sent again, so that his NACKs cannot make us flood
 * anybody: a packet once a round trip, and all of them together at most half of
 * the media that went to him within a second and a quarter of it within ten
 * (counted in tenths of a second).
 */
#ifndef VC_SESSION_RESEND_H
#define VC_SESSION_RESEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_RESEND_SLOTS 100  /* tenths of a second that are remembered */
#define VC_RESEND_RECENT 256 /* packets resent, a power of two */
#define VC_RESEND_RTT INT64_C(100000000) /* as long as it is not known */

struct vc_resend_counts {
	uint64_t asked;	   /* numbers that he asked for */
	uint64_t resent;   /* and got */
	uint64_t octets;   /* of those */
	uint64_t unknown;  /* never sent, or not kept any more */
	uint64_t too_soon; /* within a round trip of the last time */
	uint64_t over;	   /* the budget */
};

struct vc_resend_sum {
	uint64_t media; /* octets */
	uint64_t resent;
};

struct vc_resend_mark {
	uint64_t key; /* SSRC and number, + 1; 0: free */
	int64_t at;
};

/*
 * Start with vc_resend_init(), end with vc_resend_clear(); 'counts' and 'rtt'
 * may be read. What every packet touches comes first: with a thousand peers
 * each line more of it is waited for.
 */
struct vc_resend {
	int64_t slot;	/* the tenth of a second that is being filled */
	uint64_t media; /* octets, in it so far; the sums are without */
	struct vc_resend_counts counts;
	int64_t rtt;
	struct vc_resend_sum short_sum; /* of 1 s, of 10 s */
	struct vc_resend_sum long_sum;
	struct {
		uint32_t media;
		uint32_t resent;
	} slots[VC_RESEND_SLOTS];
	struct vc_resend_mark *recent; /* NULL: nothing was resent yet */
};

void vc_resend_init(struct vc_resend *r, int64_t now);
void vc_resend_clear(struct vc_resend *r);

/* His round-trip time. */
void vc_resend_rtt(struct vc_resend *r, int64_t rtt);

/* A packet of media of 'len' octets went to him (not one sent again). */
void vc_resend_media(struct vc_resend *r, size_t len, int64_t now);

/*
 * He asks for packet 'seq' of stream 'ssrc', which has 'len' octets (0: it is
 * not there any more). True: send it; it is counted as sent. The first one
 * allocates; where there is no memory it is over the budget.
 */
bool vc_resend_ask(struct vc_resend *r, uint32_t ssrc, uint16_t seq, size_t len,
		   int64_t now);

#endif
