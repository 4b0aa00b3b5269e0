/* SPDX-License-Identifier: MIT */
/*
 * H.264 through libopenh264, both ways in one file as it has one header. One
 * thread and, unless its size is limited, one slice: its threads share a
 * picture by slices, and which slice gets how many bits then depends on who is
 * done first. A picture is never
 * skipped and no key frame is made unasked. Parameter sets come in band with
 * every key frame.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <wels/codec_api.h>

#include "base/mem.h"
#include "codec/video_internal.h"

/* --- encoder --- */

/*
 * A slice ends 60 octets before its limit, but the last one takes the picture's
 * last macroblock in any case, which is of 3200 bits at most.
 */
#define LAST_MACROBLOCK (400 - 60)

struct h264enc {
	struct vc_videnc base;
	ISVCEncoder *wels;
	uint8_t *buf;
	size_t cap;
};

static ECOMPLEXITY_MODE complexity(const struct vc_videnc_cfg *cfg)
{
	return cfg->speed == 1 ? HIGH_COMPLEXITY :
	       cfg->speed == 2 ? MEDIUM_COMPLEXITY :
				 LOW_COMPLEXITY;
}

static void fill_layer(SSpatialLayerConfig *layer, const SEncParamExt *par,
		       int slice_size)
{
	layer->iVideoWidth = par->iPicWidth;
	layer->iVideoHeight = par->iPicHeight;
	layer->fFrameRate = par->fMaxFrameRate;
	layer->iSpatialBitrate = par->iTargetBitrate;
	layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
	layer->uiProfileIdc = PRO_BASELINE;
	layer->uiLevelIdc = LEVEL_UNKNOWN; /* by size and rate */
	layer->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
	if (!slice_size)
		return;
	layer->sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
	layer->sSliceArgument.uiSliceSizeConstraint =
		(unsigned int)(slice_size - LAST_MACROBLOCK);
}

static void fill_params(SEncParamExt *par, const struct vc_videnc_cfg *cfg)
{
	par->iUsageType = cfg->screen ? SCREEN_CONTENT_REAL_TIME :
					CAMERA_VIDEO_REAL_TIME;
	par->iPicWidth = cfg->width;
	par->iPicHeight = cfg->height;
	par->iTargetBitrate = (int)cfg->bitrate_bps;
	par->iMaxBitrate = UNSPECIFIED_BIT_RATE;
	par->iRCMode = RC_BITRATE_MODE;
	par->fMaxFrameRate = (float)cfg->fps_num / (float)cfg->fps_den;
	par->iTemporalLayerNum = 1;
	par->iSpatialLayerNum = 1;
	par->iComplexityMode = complexity(cfg);
	par->uiIntraPeriod = 0;
	par->eSpsPpsIdStrategy = CONSTANT_ID;
	par->bEnableFrameSkip = false;
	par->iMultipleThreadIdc = 1;
	par->bUseLoadBalancing = false;
	par->bEnableDenoise = false;
	par->bEnableSceneChangeDetect = false;
	par->bEnableLongTermReference = false;
	fill_layer(&par->sSpatialLayers[0], par, cfg->slice_size);
}

static int enc_open(struct vc_videnc *base)
{
	struct h264enc *enc = (struct h264enc *)base;
	int quiet = WELS_LOG_QUIET;
	int format = videoFormatI420;
	SEncParamExt par;

	if (base->cfg.bitrate_bps > INT32_MAX)
		return -EINVAL;
	if (WelsCreateSVCEncoder(&enc->wels) || !enc->wels)
		return -ENOMEM;
	const ISVCEncoderVtbl *w = *enc->wels;

	w->SetOption(enc->wels, ENCODER_OPTION_TRACE_LEVEL, &quiet);
	if (w->GetDefaultParams(enc->wels, &par))
		return -EIO;
	fill_params(&par, &base->cfg);
	if (w->InitializeExt(enc->wels, &par))
		return -EINVAL;
	if (w->SetOption(enc->wels, ENCODER_OPTION_DATAFORMAT, &format))
		return -EIO;
	return 0;
}

static void enc_close(struct vc_videnc *base)
{
	struct h264enc *enc = (struct h264enc *)base;

	if (enc->wels) {
		(*enc->wels)->Uninitialize(enc->wels);
		WelsDestroySVCEncoder(enc->wels);
	}
	free(enc->buf);
}

static int reserve(struct h264enc *enc, size_t len)
{
	size_t cap = enc->cap ? enc->cap : 65536;
	uint8_t *buf;

	if (len <= enc->cap)
		return 0;
	while (cap < len)
		cap *= 2;
	buf = vc_try_alloc(1, cap);
	if (!buf)
		return -ENOMEM;
	free(enc->buf);
	enc->buf = buf;
	enc->cap = cap;
	return 0;
}

static size_t layer_len(const SLayerBSInfo *layer)
{
	size_t len = 0;

	for (int i = 0; i < layer->iNalCount; i++)
		len += (size_t)layer->pNalLengthInByte[i];
	return len;
}

/* Its layers (parameter sets, slices) lie in a row. */
static int gather(struct h264enc *enc, const SFrameBSInfo *info,
		  struct vc_vidout *out)
{
	size_t len = 0, n;
	int err;

	for (int i = 0; i < info->iLayerNum; i++)
		len += layer_len(&info->sLayerInfo[i]);
	err = reserve(enc, len);
	if (err)
		return err;
	len = 0;
	for (int i = 0; i < info->iLayerNum; i++) {
		n = layer_len(&info->sLayerInfo[i]);
		memcpy(enc->buf + len, info->sLayerInfo[i].pBsBuf, n);
		len += n;
	}
	out->p = enc->buf;
	out->len = len;
	out->is_key = info->eFrameType == videoFrameTypeIDR;
	return 0;
}

static int encode(struct vc_videnc *base, const struct vc_image *img,
		  int64_t pts, bool force_key, struct vc_vidout *out)
{
	struct h264enc *enc = (struct h264enc *)base;
	const ISVCEncoderVtbl *w = *enc->wels;
	SFrameBSInfo info = { 0 };
	SSourcePicture pic = {
		.iColorFormat = videoFormatI420,
		.iStride = { img->stride_y, img->stride_u, img->stride_v },
		.pData = { img->y, img->u, img->v },
		.iPicWidth = img->width,
		.iPicHeight = img->height,
		.uiTimeStamp =
			pts * 1000 * base->cfg.fps_den / base->cfg.fps_num,
	};

	if (force_key && w->ForceIntraFrame(enc->wels, true))
		return -EIO;
	if (w->EncodeFrame(enc->wels, &pic, &info))
		return -EIO;
	if (info.eFrameType == videoFrameTypeSkip)
		return 0;
	return gather(enc, &info, out);
}

static int set_bitrate(struct vc_videnc *base)
{
	struct h264enc *enc = (struct h264enc *)base;
	SBitrateInfo rate = { .iLayer = SPATIAL_LAYER_ALL };

	if (base->cfg.bitrate_bps > INT32_MAX)
		return -EINVAL;
	rate.iBitrate = (int)base->cfg.bitrate_bps;
	return (*enc->wels)->SetOption(enc->wels, ENCODER_OPTION_BITRATE, &rate) ?
		       -EINVAL :
		       0;
}

const struct vc_videnc_ops vc_videnc_h264 = {
	.size = sizeof(struct h264enc),
	.speed_max = 3,
	.side_min = 16,
	.is_even = true,
	.open = enc_open,
	.close = enc_close,
	.encode = encode,
	.set_bitrate = set_bitrate,
};

/* --- decoder --- */

struct h264dec {
	struct vc_viddec base;
	ISVCDecoder *wels;
	bool is_open;
	bool is_in_order;
};

static int dec_open(struct vc_viddec *base)
{
	struct h264dec *dec = (struct h264dec *)base;
	int quiet = WELS_LOG_QUIET;
	const SDecodingParam par = {
		.eEcActiveIdc = ERROR_CON_DISABLE,
		.sVideoProperty = {
			.size = sizeof(SVideoProperty),
			.eVideoBsType = VIDEO_BITSTREAM_AVC,
		},
	};

	if (WelsCreateDecoder(&dec->wels) || !dec->wels)
		return -ENOMEM;
	(*dec->wels)->SetOption(dec->wels, DECODER_OPTION_TRACE_LEVEL, &quiet);
	if ((*dec->wels)->Initialize(dec->wels, &par))
		return -ENOMEM;
	dec->is_open = true;
	return 0;
}

static void dec_close(struct vc_viddec *base)
{
	struct h264dec *dec = (struct h264dec *)base;

	if (!dec->wels)
		return;
	if (dec->is_open)
		(*dec->wels)->Uninitialize(dec->wels);
	WelsDestroyDecoder(dec->wels);
}

/*
 * Where frames may change places, libopenh264 holds one back until it knows;
 * for profiles above baseline it does not look whether the stream says that
 * they never do.
 */
static int run(struct h264dec *dec, const uint8_t *p, size_t len,
	       SBufferInfo *info)
{
	const ISVCDecoderVtbl *w = *dec->wels;
	uint8_t *planes[3] = { NULL };

	if (w->DecodeFrameNoDelay(dec->wels, p, (int)len, planes, info))
		return -EBADMSG;
	if (info->iBufferStatus != 1 && dec->is_in_order &&
	    w->FlushFrame(dec->wels, planes, info))
		return -EBADMSG;
	return info->iBufferStatus == 1 ? 0 : -ENODATA;
}

static int decode(struct vc_viddec *base, const uint8_t *p, size_t len,
		  struct vc_image *img)
{
	struct h264dec *dec = (struct h264dec *)base;
	const SSysMEMBuffer *shape;
	struct vc_vidhead head = { 0 };
	SBufferInfo info = { 0 };
	int err;

	if (!vc_vidhead_h264(p, len, &head) && head.width)
		dec->is_in_order = head.is_in_order;
	err = run(dec, p, len, &info);
	if (err)
		return err;
	shape = &info.UsrData.sSystemBuffer;
	if (shape->iFormat != videoFormatI420 || !info.pDst[0])
		return -EBADMSG;
	*img = (struct vc_image){
		.width = shape->iWidth,
		.height = shape->iHeight,
		.y = info.pDst[0],
		.u = info.pDst[1],
		.v = info.pDst[2],
		.stride_y = shape->iStride[0],
		.stride_u = shape->iStride[1],
		.stride_v = shape->iStride[1],
	};
	return 0;
}

const struct vc_viddec_ops vc_viddec_h264 = {
	.size = sizeof(struct h264dec),
	.open = dec_open,
	.close = dec_close,
	.look = vc_vidhead_h264,
	.decode = decode,
};
