/* SPDX-License-Identifier: MIT */
/*
 * VP8 and VP9 from libvpx, in real-time mode with a fixed speed; of VP8 a
 * negative number, as a positive one adapts to the time that passes and is
 * different on every run. The threads of libvpx's VP8 work on rows of
 * macroblocks and wait for the row above, so what they do does not depend on
 * their timing; but one thread and two give different bytes, and so do token
 * partitions: both go by size. No frame is dropped by the rate control: a frame
 * that comes late or costs more is better than a picture that stutters, and
 * every tool counts on the frame rate. Of VP8 without layers what stands still
 * is repeated (still.h).
 *
 * Of temporal layers pictures come as 0 1, or as 0 2 1 2, anew at each key
 * frame. All refer to the base before them, the second one of layer 2 to that
 * of layer 1, too (or only, with VP9). What a picture above the base leaves to
 * others does not outlive the next of the base: one may go up at any time. The
 * entropy coder's state is the base's, and nobody's with VP9.
 */
#include <errno.h>

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include "codec/still.h"
#include "codec/video_internal.h"

/* The rate control's model of the receiver's buffer, in milliseconds. */
#define BUFFER_MS 1000
#define BUFFER_START_MS 500
#define BUFFER_BEST_MS 600

#define LAYERS VC_VIDENC_LAYERS_MAX

/* Percent of the rate, of a temporal layer with all below it. */
static const unsigned int temporal_pct[LAYERS][LAYERS] = {
	{ 100 },
	{ 60, 100 },
	{ 40, 60, 100 },
};

/* And of a spatial one alone. */
static const unsigned int spatial_pct[LAYERS][LAYERS] = {
	{ 100 },
	{ 30, 70 },
	{ 14, 29, 57 },
};

/* VP8: a picture of the pattern. */
struct step {
	uint8_t tid;
	bool is_sync;
	bool is_ref;
	vpx_enc_frame_flags_t flags;
};

#define NO_GOLDEN (VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_UPD_GF)
#define NO_ALT (VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_ARF)
#define UPPER (VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ENTROPY)

/* The base is kept as the last frame, the middle layer as the golden one. */
static const struct step steps[LAYERS][1 << (LAYERS - 1)] = {
	{ { 0, false, true, 0 } },
	{ { 0, false, true, NO_GOLDEN | NO_ALT },
	  { 1, true, false, NO_GOLDEN | NO_ALT | UPPER } },
	{ { 0, false, true, NO_GOLDEN | NO_ALT },
	  { 2, true, false, NO_GOLDEN | NO_ALT | UPPER },
	  { 1, true, true, VP8_EFLAG_NO_REF_GF | NO_ALT | UPPER },
	  { 2, false, false, VP8_EFLAG_NO_UPD_GF | NO_ALT | UPPER } },
};

struct vpxenc {
	struct vc_videnc base;
	vpx_codec_ctx_t ctx;
	bool is_open;
	vpx_codec_enc_cfg_t cfg;
	vpx_image_t image;
	unsigned int step; /* VP8: of the next picture; 0 also with a key */
	struct vc_still *still; /* VP8 without layers */
};

static int errno_of(vpx_codec_err_t e)
{
	switch (e) {
	case VPX_CODEC_OK:
		return 0;
	case VPX_CODEC_MEM_ERROR:
		return -ENOMEM;
	case VPX_CODEC_INVALID_PARAM:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static bool has_layers(const struct vc_videnc_cfg *cfg)
{
	return cfg->n_spatial > 1 || cfg->n_temporal > 1;
}

/* In kbit/s, of temporal layer t; each more than the one below it. */
static unsigned int rate_of(unsigned int bps, unsigned int pct, int t)
{
	return (bps / 100 * pct / 1000 ?: 1) + (unsigned int)t;
}

static void fill_rates(vpx_codec_enc_cfg_t *out,
		       const struct vc_videnc_cfg *cfg)
{
	const unsigned int *pct = temporal_pct[cfg->n_temporal - 1];
	int n = cfg->n_temporal;

	out->rc_target_bitrate = cfg->bitrate_bps / 1000;
	if (!has_layers(cfg))
		return;
	for (int t = 0; t < n; t++)
		out->ts_target_bitrate[t] =
			rate_of(cfg->bitrate_bps, pct[t], t);
	for (int s = 0; s < cfg->n_spatial; s++) {
		unsigned int bps = cfg->bitrate_bps / 100 *
				   spatial_pct[cfg->n_spatial - 1][s];

		out->ss_target_bitrate[s] = rate_of(bps, 100, 0);
		for (int t = 0; t < n; t++)
			out->layer_target_bitrate[s * n + t] =
				rate_of(bps, pct[t], t);
	}
}

static void fill_layers(vpx_codec_enc_cfg_t *out,
			const struct vc_videnc_cfg *cfg)
{
	static const int modes[LAYERS] = {
		VP9E_TEMPORAL_LAYERING_MODE_NOLAYERING,
		VP9E_TEMPORAL_LAYERING_MODE_0101,
		VP9E_TEMPORAL_LAYERING_MODE_0212,
	};
	int n = cfg->n_temporal;

	if (cfg->codec == VC_CODEC_VP9)
		out->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
	out->ss_number_layers = (unsigned int)cfg->n_spatial;
	out->ts_number_layers = (unsigned int)n;
	out->ts_periodicity = 1U << (n - 1);
	for (int t = 0; t < n; t++)
		out->ts_rate_decimator[t] = 1U << (n - 1 - t);
	for (unsigned int i = 0; i < out->ts_periodicity; i++)
		out->ts_layer_id[i] = steps[n - 1][i].tid;
	out->temporal_layering_mode = modes[n - 1];
}

static void fill_cfg(vpx_codec_enc_cfg_t *out, const struct vc_videnc_cfg *cfg)
{
	out->g_w = (unsigned int)cfg->width;
	out->g_h = (unsigned int)cfg->height;
	out->g_timebase.num = cfg->fps_den;
	out->g_timebase.den = cfg->fps_num;
	out->g_threads = (unsigned int)cfg->threads;
	out->g_pass = VPX_RC_ONE_PASS;
	out->g_lag_in_frames = 0;
	out->g_error_resilient = 0; /* loss is repaired, or a key frame asked */
	out->rc_end_usage = VPX_CBR;
	out->rc_dropframe_thresh = 0;
	out->rc_resize_allowed = 0;
	out->rc_min_quantizer = cfg->screen ? 4 : 2;
	out->rc_max_quantizer = 56;
	out->rc_undershoot_pct = 100;
	out->rc_overshoot_pct = 15;
	out->rc_buf_sz = BUFFER_MS;
	out->rc_buf_initial_sz = BUFFER_START_MS;
	out->rc_buf_optimal_sz = BUFFER_BEST_MS;
	out->kf_mode = VPX_KF_DISABLED; /* all of them are asked for here */
	if (has_layers(cfg))
		fill_layers(out, cfg);
	fill_rates(out, cfg);
}

/*
 * A key frame may cost half of what the buffer holds: at 30 frames a second
 * that is some 9 times an average frame.
 */
static unsigned int intra_pct(const struct vc_videnc_cfg *cfg)
{
	int64_t pct =
		(int64_t)BUFFER_BEST_MS * cfg->fps_num / cfg->fps_den / 20;

	return pct < 300 ? 300 : pct > 10000 ? 10000 : (unsigned int)pct;
}

static int control_vp8(struct vpxenc *enc, const struct vc_videnc_cfg *cfg)
{
	vpx_codec_ctx_t *c = &enc->ctx;
	bool is_small = cfg->width * cfg->height <= VC_VIDEO_SMALL;
	int speed = cfg->speed ?: is_small ? 6 : 8;
	int bad = 0;

	bad |= vpx_codec_control(c, VP8E_SET_CPUUSED, -speed);
	bad |= vpx_codec_control(c, VP8E_SET_NOISE_SENSITIVITY, 0U);
	bad |= vpx_codec_control(c, VP8E_SET_TOKEN_PARTITIONS,
				 is_small ? VP8_ONE_TOKENPARTITION :
					    VP8_TWO_TOKENPARTITION);
	bad |= vpx_codec_control(c, VP8E_SET_SCREEN_CONTENT_MODE,
				 cfg->screen ? 1U : 0U);
	return bad;
}

/* Tiles are what threads of VP9 share; one is 256 pixels wide at least. */
static int control_vp9(struct vpxenc *enc, const struct vc_videnc_cfg *cfg)
{
	vpx_codec_ctx_t *c = &enc->ctx;
	bool is_small = cfg->width * cfg->height <= VC_VIDEO_SMALL;
	int speed = cfg->speed ?: is_small ? 7 : 8;
	int bad = 0;

	bad |= vpx_codec_control(c, VP8E_SET_CPUUSED, speed);
	bad |= vpx_codec_control(c, VP9E_SET_NOISE_SENSITIVITY, 0U);
	bad |= vpx_codec_control(c, VP9E_SET_TILE_COLUMNS,
				 cfg->threads > 1 ? 1 : 0);
	bad |= vpx_codec_control(c, VP9E_SET_ROW_MT, 0U);
	bad |= vpx_codec_control(c, VP9E_SET_FRAME_PARALLEL_DECODING, 0U);
	bad |= vpx_codec_control(c, VP9E_SET_AQ_MODE, 3U);
	bad |= vpx_codec_control(c, VP9E_SET_TUNE_CONTENT,
				 cfg->screen ? VP9E_CONTENT_SCREEN :
					       VP9E_CONTENT_DEFAULT);
	return bad;
}

/* VP9: the sizes of layers, and that there are any. */
static int control_svc(struct vpxenc *enc, const struct vc_videnc_cfg *cfg)
{
	vpx_svc_extra_cfg_t svc = { .temporal_layering_mode =
					    enc->cfg.temporal_layering_mode };
	bool is_small = cfg->width * cfg->height <= VC_VIDEO_SMALL;
	int bad = 0;

	for (int i = 0; i < cfg->n_spatial * cfg->n_temporal; i++) {
		svc.max_quantizers[i] = (int)enc->cfg.rc_max_quantizer;
		svc.min_quantizers[i] = (int)enc->cfg.rc_min_quantizer;
	}
	for (int s = 0; s < cfg->n_spatial; s++) {
		svc.scaling_factor_num[s] = 1;
		svc.scaling_factor_den[s] = 1 << (cfg->n_spatial - 1 - s);
		svc.speed_per_layer[s] = cfg->speed ?: is_small ? 7 : 8;
	}
	bad |= vpx_codec_control(&enc->ctx, VP9E_SET_SVC, 1);
	bad |= vpx_codec_control(&enc->ctx, VP9E_SET_SVC_PARAMETERS, &svc);
	return bad;
}

static int control(struct vpxenc *enc, const struct vc_videnc_cfg *cfg)
{
	vpx_codec_ctx_t *c = &enc->ctx;
	int bad = cfg->codec == VC_CODEC_VP9 ? control_vp9(enc, cfg) :
					       control_vp8(enc, cfg);

	bad |= vpx_codec_control(c, VP8E_SET_STATIC_THRESHOLD,
				 cfg->screen ? 100U : 1U);
	bad |= vpx_codec_control(c, VP8E_SET_MAX_INTRA_BITRATE_PCT,
				 intra_pct(cfg));
	bad |= vpx_codec_control(c, VP8E_SET_ENABLEAUTOALTREF, 0U);
	if (cfg->codec == VC_CODEC_VP9 && has_layers(cfg))
		bad |= control_svc(enc, cfg);
	return bad ? -EINVAL : 0;
}

static int enc_open(struct vc_videnc *base)
{
	struct vpxenc *enc = (struct vpxenc *)base;
	vpx_codec_iface_t *iface = base->cfg.codec == VC_CODEC_VP9 ?
					   vpx_codec_vp9_cx() :
					   vpx_codec_vp8_cx();
	vpx_codec_err_t e;

	e = vpx_codec_enc_config_default(iface, &enc->cfg, 0);
	if (e)
		return errno_of(e);
	fill_cfg(&enc->cfg, &base->cfg);
	e = vpx_codec_enc_init(&enc->ctx, iface, &enc->cfg, 0);
	if (e)
		return errno_of(e);
	enc->is_open = true;
	if (base->cfg.codec == VC_CODEC_VP8 && !has_layers(&base->cfg)) {
		enc->still = vc_still_new(base->cfg.width, base->cfg.height);
		if (!enc->still)
			return -ENOMEM;
	}
	return control(enc, &base->cfg);
}

static void enc_close(struct vc_videnc *base)
{
	struct vpxenc *enc = (struct vpxenc *)base;

	if (enc->is_open)
		vpx_codec_destroy(&enc->ctx);
	vc_still_free(enc->still);
}

/* Describes the planes of 'img' to libvpx, which only reads them. */
static vpx_image_t *wrap(struct vpxenc *enc, const struct vc_image *img)
{
	vpx_image_t *im = &enc->image;

	vpx_img_wrap(im, VPX_IMG_FMT_I420, (unsigned int)img->width,
		     (unsigned int)img->height, 1, img->y);
	im->planes[VPX_PLANE_U] = img->u;
	im->planes[VPX_PLANE_V] = img->v;
	im->stride[VPX_PLANE_Y] = img->stride_y;
	im->stride[VPX_PLANE_U] = img->stride_u;
	im->stride[VPX_PLANE_V] = img->stride_v;
	return im;
}

static int encode(struct vpxenc *enc, const struct vc_image *img, int64_t pts,
		  vpx_enc_frame_flags_t flags, struct vc_vidout *out)
{
	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *pkt;
	vpx_codec_err_t e;

	e = vpx_codec_encode(&enc->ctx, wrap(enc, img), pts, 1, flags,
			     VPX_DL_REALTIME);
	if (e)
		return errno_of(e);
	while ((pkt = vpx_codec_get_cx_data(&enc->ctx, &iter))) {
		if (pkt->kind != VPX_CODEC_CX_FRAME_PKT)
			continue;
		out->p = pkt->data.frame.buf;
		out->len = pkt->data.frame.sz;
		out->is_key = pkt->data.frame.flags & VPX_FRAME_IS_KEY;
		break;
	}
	return 0;
}

/* Tells libvpx which macroblocks it may repeat. */
static int plan(struct vpxenc *enc, const struct vc_image *img, bool is_key)
{
	const unsigned int side = VC_STILL_SIDE;
	vpx_active_map_t map = {
		.active_map = vc_still_plan(enc->still, img, is_key),
		.rows = ((unsigned int)img->height + side - 1) / side,
		.cols = ((unsigned int)img->width + side - 1) / side,
	};

	return errno_of(vpx_codec_control(&enc->ctx, VP8E_SET_ACTIVEMAP, &map));
}

/* Without layers: what stands still is repeated. */
static int encode_moving(struct vpxenc *enc, const struct vc_image *img,
			 int64_t pts, bool is_key, struct vc_vidout *out)
{
	int err = plan(enc, img, is_key), quantizer;

	if (!err)
		err = encode(enc, img, pts, is_key ? VPX_EFLAG_FORCE_KF : 0,
			     out);
	if (err || !out->len)
		return err;
	if (vpx_codec_control(&enc->ctx, VP8E_GET_LAST_QUANTIZER, &quantizer))
		return -EIO;
	vc_still_coded(enc->still, quantizer);
	return 0;
}

static int encode_vp8(struct vc_videnc *base, const struct vc_image *img,
		      int64_t pts, bool force_key, struct vc_vidout *out)
{
	struct vpxenc *enc = (struct vpxenc *)base;
	int n = base->cfg.n_temporal;
	bool is_key = force_key || (n > 1 && !base->since_key);
	const struct step *step;

	if (is_key)
		enc->step = 0;
	step = &steps[n - 1][enc->step];
	base->layers.tid = step->tid;
	base->layers.is_sync = step->is_sync;
	base->layers.is_ref = step->is_ref;
	enc->step = (enc->step + 1) % (1U << (n - 1));
	if (n > 1 && vpx_codec_control(&enc->ctx, VP8E_SET_TEMPORAL_LAYER_ID,
				       (int)step->tid))
		return -EIO;
	if (enc->still)
		return encode_moving(enc, img, pts, is_key, out);
	return encode(enc, img, pts, is_key ? VPX_EFLAG_FORCE_KF : step->flags,
		      out);
}

/* The pattern is libvpx's own. */
static int encode_vp9(struct vc_videnc *base, const struct vc_image *img,
		      int64_t pts, bool force_key, struct vc_vidout *out)
{
	struct vpxenc *enc = (struct vpxenc *)base;
	vpx_svc_layer_id_t id = { 0 };
	int err =
		encode(enc, img, pts, force_key ? VPX_EFLAG_FORCE_KF : 0, out);

	if (err || !has_layers(&base->cfg))
		return err;
	if (vpx_codec_control(&enc->ctx, VP9E_GET_SVC_LAYER_ID, &id))
		return -EIO;
	base->layers.tid = (uint8_t)id.temporal_layer_id;
	base->layers.is_sync = true;
	return 0;
}

static int set_bitrate(struct vc_videnc *base)
{
	struct vpxenc *enc = (struct vpxenc *)base;

	fill_rates(&enc->cfg, &base->cfg);
	return errno_of(vpx_codec_enc_config_set(&enc->ctx, &enc->cfg));
}

const struct vc_videnc_ops vc_videnc_vp8 = {
	.size = sizeof(struct vpxenc),
	.speed_max = 16,
	.side_min = 1,
	.temporal_max = LAYERS,
	.open = enc_open,
	.close = enc_close,
	.encode = encode_vp8,
	.set_bitrate = set_bitrate,
};

const struct vc_videnc_ops vc_videnc_vp9 = {
	.size = sizeof(struct vpxenc),
	.speed_max = 9,
	.side_min = 1,
	.spatial_max = LAYERS,
	.temporal_max = LAYERS,
	.open = enc_open,
	.close = enc_close,
	.encode = encode_vp9,
	.set_bitrate = set_bitrate,
};
