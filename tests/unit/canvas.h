/* SPDX-License-Identifier: MIT */
/* A canvas and what is on it, for tests of media/compose.h. */
#ifndef VC_TESTS_CANVAS_H
#define VC_TESTS_CANVAS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/compose.h"
#include "media/pixels.h"

#define W 640
#define H 360

static const uint64_t keys[4] = { 11, 22, 33, UINT64_MAX };

static inline struct vc_image plain(int w, int h, uint32_t rgb)
{
	struct vc_image im;

	assert_int_equal(vc_image_alloc(&im, w, h), 0);
	vc_image_fill(&im, 0, 0, w, h, vc_pixels_colour(rgb));
	return im;
}

static inline struct vc_image snapshot(const struct vc_compose *c)
{
	const struct vc_image *canvas = vc_compose_canvas(c);
	struct vc_image im;

	assert_int_equal(vc_image_alloc(&im, canvas->width, canvas->height), 0);
	vc_image_copy(&im, canvas);
	return im;
}

static inline bool equal_in(const struct vc_image *a, const struct vc_image *b,
			    struct vc_rect r)
{
	for (int y = r.y; y < r.y + r.h; y++) {
		int ca = y / 2 * a->stride_u + r.x / 2;
		int cb = y / 2 * b->stride_u + r.x / 2;

		if (memcmp(a->y + y * a->stride_y + r.x,
			   b->y + y * b->stride_y + r.x, (size_t)r.w) ||
		    memcmp(a->u + ca, b->u + cb, (size_t)r.w / 2) ||
		    memcmp(a->v + ca, b->v + cb, (size_t)r.w / 2))
			return false;
	}
	return true;
}

static const struct vc_rect whole = { 0, 0, W, H };

static inline bool is_as(const struct vc_compose *c,
			 const struct vc_image *then)
{
	return equal_in(vc_compose_canvas(c), then, whole);
}

static inline int luma_at(const struct vc_compose *c, int x, int y)
{
	const struct vc_image *im = vc_compose_canvas(c);

	return im->y[y * im->stride_y + x];
}

static inline struct vc_compose *canvas_for(size_t n, struct vc_rect *rects)
{
	struct vc_compose *c = vc_compose_new(W, H);

	assert_non_null(c);
	assert_int_equal(vc_layout_grid(rects, 4, n, W, H), 0);
	assert_int_equal(vc_compose_set_layout(c, rects, keys, n), 0);
	return c;
}

#endif
