/* SPDX-License-Identifier: MIT */
/* One figure of one source over time, as SVG within a page. */
#ifndef VC_PROBE_PLOT_H
#define VC_PROBE_PLOT_H

#include <stdio.h>

#include "course.h"

/*
 * Up to where the scale goes when 'most' is to be shown, in the figure's own
 * unit: the same for all sources, so that they compare.
 */
double plot_top(enum course_what what, double most);

/* 'formula' goes with it. Nothing if it was never measured. */
void plot_write(FILE *f, const struct course *c, const struct course_track *t,
		enum course_what what, double top, const char *formula);

#endif
