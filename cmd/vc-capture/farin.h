/* SPDX-License-Identifier: MIT */
/*
 * Reads what vc-play --far writes: sound with the times it is played at. Never
 * waits on the live clock, where the other end may come late, end and come
 * back; on the virtual clock it waits for the time that is asked for.
 */
#ifndef VC_CAPTURE_FARIN_H
#define VC_CAPTURE_FARIN_H

#include <stddef.h>
#include <stdint.h>

struct farin;
struct vc_tool;

struct farin_counts {
	uint64_t packets;
	uint64_t writers; /* times somebody wrote to it */
	uint64_t refused; /* frames and packets that were no such sound */
};

/* 'text' was through vc_patient_check(). An error is said; then NULL. */
struct farin *farin_open(struct vc_tool *t, const char *text);

/*
 * All that is there, virtual: all that is played before 'until'; each packet
 * goes to 'fn' with the time of its first sample.
 */
void farin_read(struct farin *f, int64_t until,
		void (*fn)(void *ctx, int64_t t, const int16_t *pcm, size_t n),
		void *ctx);

const struct farin_counts *farin_counts(const struct farin *f);

/* NULL is fine. */
void farin_close(struct farin *f);

#endif
