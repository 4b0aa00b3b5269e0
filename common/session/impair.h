/* SPDX-License-Identifier: MIT */
/*
 * A bad network, one direction of it, that is the same on every run. Packets
 * go in with the time and come out later, or not at all, in this order:
 *
 *	MTU, blackout -> bottleneck (rate, queue) -> loss -> corruption,
 *	duplicates -> delay, jitter, reordering
 *
 * What happens to packet number n depends on the random key and on n alone,
 * not on the time or on other packets (but for loss in bursts, which depends
 * on the numbers before): the same input has the same fate. Integers only.
 * Constant memory once it has warmed up; never over max_octets.
 */
#ifndef VC_SESSION_IMPAIR_H
#define VC_SESSION_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/rand.h"

#define VC_IMPAIR_ALL 1000000u /* shares are parts of a million */
#define VC_IMPAIR_RANGES 64
#define VC_IMPAIR_WINDOWS 16
#define VC_IMPAIR_PLACES_MAX 1000 /* reorder_by */
/* Of delay, jitter, reordering and queue: ten minutes. */
#define VC_IMPAIR_TIME_MAX (INT64_C(600) * 1000000000)
#define VC_IMPAIR_SKEW_MAX 10000000 /* ppb */
#define VC_IMPAIR_RATE_MIN 1000
#define VC_IMPAIR_RATE_MAX UINT64_C(100000000000)

/* What a packet is, as bits. */
#define VC_IMPAIR_RTP (1u << 0)
#define VC_IMPAIR_RTCP (1u << 1)
#define VC_IMPAIR_AUDIO (1u << 2) /* RTP of that, as the next two */
#define VC_IMPAIR_VIDEO (1u << 3)
#define VC_IMPAIR_TEXT (1u << 4)
#define VC_IMPAIR_KEY (1u << 5) /* of a key frame */
#define VC_IMPAIR_OTHER (1u << 6)
#define VC_IMPAIR_KINDS 7

struct vc_impair_what {
	unsigned int is; /* bits; 0: nobody knows */
	uint64_t key;	 /* with VC_IMPAIR_KEY: which key frame, from 1 on */
	uint32_t source; /* which of those of its kind, from 1 on; 0: unknown */
	uint64_t number; /* which packet of that source, from 1 on */
};

enum vc_impair_loss {
	VC_LOSS_NONE,
	VC_LOSS_RANDOM,	 /* each packet with loss_share */
	VC_LOSS_GILBERT, /* loss_share in bursts of burst_milli on average */
	VC_LOSS_GEMODEL, /* Gilbert and Elliott's; see 'chain' */
	VC_LOSS_STATE,	 /* four states; see 'chain' */
};

/* What the two models are made of, shares of VC_IMPAIR_ALL. GEMODEL: from good
 * to bad, from bad to good, lost while bad, lost while good. STATE: the
 * transitions 1-3, 3-1, 3-2, 2-3, 1-4 of tc-netem(8). */
struct vc_impair_chain {
	uint32_t p[5];
};

enum { VC_GE_BAD, VC_GE_GOOD, VC_GE_LOST_BAD, VC_GE_LOST_GOOD };
enum { VC_STATE_13, VC_STATE_31, VC_STATE_32, VC_STATE_23, VC_STATE_14 };

/* Of the packets of a kind (a bit; 0: of all) 'first', and each 'step'-th after
 * it to 'last', counted from 1. Of VC_IMPAIR_KEY key frames count. */
struct vc_impair_range {
	uint64_t first, last;
	uint64_t step; /* 0: as 1 */
	unsigned int kind;
};

/* Since the beginning: dark from 'from' for 'span', and again each 'every'
 * (unless 0) until 'to'. */
struct vc_impair_dark {
	int64_t from, span, every, to;
};

enum vc_impair_jitter {
	VC_JITTER_NORMAL,
	VC_JITTER_UNIFORM,
	VC_JITTER_GAMMA,
	VC_JITTER_TRACE,
};

struct vc_impair_trace;

/* Zeros but for those that vc_impair_conf_init() sets: a perfect network. */
struct vc_impair_conf {
	enum vc_impair_loss loss;
	uint32_t loss_share;
	uint32_t burst_milli; /* thousandths of a packet, from 1000 on */
	struct vc_impair_chain chain;

	/* Lost besides. */
	struct vc_impair_range lost[VC_IMPAIR_RANGES];
	size_t n_lost;

	int64_t delay;
	/* Added to the delay, which never comes below 0. Uniform: within
	 * -jitter and +jitter; normal (enough: four uniform ones added), with
	 * a standard deviation of 'jitter', at most 3.46 times it; gamma, of
	 * shape 2, with that deviation, never less than 0 and 1.41 times it in
	 * the mean; trace: the next line of 'delays', whatever 'jitter' is. */
	int64_t jitter;
	enum vc_impair_jitter distribution;
	const struct vc_impair_trace *delays; /* borrowed */
	bool keeps_order; /* none overtakes another, unless reordered */

	/* A share is late by 'reorder_time', or until reorder_by (unless 0)
	 * later ones have passed, a second at most. */
	uint32_t reorder_share;
	unsigned int reorder_by;
	int64_t reorder_time;
	uint32_t duplicate_share; /* the copy has a jitter of its own */
	uint32_t corrupt_share;	  /* a bit is flipped */

	uint64_t rate_bps;   /* 0: no limit */
	int64_t queue_time;  /* who would wait longer is dropped; 200 ms */
	size_t queue_octets; /* unless 0: this instead */
	const struct vc_impair_trace *link; /* instead of the rate; borrowed */
	bool with_codel; /* drops at the head besides (RFC 8289) */
	size_t overhead; /* octets a packet on the link; 28: IPv4, UDP */
	size_t mtu;	 /* of packet and overhead; 0: any */

	struct vc_impair_dark dark[VC_IMPAIR_WINDOWS];
	size_t n_dark;

	/* Delays grow by so many parts of 1e9 of the time since skew_from (of
	 * the beginning), or shrink, but not below 0. */
	int32_t skew_ppb;
	int64_t skew_from;

	unsigned int only; /* bits; what has none of them passes at once. 0: all
			    * take part */

	/* Of the link, whatever the network is like. */
	size_t corrupt_from; /* not in the octets before */
	size_t max_octets;   /* of buffers held; 64 MiB */
};

void vc_impair_conf_init(struct vc_impair_conf *conf);

/* NULL, or what is wrong with it, for people. */
const char *vc_impair_check(const struct vc_impair_conf *conf);

/* What became of a packet. */
enum vc_impair_fate {
	VC_FATE_PASSES,
	VC_FATE_LOSS,
	VC_FATE_BLACKOUT,
	VC_FATE_QUEUE, /* no room before the bottleneck */
	VC_FATE_CODEL, /* dropped at its head; it counted as passed so far */
	VC_FATE_MTU,
	VC_FATE_FULL, /* max_octets, or no memory */
	VC_FATES,
};

const char *vc_impair_fate_name(enum vc_impair_fate fate);

struct vc_impair_counts {
	uint64_t packets; /* put */
	uint64_t octets;
	uint64_t fate[VC_FATES];
	uint64_t corrupted;
	uint64_t duplicated;
	uint64_t reordered;
	uint64_t passed_by;   /* not of those that take part */
	uint64_t out_packets; /* got */
	uint64_t out_octets;
	uint64_t unscripted; /* packets that no act was there for */
	int64_t queue_max;   /* longest wait before the bottleneck */
};

struct vc_impair;
struct vc_impair_plan;

/*
 * 'conf' is sound (vc_impair_check()). Links of one run that share 'rand'
 * differ by 'which'. 'begin' is where the windows count from. NULL when out of
 * memory.
 */
struct vc_impair *vc_impair_new(const struct vc_impair_conf *conf,
				const struct vc_rand *rand, uint64_t which,
				int64_t begin);
/* Drops what is held. NULL is fine. */
void vc_impair_free(struct vc_impair *im);

/*
 * The network changes. Packets that wait before the bottleneck leave it at the
 * new rate; what has left it keeps its delay. Time never goes back.
 */
void vc_impair_set(struct vc_impair *im, const struct vc_impair_conf *conf,
		   int64_t now);
const struct vc_impair_conf *vc_impair_conf(const struct vc_impair *im);

/*
 * From now on 'plan' says what the network is like at which time since the
 * beginning (session/impairplan.h). Borrowed; call it again when the plan has
 * changed. corrupt_from and max_octets stay.
 */
void vc_impair_follow(struct vc_impair *im, const struct vc_impair_plan *plan,
		      int64_t now);

#define VC_IMPAIR_REBIND UINT64_MAX /* a stream: of packets that went out */

/*
 * One thing that became of a packet: that it was lost, or that it, or its copy,
 * came out later. session/impairacts.h writes them and reads them.
 */
struct vc_impair_act {
	/* 0: 'number' counts all packets; else those of one source, a kind's
	 * bit << 32 | the 'source' of vc_impair_what; or VC_IMPAIR_REBIND. */
	uint64_t stream;
	uint64_t number; /* from 1 on */
	enum vc_impair_fate fate;
	bool is_copy;
	int64_t delay;
	uint64_t order; /* of equal times: number << 8 | rank */
	int64_t bit;	/* that is flipped, or -1 */
};

static inline uint64_t vc_impair_stream(const struct vc_impair_what *what)
{
	const unsigned int kinds = VC_IMPAIR_RTCP | VC_IMPAIR_AUDIO |
				   VC_IMPAIR_VIDEO | VC_IMPAIR_TEXT;
	unsigned int kind = what->is & kinds;

	/* RTP says nothing: sources are numbered by their media. */
	return (uint64_t)(kind ? kind : VC_IMPAIR_OTHER) << 32 | what->source;
}

/* Is told of each act, in no order. Before the first packet. */
void vc_impair_tell(struct vc_impair *im,
		    void (*fn)(void *ctx, const struct vc_impair_act *act),
		    void *ctx);

struct vc_impair_acts;

/*
 * Acts are repeated, in place of what the conf says; a packet without one
 * passes at once. Borrowed. Before the first packet.
 */
void vc_impair_replay(struct vc_impair *im, const struct vc_impair_acts *acts);

/*
 * A packet enters. Takes a reference, never changes it (a corrupted one is a
 * copy). 'what' it is, or NULL: nobody knows. 'tag' comes out with it.
 */
enum vc_impair_fate vc_impair_put(struct vc_impair *im, struct vc_packet *pkt,
				  const struct vc_impair_what *what,
				  uint64_t tag, int64_t now);

/* When the next one comes out; INT64_MAX: nothing is held. */
int64_t vc_impair_next(const struct vc_impair *im);

/*
 * The next packet that has come out by 'now', or NULL. The reference is the
 * caller's. '*due' is when it came out, '*tag' as above; both may be NULL.
 */
struct vc_packet *vc_impair_get(struct vc_impair *im, int64_t now, int64_t *due,
				uint64_t *tag);

/* Packets held now. */
size_t vc_impair_held(const struct vc_impair *im);
const struct vc_impair_counts *vc_impair_counts(const struct vc_impair *im);

#endif
