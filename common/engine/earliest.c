/* SPDX-License-Identifier: MIT */
#include "engine/earliest.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int vc_earliest_reserve(struct vc_earliest *e, size_t n)
{
	size_t cap = e->cap ? e->cap : 8;
	struct vc_earliest_item *v;

	if (n <= e->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	v = vc_try_alloc(cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (e->n)
		memcpy(v, e->v, e->n * sizeof(*v));
	free(e->v);
	e->v = v;
	e->cap = cap;
	return 0;
}

void vc_earliest_free(struct vc_earliest *e)
{
	free(e->v);
	*e = (struct vc_earliest){ 0 };
}

static bool is_before(const struct vc_earliest_item *a,
		      const struct vc_earliest_item *b)
{
	return a->time != b->time ? a->time < b->time : a->order < b->order;
}

/* What is at 'i' may belong further down. */
static void sink(struct vc_earliest *e, size_t i)
{
	struct vc_earliest_item it = e->v[i];
	size_t child;

	for (; 2 * i + 1 < e->n; i = child) {
		child = 2 * i + 1;
		if (child + 1 < e->n &&
		    is_before(&e->v[child + 1], &e->v[child]))
			child++;
		if (!is_before(&e->v[child], &it))
			break;
		e->v[i] = e->v[child];
	}
	e->v[i] = it;
}

void vc_earliest_sort(struct vc_earliest *e)
{
	for (size_t i = e->n / 2; i > 0; i--)
		sink(e, i - 1);
}

void vc_earliest_renew(struct vc_earliest *e, int64_t time)
{
	assert(e->n);
	e->v[0].time = time;
	sink(e, 0);
}

void vc_earliest_pop(struct vc_earliest *e)
{
	assert(e->n);
	e->n--;
	e->v[0] = e->v[e->n];
	if (e->n)
		sink(e, 0);
}
