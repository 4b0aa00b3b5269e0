/* SPDX-License-Identifier: MIT */
/*
 * Mix-minus: all inputs of a tick are added once, and each output is that sum
 * less one input. Samples are int16 at VC_MIXSUM_RATE_HZ, mono or of two
 * channels, interleaved, which one limiter turns down alike. A limiter per
 * output turns the wide sum into int16 again: what fits passes unchanged, what
 * does not is turned down smoothly. Integers throughout: the same input gives
 * the same octets on every machine.
 */
#ifndef VC_MEDIA_MIXSUM_H
#define VC_MEDIA_MIXSUM_H

#include <stddef.h>
#include <stdint.h>

#define VC_MIXSUM_RATE_HZ 48000

/* The longest tick, in samples of all channels: 120 ms of one. */
#define VC_MIXSUM_MAX 5760

/* The most inputs of a tick: their sum cannot wrap. */
#define VC_MIXSUM_INPUTS_MAX 65535

/* The sum of a tick's inputs. The caller embeds it; read by this module. */
struct vc_mixsum {
	int32_t acc[VC_MIXSUM_MAX];
	size_t n; /* of all channels together */
	unsigned int channels;
	unsigned int inputs;
};

/*
 * What an output remembers from tick to tick. Copy it (struct assignment)
 * when a listener moves from a shared mix to his own, so that his gain goes on
 * where it was.
 */
struct vc_limiter {
	int32_t gain; /* times 2^30; VC_LIMITER_UNITY: untouched */
};

#define VC_LIMITER_UNITY (INT32_C(1) << 30)

void vc_limiter_init(struct vc_limiter *lim);

/* Starts a tick of 'n' samples, at most VC_MIXSUM_MAX, as silence. */
void vc_mixsum_begin(struct vc_mixsum *sum, size_t n);
/* Of two channels; 'n' samples of each, at most VC_MIXSUM_MAX / 2. */
void vc_mixsum_begin_stereo(struct vc_mixsum *sum, size_t n);

/* Adds one input of 'n' samples a channel. At most VC_MIXSUM_INPUTS_MAX a tick. */
void vc_mixsum_add(struct vc_mixsum *sum, const int16_t *pcm);

/*
 * Writes the tick for one output: the sum less 'minus', which is one of the
 * inputs that were added, or NULL. 'out' has room for all samples and may be
 * 'minus' itself.
 */
void vc_mixsum_out(const struct vc_mixsum *sum, const int16_t *minus,
		   struct vc_limiter *lim, int16_t *out);

/* One channel of two, which is their mean; 'n' samples of each. */
void vc_mixsum_fold(const int16_t *wide, size_t n, int16_t *out);

/* The limiter alone: 'n' samples, a multiple of 'channels', up to
 * VC_MIXSUM_MAX. Samples have 31 bits at most. */
void vc_limiter_run(struct vc_limiter *lim, const int32_t *x, size_t n,
		    unsigned int channels, int16_t *out);

#endif
