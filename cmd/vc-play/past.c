/* SPDX-License-Identifier: MIT */
#include "past.h"

static size_t place(const struct past *p, size_t i)
{
	return (p->first + i) % PAST_MAX;
}

static void forget_first(struct past *p)
{
	p->first = place(p, 1);
	p->n--;
}

void past_clear(struct past *p)
{
	for (size_t i = 0; i < PAST_MAX; i++)
		vc_image_clear(&p->shots[i].image);
	p->n = 0;
}

void past_add(struct past *p, int64_t at, const struct vc_image *image)
{
	struct vc_image *to;
	size_t i;

	/* Time that goes back begins anew there. */
	while (p->n && p->shots[place(p, p->n - 1)].at >= at)
		p->n--;
	if (p->n == PAST_MAX)
		forget_first(p);
	i = place(p, p->n);
	to = &p->shots[i].image;
	if (to->width != image->width || to->height != image->height) {
		vc_image_clear(to);
		if (vc_image_alloc(to, image->width, image->height))
			return;
	}
	vc_image_copy(to, image);
	p->added++;
	p->shots[i].at = at;
	p->shots[i].number = p->added;
	p->n++;
}

const struct vc_image *past_at(struct past *p, int64_t at, uint64_t *number)
{
	if (!p->n || p->shots[p->first].at > at)
		return NULL;
	while (p->n > 1 && p->shots[place(p, 1)].at <= at)
		forget_first(p);
	*number = p->shots[p->first].number;
	return &p->shots[p->first].image;
}
