/* SPDX-License-Identifier: MIT */
/*
 * What can be told of sound by its samples alone: level, peak, silence,
 * clipping; and its loudness (media/loudness.h). 48 kHz, one or two channels.
 *
 * Silence is a block of 20 ms whose level is below -60 dBFS. Clipping is three
 * samples or more in a row of one channel at the same end of the scale: a
 * signal that only just reaches it has one or two there.
 */
#ifndef VC_MEDIA_SOUNDSTAT_H
#define VC_MEDIA_SOUNDSTAT_H

#include <stddef.h>
#include <stdint.h>

#include "media/loudness.h"

#define VC_SOUNDSTAT_BLOCK (VC_LOUDNESS_RATE / 50)
#define VC_SOUNDSTAT_CLIP 3

/* Embedded. The counts may be read; of silence, those of whole blocks. */
struct vc_soundstat {
	uint64_t samples; /* of each channel */
	double squares;	  /* of samples of full scale 1, mean of the channels */
	int peak;	  /* the largest, 0 to 32768 */
	uint64_t blocks, silent, silent_longest;
	uint64_t clipped; /* samples, of all channels */
	uint64_t clips;	  /* runs of them */
	uint64_t all;	  /* samples of all channels */
	struct vc_loudness loudness;
	/* its own */
	double block_squares;
	size_t fill;
	uint64_t silent_run;
	struct {
		int at; /* 1, -1: at an end of the scale */
		unsigned int run;
	} end[2];
};

void vc_soundstat_init(struct vc_soundstat *s);

/* 'n' samples of each of 'channels' (1 or 2), interleaved. */
void vc_soundstat_feed(struct vc_soundstat *s, const int16_t *pcm, size_t n,
		       int channels);

/* dBFS, where a full-scale square wave has 0; digital silence -127; NAN: none
 * was fed. */
double vc_soundstat_level_dbfs(const struct vc_soundstat *s);
double vc_soundstat_peak_dbfs(const struct vc_soundstat *s);

#endif
