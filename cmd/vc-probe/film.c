/* SPDX-License-Identifier: MIT */
/*
 * --vmaf: the pictures that PSNR is measured on, as two Y4M files, until there
 * is no more room: VMAF looks at motion, so pictures are not left out between.
 * A picture of another size than the first is.
 */
#include <math.h>
#include <stdlib.h>

#include "base/image.h"
#include "base/json.h"
#include "base/mem.h"
#include "judge.h"
#include "record.h"

#define SUFFIX ".y4m"
#define FRAME "FRAME\n"
#define FRAME_LEN 6

struct film {
	struct pair pair;
	int width, height; /* 0: no picture yet */
	uint64_t frames;
	bool is_full;
	double mean, min, harmonic;
};

struct film *film_new(struct judge *j)
{
	struct film *f = vc_try_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->mean = f->min = f->harmonic = NAN;
	f->is_full = !judge_pair_open(&f->pair, j, SUFFIX);
	return f;
}

void film_free(struct film *f)
{
	if (!f)
		return;
	judge_pair_clear(&f->pair, SUFFIX);
	free(f);
}

static void put_head(FILE *out, const struct film *f)
{
	/* Its rate is of no account to a measure. */
	fprintf(out, "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C420jpeg\n", f->width,
		f->height);
}

static void put_plane(FILE *out, const uint8_t *p, int stride, int w, int h)
{
	for (int y = 0; y < h; y++)
		fwrite(p + (ptrdiff_t)y * stride, 1, (size_t)w, out);
}

static void put_picture(FILE *out, const struct vc_image *img)
{
	int w = vc_image_half(img->width), h = vc_image_half(img->height);

	fwrite(FRAME, 1, FRAME_LEN, out);
	put_plane(out, img->y, img->stride_y, img->width, img->height);
	put_plane(out, img->u, img->stride_u, w, h);
	put_plane(out, img->v, img->stride_v, w, h);
}

static size_t octets(const struct vc_image *img)
{
	size_t chroma = (size_t)vc_image_half(img->width) *
			(size_t)vc_image_half(img->height);

	return FRAME_LEN + (size_t)img->width * (size_t)img->height +
	       2 * chroma;
}

void film_put(struct film *f, const struct vc_image *ref,
	      const struct vc_image *img)
{
	if (!f || f->is_full)
		return;
	if (!f->frames) {
		f->width = img->width;
		f->height = img->height;
		put_head(f->pair.ref, f);
		put_head(f->pair.deg, f);
	}
	if (img->width != f->width || img->height != f->height)
		return;
	f->is_full = !judge_pair_room(&f->pair, 2 * octets(img));
	if (f->is_full)
		return;
	put_picture(f->pair.ref, ref);
	put_picture(f->pair.deg, img);
	f->frames++;
}

static double member(const struct vc_json *o, const char *key)
{
	double v;

	return vc_json_number(vc_json_get(o, key), &v) ? v : NAN;
}

static void compare(struct film *f, const struct meter *m)
{
	const struct vc_json *all;
	struct vc_json *out;

	if (!f->frames && !f->pair.why)
		f->pair.why = "no picture was compared";
	if (!judge_pair_end(&f->pair))
		return;
	out = judge_pair_run(&f->pair, m, SUFFIX);
	all = vc_json_get(vc_json_get(out, "pooled_metrics"), "vmaf");
	f->mean = member(all, "mean");
	f->min = member(all, "min");
	f->harmonic = member(all, "harmonic_mean");
	if (out && isnan(f->mean))
		f->pair.why = "the program gave no figure";
	vc_json_free(out);
}

void film_judge(struct film *f, const struct meter *m)
{
	if (!f)
		return;
	f->is_full = true;
	compare(f, m);
	judge_pair_tell(&f->pair, m, SUFFIX);
}

struct vc_json *film_record(const struct film *f)
{
	struct vc_json *o;

	if (!f)
		return NULL;
	o = vc_json_object();
	vc_json_set_real(o, "mean", f->mean, 3);
	vc_json_set_real(o, "min", f->min, 3);
	vc_json_set_real(o, "harmonic_mean", f->harmonic, 3);
	vc_json_set_int(o, "frames", (int64_t)f->frames);
	record_set_word(o, "why", f->pair.why ? f->pair.why : "");
	return o;
}
