/* SPDX-License-Identifier: MIT */
/*
 * A cell's luma is the mean of a few pixels about its middle; it is light when
 * it is above the middle of what the bars and the light between them have, row
 * by row.
 *
 * Which place in a picture fails, and whether a mark is there at all, is told
 * apart by the bars: they stand still, so they are the last thing to go.
 */
#include <errno.h>
#include <string.h>

#include "media/mark.h"

#define ONE 256
#define CONTRAST 36	  /* of bars, luma */
#define BARS_NEEDED 50	  /* of 8 x 7 */
#define SEARCH_EVERY 15	  /* pictures: for marks that are new */
#define SEARCH_FAILED 8	  /* pictures in a row that fail: searched each */
#define FORGET_AFTER 90	  /* pictures without bars */
#define GIVE_UP_AFTER 900 /* pictures that fail */

/* The bars and the light between them, in half cells from the left bar. */
static const uint8_t bar_middles[] = { 1, 6, 45, 49 };
static const uint8_t gap_middles[] = { 3, 9, 43, 47 };

struct sampler {
	const struct vc_image *img;
	const struct vc_mark_geo *geo;
	int taps; /* a side */
};

static struct sampler sampler_of(const struct vc_image *img,
				 const struct vc_mark_geo *geo)
{
	int32_t least = geo->w < geo->h ? geo->w : geo->h;

	return (struct sampler){
		.img = img,
		.geo = geo,
		.taps = least < 3 * ONE ? 1 :
			least < 7 * ONE ? 2 :
					  3,
	};
}

/* Mean luma about a point given in half cells. */
static int sample(const struct sampler *s, int half_x, int half_y)
{
	const struct vc_mark_geo *g = s->geo;
	int32_t x = g->x + g->w * half_x / 2, y = g->y + g->h * half_y / 2;
	int sum = 0, n = s->taps;

	for (int i = 0; i < n; i++) {
		int32_t row = (y + g->h * (2 * i - n + 1) / 8) / ONE;

		row = row < 0		    ? 0 :
		      row >= s->img->height ? s->img->height - 1 :
					      row;
		const uint8_t *p =
			s->img->y + (ptrdiff_t)row * s->img->stride_y;

		for (int k = 0; k < n; k++) {
			int32_t at = (x + g->w * (2 * k - n + 1) / 8) / ONE;

			at = at < 0		 ? 0 :
			     at >= s->img->width ? s->img->width - 1 :
						   at;
			sum += p[at];
		}
	}
	return sum / (n * n);
}

/* Sets the level of each row; false: there are no bars. */
static bool look_at_bars(const struct sampler *s, int level[VC_MARK_ROWS])
{
	int bar[VC_MARK_ROWS][4], gap[VC_MARK_ROWS][4];
	int dark = 0, light = 0, right = 0, whole;

	for (int row = 0; row < VC_MARK_ROWS; row++) {
		int row_sum = 0;

		for (int i = 0; i < 4; i++) {
			bar[row][i] = sample(s, bar_middles[i], 2 * row + 1);
			gap[row][i] = sample(s, gap_middles[i], 2 * row + 1);
			dark += bar[row][i];
			light += gap[row][i];
			row_sum += bar[row][i] + gap[row][i];
		}
		level[row] = row_sum / 8;
	}
	if (light - dark < CONTRAST * 4 * VC_MARK_ROWS)
		return false;
	whole = (light + dark) / (8 * VC_MARK_ROWS);
	for (int row = 0; row < VC_MARK_ROWS; row++) {
		for (int i = 0; i < 4; i++)
			right += (bar[row][i] < whole) + (gap[row][i] > whole);
		level[row] = (level[row] + whole) / 2;
	}
	return right >= BARS_NEEDED;
}

static bool is_inside(const struct vc_image *img, const struct vc_mark_geo *g)
{
	return g->w > 0 && g->h > 0 && g->x >= -ONE && g->y >= -ONE &&
	       g->w <= VC_IMAGE_MAX * ONE / 25 &&
	       g->h <= VC_IMAGE_MAX * ONE / VC_MARK_ROWS &&
	       (g->x + 25 * g->w) / ONE <= img->width + 1 &&
	       (g->y + VC_MARK_ROWS * g->h) / ONE <= img->height + 1;
}

int vc_mark_read_at(const struct vc_image *img, const struct vc_mark_geo *geo,
		    struct vc_mark *out)
{
	struct sampler s = sampler_of(img, geo);
	uint8_t cells[VC_MARK_CELLS];
	int level[VC_MARK_ROWS];

	if (!is_inside(img, geo) || !look_at_bars(&s, level))
		return -ENOENT;
	for (int i = 0; i < VC_MARK_CELLS; i++) {
		int row = i / VC_MARK_COLS, col = i % VC_MARK_COLS;

		cells[i] = sample(&s, 2 * (5 + col) + 1, 2 * row + 1) >
			   level[row];
	}
	return vc_mark_decode(out, cells);
}

/* --- what is remembered --- */

void vc_mark_reader_init(struct vc_mark_reader *r)
{
	memset(r, 0, sizeof(*r));
}

static bool has_read(struct vc_mark_found *f, const struct vc_mark *m,
		     int corrected)
{
	f->mark = *m;
	f->corrected = corrected;
	f->is_read = true;
	return true;
}

/* True when all that was there before is read. */
static bool read_known(struct vc_mark_reader *r, const struct vc_image *img)
{
	bool is_whole = true;

	for (size_t i = 0; i < r->n; i++) {
		struct vc_mark_found *f = &r->found[i];
		struct vc_mark m;
		int got;

		if (f->is_read)
			f->failed = f->seen = 0;
		f->is_read = false;
		got = vc_mark_read_at(img, &f->geo, &m);
		if (got >= 0) {
			has_read(f, &m, got);
			continue;
		}
		f->failed++;
		f->seen += got != -ENOENT;
		is_whole &= f->failed > SEARCH_FAILED;
	}
	return is_whole;
}

static bool is_at(const struct vc_mark_geo *a, const struct vc_mark_geo *b)
{
	int32_t x = b->x + b->w * 25 / 2, y = b->y + b->h * 7 / 2;

	return x > a->x && x < a->x + a->w * 25 && y > a->y &&
	       y < a->y + a->h * VC_MARK_ROWS;
}

/* A mark that was searched for: the same place, another one, or new. */
static void merge(struct vc_mark_reader *r, const struct vc_mark_found *new)
{
	struct vc_mark_found *f = NULL;

	for (size_t i = 0; i < r->n && !f; i++) {
		if (is_at(&r->found[i].geo, &new->geo))
			f = &r->found[i];
	}
	for (size_t i = 0; i < r->n && !f; i++) {
		if (!r->found[i].is_read && r->found[i].mark.id == new->mark.id)
			f = &r->found[i];
	}
	if (!f && r->n == VC_MARK_MAX)
		return;
	if (!f) {
		f = &r->found[r->n];
		*f = *new;
		r->n++;
		return;
	}
	f->geo = new->geo;
	if (f->is_read)
		return;
	/* It was counted as failed in this picture. */
	f->failed -= f->failed > 0;
	has_read(f, &new->mark, new->corrected);
}

static void forget(struct vc_mark_reader *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct vc_mark_found *f = &r->found[i];

		if (!f->is_read && (f->failed - f->seen > FORGET_AFTER ||
				    f->failed > GIVE_UP_AFTER))
			continue;
		if (kept != i)
			r->found[kept] = *f;
		kept++;
	}
	r->n = kept;
}

void vc_mark_read(struct vc_mark_reader *r, const struct vc_image *img)
{
	struct vc_mark_found found[VC_MARK_MAX];
	bool is_whole;
	size_t n;

	if (img->width != r->width || img->height != r->height) {
		r->width = img->width;
		r->height = img->height;
		r->n = 0;
		r->since_search = SEARCH_EVERY;
	}
	is_whole = read_known(r, img);
	r->pictures++;
	r->since_search++;
	if (is_whole && r->n && r->since_search < SEARCH_EVERY)
		return;
	r->since_search = 0;
	r->searches++;
	n = vc_mark_search(img, found, VC_MARK_MAX);
	for (size_t i = 0; i < n; i++)
		merge(r, &found[i]);
	forget(r);
}
