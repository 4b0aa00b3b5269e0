/* SPDX-License-Identifier: MIT */
/*
 * Receive statistics of one source, before any repair: what the wire did.
 * RFC 3550 A.1 (sequence numbers), A.3 (loss), A.8 (jitter). Constant memory,
 * no loop over a gap, whatever arrives.
 *
 * A source that restarts elsewhere in sequence space begins a new run after
 * two packets in a row there (one that lands among what was received, after
 * VC_RX_DUP_RUN); the totals below go on over all runs, the loss
 * fields of a report are those of the present run, as RFC 3550 has it.
 */
#ifndef VC_SESSION_RXSTATS_H
#define VC_SESSION_RXSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_rtcp_report;

#define VC_RX_DROPOUT 3000 /* less than this ahead: a gap is loss */
#define VC_RX_MISORDER 100 /* less than this behind: reordering */
#define VC_RX_WINDOW 1024  /* duplicates are known less than this behind */
#define VC_RX_DUP_RUN 16   /* as many duplicates in sequence are a restart */

enum vc_rx {
	VC_RX_NEW,	 /* the next one, or one after a gap */
	VC_RX_REORDERED, /* fills a hole, see VC_RX_MISORDER */
	VC_RX_LATE,	 /* fills a hole further back, see VC_RX_WINDOW */
	VC_RX_RESYNC,	 /* the second in a row elsewhere: a new run */
	VC_RX_PROBATION, /* one of the first of a source on probation */
	VC_RX_DUPLICATE, /* was here before */
	VC_RX_BAD,	 /* implausible: not counted as received */
};

/* True for what carries media nobody has had yet. */
static inline bool vc_rx_is_media(enum vc_rx rx)
{
	return rx <= VC_RX_RESYNC;
}

/* Fields up to 'first_arrival' may be read; times are VC_TIME_NONE at first. */
struct vc_rxstats {
	uint32_t rate_hz;
	uint64_t packets; /* received: without BAD, with DUPLICATE */
	uint64_t octets;  /* of their payloads */
	uint64_t duplicates;
	uint64_t reordered;
	uint64_t late;
	uint64_t bad;
	uint64_t resyncs;  /* new runs after the first */
	int64_t seq;	   /* extended, of the last packet counted */
	int64_t highest;   /* extended, of the present run */
	int64_t jitter_ns; /* now; A.8 in ns, see vc_rxstats_jitter_ns */
	int64_t jitter_max_ns;
	int64_t first_arrival;
	int64_t last_arrival;

	int64_t jitter_x16;
	int64_t jitter_sum_ns;
	int64_t jitter_n;
	uint32_t last_ts;
	unsigned int min_row; /* packets in a row that end probation */
	unsigned int row;     /* so far */
	uint16_t row_seq;     /* continues it */
	bool has_run;
	bool has_bad;
	uint16_t bad_seq; /* would make two in a row elsewhere */
	unsigned int dup_run;
	uint16_t dup_seq; /* would continue it */
	int64_t base;	  /* first of the run */
	uint64_t run_received;
	uint64_t past_expected; /* of the runs before this one */
	uint64_t past_received;
	uint64_t expected_prior;
	uint64_t received_prior;
	uint64_t window[VC_RX_WINDOW / 64]; /* bit seq mod VC_RX_WINDOW */
	uint64_t sr_ntp;
	int64_t sr_arrival;
};

/*
 * 'probation' is how many packets in a row a source needs before it counts (0:
 * at once; RFC 3550's MIN_SEQUENTIAL is 2); they are counted from the last of
 * them on. 'rate_hz' is that of the timestamps; 0 means unknown, no jitter.
 */
void vc_rxstats_init(struct vc_rxstats *st, uint32_t rate_hz,
		     unsigned int probation);

/*
 * Counts a packet with 'payload_len' octets of payload; says which it was, an
 * enum vc_rx. st->seq is its extended number when it was neither BAD nor on
 * PROBATION.
 */
int vc_rxstats_packet(struct vc_rxstats *st, uint16_t seq, uint32_t ts,
		      size_t payload_len, int64_t arrival);

/* The extended number of 'seq', by the newest; after the first packet. */
int64_t vc_rxstats_extend(const struct vc_rxstats *st, uint16_t seq);

/* Did it come? False also for what is VC_RX_WINDOW or more behind. */
bool vc_rxstats_has(const struct vc_rxstats *st, uint16_t seq);

/* A sender report came, for LSR and DLSR; 'ntp' is its 64-bit time. */
void vc_rxstats_sr(struct vc_rxstats *st, uint64_t ntp, int64_t arrival);

/*
 * Fills a report block for an RR or SR sent at 'now', all but out->ssrc, and
 * begins the next interval of 'fraction'. The cumulative loss is clamped to
 * 24 bits, signed; duplicates can make it negative.
 */
void vc_rxstats_report(struct vc_rxstats *st, struct vc_rtcp_report *out,
		       int64_t now);

/*
 * Over all runs. Lost is RFC 3550's, expected - received: duplicates lower it,
 * below 0 too. What never came is lost + duplicates.
 */
uint64_t vc_rxstats_expected(const struct vc_rxstats *st);
int64_t vc_rxstats_lost(const struct vc_rxstats *st);

/*
 * Mean of the jitter after each packet but the first of a run. Jitter is RFC
 * 3550 A.8's recurrence with 1/16 ns for the unit, so that it equals one in
 * real numbers (tshark's) within a few ns; every packet counted as received
 * takes part, duplicates too. vc_rxstats_report() converts to clock units.
 */
int64_t vc_rxstats_jitter_mean_ns(const struct vc_rxstats *st);

#endif
