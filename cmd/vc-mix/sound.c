/* SPDX-License-Identifier: MIT */
/* The formats in which sound is written: options, payload types, description. */

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "mix.h"
#include "wire/defaults.h"

/* L16 has no default. The first is vc-capture's. */
static const uint8_t l16_pts[] = {
	VC_MIXING_L16_PT, 113, 114, 115, 121, 122, 123, 124, 125, 126, 127
};

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
	vc_mixing_set_channels(c,
			       class->channels ? class->channels :
			       class->acodec == VC_CODEC_OPUS ? c->channels :
								1,
			       class->abitrate_bps ? class->abitrate_bps :
						     bitrate);
	if (try(c))
		vc_tool_usage(mix->tool,
			      "--out-class %s: of l16 the rate is a multiple "
			      "of 50, and no packet larger than 1,920 octets",
			      class->name);
	give_pt(mix, s);
}

void sound_configure(struct mix *mix, const struct sound_options *own)
{
	const struct vc_outclasses *all = mix->conf.classes;
	struct vc_soundenc_conf *enc = &mix->conf.sound.enc;

	mix->conf.has_agc = own->has_agc;
	mix->conf.noise_dbov = (uint8_t)-own->noise_db;
	enc->has_complexity = own->complexity >= 0;
	enc->complexity = (int)own->complexity;
	enc->fec_percent = (int)own->opus_fec;
	vc_mixing_configure(&mix->conf, mix->tool, own->is_stereo);
	for (size_t i = 0; i < all->n; i++)
		configure_class(mix, &all->v[i], &mix->class_sounds[i]);
	mix->conf.class_sounds = mix->class_sounds;
}

void sound_describe(const struct mix *mix, struct vc_sdp *sdp)
{
	const struct vc_mixer_sound *s;

	/* What is there already stays as it is. */
	for (size_t i = 0; (s = nth(mix, i)); i++)
		vc_mixing_describe_sound(s, sdp);
}

bool sound_has_opus(const struct mix *mix)
{
	const struct vc_mixer_sound *s;
	bool has_opus = false;

	for (size_t i = 0; (s = nth(mix, i)); i++)
		has_opus |= s->enc.codec == VC_CODEC_OPUS;
	return has_opus;
}
