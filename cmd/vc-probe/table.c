/* SPDX-License-Identifier: MIT */
/*
 * The record as tables for people: what of it, in which columns. How a cell is
 * written, and what is left out where there is no room, is in cells.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cells.h"
#include "probe.h"
#include "table_passive.h"

static const struct column delivered[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "codec", "codec", CELL_TEXT, 0, 0, 4 },
	{ "packets", "media.packets", CELL_NUMBER, 0, 0, 0 },
	{ "kbit/s", "rate_bps", CELL_NUMBER, 1, 1e-3, 0 },
	{ "lost", "media.lost", CELL_NUMBER, 0, 0, 0 },
	{ "loss %", "media.loss", CELL_PERCENT, 2, 0, 0 },
	{ "dup", "media.duplicates", CELL_NUMBER, 0, 0, 1 },
	{ "reord", "media.reordered", CELL_NUMBER, 0, 0, 2 },
	{ "late", "media.late", CELL_NUMBER, 0, 0, 3 },
	{ "jitter ms", "media.jitter_ms", CELL_NUMBER, 2, 0, 0 },
	{ 0 },
};

static const struct column wire[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "received", "net.received", CELL_NUMBER, 0, 0, 0 },
	{ "kbit/s", "net.rate_bps", CELL_NUMBER, 1, 1e-3, 0 },
	{ "lost", "net.lost", CELL_NUMBER, 0, 0, 0 },
	{ "loss %", "net.loss", CELL_PERCENT, 2, 0, 0 },
	{ "dup", "net.duplicates", CELL_NUMBER, 0, 0, 2 },
	{ "reord", "net.reordered", CELL_NUMBER, 0, 0, 3 },
	{ "late", "net.late", CELL_NUMBER, 0, 0, 4 },
	{ "won back", "net.won", CELL_NUMBER, 0, 0, 1 },
	{ "jitter ms", "net.jitter_ms", CELL_NUMBER, 2, 0, 0 },
	{ "rtt ms", "net.rtt_ms", CELL_NUMBER, 1, 0, 0 },
	{ 0 },
};

static const struct column picture[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "size", "width", CELL_SIZE, 0, 0, 0 },
	{ "frames", "frames", CELL_NUMBER, 0, 0, 2 },
	{ "fps", "fps", CELL_NUMBER, 2, 0, 0 },
	{ "keys/s", "key_fps", CELL_NUMBER, 2, 0, 3 },
	{ "broken", "broken", CELL_NUMBER, 0, 0, 1 },
	{ "unused", "waiting", CELL_NUMBER, 0, 0, 1 },
	{ "freezes", "freezes.count", CELL_NUMBER, 0, 0, 0 },
	{ "total ms", "freezes.total_ms", CELL_NUMBER, 0, 0, 1 },
	{ "longest", "freezes.longest_ms", CELL_NUMBER, 0, 0, 1 },
	{ 0 },
};

static const struct column sound[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "R", "r", CELL_NUMBER, 1, 0, 0 },
	{ "MOS lq", "mos_lq", CELL_NUMBER, 2, 0, 0 },
	{ "MOS cq", "mos_cq", CELL_NUMBER, 2, 0, 1 },
	{ "Ie", "emodel.ie", CELL_NUMBER, 1, 0, 5 },
	{ "Bpl", "emodel.bpl", CELL_NUMBER, 1, 0, 6 },
	{ "which are", "emodel.codec", CELL_TEXT, 0, 0, 2 },
	{ "loss %", "emodel.loss_percent", CELL_NUMBER, 2, 0, 0 },
	{ "burst", "emodel.burst_r", CELL_NUMBER, 1, 0, 3 },
	{ "delay ms", "emodel.delay_ms", CELL_NUMBER, 1, 0, 1 },
	{ "dBov", "level_dbov", CELL_NUMBER, 1, 0, 4 },
	{ 0 },
};

static const struct column marks[] = {
	{ "in", "in", CELL_TEXT, 0, 0, 0 },
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "of", "who", CELL_TEXT, 0, 0, 0 },
	{ "read", "read", CELL_NUMBER, 0, 0, 0 },
	{ "unread", "unreadable", CELL_NUMBER, 0, 0, 2 },
	{ "missing", "missing", CELL_NUMBER, 0, 0, 0 },
	{ "repeat", "repeated", CELL_NUMBER, 0, 0, 3 },
	{ "delay ms", "delay_ms.min", CELL_NUMBER, 1, 0, 4 },
	{ "median", "delay_ms.median", CELL_NUMBER, 1, 0, 0 },
	{ "p95", "delay_ms.p95", CELL_NUMBER, 1, 0, 0 },
	{ "max", "delay_ms.max", CELL_NUMBER, 1, 0, 1 },
	{ "v-a ms", "av_offset_ms", CELL_NUMBER, 1, 0, 0 },
	{ 0 },
};

static const struct column people[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "known by", "id_by", CELL_TEXT, 0, 0, 0 },
	{ "name", "name", CELL_TEXT, 0, 0, 0 },
	{ "cname", "cname", CELL_TEXT, 0, 0, 0 },
	{ "sources", "sources", CELL_NUMBER, 0, 0, 0 },
	{ "v-a ms", "av_offset_ms", CELL_NUMBER, 1, 0, 0 },
	{ 0 },
};

/* Of fixed widths: rows come as time goes by. */
static const struct series {
	struct column c;
	int width;
} series[] = {
	{ { "at s", "at_s", CELL_NUMBER, 1, 0, 0 }, 7 },
	{ { "who", "who", CELL_TEXT, 0, 0, 0 }, 12 },
	{ { "kind", "kind", CELL_KIND, 0, 0, 0 }, 8 },
	{ { "packets", "packets", CELL_NUMBER, 0, 0, 0 }, 7 },
	{ { "kbit/s", "rate_bps", CELL_NUMBER, 1, 1e-3, 0 }, 8 },
	{ { "lost", "lost", CELL_NUMBER, 0, 0, 0 }, 4 },
	{ { "loss %", "loss", CELL_PERCENT, 2, 0, 0 }, 6 },
	{ { "jit ms", "jitter_ms", CELL_NUMBER, 2, 0, 0 }, 6 },
	{ { "fps", "fps", CELL_NUMBER, 1, 0, 0 }, 5 },
};

/* --- tables --- */

/* A row a source of marks in each source of the stream. */
static void draw_marks(const struct page *page, const struct vc_json *sources)
{
	struct vc_json *rows[64];
	const struct vc_json *row, *each;
	size_t n = 0;

	for (size_t i = 0; (row = vc_json_at(sources, i)); i++) {
		const struct vc_json *ids = vc_expect_find(row, "marks.ids");

		for (size_t k = 0; (each = vc_json_at(ids, k)); k++) {
			if (n == VC_COUNT(rows))
				break;
			rows[n] = vc_json_copy(each);
			vc_json_set_str(rows[n], "in",
					vc_json_get_str(row, "who"));
			vc_json_set_str(rows[n], "kind",
					vc_json_get_str(row, "kind"));
			if (vc_json_get_str(row, "rid"))
				vc_json_set_str(rows[n], "rid",
						vc_json_get_str(row, "rid"));
			if (!vc_json_get_str(each, "who"))
				vc_json_set_str(rows[n], "who",
						vc_json_get_str(each, "id"));
			n++;
		}
	}
	cells_draw(page, "marks", marks, (const struct vc_json *const *)rows,
		   n);
	while (n > 0)
		vc_json_free(rows[--n]);
}

const char *table_who(const struct vc_json *result)
{
	const char *who = vc_json_get_str(result, "who");

	if (!who)
		who = vc_json_get_str(result, "source");
	return who ? who : "";
}

static void plural(FILE *f, const struct vc_json *o, const char *key,
		   const char *noun, const char *after)
{
	int64_t n = 0;

	vc_json_get_int(o, key, &n);
	fprintf(f, "%lld %s%s%s", (long long)n, noun, n == 1 ? "" : "s", after);
}

static void sum_up(FILE *f, const struct vc_json *record)
{
	const struct vc_json *total = vc_json_get(record, "total");
	const char *clock = vc_json_get_str(record, "clock");
	const char *tag = vc_json_get_str(record, "tag");
	double v;

	if (tag)
		fprintf(f, "%s: ", tag);
	if (strcmp(clock, "none"))
		fprintf(f, "%s stream", clock);
	else
		fputs("stream without times", f);
	if (vc_json_get_real(total, "duration_s", &v))
		fprintf(f, " of %.2f s", v);
	fputs(": ", f);
	plural(f, total, "participants", "participant", ", ");
	plural(f, total, "sources", "source", ", ");
	plural(f, total, "packets", "packet", "");
	if (vc_json_get_real(total, "rate_bps", &v))
		fprintf(f, ", %.1f kbit/s", v / 1e3);
	if (vc_json_get_real(total, "malformed", &v) && v > 0)
		fprintf(f, ", %.0f malformed", v);
	if (vc_json_get_real(total, "refused", &v) && v > 0)
		fprintf(f, ", %.0f refused by --max-sources", v);
}

/* Not between a number and its unit. */
static bool may_break(const char *line, const char *at)
{
	return *at == ' ' && at > line && (at[-1] < '0' || at[-1] > '9');
}

/* Plain words: an octet a column. What is too long goes on below. */
static void put_wrapped(const struct page *page, char *text)
{
	char *rest = text, *at;

	while ((int)strlen(rest) > page->room) {
		at = rest + page->room - 1;
		while (at > rest && !may_break(rest, at))
			at--;
		if (at == rest)
			break;
		*at = '\0';
		fprintf(page->f, "%s\n", rest);
		*at = ' '; /* sets the next line off */
		rest = at;
	}
	fprintf(page->f, "%s\n", rest);
}

void table_write(FILE *f, struct vc_charwidth *widths,
		 const struct vc_json *record)
{
	const struct vc_json *sources = vc_json_get(record, "sources");
	char *text = NULL;
	struct page page;
	size_t len;
	FILE *line = open_memstream(&text, &len);

	page_open(&page, f, widths);
	if (line) {
		sum_up(line, record);
		fclose(line);
		put_wrapped(&page, text);
		free(text);
	}
	cells_draw_with(&page, "participants (v-a: video after audio)", people,
			vc_json_get(record, "participants"), "id");
	cells_draw_with(&page, "on the wire, before repair", wire, sources,
			"net.received");
	cells_draw_with(&page, "delivered", delivered, sources, "id");
	table_arrivals(&page, sources);
	cells_draw_with(&page, "pictures", picture, sources, "frames");
	cells_draw_with(&page, "speech (E-model)", sound, sources, "r");
	table_decoded(&page, sources);
	draw_marks(&page, sources);
	verdict_list(f, vc_json_get(record, "expect"));
}

/* One cell of a row whose widths do not follow from what is in it. */
static void put_fixed(FILE *f, const struct vc_charwidth *widths,
		      const struct series *s, const char *text)
{
	int pad = s->width - cell_width(widths, text);

	if (pad < 0)
		pad = 0;
	if (s == series)
		fprintf(f, "%*s%s", pad, "", text);
	else if (cell_is_left(&s->c))
		fprintf(f, "  %s%*s", text, pad, "");
	else
		fprintf(f, "  %*s%s", pad, "", text);
}

void table_rows(FILE *f, struct vc_charwidth *widths,
		const struct vc_json *line, bool heading)
{
	const struct vc_json *sources = vc_json_get(line, "sources"), *row;
	char cell[CELL];

	for (size_t k = 0; heading && k < VC_COUNT(series); k++)
		put_fixed(f, widths, &series[k], series[k].c.head);
	if (heading)
		fputc('\n', f);
	for (size_t i = 0; (row = vc_json_at(sources, i)); i++) {
		for (size_t k = 0; k < VC_COUNT(series); k++) {
			cell_write(cell, widths, k ? row : line, &series[k].c,
				   series[k].width);
			put_fixed(f, widths, &series[k], cell);
		}
		fputc('\n', f);
	}
}
