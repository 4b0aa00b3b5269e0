/* SPDX-License-Identifier: MIT */
/*
 * Opus comes out of its decoder as it is wanted, which is opened with the first
 * packet: of a thousand people few are ever heard. The others have a lower rate
 * or two channels, and are put up and together here. What they lost fades out,
 * and fades in again.
 */
#include "engine/audiodec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/g711.h"
#include "codec/g722.h"
#include "codec/l16.h"
#include "codec/opus.h"
#include "media/comfort.h"
#include "media/upsample.h"
#include "wire/cn.h"
#include "wire/opus.h"

#define FADE 120
#define LOWEST 8000 /* Hz, of L16 */

struct vc_audiodec {
	enum vc_codec codec;
	struct vc_opus_dec *opus; /* NULL: nothing was decoded yet */
	struct vc_g722 g722;
	struct vc_upsample up[2];
	unsigned int channels; /* of L16 */
	unsigned int out;      /* channels that come out */
	int16_t last[2];       /* not of Opus: the newest samples */
	bool is_faded;
	bool is_stereo;
	bool has_noise;
	struct vc_comfort noise;
};

/* Hz of the samples of a codec whose RTP clock is 'clock'; 0: not decoded. */
static uint32_t rate_of(enum vc_codec codec, uint32_t clock)
{
	switch (codec) {
	case VC_CODEC_OPUS:
		return clock == 48000 ? 48000 : 0;
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
		return clock == 8000 ? 8000 : 0;
	case VC_CODEC_G722:
		return clock == 8000 ? 16000 : 0; /* RFC 3551 4.5.2 */
	case VC_CODEC_L16:
		return clock >= LOWEST && clock <= VC_AUDIODEC_RATE ? clock : 0;
	default:
		return 0;
	}
}

struct vc_audiodec *vc_audiodec_new(enum vc_codec codec, uint32_t rate_hz,
				    int *err)
{
	uint32_t rate = rate_of(codec, rate_hz);
	struct vc_audiodec *d;

	*err = -ENOTSUP;
	if (!rate)
		return NULL;
	*err = -ENOMEM;
	d = vc_try_alloc(1, sizeof(*d));
	if (!d)
		return NULL;
	*err = 0;
	d->codec = codec;
	d->channels = 1;
	d->out = 1;
	vc_g722_init(&d->g722);
	vc_upsample_init(&d->up[0], rate);
	vc_upsample_init(&d->up[1], rate);
	return d;
}

void vc_audiodec_free(struct vc_audiodec *d)
{
	if (!d)
		return;
	vc_opus_dec_free(d->opus);
	free(d);
}

void vc_audiodec_set_channels(struct vc_audiodec *d, unsigned int channels)
{
	if (d->codec == VC_CODEC_L16 && channels)
		d->channels = channels;
}

void vc_audiodec_set_stereo(struct vc_audiodec *d)
{
	vc_opus_dec_free(d->opus);
	d->opus = NULL;
	d->out = 2;
}

bool vc_audiodec_is_stereo(const struct vc_audiodec *d)
{
	return d->is_stereo;
}

/* Samples a channel in a payload, at its own rate. 0: none that are whole. */
static size_t own_samples(const struct vc_audiodec *d, size_t len)
{
	size_t unit = 2 * (size_t)d->channels;

	if (len > 2 * VC_AUDIODEC_MAX * (size_t)d->channels)
		return 0;
	if (d->codec == VC_CODEC_L16)
		return len % unit ? 0 : len / unit;
	return d->codec == VC_CODEC_G722 ? 2 * len : len;
}

int vc_audiodec_samples(const struct vc_audiodec *d, const uint8_t *p,
			size_t len)
{
	size_t n;

	if (d->codec == VC_CODEC_OPUS)
		return vc_opus_samples(p, len);
	n = vc_upsample_count(&d->up[0], own_samples(d, len));
	return n && n <= VC_AUDIODEC_MAX ? (int)n : -EBADMSG;
}

static void fade(int16_t *pcm, size_t n, int ch)
{
	for (int i = 0; i < (int)n * ch && i < FADE * ch; i++)
		pcm[i] = (int16_t)(pcm[i] * (i / ch) / FADE);
}

/* Channel 'c'; with one for all: each at an equal part. */
static void decode_l16(const struct vc_audiodec *d, const uint8_t *p, size_t n,
		       int c, bool is_one, int16_t *pcm)
{
	int channels = (int)d->channels, from = is_one ? 0 : c;
	int to = is_one ? channels : c + 1;

	for (size_t i = 0; i < n; i++) {
		int sum = 0;

		for (int k = from; k < to; k++) {
			int16_t v;

			vc_l16_decode(p + 2 * k, 1, &v);
			sum += v;
		}
		p += 2 * channels;
		pcm[i] = (int16_t)(sum / (to - from));
	}
}

/* One channel, into every 'out'-th of 'pcm'. */
static size_t decode_one(struct vc_audiodec *d, const uint8_t *p, size_t len,
			 int c, int16_t *pcm)
{
	int16_t own[VC_AUDIODEC_MAX], up[VC_AUDIODEC_MAX];
	size_t n = own_samples(d, len);

	if (d->codec == VC_CODEC_PCMU)
		vc_pcmu_decode(p, len, own);
	else if (d->codec == VC_CODEC_PCMA)
		vc_pcma_decode(p, len, own);
	else if (d->codec == VC_CODEC_G722)
		vc_g722_decode(&d->g722, p, len, own);
	else
		decode_l16(d, p, n, c, !d->is_stereo, own);
	n = vc_upsample(&d->up[c], own, n, up);
	for (size_t i = 0; i < n; i++)
		pcm[i * d->out + (size_t)c] = up[i];
	d->last[c] = up[n - 1];
	return n;
}

static int decode_own(struct vc_audiodec *d, const uint8_t *p, size_t len,
		      int16_t *pcm)
{
	size_t n;

	d->is_stereo = d->out == 2 && d->channels == 2;
	n = decode_one(d, p, len, 0, pcm);
	if (d->is_stereo)
		decode_one(d, p, len, 1, pcm);
	for (size_t i = 0; i < n && d->out == 2 && !d->is_stereo; i++)
		pcm[2 * i + 1] = pcm[2 * i];
	if (!d->is_stereo)
		d->last[1] = d->last[0];
	if (d->is_faded)
		fade(pcm, n, (int)d->out);
	d->is_faded = false;
	return (int)n;
}

static bool has_opus(struct vc_audiodec *d)
{
	int err;

	if (!d->opus && d->codec == VC_CODEC_OPUS)
		d->opus = vc_opus_dec_new(VC_AUDIODEC_RATE, (int)d->out, &err);
	return d->opus;
}

int vc_audiodec_decode(struct vc_audiodec *d, const uint8_t *p, size_t len,
		       int16_t *pcm)
{
	struct vc_opus head;
	int n = vc_audiodec_samples(d, p, len);

	if (n < 0)
		return n;
	d->has_noise = false;
	if (d->codec != VC_CODEC_OPUS)
		return decode_own(d, p, len, pcm);
	if (!has_opus(d))
		return -ENOMEM;
	if (d->out == 2 && !d->is_stereo)
		d->is_stereo = !vc_opus_parse(&head, p, len) &&
			       head.channels == 2;
	n = vc_opus_decode(d->opus, p, len, pcm, VC_AUDIODEC_MAX);
	return n < 0 ? -EBADMSG : n;
}

/* Samples of its own rate that become 120; 0: it has no noise. */
static size_t noise_unit(const struct vc_audiodec *d)
{
	switch (d->codec) {
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
		return 20;
	case VC_CODEC_G722:
		return 40;
	default:
		return 0;
	}
}

void vc_audiodec_more_noise(struct vc_audiodec *d, int16_t *pcm, size_t n)
{
	size_t unit = noise_unit(d);
	int16_t own[40], up[VC_AUDIODEC_NOISE];

	for (; n >= VC_AUDIODEC_NOISE; n -= VC_AUDIODEC_NOISE) {
		vc_comfort_next(&d->noise, own, unit);
		(void)vc_upsample(&d->up[0], own, unit, up);
		for (size_t i = 0; i < VC_AUDIODEC_NOISE * d->out; i++)
			pcm[i] = up[i / d->out];
		d->last[0] = d->last[1] = up[VC_AUDIODEC_NOISE - 1];
		pcm += VC_AUDIODEC_NOISE * d->out;
	}
}

int vc_audiodec_noise(struct vc_audiodec *d, const uint8_t *p, size_t len,
		      int16_t *pcm)
{
	struct vc_cn cn;
	int err = noise_unit(d) ? vc_cn_parse(&cn, p, len) : -ENOTSUP;

	if (err)
		return err;
	vc_comfort_set(&d->noise, &cn);
	d->has_noise = true;
	d->is_faded = false;
	vc_audiodec_more_noise(d, pcm, VC_AUDIODEC_NOISE);
	return VC_AUDIODEC_NOISE;
}

bool vc_audiodec_has_noise(const struct vc_audiodec *d)
{
	return d->has_noise;
}

static void fade_out(struct vc_audiodec *d, int16_t *pcm, size_t n)
{
	int ch = (int)d->out;

	for (int i = 0; i < (int)n * ch; i++) {
		int left = i / ch < FADE ? FADE - i / ch : 0;

		pcm[i] = (int16_t)(d->last[i % ch] * left / FADE);
	}
	d->last[0] = d->last[1] = 0;
	d->is_faded = true;
}

static void make_up(struct vc_audiodec *d, int16_t *pcm, size_t n)
{
	if (n && (!has_opus(d) || vc_opus_conceal(d->opus, pcm, (int)n) < 0))
		fade_out(d, pcm, n);
}

size_t vc_audiodec_conceal(struct vc_audiodec *d, const uint8_t *p, size_t len,
			   int16_t *pcm, size_t n)
{
	size_t copy = has_opus(d) && p ? vc_opus_fec(p, len) : 0;

	if (copy > n)
		copy = 0;
	make_up(d, pcm, n - copy);
	pcm += (n - copy) * d->out;
	if (!copy ||
	    vc_opus_decode_fec(d->opus, p, len, pcm, (int)copy) == (int)copy)
		return copy;
	make_up(d, pcm, copy);
	return 0;
}
