/* SPDX-License-Identifier: MIT */
/*
 * AV1 from libaom, in real-time mode at a fixed speed. Tools of the codec that
 * cost more than they give at such speeds are off. Its threads share a picture
 * by tiles, whose number goes by the threads asked for, so equal settings give
 * equal bytes. What comes out is a temporal unit; RTP carries it without its
 * temporal delimiter (AV1 RTP specification, section 5), and so do we.
 */
#include <errno.h>

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include "base/mem.h"
#include "codec/video_internal.h"

#define BUFFER_MS 1000
#define BUFFER_START_MS 500
#define BUFFER_BEST_MS 600

struct av1enc {
	struct vc_videnc base;
	aom_codec_ctx_t ctx;
	bool is_open;
	aom_codec_enc_cfg_t cfg;
};

static int errno_of(aom_codec_err_t e)
{
	switch (e) {
	case AOM_CODEC_OK:
		return 0;
	case AOM_CODEC_MEM_ERROR:
		return -ENOMEM;
	case AOM_CODEC_INVALID_PARAM:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static void fill_cfg(aom_codec_enc_cfg_t *out, const struct vc_videnc_cfg *cfg)
{
	out->g_w = (unsigned int)cfg->width;
	out->g_h = (unsigned int)cfg->height;
	out->g_timebase.num = cfg->fps_den;
	out->g_timebase.den = cfg->fps_num;
	out->g_threads = (unsigned int)cfg->threads;
	out->g_pass = AOM_RC_ONE_PASS;
	out->g_lag_in_frames = 0;
	out->g_error_resilient = 0;
	out->rc_end_usage = AOM_CBR;
	out->rc_target_bitrate = cfg->bitrate_bps / 1000;
	out->rc_dropframe_thresh = 0;
	out->rc_resize_mode = 0;
	out->rc_superres_mode = AOM_SUPERRES_NONE;
	out->rc_min_quantizer = 8;
	out->rc_max_quantizer = 56;
	out->rc_undershoot_pct = 50;
	out->rc_overshoot_pct = 15;
	out->rc_buf_sz = BUFFER_MS;
	out->rc_buf_initial_sz = BUFFER_START_MS;
	out->rc_buf_optimal_sz = BUFFER_BEST_MS;
	out->kf_mode = AOM_KF_DISABLED;
}

/* As a key frame of codec/vpxenc.c. */
static unsigned int intra_pct(const struct vc_videnc_cfg *cfg)
{
	int64_t pct =
		(int64_t)BUFFER_BEST_MS * cfg->fps_num / cfg->fps_den / 20;

	return pct < 300 ? 300 : pct > 10000 ? 10000 : (unsigned int)pct;
}

static int turn_off(aom_codec_ctx_t *c)
{
	static const int ids[] = {
		AV1E_SET_ENABLE_ORDER_HINT,    AV1E_SET_ENABLE_TPL_MODEL,
		AV1E_SET_DELTAQ_MODE,	       AV1E_SET_ENABLE_OBMC,
		AV1E_SET_ENABLE_WARPED_MOTION, AV1E_SET_ENABLE_GLOBAL_MOTION,
		AV1E_SET_ENABLE_REF_FRAME_MVS, AV1E_SET_ENABLE_CFL_INTRA,
		AV1E_SET_ENABLE_SMOOTH_INTRA,  AV1E_SET_ENABLE_ANGLE_DELTA,
		AV1E_SET_ENABLE_FILTER_INTRA,
	};
	int bad = 0;

	for (size_t i = 0; i < VC_COUNT(ids); i++)
		bad |= aom_codec_control(c, ids[i], 0);
	return bad;
}

static int control(struct av1enc *enc, const struct vc_videnc_cfg *cfg)
{
	aom_codec_ctx_t *c = &enc->ctx;
	bool is_small = cfg->width * cfg->height <= VC_VIDEO_SMALL;
	int bad = turn_off(c);

	bad |= aom_codec_control(c, AOME_SET_CPUUSED,
				 cfg->speed	  ?:
					 is_small ? 9 :
						    10);
	bad |= aom_codec_control(c, AV1E_SET_TILE_COLUMNS,
				 cfg->threads > 1 ? 1 : 0);
	bad |= aom_codec_control(c, AV1E_SET_ROW_MT, 0);
	bad |= aom_codec_control(c, AV1E_SET_AQ_MODE, 3);
	bad |= aom_codec_control(c, AV1E_SET_CDF_UPDATE_MODE, 1);
	bad |= aom_codec_control(c, AV1E_SET_COEFF_COST_UPD_FREQ, 3);
	bad |= aom_codec_control(c, AV1E_SET_MODE_COST_UPD_FREQ, 3);
	bad |= aom_codec_control(c, AV1E_SET_MV_COST_UPD_FREQ, 3);
	bad |= aom_codec_control(c, AV1E_SET_INTRA_DEFAULT_TX_ONLY, 1);
	bad |= aom_codec_control(c, AV1E_SET_NOISE_SENSITIVITY, 0);
	bad |= aom_codec_control(c, AV1E_SET_ENABLE_PALETTE, cfg->screen);
	bad |= aom_codec_control(c, AV1E_SET_TUNE_CONTENT,
				 cfg->screen ? AOM_CONTENT_SCREEN :
					       AOM_CONTENT_DEFAULT);
	bad |= aom_codec_control(c, AOME_SET_MAX_INTRA_BITRATE_PCT,
				 intra_pct(cfg));
	return bad ? -EINVAL : 0;
}

static int enc_open(struct vc_videnc *base)
{
	struct av1enc *enc = (struct av1enc *)base;
	aom_codec_iface_t *iface = aom_codec_av1_cx();
	aom_codec_err_t e;

	e = aom_codec_enc_config_default(iface, &enc->cfg, AOM_USAGE_REALTIME);
	if (e)
		return errno_of(e);
	fill_cfg(&enc->cfg, &base->cfg);
	e = aom_codec_enc_init(&enc->ctx, iface, &enc->cfg, 0);
	if (e)
		return errno_of(e);
	enc->is_open = true;
	return control(enc, &base->cfg);
}

static void enc_close(struct vc_videnc *base)
{
	struct av1enc *enc = (struct av1enc *)base;

	if (enc->is_open)
		aom_codec_destroy(&enc->ctx);
}

/* The planes are libaom's to read only. */
static void wrap(aom_image_t *im, const struct vc_image *img)
{
	aom_img_wrap(im, AOM_IMG_FMT_I420, (unsigned int)img->width,
		     (unsigned int)img->height, 1, img->y);
	im->planes[AOM_PLANE_U] = img->u;
	im->planes[AOM_PLANE_V] = img->v;
	im->stride[AOM_PLANE_Y] = img->stride_y;
	im->stride[AOM_PLANE_U] = img->stride_u;
	im->stride[AOM_PLANE_V] = img->stride_v;
}

/* A temporal delimiter is two octets: the header, a length of none. */
static void strip(struct vc_vidout *out)
{
	if (out->len >= 2 && out->p[0] == 0x12 && !out->p[1]) {
		out->p += 2;
		out->len -= 2;
	}
}

static int encode(struct vc_videnc *base, const struct vc_image *img,
		  int64_t pts, bool force_key, struct vc_vidout *out)
{
	struct av1enc *enc = (struct av1enc *)base;
	aom_codec_iter_t iter = NULL;
	const aom_codec_cx_pkt_t *pkt;
	aom_image_t im;
	aom_codec_err_t e;

	wrap(&im, img);
	e = aom_codec_encode(&enc->ctx, &im, pts, 1,
			     force_key ? AOM_EFLAG_FORCE_KF : 0);
	if (e)
		return errno_of(e);
	while ((pkt = aom_codec_get_cx_data(&enc->ctx, &iter))) {
		if (pkt->kind != AOM_CODEC_CX_FRAME_PKT)
			continue;
		out->p = pkt->data.frame.buf;
		out->len = pkt->data.frame.sz;
		out->is_key = pkt->data.frame.flags & AOM_FRAME_IS_KEY;
		strip(out);
		break;
	}
	return 0;
}

static int set_bitrate(struct vc_videnc *base)
{
	struct av1enc *enc = (struct av1enc *)base;

	enc->cfg.rc_target_bitrate = base->cfg.bitrate_bps / 1000;
	return errno_of(aom_codec_enc_config_set(&enc->ctx, &enc->cfg));
}

const struct vc_videnc_ops vc_videnc_av1 = {
	.size = sizeof(struct av1enc),
	.speed_max = 10,
	.side_min = 16,
	.open = enc_open,
	.close = enc_close,
	.encode = encode,
	.set_bitrate = set_bitrate,
};
