/* SPDX-License-Identifier: MIT */
/*
 * Blocks go into bins of 0.1 LU by their loudness, each with the sum of its
 * mean squares: the mean above a gate is then right to what lies in the one bin
 * that the gate cuts, and that bin counts whole when its own mean passes.
 */
#include "media/loudness.h"

#include <math.h>

#define HOP (VC_LOUDNESS_RATE / 10)
#define MOMENTARY 4 /* hops */
#define LOWEST -70.0
#define GATE 10.0
#define FLOOR -120.0

/* BS.1770-4, tables 1 and 2: the coefficients at 48 kHz. */
struct biquad {
	double b[3], a[2];
};

static const struct biquad shelf = {
	{ 1.53512485958697, -2.69169618940638, 1.19839281085285 },
	{ -1.69065929318241, 0.73248077421585 },
};

static const struct biquad high_pass = {
	{ 1.0, -2.0, 1.0 },
	{ -1.99004745483398, 0.99007225036621 },
};

void vc_loudness_init(struct vc_loudness *l)
{
	*l = (struct vc_loudness){ .momentary_max = -1, .short_term_max = -1 };
}

/* Transposed direct form II. */
static inline double filter(const struct biquad *q, double z[2], double x)
{
	double y = q->b[0] * x + z[0];

	z[0] = q->b[1] * x - q->a[0] * y + z[1];
	z[1] = q->b[2] * x - q->a[1] * y;
	return y;
}

static double lufs(double mean_square)
{
	double v = mean_square > 0 ? -0.691 + 10 * log10(mean_square) : FLOOR;

	return v < FLOOR ? FLOOR : v;
}

static double mean_of(const struct vc_loudness *l, unsigned int hops)
{
	double sum = 0;

	for (unsigned int i = 1; i <= hops; i++)
		sum += l->hop[(l->hops - i) % VC_LOUDNESS_HOPS];
	return sum / hops;
}

static void end_hop(struct vc_loudness *l)
{
	double block;
	int i;

	l->hop[l->hops % VC_LOUDNESS_HOPS] = l->sum / HOP;
	l->hops++;
	l->sum = 0;
	l->fill = 0;
	if (l->hops >= VC_LOUDNESS_HOPS) {
		block = mean_of(l, VC_LOUDNESS_HOPS);
		if (block > l->short_term_max)
			l->short_term_max = block;
	}
	if (l->hops < MOMENTARY)
		return;
	block = mean_of(l, MOMENTARY);
	if (block > l->momentary_max)
		l->momentary_max = block;
	if (lufs(block) <= LOWEST)
		return;
	i = (int)((lufs(block) - LOWEST) * 10);
	i = i < VC_LOUDNESS_BINS ? i : VC_LOUDNESS_BINS - 1;
	l->bin[i].blocks++;
	l->bin[i].sum += block;
}

void vc_loudness_feed(struct vc_loudness *l, const int16_t *pcm, size_t n,
		      int channels)
{
	for (size_t i = 0; i < n; i++) {
		for (int c = 0; c < channels; c++) {
			double y =
				filter(&shelf, l->shelf[c],
				       pcm[i * (size_t)channels + (size_t)c] /
					       32768.0);

			y = filter(&high_pass, l->pass[c], y);
			l->sum += y * y;
		}
		l->fill++;
		if (l->fill == HOP)
			end_hop(l);
	}
}

/* The mean square of the blocks above 'gate' LUFS; NAN: none is. */
static double mean_above(const struct vc_loudness *l, double gate)
{
	uint64_t blocks = 0;
	double sum = 0;

	for (int i = 0; i < VC_LOUDNESS_BINS; i++) {
		uint64_t n = l->bin[i].blocks;

		if (!n || lufs(l->bin[i].sum / (double)n) <= gate)
			continue;
		blocks += n;
		sum += l->bin[i].sum;
	}
	return blocks ? sum / (double)blocks : NAN;
}

double vc_loudness_integrated(const struct vc_loudness *l)
{
	double mean = mean_above(l, LOWEST);

	if (isnan(mean))
		return NAN;
	return lufs(mean_above(l, lufs(mean) - GATE));
}

double vc_loudness_momentary_max(const struct vc_loudness *l)
{
	return l->momentary_max < 0 ? NAN : lufs(l->momentary_max);
}

double vc_loudness_short_term_max(const struct vc_loudness *l)
{
	return l->short_term_max < 0 ? NAN : lufs(l->short_term_max);
}
