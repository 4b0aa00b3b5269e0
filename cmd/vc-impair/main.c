/* SPDX-License-Identifier: MIT */
/* vc-impair: options, commands, and which of the two it is; see impair.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "impair.h"
#include "tool/control.h"
#include "tool/in.h"

#define TIMEOUT (120 * VC_SEC) /* RFC 4787, REQ-5 */
#define CLIENTS 64
#define CLIENTS_MAX 1024

enum {
	KEY_RELAY = VC_KEY_OWN,
	KEY_UP,
	KEY_DOWN,
	KEY_REBIND,
	KEY_ONLY,
	KEY_CLIENTS,
	KEY_TIMEOUT,
	KEY_ALLOW,
	KEY_OPEN,
	KEY_SETTING, /* and on: setting i of the grammar */
};

/* Settings in the order of the grammar. */
static const struct argp_option options[] = {
	{ "loss", KEY_SETTING + 0, "WHAT", 0,
	  "lose 5%, gilbert:5%,BURST, every:N or list:N[-M],...", 0 },
	{ "delay", KEY_SETTING + 1, "T", 0, "delay packets", 0 },
	{ "jitter", KEY_SETTING + 2, "T[,uniform][,ordered]", 0,
	  "vary the delay", 0 },
	{ "rate", KEY_SETTING + 6, "RATE", 0, "pass at most so much", 0 },
	{ "blackout", KEY_SETTING + 10, "FROM-TO|every:T,T", 0,
	  "pass nothing at times (repeatable)", 0 },
	{ "relay", KEY_RELAY, "rtp://[ADDR]:PORT", 0,
	  "relay UDP between those who send there and the operand", 0 },
	{ NULL, 0, NULL, 0, "The network:", 0 },
	{ "reorder", KEY_SETTING + 3, "P%[,T|,N]", 0,
	  "hold some back, by T or until N others (1) have passed", 0 },
	{ "duplicate", KEY_SETTING + 4, "P%", 0, "pass some twice", 0 },
	{ "corrupt", KEY_SETTING + 5, "P%", 0, "flip a bit in some", 0 },
	{ "queue", KEY_SETTING + 7, "T|OCTETS", 0,
	  "how much waits for --rate (default 200ms)", 0 },
	{ "overhead", KEY_SETTING + 8, "OCTETS", 0,
	  "what a packet has besides, for --rate and --mtu (default 28)", 0 },
	{ "mtu", KEY_SETTING + 9, "OCTETS", 0, "drop larger packets", 0 },
	{ "only", KEY_ONLY, "rtp|rtcp", 0, "let the other one pass", 0 },
	{ NULL, 0, NULL, 0, "The relay:", 0 },
	{ "up", KEY_UP, "'NAME VALUE'", 0,
	  "a setting for packets to the far address only (repeatable)", 0 },
	{ "down", KEY_DOWN, "'NAME VALUE'", 0,
	  "a setting for packets from there only (repeatable)", 0 },
	{ "rebind", KEY_REBIND, "T[,T...]", 0,
	  "send from another port from T on, as a NAT that forgot", 0 },
	{ "max-clients", KEY_CLIENTS, "N", 0, "refuse more (default 64)", 0 },
	{ "timeout", KEY_TIMEOUT, "T", 0,
	  "forget a client that is silent for T (default 2m)", 0 },
	{ "allow", KEY_ALLOW, "CIDR", 0,
	  "relay for these addresses only (repeatable), as 192.0.2.0/24", 0 },
	{ "open", KEY_OPEN, NULL, 0,
	  "relay for anybody, not only from private networks", 0 },
	{ 0 },
};

static void set_both(struct impair *im, struct argp_state *state, size_t i,
		     const char *arg)
{
	char why[256];

	for (size_t w = 0; w < VC_COUNT(im->way); w++) {
		if (grammar_set(&im->way[w].conf, grammar_name(i), arg, why,
				sizeof(why)))
			argp_error(state, "--%s %s: %s", grammar_name(i), arg,
				   why);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const kinds[] = { "rtp", "rtcp", NULL };
	struct impair *im = state->input;

	switch (key) {
	case KEY_RELAY:
		im->listen = arg;
		return 0;
	case KEY_UP:
		vc_words_add(&im->up, arg);
		return 0;
	case KEY_DOWN:
		vc_words_add(&im->down, arg);
		return 0;
	case KEY_REBIND:
		vc_words_add(&im->rebind, arg);
		return 0;
	case KEY_ONLY:
		return vc_opt_word(state, arg, kinds, &im->only);
	case KEY_CLIENTS:
		return vc_opt_int(state, arg, 1, CLIENTS_MAX, &im->max_clients);
	case KEY_TIMEOUT:
		return vc_opt_time(state, arg, &im->timeout);
	case KEY_ALLOW:
		return vc_allow_opt(state, arg, &im->rules);
	case KEY_OPEN:
		im->rules.is_open = true;
		return 0;
	}
	if (key < KEY_SETTING || key > KEY_SETTING + 10)
		return ARGP_ERR_UNKNOWN;
	set_both(im, state, (size_t)(key - KEY_SETTING), arg);
	return 0;
}

static const struct vc_tool_info info = {
	.name = "vc-impair",
	.sentence = "is a bad network that is the same on every run: a filter "
		    "for streams, or a relay for UDP",
	.args_doc = "[INPUT|rtp://HOST:PORT]",
	.io_doc = "Reads a vc stream (default stdin) and writes it to -o, "
		  "default stdout; or relays, with --relay, to HOST:PORT and "
		  "back.",
	.examples = "vc-capture --virtual -t 9s test: | vc-impair --loss 5% | "
		    "vc-probe\n"
		    "vc-impair --rate 1M --queue 300ms --delay 20ms a.vcrtp "
		    "-o b.vcrtp\n"
		    "vc-impair --loss gilbert:2%,3 --relay=rtp://:5004 "
		    "rtp://127.0.0.1:5006\n",
	.groups = VC_OPT_OUT | VC_OPT_TLS | VC_OPT_READ | VC_OPT_TIME |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_SELECT | VC_OPT_SOURCES | VC_OPT_FAMILY,
	.sandbox = VC_SANDBOX_ON | VC_SANDBOX_INTERNET, /* the relay's */
	.options = options,
	.parse = parse,
};

/* --- commands --- */

static int set_ways(struct impair *im, size_t first, size_t past,
		    char *const *argv, struct vc_json *reply)
{
	char why[256];

	for (size_t i = first; i < past; i++) {
		if (!im->way[i].net)
			return -EAGAIN;
		if (way_set(&im->way[i], argv[0], argv[1], why, sizeof(why)))
			return vc_refuse(reply, -EINVAL, "%s", why);
	}
	return 0;
}

static int cmd_set(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL, "one value");
	return set_ways(im, 0, im->n_ways, argv, reply);
}

static int cmd_way(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;
	size_t way = strcmp(argv[0], "up") ? DOWN : UP;

	if (!im->relay)
		return vc_refuse(reply, -EINVAL, "only a relay has two ways");
	if (argc != 3)
		return vc_refuse(reply, -EINVAL, "a setting and its value");
	return set_ways(im, way, way + 1, argv + 1, reply);
}

static int cmd_rebind(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct impair *im = ctx;

	(void)argv;
	if (!im->relay || argc != 1)
		return vc_refuse(reply, -EINVAL,
				 "only a relay has ports, and all change");
	return relay_rebind(im);
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
	{ "loss", "WHAT", "change what is lost; off: nothing", cmd_set },
	{ "delay", "T", "change the delay", cmd_set },
	{ "jitter", "T[,uniform][,ordered]", "change the jitter", cmd_set },
	{ "reorder", "P%[,T|,N]", "change the reordering", cmd_set },
	{ "duplicate", "P%", "change how many pass twice", cmd_set },
	{ "corrupt", "P%", "change how many are broken", cmd_set },
	{ "rate", "RATE", "change the rate", cmd_set },
	{ "queue", "T|OCTETS", "change the queue", cmd_set },
	{ "overhead", "OCTETS", "change the overhead", cmd_set },
	{ "mtu", "OCTETS", "change the MTU", cmd_set },
	{ "blackout", "T", "pass nothing for T", cmd_set },
	{ "up", "NAME VALUE", "change a setting of one way", cmd_way },
	{ "down", "NAME VALUE", "change a setting of the other", cmd_way },
	{ "rebind", "", "send from another port", cmd_rebind },
	{ "keyframe", "[SSRC]", "ask the producer for one", cmd_keyframe },
	{ "bitrate", "RATE SSRC", "ask the producer for it", cmd_bitrate },
	{ 0 },
};

/* --- options of the relay --- */

static void set_way(struct impair *im, size_t way, const struct vc_words *words,
		    const char *option)
{
	if (words->n && !im->listen)
		vc_tool_usage(im->tool, "%s: only --relay has two ways",
			      option);
	for (size_t i = 0; i < words->n; i++) {
		struct vc_str value = vc_str_c(words->v[i]);
		struct vc_str first = vc_str_cut(&value, ' ');
		char name[32], why[256];

		vc_str_copy(name, sizeof(name), first);
		if (!value.len || grammar_set(&im->way[way].conf, name, value.p,
					      why, sizeof(why)))
			vc_tool_usage(im->tool, "%s '%s': %s", option,
				      words->v[i],
				      value.len ? why : "not 'NAME VALUE'");
	}
}

/* --rebind 5s,9s is --at '5s rebind' --at '9s rebind'. */
static void add_rebinds(struct impair *im)
{
	if (im->rebind.n && !im->listen)
		vc_tool_usage(im->tool, "--rebind: only --relay has ports");
	for (size_t i = 0; i < im->rebind.n; i++) {
		struct vc_str rest = vc_str_c(im->rebind.v[i]);

		while (rest.len) {
			struct vc_str t = vc_str_cut(&rest, ',');
			char line[64], time[32];
			int64_t ns;

			if (vc_str_copy(time, sizeof(time), t) >=
				    sizeof(time) ||
			    vc_num_time(time, &ns))
				vc_tool_usage(im->tool, "--rebind %s: times",
					      im->rebind.v[i]);
			snprintf(line, sizeof(line), "%s rebind", time);
			vc_words_add(&im->lines, vc_strdup(line));
			vc_words_add(&vc_tool_options_mut(im->tool)->at,
				     im->lines.v[im->lines.n - 1]);
		}
	}
}

/* --- running --- */

static void fill_stats(void *ctx, struct vc_json *record)
{
	static const char *const names[] = { "up", "down" };
	const struct impair *im = ctx;
	struct vc_json *j = vc_json_object();

	if (im->relay)
		relay_fill_stats(im, j);
	else
		way_fill_stats(&im->way[UP], j);
	for (size_t i = 0; im->relay && i < im->n_ways; i++) {
		struct vc_json *way = vc_json_object();

		way_fill_stats(&im->way[i], way);
		vc_json_set(j, names[i], way);
	}
	vc_json_set(record, "impair", j);
}

static void run(struct impair *im)
{
	struct vc_tool *t = im->tool;

	if (im->listen ? relay_open(im) : filter_open(im))
		return;
	vc_control_add(t, commands, im);
	vc_tool_on_stats(t, fill_stats, im);
	if (!vc_tool_start(t) && (!im->relay || !relay_start(im))) {
		vc_tool_run(t);
		if (im->relay && !vc_impair_counts(im->way[UP].net)->packets)
			vc_tool_fail(t, VC_EXIT_NO_MEDIA, "no media came");
	}
	vc_tool_off_stats(t, fill_stats, im);
}

int main(int argc, char **argv)
{
	struct impair *im = vc_alloc(1, sizeof(*im));
	struct vc_tool *t = vc_tool_new(&info);
	int code;

	im->tool = t;
	im->loop = vc_tool_loop(t);
	im->only = ONLY_ALL;
	im->max_clients = CLIENTS;
	im->timeout = TIMEOUT;
	for (size_t i = 0; i < VC_COUNT(im->way); i++) {
		im->way[i].im = im;
		vc_impair_conf_init(&im->way[i].conf);
	}
	vc_tool_parse(t, argc, argv, im);
	set_way(im, UP, &im->up, "--up");
	set_way(im, DOWN, &im->down, "--down");
	add_rebinds(im);
	run(im);
	if (im->listen)
		relay_close(im);
	else
		filter_close(im);
	code = vc_tool_end(t);
	free(im->up.v);
	free(im->down.v);
	free(im->rebind.v);
	for (size_t i = 0; i < im->lines.n; i++)
		free((void *)(uintptr_t)im->lines.v[i]);
	free(im->lines.v);
	free(im);
	return code;
}
