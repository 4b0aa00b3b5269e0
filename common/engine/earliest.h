/* SPDX-License-Identifier: MIT */
/*
 * Which of many is the earliest: a heap. Of two at one time the one with the
 * lower 'order' is first, so equal items come out the same every time.
 */
#ifndef VC_ENGINE_EARLIEST_H
#define VC_ENGINE_EARLIEST_H

#include <stddef.h>
#include <stdint.h>

struct vc_earliest_item {
	int64_t time;
	size_t order;
	void *what; /* the caller's */
};

/* Zeros at first. */
struct vc_earliest {
	struct vc_earliest_item *v; /* [0] is the first */
	size_t n;
	size_t cap;
};

/* Room for 'n' in all. 0 or -ENOMEM. */
int vc_earliest_reserve(struct vc_earliest *e, size_t n);
void vc_earliest_free(struct vc_earliest *e);

/* There has to be room. After all have been added they are put in order. */
static inline void vc_earliest_add(struct vc_earliest *e, int64_t time,
				   size_t order, void *what)
{
	e->v[e->n] = (struct vc_earliest_item){ time, order, what };
	e->n++;
}
void vc_earliest_sort(struct vc_earliest *e);

/* The first is of another time now, or goes. */
void vc_earliest_renew(struct vc_earliest *e, int64_t time);
void vc_earliest_pop(struct vc_earliest *e);

#endif
