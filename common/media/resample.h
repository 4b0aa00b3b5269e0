/* SPDX-License-Identifier: MIT */
/*
 * Sound at 48 kHz to the rate of a codec that has another one, and back. Equal input gives
 * equal output, however it is cut.
 */
#ifndef VC_MEDIA_RESAMPLE_H
#define VC_MEDIA_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct vc_resample;

/*
 * For vc_resample_run() 'to_hz' divides 'from_hz' or is divided by it.
 * 'channels' interleaved. NULL when out of memory.
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

/*
 * For rates without a common measure. Of the '*n' samples a channel at 'pcm' as
 * many as become at most 'cap' new ones, which are at 'out': returns how many
 * these are, and in '*n' how many were used.
 */
size_t vc_resample_some(struct vc_resample *r, const int16_t *pcm, size_t *n,
			int16_t *out, size_t cap);

/*
 * At the beginning: what comes out is then in time with what went in, and the
 * end of it comes only when as much as the delay is put in behind it.
 */
void vc_resample_align(struct vc_resample *r);

/* ns by which what comes out is behind what went in. */
int64_t vc_resample_delay(const struct vc_resample *r);

#endif
