/* SPDX-License-Identifier: MIT */
/*
 * A plot is a picture of 340 by 130, which the page scales: a line through the
 * means and, where points stand for more intervals than one, a band from the
 * least to the most. Where nothing was measured the line breaks; a point that
 * is alone is a dot. Numbers only get in here, and words of ours.
 */
#include "plot.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "tool/xml.h"

#define WIDTH 340
#define HEIGHT 130
#define LEFT 40
#define RIGHT 330
#define TOP 26
#define BOTTOM 108
#define TICKS 4
/* In intervals: this far apart there is something missing between. */
#define BREAK 1.9

/* What is said of a curve in a word. */
enum said { MOST, LEAST, BOTH };

struct figure {
	const char *title, *unit;
	enum said said;
	double scale;	      /* to the unit */
	double base, ceiling; /* of the scale; ceiling 0: as needed */
	double least_top;
	int decimals;
};

static const struct figure figures[COURSE_N] = {
	[COURSE_LOSS] = { "loss", "%", MOST, 100, 0, 0, 1, 2 },
	[COURSE_JITTER] = { "jitter", "ms", MOST, 1, 0, 0, 1, 2 },
	[COURSE_DELAY] = { "delay", "ms", MOST, 1, 0, 0, 10, 1 },
	[COURSE_RATE] = { "rate", "kbit/s", BOTH, 1e-3, 0, 0, 1, 1 },
	[COURSE_FPS] = { "frame rate", "1/s", LEAST, 1, 0, 0, 1, 1 },
	[COURSE_MOS] = { "MOS", "", LEAST, 1, 1, 5, 5, 2 },
};

struct scale {
	double x0, x1; /* seconds */
	double y0, y1;
	double step_s; /* between two points that belong together */
};

/* --- scales --- */

/* The next of 1, 2, 5, 10, 20 ... */
static double nice(double v)
{
	double unit = pow(10, floor(log10(v)));
	double m = v / unit;

	return (m <= 1 ? 1 : m <= 2 ? 2 : m <= 5 ? 5 : 10) * unit;
}

double plot_top(enum course_what what, double most)
{
	const struct figure *fig = &figures[what];
	double v = most * fig->scale, step;

	if (fig->ceiling > 0)
		return fig->ceiling;
	if (!(v > fig->least_top))
		return fig->least_top;
	step = nice(v / TICKS);
	return ceil(v / step - 1e-9) * step;
}

static double x_of(const struct scale *s, double at)
{
	return LEFT + (RIGHT - LEFT) * (at - s->x0) / (s->x1 - s->x0);
}

static double y_of(const struct scale *s, double v)
{
	v = v < s->y0 ? s->y0 : v > s->y1 ? s->y1 : v;
	return BOTTOM - (BOTTOM - TOP) * (v - s->y0) / (s->y1 - s->y0);
}

/* --- axes --- */

static void y_axis(FILE *f, const struct scale *s)
{
	double step = nice((s->y1 - s->y0) / TICKS);

	for (double v = s->y0; v <= s->y1 * (1 + 1e-9); v += step) {
		double y = y_of(s, v);

		fprintf(f,
			"<path class=\"g\" d=\"M%d %.1fH%d\"/>"
			"<text class=\"e\" x=\"%d\" y=\"%.1f\">%g</text>",
			LEFT, y, RIGHT, LEFT - 5, y + 3.5, v);
	}
}

static double time_step(double span)
{
	static const double steps[] = { 0.1, 0.2, 0.5,	1,    2,    5,
					10,  15,  30,	60,   120,  300,
					600, 900, 1800, 3600, 7200, 21600 };
	double least = span / 5;

	for (size_t i = 0; i < VC_COUNT(steps); i++) {
		if (steps[i] >= least)
			return steps[i];
	}
	return 86400 * ceil(least / 86400);
}

/* "4 s", "1:30", "2:00:00" */
static void put_time(FILE *f, double at, double span)
{
	long s = lround(at);

	if (span < 120)
		fprintf(f, "%g s", at);
	else if (span < 7200)
		fprintf(f, "%ld:%02ld", s / 60, s % 60);
	else
		fprintf(f, "%ld:%02ld h", s / 3600, s / 60 % 60);
}

static void x_axis(FILE *f, const struct scale *s)
{
	double span = s->x1 - s->x0, step = time_step(span);

	fprintf(f, "<path class=\"b\" d=\"M%d %dH%d\"/>", LEFT, BOTTOM, RIGHT);
	for (double at = ceil(s->x0 / step - 1e-6) * step;
	     at <= s->x1 + 1e-6 * span; at += step) {
		double x = x_of(s, at);

		fprintf(f,
			"<path class=\"b\" d=\"M%.1f %dv4\"/>"
			"<text class=\"m\" x=\"%.1f\" y=\"%d\">",
			x, BOTTOM, x, BOTTOM + 16);
		put_time(f, fabs(at) < 1e-9 ? 0 : at, span);
		fputs("</text>", f);
	}
}

/* --- curves --- */

static bool is_next(const struct scale *s, const struct course_point *a,
		    const struct course_point *b)
{
	return b->at_s - a->at_s < BREAK * s->step_s;
}

static bool has(const struct course_point *p, enum course_what what)
{
	return !isnan(p->v[what].mean);
}

/* From point i on, how many hang together; 0: point i has none. */
static size_t stretch(const struct scale *s, const struct course_track *t,
		      enum course_what what, size_t i)
{
	size_t n = 0;

	while (i + n < t->n && has(&t->point[i + n], what) &&
	       (!n || is_next(s, &t->point[i + n - 1], &t->point[i + n])))
		n++;
	return n;
}

static void put_band(FILE *f, const struct scale *s, double scale,
		     const struct course_point *p, size_t n,
		     enum course_what what)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%c%.1f %.1f", i ? 'L' : 'M', x_of(s, p[i].at_s),
			y_of(s, scale * p[i].v[what].max));
	for (size_t i = n; i-- > 0;)
		fprintf(f, "L%.1f %.1f", x_of(s, p[i].at_s),
			y_of(s, scale * p[i].v[what].min));
	fputc('Z', f);
}

static void put_line(FILE *f, const struct scale *s, double scale,
		     const struct course_point *p, size_t n,
		     enum course_what what)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%c%.1f %.1f", i ? 'L' : 'M', x_of(s, p[i].at_s),
			y_of(s, scale * p[i].v[what].mean));
	if (n == 1)
		fputs("h0", f);
}

static void curves(FILE *f, const struct scale *s, const struct course_track *t,
		   enum course_what what)
{
	double scale = figures[what].scale;
	size_t n;

	if (t->merged > 1) {
		fputs("<path class=\"a\" d=\"", f);
		for (size_t i = 0; i < t->n; i += n ? n : 1) {
			n = stretch(s, t, what, i);
			if (n)
				put_band(f, s, scale, t->point + i, n, what);
		}
		fputs("\"/>", f);
	}
	fputs("<path class=\"l\" d=\"", f);
	for (size_t i = 0; i < t->n; i += n ? n : 1) {
		n = stretch(s, t, what, i);
		put_line(f, s, scale, t->point + i, n, what);
	}
	fputs("\"/>", f);
}

/* --- all of it --- */

struct summary {
	double least, most, most_at;
};

static struct summary sum_up(const struct course_track *t,
			     enum course_what what)
{
	struct summary sum = { INFINITY, -INFINITY, 0 };

	for (size_t i = 0; i < t->n; i++) {
		const struct course_value *v = &t->point[i].v[what];

		if (isnan(v->mean))
			continue;
		if (v->min < sum.least)
			sum.least = v->min;
		if (v->max > sum.most) {
			sum.most = v->max;
			sum.most_at = t->point[i].at_s;
		}
	}
	return sum;
}

static void put_summary(FILE *f, const struct figure *fig,
			const struct summary *sum)
{
	double least = fig->scale * sum->least, most = fig->scale * sum->most;

	fprintf(f, "<text class=\"r\" x=\"%d\" y=\"12\">", RIGHT);
	if (fig->said == MOST)
		fprintf(f, "most %.*f", fig->decimals, most);
	else if (fig->said == LEAST)
		fprintf(f, "least %.*f", fig->decimals, least);
	else
		fprintf(f, "%.*f \xe2\x80\x93 %.*f", fig->decimals, least,
			fig->decimals, most);
	fputs("</text>", f);
}

void plot_write(FILE *f, const struct course *c, const struct course_track *t,
		enum course_what what, double top, const char *formula)
{
	const struct figure *fig = &figures[what];
	struct summary sum = sum_up(t, what);
	struct scale s = { c->begin_s, c->end_s, fig->base, top,
			   c->step_s * t->merged };

	if (sum.least > sum.most || !(s.x1 > s.x0))
		return;
	fprintf(f,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s: from %.*f "
		"to %.*f%s%s, the most at %.4g s. ",
		WIDTH, HEIGHT, fig->title, fig->decimals,
		fig->scale * sum.least, fig->decimals, fig->scale * sum.most,
		fig->unit[0] ? " " : "", fig->unit, sum.most_at);
	vc_xml_put(f, formula);
	fprintf(f,
		"</title><text class=\"t\" x=\"0\" y=\"12\">%s"
		"<tspan class=\"u\" dx=\"5\">%s</tspan></text>",
		fig->title, fig->unit);
	put_summary(f, fig, &sum);
	y_axis(f, &s);
	x_axis(f, &s);
	curves(f, &s, t, what);
	fputs("</svg>\n", f);
}
