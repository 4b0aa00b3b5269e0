/* SPDX-License-Identifier: MIT */
/* A binary heap; see session/delayq.h. */
#include "session/delayq.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CAP_MIN 64

void vc_delayq_clear(struct vc_delayq *q)
{
	for (size_t i = 0; i < q->n; i++)
		vc_packet_unref(q->heap[i].pkt);
	free(q->heap);
	*q = (struct vc_delayq){ 0 };
}

bool vc_delayq_room(struct vc_delayq *q, size_t n)
{
	size_t cap = q->cap ? q->cap : CAP_MIN;
	struct vc_delayed *heap;

	if (q->n + n <= q->cap)
		return true;
	while (cap < q->n + n)
		cap *= 2;
	heap = vc_try_alloc(cap, sizeof(*heap));
	if (!heap)
		return false;
	if (q->n)
		memcpy(heap, q->heap, q->n * sizeof(*heap));
	free(q->heap);
	q->heap = heap;
	q->cap = cap;
	return true;
}

static bool is_before(const struct vc_delayed *a, const struct vc_delayed *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

void vc_delayq_push(struct vc_delayq *q, const struct vc_delayed *item)
{
	size_t i = q->n;

	assert(q->n < q->cap);
	q->n++;
	while (i && is_before(item, &q->heap[(i - 1) / 2])) {
		q->heap[i] = q->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	q->heap[i] = *item;
}

struct vc_delayed vc_delayq_pop(struct vc_delayq *q)
{
	struct vc_delayed top = q->heap[0];
	struct vc_delayed last;
	size_t i = 0, child;

	assert(q->n);
	q->n--;
	last = q->heap[q->n];
	for (child = 1; child < q->n; child = 2 * i + 1) {
		if (child + 1 < q->n &&
		    is_before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!is_before(&q->heap[child], &last))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
	return top;
}
