/* SPDX-License-Identifier: MIT */
/*
 * VP8 and VP9 out of libvpx. What follows a VP9 frame that has no index is
 * taken for another frame by libvpx, which nobody has looked at. So every one
 * gets an index, which says where it ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "base/mem.h"
#include "codec/video_internal.h"

#define INDEX 6 /* octets, for one frame of up to 32 bits of length */

struct vpxdec {
	struct vc_viddec base;
	vpx_codec_ctx_t ctx;
	bool is_open;
	uint8_t *copy; /* of a VP9 frame, with an index */
	size_t cap;
};

static int dec_open(struct vc_viddec *base)
{
	struct vpxdec *dec = (struct vpxdec *)base;
	vpx_codec_dec_cfg_t vpx = {
		.threads = (unsigned int)base->cfg.threads,
	};
	vpx_codec_iface_t *iface = base->cfg.codec == VC_CODEC_VP9 ?
					   vpx_codec_vp9_dx() :
					   vpx_codec_vp8_dx();
	vpx_codec_err_t e;

	e = vpx_codec_dec_init(&dec->ctx, iface, &vpx, 0);
	dec->is_open = !e;
	return !e ? 0 : e == VPX_CODEC_MEM_ERROR ? -ENOMEM : -EIO;
}

static void dec_close(struct vc_viddec *base)
{
	struct vpxdec *dec = (struct vpxdec *)base;

	if (dec->is_open)
		vpx_codec_destroy(&dec->ctx);
	free(dec->copy);
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

static int decode(struct vpxdec *dec, const uint8_t *p, size_t len,
		  struct vc_image *img)
{
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
	if (im->fmt != VPX_IMG_FMT_I420)
		return -EBADMSG;
	unwrap(img, im);
	return 0;
}

static int decode_vp8(struct vc_viddec *base, const uint8_t *p, size_t len,
		      struct vc_image *img)
{
	return decode((struct vpxdec *)base, p, len, img);
}

static int reserve(struct vpxdec *dec, size_t len)
{
	size_t cap = dec->cap ? dec->cap : 65536;
	uint8_t *copy;

	if (len <= dec->cap)
		return 0;
	while (cap < len)
		cap *= 2;
	copy = vc_try_alloc(1, cap);
	if (!copy)
		return -ENOMEM;
	free(dec->copy);
	dec->copy = copy;
	dec->cap = cap;
	return 0;
}

static int decode_vp9(struct vc_viddec *base, const uint8_t *p, size_t len,
		      struct vc_image *img)
{
	struct vpxdec *dec = (struct vpxdec *)base;
	uint8_t *index;
	int err;

	if (vc_vidhead_vp9_has_index(p, len))
		return decode(dec, p, len, img);
	err = reserve(dec, len + INDEX);
	if (err)
		return err;
	memcpy(dec->copy, p, len);
	index = dec->copy + len;
	index[0] = 0xd8; /* one frame, four octets of length */
	for (int i = 0; i < 4; i++)
		index[1 + i] = (uint8_t)(len >> 8 * i);
	index[5] = index[0];
	return decode(dec, dec->copy, len + INDEX, img);
}

const struct vc_viddec_ops vc_viddec_vp8 = {
	.size = sizeof(struct vpxdec),
	.open = dec_open,
	.close = dec_close,
	.look = vc_vidhead_vp8,
	.decode = decode_vp8,
};

const struct vc_viddec_ops vc_viddec_vp9 = {
	.size = sizeof(struct vpxdec),
	.open = dec_open,
	.close = dec_close,
	.look = vc_vidhead_vp9,
	.decode = decode_vp9,
};
