/* SPDX-License-Identifier: MIT */
/*
 * What is played to people is added to the sums of their groups: those who hear
 * it and those who do not are groups of their own for as long. One that is
 * ended falls silent within a tick; what is to follow it begins with the next.
 * Who is told of what: bit 0 of 'told' is what is played now, bit 1 what follows.
 */
#include <string.h>

#include "engine/announce.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"

void vc_mixer_announce(struct vc_mixer *m, struct vc_announce *a,
		       bool is_for_all)
{
	struct mix_play *p = &m->play;

	vc_announce_free(p->next);
	p->next = a;
	p->next_is_for_all = is_for_all;
	p->is_ending = p->now != NULL;
	m->had_audio |= a != NULL;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		who->told &= 1;
}

void vc_mixer_announce_to(struct vc_mixer_who *who)
{
	who->told |= 2;
}

/* Who came, or is to hear others, since the last tick has no group so far; who
 * gets somebody's sound as it is will have one while it plays. */
bool vc_mixer_is_reached(const struct vc_mixer *m,
			 const struct vc_mixer_who *who)
{
	return who->group || m->is_stale ||
	       (m->conf.audio_way == VC_MIXER_AUTO &&
		vc_mix_is_selected(m, who, MIX_SOUND));
}

static void follow(struct vc_mixer *m)
{
	struct mix_play *p = &m->play;

	vc_announce_free(p->now);
	p->now = p->next;
	p->next = NULL;
	p->is_for_all = p->next_is_for_all;
	p->is_ending = false;
	/* Who gets something as it is hears nothing else. */
	m->is_stale |= m->conf.audio_way == VC_MIXER_AUTO;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next) {
		m->is_stale |= (who->told >> 1) != (who->told & 1);
		who->told >>= 1;
	}
}

bool vc_mix_is_played_to(const struct vc_mixer *m,
			 const struct vc_mixer_who *who)
{
	return m->play.now && (m->play.is_for_all || who->told & 1);
}

void vc_mix_play_begin(struct vc_mixer *m)
{
	struct mix_play *p = &m->play;
	struct vc_gain gain;

	if (!p->now && p->next)
		follow(m);
	p->has_sound = p->now && vc_announce_next(p->now, p->wide);
	if (p->now && !p->has_sound)
		follow(m);
	if (!p->has_sound)
		return;
	vc_gain_init(&gain, NULL);
	if (p->is_ending)
		vc_gain_run(&gain, p->wide, VC_MIXER_SAMPLES, 2,
			    (int32_t[]){ 0, 0 });
	vc_mixsum_fold(p->wide, VC_MIXER_SAMPLES, p->pcm);
}

void vc_mix_play_add(struct vc_mixer *m, struct mix_group *g)
{
	const struct mix_play *p = &m->play;

	if (p->has_sound && (p->is_for_all || g->is_told))
		vc_mixsum_add(&g->sum,
			      g->sound.enc.channels == 2 ? p->wide : p->pcm);
}

void vc_mix_play_end(struct vc_mixer *m)
{
	if (m->play.now && m->play.is_ending)
		follow(m);
}

bool vc_mixer_is_announcing(const struct vc_mixer *m)
{
	return m->play.now || m->play.next;
}

void vc_mix_play_free(struct vc_mixer *m)
{
	vc_announce_free(m->play.now);
	vc_announce_free(m->play.next);
}
