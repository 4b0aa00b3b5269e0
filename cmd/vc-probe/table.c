/* SPDX-License-Identifier: MIT */
/*
 * The record as tables for people. A table is a list of columns, each a path
 * into a row of the record and how to write what is there; "-" where nothing
 * is. Widths follow from the cells. All text is foreign and escaped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "probe.h"

#define CELL 72
#define NAME_WIDTH 16
#define COLUMNS_MAX 13
#define KIND_WIDTH 8

enum cell {
	TEXT,
	KIND, /* "video", of a layer "video 1" */
	SSRC,
	NUMBER,	 /* x 'scale', with 'decimals' */
	PERCENT, /* of a share */
	SIZE,	 /* "640x360", of width and height */
};

struct column {
	const char *head;
	const char *path; /* NULL: the end */
	enum cell cell;
	int decimals;
	double scale; /* 0: 1 */
};

static const struct column delivered[] = {
	{ "who", "who", TEXT, 0, 0 },
	{ "kind", "kind", KIND, 0, 0 },
	{ "codec", "codec", TEXT, 0, 0 },
	{ "packets", "media.packets", NUMBER, 0, 0 },
	{ "kbit/s", "rate_bps", NUMBER, 1, 1e-3 },
	{ "lost", "media.lost", NUMBER, 0, 0 },
	{ "loss %", "media.loss", PERCENT, 2, 0 },
	{ "dup", "media.duplicates", NUMBER, 0, 0 },
	{ "reord", "media.reordered", NUMBER, 0, 0 },
	{ "late", "media.late", NUMBER, 0, 0 },
	{ "jitter ms", "media.jitter_ms", NUMBER, 2, 0 },
	{ 0 },
};

static const struct column wire[] = {
	{ "who", "who", TEXT, 0, 0 },
	{ "kind", "kind", KIND, 0, 0 },
	{ "received", "net.received", NUMBER, 0, 0 },
	{ "kbit/s", "net.rate_bps", NUMBER, 1, 1e-3 },
	{ "lost", "net.lost", NUMBER, 0, 0 },
	{ "loss %", "net.loss", PERCENT, 2, 0 },
	{ "dup", "net.duplicates", NUMBER, 0, 0 },
	{ "reord", "net.reordered", NUMBER, 0, 0 },
	{ "late", "net.late", NUMBER, 0, 0 },
	{ "won back", "net.won", NUMBER, 0, 0 },
	{ "jitter ms", "net.jitter_ms", NUMBER, 2, 0 },
	{ "rtt ms", "net.rtt_ms", NUMBER, 1, 0 },
	{ 0 },
};

static const struct column picture[] = {
	{ "who", "who", TEXT, 0, 0 },
	{ "kind", "kind", KIND, 0, 0 },
	{ "size", "width", SIZE, 0, 0 },
	{ "frames", "frames", NUMBER, 0, 0 },
	{ "fps", "fps", NUMBER, 2, 0 },
	{ "keys/s", "key_fps", NUMBER, 2, 0 },
	{ "broken", "broken", NUMBER, 0, 0 },
	{ "unused", "waiting", NUMBER, 0, 0 },
	{ "freezes", "freezes.count", NUMBER, 0, 0 },
	{ "total ms", "freezes.total_ms", NUMBER, 0, 0 },
	{ "longest", "freezes.longest_ms", NUMBER, 0, 0 },
	{ 0 },
};

static const struct column sound[] = {
	{ "who", "who", TEXT, 0, 0 },
	{ "R", "r", NUMBER, 1, 0 },
	{ "MOS lq", "mos_lq", NUMBER, 2, 0 },
	{ "MOS cq", "mos_cq", NUMBER, 2, 0 },
	{ "Ie", "emodel.ie", NUMBER, 1, 0 },
	{ "Bpl", "emodel.bpl", NUMBER, 1, 0 },
	{ "which are", "emodel.codec", TEXT, 0, 0 },
	{ "loss %", "emodel.loss_percent", NUMBER, 2, 0 },
	{ "burst", "emodel.burst_r", NUMBER, 1, 0 },
	{ "delay ms", "emodel.delay_ms", NUMBER, 1, 0 },
	{ "level dBov", "level_dbov", NUMBER, 1, 0 },
	{ 0 },
};

static const struct column marks[] = {
	{ "in", "in", TEXT, 0, 0 },
	{ "kind", "kind", KIND, 0, 0 },
	{ "of", "who", TEXT, 0, 0 },
	{ "read", "read", NUMBER, 0, 0 },
	{ "unread", "unreadable", NUMBER, 0, 0 },
	{ "missing", "missing", NUMBER, 0, 0 },
	{ "repeat", "repeated", NUMBER, 0, 0 },
	{ "delay ms", "delay_ms.min", NUMBER, 1, 0 },
	{ "median", "delay_ms.median", NUMBER, 1, 0 },
	{ "p95", "delay_ms.p95", NUMBER, 1, 0 },
	{ "max", "delay_ms.max", NUMBER, 1, 0 },
	{ "v-a ms", "av_offset_ms", NUMBER, 1, 0 },
	{ 0 },
};

static const struct column people[] = {
	{ "who", "who", TEXT, 0, 0 },
	{ "known by", "id_by", TEXT, 0, 0 },
	{ "name", "name", TEXT, 0, 0 },
	{ "cname", "cname", TEXT, 0, 0 },
	{ "sources", "sources", NUMBER, 0, 0 },
	{ "video after audio ms", "av_offset_ms", NUMBER, 1, 0 },
	{ 0 },
};

static const struct column series[] = {
	{ "who", "who", TEXT, 0, 0 },
	{ "kind", "kind", KIND, 0, 0 },
	{ "packets", "packets", NUMBER, 0, 0 },
	{ "kbit/s", "rate_bps", NUMBER, 1, 1e-3 },
	{ "lost", "lost", NUMBER, 0, 0 },
	{ "loss %", "loss", PERCENT, 2, 0 },
	{ "jitter ms", "jitter_ms", NUMBER, 2, 0 },
	{ "fps", "fps", NUMBER, 2, 0 },
	{ 0 },
};

/* --- cells --- */

/* Characters, which is as near to columns as can be told without a locale. */
static int width_of(const char *s)
{
	const char *end = s + strlen(s);
	int n = 0;

	while (s < end) {
		vc_utf8_next(&s, end);
		n++;
	}
	return n;
}

/* Escaped, at most 'max' characters; what is cut ends with "..". */
static void write_text(char out[static CELL], const char *s, int max)
{
	const char *end = s + strlen(s), *from;
	char safe[VC_ESCAPE_CAP(8)];
	size_t len = 0, fits = 0;
	int n = 0;

	while (s < end) {
		from = s;
		vc_utf8_next(&s, end);
		vc_escape(safe, sizeof(safe), from, (size_t)(s - from));
		n += width_of(safe);
		if (n > max || len + strlen(safe) + 3 > CELL) {
			memcpy(out + fits, "..", 3);
			return;
		}
		memcpy(out + len, safe, strlen(safe));
		len += strlen(safe);
		if (n <= max - 2)
			fits = len;
	}
	out[len] = '\0';
}

static const struct vc_json *walk(const struct vc_json *j, const char *path)
{
	struct vc_str rest = vc_str_c(path);
	char key[64];

	while (j && rest.len) {
		vc_str_copy(key, sizeof(key), vc_str_cut(&rest, '.'));
		j = vc_json_get(j, key);
	}
	return j;
}

static void write_kind(char out[static CELL], const struct vc_json *row)
{
	const char *rid = vc_json_get_str(row, "rid");
	char text[CELL];

	snprintf(text, sizeof(text), "%.8s%s%.8s", vc_json_get_str(row, "kind"),
		 rid ? " " : "", rid ? rid : "");
	write_text(out, text, NAME_WIDTH);
}

static void write_cell(char out[static CELL], const struct vc_json *row,
		       const struct column *c)
{
	const struct vc_json *j = walk(row, c->path);
	const char *word = vc_json_str(j);
	double v = 0, height;

	if (c->cell == KIND)
		write_kind(out, row);
	else if (word)
		write_text(out, word, NAME_WIDTH);
	else if (vc_json_is_array(j))
		snprintf(out, CELL, "%zu", vc_json_len(j));
	else if (!vc_json_number(j, &v))
		vc_strlcpy(out, "-", CELL);
	else if (c->cell == SSRC)
		snprintf(out, CELL, "%08x", (unsigned int)v);
	else if (c->cell == SIZE && vc_json_get_real(row, "height", &height))
		snprintf(out, CELL, "%.0fx%.0f", v, height);
	else if (c->cell == PERCENT)
		snprintf(out, CELL, "%.*f", c->decimals, 100 * v);
	else
		snprintf(out, CELL, "%.*f", c->decimals,
			 v * (c->scale != 0 ? c->scale : 1));
}

static void put(FILE *f, const char *text, int width, bool is_left, bool is_end)
{
	int pad = width - width_of(text);

	if (pad < 0)
		pad = 0;
	if (is_left)
		fprintf(f, "%s%*s", text, is_end ? 0 : pad, "");
	else
		fprintf(f, "%*s%s", pad, "", text);
	fputs(is_end ? "\n" : "  ", f);
}

/* --- tables --- */

static void draw(FILE *f, const char *title, const struct column *c,
		 const struct vc_json *const *rows, size_t n)
{
	char(*cells)[COLUMNS_MAX][CELL] = vc_try_alloc(n + 1, sizeof(*cells));
	int width[COLUMNS_MAX] = { 0 };
	size_t n_cols = 0;

	if (!cells || !n) {
		free(cells);
		return;
	}
	for (; c[n_cols].path; n_cols++) {
		vc_strlcpy(cells[0][n_cols], c[n_cols].head, CELL);
		for (size_t i = 0; i < n; i++)
			write_cell(cells[i + 1][n_cols], rows[i], &c[n_cols]);
		for (size_t i = 0; i <= n; i++) {
			int w = width_of(cells[i][n_cols]);

			if (w > width[n_cols])
				width[n_cols] = w;
		}
	}
	if (title)
		fprintf(f, "\n%s\n", title);
	for (size_t i = 0; i <= n; i++) {
		fputs("  ", f);
		for (size_t k = 0; k < n_cols; k++)
			put(f, cells[i][k], width[k], c[k].cell <= KIND,
			    k + 1 == n_cols);
	}
	free(cells);
}

/* The rows of 'array' that have something other than null at 'path'. */
static void draw_with(FILE *f, const char *title, const struct column *c,
		      const struct vc_json *array, const char *path)
{
	size_t n = vc_json_len(array), used = 0;
	const struct vc_json **rows = vc_try_alloc(n + 1, sizeof(*rows));
	double v;

	for (size_t i = 0; rows && i < n; i++) {
		const struct vc_json *row = vc_json_at(array, i);
		const struct vc_json *j = walk(row, path);

		if (!j || (!vc_json_str(j) && !vc_json_number(j, &v)))
			continue;
		rows[used] = row;
		used++;
	}
	draw(f, title, c, rows, used);
	free(rows);
}

/* A row a source of marks in each source of the stream. */
static void draw_marks(FILE *f, const struct vc_json *sources)
{
	struct vc_json *rows[64];
	const struct vc_json *row, *each;
	size_t n = 0;

	for (size_t i = 0; (row = vc_json_at(sources, i)); i++) {
		const struct vc_json *ids = walk(row, "marks.ids");

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
	draw(f, "marks", marks, (const struct vc_json *const *)rows, n);
	while (n > 0)
		vc_json_free(rows[--n]);
}

static void draw_heard(FILE *f, const struct vc_json *sources)
{
	const struct vc_json *row, *heard, *share, *to;
	bool has_title = false;
	const char *key;
	char text[CELL];

	for (size_t i = 0; (row = vc_json_at(sources, i)); i++) {
		heard = vc_json_get(row, "heard");
		if (!vc_json_member(heard, 0, &key))
			continue;
		if (!has_title)
			fputs("\nheard (share of the time)\n", f);
		has_title = true;
		write_text(text, vc_json_get_str(row, "who"), NAME_WIDTH);
		fprintf(f, "  in %s", text);
		to = vc_json_get(row, "to");
		for (size_t k = 0; k < vc_json_len(to); k++) {
			const char *name = vc_json_str_at(to, k);

			write_text(text, name ? name : "", NAME_WIDTH);
			fprintf(f, "%s%s", k ? ", " : " for ", text);
		}
		fputc(':', f);
		for (size_t k = 0; (share = vc_json_member(heard, k, &key));
		     k++) {
			double v;

			write_text(text, key, NAME_WIDTH);
			if (vc_json_number(share, &v))
				fprintf(f, "%s %s %.1f %%", k ? "," : "", text,
					100 * v);
			else
				fprintf(f, "%s %s -", k ? "," : "", text);
		}
		fputc('\n', f);
	}
}

const char *table_who(const struct vc_json *record, const char *id)
{
	const struct vc_json *all = vc_json_get(record, "participants"), *row;

	for (size_t i = 0; id && (row = vc_json_at(all, i)); i++) {
		if (!strcmp(vc_json_get_str(row, "id"), id))
			return vc_json_get_str(row, "who");
	}
	return id ? id : "";
}

static void draw_expect(FILE *f, const struct vc_json *record)
{
	const struct vc_json *results = vc_json_get(record, "expect");
	const struct vc_json *row, *j;
	char text[CELL], who[CELL];
	bool ok;
	double v;

	if (vc_json_len(results))
		fputs("\nexpected\n", f);
	for (size_t i = 0; (row = vc_json_at(results, i)); i++) {
		const char *rule = vc_json_get_str(row, "expect");

		j = vc_json_get(row, "source");
		write_text(who, table_who(record, vc_json_str(j)), NAME_WIDTH);
		j = vc_json_get(row, "measured");
		if (vc_json_str(j))
			write_text(text, vc_json_str(j), NAME_WIDTH);
		else if (!vc_json_number(j, &v))
			vc_strlcpy(text, "not measured", sizeof(text));
		else if (strchr(rule, '%'))
			snprintf(text, sizeof(text), "%.4g %%", 100 * v);
		else
			snprintf(text, sizeof(text), "%.6g", v);
		ok = vc_json_get_bool(row, "ok", &ok) && ok;
		fprintf(f, "  %-4s  %-28s  %s%s%s\n", ok ? "ok" : "FAIL", rule,
			text, who[0] ? "  " : "", who);
	}
}

static void plural(FILE *f, const struct vc_json *o, const char *key,
		   const char *noun, const char *after)
{
	int64_t n = 0;

	vc_json_get_int(o, key, &n);
	fprintf(f, "%lld %s%s%s", (long long)n, noun, n == 1 ? "" : "s", after);
}

void table_write(FILE *f, const struct vc_json *record)
{
	const struct vc_json *total = vc_json_get(record, "total");
	const struct vc_json *sources = vc_json_get(record, "sources");
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
	fputc('\n', f);
	draw_with(f, "participants", people,
		  vc_json_get(record, "participants"), "id");
	draw_with(f, "on the wire, before repair", wire, sources,
		  "net.received");
	draw_with(f, "delivered", delivered, sources, "id");
	draw_with(f, "pictures", picture, sources, "frames");
	draw_with(f, "speech (E-model)", sound, sources, "r");
	draw_heard(f, sources);
	draw_marks(f, sources);
	draw_expect(f, record);
}

void table_rows(FILE *f, const struct vc_json *line, bool heading)
{
	static const struct column at = { "at s", "at_s", NUMBER, 1, 0 };
	const struct vc_json *sources = vc_json_get(line, "sources"), *row;
	char cell[CELL], when[CELL];

	if (heading) {
		fprintf(f, "%7s  %-12s  %-*s", at.head, "who", KIND_WIDTH,
			"kind");
		for (const struct column *c = series + 2; c->path; c++)
			fprintf(f, "  %9s", c->head);
		fputc('\n', f);
	}
	write_cell(when, line, &at);
	for (size_t i = 0; (row = vc_json_at(sources, i)); i++) {
		write_text(cell, vc_json_get_str(row, "who"), 12);
		fprintf(f, "%7s  ", when);
		put(f, cell, 12, true, false);
		write_kind(cell, row);
		put(f, cell, KIND_WIDTH, true, false);
		for (const struct column *c = series + 2; c->path; c++) {
			write_cell(cell, row, c);
			fprintf(f, "%s%9s", c == series + 2 ? "" : "  ", cell);
		}
		fputc('\n', f);
	}
}
