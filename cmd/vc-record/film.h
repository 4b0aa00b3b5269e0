/* SPDX-License-Identifier: MIT */
/* A recording that was read (info, verify), what it comes to, and how that is
 * shown. */
#ifndef VC_RECORD_FILM_H
#define VC_RECORD_FILM_H

#include <stdbool.h>
#include <stdint.h>

#include "census.h"
#include "proof.h"
#include "reading.h"
#include "tally.h"

struct vc_tool;

struct film_own {
	bool is_json;
	bool headers; /* nothing is decoded */
};

enum verdict {
	HOLDS,
	FAILS,
	UNKNOWN, /* was not looked at */
};

struct check {
	const char *name;
	enum verdict verdict;
	char text[200];
};

#define CHECKS 11

/* A recording, read; and what it comes to. */
struct film {
	struct vc_tool *tool;
	bool judges; /* verify */
	struct film_own own;
	struct reading reading;
	struct tally tally;
	struct census census; /* of packets */
	struct proof proof;
	unsigned int n;
	struct check checks[CHECKS];
};

static inline double film_ms(int64_t ns)
{
	return (double)ns / 1e6;
}

/* On stdout. */
void film_print_tracks(const struct film *f);
void film_print_checks(const struct film *f);
void film_print_json(const struct film *f);

#endif
