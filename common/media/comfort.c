/* SPDX-License-Identifier: MIT */
/*
 * White noise through an all-pole filter in lattice form, 1 / A(z), of which the
 * coefficients are what the packet holds: it is stable as all are under 1. It
 * amplifies the power of white noise by 1 / ((1 - k1^2) (1 - k2^2) ...).
 */
#include "media/comfort.h"

#include <math.h>
#include <string.h>

#define UNITY 32768
#define SCALE 256
#define PEAK INT64_C(2147483647) /* of what is in the filter */

static double rms_of(uint8_t level_dbov)
{
	double rms = UNITY;

	if (level_dbov < VC_COMFORT_LOUDEST)
		level_dbov = VC_COMFORT_LOUDEST;
	for (int i = 0; i < level_dbov; i++) /* no libm: the same everywhere */
		rms *= 0.89125093813374556;
	return rms;
}

void vc_comfort_set(struct vc_comfort *c, const struct vc_cn *cn)
{
	double power = 1;

	memset(c->k, 0, sizeof(c->k));
	for (unsigned int i = 0; i < cn->n; i++) {
		double k = (double)cn->k[i] / UNITY;

		c->k[i] = cn->k[i];
		power *= 1 - k * k;
	}
	for (unsigned int i = cn->n + 1; i <= VC_CN_ORDER; i++)
		c->back[i] = 0;
	c->n = cn->n;
	c->state |= 1;
	/* Of even noise the power is a third of the peak's. */
	c->amp = (int32_t)(rms_of(cn->level_dbov) * sqrt(3 * power) * SCALE);
}

static int64_t limited(int64_t v)
{
	return v > PEAK ? PEAK : v < -PEAK ? -PEAK : v;
}

static int64_t white(struct vc_comfort *c)
{
	c->state ^= c->state << 13;
	c->state ^= c->state >> 17;
	c->state ^= c->state << 5;
	return (int64_t)(int16_t)(c->state >> 16) * c->amp / UNITY;
}

void vc_comfort_next(struct vc_comfort *c, int16_t *pcm, size_t n)
{
	int64_t f, sample;

	for (size_t i = 0; i < n; i++) {
		f = white(c);
		for (unsigned int m = c->n; m; m--) {
			f = limited(f - c->k[m - 1] * c->back[m - 1] / UNITY);
			c->back[m] = limited(c->back[m - 1] +
					     c->k[m - 1] * f / UNITY);
		}
		c->back[0] = f;
		sample = f / SCALE;
		pcm[i] = (int16_t)(sample > INT16_MAX ? INT16_MAX :
				   sample < INT16_MIN ? INT16_MIN :
							sample);
	}
}
