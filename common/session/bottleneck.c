/* SPDX-License-Identifier: MIT */
/* See session/bottleneck.h. The link takes the next packet when it is free. */
#include "session/bottleneck.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"

#define CAP_MIN 64
/* No change of the rate makes a packet wait longer: an hour. */
#define MOVED_MAX (3600 * VC_SEC)

void vc_bottleneck_clear(struct vc_bottleneck *b)
{
	for (size_t i = 0; i < b->n; i++)
		vc_packet_unref(b->ring[(b->first + i) % b->cap].pkt);
	if (b->is_busy)
		vc_packet_unref(b->serving.pkt);
	free(b->ring);
	*b = (struct vc_bottleneck){ 0 };
}

bool vc_bottleneck_is_there(const struct vc_bottleneck *b)
{
	return b->rate_bps || b->trace || b->is_busy || b->n;
}

static int64_t time_for(uint64_t octets, uint64_t rate_bps)
{
	return (int64_t)((unsigned __int128)octets * 8 * (uint64_t)VC_SEC /
			 rate_bps);
}

/* What was to leave at the old rate does at the new one. */
static int64_t moved(const struct vc_bottleneck *b, uint64_t rate_bps,
		     int64_t now)
{
	unsigned __int128 left;

	if (b->free_at <= now || !b->rate_bps)
		return b->free_at;
	if (!rate_bps)
		return now;
	left = (unsigned __int128)(b->free_at - now) * b->rate_bps / rate_bps;
	return now + (left < MOVED_MAX ? (int64_t)left : MOVED_MAX);
}

void vc_bottleneck_set(struct vc_bottleneck *b, uint64_t rate_bps,
		       const struct vc_impair_trace *trace, bool with_codel,
		       int64_t now)
{
	if (!b->trace && !trace && b->is_busy && rate_bps != b->rate_bps)
		b->free_at = moved(b, rate_bps, now);
	if (rate_bps != b->rate_bps)
		b->frac = 0;
	if (trace != b->trace) {
		b->k = 0;
		b->credit = 0;
	}
	if (!with_codel)
		b->codel = (struct vc_codel){ 0 };
	b->rate_bps = rate_bps;
	b->trace = trace;
	b->with_codel = with_codel;
}

int64_t vc_bottleneck_wait(const struct vc_bottleneck *b, int64_t now)
{
	int64_t wait = b->is_busy && b->free_at > now ? b->free_at - now : 0;
	uint64_t more;

	if (!b->octets)
		return wait;
	if (!b->trace)
		return b->rate_bps ? wait + time_for(b->octets, b->rate_bps) :
				     wait;
	more = b->octets > b->credit ?
		       (b->octets - b->credit) / VC_IMPAIR_OPPORTUNITY :
		       0;
	return b->begin + vc_impair_trace_at(b->trace, b->k + more) - now;
}

bool vc_bottleneck_room(struct vc_bottleneck *b)
{
	size_t cap = b->cap ? 2 * b->cap : CAP_MIN;
	struct vc_delayed *ring;

	if (b->n < b->cap)
		return true;
	ring = vc_try_alloc(cap, sizeof(*ring));
	if (!ring)
		return false;
	for (size_t i = 0; i < b->n; i++)
		ring[i] = b->ring[(b->first + i) % b->cap];
	free(b->ring);
	b->ring = ring;
	b->cap = cap;
	b->first = 0;
	return true;
}

void vc_bottleneck_push(struct vc_bottleneck *b, const struct vc_delayed *item)
{
	b->ring[(b->first + b->n) % b->cap] = *item;
	b->n++;
	b->octets += item->size;
	b->n_held += item->pkt != NULL;
}

static void take_head(struct vc_bottleneck *b, struct vc_delayed *item)
{
	*item = b->ring[b->first];
	b->first = (b->first + 1) % b->cap;
	b->n--;
	b->octets -= item->size;
}

/* When a packet that the link takes at 'now' has left it. */
static int64_t leaves_by_rate(struct vc_bottleneck *b, size_t size, int64_t now)
{
	uint64_t bits_ns;

	if (!b->rate_bps)
		return now;
	if (b->free_at < now)
		b->frac = 0;
	bits_ns = (uint64_t)size * 8 * (uint64_t)VC_SEC + b->frac;
	b->frac = bits_ns % b->rate_bps;
	return now + (int64_t)(bits_ns / b->rate_bps);
}

/* What an opportunity has left is for those who waited for it. */
static int64_t leaves_by_trace(struct vc_bottleneck *b, size_t size,
			       int64_t now)
{
	size_t use;
	int64_t t = now;

	if (b->free_at < now)
		b->credit = 0;
	use = size < b->credit ? size : b->credit;
	b->credit -= use;
	size -= use;
	while (size) {
		b->k = vc_impair_trace_from(b->trace, b->k, t - b->begin);
		t = b->begin + vc_impair_trace_at(b->trace, b->k);
		b->k++;
		use = size < VC_IMPAIR_OPPORTUNITY ? size :
						     VC_IMPAIR_OPPORTUNITY;
		b->credit = VC_IMPAIR_OPPORTUNITY - use;
		size -= use;
	}
	return t;
}

static bool finish(struct vc_bottleneck *b, int64_t now,
		   struct vc_delayed *item)
{
	if (b->free_at > now)
		return false;
	*item = b->serving;
	item->leaves = b->free_at;
	b->is_busy = false;
	b->n_held -= item->pkt != NULL;
	if (!b->n)
		vc_codel_empty(&b->codel);
	return true;
}

bool vc_bottleneck_pop(struct vc_bottleneck *b, int64_t now,
		       struct vc_delayed *item, bool *is_dropped)
{
	*is_dropped = false;
	while (!b->is_busy) {
		int64_t t;

		if (!b->n)
			return false;
		take_head(b, item);
		t = item->entered > b->free_at ? item->entered : b->free_at;
		if (b->with_codel &&
		    vc_codel_drops(&b->codel, t, t - item->entered,
				   b->octets)) {
			b->n_held -= item->pkt != NULL;
			*is_dropped = true;
			return true;
		}
		b->free_at = b->trace ? leaves_by_trace(b, item->size, t) :
					leaves_by_rate(b, item->size, t);
		b->serving = *item;
		b->is_busy = true;
	}
	return finish(b, now, item);
}

int64_t vc_bottleneck_next(const struct vc_bottleneck *b)
{
	return b->is_busy ? b->free_at : b->n ? b->free_at : INT64_MAX;
}
