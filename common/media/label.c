/* SPDX-License-Identifier: MIT */
/*
 * Pango lays the text out, cairo draws it on a surface, and that becomes a
 * sprite. The sprite's height follows the font size and not the glyphs, so
 * that stacks of accents are cut off and labels side by side look alike.
 *
 * Where no font is installed, the bitmap font of media/font.h draws what it
 * can. For that the text is drawn twice: into the picture, and into the alpha
 * planes as if they were one.
 */
#include <assert.h>
#include <errno.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "base/str.h"
#include "media/font.h"
#include "media/label.h"
#include "media/testpic.h"

/* Text in octets after escaping. What is longer is never seen whole anyway. */
#define TEXT_CAP 256

/* On dark and on bright discs. */
#define FG_LIGHT 0xfff4f6f8
#define FG_DARK 0xff14161a

#define PI 3.14159265358979323846

struct box {
	int w;
	int h;
	int pad;
};

/* Octets before the next zero width joiner or non-joiner, or all. */
static size_t until_joiner(const char *text)
{
	size_t n = 0;

	while (text[n] && strncmp(text + n, "\xe2\x80\x8c", 3) &&
	       strncmp(text + n, "\xe2\x80\x8d", 3))
		n++;
	return n;
}

/*
 * Escaped and cut to 'cap'. The joiners are kept as they are: many emoji and
 * Persian words need them, and in a picture they can do no harm.
 */
static void make_printable(char *out, size_t cap, const char *text)
{
	size_t n = 0;

	while (*text && n + 4 < cap) {
		size_t len = until_joiner(text);

		n += vc_escape(out + n, cap - 3 - n, text, len);
		text += len;
		if (*text) {
			memcpy(out + n, text, 3);
			text += 3;
			n += 3;
		}
	}
	out[n] = '\0';
}

static void set_source(cairo_t *cr, uint32_t argb)
{
	cairo_set_source_rgba(cr, (argb >> 16 & 255) / 255.0,
			      (argb >> 8 & 255) / 255.0, (argb & 255) / 255.0,
			      (argb >> 24) / 255.0);
}

/* A line of text, not yet placed. g_object_unref() it. */
static PangoLayout *lay_out(const char *text, int size_px, int max_w, bool bold)
{
	PangoContext *ctx = pango_font_map_create_context(
		pango_cairo_font_map_get_default());
	cairo_font_options_t *opt = cairo_font_options_create();
	PangoFontDescription *font = pango_font_description_new();

	cairo_font_options_set_antialias(opt, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(ctx, opt);
	pango_font_description_set_family_static(font, "Sans");
	pango_font_description_set_absolute_size(font, size_px * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD :
						       PANGO_WEIGHT_NORMAL);
	PangoLayout *layout = pango_layout_new(ctx);

	pango_layout_set_font_description(layout, font);
	pango_layout_set_single_paragraph_mode(layout, TRUE);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_width(layout, max_w * PANGO_SCALE);
	pango_layout_set_text(layout, text, -1);
	pango_font_description_free(font);
	cairo_font_options_destroy(opt);
	g_object_unref(ctx);
	return layout;
}

/* Where there is none, pango draws every letter as an empty frame. */
static bool has_fonts(void)
{
	PangoLayout *layout = lay_out("A", 16, 64, false);
	bool found = !pango_layout_get_unknown_glyphs_count(layout);

	g_object_unref(layout);
	return found;
}

static void draw_box(cairo_t *cr, const struct box *box, uint32_t argb)
{
	double r = box->h / 4.0;
	double w = box->w, h = box->h;

	if (!(argb >> 24))
		return;
	cairo_new_sub_path(cr);
	cairo_arc(cr, w - r, r, r, -PI / 2, 0);
	cairo_arc(cr, w - r, h - r, r, 0, PI / 2);
	cairo_arc(cr, r, h - r, r, PI / 2, PI);
	cairo_arc(cr, r, r, r, PI, 3 * PI / 2);
	cairo_close_path(cr);
	set_source(cr, argb);
	cairo_fill(cr);
}

/* The middle of the line of text to the middle of the box. */
static void draw_layout(cairo_t *cr, PangoLayout *layout, const struct box *box,
			uint32_t argb)
{
	PangoRectangle r;

	pango_layout_get_pixel_extents(layout, NULL, &r);
	set_source(cr, argb);
	cairo_move_to(cr, (box->w - r.width) / 2 - r.x,
		      (box->h - r.height) / 2 - r.y);
	pango_cairo_show_layout(cr, layout);
}

static int take_surface(struct vc_sprite *out, cairo_surface_t *surface)
{
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		return -ENOMEM;
	cairo_surface_flush(surface);
	return vc_sprite_from_argb(out, cairo_image_surface_get_data(surface),
				   cairo_image_surface_get_stride(surface),
				   cairo_image_surface_get_width(surface),
				   cairo_image_surface_get_height(surface));
}

static int render_pango(struct vc_sprite *out, const char *text,
			const struct vc_label_style *style, struct box *box)
{
	PangoLayout *layout = lay_out(text, style->size_px,
				      style->max_w - 2 * box->pad, style->bold);
	PangoRectangle r;

	pango_layout_get_pixel_extents(layout, NULL, &r);
	box->w = (r.width + 2 * box->pad + 1) & ~1;
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_ARGB32, box->w, box->h);
	cairo_t *cr = cairo_create(surface);

	draw_box(cr, box, style->bg);
	draw_layout(cr, layout, box, style->fg);
	cairo_destroy(cr);
	g_object_unref(layout);
	int err = take_surface(out, surface);

	cairo_surface_destroy(surface);
	return err;
}

/* The bitmap font draws a box for an octet outside ASCII: one a letter. */
static void drop_continuations(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (((uint8_t)*p & 0xc0) != 0x80) {
			*out = *p;
			out++;
		}
	}
	*out = '\0';
}

static int render_bitmap(struct vc_sprite *out, char *text,
			 const struct vc_label_style *style, struct box *box)
{
	int scale = style->size_px / VC_FONT_HEIGHT;
	uint8_t a = (uint8_t)(style->bg >> 24);
	int err;

	scale = scale < 1 ? 1 : scale;
	drop_continuations(text);
	for (size_t n = strlen(text); n > 1; n--) {
		if (vc_font_width(scale, text) + 2 * box->pad <= style->max_w)
			break;
		text[n - 1] = '\0';
	}
	box->w = (vc_font_width(scale, text) + 2 * box->pad + 1) & ~1;
	err = vc_image_alloc(&out->image, box->w, box->h);
	if (!err)
		err = vc_image_alloc(&out->alpha, box->w, box->h);
	if (err) {
		vc_sprite_clear(out);
		return err;
	}
	int y = (box->h - scale * VC_FONT_HEIGHT) / 2;

	vc_image_fill(&out->image, 0, 0, box->w, box->h,
		      vc_pixels_colour(style->bg));
	vc_font_draw(&out->image, box->pad, y, scale, text,
		     vc_pixels_colour(style->fg));
	vc_image_fill(&out->alpha, 0, 0, box->w, box->h,
		      (struct vc_colour){ a, a, a });
	vc_font_draw(&out->alpha, box->pad, y, scale, text,
		     (struct vc_colour){ 255, 255, 255 });
	return 0;
}

int vc_label_render(struct vc_sprite *out, const char *text,
		    const struct vc_label_style *style)
{
	char shown[TEXT_CAP];
	struct box box = {
		.h = (style->size_px * 8 / 5 + 1) & ~1,
		.pad = style->bg >> 24 ? style->size_px / 2 : 0,
	};

	assert(style->size_px >= 1);
	*out = (struct vc_sprite){ 0 };
	if (!*text)
		return -ENOENT;
	if (style->max_w < 2 * (box.pad + style->size_px))
		return -ERANGE;
	make_printable(shown, sizeof(shown), text);
	if (has_fonts())
		return render_pango(out, shown, style, &box);
	return render_bitmap(out, shown, style, &box);
}

/* The first letter or digit of a word; if there is none, what it begins with. */
static const char *first_letter(const char *word, const char *end)
{
	for (const char *p = word; p < end; p += g_utf8_skip[(uint8_t)*p])
		if (g_unichar_isalnum(g_utf8_get_char(p)))
			return p;
	return word;
}

/* What of a name may be shown as it is. */
static void drop_hidden(char *out, size_t cap, const char *name)
{
	const char *p = name, *end = name + strlen(name);
	size_t n = 0;

	while (p < end) {
		const char *from = p;
		bool is_bad = vc_utf8_next(&p, end) < 0;
		size_t len = (size_t)(p - from);
		char safe[VC_ESCAPE_CAP(4)];

		if (is_bad || n + len >= cap ||
		    vc_escape(safe, sizeof(safe), from, len) != len)
			continue;
		memcpy(out + n, from, len);
		n += len;
	}
	out[n] = '\0';
}

/* One letter of the first word and one of the last, in capitals. */
static void make_initials(char *out, size_t cap, const char *name)
{
	const char *last = strrchr(name, ' ');
	const char *end = name + strlen(name);
	const char *at[2] = { first_letter(name, last ? last : end), NULL };
	size_t n = 0;

	if (last && last[1])
		at[1] = first_letter(last + 1, end);
	for (size_t i = 0; i < 2 && at[i] && *at[i]; i++) {
		char utf8[6];
		gunichar c = g_unichar_toupper(g_utf8_get_char(at[i]));
		size_t len = (size_t)g_unichar_to_utf8(c, utf8);

		if (n + len >= cap)
			break;
		memcpy(out + n, utf8, len);
		n += len;
	}
	out[n] = '\0';
}

static void draw_initials(cairo_t *cr, int size, const char *text, uint32_t fg)
{
	const struct box box = { .w = size, .h = size };
	PangoLayout *layout = lay_out(text, size * 2 / 5, size, true);

	draw_layout(cr, layout, &box, fg);
	g_object_unref(layout);
}

/* The bitmap font's turn, on a finished disc. */
static void bitmap_initials(struct vc_sprite *disc, char *text, uint32_t fg)
{
	int size = disc->image.width;
	int scale = size / 4 / VC_FONT_WIDTH;

	scale = scale < 1 ? 1 : scale;
	drop_continuations(text);
	vc_font_draw(&disc->image, (size - vc_font_width(scale, text)) / 2,
		     (size - scale * VC_FONT_HEIGHT) / 2, scale, text,
		     vc_pixels_colour(fg));
}

int vc_label_initials(struct vc_sprite *out, const char *name, int size_px)
{
	char shown[TEXT_CAP], text[16];
	int size = size_px & ~1;
	struct vc_colour hue = vc_testpic_hue(name);
	uint32_t fg = hue.y > 140 ? FG_DARK : FG_LIGHT;

	*out = (struct vc_sprite){ 0 };
	if (size < 2)
		return -EINVAL;
	drop_hidden(shown, sizeof(shown), name);
	make_initials(text, sizeof(text), shown);
	bool with_fonts = has_fonts();
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_ARGB32, size, size);
	cairo_t *cr = cairo_create(surface);

	cairo_arc(cr, size / 2.0, size / 2.0, size / 2.0, 0, 2 * PI);
	set_source(cr, 0xff000000 | vc_pixels_rgb(hue));
	cairo_fill(cr);
	if (with_fonts && *text)
		draw_initials(cr, size, text, fg);
	cairo_destroy(cr);
	int err = take_surface(out, surface);

	cairo_surface_destroy(surface);
	if (!err && !with_fonts)
		bitmap_initials(out, text, fg);
	return err;
}

/* --- signs, in a box of 1 x 1 --- */

static void draw_microphone(cairo_t *cr)
{
	cairo_arc(cr, 0.5, 0.32, 0.11, PI, 0);
	cairo_arc(cr, 0.5, 0.48, 0.11, 0, PI);
	cairo_close_path(cr);
	cairo_fill(cr);
	cairo_arc(cr, 0.5, 0.48, 0.2, 0, PI);
	cairo_move_to(cr, 0.5, 0.68);
	cairo_line_to(cr, 0.5, 0.8);
	cairo_move_to(cr, 0.38, 0.8);
	cairo_line_to(cr, 0.62, 0.8);
	cairo_stroke(cr);
	cairo_set_source_rgb(cr, 0.95, 0.3, 0.25);
	cairo_set_line_width(cr, 0.09);
	cairo_move_to(cr, 0.22, 0.2);
	cairo_line_to(cr, 0.78, 0.8);
	cairo_stroke(cr);
}

static void draw_clock(cairo_t *cr)
{
	cairo_arc(cr, 0.5, 0.5, 0.31, 0, 2 * PI);
	cairo_move_to(cr, 0.5, 0.29);
	cairo_line_to(cr, 0.5, 0.5);
	cairo_line_to(cr, 0.64, 0.6);
	cairo_stroke(cr);
}

int vc_label_sign(struct vc_sprite *out, enum vc_label_sign sign, int size_px,
		  uint32_t fg, uint32_t bg)
{
	const struct box box = { .w = size_px & ~1, .h = size_px & ~1 };

	*out = (struct vc_sprite){ 0 };
	if (box.w < 2)
		return -EINVAL;
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_ARGB32, box.w, box.h);
	cairo_t *cr = cairo_create(surface);

	draw_box(cr, &box, bg);
	cairo_scale(cr, box.w, box.h);
	set_source(cr, fg);
	cairo_set_line_width(cr, 0.07);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	if (sign == VC_SIGN_MUTED)
		draw_microphone(cr);
	else
		draw_clock(cr);
	cairo_destroy(cr);
	int err = take_surface(out, surface);

	cairo_surface_destroy(surface);
	return err;
}
