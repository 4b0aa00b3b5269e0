/* SPDX-License-Identifier: MIT */
#include "wire/keystart.h"

#include "wire/av1.h"
#include "wire/h264.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

bool vc_keystart_knows(enum vc_codec codec)
{
	return codec == VC_CODEC_VP8 || codec == VC_CODEC_VP9 ||
	       codec == VC_CODEC_H264 || codec == VC_CODEC_AV1;
}

bool vc_keystart(enum vc_codec codec, const uint8_t *payload, size_t len)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return vc_vp8_is_key_start(payload, len);
	case VC_CODEC_VP9:
		return vc_vp9_is_key_start(payload, len);
	case VC_CODEC_H264:
		return vc_h264_is_key_start(payload, len);
	case VC_CODEC_AV1:
		return vc_av1_is_key_start(payload, len);
	default:
		return false;
	}
}
