/* SPDX-License-Identifier: MIT */
/*
 * SSRCs in an open-addressed table that grows by doubling: every packet of a
 * source that is not known is looked up there. The other list is short and
 * searched from end to end.
 */
#include "session/ownssrc.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

/* RFC 3550 8.2: 10 intervals, of 5 s. */
#define FORGET (50 * VC_SEC)
#define LEAST 16 /* places */

void vc_ownssrc_clear(struct vc_ownssrc *o)
{
	free(o->tab);
	*o = (struct vc_ownssrc){ 0 };
}

/* Where it is, or would be put. There is a free place. */
static uint32_t place_of(const uint64_t *tab, uint32_t mask, uint64_t key)
{
	uint32_t i = (uint32_t)(key * 0x9E3779B97F4A7C15u >> 40) & mask;

	while (tab[i] && tab[i] != key)
		i = (i + 1) & mask;
	return i;
}

/* False: it cannot be. */
static bool has_room(struct vc_ownssrc *o)
{
	uint32_t n = o->tab ? 2 * (o->mask + 1) : LEAST;
	uint64_t *tab;

	if (o->n == VC_ROSTER_OWN)
		return false;
	if (o->tab && 2 * (o->n + 1) <= o->mask)
		return true;
	tab = vc_try_alloc(n, sizeof(*tab));
	if (!tab)
		return false;
	for (uint32_t i = 0; o->tab && i <= o->mask; i++) {
		if (o->tab[i])
			tab[place_of(tab, n - 1, o->tab[i])] = o->tab[i];
	}
	free(o->tab);
	o->tab = tab;
	o->mask = n - 1;
	return true;
}

/* Those behind it may have been put off by it. */
static void take_out(struct vc_ownssrc *o, uint32_t i)
{
	o->tab[i] = 0;
	o->n--;
	for (i = (i + 1) & o->mask; o->tab[i]; i = (i + 1) & o->mask) {
		uint64_t key = o->tab[i];

		o->tab[i] = 0;
		o->tab[place_of(o->tab, o->mask, key)] = key;
	}
}

void vc_ownssrc_set(struct vc_ownssrc *o, uint32_t ssrc, bool is_own)
{
	uint64_t key = (uint64_t)ssrc + 1;

	if (vc_ownssrc_is(o, ssrc) == is_own)
		return;
	if (!is_own) {
		take_out(o, place_of(o->tab, o->mask, key));
	} else if (has_room(o)) {
		o->tab[place_of(o->tab, o->mask, key)] = key;
		o->n++;
	}
}

bool vc_ownssrc_is(const struct vc_ownssrc *o, uint32_t ssrc)
{
	uint64_t key = (uint64_t)ssrc + 1;

	return o->n && o->tab[place_of(o->tab, o->mask, key)] == key;
}

/* The place of the oldest, or a new one. */
static unsigned int place(struct vc_ownssrc *o)
{
	unsigned int oldest = 0;

	if (o->n_conflicts < VC_OWN_CONFLICTS)
		return o->n_conflicts++;
	for (unsigned int i = 1; i < VC_OWN_CONFLICTS; i++)
		if (o->conflicts[i].at < o->conflicts[oldest].at)
			oldest = i;
	return oldest;
}

int vc_ownssrc_met(struct vc_ownssrc *o, uint64_t peer, int64_t now)
{
	unsigned int i = 0;
	bool is_known;

	while (i < o->n_conflicts && o->conflicts[i].peer != peer)
		i++;
	is_known = i < o->n_conflicts;
	if (!is_known)
		i = place(o);
	else if (now - o->conflicts[i].at > FORGET)
		is_known = false;
	o->conflicts[i].peer = peer;
	o->conflicts[i].at = now;
	return is_known ? -EALREADY : -ELOOP;
}
