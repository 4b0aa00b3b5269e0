/* SPDX-License-Identifier: MIT */
/* A sine, and how much of what came out is that sine. */
#ifndef VC_TESTS_SINE_H
#define VC_TESTS_SINE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* 'n' samples from the 'from'th on, of 'hz' at 'rate', peak 'amp'. */
static inline void sine_put(int16_t *pcm, size_t n, size_t from, double hz,
			    double rate, double amp)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(
			amp * sin(2 * M_PI * hz * (double)(from + i) / rate));
}

/*
 * Signal to noise in dB: the best fit of a sine of 'hz' against the rest. Its
 * peak into '*amp'.
 */
static inline double sine_snr(const int16_t *pcm, size_t n, double hz,
			      double rate, double *amp)
{
	double s = 0, c = 0, rest = 0;

	for (size_t i = 0; i < n; i++) {
		double at = 2 * M_PI * hz * (double)i / rate;

		s += pcm[i] * sin(at) * 2 / (double)n;
		c += pcm[i] * cos(at) * 2 / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		double at = 2 * M_PI * hz * (double)i / rate;
		double e = pcm[i] - s * sin(at) - c * cos(at);

		rest += e * e;
	}
	*amp = sqrt(s * s + c * c);
	return 10 * log10((s * s + c * c) / 2 * (double)n / (rest + 1e-9));
}

#endif
