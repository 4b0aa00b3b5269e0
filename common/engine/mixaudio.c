/* SPDX-License-Identifier: MIT */
/*
 * A tick: what is due of every participant (mixsound.c) is added up in each
 * group where he is one of the voices (mixvoice.c); each output gets the sum of
 * its group, or that less one. An output begins with the first tick after there
 * was sound and goes on through silence, so that its time line has no holes.
 *
 * Only who is heard now has a mix of his own; all others of a group hear the
 * shared one, encoded once. The encoder of who comes in begins as a copy of the
 * shared one, whose packets his decoder has had so far. A second after his voice
 * has left the sum he goes back, as soon as both encoders, which have the same
 * sound now, make the same packets: that is mostly at once, else in the next
 * pause. Whoever sends him his sound (vc-send, --as) has the packets to renumber
 * and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"
#include "media/level.h"

#define VOICE 50 /* -dBov: louder is taken for voice */
#define BACK VC_SEC
#define PATIENCE (4 * VC_SEC) /* with encoders that stay different */
#define ALIKE 5		      /* packets in a row */

void vc_mix_audio_free(struct mix_audio *a)
{
	if (!a)
		return;
	vc_soundenc_free(a->enc);
	vc_mix_set_free(&a->whos);
	free(a);
}

void vc_mix_group_free(struct mix_group *g)
{
	vc_mix_audio_free(g->shared);
	vc_mix_set_free(&g->heard);
	vc_mix_set_free(&g->to);
	free(g->voices);
	free(g->candidates);
	free(g);
}

void vc_mix_audio_end(struct vc_mixer *m, struct mix_audio **a, int64_t now)
{
	if (!*a)
		return;
	vc_tx_bye(&(*a)->out.tx, now, NULL);
	if (m->conf.end)
		m->conf.end(m->conf.ctx, &(*a)->out, now);
	vc_mix_audio_free(*a);
	*a = NULL;
}

/* Nobody gets it from now on. */
static void leave(struct vc_mixer *m, struct mix_audio **a, int64_t now)
{
	const struct mix_set nobody = { 0 };

	if (!*a)
		return;
	vc_mix_address(m, &(*a)->out, &(*a)->whos, &nobody, false, now);
	(*a)->next = m->ending;
	m->ending = *a;
	*a = NULL;
}

void vc_mix_group_leave(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	leave(m, &g->shared, now);
}

void vc_mix_audio_end_left(struct vc_mixer *m, int64_t now)
{
	while (m->ending) {
		struct mix_audio *a = m->ending;

		m->ending = a->next;
		vc_mix_audio_end(m, &a, now);
	}
}

/* As 'from', which his decoder has followed; NULL: none yet. */
static struct mix_audio *open_mix(struct vc_mixer *m,
				  const struct vc_mixer_sound *sound,
				  bool is_first, const struct mix_audio *from)
{
	struct mix_audio *a = vc_try_alloc(1, sizeof(*a));
	char purpose[32] = "audio";
	int err;

	if (!a)
		return NULL;
	a->enc = vc_soundenc_new(&sound->enc, &err);
	if (!a->enc) {
		free(a);
		return NULL;
	}
	/* By number, not by id: who comes back is a new source. */
	if (!is_first)
		snprintf(purpose, sizeof(purpose), "audio.%llu",
			 (unsigned long long)m->outs);
	m->outs++;
	vc_limiter_init(&a->limiter);
	if (from && !vc_soundenc_copy(a->enc, from->enc)) {
		a->limiter = from->limiter;
		a->calm = from->calm;
		a->group = from->group;
		memcpy(a->last, from->last, sizeof(a->last));
	}
	vc_mix_out_init(m, &a->out, purpose, sound->enc.codec, sound->pt,
			vc_soundenc_clock(a->enc));
	a->out.tx.csrc = a->csrc;
	a->out.tx.csrc_levels = a->csrc_levels;
	return a;
}

void vc_mix_turn(struct vc_mixer *m, struct vc_mixer_who *who,
		 const struct mix_group *g, int64_t now)
{
	if (!who->mix && g->shared)
		who->mix = open_mix(m, &g->sound, false, g->shared);
	who->is_turning = who->mix;
	who->mix_until = now + BACK;
}

/* Where it was of another group the end of that is played backwards. */
static void turn(struct mix_audio *a, const struct mix_group *g, int16_t *pcm)
{
	const int channels = (int)g->sound.enc.channels;
	const int n = VC_MIX_TURN * channels;

	for (int i = 0; a->group && a->group != g->serial && i < n; i++) {
		int at = i / channels, c = i % channels;
		int then = a->last[(VC_MIX_TURN - 1 - at) * channels + c];

		pcm[i] = (int16_t)((pcm[i] * at + then * (VC_MIX_TURN - at)) /
				   VC_MIX_TURN);
	}
	a->group = g->serial;
	memcpy(a->last, pcm + VC_MIXER_SAMPLES * channels - n,
	       (size_t)n * sizeof(*pcm));
}

static void judge(struct vc_mixer *m, struct vc_mixer_who *who, int64_t now)
{
	if (!vc_talk_hear(&who->talk, who->level, now))
		return;
	who->is_talking = who->talk.is_talking;
	if (who->is_talking)
		who->talks_from = now;
	if (m->conf.speaker)
		m->conf.speaker(m->conf.ctx, who, who->is_talking, -who->level,
				now);
}

static uint64_t hash(uint64_t h, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

static void compare(struct mix_audio *own, const struct mix_audio *shared)
{
	if (shared && own->hash == shared->hash)
		own->alike += own->hash != 0;
	else
		own->alike = 0;
}

/* 'who': whose own it is, or NULL. */
static void encode(struct vc_mixer *m, const struct mix_group *g,
		   struct mix_audio *a, const struct vc_mixer_who *who,
		   int64_t now)
{
	struct vc_soundenc_packet packet;
	int16_t pcm[2 * VC_MIXER_SAMPLES];

	vc_mixsum_out(&g->sum, who ? vc_mix_voice_pcm(g, who) : NULL,
		      &a->limiter, pcm);
	turn(a, g, pcm);
	vc_calm_run(&a->calm, &m->hiss, pcm, VC_MIXER_SAMPLES,
		    g->sound.enc.channels);
	a->out.tx.n_csrc = vc_mix_voices_csrc(g, a->csrc, a->csrc_levels, who);
	a->hash = 0;
	vc_soundenc_put(a->enc, pcm);
	while (vc_soundenc_next(a->enc, &packet) > 0) {
		m->encoded++;
		a->hash = hash(a->hash + 1, packet.p, packet.len);
		vc_tx_audio(&a->out.tx, now, now - packet.back, packet.p,
			    packet.len, packet.level_dbov,
			    packet.level_dbov < VOICE, false);
	}
	if (who)
		compare(a, g->shared);
}

void vc_mix_group_address(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	if (g->shared)
		vc_mix_address(m, &g->shared->out, &g->shared->whos, &g->to,
			       g->is_for_others, now);
}

void vc_mix_own_address(struct vc_mixer *m, struct vc_mixer_who *who,
			int64_t now)
{
	const struct mix_set him = { &who, 1, 1 };

	if (who->mix)
		vc_mix_address(m, &who->mix->out, &who->mix->whos, &him, false,
			       now);
}

/* His own mix, or the shared one? */
static bool needs_own(struct vc_mixer_who *who, int64_t now)
{
	const struct mix_group *g = who->group;

	if (!g || (!who->is_in_group && !who->is_turning))
		return false;
	if (who->is_in_group && vc_mix_voice_of(g, who)) {
		who->mix_until = now + BACK;
		return true;
	}
	if (!who->mix || !g->shared)
		return who->mix;
	return now < who->mix_until ||
	       (who->mix->alike < ALIKE && now < who->mix_until + PATIENCE);
}

static void settle_own(struct vc_mixer *m, struct vc_mixer_who *who,
		       int64_t now)
{
	if (who->is_own == (who->mix != NULL))
		return;
	if (who->is_own)
		who->mix = open_mix(m, &who->group->sound, false,
				    who->group->shared);
	else
		leave(m, &who->mix, now);
	who->is_turning &= who->is_own;
	if (who->group)
		who->group->is_moved = true;
}

/* Whom the shared mix is for. */
static void settle_shared(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	struct vc_mixer_who *who;

	if (!g->is_moved)
		return;
	g->is_moved = false;
	g->to.n = 0;
	for (who = m->whos; who; who = who->next)
		if (who->group == g && !who->mix && vc_mix_set_add(&g->to, who))
			g->is_moved = true;
	if (!g->is_wanted)
		leave(m, &g->shared, now);
	vc_mix_group_address(m, g, now);
}

/*
 * A shared mix is there before the first of those that are copied from it, and
 * goes after the last one.
 */
static void settle_mixes(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_who *who;
	struct mix_group *g;

	for (g = m->groups; g; g = g->next)
		g->is_wanted = !m->conf.policy || !g->has_all;
	for (who = m->whos; who; who = who->next) {
		who->is_own = needs_own(who, now);
		if (who->group && (!who->is_own || !who->is_in_group))
			who->group->is_wanted = true;
	}
	for (g = m->groups; g; g = g->next)
		if (g->is_wanted && !g->shared)
			g->shared = open_mix(m, &g->sound,
					     !m->conf.policy && !m->outs, NULL);
	for (who = m->whos; who; who = who->next)
		settle_own(m, who, now);
	for (g = m->groups; g; g = g->next)
		settle_shared(m, g, now);
}

static void encode_own(struct vc_mixer *m, struct vc_mixer_who *who,
		       int64_t now)
{
	if (!who->mix)
		return;
	if (!who->mix->out.n_whos)
		vc_mix_own_address(m, who, now);
	encode(m, who->group, who->mix, who, now);
}

static void encode_all(struct vc_mixer *m, int64_t now)
{
	for (struct mix_group *g = m->groups; g; g = g->next) {
		vc_mix_voices_add(g);
		vc_mix_play_add(m, g);
		if (g->shared)
			encode(m, g, g->shared, NULL, now);
	}
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		encode_own(m, who, now);
	for (struct mix_group *g = m->groups; g; g = g->next)
		vc_mix_voices_end(g);
}

/* There was no sound yet, but text may be sent on. */
static void tick_text(struct vc_mixer *m, int64_t now)
{
	if (!m->forwards)
		return;
	vc_mix_resolve(m, now);
	vc_mix_select_tick(m, now);
	vc_mix_sdes(m, now);
}

void vc_mixer_audio(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_who *who;
	struct mix_group *g;

	m->ticks++;
	if (!m->had_audio) {
		tick_text(m, now);
		return;
	}
	vc_mix_play_begin(m);
	vc_mix_resolve(m, now);
	for (who = m->whos; who; who = who->next) {
		vc_mix_listen(who, now);
		judge(m, who, now);
	}
	for (g = m->groups; g; g = g->next)
		vc_mix_voices_choose(m, g, now);
	for (who = m->whos; who; who = who->next)
		if (!who->is_asleep)
			vc_mix_sound(m, who);
	settle_mixes(m, now);
	if (m->conf.noise_dbov)
		vc_hiss_next(&m->hiss, VC_MIXER_SAMPLES);
	encode_all(m, now);
	vc_mix_delay_tick(m, now);
	/* What is heard instead has begun. */
	vc_mix_audio_end_left(m, now);
	vc_mix_forward_end_left(m, now);
	vc_mix_select_tick(m, now);
	vc_mix_play_end(m);
	vc_mix_sdes(m, now);
}
