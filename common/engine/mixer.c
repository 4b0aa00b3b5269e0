/* SPDX-License-Identifier: MIT */
/*
 * Who takes part and by which sources. Lists are in order of arrival, which
 * is the order of tiles and of everything that is written.
 */
#include "engine/mixer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"

bool vc_mixer_takes_text(const struct vc_mixer_conf *conf)
{
	return (conf->audio && conf->audio_way != VC_MIXER_MIX) ||
	       (conf->video && conf->video_way != VC_MIXER_MIX);
}

struct vc_mixer *vc_mixer_new(const struct vc_mixer_conf *conf, int *err)
{
	struct vc_mixer *m = vc_try_alloc(1, sizeof(*m));

	*err = -ENOMEM;
	if (!m)
		return NULL;
	m->conf = *conf;
	m->whos_end = &m->whos;
	m->is_wide = vc_mix_is_wide(m);
	if (conf->noise_dbov)
		vc_hiss_init(&m->hiss, conf->noise_dbov,
			     vc_rand_u32(conf->rand, "comfort noise", 0));
	if (!m->conf.talkers)
		m->conf.talkers = VC_MIXER_TALKERS;
	vc_mix_take_layout(m);
	m->next_sdes = m->early_sdes = VC_TIME_NONE;
	m->is_stale = true;
	m->encoded_fd = -1;
	*err = vc_mix_video_open(m);
	if (!*err)
		return m;
	vc_mixer_free(m);
	return NULL;
}

static void source_free(struct vc_mixer_source *s)
{
	vc_audiorx_free(s->audio);
	vc_videorx_free(s->video);
	vc_delayq_clear(&s->delayed);
	free(s);
}

static void who_free(struct vc_mixer *m, struct vc_mixer_who *who)
{
	while (who->sources) {
		struct vc_mixer_source *s = who->sources;

		who->sources = s->next;
		source_free(s);
	}
	vc_mix_audio_free(who->mix);
	vc_mix_sound_clear(m, who);
	free(who->given_role);
	free(who);
}

void vc_mixer_free(struct vc_mixer *m)
{
	if (!m)
		return;
	vc_mix_video_rest(m);
	while (m->whos) {
		struct vc_mixer_who *who = m->whos;

		m->whos = who->next;
		who_free(m, who);
	}
	while (m->ending) {
		struct mix_audio *a = m->ending;

		m->ending = a->next;
		vc_mix_audio_free(a);
	}
	while (m->groups) {
		struct mix_group *g = m->groups;

		m->groups = g->next;
		vc_mix_group_free(g);
	}
	while (m->views) {
		struct mix_video *v = m->views;

		m->views = v->next;
		vc_mix_view_free(v);
	}
	vc_mix_select_free(m);
	vc_mix_play_free(m);
	vc_mix_video_close(m);
	free(m);
}

/* --- participants --- */

struct vc_mixer_who *vc_mixer_who_new(struct vc_mixer *m)
{
	struct vc_mixer_who *who = vc_try_alloc(1, sizeof(*who));

	if (who && vc_mix_sound_init(m, who)) {
		vc_mix_sound_clear(m, who);
		free(who);
		who = NULL;
	}
	if (!who)
		return NULL;
	who->serial = ++m->serial;
	who->overheard = UINT8_MAX;
	vc_mix_find_row(m, who);
	/* Until the next tick, lest what comes first is lost. */
	who->is_audible = who->is_visible = true;
	m->is_stale = true;
	*m->whos_end = who;
	m->whos_end = &who->next;
	return who;
}

void vc_mixer_who_set(struct vc_mixer *m, struct vc_mixer_who *who,
		      const char *id, bool is_vouched, const char *name,
		      const char *cname)
{
	if (strcmp(who->id, id) != 0)
		who->told_role[0] = 0; /* that was of somebody else */
	vc_strlcpy(who->id, id, sizeof(who->id));
	who->is_vouched = is_vouched;
	who->is_renamed = true;
	vc_strlcpy(who->name, name, sizeof(who->name));
	vc_strlcpy(who->cname, cname, sizeof(who->cname));
	vc_mix_find_row(m, who);
	m->next_sdes = m->early_sdes;
	m->is_stale = true;
}

const char *vc_mixer_who_id(const struct vc_mixer_who *who)
{
	return who->id;
}

const char *vc_mixer_who_name(const struct vc_mixer_who *who)
{
	return who->name;
}

bool vc_mixer_who_is_vouched(const struct vc_mixer_who *who)
{
	return who->is_vouched;
}

struct vc_policy_who vc_mixer_who_policy(const struct vc_mixer_who *who)
{
	return (struct vc_policy_who){ who->id, who->role, who->is_vouched };
}

struct vc_mixer_who *vc_mixer_next_who(const struct vc_mixer *m,
				       const struct vc_mixer_who *who)
{
	return who ? who->next : m->whos;
}

int vc_mixer_set_role(struct vc_mixer *m, struct vc_mixer_who *who,
		      const char *role)
{
	size_t size = role ? strlen(role) + 1 : 0;
	char *copy = NULL;

	if (size > 1) {
		copy = vc_try_alloc(size, 1);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, role, size);
	}
	free(who->given_role);
	who->given_role = copy;
	vc_mix_find_row(m, who);
	m->is_stale = true;
	return 0;
}

const char *vc_mixer_role(const struct vc_mixer_who *who)
{
	return who->role;
}

void vc_mixer_set_class(struct vc_mixer *m, struct vc_mixer_who *who,
			const struct vc_outclass *class)
{
	who->given_class = class;
	vc_mix_find_row(m, who);
	m->is_stale = true;
}

void vc_mixer_set_off(struct vc_mixer *m, struct vc_mixer_who *who,
		      unsigned int off)
{
	if ((who->off ^ off) & VC_MIXER_OUT)
		who->told_role[0] = 0; /* who is out has none */
	who->off = off;
	m->is_stale = true;
}

unsigned int vc_mixer_off(const struct vc_mixer_who *who)
{
	return who->off;
}

void vc_mixer_set_policy(struct vc_mixer *m, const struct vc_policy *policy)
{
	m->conf.policy = policy;
	m->is_stale = true;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		vc_mix_find_row(m, who);
}

bool vc_mixer_who_is_empty(const struct vc_mixer_who *who)
{
	return !who->sources;
}

void vc_mixer_who_free(struct vc_mixer *m, struct vc_mixer_who *who,
		       int64_t now)
{
	struct vc_mixer_who **at = &m->whos;

	while (*at != who)
		at = &(*at)->next;
	*at = who->next;
	if (!*at)
		m->whos_end = at;
	if (who->is_talking && m->conf.speaker)
		m->conf.speaker(m->conf.ctx, who, false, -127, now);
	vc_mix_forget(m, who, now);
	vc_mix_audio_end(m, &who->mix, now);
	while (who->sources)
		vc_mixer_source_free(m, who->sources);
	who_free(m, who);
}

/* --- sources --- */

static void link_source(struct vc_mixer_source *s, struct vc_mixer_who *who)
{
	struct vc_mixer_source **at = &who->sources;

	while (*at)
		at = &(*at)->next;
	*at = s;
	s->next = NULL;
	s->who = who;
}

static void unlink_source(struct vc_mixer_source *s)
{
	struct vc_mixer_source **at = &s->who->sources;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

static void decode(void *ctx)
{
	struct vc_mixer_source *s = ctx;

	(void)vc_videorx_decode(s->video);
}

struct vc_mixer_source *vc_mixer_source_new(struct vc_mixer *m,
					    struct vc_mixer_who *who,
					    uint32_t ssrc, enum vc_codec codec,
					    uint32_t rate_hz,
					    struct vc_playout_source *play,
					    int *err)
{
	struct vc_mixer_source *s = vc_try_alloc(1, sizeof(*s));

	*err = -ENOMEM;
	if (!s)
		return NULL;
	s->mixer = m;
	s->ssrc = ssrc;
	s->codec = codec;
	s->kind = vc_codec_kind(codec);
	s->rate_hz = rate_hz;
	s->play = play;
	s->group = -1;
	s->job = (struct vc_job){ .run = decode, .ctx = s };
	*err = vc_mix_open(m, s);
	if (*err) {
		free(s);
		return NULL;
	}
	link_source(s, who);
	m->had_audio |= s->kind == VC_AUDIO;
	m->n_texts += s->kind == VC_TEXT;
	m->next_sdes = m->early_sdes;
	m->is_stale = true;
	return s;
}

void vc_mixer_source_free(struct vc_mixer *m, struct vc_mixer_source *s)
{
	vc_workers_wait_job(m->workers, &s->job);
	vc_mix_select_forget_source(m, s);
	m->n_texts -= s->kind == VC_TEXT;
	unlink_source(s);
	source_free(s);
}

void vc_mixer_source_set_fmtp(struct vc_mixer_source *s, struct vc_str fmtp)
{
	s->fmtp = fmtp;
	if (s->video)
		vc_videorx_set_fmtp(s->video, fmtp);
}

void vc_mixer_set_exts(struct vc_mixer *m, const struct vc_forward_exts *exts)
{
	m->conf.exts = *exts;
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		for (struct vc_mixer_source *s = who->sources; s; s = s->next)
			if (s->video)
				vc_videorx_set_orientation(s->video,
							   exts->orientation);
}

void vc_mixer_source_set_layer(struct vc_mixer_source *s, int group)
{
	/* Held until it is known which is wanted. */
	s->is_wanted |= s->group < 0 && group >= 0;
	s->group = s->kind == VC_VIDEO ? group : -1;
}

void vc_mixer_source_set_slides(struct vc_mixer_source *s, bool is_slides)
{
	is_slides = is_slides && s->kind == VC_VIDEO;
	s->mixer->is_stale |= is_slides != s->is_slides;
	s->is_slides = is_slides;
}

void vc_mixer_source_set_channels(struct vc_mixer_source *s,
				  unsigned int channels)
{
	s->channels = channels;
	if (s->audio)
		vc_audiorx_set_channels(s->audio, channels);
}

enum vc_codec vc_mixer_source_codec(const struct vc_mixer_source *s)
{
	return s->codec;
}

struct vc_mixer_who *vc_mixer_source_who(const struct vc_mixer_source *s)
{
	return s->who;
}

void vc_mixer_source_move(struct vc_mixer_source *s, struct vc_mixer_who *who)
{
	unlink_source(s);
	link_source(s, who);
	s->mixer->is_stale = true;
}

static void go_on(struct vc_mixer_source *s)
{
	s->mixer->is_stale |= s->is_ended;
	s->is_ended = false;
}

void vc_mixer_source_put(struct vc_mixer_source *s, struct vc_packet *pkt,
			 const struct vc_rtp *rtp)
{
	go_on(s);
	if (s->group >= 0)
		vc_layer_packet(&s->layer, s->codec, rtp, pkt->arrival);
	if (s->audio) {
		vc_audiorx_put(s->audio, pkt, rtp);
		vc_mix_overhear(s, pkt, rtp);
	} else if (s->video) {
		vc_videorx_put(s->video, pkt, rtp);
	}
	vc_mix_select_packet(s->mixer, s, s->codec, pkt, rtp);
}

void vc_mixer_source_put_as(struct vc_mixer_source *s, enum vc_codec codec,
			    struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	if (codec == VC_CODEC_RED)
		go_on(s);
	if (s->audio && codec == VC_CODEC_CN) {
		vc_audiorx_put_noise(s->audio, pkt, rtp);
		vc_mix_overhear_noise(s, pkt->arrival);
	}
	vc_mix_select_packet(s->mixer, s, codec, pkt, rtp);
}

void vc_mixer_source_end(struct vc_mixer_source *s)
{
	s->mixer->is_stale |= !s->is_ended;
	s->is_ended = true;
	if (s->audio)
		vc_audiorx_end(s->audio);
	else if (s->video)
		vc_videorx_end(s->video);
}

bool vc_mix_is_held(const struct vc_mixer *m, const struct vc_mixer_source *s)
{
	if (s->n_delayed || vc_workers_is_pending(m->workers, &s->job))
		return true;
	if (s->audio)
		return vc_audiorx_held(s->audio);
	return vc_mix_is_awake(s) && vc_videorx_held(s->video);
}

bool vc_mixer_held(const struct vc_mixer *m)
{
	const struct vc_mixer_who *who;
	const struct vc_mixer_source *s;

	for (who = m->whos; who; who = who->next)
		for (s = who->sources; s; s = s->next)
			if (vc_mix_is_held(m, s))
				return true;
	return false;
}

/* --- what both outputs share --- */

void vc_mix_out_init(struct vc_mixer *m, struct vc_mixer_out *out,
		     const char *purpose, enum vc_codec codec, uint8_t pt,
		     uint32_t rate_hz)
{
	out->kind = vc_codec_kind(codec);
	out->tx.pool = m->conf.pool;
	out->tx.send = m->conf.send;
	out->tx.ctx = m->conf.ctx;
	vc_tx_init(&out->tx, m->conf.rand, purpose, codec, pt, rate_hz,
		   m->conf.epoch, m->conf.cname, m->conf.name);
}

void vc_mixer_end(struct vc_mixer *m, int64_t now)
{
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		vc_mix_audio_end(m, &who->mix, now);
	for (struct mix_group *g = m->groups; g; g = g->next)
		vc_mix_audio_end(m, &g->shared, now);
	vc_mix_audio_end_left(m, now);
	for (struct mix_video *v = m->views; v; v = v->next)
		vc_mix_view_end(m, v, now);
	vc_mix_select_end(m, now);
}
