/* SPDX-License-Identifier: MIT */
/*
 * Where pictures may be selected or composed (auto), he who is to get the other
 * of the two keeps what he has until a key frame of that is there: it is routed
 * to him just before, and what he had is not his any longer. So neither has a
 * hole. Without a policy that goes for all at once, as the stranger.
 */
#include "engine/mixselect.h"

static struct vc_mixer_who *rule_of(struct vc_mixer *m,
				    struct vc_mixer_who *who)
{
	return m->conf.policy ? who : &m->stranger;
}

bool vc_mix_has_view(struct vc_mixer *m, struct vc_mixer_who *who)
{
	struct vc_mixer_who *r = rule_of(m, who);
	const struct mix_forward *gets = r->gets[MIX_PICTURE];
	bool is_selected = vc_mix_is_selected(m, who, MIX_PICTURE);

	/* Where he has nothing yet there is nothing to keep. */
	if (!is_selected && (!gets || !gets->now))
		r->is_viewing = true;
	if (is_selected && (!r->view || !r->view->has_begun))
		r->is_viewing = false;
	return !is_selected || r->is_viewing;
}

bool vc_mix_keeps(const struct vc_mixer *m, struct vc_mixer_who *r,
		  enum mix_slot slot)
{
	struct mix_forward *gets = r->gets[slot];

	if (slot != MIX_PICTURE || !vc_stage_is_recipient(m, r, slot) ||
	    !r->view || r->is_viewing || !gets || !gets->now ||
	    !vc_mix_may_have(m, r, gets))
		return false;
	r->awaits[slot] = gets;
	r->wants[slot] = gets->now;
	return true;
}

static void address(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	v->is_awaited = m->stranger.view == v && !m->stranger.is_viewing;
	v->is_for_others = m->stranger.view == v && m->stranger.is_viewing;
	v->to.n = 0;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next) {
		if (who->view != v)
			continue;
		if (!rule_of(m, who)->is_viewing)
			v->is_awaited = true;
		else if (vc_mix_set_add(&v->to, who))
			m->is_stale = true;
	}
	v->wants_key |= v->is_awaited;
	vc_mix_view_address(m, v, now);
}

void vc_mix_views_address(struct vc_mixer *m, int64_t now)
{
	for (struct mix_video *v = m->views; v; v = v->next)
		address(m, v, now);
}

void vc_mix_view_arrives(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	if (!v->is_awaited)
		return;
	for (struct vc_mixer_who *r = vc_stage_first(m); r;
	     r = vc_stage_after(m, r))
		r->is_viewing |= r->view == v;
	m->is_stale = true;
	vc_mix_select_address(m, now);
	address(m, v, now);
}

void vc_mix_forward_arrives(struct vc_mixer *m, const struct mix_forward *o,
			    int64_t now)
{
	bool is_awaited = false;

	for (struct vc_mixer_who *r = vc_stage_first(m); r;
	     r = vc_stage_after(m, r)) {
		if (r->awaits[o->slot] != o)
			continue;
		r->gets[o->slot] = r->awaits[o->slot];
		is_awaited |= r->is_viewing;
		r->is_viewing = false;
	}
	if (!is_awaited)
		return;
	m->is_stale = true;
	vc_mix_views_address(m, now);
}
