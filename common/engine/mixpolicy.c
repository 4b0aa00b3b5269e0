/* SPDX-License-Identifier: MIT */
/*
 * Who hears and sees whom. When people, roles or the policy changed, before a
 * tick: everybody's role and row; then the groups of sound (one for each list
 * of people that somebody hears) and the views (one for each list that somebody
 * sees); then who is for whom. Outputs that go on keep their SSRC, encoder and
 * clock. A shared output is for whom the policy would give it as well when he
 * comes, a stranger without a role: it goes to everybody but the others then,
 * so that a thousand listeners need no list of names.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"

void vc_mix_forget(struct vc_mixer *m, struct vc_mixer_who *who, int64_t now)
{
	for (struct mix_group *g = m->groups; g; g = g->next) {
		vc_mix_voice_forget(g, who);
		(void)vc_mix_set_drop(&g->heard, who);
		(void)vc_mix_set_drop(&g->to, who);
		if (!g->shared)
			continue;
		if (vc_mix_set_drop(&g->shared->whos, who))
			g->shared->out.is_told = false;
		g->shared->out.n_whos = g->shared->whos.n;
	}
	for (struct mix_video *v = m->views; v; v = v->next) {
		(void)vc_mix_set_drop(&v->seen, who);
		(void)vc_mix_set_drop(&v->heard, who);
		(void)vc_mix_set_drop(&v->to, who);
		if (vc_mix_set_drop(&v->whos, who))
			v->out.is_told = false;
		v->out.n_whos = v->whos.n;
		if (v->own == who)
			vc_mix_view_end(m, v, now);
	}
	vc_mix_select_forget(m, who);
	m->is_stale = true;
}

/* --- roles and rows --- */

static void tell_role(struct vc_mixer *m, struct vc_mixer_who *who, int64_t now)
{
	if (vc_mix_is_off(who, 0) || !strcmp(who->role, who->told_role))
		return;
	vc_strlcpy(who->told_role, who->role, sizeof(who->told_role));
	if (m->conf.role)
		m->conf.role(m->conf.ctx, who, now);
}

/* Of a row, or NULL. */
static const struct vc_outclass *class_of(const struct vc_mixer *m,
					  const struct vc_policy_row *row)
{
	return m->conf.classes && row && row->class ?
		       vc_outclass_find(m->conf.classes, vc_str_c(row->class)) :
		       NULL;
}

void vc_mix_find_row(const struct vc_mixer *m, struct vc_mixer_who *who)
{
	const struct vc_policy *p = m->conf.policy;
	struct vc_policy_who him;

	who->role = who->given_role;
	if (!who->role)
		who->role = p ? vc_policy_role(p, who->id, who->is_vouched) :
				"";
	him = vc_mixer_who_policy(who);
	who->row = p ? vc_policy_row(p, &him) : NULL;
	who->class = who->given_class ? who->given_class :
					class_of(m, who->row);
}

/* Whoever comes next, and nobody knows. Where there is a limit he gets nothing:
 * who waits for the second one is not for all to watch. */
static const struct vc_policy_row *row_of_strangers(const struct vc_mixer *m)
{
	const struct vc_policy *p = m->conf.policy;
	struct vc_policy_who him = { "", "", false };

	if (!p || vc_policy_limit(p))
		return NULL;
	him.role = vc_policy_role(p, "", false);
	return vc_policy_row(p, &him);
}

bool vc_mix_is_in(const struct vc_mixer *m, unsigned int list,
		  const struct vc_mixer_who *who)
{
	const struct vc_policy_who him = vc_mixer_who_policy(who);

	return !m->conf.policy || vc_policy_has(m->conf.policy, list, &him);
}

bool vc_mix_is_nobody(const struct vc_mixer *m, unsigned int list)
{
	return m->conf.policy && vc_policy_is_nobody(m->conf.policy, list);
}

/* --- sound --- */

static struct mix_group *group_of(struct vc_mixer *m,
				  const struct vc_policy_row *row,
				  const struct vc_outclass *class, bool is_told)
{
	struct mix_group **at = &m->groups;

	while (*at && !vc_mix_is_group(m, *at, row, class, is_told))
		at = &(*at)->next;
	if (!*at) {
		*at = vc_try_alloc(1, sizeof(**at));
		if (!*at) {
			m->is_stale = true;
			return NULL;
		}
		(*at)->list = row ? row->hears : 0;
		(*at)->sound = *vc_mix_sound_of(m, class);
		(*at)->is_told = is_told;
		(*at)->serial = ++m->groups_made;
	}
	(*at)->is_used = true;
	return *at;
}

/* As many at once have a mix of their own for it. */
#define TURNS_MAX 16

static void hear(struct vc_mixer *m, struct vc_mixer_who *who, int64_t now,
		 unsigned int *turns)
{
	struct mix_group *was = who->group, *g;

	who->group = NULL;
	if ((m->conf.policy && !who->row) ||
	    vc_mix_is_off(who, VC_MIXER_DEAF) ||
	    (who->row && vc_mix_is_nobody(m, who->row->hears)) ||
	    vc_mix_is_selected(m, who, MIX_SOUND))
		return;
	g = group_of(m, who->row, who->class, who->told & 1);
	who->group = g;
	who->is_in_group = g && who->row && vc_mix_is_in(m, g->list, who);
	/* Of another format it is another stream. */
	if (g && was && !vc_mix_is_same_sound(&g->sound, &was->sound))
		vc_mix_audio_end(m, &who->mix, now);
	/* Also where there is no shared one yet that he could go to. */
	else if (g && was && (was != g || !g->shared) &&
		 (who->mix || *turns < TURNS_MAX)) {
		*turns += !who->mix;
		vc_mix_turn(m, who, was, now);
	}
}

static void drop_groups(struct vc_mixer *m, int64_t now)
{
	struct mix_group **at = &m->groups, *g;

	while ((g = *at)) {
		if (g->is_used) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		vc_mix_group_leave(m, g, now);
		vc_mix_group_free(g);
	}
}

static void fill_group(struct vc_mixer *m, struct mix_group *g)
{
	g->heard.n = 0;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next) {
		if (vc_mix_is_off(who, VC_MIXER_MUTED) ||
		    !vc_mix_is_in(m, g->list, who))
			continue;
		if (vc_mix_set_add(&g->heard, who))
			m->is_stale = true;
		who->is_audible = true;
	}
	vc_mix_voices_settle(m, g);
}

static void resolve_sound(struct vc_mixer *m, int64_t now)
{
	const struct vc_policy *p = m->conf.policy;
	bool is_selected = vc_mix_is_selected(m, &m->stranger, MIX_SOUND);
	const struct vc_policy_row *row = is_selected ? NULL : m->stranger.row;
	struct vc_mixer_who *who;
	unsigned int turns = 0;
	struct mix_group *g;

	for (g = m->groups; g; g = g->next)
		g->is_used = false;
	if (!p && !is_selected)
		(void)group_of(m, NULL, NULL, false);
	for (who = m->whos; who; who = who->next)
		hear(m, who, now, &turns);
	drop_groups(m, now);
	for (who = m->whos; who; who = who->next)
		who->is_audible = who->is_always = false;
	vc_stage_doze(m);
	for (g = m->groups; g; g = g->next) {
		fill_group(m, g);
		g->is_for_others =
			(!p || row) &&
			vc_mix_is_group(m, g, row, class_of(m, row), false);
		g->is_moved = true;
		/* To be told again. */
		if (g->shared && vc_mix_set_is_renamed(&g->shared->whos))
			g->shared->whos.n = 0;
	}
	for (who = m->whos; who; who = who->next)
		vc_mix_own_address(m, who, now);
}

/* --- pictures --- */

const struct vc_arrange *vc_mix_layout_of(const struct vc_mixer *m,
					  const struct vc_policy_row *row)
{
	if (!row || !row->layout || !m->conf.arrange)
		return NULL;
	return m->conf.arrange(m->conf.ctx, row->layout);
}

/* Which one is a view: nothing else tells two from each other. */
struct view_key {
	unsigned int list;
	const struct vc_arrange *layout;
	struct mix_format format;
	const struct vc_mixer_who *own;
	bool has_own;
	bool is_default; /* tells none: the layout is not of a row */
};

static bool is_view(const struct mix_video *v, const struct view_key *key)
{
	return v->list == key->list && v->layout == key->layout &&
	       v->own == key->own && v->has_own == key->has_own &&
	       vc_mix_is_same_format(&v->format, &key->format);
}

/* The one that was opened to see that it can be, or a new one. NULL. */
static struct mix_video *open_view(struct vc_mixer *m,
				   const struct view_key *key)
{
	struct mix_video *v = m->spare;
	int err;

	if (v && vc_mix_is_same_format(&v->format, &key->format))
		m->spare = NULL;
	else
		v = vc_mix_view_new(m, &key->format, &err);
	if (!v)
		return NULL;
	v->list = key->list;
	v->layout = key->layout;
	v->own = key->own;
	v->has_own = key->has_own;
	return v;
}

static struct mix_video *view_of(struct vc_mixer *m, const struct view_key *key)
{
	struct mix_video **at = &m->views;

	while (*at && !is_view(*at, key))
		at = &(*at)->next;
	if (!*at)
		*at = open_view(m, key);
	if (!*at) {
		m->is_stale = true;
		return NULL;
	}
	(*at)->is_used = true;
	(*at)->is_default |= key->is_default;
	return *at;
}

/* The view of a row that is not somebody's own. */
static struct view_key key_of(const struct vc_mixer *m,
			      const struct vc_policy_row *row,
			      const struct vc_outclass *class)
{
	const struct vc_arrange *layout = vc_mix_layout_of(m, row);

	return (struct view_key){ .list = row ? row->sees : 0,
				  .layout = layout ? layout : m->conf.layout,
				  .format = vc_mix_format(m, class),
				  .is_default = !layout };
}

static void see(struct vc_mixer *m, struct vc_mixer_who *who)
{
	struct view_key key = key_of(m, who->row, who->class);
	bool sees_any = (!m->conf.policy || who->row) &&
			!vc_mix_is_off(who, 0) &&
			!(who->row && vc_mix_is_nobody(m, who->row->sees) &&
			  !who->row->sees_self);
	bool has_view = sees_any && vc_mix_has_view(m, who);

	who->is_viewing &= sees_any;
	who->view = NULL;
	if (!has_view)
		return;
	if (who->row &&
	    vc_mix_is_in(m, who->row->sees, who) != who->row->sees_self) {
		key.own = who;
		key.has_own = who->row->sees_self;
	}
	who->view = view_of(m, &key);
}

static void drop_views(struct vc_mixer *m, int64_t now)
{
	struct mix_video **at = &m->views, *v;

	while ((v = *at)) {
		if (v->is_used) {
			at = &v->next;
			continue;
		}
		*at = v->next;
		v->is_awaited = false;
		vc_mix_view_end(m, v, now);
		vc_mix_view_free(v);
	}
}

#define EARS_MAX 16

/* What they hear whom a view is for: lists of the policy. */
struct ears {
	unsigned int lists[EARS_MAX];
	size_t n; /* EARS_MAX: or anybody; 0: nobody */
};

/* With the row (or NULL) of one more. */
static void add_ears(const struct vc_mixer *m, struct ears *ears,
		     const struct vc_policy_row *row)
{
	size_t i = 0;

	if (!row || vc_mix_is_nobody(m, row->hears))
		return;
	while (i < ears->n && ears->lists[i] != row->hears)
		i++;
	if (i == EARS_MAX || i < ears->n)
		return;
	ears->lists[i] = row->hears;
	ears->n++;
}

/* Does one of them hear him? Where they hear nobody it goes by others' ears. */
static bool do_hear(const struct vc_mixer *m, const struct ears *ears,
		    const struct vc_mixer_who *who)
{
	for (size_t i = 0; i < ears->n; i++)
		if (vc_mix_is_in(m, ears->lists[i], who))
			return true;
	return !ears->n || ears->n == EARS_MAX;
}

/* 'others': the row of those who are not known, if it is for them, or NULL. */
static void fill_view(struct vc_mixer *m, struct mix_video *v,
		      const struct vc_policy_row *others)
{
	struct ears ears = { .n = 0 };
	bool is_within;

	add_ears(m, &ears, others);
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		if (who->view == v)
			add_ears(m, &ears, who->row);
	v->seen.n = v->heard.n = 0;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next) {
		is_within = vc_mix_is_in(m, v->list, who);
		if (who == v->own)
			is_within = v->has_own;
		if (!is_within || vc_mix_is_off(who, VC_MIXER_HIDDEN))
			continue;
		if (vc_mix_set_add(&v->seen, who) ||
		    (do_hear(m, &ears, who) && vc_mix_set_add(&v->heard, who)))
			m->is_stale = true;
		who->is_visible = true;
	}
}

static void resolve_pictures(struct vc_mixer *m, int64_t now)
{
	const struct vc_policy *p = m->conf.policy;
	bool has_others = vc_mix_has_view(m, &m->stranger);
	const struct vc_policy_row *row = has_others ? m->stranger.row : NULL;
	const struct view_key others = key_of(m, row, class_of(m, row));
	struct vc_mixer_who *who;
	struct mix_video *v;

	for (v = m->views; v; v = v->next)
		v->is_used = v->is_default = false;
	if (!p && has_others)
		(void)view_of(m, &others);
	for (who = m->whos; who; who = who->next)
		see(m, who);
	drop_views(m, now);
	for (who = m->whos; who; who = who->next)
		who->is_visible = false;
	m->stranger.view = NULL;
	for (v = m->views; v; v = v->next) {
		if ((!p || row) && is_view(v, &others))
			m->stranger.view = v;
		fill_view(m, v, m->stranger.view == v ? row : NULL);
	}
	vc_mix_views_address(m, now);
	/* Who is seen again comes as at first. */
	for (who = m->whos; who; who = who->next)
		if (!who->is_visible)
			who->has_come = who->was_shown = false;
}

void vc_mix_resolve(struct vc_mixer *m, int64_t now)
{
	if (!m->is_stale)
		return;
	m->is_stale = false;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		tell_role(m, who, now);
	m->stranger.row = row_of_strangers(m);
	m->stranger.class = class_of(m, m->stranger.row);
	vc_mix_stages(m);
	if (m->conf.audio)
		resolve_sound(m, now);
	if (m->conf.video)
		resolve_pictures(m, now);
	vc_mix_select(m, now);
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		who->is_renamed = false;
	vc_mix_chains(m);
}
