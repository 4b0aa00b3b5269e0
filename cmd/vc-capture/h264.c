/* SPDX-License-Identifier: MIT */
#include "h264.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "gst/x264.h"

/* --- x264 as an encoder of codec/video.h --- */

static int open(const struct vc_videnc_cfg *cfg, void **self)
{
	const struct vc_x264_config c = {
		.width = cfg->width,
		.height = cfg->height,
		.fps_num = cfg->fps_num,
		.fps_den = cfg->fps_den,
		.bitrate_bps = cfg->bitrate_bps,
		.speed = cfg->speed,
		.slice_size = cfg->slice_size,
		.screen = cfg->screen,
	};
	char text[VC_GST_TEXT_CAP];
	struct vc_x264 *x;
	int err = vc_x264_open(&x, &c, text);

	*self = x;
	return err;
}

static void close(void *self)
{
	vc_x264_close(self);
}

static int encode(void *self, const struct vc_image *img, int64_t pts_frames,
		  bool force_key, const uint8_t **out, size_t *len,
		  bool *is_key)
{
	return vc_x264_encode(self, img, pts_frames, force_key, out, len,
			      is_key);
}

static int set_bitrate(void *self, uint32_t bitrate_bps)
{
	vc_x264_set_bitrate(self, bitrate_bps);
	return 0;
}

static const struct vc_videnc_plug x264_plug = {
	.open = open,
	.close = close,
	.encode = encode,
	.set_bitrate = set_bitrate,
};

/* --- options --- */

void h264_check(struct vc_tool *t, const struct own *own)
{
	if (own_vcodec(t) == VC_CODEC_H264)
		return;
	if (own->encoder != ENCODER_ANY)
		vc_tool_usage(t, "--encoder: with --vcodec h264 only");
	if (vc_tool_options(t)->packetization_mode >= 0)
		vc_tool_usage(t,
			      "--packetization-mode: with --vcodec h264 only");
}

void h264_set_up(struct vc_tool *t, struct video *v, const struct own *own)
{
	char text[VC_GST_TEXT_CAP];

	if (!vc_tool_options(t)->packetization_mode)
		v->slice_size = VC_TX_UNIT;
	if (own->encoder != ENCODER_X264)
		return;
	v->plug = &x264_plug;
	if (!vc_x264_check(text))
		return;
	vc_tool_fail(t, VC_EXIT_FAIL, "--encoder x264: open: %s", text);
	exit(vc_tool_end(t));
}
