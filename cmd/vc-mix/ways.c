/* SPDX-License-Identifier: MIT */
/*
 * What becomes of sound and of pictures, by the options and the policy, and the
 * formats that go with it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "mix.h"
#include "wire/defaults.h"
#include "wire/sdp.h"

#define WAY_OFF 3

/* In the order of enum vc_mixer_way. */
const char *const ways_audio[] = { "mix", "select", "auto", "off", NULL };
const char *const ways_video[] = { "compose", "select", "auto", "off", NULL };

/* The option's word, else the policy's, else the first. */
static int way_of(int own, const char *const *words, const char *word)
{
	if (own < 0)
		own = 0;
	else
		word = NULL;
	while (word && strcmp(words[own], word) != 0)
		own++;
	return own;
}

void ways_set(struct mix *mix, int own_audio, int own_video)
{
	const struct vc_policy *p = mix->conf.policy;
	int audio =
		way_of(own_audio, ways_audio, p ? vc_policy_audio(p) : NULL);
	int video =
		way_of(own_video, ways_video, p ? vc_policy_video(p) : NULL);

	if (audio == WAY_OFF && video == WAY_OFF)
		vc_tool_usage(mix->tool,
			      "--audio=off --video=off: nothing is left");
	if (audio == VC_MIXER_AUTO &&
	    vc_tool_options(mix->tool)->latency > VC_SEC)
		vc_tool_usage(mix->tool,
			      "--audio=auto: with a --latency of 1s at most");
	if (mix->conf.single_only && video == VC_MIXER_AUTO)
		vc_tool_usage(mix->tool,
			      "--packetization-mode=0: not with --video=auto: "
			      "what goes on as it is may be in fragments");
	mix->conf.audio = audio != WAY_OFF;
	mix->conf.video = video != WAY_OFF;
	mix->conf.audio_way = mix->conf.audio ? (enum vc_mixer_way)audio :
						VC_MIXER_SELECT;
	mix->conf.video_way = mix->conf.video ? (enum vc_mixer_way)video :
						VC_MIXER_SELECT;
}

/* What goes out as it came, whatever it is; in what is mixed as well (auto) there
 * are digits and comfort noise of the clock of our own sound only. */
static bool is_selected(const struct mix *mix, const struct vc_default_fmt *fmt)
{
	const struct vc_mixer_conf *c = &mix->conf;

	switch (vc_codec_by_name(vc_str_c(fmt->codec))) {
	case VC_CODEC_OPUS:
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
	case VC_CODEC_G722:
		return c->audio && c->audio_way == VC_MIXER_SELECT;
	case VC_CODEC_CN:
	case VC_CODEC_TELEPHONE_EVENT:
		return c->audio &&
		       (c->audio_way == VC_MIXER_SELECT ||
			(c->audio_way == VC_MIXER_AUTO &&
			 fmt->rate == vc_codec_rate(c->sound.enc.codec)));
	case VC_CODEC_VP8:
	case VC_CODEC_VP9:
	case VC_CODEC_H264:
	case VC_CODEC_AV1:
		return c->video && c->video_way == VC_MIXER_SELECT;
	case VC_CODEC_T140:
	case VC_CODEC_RED:
		return fmt->kind == VC_TEXT && vc_mixer_takes_text(c);
	default:
		return false;
	}
}

/* Formats of what is selected are those that come in. */
static void describe_selected(const struct mix *mix, struct vc_sdp *sdp)
{
	for (size_t i = 0; i < vc_default_n_fmts; i++)
		if (is_selected(mix, &vc_default_fmts[i]))
			(void)vc_default_add(sdp, vc_default_fmts[i].pt);
}

void ways_describe(struct mix *mix)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));

	if (mix->conf.audio)
		sound_describe(mix, sdp);
	if (mix->conf.video)
		vc_mixing_describe_pictures(&mix->conf, sdp);
	describe_selected(mix, sdp);
	vc_out_desc(mix->out, sdp);
	free(sdp);
}

void ways_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct mix *mix = ctx;

	vc_mixing_exts(sdp, &mix->conf.exts);
	if (mix->mixer)
		vc_mixer_set_exts(mix->mixer, &mix->conf.exts);
}
