/* SPDX-License-Identifier: MIT */
/* vc-mix: options, inputs and outputs around engine/mixer.h; see mix.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/workers.h"
#include "mix.h"
#include "wire/defaults.h"
#include "wire/keystart.h"

#define WIDTH 1280
#define HEIGHT 720
#define VBITRATE 1500000

enum {
	KEY_AUDIO = VC_KEY_OWN,
	KEY_VIDEO,
	KEY_MINUS_ONE,
	KEY_POLICY,
	KEY_ROLE,
	KEY_TRUST,
	KEY_OUT,
	KEY_OUT_CLASS,
	KEY_CHECK,
	KEY_DUMP,
	KEY_LAYOUT,
	KEY_LAYOUT_DUMP,
	KEY_BGCOLOR,
	KEY_LABELS,
	KEY_THREADS,
	KEY_TALKERS,
	KEY_CSRC_LEVELS,
	KEY_STEREO,
	KEY_AGC,
	KEY_NOISE,
	KEY_PICK,
};

struct own {
	int audio; /* index into audio_words; -1: not said */
	int video;
	int pick;
	const char *layout;
	int64_t bgcolor; /* -1: the usual */
	int labels;	 /* index into labels_words */
	struct rules *rules;
	const char *policy;
	const char *check; /* --check-policy */
	struct outs *outs;
	struct sound_options sound;
	int64_t threads; /* 0: by the size */
	int64_t talkers; /* 0: the default */
	bool csrc_levels;
};

static const char *const pick_words[] = { "speaker", "all", NULL };
static const char *const labels_words[] = { "on", "off", NULL };

static const struct argp_option options[] = {
	{ "audio", KEY_AUDIO, "mix|select|auto|off", 0,
	  "what becomes of the sound", 0 },
	{ "video", KEY_VIDEO, "compose|select|auto|off", 0,
	  "what becomes of the pictures", 0 },
	{ "pick", KEY_PICK, "speaker|all", 0,
	  "select who is in front (default), or all as sources of their own",
	  0 },
	{ "layout", KEY_LAYOUT, "NAME|FILE", 0,
	  "how pictures are arranged: grid, speaker, presenter, side-by-side, "
	  "pip, stage, single, or a file",
	  0 },
	{ "layout-dump", KEY_LAYOUT_DUMP, "NAME", 0,
	  "print a layout, to start a file from, and exit", 0 },
	{ "bgcolor", KEY_BGCOLOR, "RRGGBB", 0, "what is behind the tiles", 0 },
	{ "labels", KEY_LABELS, "on|off", 0,
	  "names and signs on the tiles (default on)", 0 },
	{ "policy", KEY_POLICY, "FILE|NAME", 0,
	  "who hears and sees whom: symmetric, panel, lesson, broadcast, "
	  "webinar, call, or a file",
	  0 },
	{ "role", KEY_ROLE, "WHO=ROLE", 0,
	  "the role of somebody, or of all that WHO fits (repeatable)", 0 },
	{ "minus-one", KEY_MINUS_ONE, NULL, 0, "--policy symmetric", 0 },
	{ "out", KEY_OUT, "NAME[=CLASS]", 0,
	  "an output for one who sends nothing (repeatable)", 0 },
	{ "out-class", KEY_OUT_CLASS, "CLASS[,...]", 0,
	  "what outputs are made like, as low:640x360@300k/15 (repeatable)",
	  0 },
	{ "trust-names", KEY_TRUST, NULL, 0,
	  "believe that people are who they say they are", 0 },
	{ "check-policy", KEY_CHECK, "FILE|NAME", 0,
	  "print who hears and sees whom (of --as WHO), and exit", 0 },
	{ "policy-dump", KEY_DUMP, "NAME", 0,
	  "print a preset, to start a file from, and exit", 0 },
	{ "talkers", KEY_TALKERS, "K", 0,
	  "mix the K loudest of those who talk (default 3)", 0 },
	{ "csrc-levels", KEY_CSRC_LEVELS, NULL, 0,
	  "say in each packet how loud each is in it (RFC 6465)", 0 },
	{ "agc", KEY_AGC, NULL, 0, "make everybody about as loud", 0 },
	{ "comfort-noise", KEY_NOISE, "DB", 0,
	  "noise where nobody is heard, -90 to -50 dBFS", 0 },
	{ "stereo", KEY_STEREO, NULL, 0,
	  "two channels, with everybody at a place of his own", 0 },
	{ "threads", KEY_THREADS, "N", 0, "threads for pictures (default 2)",
	  0 },
	{ 0 },
};

static error_t dump(struct argp_state *state, const char *option,
		    const struct texts *of, const char *name)
{
	const char *text = of->preset(name);
	char why[256];

	texts_say_presets(of, why, sizeof(why));
	if (!text)
		argp_error(state, "%s %s: %s", option, name, why);
	else if (fputs(text, stdout) < 0 || fflush(stdout))
		exit(VC_EXIT_FAIL);
	exit(VC_EXIT_OK);
}

static error_t add_policy(struct argp_state *state, struct own *own,
			  const char *place)
{
	if (own->policy)
		argp_error(state, "--policy %s: there is --policy %s", place,
			   own->policy);
	own->policy = place;
	rules_place(own->rules, place);
	return 0;
}

static error_t parse_colour(struct argp_state *state, const char *arg,
			    int64_t *rgb)
{
	char *end;

	*rgb = strtol(arg, &end, 16);
	if (strspn(arg, "0123456789abcdefABCDEF") != 6 || *end)
		argp_error(state, "--bgcolor %s: six hexadecimal digits", arg);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_AUDIO:
		return vc_opt_word(state, arg, ways_audio, &own->audio);
	case KEY_VIDEO:
		return vc_opt_word(state, arg, ways_video, &own->video);
	case KEY_PICK:
		return vc_opt_word(state, arg, pick_words, &own->pick);
	case KEY_LAYOUT:
		own->layout = arg;
		return 0;
	case KEY_LAYOUT_DUMP:
		return dump(state, "--layout-dump", &texts_layouts, arg);
	case KEY_BGCOLOR:
		return parse_colour(state, arg, &own->bgcolor);
	case KEY_LABELS:
		return vc_opt_word(state, arg, labels_words, &own->labels);
	case KEY_POLICY:
		return add_policy(state, own, arg);
	case KEY_MINUS_ONE:
		return add_policy(state, own, "symmetric");
	case KEY_ROLE:
		if (!rules_role(own->rules, arg))
			argp_error(state, "--role: too many");
		return 0;
	case KEY_TRUST:
		rules_trust(own->rules);
		return 0;
	case KEY_OUT:
		outs_add(state, own->outs, arg);
		return 0;
	case KEY_OUT_CLASS:
		outs_add_classes(state, own->outs, arg);
		return 0;
	case KEY_CHECK:
		own->check = arg;
		return 0;
	case KEY_DUMP:
		return dump(state, "--policy-dump", &texts_policies, arg);
	case KEY_TALKERS:
		return vc_opt_int(state, arg, 1, 1000, &own->talkers);
	case KEY_CSRC_LEVELS:
		own->csrc_levels = true;
		return 0;
	case KEY_NOISE:
		return vc_opt_int(state, arg, -90, -50, &own->sound.noise_db);
	case KEY_AGC:
		own->sound.has_agc = true;
		return 0;
	case KEY_STEREO:
		own->sound.is_stereo = true;
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
		    "take part, or selects them",
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

static void on_keyframe(void *ctx)
{
	struct mix *mix = ctx;

	if (mix->mixer)
		(void)vc_mixer_keyframe(mix->mixer, 0);
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
	outs_join(mix);
	ways_describe(mix);
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
	.desc = ways_desc,
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

	c->selects_all = own->pick;
	c->is_bare = own->labels == 1;
	c->has_background = own->bgcolor >= 0;
	c->background = (uint32_t)own->bgcolor;
	c->vcodec = o->vcodec ? vc_codec_by_name(vc_str_c(o->vcodec)) :
				VC_CODEC_VP8;
	c->talkers = (size_t)own->talkers;
	c->csrc_levels = own->csrc_levels;
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
	c->classes = outs_classes(own->outs);
	c->send = send_packet;
	c->begin = events_begin;
	c->end = events_end;
	c->speaker = events_speaker;
	c->role = events_role;
	c->arrange = layouts_arrange;
	c->keyframe = ask_keyframe;
	c->ctx = mix;
}

/* Prints a table instead of mixing. */
static int check_policy(struct vc_tool *t, const struct own *own)
{
	const char *as = vc_tool_options(t)->as;
	struct vc_columns_error err;
	struct vc_policy *p = rules_read(own->rules, own->check, &err);
	char why[VC_COLUMNS_SAID];

	if (!p) {
		vc_columns_say(&err, why);
		vc_tool_fail(t, VC_EXIT_USAGE, "%s: %s", own->check, why);
	} else {
		matrix_print(p, as);
	}
	vc_policy_free(p);
	rules_free(own->rules);
	outs_free(own->outs);
	return vc_tool_end(t);
}

static void run(struct mix *mix)
{
	struct vc_tool *t = mix->tool;

	vc_control_add(t, mix_commands, mix);
	if (mix->conf.policy || strpbrk(mix->layout, "/."))
		vc_tool_on_hangup(t, rules_on_hangup, mix);
	vc_tool_on_keyframe(t, on_keyframe, mix);
	vc_tool_on_stats(t, fill_stats, mix);
	vc_tool_batch(t);
	if (!vc_in_open(mix->in) && !vc_tool_start(t))
		vc_tool_run(t);
	vc_tool_off_stats(t, fill_stats, mix);
}

int main(int argc, char **argv)
{
	struct mix *mix;
	struct vc_in_conf in_conf = { .with_names = true, .without_net = true };
	struct own own = { .rules = rules_new(),
			   .outs = outs_new(),
			   .audio = -1,
			   .video = -1,
			   .layout = "grid",
			   .bgcolor = -1 };
	struct vc_tool *t = vc_tool_new(&info);
	const struct vc_options *o;
	int code;

	vc_tool_parse(t, argc, argv, &own);
	o = vc_tool_options(t);
	check_options(t);
	rules_classes(own.rules, outs_classes(own.outs));
	if (own.check)
		return check_policy(t, &own);
	mix = vc_alloc(1, sizeof(*mix));
	mix->tool = t;
	mix->rules = own.rules;
	mix->layouts = rules_layouts(own.rules);
	mix->outs = own.outs;
	mix->loop = vc_tool_loop(t);
	mix->why = "bye";
	configure(mix, &own);
	sound_configure(mix, &own.sound);
	outs_check(mix);
	layouts_open(mix, own.layout);
	rules_open(mix);
	layouts_run(mix->layouts);
	ways_set(mix, own.audio, own.video);
	in_conf.latency = o->latency >= 0 ? o->latency : VC_PLAYOUT_AUTO;
	mix->in = vc_in_new(t, &o->args, &in_conf, &in_ops, mix);
	mix->out = vc_out_new(t, on_keyframe, mix);
	if (mix->out)
		run(mix);
	vc_in_free(mix->in);
	clock_stop(mix);
	vc_mixer_free(mix->mixer);
	vc_out_free(mix->out);
	code = vc_tool_end(t);
	rules_free(own.rules);
	outs_free(own.outs);
	free(mix);
	return code;
}
