/* SPDX-License-Identifier: MIT */
/*
 * A test picture follows from its size, name, rate, frame number and time
 * (media/testpic.h). The mark has an id that names can be tried with, the low 15
 * bits of the number, and the time in ms. The rate is what the marks went by;
 * of the number's other bits, and of the rates next to it, those are taken that
 * draw the picture which is most like the first one: only the disc and a few
 * digits differ, so there is one that is better than all others.
 *
 * Frames are on a grid of time. Each mark tells where it may begin, to 1 ms,
 * and the roundest moment on which all agree is taken.
 */
#include "refpic.h"

#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "base/time.h"
#include "media/mark.h"
#include "media/pixels.h"
#include "media/testpic.h"
#include "probe.h"
#include "reffile.h"

#define RATE_SPAN 300 /* ms of marks that tell the rate */
#define FPS_MAX 240
#define WRAPS 32
#define ALIKE 28.0 /* dB: what is less like it is no test picture */
#define AGAIN VC_SEC
#define TRIES 8			  /* in vain, with whatever name or size */
#define SEARCH_MOST (1920 * 1088) /* pixels */
#define BEGINS 10 /* s of --ref, where the first picture is looked for */

struct refpic {
	const struct probe *p;
	const struct meter *m;
	uint16_t id;
	bool has_mark; /* 'id', 'first' */
	struct vc_mark first;
	bool is_open; /* 'test', 'image' */
	struct vc_testpic test;
	struct vc_image image;
	int tries;
	int64_t next_try;
	int num, den;	  /* frames a second */
	uint64_t frame;	  /* of the last picture, whole */
	int64_t low, top; /* within which the grid begins */
	/* of --ref */
	bool has_begun;
	uint64_t begin; /* the number of the picture at 'began' */
	int64_t began;
};

const char *refpic_why_name(enum refpic_why why)
{
	static const char *const names[] = {
		[REFPIC_NONE] = "none",		  [REFPIC_NO_MARK] = "no_mark",
		[REFPIC_NOT_WHOLE] = "not_whole", [REFPIC_NO_NAME] = "no_name",
		[REFPIC_EARLY] = "early",	  [REFPIC_UNLIKE] = "unlike",
		[REFPIC_SIZE] = "size",		  [REFPIC_PAST] = "past",
	};

	return names[why];
}

struct refpic *refpic_new(const struct probe *p, const struct meter *m)
{
	struct refpic *r = vc_try_alloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->p = p;
	r->m = m;
	return r;
}

static void shut(struct refpic *r)
{
	if (r->is_open)
		vc_testpic_clear(&r->test);
	vc_image_clear(&r->image);
	r->is_open = false;
}

void refpic_free(struct refpic *r)
{
	if (!r)
		return;
	shut(r);
	free(r);
}

/* --- whose it is --- */

static bool is_near(int32_t a, int32_t b, int32_t by)
{
	return a - b <= by && b - a <= by;
}

/* Does the mark lie where it does in a whole picture of that size? */
static bool is_whole(const struct vc_image *img, const struct vc_mark_geo *geo)
{
	struct vc_rect at;
	int32_t cell;

	if (vc_mark_place(img->width, img->height, &at))
		return false;
	cell = at.w * 256 / VC_MARK_WIDTH;
	return is_near(geo->w, cell, cell / 16) &&
	       is_near(geo->x, at.x * 256 + cell, cell) &&
	       is_near(geo->y, at.y * 256 + cell, cell);
}

static const struct vc_mark *mark_of(const struct vc_image *img,
				     const struct vc_mark_reader *marks,
				     enum refpic_why *why)
{
	const struct vc_mark *found = NULL;

	*why = REFPIC_NO_MARK;
	for (size_t i = 0; i < marks->n; i++) {
		const struct vc_mark_found *f = &marks->found[i];

		if (!f->is_read)
			continue;
		*why = REFPIC_NOT_WHOLE;
		if (is_whole(img, &f->geo))
			found = &f->mark;
	}
	return found;
}

static const char *name_if(const char *name, uint16_t id)
{
	return name[0] && vc_mark_id(name) == id ? name : NULL;
}

static const char *name_of(const struct refpic *r, uint16_t id)
{
	const struct probe *p = r->p;
	const char *name = name_if(r->m->name, id);

	for (const struct meter *m = p->first; m && !name; m = m->next) {
		name = name_if(m->name, id);
		if (!name)
			name = name_if(m->id, id);
	}
	for (size_t i = 0; i < p->n_seen && !name; i++)
		name = name_if(p->seen[i], id);
	return name;
}

/* --- which one --- */

/* A rate there may be: as the picture knows it, and exactly. */
struct pace {
	int fps, num, den;
};

static int64_t since_first(const struct refpic *r, uint64_t frame)
{
	return (int64_t)(frame * (uint64_t)VC_SEC * (uint64_t)r->den /
			 (uint64_t)r->num);
}

/* Where the grid may begin, by one more mark. */
static void narrow(struct refpic *r, uint64_t frame, int64_t taken)
{
	int64_t since = since_first(r, frame);
	int64_t low = taken - VC_MS / 2 - since;
	int64_t top = taken + VC_MS / 2 - since;

	if (low > r->low)
		r->low = low;
	if (top < r->top)
		r->top = top;
	if (r->low < r->top)
		return;
	/* No grid of that rate: by itself. */
	r->low = low;
	r->top = top;
}

static int64_t begins(const struct refpic *r)
{
	static const int64_t round[] = { VC_SEC, VC_MS };

	for (size_t i = 0; i < VC_COUNT(round); i++) {
		int64_t at = (r->low + round[i] - 1) / round[i] * round[i];

		if (at < r->top)
			return at;
	}
	return r->low + (r->top - r->low) / 2;
}

static void draw(struct refpic *r, uint64_t frame, const struct vc_mark *mark)
{
	int64_t at = begins(r) + since_first(r, frame);

	vc_testpic_draw(&r->test, &r->image, frame, at);
	vc_mark_draw(&r->image, mark);
}

static bool open_test(struct refpic *r, const struct vc_image *img,
		      const char *name, const struct pace *pace)
{
	shut(r);
	if (vc_testpic_init(&r->test, img->width, img->height, name, pace->fps))
		return false;
	r->num = pace->num;
	r->den = pace->den;
	r->is_open = !vc_image_alloc(&r->image, img->width, img->height);
	if (!r->is_open)
		vc_testpic_clear(&r->test);
	return r->is_open;
}

/*
 * The rates that the marks up to 'mark' may have gone by: of 29.97 a second the
 * picture knows 29.
 */
static int rates(const struct refpic *r, const struct vc_mark *mark,
		 struct pace pace[static 2])
{
	unsigned int frames = (mark->frame - r->first.frame) &
			      (VC_MARK_FRAMES - 1);
	unsigned int ms = (uint16_t)(mark->time_ms - r->first.time_ms);
	int fps;

	if (ms < RATE_SPAN || !frames)
		return 0;
	fps = (int)((frames * 1000 + ms / 2) / ms);
	if (fps < 1 || fps > FPS_MAX)
		return 0;
	pace[0] = (struct pace){ fps, fps, 1 };
	pace[1] = (struct pace){ fps - 1, fps * 1000, 1001 };
	return fps > 1 ? 2 : 1;
}

/* Tries what 'mark' leaves open; true: a picture like 'img' is drawn. */
static bool search(struct refpic *r, const struct vc_image *img,
		   const char *name, const struct vc_mark *mark, int64_t taken,
		   const struct pace *pace, int n)
{
	struct {
		double psnr;
		uint64_t frame;
		struct pace pace;
	} best = { 0 };

	for (int i = 0; i < n; i++) {
		if (!open_test(r, img, name, &pace[i]))
			return false;
		for (uint64_t k = 0; k < WRAPS; k++) {
			uint64_t frame = mark->frame + k * VC_MARK_FRAMES;
			double v;

			r->low = INT64_MIN;
			r->top = INT64_MAX;
			narrow(r, frame, taken);
			draw(r, frame, mark);
			v = vc_pixels_psnr(&r->image, img);
			if (v > best.psnr) {
				best.psnr = v;
				best.frame = frame;
				best.pace = pace[i];
			}
		}
	}
	if (best.psnr < ALIKE || !open_test(r, img, name, &best.pace)) {
		shut(r);
		return false;
	}
	r->frame = best.frame;
	r->low = INT64_MIN;
	r->top = INT64_MAX;
	return true;
}

static bool find(struct refpic *r, const struct vc_image *img,
		 const struct vc_mark *mark, int64_t now, enum refpic_why *why)
{
	struct pace pace[2];
	const char *name;
	int n;

	/* What it takes is the square of what a stranger chooses. */
	*why = REFPIC_SIZE;
	if ((int64_t)img->width * img->height > SEARCH_MOST)
		return false;
	*why = REFPIC_NO_NAME;
	name = name_of(r, mark->id);
	if (!name)
		return false;
	*why = REFPIC_EARLY;
	n = rates(r, mark, pace);
	if (!n)
		return false;
	*why = REFPIC_UNLIKE;
	if (r->tries == TRIES || now < r->next_try)
		return false;
	r->tries++;
	r->next_try = now + AGAIN;
	if (!search(r, img, name, mark, vc_mark_taken(mark, now), pace, n))
		return false;
	r->tries = 0;
	return true;
}

/* --- of a file --- */

/* The picture of the file's beginning that is most like 'img'. */
static void begin(struct refpic *r, const struct vc_image *img, int64_t time)
{
	uint64_t n = reffile_pictures(r->p->ref, BEGINS);
	double best = 0, v;

	r->has_begun = true;
	r->began = time;
	for (uint64_t i = 0; i < n; i++) {
		if (!reffile_read(r->p->ref, i, &r->image))
			break;
		v = vc_pixels_psnr(&r->image, img);
		if (v > best) {
			best = v;
			r->begin = i;
		}
	}
}

static const struct vc_image *of_file(struct refpic *r,
				      const struct vc_image *img, int64_t time,
				      enum refpic_why *why)
{
	uint64_t n;

	*why = REFPIC_SIZE;
	if (!reffile_has_size(r->p->ref, img))
		return NULL;
	if (!r->image.width &&
	    vc_image_alloc(&r->image, img->width, img->height))
		return NULL;
	if (!r->has_begun)
		begin(r, img, time);
	n = reffile_after(r->p->ref, r->begin, time - r->began);
	*why = REFPIC_PAST;
	if (time < r->began || !reffile_read(r->p->ref, n, &r->image))
		return NULL;
	*why = REFPIC_NONE;
	return &r->image;
}

const struct vc_image *refpic_get(struct refpic *r, const struct vc_image *img,
				  const struct vc_mark_reader *marks,
				  int64_t time, int64_t now,
				  enum refpic_why *why)
{
	const struct vc_mark *mark;
	int step;

	if (r->p->ref)
		return of_file(r, img, time, why);
	mark = mark_of(img, marks, why);
	if (!mark)
		return NULL;
	if (!r->has_mark || mark->id != r->id) {
		r->has_mark = true;
		r->id = mark->id;
		r->first = *mark;
		shut(r);
	}
	if (r->is_open &&
	    (r->image.width != img->width || r->image.height != img->height))
		shut(r);
	if (!r->is_open && !find(r, img, mark, now, why))
		return NULL;
	/* The nearest number with these low bits. */
	step = (int)((mark->frame - r->frame) & (VC_MARK_FRAMES - 1));
	if (step >= VC_MARK_FRAMES / 2)
		step -= VC_MARK_FRAMES;
	if (step < 0 && r->frame < (uint64_t)-step)
		step += VC_MARK_FRAMES;
	r->frame += (uint64_t)(int64_t)step;
	narrow(r, r->frame, vc_mark_taken(mark, now));
	draw(r, r->frame, mark);
	*why = REFPIC_NONE;
	return &r->image;
}
