/* SPDX-License-Identifier: MIT */
/*
 * A resampler's state cannot be copied, but it is made of nothing but its
 * newest input: fewer than 20 ms, which are kept and put into another one.
 */
#include "engine/soundenc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "codec/audio.h"
#include "media/level.h"
#include "media/resample.h"

#define RATE 48000
#define TICK_MS 20
#define PTIME_MAX 60
#define L16_OCTETS 1000	    /* of a packet: less than any network's */
#define L16_OCTETS_MAX 1920 /* so that a whole RTP packet is held */
/* What may wait: a packet less one sample, and a tick. */
#define QUEUE (2 * (RATE / 1000) * (PTIME_MAX + TICK_MS))

struct vc_soundenc {
	struct vc_audenc *enc;
	struct vc_resample *resample; /* NULL: none is needed */
	int64_t delay;		      /* ns, its */
	uint32_t rate_hz;
	unsigned int channels;
	int16_t last[2 * VC_SOUNDENC_SAMPLES]; /* that went into 'resample' */
	int16_t queue[QUEUE];
	size_t n; /* samples a channel in it */
	uint8_t packet[VC_AUDENC_PACKET_MAX];
};

static int default_ptime(const struct vc_soundenc_conf *conf)
{
	uint32_t rate = conf->rate_hz ? conf->rate_hz : RATE;
	static const uint32_t ms[] = { 20, 10, 5 };

	if (conf->codec != VC_CODEC_L16)
		return TICK_MS;
	for (size_t i = 0; i < VC_COUNT(ms); i++)
		if (rate * ms[i] % 1000 == 0 &&
		    rate * ms[i] / 1000 * conf->channels * 2 <= L16_OCTETS)
			return (int)ms[i];
	return 10;
}

static int open_enc(struct vc_soundenc *e, const struct vc_soundenc_conf *conf)
{
	const struct vc_audenc_cfg cfg = {
		.codec = conf->codec,
		.rate_hz = conf->rate_hz,
		.channels = (int)conf->channels,
		.ptime_ms = conf->ptime_ms ? conf->ptime_ms :
					     default_ptime(conf),
		.bitrate_bps = conf->bitrate_bps,
		.complexity = conf->has_complexity ? conf->complexity :
						     VC_AUDENC_COMPLEXITY,
		.fec = conf->fec_percent > 0,
		.loss_percent = conf->fec_percent,
	};
	int err = -EINVAL;

	if (conf->channels)
		e->enc = vc_audenc_new(&cfg, &err);
	if (err)
		return err;
	e->rate_hz = vc_audenc_rate(e->enc);
	/* What is put is a whole number of its samples. */
	if (e->rate_hz * TICK_MS % 1000 ||
	    (conf->codec == VC_CODEC_L16 &&
	     vc_audenc_samples(e->enc) * conf->channels * 2 > L16_OCTETS_MAX))
		return -EINVAL;
	e->channels = conf->channels;
	return 0;
}

/* Whatever was made before is left behind. */
static int open_resample(struct vc_soundenc *e)
{
	struct vc_resample *r;

	if (e->rate_hz == RATE)
		return 0;
	r = vc_resample_new(RATE, e->rate_hz, e->channels);
	if (!r)
		return -ENOMEM;
	vc_resample_free(e->resample);
	e->resample = r;
	e->delay = vc_resample_delay(r);
	return 0;
}

struct vc_soundenc *vc_soundenc_new(const struct vc_soundenc_conf *conf,
				    int *err)
{
	struct vc_soundenc *e = vc_try_alloc(1, sizeof(*e));

	*err = -ENOMEM;
	if (!e)
		return NULL;
	*err = open_enc(e, conf);
	if (!*err)
		*err = open_resample(e);
	if (!*err)
		return e;
	vc_soundenc_free(e);
	return NULL;
}

void vc_soundenc_free(struct vc_soundenc *e)
{
	if (!e)
		return;
	vc_audenc_free(e->enc);
	vc_resample_free(e->resample);
	free(e);
}

uint32_t vc_soundenc_clock(const struct vc_soundenc *e)
{
	return vc_audenc_clock(e->enc);
}

/* What lies at 'pcm' is put behind what waits. */
static void append(struct vc_soundenc *e, const int16_t *pcm)
{
	int16_t *to = e->queue + e->n * e->channels;
	size_t all = VC_SOUNDENC_SAMPLES * e->channels;
	size_t n = VC_SOUNDENC_SAMPLES;

	if (!e->resample) {
		memcpy(to, pcm, all * sizeof(*pcm));
	} else {
		memcpy(e->last, pcm, all * sizeof(*pcm));
		/* All of it: there is room. */
		n = vc_resample_some(e->resample, pcm, &n, to,
				     QUEUE / e->channels - e->n);
	}
	e->n += n;
}

int vc_soundenc_copy(struct vc_soundenc *dst, const struct vc_soundenc *src)
{
	int err = vc_audenc_copy(dst->enc, src->enc);

	if (!err)
		err = open_resample(dst);
	if (err)
		return err;
	dst->n = 0;
	if (src->resample)
		append(dst, src->last);
	memcpy(dst->queue, src->queue, sizeof(dst->queue));
	dst->n = src->n;
	return 0;
}

void vc_soundenc_put(struct vc_soundenc *e, const int16_t *pcm)
{
	append(e, pcm);
}

int vc_soundenc_next(struct vc_soundenc *e, struct vc_soundenc_packet *out)
{
	size_t n = vc_audenc_samples(e->enc), ch = e->channels;
	int len;

	if (e->n < n)
		return 0;
	out->back = (int64_t)e->n * VC_SEC / e->rate_hz + e->delay;
	out->level_dbov = vc_level_dbov(e->queue, n * ch);
	len = vc_audenc_encode(e->enc, e->queue, n, e->packet,
			       sizeof(e->packet));
	e->n -= n;
	memmove(e->queue, e->queue + n * ch, e->n * ch * sizeof(e->queue[0]));
	if (len < 0)
		return -EIO;
	out->p = e->packet;
	out->len = (size_t)len;
	return 1;
}

int vc_soundenc_set_bitrate(struct vc_soundenc *e, uint32_t bitrate_bps)
{
	return vc_audenc_set_bitrate(e->enc, bitrate_bps);
}
