/* SPDX-License-Identifier: MIT */
/* What expectations come to: a line each, TAP, JUnit. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "cells.h"
#include "probe.h"
#include "tool/xml.h"

#define LINE (2 * VC_ESCAPE_CAP(VC_ROSTER_TEXT))
#define BROKEN "the run failed, or its input was not whole"

#define NAME_WIDTH 16

/* A rule and a source that it was asked of. */
struct row {
	bool ok;
	const char *rule;			 /* escaped */
	const char *metric;			 /* of a baseline, or NULL */
	char who[VC_ESCAPE_CAP(VC_ROSTER_TEXT)]; /* "": of all */
	const char *kind;			 /* of the source, or "" */
	char measured[160];
	char when[80]; /* "": at the end, of all the time */
};

/* "1 packet", "2 packets", "1 ms". */
static void put_unit(char *out, size_t cap, double v, const char *unit)
{
	size_t len = strlen(unit);
	bool is_noun = len > 2 && unit[len - 1] == 's' && !strchr(unit, '/');

	snprintf(out, cap, "%.6g%s%.*s", v, len ? " " : "",
		 (int)(len - (is_noun && v == 1)), unit);
}

void verdict_figure(char *out, size_t cap, const struct vc_json *row)
{
	const struct vc_json *m = vc_json_get(row, "measured");
	const char *nobody = vc_json_get_str(row, "nobody");
	const char *unit = vc_json_get_str(row, "unit");
	char name[VC_ESCAPE_CAP(64)];
	const char *word = vc_json_str(m);
	int64_t n;
	double v;

	if (vc_json_get_int(row, "unwatched", &n))
		snprintf(out, cap, "%lld samples were not watched",
			 (long long)n);
	else if (vc_json_get_int(row, "more", &n))
		snprintf(out, cap, "and %lld more", (long long)n);
	else if (vc_json_get_int(row, "compared", &n))
		snprintf(out, cap, "%lld figures", (long long)n);
	else if (word)
		vc_escape(out, cap, word, strlen(word));
	else if (nobody &&
		 vc_escape(name, sizeof(name), nobody, strlen(nobody)))
		snprintf(out, cap,
			 "not measured: no source has the name or id %s, and "
			 "a time is written 5s",
			 name);
	else if (!vc_json_number(m, &v))
		vc_strlcpy(out, "not measured", cap);
	else if (unit && !strcmp(unit, "share"))
		snprintf(out, cap, "%.4g %%", 100 * v);
	else
		put_unit(out, cap, v, unit ? unit : "");
}

/* When a row was measured; "": at the end, of all the time. */
static void write_when(char *out, size_t cap, const struct vc_json *row)
{
	int64_t windows, failed;
	double from, to;

	out[0] = '\0';
	if (!vc_json_get_real(row, "from_s", &from) ||
	    !vc_json_get_real(row, "to_s", &to))
		return;
	if (vc_json_get_int(row, "windows", &windows) &&
	    vc_json_get_int(row, "failed", &failed))
		snprintf(out, cap, "%gs..%gs, %lld of %lld windows", from, to,
			 (long long)failed, (long long)windows);
	else
		snprintf(out, cap, "%gs..%gs", from, to);
}

static void read_row(struct row *r, const struct vc_json *j)
{
	const char *name = table_who(j);

	*r = (struct row){ .rule = vc_json_get_str(j, "expect"),
			   .metric = vc_json_get_str(j, "metric") };
	vc_json_get_bool(j, "ok", &r->ok);
	r->kind = vc_json_get_str(j, "kind");
	r->kind = r->kind ? r->kind : "";
	vc_escape(r->who, sizeof(r->who), name, strlen(name));
	verdict_figure(r->measured, sizeof(r->measured), j);
	write_when(r->when, sizeof(r->when), j);
}

/* Whom a row is of, what was measured, with its unit, and when: "Al video:
 * 30 1/s, 2s..4s". */
static void put_line(char *out, size_t cap, const struct row *r)
{
	snprintf(out, cap, "%s%s%s%s%s%s%s", r->who, r->kind[0] ? " " : "",
		 r->kind, r->who[0] ? ": " : "", r->measured,
		 r->when[0] ? ", " : "", r->when);
}

void verdict_say(struct vc_tool *t, const struct vc_json *results)
{
	char line[LINE];
	struct row r;

	for (size_t i = 0; i < vc_json_len(results); i++) {
		read_row(&r, vc_json_at(results, i));
		if (r.ok)
			continue;
		put_line(line, sizeof(line), &r);
		vc_tool_fail(t, VC_EXIT_EXPECT, "expected %s: failed: %s",
			     r.rule, line);
	}
}

void verdict_list(FILE *f, const struct vc_json *results)
{
	char line[LINE];
	struct row r;

	if (vc_json_len(results))
		fputs("\nexpected\n", f);
	for (size_t i = 0; i < vc_json_len(results); i++) {
		read_row(&r, vc_json_at(results, i));
		/* As in the tables beside it. */
		cell_text(r.who, NULL, table_who(vc_json_at(results, i)),
			  NAME_WIDTH);
		put_line(line, sizeof(line), &r);
		fprintf(f, "  %-4s  %-28s  %s\n", r.ok ? "ok" : "FAIL", r.rule,
			line);
	}
}

/* The failed ones go to stderr, unless the table is shown beside them. */
void verdict_judge(struct probe *p, struct vc_json *record)
{
	bool is_shown = !p->opt->json && !p->opt->packets && !p->opt->csv &&
			isatty(fileno(p->report)) && isatty(STDERR_FILENO);
	const struct vc_metrics known = metrics_known();
	struct vc_json *results = vc_json_array();
	bool all_ok = true;

	for (size_t i = 0; i < p->n_expect; i++)
		all_ok &=
			vc_expect_is_over_time(&p->expect[i]) && p->watch ?
				vc_rulewatch_judge(p->watch, i, results) :
				vc_expect_judge(&p->expect[i], record, results);
	if (p->baseline)
		all_ok &= vc_baseline_judge(&known, &p->tolerances, p->baseline,
					    record, results);
	if (!all_ok)
		vc_tool_set_exit(p->tool, VC_EXIT_EXPECT);
	if (!is_shown)
		verdict_say(p->tool, results);
	vc_json_set(record, "expect", results);
}

/* --- TAP --- */

/* A '#' would begin a directive. */
static void put_words(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '#')
			fputc('\\', f);
		fputc(*s, f);
	}
}

void verdict_tap(FILE *f, const struct vc_json *record, bool is_broken)
{
	const struct vc_json *results = vc_json_get(record, "expect");
	size_t n = vc_json_len(results);
	char line[LINE];
	struct row r;

	fprintf(f, "TAP version 13\n1..%zu%s\n", n + is_broken,
		n + is_broken ? "" : " # SKIP no rules");
	for (size_t i = 0; i < n; i++) {
		read_row(&r, vc_json_at(results, i));
		fprintf(f, "%s %zu - ", r.ok ? "ok" : "not ok", i + 1);
		put_words(f, r.rule);
		fputs(": ", f);
		put_line(line, sizeof(line), &r);
		put_words(f, line);
		fputc('\n', f);
	}
	if (is_broken)
		fprintf(f, "not ok %zu - %s\n", n + 1, BROKEN);
}

/* --- JUnit --- */

static void put_case(FILE *f, const struct row *r)
{
	fputs("    <testcase classname=\"", f);
	vc_xml_put(f, r->who[0] ? r->who : "all");
	fprintf(f, "%s%s", r->kind[0] ? " " : "", r->kind);
	fputs("\" name=\"", f);
	/* A name is the same in every run: no figure is in it. */
	vc_xml_put(f, r->metric ? r->metric : r->rule);
	fputs(r->metric ? ", as in the baseline" : "", f);
	if (r->ok) {
		fputs("\"/>\n", f);
		return;
	}
	fputs("\">\n      <failure message=\"", f);
	vc_xml_put(f, r->rule);
	fputs(": ", f);
	vc_xml_put(f, r->measured);
	fprintf(f, "%s%s\"/>\n    </testcase>\n", r->when[0] ? ", " : "",
		r->when);
}

/* What no rule is to blame for; 'why': or "". */
static void put_error(FILE *f, const char *name, const char *what,
		      const char *why)
{
	fprintf(f,
		"    <testcase classname=\"all\" name=\"%s\">\n"
		"      <error message=\"%s%s",
		name, what, why[0] ? ": " : "");
	vc_xml_put(f, why);
	fputs("\"/>\n    </testcase>\n", f);
}

static void begin_suite(FILE *f, const char *tag)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	      "  <testsuite name=\"vc-probe",
	      f);
	if (tag) {
		fputc(' ', f);
		vc_xml_put(f, tag);
	}
}

static void put_counts(FILE *f, size_t tests, size_t failures, bool has_error,
		       double s)
{
	fprintf(f,
		"\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"0\" "
		"time=\"%.3f\">\n",
		tests, failures, has_error, s);
}

static void end_suite(FILE *f)
{
	fputs("  </testsuite>\n</testsuites>\n", f);
}

void verdict_junit(FILE *f, const char *tag, const struct vc_json *record,
		   bool is_broken)
{
	const struct vc_json *results = vc_json_get(record, "expect");
	size_t n = vc_json_len(results), failed = 0;
	double s = 0;
	struct row r;

	for (size_t i = 0; i < n; i++) {
		read_row(&r, vc_json_at(results, i));
		failed += !r.ok;
	}
	vc_json_number(vc_json_get(vc_json_get(record, "total"), "duration_s"),
		       &s);
	begin_suite(f, tag);
	put_counts(f, n + is_broken, failed, is_broken, s);
	for (size_t i = 0; i < n; i++) {
		read_row(&r, vc_json_at(results, i));
		put_case(f, &r);
	}
	if (is_broken)
		put_error(f, "run", BROKEN, "");
	end_suite(f);
}

void verdict_nothing(struct vc_tool *t, FILE *tap, FILE *junit)
{
	const char *why = vc_tool_failed(t);

	if (tap) {
		fprintf(tap, "TAP version 13\nBail out! no media%s",
			why[0] ? ": " : "");
		put_words(tap, why);
		fputc('\n', tap);
	}
	if (!junit)
		return;
	begin_suite(junit, vc_tool_options(t)->tag);
	put_counts(junit, 1, 0, true, 0);
	put_error(junit, "media", "no media came", why);
	end_suite(junit);
}
