/* SPDX-License-Identifier: MIT */
/*
 * ITU-T G.722, written after the recommendation: its tables and block names
 * (in capitals) are kept, since octets must be those of every other codec. A
 * filter of 24 taps parts the bands and joins them; each is ADPCM with a scale
 * that follows the signal and a predictor of two poles and six zeros. Its own
 * output is all that a band adapts to, so both ends stay equal.
 */
#include "codec/g722.h"

#include <string.h>

#define LEVELS 30      /* of the lower band's quantizer, to each side */
#define SIDE_MAX 16383 /* of a band's signal */

static const int16_t qmf[VC_G722_TAPS / 2] = {
	3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11,
};

/* Decision levels of the lower band. */
static const int16_t q6[LEVELS] = {
	0,    35,   72,	  110,	150,  190,  233,  276,	323,  370,
	422,  473,  530,  587,	650,  714,  786,  858,	940,  1023,
	1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
};

/* What codes of 6, 4 and 2 bits stand for. */
static const int16_t qm6[64] = {
	-136,	-136,	-136,	-136,	-24808, -21904, -19008, -16704,
	-14984, -13512, -12280, -11192, -10232, -9360,	-8576,	-7856,
	-7192,	-6576,	-6000,	-5456,	-4944,	-4464,	-4008,	-3576,
	-3168,	-2776,	-2400,	-2032,	-1688,	-1360,	-1040,	-728,
	24808,	21904,	19008,	16704,	14984,	13512,	12280,	11192,
	10232,	9360,	8576,	7856,	7192,	6576,	6000,	5456,
	4944,	4464,	4008,	3576,	3168,	2776,	2400,	2032,
	1688,	1360,	1040,	728,	432,	136,	-432,	-136,
};
static const int16_t qm4[16] = {
	0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
	20456, 12896,  8968,   6288,  4240,  2584,  1200,  0,
};
static const int16_t qm2[4] = { -7408, -1616, 7408, 1616 };

/* How the logarithm of the scale moves, by code of 4 and 2 bits. */
static const int16_t wl[16] = {
	-60,  3042, 1198, 538, 334, 172, 58,  -30,
	3042, 1198, 538,  334, 172, 58,	 -30, -60,
};
static const int16_t wh[4] = { 798, -214, 798, -214 };

/* 2048 times two to the power of i / 32. */
static const int16_t ilb[32] = {
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
	2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
	3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
};

static int limit(int v, int max)
{
	return v > max ? max : v < -max - 1 ? -max - 1 : v;
}

static int sat(int v)
{
	return limit(v, INT16_MAX);
}

/* --- a band --- */

/* UPPOL1, UPPOL2: the poles, held where the filter is stable. */
static void adapt_poles(struct vc_g722_band *k)
{
	bool is_like1 = (k->p[0] < 0) == (k->p[1] < 0);
	bool is_like2 = (k->p[0] < 0) == (k->p[2] < 0);
	int step = sat(k->a[1] * 4);
	int a1, a2, max;

	step = is_like1 ? sat(-step) : step;
	a2 = (is_like2 ? 128 : -128) + (step >> 7) + (k->a[2] * 32512 >> 15);
	a2 = a2 > 12288 ? 12288 : a2 < -12288 ? -12288 : a2;
	a1 = sat((is_like1 ? 192 : -192) + (k->a[1] * 32640 >> 15));
	max = sat(15360 - a2);
	k->a[1] = a1 > max ? max : a1 < -max ? -max : a1;
	k->a[2] = a2;
}

/* UPZERO. */
static void adapt_zeros(struct vc_g722_band *k)
{
	int step = k->d[0] ? 128 : 0;

	for (int i = 1; i <= 6; i++) {
		bool is_like = (k->d[i] < 0) == (k->d[0] < 0);

		k->b[i] =
			sat((is_like ? step : -step) + (k->b[i] * 32640 >> 15));
	}
}

/* RECONS, PARREC, DELAYA, FILTEP, FILTEZ, PREDIC: from a difference on. */
static void adapt(struct vc_g722_band *k, int d)
{
	int sp;

	k->d[0] = d;
	k->r[0] = sat(k->s + d);
	k->p[0] = sat(k->sz + d);
	adapt_poles(k);
	adapt_zeros(k);
	memmove(k->d + 1, k->d, 6 * sizeof(*k->d));
	memmove(k->r + 1, k->r, 2 * sizeof(*k->r));
	memmove(k->p + 1, k->p, 2 * sizeof(*k->p));
	sp = sat((k->a[1] * sat(2 * k->r[1]) >> 15) +
		 (k->a[2] * sat(2 * k->r[2]) >> 15));
	k->sz = 0;
	for (int i = 1; i <= 6; i++)
		k->sz += k->b[i] * sat(2 * k->d[i]) >> 15;
	k->sz = sat(k->sz);
	k->s = sat(sp + k->sz);
}

/* LOGSCL and SCALEL, LOGSCH and SCALEH. */
static void scale(struct vc_g722_band *k, int move, int max, int shift)
{
	int nb = (k->nb * 127 >> 7) + move;
	int down;

	k->nb = nb < 0 ? 0 : nb > max ? max : nb;
	down = shift - (k->nb >> 11);
	k->det = ilb[k->nb >> 6 & 31];
	k->det = (down < 0 ? k->det << -down : k->det >> down) * 4;
}

/* The difference that a code stands for, by which both ends go on. */
static void follow_low(struct vc_g722_band *k, int code)
{
	int d = k->det * qm4[code >> 2] >> 15;

	scale(k, wl[code >> 2], 18432, 8);
	adapt(k, d);
}

static void follow_high(struct vc_g722_band *k, int code)
{
	int d = k->det * qm2[code] >> 15;

	scale(k, wh[code], 22528, 10);
	adapt(k, d);
}

/* QUANTL. */
static int quantize_low(const struct vc_g722_band *k, int x)
{
	int e = sat(x - k->s);
	int mag = e < 0 ? ~e : e;
	int i = 1;

	while (i < LEVELS && mag >= q6[i] * k->det >> 12)
		i++;
	if (e >= 0)
		return 62 - i;
	return i < 3 ? 64 - i : 34 - i;
}

/* QUANTH. */
static int quantize_high(const struct vc_g722_band *k, int x)
{
	int e = sat(x - k->s);
	int mag = e < 0 ? ~e : e;
	bool is_far = mag >= 564 * k->det >> 12;

	return (e < 0 ? 0 : 2) + !is_far;
}

/* --- both bands --- */

void vc_g722_init(struct vc_g722 *g)
{
	*g = (struct vc_g722){ .low.det = 32, .high.det = 8 };
}

/* Takes two in and gives the filter's two sums. */
static void filter(struct vc_g722 *g, int x0, int x1, int *even, int *odd)
{
	memmove(g->x, g->x + 2, (VC_G722_TAPS - 2) * sizeof(*g->x));
	g->x[VC_G722_TAPS - 2] = x0;
	g->x[VC_G722_TAPS - 1] = x1;
	*even = 0;
	*odd = 0;
	for (int i = 0; i < VC_G722_TAPS / 2; i++) {
		*odd += g->x[2 * i] * qmf[i];
		*even += g->x[2 * i + 1] * qmf[VC_G722_TAPS / 2 - 1 - i];
	}
}

void vc_g722_encode(struct vc_g722 *g, const int16_t *pcm, size_t n,
		    uint8_t *out)
{
	int even, odd, low, high;

	for (size_t i = 0; i + 1 < n; i += 2) {
		filter(g, pcm[i], pcm[i + 1], &even, &odd);
		low = quantize_low(&g->low, (even + odd) >> 14);
		high = quantize_high(&g->high, (even - odd) >> 14);
		follow_low(&g->low, low);
		follow_high(&g->high, high);
		out[i / 2] = (uint8_t)(high << 6 | low);
	}
}

void vc_g722_decode(struct vc_g722 *g, const uint8_t *p, size_t len,
		    int16_t *pcm)
{
	int even, odd, low, high;

	for (size_t i = 0; i < len; i++) {
		low = limit(g->low.s + (g->low.det * qm6[p[i] & 63] >> 15),
			    SIDE_MAX);
		high = limit(g->high.s + (g->high.det * qm2[p[i] >> 6] >> 15),
			     SIDE_MAX);
		follow_low(&g->low, p[i] & 63);
		follow_high(&g->high, p[i] >> 6);
		filter(g, low + high, low - high, &even, &odd);
		pcm[2 * i] = (int16_t)sat(even >> 11);
		pcm[2 * i + 1] = (int16_t)sat(odd >> 11);
	}
}
