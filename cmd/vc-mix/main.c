/* SPDX-License-Identifier: MIT */
/* vc-mix: options, inputs and outputs around engine/mixer.h; see mix.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/workers.h"
#include "mix.h"
#include "tool/control.h"
#include "wire/defaults.h"
#include "wire/keystart.h"

#define WIDTH 1280
#define HEIGHT 720
#define VBITRATE 1500000
#define ABITRATE 32000

enum {
	KEY_AUDIO = VC_KEY_OWN,
	KEY_VIDEO,
	KEY_MINUS_ONE,
	KEY_THREADS,
};

struct own {
	int audio; /* index into audio_words */
	int video;
	bool minus_one;
	int64_t threads; /* 0: by the size */
};

static const char *const audio_words[] = { "mix", "off", NULL };
static const char *const video_words[] = { "compose", "off", NULL };

static const struct argp_option options[] = {
	{ "audio", KEY_AUDIO, "mix|off", 0, "what becomes of the sound", 0 },
	{ "video", KEY_VIDEO, "compose|off", 0, "what becomes of the pictures",
	  0 },
	{ "minus-one", KEY_MINUS_ONE, NULL, 0,
	  "a mix of his own for each participant, without himself", 0 },
	{ "threads", KEY_THREADS, "N", 0,
	  "threads that decode pictures (default 2)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_AUDIO:
		return vc_opt_word(state, arg, audio_words, &own->audio);
	case KEY_VIDEO:
		return vc_opt_word(state, arg, video_words, &own->video);
	case KEY_MINUS_ONE:
		own->minus_one = true;
		return 0;
	case KEY_THREADS:
		return vc_opt_int(state, arg, 1, VC_WORKERS_MAX + 1,
				  &own->threads);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct vc_tool_info info = {
	.name = "vc-mix",
	.sentence = "mixes the sound and composes the pictures of all who "
		    "take part",
	.args_doc = "[[NAME=]INPUT...]",
	.io_doc = "Reads vc streams (default stdin; one may hold many "
		  "participants), writes one to -o, default stdout.",
	.examples = "vc-recv rtp://:5004 | vc-mix | vc-record meeting.webm\n"
		    "vc-mix alice=a.vcrtp bob=b.vcrtp -o both.vcrtp\n"
		    "vc-recv rtp://:5004 | vc-mix --minus-one | vc-send "
		    "alice=rtp://127.0.0.1:5006\n",
	.groups = VC_OPT_OUT | VC_OPT_TLS | VC_OPT_READ | VC_OPT_TIME |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_SELECT | VC_OPT_CNAME | VC_OPT_VIDEO | VC_OPT_AUDIO |
		  VC_OPT_SOURCES | VC_OPT_LATENCY | VC_OPT_BATCH,
	.sandbox = VC_SANDBOX_ON | VC_SANDBOX_READ | VC_SANDBOX_THREADS,
	.options = options,
	.parse = parse,
};

/* --- control --- */

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;

	(void)argc;
	(void)argv;
	(void)reply;
	if (!mix->mixer)
		return -EAGAIN;
	vc_mixer_keyframe(mix->mixer);
	return 0;
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	uint64_t bps, ssrc = 0;

	if (argc < 2 || vc_num_rate(argv[1], &bps) || bps < 6000 ||
	    bps > 50000000) {
		vc_json_set_str(reply, "error", "a rate from 6k to 50M");
		return -EINVAL;
	}
	if (argc > 2 && vc_num_u64(argv[2], 0, UINT32_MAX, &ssrc)) {
		vc_json_set_str(reply, "error", "an SSRC in decimals");
		return -EINVAL;
	}
	if (!mix->mixer)
		return -EAGAIN;
	vc_json_set_int(reply, "bitrate", (int64_t)bps);
	return vc_mixer_bitrate(mix->mixer, (uint32_t)ssrc, bps);
}

static const struct vc_command commands[] = {
	{ "keyframe", "[SSRC]", "the next picture is a key frame",
	  cmd_keyframe },
	{ "bitrate", "RATE [SSRC]",
	  "change the bit rate of the picture, or of an output", cmd_bitrate },
	{ 0 },
};

static void on_keyframe(void *ctx)
{
	struct mix *mix = ctx;

	if (mix->mixer)
		vc_mixer_keyframe(mix->mixer);
}

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct mix *mix = ctx;

	if (!mix->mixer)
		return;
	vc_mixer_stats(mix->mixer, record);
	vc_json_set_int(record, "skipped_ticks", (int64_t)mix->skipped);
}

/* --- the mixer's and the inputs' calls --- */

static void send_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct mix *mix = ctx;

	(void)is_rtcp;
	vc_out_packet(mix->out, pkt, false);
}

static void ask_keyframe(void *ctx, uint32_t ssrc)
{
	struct mix *mix = ctx;

	vc_in_keyframe(mix->in, ssrc);
}

static void describe(struct mix *mix)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));

	if (mix->conf.audio)
		vc_default_add(sdp, VC_PT_OPUS);
	if (mix->conf.video)
		vc_default_add(sdp,
			       (uint8_t)vc_default_pt(mix->conf.vcodec, false));
	vc_out_desc(mix->out, sdp);
	free(sdp);
}

/* The clock runs, and the seed is known. */
static void on_start(void *ctx, int64_t now)
{
	struct mix *mix = ctx;
	int err;

	mix->epoch = now;
	mix->conf.epoch = now;
	mix->conf.pool = vc_tool_pool(mix->tool);
	mix->conf.rand = vc_tool_rand(mix->tool);
	mix->conf.cname = vc_tool_cname(mix->tool);
	mix->conf.name = vc_tool_options(mix->tool)->name;
	mix->mixer = vc_mixer_new(&mix->conf, &err);
	if (!mix->mixer) {
		vc_tool_fail(mix->tool, VC_EXIT_FAIL, "mixer: open: %s",
			     strerror(-err));
		vc_tool_stop(mix->tool, "error");
		return;
	}
	describe(mix);
	clock_start(mix);
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct mix *mix = ctx;

	if (mix->mixer)
		people_rtp(mix, src, pkt, rtp);
}

static bool on_held(void *ctx)
{
	struct mix *mix = ctx;

	return mix->mixer && vc_mixer_held(mix->mixer);
}

static void on_end(void *ctx, int64_t now)
{
	struct mix *mix = ctx;

	if (!mix->mixer)
		return;
	clock_stop(mix);
	mix->why = "eof";
	vc_mixer_end(mix->mixer, now);
}

static const struct vc_in_ops in_ops = {
	.start = on_start,
	.rtp = on_rtp,
	.event = events_pass,
	.other = events_other,
	.change = people_change,
	.gone = people_gone,
	.who_gone = people_who_gone,
	.held = on_held,
	.end = on_end,
};

/* --- opening --- */

static void check_options(struct vc_tool *t)
{
	const struct vc_options *o = vc_tool_options(t);

	if (o->vcodec &&
	    !vc_keystart_knows(vc_codec_by_name(vc_str_c(o->vcodec))))
		vc_tool_usage(t, "--vcodec %s: vp8, vp9, h264 or av1",
			      o->vcodec);
	if (o->acodec && vc_codec_by_name(vc_str_c(o->acodec)) != VC_CODEC_OPUS)
		vc_tool_usage(t, "--acodec %s: only opus is here", o->acodec);
	if (o->ptime && o->ptime != VC_MIXER_TICK)
		vc_tool_usage(t, "--ptime: only 20ms is here");
	if (o->width &&
	    (o->width < 64 || o->height < 64 || o->width & 1 || o->height & 1 ||
	     !vc_image_size_ok(o->width, o->height)))
		vc_tool_usage(t, "--size %dx%d: even numbers from 64 to %d",
			      o->width, o->height, VC_IMAGE_MAX);
}

static void configure(struct mix *mix, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(mix->tool);
	struct vc_mixer_conf *c = &mix->conf;
	int64_t keyint = o->keyint ? o->keyint : 2 * VC_SEC;

	c->audio = own->audio == 0;
	c->video = own->video == 0;
	c->minus_one = own->minus_one;
	c->vcodec = o->vcodec ? vc_codec_by_name(vc_str_c(o->vcodec)) :
				VC_CODEC_VP8;
	c->abitrate_bps = o->abitrate ? (uint32_t)o->abitrate : ABITRATE;
	c->width = o->width ? o->width : WIDTH;
	c->height = o->width ? o->height : HEIGHT;
	c->fps_num = o->fps_num ? o->fps_num : 30;
	c->fps_den = o->fps_num ? o->fps_den : 1;
	c->vbitrate_bps = o->vbitrate ? (uint32_t)o->vbitrate : VBITRATE;
	c->keyint_frames =
		(int)(keyint / VC_MS * c->fps_num / c->fps_den / 1000);
	if (c->keyint_frames < 1)
		c->keyint_frames = 1;
	/* The thread that waits decodes too. */
	c->threads = own->threads ? (unsigned int)own->threads - 1 : 1;
	c->send = send_packet;
	c->begin = events_begin;
	c->end = events_end;
	c->speaker = events_speaker;
	c->keyframe = ask_keyframe;
	c->ctx = mix;
}

static void run(struct mix *mix)
{
	struct vc_tool *t = mix->tool;

	vc_control_add(t, commands, mix);
	vc_tool_on_keyframe(t, on_keyframe, mix);
	vc_tool_on_stats(t, fill_stats, mix);
	if (!vc_in_open(mix->in) && !vc_tool_start(t))
		vc_tool_run(t);
	vc_tool_off_stats(t, fill_stats, mix);
}

int main(int argc, char **argv)
{
	struct mix *mix = vc_alloc(1, sizeof(*mix));
	struct vc_in_conf in_conf = { .with_names = true };
	struct own own = { 0 };
	struct vc_tool *t = vc_tool_new(&info);
	const struct vc_options *o;
	int code;

	vc_tool_parse(t, argc, argv, &own);
	o = vc_tool_options(t);
	check_options(t);
	if (own.audio && own.video)
		vc_tool_usage(t, "--audio=off --video=off: nothing is left");
	mix->tool = t;
	mix->loop = vc_tool_loop(t);
	mix->why = "bye";
	configure(mix, &own);
	in_conf.latency = o->latency >= 0 ? o->latency : VC_PLAYOUT_AUTO;
	mix->in = vc_in_new(t, &o->args, &in_conf, &in_ops, mix);
	mix->out = vc_out_new(t, on_keyframe, mix);
	if (mix->out)
		run(mix);
	vc_in_free(mix->in);
	vc_mixer_free(mix->mixer);
	vc_out_free(mix->out);
	code = vc_tool_end(t);
	free(mix);
	return code;
}
