/* SPDX-License-Identifier: MIT */
/*
 * The grid in characters: pictures of two pixels a cell, under each the name
 * and how loud he is, and a line of status. On a terminal it is drawn as often
 * as --fps says and the terminal takes it; into a file or pipe, 80 columns and
 * 24 lines, each frame follows the one before at the times of the stream.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/videorx.h"
#include "media/cells.h"
#include "media/level.h"
#include "subtitle.h"
#include "target.h"
#include "tiles.h"
#include "tool/term.h"

#define NAME_FG UINT32_C(0xf0f0f0)
#define NAME_BG UINT32_C(0x303030)
#define BLANK_BG UINT32_C(0x202830)
#define TEXT_BG UINT32_C(0x000000)
#define SUBTITLE_COLS 60
#define STATUS_FG UINT32_C(0xd0d0d0)
#define STATUS_BG UINT32_C(0x103050)
#define METER_COLS 10
#define METER_DB 50 /* below full scale: nothing is lit */

struct ascii {
	struct play *p;
	bool no_names;
	int num, den;
	struct vc_cells *cells;
	int cols, rows;
	/* of a terminal */
	struct vc_term *term;
	int64_t drawn; /* real time */
	uint64_t left_out;
	bool is_waiting; /* the frame that is due is one of these */
	/* of a file or pipe */
	struct target target;
	uint64_t next;
	int64_t at; /* media time */
};

/* In cells. */
struct box {
	int x, y, w, h;
};

/* --- levels --- */

static void voice(void *ctx, const struct stream *s, int64_t at,
		  const int16_t *pcm)
{
	int db = METER_DB - vc_level_dbov(pcm, TICK_SAMPLES);
	struct stream *loud = s->src->user;

	(void)ctx;
	(void)at;
	if (db > loud->loudness)
		loud->loudness = db;
}

static void tick(void *ctx, int64_t at)
{
	struct ascii *a = ctx;

	a->at = at;
	for (struct stream *s = a->p->streams; s; s = s->next)
		if (s->loudness > 0)
			s->loudness--;
}

/* Of all his voices; -1: he has none. */
static int loudness_of(const struct ascii *a, const struct stream *who)
{
	int db = -1;

	for (const struct stream *s = a->p->streams; s; s = s->next)
		if (s->sound && s->src->who == who->src->who &&
		    s->loudness > db)
			db = s->loudness;
	return db;
}

/* --- drawing --- */

/* Returns the row below it. */
static int draw_picture(struct ascii *a, struct box b, const struct stream *s)
{
	const char *name = play_label(s);
	const struct vc_image *im = NULL;
	int w = b.w, h = b.h, at, width;
	uint64_t generation;

	if (s->pictures)
		im = vc_videorx_image(s->pictures, &generation);
	if (im) {
		/* Cells are twice as high as wide. */
		if ((int64_t)w * im->height > (int64_t)2 * h * im->width)
			w = (int)((int64_t)2 * h * im->width / im->height);
		else
			h = (int)((int64_t)w * im->height / im->width / 2);
		w = w < 1 ? 1 : w;
		h = h < 1 ? 1 : h;
		vc_cells_image(a->cells, b.x + (b.w - w) / 2,
			       b.y + (b.h - h) / 2, w, h, im);
		return b.y + (b.h - h) / 2 + h;
	}
	vc_cells_fill(a->cells, b.x, b.y, b.w, b.h, BLANK_BG);
	if (!name)
		return b.y + b.h;
	width = vc_cells_width(a->cells, name);
	at = width < b.w ? (b.w - width) / 2 : 0;
	vc_cells_text(a->cells, b.x + at, b.y + b.h / 2, b.w - at, name,
		      NAME_FG, BLANK_BG);
	return b.y + b.h;
}

static void draw_name(struct ascii *a, struct box b, const struct stream *s)
{
	int meter = b.w / 3 < METER_COLS ? b.w / 3 : METER_COLS;
	const char *name = a->no_names ? NULL : play_label(s);
	int db = loudness_of(a, s);

	vc_cells_fill(a->cells, b.x, b.y, b.w, 1, NAME_BG);
	if (db < 0)
		meter = 0;
	else
		vc_cells_meter(a->cells, b.x + b.w - meter, b.y, meter,
			       (db * meter + METER_DB - 1) / METER_DB);
	if (name)
		vc_cells_text(a->cells, b.x, b.y, b.w - meter - (meter > 0),
			      name, NAME_FG, NAME_BG);
}

/* Joiners make one sign of several; a terminal has a place for each. */
static void drop_joiners(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		if (!strncmp(p, "\xe2\x80\x8c", 3) ||
		    !strncmp(p, "\xe2\x80\x8d", 3))
			p += 2;
		else
			*to++ = *p;
	}
	*to = '\0';
}

/* Over the picture that ends above row 'bottom'. */
static void draw_subtitle(struct ascii *a, struct box b, int bottom,
			  const struct stream *s)
{
	int max = b.w < SUBTITLE_COLS ? b.w : SUBTITLE_COLS;
	int rows = bottom - b.y > 5 ? VC_CAPTION_ROWS : 1;
	char text[VC_CAPTION_OUT], line[VC_CAPTION_ROW];
	struct vc_str rest;

	subtitle_of(a->p, s, max, rows, text);
	drop_joiners(text);
	rest = vc_str_c(text);
	for (int y = strchr(text, '\n') ? bottom - 2 : bottom - 1; rest.len;
	     y++) {
		int width, x;

		vc_str_copy(line, sizeof(line), vc_str_cut(&rest, '\n'));
		width = vc_cells_width(a->cells, line);
		x = width < b.w ? b.x + (b.w - width) / 2 : b.x;
		vc_cells_text(a->cells, x, y, b.x + b.w - x, line, NAME_FG,
			      TEXT_BG);
	}
}

/* How many columns make the largest pictures. */
static int best_columns(int n, int cols, int rows)
{
	int best = 1, best_w = 0;

	for (int c = 1; c <= n; c++) {
		int h = rows / ((n + c - 1) / c) - 1, w = cols / c - 1;

		if (w > h * 2 * 16 / 9)
			w = h * 2 * 16 / 9;
		if (h > 0 && w > best_w) {
			best_w = w;
			best = c;
		}
	}
	return best;
}

static void draw_grid(struct ascii *a)
{
	struct stream *tile[TILES_MAX];
	int n = (int)tiles_list(a->p, tile, TILES_MAX);
	int rows = a->rows - 1;
	int across = best_columns(n, a->cols, rows);
	int down = (n + across - 1) / across;

	for (int i = 0; i < n; i++) {
		int col = i % across, row = i / across;
		struct box b = { .x = col * a->cols / across,
				 .y = row * rows / down };
		int below;

		/* A column free between two. */
		b.w = (col + 1) * a->cols / across - b.x - (across > 1);
		b.h = (row + 1) * rows / down - b.y - 1;
		if (b.w < 1 || b.h < 1)
			break;
		below = draw_picture(a, b, tile[i]);
		draw_subtitle(a, b, below, tile[i]);
		b.y = below;
		draw_name(a, b, tile[i]);
	}
}

static void draw_status(struct ascii *a)
{
	const char *said = a->term ? vc_term_said(a->term) : "";
	unsigned int people = 0, voices = 0;
	struct vc_participant *who;
	char line[768];
	int n;

	for (who = vc_roster_first_who(vc_in_roster(a->p->in)); who;
	     who = who->next)
		people++;
	for (const struct stream *s = a->p->streams; s; s = s->next)
		voices += s->sound && s->loudness > 0;
	n = snprintf(line, sizeof(line),
		     " %" PRId64 ":%02" PRId64 ":%02" PRId64
		     "  %u here, %u heard",
		     a->at / VC_SEC / 3600, a->at / VC_SEC / 60 % 60,
		     a->at / VC_SEC % 60, people, voices);
	if (a->left_out)
		n += snprintf(line + n, sizeof(line) - (size_t)n,
			      ", %" PRIu64 " frames left out", a->left_out);
	snprintf(line + n, sizeof(line) - (size_t)n, "  %s",
		 said[0] ? said :
		 a->term ? "q ends" :
			   "");
	vc_cells_fill(a->cells, 0, a->rows - 1, a->cols, 1, STATUS_BG);
	vc_cells_text(a->cells, 0, a->rows - 1, a->cols, line, STATUS_FG,
		      STATUS_BG);
}

static void draw(struct ascii *a)
{
	vc_cells_clear(a->cells);
	draw_grid(a);
	draw_status(a);
}

/* --- on a terminal --- */

static void follow_size(struct ascii *a)
{
	int cols, rows;

	vc_term_size(a->term, &cols, &rows);
	if (cols == a->cols && rows == a->rows)
		return;
	if (vc_cells_resize(a->cells, cols, rows))
		return;
	a->cols = cols;
	a->rows = rows;
	vc_term_write(a->term, "\033[0m\033[2J", 8);
}

static void show(void *ctx)
{
	struct ascii *a = ctx;
	int64_t now = vc_mono_now();
	const char *text;
	size_t len;

	if (!a->term || now - a->drawn < (int64_t)a->den * VC_SEC / a->num)
		return;
	if (!vc_term_is_free(a->term)) {
		a->left_out += !a->is_waiting;
		a->is_waiting = true;
		return;
	}
	a->is_waiting = false;
	a->drawn = now;
	follow_size(a);
	draw(a);
	text = vc_cells_update(a->cells, false, &len);
	vc_term_write(a->term, text, len);
}

static void on_key(void *ctx, int key)
{
	struct ascii *a = ctx;

	if (key == 'q' || key == 'Q')
		vc_tool_stop(a->p->tool, "signal");
	if (key == VC_TERM_CTRL_L)
		vc_cells_forget(a->cells);
}

static void start(void *ctx)
{
	struct ascii *a = ctx;

	if (a->term)
		vc_term_start(a->term, on_key, a);
}

/* --- into a file or pipe --- */

static int64_t due(const void *ctx)
{
	const struct ascii *a = ctx;

	if (a->term)
		return OUTPUT_NEVER;
	return (int64_t)((__int128)a->next * a->den * VC_SEC / a->num);
}

static void frame(void *ctx, int64_t at)
{
	struct ascii *a = ctx;
	const char *text;
	size_t len;
	int err;

	a->next++;
	if (!a->target.file)
		return;
	a->at = at;
	draw(a);
	text = vc_cells_update(a->cells, true, &len);
	err = vc_outfile_write(a->target.file, text, len);
	if (!err && a->target.fd >= 0)
		err = vc_outfile_flush(a->target.file);
	if (!target_did(&a->target, "write", err))
		target_abandon(&a->target);
}

/* --- life --- */

static void close_ascii(void *ctx, bool had_media)
{
	struct ascii *a = ctx;

	(void)had_media;
	vc_term_close(a->term);
	if (a->target.file)
		target_finish(&a->target);
	if (!a->term)
		target_abandon(&a->target);
	vc_cells_free(a->cells);
	free(a);
}

static bool is_wanted(const struct play_options *o)
{
	return o->ascii;
}

static void *open_ascii(struct play *p, const struct play_options *o)
{
	struct ascii *a = vc_alloc(1, sizeof(*a));
	int err = 0;

	a->p = p;
	a->no_names = o->no_names;
	a->num = o->fps_num;
	a->den = o->fps_den;
	a->cols = 80;
	a->rows = 24;
	a->target.fd = -1;
	a->cells = vc_cells_new(a->cols, a->rows, vc_term_colours());
	if (!a->cells)
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "--ascii: out of memory");
	else if (isatty(STDOUT_FILENO))
		err = vc_term_open(&a->term, p->tool, false);
	else if (target_open(&a->target, p->tool, "-", true))
		return a;
	if (err)
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "--ascii: terminal: %s",
			     strerror(-err));
	if (a->term)
		return a;
	close_ascii(a, false);
	return NULL;
}

const struct output_ops ascii_ops = {
	.is_wanted = is_wanted,
	.open = open_ascii,
	.start = start,
	.voice = voice,
	.tick = tick,
	.due = due,
	.frame = frame,
	.show = show,
	.close = close_ascii,
};
