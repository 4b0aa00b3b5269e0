/* SPDX-License-Identifier: MIT */
/*
 * Contexts: an array, of which half may be asleep, with chains by SSRC. Only
 * who is authentic gets in, so a full array is searched from end to end.
 */
#include <assert.h>
#include <errno.h>

#include "base/mem.h"
#include "net/srtpin_internal.h"

static uint32_t power_above(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

int vc_srtp_ctx_init(struct vc_srtp_in *in)
{
	uint32_t slots;

	assert(in->conf.max_sources && in->conf.max_sources <= 1u << 24);
	in->n_ctxs = 2 * in->conf.max_sources;
	slots = power_above(in->n_ctxs);
	in->mask = slots - 1;
	in->bound_mask = 2 * slots - 1;
	in->ctxs = vc_try_alloc(in->n_ctxs, sizeof(*in->ctxs));
	in->heads = vc_try_alloc(slots, sizeof(*in->heads));
	in->bound = vc_try_alloc((size_t)2 * slots, sizeof(*in->bound));
	if (!in->ctxs || !in->heads || !in->bound)
		return -ENOMEM;
	for (uint32_t i = in->n_ctxs; i > 0; i--) {
		in->ctxs[i - 1].next = in->free;
		in->free = i;
	}
	return 0;
}

static uint32_t *head_of(const struct vc_srtp_in *in, uint32_t ssrc)
{
	return &in->heads[(ssrc * 0x9E3779B1u >> 8) & in->mask];
}

static struct ctx *from(const struct vc_srtp_in *in, uint32_t i, uint32_t ssrc)
{
	while (i && in->ctxs[i - 1].ssrc != ssrc)
		i = in->ctxs[i - 1].next;
	return i ? &in->ctxs[i - 1] : NULL;
}

struct ctx *vc_srtp_ctx_first(const struct vc_srtp_in *in, uint32_t ssrc)
{
	return from(in, *head_of(in, ssrc), ssrc);
}

struct ctx *vc_srtp_ctx_next(const struct vc_srtp_in *in, const struct ctx *c)
{
	return from(in, c->next, c->ssrc);
}

struct ctx *vc_srtp_ctx_find(const struct vc_srtp_in *in, uint32_t ssrc,
			     int key)
{
	struct ctx *c = vc_srtp_ctx_first(in, ssrc);

	while (c && c->key != key)
		c = vc_srtp_ctx_next(in, c);
	return c;
}

static void unlink_ctx(struct vc_srtp_in *in, struct ctx *c)
{
	uint32_t *at = head_of(in, c->ssrc);

	while (&in->ctxs[*at - 1] != c)
		at = &in->ctxs[*at - 1].next;
	*at = c->next;
}

static void link_ctx(struct vc_srtp_in *in, struct ctx *c)
{
	uint32_t *head = head_of(in, c->ssrc);

	c->next = *head;
	*head = (uint32_t)(c - in->ctxs) + 1;
}

void vc_srtp_ctx_to_front(struct vc_srtp_in *in, struct ctx *c)
{
	if (&in->ctxs[*head_of(in, c->ssrc) - 1] == c)
		return;
	unlink_ctx(in, c);
	link_ctx(in, c);
}

/* The one heard longest ago, of those asleep or of those awake. */
static struct ctx *oldest(const struct vc_srtp_in *in, bool asleep)
{
	struct ctx *old = NULL;

	for (uint32_t i = 0; i < in->n_ctxs; i++) {
		struct ctx *c = &in->ctxs[i];

		if (c->is_used && c->key != OWN && (c->shelf < 0) == asleep &&
		    (!old || c->heard < old->heard))
			old = c;
	}
	return old;
}

struct ctx *vc_srtp_ctx_add(struct vc_srtp_in *in, uint32_t ssrc, int key)
{
	struct ctx *c = in->free ? NULL : oldest(in, true);

	if (c)
		vc_srtp_ctx_remove(in, c);
	if (!in->free)
		return NULL;
	c = &in->ctxs[in->free - 1];
	in->free = c->next;
	*c = (struct ctx){ .ssrc = ssrc,
			   .key = key,
			   .shelf = -1,
			   .high = -1,
			   .floor = -1,
			   .rtcp_high = -1,
			   .rtcp_floor = -1,
			   .is_used = true };
	link_ctx(in, c);
	return c;
}

void vc_srtp_ctx_remove(struct vc_srtp_in *in, struct ctx *c)
{
	vc_srtp_ctx_sleep(in, c);
	unlink_ctx(in, c);
	c->is_used = false;
	c->next = in->free;
	in->free = (uint32_t)(c - in->ctxs) + 1;
}

bool vc_srtp_ctx_room(struct vc_srtp_in *in, int64_t now)
{
	struct ctx *c;

	if (in->awake < in->conf.max_sources)
		return true;
	c = oldest(in, false);
	if (now - c->heard < in->conf.idle)
		return false;
	vc_srtp_ctx_sleep(in, c);
	return true;
}

void vc_srtp_ctx_wake(struct vc_srtp_in *in, struct ctx *c, int shelf)
{
	vc_srtp_take(in->keys[c->key].s, shelf);
	c->shelf = shelf;
	c->floor = c->high;
	c->rtcp_floor = c->rtcp_high;
	in->awake++;
}

void vc_srtp_ctx_sleep(struct vc_srtp_in *in, struct ctx *c)
{
	if (c->shelf < 0)
		return;
	vc_srtp_drop(in->keys[c->key].s, c->shelf, c->ssrc);
	c->shelf = -1;
	in->awake--;
}
