/* SPDX-License-Identifier: MIT */
/* Pictures with marks, for tests of marks. */
#ifndef VC_TESTS_MARKS_H
#define VC_TESTS_MARKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include <cmocka.h>

#include "base/time.h"
#include "media/mark.h"
#include "media/pixels.h"
#include "media/testpic.h"

#define FPS 30

static inline void assert_same(const struct vc_mark *a, const struct vc_mark *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->frame, b->frame);
	assert_int_equal(a->time_ms, b->time_ms);
}

struct film {
	struct vc_testpic pic;
	struct vc_image img;
	uint16_t id;
};

static inline void film_open(struct film *f, int width, int height,
			     const char *name)
{
	assert_int_equal(vc_testpic_init(&f->pic, width, height, name, FPS), 0);
	assert_int_equal(vc_image_alloc(&f->img, width, height), 0);
	f->id = vc_mark_id(name);
}

static inline void film_close(struct film *f)
{
	vc_testpic_clear(&f->pic);
	vc_image_clear(&f->img);
}

static inline struct vc_mark film_draw(struct film *f, uint64_t frame)
{
	int64_t now = VC_VIRTUAL_EPOCH + (int64_t)frame * VC_SEC / FPS;
	struct vc_mark m = vc_mark_make(f->id, frame, now);

	vc_testpic_draw(&f->pic, &f->img, frame, now);
	assert_int_equal(vc_mark_draw(&f->img, &m), 0);
	return m;
}

static inline struct vc_image scaled(const struct vc_image *img, int width,
				     int height)
{
	struct vc_rect all = { 0, 0, width, height };
	struct vc_image out;

	assert_int_equal(vc_image_alloc(&out, width, height), 0);
	vc_pixels_scale(&out, all, img);
	return out;
}

/* True when 'm', and nothing else, was read. */
static inline bool reads(struct vc_mark_reader *r, const struct vc_image *img,
			 const struct vc_mark *m)
{
	vc_mark_read(r, img);
	if (!r->n || !r->found[0].is_read)
		return false;
	assert_int_equal(r->n, 1);
	assert_same(&r->found[0].mark, m);
	return true;
}

#endif
