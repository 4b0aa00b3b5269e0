/* SPDX-License-Identifier: MIT */
/* Checks, and the one switch between codecs. */
#include "codec/audio.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/g711.h"
#include "codec/g722.h"
#include "codec/l16.h"
#include "codec/opus.h"

struct vc_audenc {
	struct vc_audenc_cfg cfg; /* rate_hz and channels are set */
	size_t samples;		  /* a channel in a packet */
	struct vc_opus_enc *opus;
	struct vc_g722 g722;
};

static uint32_t best_rate(enum vc_codec codec)
{
	switch (codec) {
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
		return 8000;
	case VC_CODEC_G722:
		return 16000;
	case VC_CODEC_OPUS:
	case VC_CODEC_L16:
		return 48000;
	default:
		return 0;
	}
}

static bool cfg_ok(const struct vc_audenc_cfg *cfg)
{
	int ms = cfg->ptime_ms;
	bool is_fixed = cfg->codec != VC_CODEC_OPUS &&
			cfg->codec != VC_CODEC_L16;

	if (ms != 10 && ms != 20 && ms != 40 && ms != 60 &&
	    (ms != 5 || cfg->codec != VC_CODEC_L16))
		return false;
	if (is_fixed && cfg->rate_hz != best_rate(cfg->codec))
		return false;
	if (cfg->channels < 1 || cfg->channels > (is_fixed ? 1 : 2))
		return false;
	/* What Opus takes is checked by codec/opus.h. */
	return cfg->codec != VC_CODEC_L16 ||
	       (cfg->rate_hz >= 8000 && cfg->rate_hz <= 48000 &&
		cfg->rate_hz * (uint32_t)ms % 1000 == 0 &&
		cfg->rate_hz * (uint32_t)(ms * cfg->channels) / 500 <=
			VC_AUDENC_PACKET_MAX);
}

static int open_opus(struct vc_audenc *enc)
{
	const struct vc_audenc_cfg *cfg = &enc->cfg;
	const struct vc_opus_enc_cfg opus = {
		.rate_hz = cfg->rate_hz,
		.channels = cfg->channels,
		.bitrate_bps = cfg->bitrate_bps,
		.complexity = cfg->complexity,
		.ptime_ms = cfg->ptime_ms,
		.dtx = cfg->dtx,
		.fec = cfg->fec,
		.loss_percent = cfg->loss_percent,
	};
	int err;

	enc->opus = vc_opus_enc_new(&opus, &err);
	return err;
}

struct vc_audenc *vc_audenc_new(const struct vc_audenc_cfg *cfg, int *err)
{
	struct vc_audenc_cfg c = *cfg;
	struct vc_audenc *enc;

	*err = -ENOTSUP;
	if (!best_rate(c.codec))
		return NULL;
	c.rate_hz = c.rate_hz ? c.rate_hz : best_rate(c.codec);
	c.channels = c.channels ? c.channels : 1;
	*err = -EINVAL;
	if (!cfg_ok(&c))
		return NULL;
	*err = -ENOMEM;
	enc = vc_try_alloc(1, sizeof(*enc));
	if (!enc)
		return NULL;
	enc->cfg = c;
	enc->samples = (size_t)c.rate_hz * (size_t)c.ptime_ms / 1000;
	vc_g722_init(&enc->g722);
	*err = c.codec == VC_CODEC_OPUS ? open_opus(enc) : 0;
	if (!*err)
		return enc;
	vc_audenc_free(enc);
	return NULL;
}

void vc_audenc_free(struct vc_audenc *enc)
{
	if (!enc)
		return;
	vc_opus_enc_free(enc->opus);
	free(enc);
}

uint32_t vc_audenc_rate(const struct vc_audenc *enc)
{
	return enc->cfg.rate_hz;
}

uint32_t vc_audenc_clock(const struct vc_audenc *enc)
{
	/* RFC 3551 section 4.5.2 and RFC 7587 section 4.1. */
	return enc->cfg.codec == VC_CODEC_G722 ? 8000 :
	       enc->cfg.codec == VC_CODEC_OPUS ? 48000 :
						 enc->cfg.rate_hz;
}

size_t vc_audenc_samples(const struct vc_audenc *enc)
{
	return enc->samples;
}

int vc_audenc_encode(struct vc_audenc *enc, const int16_t *pcm, size_t n,
		     uint8_t *out, size_t cap)
{
	size_t all = n * (size_t)enc->cfg.channels;

	if (n != enc->samples)
		return -EINVAL;
	if (cap < VC_AUDENC_PACKET_MAX)
		return -ENOBUFS;
	switch (enc->cfg.codec) {
	case VC_CODEC_OPUS:
		return vc_opus_encode(enc->opus, pcm, (int)n, out, cap);
	case VC_CODEC_G722:
		vc_g722_encode(&enc->g722, pcm, n, out);
		return (int)n / 2;
	case VC_CODEC_PCMU:
		vc_pcmu_encode(pcm, n, out);
		return (int)n;
	case VC_CODEC_PCMA:
		vc_pcma_encode(pcm, n, out);
		return (int)n;
	default:
		vc_l16_encode(pcm, all, out);
		return (int)all * 2;
	}
}

int vc_audenc_copy(struct vc_audenc *dst, const struct vc_audenc *src)
{
	if (dst->cfg.codec != src->cfg.codec ||
	    dst->cfg.rate_hz != src->cfg.rate_hz ||
	    dst->cfg.channels != src->cfg.channels ||
	    dst->samples != src->samples)
		return -EINVAL;
	dst->g722 = src->g722;
	return dst->opus ? vc_opus_enc_copy(dst->opus, src->opus) : 0;
}

int vc_audenc_set_bitrate(struct vc_audenc *enc, uint32_t bitrate_bps)
{
	if (!enc->opus)
		return -ENOTSUP;
	return vc_opus_enc_set_bitrate(enc->opus, bitrate_bps);
}
