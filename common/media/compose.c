/* SPDX-License-Identifier: MIT */
/*
 * The canvas is kept from call to call and tiles are drawn into it where they
 * stand, so what does not change costs nothing. A slot remembers what it drew
 * last and compares. One that lies above another is drawn into a picture of its
 * own, and copied from there whenever something below it changes. A new
 * layout is put together from what the canvas showed, so that nobody is missing
 * in it while his next picture is awaited.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/compose_internal.h"

#define RGB_CANVAS 0x14161a
#define RGB_TILE 0x22262e
#define RGB_ACTIVE 0x3ddc84

#define BORDER 2
#define COLUMNS_MAX 42 /* of a caption: what is read at a glance */

struct vc_compose {
	struct vc_image canvas;
	uint64_t generation;
	size_t n;
	struct slot slots[VC_COMPOSE_TILES_MAX];
	struct compose_colours colours;
};

struct vc_compose *vc_compose_new(int w, int h)
{
	assert(w >= 16 && h >= 16 && !(w & 1) && !(h & 1));
	struct vc_compose *c = vc_try_alloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (vc_image_alloc(&c->canvas, w, h)) {
		free(c);
		return NULL;
	}
	c->colours.canvas = vc_pixels_colour(RGB_CANVAS);
	c->colours.tile = vc_pixels_colour(RGB_TILE);
	c->colours.active = vc_pixels_colour(RGB_ACTIVE);
	vc_image_fill(&c->canvas, 0, 0, w, h, c->colours.canvas);
	return c;
}

static void slot_clear(struct slot *s)
{
	compose_drop_sprites(s);
	vc_image_clear(&s->own);
}

void vc_compose_free(struct vc_compose *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		slot_clear(&c->slots[i]);
	vc_image_clear(&c->canvas);
	free(c);
}

/* An eighth of the way to the other end. */
static uint32_t off_from(uint32_t rgb)
{
	bool is_dark = vc_pixels_colour(rgb).y < 128;
	uint32_t out = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		uint32_t v = rgb >> shift & 255;

		out |= (is_dark ? v + (255 - v) / 8 : v - v / 8) << shift;
	}
	return out;
}

void vc_compose_set_background(struct vc_compose *c, uint32_t rgb)
{
	c->colours.canvas = vc_pixels_colour(rgb);
	c->colours.tile = vc_pixels_colour(off_from(rgb));
	vc_image_fill(&c->canvas, 0, 0, c->canvas.width, c->canvas.height,
		      c->colours.canvas);
	c->generation++;
}

/* --- what lies above what --- */

static bool overlap(struct vc_rect a, struct vc_rect b)
{
	return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h &&
	       b.y < a.y + a.h;
}

static bool is_covered(const struct slot *slots, size_t n, size_t i)
{
	for (size_t k = i + 1; k < n; k++)
		if (overlap(slots[i].at, slots[k].at))
			return true;
	return false;
}

static bool is_above(const struct slot *slots, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (overlap(slots[i].at, slots[k].at))
			return true;
	return false;
}

/* A part of a picture, as a picture that borrows. */
static struct vc_image part(const struct vc_image *im, struct vc_rect r)
{
	return (struct vc_image){
		.width = r.w,
		.height = r.h,
		.y = im->y + (ptrdiff_t)r.y * im->stride_y + r.x,
		.u = im->u + (ptrdiff_t)r.y / 2 * im->stride_u + r.x / 2,
		.v = im->v + (ptrdiff_t)r.y / 2 * im->stride_v + r.x / 2,
		.stride_y = im->stride_y,
		.stride_u = im->stride_u,
		.stride_v = im->stride_v,
	};
}

/* Where slot 's' is drawn: a picture, and where in it. */
static struct vc_image *surface(struct vc_compose *c, struct slot *s,
				struct vc_rect *at)
{
	*at = s->at;
	if (!s->own.y)
		return &c->canvas;
	at->x = at->y = 0;
	return &s->own;
}

static void put_on_canvas(struct vc_compose *c, const struct slot *s)
{
	if (s->own.y && s->has_pixels)
		vc_pixels_scale(&c->canvas, s->at, &s->own);
}

/* Slot 'i' was drawn: what is above it comes above it again. */
static void settle(struct vc_compose *c, size_t i)
{
	bool is_new[VC_COMPOSE_TILES_MAX] = { false };

	put_on_canvas(c, &c->slots[i]);
	is_new[i] = true;
	for (size_t k = i + 1; k < c->n; k++) {
		for (size_t j = i; j < k && !is_new[k]; j++)
			is_new[k] = is_new[j] &&
				    overlap(c->slots[j].at, c->slots[k].at);
		if (is_new[k])
			put_on_canvas(c, &c->slots[k]);
	}
}

/* --- layout --- */

static struct slot *find_key(struct slot *slots, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		if (slots[i].key == key)
			return &slots[i];
	return NULL;
}

/* The slot for 'key' at 'at', with what can be kept of its old one. */
static struct slot moved(struct slot *old, uint64_t key, struct vc_rect at)
{
	struct slot s = { .key = key };

	if (old) {
		s = *old;
		old->label = old->initials = (struct vc_sprite){ 0 };
		old->muted = old->old = (struct vc_sprite){ 0 };
		memset(old->rows, 0, sizeof(old->rows));
		s.own = (struct vc_image){ 0 };
		if (s.at.w != at.w || s.at.h != at.h)
			compose_drop_sprites(&s);
	}
	s.has_pixels = s.is_drawn = false;
	s.at = at;
	return s;
}

/* What slot 'i' of the old layout showed, on the canvas of then. */
static struct vc_image seen(struct slot *slots, size_t i,
			    const struct vc_image *then)
{
	return slots[i].own.y ? slots[i].own : part(then, slots[i].at);
}

/*
 * Takes along what the old slot showed. If that is of the same size, and all of
 * it, it need not be drawn again.
 */
static void take_along(struct vc_compose *c, struct slot *s,
		       const struct slot *old, const struct vc_image *from,
		       bool is_whole)
{
	struct vc_rect at, fit;
	struct vc_image *dst = surface(c, s, &at);

	if (!old->has_pixels)
		return;
	s->has_pixels = true;
	s->is_drawn = old->is_drawn && is_whole && at.w == from->width &&
		      at.h == from->height;
	fit = vc_layout_fit(at, from->width, from->height);
	if (fit.w < at.w || fit.h < at.h)
		vc_image_fill(dst, at.x, at.y, at.w, at.h, c->colours.tile);
	vc_pixels_scale(dst, fit, from);
}

/* The new layout with what 'then', the canvas of the old one, showed. */
static void fill_in(struct vc_compose *c, struct slot *old, size_t n_old,
		    const struct vc_image *then)
{
	for (size_t i = 0; i < c->n; i++) {
		struct slot *s = &c->slots[i];
		struct slot *o = find_key(old, n_old, s->key);
		size_t k = o ? (size_t)(o - old) : 0;

		if (o) {
			struct vc_image from = seen(old, k, then);

			take_along(c, s, o, &from,
				   o->own.y || !is_covered(old, n_old, k));
		}
		put_on_canvas(c, s);
	}
}

int vc_compose_set_layout(struct vc_compose *c, const struct vc_rect *rects,
			  const uint64_t *keys, size_t n)
{
	struct slot old[VC_COMPOSE_TILES_MAX];
	struct vc_image *canvas = &c->canvas, then = { 0 };
	size_t n_old = c->n;
	int err = 0;

	if (n > VC_COMPOSE_TILES_MAX)
		return -E2BIG;
	memcpy(old, c->slots, n_old * sizeof(old[0]));
	if (n_old)
		err = vc_image_alloc(&then, canvas->width, canvas->height);
	if (n_old && !err)
		vc_image_copy(&then, canvas);
	vc_image_fill(canvas, 0, 0, canvas->width, canvas->height,
		      c->colours.canvas);
	c->n = n;
	for (size_t i = 0; i < n; i++) {
		c->slots[i] =
			moved(find_key(old, n_old, keys[i]), keys[i], rects[i]);
		if (is_above(c->slots, i) &&
		    vc_image_alloc(&c->slots[i].own, rects[i].w, rects[i].h))
			err = -ENOMEM; /* it is drawn on the canvas */
	}
	if (then.y)
		fill_in(c, old, n_old, &then);
	for (size_t i = 0; i < n_old; i++)
		slot_clear(&old[i]);
	vc_image_clear(&then);
	c->generation++;
	return err;
}

/* --- tiles --- */

/* Letters are 0.6 of their size wide, hardly ever more on average. */
int vc_compose_columns(const struct vc_compose *c, size_t i)
{
	int size = compose_caption_size(c->slots[i].at);
	int cols = (c->slots[i].at.w - 4 * BORDER - size) * 5 / (3 * size);

	return cols < 2 ? 2 : cols > COLUMNS_MAX ? COLUMNS_MAX : cols;
}

static void take_name(struct slot *s, const char *name)
{
	if (!strncmp(s->name, name, NAME_CAP - 1))
		return;
	strncpy(s->name, name, NAME_CAP - 1);
	compose_drop_sprites(s);
	s->is_drawn = false;
}

static void take_caption(struct slot *s, const char *text)
{
	if (!strcmp(s->caption, text))
		return;
	vc_strlcpy(s->caption, text, sizeof(s->caption));
	compose_drop_rows(s);
	s->is_drawn = false;
}

static bool are_same(const struct vc_tile_signs *a,
		     const struct vc_tile_signs *b)
{
	return a->is_active == b->is_active && a->is_muted == b->is_muted &&
	       a->is_old == b->is_old && a->is_bare == b->is_bare;
}

int vc_compose_tile(struct vc_compose *c, size_t i, const struct vc_tile *tile)
{
	assert(i < c->n);
	struct slot *s = &c->slots[i];
	struct vc_image *dst;
	struct vc_rect at;
	int err;

	take_name(s, tile->name ? tile->name : "");
	take_caption(s, tile->caption ? tile->caption : "");
	if (s->is_drawn && are_same(&s->signs, &tile->signs) &&
	    s->has_picture == !!tile->image &&
	    (!tile->image || s->generation == tile->generation))
		return 0;
	compose_take_signs(s, &tile->signs);
	dst = surface(c, s, &at);
	err = compose_draw(s, tile, &c->colours, dst, at);
	s->has_picture = tile->image;
	s->generation = tile->generation;
	s->has_pixels = s->is_drawn = true;
	settle(c, i);
	c->generation++;
	return err;
}

bool vc_compose_is_empty(const struct vc_compose *c, size_t i)
{
	return !c->slots[i].has_pixels;
}

const struct vc_image *vc_compose_canvas(const struct vc_compose *c)
{
	return &c->canvas;
}

uint64_t vc_compose_generation(const struct vc_compose *c)
{
	return c->generation;
}
