/* SPDX-License-Identifier: MIT */
/*
 * What is in a recording of packets, source by source: as a tally
 * (tally.h), whose units are packets, and what is missing in it.
 */
#ifndef VC_RECORD_CENSUS_H
#define VC_RECORD_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "packets.h"
#include "tally.h"

struct vc_sdp;

/* Beside the track of the same number in the tally. */
struct census_source {
	uint32_t ssrc;
	int64_t newest; /* sequence number without wraps */
	uint64_t missing;
	/* What the network lost, and how much was missing when that was said. */
	bool is_told;
	uint64_t told;
	uint64_t then;
};

/* Zeros at first, but the tally. Let go of it with census_clear(). */
struct census {
	struct tally *tally;
	struct census_source *sources;
	struct vc_sdp *sdp; /* the newest description; NULL: none */
	char *text;	    /* of it */
	int64_t begin;	    /* of all, or VC_TIME_NONE */
	int64_t now;
	uint64_t pieces;
	uint64_t packets;
	uint64_t bad;
	uint64_t strangers; /* of no format that is described */
	uint64_t left_out;  /* of sources that were too many */
};

void census_init(struct census *c, struct tally *t);

/* A packets_take(), 'ctx' is the census. */
int census_take(void *ctx, const struct packets_piece *piece);

/* Is more missing than the network lost, of a source of which that is known? */
bool census_holds(const struct census *c, char *text, size_t cap);

/* Is nothing missing, or is it known why? */
bool census_knows(const struct census *c);

void census_clear(struct census *c);

#endif
