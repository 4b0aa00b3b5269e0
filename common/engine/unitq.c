/* SPDX-License-Identifier: MIT */
/*
 * Items lie one behind the other, each a header and its octets, in [head,
 * tail). When the end of the room is reached they move to its beginning if
 * that frees half of it, else the room doubles: so a copy moves at most as
 * much as was pushed since the last one.
 */
#include "engine/unitq.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"

#define ROOM_MIN 4096

struct header {
	int64_t time;
	int64_t duration;
	int64_t queued;
	uint64_t len;
	uint32_t lost;
	uint32_t ts;
	uint32_t track;
	bool is_key;
	bool is_jump;
	bool is_stall;
};

static struct header header_at(const struct vc_unitq *q, size_t at)
{
	struct header h;

	memcpy(&h, q->room + at, sizeof(h));
	return h;
}

static void set_header(struct vc_unitq *q, size_t at, const struct header *h)
{
	memcpy(q->room + at, h, sizeof(*h));
}

void vc_unitq_clear(struct vc_unitq *q)
{
	free(q->room);
	*q = (struct vc_unitq){ 0 };
}

static int make_room(struct vc_unitq *q, size_t need)
{
	size_t used = q->tail - q->head, cap = q->cap ? q->cap : ROOM_MIN;
	uint8_t *room = q->room;

	if (q->cap - q->tail >= need)
		return 0;
	while (cap / 2 < used + need)
		cap *= 2;
	if (cap != q->cap)
		room = vc_try_alloc(1, cap);
	if (!room)
		return -ENOMEM;
	if (used)
		memmove(room, q->room + q->head, used);
	if (room != q->room)
		free(q->room);
	q->room = room;
	q->cap = cap;
	q->back -= q->n ? q->head : q->back;
	q->head = 0;
	q->tail = used;
	return 0;
}

int vc_unitq_push(struct vc_unitq *q, const struct vc_unitq_item *item)
{
	struct header h = {
		.time = item->time,
		.duration = item->duration,
		.queued = item->queued,
		.len = item->len,
		.lost = item->lost,
		.ts = item->ts,
		.track = item->track,
		.is_key = item->is_key,
		.is_jump = item->is_jump,
		.is_stall = item->is_stall,
	};
	int err = make_room(q, sizeof(h) + item->len);

	if (err)
		return err;
	set_header(q, q->tail, &h);
	if (item->len)
		memcpy(q->room + q->tail + sizeof(h), item->data, item->len);
	q->back = q->tail;
	q->tail += sizeof(h) + item->len;
	q->n++;
	return 0;
}

struct vc_unitq_item vc_unitq_front(const struct vc_unitq *q)
{
	struct header h;

	assert(q->n);
	h = header_at(q, q->head);
	return (struct vc_unitq_item){
		.time = h.time,
		.duration = h.duration,
		.queued = h.queued,
		.is_key = h.is_key,
		.is_jump = h.is_jump,
		.is_stall = h.is_stall,
		.lost = h.lost,
		.ts = h.ts,
		.track = h.track,
		.len = h.len,
		.data = q->room + q->head + sizeof(h),
	};
}

void vc_unitq_pop(struct vc_unitq *q)
{
	assert(q->n);
	q->head += sizeof(struct header) + header_at(q, q->head).len;
	q->n--;
	if (!q->n)
		q->head = q->tail = q->back = 0;
}

bool vc_unitq_yield(struct vc_unitq *q, struct vc_unitq_item *item)
{
	struct header h;

	if (!q->n || !item->is_key)
		return false;
	h = header_at(q, q->back);
	if (item->time < h.time || item->time - h.time >= VC_MS)
		return false;
	item->lost += h.lost;
	item->is_jump |= h.is_jump;
	q->tail = q->back;
	q->n--;
	return true;
}

void vc_unitq_set_duration(struct vc_unitq *q, int64_t duration)
{
	struct header h;

	assert(q->n);
	h = header_at(q, q->back);
	h.duration = duration;
	set_header(q, q->back, &h);
}

/* From the oldest but 'skip' on. */
static void shift(struct vc_unitq *q, size_t skip, int64_t by, bool is_stall)
{
	struct header h;

	for (size_t at = q->head; at < q->tail; at += sizeof(h) + h.len) {
		h = header_at(q, at);
		if (skip) {
			skip--;
			continue;
		}
		h.time += by;
		h.is_stall |= is_stall;
		is_stall = false;
		set_header(q, at, &h);
	}
}

void vc_unitq_shift(struct vc_unitq *q, int64_t by)
{
	shift(q, 0, by, false);
}

void vc_unitq_stall(struct vc_unitq *q, size_t n, int64_t by)
{
	assert(n && n <= q->n);
	shift(q, q->n - n, by, true);
}

int64_t vc_unitq_earliest(const struct vc_unitq *q, size_t n)
{
	int64_t earliest = INT64_MAX;
	struct header h;

	for (size_t at = q->head; at < q->tail && n;
	     at += sizeof(h) + h.len, n--) {
		h = header_at(q, at);
		if (h.time < earliest)
			earliest = h.time;
	}
	return earliest;
}
