/* SPDX-License-Identifier: MIT */
/*
 * The canvas is kept from call to call and tiles are drawn into it where they
 * stand, so what does not change costs nothing. A slot remembers what it drew
 * last and compares. Its two sprites (label and initials) are rendered on
 * first need, blended each time the picture below them is drawn, and thrown
 * away when the name or their size changes. So are those of a caption.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/caption.h"
#include "media/compose.h"
#include "media/label.h"
#include "media/pixels.h"

/* More of a name cannot be seen, and does not count as a change. */
#define NAME_CAP 256

#define RGB_CANVAS 0x14161a
#define RGB_TILE 0x22262e
#define RGB_ACTIVE 0x3ddc84
#define ARGB_TEXT 0xfff4f6f8
#define ARGB_BOX 0xc8101216

#define BORDER 2
#define COLUMNS_MAX 42 /* of a caption: what is read at a glance */

struct slot {
	uint64_t key;
	struct vc_rect at;
	bool is_drawn;
	/* What is drawn, while is_drawn. */
	bool has_picture; /* else a placeholder */
	uint64_t generation;
	bool is_active;
	/* These move with the key. A sprite may stay empty: nothing to draw. */
	char name[NAME_CAP];
	struct vc_sprite label;
	struct vc_sprite initials;
	bool has_label;
	bool has_initials;
	char caption[VC_CAPTION_OUT];
	struct vc_sprite rows[VC_CAPTION_ROWS];
	bool has_rows;
};

struct vc_compose {
	struct vc_image canvas;
	uint64_t generation;
	size_t n;
	struct slot slots[VC_COMPOSE_TILES_MAX];
	struct vc_colour canvas_colour;
	struct vc_colour tile_colour;
	struct vc_colour active_colour;
};

static bool same_rect(struct vc_rect a, struct vc_rect b)
{
	return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

static void fill(struct vc_image *dst, struct vc_rect r, struct vc_colour c)
{
	vc_image_fill(dst, r.x, r.y, r.w, r.h, c);
}

static void drop_rows(struct slot *s)
{
	for (size_t i = 0; i < VC_CAPTION_ROWS; i++)
		vc_sprite_clear(&s->rows[i]);
	s->has_rows = false;
}

static void drop_sprites(struct slot *s)
{
	vc_sprite_clear(&s->label);
	vc_sprite_clear(&s->initials);
	s->has_label = false;
	s->has_initials = false;
	drop_rows(s);
}

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
	c->canvas_colour = vc_pixels_colour(RGB_CANVAS);
	c->tile_colour = vc_pixels_colour(RGB_TILE);
	c->active_colour = vc_pixels_colour(RGB_ACTIVE);
	vc_image_fill(&c->canvas, 0, 0, w, h, c->canvas_colour);
	return c;
}

void vc_compose_free(struct vc_compose *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		drop_sprites(&c->slots[i]);
	vc_image_clear(&c->canvas);
	free(c);
}

static struct slot *find_key(struct slot *slots, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		if (slots[i].key == key)
			return &slots[i];
	return NULL;
}

/* The slot for 'key' at 'at', with what it can keep of its old one. */
static struct slot moved(struct slot *old, uint64_t key, struct vc_rect at)
{
	struct slot s = { .key = key };

	if (old) {
		s = *old;
		old->is_drawn = same_rect(old->at, at) && old->is_drawn;
		s.is_drawn = old->is_drawn;
		old->label = old->initials = (struct vc_sprite){ 0 };
		memset(old->rows, 0, sizeof(old->rows));
		if (s.at.w != at.w || s.at.h != at.h)
			drop_sprites(&s);
	}
	s.at = at;
	return s;
}

int vc_compose_set_layout(struct vc_compose *c, const struct vc_rect *rects,
			  const uint64_t *keys, size_t n)
{
	struct slot next[VC_COMPOSE_TILES_MAX];
	bool kept[VC_COMPOSE_TILES_MAX] = { false };

	if (n > VC_COMPOSE_TILES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		struct slot *old = find_key(c->slots, c->n, keys[i]);

		next[i] = moved(old, keys[i], rects[i]);
		if (old)
			kept[old - c->slots] = next[i].is_drawn;
	}
	for (size_t i = 0; i < c->n; i++) {
		drop_sprites(&c->slots[i]);
		if (!kept[i])
			fill(&c->canvas, c->slots[i].at, c->canvas_colour);
	}
	memcpy(c->slots, next, n * sizeof(next[0]));
	c->n = n;
	c->generation++;
	return 0;
}

/* Sizes that follow the tile's. */
static int label_size(struct vc_rect at)
{
	int size = at.h / 18;

	return size < 10 ? 10 : size > 48 ? 48 : size;
}

static int need_label(struct slot *s)
{
	const struct vc_label_style style = {
		.size_px = label_size(s->at),
		.max_w = s->at.w - 4 * BORDER - label_size(s->at),
		.fg = ARGB_TEXT,
		.bg = ARGB_BOX,
	};

	if (s->has_label)
		return 0;
	s->has_label = true;
	int err = vc_label_render(&s->label, s->name, &style);

	return err == -ENOMEM ? err : 0;
}

static int need_initials(struct slot *s)
{
	int side = s->at.w < s->at.h ? s->at.w : s->at.h;

	if (s->has_initials)
		return 0;
	s->has_initials = true;
	return vc_label_initials(&s->initials, s->name, side * 2 / 5);
}

/* --- the caption --- */

static int caption_size(struct vc_rect at)
{
	int size = at.h / 16;

	return size < 10 ? 10 : size > 56 ? 56 : size;
}

/* Letters are 0.6 of their size wide, hardly ever more on average. */
int vc_compose_columns(const struct vc_compose *c, size_t i)
{
	int size = caption_size(c->slots[i].at);
	int cols = (c->slots[i].at.w - 4 * BORDER - size) * 5 / (3 * size);

	return cols < 2 ? 2 : cols > COLUMNS_MAX ? COLUMNS_MAX : cols;
}

static int need_rows(struct slot *s)
{
	const struct vc_label_style style = {
		.size_px = caption_size(s->at),
		.max_w = s->at.w - 4 * BORDER,
		.fg = ARGB_TEXT,
		.bg = ARGB_BOX,
	};
	struct vc_str rest = vc_str_c(s->caption);
	int err = 0;

	if (s->has_rows)
		return 0;
	s->has_rows = true;
	for (size_t i = 0; i < VC_CAPTION_ROWS && rest.len; i++) {
		char row[VC_CAPTION_ROW];

		vc_str_copy(row, sizeof(row), vc_str_cut(&rest, '\n'));
		if (vc_label_render(&s->rows[i], row, &style) == -ENOMEM)
			err = -ENOMEM;
	}
	return err;
}

/* Above the name, from the bottom up. */
static int draw_caption(struct vc_compose *c, struct slot *s, int bottom)
{
	int err = need_rows(s);

	for (size_t i = VC_CAPTION_ROWS; i-- > 0;) {
		const struct vc_image *im = &s->rows[i].image;
		int x = s->at.x + (s->at.w - im->width) / 2;

		if (!im->height || bottom - im->height < s->at.y)
			continue;
		bottom -= im->height;
		vc_sprite_blend(&c->canvas, x & ~1, bottom & ~1, &s->rows[i]);
		bottom = (bottom & ~1) - BORDER;
	}
	return err;
}

/* Above and below the picture, or left and right of it. */
static void draw_bars(struct vc_compose *c, struct vc_rect at,
		      struct vc_rect pic)
{
	struct vc_rect before = at, after = at;

	if (pic.h < at.h) {
		before.h = pic.y - at.y;
		after.y = pic.y + pic.h;
		after.h = at.y + at.h - after.y;
	} else {
		before.w = pic.x - at.x;
		after.x = pic.x + pic.w;
		after.w = at.x + at.w - after.x;
	}
	fill(&c->canvas, before, c->tile_colour);
	fill(&c->canvas, after, c->tile_colour);
}

/* The bars too are drawn each time: labels and frames are blended on them. */
static void draw_picture(struct vc_compose *c, struct slot *s,
			 const struct vc_image *image)
{
	struct vc_rect r = vc_layout_fit(s->at, image->width, image->height);

	draw_bars(c, s->at, r);
	vc_pixels_scale(&c->canvas, r, image);
	s->has_picture = true;
}

static int draw_placeholder(struct vc_compose *c, struct slot *s)
{
	int err = need_initials(s);
	const struct vc_image *im = &s->initials.image;
	int x = s->at.x + (s->at.w - im->width) / 2;
	int y = s->at.y + (s->at.h - im->height) / 2;

	fill(&c->canvas, s->at, c->tile_colour);
	vc_sprite_blend(&c->canvas, x & ~1, y & ~1, &s->initials);
	s->has_picture = false;
	return err;
}

static int draw_texts(struct vc_compose *c, struct slot *s)
{
	int err = need_label(s), err2;
	int gap = 2 * BORDER + label_size(s->at) / 4;
	int y = s->at.y + s->at.h - gap - s->label.image.height;

	vc_sprite_blend(&c->canvas, (s->at.x + gap) & ~1, y & ~1, &s->label);
	err2 = draw_caption(c, s, (y & ~1) - BORDER);
	return err ? err : err2;
}

static void take_name(struct slot *s, const char *name)
{
	if (!strncmp(s->name, name, NAME_CAP - 1))
		return;
	strncpy(s->name, name, NAME_CAP - 1);
	drop_sprites(s);
	s->is_drawn = false;
}

static void take_caption(struct slot *s, const char *text)
{
	if (!strcmp(s->caption, text))
		return;
	vc_strlcpy(s->caption, text, sizeof(s->caption));
	drop_rows(s);
	s->is_drawn = false;
}

int vc_compose_tile(struct vc_compose *c, size_t i, const struct vc_tile *tile)
{
	assert(i < c->n);
	struct slot *s = &c->slots[i];
	int err = 0, err2;

	take_name(s, tile->name ? tile->name : "");
	take_caption(s, tile->caption ? tile->caption : "");
	if (s->is_drawn && s->is_active == tile->is_active &&
	    s->has_picture == !!tile->image &&
	    (!tile->image || s->generation == tile->generation))
		return 0;
	if (tile->image)
		draw_picture(c, s, tile->image);
	else
		err = draw_placeholder(c, s);
	if (tile->is_active)
		vc_pixels_frame(&c->canvas, s->at, 2 * BORDER,
				c->active_colour);
	else
		vc_pixels_frame(&c->canvas, s->at, BORDER, c->canvas_colour);
	err2 = draw_texts(c, s);
	s->generation = tile->generation;
	s->is_active = tile->is_active;
	s->is_drawn = true;
	c->generation++;
	return err ? err : err2;
}

const struct vc_image *vc_compose_canvas(const struct vc_compose *c)
{
	return &c->canvas;
}

uint64_t vc_compose_generation(const struct vc_compose *c)
{
	return c->generation;
}
