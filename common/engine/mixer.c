/* SPDX-License-Identifier: MIT */
/*
 * Who takes part and by which sources. Lists are in order of arrival, which
 * is the order of tiles and of everything that is written.
 */
#include "engine/mixer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "wire/defaults.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"

#define CHUNKS_MAX 31
#define CHUNKS_OCTETS 1000

struct vc_mixer *vc_mixer_new(const struct vc_mixer_conf *conf, int *err)
{
	struct vc_mixer *m = vc_try_alloc(1, sizeof(*m));

	*err = -ENOMEM;
	if (!m)
		return NULL;
	m->conf = *conf;
	m->next_sdes = VC_TIME_NONE;
	m->workers = vc_workers_new(conf->video ? conf->threads : 0);
	if (m->workers)
		*err = conf->video ? vc_mix_video_open(m) : 0;
	if (!*err)
		return m;
	vc_mixer_free(m);
	return NULL;
}

static void source_free(struct vc_mixer_source *s)
{
	vc_audiorx_free(s->audio);
	vc_videorx_free(s->video);
	free(s);
}

static void who_free(struct vc_mixer_who *who)
{
	while (who->sources) {
		struct vc_mixer_source *s = who->sources;

		who->sources = s->next;
		source_free(s);
	}
	vc_mix_audio_free(who->mix);
	free(who);
}

void vc_mixer_free(struct vc_mixer *m)
{
	if (!m)
		return;
	if (m->workers)
		(void)vc_workers_wait(m->workers, INT64_MAX);
	while (m->whos) {
		struct vc_mixer_who *who = m->whos;

		m->whos = who->next;
		who_free(who);
	}
	vc_mix_audio_free(m->all);
	vc_mix_video_close(m);
	vc_workers_free(m->workers);
	free(m);
}

/* --- participants --- */

struct vc_mixer_who *vc_mixer_who_new(struct vc_mixer *m)
{
	struct vc_mixer_who *who = vc_try_alloc(1, sizeof(*who));
	struct vc_mixer_who **at = &m->whos;

	if (!who)
		return NULL;
	who->serial = ++m->serial;
	while (*at)
		at = &(*at)->next;
	*at = who;
	return who;
}

void vc_mixer_who_set(struct vc_mixer *m, struct vc_mixer_who *who,
		      const char *id, const char *name, const char *cname,
		      int64_t now)
{
	vc_strlcpy(who->id, id, sizeof(who->id));
	vc_strlcpy(who->name, name, sizeof(who->name));
	vc_strlcpy(who->cname, cname, sizeof(who->cname));
	m->next_sdes = VC_TIME_NONE;
	if (who->mix && m->conf.begin)
		m->conf.begin(m->conf.ctx, &who->mix->out, now);
}

const char *vc_mixer_who_id(const struct vc_mixer_who *who)
{
	return who->id;
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
	if (who->is_talking && m->conf.speaker)
		m->conf.speaker(m->conf.ctx, who, false, -127, now);
	vc_mix_audio_end(m, &who->mix, now);
	while (who->sources)
		vc_mixer_source_free(m, who->sources);
	who_free(who);
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

static int open_chain(struct vc_mixer *m, struct vc_mixer_source *s,
		      uint32_t rate_hz, struct vc_playout_source *play)
{
	int err = -ENOTSUP;

	if (vc_codec_kind(s->codec) == VC_AUDIO && m->conf.audio)
		s->audio = vc_audiorx_new(s->codec, rate_hz, play, &err);
	else if (vc_codec_kind(s->codec) == VC_VIDEO && m->conf.video)
		err = vc_mix_open_video(s);
	s->is_video = s->video;
	return err;
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
	s->ssrc = ssrc;
	s->codec = codec;
	s->play = play;
	s->group = -1;
	s->job = (struct vc_job){ .run = decode, .ctx = s };
	*err = open_chain(m, s, rate_hz, play);
	if (*err) {
		free(s);
		return NULL;
	}
	link_source(s, who);
	m->had_audio |= s->audio != NULL;
	m->next_sdes = VC_TIME_NONE;
	return s;
}

void vc_mixer_source_free(struct vc_mixer *m, struct vc_mixer_source *s)
{
	vc_workers_wait_job(m->workers, &s->job);
	unlink_source(s);
	source_free(s);
}

void vc_mixer_source_set_fmtp(struct vc_mixer_source *s, struct vc_str fmtp)
{
	s->fmtp = fmtp;
	if (s->video)
		vc_videorx_set_fmtp(s->video, fmtp);
}

void vc_mixer_source_set_layer(struct vc_mixer_source *s, int group)
{
	/* Held until it is known which is wanted. */
	s->is_wanted |= s->group < 0 && group >= 0;
	s->group = s->is_video ? group : -1;
}

void vc_mixer_source_set_channels(struct vc_mixer_source *s,
				  unsigned int channels)
{
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
}

void vc_mixer_source_put(struct vc_mixer_source *s, struct vc_packet *pkt,
			 const struct vc_rtp *rtp)
{
	s->is_ended = false;
	if (s->group >= 0)
		vc_layer_packet(&s->layer, s->codec, rtp, pkt->arrival);
	if (s->audio)
		vc_audiorx_put(s->audio, pkt, rtp);
	else if (s->video)
		vc_videorx_put(s->video, pkt, rtp);
}

void vc_mixer_source_end(struct vc_mixer_source *s)
{
	s->is_ended = true;
	if (s->audio)
		vc_audiorx_end(s->audio);
	else if (s->video)
		vc_videorx_end(s->video);
}

bool vc_mix_is_held(const struct vc_mixer *m, const struct vc_mixer_source *s)
{
	if (vc_workers_is_pending(m->workers, &s->job))
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
		     const char *purpose, enum vc_kind kind)
{
	enum vc_codec codec = kind == VC_AUDIO ? VC_CODEC_OPUS : m->conf.vcodec;

	out->kind = kind;
	out->tx.pool = m->conf.pool;
	out->tx.send = m->conf.send;
	out->tx.ctx = m->conf.ctx;
	vc_tx_init(&out->tx, m->conf.rand, purpose, codec,
		   (uint8_t)vc_default_pt(codec, false), vc_codec_rate(codec),
		   m->conf.epoch, m->conf.cname, m->conf.name);
}

static struct vc_mixer_out *any_out(struct vc_mixer *m)
{
	struct vc_mixer_who *who;

	if (m->all)
		return &m->all->out;
	for (who = m->whos; who; who = who->next)
		if (who->mix)
			return &who->mix->out;
	return m->video.has_begun ? &m->video.out : NULL;
}

static void send_sdes(struct vc_mixer *m, const struct vc_sender *s,
		      const struct vc_sdes_chunk *chunks, unsigned int n,
		      int64_t now)
{
	const struct vc_rtcp_sr sr = {
		.ssrc = s->ssrc,
		.ntp = vc_ntp_from_ns(now),
		.rtp_ts = vc_sender_ts(s, now),
		.packets = (uint32_t)s->packets,
		.octets = (uint32_t)s->octets,
	};
	struct vc_packet *pkt = vc_packet_new(m->conf.pool, VC_PACKET_MAX / 2);
	struct vc_wr w;

	if (!pkt)
		return;
	w = vc_wr_over(pkt->data, pkt->cap);
	vc_rtcp_write_sr(&w, &sr, NULL, 0);
	vc_rtcp_write_sdes(&w, chunks, n);
	pkt->len = vc_wr_len(&w);
	pkt->arrival = now;
	if (!w.bad)
		m->conf.send(m->conf.ctx, pkt, true);
	vc_packet_unref(pkt);
}

static size_t chunk_octets(const struct vc_sdes_chunk *c)
{
	return 12 + c->cname.len + c->name.len;
}

void vc_mix_sdes(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_out *out = any_out(m);
	struct vc_sdes_chunk chunks[CHUNKS_MAX];
	const struct vc_mixer_source *s;
	unsigned int n = 1;
	size_t octets = 0;

	if (!out || now < m->next_sdes)
		return;
	m->next_sdes = now + VC_SENDER_INTERVAL;
	chunks[0] = (struct vc_sdes_chunk){
		.ssrc = out->tx.sender.ssrc,
		.cname = vc_str_c(out->tx.sender.cname),
		.name = vc_str_c(out->tx.sender.name),
	};
	for (struct vc_mixer_who *who = m->whos; who; who = who->next) {
		for (s = who->sources; s; s = s->next) {
			chunks[n] =
				(struct vc_sdes_chunk){ s->ssrc,
							vc_str_c(who->cname),
							vc_str_c(who->name) };
			octets += chunk_octets(&chunks[n]);
			n++;
			if (n < CHUNKS_MAX && octets < CHUNKS_OCTETS)
				continue;
			send_sdes(m, &out->tx.sender, chunks, n, now);
			n = 1;
			octets = 0;
		}
	}
	if (n > 1)
		send_sdes(m, &out->tx.sender, chunks, n, now);
}

void vc_mixer_end(struct vc_mixer *m, int64_t now)
{
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		vc_mix_audio_end(m, &who->mix, now);
	vc_mix_audio_end(m, &m->all, now);
	vc_mix_video_end(m, now);
}

/* --- statistics --- */

static struct vc_json *source_stats(const struct vc_mixer_source *s)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "ssrc", s->ssrc);
	vc_json_set_str(j, "codec", vc_codec_name(s->codec));
	vc_playout_stats(s->play, j);
	if (s->audio) {
		const struct vc_audiorx_counts *c = vc_audiorx_counts(s->audio);

		vc_json_set_int(j, "frames", (int64_t)c->frames);
		vc_json_set_int(j, "concealed", (int64_t)c->concealed);
		vc_json_set_int(j, "fec", (int64_t)c->fec);
		vc_json_set_int(j, "silent", (int64_t)c->silent);
		vc_json_set_int(j, "skipped", (int64_t)c->skipped);
		vc_json_set_int(j, "stretched", (int64_t)c->stretched);
		vc_json_set_int(j, "lost", (int64_t)c->lost);
		vc_json_set_int(j, "late", (int64_t)c->late);
		vc_json_set_int(j, "malformed", (int64_t)c->malformed);
		vc_json_set_int(j, "resyncs", (int64_t)c->resyncs);
	} else {
		const struct vc_videorx_counts c = vc_mix_video_counts(s);

		vc_json_set_int(j, "frames", (int64_t)c.frames);
		vc_json_set_int(j, "key_frames", (int64_t)c.key_frames);
		vc_json_set_int(j, "broken", (int64_t)c.broken);
		vc_json_set_int(j, "waiting", (int64_t)c.waiting);
		vc_json_set_int(j, "late", (int64_t)c.late);
		vc_json_set_int(j, "malformed", (int64_t)c.malformed);
		vc_json_set_int(j, "refused", (int64_t)c.refused);
	}
	if (s->group >= 0) {
		vc_json_set_int(j, "width", s->layer.width);
		vc_json_set_int(j, "height", s->layer.height);
		vc_json_set_bool(j, "wanted", s->is_wanted);
	}
	return j;
}

static struct vc_json *who_stats(const struct vc_mixer_who *who)
{
	struct vc_json *j = vc_json_object();
	struct vc_json *sources = vc_json_array();

	vc_json_set_str(j, "id", who->id);
	vc_json_set_str(j, "name", who->name);
	vc_json_set_bool(j, "talking", who->is_talking);
	for (const struct vc_mixer_source *s = who->sources; s; s = s->next)
		vc_json_add(sources, source_stats(s));
	vc_json_set(j, "sources", sources);
	return j;
}

void vc_mixer_stats(const struct vc_mixer *m, struct vc_json *record)
{
	const struct mix_video *v = &m->video;
	struct vc_json *j = vc_json_object();
	struct vc_json *whos = vc_json_array();

	vc_json_set_int(j, "audio_ticks", (int64_t)m->ticks);
	vc_json_set_int(j, "audio_frames", (int64_t)m->encoded);
	vc_json_set_int(j, "video_frames", (int64_t)v->frames);
	vc_json_set_int(j, "key_frames", (int64_t)v->key_frames);
	vc_json_set_int(j, "video_octets", (int64_t)v->octets);
	vc_json_set_int(j, "late_tiles", (int64_t)v->late_tiles);
	(void)vc_workers_wait(m->workers, INT64_MAX);
	for (const struct vc_mixer_who *who = m->whos; who; who = who->next)
		vc_json_add(whos, who_stats(who));
	vc_json_set(j, "participants", whos);
	vc_json_set(record, "mix", j);
}
