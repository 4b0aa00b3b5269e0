/* SPDX-License-Identifier: MIT */
/* vc-impair: options, commands, and which of the two it is; see impair.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "impair.h"
#include "session/impairpreset.h"
#include "session/impairrules.h"

#define TIMEOUT (120 * VC_SEC) /* RFC 4787, REQ-5 */
#define CLIENTS 64
#define CLIENTS_MAX 1024

enum {
	KEY_UP = VC_KEY_OWN,
	KEY_DOWN,
	KEY_PRESET,
	KEY_PRESET_DUMP,
	KEY_ACTS,
	KEY_REPLAY,
	KEY_CLIENTS,
	KEY_TIMEOUT,
	KEY_ALLOW,
	KEY_OPEN,
};

static const struct argp_option options[] = {
	{ "up", KEY_UP, "'RULE...'", 0,
	  "for packets to the second endpoint only (repeatable)", 0 },
	{ "down", KEY_DOWN, "'RULE...'", 0,
	  "for packets from there only (repeatable)", 0 },
	{ "preset", KEY_PRESET, "NAME", 0,
	  "begin with the rules of wifi, lte, dsl or satellite", 0 },
	{ "acts", KEY_ACTS, "PLACE", 0, "write what becomes of each packet",
	  0 },
	{ "replay", KEY_REPLAY, "FILE", 0, "do what --acts wrote again", 0 },
	{ NULL, 0, NULL, 0, "Presets:", 0 },
	{ "preset-dump", KEY_PRESET_DUMP, "NAME", 0,
	  "print the rules of a preset and exit", 0 },
	{ NULL, 0, NULL, 0, "The relay:", 0 },
	{ "max-clients", KEY_CLIENTS, "N", 0, "refuse more (default 64)", 0 },
	{ "timeout", KEY_TIMEOUT, "T", 0,
	  "forget a client that is silent for T (default 2m)", 0 },
	{ "allow", KEY_ALLOW, "CIDR", 0,
	  "relay for these addresses only (repeatable), as 192.0.2.0/24", 0 },
	{ "open", KEY_OPEN, NULL, 0,
	  "relay for anybody, not only from private networks", 0 },
	{ 0 },
};

/* An operand is a rule, an endpoint, or (not taken here) an input. */
static error_t operand(struct impair *im, const char *arg)
{
	if (vc_impair_is_rule(arg))
		vc_words_add(&im->rules, arg);
	else if (!strncmp(arg, "udp://", 6))
		vc_words_add(&im->endpoints, arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* As it could be said instead. */
static error_t dump(struct argp_state *state, const char *name)
{
	const struct vc_impair_preset *p = vc_impair_presets;

	while (p->name && strcmp(p->name, name))
		p++;
	if (!p->name)
		argp_error(state, "--preset-dump: one of wifi, lte, dsl, "
				  "satellite");
	else if (printf("--up '%s'\n--down '%s'\n", p->up, p->down) < 0 ||
		 fflush(stdout))
		exit(VC_EXIT_FAIL);
	exit(VC_EXIT_OK);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct impair *im = state->input;

	switch (key) {
	case KEY_UP:
		vc_words_add(&im->up, arg);
		return 0;
	case KEY_DOWN:
		vc_words_add(&im->down, arg);
		return 0;
	case KEY_PRESET:
		im->preset = arg;
		return 0;
	case KEY_PRESET_DUMP:
		return dump(state, arg);
	case KEY_ACTS:
		im->acts_path = arg;
		return 0;
	case KEY_REPLAY:
		im->replay_path = arg;
		return 0;
	case KEY_CLIENTS:
		return vc_opt_int(state, arg, 1, CLIENTS_MAX, &im->max_clients);
	case KEY_TIMEOUT:
		return vc_opt_time(state, arg, &im->timeout);
	case KEY_ALLOW:
		return vc_allow_opt(state, arg, &im->allowed);
	case KEY_OPEN:
		im->allowed.is_open = true;
		return 0;
	case ARGP_KEY_ARG:
		return operand(im, arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct vc_tool_info info = {
	.name = "vc-impair",
	.sentence = "is a bad network that is the same on every run: a filter "
		    "for streams, or a relay for UDP",
	.args_doc = "[RULE...] [INPUT|udp://[ADDR]:PORT udp://HOST:PORT]",
	.io_doc = "Reads a vc stream (default stdin) and writes it to -o, "
		  "default stdout; or, given two endpoints, relays between "
		  "those who send to the first one and the second. A RULE "
		  "is loss= drop= delay= jitter= reorder= duplicate= "
		  "corrupt= rate= overhead= mtu= blackout= skew= only= or "
		  "rebind= and a value, as loss=2% jitter=20ms:ordered, "
		  "behind which its window may stand, from=10s to=20s.",
	.examples = "vc-capture --virtual -t 9s test: | vc-impair loss=5% | "
		    "vc-probe\n"
		    "vc-impair rate=1M:queue=300ms delay=20ms a.vcrtp "
		    "-o b.vcrtp\n"
		    "vc-impair loss=2%:burst=3 udp://:5004 "
		    "udp://127.0.0.1:5006\n",
	.groups = VC_OPT_OUT | VC_OPT_TLS | VC_OPT_READ | VC_OPT_TIME |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_SELECT | VC_OPT_SOURCES | VC_OPT_FAMILY,
	.sandbox = VC_SANDBOX_ON | VC_SANDBOX_INTERNET, /* the relay's */
	.options = options,
	.parse = parse,
};

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

	if (im->endpoints.n ? relay_open(im) : filter_open(im))
		return;
	rules_commands(im);
	im->has_started = true;
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
	im->max_clients = CLIENTS;
	im->timeout = TIMEOUT;
	for (size_t i = 0; i < VC_COUNT(im->way); i++)
		im->way[i].im = im;
	vc_tool_parse(t, argc, argv, im);
	rules_read(im);
	files_open(im);
	run(im);
	if (im->endpoints.n)
		relay_close(im);
	else
		filter_close(im);
	files_close(im);
	code = vc_tool_end(t);
	free(im->up.v);
	free(im->down.v);
	free(im->rules.v);
	free(im->endpoints.v);
	free(im);
	return code;
}
