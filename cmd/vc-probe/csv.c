/* SPDX-License-Identifier: MIT */
/*
 * The record as CSV (RFC 4180) for spreadsheets and scripts: who a row is of,
 * then each metric under its path, in the order of --list-metrics, whether it
 * was measured or not. "heard[NAME]" is a column for each name in the record.
 *
 * Text is foreign: escaped, and what a spreadsheet would take for a formula has
 * an apostrophe before it.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "probe.h"

/* A column a member, whatever it is. */
static const char *const who[] = { "id", "who", "ssrc", "kind", "rid", "codec" };

/* Of a row of a series. */
static const char *const moment[] = { "t", "at_s" };

#define KEY 32
#define NAMED 4 /* metrics as heard[NAME], at most */

struct csv {
	FILE *f;
	bool has_cell;			    /* in this row */
	const struct vc_json *named[NAMED]; /* who has columns, of each */
};

/* --- cells --- */

static void next_cell(struct csv *c)
{
	if (c->has_cell)
		fputc(',', c->f);
	c->has_cell = true;
}

static void end_row(struct csv *c)
{
	fputs("\r\n", c->f);
	c->has_cell = false;
}

/* Quoted for those too who take semicolons or tabs for what is between. */
static bool is_plain(const char *s)
{
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("._[]-/", *s))
			return false;
	}
	return true;
}

static void put_text(struct csv *c, const char *s)
{
	char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];
	const bool is_formula = s[0] && strchr("=+-@", s[0]);

	next_cell(c);
	vc_escape(safe, sizeof(safe), s, strlen(s));
	if (!is_formula && is_plain(safe)) {
		fputs(safe, c->f);
		return;
	}
	fputs(is_formula ? "\"'" : "\"", c->f);
	for (s = safe; *s; s++) {
		if (*s == '"')
			fputc('"', c->f);
		fputc(*s, c->f);
	}
	fputc('"', c->f);
}

/* null, and what is not there, is an empty cell. */
static void put(struct csv *c, const struct vc_json *j)
{
	double v;

	if (vc_json_str(j)) {
		put_text(c, vc_json_str(j));
		return;
	}
	next_cell(c);
	if (vc_json_number(j, &v))
		fprintf(c->f, "%.15g", v);
}

/* --- columns --- */

static const struct vc_json *source_at(const struct vc_json *record, size_t i)
{
	return vc_json_at(vc_json_get(record, "sources"), i);
}

static void key_of(char key[static KEY], const char *path)
{
	vc_str_copy(key, KEY,
		    vc_str_of(path, (size_t)(strchr(path, '[') - path)));
}

/* The first source that has any of "heard[NAME]", whose names are those of
 * all; NULL: none. */
static const struct vc_json *named_of(const struct vc_json *record,
				      const char *path)
{
	const struct vc_json *s;
	char key[KEY];

	key_of(key, path);
	for (size_t i = 0; (s = source_at(record, i)); i++) {
		if (vc_json_is_object(vc_json_get(s, key)))
			return vc_json_get(s, key);
	}
	return NULL;
}

/* All columns of "heard[NAME]", by the names in 'has'. NULL row: their
 * heading. */
static void put_named(struct csv *c, const struct vc_json *has,
		      const struct vc_json *row, const char *path)
{
	char key[KEY], head[VC_ROSTER_TEXT + sizeof(key)];
	const char *name;

	key_of(key, path);
	for (size_t i = 0; vc_json_member(has, i, &name); i++) {
		if (row) {
			put(c, vc_json_get(vc_json_get(row, key), name));
			continue;
		}
		snprintf(head, sizeof(head), "%s[%s]", key, name);
		put_text(c, head);
	}
}

/* NULL row: the heading, which comes first. */
static void put_metrics(struct csv *c, const struct vc_json *record,
			const struct vc_json *row)
{
	size_t n = 0;

	for (size_t i = 0; i < probe_n_metrics; i++) {
		const char *path = probe_metrics[i].path;

		if (metrics_is_total(path))
			continue;
		if (strchr(path, '[')) {
			assert(n < NAMED);
			if (!row)
				c->named[n] = named_of(record, path);
			put_named(c, c->named[n], row, path);
			n++;
		} else if (row) {
			put(c, vc_expect_find(row, path));
		} else {
			put_text(c, path);
		}
	}
}

void csv_write(FILE *f, const struct vc_json *record)
{
	struct csv c = { .f = f };
	const struct vc_json *row;

	for (size_t k = 0; k < VC_COUNT(who); k++)
		put_text(&c, who[k]);
	put_metrics(&c, record, NULL);
	end_row(&c);
	for (size_t i = 0; (row = source_at(record, i)); i++) {
		for (size_t k = 0; k < VC_COUNT(who); k++)
			put(&c, vc_json_get(row, who[k]));
		put_metrics(&c, record, row);
		end_row(&c);
	}
}

/* --- series --- */

void csv_rows(FILE *f, const struct vc_json *line, bool heading)
{
	struct csv c = { .f = f };
	const struct vc_json *row;

	for (size_t k = 0; heading && k < VC_COUNT(moment); k++)
		put_text(&c, moment[k]);
	for (size_t k = 0; heading && k < VC_COUNT(who); k++)
		put_text(&c, who[k]);
	for (size_t k = 0; heading && k < probe_n_series; k++)
		put_text(&c, probe_series[k].path);
	if (heading)
		end_row(&c);
	for (size_t i = 0; (row = source_at(line, i)); i++) {
		for (size_t k = 0; k < VC_COUNT(moment); k++)
			put(&c, vc_json_get(line, moment[k]));
		for (size_t k = 0; k < VC_COUNT(who); k++)
			put(&c, vc_json_get(row, who[k]));
		for (size_t k = 0; k < probe_n_series; k++)
			put(&c, vc_expect_find(row, probe_series[k].path));
		end_row(&c);
	}
}
