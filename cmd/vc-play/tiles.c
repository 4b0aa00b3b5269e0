/* SPDX-License-Identifier: MIT */
#include "tiles.h"

#include <errno.h>

#include "engine/videorx.h"
#include "media/layout.h"
#include "subtitle.h"

static bool has_pictures(const struct play *p, const struct vc_participant *who)
{
	for (const struct stream *s = p->streams; s; s = s->next)
		if (s->pictures && s->src->who == who)
			return true;
	return false;
}

static bool has_tile(const struct play *p, const struct stream *s)
{
	if (s->is_hidden)
		return false;
	if (s->pictures)
		return true;
	if ((!s->sound && !s->text) || has_pictures(p, s->src->who))
		return false;
	for (const struct stream *t = p->streams; t != s; t = t->next)
		if ((t->sound || t->text) && t->src->who == s->src->who)
			return false;
	return true;
}

size_t tiles_list(const struct play *p, struct stream **out, size_t cap)
{
	size_t n = 0;

	for (struct stream *s = p->streams; s && n < cap; s = s->next) {
		if (!has_tile(p, s))
			continue;
		out[n] = s;
		n++;
	}
	return n;
}

int tiles_init(struct tiles *t, const struct play *p, int width, int height,
	       bool no_names)
{
	t->p = p;
	t->width = width;
	t->height = height;
	t->no_names = no_names;
	t->is_stale = true;
	t->canvas = vc_compose_new(width, height);
	return t->canvas ? 0 : -ENOMEM;
}

void tiles_clear(struct tiles *t)
{
	vc_compose_free(t->canvas);
	t->canvas = NULL;
}

static void lay_out(struct tiles *t)
{
	struct vc_rect rects[TILES_MAX];
	uint64_t keys[TILES_MAX];

	t->is_stale = false;
	t->n = tiles_list(t->p, t->tile, TILES_MAX);
	for (size_t i = 0; i < t->n; i++)
		keys[i] = t->tile[i]->id;
	if (vc_layout_grid(rects, TILES_MAX, t->n, t->width, t->height))
		t->n = 0;
	vc_compose_set_layout(t->canvas, rects, keys, t->n);
}

const struct vc_image *tiles_image(struct stream *s, bool is_past, int64_t at,
				   uint64_t *generation)
{
	return is_past ? past_at(&s->past, at, generation) :
			 vc_videorx_image(s->pictures, generation);
}

void tiles_draw(struct tiles *t)
{
	if (t->is_stale)
		lay_out(t);
	for (size_t i = 0; i < t->n; i++) {
		struct stream *from = t->tile[i];
		struct vc_tile tile = { 0 };
		char rows[VC_CAPTION_OUT];

		if (subtitle_of(t->p, from, vc_compose_columns(t->canvas, i),
				VC_CAPTION_ROWS, rows))
			tile.caption = rows;
		if (!t->no_names)
			tile.name = play_label(from);
		if (from->pictures)
			tile.image = tiles_image(from, t->is_past, t->at,
						 &tile.generation);
		vc_compose_tile(t->canvas, i, &tile);
	}
}
