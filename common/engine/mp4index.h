/* SPDX-License-Identifier: MIT */
/*
 * What an MP4 file has to say at its end of each sample of a track: the tables
 * of its moov, gathered as they will stand there. 4 octets a sample, and a
 * few where its duration is another one. Part of engine/mp4file.h.
 */
#ifndef VC_ENGINE_MP4INDEX_H
#define VC_ENGINE_MP4INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/mp4.h"

/* Octets that grow. Zero it before its use. */
struct vc_mp4buf {
	uint8_t *p;
	size_t len, cap;
};

/* Room for 'n' more at the end, which count; NULL: out of memory. */
uint8_t *vc_mp4buf_room(struct vc_mp4buf *b, size_t n);
void vc_mp4buf_clear(struct vc_mp4buf *b);

struct vc_mp4index {
	struct vc_mp4buf times, keys, chunks, sizes, places, points;
	uint32_t n;    /* samples */
	uint32_t step; /* how long those of the last run of times last */
	uint32_t chunk_n, chunk_entry; /* of the last run of chunks */
};

/* The sample before the next one lasts so many ticks. 0 or -ENOMEM. */
int vc_mp4index_lasts(struct vc_mp4index *x, uint32_t ticks);

/* A sample. */
int vc_mp4index_sample(struct vc_mp4index *x, uint32_t size, bool is_key);

/* The 'n' samples of that entry that lie at 'place', one after the other. */
int vc_mp4index_chunk(struct vc_mp4index *x, uint64_t place, uint32_t n,
		      uint32_t entry);

/* In a file of fragments: here is a key sample. */
int vc_mp4index_point(struct vc_mp4index *x, uint64_t time, uint64_t moof,
		      unsigned int traf, unsigned int sample);

/* The tables, into 't'; of 'points' apart. Borrows. */
void vc_mp4index_tables(const struct vc_mp4index *x, struct vc_mp4_track *t);
struct vc_mp4_table vc_mp4index_points(const struct vc_mp4index *x);

void vc_mp4index_clear(struct vc_mp4index *x);

#endif
