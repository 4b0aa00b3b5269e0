/* SPDX-License-Identifier: MIT */
/*
 * What was written beside a recording, FILE.json and FILE.events.jsonl, for
 * holding the recording against it.
 */
#ifndef VC_RECORD_PROOF_H
#define VC_RECORD_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "holes.h"
#include "lips.h"
#include "net/digest.h"

struct tally;
struct vc_infile;
struct vc_json;
struct vc_tool;

struct proof {
	struct vc_json *manifest; /* NULL: there is none */
	const char *bad;	  /* why it is of no use; NULL: it is */
	int events_fd;		  /* of these: */
	struct vc_infile *events; /* NULL: there are none */
	struct vc_digest *sum;	  /* of the recording, as it is read */
	uint64_t octets;
	/* of the events, once they are read */
	int64_t events_octets; /* or -errno */
	char events_sum[VC_DIGEST_TEXT];
	struct sayings said;
	struct lips lips;
};

/* Looks beside 'path', before the sandbox is entered. What is encrypted has
 * others beside it that are. */
void proof_open(struct proof *p, struct vc_tool *t, const char *path);

/* Reads the events: before the recording is, as they say what to look at. */
void proof_read_events(struct proof *p);

/* The recording's next octets. */
void proof_add(struct proof *p, const uint8_t *data, size_t len);

/*
 * Each writes what was found; true: it holds. Only with a manifest that is of
 * use, after the whole recording.
 */
bool proof_sum(struct proof *p, char *text, size_t cap);
bool proof_tracks(const struct proof *p, const struct tally *t, char *text,
		  size_t cap);
bool proof_events(const struct proof *p, char *text, size_t cap);

/* Why gaps cannot be judged; NULL: they can. */
const char *proof_skips_gaps(const struct proof *p);

/* The same of gaps, where they can. */
bool proof_gaps(const struct proof *p, const struct tally *t, char *text,
		size_t cap);

void proof_clear(struct proof *p);

#endif
