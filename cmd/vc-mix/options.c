/* SPDX-License-Identifier: MIT */
/* vc-mix: the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/workers.h"
#include "mix.h"

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
	KEY_STEREO,
	KEY_COMPLEXITY,
	KEY_OPUS_FEC,
	KEY_AGC,
	KEY_NOISE,
	KEY_PICK,
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
	{ "agc", KEY_AGC, NULL, 0, "make everybody about as loud", 0 },
	{ "comfort-noise", KEY_NOISE, "DB", 0,
	  "noise where nobody is heard, -90 to -50 dBFS", 0 },
	{ "stereo", KEY_STEREO, NULL, 0,
	  "two channels, with everybody at a place of his own", 0 },
	{ "complexity", KEY_COMPLEXITY, "N", 0,
	  "effort of the Opus encoders, 0 to 10 (5)", 0 },
	{ "opus-fec", KEY_OPUS_FEC, "N%", 0,
	  "Opus in-band FEC for a loss of N percent", 0 },
	{ "threads", KEY_THREADS, "N", 0, "threads for pictures (default 2)",
	  0 },
	{ 0 },
};

static error_t dump(struct argp_state *state, const char *option,
		    const struct vc_texts *of, const char *name)
{
	const char *text = of->preset(name);
	char why[VC_TEXTS_PRESETS];

	vc_texts_say_presets(of, why);
	if (!text)
		argp_error(state, "%s %s: %s", option, name, why);
	else if (fputs(text, stdout) < 0 || fflush(stdout))
		exit(VC_EXIT_FAIL);
	exit(VC_EXIT_OK);
}

static error_t add_policy(struct argp_state *state, struct options *own,
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

static error_t parse_sound(int key, const char *arg, struct argp_state *state,
			   struct sound_options *sound)
{
	switch (key) {
	case KEY_NOISE:
		return vc_opt_int(state, arg, -90, -50, &sound->noise_db);
	case KEY_AGC:
		sound->has_agc = true;
		return 0;
	case KEY_STEREO:
		sound->is_stereo = true;
		return 0;
	case KEY_COMPLEXITY:
		return vc_opt_int(state, arg, 0, 10, &sound->complexity);
	case KEY_OPUS_FEC:
		return vc_opt_percent(state, arg, &sound->opus_fec);
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *own = state->input;

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
		return dump(state, "--layout-dump", &vc_texts_layouts, arg);
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
		own->trusts_names = true;
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
		return dump(state, "--policy-dump", &vc_texts_policies, arg);
	case KEY_TALKERS:
		return vc_opt_int(state, arg, 1, 1000, &own->talkers);
	case KEY_THREADS:
		return vc_opt_int(state, arg, 1, VC_WORKERS_MAX + 1,
				  &own->threads);
	}
	return parse_sound(key, arg, state, &own->sound);
}

const struct vc_tool_info options_info = {
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
		  VC_OPT_SOURCES | VC_OPT_LATENCY | VC_OPT_BATCH |
		  VC_OPT_PACKETS,
	.sandbox = VC_SANDBOX_ON | VC_SANDBOX_READ | VC_SANDBOX_THREADS,
	.options = options,
	.parse = parse,
};

void options_warn(const struct mix *mix, const struct options *own)
{
	const struct vc_options *o = vc_tool_options(mix->tool);
	const struct vc_mixer_conf *c = &mix->conf;
	bool mixes = c->audio && c->audio_way != VC_MIXER_SELECT;
	bool has_opus = mixes && sound_has_opus(mix);
	bool composes = c->video && c->video_way != VC_MIXER_SELECT;
	bool selects = (c->audio && c->audio_way != VC_MIXER_MIX) ||
		       (c->video && c->video_way != VC_MIXER_MIX);
	const struct {
		bool is_given;
		const char *option;
		bool has_effect;
		const char *why;
	} rows[] = {
		{ own->pick >= 0, "pick", selects, "nothing is selected" },
		{ own->layout, "layout", composes, "no picture is composed" },
		{ own->layout && composes, "layout", !rules_have_layouts(mix),
		  "each row of the policy has its own" },
		{ own->bgcolor >= 0, "bgcolor", composes,
		  "no picture is composed" },
		{ own->labels >= 0, "labels", composes,
		  "no picture is composed" },
		{ own->threads, "threads", composes, "no picture is composed" },
		{ o->vbitrate, "vbitrate", composes, "no picture is composed" },
		{ o->keyint, "keyint", composes, "no picture is composed" },
		{ o->vcodec, "vcodec", composes, "no picture is composed" },
		{ o->layers.tid, "layers", composes, "no picture is composed" },
		{ o->packetization_mode >= 0, "packetization-mode", composes,
		  "no picture is composed" },
		{ own->talkers, "talkers", mixes, "no sound is mixed" },
		{ own->sound.has_agc, "agc", mixes, "no sound is mixed" },
		{ own->sound.noise_db, "comfort-noise", mixes,
		  "no sound is mixed" },
		{ own->sound.is_stereo, "stereo", mixes, "no sound is mixed" },
		{ o->abitrate, "abitrate", mixes, "no sound is mixed" },
		{ o->ptime, "ptime", mixes, "no sound is mixed" },
		{ o->acodec, "acodec", mixes, "no sound is mixed" },
		{ own->sound.complexity >= 0, "complexity", has_opus,
		  "no sound becomes Opus" },
		{ own->sound.opus_fec, "opus-fec", has_opus,
		  "no sound becomes Opus" },
		{ own->trusts_names, "trust-names", c->policy,
		  "there is no --policy" },
	};

	outs_warn(mix, mixes, composes);
	rules_warn(mix, selects, composes);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		if (rows[i].is_given && !rows[i].has_effect)
			vc_tool_warn(mix->tool, "--%s has no effect: %s",
				     rows[i].option, rows[i].why);
}
