/* SPDX-License-Identifier: MIT */
/*
 * A binary heap, 1-based so that place 0 means "not armed".
 */
#include <stdlib.h>

#include "base/mem.h"
#include "net/timers.h"

void vc_timers_init(struct vc_timers *t)
{
	t->cap = 64;
	t->heap = vc_alloc(t->cap, sizeof(struct vc_timer *));
	t->n = 0;
	t->order = 0;
}

void vc_timers_clear(struct vc_timers *t)
{
	free(t->heap);
	t->heap = NULL;
}

void vc_timers_shift(struct vc_timers *t, int64_t by)
{
	for (size_t i = 1; i <= t->n; i++)
		t->heap[i]->deadline += by;
}

static bool timer_before(const struct vc_timer *a, const struct vc_timer *b)
{
	if (a->deadline != b->deadline)
		return a->deadline < b->deadline;
	return a->order < b->order;
}

static void heap_put(struct vc_timers *t, size_t i, struct vc_timer *timer)
{
	t->heap[i] = timer;
	timer->place = i;
}

static void heap_up(struct vc_timers *t, size_t i)
{
	struct vc_timer *timer = t->heap[i];

	while (i > 1 && timer_before(timer, t->heap[i / 2])) {
		heap_put(t, i, t->heap[i / 2]);
		i /= 2;
	}
	heap_put(t, i, timer);
}

static void heap_down(struct vc_timers *t, size_t i)
{
	struct vc_timer *timer = t->heap[i];

	for (;;) {
		size_t child = 2 * i;

		if (child > t->n)
			break;
		if (child < t->n &&
		    timer_before(t->heap[child + 1], t->heap[child]))
			child++;
		if (!timer_before(t->heap[child], timer))
			break;
		heap_put(t, i, t->heap[child]);
		i = child;
	}
	heap_put(t, i, timer);
}

void vc_timers_remove(struct vc_timers *t, struct vc_timer *timer)
{
	size_t i = timer->place;
	struct vc_timer *last;

	if (!i)
		return;
	timer->place = 0;
	last = t->heap[t->n];
	t->n--;
	if (last == timer)
		return;
	heap_put(t, i, last);
	heap_up(t, i);
	heap_down(t, last->place);
}

static void heap_grow(struct vc_timers *t)
{
	size_t cap = t->cap * 2;
	struct vc_timer **heap = vc_alloc(cap, sizeof(*heap));

	for (size_t i = 1; i <= t->n; i++)
		heap[i] = t->heap[i];
	free(t->heap);
	t->heap = heap;
	t->cap = cap;
}

void vc_timers_add(struct vc_timers *t, struct vc_timer *timer)
{
	vc_timers_remove(t, timer);
	if (t->n + 2 > t->cap)
		heap_grow(t);
	timer->order = t->order;
	t->order++;
	t->n++;
	heap_put(t, t->n, timer);
	heap_up(t, t->n);
}
