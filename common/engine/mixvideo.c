/* SPDX-License-Identifier: MIT */
/*
 * A picture: frames that are due are put together on this thread, decoded by
 * the workers and drawn into the canvas of each view (mixtile.c) where they
 * changed. On a virtual clock there is no deadline for that. Encoders get the
 * canvases as they stand and are workers' too; what they make is sent from this
 * thread, in the order of the views.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"
#include "engine/txlayers.h"
#include "wire/defaults.h"

#define KEY_LIMIT VC_SEC
/* A NAL unit so long fits into a packet, whoever is in the picture. */
#define SINGLE_UNIT (VC_TX_UNIT - 4 * VC_RTP_CSRC_MAX)
#define IDLE VC_SEC /* between pictures while nobody is there */
#define REST_AFTER VC_SEC
#define REFINE (400 * VC_MS) /* so long after a key frame it improves */
#define REST (105 * VC_MS)   /* between pictures that are all the same */

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
		.n_temporal = c->n_temporal,
		.slice_size = c->single_only ? SINGLE_UNIT : 0,
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

static int try_formats(const struct vc_mixer *m)
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
	if (!*err && m->conf.has_background)
		vc_compose_set_background(v->compose, m->conf.background);
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
	v->out.tx.pack.single_only = m->conf.single_only;
	v->last_key = VC_TIME_NONE;
	return v;
}

/* Threads, and what they tell when there are any. */
static int open_workers(struct vc_mixer *m)
{
	unsigned int n = m->conf.video ? m->conf.threads : 0;
	unsigned int more = n && n < VC_WORKERS_MAX;

	m->workers = vc_workers_new(n);
	m->encoders = vc_workers_new(n + more);
	if (!m->workers || !m->encoders)
		return -ENOMEM;
	if (!n)
		return 0;
	m->encoded_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->encoded_fd < 0)
		return -errno;
	vc_workers_tell(m->encoders, m->encoded_fd);
	return 0;
}

int vc_mix_video_open(struct vc_mixer *m)
{
	const struct mix_format format = vc_mix_format(m, NULL);
	bool is_composed = m->conf.video &&
			   m->conf.video_way != VC_MIXER_SELECT;
	int err = open_workers(m);

	if (!err && is_composed)
		err = try_formats(m);
	if (!err && is_composed)
		m->spare = vc_mix_view_new(m, &format, &err);
	return err;
}

void vc_mix_video_rest(struct vc_mixer *m)
{
	if (m->workers)
		(void)vc_workers_wait(m->workers, INT64_MAX);
	if (m->encoders)
		(void)vc_workers_wait(m->encoders, INT64_MAX);
}

void vc_mix_video_close(struct vc_mixer *m)
{
	vc_mix_view_free(m->spare);
	vc_workers_free(m->workers);
	vc_workers_free(m->encoders);
	if (m->encoded_fd >= 0)
		close(m->encoded_fd);
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
	vc_mix_set_free(&v->heard);
	free(v);
}

void vc_mix_view_address(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	if (v->has_begun)
		vc_mix_address(m, &v->out, &v->whos, &v->to, v->is_for_others,
			       now);
}

/* --- decoding --- */

static void start_decoding(struct vc_mixer *m, int64_t now)
{
	struct vc_mixer_who *who;
	struct vc_mixer_source *s;
	bool has_work;

	vc_mix_idle(m);
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

/* On any thread. */
static void encode(void *ctx)
{
	struct mix_video *v = ctx;

	v->picture.err = vc_videnc_encode(v->enc, vc_compose_canvas(v->compose),
					  v->picture.number,
					  v->picture.wants_key,
					  &v->picture.octets, &v->picture.len,
					  &v->picture.is_key);
}

/*
 * Somebody asked for one; or encoders, who count pictures, would be late with
 * it as some were left out.
 */
static bool is_key_due(const struct vc_mixer *m, const struct mix_video *v,
		       int64_t now)
{
	const struct vc_mixer_conf *c = &m->conf;
	int64_t since;

	if (v->last_key == VC_TIME_NONE)
		return v->wants_key;
	since = now - v->last_key;
	if (v->has_rested && c->keyint_frames &&
	    since / VC_MS * c->fps_num >=
		    (int64_t)c->keyint_frames * c->fps_den * 1000)
		return true;
	return v->wants_key && since >= KEY_LIMIT;
}

/*
 * Of a canvas that has not changed for a while, and looks its best by now (a
 * key frame is rougher than what was before it, and is improved first), a
 * few pictures a second are enough; not so few that receivers see a freeze.
 */
static bool is_at_rest(const struct vc_mixer *m, struct mix_video *v,
		       int64_t now)
{
	uint64_t generation = vc_compose_generation(v->compose);

	if (v->generation != generation)
		v->changed = now;
	v->generation = generation;
	return v->has_begun && now - v->changed >= REST_AFTER &&
	       now - v->last_key >= REFINE && now - v->last_frame < REST &&
	       !is_key_due(m, v, now);
}

static void start_encoding(struct vc_mixer *m, struct mix_video *v, int64_t now,
			   int64_t number)
{
	v->out.tx.n_csrc = vc_mix_tiles_csrc(v, v->csrc);
	v->picture.time = now;
	v->picture.number = number;
	v->picture.wants_key = is_key_due(m, v, now);
	v->is_encoding = true;
	v->job = (struct vc_job){ .run = encode, .ctx = v };
	vc_workers_add(m->encoders, &v->job);
}

static void send_picture(struct vc_mixer *m, struct mix_video *v)
{
	int64_t now = v->picture.time;

	v->is_encoding = false;
	if (v->picture.err || !v->picture.len)
		return;
	if (v->picture.is_key)
		vc_mix_view_arrives(m, v, now);
	if (!v->has_begun) {
		v->has_begun = true;
		vc_mix_view_address(m, v, now);
	}
	if (v->picture.is_key) {
		v->last_key = now;
		v->wants_key = false;
		v->has_rested = false;
		v->key_frames++;
		m->key_frames++;
	}
	v->frames++;
	v->last_frame = now;
	v->octets += v->picture.len;
	m->frames++;
	m->octets += v->picture.len;
	(void)vc_tx_layers(&v->out.tx, v->enc, now, now, v->picture.octets,
			   v->picture.len, v->picture.is_key);
}

/* Nobody encodes it, and what was encoded is out. */
static void settle(struct vc_mixer *m, struct mix_video *v)
{
	vc_workers_wait_job(m->encoders, &v->job);
	if (v->is_encoding)
		send_picture(m, v);
}

void vc_mix_view_end(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	settle(m, v);
	if (!v->has_begun)
		return;
	vc_tx_bye(&v->out.tx, now, NULL);
	if (m->conf.end)
		m->conf.end(m->conf.ctx, &v->out, now);
	v->has_begun = false;
}

/* 'frame' of the clock is number frame / every of the view. */
static void show(struct vc_mixer *m, struct mix_video *v, int64_t now,
		 int64_t frame)
{
	int64_t number = frame / v->format.every;

	if (number < v->number)
		return;
	v->number = number + 1;
	if (vc_workers_is_pending(m->encoders, &v->job)) {
		m->late_pictures++;
		return;
	}
	settle(m, v);
	vc_mix_tiles(m, v, now);
	if (!v->n && (!v->has_begun || now - v->last_frame < IDLE))
		return;
	if (is_at_rest(m, v, now)) {
		v->has_rested = true;
		m->rests++;
		return;
	}
	start_encoding(m, v, now, number);
}

void vc_mixer_flush(struct vc_mixer *m)
{
	eventfd_t n;

	if (m->encoded_fd >= 0)
		(void)eventfd_read(m->encoded_fd, &n);
	for (struct mix_video *v = m->views; v; v = v->next)
		if (v->is_encoding &&
		    !vc_workers_is_pending(m->encoders, &v->job))
			send_picture(m, v);
}

void vc_mixer_video(struct vc_mixer *m, int64_t now, int64_t frame,
		    int64_t deadline)
{
	m->pictures++;
	vc_mix_resolve(m, now);
	vc_mix_select_tick(m, now);
	start_decoding(m, now);
	(void)vc_workers_wait(m->workers, deadline);
	for (struct mix_video *v = m->views; v; v = v->next)
		show(m, v, now, frame);
	if (deadline == INT64_MAX || !m->conf.threads)
		(void)vc_workers_wait(m->encoders, INT64_MAX);
	vc_mixer_flush(m);
	if (m->frames || m->forwards)
		vc_mix_sdes(m, now);
}

int vc_mixer_fd(const struct vc_mixer *m)
{
	return m->encoded_fd;
}

int vc_mixer_keyframe(struct vc_mixer *m, uint32_t ssrc)
{
	int err = -ENOENT;

	for (struct mix_video *v = m->views; v; v = v->next) {
		if (ssrc && v->out.tx.sender.ssrc != ssrc)
			continue;
		v->wants_key = true;
		err = 0;
	}
	return vc_mix_select_keyframe(m, ssrc) ? 0 : err;
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
	int err = ssrc ? -ENOENT : 0;

	if (a)
		return vc_soundenc_set_bitrate(a->enc, rate);
	if (!ssrc)
		m->conf.vbitrate_bps = rate;
	(void)vc_workers_wait(m->encoders, INT64_MAX);
	if (!ssrc && m->spare)
		err = vc_videnc_set_bitrate(m->spare->enc, rate);
	for (v = m->views; v; v = v->next)
		if (ssrc ? v->out.tx.sender.ssrc == ssrc :
			   !v->format.bitrate_bps)
			err = vc_videnc_set_bitrate(v->enc, rate);
	return err;
}
