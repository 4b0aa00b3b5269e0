/* SPDX-License-Identifier: MIT */
/*
 * Who gets whose sound and pictures as they are: of a stage (mixstage.c) who is
 * in front of it for him, or all.
 *
 * An output goes with its audience: it shows what most of those want who had it
 * so far, and whoever wants something else has another output, that shows it
 * already or is free. So all who want the same share one, and for most of them
 * it is the one they had. The pictures of an output change at a key frame: who
 * comes to it, comes then.
 *
 * Text is of all whom somebody hears, each for himself, whatever else he gets.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/mixselect.h"

#define BALLOT 16

static bool wants_all(const struct vc_mixer *m, const struct vc_mixer_who *who)
{
	const char *word = who->row ? who->row->select : NULL;

	return word ? !strcmp(word, "all") : m->conf.selects_all;
}

static bool is_same(const struct vc_mixer_source *a,
		    const struct vc_mixer_source *b)
{
	return a && b && a->who == b->who &&
	       vc_stage_first_layer(a) == vc_stage_first_layer(b);
}

/* What his pictures are to be like; NULL: as the options say. */
static const struct vc_outclass *class_for(const struct vc_mixer_who *r,
					   enum mix_slot slot)
{
	const struct vc_outclass *class = r->class;

	return !vc_stage_is_heard(slot) && class && class->has_video ? class :
								       NULL;
}

static bool suits(const struct mix_forward *o, const struct vc_mixer_who *r,
		  enum mix_slot slot, const struct vc_mixer_source *s)
{
	return o->slot == slot && o->fw.codec == s->codec &&
	       o->fw.splice.sender.rate_hz == s->rate_hz &&
	       o->class == class_for(r, slot);
}

static struct mix_forward *open_output(struct vc_mixer *m,
				       const struct vc_mixer_who *r,
				       enum mix_slot slot,
				       struct vc_mixer_source *s)
{
	struct mix_forward *o = vc_mix_forward_new(m, slot, s);

	if (!o) {
		m->is_stale = true;
		return NULL;
	}
	o->lead = s;
	o->class = class_for(r, slot);
	return o;
}

/* It is for 'r'; without a policy, what strangers get is for everybody. */
static void address(struct vc_mixer *m, struct mix_forward *o,
		    struct vc_mixer_who *r, enum mix_slot slot)
{
	unsigned int off = vc_stage_is_heard(slot) ? VC_MIXER_DEAF : 0;
	int err = 0;

	if (!vc_stage_is_heard(slot) && r->is_viewing) {
		o->is_awaited = true;
		return;
	}
	if (r != &m->stranger) {
		err = vc_mix_set_add(&o->to, r);
	} else {
		o->is_for_others = true;
		for (r = m->whos; r && !m->conf.policy; r = r->next)
			if (!vc_mix_is_off(r, off) &&
			    (slot != MIX_SOUND ||
			     vc_mix_is_selected(m, r, slot)))
				err |= vc_mix_set_add(&o->to, r);
	}
	if (err)
		m->is_stale = true;
}

/* --- all, each for himself --- */

static void give(struct vc_mixer *m, struct vc_mixer_who *r, enum mix_slot slot,
		 struct vc_mixer_source *s)
{
	struct mix_forward *o = m->forwards;

	while (o &&
	       !(o->is_fixed && suits(o, r, slot, s) && is_same(o->lead, s)))
		o = o->after;
	if (!o)
		o = open_output(m, r, slot, s);
	if (!o)
		return;
	o->is_fixed = true;
	o->is_used = true;
	address(m, o, r, slot);
}

static void give_all(struct vc_mixer *m, struct vc_mixer_who *r,
		     const struct mix_stage *st)
{
	for (size_t i = 0; i < st->on.n; i++) {
		const struct vc_mixer_who *who = st->on.v[i];

		if (who == r &&
		    (vc_stage_is_heard(st->slot) || !r->row->sees_self))
			continue;
		for (struct vc_mixer_source *s = who->sources; s; s = s->next)
			if (vc_stage_is_for(s, st->slot) &&
			    vc_stage_first_layer(s) == s)
				give(m, r, st->slot, s);
	}
}

/* --- one --- */

struct ballot {
	struct vc_mixer_source *s[BALLOT];
	unsigned int votes[BALLOT];
	size_t n;
};

static void vote(struct ballot *b, struct vc_mixer_source *s)
{
	size_t i = 0;

	while (i < b->n && !is_same(b->s[i], s))
		i++;
	if (i == BALLOT)
		return;
	if (i == b->n) {
		b->s[i] = s;
		b->votes[i] = 0;
		b->n++;
	}
	b->votes[i]++;
}

/* Could the same people have both? */
static bool is_alike(const struct mix_forward *a, const struct mix_forward *b)
{
	return !a->is_fixed && a->slot == b->slot &&
	       a->fw.codec == b->fw.codec && a->class == b->class;
}

/*
 * What most want of those who await it, or as many what it shows; unless
 * another shows it.
 */
static void elect(struct vc_mixer *m, struct mix_forward *o)
{
	struct ballot b = { .n = 0 };
	size_t best = 0;

	for (struct vc_mixer_who *r = vc_stage_first(m); r;
	     r = vc_stage_after(m, r)) {
		struct vc_mixer_source *s = r->wants[o->slot];

		if (r->awaits[o->slot] == o && s && suits(o, r, o->slot, s))
			vote(&b, s);
	}
	for (size_t i = 1; i < b.n; i++)
		if (b.votes[i] > b.votes[best] ||
		    (b.votes[i] == b.votes[best] &&
		     is_same(b.s[i], o->next ? o->next : o->now)))
			best = i;
	o->lead = b.n ? b.s[best] : NULL;
	for (struct mix_forward *e = m->forwards; e != o && o->lead;
	     e = e->after)
		if (is_alike(e, o) && is_same(e->lead, o->lead))
			o->lead = NULL;
}

/* What shows him what he wants, or is free to. */
static struct mix_forward *find_output(struct vc_mixer *m,
				       const struct vc_mixer_who *r,
				       enum mix_slot slot)
{
	struct vc_mixer_source *s = r->wants[slot];
	struct mix_forward *o, *idle = NULL;

	for (o = m->forwards; o; o = o->after) {
		if (o->is_fixed || !suits(o, r, slot, s))
			continue;
		if (is_same(o->lead, s))
			return o;
		if (!o->lead && !idle)
			idle = o;
	}
	if (idle)
		idle->lead = s;
	return idle ? idle : open_output(m, r, slot, s);
}

bool vc_mix_may_have(const struct vc_mixer *m, const struct vc_mixer_who *r,
		     const struct mix_forward *o)
{
	const struct mix_stage *st = vc_stage_of(m, r, o->slot);

	if (!o->now)
		return true;
	if (o->now->who == r && (o->slot == MIX_SOUND || !r->row->sees_self))
		return false;
	return st && vc_stage_find(st, o->now->who->serial);
}

/* Pictures that he awaits begin with a key frame: he keeps what he has, and may
 * have, until it is there; not himself, where that output goes on with him. */
static bool is_between(const struct vc_mixer *m, const struct vc_mixer_who *r,
		       enum mix_slot slot)
{
	const struct mix_forward *gets = r->gets[slot], *to = r->awaits[slot];

	return gets && to && gets != to && !vc_stage_is_heard(slot) &&
	       !r->is_viewing && gets->now && gets->now->who != r &&
	       vc_mix_may_have(m, r, gets);
}

static void settle_one(struct vc_mixer *m, struct vc_mixer_who *r,
		       enum mix_slot slot)
{
	struct mix_forward *o;

	if (is_between(m, r, slot))
		r->awaits[slot]->is_awaited = true;
	else
		r->gets[slot] = r->awaits[slot];
	if (r->awaits[slot])
		r->awaits[slot]->is_used = true;
	o = r->gets[slot];
	if (!o)
		return;
	o->is_used = true;
	if (!vc_mix_may_have(m, r, o))
		return;
	address(m, o, r, slot);
}

/* --- outputs --- */

static void choose(struct vc_mixer *m, struct vc_mixer_who *r,
		   enum mix_slot slot)
{
	const struct mix_stage *st = NULL;
	const struct vc_mixer_who *one;
	bool is_all = slot == MIX_TEXT || wants_all(m, r);

	if (vc_stage_is_recipient(m, r, slot) && vc_mix_is_selected(m, r, slot))
		st = vc_stage_of(m, r, slot);
	r->wants[slot] = NULL;
	if (!st && vc_mix_keeps(m, r, slot))
		return;
	if (!st || is_all) {
		r->awaits[slot] = NULL;
		/* Each of those is a source of its own, and follows none. */
		m->is_stale |= st && slot == MIX_PICTURE && r->is_viewing;
		r->is_viewing &= !st || slot != MIX_PICTURE;
		if (st)
			give_all(m, r, st);
		return;
	}
	one = vc_stage_one(st, r);
	if (one)
		r->wants[slot] = vc_stage_source(one, slot);
	else if (slot == MIX_SLIDES)
		r->awaits[slot] = NULL;
}

static void distribute(struct vc_mixer *m, enum mix_slot slot)
{
	for (struct vc_mixer_who *r = vc_stage_first(m); r;
	     r = vc_stage_after(m, r))
		choose(m, r, slot);
	for (struct mix_forward *o = m->forwards; o; o = o->after)
		if (o->slot == slot && !o->is_fixed)
			elect(m, o);
	for (struct vc_mixer_who *r = vc_stage_first(m); r;
	     r = vc_stage_after(m, r))
		if (r->wants[slot])
			r->awaits[slot] = find_output(m, r, slot);
}

static void drop_outputs(struct vc_mixer *m, int64_t now)
{
	struct mix_forward **at = &m->forwards, *o;

	while ((o = *at)) {
		if (o->is_used) {
			at = &o->after;
			continue;
		}
		*at = o->after;
		if (o->slot == MIX_SOUND) {
			vc_mix_forward_leave(m, o, now);
			continue;
		}
		vc_mix_forward_end(m, o, now);
		o->after = NULL;
		vc_mix_forward_free(o);
	}
}

static void settle_all(struct vc_mixer *m)
{
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		if (o->is_fixed)
			continue;
		o->to.n = 0;
		o->is_for_others = o->is_used = o->is_awaited = false;
	}
	for (enum mix_slot slot = MIX_SOUND; slot < MIX_SLOTS; slot++)
		for (struct vc_mixer_who *r = vc_stage_first(m); r;
		     r = vc_stage_after(m, r))
			settle_one(m, r, slot);
}

/* What nobody may have any longer is not sent. True: there was some. */
static bool cut(struct vc_mixer *m)
{
	bool has_cut = false;

	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		if (!o->now || o->to.n || o->is_for_others)
			continue;
		vc_mix_forward_cut(o);
		has_cut = true;
	}
	return has_cut;
}

void vc_mix_select_address(struct vc_mixer *m, int64_t now)
{
	settle_all(m);
	if (cut(m))
		settle_all(m);
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		who->forwarded = 0;
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		if (o->lead)
			o->lead->who->forwarded |= 1u << o->slot;
		if (o->is_used)
			vc_mix_forward_address(m, o, now);
	}
	drop_outputs(m, now);
}

void vc_mix_select(struct vc_mixer *m, int64_t now)
{
	if (!vc_stage_is_made(m, MIX_SOUND) &&
	    !vc_stage_is_made(m, MIX_PICTURE))
		return;
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		o->to.n = 0;
		o->is_for_others = o->is_used = false;
	}
	for (enum mix_slot slot = MIX_SOUND; slot < MIX_SLOTS; slot++)
		distribute(m, slot);
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		if (o->is_fixed && !o->is_used)
			o->lead = NULL;
		vc_mix_forward_settle(m, o, now);
	}
	vc_mix_select_address(m, now);
}

void vc_mix_select_tick(struct vc_mixer *m, int64_t now)
{
	bool has_changed = false;

	for (struct mix_stage *st = m->stages; st; st = st->next)
		has_changed |= vc_stage_look(m, st);
	if (has_changed && (m->conf.audio_way == VC_MIXER_AUTO ||
			    m->conf.video_way == VC_MIXER_AUTO)) {
		m->is_stale = true;
		vc_mix_resolve(m, now);
	} else if (has_changed) {
		vc_mix_select(m, now);
	}
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		vc_mix_forward_settle(m, o, now);
		if (o->has_begun)
			vc_mix_forward_report(m, o, now);
	}
}

bool vc_mix_select_keyframe(struct vc_mixer *m, uint32_t ssrc)
{
	bool has_found = false;

	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		if (vc_stage_is_heard(o->slot) ||
		    (ssrc && o->out.tx.sender.ssrc != ssrc))
			continue;
		has_found = true;
		if (o->now)
			o->now->wants_key = true;
	}
	return has_found;
}

struct vc_mixer_out *vc_mix_select_any(const struct vc_mixer *m)
{
	for (struct mix_forward *o = m->forwards; o; o = o->after)
		if (o->has_begun)
			return &o->out;
	return NULL;
}

void vc_mix_select_forget(struct vc_mixer *m, struct vc_mixer_who *who)
{
	for (struct mix_stage *st = m->stages; st; st = st->next)
		(void)vc_mix_set_drop(&st->on, who);
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		(void)vc_mix_set_drop(&o->to, who);
		if (vc_mix_set_drop(&o->whos, who))
			o->out.is_told = false;
		o->out.n_whos = o->whos.n;
	}
}

void vc_mix_select_forget_source(struct vc_mixer *m,
				 const struct vc_mixer_source *s)
{
	m->is_stale = true;
	vc_mix_gauge_forget(m, s);
	for (struct mix_forward *o = m->forwards; o; o = o->after) {
		if (o->lead == s)
			o->lead = NULL;
		if (o->now == s)
			vc_mix_forward_cut(o);
		if (o->next != s)
			continue;
		o->next = NULL;
		vc_forward_clear(&o->fw);
	}
}

void vc_mix_select_end(struct vc_mixer *m, int64_t now)
{
	for (struct mix_forward *o = m->forwards; o; o = o->after)
		vc_mix_forward_end(m, o, now);
	vc_mix_forward_end_left(m, now);
}

void vc_mix_select_free(struct vc_mixer *m)
{
	vc_mix_gauges_free(m);
	vc_stage_free(m->stages);
	vc_mix_forward_free(m->forwards);
	vc_mix_forward_free(m->leaving);
}
