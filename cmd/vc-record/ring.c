/* SPDX-License-Identifier: MIT */
/* A list of queues, each filled once and freed when it is empty. */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

#define CHUNK (512u << 10)

struct ring_chunk {
	struct vc_unitq q;
	struct ring_chunk *next;
};

static int add_chunk(struct ring *r)
{
	struct ring_chunk *c = vc_try_alloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	if (r->last)
		r->last->next = c;
	else
		r->first = c;
	r->last = c;
	return 0;
}

int ring_push(struct ring *r, const struct vc_unitq_item *item, int64_t since)
{
	struct vc_unitq_item front;
	size_t before;
	int err = 0;

	if (!r->last || vc_unitq_octets(&r->last->q) >= CHUNK)
		err = add_chunk(r);
	if (err)
		return err;
	before = vc_unitq_octets(&r->last->q);
	err = vc_unitq_push(&r->last->q, item);
	r->octets += vc_unitq_octets(&r->last->q) - before;
	while (!err && ring_front(r, &front) &&
	       (front.time < since || r->octets > RING_OCTETS))
		ring_pop(r);
	return err;
}

bool ring_front(const struct ring *r, struct vc_unitq_item *item)
{
	if (!r->first || !r->first->q.n)
		return false;
	*item = vc_unitq_front(&r->first->q);
	return true;
}

static void drop_first(struct ring *r)
{
	struct ring_chunk *c = r->first;

	r->octets -= vc_unitq_octets(&c->q);
	r->first = c->next;
	if (!r->first)
		r->last = NULL;
	vc_unitq_clear(&c->q);
	free(c);
}

void ring_pop(struct ring *r)
{
	struct vc_unitq *q = &r->first->q;
	size_t before = vc_unitq_octets(q);

	vc_unitq_pop(q);
	r->octets -= before - vc_unitq_octets(q);
	if (!q->n)
		drop_first(r);
}

void ring_clear(struct ring *r)
{
	while (r->first)
		drop_first(r);
}
