/* SPDX-License-Identifier: MIT */
/*
 * A queue of access units, copied into one buffer that grows to what was ever
 * held at a time and is reused from then on. Start with zeros.
 */
#ifndef VC_ENGINE_UNITQ_H
#define VC_ENGINE_UNITQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_unitq_item {
	int64_t time;
	int64_t duration; /* ns; 0: not known yet */
	int64_t queued;	  /* when it came in */
	bool is_key;
	bool is_jump;
	bool is_stall;
	uint32_t lost;
	uint32_t ts; /* RTP time */
	unsigned int track;
	size_t len;
	const uint8_t *data; /* borrowed until the next push or pop */
};

struct vc_unitq {
	uint8_t *room;
	size_t head, tail, cap;
	size_t back; /* where the newest begins */
	size_t n;
};

void vc_unitq_clear(struct vc_unitq *q);

/* Copies. 0 or -ENOMEM. */
int vc_unitq_push(struct vc_unitq *q, const struct vc_unitq_item *item);

/* The oldest; the queue must not be empty, as below. */
struct vc_unitq_item vc_unitq_front(const struct vc_unitq *q);
void vc_unitq_pop(struct vc_unitq *q);

/*
 * The newest goes where a picture that is to be pushed next, and needs none
 * before it, has the same time to the millisecond, as where a source is another's
 * from then on: it is never seen. 'item' takes over what was lost before it.
 */
bool vc_unitq_yield(struct vc_unitq *q, struct vc_unitq_item *item);

/* The newest one's duration. */
void vc_unitq_set_duration(struct vc_unitq *q, int64_t duration);

/* Moves the times of all that is held. */
void vc_unitq_shift(struct vc_unitq *q, int64_t by);

/* Moves those of the newest 'n', which lie behind a stall, and says so. */
void vc_unitq_stall(struct vc_unitq *q, size_t n, int64_t by);

/* The earliest time among the oldest 'n' items. */
int64_t vc_unitq_earliest(const struct vc_unitq *q, size_t n);

/* Octets held. */
static inline size_t vc_unitq_octets(const struct vc_unitq *q)
{
	return q->tail - q->head;
}

#endif
