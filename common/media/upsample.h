/* SPDX-License-Identifier: MIT */
/*
 * Sound of a lower rate to 48 kHz, mono. What is heard comes 12 samples (of the
 * lower rate) late; at 48 kHz nothing is done. In integers: the same octets
 * everywhere.
 */
#ifndef VC_MEDIA_UPSAMPLE_H
#define VC_MEDIA_UPSAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define VC_UPSAMPLE_RATE 48000
#define VC_UPSAMPLE_TAPS 24

struct vc_upsample {
	uint32_t rate_hz;
	uint32_t at; /* of the next one, in 48,000ths of a sample in */
	int16_t past[VC_UPSAMPLE_TAPS];
};

/* 1 to 48,000 Hz. */
void vc_upsample_init(struct vc_upsample *u, uint32_t rate_hz);

/* How many come out when 'n' more go in. */
size_t vc_upsample_count(const struct vc_upsample *u, size_t n);

/* Writes vc_upsample_count() of them; that number. */
size_t vc_upsample(struct vc_upsample *u, const int16_t *in, size_t n,
		   int16_t *out);

#endif
