/* SPDX-License-Identifier: MIT */
/* The formats in which sound is written: options, payload types, description. */

#include "base/str.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "mix.h"
#include "wire/defaults.h"

#define BITRATE 32000
#define PT_L16 112 /* as of vc-capture */

static uint8_t pt_of(enum vc_codec codec)
{
	int pt = vc_default_pt(codec, false);

	return pt < 0 ? PT_L16 : (uint8_t)pt;
}

/* Is there such an encoder? 0 or -errno. */
static int try(const struct vc_soundenc_conf *c)
{
	int err;

	vc_soundenc_free(vc_soundenc_new(c, &err));
	return err;
}

void sound_configure(struct mix *mix)
{
	const struct vc_options *o = vc_tool_options(mix->tool);
	struct vc_mixer_sound *s = &mix->conf.sound;
	struct vc_soundenc_conf *c = &s->enc;

	c->codec = VC_CODEC_OPUS;
	c->channels = 1;
	c->bitrate_bps = o->abitrate ? (uint32_t)o->abitrate : BITRATE;
	if (o->acodec)
		c->codec = vc_codec_by_name(vc_str_c(o->acodec));
	if (try(c))
		vc_tool_usage(mix->tool,
			      "--acodec %s: opus, g722, pcmu, pcma or l16",
			      o->acodec);
	c->ptime_ms = o->ptime % VC_MS ? -1 : (int)(o->ptime / VC_MS);
	if (o->ptime && (c->ptime_ms <= 0 || try(c)))
		vc_tool_usage(mix->tool, "--ptime: 10ms, 20ms, 40ms or 60ms");
	s->pt = pt_of(c->codec);
}

void sound_describe(const struct mix *mix, struct vc_sdp *sdp)
{
	const struct vc_mixer_sound *s = &mix->conf.sound;
	struct vc_default_fmt l16 = { .pt = s->pt,
				      .codec = "L16",
				      .channels = (uint8_t)s->enc.channels,
				      .kind = VC_AUDIO };

	if (s->enc.codec != VC_CODEC_L16) {
		vc_default_add(sdp, s->pt);
		return;
	}
	l16.rate = s->enc.rate_hz ? s->enc.rate_hz : VC_AUDIORX_RATE;
	vc_default_add_fmt(sdp, &l16);
}
