/* SPDX-License-Identifier: MIT */
/* What expectations come to: a line each, TAP, JUnit. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "probe.h"
#include "tool/xml.h"

#define BROKEN "the run failed, or its input was not whole"

/* A rule and a source that it was asked of. */
struct row {
	bool ok;
	const char *rule;			 /* escaped */
	char who[VC_ESCAPE_CAP(VC_ROSTER_TEXT)]; /* "": of all */
	const char *kind;			 /* of the source, or "" */
	char measured[64];
	char when[80]; /* "": at the end, of all the time */
};

void verdict_figure(char *out, size_t cap, const struct vc_json *row)
{
	const struct vc_json *m = vc_json_get(row, "measured");
	const char *rule = vc_json_get_str(row, "expect");
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
	else if (!vc_json_number(m, &v))
		vc_strlcpy(out, "not measured", cap);
	else if (strchr(rule, '%'))
		snprintf(out, cap, "%.4g %%", 100 * v);
	else
		snprintf(out, cap, "%.6g", v);
}

void verdict_when(char *out, size_t cap, const struct vc_json *row)
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

	*r = (struct row){ .rule = vc_json_get_str(j, "expect") };
	vc_json_get_bool(j, "ok", &r->ok);
	r->kind = vc_json_get_str(j, "kind");
	r->kind = r->kind ? r->kind : "";
	vc_escape(r->who, sizeof(r->who), name, strlen(name));
	verdict_figure(r->measured, sizeof(r->measured), j);
	verdict_when(r->when, sizeof(r->when), j);
}

/* The failed ones go to stderr, unless the table is shown beside them. */
void verdict_judge(struct probe *p, struct vc_json *record)
{
	bool is_shown = !p->opt->json && !p->opt->packets && !p->opt->csv &&
			isatty(fileno(p->report)) && isatty(STDERR_FILENO);
	const struct vc_metrics known = metrics_known();
	struct vc_json *results = vc_json_array();
	bool all_ok = true;
	struct row r;

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
	for (size_t i = 0; !is_shown && i < vc_json_len(results); i++) {
		read_row(&r, vc_json_at(results, i));
		if (!r.ok)
			vc_tool_fail(p->tool, VC_EXIT_EXPECT,
				     "expected %s: failed: %s%s%s%s%s", r.rule,
				     r.who, r.who[0] ? ": " : "", r.measured,
				     r.when[0] ? ", " : "", r.when);
	}
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
	struct row r;

	fprintf(f, "TAP version 13\n1..%zu%s\n", n + is_broken,
		n + is_broken ? "" : " # SKIP no rules");
	for (size_t i = 0; i < n; i++) {
		read_row(&r, vc_json_at(results, i));
		fprintf(f, "%s %zu - ", r.ok ? "ok" : "not ok", i + 1);
		put_words(f, r.rule);
		fputs(": ", f);
		put_words(f, r.who);
		fprintf(f, "%s%s%s", r.kind[0] ? " " : "", r.kind,
			r.who[0] ? ": " : "");
		put_words(f, r.measured);
		fprintf(f, "%s%s\n", r.when[0] ? ", " : "", r.when);
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
	vc_xml_put(f, r->rule);
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

/* What no rule is to blame for. */
static void put_error(FILE *f, const char *name, const char *why)
{
	fprintf(f,
		"    <testcase classname=\"all\" name=\"%s\">\n"
		"      <error message=\"%s\"/>\n"
		"    </testcase>\n",
		name, why);
}

void verdict_junit(FILE *f, const char *tag, const struct vc_json *record,
		   bool is_broken)
{
	const struct vc_json *results = vc_json_get(record, "expect");
	size_t n = vc_json_len(results), failed = 0;
	const bool has_error = !record || is_broken;
	double s = 0;
	struct row r;

	for (size_t i = 0; i < n; i++) {
		read_row(&r, vc_json_at(results, i));
		failed += !r.ok;
	}
	vc_json_number(vc_json_get(vc_json_get(record, "total"), "duration_s"),
		       &s);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	      "  <testsuite name=\"vc-probe",
	      f);
	if (tag) {
		fputc(' ', f);
		vc_xml_put(f, tag);
	}
	fprintf(f,
		"\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"0\" "
		"time=\"%.3f\">\n",
		n + has_error, failed, has_error, s);
	for (size_t i = 0; i < n; i++) {
		read_row(&r, vc_json_at(results, i));
		put_case(f, &r);
	}
	if (!record)
		put_error(f, "media", "no media came");
	else if (is_broken)
		put_error(f, "run", BROKEN);
	fputs("  </testsuite>\n</testsuites>\n", f);
}
