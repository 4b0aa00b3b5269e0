/* SPDX-License-Identifier: MIT */
/* All figures of all sources, as they are in the JSON report. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cells.h"
#include "html.h"
#include "probe.h"
#include "tool/xml.h"

#define NAME_WIDTH 24
#define SOURCES_MAX 24

static const struct vc_json *source_at(const struct vc_json *record, size_t i)
{
	return i < SOURCES_MAX ? vc_json_at(vc_json_get(record, "sources"), i) :
				 NULL;
}

static bool is_measured(const struct vc_json *record, const char *path)
{
	const struct vc_json *row, *j;
	double v;

	for (size_t i = 0; (row = source_at(record, i)); i++) {
		j = vc_expect_find(row, path);
		if (vc_json_str(j) || vc_json_number(j, &v))
			return true;
	}
	return false;
}

static void put_value(FILE *f, const struct vc_json *j)
{
	char text[CELL];
	double v;

	fputs("<td class=\"n\">", f);
	if (vc_json_str(j)) {
		cell_text(text, NULL, vc_json_str(j), NAME_WIDTH);
		vc_xml_put(f, text);
	} else if (vc_json_number(j, &v)) {
		fprintf(f, "%.15g", v);
	} else {
		fputs("<span class=\"dim\">\xe2\x80\x93</span>", f);
	}
	fputs("</td>", f);
}

static void put_row(FILE *f, const struct vc_json *record, const char *path,
		    const struct vc_metric *m)
{
	char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];
	const struct vc_json *row;

	vc_escape(safe, sizeof(safe), path, strlen(path));
	fputs("<tr><td><code>", f);
	vc_xml_put(f, safe);
	fprintf(f, "</code></td><td class=\"dim\">%s</td>", m->unit);
	for (size_t i = 0; (row = source_at(record, i)); i++)
		put_value(f, vc_expect_find(row, path));
	fputs("<td class=\"f\">", f);
	vc_xml_put(f, m->formula);
	fputs("</td></tr>\n", f);
}

/* "heard[NAME]" for each name. */
static void put_named(FILE *f, const struct vc_json *record,
		      const struct vc_metric *m)
{
	char key[32], path[VC_ROSTER_TEXT + sizeof(key) + 2];
	const struct vc_json *row, *has = NULL;
	const char *name;

	vc_str_copy(key, sizeof(key),
		    vc_str_of(m->path,
			      (size_t)(strchr(m->path, '[') - m->path)));
	for (size_t i = 0; !has && (row = source_at(record, i)); i++)
		has = vc_json_get(row, key);
	for (size_t i = 0; vc_json_member(has, i, &name); i++) {
		snprintf(path, sizeof(path), "%s[%s]", key, name);
		if (is_measured(record, path))
			put_row(f, record, path, m);
	}
}

static void put_heads(FILE *f, const struct vc_json *record)
{
	const struct vc_json *row;
	char text[CELL];

	fputs("<thead><tr><th scope=\"col\">metric</th>"
	      "<th scope=\"col\">unit</th>",
	      f);
	for (size_t i = 0; (row = source_at(record, i)); i++) {
		const char *who = vc_json_get_str(row, "who");
		const char *kind = vc_json_get_str(row, "kind");

		cell_text(text, NULL, who ? who : "", NAME_WIDTH);
		fputs("<th scope=\"col\" class=\"n\"><bdi>", f);
		vc_xml_put(f, text);
		fprintf(f, "</bdi><br>%s</th>", kind ? kind : "");
	}
	fputs("<th scope=\"col\">formula</th></tr></thead>\n", f);
}

static void put_unmeasured(FILE *f, const struct vc_json *record)
{
	bool has_any = false;

	for (size_t i = 0; i < probe_n_metrics; i++) {
		const char *path = probe_metrics[i].path;

		if (strchr(path, '[') || metrics_is_total(path) ||
		    is_measured(record, path))
			continue;
		fprintf(f, "%s<code>%s</code>",
			has_any ? ", " : "<p class=\"note\">Not measured: ",
			path);
		has_any = true;
	}
	if (has_any)
		fputs("</p>\n", f);
}

void html_figures(FILE *f, const struct vc_json *record)
{
	size_t n = vc_json_len(vc_json_get(record, "sources"));

	if (!n)
		return;
	fputs("<section id=\"figures\"><h2>Figures and formulas</h2>\n"
	      "<details><summary>Every metric of every source</summary>\n",
	      f);
	if (n > SOURCES_MAX)
		fprintf(f,
			"<p class=\"note\">Of the first %d of %zu sources; "
			"<code>--json</code> and <code>--csv</code> have "
			"all.</p>\n",
			SOURCES_MAX, n);
	fputs("<div class=\"wide\"><table>", f);
	put_heads(f, record);
	fputs("<tbody>\n", f);
	for (size_t i = 0; i < probe_n_metrics; i++) {
		const struct vc_metric *m = &probe_metrics[i];

		if (metrics_is_total(m->path))
			continue;
		if (strchr(m->path, '['))
			put_named(f, record, m);
		else if (is_measured(record, m->path))
			put_row(f, record, m->path, m);
	}
	fputs("</tbody></table></div>\n", f);
	put_unmeasured(f, record);
	fputs("</details></section>\n", f);
}
