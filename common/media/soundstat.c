/* SPDX-License-Identifier: MIT */
#include "media/soundstat.h"

#include <math.h>

#define FULL 32768.0
#define SILENCE 1e-6 /* mean square of -60 dBFS */
#define LOWEST -127.0

void vc_soundstat_init(struct vc_soundstat *s)
{
	*s = (struct vc_soundstat){ 0 };
	vc_loudness_init(&s->loudness);
}

static void look_for_clip(struct vc_soundstat *s, int c, int v)
{
	int at = v == INT16_MAX ? 1 : v <= -INT16_MAX ? -1 : 0;

	if (!at) {
		s->end[c].at = 0;
		return;
	}
	if (at != s->end[c].at)
		s->end[c].run = 0;
	s->end[c].at = at;
	s->end[c].run++;
	if (s->end[c].run == VC_SOUNDSTAT_CLIP) {
		s->clips++;
		s->clipped += VC_SOUNDSTAT_CLIP;
	} else if (s->end[c].run > VC_SOUNDSTAT_CLIP) {
		s->clipped++;
	}
}

static void end_block(struct vc_soundstat *s)
{
	double mean = s->block_squares / VC_SOUNDSTAT_BLOCK;

	s->blocks++;
	if (mean < SILENCE) {
		s->silent++;
		s->silent_run++;
		if (s->silent_run > s->silent_longest)
			s->silent_longest = s->silent_run;
	} else {
		s->silent_run = 0;
	}
	s->squares += s->block_squares;
	s->block_squares = 0;
	s->fill = 0;
}

void vc_soundstat_feed(struct vc_soundstat *s, const int16_t *pcm, size_t n,
		       int channels)
{
	double scale = 1 / (FULL * FULL * channels);

	vc_loudness_feed(&s->loudness, pcm, n, channels);
	for (size_t i = 0; i < n; i++) {
		for (int c = 0; c < channels; c++) {
			int v = pcm[i * (size_t)channels + (size_t)c];
			int height = v < 0 ? -v : v;

			if (height > s->peak)
				s->peak = height;
			if (height >= INT16_MAX || s->end[c].at)
				look_for_clip(s, c, v);
			s->block_squares += (double)v * v * scale;
		}
		s->fill++;
		if (s->fill == VC_SOUNDSTAT_BLOCK)
			end_block(s);
	}
	s->samples += n;
	s->all += n * (size_t)channels;
}

static double db(double ratio, double factor)
{
	double v = ratio > 0 ? factor * log10(ratio) : LOWEST;

	return v < LOWEST ? LOWEST : v;
}

double vc_soundstat_level_dbfs(const struct vc_soundstat *s)
{
	if (!s->samples)
		return NAN;
	return db((s->squares + s->block_squares) / (double)s->samples, 10);
}

double vc_soundstat_peak_dbfs(const struct vc_soundstat *s)
{
	return s->samples ? db(s->peak / FULL, 20) : NAN;
}
