/* SPDX-License-Identifier: MIT */
/* Both lists are short and searched from end to end. */
#include "session/ownssrc.h"

#include <errno.h>

#include "base/time.h"

/* RFC 3550 8.2: 10 intervals, of 5 s. */
#define FORGET (50 * VC_SEC)

void vc_ownssrc_set(struct vc_ownssrc *o, uint32_t ssrc, bool is_own)
{
	unsigned int i = 0;

	while (i < o->n && o->ssrc[i] != ssrc)
		i++;
	if (is_own && i == o->n && i < VC_ROSTER_OWN)
		o->ssrc[o->n++] = ssrc;
	if (!is_own && i < o->n)
		o->ssrc[i] = o->ssrc[--o->n];
}

bool vc_ownssrc_is(const struct vc_ownssrc *o, uint32_t ssrc)
{
	for (unsigned int i = 0; i < o->n; i++)
		if (o->ssrc[i] == ssrc)
			return true;
	return false;
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
