/* SPDX-License-Identifier: MIT */
/*
 * The last units that nobody wanted yet, in chunks: memory is what is held,
 * and a little. Zeros at first.
 */
#ifndef VC_RECORD_RING_H
#define VC_RECORD_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/unitq.h"

#define RING_OCTETS (64u << 20)

struct ring_chunk;

struct ring {
	struct ring_chunk *first;
	struct ring_chunk *last;
	size_t octets;
};

/* Copies, and lets go of what is earlier than 'since', and of the earliest
 * where it would be too much. 0 or -ENOMEM. */
int ring_push(struct ring *r, const struct vc_unitq_item *item, int64_t since);

/* The earliest one, borrowed until the next call. False: none. */
bool ring_front(const struct ring *r, struct vc_unitq_item *item);
void ring_pop(struct ring *r);

void ring_clear(struct ring *r);

#endif
