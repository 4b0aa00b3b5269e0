/* SPDX-License-Identifier: MIT */
/* What a mixer tells about itself. */
#include "base/json.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"

static struct vc_json *source_stats(const struct vc_mixer_source *s)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "ssrc", s->ssrc);
	vc_json_set_str(j, "codec", vc_codec_name(s->codec));
	vc_playout_stats(s->play, j);
	if (s->kind == VC_AUDIO) {
		const struct vc_audiorx_counts c = vc_mix_audio_counts(s);

		vc_json_set_int(j, "frames", (int64_t)c.frames);
		vc_json_set_int(j, "concealed", (int64_t)c.concealed);
		vc_json_set_int(j, "fec", (int64_t)c.fec);
		vc_json_set_int(j, "noise", (int64_t)c.noise);
		vc_json_set_int(j, "silent", (int64_t)c.silent);
		vc_json_set_int(j, "skipped", (int64_t)c.skipped);
		vc_json_set_int(j, "stretched", (int64_t)c.stretched);
		vc_json_set_int(j, "lost", (int64_t)c.lost);
		vc_json_set_int(j, "late", (int64_t)c.late);
		vc_json_set_int(j, "malformed", (int64_t)c.malformed);
		vc_json_set_int(j, "resyncs", (int64_t)c.resyncs);
		vc_json_set_int(j, "unheard", (int64_t)c.unheard);
		vc_json_set_int(j, "gauged", (int64_t)s->gauged);
	} else if (s->kind == VC_VIDEO) {
		const struct vc_videorx_counts c = vc_mix_video_counts(s);

		vc_json_set_int(j, "frames", (int64_t)c.frames);
		vc_json_set_int(j, "key_frames", (int64_t)c.key_frames);
		vc_json_set_int(j, "broken", (int64_t)c.broken);
		vc_json_set_int(j, "waiting", (int64_t)c.waiting);
		vc_json_set_int(j, "late", (int64_t)c.late);
		vc_json_set_int(j, "malformed", (int64_t)c.malformed);
		vc_json_set_int(j, "refused", (int64_t)c.refused);
		vc_json_set_bool(j, "slides", s->is_slides);
		vc_json_set_bool(j, "old", s->is_old);
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
	vc_json_set_int(j, "spoken_ms", (int64_t)who->talk.spoken * VC_TALK_MS);
	if (who->sound.agc)
		vc_json_set_int(j, "agc_db", who->sound.agc_db);
	if (*who->role)
		vc_json_set_str(j, "role", who->role);
	vc_json_set_bool(j, "heard",
			 who->is_audible || who->forwarded & 1u << MIX_SOUND);
	vc_json_set_bool(j, "seen",
			 who->is_visible ||
				 who->forwarded & (1u << MIX_PICTURE |
						   1u << MIX_SLIDES));
	for (const struct vc_mixer_source *s = who->sources; s; s = s->next)
		vc_json_add(sources, source_stats(s));
	vc_json_set(j, "sources", sources);
	return j;
}

/* Encoders of sound, as many as there are distinct mixes. */
static size_t count_mixes(const struct vc_mixer *m)
{
	size_t n = 0;

	for (const struct mix_group *g = m->groups; g; g = g->next)
		n += g->shared != NULL;
	for (const struct vc_mixer_who *who = m->whos; who; who = who->next)
		n += who->mix != NULL;
	return n;
}

static size_t count_views(const struct vc_mixer *m)
{
	size_t n = 0;

	for (const struct mix_video *v = m->views; v; v = v->next)
		n += v->has_begun;
	return n;
}

static struct vc_json *view_stats(const struct mix_video *v)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "ssrc", v->out.tx.sender.ssrc);
	vc_json_set_int(j, "width", v->format.width);
	vc_json_set_int(j, "height", v->format.height);
	vc_json_set_int(j, "every", v->format.every);
	vc_json_set_int(j, "tiles", (int64_t)v->n);
	vc_json_set_int(j, "frames", (int64_t)v->frames);
	vc_json_set_int(j, "key_frames", (int64_t)v->key_frames);
	vc_json_set_int(j, "octets", (int64_t)v->octets);
	return j;
}

static struct vc_json *views_stats(const struct vc_mixer *m)
{
	struct vc_json *list = vc_json_array();

	for (const struct mix_video *v = m->views; v; v = v->next)
		if (v->has_begun)
			vc_json_add(list, view_stats(v));
	return list;
}

static struct vc_json *output_stats(const struct mix_forward *o)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "ssrc", o->out.tx.sender.ssrc);
	vc_json_set_str(j, "kind", vc_kind_name(o->out.kind));
	vc_json_set_str(j, "codec", vc_codec_name(o->fw.codec));
	vc_json_set_str(j, "shows", o->now ? o->now->who->id : "");
	vc_json_set_int(j, "source", o->now ? o->now->ssrc : 0);
	vc_json_set_int(j, "packets", (int64_t)o->fw.splice.sender.packets);
	vc_json_set_int(j, "left_out", (int64_t)o->fw.svc.dropped);
	if (o->now && !vc_stage_is_heard(o->slot))
		vc_json_set_int(j, "bps",
				(int64_t)vc_svcmeter_bps(&o->now->meter,
							 o->fw.svc.top));
	vc_json_set_int(j, "switches", (int64_t)o->switches);
	vc_json_set_int(j, "longest_ms", o->longest / VC_MS);
	return j;
}

/* "selected" and "keys_asked". */
static void select_stats(const struct vc_mixer *m, struct vc_json *j)
{
	struct vc_json *list = vc_json_array();

	for (const struct mix_forward *o = m->forwards; o; o = o->after)
		if (o->has_begun)
			vc_json_add(list, output_stats(o));
	vc_json_set(j, "selected", list);
	vc_json_set_int(j, "keys_asked", (int64_t)m->keys_asked);
}

void vc_mixer_stats(const struct vc_mixer *m, struct vc_json *record)
{
	struct vc_json *j = vc_json_object();
	struct vc_json *whos = vc_json_array();

	vc_json_set_int(j, "audio_ticks", (int64_t)m->ticks);
	vc_json_set_int(j, "audio_frames", (int64_t)m->encoded);
	vc_json_set_int(j, "video_ticks", (int64_t)m->pictures);
	vc_json_set_int(j, "video_frames", (int64_t)m->frames);
	vc_json_set_int(j, "key_frames", (int64_t)m->key_frames);
	vc_json_set_int(j, "video_octets", (int64_t)m->octets);
	vc_json_set_int(j, "late_tiles", (int64_t)m->late_tiles);
	vc_json_set_int(j, "late_pictures", (int64_t)m->late_pictures);
	vc_json_set_bool(j, "playing", vc_mixer_is_announcing(m));
	vc_json_set_int(j, "rests", (int64_t)m->rests);
	vc_json_set_int(j, "mixes", (int64_t)count_mixes(m));
	vc_json_set_int(j, "views", (int64_t)count_views(m));
	vc_json_set(j, "pictures", views_stats(m));
	select_stats(m, j);
	(void)vc_workers_wait(m->workers, INT64_MAX);
	for (const struct vc_mixer_who *who = m->whos; who; who = who->next)
		vc_json_add(whos, who_stats(who));
	vc_json_set(j, "participants", whos);
	vc_json_set(record, "mix", j);
}
