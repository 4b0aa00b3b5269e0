/* SPDX-License-Identifier: MIT */
/*
 * A ring of what came in order, and a binary heap of the rest; the next one is
 * at the head of the one or the top of the other. Whatever keeps its order,
 * and that is most, costs no search.
 */
#include "session/delayq.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CAP_MIN 64
#define AHEAD 4	  /* packets that are fetched before they are taken */
#define FETCH 200 /* octets of each, behind its head */

void vc_delayq_clear(struct vc_delayq *q)
{
	for (size_t i = 0; i < q->n_ring; i++)
		vc_packet_unref(q->ring[(q->head + i) & (q->cap - 1)].pkt);
	for (size_t i = 0; i < q->n_heap; i++)
		vc_packet_unref(q->heap[i].pkt);
	free(q->ring);
	free(q->heap);
	*q = (struct vc_delayq){ 0 };
}

bool vc_delayq_room(struct vc_delayq *q, size_t n)
{
	size_t cap = q->cap ? q->cap : CAP_MIN;
	struct vc_waiting *ring, *heap;

	n += q->n_ring + q->n_heap;
	if (n <= q->cap)
		return true;
	while (cap < n)
		cap *= 2;
	ring = vc_try_alloc(cap, sizeof(*ring));
	heap = vc_try_alloc(cap, sizeof(*heap));
	if (!ring || !heap) {
		free(ring);
		free(heap);
		return false;
	}
	for (size_t i = 0; i < q->n_ring; i++)
		ring[i] = q->ring[(q->head + i) & (q->cap - 1)];
	if (q->n_heap)
		memcpy(heap, q->heap, q->n_heap * sizeof(*heap));
	free(q->ring);
	free(q->heap);
	q->ring = ring;
	q->heap = heap;
	q->cap = cap;
	q->head = 0;
	return true;
}

static bool is_before(const struct vc_waiting *a, const struct vc_waiting *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void push_heap(struct vc_delayq *q, const struct vc_waiting *w)
{
	size_t i = q->n_heap;

	q->n_heap++;
	while (i && is_before(w, &q->heap[(i - 1) / 2])) {
		q->heap[i] = q->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	q->heap[i] = *w;
}

void vc_delayq_push(struct vc_delayq *q, const struct vc_waiting *w)
{
	size_t mask = q->cap - 1;

	assert(q->n_ring + q->n_heap < q->cap);
	if (q->n_ring &&
	    is_before(w, &q->ring[(q->head + q->n_ring - 1) & mask])) {
		push_heap(q, w);
		return;
	}
	q->ring[(q->head + q->n_ring) & mask] = *w;
	q->n_ring++;
}

static void pop_heap(struct vc_delayq *q)
{
	struct vc_waiting last;
	size_t i = 0, child;

	q->n_heap--;
	last = q->heap[q->n_heap];
	for (child = 1; child < q->n_heap; child = 2 * i + 1) {
		if (child + 1 < q->n_heap &&
		    is_before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!is_before(&q->heap[child], &last))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
}

const struct vc_waiting *vc_delayq_first(const struct vc_delayq *q)
{
	const struct vc_waiting *ring = q->n_ring ? &q->ring[q->head] : NULL;
	const struct vc_waiting *heap = q->n_heap ? &q->heap[0] : NULL;

	if (!ring || !heap)
		return ring ? ring : heap;
	return is_before(heap, ring) ? heap : ring;
}

struct vc_waiting vc_delayq_pop(struct vc_delayq *q)
{
	const struct vc_waiting *first = vc_delayq_first(q);
	struct vc_waiting w = *first;

	if (q->n_heap && first == &q->heap[0]) {
		pop_heap(q);
		return w;
	}
	q->head = (q->head + 1) & (q->cap - 1);
	q->n_ring--;
	/* It has lain there for long. */
	if (q->n_ring > AHEAD)
		vc_fetch(q->ring[(q->head + AHEAD) & (q->cap - 1)].pkt,
			 sizeof(*w.pkt) + FETCH);
	return w;
}
