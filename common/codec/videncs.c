/* SPDX-License-Identifier: MIT */
/* All encoders: who uses this links all their libraries. */
#include <errno.h>

#include "codec/video_internal.h"

static const struct vc_videnc_ops *ops_of(enum vc_codec codec)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return &vc_videnc_vp8;
	case VC_CODEC_VP9:
		return &vc_videnc_vp9;
	case VC_CODEC_H264:
		return &vc_videnc_h264;
	case VC_CODEC_AV1:
		return &vc_videnc_av1;
	default:
		return NULL;
	}
}

bool vc_videnc_is_even(enum vc_codec codec)
{
	const struct vc_videnc_ops *ops = ops_of(codec);

	return ops && ops->is_even;
}

int vc_videnc_side_min(enum vc_codec codec)
{
	const struct vc_videnc_ops *ops = ops_of(codec);

	return ops ? ops->side_min : 1;
}

bool vc_videnc_has_layers(enum vc_codec codec, int n_spatial, int n_temporal)
{
	const struct vc_videnc_ops *ops = ops_of(codec);

	return ops && vc_videnc_ops_layers(ops, n_spatial, n_temporal);
}

struct vc_videnc *vc_videnc_new(const struct vc_videnc_cfg *cfg, int *err)
{
	const struct vc_videnc_ops *ops = ops_of(cfg->codec);

	*err = -ENOTSUP;
	return ops ? vc_videnc_make(ops, cfg, err) : NULL;
}
