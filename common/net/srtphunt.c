/* SPDX-License-Identifier: MIT */
/*
 * Searches for roll-over counts. An SSRC that fails is noted; once a search is
 * due it gets throw-away copies of the keys it may be of, on which each failing
 * packet tries as many counts as the budget allows: half of it, and what
 * newcomers leave. Where there are too many searches, the one that went
 * farthest gives way: it is the least likely to end.
 */
#include <errno.h>

#include "base/mem.h"
#include "net/srtpin_internal.h"

#define COPY 32 /* trials that making a copy of a key costs */

static void stop(struct hunt *h)
{
	for (unsigned int i = 0; i < h->n; i++)
		vc_srtp_free(h->trial[i]);
	*h = (struct hunt){ .is_used = h->is_used,
			    .ssrc = h->ssrc,
			    .heard = h->heard,
			    .watch = h->watch };
}

static struct hunt *find(struct vc_srtp_in *in, uint32_t ssrc)
{
	for (unsigned int i = 0; i < HUNTS; i++) {
		if (in->hunts[i].is_used && in->hunts[i].ssrc == ssrc)
			return &in->hunts[i];
	}
	return NULL;
}

void vc_srtp_hunt_end(struct vc_srtp_in *in, uint32_t ssrc)
{
	struct hunt *h = find(in, ssrc);

	if (!h)
		return;
	stop(h);
	h->is_used = false;
}

void vc_srtp_hunt_forget_key(struct vc_srtp_in *in, int key)
{
	for (unsigned int i = 0; i < HUNTS; i++) {
		struct hunt *h = &in->hunts[i];

		for (unsigned int j = 0; j < h->n; j++) {
			if (h->keys[j] == key) {
				stop(h);
				break;
			}
		}
	}
}

void vc_srtp_hunt_free(struct vc_srtp_in *in)
{
	for (unsigned int i = 0; i < HUNTS; i++)
		stop(&in->hunts[i]);
}

/* The one of an SSRC, in place of what was not heard longest. */
static struct hunt *get(struct vc_srtp_in *in, const struct pkt *k)
{
	struct hunt *h = find(in, k->ssrc), *old = &in->hunts[0];

	for (unsigned int i = 0; !h && i < HUNTS; i++) {
		struct hunt *at = &in->hunts[i];

		if (!at->is_used)
			h = at;
		else if (at->is_active < old->is_active ||
			 (at->is_active == old->is_active &&
			  at->heard < old->heard))
			old = at;
	}
	if (!h) {
		stop(old);
		old->is_used = false;
		h = old;
	}
	if (!h->is_used)
		*h = (struct hunt){ .is_used = true,
				    .ssrc = k->ssrc,
				    .watch.since = k->now };
	h->heard = k->now;
	return h;
}

static void make_way(struct vc_srtp_in *in)
{
	struct hunt *far = NULL;
	unsigned int n = 0;

	for (unsigned int i = 0; i < HUNTS; i++) {
		struct hunt *h = &in->hunts[i];

		n += h->is_active;
		if (h->is_active && (!far || h->rs.step > far->rs.step))
			far = h;
	}
	if (n == HUNTS_ACTIVE)
		stop(far);
}

static void start(struct vc_srtp_in *in, struct hunt *h, const struct pkt *k,
		  const struct ctx *c, const int *keys, unsigned int n)
{
	uint32_t guess = in->conf.roc, lowest = 0;

	make_way(in);
	h->is_active = true;
	h->above = -1;
	if (c && c->high >= 0) {
		h->above = c->high;
		lowest = (uint32_t)(c->high >> 16);
		guess = (uint32_t)(vc_roc_index(c->high, k->seq) >> 16);
	}
	for (h->n = 0; h->n < n; h->n++)
		h->keys[h->n] = keys[h->n];
	h->at = n; /* the next count comes first */
	vc_rocsearch_init(&h->rs, guess, lowest);
	in->counts.searches++;
}

static int copy_key(struct vc_srtp_in *in, struct hunt *h, const struct pkt *k)
{
	const struct vc_srtp *s = in->keys[h->keys[h->at]].s;
	struct vc_srtp **copy = &h->trial[h->at];
	int err;

	if (*copy)
		return 0;
	if (!vc_srtp_in_pay(in, k->now, true, COPY))
		return -EBUSY;
	err = vc_srtp_new(copy, vc_srtp_key_of(s), false);
	if (!err)
		err = vc_srtp_shelf(*copy);
	if (err) {
		vc_srtp_free(*copy);
		*copy = NULL;
	}
	return err;
}

/* One trial of the search. 0: it fitted. */
static int step(struct vc_srtp_in *in, struct hunt *h, struct pkt *k)
{
	int err;

	if (h->at >= h->n) {
		h->at = 0;
		h->roc = vc_rocsearch_next(&h->rs);
	}
	err = copy_key(in, h, k);
	if (!err && !vc_srtp_in_pay(in, k->now, true, 1))
		err = -EBUSY;
	if (err)
		return err;
	err = -EACCES;
	if (((int64_t)h->roc << 16 | k->seq) > h->above) {
		in->counts.trials++;
		if (!h->roc)
			vc_srtp_unmark(h->trial[h->at], 0, k->ssrc);
		err = vc_srtp_in_try(in, k, h->trial[h->at], 0, h->roc);
	}
	if (err)
		h->at++;
	return err;
}

/* The second packet: tried on the copy that the first fitted. */
static int agree(struct vc_srtp_in *in, struct hunt *h, struct pkt *k,
		 uint32_t roc)
{
	int key = h->keys[h->at], err;
	struct ctx *c;

	if (!vc_srtp_in_pay(in, k->now, true, 1))
		return -EBUSY;
	in->counts.trials++;
	err = vc_srtp_in_try(in, k, h->trial[h->at], 0, 0);
	if (err)
		return err;
	c = vc_srtp_ctx_find(in, k->ssrc, key);
	if (c) {
		/* What was before stays before. */
		int64_t high = c->high;

		vc_srtp_ctx_sleep(in, c);
		c->start_roc = roc;
		c->high = -1;
		err = vc_srtp_in_adopt(in, k, key, roc);
		c->floor = high;
		if (err)
			c->high = high;
	} else {
		err = vc_srtp_in_adopt(in, k, key, roc);
	}
	if (err)
		return err;
	in->counts.found++;
	k->got->was_found = true;
	vc_srtp_hunt_end(in, k->ssrc);
	return 0;
}

static int hunt(struct vc_srtp_in *in, struct hunt *h, struct pkt *k)
{
	uint32_t roc;
	int err;

	if (vc_rocsearch_held(&h->rs, k->seq, k->now, &roc))
		return agree(in, h, k, roc);
	if (h->at < h->n && h->trial[h->at])
		vc_srtp_forget(h->trial[h->at], 0, k->ssrc);
	do {
		err = step(in, h, k);
	} while (err == -EACCES || err == -EALREADY);
	if (err)
		return err;
	/* It is not given out: the next one tells whether it was true. */
	vc_rocsearch_hit(&h->rs, h->roc, k->seq, k->now);
	return -EACCES;
}

int vc_srtp_hunt(struct vc_srtp_in *in, struct pkt *k, struct ctx *c,
		 const int *keys, unsigned int n)
{
	struct hunt *h = c ? find(in, k->ssrc) : get(in, k);
	bool due = vc_rocwatch_fail(c ? &c->watch : &h->watch, k->now);

	if (c && due && !h)
		h = get(in, k);
	if (!due || !h)
		return -EACCES;
	if (!h->is_active)
		start(in, h, k, c, c ? &c->key : keys, c ? 1 : n);
	return hunt(in, h, k);
}
