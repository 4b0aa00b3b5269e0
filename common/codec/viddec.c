/* SPDX-License-Identifier: MIT */
/*
 * The part of all decoders that is the same. The headers of a frame are looked
 * at before a library allocates anything for it. A frame that fails makes every
 * one up to the next key frame useless, so those are refused instead of showing
 * smears.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/video_internal.h"

static const struct vc_viddec_ops *ops_of(enum vc_codec codec)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return &vc_viddec_vp8;
	case VC_CODEC_VP9:
		return &vc_viddec_vp9;
	case VC_CODEC_H264:
		return &vc_viddec_h264;
	case VC_CODEC_AV1:
		return &vc_viddec_av1;
	default:
		return NULL;
	}
}

struct vc_viddec *vc_viddec_new(const struct vc_viddec_cfg *cfg, int *err)
{
	const struct vc_viddec_ops *ops = ops_of(cfg->codec);
	struct vc_viddec *dec;

	*err = -ENOTSUP;
	if (!ops)
		return NULL;
	*err = -EINVAL;
	if (cfg->threads < 0 || cfg->threads > 16 ||
	    !vc_image_size_ok(cfg->max_width, cfg->max_height))
		return NULL;
	*err = -ENOMEM;
	dec = vc_try_alloc(1, ops->size);
	if (!dec)
		return NULL;
	dec->ops = ops;
	dec->cfg = *cfg;
	if (!cfg->threads)
		dec->cfg.threads = 1;
	*err = ops->open(dec);
	if (!*err)
		return dec;
	vc_viddec_free(dec);
	return NULL;
}

void vc_viddec_free(struct vc_viddec *dec)
{
	if (!dec)
		return;
	dec->ops->close(dec);
	free(dec);
}

static bool is_within(const struct vc_viddec *dec, int width, int height)
{
	return width <= dec->cfg.max_width && height <= dec->cfg.max_height;
}

/* May this go into the library? 0 when it may. */
static int admit(struct vc_viddec *dec, const uint8_t *p, size_t len)
{
	struct vc_vidhead head = { 0 };
	int err;

	if (!len || len > INT32_MAX)
		return -EBADMSG;
	err = dec->ops->look(p, len, &head);
	if (err)
		return err;
	if (!is_within(dec, head.width, head.height))
		return -EFBIG;
	return head.is_key || dec->is_intact ? 0 : -EAGAIN;
}

int vc_viddec_decode(struct vc_viddec *dec, const uint8_t *p, size_t len,
		     struct vc_image *img)
{
	int err = admit(dec, p, len);

	if (!err)
		err = dec->ops->decode(dec, p, len, img);
	/* AV1's frames may be larger than the sequence says. */
	if (!err && !is_within(dec, img->width, img->height))
		err = -EFBIG;
	dec->is_intact = !err || err == -ENODATA;
	return err;
}
