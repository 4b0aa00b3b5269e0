/* SPDX-License-Identifier: MIT */
/*
 * --html: one page that needs nothing but itself: verdict, tables, and how each
 * source went over time.
 */
#ifndef VC_PROBE_HTML_H
#define VC_PROBE_HTML_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct course;
struct html;
struct probe;
struct vc_json;

/* Sees that the page can be written, at the end. 0, or an error that was said. */
int html_open(struct html **out, struct probe *p, const char *path);
void html_free(struct html *h); /* NULL is fine */

/* A record of a series, of 'span' ns. */
void html_interval(struct html *h, const struct vc_json *line, int64_t span);

/* Writes the page, or says why not. 'is_broken': the run was not all well. */
void html_write(struct html *h, struct probe *p, const struct vc_json *record,
		bool is_broken);

/* --- html_style.c --- */

extern const char html_style[];

/* --- html_tables.c --- */

void html_expect(FILE *f, const struct vc_json *record);
void html_people(FILE *f, const struct vc_json *record);
void html_sources(FILE *f, const struct vc_json *record);
void html_heard(FILE *f, const struct vc_json *record);

/* --- html_figures.c --- */

/* Every metric of every source, with its formula. */
void html_figures(FILE *f, const struct vc_json *record);

/* --- html_course.c --- */

void html_course(FILE *f, const struct course *c);

#endif
