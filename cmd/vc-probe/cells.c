/* SPDX-License-Identifier: MIT */
/*
 * A table that is too wide for the room there is loses, until it fits: of long
 * names what is over 12 columns, columns in which nothing happened, of names
 * what is over 8, and the columns with the highest rank, which are named below.
 */
#include "cells.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "media/charwidth.h"
#include "tool/expect.h"

#define NAME_WIDTH 16
#define NAME_SHORT 12
#define NAME_LEAST 8
#define ROOM 80
#define ROOM_LEAST 40
#define ROOM_MOST 1000
#define MARGIN 2 /* before the first column, and between all */

struct grid {
	const struct page *page;
	const struct column *c;
	const struct vc_json *const *rows;
	size_t n, n_cols;
	int text; /* width of names */
	int width[CELL_COLUMNS];
	bool is_out[CELL_COLUMNS];
	char (*cells)[CELL_COLUMNS][CELL]; /* the heading, then the rows */
};

/* --- a page --- */

void page_open(struct page *page, FILE *f, struct vc_charwidth *widths)
{
	struct winsize ws;
	const char *said = getenv("COLUMNS");
	int fd = fileno(f);
	int64_t columns;

	*page = (struct page){ .f = f, .room = ROOM, .widths = widths };
	if (fd >= 0 && isatty(fd) && !ioctl(fd, TIOCGWINSZ, &ws) &&
	    ws.ws_col >= ROOM_LEAST)
		page->room = ws.ws_col;
	else if (!(fd >= 0 && isatty(fd)) && said &&
		 !vc_num_i64(said, ROOM_LEAST, ROOM_MOST, &columns))
		page->room = (int)columns;
}

/* --- cells --- */

int cell_width(const struct vc_charwidth *widths, const char *s)
{
	const char *end = s + strlen(s);
	int n = 0;

	while (s < end)
		n += vc_charwidth_of(widths, vc_utf8_next(&s, end));
	return n;
}

int cell_is_left(const struct column *c)
{
	return c->cell <= CELL_KIND;
}

void cell_text(char out[static CELL], const struct vc_charwidth *widths,
	       const char *s, int max)
{
	const char *end = s + strlen(s), *from;
	char safe[VC_ESCAPE_CAP(8)];
	size_t len = 0, fits = 0;
	int n = 0;

	while (s < end) {
		from = s;
		vc_utf8_next(&s, end);
		vc_escape(safe, sizeof(safe), from, (size_t)(s - from));
		n += cell_width(widths, safe);
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

static void write_kind(char out[static CELL], const struct vc_charwidth *widths,
		       const struct vc_json *row)
{
	const char *rid = vc_json_get_str(row, "rid");
	char text[CELL];

	snprintf(text, sizeof(text), "%.8s%s%.8s", vc_json_get_str(row, "kind"),
		 rid ? " " : "", rid ? rid : "");
	cell_text(out, widths, text, NAME_WIDTH);
}

void cell_write(char out[static CELL], const struct vc_charwidth *widths,
		const struct vc_json *row, const struct column *c, int max)
{
	const struct vc_json *j = vc_expect_find(row, c->path);
	const char *word = vc_json_str(j);
	double v = 0, height;

	if (c->cell == CELL_KIND && word)
		write_kind(out, widths, row);
	else if (word)
		cell_text(out, widths, word, max);
	else if (vc_json_is_array(j))
		snprintf(out, CELL, "%zu", vc_json_len(j));
	else if (!vc_json_number(j, &v))
		vc_strlcpy(out, "-", CELL);
	else if (c->cell == CELL_SSRC)
		snprintf(out, CELL, "%08x", (unsigned int)v);
	else if (c->cell == CELL_SIZE &&
		 vc_json_get_real(row, "height", &height))
		snprintf(out, CELL, "%.0fx%.0f", v, height);
	else if (c->cell == CELL_PERCENT)
		snprintf(out, CELL, "%.*f", c->decimals, 100 * v);
	else
		snprintf(out, CELL, "%.*f", c->decimals,
			 v * (c->scale != 0 ? c->scale : 1));
}

/* --- fitting --- */

static void fill(struct grid *g)
{
	const struct vc_charwidth *w = g->page->widths;

	for (size_t k = 0; k < g->n_cols; k++) {
		g->width[k] = 0;
		vc_strlcpy(g->cells[0][k], g->c[k].head, CELL);
		for (size_t i = 0; i < g->n; i++)
			cell_write(g->cells[i + 1][k], w, g->rows[i], &g->c[k],
				   g->text);
		for (size_t i = 0; i <= g->n; i++) {
			int n = cell_width(w, g->cells[i][k]);

			if (n > g->width[k])
				g->width[k] = n;
		}
	}
}

static bool fits(const struct grid *g)
{
	int sum = 0;

	for (size_t k = 0; k < g->n_cols; k++) {
		if (!g->is_out[k])
			sum += MARGIN + g->width[k];
	}
	return sum <= g->page->room;
}

/* "-", "0", "0.00": there is nothing to say of. */
static bool is_idle(const struct grid *g, size_t k)
{
	for (size_t i = 1; i <= g->n; i++) {
		const char *s = g->cells[i][k];

		if (strcmp(s, "-") && s[strspn(s, "0.")])
			return false;
	}
	return true;
}

static void shorten(struct grid *g, int least)
{
	while (!fits(g) && g->text > least) {
		g->text--;
		fill(g);
	}
}

static void leave_out(struct grid *g, bool idle)
{
	size_t worst;

	while (!fits(g)) {
		worst = g->n_cols;
		for (size_t k = 0; k < g->n_cols; k++) {
			if (g->is_out[k] || !g->c[k].rank ||
			    (idle && !is_idle(g, k)))
				continue;
			if (worst == g->n_cols ||
			    g->c[k].rank > g->c[worst].rank)
				worst = k;
		}
		if (worst == g->n_cols)
			return;
		g->is_out[worst] = true;
	}
}

/* --- drawing --- */

static void put(const struct grid *g, size_t i, size_t k, bool is_end)
{
	const char *text = g->cells[i][k];
	int pad = g->width[k] - cell_width(g->page->widths, text);

	if (pad < 0)
		pad = 0;
	if (cell_is_left(&g->c[k]))
		fprintf(g->page->f, "%*s%s%*s", MARGIN, "", text,
			is_end ? 0 : pad, "");
	else
		fprintf(g->page->f, "%*s%s", MARGIN + pad, "", text);
}

/* Of what is left out, that which had something in it. */
static void name_missing(const struct grid *g)
{
	bool has_any = false;

	for (size_t k = 0; k < g->n_cols; k++) {
		if (!g->is_out[k] || is_idle(g, k))
			continue;
		fprintf(g->page->f, "%s%s",
			has_any ? ", " : "  (no room for: ", g->c[k].head);
		has_any = true;
	}
	if (has_any)
		fputs(")\n", g->page->f);
}

void cells_draw(const struct page *page, const char *title,
		const struct column *c, const struct vc_json *const *rows,
		size_t n)
{
	struct grid g = { .page = page,
			  .c = c,
			  .rows = rows,
			  .n = n,
			  .text = NAME_WIDTH };
	size_t last = 0;

	if (!n)
		return;
	g.cells = vc_try_alloc(n + 1, sizeof(*g.cells));
	if (!g.cells)
		return;
	while (g.n_cols < CELL_COLUMNS && c[g.n_cols].path)
		g.n_cols++;
	fill(&g);
	shorten(&g, NAME_SHORT);
	leave_out(&g, true);
	shorten(&g, NAME_LEAST);
	leave_out(&g, false);
	for (size_t k = 0; k < g.n_cols; k++)
		last = g.is_out[k] ? last : k;
	if (title)
		fprintf(page->f, "\n%s\n", title);
	for (size_t i = 0; i <= n; i++) {
		for (size_t k = 0; k <= last; k++) {
			if (!g.is_out[k])
				put(&g, i, k, k == last);
		}
		fputc('\n', page->f);
	}
	name_missing(&g);
	free(g.cells);
}

void cells_draw_with(const struct page *page, const char *title,
		     const struct column *c, const struct vc_json *array,
		     const char *path)
{
	size_t n = vc_json_len(array), used = 0;
	const struct vc_json **rows = vc_try_alloc(n + 1, sizeof(*rows));
	double v;

	for (size_t i = 0; rows && i < n; i++) {
		const struct vc_json *row = vc_json_at(array, i);
		const struct vc_json *j = vc_expect_find(row, path);

		if (!j || (!vc_json_str(j) && !vc_json_number(j, &v)))
			continue;
		rows[used] = row;
		used++;
	}
	cells_draw(page, title, c, rows, used);
	free(rows);
}
