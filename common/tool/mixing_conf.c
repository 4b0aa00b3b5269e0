/* SPDX-License-Identifier: MIT */
#include "tool/mixing.h"

#include "base/image.h"
#include "base/str.h"
#include "base/time.h"
#include "codec/video.h"
#include "engine/audiorx.h"
#include "wire/defaults.h"
#include "wire/keystart.h"

#define WIDTH 1280
#define HEIGHT 720
#define VBITRATE 1500000
/* Of each channel. A mix is several voices, and what is played into it:
 * RFC 7587, 3.1.1 has 48 to 64 kbit/s for music. */
#define ABITRATE 48000

static void check_pictures(struct vc_tool *t, enum vc_codec codec)
{
	const struct vc_options *o = vc_tool_options(t);

	if (!vc_keystart_knows(codec))
		vc_tool_usage(t, "--vcodec %s: vp8, vp9, h264 or av1",
			      o->vcodec);
	if (o->layers.sid || !vc_videnc_has_layers(codec, 1, o->layers.tid + 1))
		vc_tool_usage(t,
			      "--layers L%dT%d: of composed pictures L1T2 or "
			      "L1T3, with --vcodec vp8 or vp9",
			      o->layers.sid + 1, o->layers.tid + 1);
	if (o->packetization_mode >= 0 && codec != VC_CODEC_H264)
		vc_tool_usage(t,
			      "--packetization-mode: with --vcodec h264 only");
	if (o->width &&
	    (o->width < 64 || o->height < 64 || o->width & 1 || o->height & 1 ||
	     !vc_image_size_ok(o->width, o->height)))
		vc_tool_usage(t, "--size %dx%d: even numbers from 64 to %d",
			      o->width, o->height, VC_IMAGE_MAX);
}

static void configure_pictures(struct vc_mixer_conf *c, struct vc_tool *t)
{
	const struct vc_options *o = vc_tool_options(t);
	int64_t keyint = o->keyint ? o->keyint : 2 * VC_SEC;

	c->vcodec = o->vcodec ? vc_codec_by_name(vc_str_c(o->vcodec)) :
				VC_CODEC_VP8;
	check_pictures(t, c->vcodec);
	c->n_temporal = o->layers.tid + 1;
	c->single_only = !o->packetization_mode;
	c->width = o->width ? o->width : WIDTH;
	c->height = o->width ? o->height : HEIGHT;
	c->fps_num = o->fps_num ? o->fps_num : 30;
	c->fps_den = o->fps_num ? o->fps_den : 1;
	c->vbitrate_bps = o->vbitrate ? (uint32_t)o->vbitrate : VBITRATE;
	c->keyint_frames =
		(int)(keyint / VC_MS * c->fps_num / c->fps_den / 1000);
	if (c->keyint_frames < 1)
		c->keyint_frames = 1;
}

/* --- sound --- */

void vc_mixing_set_channels(struct vc_soundenc_conf *c, unsigned int channels,
			    uint32_t bitrate_bps)
{
	c->channels = channels;
	c->bitrate_bps = bitrate_bps ? bitrate_bps : ABITRATE * channels;
}

/* Is there such an encoder? 0 or -errno. */
static int try(const struct vc_soundenc_conf *c)
{
	int err;

	vc_soundenc_free(vc_soundenc_new(c, &err));
	return err;
}

static void configure_sound(struct vc_mixer_conf *conf, struct vc_tool *t,
			    bool is_stereo)
{
	const struct vc_options *o = vc_tool_options(t);
	struct vc_soundenc_conf *c = &conf->sound.enc;
	int pt;

	c->codec = VC_CODEC_OPUS;
	vc_mixing_set_channels(c, is_stereo ? 2 : 1, (uint32_t)o->abitrate);
	if (o->acodec)
		c->codec = vc_codec_by_name(vc_str_c(o->acodec));
	if (c->codec == VC_CODEC_L16)
		c->rate_hz = VC_AUDIORX_RATE;
	if (try(c))
		vc_tool_usage(t, "--acodec %s: %s", o->acodec,
			      is_stereo ? "two channels have opus and l16" :
					  "opus, g722, pcmu, pcma or l16");
	c->ptime_ms = o->ptime % VC_MS ? -1 : (int)(o->ptime / VC_MS);
	if (o->ptime && (c->ptime_ms <= 0 || try(c)))
		vc_tool_usage(t,
			      "--ptime: 10ms, 20ms, 40ms or 60ms; a packet of "
			      "L16 has at most 1,920 octets");
	pt = vc_default_pt(c->codec, false);
	conf->sound.pt = pt < 0 ? VC_MIXING_L16_PT : (uint8_t)pt;
}

void vc_mixing_configure(struct vc_mixer_conf *c, struct vc_tool *t,
			 bool is_stereo)
{
	configure_pictures(c, t);
	configure_sound(c, t, is_stereo);
}

/* --- what is said of it --- */

void vc_mixing_describe_sound(const struct vc_mixer_sound *s,
			      struct vc_sdp *sdp)
{
	const struct vc_default_fmt l16 = {
		.pt = s->pt,
		.codec = "L16",
		.rate = s->enc.rate_hz,
		.channels = (uint8_t)s->enc.channels,
		.kind = VC_AUDIO,
	};

	if (s->enc.codec == VC_CODEC_L16)
		(void)vc_default_add_fmt(sdp, &l16);
	else
		(void)vc_default_add(sdp, s->pt);
}

void vc_mixing_describe_pictures(const struct vc_mixer_conf *c,
				 struct vc_sdp *sdp)
{
	struct vc_default_fmt fmt =
		*vc_default_find((uint8_t)vc_default_pt(c->vcodec, false));

	if (c->single_only && c->video_way == VC_MIXER_MIX)
		fmt.fmtp = VC_H264_SINGLE_FMTP;
	(void)vc_default_add_fmt(sdp, &fmt);
}
