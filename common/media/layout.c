/* SPDX-License-Identifier: MIT */
/*
 * Every number of columns is tried; the one that gives the largest tiles wins,
 * and among near equals the one with fewer empty places, then the wider one.
 * Sides are even, which may cost a pixel or two; an aspect that is nearly right
 * is taken for right, so that rounding does not leave bars of two pixels.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "media/layout.h"

#define ASPECT_W 16
#define ASPECT_H 9

/* Sizes are alike that differ by less than this part of them. */
#define NEAR 64

#define TILE_MIN_W 16
#define TILE_MIN_H 8

static int even(int n)
{
	return n & ~1;
}

struct vc_rect vc_layout_fit(struct vc_rect box, int w, int h)
{
	struct vc_rect r = box;

	assert(w > 0 && h > 0);
	if ((int64_t)box.w * h > (int64_t)box.h * w)
		r.w = even((int)((int64_t)box.h * w / h));
	else
		r.h = even((int)((int64_t)box.w * h / w));
	if ((box.w - r.w) * NEAR < box.w && (box.h - r.h) * NEAR < box.h)
		return box;
	r.w = r.w < 2 ? 2 : r.w;
	r.h = r.h < 2 ? 2 : r.h;
	r.x = box.x + even((box.w - r.w) / 2);
	r.y = box.y + even((box.h - r.h) / 2);
	return r;
}

/* The tile when there are that many columns and rows. */
static struct vc_rect tile_of(int cols, int rows, int w, int h)
{
	struct vc_rect cell = { .w = even(w / cols), .h = even(h / rows) };

	if (cell.w < 2 || cell.h < 2)
		return (struct vc_rect){ 0 };
	return vc_layout_fit(cell, ASPECT_W, ASPECT_H);
}

static int best_columns(int n, int w, int h)
{
	int best = 1, best_empty = 0;
	int64_t best_area = 0;

	for (int cols = 1; cols <= n; cols++) {
		int rows = (n + cols - 1) / cols;
		int empty = cols * rows - n;
		struct vc_rect t = tile_of(cols, rows, w, h);
		int64_t area = (int64_t)t.w * t.h;
		bool larger = area * NEAR > best_area * (NEAR + 1);
		bool alike = !larger && area * (NEAR + 1) > best_area * NEAR;

		if (larger || (alike && empty <= best_empty)) {
			best = cols;
			best_area = area;
			best_empty = empty;
		}
	}
	return best;
}

int vc_layout_grid(struct vc_rect *out, size_t cap, size_t n, int w, int h)
{
	if (n > cap)
		return -E2BIG;
	if (!n)
		return 0;
	if (n > (size_t)(w / TILE_MIN_W) * (size_t)(h / TILE_MIN_H))
		return -ERANGE;
	int count = (int)n;
	int cols = best_columns(count, w, h);
	int rows = (count + cols - 1) / cols;
	struct vc_rect t = tile_of(cols, rows, w, h);

	if (t.w < TILE_MIN_W || t.h < TILE_MIN_H)
		return -ERANGE;
	for (int i = 0; i < count; i++) {
		int row = i / cols;
		int in_row = row == rows - 1 ? count - row * cols : cols;

		out[i] = (struct vc_rect){
			.x = even((w - in_row * t.w) / 2) + i % cols * t.w,
			.y = even((h - rows * t.h) / 2) + row * t.h,
			.w = t.w,
			.h = t.h,
		};
	}
	return 0;
}

/* --- arrangements with one in front --- */

#define STRIP 5 /* its height is a fifth, and so many are in it */

int vc_layout_by_name(const char *name)
{
	static const char *const names[] = {
		[VC_LAYOUT_GRID] = "grid",
		[VC_LAYOUT_SPEAKER] = "speaker",
		[VC_LAYOUT_SIDE_BY_SIDE] = "side-by-side",
		[VC_LAYOUT_SINGLE] = "single",
	};

	for (size_t i = 0; i < VC_COUNT(names); i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

static size_t grid(struct vc_rect *out, size_t cap, size_t n, int w, int h)
{
	if (n > cap)
		n = cap;
	while (n && vc_layout_grid(out, cap, n, w, h))
		n--;
	return n;
}

/* A row of 'n' tiles, of which 'most' would fill the width, in the middle. */
static void row(struct vc_rect *out, int n, int most, struct vc_rect box)
{
	int tile = even(box.w / most);
	int from = box.x + even((box.w - n * tile) / 2);

	for (int i = 0; i < n; i++)
		out[i] =
			(struct vc_rect){ from + i * tile, box.y, tile, box.h };
}

static size_t speaker(struct vc_rect *out, size_t cap, size_t n, int w, int h)
{
	int strip = even(h / STRIP);
	struct vc_rect above = { 0, 0, w, h - strip };
	struct vc_rect below = { 0, h - strip, w, strip };

	if (n > STRIP + 1)
		n = STRIP + 1;
	if (n > cap)
		n = cap;
	if (n < 2)
		return grid(out, cap, n, w, h);
	out[0] = vc_layout_fit(above, ASPECT_W, ASPECT_H);
	row(out + 1, (int)n - 1, STRIP, below);
	return n;
}

size_t vc_layout_tiles(enum vc_layout layout, struct vc_rect *out, size_t cap,
		       size_t n, int w, int h)
{
	const struct vc_rect all = { 0, 0, even(w), even(h) };

	switch (layout) {
	case VC_LAYOUT_GRID:
		break;
	case VC_LAYOUT_SPEAKER:
		return speaker(out, cap, n, all.w, all.h);
	case VC_LAYOUT_SIDE_BY_SIDE:
		if (n < 2 || cap < 2)
			break;
		row(out, 2, 2, all);
		return 2;
	case VC_LAYOUT_SINGLE:
		return grid(out, cap, n ? 1 : 0, w, h);
	}
	return grid(out, cap, n, w, h);
}
