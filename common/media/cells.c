/* SPDX-License-Identifier: MIT */
/*
 * Two grids of cells: what is drawn, and what the terminal shows. A cell holds
 * one character with what combines with it; the second column of a wide one is
 * an empty cell.
 *
 * In 256 colours a pixel becomes the nearest of the 6x6x6 cube or of the grey
 * ramp. Without colours a cell is one of RAMP by the mean of its two pixels.
 */
#include "media/cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/charwidth.h"
#include "media/pixels.h"

#define TEXT_CAP 14 /* octets of a cell */
#define RAMP " .:-=+*#%@"
#define CELL_OCTETS 64	    /* at most, with colours and place */
#define HALF "\xe2\x96\x80" /* upper half block */
#define ELLIPSIS "\xe2\x80\xa6"

struct cell {
	uint32_t fg, bg;
	uint8_t len; /* 0: the second column of a wide one */
	char text[TEXT_CAP];
};

struct vc_cells {
	int cols, rows;
	enum vc_cells_colours colours;
	struct vc_charwidth *widths;
	struct cell *drawn;
	struct cell *shown; /* fg VC_CELLS_DEFAULT + 1: not known */
	struct vc_image scaled;
	uint8_t *rgb;
	char *out;
	size_t len;
	size_t cap;
};

#define UNKNOWN (VC_CELLS_DEFAULT + 1)

static struct cell *at(struct vc_cells *c, int x, int y)
{
	return &c->drawn[(size_t)y * (size_t)c->cols + (size_t)x];
}

static void set(struct cell *cell, const char *text, size_t len, uint32_t fg,
		uint32_t bg)
{
	memset(cell, 0, sizeof(*cell));
	cell->fg = fg;
	cell->bg = bg;
	cell->len = (uint8_t)len;
	memcpy(cell->text, text, len);
}

/* --- life --- */

void vc_cells_forget(struct vc_cells *c)
{
	for (int i = 0; i < c->cols * c->rows; i++)
		c->shown[i].fg = UNKNOWN;
}

int vc_cells_resize(struct vc_cells *c, int cols, int rows)
{
	size_t n = (size_t)cols * (size_t)rows;
	struct cell *drawn = vc_try_alloc(n, sizeof(*drawn));
	struct cell *shown = vc_try_alloc(n, sizeof(*shown));
	uint8_t *rgb = vc_try_alloc(n * 2, 4);
	size_t cap = n * CELL_OCTETS + 256;
	char *out = vc_try_alloc(1, cap);

	if (!drawn || !shown || !rgb || !out) {
		free(drawn);
		free(shown);
		free(rgb);
		free(out);
		return -ENOMEM;
	}
	free(c->drawn);
	free(c->shown);
	free(c->rgb);
	free(c->out);
	c->drawn = drawn;
	c->shown = shown;
	c->rgb = rgb;
	c->out = out;
	c->cap = cap;
	c->cols = cols;
	c->rows = rows;
	vc_cells_clear(c);
	vc_cells_forget(c);
	return 0;
}

struct vc_cells *vc_cells_new(int cols, int rows, enum vc_cells_colours colours)
{
	struct vc_cells *c = vc_try_alloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->colours = colours;
	c->widths = vc_charwidth_new();
	if (!vc_cells_resize(c, cols, rows))
		return c;
	vc_cells_free(c);
	return NULL;
}

void vc_cells_free(struct vc_cells *c)
{
	if (!c)
		return;
	vc_charwidth_free(c->widths);
	vc_image_clear(&c->scaled);
	free(c->drawn);
	free(c->shown);
	free(c->rgb);
	free(c->out);
	free(c);
}

/* --- drawing --- */

void vc_cells_clear(struct vc_cells *c)
{
	vc_cells_fill(c, 0, 0, c->cols, c->rows, VC_CELLS_DEFAULT);
}

void vc_cells_fill(struct vc_cells *c, int x, int y, int cols, int rows,
		   uint32_t bg)
{
	for (int row = y; row < y + rows && row < c->rows; row++)
		for (int col = x; col < x + cols && col < c->cols; col++)
			set(at(c, col, row), " ", 1, VC_CELLS_DEFAULT, bg);
}

/* Mean brightness of two pixels, as a character. */
static char ramp(uint32_t a, uint32_t b)
{
	uint32_t sum = 0;

	for (int shift = 0; shift <= 16; shift += 8) {
		static const uint32_t weight[] = { 29, 150, 77 };

		sum += weight[shift / 8] *
		       ((a >> shift & 255) + (b >> shift & 255));
	}
	return RAMP[sum / 2 / 256 * (sizeof(RAMP) - 1) / 256];
}

static uint32_t word_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v & 0xffffff;
}

int vc_cells_image(struct vc_cells *c, int x, int y, int cols, int rows,
		   const struct vc_image *im)
{
	/* Even sides, as scaling wants them; a column too many is cut. */
	int w = cols + cols % 2, h = 2 * rows;
	struct vc_rect all = { 0, 0, w, h };

	if (cols < 1 || rows < 1 || x + cols > c->cols || y + rows > c->rows)
		return 0;
	if (c->scaled.width != w || c->scaled.height != h) {
		vc_image_clear(&c->scaled);
		if (vc_image_alloc(&c->scaled, w, h))
			return -ENOMEM;
	}
	vc_pixels_scale(&c->scaled, all, im);
	c->scaled.width = cols;
	vc_pixels_to_rgb(c->rgb, cols * 4, &c->scaled);
	c->scaled.width = w;
	for (int row = 0; row < rows; row++) {
		const uint8_t *top = c->rgb + (ptrdiff_t)row * 2 * cols * 4;

		for (int col = 0; col < cols; col++) {
			struct cell *cell = at(c, x + col, y + row);
			uint32_t a = word_at(top + (ptrdiff_t)col * 4);
			uint32_t b = word_at(top + ((ptrdiff_t)cols + col) * 4);
			char sign = ramp(a, b);

			if (c->colours == VC_CELLS_NONE)
				set(cell, &sign, 1, VC_CELLS_DEFAULT,
				    VC_CELLS_DEFAULT);
			else
				set(cell, HALF, 3, a, b);
		}
	}
	return 0;
}

void vc_cells_meter(struct vc_cells *c, int x, int y, int cols, int n)
{
	for (int i = 0; i < cols && x + i < c->cols; i++) {
		uint32_t lit = i * 10 < cols * 7 ? 0x20b040 :
			       i * 10 < cols * 9 ? 0xc8b020 :
						   0xd03020;

		if (c->colours == VC_CELLS_NONE)
			set(at(c, x + i, y), i < n ? "#" : ".", 1,
			    VC_CELLS_DEFAULT, VC_CELLS_DEFAULT);
		else
			set(at(c, x + i, y), " ", 1, VC_CELLS_DEFAULT,
			    i < n ? lit : 0x303030);
	}
}

/* --- text --- */

/* Sets what fits and returns where it ends; 'end' NULL-safe. */
static int put(struct vc_cells *c, int x, int y, int end, const char *text,
	       uint32_t fg, uint32_t bg)
{
	const char *stop = text + strlen(text);
	int from = x;

	while (text < stop) {
		const char *start = text;
		int32_t ch = vc_utf8_next(&text, stop);
		size_t len = (size_t)(text - start);
		int width = ch < 0 ? 1 : vc_charwidth_of(c->widths, ch);
		struct cell *cell;

		if (!width) {
			cell = x > from ? at(c, x - 1, y) : NULL;
			if (cell && !cell->len && x - 1 > from)
				cell--;
			if (cell && cell->len && cell->len + len <= TEXT_CAP) {
				memcpy(cell->text + cell->len, start, len);
				cell->len = (uint8_t)(cell->len + len);
			}
			continue;
		}
		if (x + width > end)
			break;
		set(at(c, x, y), start, len, fg, bg);
		if (width == 2)
			set(at(c, x + 1, y), "", 0, fg, bg);
		x += width;
	}
	return x;
}

static void escape(char out[static 1024], const char *text)
{
	vc_escape(out, 1024, text, vc_str_c(text).len);
}

int vc_cells_width(struct vc_cells *c, const char *text)
{
	char shown[1024];
	const char *p = shown, *end;
	int n = 0;

	escape(shown, text);
	for (end = p + strlen(p); p < end;) {
		int32_t ch = vc_utf8_next(&p, end);

		n += ch < 0 ? 1 : vc_charwidth_of(c->widths, ch);
	}
	return n;
}

int vc_cells_text(struct vc_cells *c, int x, int y, int cols, const char *text,
		  uint32_t fg, uint32_t bg)
{
	int end = x + cols < c->cols ? x + cols : c->cols;
	char shown[1024];
	int stop;

	if (y < 0 || y >= c->rows || x < 0 || x >= end)
		return 0;
	if (c->colours == VC_CELLS_NONE)
		fg = bg = VC_CELLS_DEFAULT;
	escape(shown, text);
	if (vc_cells_width(c, text) <= end - x)
		return put(c, x, y, end, shown, fg, bg) - x;
	stop = put(c, x, y, end - 1, shown, fg, bg);
	return put(c, stop, y, end, ELLIPSIS, fg, bg) - x;
}

/* --- out --- */

static void add(struct vc_cells *c, const char *text, size_t len)
{
	if (len > c->cap - c->len)
		return; /* CELL_OCTETS is room enough */
	memcpy(c->out + c->len, text, len);
	c->len += len;
}

static unsigned int cube(unsigned int v)
{
	return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

static int distance(uint32_t a, uint32_t b)
{
	int sum = 0;

	for (int shift = 0; shift <= 16; shift += 8) {
		int d = (int)(a >> shift & 255) - (int)(b >> shift & 255);

		sum += d * d;
	}
	return sum;
}

/* The nearest of the cube and the greys of the 256. */
static unsigned int index_of(uint32_t rgb)
{
	static const uint8_t steps[] = { 0, 95, 135, 175, 215, 255 };
	unsigned int r = cube(rgb >> 16 & 255), g = cube(rgb >> 8 & 255);
	unsigned int b = cube(rgb & 255);
	uint32_t near = (uint32_t)steps[r] << 16 | (uint32_t)steps[g] << 8 |
			steps[b];
	unsigned int mean =
		((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 3;
	unsigned int grey = mean < 8 ? 0 : mean > 238 ? 23 : (mean - 3) / 10;

	if (distance(rgb, (8 + 10 * grey) * UINT32_C(0x10101)) <
	    distance(rgb, near))
		return 232 + grey;
	return 16 + 36 * r + 6 * g + b;
}

static void add_colour(struct vc_cells *c, uint32_t rgb, int base)
{
	char text[32];
	int n;

	if (rgb == VC_CELLS_DEFAULT)
		n = snprintf(text, sizeof(text), "\033[%dm", base + 9);
	else if (c->colours == VC_CELLS_TRUE)
		n = snprintf(text, sizeof(text), "\033[%d;2;%u;%u;%um",
			     base + 8, rgb >> 16 & 255, rgb >> 8 & 255,
			     rgb & 255);
	else
		n = snprintf(text, sizeof(text), "\033[%d;5;%um", base + 8,
			     index_of(rgb));
	add(c, text, (size_t)n);
}

/* The colours that the terminal writes in now. */
struct pen {
	uint32_t fg, bg;
};

static void add_cell(struct vc_cells *c, const struct cell *cell,
		     struct pen *pen)
{
	if (c->colours != VC_CELLS_NONE && cell->fg != pen->fg)
		add_colour(c, cell->fg, 30);
	if (c->colours != VC_CELLS_NONE && cell->bg != pen->bg)
		add_colour(c, cell->bg, 40);
	pen->fg = cell->fg;
	pen->bg = cell->bg;
	add(c, cell->text, cell->len);
}

static void add_row(struct vc_cells *c, int y, struct pen *pen)
{
	struct cell *shown = &c->shown[(size_t)y * (size_t)c->cols];
	const struct cell *drawn = at(c, 0, y);
	int place = -1; /* where the cursor stands */

	for (int x = 0; x < c->cols; x++) {
		bool is_wide = x + 1 < c->cols && !drawn[x + 1].len;
		char text[32];
		int n;

		if (!drawn[x].len ||
		    (!memcmp(&drawn[x], &shown[x], sizeof(*shown)) &&
		     (!is_wide ||
		      !memcmp(&drawn[x + 1], &shown[x + 1], sizeof(*shown)))))
			continue;
		if (x != place) {
			n = snprintf(text, sizeof(text), "\033[%d;%dH", y + 1,
				     x + 1);
			add(c, text, (size_t)n);
		}
		add_cell(c, &drawn[x], pen);
		place = x + 1 + is_wide;
	}
	memcpy(shown, drawn, (size_t)c->cols * sizeof(*shown));
}

static void add_line(struct vc_cells *c, int y, struct pen *pen)
{
	for (int x = 0; x < c->cols; x++)
		add_cell(c, at(c, x, y), pen);
	if (c->colours != VC_CELLS_NONE)
		add(c, "\033[0m", 4);
	add(c, "\n", 1);
	*pen = (struct pen){ VC_CELLS_DEFAULT, VC_CELLS_DEFAULT };
}

const char *vc_cells_update(struct vc_cells *c, bool is_whole, size_t *len)
{
	struct pen pen = { UNKNOWN, UNKNOWN };

	c->len = 0;
	if (is_whole)
		pen = (struct pen){ VC_CELLS_DEFAULT, VC_CELLS_DEFAULT };
	for (int y = 0; y < c->rows; y++) {
		if (is_whole)
			add_line(c, y, &pen);
		else
			add_row(c, y, &pen);
	}
	*len = c->len;
	return c->out;
}
