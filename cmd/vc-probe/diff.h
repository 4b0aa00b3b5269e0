/* SPDX-License-Identifier: MIT */
/*
 * vc-probe diff: what happened to packets between two places. diff_read.c reads
 * captures and streams as they come, diff_marks.c decodes them where marks are
 * to be matched, diff_match.c finds the same packet in both, diff_fate.c keeps
 * the figures, diff_record.c and diff_table.c tell them.
 */
#ifndef VC_PROBE_DIFF_H
#define VC_PROBE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hashkey.h"
#include "base/quantile.h"
#include "tool/capscan.h"
#include "tool/expect.h"
#include "tool/tool.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

#define DIFF_HELD_BITS 16
#define DIFF_HELD (1u << DIFF_HELD_BITS) /* packets of each side that wait */
#define DIFF_SOURCE_BITS 10
#define DIFF_SOURCES (1u << DIFF_SOURCE_BITS) /* of each side */
#define DIFF_BUCKETS 512 /* of time, in which the smallest delay is kept */
#define DIFF_HASHED 32	 /* octets of payload by which packets are known */

struct diff;

enum diff_match { DIFF_AUTO, DIFF_RTP, DIFF_PAYLOAD, DIFF_MARKS };
enum diff_clocks { DIFF_CLOCKS_AUTO, DIFF_SAME, DIFF_APART };

/*
 * A packet of RTP as one side has it; with DIFF_MARKS a mark, whose id stands
 * for the SSRC, with DIFF_SOUND if it is one of sound, and its number for that
 * of the packet.
 */
#define DIFF_SOUND 0x10000u
struct diff_packet {
	int64_t t;
	uint32_t ssrc;
	uint32_t track;	 /* the SSRC that it came by */
	uint64_t unread; /* marks since, that could not be read */
	uint16_t seq;
	uint64_t payload;		    /* a hash */
	int dscp, ttl;			    /* -1: not said */
	int flow;			    /* 0: of a stream */
	const struct vc_netaddr *from, *to; /* NULL: not said */
};

/* One side. */
struct diff_reader;

/* 0, or -errno that was said. */
int diff_reader_open(struct diff *d, int side, const char *text);
void diff_reader_free(struct diff_reader *r);
/* Reads on, and gives what comes to diff_put(). False: it has ended, or a
 * signal ends the run. */
bool diff_reader_step(struct diff_reader *r);
/* On the virtual clock, whose times are everybody's. */
bool diff_reader_is_virtual(const struct diff_reader *r);
/* Has any RTP come, marked or not? */
bool diff_reader_has_rtp(const struct diff_reader *r);
const char *diff_reader_place(const struct diff_reader *r);

/* What is known of one SSRC of one flow on one side. */
struct diff_source {
	uint32_t ssrc;
	uint32_t track;
	int flow;
	char from[VC_NETADDR_TEXT], to[VC_NETADDR_TEXT];
	int group; /* which way it goes: 0, 1, or -1: not known */
	uint64_t packets, duplicates, only, both, unread;
	struct diff_source *peer; /* on the other side; NULL: none yet */
	int offset;		  /* of numbers, of the last pair */
	bool by_payload;
	uint64_t pairs, steady; /* of A: those whose offset is the last one's */
	uint16_t next;		/* in the chain of its hash, + 1 */

	/* of A: fates in its order */
	bool has_pair;
	uint64_t before, after; /* only in A, outside the first and last pair */
	uint64_t lost, bursts, burst_max, run;
	/* of A: pairs in the order of B */
	uint64_t reordered, reorder_max, highest;
	struct vc_quantile delay; /* ms, above 'base' */
	int64_t base, last, min, max;
	double jitter, jitter_sum, jitter_max;
	uint64_t steps;
	uint64_t dscp_changed;
	int dscp_a, dscp_b, hops_min, hops_max;
	bool has_hops;
};

struct diff_entry {
	int64_t t, pair_t;
	uint64_t key, payload;
	uint64_t pair;	  /* the other's number; a duplicate's: its first's */
	uint32_t next[2]; /* older ones of the same hash, by key and payload */
	struct diff_source *src;
	uint16_t seq;
	int16_t dscp, ttl;
	bool is_paired, is_duplicate;
};

struct diff_side {
	struct diff_reader *reader;
	struct diff_marks *marks; /* or NULL */
	bool is_over;
	uint64_t packets, refused, forced;
	int64_t newest;
	uint64_t head, tail; /* numbers of entries; tail: the next one */
	struct diff_entry *held;
	uint32_t *by[2]; /* hashes: the newest number + 1, in 32 bits */
	struct vc_hashkey hash;
	struct diff_source *sources;
	unsigned int n_sources;
	uint16_t chain[DIFF_SOURCES];
};

/* The smallest delays over time, of the flows that go one way. */
struct diff_line {
	uint64_t pairs;
	int64_t min, max;
	int64_t start, width;
	unsigned int n;
	int64_t low[DIFF_BUCKETS]; /* INT64_MAX: none */
};

struct diff {
	struct vc_tool *tool;
	enum diff_match match;
	enum diff_clocks clocks;
	int64_t window;
	struct diff_side side[2];
	bool has_offset;
	int64_t offset; /* smallest t(B) - t(A) so far */
	struct diff_line line[2];
};

/* --- diff_match.c --- */

/* 0 or -errno. */
int diff_begin(struct diff *d);
void diff_clear(struct diff *d);
void diff_put(struct diff *d, int side, const struct diff_packet *p);
/* Of 'p' its marks that could not be read alone. */
void diff_unread(struct diff *d, int side, const struct diff_packet *p);
/* Which side to read next. */
int diff_next(const struct diff *d);
/* Both have ended: decides what was held. */
void diff_end(struct diff *d);

/* --- diff_fate.c --- */

/* What has become of 'e' is known: of one side only, or one of a pair. */
void diff_fate(struct diff *d, int side, const struct diff_entry *e);
/* It was the last. */
void diff_fates_end(struct diff *d);
/* Has anything been found in both? */
bool diff_has_pairs(const struct diff *d);

/* --- diff_marks.c: --match marks --- */

struct diff_marks;

/* A packet to be decoded. */
struct diff_media {
	const struct diff_packet *packet;
	struct vc_packet *pkt; /* its arrival is packet->t */
	const struct vc_rtp *rtp;
	const struct vc_capflow *flow; /* NULL: of a stream */
	const struct vc_sdp *sdp;      /* what payload types mean; or NULL */
	bool is_cut;		       /* not all of it was captured */
};

/* NULL: no memory. */
struct diff_marks *diff_marks_new(struct diff *d, int side);
/* NULL is fine, here and in diff_marks_end(). */
void diff_marks_free(struct diff_marks *m);
/* Decodes it, and gives the marks that are read to diff_put(). */
void diff_marks_rtp(struct diff_marks *m, const struct diff_media *media);
/* A compound of anybody's: names are learned. */
void diff_marks_rtcp(struct diff_marks *m, const uint8_t *p, size_t len);
/* No more comes: reads what is held. */
void diff_marks_end(struct diff_marks *m);
/* Has anything been decoded? */
bool diff_marks_any(const struct diff_marks *m);
/* Whose name has the id of 's', on either side; NULL: nobody's, or that of
 * several. */
const char *diff_marks_who(const struct diff *d, const struct diff_source *s);

/* --- diff_record.c --- */

extern const struct vc_metric diff_metrics[];
extern const size_t n_diff_metrics;
struct vc_json *diff_record(const struct diff *d);

/* --- diff_table.c --- */

void diff_table(FILE *f, const struct vc_json *record);

#endif
