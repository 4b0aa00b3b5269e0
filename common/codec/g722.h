/* SPDX-License-Identifier: MIT */
/*
 * G.722 at 64 kbit/s: 16 kHz in two bands, ADPCM of 6 and 2 bits, one octet for
 * two samples, all octets legal. Its RTP clock is 8 kHz, by an old mistake
 * (RFC 3551 section 4.5.2).
 */
#ifndef VC_CODEC_G722_H
#define VC_CODEC_G722_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_G722_TAPS 24

/* What both ends of a band keep; names are those of the recommendation. */
struct vc_g722_band {
	int s, sz;
	int nb, det;
	int a[3], b[7];
	int r[3], p[3], d[7];
};

/* One direction: an encoder or a decoder, not both. */
struct vc_g722 {
	struct vc_g722_band low, high;
	int x[VC_G722_TAPS]; /* of the filter, the newest last */
};

void vc_g722_init(struct vc_g722 *g);

/* 'n' samples, an even number, to n / 2 octets. */
void vc_g722_encode(struct vc_g722 *g, const int16_t *pcm, size_t n,
		    uint8_t *out);

/* 'len' octets to 2 * len samples. */
void vc_g722_decode(struct vc_g722 *g, const uint8_t *p, size_t len,
		    int16_t *pcm);

#endif
