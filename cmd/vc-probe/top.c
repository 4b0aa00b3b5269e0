/* SPDX-License-Identifier: MIT */
/*
 * Drawn when a record comes, when a key is pressed and when the terminal has
 * another size; at most ten times a second of real time, however fast a
 * virtual stream runs, and never faster than the terminal takes it.
 */
#include "top.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "cells.h"
#include "media/cells.h"
#include "media/charwidth.h"
#include "probe.h"
#include "record.h"
#include "tool/term.h"

#define BETWEEN (100 * VC_MS) /* two pictures */
#define ABOVE 3		      /* lines over the rows: sums, talk, heads */
#define BELOW 1
#define WHO_MAX 32
#define WHO_LEAST 8

#define INK VC_CELLS_DEFAULT
#define DIM 0x9a9a9a
#define HEAD_FG 0xffffff
#define HEAD_BG 0x30506e
#define GOOD 0x5fd787
#define WARN 0xffd75f
#define BAD 0xff5f5f

/* What is worse than 'warn', and than 'bad'. */
struct bounds {
	double warn, bad; /* warn > bad: less is worse; equal: none */
};

struct figure {
	struct column c;
	int width;
	struct bounds bounds;
	const char *instead; /* a path, where there is none at the first */
};

/* "all" is of a source's total record, the rest of its interval. */
static const struct figure figures[] = {
	{ { "WHO", "who", CELL_TEXT, 0, 0, 0 }, 0, { 0, 0 }, NULL },
	{ { "KIND", "kind", CELL_KIND, 0, 0, 0 }, 7, { 0, 0 }, NULL },
	{ { "CODEC", "codec", CELL_TEXT, 0, 0, 5 }, 5, { 0, 0 }, NULL },
	{ { "KBIT/S", "rate_bps", CELL_NUMBER, 1, 1e-3, 0 }, 7, { 0, 0 }, NULL },
	{ { "LOSS%", "loss", CELL_PERCENT, 1, 0, 0 }, 5, { 0.01, 0.05 }, NULL },
	{ { "ALL%", "all.loss", CELL_PERCENT, 2, 0, 3 },
	  5,
	  { 0.01, 0.05 },
	  NULL },
	{ { "JIT MS", "jitter_ms", CELL_NUMBER, 1, 0, 1 }, 6, { 30, 60 }, NULL },
	{ { "FPS/DB", "fps", CELL_NUMBER, 1, 0, 2 },
	  6,
	  { 0, 0 },
	  "all.level_dbov" },
	{ { "MOS", "mos_lq", CELL_NUMBER, 2, 0, 1 }, 4, { 3.6, 3.1 }, NULL },
	{ { "FRZ", "all.freezes.count", CELL_NUMBER, 0, 0, 4 },
	  3,
	  { 0, 0 },
	  NULL },
	{ { "STATE", "state", CELL_TEXT, 0, 0, 2 }, 6, { 0, 0 }, NULL },
};

#define FIGURES VC_COUNT(figures)

static const struct {
	int key;
	enum top_order order;
	const char *word;
} orders[] = {
	{ 'n', TOP_NAME, "name" },     { 'l', TOP_LOSS, "loss" },
	{ 'j', TOP_JITTER, "jitter" }, { 'r', TOP_RATE, "rate" },
	{ 'm', TOP_MOS, "MOS" },
};

static const char *const help[] = {
	"n  by name                 l  by loss, the most first",
	"j  by jitter, the most     r  by rate, the most first",
	"m  by MOS, the least first",
	"",
	"arrows, Page Up, Page Down, Home, End: more sources than lines",
	"p  stop the picture, and go on     Ctrl-L  draw all of it anew",
	"?  these words, and back           q       end, with the report",
	"",
	"LOSS% JIT FPS MOS  of the last interval     ALL% FRZ  since it began",
	"DB  level of the sound, dBov     FRZ  freezes     -  not measured",
};

struct top {
	struct probe *probe;
	struct vc_term *term;
	struct vc_cells *cells;
	struct vc_charwidth *widths;
	struct vc_hook hook;
	struct vc_watch later; /* a timer of real time */
	struct vc_json *line;  /* the newest record that is shown */
	int cols, rows;
	int64_t drawn; /* real time */
	bool is_new;   /* there is something to draw */
	bool is_started, is_paused, is_help;
	enum top_order order;
	size_t from;	    /* the first row in sight */
	size_t n;	    /* rows there are */
	int width[FIGURES]; /* 0: left out */
};

static int in_sight(const struct top *t)
{
	int n = t->rows - ABOVE - BELOW;

	return n > 0 ? n : 0;
}

/* --- columns --- */

static int sum_of(const struct top *t)
{
	int sum = -1;

	for (size_t k = 0; k < FIGURES; k++)
		sum += t->width[k] ? t->width[k] + 1 : 0;
	return sum;
}

/* Names take what is left over; without room columns go, by rank. */
static void fit(struct top *t)
{
	for (size_t k = 0; k < FIGURES; k++)
		t->width[k] = figures[k].width;
	t->width[0] = WHO_LEAST;
	for (int rank = 9; rank > 0 && sum_of(t) > t->cols; rank--) {
		for (size_t k = FIGURES; k-- > 1;) {
			if (figures[k].c.rank == rank && sum_of(t) > t->cols)
				t->width[k] = 0;
		}
	}
	t->width[0] += t->cols - sum_of(t);
	if (t->width[0] > WHO_MAX)
		t->width[0] = WHO_MAX;
	if (t->width[0] < 1)
		t->width[0] = 1;
}

/* Right-aligned where it is a figure. */
static int put(struct top *t, int x, int y, size_t k, const char *text,
	       uint32_t fg, uint32_t bg)
{
	int width = t->width[k], n = cell_width(t->widths, text);
	int pad = !cell_is_left(&figures[k].c) && n < width ? width - n : 0;

	vc_cells_text(t->cells, x + pad, y, width - pad, text, fg, bg);
	return x + width + 1;
}

/* --- rows --- */

static uint32_t colour_of(const struct vc_json *row, const struct figure *fig,
			  const char *text)
{
	const struct bounds *b = &fig->bounds;
	double v, sign = b->warn > b->bad ? -1 : 1;

	if (!strcmp(text, "-"))
		return DIM;
	if (fig->c.cell == CELL_TEXT)
		return !strcmp(text, "frozen") ? BAD :
		       !strcmp(text, "on")     ? GOOD :
						 INK;
	if (b->warn >= b->bad && b->warn <= b->bad)
		return INK;
	if (!vc_json_number(vc_expect_find(row, fig->c.path), &v))
		return INK;
	return sign * v >= sign * b->bad  ? BAD :
	       sign * v >= sign * b->warn ? WARN :
					    INK;
}

static void draw_row(struct top *t, int y, const struct vc_json *row)
{
	struct vc_json *whole = top_complete(t->probe, row);
	struct column c;
	char text[CELL];
	int x = 0;

	for (size_t k = 0; k < FIGURES; k++) {
		if (!t->width[k])
			continue;
		c = figures[k].c;
		cell_write(text, t->widths, whole, &c, t->width[k]);
		if (!strcmp(text, "-") && figures[k].instead) {
			c.path = figures[k].instead;
			cell_write(text, t->widths, whole, &c, t->width[k]);
		}
		/* Names are escaped by what draws them. */
		if (!k)
			vc_cells_text(t->cells, x, y, t->width[0],
				      vc_json_get_str(row, "who"), INK, INK);
		put(t, x, y, k, k ? text : "",
		    colour_of(whole, &figures[k], text), INK);
		x += t->width[k] + 1;
	}
	vc_json_free(whole);
}

static void draw_heads(struct top *t, int y)
{
	int x = 0;

	vc_cells_fill(t->cells, 0, y, t->cols, 1, HEAD_BG);
	for (size_t k = 0; k < FIGURES; k++) {
		if (t->width[k])
			x = put(t, x, y, k, figures[k].c.head, HEAD_FG,
				HEAD_BG);
	}
}

/* --- around them --- */

static void draw_sums(struct top *t, const struct vc_json *const *rows,
		      size_t n)
{
	double at = 0, rate = 0, lost = 0, packets = 0, v;
	char line[256];
	long s;

	for (size_t i = 0; i < n; i++) {
		rate += vc_json_get_real(rows[i], "rate_bps", &v) ? v : 0;
		lost += vc_json_get_real(rows[i], "lost", &v) ? v : 0;
		packets += vc_json_get_real(rows[i], "packets", &v) ? v : 0;
	}
	vc_json_get_real(t->line, "at_s", &at);
	s = (long)at;
	snprintf(line, sizeof(line),
		 "vc-probe %ld:%02ld:%02ld  %zu source%s  %.1f kbit/s  "
		 "%.0f lost of %.0f%s",
		 s / 3600, s / 60 % 60, s % 60, n, n == 1 ? "" : "s",
		 rate / 1e3, lost, lost + packets,
		 t->is_paused ? "  PAUSED" : "");
	vc_cells_text(t->cells, 0, 0, t->cols,
		      t->line ? line : "vc-probe: no packets yet", INK, INK);
	vc_cells_text(t->cells, 0, 1, t->cols, vc_term_said(t->term), WARN,
		      INK);
}

static void draw_foot(struct top *t)
{
	const char *word = "";
	char line[160], where[48] = "";
	int y = t->rows - 1, width, sight = in_sight(t);

	for (size_t i = 0; i < VC_COUNT(orders); i++) {
		if (orders[i].order == t->order)
			word = orders[i].word;
	}
	if (t->n > (size_t)sight)
		snprintf(where, sizeof(where), "%zu-%zu of %zu ", t->from + 1,
			 t->from + (size_t)sight < t->n ?
				 t->from + (size_t)sight :
				 t->n,
			 t->n);
	snprintf(line, sizeof(line),
		 "by %s  n l j r m sort  p pause  ? help  q quit", word);
	vc_cells_fill(t->cells, 0, y, t->cols, 1, HEAD_BG);
	vc_cells_text(t->cells, 0, y, t->cols, line, HEAD_FG, HEAD_BG);
	width = (int)strlen(where);
	if (width && width + (int)strlen(line) < t->cols)
		vc_cells_text(t->cells, t->cols - width, y, width, where,
			      HEAD_FG, HEAD_BG);
}

static void draw(struct top *t)
{
	const struct vc_json **rows = top_sort(t->line, t->order, &t->n);
	size_t sight = (size_t)in_sight(t);

	if (t->from + sight > t->n)
		t->from = t->n > sight ? t->n - sight : 0;
	vc_cells_clear(t->cells);
	fit(t);
	draw_sums(t, rows, t->n);
	if (t->rows > ABOVE)
		draw_heads(t, ABOVE - 1);
	for (size_t i = 0; !t->is_help && i < sight && t->from + i < t->n; i++)
		draw_row(t, ABOVE + (int)i, rows[t->from + i]);
	for (size_t i = 0; t->is_help && i < sight && i < VC_COUNT(help); i++)
		vc_cells_text(t->cells, 1, ABOVE + (int)i, t->cols - 1, help[i],
			      INK, INK);
	if (t->rows > 1)
		draw_foot(t);
	free(rows);
}

static void follow_size(struct top *t)
{
	int cols, rows;

	vc_term_size(t->term, &cols, &rows);
	if ((cols == t->cols && rows == t->rows) ||
	    vc_cells_resize(t->cells, cols, rows))
		return;
	t->cols = cols;
	t->rows = rows;
	vc_term_write(t->term, "\033[0m\033[2J", 8);
}

/* Before the loop sleeps. */
static void show(void *ctx)
{
	struct top *t = ctx;
	struct itimerspec wake = { 0 };
	int64_t now = vc_mono_now();
	const char *text;
	size_t len;

	if (!t->is_new || !vc_term_is_free(t->term))
		return;
	if (now - t->drawn < BETWEEN) {
		/* Perhaps nothing else wakes the loop up. */
		wake.it_value.tv_nsec = BETWEEN;
		timerfd_settime(t->later.fd, 0, &wake, NULL);
		return;
	}
	t->is_new = false;
	t->drawn = now;
	follow_size(t);
	draw(t);
	text = vc_cells_update(t->cells, false, &len);
	if (text)
		vc_term_write(t->term, text, len);
}

static void on_later(void *ctx, unsigned int events)
{
	struct top *t = ctx;
	uint64_t n;

	(void)events;
	if (read(t->later.fd, &n, sizeof(n)) > 0)
		show(t);
}

static void show_now(struct top *t)
{
	t->is_new = true;
	t->drawn = 0;
	show(t);
}

/* --- keys --- */

static void move(struct top *t, long by)
{
	if (by < 0 && (size_t)-by > t->from)
		t->from = 0;
	else
		t->from += (size_t)by;
}

static void on_key(void *ctx, int key)
{
	struct top *t = ctx;
	long page = in_sight(t) > 1 ? in_sight(t) - 1 : 1;

	if (key == 'q' || key == 'Q')
		vc_tool_stop(t->probe->tool, "signal");
	else if (key == 'p' || key == ' ')
		t->is_paused = !t->is_paused;
	else if (key == '?' || key == 'h')
		t->is_help = !t->is_help;
	else if (key == VC_TERM_CTRL_L)
		vc_cells_forget(t->cells);
	else if (key == VC_TERM_UP || key == VC_TERM_DOWN)
		move(t, key == VC_TERM_UP ? -1 : 1);
	else if (key == VC_TERM_PAGE_UP || key == VC_TERM_PAGE_DOWN)
		move(t, key == VC_TERM_PAGE_UP ? -page : page);
	else if (key == VC_TERM_HOME)
		t->from = 0;
	else if (key == VC_TERM_END)
		t->from = t->n;
	for (size_t i = 0; i < VC_COUNT(orders); i++) {
		if (orders[i].key == key)
			t->order = orders[i].order;
	}
	show_now(t);
}

/* --- life --- */

int top_open(struct top **out, struct probe *p)
{
	struct top *t = vc_alloc(1, sizeof(*t));
	int err;

	t->probe = p;
	t->cols = 80;
	t->rows = 24;
	t->later.fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	t->widths = vc_charwidth_new();
	t->cells = vc_cells_new(t->cols, t->rows, vc_term_colours());
	if (!t->cells || t->later.fd < 0) {
		vc_tool_fail(p->tool, VC_EXIT_FAIL,
			     "--top: out of memory or descriptors");
		top_close(t);
		return -1;
	}
	/* The standard output is the stream's, or the report's. */
	err = vc_term_open(&t->term, p->tool, true);
	if (err) {
		top_close(t);
		vc_tool_usage(p->tool, "--top: no terminal to show it on: %s",
			      strerror(-err));
	}
	*out = t;
	return 0;
}

void top_start(struct top *t)
{
	t->is_started = true;
	t->hook = (struct vc_hook){ .fn = show, .ctx = t };
	vc_loop_add_hook(vc_tool_loop(t->probe->tool), &t->hook);
	t->later.fn = on_later;
	t->later.ctx = t;
	vc_loop_watch(vc_tool_loop(t->probe->tool), &t->later, VC_READ);
	vc_term_start(t->term, on_key, t);
	show_now(t);
}

void top_close(struct top *t)
{
	if (!t)
		return;
	if (t->is_started) {
		vc_loop_remove_hook(vc_tool_loop(t->probe->tool), &t->hook);
		vc_loop_watch(vc_tool_loop(t->probe->tool), &t->later, 0);
	}
	if (t->later.fd >= 0)
		close(t->later.fd);
	vc_term_close(t->term);
	vc_cells_free(t->cells);
	vc_charwidth_free(t->widths);
	vc_json_free(t->line);
	free(t);
}

void top_interval(struct top *t, struct vc_json *line)
{
	if (t->is_paused) {
		vc_json_free(line);
		return;
	}
	vc_json_free(t->line);
	t->line = line;
	t->is_new = true;
}
