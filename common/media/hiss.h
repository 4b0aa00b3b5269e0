/* SPDX-License-Identifier: MIT */
/*
 * Comfort noise: even, soft and without end, so that a silent line does not
 * sound dead; and when it is heard. Integers: the same for the same seed.
 */
#ifndef VC_MEDIA_HISS_H
#define VC_MEDIA_HISS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_HISS_MAX 1920 /* samples of all channels */

/* Zeros: no noise. */
struct vc_hiss {
	int32_t amp; /* times 256 */
	uint8_t level_dbov;
	uint32_t state;
	int32_t low[2];
	int16_t pcm[2 * VC_HISS_MAX]; /* of one channel, then of two */
};

/* 'level_dbov' below full scale, 1 to 127, as RFC 6464. */
void vc_hiss_init(struct vc_hiss *h, uint8_t level_dbov, uint32_t seed);

/* The next 'n' samples of each channel, at most VC_HISS_MAX / 2. */
void vc_hiss_next(struct vc_hiss *h, size_t n);

/* Of an output, zeros at first. Copied when one goes on for another. */
struct vc_calm {
	unsigned int quiet; /* blocks in a row */
	int32_t gain;	    /* times 2^16, of the noise */
};

/*
 * 'pcm' is as long as 'h' went on last, 20 ms, of 1 or 2 channels: where it has
 * been softer than the noise for 200 ms that is added, rising within 100 ms; it
 * goes as the first sound comes. Nothing is touched but for that.
 */
void vc_calm_run(struct vc_calm *c, const struct vc_hiss *h, int16_t *pcm,
		 size_t n, unsigned int channels);

#endif
