/* SPDX-License-Identifier: MIT */
/*
 * --decode, of pictures (media/picmeasure.h). A picture stands until the next
 * one: that is how long it was black, or, if both are the same, frozen. Packets
 * come all the while: that none do is a freeze without decoding
 * (session/framestat.h).
 *
 * A key frame may look a little different from the picture before it, and those
 * after it become like that again. So where a freeze ends with pictures that
 * differ by no more than POP, for no more than POP_MAX, and another begins
 * there, they are one.
 */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "bins.h"
#include "decode.h"
#include "judge.h"
#include "media/picmeasure.h"
#include "media/pixels.h"
#include "probe.h"
#include "record.h"
#include "refpic.h"

#define FREEZE_MIN (500 * VC_MS)
#define POP 3.0 /* of luma, on average */
#define POP_MAX (150 * VC_MS)
#define SSIM_EACH (100 * VC_MS)
#define GRID_EACH (200 * VC_MS) /* one in this time is looked at */

/* A state that lasts: how often, how long. ns. */
struct lasting {
	int64_t least; /* what is not longer does not count */
	uint64_t count;
	int64_t total, longest;
	int64_t run;	     /* up to now */
	int64_t before, gap; /* one that it may be the rest of; or 0 */
};

struct picture {
	uint64_t n;
	int64_t first, last; /* their times */
	bool was_black;
	struct lasting black, frozen;
	struct vc_image before;
	int64_t grid_next; /* VC_TIME_NONE: at once */
	struct bins grid;
	struct refpic *ref; /* NULL once it has ended */
	int64_t ssim_next;
	uint64_t why[REFPIC_WHYS]; /* [REFPIC_NONE]: compared */
	struct bins psnr, ssim;
	struct film *film; /* borrowed; or NULL */
};

struct picture *picture_new(const struct probe *p, const struct meter *m,
			    struct film *film)
{
	struct picture *pic = vc_try_alloc(1, sizeof(*pic));

	if (!pic)
		return NULL;
	pic->ref = refpic_new(p, m);
	pic->film = film;
	pic->frozen.least = FREEZE_MIN;
	pic->ssim_next = VC_TIME_NONE;
	bins_init(&pic->psnr, 0.1);
	bins_init(&pic->ssim, 0.001);
	pic->grid_next = VC_TIME_NONE;
	bins_init(&pic->grid, 0.1);
	return pic;
}

void picture_free(struct picture *pic)
{
	if (!pic)
		return;
	picture_end(pic);
	free(pic);
}

/* What of it is over counts. */
static void settle(struct lasting *l)
{
	int64_t whole = l->run;

	if (l->before && l->run > l->least)
		whole += l->before + l->gap;
	else if (l->before)
		whole = l->before;
	if (whole > l->least) {
		l->count++;
		l->total += whole;
		if (whole > l->longest)
			l->longest = whole;
	}
	l->before = 0;
}

/* For another 'span' it was so. */
static void go_on(struct lasting *l, int64_t span)
{
	l->run += span;
}

/*
 * It is not so any longer, or for 'span' it was not. 'is_pop': it may be so
 * again soon.
 */
static void stop(struct lasting *l, int64_t span, bool is_pop)
{
	if (is_pop && l->before && !l->run && l->gap + span <= POP_MAX) {
		l->gap += span;
	} else if (is_pop && span <= POP_MAX && l->run > l->least) {
		l->before = l->run + (l->before ? l->before + l->gap : 0);
		l->gap = span;
	} else {
		settle(l);
	}
	l->run = 0;
}

static void keep(struct picture *pic, const struct vc_image *img)
{
	struct vc_image *b = &pic->before;

	if (b->width != img->width || b->height != img->height) {
		vc_image_clear(b);
		if (vc_image_alloc(b, img->width, img->height))
			return;
	}
	vc_image_copy(b, img);
}

static void look_at_grid(struct picture *pic, const struct vc_image *img,
			 int64_t time)
{
	double v;

	if (pic->grid_next != VC_TIME_NONE && time < pic->grid_next)
		return;
	pic->grid_next = time + GRID_EACH;
	v = vc_picmeasure_grid(img);
	if (v > 0)
		bins_put(&pic->grid, v);
}

/* With what it was before it was encoded. */
static void compare(struct picture *pic, const struct vc_image *img,
		    int64_t time, const struct vc_mark_reader *r, int64_t now)
{
	const struct vc_image *ref;
	enum refpic_why why;

	if (!pic->ref)
		return;
	ref = refpic_get(pic->ref, img, r, time, now, &why);
	pic->why[why]++;
	if (!ref)
		return;
	bins_put(&pic->psnr, vc_pixels_psnr(ref, img));
	film_put(pic->film, ref, img);
	if (pic->ssim_next != VC_TIME_NONE && time < pic->ssim_next)
		return;
	pic->ssim_next = time + SSIM_EACH;
	bins_put(&pic->ssim, vc_pixels_ssim(ref, img));
}

/* Only looked at where a freeze ends, or may have. */
static bool is_pop(const struct picture *pic, const struct vc_image *img)
{
	return (pic->frozen.run > FREEZE_MIN || pic->frozen.before) &&
	       vc_picmeasure_difference(&pic->before, img) <= POP;
}

void picture_see(struct picture *pic, const struct vc_image *img, int64_t time,
		 const struct vc_mark_reader *r, int64_t now)
{
	int64_t span = pic->n && time > pic->last ? time - pic->last : 0;
	bool is_same = pic->n && vc_picmeasure_is_same(&pic->before, img);

	if (pic->was_black)
		go_on(&pic->black, span);
	else
		stop(&pic->black, span, false);
	if (is_same)
		go_on(&pic->frozen, span);
	else
		stop(&pic->frozen, span, is_pop(pic, img));
	pic->was_black = vc_picmeasure_dark(img) >= VC_PICMEASURE_BLACK;
	look_at_grid(pic, img, time);
	compare(pic, img, time, r, now);
	keep(pic, img);
	if (!pic->n)
		pic->first = time;
	if (!pic->n || time > pic->last)
		pic->last = time;
	pic->n++;
}

void picture_end(struct picture *pic)
{
	stop(&pic->black, 0, false);
	stop(&pic->frozen, 0, false);
	vc_image_clear(&pic->before);
	refpic_free(pic->ref);
	pic->ref = NULL;
}

/* --- the record --- */

/* What goes on until now counts as well. */
static struct vc_json *lasting_of(struct lasting l, int64_t span)
{
	struct vc_json *o = vc_json_object();

	stop(&l, 0, false);
	record_set_count(o, "count", span > 0 ? (int64_t)l.count : UNSAID);
	vc_json_set_real(o, "share", share(l.total, span), 6);
	vc_json_set_real(o, "total_ms", span > 0 ? ms(l.total) : NAN, 3);
	vc_json_set_real(o, "longest_ms", span > 0 ? ms(l.longest) : NAN, 3);
	return o;
}

static struct vc_json *grid_of(const struct bins *b)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_real(o, "mean", bins_mean(b), 3);
	vc_json_set_real(o, "p95", bins_quantile(b, 95), 2);
	vc_json_set_real(o, "max", bins_max(b), 3);
	return o;
}

static struct vc_json *likeness_of(const struct bins *b, int decimals)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_real(o, "mean", bins_mean(b), decimals);
	vc_json_set_real(o, "p5", bins_quantile(b, 5), decimals);
	vc_json_set_real(o, "min", bins_min(b), decimals);
	return o;
}

static struct vc_json *not_compared(const struct picture *pic)
{
	struct vc_json *o = vc_json_object();

	for (int i = REFPIC_NONE + 1; i < REFPIC_WHYS; i++)
		vc_json_set_int(o, refpic_why_name((enum refpic_why)i),
				(int64_t)pic->why[i]);
	return o;
}

struct vc_json *picture_record(const struct probe *p, const struct picture *pic)
{
	struct vc_json *o;
	int64_t span;

	if (!pic || !pic->n)
		return NULL;
	span = record_is_timeless(p) ? 0 : pic->last - pic->first;
	o = vc_json_object();
	vc_json_set_int(o, "decoded", (int64_t)pic->n);
	vc_json_set(o, "black", lasting_of(pic->black, span));
	vc_json_set(o, "frozen", lasting_of(pic->frozen, span));
	vc_json_set(o, "blockiness", grid_of(&pic->grid));
	vc_json_set_int(o, "compared", (int64_t)pic->why[REFPIC_NONE]);
	vc_json_set(o, "not_compared", not_compared(pic));
	vc_json_set(o, "psnr_db", likeness_of(&pic->psnr, 2));
	vc_json_set(o, "ssim", likeness_of(&pic->ssim, 4));
	return o;
}
