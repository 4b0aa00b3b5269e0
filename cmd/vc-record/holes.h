/* SPDX-License-Identifier: MIT */
/*
 * The gaps of a recording against their causes: what the sidecar says, line by
 * line, held against where the tracks of the file have nothing. Each gap in the
 * file has to be told there, and each that is told has to be in the file.
 */
#ifndef VC_RECORD_HOLES_H
#define VC_RECORD_HOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally;
struct vc_json;

/* A gap that the sidecar tells of. File time, ns. */
struct saying {
	int64_t from;
	int64_t to;
	int64_t track; /* 0: that of 'ssrc' */
	int64_t ssrc;  /* -1: of all */
	char why[16];
};

/* Zeros at first. */
struct sayings {
	bool has_begun; /* it says when the file begins */
	int64_t begin;	/* us */
	size_t n, cap;
	struct saying *v;
	bool is_full; /* there were more than can be looked at */
};

/* A line of the sidecar. */
void sayings_line(struct sayings *s, const char *line, size_t len);
void sayings_clear(struct sayings *s);

/* What there is to know of a recording when its gaps are judged. */
struct holes_of {
	const struct sayings *said;
	const struct tally *tally;
	const struct vc_json *manifest; /* which SSRCs a track has */
};

/* Writes what was found; true: it holds. */
bool holes_judge(const struct holes_of *h, char *text, size_t cap);

#endif
