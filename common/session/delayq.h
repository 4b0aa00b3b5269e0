/* SPDX-License-Identifier: MIT */
/*
 * Packets that wait for their time, by (due, order). Grows by doubling, never
 * shrinks. Used by session/impair.c and engine/mixdelay.c.
 */
#ifndef VC_SESSION_DELAYQ_H
#define VC_SESSION_DELAYQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

/* A packet on its way, as far as the bottleneck and to its time. */
struct vc_delayed {
	struct vc_packet *pkt; /* a reference */
	uint64_t tag;
	int64_t entered;
	size_t size;	 /* on the link */
	uint64_t n;	 /* the number that dice are rolled with */
	uint64_t number; /* among all packets */
	int64_t leaves;	 /* the bottleneck */
	int64_t due;
	uint64_t order;
	int64_t bit;	      /* that is flipped, or -1 */
	unsigned int to_pass; /* packets, while it is late */
	bool is_late;	      /* takes no part in keeping order */
	bool is_by;	      /* nor in anything else */
	bool is_copy;
};

/* What is left of it to be known when its time is settled. */
struct vc_waiting {
	int64_t due;
	uint64_t order;
	struct vc_packet *pkt; /* a reference */
	uint64_t tag;
	bool is_by;
};

/* Start with zeros. */
struct vc_delayq {
	struct vc_waiting *ring, *heap;
	size_t cap; /* of each, a power of two */
	size_t head, n_ring;
	size_t n_heap;
};

/* Drops all references. */
void vc_delayq_clear(struct vc_delayq *q);

/* Makes room for 'n' more. False: no memory. */
bool vc_delayq_room(struct vc_delayq *q, size_t n);

/* There is room. */
void vc_delayq_push(struct vc_delayq *q, const struct vc_waiting *w);

/* The next one, or NULL. */
const struct vc_waiting *vc_delayq_first(const struct vc_delayq *q);

/* It is not empty. */
struct vc_waiting vc_delayq_pop(struct vc_delayq *q);

#endif
