/* SPDX-License-Identifier: MIT */
/*
 * The band is brought down to 0 +- 320 Hz, 2000 complex samples a second. The
 * fall at a mark's beginning is correlated at every one of them; where its
 * share of the power there is a peak, and high enough, eight tones are due.
 * Each is correlated with all sixteen, and of all 65,536 marks the one whose
 * tones have the largest shares together is taken, if that is enough and the
 * next best has a good deal less.
 *
 * So two marks of which the tones begin together, from sources as loud as each
 * other, are refused, not mistaken for a third: that has three tones with each
 * of them at most. Otherwise marks that overlap are told apart, because half a
 * tone further a stranger's is split between two.
 *
 * What is read is a candidate. It is given out when a second one, of the same
 * id, is as far from it as both say: by chance, once in ten million.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/chirp_internal.h"

#define DECIMATE 24
#define TAPS 512 /* of the low pass, at 48 kHz */
#define CUT_HZ 430.0
#define FALL (CHIRP_FALL / DECIMATE)
#define SYMBOL (CHIRP_SYMBOL / DECIMATE)
#define WHOLE (CHIRP_WHOLE / DECIMATE)
#define RING 1024 /* samples of the band, more than WHOLE and FALL */
#define NEAR 8	  /* samples: no two peaks are as close */
#define PEAK 0.2
#define SHARE_MAX 0.4 /* of a tone, that counts: five are no mark */
#define ENOUGH 1.8    /* sum of the shares of eight tones */
#define APART 0.2     /* from the next best mark */
#define KEPT 64
#define DOUBTED 32 /* candidates that are remembered */
#define TOGETHER (60 * VC_MS)
#define SOON (20 * VC_SEC)
#define MIN_POWER 50.0 /* mean square: -73 dBFS */

struct point {
	double re, im;
};

struct vc_chirp_reader {
	/* 48 kHz, mixed down: a ring that is written twice over */
	struct point in[2 * TAPS];
	uint64_t n_in;
	double low_pass[TAPS];
	struct point turn[VC_CHIRP_RATE / 40]; /* 3320 Hz: whole in 25 ms */
	/* 2 kHz */
	struct point band[RING];
	double share[RING]; /* of the fall that begins there */
	uint64_t n_band;
	struct point fall[FALL];
	struct point tones[CHIRP_TONES][SYMBOL];
	/* what may be marks, a ring */
	struct candidate {
		struct vc_chirp_mark mark;
		bool is_there;
		bool is_sure;
	} doubted[DOUBTED];
	size_t n_doubted;
	struct vc_chirp_mark kept[KEPT];
	size_t n_kept;
};

static struct point point_at(double circles)
{
	double angle = 2 * M_PI * (circles - floor(circles));

	return (struct point){ cos(angle), sin(angle) };
}

/* What the phase (at 48 kHz, sample 'at') is in the band. */
static struct point in_band(uint32_t phase, int at)
{
	double middle = CHIRP_LOW_HZ + CHIRP_BAND_HZ / 2.0;

	return point_at(phase / 4294967296.0 - middle * at / VC_CHIRP_RATE);
}

static void make_low_pass(double *tap)
{
	double sum = 0;

	for (int i = 0; i < TAPS; i++) {
		double t = (i - (TAPS - 1) / 2.0) * 2 * CUT_HZ / VC_CHIRP_RATE;
		double window = 0.54 - 0.46 * cos(2 * M_PI * i / (TAPS - 1.0));

		tap[i] = sin(M_PI * t) / (M_PI * t) * window;
		sum += tap[i];
	}
	for (int i = 0; i < TAPS; i++)
		tap[i] /= sum;
}

struct vc_chirp_reader *vc_chirp_reader_new(void)
{
	struct vc_chirp_reader *r = vc_try_alloc(1, sizeof(*r));
	double middle = CHIRP_LOW_HZ + CHIRP_BAND_HZ / 2.0;

	if (!r)
		return NULL;
	make_low_pass(r->low_pass);
	for (size_t i = 0; i < VC_COUNT(r->turn); i++)
		r->turn[i] = point_at(-middle * (double)i / VC_CHIRP_RATE);
	for (int i = 0; i < FALL; i++)
		r->fall[i] = in_band(chirp_fall_phase((uint32_t)i * DECIMATE),
				     i * DECIMATE);
	for (int s = 0; s < CHIRP_TONES; s++) {
		for (int i = 0; i < SYMBOL; i++) {
			int at = i * DECIMATE;

			r->tones[s][i] = in_band(
				chirp_tone_phase((unsigned int)s, (uint32_t)at),
				at);
		}
	}
	return r;
}

void vc_chirp_reader_free(struct vc_chirp_reader *r)
{
	free(r);
}

/* The share of the power from 'at' on that looks like 'like'. */
static double share_of(const struct vc_chirp_reader *r, uint64_t at,
		       const struct point *like, int n)
{
	double re = 0, im = 0, power = 0;

	for (int i = 0; i < n; i++) {
		const struct point *p = &r->band[(at + (uint64_t)i) % RING];

		re += p->re * like[i].re + p->im * like[i].im;
		im += p->im * like[i].re - p->re * like[i].im;
		power += p->re * p->re + p->im * p->im;
	}
	if (power < MIN_POWER * n)
		return 0;
	return (re * re + im * im) / (power * n);
}

/* The shares of all symbols in the mark whose fall begins at 'at'. */
static void measure(const struct vc_chirp_reader *r, uint64_t at,
		    double share[VC_CHIRP_SYMBOLS][CHIRP_TONES])
{
	for (unsigned int i = 0; i < VC_CHIRP_SYMBOLS; i++) {
		uint64_t from = at + FALL + (uint64_t)i * SYMBOL;

		for (unsigned int s = 0; s < CHIRP_TONES; s++) {
			unsigned int tone = (s + chirp_offset[i]) % CHIRP_TONES;

			share[i][s] =
				fmin(share_of(r, from, r->tones[tone], SYMBOL),
				     SHARE_MAX);
		}
	}
}

/* The data of the mark with the largest shares; false: none stands out. */
static bool best_of(double share[VC_CHIRP_SYMBOLS][CHIRP_TONES],
		    unsigned int *data)
{
	double best = 0, next = 0;

	for (unsigned int d = 0; d < 65536; d++) {
		double sum = share[0][d >> 12] + share[1][d >> 8 & 15] +
			     share[2][d >> 4 & 15] + share[3][d & 15];
		unsigned int check;

		if (sum + 4 * SHARE_MAX < next)
			continue;
		check = chirp_check(d);
		sum += share[4][check >> 12] + share[5][check >> 8 & 15] +
		       share[6][check >> 4 & 15] + share[7][check & 15];
		if (sum > best) {
			next = best;
			best = sum;
			*data = d;
		} else if (sum > next) {
			next = sum;
		}
	}
	return best >= ENOUGH && best - next >= APART;
}

/* Where between the samples the peak is, -0.5 to 0.5. */
static double refine(double before, double here, double after)
{
	double bend = before - 2 * here + after;

	return bend < 0 ? (before - after) / (2 * bend) : 0;
}

/* Are these two marks of one source, so far apart as they say? */
static bool agree(const struct vc_chirp_mark *a, const struct vc_chirp_mark *b)
{
	const int64_t around = 256 * VC_SEC;
	int64_t x = a->at - vc_chirp_made(a->id, a->second, 0);
	int64_t y = b->at - vc_chirp_made(b->id, b->second, 0);
	int64_t apart = (x - y) % around;

	apart = apart < 0 ? apart + around : apart;
	apart = apart > around / 2 ? around - apart : apart;
	return a->id == b->id && a->second != b->second && apart < TOGETHER &&
	       b->at - a->at < SOON;
}

static void keep(struct vc_chirp_reader *r, struct candidate *c)
{
	if (!c->is_sure && r->n_kept < KEPT) {
		r->kept[r->n_kept] = c->mark;
		r->n_kept++;
	}
	c->is_sure = true;
}

/* A mark is one when another agrees with it. */
static void doubt(struct vc_chirp_reader *r, const struct vc_chirp_mark *m)
{
	struct candidate *c = &r->doubted[r->n_doubted % DOUBTED];

	r->n_doubted++;
	*c = (struct candidate){ .mark = *m, .is_there = true };
	for (size_t i = 0; i + 1 < DOUBTED; i++) {
		struct candidate *old =
			&r->doubted[(r->n_doubted + i) % DOUBTED];

		if (!old->is_there || !agree(&old->mark, m))
			continue;
		keep(r, old);
		keep(r, c);
	}
}

/* A peak at 'at': its mark, if it is one. */
static void read_mark(struct vc_chirp_reader *r, uint64_t at)
{
	double share[VC_CHIRP_SYMBOLS][CHIRP_TONES], samples;
	struct vc_chirp_mark m;
	unsigned int data = 0;

	measure(r, at, share);
	if (!best_of(share, &data))
		return;
	m.id = (uint8_t)(data >> 8);
	m.second = (uint8_t)data;
	samples = (double)at + refine(r->share[(at - 1) % RING],
				      r->share[at % RING],
				      r->share[(at + 1) % RING]);
	/* The low pass looks back by half its length. */
	samples = (samples + 1) * DECIMATE - (TAPS + 1) / 2.0;
	m.at = (int64_t)(samples * (double)VC_SEC / VC_CHIRP_RATE);
	doubt(r, &m);
}

static bool is_peak(const struct vc_chirp_reader *r, uint64_t at)
{
	double here = r->share[at % RING];

	if (here < PEAK)
		return false;
	for (uint64_t i = 1; i <= NEAR; i++) {
		if (r->share[(at - i) % RING] > here ||
		    r->share[(at + i) % RING] >= here)
			return false;
	}
	return true;
}

static void put_band(struct vc_chirp_reader *r, struct point p)
{
	uint64_t n;

	r->band[r->n_band % RING] = p;
	r->n_band++;
	n = r->n_band;
	if (n < FALL)
		return;
	r->share[(n - FALL) % RING] = share_of(r, n - FALL, r->fall, FALL);
	if (n >= WHOLE + NEAR && is_peak(r, n - WHOLE))
		read_mark(r, n - WHOLE);
}

static struct point low_pass(const struct vc_chirp_reader *r)
{
	const struct point *in = &r->in[r->n_in % TAPS];
	struct point sum = { 0, 0 };

	for (int i = 0; i < TAPS; i++) {
		sum.re += in[i].re * r->low_pass[i];
		sum.im += in[i].im * r->low_pass[i];
	}
	return sum;
}

void vc_chirp_feed(struct vc_chirp_reader *r, const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct point turn = r->turn[r->n_in % VC_COUNT(r->turn)];
		struct point p = { turn.re * pcm[i], turn.im * pcm[i] };

		r->in[r->n_in % TAPS] = p;
		r->in[r->n_in % TAPS + TAPS] = p;
		r->n_in++;
		if (r->n_in % DECIMATE == 0)
			put_band(r, low_pass(r));
	}
}

bool vc_chirp_next(struct vc_chirp_reader *r, struct vc_chirp_mark *m)
{
	if (!r->n_kept)
		return false;
	*m = r->kept[0];
	r->n_kept--;
	memmove(r->kept, r->kept + 1, r->n_kept * sizeof(r->kept[0]));
	return true;
}
