/* SPDX-License-Identifier: MIT */
/* The words of the command line and of commands; see session/impairrules.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "impair.h"
#include "session/impairpreset.h"
#include "session/impairrules.h"
#include "tool/control.h"
#include "tool/in.h"

#define TEXT_MAX 8192

static bool has_key(const struct vc_impair_plan *plan, enum vc_impair_key key)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->rules[i].key == key)
			return true;
	}
	return false;
}

/* A rule without its '=', or the ends of a relay by another name; 'safe' is
 * the word, escaped. */
static void check_word(struct impair *im, const struct vc_words *args, size_t i,
		       const char *safe)
{
	const char *arg = args->v[i], *near;
	char value[128] = "VALUE", as_rule[64];

	if (vc_str_starts(vc_str_c(arg), "rtp://"))
		vc_tool_usage(im->tool,
			      "%s: a relay has two ends, as "
			      "udp://127.0.0.1:5004 udp://192.0.2.1:5004; "
			      "vc-recv makes a stream of what comes",
			      safe);
	if (strpbrk(arg, "=/:.") ||
	    (size_t)snprintf(as_rule, sizeof(as_rule), "%s=", arg) >=
		    sizeof(as_rule))
		return;
	near = vc_impair_near(as_rule);
	if (!near)
		return;
	if (i + 1 < args->n)
		vc_escape(value, sizeof(value), args->v[i + 1],
			  strlen(args->v[i + 1]));
	vc_tool_usage(im->tool, "%s: no file; a rule is written %s=%s", safe,
		      near, value);
}

/* What looks like a rule but is none: whoever means a file has it there, or
 * writes ./NAME. */
static void check_input(struct impair *im)
{
	const struct vc_words *args = &vc_tool_options(im->tool)->args;

	for (size_t i = 0; i < args->n; i++) {
		const char *arg = args->v[i];
		char safe[128];
		const char *near;

		if (!access(arg, F_OK))
			continue;
		vc_escape(safe, sizeof(safe), arg, strlen(arg));
		check_word(im, args, i, safe);
		if (!strchr(arg, '=') || strpbrk(arg, "/:"))
			continue;
		if (vc_str_starts(vc_str_c(arg), "preset="))
			vc_tool_usage(im->tool, "%s: an option: --%s", safe,
				      safe);
		near = vc_impair_near(arg);
		if (near)
			vc_tool_usage(im->tool,
				      "%s: no such rule; did you mean %s=?",
				      safe, near);
		vc_tool_usage(im->tool,
			      "%s: neither a rule nor there as a file", safe);
	}
}

/* Joins words by blanks. False: too long. */
static bool join(char *text, size_t cap, const char *const *words, size_t n)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		int more = snprintf(text + len, cap - len, "%s ", words[i]);

		if (more < 0 || (size_t)more >= cap - len)
			return false;
		len += (size_t)more;
	}
	return true;
}

static void read_words(struct impair *im, size_t way,
		       const struct vc_words *words)
{
	const struct vc_impair_words how = { .load = files_trace, .ctx = im };
	char text[TEXT_MAX], why[VC_IMPAIR_WHY];

	if (!join(text, sizeof(text), words->v, words->n))
		vc_tool_usage(im->tool, "too many rules");
	if (vc_impair_rules(&im->way[way].plan, text, &how, why))
		vc_tool_usage(im->tool, "%s", why);
}

static void read_preset(struct impair *im, bool is_relay)
{
	const struct vc_impair_preset *p = vc_impair_presets;
	struct vc_words up = { 0 }, down = { 0 };

	if (!im->preset)
		return;
	while (p->name && strcmp(p->name, im->preset))
		p++;
	if (!p->name)
		vc_tool_usage(im->tool,
			      "--preset: one of wifi, lte, dsl, satellite");
	vc_words_add(&up, is_relay ? p->up : p->down);
	vc_words_add(&down, p->down);
	read_words(im, UP, &up);
	read_words(im, DOWN, &down);
	free(up.v);
	free(down.v);
}

void rules_read(struct impair *im)
{
	bool is_relay = im->endpoints.n;

	if (!is_relay && (im->up.n || im->down.n))
		vc_tool_usage(im->tool,
			      "--up, --down: only a relay has two ways");
	check_input(im);
	if (im->replay_path &&
	    (im->rules.n || im->up.n || im->down.n || im->preset))
		vc_tool_usage(im->tool, "--replay repeats what was: no rules");
	read_preset(im, is_relay);
	read_words(im, UP, &im->rules);
	read_words(im, DOWN, &im->rules);
	read_words(im, UP, &im->up);
	read_words(im, DOWN, &im->down);
	if (!is_relay && has_key(&im->way[UP].plan, VC_IMPAIR_KEY_REBIND))
		vc_tool_usage(im->tool, "rebind=: only a relay has ports");
}

void rules_tell_seed(struct impair *im)
{
	const struct vc_options *o = vc_tool_options(im->tool);

	if (!o->has_seed && (im->way[UP].plan.n || im->way[DOWN].plan.n))
		vc_tool_warn(im->tool, "luck: --seed %" PRIu64 " is this run's",
			     o->seed);
}

/* --- commands --- */

/* Which ways a command is for: "up" or "down" may be its first word. */
static int ways_of(const struct impair *im, int argc, char **argv,
		   size_t *first, size_t *past, struct vc_json *reply)
{
	bool is_up = argc > 1 && !strcmp(argv[1], "up");

	*first = UP;
	*past = im->endpoints.n ? 2 : 1;
	if (!is_up && (argc < 2 || strcmp(argv[1], "down")))
		return 0;
	if (!im->endpoints.n)
		return vc_refuse(reply, -EINVAL, "only a relay has two ways");
	*first = is_up ? UP : DOWN;
	*past = *first + 1;
	return 1;
}

/* Changes the plans of 'argv', or only looks whether that could be done. */
static int set(struct impair *im, int argc, char **argv, bool is_trial,
	       struct vc_json *reply)
{
	struct vc_impair_plan *plan = vc_alloc(1, sizeof(*plan));
	struct vc_impair_words how = { .replaces = true,
				       .load = files_trace,
				       .ctx = im };
	char text[TEXT_MAX], why[VC_IMPAIR_WHY];
	size_t first, past;
	int n = ways_of(im, argc, argv, &first, &past, reply);
	int err = n < 0 ? n : 0;

	if (!err && argc < 2 + n)
		err = vc_refuse(reply, -EINVAL, "a rule, as loss=2%%");
	if (!err && !join(text, sizeof(text), (const char *const *)argv + 1 + n,
			  (size_t)(argc - 1 - n)))
		err = vc_refuse(reply, -EINVAL, "too many rules");
	for (size_t i = first; !err && i < past; i++) {
		struct way *way = &im->way[i];

		*plan = way->plan;
		if (!is_trial)
			how.now = vc_loop_now(im->loop) - way->begin;
		if (vc_impair_rules(plan, text, &how, why))
			err = vc_refuse(reply, -EINVAL, "%s", why);
		else if (!im->endpoints.n &&
			 has_key(plan, VC_IMPAIR_KEY_REBIND))
			err = vc_refuse(reply, -EINVAL,
					"rebind=: only a relay has ports");
		else if (!is_trial)
			way->plan = *plan;
	}
	free(plan);
	return err;
}

static int replan(struct impair *im)
{
	for (size_t i = 0; i < im->n_ways; i++)
		way_replan(&im->way[i]);
	if (im->relay)
		relay_replan(im);
	return 0;
}

static int cmd_set(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;
	int err;

	if (!im->way[UP].net)
		return -EAGAIN;
	err = set(im, argc, argv, false, reply);
	return err ? err : replan(im);
}

static int cmd_clear(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;
	size_t first, past;
	int n = ways_of(im, argc, argv, &first, &past, reply);

	if (n < 0)
		return n;
	if (argc > 1 + n)
		return vc_refuse(reply, -EINVAL, "only up or down");
	if (!im->way[UP].net)
		return -EAGAIN;
	for (size_t i = first; i < past; i++)
		im->way[i].plan.n = 0;
	return replan(im);
}

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;
	uint64_t v = 0;
	uint32_t ssrc;

	if (im->relay)
		return vc_refuse(reply, -EINVAL, "a relay asks nobody");
	if (argc > 2 || (argc > 1 && vc_num_u64(argv[1], 0, UINT32_MAX, &v)))
		return vc_refuse(reply, -EINVAL, "an SSRC in decimals");
	ssrc = (uint32_t)v;
	filter_keyframe(im, argc > 1 ? &ssrc : NULL);
	return 0;
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;
	uint64_t bps, ssrc;

	if (im->relay)
		return vc_refuse(reply, -EINVAL, "a relay asks nobody");
	if (argc != 3 || vc_num_rate(argv[1], &bps) ||
	    vc_num_u64(argv[2], 0, UINT32_MAX, &ssrc))
		return vc_refuse(reply, -EINVAL,
				 "a rate and an SSRC in decimals");
	vc_in_bitrate(im->in, (uint32_t)ssrc, bps);
	return 0;
}

static const struct vc_command commands[] = {
	{ "set", "[up|down] RULE...", "say anew what these rules are about",
	  cmd_set },
	{ "clear", "[up|down]", "a perfect network", cmd_clear },
	{ "keyframe", "[SSRC]", "ask the producer for one", cmd_keyframe },
	{ "bitrate", "RATE SSRC", "ask the producer for it", cmd_bitrate },
	{ 0 },
};

/* What --at says wrongly is told at the start. */
static int check(void *ctx, const struct vc_command *cmd, int argc, char **argv,
		 struct vc_json *reply)
{
	if (cmd->run != cmd_set)
		return 0;
	return set(ctx, argc, argv, true, reply);
}

void rules_commands(struct impair *im)
{
	vc_control_add(im->tool, commands, im);
	vc_control_check(im->tool, check, im);
}
