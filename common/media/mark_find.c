/* SPDX-License-Identifier: MIT */
/*
 * Every row that is looked at is walked once: lightest and darkest points take
 * turns where luma turns back by TURN or more, and between two of them the
 * edge is where luma crosses their middle. So neither brightness nor contrast
 * need be known. Four edges that are as far apart as the bars on the left
 * (1, 1, 2 cells) foretell four others on the right (1, 1, 1), and a line
 * through all eight is the geometry; the ends of the bars above and below are
 * looked for from there.
 */
#include <stdlib.h>

#include "media/mark.h"

#define ONE 256	   /* a pixel */
#define TURN 36	   /* luma */
#define EDGES 1024 /* in a row */
#define STEPS 160  /* rows looked at in a picture, about */
#define CELL_MIN (ONE * 7 / 4)
#define TRIES 256 /* candidates in a picture */

struct edges {
	int n;
	int32_t at[EDGES]; /* in 1/256 pixels */
	bool falls[EDGES]; /* light to dark */
};

struct walk {
	const uint8_t *row;
	struct edges *e;
	int from, to; /* the last two turning points */
};

/* An edge between the turning points. */
static void put_edge(struct walk *w)
{
	const uint8_t *p = w->row;
	int twice = p[w->from] + p[w->to];
	bool falls = p[w->from] > p[w->to];
	int i = w->from;

	if (w->e->n == EDGES)
		return;
	/* Backwards from the end: the crossing next to the new plateau. */
	for (i = w->to; i > w->from; i--) {
		if (falls ? 2 * p[i - 1] >= twice : 2 * p[i - 1] <= twice)
			break;
	}
	if (i == w->from)
		return;
	/* Pixel i has its centre at i + 1/2. */
	int step = abs(p[i] - p[i - 1]);
	int part = step ? abs(twice - 2 * p[i - 1]) * ONE / (2 * step) : 0;

	w->e->at[w->e->n] = (i - 1) * ONE + ONE / 2 + part;
	w->e->falls[w->e->n] = falls;
	w->e->n++;
}

static void find_edges(struct edges *e, const uint8_t *row, int width)
{
	struct walk w = { .row = row, .e = e };
	int high = 0, low = 0; /* places of extremes since the last turn */
	int way = 0;

	e->n = 0;
	for (int x = 1; x < width; x++) {
		if (row[x] > row[high])
			high = x;
		if (row[x] < row[low])
			low = x;
		if (way >= 0 && row[high] - row[x] >= TURN) {
			if (way) {
				w.to = high;
				put_edge(&w);
			}
			w.from = high;
			low = x;
			way = -1;
			high = x;
		} else if (way <= 0 && row[x] - row[low] >= TURN) {
			if (way) {
				w.to = low;
				put_edge(&w);
			}
			w.from = low;
			high = x;
			way = 1;
			low = x;
		}
	}
	w.to = way > 0 ? high : low;
	if (way)
		put_edge(&w);
}

static bool is_about(int32_t value, int32_t want, int32_t by)
{
	return abs(value - want) <= by;
}

/* The bars of the right that belong to those at edge 'i'. */
static bool fit_right(const struct edges *e, int i, int32_t cell, int *found)
{
	int32_t want = e->at[i] + 22 * cell;

	for (int k = i + 4; k + 3 < e->n; k++) {
		const int32_t *at = &e->at[k];
		int32_t unit = (at[3] - at[0]) / 3;

		if (at[0] > want + 3 * cell)
			return false;
		if (!e->falls[k] || at[0] < want - 3 * cell ||
		    !is_about(unit, cell, cell * 3 / 8) ||
		    !is_about(at[1] - at[0], unit, unit / 2) ||
		    !is_about(at[2] - at[1], unit, unit / 2))
			continue;
		*found = k;
		return true;
	}
	return false;
}

/* The line through all eight edges; false: they lie beside it. */
static bool fit_line(const struct edges *e, int left, int right,
		     struct vc_mark_geo *geo)
{
	static const int places[] = { 0, 1, 2, 4, 22, 23, 24, 25 };
	int64_t sum = 0, sides = 0;

	for (int i = 0; i < 8; i++) {
		int32_t at = e->at[i < 4 ? left + i : right + i - 4];

		sum += at;
		sides += i < 4 ? -at : at;
	}
	/* 22+23+24+25 - (0+1+2+4) = 87; all of them together: 101. */
	geo->w = (int32_t)(sides / 87);
	geo->x = (int32_t)((sum - sides * 101 / 87) / 8);
	for (int i = 0; i < 8; i++) {
		int32_t at = e->at[i < 4 ? left + i : right + i - 4];

		if (!is_about(at, geo->x + geo->w * places[i], geo->w * 2 / 5))
			return false;
	}
	return geo->w >= CELL_MIN;
}

/* Where column 'x' gets light, from row 'y' on; -1: not within 'far' rows. */
static int32_t end_of_bar(const struct vc_image *img, int x, int y, int step,
			  int level, int far)
{
	const uint8_t *p = img->y + x;
	int last = p[(ptrdiff_t)y * img->stride_y];

	if (last >= level)
		return -1;
	for (int i = 0; i < far; i++) {
		int now;

		y += step;
		if (y < 0 || y >= img->height)
			return -1;
		now = p[(ptrdiff_t)y * img->stride_y];
		if (now >= level) {
			int part = (level - last) * ONE / (now - last);

			return (y - step) * ONE + ONE / 2 + step * part;
		}
		last = now;
	}
	return -1;
}

static int compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* The middle of the ends of four bars, -1: fewer than three have one. */
static int32_t ends(const struct vc_image *img, const struct vc_mark_geo *geo,
		    int y, int step, int level)
{
	static const int halves[] = { 1, 6, 45, 49 }; /* of cells */
	int far = geo->w * 20 / ONE + 4, n = 0;
	int32_t found[4];

	for (int i = 0; i < 4; i++) {
		int x = (geo->x + geo->w * halves[i] / 2) / ONE;

		if (x < 0 || x >= img->width)
			continue;
		found[n] = end_of_bar(img, x, y, step, level, far);
		n += found[n] >= 0;
	}
	if (n < 3)
		return -1;
	qsort(found, (size_t)n, sizeof(found[0]), compare);
	return n == 3 ? found[1] : (found[1] + found[2]) / 2;
}

static int luma(const struct vc_image *img, int32_t x, int y)
{
	int at = x / ONE;

	at = at < 0 ? 0 : at >= img->width ? img->width - 1 : at;
	return img->y[(ptrdiff_t)y * img->stride_y + at];
}

static bool fit_height(const struct vc_image *img, int y,
		       struct vc_mark_geo *geo)
{
	int dark = luma(img, geo->x + 3 * geo->w, y);
	int light = (luma(img, geo->x + geo->w * 3 / 2, y) +
		     luma(img, geo->x + geo->w * 47 / 2, y)) /
		    2;
	int32_t top, bottom;

	if (light - dark < TURN)
		return false;
	top = ends(img, geo, y, -1, (light + dark) / 2);
	bottom = ends(img, geo, y, 1, (light + dark) / 2);
	if (top < 0 || bottom <= top)
		return false;
	geo->y = top;
	geo->h = (bottom - top) / VC_MARK_ROWS;
	return geo->h >= CELL_MIN && geo->h * 5 >= geo->w * 2 &&
	       geo->h * 2 <= geo->w * 5;
}

/* Is the middle of 'geo' in a mark that was read already? */
static bool is_known(const struct vc_mark_found *out, size_t n, int32_t x,
		     int32_t y)
{
	for (size_t i = 0; i < n; i++) {
		const struct vc_mark_geo *g = &out[i].geo;

		if (x > g->x - g->w && x < g->x + 25 * g->w && y > g->y &&
		    y < g->y + VC_MARK_ROWS * g->h)
			return true;
	}
	return false;
}

/* The marks whose left bars begin in the edges of row 'y'. */
static size_t search_row(const struct vc_image *img, int y,
			 const struct edges *e, struct vc_mark_found *out,
			 size_t n, size_t cap, int *tries)
{
	for (int i = 0; i + 7 < e->n && n < cap && *tries; i++) {
		const int32_t *at = &e->at[i];
		int32_t cell = (at[3] - at[0]) / 4;
		struct vc_mark_found f = { 0 };
		int right;

		if (!e->falls[i] || cell < CELL_MIN * 3 / 4 ||
		    !is_about(at[1] - at[0], cell, cell / 2) ||
		    !is_about(at[2] - at[1], cell, cell / 2) ||
		    !is_about(at[3] - at[2], 2 * cell, cell * 5 / 8) ||
		    is_known(out, n, at[0], y * ONE) ||
		    !fit_right(e, i, cell, &right) ||
		    !fit_line(e, i, right, &f.geo))
			continue;
		(*tries)--;
		if (!fit_height(img, y, &f.geo))
			continue;
		f.corrected = vc_mark_read_at(img, &f.geo, &f.mark);
		if (f.corrected < 0)
			continue;
		f.is_read = true;
		out[n] = f;
		n++;
	}
	return n;
}

size_t vc_mark_search(const struct vc_image *img, struct vc_mark_found *out,
		      size_t cap)
{
	int step = img->height / STEPS, tries = TRIES;
	struct edges e;
	size_t n = 0;

	step = step < 2 ? 2 : step;
	for (int y = step; y < img->height && n < cap; y += step) {
		find_edges(&e, img->y + (ptrdiff_t)y * img->stride_y,
			   img->width);
		n = search_row(img, y, &e, out, n, cap, &tries);
	}
	return n;
}
