/* SPDX-License-Identifier: MIT */
/*
 * How loud those are whose sound is sent on undecoded, as their packets say. Of
 * those whose packets do not, a few are decoded at a time, to nobody's ears. Who
 * is loud is listened to as long as he is; the others take turns, and those whose
 * packets are much larger than what is listened to come at once, as encoders of
 * variable rate spend octets on sound; who comes to nobody's front by it, as he is
 * muted, or nobody hears him, has none. So a room of any size costs no more than
 * MIX_GAUGES decoders, and one of no more than those is heard whole.
 *
 * A decoder that begins within a stream is wrong at first.
 */
#include <string.h>

#include "engine/audiodec.h"
#include "engine/mixselect.h"
#include "media/level.h"
#include "wire/opus.h"
#include "wire/rtpext.h"

#define SILENCE 127 /* -dBov */
#define SPEECH 30   /* of who says no level, but that it is voice */
#define LOUD 50
#define WARM_UP INT64_C(100000000)
#define TURN INT64_C(300000000)
#define KEPT VC_TALK_HOLD /* after what was loud */

static struct mix_gauge *gauge_of(struct vc_mixer *m,
				  const struct vc_mixer_source *s)
{
	for (size_t i = 0; i < MIX_GAUGES; i++)
		if (m->gauges[i].source == s)
			return &m->gauges[i];
	return NULL;
}

static bool is_due(const struct mix_gauge *g, size_t len, bool is_lucky,
		   int64_t now)
{
	if (g->is_loud && now < g->loud + KEPT)
		return false;
	return (is_lucky && now >= g->since + TURN) || len >= 2 * g->len;
}

/* One of eight, lest those whose packets come first have all turns. */
static bool draw(struct vc_mixer *m)
{
	m->gauge_dice = m->gauge_dice * 1664525 + 1013904223;
	return m->gauge_dice >> 29 == 0;
}

/* A free one, else the one that has been at it for longest and may go. */
static struct mix_gauge *find_gauge(struct vc_mixer *m, size_t len, int64_t now)
{
	struct mix_gauge *best = NULL;
	bool is_lucky = draw(m);

	for (size_t i = 0; i < MIX_GAUGES; i++) {
		struct mix_gauge *g = &m->gauges[i];

		if (!g->source)
			return g;
		if (is_due(g, len, is_lucky, now) &&
		    (!best || g->since < best->since))
			best = g;
	}
	return best;
}

static void clear(struct mix_gauge *g)
{
	vc_audiodec_free(g->dec);
	*g = (struct mix_gauge){ 0 };
}

void vc_mix_gauge_forget(struct vc_mixer *m, const struct vc_mixer_source *s)
{
	struct mix_gauge *g = gauge_of(m, s);

	if (g)
		clear(g);
}

static struct mix_gauge *begin(struct vc_mixer *m, struct vc_mixer_source *s,
			       size_t len, int64_t now)
{
	struct mix_gauge *g = find_gauge(m, len, now);
	int err;

	if (!g)
		return NULL;
	clear(g);
	g->dec = vc_audiodec_new(s->codec, s->rate_hz, &err);
	if (!g->dec)
		return NULL;
	g->source = s;
	g->since = now;
	return g;
}

static uint8_t measure(struct vc_mixer *m, struct vc_mixer_source *s,
		       const struct vc_rtp *rtp, int64_t now)
{
	int16_t pcm[VC_AUDIODEC_MAX];
	struct mix_gauge *g = gauge_of(m, s);
	uint8_t level;
	int n;

	if (!s->who->is_minded) {
		vc_mix_gauge_forget(m, s);
		return SILENCE;
	}
	if (!g)
		g = begin(m, s, rtp->payload_len, now);
	if (!g)
		return SILENCE;
	n = vc_audiodec_decode(g->dec, rtp->payload, rtp->payload_len, pcm);
	if (n <= 0)
		return SILENCE;
	s->gauged++;
	g->len = rtp->payload_len;
	if (now < g->since + WARM_UP && s->codec == VC_CODEC_OPUS)
		return SILENCE;
	level = vc_level_dbov(pcm, (size_t)n);
	if (level <= LOUD) {
		g->is_loud = true;
		g->loud = now;
	}
	return level;
}

/* By what a packet says of itself, else, where nobody decodes it, by a gauge. */
static uint8_t level_of(struct vc_mixer *m, struct vc_mixer_source *s,
			enum vc_codec codec, const struct vc_rtp *rtp,
			int64_t now)
{
	struct vc_audio_level level;
	int voice = -1;

	/* Who dials is heard. */
	if (codec == VC_CODEC_TELEPHONE_EVENT)
		return SPEECH;
	if (m->conf.exts.level &&
	    vc_ext_audio_level(rtp, m->conf.exts.level, &level))
		return level.level;
	if (codec == VC_CODEC_OPUS)
		voice = vc_opus_voice(rtp->payload, rtp->payload_len);
	if (voice >= 0 || s->audio)
		return voice > 0 ? SPEECH : SILENCE;
	return measure(m, s, rtp, now);
}

void vc_mix_gauge(struct vc_mixer *m, struct vc_mixer_source *s,
		  enum vc_codec codec, const struct vc_rtp *rtp, int64_t now)
{
	uint8_t level = level_of(m, s, codec, rtp, now);

	if (level < s->who->overheard)
		s->who->overheard = level;
}

uint8_t vc_mix_told_level(struct vc_mixer_who *who)
{
	uint8_t loudest = who->off & VC_MIXER_MUTED ? SILENCE : who->overheard;

	who->overheard = SILENCE;
	return loudest;
}

void vc_mix_gauges_free(struct vc_mixer *m)
{
	for (size_t i = 0; i < MIX_GAUGES; i++)
		clear(&m->gauges[i]);
}
