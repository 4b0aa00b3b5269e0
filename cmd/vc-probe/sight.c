/* SPDX-License-Identifier: MIT */
/*
 * seen[NAME]: every LOOK it is asked whose marks were read in the newest
 * picture. One that has stood for longer than STANDS shows nobody any more: who
 * looks at it does not see people, but what they were.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "decode.h"
#include "media/mark.h"
#include "probe.h"

#define LOOK (160 * VC_MS)
#define STANDS VC_SEC

struct sight {
	int64_t newest; /* when the picture came; VC_TIME_NONE: none */
	int64_t next;	/* look; VC_TIME_NONE: none before a picture */
	uint64_t looks;
	size_t n;
	struct {
		uint16_t id;
		bool is_there; /* in the newest picture */
		uint64_t hits;
	} who[];
};

struct sight *sight_new(const struct probe *p)
{
	struct sight *s;

	s = vc_try_alloc(1, sizeof(*s) + p->n_seen * sizeof(s->who[0]));
	if (!s)
		return NULL;
	s->newest = s->next = VC_TIME_NONE;
	s->n = p->n_seen;
	for (size_t i = 0; i < s->n; i++)
		s->who[i].id = vc_mark_id(p->seen[i]);
	return s;
}

void sight_free(struct sight *s)
{
	free(s);
}

static bool is_in(const struct vc_mark_reader *r, uint16_t id)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->found[i].is_read && r->found[i].mark.id == id)
			return true;
	}
	return false;
}

void sight_see(struct sight *s, const struct vc_mark_reader *r, int64_t now)
{
	s->newest = now;
	if (s->next == VC_TIME_NONE)
		s->next = now + LOOK;
	for (size_t i = 0; i < s->n; i++)
		s->who[i].is_there = is_in(r, s->who[i].id);
}

void sight_look(struct sight *s, int64_t now)
{
	int64_t left, n, fresh;

	if (s->next == VC_TIME_NONE || s->next > now)
		return;
	/* Worked out, not walked: a stream's time may leap by years. */
	n = (now - s->next) / LOOK + 1;
	left = s->newest + STANDS - s->next;
	fresh = left < 0 ? 0 : left / LOOK + 1;
	for (size_t i = 0; i < s->n; i++) {
		if (s->who[i].is_there)
			s->who[i].hits += (uint64_t)(fresh < n ? fresh : n);
	}
	s->looks += (uint64_t)n;
	s->next += n * LOOK;
}

bool sight_share(const struct sight *s, size_t i, double *share)
{
	if (!s->looks)
		return false;
	*share = (double)s->who[i].hits / (double)s->looks;
	return true;
}
