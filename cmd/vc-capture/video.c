/* SPDX-License-Identifier: MIT */
/* Pictures: of a camera, or slides, which are tuned to be sharp. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "capture.h"
#include "engine/txlayers.h"
#include "media/pixels.h"

#define KEY_LIMIT VC_SEC
#define RATE_MIN 30000 /* of a layer */

static struct video *video_of(struct medium *m)
{
	return (struct video *)m;
}

static int take(struct medium *m)
{
	struct video *v = video_of(m);

	return m->source->ops->video(m->source, m->base, &v->img, &m->pts);
}

/* By time, and never one twice: devices are not exact. */
static int64_t frame_number(const struct video *v)
{
	int64_t ns = VC_SEC * v->fps_den / v->fps_num;
	int64_t t = v->m.base - v->m.who->cap->epoch + v->m.pts;
	int64_t number = (t + ns / 2) / ns;

	return number > v->frame ? number : v->frame + 1;
}

/* 'img' has been taken at 't'. */
static int encode(struct video *v, const struct vc_image *img, int64_t t,
		  int64_t now)
{
	bool force = v->wants_key && now - v->last_key >= KEY_LIMIT;
	struct medium *m = &v->m;
	const uint8_t *p;
	size_t len;
	bool is_key;
	int err;

	if (m->is_hushed[HUSH_PAUSE])
		return 0;
	err = vc_videnc_encode(v->enc, img, v->frame, force, &p, &len, &is_key);
	if (err)
		return err;
	if (is_key) {
		v->last_key = now;
		v->wants_key = false;
		v->key_frames++;
	}
	m->frames++;
	m->octets += len;
	if (!len)
		return 0;
	return vc_tx_layers(&m->tx, v->enc, now, t, p, len, is_key);
}

/* The same picture, smaller. */
static int encode_layer(struct video *v, const struct vc_image *img, int64_t t,
			int64_t now)
{
	const struct vc_rect all = { 0, 0, v->width, v->height };
	int err = 0;

	if (v->m.is_hushed[HUSH_PAUSE])
		return 0;
	if (!v->scaled.width)
		err = vc_image_alloc(&v->scaled, v->width, v->height);
	if (err)
		return err;
	vc_pixels_scale(&v->scaled, all, img);
	return encode(v, &v->scaled, t, now);
}

static int send(struct medium *m, int64_t now)
{
	struct video *v = video_of(m);
	struct person *who = m->who;
	int64_t t = m->base + m->pts;
	const struct vc_image *img;
	int err = 0;

	v->frame = frame_number(v);
	img = stamp_video(&m->stamp, v->img, v->frame, t);
	for (size_t i = 0; i < VC_COUNT(who->layers) && !err; i++) {
		struct video *layer = &who->layers[i];

		if (!layer->m.who || layer->m.lead != m)
			continue;
		layer->frame = v->frame;
		err = encode_layer(layer, img, t, now);
	}
	return err ? err : encode(v, img, t, now);
}

static void clear(struct medium *m)
{
	vc_videnc_free(video_of(m)->enc);
	vc_image_clear(&video_of(m)->scaled);
}

const struct medium_ops camera_ops = {
	.word = "video",
	.kind = VC_VIDEO,
	.take = take,
	.send = send,
	.clear = clear,
};

const struct medium_ops slides_ops = {
	.word = "slides",
	.kind = VC_VIDEO,
	.take = take,
	.send = send,
	.clear = clear,
};

int video_open(struct video *v)
{
	const struct vc_options *o = vc_tool_options(v->m.who->cap->tool);
	int64_t keyint = o->keyint ? o->keyint : 2 * VC_SEC;
	struct vc_videnc_cfg conf = {
		.codec = v->codec,
		.width = v->width,
		.height = v->height,
		.fps_num = v->fps_num,
		.fps_den = v->fps_den,
		.bitrate_bps = (uint32_t)v->bitrate,
		.keyint_frames =
			(int)(keyint / VC_MS * v->fps_num / v->fps_den / 1000),
		.screen = v->is_screen,
		.slice_size = v->slice_size,
		.plug = v->plug,
		.n_spatial = v->layers.sid + 1,
		.n_temporal = v->layers.tid + 1,
	};
	int err;

	if (conf.keyint_frames < 1)
		conf.keyint_frames = 1;
	v->frame = -1;
	v->bitrate_first = v->bitrate;
	v->enc = vc_videnc_new(&conf, &err);
	return v->enc ? 0 : err;
}

void video_keyframe(struct video *v)
{
	v->wants_key = true;
	if (!v->m.is_copy)
		return;
	if (!v->m.unanswered)
		vc_tool_note(v->m.who->cap->tool,
			     "%s: --copy: key frames come when it has them",
			     v->m.place);
	v->m.unanswered++;
}

static int set_bitrate(struct video *v, int64_t bps)
{
	int err = vc_videnc_set_bitrate(v->enc, (uint32_t)bps);

	if (!err)
		v->bitrate = bps;
	return err;
}

int video_layer_bitrate(struct video *v, int64_t *bps)
{
	if (v->rid && *bps > v->bitrate_first)
		*bps = v->bitrate_first;
	return set_bitrate(v, *bps);
}

int video_bitrate(struct video *v, int64_t bps)
{
	const struct person *who = v->m.who;
	int64_t sum = v->bitrate_first;
	int err = 0;

	if (v->m.lead)
		return 0; /* the one that leads has told it */
	for (size_t i = 0; i < VC_COUNT(who->layers); i++)
		if (who->layers[i].m.lead == &v->m)
			sum += who->layers[i].bitrate_first;
	for (size_t i = 0; i < MEDIA && !err; i++) {
		struct medium *m = person_medium(v->m.who, i);
		int64_t share;

		if (!m || !medium_is_layer(m, &v->m))
			continue;
		share = bps * video_of(m)->bitrate_first / sum;
		err = set_bitrate(video_of(m),
				  share < RATE_MIN ? RATE_MIN : share);
	}
	return err;
}
