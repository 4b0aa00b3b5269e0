/* SPDX-License-Identifier: MIT */
/*
 * Pictures as YUV4MPEG2, at a constant rate by stream time: the grid, or the
 * bare picture of one participant (--only), or a file for each. Frame n is of
 * the media time n / fps. Pictures of cameras and files come a little off
 * that (RTP time is rounded, and so is a container's), so a frame shows the
 * newest picture that is due SLOT of an interval later: each picture of a
 * source with the same rate then has its own frame. SLOT is no half, as sound
 * of 20 ms a packet moves pictures to just that place at 25 frames a second.
 * Where nobody waits for it a frame is written LAG later: pictures that were
 * held up (videorx.c) then still get their own.
 *
 * A file begins with stream time, black until there is something to see, and
 * ends with it. Its size is that of the first picture, unless --size says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "media/pixels.h"
#include "target.h"
#include "tiles.h"

#define SLOT(interval) ((interval)*7 / 16)
#define LAG (200 * VC_MS)

struct film {
	struct part part;
	struct vc_image canvas; /* none: no picture yet */
	uint64_t shown;		/* generation, and of which stream */
	uint64_t shown_stream;
	uint64_t frames; /* written, or owed before the first picture */
};

struct y4m {
	struct play *p;
	const char *text;
	int num, den;
	int width, height; /* 0: of the first picture */
	struct parts parts;
	struct film *one;    /* of one file */
	struct tiles *tiles; /* of the grid, else NULL */
	bool is_seen;	     /* there was a picture */
	uint64_t next;	     /* number of the next frame */
	int64_t last;	     /* media time that has passed */
	int64_t at;	     /* what is taken was seen then */
};

/* When frame 'n' is, and how long it lasts. */
static int64_t time_of(const struct y4m *y, uint64_t n)
{
	return (int64_t)((__int128)n * y->den * VC_SEC / y->num);
}

static int64_t interval(const struct y4m *y)
{
	return (int64_t)y->den * VC_SEC / y->num;
}

/* Of the pictures that the next frame shows. */
static int64_t slot(const struct y4m *y)
{
	return time_of(y, y->next) + SLOT(interval(y));
}

static int64_t due(const void *ctx)
{
	const struct y4m *y = ctx;

	return slot(y) + (y->p->keeps_past ? LAG : 0);
}

/* --- frames --- */

static int put_plane(struct vc_outfile *f, const uint8_t *p, int stride,
		     int width, int height)
{
	int err = 0;

	for (int row = 0; row < height && !err; row++)
		err = vc_outfile_write(f, p + (ptrdiff_t)row * stride,
				       (size_t)width);
	return err;
}

static void put_frame(struct film *f, const struct vc_image *im)
{
	struct vc_outfile *file = f->part.target.file;
	int w = vc_image_half(im->width), h = vc_image_half(im->height);
	int err;

	if (!file)
		return;
	err = vc_outfile_write(file, "FRAME\n", 6);
	if (!err)
		err = put_plane(file, im->y, im->stride_y, im->width,
				im->height);
	if (!err)
		err = put_plane(file, im->u, im->stride_u, w, h);
	if (!err)
		err = put_plane(file, im->v, im->stride_v, w, h);
	if (!err && f->part.target.fd >= 0)
		err = vc_outfile_flush(file);
	if (!target_did(&f->part.target, "write", err))
		target_abandon(&f->part.target);
}

static void put_head(const struct y4m *y, struct film *f, int width, int height)
{
	char head[128];
	int n = snprintf(head, sizeof(head),
			 "YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg\n", width,
			 height, y->num, y->den);

	if (f->part.target.file)
		vc_outfile_write(f->part.target.file, head, (size_t)n);
}

/* The first picture is here: the head, and frames that were owed. */
static int begin(const struct y4m *y, struct film *f, int width, int height)
{
	int err = vc_image_alloc(&f->canvas, width, height);

	if (err)
		return err;
	put_head(y, f, width, height);
	for (uint64_t i = 0; i < f->frames; i++)
		put_frame(f, &f->canvas);
	return 0;
}

/* --- pictures of one --- */

static void fit(struct vc_image *canvas, const struct vc_image *im)
{
	struct vc_rect all = { 0, 0, canvas->width, canvas->height };

	if (canvas->width == im->width && canvas->height == im->height) {
		vc_image_copy(canvas, im);
		return;
	}
	vc_image_fill(canvas, 0, 0, canvas->width, canvas->height,
		      vc_pixels_colour(0));
	vc_pixels_scale(canvas, vc_layout_fit(all, im->width, im->height), im);
}

static const struct vc_image *image_of(const struct y4m *y, struct stream *s,
				       uint64_t *generation)
{
	return tiles_image(s, y->p->keeps_past, y->at, generation);
}

static void take(struct y4m *y, struct film *f, struct stream *s)
{
	uint64_t generation = 0;
	const struct vc_image *im = image_of(y, s, &generation);
	int w = y->width ? y->width : im ? im->width : 0;
	int h = y->width ? y->height : im ? im->height : 0;

	if (!im || (f->canvas.width && f->shown == generation &&
		    f->shown_stream == s->id))
		return;
	if (!f->canvas.width && begin(y, f, w, h))
		return;
	/* Odd pictures are copied, never letter-boxed: sides are even then. */
	if (f->canvas.width % 2 || f->canvas.height % 2) {
		if (f->canvas.width != im->width ||
		    f->canvas.height != im->height)
			return;
	}
	f->shown = generation;
	f->shown_stream = s->id;
	fit(&f->canvas, im);
	y->is_seen = true;
}

static void next_frame(struct film *f)
{
	if (f->canvas.width)
		put_frame(f, &f->canvas);
	f->frames++;
}

static bool has_picture(const struct y4m *y, struct stream *s)
{
	uint64_t generation;

	return s->pictures && !s->is_hidden && image_of(y, s, &generation);
}

static void take_each(struct y4m *y)
{
	for (struct stream *s = y->p->streams; s; s = s->next) {
		struct film *f;

		if (!has_picture(y, s))
			continue;
		f = (struct film *)parts_of(&y->parts, s, time_of(y, y->next));
		if (!f)
			continue;
		if (!f->canvas.width)
			f->frames = y->next;
		take(y, f, s);
	}
}

/* What the frame that comes next will show, if nothing newer comes. */
static void take_all(struct y4m *y)
{
	struct stream *s = y->p->streams;

	if (!y->one) {
		take_each(y);
		return;
	}
	/* Of those who are chosen the first that has a picture. */
	while (s && !has_picture(y, s))
		s = s->next;
	if (s && !y->tiles)
		take(y, y->one, s);
	y->is_seen |= s != NULL;
	if (!y->tiles)
		return;
	y->tiles->is_past = y->p->keeps_past;
	y->tiles->at = y->at;
	tiles_draw(y->tiles);
}

static void put_all(struct y4m *y)
{
	if (y->tiles)
		put_frame(y->one, vc_compose_canvas(y->tiles->canvas));
	else if (y->one)
		next_frame(y->one);
	for (struct part *part = y->parts.first; part; part = part->next)
		next_frame((struct film *)part);
	y->next++;
}

static void frame(void *ctx, int64_t at)
{
	struct y4m *y = ctx;

	(void)at;
	y->at = slot(y);
	take_all(y);
	put_all(y);
}

static void tick(void *ctx, int64_t at)
{
	struct y4m *y = ctx;

	y->last = at;
	/* It has begun: should this be the end, it is to be complete. */
	if (time_of(y, y->next) <= at && !y->p->keeps_past)
		take_all(y);
}

static void flush(void *ctx)
{
	struct y4m *y = ctx;

	while (y->p->keeps_past && time_of(y, y->next) <= y->last) {
		y->at = slot(y) < y->last ? slot(y) : y->last;
		take_all(y);
		put_all(y);
	}
}

static void changed(void *ctx)
{
	struct y4m *y = ctx;

	if (y->tiles)
		y->tiles->is_stale = true;
}

/* --- life --- */

static void close_film(struct film *f, bool is_good)
{
	if (f->part.target.file && is_good)
		target_finish(&f->part.target);
	target_abandon(&f->part.target);
	vc_image_clear(&f->canvas);
	free(f);
}

static void close_y4m(void *ctx, bool had_media)
{
	struct y4m *y = ctx;

	while (y->is_seen && time_of(y, y->next) <= y->last)
		put_all(y);
	if (!y->is_seen && had_media)
		vc_tool_fail(y->p->tool, VC_EXIT_NO_MEDIA,
			     "%s: no picture came: not written", y->text);
	if (y->one)
		close_film(y->one, y->is_seen);
	while (y->parts.first) {
		struct part *p = y->parts.first;

		y->parts.first = p->next;
		close_film((struct film *)p, true);
	}
	if (y->tiles)
		tiles_clear(y->tiles);
	free(y->tiles);
	free(y);
}

static bool is_wanted(const struct play_options *o)
{
	return o->y4m;
}

static void check(struct vc_tool *t, const struct play_options *o)
{
	target_check(t, o->y4m,
		     parts_is_pattern(o->y4m) ? TARGET_WORDS : "tag kind");
}

static bool open_grid(struct y4m *y, const struct play_options *o)
{
	int w = o->size ? o->width : 1280, h = o->size ? o->height : 720;

	y->tiles = vc_alloc(1, sizeof(*y->tiles));
	if (tiles_init(y->tiles, y->p, w, h, o->no_names)) {
		vc_tool_fail(y->p->tool, VC_EXIT_FAIL, "%s: out of memory",
			     y->text);
		return false;
	}
	put_head(y, y->one, w, h);
	return true;
}

static void *open_y4m(struct play *p, const struct play_options *o)
{
	struct y4m *y = vc_alloc(1, sizeof(*y));
	bool is_open;

	y->p = p;
	p->wants_past = true;
	y->text = o->y4m;
	y->num = o->fps_num;
	y->den = o->fps_den;
	y->last = -1;
	if (o->size) {
		y->width = o->width;
		y->height = o->height;
	}
	y->parts = (struct parts){ .p = p,
				   .pattern = o->y4m,
				   .kind = "video",
				   .size = sizeof(struct film) };
	if (parts_is_pattern(o->y4m))
		return y;
	y->one = vc_alloc(1, sizeof(*y->one));
	is_open = target_open_one(&y->one->part.target, p, o->y4m, "video");
	if (is_open && !o->only.n)
		is_open = open_grid(y, o);
	if (is_open)
		return y;
	close_y4m(y, false);
	return NULL;
}

const struct output_ops y4m_ops = {
	.is_wanted = is_wanted,
	.check = check,
	.open = open_y4m,
	.changed = changed,
	.due = due,
	.frame = frame,
	.tick = tick,
	.flush = flush,
	.close = close_y4m,
};
