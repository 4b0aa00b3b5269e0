/* SPDX-License-Identifier: MIT */
/*
 * A ring of samples by index. Between samples a cubic through the four next to
 * the position is read: exact to -60 dB up to 6 kHz, where echo has its power.
 */
#include <math.h>
#include <string.h>

#include "media/farline.h"

#define FOLLOW 0.001 /* of the difference, at each put */

static size_t slot(int64_t index)
{
	return (size_t)((uint64_t)index & (VC_FARLINE_CAP - 1));
}

/* To 'index': silence in between, or what was there is played anew. */
static void jump(struct vc_farline *f, int64_t index)
{
	int64_t from = f->end;

	if (!f->has_begun || index - from >= VC_FARLINE_CAP ||
	    from - index >= VC_FARLINE_CAP) {
		memset(f->ring, 0, sizeof(f->ring));
	} else {
		for (; from < index; from++)
			f->ring[slot(from)] = 0;
		/* What is oldest now was newest before: of another time. */
		for (int64_t i = index; i < f->end; i++)
			f->ring[slot(i)] = 0;
	}
	f->jumps += f->has_begun;
	f->has_begun = true;
	f->end = index;
}

void vc_farline_put(struct vc_farline *f, double pos, const int16_t *pcm,
		    size_t n)
{
	double off = pos - f->offset - (double)f->end;

	if (!f->has_begun || fabs(off) > VC_FARLINE_JUMP) {
		f->offset = pos - floor(pos);
		jump(f, (int64_t)floor(pos));
	} else {
		f->offset += off * FOLLOW;
	}
	for (size_t i = 0; i < n; i++) {
		f->ring[slot(f->end)] = pcm[i];
		f->end++;
	}
}

static double at(const struct vc_farline *f, int64_t index)
{
	if (index >= f->end || index < f->end - VC_FARLINE_CAP)
		return 0;
	return f->ring[slot(index)];
}

/* The cubic through y[-1] to y[2], 'u' behind y[0]. */
static double between(const double y[4], double u)
{
	return y[0] * (-u * (u - 1) * (u - 2) / 6) +
	       y[1] * ((u + 1) * (u - 1) * (u - 2) / 2) +
	       y[2] * (-(u + 1) * u * (u - 2) / 2) +
	       y[3] * ((u + 1) * u * (u - 1) / 6);
}

static int16_t rounded(double v)
{
	v = rint(v);
	return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

bool vc_farline_read(const struct vc_farline *f, double pos, double step,
		     int16_t *out, size_t n)
{
	bool is_sound = false;

	pos -= f->offset;
	if (!f->has_begun || pos - 2 >= (double)f->end ||
	    pos + (double)n * step + 2 < (double)(f->end - VC_FARLINE_CAP)) {
		memset(out, 0, n * sizeof(*out));
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		double x = pos + step * (double)i;
		int64_t k = (int64_t)floor(x);
		const double y[4] = { at(f, k - 1), at(f, k), at(f, k + 1),
				      at(f, k + 2) };

		out[i] = rounded(between(y, x - (double)k));
		is_sound |= out[i] != 0;
	}
	return is_sound;
}
