/* SPDX-License-Identifier: MIT */
/*
 * Stages: those of a list of the policy who have something for a slot (sound, a
 * picture, slides), with who is in front of them, and for the one in front who
 * is in front of the rest. Nobody gets himself, unless he wants to see himself
 * and there is nobody else.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/mixselect.h"

/* --- ways --- */

static enum vc_mixer_way way_of(const struct vc_mixer *m, enum mix_slot slot)
{
	if (slot == MIX_TEXT)
		return VC_MIXER_SELECT;
	return slot == MIX_SOUND ? m->conf.audio_way : m->conf.video_way;
}

bool vc_stage_is_made(const struct vc_mixer *m, enum mix_slot slot)
{
	bool is_on = slot == MIX_SOUND ? m->conf.audio : m->conf.video;

	if (slot == MIX_TEXT)
		return vc_mixer_takes_text(&m->conf);
	return is_on && way_of(m, slot) != VC_MIXER_MIX;
}

bool vc_stage_is_recipient(const struct vc_mixer *m,
			   const struct vc_mixer_who *who, enum mix_slot slot)
{
	if (!m->conf.policy)
		return who == &m->stranger;
	return who->row &&
	       !vc_mix_is_off(who, vc_stage_is_heard(slot) ? VC_MIXER_DEAF : 0);
}

struct vc_mixer_who *vc_stage_first(struct vc_mixer *m)
{
	return m->whos ? m->whos : &m->stranger;
}

struct vc_mixer_who *vc_stage_after(struct vc_mixer *m,
				    struct vc_mixer_who *who)
{
	if (who == &m->stranger)
		return NULL;
	return who->next ? who->next : &m->stranger;
}

/* --- sources --- */

static enum vc_kind kind_of(enum mix_slot slot)
{
	if (slot == MIX_TEXT)
		return VC_TEXT;
	return slot == MIX_SOUND ? VC_AUDIO : VC_VIDEO;
}

bool vc_stage_is_for(const struct vc_mixer_source *s, enum mix_slot slot)
{
	bool is_over = s->is_ended && !s->n_delayed;

	if (is_over || s->kind != kind_of(slot))
		return false;
	return s->is_slides == (slot == MIX_SLIDES);
}

const struct vc_mixer_source *vc_stage_first_layer(
	const struct vc_mixer_source *s)
{
	const struct vc_mixer_source *o = s->who->sources;

	while (s->group >= 0 && o != s && o->group != s->group)
		o = o->next;
	return s->group >= 0 ? o : s;
}

struct vc_mixer_source *vc_stage_source(const struct vc_mixer_who *who,
					enum mix_slot slot)
{
	struct vc_mixer_source *newest = NULL;

	for (struct vc_mixer_source *s = who->sources; s; s = s->next)
		if (vc_stage_is_for(s, slot))
			newest = s;
	return newest;
}

/* --- stages --- */

/* Which one is that of the row (or NULL) of who gets something for a slot. */
static struct mix_stage key_of(const struct vc_policy_row *row,
			       enum mix_slot slot)
{
	unsigned int heard = row ? row->hears : 0;
	unsigned int seen = row ? row->sees : 0;

	return (struct mix_stage){ .slot = slot,
				   .heard = heard,
				   .list = vc_stage_is_heard(slot) ? heard :
								     seen };
}

static bool is_stage(const struct mix_stage *st, const struct mix_stage *key)
{
	return st->slot == key->slot && st->heard == key->heard &&
	       st->list == key->list;
}

struct mix_stage *vc_stage_of(const struct vc_mixer *m,
			      const struct vc_mixer_who *who,
			      enum mix_slot slot)
{
	const struct mix_stage key = key_of(who->row, slot);
	struct mix_stage *st = m->stages;

	while (st && !is_stage(st, &key))
		st = st->next;
	return st;
}

static void fill(struct vc_mixer *m, struct mix_stage *st)
{
	unsigned int off = vc_stage_is_heard(st->slot) ? VC_MIXER_MUTED :
							 VC_MIXER_HIDDEN;

	st->on.n = 0;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		if (!vc_mix_is_off(who, off) &&
		    vc_stage_source(who, st->slot) &&
		    vc_mix_is_in(m, st->list, who) &&
		    vc_mix_set_add(&st->on, who))
			m->is_stale = true;
}

static void open_stage(struct vc_mixer *m, const struct vc_mixer_who *who,
		       enum mix_slot slot)
{
	struct mix_stage *st = vc_stage_of(m, who, slot);

	if (!st) {
		st = vc_try_alloc(1, sizeof(*st));
		if (!st) {
			m->is_stale = true;
			return;
		}
		*st = key_of(who->row, slot);
		st->next = m->stages;
		m->stages = st;
	}
	if (st->is_used)
		return;
	fill(m, st);
	st->is_used = true;
}

void vc_stage_free(struct mix_stage *st)
{
	while (st) {
		struct mix_stage *next = st->next;

		vc_mix_set_free(&st->on);
		free(st);
		st = next;
	}
}

/* May he come to the front? Where they hear nobody it goes by others' ears. */
static bool is_minded(const struct vc_mixer *m, const struct mix_stage *st,
		      const struct vc_mixer_who *who)
{
	return vc_mix_is_nobody(m, st->heard) ||
	       vc_mix_is_in(m, st->heard, who);
}

static bool talks(const struct vc_mixer *m, const struct mix_stage *st,
		  const struct vc_mixer_who *who)
{
	return who->is_talking && is_minded(m, st, who);
}

/*
 * Who talks is in front, and stays there until somebody else talks while he
 * does not; of those who began meanwhile, the one who began last. 'but' is
 * passed over.
 */
static struct vc_mixer_who *find_front(const struct vc_mixer *m,
				       const struct mix_stage *st, uint64_t was,
				       const struct vc_mixer_who *but)
{
	struct vc_mixer_who *front = NULL, *last = NULL, *first = NULL;

	for (size_t i = 0; i < st->on.n; i++) {
		struct vc_mixer_who *who = st->on.v[i];

		if (who == but)
			continue;
		if (!first)
			first = who;
		if (who->serial == was)
			front = who;
		if (talks(m, st, who) &&
		    (!last || who->talks_from > last->talks_from))
			last = who;
	}
	if (!front)
		front = first;
	return last && !talks(m, st, front) ? last : front;
}

/* Who is pinned, if he is there and has a picture. */
static uint64_t find_pinned(const struct vc_mixer *m,
			    const struct mix_stage *st)
{
	for (size_t i = 0; st->slot != MIX_SOUND && i < st->on.n; i++)
		if (vc_mixer_who_is_pinned(m, st->on.v[i]))
			return st->on.v[i]->serial;
	return 0;
}

bool vc_stage_look(const struct vc_mixer *m, struct mix_stage *st)
{
	const struct vc_mixer_who *front, *next;
	uint64_t serial, was, second, pinned;
	bool has_changed;

	/* Text is of all. */
	if (st->slot == MIX_TEXT)
		return false;
	front = find_front(m, st, st->front, NULL);
	serial = front ? front->serial : 0;
	was = serial == st->front ? st->second : st->front;
	next = find_front(m, st, was, front);
	second = next ? next->serial : 0;
	pinned = find_pinned(m, st);
	has_changed = serial != st->front || second != st->second ||
		      pinned != st->pinned;
	st->front = serial;
	st->second = second;
	st->pinned = pinned;
	return has_changed;
}

/* Whose talking brings him to some front. */
static void mind(struct vc_mixer *m)
{
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		who->is_minded = false;
	for (struct mix_stage *st = m->stages; st; st = st->next)
		for (size_t i = 0; st->slot != MIX_TEXT && i < st->on.n; i++)
			st->on.v[i]->is_minded |=
				!vc_mix_is_off(st->on.v[i], VC_MIXER_MUTED) &&
				is_minded(m, st, st->on.v[i]);
}

void vc_mix_stages(struct vc_mixer *m)
{
	struct mix_stage **at = &m->stages, *st;

	for (st = m->stages; st; st = st->next)
		st->is_used = false;
	for (enum mix_slot slot = MIX_SOUND; slot < MIX_SLOTS; slot++)
		for (struct vc_mixer_who *r = vc_stage_first(m); r;
		     r = vc_stage_after(m, r))
			if (vc_stage_is_made(m, slot) &&
			    vc_stage_is_recipient(m, r, slot))
				open_stage(m, r, slot);
	while ((st = *at)) {
		if (st->is_used) {
			(void)vc_stage_look(m, st);
			at = &st->next;
			continue;
		}
		*at = st->next;
		st->next = NULL;
		vc_stage_free(st);
	}
	mind(m);
}

void vc_stage_doze(struct vc_mixer *m)
{
	for (struct mix_stage *st = m->stages; st; st = st->next)
		for (size_t i = 0; st->slot == MIX_SOUND && i < st->on.n; i++)
			st->on.v[i]->is_audible |= m->conf.audio_way ==
						   VC_MIXER_AUTO;
}

/* --- choices --- */

struct vc_mixer_who *vc_stage_find(const struct mix_stage *st, uint64_t serial)
{
	for (size_t i = 0; serial && i < st->on.n; i++)
		if (st->on.v[i]->serial == serial)
			return st->on.v[i];
	return NULL;
}

struct vc_mixer_who *vc_stage_one(const struct mix_stage *st,
				  const struct vc_mixer_who *who)
{
	struct vc_mixer_who *one = vc_stage_find(st, st->pinned);

	if (!one || one == who)
		one = vc_stage_find(st, st->front);
	if (one == who)
		one = vc_stage_find(st, st->second);
	if (!one && st->slot != MIX_SOUND && who->row && who->row->sees_self)
		one = vc_stage_find(st, who->serial);
	return one;
}

static unsigned int count_sources(const struct vc_mixer_who *who,
				  enum mix_slot slot)
{
	unsigned int n = 0;

	for (const struct vc_mixer_source *s = who->sources; s; s = s->next)
		n += vc_stage_is_for(s, slot) && vc_stage_first_layer(s) == s;
	return n;
}

/* The only one of those on a stage, but for 'who'; NULL: there are more. */
static const struct vc_mixer_who *only_one(const struct mix_stage *st,
					   const struct vc_mixer_who *who)
{
	const struct vc_mixer_who *one = NULL;

	for (size_t i = 0; i < st->on.n; i++) {
		if (st->on.v[i] == who &&
		    (st->slot == MIX_SOUND || !who->row->sees_self))
			continue;
		if (one)
			return NULL;
		one = st->on.v[i];
	}
	return one;
}

/* Does his layout show who is in front, and nobody else? */
static bool is_single(const struct vc_mixer *m, const struct vc_mixer_who *who)
{
	const struct vc_arrange *a = vc_mix_layout_of(m, who->row);

	if (!a)
		a = m->conf.layout;
	for (size_t i = 0; i < a->n_parts; i++)
		if (a->parts[i].n != 1)
			return false;
	for (size_t i = 0; i < a->n_regions; i++)
		for (size_t k = 0; k < a->regions[i].n_choices; k++)
			if (a->regions[i].choices[k].fill != VC_FILL_SPEAKER)
				return false;
	return true;
}

/* Is what he would get of it all that he is to get, in our own format? */
static bool is_enough(const struct vc_mixer *m, const struct vc_mixer_who *who,
		      enum mix_slot slot)
{
	enum vc_codec codec = slot == MIX_SOUND ? m->conf.sound.enc.codec :
						  m->conf.vcodec;
	const struct vc_outclass *class = who->class;
	const struct mix_stage *st = vc_stage_of(m, who, slot);
	const struct mix_stage *slides =
		slot == MIX_SOUND ? NULL : vc_stage_of(m, who, MIX_SLIDES);
	const struct vc_mixer_who *one = st ? only_one(st, who) : NULL;
	const struct vc_mixer_source *s;

	if ((slides && slides->on.n) ||
	    (class &&
	     (slot == MIX_SOUND ? class->has_audio : class->has_video)))
		return false;
	if (st && !one && slot == MIX_PICTURE && is_single(m, who))
		one = vc_stage_one(st, who);
	/* He is to be louder, or softer, than he comes. */
	if (one && slot == MIX_SOUND && one->sound.gain_db10)
		return false;
	s = one ? vc_stage_source(one, slot) : NULL;
	return s && s->codec == codec && count_sources(one, slot) == 1;
}

bool vc_mix_is_selected(const struct vc_mixer *m,
			const struct vc_mixer_who *who, enum mix_slot slot)
{
	bool is_told = slot == MIX_SOUND && vc_mix_is_played_to(m, who);

	if (!m->conf.policy)
		who = &m->stranger;
	if (!vc_stage_is_made(m, slot) || !vc_stage_is_recipient(m, who, slot))
		return false;
	if (way_of(m, slot) == VC_MIXER_SELECT)
		return true;
	if (is_told)
		return false;
	return is_enough(m, who, slot == MIX_SLIDES ? MIX_PICTURE : slot);
}
