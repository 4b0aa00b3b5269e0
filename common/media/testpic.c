/* SPDX-License-Identifier: MIT */
/*
 * From top to bottom: colour bars (75 %, as in EBU bars) over a ramp of
 * greys, a dark panel with clock and counter, a field of the name's hue. A
 * mixer's label lies in that field's corner, so the name is in its upper part.
 * All that stands still is drawn once; a frame is a copy of it, a disc, a
 * stroke that runs along the panel's upper edge once a second, and digits.
 * Digits are copied from a strip that has them drawn already: they stand on
 * plain panel, so a copy of their box is enough.
 *
 * The disc crosses the picture and comes back in four seconds while it
 * bounces, in sixteenths of a pixel so that it moves evenly.
 */
#include <errno.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "media/font.h"
#include "media/testpic.h"

#define DIGITS "0123456789:."
#define HUES 24
#define GREYS 16
#define CLOCK_CHARS 12 /* "HH:MM:SS.mmm" */
#define COUNTER_CHARS 6

static const struct vc_colour white = { 235, 128, 128 };
static const struct vc_colour ink = { 24, 132, 126 }; /* the panel */
static const struct vc_colour amber = { 176, 60, 158 };
static const struct vc_colour shade = { 40, 128, 128 };

/* White, yellow, cyan, green, magenta, red, blue at 75 %, BT.601. */
static const struct vc_colour bars[] = {
	{ 180, 128, 128 }, { 162, 44, 142 }, { 131, 156, 44 }, { 112, 72, 58 },
	{ 84, 184, 198 },  { 65, 100, 212 }, { 35, 212, 114 },
};

/* 48 cos and sin of every 15 degrees: the chroma of a hue. */
static const int8_t circle[HUES] = {
	48,  46,  42,  34,  24,	 12,  0, -12, -24, -34, -42, -46,
	-48, -46, -42, -34, -24, -12, 0, 12,  24,  34,	42,  46,
};

/* Where things are: a picture of the same proportions at every size. */
struct plan {
	int bars, ramp, panel; /* lower edges of bars, ramp and panel */
	int name_scale, digit_scale;
	int digit_y, clock_x, counter_x;
	int stroke; /* its height */
	int radius; /* of the disc */
};

struct vc_colour vc_testpic_hue(const char *name)
{
	/* The factor keeps the names that every example uses apart. */
	uint64_t h = vc_hash_str(name) * UINT64_C(0x8668eba0b063ea7d);
	unsigned int angle = (unsigned int)(h >> 32) % HUES;

	return (struct vc_colour){
		.y = (uint8_t)(h >> 60 & 1 ? 100 : 84),
		.u = (uint8_t)(128 + circle[angle]),
		.v = (uint8_t)(128 + circle[(angle + 3 * HUES / 4) % HUES]),
	};
}

static int fit_scale(int width, int height, int chars)
{
	int by_width = width / (VC_FONT_WIDTH * (chars ? chars : 1));
	int by_height = height / VC_FONT_HEIGHT;
	int scale = by_width < by_height ? by_width : by_height;

	return scale < 1 ? 1 : scale;
}

static struct plan plan_for(const struct vc_testpic *pic)
{
	int w = pic->width, h = pic->height;
	int name_len = (int)strlen(pic->name);
	struct plan p = {
		.bars = h * 46 / 100 & ~1,
		.ramp = h * 52 / 100 & ~1,
		.panel = h * 74 / 100 & ~1,
		.stroke = (h / 90 + 2) & ~1,
		.radius = h / 10 + 1,
	};

	p.name_scale = fit_scale(w * 92 / 100, (h - p.panel) * 9 / 10,
				 name_len < 6 ? 6 : name_len);
	p.digit_scale = fit_scale(w * 97 / 100, p.panel - p.ramp - p.stroke,
				  CLOCK_CHARS + 1 + COUNTER_CHARS);
	p.digit_y =
		(p.ramp + p.stroke + p.panel - VC_FONT_HEIGHT * p.digit_scale) /
			2 &
		~1;
	p.counter_x = w - VC_FONT_WIDTH * p.digit_scale * COUNTER_CHARS;
	p.clock_x =
		(p.counter_x - VC_FONT_WIDTH * p.digit_scale * CLOCK_CHARS) /
			3 &
		~1;
	p.counter_x = (p.counter_x - p.clock_x) & ~1;
	return p;
}

static void draw_still(struct vc_testpic *pic, const struct plan *p)
{
	struct vc_image *im = &pic->still;
	int w = pic->width, n = (int)VC_COUNT(bars);
	int scale = p->name_scale, off = (scale + 1) / 2;
	int x = (w - vc_font_width(scale, pic->name)) / 2;
	int free_h = pic->height - p->panel - VC_FONT_HEIGHT * scale;
	int y = p->panel + free_h / 4;

	for (int i = 0; i < n; i++) {
		int left = w * i / n & ~1;

		vc_image_fill(im, left, 0, w - left, p->bars, bars[i]);
	}
	for (int i = 0; i < GREYS; i++) {
		struct vc_colour grey = { (uint8_t)(16 + i * 219 / (GREYS - 1)),
					  128, 128 };
		int left = w * i / GREYS & ~1;

		vc_image_fill(im, left, p->bars, w - left, p->ramp - p->bars,
			      grey);
	}
	vc_image_fill(im, 0, p->ramp, w, p->panel - p->ramp, ink);
	vc_image_fill(im, 0, p->panel, w, pic->height - p->panel, pic->hue);
	vc_font_draw(im, x + off, y + off, scale, pic->name, shade);
	vc_font_draw(im, x, y, scale, pic->name, white);
}

static int make_digits(struct vc_image *strip, int scale,
		       struct vc_colour colour)
{
	int err = vc_image_alloc(strip, vc_font_width(scale, DIGITS),
				 VC_FONT_HEIGHT * scale);

	if (err)
		return err;
	vc_image_fill(strip, 0, 0, strip->width, strip->height, ink);
	vc_font_draw(strip, 0, 0, scale, DIGITS, colour);
	return 0;
}

int vc_testpic_init(struct vc_testpic *pic, int width, int height,
		    const char *name, int fps)
{
	struct plan p;
	int err;

	*pic = (struct vc_testpic){ .fps = fps };
	if (fps < 1 || fps > 1000)
		return -EINVAL;
	snprintf(pic->name, sizeof(pic->name), "%s", name);
	pic->width = width;
	pic->height = height;
	pic->hue = vc_testpic_hue(name);
	err = vc_image_alloc(&pic->still, width, height);
	if (err)
		return err;
	p = plan_for(pic);
	err = make_digits(&pic->clock, p.digit_scale, white);
	if (!err)
		err = make_digits(&pic->counter, p.digit_scale, amber);
	if (err) {
		vc_testpic_clear(pic);
		return err;
	}
	draw_still(pic, &p);
	return 0;
}

void vc_testpic_clear(struct vc_testpic *pic)
{
	vc_image_clear(&pic->still);
	vc_image_clear(&pic->clock);
	vc_image_clear(&pic->counter);
}

static void copy_rows(uint8_t *dst, int stride_dst, const uint8_t *src,
		      int stride_src, int width, int height)
{
	for (int y = 0; y < height; y++)
		memcpy(dst + (ptrdiff_t)y * stride_dst,
		       src + (ptrdiff_t)y * stride_src, (size_t)width);
}

/* Character 'i' of the strip to (x, y), both even; clipped. */
static void put_digit(struct vc_image *img, int x, int y,
		      const struct vc_image *strip, int i)
{
	int w = strip->width / (int)strlen(DIGITS);
	int h = strip->height, from = i * w;

	if (x < 0 || y < 0 || x >= img->width || y >= img->height)
		return;
	w = x + w > img->width ? img->width - x : w;
	h = y + h > img->height ? img->height - y : h;
	copy_rows(img->y + (ptrdiff_t)y * img->stride_y + x, img->stride_y,
		  strip->y + from, strip->stride_y, w, h);
	w = vc_image_half(w);
	h = vc_image_half(h);
	copy_rows(img->u + (ptrdiff_t)(y / 2) * img->stride_u + x / 2,
		  img->stride_u, strip->u + from / 2, strip->stride_u, w, h);
	copy_rows(img->v + (ptrdiff_t)(y / 2) * img->stride_v + x / 2,
		  img->stride_v, strip->v + from / 2, strip->stride_v, w, h);
}

static void put_digits(struct vc_image *img, int x, int y,
		       const struct vc_image *strip, const char *text)
{
	for (; *text; text++) {
		put_digit(img, x, y, strip,
			  (int)(strchr(DIGITS, *text) - DIGITS));
		x += strip->width / (int)strlen(DIGITS);
	}
}

static int root(int64_t n)
{
	int64_t r = 0;

	for (int64_t bit = INT64_C(1) << 30; bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= n)
			r += bit;
	return (int)r;
}

static void blend(uint8_t *p, int value, int sixteenths)
{
	*p = (uint8_t)((*p * (16 - sixteenths) + value * sixteenths + 8) / 16);
}

/* Pixels [x0, x1) of a row, both in sixteenths, the ends blended. */
static void fill_span(uint8_t *row, int width, int x0, int x1, uint8_t value)
{
	x0 = x0 < 0 ? 0 : x0;
	x1 = x1 > 16 * width ? 16 * width : x1;
	if (x1 - x0 < 16)
		return;
	int first = (x0 + 15) / 16, last = x1 / 16;

	if (x0 % 16)
		blend(row + x0 / 16, value, 16 - x0 % 16);
	if (x1 % 16)
		blend(row + last, value, x1 % 16);
	if (first < last)
		memset(row + first, value, (size_t)(last - first));
}

/* A disc about (x, y); all in sixteenths of a pixel. */
static void draw_disc(struct vc_image *img, int x, int y, int r,
		      struct vc_colour c)
{
	int top = y > r ? (y - r) / 16 : 0;

	for (int row = top; row < img->height && row * 16 <= y + r; row++) {
		int64_t dy = row * 16 + 8 - y;
		int64_t left = (int64_t)r * r - dy * dy;
		int half = left > 0 ? root(left) : 0;
		ptrdiff_t n = row / 2;

		fill_span(img->y + row * (ptrdiff_t)img->stride_y, img->width,
			  x - half, x + half, c.y);
		if (row & 1)
			continue;
		fill_span(img->u + n * img->stride_u, vc_image_half(img->width),
			  (x - half) / 2, (x + half) / 2, c.u);
		fill_span(img->v + n * img->stride_v, vc_image_half(img->width),
			  (x - half) / 2, (x + half) / 2, c.v);
	}
}

/* There and back in 'period' frames: 0 to 'range' and down again. */
static int64_t sweep(uint64_t frame, int period, int64_t range)
{
	int64_t at = (int64_t)(frame % (uint64_t)period) * 2;

	return (at <= period ? at : 2 * (int64_t)period - at) * range / period;
}

/* A parabola, 0 at both ends of 'period' frames and 'height' in its middle. */
static int64_t bounce(uint64_t frame, int period, int64_t height)
{
	int64_t at = (int64_t)(frame % (uint64_t)period);

	return 4 * at * (period - at) * height / ((int64_t)period * period);
}

static void draw_ball(const struct vc_testpic *pic, const struct plan *p,
		      struct vc_image *img, uint64_t frame)
{
	int r = 16 * p->radius;
	int floor_y = 16 * p->bars - r;
	int x = r + (int)sweep(frame, 4 * pic->fps, 16 * pic->width - 2 * r);
	int y = floor_y - (int)bounce(frame, pic->fps, floor_y - r);

	draw_disc(img, x, y, r, ink);
	draw_disc(img, x, y, r * 7 / 8, white);
	draw_disc(img, x, y, r * 5 / 8, pic->hue);
}

static void clock_text(char text[static CLOCK_CHARS + 1], int64_t now)
{
	int64_t day = 86400 * VC_SEC;
	int64_t t = (now % day + day) % day;
	unsigned int ms = (unsigned int)(t / VC_MS);

	snprintf(text, CLOCK_CHARS + 1, "%02u:%02u:%02u.%03u",
		 ms / 3600000 % 24, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

void vc_testpic_draw(const struct vc_testpic *pic, struct vc_image *img,
		     uint64_t frame_number, int64_t now)
{
	int64_t part = (now % VC_SEC + VC_SEC) % VC_SEC; /* of the second */
	struct plan p = plan_for(pic);
	char text[CLOCK_CHARS + 1];

	vc_image_copy(img, &pic->still);
	draw_ball(pic, &p, img, frame_number);
	vc_image_fill(img, 0, p.ramp, (int)(part * pic->width / VC_SEC),
		      p.stroke, amber);
	clock_text(text, now);
	put_digits(img, p.clock_x, p.digit_y, &pic->clock, text);
	snprintf(text, sizeof(text), "%06u",
		 (unsigned int)(frame_number % 1000000));
	put_digits(img, p.counter_x, p.digit_y, &pic->counter, text);
}
