/* SPDX-License-Identifier: MIT */
/*
 * Sets of people, all in order of arrival, and whom an output is for: those of a
 * set, or everybody but those who are here and not in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/mixer_internal.h"

int vc_mix_set_add(struct mix_set *set, struct vc_mixer_who *who)
{
	struct vc_mixer_who **more;
	size_t cap;

	if (set->n == set->cap) {
		cap = set->cap ? 2 * set->cap : 8;
		more = vc_try_alloc(cap, sizeof(*more));
		if (!more)
			return -ENOMEM;
		if (set->n)
			memcpy(more, set->v, set->n * sizeof(*more));
		free(set->v);
		set->v = more;
		set->cap = cap;
	}
	set->v[set->n++] = who;
	return 0;
}

void vc_mix_set_free(struct mix_set *set)
{
	free(set->v);
	*set = (struct mix_set){ 0 };
}

bool vc_mix_set_drop(struct mix_set *set, const struct vc_mixer_who *who)
{
	size_t n = 0, was = set->n;

	for (size_t i = 0; i < set->n; i++)
		if (set->v[i] != who)
			set->v[n++] = set->v[i];
	set->n = n;
	return n < was;
}

static bool is_same_set(const struct mix_set *a, const struct mix_set *b)
{
	return a->n == b->n &&
	       (!a->n || !memcmp(a->v, b->v, a->n * sizeof(*a->v)));
}

/* Everybody who is here but for 'but'. */
static int set_others(struct mix_set *set, const struct vc_mixer *m,
		      const struct mix_set *but)
{
	size_t at = 0;
	int err = 0;

	/* Both are in order of arrival. */
	for (struct vc_mixer_who *who = m->whos; who && !err; who = who->next) {
		if (at < but->n && but->v[at] == who)
			at++;
		else
			err = vc_mix_set_add(set, who);
	}
	return err;
}

bool vc_mix_set_is_renamed(const struct mix_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i]->is_renamed)
			return true;
	return false;
}

/* Just before it begins, for good: unless somebody who came has it. */
static void take_ssrc(struct vc_mixer *m, struct vc_mixer_out *out)
{
	struct vc_sender *s = &out->tx.sender;

	while (!out->has_ssrc && vc_mix_is_taken(m, s->ssrc)) {
		vc_sender_redraw(s, m->conf.rand, "again", m->redraws);
		m->redraws++;
	}
	out->has_ssrc = true;
}

void vc_mix_address(struct vc_mixer *m, struct vc_mixer_out *out,
		    struct mix_set *whos, const struct mix_set *to,
		    bool is_for_others, int64_t now)
{
	struct mix_set next = { 0 };
	int err = 0;

	if (is_for_others)
		err = set_others(&next, m, to);
	for (size_t i = 0; !is_for_others && !err && i < to->n; i++)
		err = vc_mix_set_add(&next, to->v[i]);
	if (err)
		m->is_stale = true;
	if (err || (out->is_told && is_for_others == out->is_for_others &&
		    is_same_set(&next, whos) && !vc_mix_set_is_renamed(whos))) {
		vc_mix_set_free(&next);
		return;
	}
	take_ssrc(m, out);
	vc_mix_set_free(whos);
	*whos = next;
	out->whos = whos->v;
	out->n_whos = whos->n;
	out->is_for_others = is_for_others;
	out->was_addressed |= !is_for_others || whos->n;
	out->is_told = true;
	if (m->conf.begin)
		m->conf.begin(m->conf.ctx, out, now);
}
