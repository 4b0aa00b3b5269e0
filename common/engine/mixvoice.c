/* SPDX-License-Identifier: MIT */
/*
 * The voices of a group: those of the people it hears who are in its sum now.
 * Where no more may be heard than --talkers, all are. Else those are who talk, the
 * loudest of them (media/talkers.h). Who comes in while he speaks rises, who is
 * put out falls, within a few milliseconds, so that there is no step. Of who is
 * muted or has gone there is no sound to fall: what he said last is played
 * backwards, which joins without a step as well.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/mixer_internal.h"

#define RISE 240 /* samples */
#define FALL 480

static void rise(int16_t *out, const int16_t *pcm, int channels)
{
	memcpy(out, pcm, (size_t)(VC_MIXER_SAMPLES * channels) * sizeof(*out));
	for (int i = 0; i < RISE * channels; i++)
		out[i] = (int16_t)(pcm[i] * (i / channels) / RISE);
}

static void fall(int16_t *out, const int16_t *pcm, int channels,
		 bool is_backwards)
{
	memset(out, 0, (size_t)(VC_MIXER_SAMPLES * channels) * sizeof(*out));
	for (int i = 0; i < FALL; i++) {
		int from = is_backwards ? VC_MIXER_SAMPLES - 1 - i : i;

		for (int c = 0; c < channels; c++)
			out[i * channels + c] =
				(int16_t)(pcm[from * channels + c] *
					  (FALL - i) / FALL);
	}
}

/* In as many channels as the group has. */
static const int16_t *sound_of(const struct mix_group *g,
			       const struct vc_mixer_who *who)
{
	return g->sound.enc.channels == 2 ? who->wide : who->pcm;
}

/* The first that is his or of somebody who came later. */
static size_t place_of(const struct mix_group *g, uint64_t serial)
{
	size_t i = 0;

	while (i < g->n_voices && g->voices[i].serial < serial)
		i++;
	return i;
}

static struct mix_voice *find(const struct mix_group *g,
			      const struct vc_mixer_who *who)
{
	size_t i = place_of(g, who->serial);

	return i < g->n_voices && g->voices[i].serial == who->serial ?
		       &g->voices[i] :
		       NULL;
}

static struct mix_voice *insert(struct mix_group *g, struct vc_mixer_who *who)
{
	size_t at = place_of(g, who->serial);
	struct mix_voice *more;
	size_t cap = g->voices_cap ? 2 * g->voices_cap : 4;

	if (g->n_voices == g->voices_cap) {
		more = vc_try_alloc(cap, sizeof(*more));
		if (!more)
			return NULL;
		if (g->n_voices)
			memcpy(more, g->voices, g->n_voices * sizeof(*more));
		free(g->voices);
		g->voices = more;
		g->voices_cap = cap;
	}
	memmove(&g->voices[at + 1], &g->voices[at],
		(g->n_voices - at) * sizeof(*g->voices));
	g->n_voices++;
	g->voices[at] = (struct mix_voice){ .who = who, .serial = who->serial };
	who->n_voices++;
	return &g->voices[at];
}

static void come_in(struct mix_group *g, struct vc_mixer_who *who, int64_t now)
{
	struct mix_voice *v = find(g, who);

	if (v) { /* he was about to leave */
		v->state = MIX_VOICE_IN;
		v->is_backwards = false;
	} else if ((v = insert(g, who))) {
		vc_mix_wake(who, now);
		v->state = who->was_heard ? MIX_VOICE_RISES : MIX_VOICE_IN;
	}
}

/* In order of arrival, as both lists are. */
static size_t list_candidates(struct mix_group *g, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < g->heard.n; i++) {
		struct vc_mixer_who *who = g->heard.v[i];
		bool is_active = vc_talk_is_active(&who->talk, now);
		struct mix_voice *v = is_active || g->n_voices ? find(g, who) :
								 NULL;
		bool is_in = v && v->state != MIX_VOICE_FALLS;

		if (is_active || v)
			g->candidates[n++] = (struct vc_talker){
				.who = who,
				.score = who->talk.score,
				.rank = vc_talk_rank(&who->talk, is_in, now),
				.is_active = is_active,
				.is_speaking =
					vc_talk_is_speaking(&who->talk, now),
				.is_in = is_in,
			};
	}
	return n;
}

static void choose(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	size_t n = list_candidates(g, now);
	struct mix_voice *v;

	vc_talkers_choose(g->candidates, n, m->conf.talkers);
	for (size_t i = 0; i < n; i++) {
		v = find(g, g->candidates[i].who);
		if (!g->candidates[i].is_in && v && v->state != MIX_VOICE_FALLS)
			v->state = MIX_VOICE_FALLS;
		else if (g->candidates[i].is_in &&
			 (!v || v->state == MIX_VOICE_FALLS))
			come_in(g, g->candidates[i].who, now);
	}
}

void vc_mix_voices_choose(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	if (!g->has_all) {
		choose(m, g, now);
		return;
	}
	for (size_t i = 0; i < g->heard.n; i++)
		if (!vc_mix_voice_of(g, g->heard.v[i]))
			come_in(g, g->heard.v[i], now);
}

const struct mix_voice *vc_mix_voice_of(const struct mix_group *g,
					const struct vc_mixer_who *who)
{
	const struct mix_voice *v = find(g, who);

	return v && v->state != MIX_VOICE_FALLS ? v : NULL;
}

/* What of him is in the sum of this tick. */
static void take(const struct mix_group *g, struct mix_voice *v)
{
	int channels = (int)g->sound.enc.channels;

	if (v->is_backwards)
		return;
	v->has_sound = v->who->is_heard;
	v->is_faded = v->has_sound && v->state != MIX_VOICE_IN;
	if (v->is_faded && v->state == MIX_VOICE_RISES)
		rise(v->faded, sound_of(g, v->who), channels);
	else if (v->is_faded)
		fall(v->faded, sound_of(g, v->who), channels, false);
}

static const int16_t *pcm_of(const struct mix_group *g,
			     const struct mix_voice *v)
{
	if (!v->has_sound)
		return NULL;
	return v->is_faded ? v->faded : sound_of(g, v->who);
}

void vc_mix_voices_add(struct mix_group *g)
{
	const int16_t *pcm;

	if (g->sound.enc.channels == 2)
		vc_mixsum_begin_stereo(&g->sum, VC_MIXER_SAMPLES);
	else
		vc_mixsum_begin(&g->sum, VC_MIXER_SAMPLES);
	for (size_t i = 0; i < g->n_voices; i++) {
		take(g, &g->voices[i]);
		pcm = pcm_of(g, &g->voices[i]);
		if (pcm)
			vc_mixsum_add(&g->sum, pcm);
	}
}

const int16_t *vc_mix_voice_pcm(const struct mix_group *g,
				const struct vc_mixer_who *who)
{
	const struct mix_voice *v = find(g, who);

	return v ? pcm_of(g, v) : NULL;
}

void vc_mix_voices_end(struct mix_group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_voices; i++) {
		if (g->voices[i].state == MIX_VOICE_FALLS) {
			if (g->voices[i].who)
				g->voices[i].who->n_voices--;
			continue;
		}
		g->voices[i].state = MIX_VOICE_IN;
		if (n != i)
			g->voices[n] = g->voices[i];
		n++;
	}
	g->n_voices = n;
}

static void leave(const struct mix_group *g, struct mix_voice *v)
{
	if (v->state == MIX_VOICE_FALLS)
		return;
	v->state = MIX_VOICE_FALLS;
	v->is_backwards = true;
	v->has_sound = v->is_faded = v->who->is_heard;
	if (v->has_sound)
		fall(v->faded, sound_of(g, v->who), (int)g->sound.enc.channels,
		     true);
}

static bool has_room(struct mix_group *g)
{
	size_t cap = 2 * g->heard.n;
	struct vc_talker *more;

	if (g->heard.n <= g->candidates_cap)
		return true;
	more = vc_try_alloc(cap, sizeof(*more));
	if (!more)
		return false;
	free(g->candidates);
	g->candidates = more;
	g->candidates_cap = cap;
	return true;
}

void vc_mix_voices_settle(const struct vc_mixer *m, struct mix_group *g)
{
	size_t at = 0;

	g->has_all = g->heard.n <= m->conf.talkers || !has_room(g);
	for (size_t i = 0; g->has_all && i < g->heard.n; i++)
		g->heard.v[i]->is_always = true;

	/* Both are in order of arrival. */
	for (size_t i = 0; i < g->n_voices; i++) {
		while (at < g->heard.n &&
		       g->heard.v[at]->serial < g->voices[i].serial)
			at++;
		if (at == g->heard.n || g->heard.v[at] != g->voices[i].who)
			leave(g, &g->voices[i]);
	}
}

void vc_mix_voice_forget(struct mix_group *g, const struct vc_mixer_who *who)
{
	struct mix_voice *v = find(g, who);

	if (!v)
		return;
	leave(g, v);
	v->who = NULL;
}

unsigned int vc_mix_voices_csrc(const struct mix_group *g, uint32_t *csrc,
				uint8_t *levels,
				const struct vc_mixer_who *minus)
{
	const struct vc_mixer_source *s;
	const struct mix_voice *v;
	unsigned int n = 0;

	for (size_t i = 0; i < g->n_voices; i++) {
		v = &g->voices[i];
		if (!v->has_sound || !v->who || v->who == minus)
			continue;
		for (s = v->who->sources; s; s = s->next)
			if (s->audio && s->is_heard && n < VC_RTP_CSRC_MAX) {
				csrc[n] = s->ssrc;
				levels[n] = v->who->level;
				n++;
			}
	}
	return n;
}
