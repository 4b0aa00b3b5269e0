/* SPDX-License-Identifier: MIT */
/*
 * One tile. Its sprites are rendered on first need, blended each time the
 * picture below them is drawn, and thrown away when the name or their size
 * changes.
 */
#include <errno.h>

#include "base/str.h"
#include "media/compose_internal.h"

#define ARGB_TEXT 0xfff4f6f8
#define ARGB_BOX 0xc8101216

#define BORDER 2

/* Where a tile is drawn. */
struct pen {
	struct slot *s;
	const struct compose_colours *colours;
	struct vc_image *dst;
	struct vc_rect at;
};

void compose_drop_rows(struct slot *s)
{
	for (size_t i = 0; i < VC_CAPTION_ROWS; i++)
		vc_sprite_clear(&s->rows[i]);
	s->has_rows = false;
}

void compose_drop_sprites(struct slot *s)
{
	vc_sprite_clear(&s->label);
	vc_sprite_clear(&s->initials);
	vc_sprite_clear(&s->muted);
	vc_sprite_clear(&s->old);
	s->has_label = s->has_initials = s->has_muted = s->has_old = false;
	compose_drop_rows(s);
}

void compose_take_signs(struct slot *s, const struct vc_tile_signs *signs)
{
	if (s->signs.is_muted != signs->is_muted) {
		vc_sprite_clear(&s->label);
		s->has_label = false;
	}
	s->signs = *signs;
}

static void fill(const struct pen *pen, struct vc_rect r, struct vc_colour c)
{
	vc_image_fill(pen->dst, r.x, r.y, r.w, r.h, c);
}

/* --- sizes that follow the tile's --- */

static int label_size(struct vc_rect at)
{
	int size = at.h / 18;

	return size < 10 ? 10 : size > 48 ? 48 : size;
}

static int label_gap(struct vc_rect at)
{
	return 2 * BORDER + label_size(at) / 4;
}

/* As high as a label. */
static int sign_size(struct vc_rect at)
{
	return (label_size(at) * 8 / 5 + 1) & ~1;
}

int compose_caption_size(struct vc_rect at)
{
	int size = at.h / 16;

	return size < 10 ? 10 : size > 56 ? 56 : size;
}

/* --- sprites --- */

/* A sign has room beside it. */
static int need_label(struct slot *s)
{
	int beside = s->signs.is_muted ? sign_size(s->at) + BORDER : 0;
	const struct vc_label_style style = {
		.size_px = label_size(s->at),
		.max_w = s->at.w - 4 * BORDER - label_size(s->at) - beside,
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

static int need_sign(struct slot *s, struct vc_sprite *out, bool *has,
		     enum vc_label_sign sign)
{
	if (*has)
		return 0;
	*has = true;
	return vc_label_sign(out, sign, sign_size(s->at), ARGB_TEXT, ARGB_BOX);
}

static int need_rows(struct slot *s)
{
	const struct vc_label_style style = {
		.size_px = compose_caption_size(s->at),
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

/* --- drawing --- */

/* Above and below the picture, or left and right of it. */
static void draw_bars(const struct pen *pen, struct vc_rect pic)
{
	struct vc_rect at = pen->at, before = at, after = at;

	if (pic.h < at.h) {
		before.h = pic.y - at.y;
		after.y = pic.y + pic.h;
		after.h = at.y + at.h - after.y;
	} else {
		before.w = pic.x - at.x;
		after.x = pic.x + pic.w;
		after.w = at.x + at.w - after.x;
	}
	fill(pen, before, pen->colours->tile);
	fill(pen, after, pen->colours->tile);
}

/* The bars too are drawn each time: labels and frames are blended on them. */
static void draw_picture(const struct pen *pen, const struct vc_image *image,
			 bool is_old)
{
	struct vc_rect r = vc_layout_fit(pen->at, image->width, image->height);

	draw_bars(pen, r);
	vc_pixels_scale(pen->dst, r, image);
	if (is_old)
		vc_pixels_grey(pen->dst, r);
}

static int draw_placeholder(const struct pen *pen)
{
	int err = need_initials(pen->s);
	const struct vc_image *im = &pen->s->initials.image;
	int x = pen->at.x + (pen->at.w - im->width) / 2;
	int y = pen->at.y + (pen->at.h - im->height) / 2;

	fill(pen, pen->at, pen->colours->tile);
	vc_sprite_blend(pen->dst, x & ~1, y & ~1, &pen->s->initials);
	return err;
}

/* Above the name, from the bottom up. */
static int draw_caption(const struct pen *pen, int bottom)
{
	int err = need_rows(pen->s);

	for (size_t i = VC_CAPTION_ROWS; i-- > 0;) {
		const struct vc_sprite *row = &pen->s->rows[i];
		const struct vc_image *im = &row->image;
		int x = pen->at.x + (pen->at.w - im->width) / 2;

		if (!im->height || bottom - im->height < pen->at.y)
			continue;
		bottom -= im->height;
		vc_sprite_blend(pen->dst, x & ~1, bottom & ~1, row);
		bottom = (bottom & ~1) - BORDER;
	}
	return err;
}

static int draw_texts(const struct pen *pen, bool has_name)
{
	struct slot *s = pen->s;
	int gap = label_gap(s->at);
	int y = pen->at.y + pen->at.h - gap, err = 0, err2;

	if (has_name) {
		err = need_label(s);
		y -= s->label.image.height;
		vc_sprite_blend(pen->dst, (pen->at.x + gap) & ~1, y & ~1,
				&s->label);
	}
	err2 = draw_caption(pen, (y & ~1) - BORDER);
	return err ? err : err2;
}

/* At the right: below who is muted, above what is old. */
static int draw_signs(const struct pen *pen)
{
	struct slot *s = pen->s;
	int gap = label_gap(s->at), right = pen->at.x + pen->at.w - gap;
	int err = 0, err2 = 0;

	if (s->signs.is_muted) {
		int y = pen->at.y + pen->at.h - gap;

		err = need_sign(s, &s->muted, &s->has_muted, VC_SIGN_MUTED);
		vc_sprite_blend(pen->dst, (right - s->muted.image.width) & ~1,
				(y - s->muted.image.height) & ~1, &s->muted);
	}
	if (s->signs.is_old) {
		err2 = need_sign(s, &s->old, &s->has_old, VC_SIGN_OLD);
		vc_sprite_blend(pen->dst, (right - s->old.image.width) & ~1,
				(pen->at.y + gap) & ~1, &s->old);
	}
	return err ? err : err2;
}

int compose_draw(struct slot *s, const struct vc_tile *tile,
		 const struct compose_colours *colours, struct vc_image *dst,
		 struct vc_rect at)
{
	const struct pen pen = { s, colours, dst, at };
	const struct vc_tile_signs *signs = &s->signs;
	bool is_bright = signs->is_active && !signs->is_bare;
	int err = 0, err2, err3 = 0;

	if (tile->image)
		draw_picture(&pen, tile->image, signs->is_old);
	else
		err = draw_placeholder(&pen);
	vc_pixels_frame(dst, at, is_bright ? 2 * BORDER : BORDER,
			is_bright ? colours->active : colours->canvas);
	err2 = draw_texts(&pen, !signs->is_bare);
	if (!signs->is_bare)
		err3 = draw_signs(&pen);
	return err ? err : err2 ? err2 : err3;
}
