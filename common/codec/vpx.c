/* SPDX-License-Identifier: MIT */
/*
 * The encoder runs in real-time mode with a fixed (negative) speed: a positive
 * one adapts to the time that passes and is different on every run. The threads
 * of libvpx's VP8 work on rows of macroblocks and wait for the row above, so
 * what they do does not depend on their timing; but one thread and two give
 * different bytes, and so do token partitions: both go by size. No frame is
 * dropped by the rate control: a frame that comes late or costs more is better
 * than a picture that stutters, and every tool counts on the frame rate.
 *
 * The decoder looks at the header before libvpx allocates anything for it. A
 * frame that fails makes every one up to the next key frame useless, so
 * those are refused instead of showing smears.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

#include "base/mem.h"
#include "codec/vpx.h"

#define SMALL (640 * 360) /* pixels that one thread is enough for */

/* The rate control's model of the receiver's buffer, in milliseconds. */
#define BUFFER_MS 1000
#define BUFFER_START_MS 500
#define BUFFER_BEST_MS 600

struct vc_vpx_enc {
	vpx_codec_ctx_t ctx;
	bool is_open;
	vpx_codec_enc_cfg_t cfg;
	vpx_image_t image;
	int keyint;    /* 0: no limit */
	int since_key; /* frames */
};

struct vc_vpx_dec {
	vpx_codec_ctx_t ctx;
	bool is_open;
	bool is_intact; /* a key frame came and all after it were sound */
	vpx_codec_iface_t *iface;
	int max_width, max_height;
};

int vc_vpx_threads(int width, int height)
{
	return width * height > SMALL ? 2 : 1;
}

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

static bool enc_cfg_ok(const struct vc_vpx_enc_cfg *cfg)
{
	return cfg->kind == VC_VPX_VP8 &&
	       vc_image_size_ok(cfg->width, cfg->height) && cfg->fps_num > 0 &&
	       cfg->fps_den > 0 && cfg->bitrate_bps >= 1000 &&
	       cfg->keyint_frames >= 0 && cfg->threads >= 0 &&
	       cfg->threads <= 16 && cfg->cpu_used <= 0 && cfg->cpu_used >= -16;
}

static void fill_cfg(vpx_codec_enc_cfg_t *out, const struct vc_vpx_enc_cfg *cfg)
{
	out->g_w = (unsigned int)cfg->width;
	out->g_h = (unsigned int)cfg->height;
	out->g_timebase.num = cfg->fps_den;
	out->g_timebase.den = cfg->fps_num;
	out->g_threads =
		(unsigned int)(cfg->threads ?:
				       vc_vpx_threads(cfg->width, cfg->height));
	out->g_pass = VPX_RC_ONE_PASS;
	out->g_lag_in_frames = 0;
	out->g_error_resilient = 0; /* loss is repaired, or a key frame asked */
	out->rc_end_usage = VPX_CBR;
	out->rc_target_bitrate = cfg->bitrate_bps / 1000;
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
}

/*
 * A key frame may cost half of what the buffer holds: at 30 frames a second
 * that is some 9 times an average frame.
 */
static unsigned int intra_pct(const struct vc_vpx_enc_cfg *cfg)
{
	int64_t pct =
		(int64_t)BUFFER_BEST_MS * cfg->fps_num / cfg->fps_den / 20;

	return pct < 300 ? 300 : pct > 10000 ? 10000 : (unsigned int)pct;
}

static int control(struct vc_vpx_enc *enc, const struct vc_vpx_enc_cfg *cfg)
{
	vpx_codec_ctx_t *c = &enc->ctx;
	bool is_small = cfg->width * cfg->height <= SMALL;
	int speed = cfg->cpu_used ?: is_small ? -6 : -8;
	int bad = 0;

	bad |= vpx_codec_control(c, VP8E_SET_CPUUSED, speed);
	bad |= vpx_codec_control(c, VP8E_SET_NOISE_SENSITIVITY, 0U);
	bad |= vpx_codec_control(c, VP8E_SET_STATIC_THRESHOLD,
				 cfg->screen ? 100U : 1U);
	bad |= vpx_codec_control(c, VP8E_SET_TOKEN_PARTITIONS,
				 is_small ? VP8_ONE_TOKENPARTITION :
					    VP8_TWO_TOKENPARTITION);
	bad |= vpx_codec_control(c, VP8E_SET_MAX_INTRA_BITRATE_PCT,
				 intra_pct(cfg));
	bad |= vpx_codec_control(c, VP8E_SET_SCREEN_CONTENT_MODE,
				 cfg->screen ? 1U : 0U);
	bad |= vpx_codec_control(c, VP8E_SET_ENABLEAUTOALTREF, 0U);
	return bad ? -EINVAL : 0;
}

static int enc_open(struct vc_vpx_enc *enc, const struct vc_vpx_enc_cfg *cfg)
{
	vpx_codec_iface_t *iface = vpx_codec_vp8_cx();
	vpx_codec_err_t e;

	e = vpx_codec_enc_config_default(iface, &enc->cfg, 0);
	if (e)
		return errno_of(e);
	enc->keyint = cfg->keyint_frames;
	fill_cfg(&enc->cfg, cfg);
	e = vpx_codec_enc_init(&enc->ctx, iface, &enc->cfg, 0);
	if (e)
		return errno_of(e);
	enc->is_open = true;
	return control(enc, cfg);
}

struct vc_vpx_enc *vc_vpx_enc_new(const struct vc_vpx_enc_cfg *cfg, int *err)
{
	struct vc_vpx_enc *enc;

	*err = -EINVAL;
	if (!enc_cfg_ok(cfg))
		return NULL;
	*err = -ENOMEM;
	enc = vc_try_alloc(1, sizeof(*enc));
	if (!enc)
		return NULL;
	*err = enc_open(enc, cfg);
	if (!*err)
		return enc;
	vc_vpx_enc_free(enc);
	return NULL;
}

void vc_vpx_enc_free(struct vc_vpx_enc *enc)
{
	if (!enc)
		return;
	if (enc->is_open)
		vpx_codec_destroy(&enc->ctx);
	free(enc);
}

/* Describes the planes of 'img' to libvpx, which only reads them. */
static vpx_image_t *wrap(struct vc_vpx_enc *enc, const struct vc_image *img)
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

int vc_vpx_encode(struct vc_vpx_enc *enc, const struct vc_image *img,
		  int64_t pts_frames, bool force_key, const uint8_t **out,
		  size_t *len, bool *is_key)
{
	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *pkt;
	vpx_codec_err_t e;

	*len = 0;
	if (img->width != (int)enc->cfg.g_w || img->height != (int)enc->cfg.g_h)
		return -EINVAL;
	if (enc->keyint && enc->since_key >= enc->keyint)
		force_key = true;
	e = vpx_codec_encode(&enc->ctx, wrap(enc, img), pts_frames, 1,
			     force_key ? VPX_EFLAG_FORCE_KF : 0,
			     VPX_DL_REALTIME);
	if (e)
		return errno_of(e);
	enc->since_key++;
	while ((pkt = vpx_codec_get_cx_data(&enc->ctx, &iter))) {
		if (pkt->kind != VPX_CODEC_CX_FRAME_PKT)
			continue;
		*out = pkt->data.frame.buf;
		*len = pkt->data.frame.sz;
		*is_key = pkt->data.frame.flags & VPX_FRAME_IS_KEY;
		if (*is_key)
			enc->since_key = 1;
		break;
	}
	return 0;
}

int vc_vpx_enc_set_bitrate(struct vc_vpx_enc *enc, uint32_t bitrate_bps)
{
	if (bitrate_bps < 1000)
		return -EINVAL;
	enc->cfg.rc_target_bitrate = bitrate_bps / 1000;
	return errno_of(vpx_codec_enc_config_set(&enc->ctx, &enc->cfg));
}

struct vc_vpx_dec *vc_vpx_dec_new(const struct vc_vpx_dec_cfg *cfg, int *err)
{
	vpx_codec_dec_cfg_t vpx = { .threads = 1 };
	struct vc_vpx_dec *dec;

	*err = -EINVAL;
	if (cfg->kind != VC_VPX_VP8 || cfg->threads < 0 || cfg->threads > 16 ||
	    !vc_image_size_ok(cfg->max_width, cfg->max_height))
		return NULL;
	*err = -ENOMEM;
	dec = vc_try_alloc(1, sizeof(*dec));
	if (!dec)
		return NULL;
	if (cfg->threads)
		vpx.threads = (unsigned int)cfg->threads;
	dec->iface = vpx_codec_vp8_dx();
	dec->max_width = cfg->max_width;
	dec->max_height = cfg->max_height;
	*err = errno_of(vpx_codec_dec_init(&dec->ctx, dec->iface, &vpx, 0));
	dec->is_open = !*err;
	if (!*err)
		return dec;
	vc_vpx_dec_free(dec);
	return NULL;
}

void vc_vpx_dec_free(struct vc_vpx_dec *dec)
{
	if (!dec)
		return;
	if (dec->is_open)
		vpx_codec_destroy(&dec->ctx);
	free(dec);
}

/* May this go into libvpx? 0 when it may. */
static int admit(struct vc_vpx_dec *dec, const uint8_t *p, size_t len)
{
	vpx_codec_stream_info_t si = { .sz = sizeof(si) };

	/* RFC 6386 section 9.1: three octets, in a key frame ten. */
	if (len < 3 || len > INT32_MAX)
		return -EBADMSG;
	if (p[0] & 1)
		return dec->is_intact ? 0 : -EAGAIN;
	if (len < 10)
		return -EBADMSG;
	if (vpx_codec_peek_stream_info(dec->iface, p, (unsigned int)len, &si) ||
	    !si.is_kf || !si.w || !si.h)
		return -EBADMSG;
	if (si.w > (unsigned int)dec->max_width ||
	    si.h > (unsigned int)dec->max_height)
		return -EFBIG;
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

int vc_vpx_decode(struct vc_vpx_dec *dec, const uint8_t *p, size_t len,
		  struct vc_image *img)
{
	vpx_codec_iter_t iter = NULL;
	const vpx_image_t *im;
	int corrupt = 0;
	int err = admit(dec, p, len);

	if (err)
		goto fail;
	err = -EBADMSG;
	if (vpx_codec_decode(&dec->ctx, p, (unsigned int)len, NULL, 0))
		goto fail;
	if (vpx_codec_control(&dec->ctx, VP8D_GET_FRAME_CORRUPTED, &corrupt) ||
	    corrupt)
		goto fail;
	dec->is_intact = true;
	im = vpx_codec_get_frame(&dec->ctx, &iter);
	if (!im)
		return -ENODATA;
	unwrap(img, im);
	return 0;
fail:
	dec->is_intact = false;
	return err;
}
