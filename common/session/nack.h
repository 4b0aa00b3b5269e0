/* SPDX-License-Identifier: MIT */
/*
 * Which packets of one source are missing, and when to ask for them (RFC 4585
 * section 6.2.1). One for each source that is received.
 *
 * A hole is asked for at once, but where packets were seen to overtake each
 * other only after the time that took; again each time an answer is overdue
 * (1.5 round trips); never more often than 'max_tries', nor when the answer
 * would come after 'max_age', when the playout has no use for it. A burst of
 * losses costs at most VC_NACK_HOLES steps, whatever its length.
 *
 * Tell every packet by vc_nack_put(); then, and whenever vc_nack_next() has
 * come, write what is due with vc_nack_write(), if RTCP may go.
 */
#ifndef VC_SESSION_NACK_H
#define VC_SESSION_NACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_NACK_HOLES 1024  /* holes known at a time; the oldest go first */
#define VC_NACK_WINDOW 1024 /* won ones are known as such this far behind */
#define VC_NACK_ENTRIES 128 /* of one NACK, of up to 17 numbers each */

#define VC_NACK_RTT INT64_C(100000000) /* as long as it is not known */

/* How a packet came. */
enum vc_nack_how {
	VC_NACK_ORIGINAL, /* or resent in place */
	VC_NACK_RTX,
	VC_NACK_FEC,
};

struct vc_nack_conf {
	int64_t max_age;	/* from when it ought to have come; 0: 1 s */
	unsigned int max_tries; /* 0: 10 */
	unsigned int max_holes; /* known at a time; 0: VC_NACK_HOLES */
	unsigned int *room;	/* places that are left to all who share it,
				 * besides a few of each; NULL: no matter */
	bool is_in_place;	/* the peer resends without RTX */
	bool never_asks;	/* holes are only watched */
};

struct vc_nack_counts {
	uint64_t holes;	    /* packets that were missing */
	uint64_t asked;	    /* numbers asked for, repeats too */
	uint64_t packets;   /* NACKs written */
	uint64_t won;	    /* holes that an answer filled */
	uint64_t fec;	    /* that FEC filled */
	uint64_t reordered; /* that were only late */
	uint64_t given_up;  /* that stay */
	uint64_t needless;  /* that a key frame made so */
	uint64_t late;	    /* answers for what was given up, or is here */
	uint64_t restarts;
};

/* A missing packet; the module's own. */
struct vc_nack_hole {
	int64_t since; /* when it ought to have come */
	int64_t noticed;
	int64_t asked;
	uint16_t seq;
	uint8_t tries;
};

/* 'counts', 'rtt', 'wait' and 'spacing' may be read. */
struct vc_nack {
	struct vc_nack_conf conf;
	struct vc_nack_counts counts;
	int64_t rtt; /* given, learnt or VC_NACK_RTT */
	bool has_rtt;
	int64_t wait;	 /* for packets that were overtaken */
	int64_t spacing; /* mean time between packets, 0: not known */
	bool is_started;
	uint16_t high; /* the newest number, and when it came */
	int64_t last;
	int64_t last_sent; /* the last NACK, VC_TIME_NONE: none */
	int64_t next;
	struct vc_nack_hole *holes; /* in order of numbers */
	unsigned int n;
	unsigned int cap;
	uint64_t won[VC_NACK_WINDOW / 64]; /* bit seq mod VC_NACK_WINDOW */
};

void vc_nack_init(struct vc_nack *n, const struct vc_nack_conf *conf);
void vc_nack_clear(struct vc_nack *n);

/* The playout grew or shrank. */
void vc_nack_max_age(struct vc_nack *n, int64_t max_age);

/* A round-trip time that was measured otherwise (session/xr.h, RTCP). */
void vc_nack_rtt(struct vc_nack *n, int64_t rtt);

/*
 * A packet came: an original that vc_rxstats_packet() took for media, or one
 * won back. True: nobody has had it yet. False: it was won back before, or it
 * is an answer that nobody needs now; drop it.
 */
bool vc_nack_put(struct vc_nack *n, uint16_t seq, enum vc_nack_how how,
		 int64_t now);

/* The source begins anew elsewhere (VC_RX_RESYNC): no hole between. */
void vc_nack_restart(struct vc_nack *n);

/* A key frame begins at 'seq': what is missing before it is not needed. */
void vc_nack_drop_before(struct vc_nack *n, uint16_t seq);

/* Is 'seq' missing, and has been asked for? For finding whose an RTX is. */
bool vc_nack_is_asked(const struct vc_nack *n, uint16_t seq);

/* Was it won back, and has it not come as an original since? */
bool vc_nack_is_won(const struct vc_nack *n, uint16_t seq);

/* When there may be something to do next, INT64_MAX: nothing. */
int64_t vc_nack_next(const struct vc_nack *n);

/*
 * Gives up what is too old and appends one NACK of what is to be asked for at
 * 'now', as far as there is room for it. How many numbers that are; 0: nothing
 * was written.
 */
unsigned int vc_nack_write(struct vc_nack *n, struct vc_wr *w, uint32_t sender,
			   uint32_t media, int64_t now);

#endif
