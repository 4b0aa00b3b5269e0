/* SPDX-License-Identifier: MIT */
/*
 * G.711 has 8 samples in a millisecond: each becomes six, in straight lines
 * from the one before. What it lost fades out, and fades in again.
 */
#include "engine/audiodec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/g711.h"
#include "codec/opus.h"
#include "wire/opus.h"

#define UP 6 /* 48 kHz from 8 */
#define FADE 120

struct vc_audiodec {
	enum vc_codec codec;
	struct vc_opus_dec *opus;
	int16_t last; /* G.711: the newest sample */
	bool is_faded;
};

struct vc_audiodec *vc_audiodec_new(enum vc_codec codec, uint32_t rate_hz,
				    int *err)
{
	bool is_opus = codec == VC_CODEC_OPUS;
	struct vc_audiodec *d;

	*err = -ENOTSUP;
	if ((!is_opus && codec != VC_CODEC_PCMU && codec != VC_CODEC_PCMA) ||
	    rate_hz != (is_opus ? 48000 : 8000))
		return NULL;
	*err = -ENOMEM;
	d = vc_try_alloc(1, sizeof(*d));
	if (!d)
		return NULL;
	*err = 0;
	d->codec = codec;
	if (is_opus)
		d->opus = vc_opus_dec_new(VC_AUDIODEC_RATE, 1, err);
	if (!*err)
		return d;
	vc_audiodec_free(d);
	return NULL;
}

void vc_audiodec_free(struct vc_audiodec *d)
{
	if (!d)
		return;
	vc_opus_dec_free(d->opus);
	free(d);
}

int vc_audiodec_samples(const struct vc_audiodec *d, const uint8_t *p,
			size_t len)
{
	if (d->opus)
		return vc_opus_samples(p, len);
	if (!len || len > VC_AUDIODEC_MAX / UP)
		return -EBADMSG;
	return (int)len * UP;
}

static void fade(int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n && i < FADE; i++)
		pcm[i] = (int16_t)(pcm[i] * (int)i / FADE);
}

static int decode_g711(struct vc_audiodec *d, const uint8_t *p, size_t len,
		       int16_t *pcm)
{
	int16_t narrow[VC_AUDIODEC_MAX / UP];
	int before = d->last;
	int16_t *out = pcm;

	if (d->codec == VC_CODEC_PCMU)
		vc_pcmu_decode(p, len, narrow);
	else
		vc_pcma_decode(p, len, narrow);
	for (size_t i = 0; i < len; i++) {
		for (int k = 1; k <= UP; k++) {
			*out = (int16_t)(before +
					 (narrow[i] - before) * k / UP);
			out++;
		}
		before = narrow[i];
	}
	d->last = (int16_t)before;
	if (d->is_faded)
		fade(pcm, len * UP);
	d->is_faded = false;
	return (int)len * UP;
}

int vc_audiodec_decode(struct vc_audiodec *d, const uint8_t *p, size_t len,
		       int16_t *pcm)
{
	int n = vc_audiodec_samples(d, p, len);

	if (n < 0)
		return n;
	if (!d->opus)
		return decode_g711(d, p, len, pcm);
	n = vc_opus_decode(d->opus, p, len, pcm, VC_AUDIODEC_MAX);
	return n < 0 ? -EBADMSG : n;
}

static void fade_out(struct vc_audiodec *d, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int left = i < FADE ? FADE - (int)i : 0;

		pcm[i] = (int16_t)(d->last * left / FADE);
	}
	d->last = 0;
	d->is_faded = true;
}

static void make_up(struct vc_audiodec *d, int16_t *pcm, size_t n)
{
	if (n && (!d->opus || vc_opus_conceal(d->opus, pcm, (int)n) < 0))
		fade_out(d, pcm, n);
}

size_t vc_audiodec_conceal(struct vc_audiodec *d, const uint8_t *p, size_t len,
			   int16_t *pcm, size_t n)
{
	size_t copy = d->opus && p ? vc_opus_fec(p, len) : 0;

	if (copy > n)
		copy = 0;
	make_up(d, pcm, n - copy);
	pcm += n - copy;
	if (!copy ||
	    vc_opus_decode_fec(d->opus, p, len, pcm, (int)copy) == (int)copy)
		return copy;
	make_up(d, pcm, copy);
	return 0;
}
