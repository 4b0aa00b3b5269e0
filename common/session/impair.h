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
#define VC_IMPAIR_RANGES 32
#define VC_IMPAIR_WINDOWS 16
#define VC_IMPAIR_PLACES_MAX 1000 /* reorder_by */
/* Of delay, jitter, reordering and queue: ten minutes. */
#define VC_IMPAIR_TIME_MAX (INT64_C(600) * 1000000000)
#define VC_IMPAIR_RATE_MIN 1000
#define VC_IMPAIR_RATE_MAX UINT64_C(100000000000)

enum vc_impair_loss {
	VC_LOSS_NONE,
	VC_LOSS_RANDOM,	 /* each packet with loss_share */
	VC_LOSS_GILBERT, /* loss_share in bursts of burst_milli on average */
	VC_LOSS_EVERY,	 /* numbers that 'every' divides */
	VC_LOSS_LIST,	 /* numbers in 'lost' */
};

/* Both included. */
struct vc_impair_range {
	uint64_t first, last;
};

/* Since the beginning; 'to' is after it. */
struct vc_impair_window {
	int64_t from, to;
};

/* Zeros but for those that vc_impair_conf_init() sets: a perfect network. */
struct vc_impair_conf {
	enum vc_impair_loss loss;
	uint32_t loss_share;
	uint32_t burst_milli; /* thousandths of a packet, from 1000 on */
	uint64_t every;
	/* Packets count from 1. */
	struct vc_impair_range lost[VC_IMPAIR_RANGES];
	size_t n_lost;

	int64_t delay;
	/* Added to the delay, which never comes below 0. Uniform: within
	 * -jitter and +jitter; else normal enough (four uniform ones added),
	 * with a standard deviation of 'jitter', at most 3.46 times it. */
	int64_t jitter;
	bool is_uniform;
	bool keeps_order; /* none overtakes another, unless reordered */

	/* A share is late by 'reorder_time', or until reorder_by (unless 0)
	 * later ones have passed, a second at most. */
	uint32_t reorder_share;
	unsigned int reorder_by;
	int64_t reorder_time;
	uint32_t duplicate_share; /* the copy has a jitter of its own */
	uint32_t corrupt_share;	  /* a bit is flipped */
	size_t corrupt_from;	  /* not in the octets before */

	uint64_t rate_bps;   /* 0: no limit */
	int64_t queue_time;  /* who would wait longer is dropped; 200 ms */
	size_t queue_octets; /* unless 0: this instead */
	size_t overhead;     /* octets a packet on the link; 28: IPv4, UDP */
	size_t mtu;	     /* of packet and overhead; 0: any */

	struct vc_impair_window dark[VC_IMPAIR_WINDOWS];
	size_t n_dark;
	int64_t dark_every; /* unless 0: dark for dark_for at each multiple */
	int64_t dark_for;

	size_t max_octets; /* of buffers held; 64 MiB */
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
	uint64_t out_packets; /* got */
	uint64_t out_octets;
	int64_t queue_max; /* longest wait before the bottleneck */
};

struct vc_impair;

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
 * new rate; what has left it keeps its delay.
 */
void vc_impair_set(struct vc_impair *im, const struct vc_impair_conf *conf,
		   int64_t now);
const struct vc_impair_conf *vc_impair_conf(const struct vc_impair *im);

/* A blackout until 'until', whatever the windows say. */
void vc_impair_dark(struct vc_impair *im, int64_t until);

/*
 * A packet enters. Takes a reference, never changes it (a corrupted one is a
 * copy). 'tag' comes out with it.
 */
enum vc_impair_fate vc_impair_put(struct vc_impair *im, struct vc_packet *pkt,
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
