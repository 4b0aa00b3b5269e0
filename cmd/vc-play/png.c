/* SPDX-License-Identifier: MIT */
/*
 * Single pictures as PNG: the grid, or the bare picture of one participant
 * (--only), or one of each; the first there is, or one at every so much of
 * stream time. The grid's first waits until all who send pictures are seen,
 * for a second.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/videorx.h"
#include "media/png.h"
#include "target.h"
#include "tiles.h"
#include "tool/pattern.h"

#define PATIENCE VC_SEC

/* Who has been written; only 'stream' and 'id' of the part are used. */
struct png {
	struct play *p;
	const char *text;
	int64_t every; /* 0: once */
	int64_t next;  /* media time */
	int64_t first; /* media time of the first picture; -1: none yet */
	uint64_t n;    /* of times */
	uint64_t written;
	struct target target; /* of one file */
	bool has_target;
	bool is_over;
	bool is_each;
	bool is_one;	  /* --only */
	uint64_t last_id; /* each, once: streams up to here are done */
	struct tiles tiles;
};

static int draw(const void *ctx, int fd)
{
	return vc_png_write(fd, ctx);
}

static void fail(struct png *g)
{
	g->is_over = true;
	vc_tool_stop(g->p->tool, "error");
}

static void write_picture(struct png *g, const struct vc_image *im,
			  const struct stream *s, int64_t at)
{
	if (!g->has_target &&
	    !target_open_for(&g->target, g->p, g->text, s, "video", at, g->n)) {
		fail(g);
		return;
	}
	g->has_target = false;
	if (target_did(&g->target, "write",
		       target_from_fd(&g->target, draw, im))) {
		target_finish(&g->target);
		g->written++;
	} else {
		target_abandon(&g->target);
		g->is_over = true;
	}
}

static const struct vc_image *image_of(const struct stream *s)
{
	uint64_t generation;

	return s->pictures && !s->is_hidden ?
		       vc_videorx_image(s->pictures, &generation) :
		       NULL;
}

/* Is there anything to be seen, and all that is to come? */
static bool is_ready(struct png *g, int64_t at)
{
	bool is_any = false, is_all = true;

	for (const struct stream *s = g->p->streams; s; s = s->next) {
		if (!s->pictures || s->is_hidden)
			continue;
		is_any |= image_of(s) != NULL;
		is_all &= image_of(s) != NULL;
	}
	if (is_any && g->first < 0)
		g->first = at;
	return is_any &&
	       (is_all || g->is_one || g->every || at >= g->first + PATIENCE);
}

static void take_each(struct png *g, int64_t at)
{
	for (const struct stream *s = g->p->streams; s; s = s->next) {
		const struct vc_image *im = image_of(s);

		/* In order of arrival; who has none yet is waited for. */
		if (!g->every && s->id < g->last_id)
			continue;
		if (im && !g->is_over)
			write_picture(g, im, s, at);
		else if (!g->every && s->pictures)
			break;
		g->last_id = s->id + 1;
	}
}

static void take_one(struct png *g, int64_t at)
{
	for (const struct stream *s = g->p->streams; s; s = s->next) {
		const struct vc_image *im = image_of(s);

		if (!im)
			continue;
		write_picture(g, im, s, at);
		return;
	}
}

static void tick(void *ctx, int64_t at)
{
	struct png *g = ctx;

	if (g->is_over || at < g->next)
		return;
	if (!g->is_each && !is_ready(g, at))
		return;
	if (g->is_each) {
		take_each(g, at);
	} else if (g->is_one) {
		take_one(g, at);
	} else {
		tiles_draw(&g->tiles);
		write_picture(g, vc_compose_canvas(g->tiles.canvas), NULL, at);
	}
	if (g->every) {
		g->n++;
		while (g->next <= at)
			g->next += g->every;
	} else if (!g->is_each) {
		g->is_over = true;
		/* There is nothing else to do. */
		if (g->p->n_outputs == 1)
			vc_tool_stop(g->p->tool, "first-frame");
	}
}

static void changed(void *ctx)
{
	struct png *g = ctx;

	g->tiles.is_stale = true;
}

static void close_png(void *ctx, bool had_media)
{
	struct png *g = ctx;

	if (!g->written && had_media)
		vc_tool_fail(g->p->tool, VC_EXIT_NO_MEDIA,
			     "%s: no picture came: not written", g->text);
	if (g->has_target)
		target_abandon(&g->target);
	tiles_clear(&g->tiles);
	free(g);
}

static bool is_wanted(const struct play_options *o)
{
	return o->png;
}

static void check(struct vc_tool *t, const struct play_options *o)
{
	target_check(t, o->png, TARGET_WORDS " n");
	if (o->every && !vc_pattern_has(o->png, "n") &&
	    !vc_pattern_has(o->png, "time"))
		vc_tool_usage(t, "--every wants {n} or {time} in --png %s",
			      o->png);
}

static void *open_png(struct play *p, const struct play_options *o)
{
	struct png *g = vc_alloc(1, sizeof(*g));
	int w = o->size ? o->width : 1280, h = o->size ? o->height : 720;

	g->p = p;
	g->text = o->png;
	g->every = o->every;
	g->first = -1;
	g->is_each = parts_is_pattern(o->png);
	g->is_one = o->only.n > 0;
	if (!vc_pattern_is(o->png)) {
		g->has_target = target_open(&g->target, p->tool, o->png, false);
		if (!g->has_target)
			goto fail;
	}
	if (!tiles_init(&g->tiles, p, w, h, o->no_names))
		return g;
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: out of memory", o->png);
fail:
	close_png(g, false);
	return NULL;
}

const struct output_ops png_ops = {
	.is_wanted = is_wanted,
	.check = check,
	.open = open_png,
	.changed = changed,
	.tick = tick,
	.close = close_png,
};
