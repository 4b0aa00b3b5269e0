/* SPDX-License-Identifier: MIT */
/*
 * Each sample out is a sum of TAPS samples in, weighted by a windowed sine
 * cardinal (Kaiser, beta 6.5, cut at 0.92 of half the rate). The table has it
 * at every twelfth between two samples, which is exact for 8, 12, 16, 24 and
 * 32 kHz; between those it is drawn straight. A table and integers: the sine of
 * a library is not the same everywhere.
 */
#include "media/upsample.h"

#include <assert.h>
#include <string.h>

#define TAPS VC_UPSAMPLE_TAPS
#define STEPS 12
#define UNIT 16384

static const int16_t sinc[STEPS + 1][TAPS] = {
	{ 6,	-23,   62,  -132, 241, -392, 577, -783, 985, -1155, 1270, 15073,
	  1270, -1155, 985, -783, 577, -392, 241, -132, 62,  -23,   6,	  -1 },
	{ 8,	-28,   68,   -136, 235, -361, 498, -619, 680, -592, 49, 14925,
	  2642, -1706, 1254, -910, 627, -401, 232, -118, 50,  -16,  2,	1 },
	{ 10,	-31,   70,   -132, 216, -311, 396, -432, 358, -46, -992, 14487,
	  4127, -2209, 1468, -992, 643, -386, 209, -96,	 34,  -7,  -2,	 2 },
	{ 11,	-31,   68,   -121,  186, -248, 278, -233, 40, 455, -1833, 13776,
	  5683, -2630, 1610, -1019, 620, -347, 170, -66,  15, 4,   -7,	  3 },
	{ 11,	-30,   62,   -104, 148, -175, 152, -34, -257, 887, -2463, 12816,
	  7263, -2936, 1666, -986, 557, -283, 117, -29, -8,   17,  -12,	  5 },
	{ 10,	-27,   53,   -83,  105, -97,  27, 154, -519, 1232, -2877, 11640,
	  8817, -3097, 1625, -890, 456, -196, 53, 13,  -33,  29,   -18,	  7 },
	{ 9,	-23,  41,    -58,   59,	   -20,	  -92,	319,
	  -733, 1480, -3084, 10295, 10293, -3084, 1480, -733,
	  319,	-92,  -20,   59,    -58,   41,	  -23,	9 },
	{ 7,	 -18,	29,   -33,  13,	 53, -196, 456, -890, 1625, -3097, 8817,
	  11640, -2877, 1232, -519, 154, 27, -97,  105, -83,  53,   -27,   10 },
	{ 5,	 -12,	17,  -8,   -29, 117, -283, 557, -986, 1666, -2936, 7263,
	  12816, -2463, 887, -257, -34, 152, -175, 148, -104, 62,   -30,   11 },
	{ 3,	 -7,	4,   15, -66,  170, -347, 620, -1019, 1610, -2630, 5683,
	  13776, -1833, 455, 40, -233, 278, -248, 186, -121,  68,   -31,   11 },
	{ 2,	 -2,   -7,  34,	 -96,  209, -386, 643, -992, 1468, -2209, 4127,
	  14487, -992, -46, 358, -432, 396, -311, 216, -132, 70,   -31,	  10 },
	{ 1,	 2,  -16,  50,	-118, 232, -401, 627, -910, 1254, -1706, 2642,
	  14925, 49, -592, 680, -619, 498, -361, 235, -136, 68,	  -28,	 8 },
	{ -1,	 6,    -23,   62,  -132, 241, -392, 577, -783, 985, -1155, 1270,
	  15073, 1270, -1155, 985, -783, 577, -392, 241, -132, 62,  -23,   6 },
};

void vc_upsample_init(struct vc_upsample *u, uint32_t rate_hz)
{
	assert(rate_hz && rate_hz <= VC_UPSAMPLE_RATE);
	*u = (struct vc_upsample){ .rate_hz = rate_hz };
}

size_t vc_upsample_count(const struct vc_upsample *u, size_t n)
{
	uint64_t end = (uint64_t)n * VC_UPSAMPLE_RATE;

	if (end <= u->at)
		return 0;
	return (size_t)((end - u->at + u->rate_hz - 1) / u->rate_hz);
}

static int16_t clamp(int64_t v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

/* The value 'u->at' of the way from the middle one to the next. */
static int16_t value(const struct vc_upsample *u)
{
	uint32_t step = VC_UPSAMPLE_RATE / STEPS;
	const int16_t *a = sinc[u->at / step], *b = sinc[u->at / step + 1];
	int64_t part = u->at % step, sum_a = 0, sum_b = 0;

	for (int i = 0; i < TAPS; i++)
		sum_a += a[i] * u->past[i];
	for (int i = 0; part && i < TAPS; i++)
		sum_b += b[i] * u->past[i];
	if (part)
		sum_a += (sum_b - sum_a) * part / step;
	return clamp((sum_a + UNIT / 2) >> 14);
}

size_t vc_upsample(struct vc_upsample *u, const int16_t *in, size_t n,
		   int16_t *out)
{
	size_t done = 0;

	if (u->rate_hz == VC_UPSAMPLE_RATE) {
		memcpy(out, in, n * sizeof(*out));
		return n;
	}
	for (size_t i = 0; i < n; i++) {
		memmove(u->past, u->past + 1, (TAPS - 1) * sizeof(*u->past));
		u->past[TAPS - 1] = in[i];
		for (; u->at < VC_UPSAMPLE_RATE; u->at += u->rate_hz)
			out[done++] = value(u);
		u->at -= VC_UPSAMPLE_RATE;
	}
	return done;
}
