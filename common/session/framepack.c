/* SPDX-License-Identifier: MIT */
/* A table of payload formats; each has a file of its own. */
#include "session/framepack.h"

#include <assert.h>
#include <string.h>

#include "session/framepack_internal.h"

static const struct vc_framepack_ops *ops_of(enum vc_codec codec)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return &vc_framepack_vp8;
	case VC_CODEC_VP9:
		return &vc_framepack_vp9;
	case VC_CODEC_H264:
		return &vc_framepack_h264;
	case VC_CODEC_AV1:
		return &vc_framepack_av1;
	default:
		return NULL;
	}
}

bool vc_framepack_can(enum vc_codec codec)
{
	return ops_of(codec);
}

int vc_framepack_init(struct vc_framepack *pk,
		      const struct vc_framepack_conf *conf,
		      const uint8_t *frame, size_t len)
{
	int err;

	assert(conf->max_payload >= VC_FRAMEPACK_PAYLOAD_MIN);
	*pk = (struct vc_framepack){
		.conf = *conf,
		.ops = ops_of(conf->codec),
		.p = frame,
		.end = frame + len,
		.left = len,
		.is_first = true,
	};
	assert(pk->ops);
	err = pk->ops->init(pk);
	if (err) {
		pk->left = 0;
		pk->n = 0;
	}
	return err;
}

size_t vc_framepack_next(struct vc_framepack *pk, uint8_t *out, bool *marker)
{
	size_t len = 0;

	*marker = false;
	if (pk->left)
		len = pk->ops->next(pk, out, marker);
	pk->is_first = false;
	return len;
}

size_t vc_framepack_cut(struct vc_framepack *pk, uint8_t *out, size_t extra)
{
	size_t len = (pk->left + extra + pk->n - 1) / pk->n - extra;

	memcpy(out, pk->p, len);
	pk->p += len;
	pk->left -= len;
	pk->n--;
	return len;
}
