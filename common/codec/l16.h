/* SPDX-License-Identifier: MIT */
/*
 * L16: samples as they are, in network order, channels interleaved
 * (RFC 3551 section 4.5.11).
 */
#ifndef VC_CODEC_L16_H
#define VC_CODEC_L16_H

#include <stddef.h>
#include <stdint.h>

/* 'n' samples of all channels together, two octets each. */
static inline void vc_l16_encode(const int16_t *pcm, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)((uint16_t)pcm[i] >> 8);
		out[2 * i + 1] = (uint8_t)pcm[i];
	}
}

static inline void vc_l16_decode(const uint8_t *p, size_t n, int16_t *pcm)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)(uint16_t)(p[2 * i] << 8 | p[2 * i + 1]);
}

#endif
