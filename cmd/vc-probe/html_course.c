/* SPDX-License-Identifier: MIT */
/* How each source went over time: small plots, on scales that compare. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cells.h"
#include "course.h"
#include "html.h"
#include "plot.h"
#include "probe.h"
#include "tool/xml.h"

#define NAME_WIDTH 48

static const char *formula_of(enum course_what what)
{
	for (size_t i = 0; i < probe_n_series; i++) {
		for (int k = 0; k < COURSE_PATHS; k++) {
			const char *path = course_paths[what][k];

			if (path && !strcmp(probe_series[i].path, path))
				return probe_series[i].formula;
		}
	}
	return "";
}

/* Sound and pictures are not alike: a scale each. */
static double top_of(const struct course *c, const char *kind,
		     enum course_what what)
{
	double most = 0;

	for (const struct course_track *t = c->first; t; t = t->next) {
		if (strcmp(t->kind, kind))
			continue;
		for (size_t i = 0; i < t->n; i++)
			most = fmax(most, t->point[i].v[what].max);
	}
	return plot_top(what, most);
}

static void put_text(FILE *f, const char *s)
{
	char text[CELL];

	cell_text(text, NULL, s, NAME_WIDTH);
	vc_xml_put(f, text);
}

static void put_track(FILE *f, const struct course *c,
		      const struct course_track *t)
{
	int n = 0;

	for (enum course_what k = 0; k < COURSE_N; k++)
		n += t->has[k];
	fprintf(f, "<h3 id=\"s%08x\"><bdi>", (unsigned int)t->ssrc);
	put_text(f, t->who);
	fputs("</bdi> <small>", f);
	put_text(f, t->kind);
	fputc(' ', f);
	put_text(f, t->rid);
	fputs(" \xc2\xb7 ", f);
	put_text(f, t->codec);
	fprintf(f,
		" \xc2\xb7 SSRC %08x</small></h3>\n<div class=\"plots%s\">\n",
		(unsigned int)t->ssrc, n == 4 ? " four" : "");
	for (enum course_what k = 0; k < COURSE_N; k++) {
		if (t->has[k])
			plot_write(f, c, t, k, top_of(c, t->kind, k),
				   formula_of(k));
	}
	fputs("</div>\n", f);
}

void html_course(FILE *f, const struct course *c)
{
	unsigned int merged = 1;

	if (!c->first)
		return;
	fputs("<section id=\"course\"><h2>Over time</h2>\n", f);
	for (const struct course_track *t = c->first; t; t = t->next)
		merged = t->merged > merged ? t->merged : merged;
	fprintf(f,
		"<p class=\"note\">Time is counted from the beginning of the "
		"stream; each figure is of the %.3g s before it. Sources of a "
		"kind share their scales. Formulas are "
		"at the headings and below.",
		c->step_s);
	if (merged > 1)
		fprintf(f,
			" Where there were too many figures to draw, up to %u "
			"are one point: the line is their mean, the band goes "
			"from the least to the most.",
			merged);
	if (c->left_out)
		fprintf(f, " Of the first %d sources.", COURSE_TRACKS);
	fputs("</p>\n", f);
	for (const struct course_track *t = c->first; t; t = t->next)
		put_track(f, c, t);
	fputs("</section>\n", f);
}
