/* SPDX-License-Identifier: MIT */
/*
 * The tables of the page. Cells are those of cells.c, with room for more of a
 * name; whoever wonders what a column means finds the metric's formula there.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cells.h"
#include "html.h"
#include "probe.h"
#include "tool/xml.h"

#define NAME_WIDTH 48
#define FIGURES_MAX 24 /* sources that all figures are shown of */

static const struct column people[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "known by", "id_by", CELL_TEXT, 0, 0, 0 },
	{ "name", "name", CELL_TEXT, 0, 0, 0 },
	{ "cname", "cname", CELL_TEXT, 0, 0, 0 },
	{ "sources", "sources", CELL_NUMBER, 0, 0, 0 },
	{ "frames/s", "fps", CELL_NUMBER, 2, 0, 0 },
	{ "video after audio, ms", "av_offset_ms", CELL_NUMBER, 1, 0, 0 },
	{ 0 },
};

static const struct column sources[] = {
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "codec", "codec", CELL_TEXT, 0, 0, 0 },
	{ "size", "width", CELL_SIZE, 0, 0, 0 },
	{ "packets", "packets", CELL_NUMBER, 0, 0, 0 },
	{ "kbit/s", "rate_bps", CELL_NUMBER, 1, 1e-3, 0 },
	{ "lost", "media.lost", CELL_NUMBER, 0, 0, 0 },
	{ "loss, %", "loss", CELL_PERCENT, 2, 0, 0 },
	{ "loss before repair, %", "net.loss", CELL_PERCENT, 2, 0, 0 },
	{ "jitter, ms", "jitter_ms", CELL_NUMBER, 2, 0, 0 },
	{ "round trip, ms", "net.rtt_ms", CELL_NUMBER, 1, 0, 0 },
	{ "frames/s", "fps", CELL_NUMBER, 2, 0, 0 },
	{ "freezes", "freezes.count", CELL_NUMBER, 0, 0, 0 },
	{ "frozen, ms", "freezes.total_ms", CELL_NUMBER, 0, 0, 0 },
	{ "MOS lq", "mos_lq", CELL_NUMBER, 2, 0, 0 },
	{ "MOS cq", "mos_cq", CELL_NUMBER, 2, 0, 0 },
	{ 0 },
};

/* --- cells --- */

static void put_word(FILE *f, const char *s, int max)
{
	char text[CELL];

	cell_text(text, NULL, s ? s : "", max);
	fputs("<bdi>", f);
	vc_xml_put(f, text);
	fputs("</bdi>", f);
}

static const char *formula_of(const char *path)
{
	for (size_t i = 0; i < probe_n_metrics; i++) {
		if (!strcmp(probe_metrics[i].path, path))
			return probe_metrics[i].formula;
	}
	return NULL;
}

static void put_head(FILE *f, const struct column *c)
{
	const char *formula = formula_of(c->path);

	fputs("<th scope=\"col\"", f);
	if (!cell_is_left(c))
		fputs(" class=\"n\"", f);
	if (formula) {
		fputs(" title=\"", f);
		vc_xml_put(f, formula);
		fputc('"', f);
	}
	fprintf(f, ">%s</th>", c->head);
}

static void put_cell(FILE *f, const struct vc_json *row, const struct column *c)
{
	char text[CELL];

	cell_write(text, NULL, row, c, NAME_WIDTH);
	fputs(cell_is_left(c) ? "<td><bdi>" : "<td class=\"n\">", f);
	if (strcmp(text, "-"))
		vc_xml_put(f, text);
	else
		fputs("<span class=\"dim\">\xe2\x80\x93</span>", f);
	fputs(cell_is_left(c) ? "</bdi></td>" : "</td>", f);
}

/* Is it measured in any row? Columns without a word are of no use. */
static bool is_used(const struct vc_json *rows, const struct column *c)
{
	const struct vc_json *row, *j;
	double v;

	for (size_t i = 0; (row = vc_json_at(rows, i)); i++) {
		j = vc_expect_find(row, c->path);
		if (vc_json_str(j) || vc_json_number(j, &v) ||
		    vc_json_is_array(j))
			return true;
	}
	return false;
}

static void begin_section(FILE *f, const char *id, const char *title)
{
	fprintf(f, "<section id=\"%s\"><h2>%s</h2>\n", id, title);
}

/* --- what was expected --- */

static void put_measured(FILE *f, const struct vc_json *row)
{
	const char *word = vc_json_get_str(row, "measured");
	char text[160];

	if (word) {
		put_word(f, word, NAME_WIDTH);
		return;
	}
	verdict_figure(text, sizeof(text), row);
	vc_xml_put(f, text);
}

void html_expect(FILE *f, const struct vc_json *record)
{
	const struct vc_json *all = vc_json_get(record, "expect"), *row;
	const char *rule, *kind;
	bool ok;

	if (!vc_json_len(all))
		return;
	begin_section(f, "expected", "Expected");
	fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">held"
	      "</th><th scope=\"col\">rule</th><th scope=\"col\" class=\"n\">"
	      "measured</th><th scope=\"col\">of</th></tr></thead><tbody>\n",
	      f);
	for (size_t i = 0; (row = vc_json_at(all, i)); i++) {
		rule = vc_json_get_str(row, "expect");
		kind = vc_json_get_str(row, "kind");
		ok = vc_json_get_bool(row, "ok", &ok) && ok;
		fprintf(f, "<tr><td class=\"%s\">%s</td><td><code>",
			ok ? "ok" : "bad", ok ? "yes" : "no");
		/* It is escaped already. */
		vc_xml_put(f, rule ? rule : "");
		fputs("</code></td><td class=\"n\">", f);
		put_measured(f, row);
		fputs("</td><td>", f);
		put_word(f, table_who(row), NAME_WIDTH);
		fprintf(f, " %s</td></tr>\n", kind ? kind : "");
	}
	fputs("</tbody></table></div></section>\n", f);
}

/* --- people and sources --- */

static void put_rows(FILE *f, const struct vc_json *rows,
		     const struct column *c, bool is_linked)
{
	bool shown[CELL_COLUMNS];
	const struct vc_json *row;
	size_t n = 0;

	for (; n < CELL_COLUMNS && c[n].path; n++)
		shown[n] = is_used(rows, &c[n]);

	fputs("<div class=\"wide\"><table><thead><tr>", f);
	if (is_linked)
		fputs("<th scope=\"col\">who</th>", f);
	for (size_t k = 0; k < n; k++) {
		if (shown[k])
			put_head(f, &c[k]);
	}
	fputs("</tr></thead><tbody>\n", f);
	for (size_t i = 0; (row = vc_json_at(rows, i)); i++) {
		fputs("<tr>", f);
		if (is_linked) {
			int64_t ssrc = 0;

			vc_json_get_int(row, "ssrc", &ssrc);
			fprintf(f, "<td><a href=\"#s%08x\">",
				(unsigned int)ssrc);
			put_word(f, vc_json_get_str(row, "who"), NAME_WIDTH);
			fputs("</a></td>", f);
		}
		for (size_t k = 0; k < n; k++) {
			if (shown[k])
				put_cell(f, row, &c[k]);
		}
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table></div>\n", f);
}

void html_people(FILE *f, const struct vc_json *record)
{
	const struct vc_json *rows = vc_json_get(record, "participants");

	if (!vc_json_len(rows))
		return;
	begin_section(f, "people", "Participants");
	put_rows(f, rows, people, false);
	fputs("</section>\n", f);
}

void html_sources(FILE *f, const struct vc_json *record)
{
	const struct vc_json *rows = vc_json_get(record, "sources");

	if (!vc_json_len(rows))
		return;
	begin_section(f, "sources", "Sources");
	put_rows(f, rows, sources, true);
	fputs("</section>\n", f);
}

/* --- who is heard --- */

void html_heard(FILE *f, const struct vc_json *record)
{
	const struct vc_json *rows = vc_json_get(record, "sources"), *row;
	const struct vc_json *heard, *share;
	bool has_any = false;
	const char *key;
	double v;

	for (size_t i = 0; (row = vc_json_at(rows, i)); i++) {
		heard = vc_json_get(row, "heard");
		if (!vc_json_member(heard, 0, &key))
			continue;
		if (!has_any) {
			begin_section(f, "heard", "Heard, % of the time");
			fputs("<div class=\"wide\"><table><thead><tr>"
			      "<th scope=\"col\">in the sound of</th>",
			      f);
			for (size_t k = 0; vc_json_member(heard, k, &key);
			     k++) {
				fputs("<th scope=\"col\" class=\"n\">", f);
				put_word(f, key, NAME_WIDTH);
				fputs("</th>", f);
			}
			fputs("</tr></thead><tbody>\n", f);
		}
		has_any = true;
		fputs("<tr><td>", f);
		put_word(f, vc_json_get_str(row, "who"), NAME_WIDTH);
		fputs("</td>", f);
		for (size_t k = 0; (share = vc_json_member(heard, k, &key));
		     k++) {
			if (vc_json_number(share, &v))
				fprintf(f, "<td class=\"n\">%.1f</td>",
					100 * v);
			else
				fputs("<td class=\"n dim\">\xe2\x80\x93</td>",
				      f);
		}
		fputs("</tr>\n", f);
	}
	if (has_any)
		fputs("</tbody></table></div></section>\n", f);
}
