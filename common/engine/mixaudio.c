/* SPDX-License-Identifier: MIT */
/*
 * A tick: what is due of every source is added up, each participant's first
 * into one (he may have two microphones), then all whom a group hears; each
 * output gets the sum of its group, or that less one. An output begins with the first tick after
 * there was sound and goes on through silence, so that its time line has no
 * holes. Who talks is told by level, with hysteresis.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "media/level.h"

#define VOICE 50 /* -dBov: louder is taken for voice */
#define TALK_ON 45
#define TALK_OFF 52
#define ON_TICKS 3   /* 60 ms */
#define OFF_TICKS 30 /* 600 ms: a pause between words is none */

void vc_mix_audio_free(struct mix_audio *a)
{
	if (!a)
		return;
	vc_opus_enc_free(a->enc);
	vc_mix_set_free(&a->whos);
	free(a);
}

void vc_mix_group_end(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	vc_mix_audio_end(m, &g->shared, now);
}

void vc_mix_group_free(struct mix_group *g)
{
	vc_mix_audio_free(g->shared);
	vc_mix_set_free(&g->heard);
	vc_mix_set_free(&g->to);
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

static struct mix_audio *open_mix(struct vc_mixer *m, bool is_first)
{
	const struct vc_opus_enc_cfg conf = {
		.rate_hz = VC_AUDIORX_RATE,
		.channels = 1,
		.bitrate_bps = m->conf.abitrate_bps,
		.complexity = VC_OPUS_COMPLEXITY,
		.ptime_ms = 20,
	};
	struct mix_audio *a = vc_try_alloc(1, sizeof(*a));
	char purpose[32] = "audio";
	int err;

	if (!a)
		return NULL;
	a->enc = vc_opus_enc_new(&conf, &err);
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
	vc_mix_out_init(m, &a->out, purpose, VC_AUDIO);
	a->out.tx.csrc = a->csrc;
	return a;
}

static int16_t clamp(int v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

/* All his sources into who->pcm. */
static void pull(struct vc_mixer_who *who, int64_t from)
{
	int16_t pcm[VC_MIXER_SAMPLES];

	who->is_heard = false;
	for (struct vc_mixer_source *s = who->sources; s; s = s->next) {
		if (!s->audio)
			continue;
		s->is_heard =
			vc_audiorx_pull(s->audio, from, pcm, VC_MIXER_SAMPLES);
		if (!s->is_heard)
			continue;
		if (!who->is_heard)
			memcpy(who->pcm, pcm, sizeof(pcm));
		else
			for (size_t i = 0; i < VC_MIXER_SAMPLES; i++)
				who->pcm[i] = clamp(who->pcm[i] + pcm[i]);
		who->is_heard = true;
	}
}

static void judge(struct vc_mixer *m, struct vc_mixer_who *who, int64_t now)
{
	uint8_t level =
		who->is_heard ? vc_level_dbov(who->pcm, VC_MIXER_SAMPLES) : 127;
	bool was_talking = who->is_talking;

	who->loud = level <= TALK_ON ? who->loud + 1 : 0;
	who->quiet = level >= TALK_OFF ? who->quiet + 1 : 0;
	if (who->loud >= ON_TICKS)
		who->is_talking = true;
	if (who->quiet >= OFF_TICKS)
		who->is_talking = false;
	if (who->is_talking && !was_talking)
		who->talks_from = now;
	if (who->is_talking != was_talking && m->conf.speaker)
		m->conf.speaker(m->conf.ctx, who, who->is_talking, -level, now);
}

/* Those who are in it, but for 'minus'. */
static unsigned int list_csrc(const struct mix_group *g, uint32_t *csrc,
			      const struct vc_mixer_who *minus)
{
	const struct vc_mixer_source *s;
	unsigned int n = 0;

	for (size_t i = 0; i < g->heard.n; i++)
		for (s = g->heard.v[i]->sources; s; s = s->next)
			if (g->heard.v[i] != minus && s->audio && s->is_heard &&
			    n < VC_RTP_CSRC_MAX)
				csrc[n++] = s->ssrc;
	return n;
}

/* 'who': whose own it is, or NULL. */
static void encode(struct vc_mixer *m, const struct mix_group *g,
		   struct mix_audio *a, const struct vc_mixer_who *who,
		   int64_t now)
{
	/* Who is muted is not in the sum. */
	bool is_in_it = who && who->is_heard && !(who->off & VC_MIXER_MUTED);
	uint8_t packet[VC_OPUS_PACKET_MAX];
	int16_t pcm[VC_MIXER_SAMPLES];
	uint8_t level;
	int len;

	vc_mixsum_out(&g->sum, is_in_it ? who->pcm : NULL, &a->limiter, pcm);
	len = vc_opus_encode(a->enc, pcm, VC_MIXER_SAMPLES, packet,
			     sizeof(packet));
	if (len < 0)
		return;
	m->encoded++;
	level = vc_level_dbov(pcm, VC_MIXER_SAMPLES);
	a->out.tx.n_csrc = list_csrc(g, a->csrc, who);
	vc_tx_audio(&a->out.tx, now, now - VC_MIXER_TICK, packet, (size_t)len,
		    level, level < VOICE, false);
}

static void add_up(struct mix_group *g)
{
	vc_mixsum_begin(&g->sum, VC_MIXER_SAMPLES);
	for (size_t i = 0; i < g->heard.n; i++)
		if (g->heard.v[i]->is_heard)
			vc_mixsum_add(&g->sum, g->heard.v[i]->pcm);
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

static void encode_shared(struct vc_mixer *m, struct mix_group *g, int64_t now)
{
	if (!g->shared && (g->to.n || !m->conf.policy)) {
		g->shared = open_mix(m, !m->conf.policy);
		vc_mix_group_address(m, g, now);
	}
	if (g->shared)
		encode(m, g, g->shared, NULL, now);
}

static void encode_own(struct vc_mixer *m, struct vc_mixer_who *who,
		       int64_t now)
{
	if (!who->mix) {
		who->mix = open_mix(m, false);
		vc_mix_own_address(m, who, now);
	}
	if (who->mix)
		encode(m, who->group, who->mix, who, now);
}

void vc_mixer_audio(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_who *who;
	struct mix_group *g;

	m->ticks++;
	if (!m->had_audio)
		return;
	vc_mix_resolve(m, now);
	for (who = m->whos; who; who = who->next) {
		pull(who, now - VC_MIXER_TICK);
		judge(m, who, now);
	}
	for (g = m->groups; g; g = g->next) {
		add_up(g);
		encode_shared(m, g, now);
	}
	for (who = m->whos; who; who = who->next)
		if (who->group)
			encode_own(m, who, now);
	vc_mix_sdes(m, now);
}
