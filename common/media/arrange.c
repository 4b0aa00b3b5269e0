/* SPDX-License-Identifier: MIT */
/*
 * Regions that are for one are filled first, in the order of their lines, then
 * those for the rest; so it does not matter which comes first in the text, and
 * an order may be chosen for who covers whom.
 */
#include "media/arrange.h"

/* A placing under way. */
struct work {
	const struct vc_arrange *a;
	const struct vc_arrange_scene *scene;
	int w, h; /* of the canvas */
	struct vc_arrange_place *out;
	int z[VC_ARRANGE_TILES];	 /* of out[] */
	size_t region[VC_ARRANGE_TILES]; /* likewise */
	size_t n;
};

static bool is_placed(const struct work *k, size_t item)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->out[i].item == item)
			return true;
	return false;
}

/* --- who --- */

static size_t find_slides(const struct work *k)
{
	const struct vc_arrange_item *items = k->scene->items;
	size_t best = VC_ARRANGE_NONE;

	for (size_t i = 0; i < k->scene->n; i++)
		if (items[i].is_slides && !is_placed(k, i) &&
		    (best == VC_ARRANGE_NONE ||
		     items[i].since >= items[best].since))
			best = i;
	return best;
}

static size_t find_join(const struct work *k, unsigned int n)
{
	for (size_t i = 0; i < k->scene->n; i++)
		if (!k->scene->items[i].is_slides && !--n)
			return i;
	return VC_ARRANGE_NONE;
}

/* Did 'a' talk after 'b', or come before him and talk as late? */
static bool is_before(const struct vc_arrange_scene *s, size_t a, size_t b)
{
	return s->items[a].since > s->items[b].since ||
	       (s->items[a].since == s->items[b].since && a < b);
}

static size_t find_active(const struct work *k, unsigned int n)
{
	const struct vc_arrange_scene *s = k->scene;
	size_t last = VC_ARRANGE_NONE, best;

	for (; n; n--, last = best) {
		best = VC_ARRANGE_NONE;
		for (size_t i = 0; i < s->n; i++)
			if (!s->items[i].is_slides &&
			    (last == VC_ARRANGE_NONE ||
			     is_before(s, last, i)) &&
			    (best == VC_ARRANGE_NONE || is_before(s, i, best)))
				best = i;
		if (best == VC_ARRANGE_NONE)
			break;
	}
	return n ? VC_ARRANGE_NONE : last;
}

static size_t find_one(const struct work *k, enum vc_fill fill, unsigned int n)
{
	const struct vc_arrange_scene *s = k->scene;

	switch (fill) {
	case VC_FILL_SLIDES:
		return find_slides(k);
	case VC_FILL_PINNED:
		return s->pinned;
	case VC_FILL_SPEAKER:
		if (!k->a->has_pinned && s->pinned != VC_ARRANGE_NONE)
			return s->pinned;
		return s->speaker;
	case VC_FILL_JOIN:
		return find_join(k, n);
	case VC_FILL_ACTIVE:
		return find_active(k, n);
	case VC_FILL_REST:
		break;
	}
	return VC_ARRANGE_NONE;
}

/* --- where --- */

static int pixels(int units, int side)
{
	return (int)((int64_t)units * side / VC_ARRANGE_UNITS) & ~1;
}

/* Regions that touch have an edge in common. */
static struct vc_rect box_of(const struct work *k,
			     const struct vc_arrange_region *r)
{
	int x = pixels(r->at.x, k->w), y = pixels(r->at.y, k->h);

	return (struct vc_rect){ x, y, pixels(r->at.x + r->at.w, k->w) - x,
				 pixels(r->at.y + r->at.h, k->h) - y };
}

/* Places for 'n' tiles in a region, or for as many as have room; how many. */
static size_t fit(const struct work *k, const struct vc_arrange_region *r,
		  size_t n, struct vc_rect *rects)
{
	if (n > VC_ARRANGE_TILES - k->n)
		n = VC_ARRANGE_TILES - k->n;
	while (n && vc_layout_grid_in(rects, VC_ARRANGE_TILES, n, box_of(k, r),
				      r->shape_w, r->shape_h))
		n--;
	return n;
}

static void put(struct work *k, const struct vc_arrange_region *r, size_t item,
		struct vc_rect at)
{
	k->out[k->n] = (struct vc_arrange_place){ item, at };
	k->z[k->n] = r->z;
	k->region[k->n] = (size_t)(r - k->a->regions);
	k->n++;
}

static size_t put_one(struct work *k, const struct vc_arrange_region *r,
		      size_t choice)
{
	size_t item =
		find_one(k, r->choices[choice].fill, r->choices[choice].n);
	struct vc_rect rects[VC_ARRANGE_TILES];

	if (item == VC_ARRANGE_NONE || is_placed(k, item) ||
	    !fit(k, r, 1, rects))
		return 0;
	put(k, r, item, rects[0]);
	return 1;
}

/* The latest of those without a place, after 'last'. */
static size_t next_latest(const struct work *k, size_t last)
{
	const struct vc_arrange_scene *s = k->scene;
	size_t best = VC_ARRANGE_NONE;

	for (size_t i = 0; i < s->n; i++)
		if ((last == VC_ARRANGE_NONE || is_before(s, last, i)) &&
		    (best == VC_ARRANGE_NONE || is_before(s, i, best)) &&
		    !is_placed(k, i))
			best = i;
	return best;
}

/* Where there is no room for all, the latest ones; but in order of arrival. */
static size_t put_rest(struct work *k, const struct vc_arrange_region *r,
		       size_t most)
{
	const struct vc_arrange_scene *s = k->scene;
	struct vc_rect rects[VC_ARRANGE_TILES];
	size_t all = 0, n, at = 0, last = VC_ARRANGE_NONE;

	for (size_t i = 0; i < s->n; i++)
		all += !is_placed(k, i);
	n = fit(k, r, all < most ? all : most, rects);
	for (size_t i = 0; i < n && n < all; i++)
		last = next_latest(k, last);
	for (size_t i = 0; i < s->n && at < n; i++)
		if (!is_placed(k, i) &&
		    (last == VC_ARRANGE_NONE || !is_before(s, last, i)))
			put(k, r, i, rects[at++]);
	return n;
}

/* Does anything of the first or the second round fill it? */
static bool fill(struct work *k, const struct vc_arrange_region *r,
		 bool with_rest)
{
	size_t n = 0;

	for (size_t c = 0; !n && c < r->n_choices; c++) {
		if (r->choices[c].fill != VC_FILL_REST)
			n = put_one(k, r, c);
		else if (!with_rest)
			return false; /* its turn is later */
		else
			n = put_rest(k, r, r->choices[c].n);
	}
	return n;
}

/* Lower ones first; of equal ones the one of the earlier line. */
static void sort(struct work *k)
{
	for (size_t i = 1; i < k->n; i++) {
		struct vc_arrange_place p = k->out[i];
		int z = k->z[i];
		size_t region = k->region[i], at = i;

		while (at &&
		       (k->z[at - 1] > z ||
			(k->z[at - 1] == z && k->region[at - 1] > region))) {
			k->out[at] = k->out[at - 1];
			k->z[at] = k->z[at - 1];
			k->region[at] = k->region[at - 1];
			at--;
		}
		k->out[at] = p;
		k->z[at] = z;
		k->region[at] = region;
	}
}

/* The first part whose conditions hold: the last one has none. */
static const struct vc_arrange_part *part_of(const struct vc_arrange *a,
					     const struct vc_arrange_scene *s)
{
	bool has_slides = false;

	for (size_t i = 0; i < s->n; i++)
		has_slides |= s->items[i].is_slides;
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct vc_arrange_part *p = &a->parts[i];

		if ((!p->with_slides || has_slides) && s->n >= p->tiles &&
		    (!p->with_pinned || s->pinned != VC_ARRANGE_NONE))
			return p;
	}
	return &a->parts[a->n_parts - 1];
}

size_t vc_arrange_place(const struct vc_arrange *a,
			const struct vc_arrange_scene *scene, int w, int h,
			struct vc_arrange_place out[static VC_ARRANGE_TILES])
{
	const struct vc_arrange_part *part = part_of(a, scene);
	bool is_full[VC_ARRANGE_REGIONS] = { false };
	struct work k = { .a = a, .scene = scene, .out = out };

	k.w = w;
	k.h = h;
	for (size_t i = part->first; i < part->first + part->n; i++)
		is_full[i] = fill(&k, &a->regions[i], false);
	for (size_t i = part->first; i < part->first + part->n; i++)
		if (!is_full[i])
			(void)fill(&k, &a->regions[i], true);
	sort(&k);
	return k.n;
}
