/* SPDX-License-Identifier: MIT */
/*
 * A cell keeps the first picture that came in its column's interval, already
 * at thumbnail size. Doubling the interval joins columns 2k and 2k + 1: the
 * earlier picture of the two survives, so a cell's picture is never older than
 * its column. The sheet itself is drawn only at the end.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/label.h"
#include "media/layout.h"
#include "media/pixels.h"
#include "media/png.h"
#include "media/sheet.h"

#define NAME_CAP 256

#define MARGIN 24
#define GAP 6
#define HEAD_H 92 /* title, summary, times */
#define NAME_W 176
#define DISC 36

#define RGB_PAPER 0x14161a
#define RGB_EMPTY 0x1e2128
#define ARGB_TEXT 0xfff4f6f8
#define ARGB_DIM 0xff9aa3af
#define ARGB_BOX 0xc8101216

struct row {
	char who[NAME_CAP];
	struct vc_image *cells; /* 'cols' of them; empty: no picture */
};

struct vc_sheet {
	int cols;
	int thumb_w;
	int thumb_h;
	size_t rows_cap;
	size_t n_rows;
	struct row rows[VC_SHEET_ROWS_MAX];
	char *title;
	int64_t interval;
	int64_t last; /* the latest time seen */
	size_t count;
	bool is_cut; /* somebody found no room */
};

struct vc_sheet *vc_sheet_new(int cols, int thumb_w, int thumb_h)
{
	int fit_cols = (VC_IMAGE_MAX - 2 * MARGIN - NAME_W) / (thumb_w + GAP);
	int fit_rows = (VC_IMAGE_MAX - 2 * MARGIN - HEAD_H) / (thumb_h + GAP);

	assert(cols >= 2 && cols <= VC_SHEET_COLS_MAX);
	assert(thumb_w >= 16 && thumb_w <= 1024 && !(thumb_w & 1));
	assert(thumb_h >= 16 && thumb_h <= 1024 && !(thumb_h & 1));
	struct vc_sheet *s = vc_try_alloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->cols = cols < fit_cols ? cols : fit_cols;
	s->rows_cap = fit_rows < VC_SHEET_ROWS_MAX ? (size_t)fit_rows :
						     VC_SHEET_ROWS_MAX;
	s->thumb_w = thumb_w;
	s->thumb_h = thumb_h;
	s->interval = VC_SHEET_INTERVAL_MIN;
	return s;
}

void vc_sheet_free(struct vc_sheet *s)
{
	if (!s)
		return;
	for (size_t r = 0; r < s->n_rows; r++) {
		for (int c = 0; c < s->cols; c++)
			vc_image_clear(&s->rows[r].cells[c]);
		free(s->rows[r].cells);
	}
	free(s->title);
	free(s);
}

int vc_sheet_set_title(struct vc_sheet *s, const char *title)
{
	char *copy = NULL;

	if (title) {
		copy = strndup(title, NAME_CAP);
		if (!copy)
			return -ENOMEM;
	}
	free(s->title);
	s->title = copy;
	return 0;
}

static int find_row(struct vc_sheet *s, const char *who, struct row **out)
{
	struct row *row;

	for (size_t r = 0; r < s->n_rows; r++) {
		if (!strncmp(s->rows[r].who, who, NAME_CAP - 1)) {
			*out = &s->rows[r];
			return 0;
		}
	}
	if (s->n_rows == s->rows_cap) {
		s->is_cut = true;
		return -ENOSPC;
	}
	row = &s->rows[s->n_rows];
	row->cells = vc_try_alloc((size_t)s->cols, sizeof(row->cells[0]));
	if (!row->cells)
		return -ENOMEM;
	strncpy(row->who, who, NAME_CAP - 1);
	s->n_rows++;
	*out = row;
	return 0;
}

/* Column k takes over 2k, or 2k + 1 where there was no picture in 2k. */
static size_t join_columns(struct row *row, int cols)
{
	size_t dropped = 0;

	for (int k = 0; 2 * k < cols; k++) {
		struct vc_image first = row->cells[2 * k], second = { 0 };

		row->cells[2 * k] = (struct vc_image){ 0 };
		if (2 * k + 1 < cols) {
			second = row->cells[2 * k + 1];
			row->cells[2 * k + 1] = (struct vc_image){ 0 };
		}
		if (first.y && second.y) {
			vc_image_clear(&second);
			dropped++;
		}
		row->cells[k] = first.y ? first : second;
	}
	return dropped;
}

static void make_room(struct vc_sheet *s, int64_t t)
{
	while (t / s->interval >= s->cols) {
		for (size_t r = 0; r < s->n_rows; r++)
			s->count -= join_columns(&s->rows[r], s->cols);
		s->interval *= 2;
	}
}

static int caption_size(const struct vc_sheet *s)
{
	int size = s->thumb_h / 12;

	return size < 10 ? 10 : size;
}

int vc_sheet_columns(const struct vc_sheet *s)
{
	int size = caption_size(s);
	int cols = (s->thumb_w - size) * 5 / (3 * size);

	return cols < 2 ? 2 : cols;
}

/* At the bottom, in the middle. Without memory: no text. */
static void draw_caption(const struct vc_sheet *s, struct vc_image *cell,
			 const char *text)
{
	const struct vc_label_style style = { .size_px = caption_size(s),
					      .max_w = s->thumb_w,
					      .fg = ARGB_TEXT,
					      .bg = ARGB_BOX };
	struct vc_sprite sprite;

	if (vc_label_render(&sprite, text, &style))
		return;
	vc_sprite_blend(cell, (cell->width - sprite.image.width) / 2 & ~1,
			(cell->height - sprite.image.height) & ~1, &sprite);
	vc_sprite_clear(&sprite);
}

static int take_thumb(const struct vc_sheet *s, struct vc_image *cell,
		      const struct vc_image *im)
{
	struct vc_rect box = { .w = s->thumb_w, .h = s->thumb_h };
	int err = vc_image_alloc(cell, s->thumb_w, s->thumb_h);

	if (err)
		return err;
	vc_pixels_scale(cell, vc_layout_fit(box, im->width, im->height), im);
	return 0;
}

int vc_sheet_add(struct vc_sheet *s, const char *who, int64_t t,
		 const struct vc_image *im, const char *caption)
{
	struct row *row;
	int err;

	if (t < 0 || t > VC_SHEET_TIME_MAX)
		return -EINVAL;
	err = find_row(s, who, &row);
	if (err)
		return err;
	s->last = t > s->last ? t : s->last;
	make_room(s, t);
	struct vc_image *cell = &row->cells[t / s->interval];

	if (cell->y)
		return 0;
	err = take_thumb(s, cell, im);
	if (err)
		return err;
	if (caption && *caption)
		draw_caption(s, cell, caption);
	s->count++;
	return 0;
}

int vc_sheet_add_row(struct vc_sheet *s, const char *who)
{
	struct row *row;

	return find_row(s, who, &row);
}

size_t vc_sheet_count(const struct vc_sheet *s)
{
	return s->count;
}

/* "1:02:03", "2:03"; "0:00.25" where columns are that close. */
static const char *clock_text(char *buf, size_t cap, int64_t t, int64_t step)
{
	int64_t sec = t / VC_SEC;
	int hundredths = (int)(t % VC_SEC / (10 * VC_MS));
	int n = sec < 3600 ? snprintf(buf, cap, "%" PRId64 ":%02" PRId64,
				      sec / 60, sec % 60) :
			     snprintf(buf, cap,
				      "%" PRId64 ":%02" PRId64 ":%02" PRId64,
				      sec / 3600, sec / 60 % 60, sec % 60);

	if (step < VC_SEC && n > 0 && (size_t)n < cap)
		snprintf(buf + n, cap - (size_t)n, ".%02d", hundredths);
	return buf;
}

/* Text with its left edge at x, its middle at y. Without memory: no text. */
static void draw_text(struct vc_image *out, int x, int y, const char *text,
		      const struct vc_label_style *style)
{
	struct vc_sprite sprite;

	if (vc_label_render(&sprite, text, style))
		return;
	vc_sprite_blend(out, x & ~1, (y - sprite.image.height / 2) & ~1,
			&sprite);
	vc_sprite_clear(&sprite);
}

static int used_columns(const struct vc_sheet *s)
{
	int used = 0;

	for (size_t r = 0; r < s->n_rows; r++)
		for (int c = used; c < s->cols; c++)
			used = s->rows[r].cells[c].y ? c + 1 : used;
	return used;
}

static int cell_x(const struct vc_sheet *s, int col)
{
	return MARGIN + NAME_W + col * (s->thumb_w + GAP);
}

static void draw_head(const struct vc_sheet *s, struct vc_image *out, int used)
{
	const struct vc_label_style big = { .size_px = 22,
					    .max_w = out->width - 2 * MARGIN,
					    .fg = ARGB_TEXT,
					    .bold = true };
	const struct vc_label_style small = { .size_px = 13,
					      .max_w = out->width - 2 * MARGIN,
					      .fg = ARGB_DIM };
	char text[160], span[32], step[32];

	clock_text(span, sizeof(span), s->last + VC_SEC / 2, VC_SEC);
	snprintf(step, sizeof(step), "%g", (double)s->interval / VC_SEC);
	snprintf(text, sizeof(text),
		 "%zu participant%s%s, %s, a picture every %s s", s->n_rows,
		 s->n_rows == 1 ? "" : "s",
		 s->is_cut ? " (there were more)" : "", span, step);
	draw_text(out, MARGIN, MARGIN + 10, s->title ? s->title : "", &big);
	draw_text(out, MARGIN, MARGIN + 40, text, &small);
	for (int c = 0; c < used; c++) {
		clock_text(text, sizeof(text), c * s->interval, s->interval);
		draw_text(out, cell_x(s, c), MARGIN + HEAD_H - 14, text,
			  &small);
	}
}

static void draw_row(const struct vc_sheet *s, struct vc_image *out, int used,
		     size_t r)
{
	const struct vc_label_style style = { .size_px = 15,
					      .max_w = NAME_W - DISC - 3 * GAP,
					      .fg = ARGB_TEXT };
	struct vc_rect at = {
		.y = MARGIN + HEAD_H + (int)r * (s->thumb_h + GAP),
		.w = s->thumb_w,
		.h = s->thumb_h,
	};
	const struct row *row = &s->rows[r];
	struct vc_sprite disc;
	int middle = at.y + at.h / 2;

	if (!vc_label_initials(&disc, row->who, DISC)) {
		vc_sprite_blend(out, MARGIN, (middle - DISC / 2) & ~1, &disc);
		vc_sprite_clear(&disc);
	}
	draw_text(out, MARGIN + DISC + GAP + 2, middle, row->who, &style);
	for (int c = 0; c < used; c++) {
		at.x = cell_x(s, c);
		if (row->cells[c].y)
			vc_pixels_scale(out, at, &row->cells[c]);
		else
			vc_image_fill(out, at.x, at.y, at.w, at.h,
				      vc_pixels_colour(RGB_EMPTY));
	}
}

int vc_sheet_draw(const struct vc_sheet *s, struct vc_image *out)
{
	int used = used_columns(s);
	int shown = used > 2 ? used : 2;
	int err = vc_image_alloc(out, cell_x(s, shown) - GAP + MARGIN,
				 2 * MARGIN + HEAD_H - GAP +
					 (int)s->n_rows * (s->thumb_h + GAP));

	if (err)
		return err;
	vc_image_fill(out, 0, 0, out->width, out->height,
		      vc_pixels_colour(RGB_PAPER));
	draw_head(s, out, used);
	for (size_t r = 0; r < s->n_rows; r++)
		draw_row(s, out, used, r);
	return 0;
}

int vc_sheet_write(const struct vc_sheet *s, int fd)
{
	struct vc_image im;
	int err = vc_sheet_draw(s, &im);

	if (err)
		return err;
	err = vc_png_write(fd, &im);
	vc_image_clear(&im);
	return err;
}
