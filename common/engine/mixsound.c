/* SPDX-License-Identifier: MIT */
/*
 * What happens to a participant's sound between his decoders and the sums. His
 * sources (he may have two microphones) are added up; that is what is judged
 * when it is asked who talks. Then it is made as loud as all others (--agc), and
 * so much louder or softer as the operator wants it.
 *
 * Where some outputs have two channels all is decoded in two; one channel is the
 * mean of them. Who sends one channel has a place between left and right, and
 * keeps it: the first is in the middle, then comes the middle of the left half,
 * of the right half, and so on (the places' numbers are those of the first with
 * their bits the other way round). Who sends two is left as he is, as loud as
 * somebody in the middle.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/mixer_internal.h"

#define AGC_MAX 40 /* dB, whatever gain control says */

const struct vc_mixer_sound *vc_mix_sound_of(const struct vc_mixer *m,
					     const struct vc_outclass *class)
{
	return class && m->conf.class_sounds ?
		       &m->conf.class_sounds[class - m->conf.classes->v] :
		       &m->conf.sound;
}

bool vc_mix_is_same_sound(const struct vc_mixer_sound *a,
			  const struct vc_mixer_sound *b)
{
	return a->pt == b->pt && a->enc.codec == b->enc.codec &&
	       a->enc.rate_hz == b->enc.rate_hz &&
	       a->enc.channels == b->enc.channels &&
	       a->enc.bitrate_bps == b->enc.bitrate_bps &&
	       a->enc.ptime_ms == b->enc.ptime_ms;
}

bool vc_mix_is_group(const struct vc_mixer *m, const struct mix_group *g,
		     const struct vc_policy_row *row,
		     const struct vc_outclass *class, bool is_told)
{
	return g->list == (row ? row->hears : 0) && g->is_told == is_told &&
	       vc_mix_is_same_sound(&g->sound, vc_mix_sound_of(m, class));
}

bool vc_mix_is_wide(const struct vc_mixer *m)
{
	const struct vc_outclasses *all = m->conf.classes;

	for (size_t i = 0; all && i < all->n; i++)
		if (vc_mix_sound_of(m, &all->v[i])->enc.channels == 2)
			return true;
	return m->conf.sound.enc.channels == 2;
}

int vc_mix_sound_init(struct vc_mixer *m, struct vc_mixer_who *who)
{
	vc_gain_init(&who->sound.gain, NULL);
	vc_gain_init(&who->sound.wide, NULL);
	if (m->conf.has_agc) {
		const struct vc_voice_conf conf = { .agc = true };

		who->sound.agc = vc_voice_new(&conf);
		if (!who->sound.agc)
			return -ENOMEM;
	}
	if (!m->is_wide)
		return 0;
	who->wide = vc_try_alloc(2 * VC_MIXER_SAMPLES, sizeof(*who->wide));
	return who->wide ? 0 : -ENOMEM;
}

void vc_mix_sound_clear(struct vc_mixer *m, struct vc_mixer_who *who)
{
	if (who->sound.has_place)
		m->placed[who->sound.place]--;
	vc_voice_free(who->sound.agc);
	free(who->wide);
}

/* --- out of the decoders --- */

static int16_t clamp(int v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

/* 'n' samples of one more of his sources. */
static void add(int16_t *sum, const int16_t *pcm, size_t n, bool is_first)
{
	if (is_first)
		memcpy(sum, pcm, n * sizeof(*pcm));
	else
		for (size_t i = 0; i < n; i++)
			sum[i] = clamp(sum[i] + pcm[i]);
}

void vc_mix_pull(struct vc_mixer_who *who, int64_t from)
{
	int16_t pcm[2 * VC_MIXER_SAMPLES], *sum = who->wide;
	size_t n = 2 * VC_MIXER_SAMPLES;

	if (!sum) {
		sum = who->pcm;
		n = VC_MIXER_SAMPLES;
	}
	who->was_heard = who->is_heard;
	who->is_heard = false;
	who->sound.is_stereo = false;
	who->sound.is_noise = true;
	for (struct vc_mixer_source *s = who->sources; s; s = s->next) {
		if (!s->audio)
			continue;
		s->is_heard =
			vc_audiorx_pull(s->audio, from, pcm, VC_MIXER_SAMPLES);
		if (!s->is_heard)
			continue;
		add(sum, pcm, n, !who->is_heard);
		who->is_heard = true;
		who->sound.is_stereo |= vc_audiorx_is_stereo(s->audio);
		who->sound.is_noise &= vc_audiorx_is_noise(s->audio);
	}
	if (who->wide)
		vc_mixsum_fold(sum, VC_MIXER_SAMPLES, who->pcm);
}

/* --- louder, softer, left and right --- */

/* The first of the places that the fewest have. */
static unsigned int free_place(const struct vc_mixer *m)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < VC_MIX_PLACES; i++)
		if (m->placed[i] < m->placed[best])
			best = i;
	return best;
}

/* 0: left, VC_GAIN_UNITY: right. */
static int32_t where(unsigned int place)
{
	unsigned int n = place + 1, at = 0;

	for (unsigned int bit = (VC_MIX_PLACES + 1) / 2; bit; bit /= 2) {
		at += n & 1 ? bit : 0;
		n /= 2;
	}
	return (int32_t)at * (VC_GAIN_UNITY / (VC_MIX_PLACES + 1));
}

static void widen(struct vc_mixer *m, struct vc_mixer_who *who, int32_t gain)
{
	struct mix_sound *s = &who->sound;
	int32_t to[2];

	if (!s->has_place && who->is_heard) {
		s->place = free_place(m);
		s->has_place = true;
		m->placed[s->place]++;
	}
	vc_gain_place(gain, s->is_stereo ? VC_GAIN_UNITY / 2 : where(s->place),
		      to);
	if (!who->was_heard)
		vc_gain_init(&s->wide, to);
	if (who->is_heard)
		vc_gain_run(&s->wide, who->wide, VC_MIXER_SAMPLES, 2, to);
}

/*
 * What gain control would do to his sound is done here, to both channels and at
 * once: the sound itself does not go through it, which would make it later.
 */
static int level_db(struct mix_sound *s, const int16_t *pcm)
{
	int16_t copy[VC_MIXER_SAMPLES];
	int db;

	memcpy(copy, pcm, sizeof(copy));
	vc_voice_near(s->agc, 0, copy, VC_MIXER_SAMPLES);
	db = vc_voice_gain_db(s->agc);
	return db < -AGC_MAX ? -AGC_MAX : db > AGC_MAX ? AGC_MAX : db;
}

void vc_mix_sound(struct vc_mixer *m, struct vc_mixer_who *who)
{
	struct mix_sound *s = &who->sound;
	int32_t to;

	if (s->agc && who->is_heard)
		s->agc_db = level_db(s, who->pcm);
	to = vc_gain_of(s->gain_db10 + 10 * s->agc_db);

	if (!who->was_heard)
		vc_gain_init(&s->gain, (int32_t[]){ to, to });
	if (who->is_heard)
		vc_gain_run(&s->gain, who->pcm, VC_MIXER_SAMPLES, 1, &to);
	if (who->wide)
		widen(m, who, to);
}

void vc_mixer_set_gain(struct vc_mixer *m, struct vc_mixer_who *who, int db10)
{
	m->is_stale |= db10 != who->sound.gain_db10;
	who->sound.gain_db10 = db10;
}

int vc_mixer_gain(const struct vc_mixer_who *who)
{
	return who->sound.gain_db10;
}
