/* SPDX-License-Identifier: MIT */
/*
 * Somebody speaks far away, is played in a room and heard by its microphone,
 * where somebody else speaks now and then (tests/speech.h).
 */
#ifndef VC_TESTS_ECHORIG_H
#define VC_TESTS_ECHORIG_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/farline.h"
#include "media/voice.h"
#include "speech.h"

#define N VC_VOICE_FRAME
#define TICK (10 * VC_MS)
#define LINE (4 * N)

struct rig {
	struct vc_voice *voice;
	struct speech far, near;
	struct room room;
	struct vc_farline played; /* with its true times */
	int64_t frame;
	double delay; /* samples */
	double ppm;   /* by which the microphone's clock is slow */
	bool far_talks, near_talks;
	int16_t near_line[LINE]; /* the last of it that was said */
	/* Since measure(): squares of echo, of what came out, of the near
	 * speech, and its product with what came out. */
	double echo, out, near_sum, product;
};

static inline struct rig *rig_new_by(uint32_t seed, double delay_ms,
				     double gain,
				     const struct vc_voice_dsp *dsp)
{
	const struct vc_voice_conf conf = { .echo = true, .dsp = dsp };
	struct rig *r = vc_alloc(1, sizeof(*r));

	r->voice = vc_voice_new(&conf);
	assert_non_null(r->voice);
	speech_init(&r->far, seed, 110);
	speech_init(&r->near, seed + 100, 190);
	room_init(&r->room, seed, 0, 120, gain);
	r->delay = delay_ms * 48;
	r->far_talks = true;
	return r;
}

static inline void rig_free(struct rig *r)
{
	vc_voice_free(r->voice);
	free(r);
}

static inline void measure(struct rig *r)
{
	r->echo = r->out = r->near_sum = r->product = 0;
}

static inline void rig_read(struct speech *s, bool talks, double *out)
{
	memset(out, 0, N * sizeof(*out));
	if (talks)
		speech_read(s, out, N);
}

static inline void sum_up(struct rig *r, const int16_t *pcm)
{
	const int16_t *near =
		r->near_line + LINE - N - vc_voice_delay(r->voice);

	for (int i = 0; i < N; i++) {
		double out = pcm[i] / 32768.0, was = near[i] / 32768.0;

		r->out += out * out;
		r->near_sum += was * was;
		r->product += was * out;
	}
}

/* 10 ms. */
static inline void tick(struct rig *r)
{
	double x[N], at = (double)(r->frame * N), step = 1 - r->ppm * 1e-6;
	int16_t pcm[N], heard[N];
	int64_t t = VC_VIRTUAL_EPOCH + r->frame * TICK;

	rig_read(&r->far, r->far_talks, x);
	for (int i = 0; i < N; i++)
		pcm[i] = speech_sample(x[i]);
	vc_farline_put(&r->played, at, pcm, N);
	vc_voice_far(r->voice, t, pcm, N);
	vc_farline_read(&r->played, at * step - r->delay, step, heard, N);
	rig_read(&r->near, r->near_talks, x);
	for (int i = 0; i < N; i++) {
		double echo = room_hear(&r->room, heard[i] / 32768.0);

		r->echo += echo * echo;
		pcm[i] = speech_sample(echo + x[i]);
	}
	vc_voice_near(r->voice, t, pcm, N);
	memmove(r->near_line, r->near_line + N, sizeof(pcm) * (LINE / N - 1));
	for (int i = 0; i < N; i++)
		r->near_line[LINE - N + i] = speech_sample(x[i]);
	sum_up(r, pcm);
	r->frame++;
}

static inline void run_for(struct rig *r, double seconds)
{
	for (int n = (int)(seconds * 100); n > 0; n--)
		tick(r);
}

static inline double db(double share)
{
	return 10 * log10(share + 1e-12);
}

static inline double reduction_db(const struct rig *r)
{
	return db(r->echo) - db(r->out);
}

/* What is left of the near speech: its share, and all that comes out. */
static inline void assert_near_is_kept(const struct rig *r)
{
	double share = 2 * db(r->product / r->near_sum);
	double level = db(r->out / r->near_sum);

	if (fabs(share) > 3 || fabs(level) > 3)
		fail_msg("near speech by %.1f dB, all by %.1f dB", share,
			 level);
}

static inline void assert_reduced(const struct rig *r)
{
	if (reduction_db(r) < 25)
		fail_msg("down by %.1f dB only", reduction_db(r));
}

static inline void assert_delay(const struct rig *r, double ms)
{
	struct vc_voice_stats stats;

	vc_voice_stats(r->voice, &stats);
	assert_true(stats.is_aligned);
	if (fabs(stats.delay_ms - ms) > 1)
		fail_msg("delay of %.2f ms, not %.2f", stats.delay_ms, ms);
}

#endif
