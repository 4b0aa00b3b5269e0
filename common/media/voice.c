/* SPDX-License-Identifier: MIT */
/*
 * A frame goes through in this order: high-pass, canceller, preprocessor. The
 * canceller reads what was played at the microphone's time less 'delay', chosen
 * so that the echo begins some way into its filter; it stays as it is while
 * the echo stays in the first 20 ms, as to move it is to learn anew. What the
 * clocks run apart is taken out before ('skew'), so that neither the filter nor
 * media/echolag.h sees it.
 *
 * With nothing played for longer than its filter is long, the canceller
 * rests: it knows nothing but silence then, and neither does the room.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/echolag.h"
#include "media/farline.h"
#include "media/voice.h"

#define FRAME VC_VOICE_FRAME
#define TAIL (VC_VOICE_RATE / 5)
#define TAIL_FRAMES (TAIL / FRAME)
#define AHEAD 2880 /* how old is what echolag is told was played: it is there */
#define HEAD 480   /* where in the filter the echo shall begin */
#define LEEWAY 960 /* and may */
#define SLACK 24   /* lags are not more exact than that */
#define JUMP 480.0
#define FOLLOW 0.001 /* of what times are off, in a frame */
#define TURN 2e-5    /* of the drift: the filter has learned a blur */
#define LOUD 1e4     /* square of a sample that is played: less gives no echo */
#define FADE 0.01    /* of levels, in a frame */

struct highpass {
	double b0, b1, b2, a1, a2;
	double z1, z2;
};

struct vc_voice {
	struct vc_voice_conf conf;
	int head, leeway;     /* where the echo shall begin, and may */
	SpeexEchoState *echo; /* these two: NULL if there is a conf.dsp */
	SpeexPreprocessState *pre;
	struct vc_echolag *lag;
	struct highpass high;
	bool has_origin;
	int64_t origin; /* time of position 0 */
	bool has_near;
	double pos;   /* of the next frame of the microphone */
	double delay; /* samples; see above */
	double skew;  /* by which the clocks have run apart */
	bool is_aligned;
	int silent; /* frames since something was played */
	bool rests;
	bool is_loud;	      /* is something played that one would hear? */
	double before, after; /* mean squares */
	uint64_t resets;
	uint64_t far_samples;
	struct vc_farline far;
};

/* --- life --- */

/* Butterworth of second order at 100 Hz. */
static void highpass_init(struct highpass *h)
{
	double k = tan(M_PI * 100 / VC_VOICE_RATE);
	double norm = 1 / (1 + k * M_SQRT2 + k * k);

	h->b0 = norm;
	h->b1 = -2 * norm;
	h->b2 = norm;
	h->a1 = 2 * (k * k - 1) * norm;
	h->a2 = (1 - k * M_SQRT2 + k * k) * norm;
}

static void set(struct vc_voice *v, int what, int value)
{
	speex_preprocess_ctl(v->pre, what, &value);
}

/* Suppression of noise by nothing is none; switched off, echo would stay. */
static void pre_init(struct vc_voice *v)
{
	set(v, SPEEX_PREPROCESS_SET_DENOISE, 1);
	set(v, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, v->conf.denoise ? -15 : 0);
	set(v, SPEEX_PREPROCESS_SET_AGC, v->conf.agc);
	if (v->conf.agc) {
		set(v, SPEEX_PREPROCESS_SET_AGC_TARGET, 8000);
		set(v, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, 24);
	}
	if (v->conf.echo)
		speex_preprocess_ctl(v->pre, SPEEX_PREPROCESS_SET_ECHO_STATE,
				     v->echo);
}

static bool speex_init(struct vc_voice *v)
{
	const struct vc_voice_conf *conf = &v->conf;
	int rate = VC_VOICE_RATE;

	v->head = HEAD;
	v->leeway = LEEWAY;
	if (conf->echo)
		v->echo = speex_echo_state_init(FRAME, TAIL);
	if (vc_voice_delay(v))
		v->pre = speex_preprocess_state_init(FRAME, rate);
	if ((conf->echo && !v->echo) || (vc_voice_delay(v) && !v->pre))
		return false;
	if (v->echo)
		speex_echo_ctl(v->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
	if (v->pre)
		pre_init(v);
	return true;
}

struct vc_voice *vc_voice_new(const struct vc_voice_conf *conf)
{
	struct vc_voice *v = vc_try_alloc(1, sizeof(*v));
	bool ok = true;

	if (!v)
		return NULL;
	v->conf = *conf;
	highpass_init(&v->high);
	if (conf->echo)
		v->lag = vc_echolag_new();
	if (conf->dsp) {
		v->head = conf->dsp->head;
		v->leeway = conf->dsp->leeway;
	} else {
		ok = speex_init(v);
	}
	if (ok && (v->lag || !conf->echo))
		return v;
	vc_voice_free(v);
	return NULL;
}

void vc_voice_free(struct vc_voice *v)
{
	if (!v)
		return;
	if (v->pre)
		speex_preprocess_state_destroy(v->pre);
	if (v->echo)
		speex_echo_state_destroy(v->echo);
	vc_echolag_free(v->lag);
	free(v);
}

/* The preprocessor's windows overlap by half. */
size_t vc_voice_delay(const struct vc_voice *v)
{
	if (v->conf.dsp)
		return v->conf.dsp->delay;
	return v->conf.echo || v->conf.denoise || v->conf.agc ? FRAME : 0;
}

/* --- time --- */

static double position(struct vc_voice *v, int64_t t)
{
	if (!v->has_origin)
		v->origin = t;
	v->has_origin = true;
	return (double)(t - v->origin) * (VC_VOICE_RATE / 1e9);
}

void vc_voice_far(struct vc_voice *v, int64_t t, const int16_t *pcm, size_t n)
{
	v->far_samples += n;
	vc_farline_put(&v->far, position(v, t), pcm, n);
}

/* The microphone's samples stay together; their times are followed slowly. */
static void near_time(struct vc_voice *v, int64_t t)
{
	double pos = position(v, t);

	if (!v->has_near || fabs(pos - v->pos) > JUMP)
		v->pos = pos;
	else
		v->pos += (pos - v->pos) * FOLLOW;
	v->has_near = true;
}

/* --- echo --- */

/* Where the filter shall begin for an echo that is so late. */
static double delay_for(const struct vc_voice *v, double lag)
{
	if (lag < 0)
		return lag - SLACK;
	return lag > 2 * v->head ? lag - v->head : lag / 2;
}

/*
 * Is the echo where the filter finds it, and what was played there? What is
 * heard now was not played later, whatever the clocks have done since.
 */
static bool is_placed(const struct vc_voice *v, double lag)
{
	double off = lag - v->delay;

	return off >= -SLACK && off <= v->leeway &&
	       (v->delay + v->skew >= 0 || lag + v->skew < SLACK);
}

/* Others see for themselves that the path is another. */
static void forget(struct vc_voice *v)
{
	if (v->echo)
		speex_echo_state_reset(v->echo);
}

static void align(struct vc_voice *v)
{
	const struct vc_echolag_state *s = vc_echolag_state(v->lag);
	double lag = s->lag + AHEAD;

	if (!s->is_known)
		return;
	if (!is_placed(v, lag)) {
		v->delay = delay_for(v, lag + v->skew) - v->skew;
		forget(v);
		v->resets += v->is_aligned;
	} else if (fabs(s->turn) > TURN) {
		forget(v);
		v->resets++;
	}
	v->is_aligned = true;
}

static double mean_square(const int16_t *pcm)
{
	double sum = 0;

	for (int i = 0; i < FRAME; i++)
		sum += (double)pcm[i] * pcm[i];
	return sum / FRAME;
}

static void rest(struct vc_voice *v, bool rests)
{
	if (v->rests == rests)
		return;
	v->rests = rests;
	speex_preprocess_ctl(v->pre, SPEEX_PREPROCESS_SET_ECHO_STATE,
			     rests ? NULL : v->echo);
}

/* What was played where the filter looks for it; silence, too. */
static void find_played(struct vc_voice *v, const int16_t *pcm, int16_t *played)
{
	int16_t then[FRAME];
	double at = v->pos - v->skew, drift;
	bool is_sound;

	drift = vc_echolag_state(v->lag)->drift;
	vc_farline_read(&v->far, at - AHEAD, 1 - drift, then, FRAME);
	is_sound = vc_farline_read(&v->far, at - v->delay, 1 - drift, played,
				   FRAME);
	v->skew += drift * FRAME;
	if (vc_echolag_put(v->lag, then, pcm))
		align(v);
	v->is_loud = is_sound && mean_square(played) > LOUD;
	v->silent = is_sound ? 0 : v->silent + 1;
}

static void cancel(struct vc_voice *v, int16_t *pcm)
{
	int16_t played[FRAME], in[FRAME];

	find_played(v, pcm, played);
	rest(v, v->silent > TAIL_FRAMES + 1);
	if (v->rests)
		return;
	memcpy(in, pcm, sizeof(in));
	speex_echo_cancellation(v->echo, in, played, pcm);
}

/* --- a frame --- */

static void cut_low(struct highpass *h, int16_t *pcm)
{
	for (int i = 0; i < FRAME; i++) {
		double x = pcm[i], y = h->b0 * x + h->z1;

		h->z1 = h->b1 * x - h->a1 * y + h->z2;
		h->z2 = h->b2 * x - h->a2 * y;
		y = rint(y);
		pcm[i] = (int16_t)(y > 32767 ? 32767 : y < -32768 ? -32768 : y);
	}
}

static void run_speex(struct vc_voice *v, int16_t *pcm)
{
	if (v->conf.echo)
		cancel(v, pcm);
	if (v->pre)
		speex_preprocess_run(v->pre, pcm);
}

static void run_other(struct vc_voice *v, int16_t *pcm)
{
	int16_t played[FRAME] = { 0 };

	if (v->conf.echo)
		find_played(v, pcm, played);
	v->conf.dsp->run(v->conf.dsp->ctx, played, pcm);
}

static void frame(struct vc_voice *v, int16_t *pcm)
{
	double before;

	if (v->conf.dsp) {
		before = mean_square(pcm);
		run_other(v, pcm);
	} else {
		if (v->conf.highpass)
			cut_low(&v->high, pcm);
		before = mean_square(pcm);
		run_speex(v, pcm);
	}
	if (v->is_loud) {
		v->before += (before - v->before) * FADE;
		v->after += (mean_square(pcm) - v->after) * FADE;
	}
	v->pos += FRAME;
}

void vc_voice_near(struct vc_voice *v, int64_t t, int16_t *pcm, size_t n)
{
	near_time(v, t);
	for (size_t i = 0; i < n / FRAME; i++)
		frame(v, pcm + i * FRAME);
}

int vc_voice_gain_db(const struct vc_voice *v)
{
	int db = 0;

	speex_preprocess_ctl(v->pre, SPEEX_PREPROCESS_GET_AGC_GAIN, &db);
	return db;
}

void vc_voice_stats(const struct vc_voice *v, struct vc_voice_stats *out)
{
	const struct vc_echolag_state *s = NULL;

	*out = (struct vc_voice_stats){ .far_samples = v->far_samples,
					.resets = v->resets,
					.far_jumps = v->far.jumps };
	if (v->before > 0)
		out->erle_db = 10 * log10((v->before + 1) / (v->after + 1));
	if (v->lag)
		s = vc_echolag_state(v->lag);
	if (!s || !s->is_known)
		return;
	out->is_aligned = true;
	out->delay_ms = (s->lag + AHEAD + v->skew) * 1000 / VC_VOICE_RATE;
	out->drift_ppm = s->drift * 1e6;
}
