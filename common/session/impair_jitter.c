/* SPDX-License-Identifier: MIT */
/*
 * Normal: four uniform numbers added. Gamma of shape 2: the sum of two
 * exponential ones, -ln u - ln v = -ln(u v); its deviation is sqrt(2) of the
 * scale. The logarithm is by squaring, bit by bit, so that it is the same on
 * every machine.
 */
#include "session/impair_jitter.h"

#include "session/impairtrace.h"

/* Spread of each of four uniform numbers whose sum has a deviation of 1. */
#define SPREAD_MILLI 866
#define LN2_Q32 UINT64_C(2977044472) /* ln 2 * 2^32 */
#define ROOT_HALF_PPM 707107

static int64_t uniform(int64_t most, uint64_t roll)
{
	return ((int64_t)(roll >> 40) - (1 << 23)) * most / (1 << 23);
}

static int64_t normal(int64_t deviation, uint64_t roll)
{
	int64_t sum = -4 * INT64_C(32768);

	for (unsigned int i = 0; i < 4; i++)
		sum += (int64_t)(roll >> 16 * i & 0xffff);
	return sum * (deviation * SPREAD_MILLI / 1000) / 32768;
}

/* log2(v) * 2^20, rounded down; v is not 0. */
static uint64_t log2_q20(uint64_t v)
{
	unsigned int whole = 63 - (unsigned int)__builtin_clzll(v);
	uint64_t x = whole > 31 ? v >> (whole - 31) : v << (31 - whole);
	uint64_t frac = 0;

	/* x / 2^31 is from 1 to 2. */
	for (unsigned int i = 0; i < 20; i++) {
		x = x * x >> 31;
		frac <<= 1;
		if (x >> 32) {
			x >>= 1;
			frac |= 1;
		}
	}
	return (uint64_t)whole << 20 | frac;
}

static int64_t gamma_2(int64_t deviation, uint64_t roll)
{
	uint64_t u = (roll >> 32) + 1, v = (roll & UINT32_MAX) + 1;
	uint64_t both = v == UINT64_C(1) << 32 ? u << 31 : u * v >> 1;
	/* -log2 of u v / 2^64; 'both' is half of it, so that it fits. */
	uint64_t bits = (UINT64_C(63) << 20) - (both ? log2_q20(both) : 0);
	unsigned __int128 ln = (unsigned __int128)bits * LN2_Q32 >> 20;
	int64_t scale = (int64_t)((unsigned __int128)deviation * ROOT_HALF_PPM /
				  1000000);

	return (int64_t)(ln * (unsigned __int128)scale >> 32);
}

int64_t vc_impair_jitter(const struct vc_impair_conf *c, uint64_t roll,
			 uint64_t n)
{
	switch (c->distribution) {
	case VC_JITTER_UNIFORM:
		return uniform(c->jitter, roll);
	case VC_JITTER_GAMMA:
		return gamma_2(c->jitter, roll);
	case VC_JITTER_TRACE:
		return c->delays->v[(n - 1) % c->delays->n];
	case VC_JITTER_NORMAL:
		break;
	}
	return normal(c->jitter, roll);
}

int64_t vc_impair_jitter_least(const struct vc_impair_conf *c)
{
	switch (c->distribution) {
	case VC_JITTER_UNIFORM:
		return -c->jitter;
	case VC_JITTER_GAMMA:
	case VC_JITTER_TRACE:
		return 0;
	case VC_JITTER_NORMAL:
		break;
	}
	return -4 * (c->jitter * SPREAD_MILLI / 1000) - 1;
}
