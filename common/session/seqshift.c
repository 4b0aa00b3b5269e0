/* SPDX-License-Identifier: MIT */
/* Most packets are the newest, so places are looked at from the last one. */
#include "session/seqshift.h"

#include <string.h>

static void forget_first(struct vc_seqshift *s)
{
	s->oldest += s->places[0].by;
	s->n--;
	memmove(s->places, s->places + 1, s->n * sizeof(*s->places));
}

void vc_seqshift_add(struct vc_seqshift *s, int64_t after, int by)
{
	s->newest += by;
	if (s->n && after <= s->places[s->n - 1].after) {
		s->places[s->n - 1].by += by;
		return;
	}
	if (s->n == VC_SEQSHIFT_PLACES)
		forget_first(s);
	s->places[s->n].after = after;
	s->places[s->n].by = by;
	s->n++;
}

void vc_seqshift_cut(struct vc_seqshift *s, int64_t after)
{
	for (; s->n && s->places[s->n - 1].after > after; s->n--)
		s->newest -= s->places[s->n - 1].by;
}

int vc_seqshift_of(const struct vc_seqshift *s, int64_t seq)
{
	int by = s->newest;

	for (unsigned int i = s->n; i > 0; i--) {
		if (seq > s->places[i - 1].after)
			return by;
		by -= s->places[i - 1].by;
	}
	return s->oldest;
}
