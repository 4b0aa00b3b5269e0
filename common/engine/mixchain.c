/* SPDX-License-Identifier: MIT */
/*
 * Receive chains: what nobody hears or sees is not decoded, and not even kept.
 * Who is heard again has a new chain, whose counts go on.
 */
#include <errno.h>

#include "engine/mixer_internal.h"
#include "wire/defaults.h"

static int open_audio(struct vc_mixer *m, struct vc_mixer_source *s)
{
	int err;

	s->audio = vc_audiorx_new(s->codec, s->rate_hz, s->play, &err);
	if (s->audio && m->is_wide)
		vc_audiorx_set_stereo(s->audio);
	if (s->audio && s->channels)
		vc_audiorx_set_channels(s->audio, s->channels);
	return err;
}

static void close_audio(struct vc_mixer_source *s)
{
	s->past_audio = vc_mix_audio_counts(s);
	vc_audiorx_free(s->audio);
	s->audio = NULL;
	s->is_heard = false;
}

struct vc_audiorx_counts vc_mix_audio_counts(const struct vc_mixer_source *s)
{
	struct vc_audiorx_counts sum = s->past_audio, now = { 0 };

	if (s->audio)
		now = *vc_audiorx_counts(s->audio);
	sum.frames += now.frames;
	sum.concealed += now.concealed;
	sum.fec += now.fec;
	sum.noise += now.noise;
	sum.silent += now.silent;
	sum.late += now.late;
	sum.lost += now.lost;
	sum.malformed += now.malformed;
	sum.unheard += now.unheard;
	sum.resyncs += now.resyncs;
	sum.skipped += now.skipped;
	sum.stretched += now.stretched;
	return sum;
}

static void settle_sound(struct vc_mixer *m, struct vc_mixer_source *s)
{
	if (s->audio && !s->who->is_audible)
		close_audio(s);
	else if (!s->audio && s->who->is_audible && open_audio(m, s))
		m->is_stale = true;
}

bool vc_mix_is_seen(const struct vc_mixer_source *s)
{
	return s->who->is_visible && (s->is_slides || !s->who->is_idle);
}

/* Of layers, mixlayer.c opens the one that suits. */
void vc_mix_settle_picture(struct vc_mixer *m, struct vc_mixer_source *s)
{
	bool is_seen = vc_mix_is_seen(s);

	if (s->video && !is_seen)
		vc_mix_close_video(m, s);
	else if (!s->video && is_seen && s->group < 0 && vc_mix_open_video(s))
		m->is_stale = true;
}

void vc_mix_chains(struct vc_mixer *m)
{
	struct vc_mixer_who *who;
	struct vc_mixer_source *s;

	for (who = m->whos; who; who = who->next)
		for (s = who->sources; s; s = s->next)
			if (s->kind == VC_VIDEO)
				vc_mix_settle_picture(m, s);
			else if (s->kind == VC_AUDIO)
				settle_sound(m, s);
}

static bool is_taken(const struct vc_mixer *m, enum vc_kind kind)
{
	switch (kind) {
	case VC_AUDIO:
		return m->conf.audio;
	case VC_VIDEO:
		return m->conf.video;
	case VC_TEXT:
		return vc_mixer_takes_text(&m->conf);
	case VC_OTHER:
		break;
	}
	return false;
}

int vc_mix_open(struct vc_mixer *m, struct vc_mixer_source *s)
{
	enum vc_mixer_way way = s->kind == VC_VIDEO ? m->conf.video_way :
						      m->conf.audio_way;

	if (!is_taken(m, s->kind))
		return -ENOTSUP;
	if (s->kind == VC_TEXT)
		return m->n_texts < VC_MIXER_TEXTS ? 0 : -ENOSPC;
	if (way == VC_MIXER_SELECT)
		return vc_default_pt(s->codec, false) < 0 ? -ENOTSUP : 0;
	return s->kind == VC_VIDEO ? vc_mix_open_video(s) : open_audio(m, s);
}
