/* SPDX-License-Identifier: MIT */
/*
 * An array that is searched from end to end: RTX packets are few, and their
 * SSRCs stand apart from the rest, in a row. An entry that is used moves
 * nowhere; the oldest is looked for when there is no room.
 */
#include "session/rtxmap.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

struct pair {
	uint32_t media;
	bool is_said; /* by a description */
	unsigned int misses;
	int64_t used;
};

struct vc_rtxmap {
	unsigned int n;
	uint32_t rtx[VC_RTXMAP_MAX];
	struct pair pairs[VC_RTXMAP_MAX];
};

void vc_rtxguess_add(struct vc_rtxguess *g, uint32_t ssrc, unsigned int by)
{
	if (!g->n || by > g->best) {
		g->best = by;
		g->ssrc = ssrc;
		g->is_tied = false;
	} else if (by == g->best) {
		g->is_tied = true;
	}
	g->n++;
}

struct vc_rtxmap *vc_rtxmap_new(void)
{
	return vc_try_alloc(1, sizeof(struct vc_rtxmap));
}

void vc_rtxmap_free(struct vc_rtxmap *m)
{
	free(m);
}

static struct pair *find(struct vc_rtxmap *m, uint32_t rtx)
{
	for (unsigned int i = 0; i < m->n; i++) {
		if (m->rtx[i] == rtx)
			return &m->pairs[i];
	}
	return NULL;
}

static void drop(struct vc_rtxmap *m, unsigned int i)
{
	m->n--;
	m->rtx[i] = m->rtx[m->n];
	m->pairs[i] = m->pairs[m->n];
}

/* False: all of it is said by descriptions. */
static bool make_room(struct vc_rtxmap *m)
{
	unsigned int oldest = m->n;

	if (m->n < VC_RTXMAP_MAX)
		return true;
	for (unsigned int i = 0; i < m->n; i++) {
		if (!m->pairs[i].is_said &&
		    (oldest == m->n ||
		     m->pairs[i].used < m->pairs[oldest].used))
			oldest = i;
	}
	if (oldest == m->n)
		return false;
	drop(m, oldest);
	return true;
}

static int set(struct vc_rtxmap *m, uint32_t rtx, const struct pair *pair)
{
	struct pair *p = find(m, rtx);

	if (!p) {
		if (!make_room(m))
			return -ENOSPC;
		m->rtx[m->n] = rtx;
		p = &m->pairs[m->n];
		m->n++;
	}
	*p = *pair;
	return 0;
}

int vc_rtxmap_fid(struct vc_rtxmap *m, uint32_t media, uint32_t rtx)
{
	const struct pair pair = { .media = media, .is_said = true };

	return set(m, rtx, &pair);
}

bool vc_rtxmap_find(struct vc_rtxmap *m, uint32_t rtx, int64_t now,
		    uint32_t *media)
{
	struct pair *p = find(m, rtx);

	if (!p)
		return false;
	p->used = now;
	*media = p->media;
	return true;
}

bool vc_rtxmap_learn(struct vc_rtxmap *m, uint32_t rtx,
		     const struct vc_rtxguess *g, int64_t now)
{
	const struct pair pair = { .media = g->ssrc, .used = now };

	return g->n && !g->is_tied && g->ssrc != rtx && !set(m, rtx, &pair);
}

void vc_rtxmap_was_asked(struct vc_rtxmap *m, uint32_t rtx, bool was_asked)
{
	struct pair *p = find(m, rtx);

	if (!p || p->is_said)
		return;
	p->misses = was_asked ? 0 : p->misses + 1;
	if (p->misses >= VC_RTXMAP_MISSES)
		drop(m, (unsigned int)(p - m->pairs));
}

void vc_rtxmap_forget(struct vc_rtxmap *m, uint32_t ssrc)
{
	unsigned int i = 0;

	while (i < m->n) {
		bool is_it = m->rtx[i] == ssrc || m->pairs[i].media == ssrc;

		if (is_it && !m->pairs[i].is_said)
			drop(m, i);
		else
			i++;
	}
}

unsigned int vc_rtxmap_n(const struct vc_rtxmap *m)
{
	return m->n;
}
