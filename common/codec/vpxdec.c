/* SPDX-License-Identifier: MIT */
/* VP8 out of libvpx. */
#include <errno.h>

#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "codec/video_internal.h"
#include "wire/vp8.h"

struct vpxdec {
	struct vc_viddec base;
	vpx_codec_ctx_t ctx;
	bool is_open;
};

static int dec_open(struct vc_viddec *base)
{
	struct vpxdec *dec = (struct vpxdec *)base;
	vpx_codec_dec_cfg_t vpx = {
		.threads = (unsigned int)base->cfg.threads,
	};
	vpx_codec_err_t e;

	e = vpx_codec_dec_init(&dec->ctx, vpx_codec_vp8_dx(), &vpx, 0);
	dec->is_open = !e;
	return !e ? 0 : e == VPX_CODEC_MEM_ERROR ? -ENOMEM : -EIO;
}

static void dec_close(struct vc_viddec *base)
{
	struct vpxdec *dec = (struct vpxdec *)base;

	if (dec->is_open)
		vpx_codec_destroy(&dec->ctx);
}

static int look_vp8(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_vp8_frame frame;

	if (vc_vp8_frame_parse(&frame, p, len, len))
		return -EBADMSG;
	head->is_key = frame.key;
	head->width = frame.width;
	head->height = frame.height;
	return 0;
}

static void unwrap(struct vc_image *img, const vpx_image_t *im)
{
	*img = (struct vc_image){
		.width = (int)im->d_w,
		.height = (int)im->d_h,
		.y = im->planes[VPX_PLANE_Y],
		.u = im->planes[VPX_PLANE_U],
		.v = im->planes[VPX_PLANE_V],
		.stride_y = im->stride[VPX_PLANE_Y],
		.stride_u = im->stride[VPX_PLANE_U],
		.stride_v = im->stride[VPX_PLANE_V],
	};
}

static int decode(struct vc_viddec *base, const uint8_t *p, size_t len,
		  struct vc_image *img)
{
	struct vpxdec *dec = (struct vpxdec *)base;
	vpx_codec_iter_t iter = NULL;
	const vpx_image_t *im;
	int corrupt = 0;

	if (vpx_codec_decode(&dec->ctx, p, (unsigned int)len, NULL, 0))
		return -EBADMSG;
	if (vpx_codec_control(&dec->ctx, VP8D_GET_FRAME_CORRUPTED, &corrupt) ||
	    corrupt)
		return -EBADMSG;
	im = vpx_codec_get_frame(&dec->ctx, &iter);
	if (!im)
		return -ENODATA;
	unwrap(img, im);
	return 0;
}

const struct vc_viddec_ops vc_viddec_vp8 = {
	.size = sizeof(struct vpxdec),
	.open = dec_open,
	.close = dec_close,
	.look = look_vp8,
	.decode = decode,
};
