/* SPDX-License-Identifier: MIT */
/*
 * Sound at 48 kHz to the rate of a codec that has another one. Equal input gives
 * equal output, however it is cut.
 */
#ifndef VC_MEDIA_RESAMPLE_H
#define VC_MEDIA_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct vc_resample;

/*
 * 'to_hz' divides 'from_hz' or is divided by it. 'channels' interleaved. NULL
 * when out of memory.
 */
struct vc_resample *vc_resample_new(uint32_t from_hz, uint32_t to_hz,
				    unsigned int channels);
void vc_resample_free(struct vc_resample *r);

/*
 * 'n' samples a channel, which make a whole number of new ones, into 'out';
 * returns how many samples a channel that are: n * to_hz / from_hz.
 */
size_t vc_resample_run(struct vc_resample *r, const int16_t *pcm, size_t n,
		       int16_t *out);

/* ns by which what comes out is behind what went in. */
int64_t vc_resample_delay(const struct vc_resample *r);

#endif
