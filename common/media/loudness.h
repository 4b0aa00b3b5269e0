/* SPDX-License-Identifier: MIT */
/*
 * Loudness by ITU-R BS.1770-4 and EBU R 128, of sound at 48 kHz in one or two
 * channels: K-weighting, the mean square of all channels together, blocks of
 * 400 ms each 100 ms, the gate at -70 LUFS and the one 10 LU below what passes
 * that. A mono signal is one channel, so that it is 3 LU less than the same
 * signal in both. Takes the same memory however long the sound is.
 */
#ifndef VC_MEDIA_LOUDNESS_H
#define VC_MEDIA_LOUDNESS_H

#include <stddef.h>
#include <stdint.h>

#define VC_LOUDNESS_RATE 48000
#define VC_LOUDNESS_HOPS 30  /* of 100 ms: what "short-term" looks back */
#define VC_LOUDNESS_BINS 800 /* of 0.1 LU, from -70 LUFS on */

/* Embedded; all its own. */
struct vc_loudness {
	double shelf[2][2], pass[2][2]; /* filters' memory, by channel */
	double sum;			/* of squares in this hop */
	size_t fill;
	double hop[VC_LOUDNESS_HOPS]; /* mean squares, a ring */
	uint64_t hops;
	double momentary_max, short_term_max; /* mean squares */
	struct {
		uint64_t blocks;
		double sum; /* of their mean squares */
	} bin[VC_LOUDNESS_BINS];
};

void vc_loudness_init(struct vc_loudness *l);

/* 'n' samples of each of 'channels' (1 or 2), interleaved. */
void vc_loudness_feed(struct vc_loudness *l, const int16_t *pcm, size_t n,
		      int channels);

/*
 * In LUFS. NAN: no block passed the gates, or for the last two there was less
 * sound than 400 ms and 3 s; less than -120: -120.
 */
double vc_loudness_integrated(const struct vc_loudness *l);
double vc_loudness_momentary_max(const struct vc_loudness *l);
double vc_loudness_short_term_max(const struct vc_loudness *l);

#endif
