/* SPDX-License-Identifier: MIT */
/*
 * A thin layer over libopus: settings once at the start, counts and errors in
 * the manner of the rest of vc. The bit rate is constrained VBR, which
 * RFC 7587 section 3.1.1 suggests.
 *
 * Stereo, and mono from MDCT_BPS on, is coded as music, which is the MDCT of
 * RFC 6716 alone; less is coded as speech, with LP in the low band. At 44 kbit/s
 * the two are equal in the noise that is above what it is masked by, of one
 * voice, of two and of three at once (recorded ones, 48 kHz): 0.0 and 0.2 dB; at
 * 48 kbit/s MDCT is 0.4 dB better, in 35 us of CPU against 110. RFC 7587 has its
 * speech at 28 to 40 kbit/s and its music at 48 to 64. Only LP has FEC, and knows
 * silence from sound at the complexity used here (DTX): then all is speech.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <opus/opus.h>

#include "base/mem.h"
#include "codec/opus.h"

#define MDCT_BPS 44000

struct vc_opus_enc {
	OpusEncoder *state;
	uint32_t rate_hz;
	int channels;
	int frame; /* samples a channel in a packet */
	bool needs_lp;
};

struct vc_opus_dec {
	OpusDecoder *state;
	uint32_t rate_hz;
	int channels;
};

static int errno_of(int opus_error)
{
	switch (opus_error) {
	case OPUS_BAD_ARG:
		return -EINVAL;
	case OPUS_BUFFER_TOO_SMALL:
		return -ENOBUFS;
	case OPUS_INVALID_PACKET:
		return -EBADMSG;
	case OPUS_ALLOC_FAIL:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static bool rate_ok(uint32_t hz)
{
	return hz == 8000 || hz == 12000 || hz == 16000 || hz == 24000 ||
	       hz == 48000;
}

static bool cfg_ok(const struct vc_opus_enc_cfg *cfg)
{
	return rate_ok(cfg->rate_hz) && cfg->channels >= 1 &&
	       cfg->channels <= 2 && cfg->complexity >= 0 &&
	       cfg->complexity <= 10 && cfg->bitrate_bps > 0 &&
	       (cfg->ptime_ms == 10 || cfg->ptime_ms == 20 ||
		cfg->ptime_ms == 40 || cfg->ptime_ms == 60) &&
	       cfg->loss_percent >= 0 && cfg->loss_percent <= 100;
}

static int configure(struct vc_opus_enc *enc, const struct vc_opus_enc_cfg *cfg)
{
	OpusEncoder *st = enc->state;
	int bad = vc_opus_enc_set_bitrate(enc, cfg->bitrate_bps);

	bad |= opus_encoder_ctl(st, OPUS_SET_COMPLEXITY(cfg->complexity));
	bad |= opus_encoder_ctl(st, OPUS_SET_DTX(cfg->dtx));
	bad |= opus_encoder_ctl(st, OPUS_SET_INBAND_FEC(cfg->fec));
	bad |= opus_encoder_ctl(st,
				OPUS_SET_PACKET_LOSS_PERC(cfg->loss_percent));
	bad |= opus_encoder_ctl(st, OPUS_SET_LSB_DEPTH(16));
	return bad ? -EINVAL : 0;
}

struct vc_opus_enc *vc_opus_enc_new(const struct vc_opus_enc_cfg *cfg, int *err)
{
	struct vc_opus_enc *enc;
	int opus_error = OPUS_OK;
	int app = cfg->channels == 1 || cfg->fec ? OPUS_APPLICATION_VOIP :
						   OPUS_APPLICATION_AUDIO;

	*err = -EINVAL;
	if (!cfg_ok(cfg))
		return NULL;
	*err = -ENOMEM;
	enc = vc_try_alloc(1, sizeof(*enc));
	if (!enc)
		return NULL;
	enc->rate_hz = cfg->rate_hz;
	enc->channels = cfg->channels;
	enc->needs_lp = cfg->fec || cfg->dtx;
	enc->frame = (int)cfg->rate_hz / 1000 * cfg->ptime_ms;
	enc->state = opus_encoder_create((opus_int32)cfg->rate_hz,
					 cfg->channels, app, &opus_error);
	*err = enc->state ? configure(enc, cfg) : errno_of(opus_error);
	if (!*err)
		return enc;
	vc_opus_enc_free(enc);
	return NULL;
}

void vc_opus_enc_free(struct vc_opus_enc *enc)
{
	if (!enc)
		return;
	if (enc->state)
		opus_encoder_destroy(enc->state);
	free(enc);
}

int vc_opus_encode(struct vc_opus_enc *enc, const int16_t *pcm, int n,
		   uint8_t *out, size_t cap)
{
	opus_int32 len;

	if (n != enc->frame)
		return -EINVAL;
	/* A small 'cap' would make libopus lower the rate without a word. */
	if (cap < VC_OPUS_PACKET_MAX)
		return -ENOBUFS;
	len = opus_encode(enc->state, pcm, n, out, VC_OPUS_PACKET_MAX);
	return len < 0 ? errno_of(len) : (int)len;
}

int vc_opus_enc_set_bitrate(struct vc_opus_enc *enc, uint32_t bitrate_bps)
{
	uint32_t bps = bitrate_bps < 6000   ? 6000 :
		       bitrate_bps > 510000 ? 510000 :
					      bitrate_bps;
	bool is_music = enc->channels == 1 && !enc->needs_lp && bps >= MDCT_BPS;
	int bad =
		opus_encoder_ctl(enc->state, OPUS_SET_BITRATE((opus_int32)bps));

	bad |= opus_encoder_ctl(enc->state,
				OPUS_SET_SIGNAL(is_music ? OPUS_SIGNAL_MUSIC :
							   OPUS_AUTO));
	return bad ? -EINVAL : 0;
}

int vc_opus_enc_lookahead(const struct vc_opus_enc *enc)
{
	opus_int32 n = 0;

	opus_encoder_ctl(enc->state, OPUS_GET_LOOKAHEAD(&n));
	return n * (int)(48000 / enc->rate_hz);
}

int vc_opus_enc_copy(struct vc_opus_enc *dst, const struct vc_opus_enc *src)
{
	if (dst->rate_hz != src->rate_hz || dst->channels != src->channels)
		return -EINVAL;
	/* The state holds no pointers into itself: it is one block. */
	memcpy(dst->state, src->state,
	       (size_t)opus_encoder_get_size(src->channels));
	dst->frame = src->frame;
	dst->needs_lp = src->needs_lp;
	return 0;
}

struct vc_opus_dec *vc_opus_dec_new(uint32_t rate_hz, int channels, int *err)
{
	struct vc_opus_dec *dec;
	int opus_error = OPUS_OK;

	*err = -EINVAL;
	if (!rate_ok(rate_hz) || channels < 1 || channels > 2)
		return NULL;
	*err = -ENOMEM;
	dec = vc_try_alloc(1, sizeof(*dec));
	if (!dec)
		return NULL;
	dec->rate_hz = rate_hz;
	dec->channels = channels;
	dec->state =
		opus_decoder_create((opus_int32)rate_hz, channels, &opus_error);
	*err = dec->state ? 0 : errno_of(opus_error);
	if (!*err)
		return dec;
	vc_opus_dec_free(dec);
	return NULL;
}

void vc_opus_dec_free(struct vc_opus_dec *dec)
{
	if (!dec)
		return;
	if (dec->state)
		opus_decoder_destroy(dec->state);
	free(dec);
}

int vc_opus_decode(struct vc_opus_dec *dec, const uint8_t *p, size_t len,
		   int16_t *pcm, int max_samples)
{
	int n;

	/* To libopus, no octets are a loss, not a packet. */
	if (!len || len > INT32_MAX)
		return -EBADMSG;
	n = opus_decode(dec->state, p, (opus_int32)len, pcm, max_samples, 0);
	return n < 0 ? errno_of(n) : n;
}

static bool loss_ok(const struct vc_opus_dec *dec, int n)
{
	int step = (int)dec->rate_hz / 400;

	return n > 0 && n % step == 0 && n <= (int)dec->rate_hz / 1000 * 120;
}

int vc_opus_decode_fec(struct vc_opus_dec *dec, const uint8_t *p, size_t len,
		       int16_t *pcm, int n)
{
	if (!loss_ok(dec, n))
		return -EINVAL;
	if (!len || len > INT32_MAX)
		return -EBADMSG;
	n = opus_decode(dec->state, p, (opus_int32)len, pcm, n, 1);
	return n < 0 ? errno_of(n) : n;
}

int vc_opus_conceal(struct vc_opus_dec *dec, int16_t *pcm, int n)
{
	if (!loss_ok(dec, n))
		return -EINVAL;
	n = opus_decode(dec->state, NULL, 0, pcm, n, 0);
	return n < 0 ? errno_of(n) : n;
}
