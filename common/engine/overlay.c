/* SPDX-License-Identifier: MIT */
/*
 * Pieces that do not overlap: what is put over one goes into it, and only what
 * lies between them becomes new ones. Most are put behind all the others, or
 * over one that is there.
 */
#include "engine/overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void vc_overlay_clear(struct vc_overlay *o)
{
	free(o->pieces);
	free(o->octets);
	*o = (struct vc_overlay){ 0 };
}

/* The first one that ends behind 'at'. */
static size_t find(const struct vc_overlay *o, uint64_t at)
{
	size_t low = 0, high = o->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (o->pieces[mid].at + o->pieces[mid].len > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int reserve(struct vc_overlay *o, size_t len)
{
	size_t cap = o->n < o->cap ? o->cap : 2 * o->cap + 16;
	size_t room = o->room - o->used >= len ? o->room : 2 * o->room + len;
	void *p;

	if (len > VC_OVERLAY_MAX - o->used)
		return -E2BIG;
	if (cap > o->cap) {
		p = realloc(o->pieces, cap * sizeof(*o->pieces));
		if (!p)
			return -ENOMEM;
		o->pieces = p;
		o->cap = cap;
	}
	if (room > o->room) {
		p = realloc(o->octets, room);
		if (!p)
			return -ENOMEM;
		o->octets = p;
		o->room = room;
	}
	return 0;
}

static int insert(struct vc_overlay *o, size_t i, uint64_t at, const uint8_t *p,
		  size_t len)
{
	int err = reserve(o, len);

	if (err)
		return err;
	memmove(o->pieces + i + 1, o->pieces + i,
		(o->n - i) * sizeof(*o->pieces));
	o->n++;
	o->pieces[i] = (struct vc_overlay_piece){ .at = at,
						  .len = len,
						  .octets = o->used };
	memcpy(o->octets + o->used, p, len);
	o->used += len;
	return 0;
}

int vc_overlay_put(struct vc_overlay *o, uint64_t at, const uint8_t *p,
		   size_t len)
{
	while (len) {
		size_t i = find(o, at), n = len;
		const struct vc_overlay_piece *k = &o->pieces[i];
		int err = 0;

		if (i < o->n && k->at <= at) {
			uint64_t left = k->at + k->len - at;

			n = left < n ? (size_t)left : n;
			memcpy(o->octets + k->octets + (at - k->at), p, n);
		} else {
			if (i < o->n && k->at - at < n)
				n = (size_t)(k->at - at);
			err = insert(o, i, at, p, n);
		}
		if (err)
			return err;
		at += n;
		p += n;
		len -= n;
	}
	return 0;
}

void vc_overlay_apply(const struct vc_overlay *o, uint64_t at, uint8_t *p,
		      size_t len)
{
	for (size_t i = find(o, at); i < o->n && o->pieces[i].at < at + len;
	     i++) {
		const struct vc_overlay_piece *k = &o->pieces[i];
		uint64_t from = k->at > at ? k->at : at;
		uint64_t to = k->at + k->len;

		if (to > at + len)
			to = at + len;
		memcpy(p + (from - at), o->octets + k->octets + (from - k->at),
		       (size_t)(to - from));
	}
}
