/* SPDX-License-Identifier: MIT */
/* Reading an arrangement; see media/arrange.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "media/arrange.h"

#define COUNT_MAX 999
#define SHAPE_MAX 4096
#define Z_MAX 99

/* A line in columns, and what is read so far. */
struct line {
	struct vc_arrange a;
	struct vc_columns text;
};

static int wrong(const struct line *l, const char *what, struct vc_str s)
{
	return vc_columns_wrong(&l->text, what, s);
}

/* --- what fills a region --- */

/* `WORD` or `WORD:N`; -EINVAL where it is none of these. */
static int read_choice(struct vc_str s, enum vc_fill *fill, unsigned int *n)
{
	static const struct {
		const char *word;
		bool may_count;
		bool must_count;
	} words[] = {
		[VC_FILL_SLIDES] = { "slides", false, false },
		[VC_FILL_PINNED] = { "pinned", false, false },
		[VC_FILL_SPEAKER] = { "speaker", false, false },
		[VC_FILL_JOIN] = { "join", true, true },
		[VC_FILL_ACTIVE] = { "active", true, true },
		[VC_FILL_REST] = { "rest", true, false },
	};
	bool has_count = memchr(s.p, ':', s.len);
	struct vc_str count = s, word = vc_str_cut(&count, ':');
	uint32_t v = COUNT_MAX;

	if (has_count && (!vc_str_u32(count, COUNT_MAX, &v) || !v))
		return -EINVAL;
	for (size_t i = 0; i < VC_COUNT(words); i++) {
		if (!vc_str_is(word, words[i].word))
			continue;
		*fill = (enum vc_fill)i;
		*n = v;
		return has_count ? (words[i].may_count ? 0 : -EINVAL) :
				   (words[i].must_count ? -EINVAL : 0);
	}
	return -EINVAL;
}

static int read_what(struct line *l, struct vc_str s,
		     struct vc_arrange_region *r)
{
	struct vc_str all = s;
	size_t n = 1;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == ',';
	if (n > VC_ARRANGE_CHOICES)
		return wrong(l, "more than 8 in one list", all);
	for (; n; n--, r->n_choices++) {
		enum vc_fill *fill = &r->choices[r->n_choices].fill;

		if (read_choice(vc_str_cut(&s, ','), fill,
				&r->choices[r->n_choices].n))
			return wrong(l,
				     "a list is slides, pinned, speaker, "
				     "join:N, active:N, rest, rest:N with "
				     "commas between",
				     all);
		l->a.has_pinned |= *fill == VC_FILL_PINNED;
	}
	return 0;
}

/* --- a region --- */

static bool read_side(struct vc_str s, int *v)
{
	uint32_t n;

	if (!vc_str_u32(s, VC_ARRANGE_UNITS, &n))
		return false;
	*v = (int)n;
	return true;
}

static int read_place(struct line *l, struct vc_rect *at)
{
	int *const sides[] = { &at->x, &at->y, &at->w, &at->h };

	for (size_t i = 0; i < VC_COUNT(sides); i++)
		if (!read_side(l->text.col[1 + i], sides[i]))
			return wrong(l, "a number from 0 to 360",
				     l->text.col[1 + i]);
	if (!at->w || !at->h)
		return wrong(l, "a region with no area", l->text.col[0]);
	if (at->x + at->w > VC_ARRANGE_UNITS ||
	    at->y + at->h > VC_ARRANGE_UNITS)
		return wrong(l, "a region beyond 360", l->text.col[0]);
	return 0;
}

static bool read_shape(struct vc_str s, struct vc_arrange_region *r)
{
	struct vc_str h = s, w = vc_str_cut(&h, ':');
	uint32_t a, b;

	if (vc_str_is(s, "any")) {
		r->shape_w = 0;
		return true;
	}
	if (!vc_str_u32(w, SHAPE_MAX, &a) || !vc_str_u32(h, SHAPE_MAX, &b) ||
	    !a || !b)
		return false;
	r->shape_w = (int)a;
	r->shape_h = (int)b;
	return true;
}

static int read_with(struct line *l, struct vc_str s,
		     struct vc_arrange_region *r)
{
	struct vc_str value = s, key = vc_str_cut(&value, '=');
	uint32_t z;

	if (vc_str_is(key, "shape"))
		return read_shape(value, r) ?
			       0 :
			       wrong(l, "shape=W:H or shape=any", s);
	if (!vc_str_is(key, "z") || !vc_str_u32(value, Z_MAX, &z))
		return wrong(l, "z=N (0 to 99) or shape=W:H", s);
	r->z = (int)z;
	return 0;
}

/* That is always used, with nothing before it. */
static bool is_always(const struct vc_arrange_part *p)
{
	return !p->with_slides && !p->with_pinned && !p->tiles;
}

static int read_region(struct line *l)
{
	struct vc_arrange_region r = { .shape_w = 16, .shape_h = 9 };
	struct vc_arrange_part *part;
	int err;

	if (l->text.n < 5)
		return wrong(l, "a region is WHAT X Y W H [z=N] [shape=W:H]",
			     l->text.col[0]);
	if (l->a.n_regions == VC_ARRANGE_REGIONS)
		return wrong(l, "more than 64 regions", l->text.col[0]);
	err = read_what(l, l->text.col[0], &r);
	if (!err)
		err = read_place(l, &r.at);
	for (size_t i = 5; !err && i < l->text.n; i++)
		err = read_with(l, l->text.col[i], &r);
	if (err)
		return err;
	if (!l->a.n_parts)
		l->a.n_parts = 1;
	part = &l->a.parts[l->a.n_parts - 1];
	part->n++;
	l->a.regions[l->a.n_regions++] = r;
	return 0;
}

/* --- a part --- */

static int read_condition(struct line *l, struct vc_str s,
			  struct vc_arrange_part *p)
{
	struct vc_str count = s, word = vc_str_cut(&count, ':');
	uint32_t n;

	if (vc_str_is(s, "slides")) {
		p->with_slides = true;
	} else if (vc_str_is(s, "pinned")) {
		p->with_pinned = true;
	} else if (vc_str_is(word, "tiles") &&
		   vc_str_u32(count, COUNT_MAX, &n) && n) {
		p->tiles = n;
	} else {
		return wrong(l, "when slides, pinned, tiles:N, or - alone", s);
	}
	return 0;
}

/* Whether the part before can be followed by one. */
static int end_part(struct line *l)
{
	const struct vc_arrange_part *p;

	if (!l->a.n_parts)
		return 0;
	p = &l->a.parts[l->a.n_parts - 1];
	if (!p->n)
		return wrong(l, "the part before has no region",
			     l->text.col[0]);
	if (is_always(p))
		return wrong(l, "the part before is always used",
			     l->text.col[0]);
	if (l->a.n_parts == VC_ARRANGE_PARTS)
		return wrong(l, "more than 16 parts", l->text.col[0]);
	return 0;
}

static int read_when(struct line *l)
{
	struct vc_arrange_part part = { .first = l->a.n_regions };
	bool is_last = l->text.n == 2 && vc_str_is(l->text.col[1], "-");
	int err = end_part(l);

	if (!err && l->text.n < 2)
		err = wrong(l, "when slides, pinned, tiles:N, or - alone",
			    l->text.col[0]);
	for (size_t i = 1; !err && !is_last && i < l->text.n; i++)
		err = read_condition(l, l->text.col[i], &part);
	if (!err)
		l->a.parts[l->a.n_parts++] = part;
	return err;
}

/* --- the text --- */

static int read_all(struct line *l)
{
	const struct vc_arrange_part *last;
	int err, got;

	while ((got = vc_columns_next(&l->text)) > 0) {
		err = vc_str_is(l->text.col[0], "when") ? read_when(l) :
							  read_region(l);
		if (err)
			return err;
	}
	if (got)
		return got;
	if (!l->a.n_regions)
		return wrong(l, "no region", vc_str_c(""));
	last = &l->a.parts[l->a.n_parts - 1];
	if (!last->n)
		return wrong(l, "the last part has no region", vc_str_c(""));
	if (!is_always(last))
		return wrong(l, "no part is for all else: 'when -' at the end",
			     vc_str_c(""));
	return 0;
}

int vc_arrange_parse(struct vc_arrange *out, struct vc_str text,
		     struct vc_columns_error *err)
{
	struct line l = { 0 };
	int e = vc_columns_begin(&l.text, text, VC_ARRANGE_SIZE, err);

	if (!e)
		e = read_all(&l);
	if (!e)
		*out = l.a;
	return e;
}
