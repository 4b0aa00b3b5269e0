/* SPDX-License-Identifier: MIT */
/*
 * What is in a recording, counted as its units come (engine/container.h), and
 * whether they decode.
 */
#ifndef VC_RECORD_TALLY_H
#define VC_RECORD_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/container.h"

#define TALLY_TRACKS 512 /* more are refused: -ENOSPC */

struct lips;
struct vc_audiodec;
struct vc_viddec;

/* Where a track has nothing: sound, or pictures for a second. ns. */
struct tally_hole {
	int64_t from;
	int64_t to;
};

struct tally_track {
	struct vc_track_info info;
	uint64_t units;
	uint64_t keys;
	uint64_t octets;
	int64_t first; /* ns; -1: none came */
	int64_t last;
	int64_t end;
	uint64_t back;	  /* units that are earlier than the one before */
	uint64_t gaps;	  /* in sound */
	int64_t gap;	  /* ns of all */
	int64_t gap_most; /* the longest */
	size_t n_holes, cap_holes;
	struct tally_hole *holes;
	uint64_t broken;    /* units that do not decode */
	unsigned int sizes; /* of pictures, that followed one another */
	unsigned int width; /* the newest */
	unsigned int height;
	struct vc_audiodec *sound;
	struct vc_viddec *pictures;
};

struct tally {
	bool decodes;
	bool has_silence;  /* gaps are silence in the file: WAV */
	struct lips *lips; /* gets to know when units are; NULL: none */
	unsigned int n;
	struct tally_track *tracks;
};

/* 'ctx' is the struct tally: its first three set, the rest zero. */
extern const struct vc_container_ops tally_ops;

/*
 * Where the last unit ends, which text among other media counts for only with
 * its beginning; 0: nothing came.
 */
int64_t tally_end(const struct tally *t);

void tally_clear(struct tally *t);

#endif
