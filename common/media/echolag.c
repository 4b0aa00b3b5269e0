/* SPDX-License-Identifier: MIT */
/*
 * Both are brought down to 4 kHz, which has the power of speech and costs a
 * tenth. A look takes 400 ms of the microphone, as old as the greatest
 * negative lag, against the second of what was played around it, by Fourier
 * transform; cross spectrum and power spectra are averaged over the last few
 * looks. Each frequency counts by its coherence, not by its power, so that
 * neither pitch nor formants make peaks of their own: what comes back is a
 * needle at the lag.
 *
 * Its top is followed between samples, and the history of that, fitted by a
 * line, is the drift. An average says where the echo was on average, more or
 * less long ago, depending on who spoke when: exact while the lag stays, and
 * a blur where it runs. So a great drift is taken from the phases of single
 * looks, which shake more; once what is put in follows it, the average tells
 * the rest. The canceller suffers from 5 ppm already.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "media/echolag.h"

#define DOWN 12		     /* 48 to 4 kHz */
#define TAPS (DOWN * 10 + 1) /* of the low-pass before */
#define FRAME (VC_ECHOLAG_FRAME / DOWN)
#define N 4096
#define AHEAD (-VC_ECHOLAG_MIN / DOWN)
#define LAGS ((VC_ECHOLAG_MAX - VC_ECHOLAG_MIN) / DOWN)
#define HOP 1600
#define NEAR_LEN (N - LAGS) /* what a look sees of the microphone */
#define KEEP 0.7	    /* of the spectra, at a look */
#define BIN_MIN 150	    /* 146 Hz */
#define BIN_MAX 1843	    /* 1.8 kHz */

#define QUIET 30.0  /* rms of what was played: less is no sound */
#define CLEAR 7.0   /* a peak, times the noise */
#define SAME 8	    /* lags (2 ms) that are one and the same */
#define STEP 0.25   /* lags; a wave is four long */
#define AGREE 2	    /* looks that must, to be believed at first */
#define AGREE_NEW 3 /* the same for a jump */

#define PAST 48	   /* looks that the drift is taken from, at most */
#define PAST_MIN 8 /* and at least */
#define SKIP 4	   /* looks after a change that still see what was before */
#define HIGH 0.1   /* a peak in one look's phases; by chance 0.07 at most */
#define SURE 4.0   /* times the error */
#define LEAST 0.1  /* samples; by which lags are off in any case */
#define GREAT 2e-5
#define DRIFT_MAX 1e-3

/* A low-pass that gives one sample of DOWN. */
struct down {
	float past[TAPS - 1 + VC_ECHOLAG_FRAME];
};

/* Cross spectrum, each frequency by its weight. */
struct spectrum {
	float re[BIN_MAX + 1], im[BIN_MAX + 1];
};

enum { ALONE, MEAN };

struct point {
	double time;   /* samples at 48 kHz */
	double lag[2]; /* by one look, and by the average of the last */
};

struct vc_echolag {
	float taps[TAPS];
	float cosine[N / 2], sine[N / 2];
	struct down far_down, near_down;
	float far[N];  /* the newest is last */
	float near[N]; /* likewise */
	float re[N], im[N];
	float pxx[N / 2 + 1], pyy[N / 2 + 1];
	float pxy_re[N / 2 + 1], pxy_im[N / 2 + 1];
	struct spectrum mean, one; /* of this look alone */
	int fresh;		   /* samples since the last look */
	double now;
	double at; /* lag that is believed, at 4 kHz */
	int candidate;
	int agreed;
	struct point past[PAST];
	double sorted[PAST * (PAST - 1) / 2];
	int n_past, wanted, skip;
	struct vc_echolag_state state;
};

struct vc_echolag *vc_echolag_new(void)
{
	struct vc_echolag *e = vc_try_alloc(1, sizeof(*e));
	double sum = 0;

	if (!e)
		return NULL;
	for (int i = 0; i < TAPS; i++) {
		double x = M_PI * 0.9 * (i - TAPS / 2) / DOWN;
		double w = 0.5 - 0.5 * cos(2 * M_PI * (i + 1) / (TAPS + 1));

		e->taps[i] = (float)(w * (i == TAPS / 2 ? 1 : sin(x) / x));
		sum += e->taps[i];
	}
	for (int i = 0; i < TAPS; i++)
		e->taps[i] /= (float)sum;
	for (int i = 0; i < N / 2; i++) {
		e->cosine[i] = (float)cos(2 * M_PI * i / N);
		e->sine[i] = (float)-sin(2 * M_PI * i / N);
	}
	return e;
}

void vc_echolag_free(struct vc_echolag *e)
{
	free(e);
}

const struct vc_echolag_state *vc_echolag_state(const struct vc_echolag *e)
{
	return &e->state;
}

/* --- Fourier --- */

static void reverse_bits(float *re, float *im)
{
	for (int i = 1, j = 0; i < N; i++) {
		int bit = N >> 1;
		float t;

		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i >= j)
			continue;
		t = re[i];
		re[i] = re[j];
		re[j] = t;
		t = im[i];
		im[i] = im[j];
		im[j] = t;
	}
}

static void transform(struct vc_echolag *e)
{
	float *re = e->re, *im = e->im;

	reverse_bits(re, im);
	for (int half = 1; half < N; half *= 2) {
		int turn = N / 2 / half;

		for (int i = 0; i < N; i += 2 * half) {
			for (int k = 0; k < half; k++) {
				float c = e->cosine[k * turn];
				float s = e->sine[k * turn];
				int a = i + k, b = a + half;
				float x = re[b] * c - im[b] * s;
				float y = re[b] * s + im[b] * c;

				re[b] = re[a] - x;
				im[b] = im[a] - y;
				re[a] += x;
				im[a] += y;
			}
		}
	}
}

/* --- in --- */

static void slide(float *line, const struct vc_echolag *e, struct down *d,
		  const int16_t *pcm)
{
	float *out = line + N - FRAME;

	memmove(line, line + FRAME, (N - FRAME) * sizeof(*line));
	for (int i = 0; i < VC_ECHOLAG_FRAME; i++)
		d->past[TAPS - 1 + i] = pcm[i];
	for (int k = 0; k < FRAME; k++) {
		float sum = 0;

		for (int i = 0; i < TAPS; i++)
			sum += e->taps[i] * d->past[k * DOWN + i];
		out[k] = sum;
	}
	memmove(d->past, d->past + VC_ECHOLAG_FRAME,
		(TAPS - 1) * sizeof(d->past[0]));
}

/*
 * Where the two stand in the transform: the microphone's part, as old as the
 * greatest negative lag, begins LAGS - AHEAD after what was played.
 */
static bool load(struct vc_echolag *e)
{
	double power = 0;

	memset(e->im, 0, sizeof(e->im));
	for (int i = 0; i < N; i++) {
		e->re[i] = e->far[i];
		power += (double)e->far[i] * e->far[i];
	}
	if (power < QUIET * QUIET * N)
		return false;
	memcpy(e->im, e->near + N - AHEAD - NEAR_LEN,
	       NEAR_LEN * sizeof(e->im[0]));
	return true;
}

/* Two real signals in one transform, taken apart and averaged. */
static void average(struct vc_echolag *e)
{
	for (int k = BIN_MIN; k <= BIN_MAX; k++) {
		float a = e->re[k], b = e->im[k];
		float c = e->re[N - k], d = e->im[N - k];
		float xr = (a + c) / 2, xi = (b - d) / 2;
		float yr = (b + d) / 2, yi = (c - a) / 2;
		float re = xr * yr + xi * yi, im = xr * yi - xi * yr;
		float w = sqrtf(re * re + im * im) + 1e-6f;

		e->one.re[k] = re / w;
		e->one.im[k] = im / w;
		e->pxx[k] = KEEP * e->pxx[k] + xr * xr + xi * xi;
		e->pyy[k] = KEEP * e->pyy[k] + yr * yr + yi * yi;
		e->pxy_re[k] = KEEP * e->pxy_re[k] + re;
		e->pxy_im[k] = KEEP * e->pxy_im[k] + im;
	}
}

/* The correlation, by coherence, into re[]. */
static void correlate(struct vc_echolag *e)
{
	memset(e->re, 0, sizeof(e->re));
	memset(e->im, 0, sizeof(e->im));
	for (int k = BIN_MIN; k <= BIN_MAX; k++) {
		float w = sqrtf(e->pxx[k] * e->pyy[k]) + 1e-6f;

		/* Backwards is forwards of the conjugate; the other half of
		 * the spectrum is left out, so the real part is half. */
		e->mean.re[k] = e->pxy_re[k] / w;
		e->mean.im[k] = e->pxy_im[k] / w;
		e->re[k] = e->mean.re[k];
		e->im[k] = -e->mean.im[k];
	}
	transform(e);
}

/* --- what is seen --- */

/*
 * The microphone's part stands LAGS - AHEAD samples into its line when there
 * is no lag, but was loaded at 0: re[] is what is heard by lag, less that.
 */
static float seen(const struct vc_echolag *e, int lag)
{
	return fabsf(e->re[(lag - (LAGS - AHEAD) + 2 * N) % N]);
}

/* The same between lags, a share of what would be if all were echo. */
static double height(const struct spectrum *w, double lag)
{
	double turn = 2 * M_PI * (lag - (LAGS - AHEAD)) / N;
	double c = cos(turn), s = sin(turn), sum = 0;
	double re = cos(turn * BIN_MIN), im = sin(turn * BIN_MIN);

	for (int k = BIN_MIN; k <= BIN_MAX; k++) {
		double r = re * c - im * s;

		sum += re * w->re[k] - im * w->im[k];
		im = re * s + im * c;
		re = r;
	}
	return fabs(sum) / (BIN_MAX - BIN_MIN + 1);
}

/* The top that is next to 'lag', which is not far. */
static double climb(const struct spectrum *w, double lag)
{
	double peak = height(w, lag);

	for (double step = STEP; step > STEP / 256; step /= 2) {
		for (int i = 0; i < 4; i++) {
			double l = height(w, lag - step);
			double r = height(w, lag + step);

			if (l <= peak && r <= peak)
				break;
			lag += l > r ? -step : step;
			peak = l > r ? l : r;
		}
	}
	return lag;
}

static int look(struct vc_echolag *e)
{
	int best = -AHEAD;
	double power = 0;

	for (int lag = -AHEAD; lag <= LAGS - AHEAD; lag++) {
		if (seen(e, lag) > seen(e, best))
			best = lag;
		power += (double)seen(e, lag) * seen(e, lag);
	}
	e->state.strength = seen(e, best) / sqrt(power / (LAGS + 1) + 1e-12);
	return best;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_size);
	return v[n / 2];
}

/*
 * The slope of the line through what is remembered, whatever lies far from it
 * (Theil and Sen); 0 if it may well be none. 'which': see struct point.
 */
static double slope(struct vc_echolag *e, int which)
{
	const struct point *p = e->past;
	int n = e->n_past, k = 0;
	double slope, mid, error, rise, spread = 0, t = 0;

	for (int i = 0; i < n; i++) {
		t += p[i].time / n;
		for (int j = 0; j < i; j++) {
			rise = p[i].lag[which] - p[j].lag[which];
			e->sorted[k] = rise / (p[i].time - p[j].time);
			k++;
		}
	}
	slope = median(e->sorted, k);
	for (int i = 0; i < n; i++) {
		e->sorted[i] = p[i].lag[which] - slope * (p[i].time - t);
		spread += (p[i].time - t) * (p[i].time - t);
	}
	mid = median(e->sorted, n);
	for (int i = 0; i < n; i++)
		e->sorted[i] = fabs(e->sorted[i] - mid);
	error = (1.5 * median(e->sorted, n) + LEAST) / sqrt(spread);
	return fabs(slope) > SURE * error ? slope : 0;
}

static void forget(struct vc_echolag *e)
{
	e->n_past = 0;
	e->wanted = PAST_MIN;
	e->skip = SKIP;
}

/* Great by the one, as the average blurs it; small by the other. */
static void judge_drift(struct vc_echolag *e)
{
	double grows = slope(e, ALONE);

	if (fabs(grows) < GREAT)
		grows = slope(e, MEAN);
	if (grows && fabs(e->state.drift + grows) < DRIFT_MAX) {
		e->state.drift += grows;
		e->state.turn = grows;
		forget(e);
		return;
	}
	e->wanted += e->wanted / 2;
	if (e->wanted > PAST)
		e->wanted = PAST;
	if (e->n_past < PAST)
		return;
	e->n_past = PAST / 2;
	memmove(e->past, e->past + PAST - PAST / 2,
		PAST / 2 * sizeof(e->past[0]));
}

/*
 * The peak that is followed may have a greater one beside it, for it is a
 * reflection or the other half of a wave: it is kept all the same.
 */
static void follow(struct vc_echolag *e)
{
	struct point *p = &e->past[e->n_past];
	double lag;

	e->at = climb(&e->mean, e->at);
	e->state.lag = e->at * DOWN;
	lag = climb(&e->one, e->at);
	if (e->skip > 0)
		e->skip--;
	if (e->skip > 0 || height(&e->one, lag) < HIGH)
		return;
	p->time = e->now;
	p->lag[ALONE] = lag * DOWN;
	p->lag[MEAN] = e->at * DOWN;
	e->n_past++;
	if (e->n_past >= e->wanted)
		judge_drift(e);
}

static void move(struct vc_echolag *e, int lag)
{
	e->at = climb(&e->mean, lag);
	e->state.is_known = true;
	e->state.lag = e->at * DOWN;
	e->state.moves++;
	e->agreed = 0;
	forget(e);
}

/* What one look says, against what is believed. */
static void judge(struct vc_echolag *e, int lag)
{
	if (e->state.strength < CLEAR)
		return;
	if (e->state.is_known && fabs(lag - e->at) <= SAME) {
		e->agreed = 0;
		follow(e);
		return;
	}
	if (abs(lag - e->candidate) > SAME)
		e->agreed = 0;
	e->candidate = lag;
	e->agreed++;
	if (e->agreed >= (e->state.is_known ? AGREE_NEW : AGREE))
		move(e, lag);
}

bool vc_echolag_put(struct vc_echolag *e, const int16_t *far,
		    const int16_t *near)
{
	slide(e->far, e, &e->far_down, far);
	slide(e->near, e, &e->near_down, near);
	e->now += VC_ECHOLAG_FRAME;
	e->fresh += FRAME;
	if (e->fresh < HOP || !load(e))
		return false;
	e->fresh = 0;
	transform(e);
	average(e);
	correlate(e);
	e->state.looks++;
	e->state.turn = 0;
	judge(e, look(e));
	return true;
}
