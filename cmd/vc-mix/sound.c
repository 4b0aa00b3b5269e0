/* SPDX-License-Identifier: MIT */
/* The formats in which sound is written: options, payload types, description. */

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "mix.h"
#include "wire/defaults.h"

#define BITRATE 32000 /* of each channel */

/* L16 has no default. The first is vc-capture's. */
static const uint8_t l16_pts[] = { 112, 113, 114, 115, 121, 122,
				   123, 124, 125, 126, 127 };

/* Is there such an encoder? 0 or -errno. */
static int try(const struct vc_soundenc_conf *c)
{
	int err;

	vc_soundenc_free(vc_soundenc_new(c, &err));
	return err;
}

/* Of all that comes out, the i-th; NULL: there are no more. */
static const struct vc_mixer_sound *nth(const struct mix *mix, size_t i)
{
	if (!i)
		return &mix->conf.sound;
	return i <= mix->conf.classes->n ? &mix->class_sounds[i - 1] : NULL;
}

/* That of an equal one before, or the first that no other has. -1: none. */
static int l16_pt(const struct mix *mix, const struct vc_soundenc_conf *c)
{
	const struct vc_mixer_sound *s;
	size_t used = 0;

	for (size_t i = 0; (s = nth(mix, i)) && &s->enc != c; i++) {
		if (s->enc.codec != VC_CODEC_L16)
			continue;
		if (s->enc.rate_hz == c->rate_hz &&
		    s->enc.channels == c->channels)
			return s->pt;
		while (used < VC_COUNT(l16_pts) && l16_pts[used] <= s->pt)
			used++;
	}
	return used < VC_COUNT(l16_pts) ? l16_pts[used] : -1;
}

static void give_pt(const struct mix *mix, struct vc_mixer_sound *s)
{
	int pt = vc_default_pt(s->enc.codec, false);

	if (pt < 0)
		pt = l16_pt(mix, &s->enc);
	if (pt < 0)
		vc_tool_usage(mix->tool, "--out-class: too many kinds of L16");
	s->pt = (uint8_t)pt;
}

static void set_channels(struct vc_soundenc_conf *c, unsigned int channels,
			 uint32_t bitrate_bps)
{
	c->channels = channels;
	c->bitrate_bps = bitrate_bps ? bitrate_bps : BITRATE * channels;
}

/* Of a class; what it does not say is as the options have it. */
static void configure_class(struct mix *mix, const struct vc_outclass *class,
			    struct vc_mixer_sound *s)
{
	uint32_t bitrate = (uint32_t)vc_tool_options(mix->tool)->abitrate;
	struct vc_soundenc_conf *c = &s->enc;

	*s = mix->conf.sound;
	if (!class->has_audio)
		return;
	c->codec = class->acodec;
	c->rate_hz = class->acodec == VC_CODEC_L16 ? class->rate_hz : 0;
	if (class->acodec == VC_CODEC_L16 && !c->rate_hz)
		c->rate_hz = VC_AUDIORX_RATE;
	set_channels(c,
		     class->channels		    ? class->channels :
		     class->acodec == VC_CODEC_OPUS ? c->channels :
						      1,
		     class->abitrate_bps ? class->abitrate_bps : bitrate);
	if (try(c))
		vc_tool_usage(mix->tool,
			      "--out-class %s: of l16 the rate is a multiple "
			      "of 50, and no packet larger than 1,920 octets",
			      class->name);
	give_pt(mix, s);
}

static void configure_default(struct mix *mix, bool is_stereo)
{
	const struct vc_options *o = vc_tool_options(mix->tool);
	struct vc_soundenc_conf *c = &mix->conf.sound.enc;

	c->codec = VC_CODEC_OPUS;
	set_channels(c, is_stereo ? 2 : 1, (uint32_t)o->abitrate);
	if (o->acodec)
		c->codec = vc_codec_by_name(vc_str_c(o->acodec));
	if (c->codec == VC_CODEC_L16)
		c->rate_hz = VC_AUDIORX_RATE;
	if (try(c))
		vc_tool_usage(mix->tool, "--acodec %s: %s", o->acodec,
			      is_stereo ? "two channels have opus and l16" :
					  "opus, g722, pcmu, pcma or l16");
	c->ptime_ms = o->ptime % VC_MS ? -1 : (int)(o->ptime / VC_MS);
	if (o->ptime && (c->ptime_ms <= 0 || try(c)))
		vc_tool_usage(mix->tool,
			      "--ptime: 10ms, 20ms, 40ms or 60ms; a packet of "
			      "L16 has at most 1,920 octets");
	give_pt(mix, &mix->conf.sound);
}

void sound_configure(struct mix *mix, const struct sound_options *own)
{
	const struct vc_outclasses *all = mix->conf.classes;

	mix->conf.has_agc = own->has_agc;
	mix->conf.noise_dbov = (uint8_t)-own->noise_db;
	configure_default(mix, own->is_stereo);
	for (size_t i = 0; i < all->n; i++)
		configure_class(mix, &all->v[i], &mix->class_sounds[i]);
	mix->conf.class_sounds = mix->class_sounds;
}

void sound_describe(const struct mix *mix, struct vc_sdp *sdp)
{
	const struct vc_mixer_sound *s;

	/* What is there already stays as it is. */
	for (size_t i = 0; (s = nth(mix, i)); i++) {
		const struct vc_default_fmt l16 = {
			.pt = s->pt,
			.codec = "L16",
			.rate = s->enc.rate_hz,
			.channels = (uint8_t)s->enc.channels,
			.kind = VC_AUDIO
		};

		if (s->enc.codec == VC_CODEC_L16)
			(void)vc_default_add_fmt(sdp, &l16);
		else
			(void)vc_default_add(sdp, s->pt);
	}
}
