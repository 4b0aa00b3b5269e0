/* SPDX-License-Identifier: MIT */
/*
 * The grid: a step of a real edge may be many times those about it wherever the
 * edge is, so what one step may count is limited; ONE is added to both sides so
 * that plain planes say nothing. Every THIN-th line is looked at.
 */
#include "media/picmeasure.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define SQUARE 16
#define THIN 4
#define ONE 64 /* a step that is like those about it, about */
#define STEP_MAX 1024
#define LEAST 32

/* --- black --- */

static unsigned int dark_in_row(const uint8_t *row, int width)
{
	unsigned int n = 0;

	for (int x = 0; x < width; x++)
		n += row[x] <= VC_PICMEASURE_DARK;
	return n;
}

double vc_picmeasure_dark(const struct vc_image *img)
{
	uint64_t n = 0;

	for (int y = 0; y < img->height; y++)
		n += dark_in_row(img->y + (ptrdiff_t)y * img->stride_y,
				 img->width);
	return (double)n / ((double)img->width * img->height);
}

/* --- the same --- */

static unsigned int row_differs(const uint8_t *a, const uint8_t *b, int n)
{
	unsigned int sum = 0;

	for (int x = 0; x < n; x++)
		sum += (unsigned int)abs(a[x] - b[x]);
	return sum;
}

/* How much a square differs, in all. */
static unsigned int square_differs(const struct vc_image *a,
				   const struct vc_image *b, int x, int y,
				   int w, int h)
{
	unsigned int sum = 0;

	for (int i = 0; i < h; i++) {
		const uint8_t *p = a->y + (ptrdiff_t)(y + i) * a->stride_y + x;
		const uint8_t *q = b->y + (ptrdiff_t)(y + i) * b->stride_y + x;

		sum += w == SQUARE ? row_differs(p, q, SQUARE) :
				     row_differs(p, q, w);
	}
	return sum;
}

/* The same of all; stops with UINT64_MAX at a square with more than 'max' a
 * sample. */
static uint64_t differs(const struct vc_image *a, const struct vc_image *b,
			int max)
{
	uint64_t all = 0;

	for (int y = 0; y < a->height; y += SQUARE) {
		int h = a->height - y < SQUARE ? a->height - y : SQUARE;

		for (int x = 0; x < a->width; x += SQUARE) {
			int w = a->width - x < SQUARE ? a->width - x : SQUARE;
			unsigned int sum = square_differs(a, b, x, y, w, h);

			if (sum > (unsigned int)(max * w * h))
				return UINT64_MAX;
			all += sum;
		}
	}
	return all;
}

static bool has_size(const struct vc_image *a, const struct vc_image *b)
{
	return a->width == b->width && a->height == b->height;
}

bool vc_picmeasure_is_same(const struct vc_image *a, const struct vc_image *b)
{
	uint64_t sum;

	if (!has_size(a, b))
		return false;
	sum = differs(a, b, VC_PICMEASURE_SQUARE);
	return sum != UINT64_MAX &&
	       (double)sum <= VC_PICMEASURE_NOISE * a->width * a->height;
}

double vc_picmeasure_difference(const struct vc_image *a,
				const struct vc_image *b)
{
	if (!has_size(a, b))
		return 255;
	return (double)differs(a, b, 255) / ((double)a->width * a->height);
}

/* --- the grid --- */

struct grid {
	uint64_t on, off; /* sums */
	uint64_t n_on, n_off;
};

/* A line of 'n' samples, 'apart' from each other. */
static void look_along(struct grid *g, const uint8_t *p, ptrdiff_t apart, int n)
{
	unsigned int d[7], sum = 0, v;

	/* d[i % 7] is the step before sample i. */
	for (int i = 1; i < 7; i++) {
		d[i] = (unsigned int)abs(p[i * apart] - p[(i - 1) * apart]);
		sum += d[i];
	}
	d[0] = 0;
	for (int i = 7, old = 0, mid = 4; i < n; i++) {
		unsigned int next =
			(unsigned int)abs(p[i * apart] - p[(i - 1) * apart]);

		sum += next - d[old];
		d[old] = next;
		old = old == 6 ? 0 : old + 1;
		/* The middle one of the seven: before sample i - 3. */
		v = ONE * 6 * d[mid] / (sum - d[mid] + 6);
		v = v < STEP_MAX ? v : STEP_MAX;
		mid = mid == 6 ? 0 : mid + 1;
		if ((i - 3) % 8) {
			g->off += v;
			g->n_off++;
		} else {
			g->on += v;
			g->n_on++;
		}
	}
}

double vc_picmeasure_grid(const struct vc_image *img)
{
	struct grid g = { 0 };
	double on, off;

	if (img->width < LEAST || img->height < LEAST)
		return 0;
	for (int y = THIN / 2; y < img->height; y += THIN)
		look_along(&g, img->y + (ptrdiff_t)y * img->stride_y, 1,
			   img->width);
	for (int x = THIN / 2; x < img->width; x += THIN)
		look_along(&g, img->y + x, img->stride_y, img->height);
	on = (double)g.on / (double)g.n_on + 1;
	off = (double)g.off / (double)g.n_off + 1;
	return on / off < VC_PICMEASURE_GRID_MAX ? on / off :
						   VC_PICMEASURE_GRID_MAX;
}
