/* SPDX-License-Identifier: MIT */
/*
 * A picture: frames that are due are put together on this thread, decoded by
 * the workers and drawn into the canvas of each view (mixtile.c) where they
 * changed. On a virtual clock there is no deadline for that. The encoder gets
 * the canvas as it stands.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "wire/defaults.h"

#define KEY_LIMIT VC_SEC
#define IDLE VC_SEC /* between pictures while nobody is there */

/* --- views --- */

struct mix_format vc_mix_format(const struct vc_mixer *m,
				const struct vc_outclass *class)
{
	const struct vc_mixer_conf *c = &m->conf;
	struct mix_format f = { c->width, c->height, 0, 1 };

	if (!class || !class->has_video)
		return f;
	f.width = class->width;
	f.height = class->height;
	f.bitrate_bps = class->vbitrate_bps;
	f.every = vc_outclass_every(class, c->fps_num, c->fps_den);
	return f;
}

bool vc_mix_is_same_format(const struct mix_format *a,
			   const struct mix_format *b)
{
	return a->width == b->width && a->height == b->height &&
	       a->bitrate_bps == b->bitrate_bps && a->every == b->every;
}

/* NULL and '*err'. */
static struct vc_videnc *open_encoder(const struct vc_mixer *m,
				      const struct mix_format *f, int *err)
{
	const struct vc_mixer_conf *c = &m->conf;
	int every = (int)f->every;
	int keyint = every ? c->keyint_frames / every : 0;
	const struct vc_videnc_cfg conf = {
		.codec = c->vcodec,
		.width = f->width,
		.height = f->height,
		.fps_num = c->fps_num,
		.fps_den = c->fps_den * every,
		.bitrate_bps = f->bitrate_bps ? f->bitrate_bps :
						c->vbitrate_bps,
		.keyint_frames = keyint || !c->keyint_frames ? keyint : 1,
		/*
		 * libvpx's threads wait for each other by spinning: on a busy
		 * machine two take 20 ms for 1280x720 where one takes 3.
		 */
		.threads = 1,
	};

	*err = -EINVAL;
	if (f->width < 16 || f->height < 16 || f->width & 1 || f->height & 1 ||
	    !every)
		return NULL;
	return vc_videnc_new(&conf, err);
}

int vc_mix_try_formats(const struct vc_mixer *m)
{
	const struct vc_outclasses *all = m->conf.classes;
	int err = 0;

	for (size_t i = 0; all && i < all->n && !err; i++) {
		const struct mix_format f = vc_mix_format(m, &all->v[i]);
		struct vc_videnc *enc = open_encoder(m, &f, &err);

		if (enc)
			err = 0;
		vc_videnc_free(enc);
	}
	return err;
}

struct mix_video *vc_mix_view_new(struct vc_mixer *m,
				  const struct mix_format *format, int *err)
{
	struct mix_video *v = vc_try_alloc(1, sizeof(*v));
	char purpose[32] = "video";

	*err = -ENOMEM;
	if (!v)
		return NULL;
	v->format = *format;
	v->enc = open_encoder(m, format, err);
	if (v->enc) {
		v->compose = vc_compose_new(format->width, format->height);
		*err = v->compose ? 0 : -ENOMEM;
	}
	if (*err) {
		vc_mix_view_free(v);
		return NULL;
	}
	if (m->views_made)
		snprintf(purpose, sizeof(purpose), "video.%llu",
			 (unsigned long long)m->views_made);
	m->views_made++;
	vc_mix_out_init(m, &v->out, purpose, m->conf.vcodec,
			(uint8_t)vc_default_pt(m->conf.vcodec, false),
			vc_codec_rate(m->conf.vcodec));
	v->out.tx.csrc = v->csrc;
	v->last_key = VC_TIME_NONE;
	return v;
}

void vc_mix_view_free(struct mix_video *v)
{
	if (!v)
		return;
	vc_videnc_free(v->enc);
	vc_compose_free(v->compose);
	vc_mix_set_free(&v->whos);
	vc_mix_set_free(&v->to);
	vc_mix_set_free(&v->seen);
	free(v);
}

void vc_mix_view_address(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	if (v->has_begun)
		vc_mix_address(m, &v->out, &v->whos, &v->to, v->is_for_others,
			       now);
}

void vc_mix_view_end(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	if (!v->has_begun)
		return;
	vc_tx_bye(&v->out.tx, now, NULL);
	if (m->conf.end)
		m->conf.end(m->conf.ctx, &v->out, now);
	v->has_begun = false;
}

/* --- decoding --- */

static void start_decoding(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_who *who;
	struct vc_mixer_source *s;
	bool has_work;

	vc_mix_layers(m);
	for (who = m->whos; who; who = who->next) {
		for (s = who->sources; s; s = s->next) {
			if (!vc_mix_is_awake(s) ||
			    vc_workers_is_pending(m->workers, &s->job))
				continue;
			has_work = vc_videorx_take(s->video, now);
			if (vc_videorx_wants_key(s->video) && m->conf.keyframe)
				m->conf.keyframe(m->conf.ctx, s->ssrc);
			if (has_work)
				vc_workers_add(m->workers, &s->job);
		}
	}
}

/* --- out --- */

static void encode(struct vc_mixer *m, struct mix_video *v, int64_t now,
		   int64_t frame)
{
	bool is_allowed = v->last_key == VC_TIME_NONE ||
			  now - v->last_key >= KEY_LIMIT;
	const uint8_t *p;
	size_t len;
	bool is_key;

	if (vc_videnc_encode(v->enc, vc_compose_canvas(v->compose), frame,
			     v->wants_key && is_allowed, &p, &len, &is_key) ||
	    !len)
		return;
	if (is_key) {
		v->last_key = now;
		v->wants_key = false;
		m->key_frames++;
	}
	m->frames++;
	v->last_frame = now;
	v->frames++;
	v->key_frames += is_key;
	v->octets += len;
	m->octets += len;
	v->out.tx.n_csrc = vc_mix_tiles_csrc(v, v->csrc);
	(void)vc_tx_video(&v->out.tx, now, now, p, len, is_key);
}

/* 'frame' of the clock is number frame / every of the view. */
static void show(struct vc_mixer *m, struct mix_video *v, int64_t now,
		 int64_t frame)
{
	frame /= v->format.every;
	if (frame < v->number)
		return;
	v->number = frame + 1;
	vc_mix_tiles(m, v, now);
	if (!v->n && (!v->has_begun || now - v->last_frame < IDLE))
		return;
	if (!v->has_begun) {
		v->has_begun = true;
		vc_mix_view_address(m, v, now);
	}
	encode(m, v, now, frame);
}

void vc_mixer_video(struct vc_mixer *m, int64_t now, int64_t frame,
		    int64_t deadline)
{
	m->pictures++;
	vc_mix_resolve(m, now);
	start_decoding(m, now);
	(void)vc_workers_wait(m->workers, deadline);
	for (struct mix_video *v = m->views; v; v = v->next)
		show(m, v, now, frame);
	if (m->frames)
		vc_mix_sdes(m, now);
}

void vc_mixer_keyframe(struct vc_mixer *m)
{
	for (struct mix_video *v = m->views; v; v = v->next)
		v->wants_key = true;
}

static struct mix_audio *find_audio(struct vc_mixer *m, uint32_t ssrc)
{
	struct vc_mixer_who *who;
	struct mix_group *g;

	for (g = m->groups; g; g = g->next)
		if (g->shared && g->shared->out.tx.sender.ssrc == ssrc)
			return g->shared;
	for (who = m->whos; who; who = who->next)
		if (who->mix && who->mix->out.tx.sender.ssrc == ssrc)
			return who->mix;
	return NULL;
}

int vc_mixer_bitrate(struct vc_mixer *m, uint32_t ssrc, uint64_t bps)
{
	uint32_t rate = bps > UINT32_MAX ? UINT32_MAX : (uint32_t)bps;
	struct mix_audio *a = find_audio(m, ssrc);
	struct mix_video *v;
	int err = -ENOENT;

	if (a)
		return vc_soundenc_set_bitrate(a->enc, rate);
	if (!ssrc)
		m->conf.vbitrate_bps = rate;
	if (!ssrc && m->spare)
		err = vc_videnc_set_bitrate(m->spare->enc, rate);
	for (v = m->views; v; v = v->next)
		if (ssrc ? v->out.tx.sender.ssrc == ssrc :
			   !v->format.bitrate_bps)
			err = vc_videnc_set_bitrate(v->enc, rate);
	return err;
}
