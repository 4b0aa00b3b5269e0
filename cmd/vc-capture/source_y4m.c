/* SPDX-License-Identifier: MIT */
/*
 * Y4M. For each picture that goes out the one of the file is shown that is on
 * at its time, so that any rate becomes any other. One that has the form that
 * is wanted is shown where it was read to; others are scaled.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/pixels.h"
#include "native.h"
#include "wire/y4m.h"

#define EDGE 1000 /* ns by which rounded times may miss a picture's begin */

struct y4m {
	struct source base;
	struct source_config conf;
	struct feed feed;
	struct vc_y4m head;
	size_t head_len;
	struct native_time time;
	int64_t out;	/* pictures that went out */
	int64_t in;	/* that came, in this round */
	int64_t origin; /* 'out' at the beginning of this round */
	struct vc_image canvas;
	struct vc_rect at;     /* where in it they are drawn */
	bool is_direct;	       /* they need not be */
	struct vc_image image; /* then: among the octets read */
	size_t held;	       /* so many octets are of it */
};

/* The picture that is on when the next one goes out. */
static int64_t wanted(const struct y4m *y)
{
	int64_t t = source_frame_time(&y->conf, y->out) -
		    source_frame_time(&y->conf, y->origin) + EDGE;
	int64_t num = y->head.fps_num;

	return (t / VC_SEC * num + t % VC_SEC * num / VC_SEC) / y->head.fps_den;
}

/* Where the picture goes without distortion. */
static struct vc_rect place(const struct y4m *y)
{
	int64_t w = (int64_t)y->head.width * y->head.par_num;
	int64_t h = (int64_t)y->head.height * y->head.par_den;
	const struct vc_image *c = &y->canvas;

	if (w * c->height == h * c->width || c->width < 2 || c->height < 2)
		return (struct vc_rect){ 0, 0, c->width, c->height };
	while (w > INT16_MAX || h > INT16_MAX) {
		w = w / 2 + 1;
		h = h / 2 + 1;
	}
	return vc_layout_fit((struct vc_rect){ 0, 0, c->width & ~1,
					       c->height & ~1 },
			     (int)w, (int)h);
}

static bool is_as_wanted(const struct y4m *y)
{
	const struct vc_image *c = &y->canvas;

	return y->head.width == c->width && y->head.height == c->height &&
	       y->head.par_num == y->head.par_den &&
	       vc_y4m_chroma_width(&y->head) == vc_image_half(c->width) &&
	       vc_y4m_chroma_height(&y->head) == vc_image_half(c->height);
}

static int fail(struct y4m *y, int err, const char *text)
{
	vc_strlcpy(y->base.error, text, SOURCE_TEXT);
	return err;
}

static int check_head(struct y4m *y, int err)
{
	if (err == -ENOTSUP)
		return fail(y, err,
			    "a kind of Y4M other than 8-bit 4:2:0, "
			    "4:2:2, 4:4:4 or mono");
	if (err == -EBADMSG)
		return fail(y, err, "no Y4M");
	if (err)
		return err;
	if (!vc_image_size_ok(y->head.width, y->head.height))
		return fail(y, -EOPNOTSUPP,
			    "it has pictures of a size that is refused");
	if (y->head.fps_num / 1000 > y->head.fps_den)
		return fail(y, -EBADMSG, "over 1000 pictures a second");
	y->at = place(y);
	y->is_direct = is_as_wanted(y);
	return 0;
}

/* 1 it is there. */
static int read_head(struct y4m *y)
{
	size_t used = 0;
	int got, err;

	if (y->head_len)
		return 1;
	do {
		err = vc_y4m_parse(&y->head, feed_data(&y->feed),
				   feed_len(&y->feed), &used);
		if (err != -EAGAIN)
			break;
		got = feed_need(&y->feed, feed_len(&y->feed) + 1);
		if (!got)
			return fail(y, -ENODATA,
				    feed_len(&y->feed) ? "no Y4M" :
							 "nothing in it");
		if (got < 0)
			return got;
	} while (true);
	err = check_head(y, err);
	if (err)
		return err;
	y->head_len = used;
	feed_use(&y->feed, used);
	return 1;
}

static void draw_plane(uint8_t *dst, int stride, int w, int h,
		       const uint8_t *src, int src_w, int src_h)
{
	if (w && h && src_w && src_h)
		vc_pixels_scale_plane(dst, stride, w, h, src, src_w, src_w,
				      src_h);
}

static void draw(struct y4m *y, const uint8_t *p)
{
	struct vc_image *c = &y->canvas;
	struct vc_rect at = y->at;
	int cw = vc_y4m_chroma_width(&y->head);
	int ch = vc_y4m_chroma_height(&y->head);
	int w = vc_image_half(at.w), h = vc_image_half(at.h);
	const uint8_t *u = p + (size_t)y->head.width * (size_t)y->head.height;
	const uint8_t *v = u + vc_y4m_chroma_len(&y->head);

	draw_plane(c->y + (ptrdiff_t)at.y * c->stride_y + at.x, c->stride_y,
		   at.w, at.h, p, y->head.width, y->head.height);
	draw_plane(c->u + (ptrdiff_t)(at.y / 2) * c->stride_u + at.x / 2,
		   c->stride_u, w, h, u, cw, ch);
	draw_plane(c->v + (ptrdiff_t)(at.y / 2) * c->stride_v + at.x / 2,
		   c->stride_v, w, h, v, cw, ch);
}

/* It is in 'line' octets from here, and stays there until the next one is read. */
static void show(struct y4m *y, size_t line, size_t used)
{
	uint8_t *p = y->feed.buf + y->feed.at + line;
	struct vc_image *im = &y->image;

	if (!y->is_direct) {
		draw(y, p);
		feed_use(&y->feed, used);
		return;
	}
	im->width = y->head.width;
	im->height = y->head.height;
	im->stride_y = im->width;
	im->stride_u = im->stride_v = vc_image_half(im->width);
	im->y = p;
	im->u = im->y + (size_t)im->width * (size_t)im->height;
	im->v = im->u + vc_y4m_chroma_len(&y->head);
	y->held = used;
}

/* 1 a picture was passed, and shown if 'shown'. */
static int next(struct y4m *y, bool shown)
{
	size_t used, line = 0, len = vc_y4m_len(&y->head);
	int err, got;

	feed_use(&y->feed, y->held);
	y->held = 0;
	/* The line of a frame is all but never longer than this word. */
	got = feed_need(&y->feed, sizeof("FRAME\n") - 1 + len);
	if (got == -EAGAIN || got == -ENOMEM)
		return got;
	if (!got && !feed_len(&y->feed))
		return 0;
	err = vc_y4m_parse_frame(feed_data(&y->feed), feed_len(&y->feed),
				 &line);
	if (err == -EBADMSG)
		return fail(y, err, "broken: no picture where one is due");
	used = line + len;
	if (got == 1 && !err)
		got = feed_need(&y->feed, used);
	if (got < 0)
		return got;
	if (!got || err)
		return fail(y, -EBADMSG, "cut short");
	if (shown)
		show(y, line, used);
	else
		feed_use(&y->feed, used);
	y->in++;
	return 1;
}

static int again(struct y4m *y)
{
	if (!y->conf.loop || !y->feed.is_file || !y->in)
		return 0;
	y->in = 0;
	y->origin = y->out;
	return feed_seek(&y->feed, (off_t)y->head_len) ? 0 : 1;
}

/* Reads on to the picture that is wanted: 1 it is drawn. */
static int advance(struct y4m *y)
{
	int got = 1;

	while (got == 1 && y->in <= wanted(y)) {
		got = next(y, y->in == wanted(y));
		if (got)
			continue;
		if (!y->in && !y->out)
			return fail(y, -ENODATA, "no pictures in it");
		got = again(y);
	}
	return got;
}

static int y4m_video(struct source *base, int64_t now,
		     const struct vc_image **img, int64_t *pts)
{
	struct y4m *y = (struct y4m *)base;
	int got;

	(void)now;
	native_asked(&y->time, &y->feed);
	got = read_head(y);
	if (got == 1)
		got = advance(y);
	if (got != 1)
		return got;
	native_began(&y->time, &y->feed);
	*pts = source_frame_time(&y->conf, y->out);
	if (!y->conf.is_paired)
		native_came(&y->time, &y->feed, *pts);
	*pts += y->time.shift;
	*img = y->is_direct ? &y->image : &y->canvas;
	y->out++;
	return 1;
}

static int y4m_fd(struct source *base, bool is_video)
{
	(void)is_video;
	return ((struct y4m *)base)->feed.fd;
}

/* No picture is left out: they come later. */
static void y4m_skip(struct source *base, int64_t pts)
{
	struct y4m *y = (struct y4m *)base;
	int64_t ahead =
		pts - y->time.shift - source_frame_time(&y->conf, y->out);

	if (ahead > 0)
		y->time.shift += ahead;
}

static void y4m_close(struct source *base)
{
	struct y4m *y = (struct y4m *)base;

	feed_close(&y->feed);
	vc_image_clear(&y->canvas);
	free(y);
}

static const struct source_ops file_ops = {
	.video = y4m_video,
	.skip = y4m_skip,
	.close = y4m_close,
};

static const struct source_ops pipe_ops = {
	.video = y4m_video,
	.fd = y4m_fd,
	.close = y4m_close,
};

int native_open_y4m(struct source **out, const struct source_config *c,
		    struct feed *f, char error[static SOURCE_TEXT])
{
	struct y4m *y = vc_alloc(1, sizeof(*y));
	int err;

	y->base.ops = f->is_file ? &file_ops : &pipe_ops;
	y->base.has_video = true;
	y->conf = *c;
	y->feed = *f;
	err = vc_image_alloc(&y->canvas, c->width, c->height);
	if (!err && f->is_file)
		err = read_head(y) == 1 ? 0 : -EBADMSG;
	if (err) {
		vc_strlcpy(error, y->base.error, SOURCE_TEXT);
		y4m_close(&y->base);
		return err;
	}
	*out = &y->base;
	return 0;
}
