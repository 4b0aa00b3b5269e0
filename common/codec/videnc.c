/* SPDX-License-Identifier: MIT */
/* The part of all encoders that is the same: limits, key frame distance. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/video_internal.h"

#define SLICE_MIN 800 /* a macroblock can have 400 octets */

/*
 * Threads of libvpx's VP8 wait for each other by spinning: where others run,
 * too, two take several times the CPU of one, and longer. One is enough for
 * 1280x720.
 */
int vc_videnc_threads(enum vc_codec codec, int width, int height)
{
	int one = codec == VC_CODEC_VP8 ? 1280 * 720 : VC_VIDEO_SMALL;

	return width * height > one ? 2 : 1;
}

static int at_least_one(int n)
{
	return n > 1 ? n : 1;
}

bool vc_videnc_ops_layers(const struct vc_videnc_ops *ops, int n_spatial,
			  int n_temporal)
{
	return n_spatial >= 0 && n_temporal >= 0 &&
	       at_least_one(n_spatial) <= at_least_one(ops->spatial_max) &&
	       at_least_one(n_temporal) <= at_least_one(ops->temporal_max);
}

static bool layers_ok(const struct vc_videnc_ops *ops,
		      const struct vc_videnc_cfg *cfg)
{
	int least = VC_VIDENC_BASE_MIN;

	if (!vc_videnc_ops_layers(ops, cfg->n_spatial, cfg->n_temporal))
		return false;
	if (cfg->n_spatial < 2)
		return true;
	least <<= cfg->n_spatial - 1;
	return cfg->width >= least && cfg->height >= least &&
	       !((cfg->width | cfg->height) & 1);
}

static bool side_ok(const struct vc_videnc_ops *ops, int side)
{
	return side >= ops->side_min && !(ops->is_even && side & 1);
}

static bool cfg_ok(const struct vc_videnc_ops *ops,
		   const struct vc_videnc_cfg *cfg)
{
	return vc_image_size_ok(cfg->width, cfg->height) &&
	       side_ok(ops, cfg->width) && side_ok(ops, cfg->height) &&
	       cfg->fps_num > 0 && cfg->fps_den > 0 &&
	       cfg->bitrate_bps >= 1000 && cfg->keyint_frames >= 0 &&
	       cfg->threads >= 0 && cfg->threads <= 16 && cfg->speed >= 0 &&
	       cfg->speed <= 16 &&
	       (!cfg->slice_size || cfg->slice_size >= SLICE_MIN) &&
	       layers_ok(ops, cfg);
}

/* The base first: rounded up to even sides, as encoders do. */
static void set_layers(struct vc_videnc_layers *l,
		       const struct vc_videnc_cfg *cfg)
{
	l->n_spatial = (uint8_t)cfg->n_spatial;
	l->n_temporal = (uint8_t)cfg->n_temporal;
	l->is_ref = true;
	for (int i = 0; i < cfg->n_spatial; i++) {
		int shift = cfg->n_spatial - 1 - i;
		int w = cfg->width >> shift, h = cfg->height >> shift;

		l->width[i] = (uint16_t)(shift ? w + (w & 1) : w);
		l->height[i] = (uint16_t)(shift ? h + (h & 1) : h);
	}
}

/* --- one from elsewhere --- */

struct plugged {
	struct vc_videnc base;
	void *self;
};

static int plugged_open(struct vc_videnc *base)
{
	return base->cfg.plug->open(&base->cfg,
				    &((struct plugged *)base)->self);
}

static void plugged_close(struct vc_videnc *base)
{
	void *self = ((struct plugged *)base)->self;

	if (self)
		base->cfg.plug->close(self);
}

static int plugged_encode(struct vc_videnc *base, const struct vc_image *img,
			  int64_t pts, bool force_key, struct vc_vidout *out)
{
	return base->cfg.plug->encode(((struct plugged *)base)->self, img, pts,
				      force_key, &out->p, &out->len,
				      &out->is_key);
}

static int plugged_set_bitrate(struct vc_videnc *base)
{
	return base->cfg.plug->set_bitrate(((struct plugged *)base)->self,
					   base->cfg.bitrate_bps);
}

static const struct vc_videnc_ops plugged_ops = {
	.size = sizeof(struct plugged),
	.speed_max = 16,
	.open = plugged_open,
	.close = plugged_close,
	.encode = plugged_encode,
	.set_bitrate = plugged_set_bitrate,
};

/* --- life --- */

struct vc_videnc *vc_videnc_make(const struct vc_videnc_ops *ops,
				 const struct vc_videnc_cfg *cfg, int *err)
{
	struct vc_videnc *enc;

	*err = -EINVAL;
	if (!cfg_ok(ops, cfg))
		return NULL;
	if (cfg->plug)
		ops = &plugged_ops;
	*err = -ENOMEM;
	enc = vc_try_alloc(1, ops->size);
	if (!enc)
		return NULL;
	enc->ops = ops;
	enc->cfg = *cfg;
	if (!cfg->threads)
		enc->cfg.threads =
			vc_videnc_threads(cfg->codec, cfg->width, cfg->height);
	if (cfg->speed > ops->speed_max)
		enc->cfg.speed = ops->speed_max;
	enc->cfg.n_spatial = at_least_one(cfg->n_spatial);
	enc->cfg.n_temporal = at_least_one(cfg->n_temporal);
	set_layers(&enc->layers, &enc->cfg);
	*err = ops->open(enc);
	if (!*err)
		return enc;
	vc_videnc_free(enc);
	return NULL;
}

void vc_videnc_free(struct vc_videnc *enc)
{
	if (!enc)
		return;
	enc->ops->close(enc);
	free(enc);
}

int vc_videnc_encode(struct vc_videnc *enc, const struct vc_image *img,
		     int64_t pts_frames, bool force_key, const uint8_t **out,
		     size_t *len, bool *is_key)
{
	int keyint = enc->cfg.keyint_frames;
	struct vc_vidout got = { 0 };
	int err;

	*len = 0;
	*is_key = false;
	if (img->width != enc->cfg.width || img->height != enc->cfg.height)
		return -EINVAL;
	if (keyint && enc->since_key >= keyint)
		force_key = true;
	err = enc->ops->encode(enc, img, pts_frames, force_key, &got);
	if (err)
		return err;
	enc->since_key = got.is_key ? 1 : enc->since_key + 1;
	*out = got.p;
	*len = got.len;
	*is_key = got.is_key;
	return 0;
}

const struct vc_videnc_layers *vc_videnc_layers(const struct vc_videnc *enc)
{
	return &enc->layers;
}

int vc_videnc_set_bitrate(struct vc_videnc *enc, uint32_t bitrate_bps)
{
	if (bitrate_bps < 1000)
		return -EINVAL;
	enc->cfg.bitrate_bps = bitrate_bps;
	return enc->ops->set_bitrate(enc);
}
