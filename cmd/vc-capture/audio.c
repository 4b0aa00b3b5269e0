/* SPDX-License-Identifier: MIT */
/*
 * Sound: gain, silence for who is mute or not to talk, the codec. With --dtx
 * silence is not sent, whatever the codec; what is sent after it has the
 * marker, and a gap event tells of the time between.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "capture.h"
#include "media/level.h"
#include "media/resample.h"

#define VOICE_LEVEL 50 /* -dBov: louder is taken for voice */
#define SILENCE 127
#define UNITY 4096
#define OPUS_DTX 2 /* so long a packet need not be sent */

static struct audio *audio_of(struct medium *m)
{
	return (struct audio *)m;
}

static size_t frame_samples(const struct audio *a)
{
	return (size_t)(a->m.length / VC_MS * SOURCE_RATE / 1000);
}

static int take(struct medium *m)
{
	struct audio *a = audio_of(m);

	return m->source->ops->audio(m->source, a->pcm, frame_samples(a),
				     &m->pts);
}

static void amplify(struct audio *a, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t v = (int64_t)a->pcm[i] * a->gain / UNITY;

		a->pcm[i] = (int16_t)(v > INT16_MAX ? INT16_MAX :
				      v < INT16_MIN ? INT16_MIN :
						      v);
	}
}

static bool is_silenced(const struct audio *a)
{
	int64_t t = a->m.base + a->m.pts - a->m.who->cap->epoch;

	return a->m.is_hushed[HUSH_MUTE] || !talk_is_on(&a->talk, t);
}

/*
 * What is done to the samples before they are encoded. The level: a mark is
 * nobody's voice, and it is without it.
 */
static uint8_t shape(struct audio *a)
{
	size_t n = frame_samples(a) * (size_t)a->channels;
	uint8_t level;

	if (is_silenced(a)) {
		memset(a->pcm, 0, n * sizeof(a->pcm[0]));
		return SILENCE;
	}
	if (a->gain != UNITY)
		amplify(a, n);
	level = vc_level_dbov(a->pcm, n);
	stamp_audio(&a->m.stamp, a->pcm, frame_samples(a), a->channels,
		    a->m.base + a->m.pts);
	return level;
}

static int encode(struct audio *a, uint8_t *out, size_t cap)
{
	int16_t pcm[AUDIO_SAMPLES];
	const int16_t *p = a->pcm;
	size_t n = frame_samples(a);

	if (a->resample) {
		n = vc_resample_run(a->resample, p, n, pcm);
		p = pcm;
	}
	return vc_audenc_encode(a->enc, p, n, out, cap);
}

/* Silence that need not be sent; the first of it is. */
static bool is_left_out(struct audio *a, int len, uint8_t level)
{
	bool is_silent = a->dtx &&
			 (a->codec == VC_CODEC_OPUS ? len <= OPUS_DTX :
						      level == SILENCE);
	bool was_silent = a->was_silent;

	a->was_silent = is_silent;
	if (!a->m.tx.has_begun)
		return false;
	return is_silent && (was_silent || a->codec == VC_CODEC_OPUS);
}

static int send(struct medium *m, int64_t now)
{
	struct audio *a = audio_of(m);
	uint8_t out[VC_AUDENC_PACKET_MAX], level;
	bool is_left;
	int len = 0;

	if (a->voice)
		len = voice_clean(a->voice, m->base + m->pts, a->pcm,
				  frame_samples(a));
	if (len < 0)
		return len;
	/* It may have waited, and been told to end. */
	if (m->who->cap->is_over)
		return 0;
	if (vc_dtmftx_is_busy(&a->dial.tx))
		return 0;
	level = shape(a);
	len = encode(a, out, sizeof(out));
	if (len < 0)
		return len;
	m->frames++;
	is_left = is_left_out(a, len, level);
	medium_hush(m, HUSH_DTX, is_left);
	if (is_left) {
		vc_tx_report(&m->tx, now);
		return 0;
	}
	m->octets += (uint64_t)len;
	vc_tx_audio(&m->tx, now,
		    m->base + m->pts - a->delay - voice_delay(a->voice), out,
		    (size_t)len, level, level < VOICE_LEVEL, m->marker);
	m->marker = false;
	return 0;
}

static void clear(struct medium *m)
{
	vc_timer_cancel(m->who->cap->loop, &audio_of(m)->dial.timer);
	vc_audenc_free(audio_of(m)->enc);
	vc_resample_free(audio_of(m)->resample);
}

const struct medium_ops mic_ops = {
	.word = "audio",
	.kind = VC_AUDIO,
	.take = take,
	.send = send,
	.clear = clear,
};

int audio_open(struct audio *a, const struct audio_config *conf)
{
	const struct vc_audenc_cfg cfg = {
		.codec = conf->codec,
		.channels = conf->channels,
		.ptime_ms = (int)(conf->ptime / VC_MS),
		.bitrate_bps = (uint32_t)conf->bitrate,
		.complexity = conf->complexity,
		.dtx = conf->dtx,
		.fec = conf->fec > 0,
		.loss_percent = (int)conf->fec,
	};
	uint32_t rate_hz;
	int err;

	a->codec = conf->codec;
	a->channels = conf->channels;
	a->dtx = conf->dtx;
	a->m.length = conf->ptime;
	a->gain = UNITY;
	a->enc = vc_audenc_new(&cfg, &err);
	if (!a->enc)
		return err;
	dial_init(a, vc_audenc_clock(a->enc));
	rate_hz = vc_audenc_rate(a->enc);
	if (rate_hz == SOURCE_RATE)
		return 0;
	a->resample = vc_resample_new(SOURCE_RATE, rate_hz,
				      (unsigned int)a->channels);
	if (!a->resample)
		return -ENOMEM;
	a->delay = vc_resample_delay(a->resample);
	return 0;
}

void audio_gain(struct audio *a, double db)
{
	a->gain = (int32_t)lrint(UNITY * pow(10, db / 20));
}
