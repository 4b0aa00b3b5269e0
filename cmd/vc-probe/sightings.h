/* SPDX-License-Identifier: MIT */
/*
 * What the marks in one decoded source say (media/mark.h, media/chirp.h), those
 * of pictures and of sound in one shape.
 *
 * A picture has arrived with the last packet that it needed. Sound is read with
 * the latency of its chain (chain.h), and that is taken off again; so is what
 * it is played before or behind its place.
 */
#ifndef VC_PROBE_SIGHTINGS_H
#define VC_PROBE_SIGHTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"

struct vc_chirp_reader;
struct vc_mark_reader;

#define SIGHTINGS_EARLY 64 /* steps, more than a mark takes */

struct sighting {
	uint16_t id;	/* of whom; of sound its low 8 bits */
	int number;	/* of the frame, of the second; -1: never read again */
	uint16_t stamp; /* what it says of its time, 0: nothing more */
	int unread;	/* pictures with it since, that could not be read */
	int64_t at;	/* it arrived here */
	int64_t made;
};

struct sightings {
	void (*tell)(void *ctx, const struct sighting *s);
	void *ctx;
	/* of sound */
	struct vc_chirp_reader *chirps;
	int64_t fed;			/* samples */
	int64_t early[SIGHTINGS_EARLY]; /* by which steps were played, a ring */
};

/* -ENOMEM. */
int sightings_init(struct sightings *s, enum vc_kind kind);
void sightings_clear(struct sightings *s);

/* The marks of a picture that came at 'now'. Of two of one id the first. */
void sightings_see(struct sightings *s, const struct vc_mark_reader *r,
		   int64_t now);
void sightings_hear(struct sightings *s, const struct chain_sound *sound);
/* No more comes; 'r' is what the pictures were read with, or NULL. */
void sightings_end(struct sightings *s, const struct vc_mark_reader *r);

#endif
