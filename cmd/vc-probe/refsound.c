/* SPDX-License-Identifier: MIT */
/*
 * A voice says its phrase over and over, so what is not known of the sound is
 * one number: where in the phrase it begins. That is where both agree most: it
 * is looked for at an eighth of the rate, then sample by sample. No time of the
 * stream is needed, and what a codec delays goes with it.
 *
 * Marks are on a clock of their own. The reader says to a millisecond or so
 * where one began; within SPAN of that the sample is taken with which it
 * agrees most. Both are exact, so that sound without loss has a reference that
 * is equal to it.
 */
#include "refsound.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/chirp.h"
#include "media/mark.h"
#include "media/tone.h"

#define PHRASE (VC_TONE_SLOTS * REFSOUND_RATE / 1000 * 160)
#define FEWER 8
#define FEW (PHRASE / FEWER)
#define NEAR (2 * FEWER) /* samples about what is found of a few */
#define SKIP 3840	 /* samples, as a chain begins softly */
#define SPAN 288	 /* samples about a mark that was read */
#define CHIRP ((size_t)(VC_CHIRP_LENGTH * REFSOUND_RATE / VC_SEC))
#define CLOCK (256 * REFSOUND_RATE) /* samples; of a mark's second, 8 bits */

_Static_assert(PHRASE + SKIP <= REFSOUND_LEAST, "room");

/* --- the voice --- */

static void thin(float *out, const int16_t *pcm)
{
	for (size_t i = 0; i < FEW; i++) {
		int sum = 0;

		for (size_t k = 0; k < FEWER; k++)
			sum += pcm[i * FEWER + k];
		out[i] = (float)sum;
	}
}

static float product(const float *a, const float *b)
{
	float sum[8] = { 0 };

	_Static_assert(FEW % 8 == 0, "eight at once");
	for (size_t i = 0; i < FEW; i += 8) {
		for (size_t k = 0; k < 8; k++)
			sum[k] += a[i + k] * b[i + k];
	}
	return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] +
	       sum[7];
}

/* Of the phrase twice, 'few' of it: from where it is most like 'pcm'. */
static size_t roughly(const int16_t *phrase, const int16_t *pcm, float *few)
{
	float *heard = few + 2 * FEW, best = 0;
	size_t at = 0;

	thin(few, phrase);
	thin(few + FEW, phrase);
	thin(heard, pcm);
	for (size_t i = 0; i < FEW; i++) {
		float v = product(few + i, heard);

		if (v > best) {
			best = v;
			at = i;
		}
	}
	return at * FEWER;
}

/* Of one phrase. */
static double correlation(const int16_t *phrase, size_t at, const int16_t *pcm)
{
	double xy = 0, xx = 0, yy = 0;

	for (size_t i = 0; i < PHRASE; i++) {
		double x = phrase[(at + i) % PHRASE], y = pcm[i];

		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

double refsound_find(const char *name, const int16_t *pcm, size_t *at)
{
	float *few = vc_try_alloc(3 * (size_t)FEW, sizeof(*few));
	int16_t *phrase = vc_try_alloc(PHRASE, sizeof(*phrase));
	const int16_t *heard = pcm + SKIP;
	struct vc_tone tone;
	double best = -1;
	size_t rough;

	if (few && phrase) {
		vc_tone_init(&tone, name, REFSOUND_RATE);
		vc_tone_read(&tone, phrase, PHRASE);
		rough = roughly(phrase, heard, few) + PHRASE - NEAR;
		for (size_t i = 0; i <= 2 * NEAR; i++) {
			size_t from = (rough + i) % PHRASE;
			double v = correlation(phrase, from, heard);

			if (v <= best)
				continue;
			best = v;
			*at = (from + PHRASE - SKIP) % PHRASE;
		}
	}
	free(few);
	free(phrase);
	return best;
}

/* --- its marks --- */

static int64_t time_of(int64_t sample)
{
	return (sample * VC_SEC + REFSOUND_RATE / 2) / REFSOUND_RATE;
}

/* The mark that was read at m->at: what the marks' clock says at the first
 * sample, in samples. */
static int64_t clock_by(struct vc_chirp *c, const struct vc_chirp_mark *m,
			const int16_t *pcm, size_t n)
{
	int64_t begins =
		m->second * REFSOUND_RATE +
		vc_chirp_offset(m->id, m->second) * REFSOUND_RATE / VC_SEC;
	int64_t near = m->at * REFSOUND_RATE / VC_SEC, best_at = near;
	int16_t mark[CHIRP] = { 0 };
	double best = 0;

	vc_chirp_add(c, mark, CHIRP, time_of(begins));
	for (int64_t at = near - SPAN; at <= near + SPAN; at++) {
		double sum = 0;

		if (at < 0 || (size_t)at + CHIRP > n)
			continue;
		for (size_t i = 0; i < CHIRP; i++)
			sum += (double)mark[i] * pcm[(size_t)at + i];
		if (sum > best) {
			best = sum;
			best_at = at;
		}
	}
	return (begins - best_at + CLOCK) % CLOCK;
}

int refsound_make(const char *name, const int16_t *pcm, size_t n, size_t at,
		  int16_t *out)
{
	struct vc_chirp_reader *r = vc_chirp_reader_new();
	uint16_t id = vc_mark_id(name);
	struct vc_chirp_mark m;
	struct vc_chirp chirp;
	struct vc_tone tone;
	bool has_marks;

	if (!r)
		return -ENOMEM;
	vc_tone_init(&tone, name, REFSOUND_RATE);
	vc_tone_seek(&tone, at);
	vc_tone_read(&tone, out, n);
	vc_chirp_feed(r, pcm, n);
	do {
		has_marks = vc_chirp_next(r, &m);
	} while (has_marks && m.id != (id & 0xff));
	if (has_marks) {
		vc_chirp_init(&chirp, id, REFSOUND_RATE);
		vc_chirp_add(&chirp, out, n,
			     time_of(clock_by(&chirp, &m, pcm, n)));
	}
	vc_chirp_reader_free(r);
	return 0;
}
