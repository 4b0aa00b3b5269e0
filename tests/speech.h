/* SPDX-License-Identifier: MIT */
/*
 * What echo cancellation is tried on: somebody who speaks (pulses and noise
 * through formants, syllables, pauses; nobody's words, but with the spectrum
 * and the rhythm of them) and a room that answers. 48 kHz, mono; the same
 * samples for the same seed.
 */
#ifndef VC_TESTS_SPEECH_H
#define VC_TESTS_SPEECH_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SPEECH_RATE 48000

static inline uint32_t speech_rand(uint32_t *state)
{
	*state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
	return *state >> 8;
}

/* 0 to 1. */
static inline double speech_unit(uint32_t *state)
{
	return speech_rand(state) / 16777216.0;
}

struct speech_formant {
	double a, b, gain; /* y = gain x + a y1 + b y2 */
	double y1, y2;
};

static inline double speech_resonate(struct speech_formant *f, double x)
{
	double y = f->gain * x + f->a * f->y1 + f->b * f->y2;

	f->y2 = f->y1;
	f->y1 = y;
	return y;
}

struct speech {
	uint32_t seed;
	double pitch_hz;
	double loudness; /* 1: about -20 dBFS while he speaks */
	double glide, phase, pulse, level;
	enum { SPEECH_PAUSE, SPEECH_VOWEL, SPEECH_HISS } kind;
	size_t left, since;
	struct speech_formant f[4];
};

static inline void speech_init(struct speech *s, uint32_t seed, double pitch_hz)
{
	memset(s, 0, sizeof(*s));
	s->seed = seed * 2654435761u + 1;
	s->pitch_hz = pitch_hz;
	s->loudness = 1;
}

static inline void speech_tune(struct speech_formant *f, double hz, double wide)
{
	double r = exp(-M_PI * wide / SPEECH_RATE);

	f->a = 2 * r * cos(2 * M_PI * hz / SPEECH_RATE);
	f->b = -r * r;
	f->gain = 1 - f->a - f->b;
}

static inline void speech_syllable(struct speech *s)
{
	static const double vowels[][3] = {
		{ 730, 1090, 2440 }, { 270, 2290, 3010 }, { 300, 870, 2240 },
		{ 530, 1840, 2480 }, { 570, 840, 2410 },  { 660, 1720, 2410 },
	};
	const double *v = vowels[speech_rand(&s->seed) % 6];
	double u = speech_unit(&s->seed);

	s->since = 0;
	if (s->kind == SPEECH_VOWEL && u < 0.45) {
		s->kind = SPEECH_PAUSE;
		s->left =
			(size_t)(SPEECH_RATE * (u < 0.12 ? 0.5 : 0.03 + u / 4));
		return;
	}
	s->kind = s->kind == SPEECH_VOWEL && u < 0.75 ? SPEECH_HISS :
							SPEECH_VOWEL;
	s->left =
		(size_t)(SPEECH_RATE * (s->kind == SPEECH_HISS ? 0.08 : 0.16) *
			 (0.6 + speech_unit(&s->seed)));
	s->glide = s->pitch_hz * (0.85 + 0.4 * speech_unit(&s->seed));
	if (s->kind == SPEECH_HISS) {
		speech_tune(&s->f[0], 2500 + 3000 * u, 2500);
		speech_tune(&s->f[1], 6000, 4000);
		return;
	}
	for (int i = 0; i < 3; i++)
		speech_tune(&s->f[i], v[i], 60 + 40 * i);
	speech_tune(&s->f[3], 3500, 250);
}

static inline double speech_source(struct speech *s)
{
	double noise = speech_unit(&s->seed) - 0.5;

	if (s->kind == SPEECH_HISS)
		return speech_resonate(&s->f[1],
				       speech_resonate(&s->f[0], noise * 0.15));
	s->phase += s->glide / SPEECH_RATE;
	if (s->phase >= 1) {
		s->phase -= 1 + 0.02 * noise;
		s->pulse += 1;
		s->glide *= 0.995;
	}
	/* What the vocal cords do to a pulse. */
	s->pulse *= 0.93;
	noise = s->pulse + noise * 0.02;
	for (int i = 0; i < 4; i++)
		noise = speech_resonate(&s->f[i], noise);
	return noise * 0.22;
}

static inline void speech_read(struct speech *s, double *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double edge = 1;

		if (!s->left)
			speech_syllable(s);
		s->left--;
		s->since++;
		if (s->since < 480)
			edge = (double)s->since / 480;
		if (s->left < 480)
			edge *= (double)s->left / 480;
		out[i] = s->kind == SPEECH_PAUSE ?
				 0 :
				 edge * s->loudness * speech_source(s);
	}
}

/* --- a room --- */

#define ROOM_TAPS 160
#define ROOM_CAP (1 << 16) /* samples that it remembers */

/* The direct way, then ever weaker reflections until 'ms' after it. */
struct room {
	double gain[ROOM_TAPS];
	double at[ROOM_TAPS]; /* samples */
	double dull;
	double past[ROOM_CAP];
	uint64_t n;
};

static inline void room_init(struct room *r, uint32_t seed, double delay_ms,
			     double ms, double gain)
{
	double len = ms * SPEECH_RATE / 1000;

	memset(r, 0, sizeof(*r));
	for (int i = 0; i < ROOM_TAPS; i++) {
		double at = i ? (i - speech_unit(&seed)) / ROOM_TAPS : 0;

		r->at[i] = floor(delay_ms * SPEECH_RATE / 1000 + at * len);
		/* 60 dB down at its end. */
		r->gain[i] = gain * (i ? 0.25 : 1) * pow(10, -3 * at) *
			     (i && speech_rand(&seed) & 1 ? -1 : 1);
	}
}

/* What is heard of 'x'. */
static inline double room_hear(struct room *r, double x)
{
	double sum = 0;

	r->past[r->n % ROOM_CAP] = x;
	for (int i = 0; i < ROOM_TAPS; i++)
		sum += r->gain[i] *
		       r->past[(r->n - (uint64_t)r->at[i]) % ROOM_CAP];
	r->n++;
	/* Walls take the treble. */
	r->dull += 0.6 * (sum - r->dull);
	return r->dull;
}

static inline int16_t speech_sample(double x)
{
	x = rint(x * 32768);
	return (int16_t)(x > 32767 ? 32767 : x < -32768 ? -32768 : x);
}

#endif
