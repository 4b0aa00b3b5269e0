/* SPDX-License-Identifier: MIT */
/* vc-mix: inputs and outputs around engine/mixer.h; see mix.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "mix.h"

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
	vc_json_set_int(record, "skipped_ticks", (int64_t)mix->mixing.skipped);
	vc_json_set_int(record, "refused", (int64_t)mix->n_refused);
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

static bool is_taken(void *ctx, uint32_t ssrc)
{
	const struct mix *mix = ctx;

	return vc_in_has_ssrc(mix->in, ssrc);
}

/* The clock runs, and the seed is known. */
static void on_start(void *ctx, int64_t now)
{
	struct mix *mix = ctx;
	int err;

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
	mix->mixing.mixer = mix->mixer;
	outs_join(mix);
	ways_describe(mix);
	vc_mixing_start(&mix->mixing);
	roles_watch(mix);
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct mix *mix = ctx;

	if (mix->mixer)
		vc_mixing_rtp(&mix->mixing, src, pkt, rtp);
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
	vc_mixing_stop(&mix->mixing);
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

static void configure(struct mix *mix, const struct options *own)
{
	struct vc_mixer_conf *c = &mix->conf;

	c->selects_all = own->pick == 1;
	c->is_bare = own->labels == 1;
	c->has_background = own->bgcolor >= 0;
	c->background = (uint32_t)own->bgcolor;
	c->talkers = (size_t)own->talkers;
	/* The thread that waits decodes too. */
	c->threads = own->threads ? (unsigned int)own->threads - 1 : 1;
	c->classes = outs_classes(own->outs);
	c->is_taken = is_taken;
	c->send = send_packet;
	c->begin = events_begin;
	c->end = events_end;
	c->speaker = events_speaker;
	c->role = events_role;
	c->arrange = layouts_arrange;
	c->keyframe = ask_keyframe;
	c->ctx = mix;
}

static void mixing_init(struct mix *mix)
{
	mix->mixing = (struct vc_mixing){ .tool = mix->tool,
					  .loop = mix->loop,
					  .in = mix->in,
					  .conf = &mix->conf,
					  .admits = people_admit,
					  .vouches = people_vouch,
					  .keeps = people_keep,
					  .unnamed = people_unnamed,
					  .named = people_named,
					  .ctx = mix };
}

/* Prints a table instead of mixing. */
static int check_policy(struct vc_tool *t, const struct options *own)
{
	const char *as = vc_tool_options(t)->as;
	struct vc_columns_error err;
	struct vc_policy *p = rules_read(own->rules, own->check, &err);
	char why[VC_COLUMNS_SAID];

	if (!p) {
		vc_columns_say(&err, why);
		vc_tool_fail(t, VC_EXIT_USAGE, "%s: %s", own->check, why);
	} else {
		roles_warn(t, own->check, p);
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

	outs_check_inputs(mix);
	vc_control_add(t, mix_commands, mix);
	vc_control_check(t, syntax_check, mix);
	if (mix->conf.policy)
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
	struct vc_in_conf in_conf = { .with_names = true,
				      .without_repeats = true };
	struct options own = { .rules = rules_new(),
			       .outs = outs_new(),
			       .audio = -1,
			       .video = -1,
			       .pick = -1,
			       .bgcolor = -1,
			       .labels = -1,
			       .sound.complexity = -1 };
	struct vc_tool *t = vc_tool_new(&options_info);
	const struct vc_options *o;
	int code;

	vc_tool_parse(t, argc, argv, &own);
	o = vc_tool_options(t);
	rules_classes(own.rules, outs_classes(own.outs));
	if (own.check)
		return check_policy(t, &own);
	mix = vc_alloc(1, sizeof(*mix));
	mix->tool = t;
	mix->rules = own.rules;
	mix->rulings = rulings_new();
	mix->layouts = rules_layouts(own.rules);
	mix->outs = own.outs;
	mix->loop = vc_tool_loop(t);
	mix->why = "bye";
	configure(mix, &own);
	sound_configure(mix, &own.sound);
	outs_check(mix);
	layouts_open(mix, own.layout ? own.layout : "grid");
	rules_open(mix);
	layouts_run(mix->layouts);
	ways_set(mix, own.audio, own.video);
	options_warn(mix, &own);
	in_conf.latency = o->latency >= 0 ? o->latency : VC_PLAYOUT_AUTO;
	mix->in = vc_in_new(t, &o->args, &in_conf, &in_ops, mix);
	mixing_init(mix);
	mix->out = vc_out_new(t, on_keyframe, mix);
	if (mix->out)
		run(mix);
	vc_in_free(mix->in);
	vc_mixing_stop(&mix->mixing);
	vc_mixer_free(mix->mixer);
	vc_out_free(mix->out);
	code = vc_tool_end(t);
	rules_free(own.rules);
	rulings_free(mix->rulings);
	outs_free(own.outs);
	free(mix);
	return code;
}
