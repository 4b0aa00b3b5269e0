/* SPDX-License-Identifier: MIT */
/*
 * An array, compact, searched by a second array of its keys: 2 KiB that stay
 * in the cache, while the candidates themselves with their names are touched
 * only when found. The oldest is found by looking at all stamps, which costs
 * what a flood's packet may cost.
 */
#include "session/candidates.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"

int vc_candidates_init(struct vc_candidates *cs)
{
	*cs = (struct vc_candidates){ 0 };
	cs->a = vc_try_alloc(VC_ROSTER_CANDIDATES, sizeof(*cs->a));
	return cs->a ? 0 : -ENOMEM;
}

static void empty(struct vc_candidates *cs, struct vc_candidate *c)
{
	cs->n_vouched -= c->is_vouched;
	vc_packet_unref(c->held);
	*c = (struct vc_candidate){ 0 };
}

void vc_candidates_clear(struct vc_candidates *cs)
{
	for (unsigned int i = 0; i < cs->n; i++)
		empty(cs, &cs->a[i]);
	free(cs->a);
	cs->a = NULL;
	cs->n = 0;
}

static uint64_t key_of(int input, uint32_t ssrc)
{
	return (uint64_t)(uint32_t)input << 32 | ssrc;
}

static struct vc_candidate *oldest(struct vc_candidates *cs)
{
	bool vouched = cs->n_vouched > VC_ROSTER_CANDIDATES / 2;
	struct vc_candidate *c = NULL;

	for (unsigned int i = 0; i < cs->n; i++)
		if (cs->a[i].is_vouched == vouched &&
		    (!c || cs->a[i].stamp < c->stamp))
			c = &cs->a[i];
	return c;
}

static struct vc_candidate *find(struct vc_candidates *cs, uint64_t key)
{
	for (unsigned int i = 0; i < cs->n; i++)
		if (cs->keys[i] == key)
			return &cs->a[i];
	return NULL;
}

static struct vc_candidate *room(struct vc_candidates *cs)
{
	struct vc_candidate *c;

	if (cs->n < VC_ROSTER_CANDIDATES)
		return &cs->a[cs->n++];
	c = oldest(cs);
	empty(cs, c);
	cs->evicted++;
	return c;
}

struct vc_candidate *vc_candidates_get(struct vc_candidates *cs, int input,
				       uint32_t ssrc, uint64_t host)
{
	uint64_t key = key_of(input, ssrc);
	struct vc_candidate *c = find(cs, key);

	if (c && c->host != host) {
		if (c->is_vouched)
			return NULL;
		empty(cs, c);
		c->host = host;
	} else if (!c) {
		c = room(cs);
		cs->keys[c - cs->a] = key;
		c->host = host;
	}
	c->ssrc = ssrc;
	c->input = input;
	c->stamp = ++cs->stamp;
	return c;
}

void vc_candidates_vouch(struct vc_candidates *cs, struct vc_candidate *c)
{
	cs->n_vouched += !c->is_vouched;
	c->is_vouched = true;
}

void vc_candidates_drop(struct vc_candidates *cs, struct vc_candidate *c)
{
	unsigned int last = cs->n - 1;

	empty(cs, c);
	*c = cs->a[last];
	cs->keys[c - cs->a] = cs->keys[last];
	cs->a[last] = (struct vc_candidate){ 0 };
	cs->n = last;
}

unsigned int vc_candidate_row(struct vc_candidate *c, uint16_t seq)
{
	if (c->row && seq == c->next_seq)
		c->row++;
	else
		c->row = 1;
	c->next_seq = (uint16_t)(seq + 1);
	return c->row;
}

void vc_candidate_hold(struct vc_candidate *c, bool is_first,
		       struct vc_packet *pkt)
{
	if (!is_first)
		return;
	vc_packet_unref(c->held);
	c->held = pkt ? vc_packet_ref(pkt) : NULL;
}
