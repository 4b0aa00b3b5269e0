/* SPDX-License-Identifier: MIT */
/*
 * A macroblock's sum: its rows as four 32-bit numbers each, of which the upper
 * half is folded into the lower, as a product modulo 2^32 has little of what is
 * above; times an odd number that is the row's own, and added. What differs in
 * one row always has another sum; in several it may not, by a rare chance.
 */
#include "codec/still.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SIDE VC_STILL_SIDE
#define HALF (SIDE / 2)
#define LANES 4
#define ROWS (SIDE + HALF) /* a row of U and one of V are one here */

#define COARSEST INT_MAX

/* A macroblock as it is now. */
struct square {
	uint32_t sum[LANES];
	int times;     /* that it was coded, VC_STILL_TIMES at most */
	int quantizer; /* with which, or a little finer or coarser */
};

struct vc_still {
	int width, height, columns, rows;
	struct square *squares;
	uint8_t *plan;
	uint32_t factors[ROWS];
	size_t turn;   /* which are coded anew */
	int quantizer; /* of the picture before */
};

static void forget(struct square *q)
{
	q->times = 0;
	q->quantizer = COARSEST;
}

struct vc_still *vc_still_new(int width, int height)
{
	struct vc_still *s = calloc(1, sizeof(*s));
	uint32_t x = 1;
	size_t n;

	if (!s)
		return NULL;
	s->width = width;
	s->height = height;
	s->columns = (width + SIDE - 1) / SIDE;
	s->rows = (height + SIDE - 1) / SIDE;
	s->quantizer = COARSEST;
	for (int i = 0; i < ROWS; i++) {
		x = x * 1664525 + 1013904223;
		s->factors[i] = (x ^ x >> 16) | 1;
	}
	n = (size_t)s->columns * (size_t)s->rows;
	s->squares = calloc(n, sizeof(*s->squares));
	s->plan = calloc(n, 1);
	if (s->squares && s->plan) {
		for (size_t i = 0; i < n; i++)
			forget(&s->squares[i]);
		return s;
	}
	vc_still_free(s);
	return NULL;
}

void vc_still_free(struct vc_still *s)
{
	if (!s)
		return;
	free(s->squares);
	free(s->plan);
	free(s);
}

static inline void add_row(uint32_t *sum, const uint8_t *row, uint32_t factor)
{
	uint32_t part[LANES];

	memcpy(part, row, sizeof(part));
	for (int i = 0; i < LANES; i++)
		sum[i] += (part[i] ^ part[i] >> 15) * factor;
}

/* Of the macroblock at (x, y), which is whole. */
static void sum_up(uint32_t *sum, const uint32_t *factors,
		   const struct vc_image *img, int x, int y)
{
	const uint8_t *luma = img->y + (ptrdiff_t)y * img->stride_y + x;
	const uint8_t *u = img->u + (ptrdiff_t)y / 2 * img->stride_u + x / 2;
	const uint8_t *v = img->v + (ptrdiff_t)y / 2 * img->stride_v + x / 2;
	uint8_t both[SIDE];

	for (int i = 0; i < SIDE; i++, luma += img->stride_y)
		add_row(sum, luma, factors[i]);
	for (int i = 0; i < HALF; i++) {
		memcpy(both, u, HALF);
		memcpy(both + HALF, v, HALF);
		add_row(sum, both, factors[SIDE + i]);
		u += img->stride_u;
		v += img->stride_v;
	}
}

static void copy(uint8_t *to, int side, const uint8_t *from, int stride, int w,
		 int h)
{
	for (int i = 0; i < h; i++, from += stride)
		memcpy(to + (ptrdiff_t)i * side, from, (size_t)w);
}

/* Of one that is cut off by the right or lower edge; the rest is nothing. */
static void sum_up_cut(uint32_t *sum, const uint32_t *factors,
		       const struct vc_image *img, int x, int y)
{
	uint8_t luma[SIDE * SIDE] = { 0 };
	uint8_t u[HALF * HALF] = { 0 }, v[HALF * HALF] = { 0 };
	const struct vc_image whole = {
		SIDE, SIDE, luma, u, v, SIDE, HALF, HALF
	};
	const int w = img->width - x < SIDE ? img->width - x : SIDE;
	const int h = img->height - y < SIDE ? img->height - y : SIDE;
	const ptrdiff_t half_y = y / 2;

	copy(luma, SIDE, img->y + (ptrdiff_t)y * img->stride_y + x,
	     img->stride_y, w, h);
	copy(u, HALF, img->u + half_y * img->stride_u + x / 2, img->stride_u,
	     vc_image_half(w), vc_image_half(h));
	copy(v, HALF, img->v + half_y * img->stride_v + x / 2, img->stride_v,
	     vc_image_half(w), vc_image_half(h));
	sum_up(sum, factors, &whole, 0, 0);
}

/* Is it another one? */
static void look(struct vc_still *s, struct square *q,
		 const struct vc_image *img, int column, int row)
{
	const int x = column * SIDE, y = row * SIDE;
	uint32_t sum[LANES] = { 0 };

	if (x + SIDE <= img->width && y + SIDE <= img->height)
		sum_up(sum, s->factors, img, x, y);
	else
		sum_up_cut(sum, s->factors, img, x, y);
	if (!memcmp(sum, q->sum, sizeof(sum)))
		return;
	memcpy(q->sum, sum, sizeof(sum));
	forget(q);
}

/* Is this finer than what it got its times with? */
static bool is_finer(int quantizer, const struct square *q)
{
	return quantizer <= q->quantizer - VC_STILL_FINER;
}

/* Is the macroblock number 'i' to be coded? */
static bool is_due(const struct vc_still *s, const struct square *q, size_t i)
{
	return q->times < VC_STILL_TIMES || is_finer(s->quantizer, q) ||
	       (s->turn + i) % VC_STILL_ANEW == 0;
}

uint8_t *vc_still_plan(struct vc_still *s, const struct vc_image *img,
		       bool is_key)
{
	size_t i = 0;

	s->turn++;
	for (int row = 0; row < s->rows; row++)
		for (int column = 0; column < s->columns; column++, i++) {
			struct square *q = &s->squares[i];

			look(s, q, img, column, row);
			if (is_key)
				forget(q);
			s->plan[i] = is_due(s, q, i);
		}
	return s->plan;
}

void vc_still_coded(struct vc_still *s, int quantizer)
{
	const size_t n = (size_t)s->columns * (size_t)s->rows;

	s->quantizer = quantizer;
	for (size_t i = 0; i < n; i++) {
		struct square *q = &s->squares[i];

		if (!s->plan[i])
			continue;
		if (is_finer(quantizer, q)) {
			q->times = 0;
			q->quantizer = quantizer;
		}
		if (q->times < VC_STILL_TIMES)
			q->times++;
	}
}
