/* SPDX-License-Identifier: MIT */
/*
 * A pair is kept as the RTP clock's count and how far the other clock is ahead
 * of it ('off'), which hardly grows: doubles are exact enough for the sums.
 * Lines that a step parted have offsets of their own and one slope.
 */
#include "session/clockfit.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define SURE_PPM 10
#define STEP (40 * VC_MS)
#define MOST_PPM 600 /* no sound clock is further off */
#define SLOPED 64    /* pairs whose slopes are compared */
#define MAD_SIGMA 1.4826
#define OUTLIER 3

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

void vc_clockfit_init(struct vc_clockfit *f, uint32_t rate_hz)
{
	assert(rate_hz);
	*f = (struct vc_clockfit){ .rate_hz = rate_hz, .every = 1 };
}

/* How far RTP time went from the newest pair, by as many wraps as fit 'at'. */
static int64_t units_since(const struct vc_clockfit *f, uint32_t ts, int64_t at)
{
	const int64_t wrap = INT64_C(1) << 32;
	int64_t units = vc_ts_diff(f->ts, ts);
	int64_t expected = vc_rtp_from_ns(at - f->at, f->rate_hz);
	int64_t apart = expected - units;

	return units + (apart + (apart < 0 ? -wrap : wrap) / 2) / wrap * wrap;
}

/* May 'off' at 'units' lie on one line with 'near'? */
static bool agrees(const struct vc_clockfit *f,
		   const struct vc_clockfit_pair *near, int64_t units,
		   int64_t off)
{
	int64_t apart =
		distance(vc_rtp_to_ns(units - near->units, f->rate_hz), 0);

	return distance(off, near->off) <= STEP + apart / 1000000 * MOST_PPM;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts them. */
static double median(double *v, unsigned int n)
{
	qsort(v, n, sizeof(*v), compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* In ns of the RTP clock's own. */
static double nominal(const struct vc_clockfit *f, unsigned int i)
{
	return (double)f->pair[i].units * VC_SEC / f->rate_hz;
}

/* The median of the slopes between pairs of one line; 0 where there is none. */
static double rough_slope(const struct vc_clockfit *f)
{
	double slope[SLOPED * (SLOPED - 1) / 2];
	unsigned int by = (f->n + SLOPED - 1) / SLOPED;
	unsigned int n = 0;

	for (unsigned int i = 0; i < f->n; i += by)
		for (unsigned int j = i + by; j < f->n; j += by) {
			double dx = nominal(f, j) - nominal(f, i);

			if (f->pair[i].line != f->pair[j].line ||
			    dx < (double)VC_SEC)
				continue;
			slope[n] =
				(double)(f->pair[j].off - f->pair[i].off) / dx;
			n++;
		}
	return n ? median(slope, n) : 0;
}

/* Every second one goes, so that those left are spread as before. */
static void thin(struct vc_clockfit *f)
{
	for (unsigned int i = 0; i < f->n / 2; i++)
		f->pair[i] = f->pair[2 * i];
	f->n /= 2;
	f->every *= 2;
}

static void keep(struct vc_clockfit *f, const struct vc_clockfit_pair *p)
{
	f->skipped++;
	if (f->skipped < f->every)
		return;
	f->skipped = 0;
	if (f->n == VC_CLOCKFIT_PAIRS)
		thin(f);
	f->pair[f->n] = *p;
	f->n++;
}

/* 'p' begins another line. */
static void step(struct vc_clockfit *f, struct vc_clockfit_pair *p, int64_t at)
{
	f->steps++;
	f->stepped = at;
	if (f->lines < VC_CLOCKFIT_LINES - 1) {
		f->lines++;
	} else {
		double on =
			(double)vc_rtp_to_ns(p->units - f->units, f->rate_hz);
		int64_t off = f->off + (int64_t)(rough_slope(f) * on);

		f->evened += p->off - off;
		p->off = off;
	}
	p->line = (uint8_t)f->lines;
	/* It is the first of its line, which may be short. */
	f->skipped = f->every;
}

static void accept(struct vc_clockfit *f, const struct vc_clockfit_pair *p,
		   uint32_t ts, int64_t at)
{
	f->has_doubt = false;
	f->ts = ts;
	f->units = p->units;
	f->at = at;
	f->off = p->off;
	keep(f, p);
}

static void first(struct vc_clockfit *f, uint32_t ts, int64_t ns, int64_t at)
{
	const struct vc_clockfit_pair p = { 0 };

	f->ns0 = ns;
	accept(f, &p, ts, at);
}

void vc_clockfit_put(struct vc_clockfit *f, uint32_t ts, int64_t ns, int64_t at)
{
	const struct vc_clockfit_pair newest = { f->units, f->off,
						 (uint8_t)f->lines };
	struct vc_clockfit_pair p = { .line = (uint8_t)f->lines };

	f->puts++;
	if (!f->n) {
		first(f, ts, ns, at);
		return;
	}
	p.units = f->units + (f->is_torn ?
				      vc_rtp_from_ns(at - f->at, f->rate_hz) :
				      units_since(f, ts, at));
	p.off = ns - f->ns0 - vc_rtp_to_ns(p.units, f->rate_hz) - f->evened;
	if (f->is_torn) {
		step(f, &p, at);
		f->is_torn = false;
	} else if (!agrees(f, &newest, p.units, p.off)) {
		if (!f->has_doubt || !agrees(f, &f->doubt, p.units, p.off)) {
			f->has_doubt = true;
			f->doubt = p;
			return;
		}
		step(f, &p, at);
	}
	accept(f, &p, ts, at);
}

void vc_clockfit_arrival(struct vc_clockfit *f, uint32_t ts, int64_t at)
{
	int64_t lead;

	if (f->has_least && at - f->second >= VC_SEC) {
		vc_clockfit_put(f, f->least_ts, f->least_at, f->least_at);
		f->has_least = false;
	}
	if (!f->has_least) {
		f->has_least = true;
		f->second = at;
		f->least_ts = ts;
		f->least_at = at;
		return;
	}
	lead = vc_rtp_to_ns(vc_ts_diff(f->least_ts, ts), f->rate_hz);
	if (at - f->least_at < lead) {
		f->least_ts = ts;
		f->least_at = at;
	}
}

void vc_clockfit_tear(struct vc_clockfit *f)
{
	f->is_torn = f->n > 0;
	f->has_doubt = false;
	f->has_least = false;
}

/* --- the line --- */

/* Where each line lies at x = 0, given its slope. */
static void offsets(const struct vc_clockfit *f, double slope,
		    double at[static VC_CLOCKFIT_LINES])
{
	double v[VC_CLOCKFIT_PAIRS];

	for (unsigned int line = 0; line <= f->lines; line++) {
		unsigned int n = 0;

		for (unsigned int i = 0; i < f->n; i++) {
			if (f->pair[i].line != line)
				continue;
			v[n] = (double)f->pair[i].off - slope * nominal(f, i);
			n++;
		}
		at[line] = n ? median(v, n) : 0;
	}
}

/* Its distance from the line, signed. */
static double residual(const struct vc_clockfit *f, unsigned int i,
		       double slope, const double *at)
{
	return (double)f->pair[i].off - slope * nominal(f, i) -
	       at[f->pair[i].line];
}

static double median_residual(const struct vc_clockfit *f, double slope,
			      const double *at)
{
	double v[VC_CLOCKFIT_PAIRS];

	for (unsigned int i = 0; i < f->n; i++)
		v[i] = fabs(residual(f, i, slope, at));
	return median(v, f->n);
}

/*
 * Least squares over those nearer than 'bound' to the rough line, each line by
 * its own means. Returns the slope and sets what is known of it.
 */
static double fine_slope(const struct vc_clockfit *f, double slope,
			 const double *at, double bound,
			 struct vc_clockfit_line *out)
{
	double sx[VC_CLOCKFIT_LINES] = { 0 }, sy[VC_CLOCKFIT_LINES] = { 0 };
	double sxx = 0, sxy = 0, syy = 0;
	unsigned int count[VC_CLOCKFIT_LINES] = { 0 };
	unsigned int lines = 0;
	double better;

	for (unsigned int i = 0; i < f->n; i++) {
		unsigned int line = f->pair[i].line;
		double y = residual(f, i, slope, at);

		if (fabs(y) > bound) {
			out->outliers++;
			continue;
		}
		lines += !count[line];
		count[line]++;
		sx[line] += nominal(f, i);
		sy[line] += y;
		if (fabs(y) > (double)out->worst)
			out->worst = (int64_t)fabs(y);
	}
	for (unsigned int i = 0; i < f->n; i++) {
		unsigned int line = f->pair[i].line;
		double y = residual(f, i, slope, at), x;

		if (fabs(y) > bound)
			continue;
		x = nominal(f, i) - sx[line] / count[line];
		y -= sy[line] / count[line];
		sxx += x * x;
		sxy += x * y;
		syy += y * y;
	}
	out->used = f->n - out->outliers;
	if (sxx <= 0)
		return slope;
	better = sxy / sxx;
	if (out->used > lines + 1)
		out->ppm_error = sqrt(fmax(syy - better * sxy, 0) /
				      (out->used - lines - 1) / sxx) *
				 1e6;
	return slope + better;
}

bool vc_clockfit_is_sure(double ppm, double ppm_error)
{
	return ppm_error <= SURE_PPM || fabs(ppm) >= 3 * ppm_error;
}

void vc_clockfit_line(const struct vc_clockfit *f,
		      struct vc_clockfit_line *line)
{
	double at[VC_CLOCKFIT_LINES];
	double slope, bound;

	*line = (struct vc_clockfit_line){
		.steps = f->steps,
		.since = f->stepped,
		.ts = f->ts,
		.ns = f->ns0 + vc_rtp_to_ns(f->units, f->rate_hz) + f->off +
		      f->evened,
	};
	if (!f->n)
		return;
	line->span = vc_rtp_to_ns(f->units - f->pair[0].units, f->rate_hz);
	if (line->span < VC_SEC)
		return;
	slope = rough_slope(f);
	offsets(f, slope, at);
	bound = OUTLIER * MAD_SIGMA * median_residual(f, slope, at);
	/* Rounding of reports is no outlier. */
	bound = fmax(bound, 2.0 * VC_SEC / f->rate_hz);
	slope = fine_slope(f, slope, at, bound, line);
	offsets(f, slope, at);
	line->is_known = true;
	line->residual = (int64_t)median_residual(f, slope, at);
	/* The other clock gains on the RTP clock where that is slow. */
	line->ppm = (1 / (1 + slope) - 1) * 1e6;
	line->ns += (int64_t)(slope * (double)f->units * VC_SEC / f->rate_hz +
			      at[f->lines] - (double)f->off);
}
