/* SPDX-License-Identifier: MIT */
/*
 * A cursor over bits, the most significant first, as codecs' headers are
 * written. Like struct vc_rd it remembers its first failure in 'bad', gives
 * zeros from then on, and is looked at once, at the end.
 */
#ifndef VC_BASE_BITS_H
#define VC_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads bits [at, end) of 'p', which it borrows. */
struct vc_bits {
	const uint8_t *p;
	size_t at;
	size_t end;
	bool bad;
};

static inline struct vc_bits vc_bits_over(const void *p, size_t len)
{
	return (struct vc_bits){ .p = p, .end = len * 8 };
}

static inline size_t vc_bits_left(const struct vc_bits *b)
{
	return b->bad ? 0 : b->end - b->at;
}

/* The next 'n' bits, at most 32. */
static inline uint32_t vc_bits_get(struct vc_bits *b, unsigned int n)
{
	uint32_t v = 0;

	if (b->bad || b->end - b->at < n) {
		b->bad = true;
		return 0;
	}
	for (; n; n--) {
		v = v << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1);
		b->at++;
	}
	return v;
}

static inline bool vc_bits_flag(struct vc_bits *b)
{
	return vc_bits_get(b, 1);
}

static inline void vc_bits_skip(struct vc_bits *b, size_t n)
{
	if (b->bad || b->end - b->at < n)
		b->bad = true;
	else
		b->at += n;
}

/* The next 'n' bits must be 'v'. */
static inline void vc_bits_expect(struct vc_bits *b, unsigned int n, uint32_t v)
{
	if (vc_bits_get(b, n) != v)
		b->bad = true;
}

/* Exp-Golomb, unsigned, at most 'max'; more is bad. */
static inline uint32_t vc_bits_ue(struct vc_bits *b, uint32_t max)
{
	unsigned int zeros = 0;
	uint64_t v;

	while (!vc_bits_flag(b)) {
		zeros++;
		if (b->bad || zeros > 32) {
			b->bad = true;
			return 0;
		}
	}
	v = ((uint64_t)1 << zeros) - 1 + vc_bits_get(b, zeros);
	if (v > max)
		b->bad = true;
	return b->bad ? 0 : (uint32_t)v;
}

/* Exp-Golomb, signed, of 32 bits. */
static inline int32_t vc_bits_se(struct vc_bits *b)
{
	uint32_t v = vc_bits_ue(b, UINT32_MAX - 1);
	int64_t half = (int64_t)(v / 2) + (v & 1);

	return (int32_t)(v & 1 ? half : -half);
}

#endif
