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

/* The shape of tiles; no width: any. */
struct shape {
	int w;
	int h;
};

/* The tile when there are that many columns and rows. */
static struct vc_rect tile_of(int cols, int rows, struct vc_rect box,
			      struct shape shape)
{
	struct vc_rect cell = { .w = even(box.w / cols),
				.h = even(box.h / rows) };

	if (cell.w < 2 || cell.h < 2)
		return (struct vc_rect){ 0 };
	return shape.w ? vc_layout_fit(cell, shape.w, shape.h) : cell;
}

static int best_columns(int n, struct vc_rect box, struct shape shape)
{
	int best = 1, best_empty = 0;
	int64_t best_area = 0;

	for (int cols = 1; cols <= n; cols++) {
		int rows = (n + cols - 1) / cols;
		int empty = cols * rows - n;
		struct vc_rect t = tile_of(cols, rows, box, shape);
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

int vc_layout_grid_in(struct vc_rect *out, size_t cap, size_t n,
		      struct vc_rect box, int shape_w, int shape_h)
{
	struct shape shape = { shape_w, shape_h };
	struct shape usual = { ASPECT_W, ASPECT_H };

	if (n > cap)
		return -E2BIG;
	if (!n)
		return 0;
	if (n > (size_t)(box.w / TILE_MIN_W) * (size_t)(box.h / TILE_MIN_H))
		return -ERANGE;
	int count = (int)n;
	int cols = best_columns(count, box, shape_w ? shape : usual);
	int rows = (count + cols - 1) / cols;
	struct vc_rect t = tile_of(cols, rows, box, shape);

	if (t.w < TILE_MIN_W || t.h < TILE_MIN_H)
		return -ERANGE;
	for (int i = 0; i < count; i++) {
		int row = i / cols;
		int in_row = row == rows - 1 ? count - row * cols : cols;

		out[i] = (struct vc_rect){
			.x = box.x + even((box.w - in_row * t.w) / 2) +
			     i % cols * t.w,
			.y = box.y + even((box.h - rows * t.h) / 2) + row * t.h,
			.w = t.w,
			.h = t.h,
		};
	}
	return 0;
}

int vc_layout_grid(struct vc_rect *out, size_t cap, size_t n, int w, int h)
{
	const struct vc_rect all = { 0, 0, w, h };

	return vc_layout_grid_in(out, cap, n, all, ASPECT_W, ASPECT_H);
}
