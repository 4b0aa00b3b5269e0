/* SPDX-License-Identifier: MIT */
/*
 * Both laws are a float of one sign bit, three bits of exponent and four of
 * mantissa. Mu-law adds a bias first, so that every segment begins at a power
 * of two, and inverts all bits; A-law is linear in its first two segments and
 * inverts every other bit. Arithmetic, no tables: the exponent is the
 * position of the highest bit.
 */
#include "codec/g711.h"

#define BIAS 132 /* 33 of ITU-T G.711, at 16 bits instead of 14 */
#define CLIP 32635

/* Segment of a magnitude: 0 while no bit above 'low' is set. */
static int segment(int mag, int low)
{
	int seg = 0;

	for (mag >>= low + 1; mag; mag >>= 1)
		seg += 1;
	return seg;
}

uint8_t vc_g711_ulaw(int16_t s)
{
	int sign = s < 0 ? 0x80 : 0;
	int mag = s < 0 ? ~(int)s : s; /* as ITU-T G.191 does */

	if (mag > CLIP)
		mag = CLIP;
	mag += BIAS;
	int seg = segment(mag, 7);

	return (uint8_t) ~(sign | seg << 4 | (mag >> (seg + 3) & 15));
}

uint8_t vc_g711_alaw(int16_t s)
{
	int sign = s < 0 ? 0 : 0x80;
	int mag = s < 0 ? ~(int)s : s;
	int seg = segment(mag, 7);
	int mant = mag >> (seg ? seg + 3 : 4) & 15;

	return (uint8_t)((sign | seg << 4 | mant) ^ 0x55);
}

int16_t vc_g711_from_ulaw(uint8_t u)
{
	int v = ~u & 0xff;
	int mag = (((v & 15) << 3) + BIAS) << (v >> 4 & 7);

	mag -= BIAS;
	return (int16_t)(v & 0x80 ? -mag : mag);
}

int16_t vc_g711_from_alaw(uint8_t a)
{
	int v = a ^ 0x55;
	int seg = v >> 4 & 7;
	int mag = ((v & 15) << 4) + 8; /* the middle of the step */

	if (seg)
		mag = (mag + 256) << (seg - 1);
	return (int16_t)(v & 0x80 ? mag : -mag);
}

void vc_pcmu_encode(const int16_t *pcm, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = vc_g711_ulaw(pcm[i]);
}

void vc_pcma_encode(const int16_t *pcm, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = vc_g711_alaw(pcm[i]);
}

void vc_pcmu_decode(const uint8_t *p, size_t n, int16_t *pcm)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = vc_g711_from_ulaw(p[i]);
}

void vc_pcma_decode(const uint8_t *p, size_t n, int16_t *pcm)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = vc_g711_from_alaw(p[i]);
}
