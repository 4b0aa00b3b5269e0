/* SPDX-License-Identifier: MIT */
/* What the marks of one source, as read in one place, come to. */
#ifndef VC_PROBE_TALLY_H
#define VC_PROBE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#define TALLY_GAPS 32 /* that are kept with their time */
#define TALLY_BINS 8192

/* A line through samples, by least squares. Zero it. */
struct fit {
	uint64_t n;
	int64_t first, last; /* when, ns */
	double x, y, xx, xy; /* sums; s since the first, ms */
};

/* A sample 'y' (ns) at 'when'. */
void fit_put(struct fit *f, int64_t when, int64_t y);
/* ms in a minute; NAN: under 10 s, or of fewer than 5 samples. */
double fit_per_min(const struct fit *f);

struct tally {
	uint16_t id;
	int modulus; /* of its numbers */
	uint64_t read, unreadable, missing, repeated, disorder, gaps;
	int last;	  /* number; -1: none */
	int64_t min, max; /* delay, ns */
	int64_t last_delay, last_at;
	struct fit fit;	       /* of the delays */
	struct fit signed_fit; /* of what was put in without its sign */
	uint32_t *bin;	       /* TALLY_BINS */
	struct {
		int64_t at; /* when the gap had ended */
		int64_t missing;
	} gap[TALLY_GAPS];
};

/* -ENOMEM. 'bin' is freed by tally_clear(). */
int tally_init(struct tally *t, uint16_t id, int modulus);
void tally_clear(struct tally *t);

/* 'failed': pictures since the one before that could not be read. */
void tally_put(struct tally *t, int number, int failed, int64_t delay,
	       int64_t now);

/* Below which 'percent' of the delays are, ns. Needs one that was read. */
int64_t tally_delay(const struct tally *t, int percent);

/* Adds what 't' has, but numbers and gaps' times, to 'sum'. */
void tally_add(struct tally *sum, const struct tally *t);

#endif
