/* SPDX-License-Identifier: MIT */
/* Reads bits of foreign octets, and remembers its first failure. */
#ifndef VC_CODEC_BITS_H
#define VC_CODEC_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/vidhead.h"

#define VC_VIDHEAD_SIDE_MAX 65536

/* Bits, the highest of an octet first. */
struct vc_bits {
	const uint8_t *p;
	size_t n; /* bits that are left */
	unsigned int at;
	bool bad;
};

static inline struct vc_bits vc_bits_over(const uint8_t *p, size_t len)
{
	return (struct vc_bits){ .p = p, .n = len * 8 };
}

/* 'n' up to 32. */
static inline uint32_t vc_bits(struct vc_bits *b, unsigned int n)
{
	uint32_t v = 0;

	if (b->n < n)
		b->bad = true;
	if (b->bad)
		return 0;
	b->n -= n;
	while (n) {
		v = v << 1 | (*b->p >> (7 - b->at) & 1);
		b->at = (b->at + 1) & 7;
		b->p += !b->at;
		n--;
	}
	return v;
}

/* Zeros that say how many bits follow the one: ue(v) of H.264, uvlc of AV1. */
static inline uint32_t vc_bits_ue(struct vc_bits *b)
{
	unsigned int n = 0;

	while (!b->bad && !vc_bits(b, 1))
		n++;
	if (n > 31)
		b->bad = true;
	return b->bad ? 0 : (UINT32_C(1) << n) - 1 + vc_bits(b, n);
}

static inline int32_t vc_bits_se(struct vc_bits *b)
{
	uint32_t v = vc_bits_ue(b);

	return v & 1 ? (int32_t)(v / 2 + 1) : -(int32_t)(v / 2);
}

/* The larger of what was claimed. */
static inline void vc_vidhead_claim(struct vc_vidhead *head, uint32_t width,
				    uint32_t height)
{
	int w = (int)(width < VC_VIDHEAD_SIDE_MAX ? width :
						    VC_VIDHEAD_SIDE_MAX);
	int h = (int)(height < VC_VIDHEAD_SIDE_MAX ? height :
						     VC_VIDHEAD_SIDE_MAX);

	head->width = w > head->width ? w : head->width;
	head->height = h > head->height ? h : head->height;
}

#endif
