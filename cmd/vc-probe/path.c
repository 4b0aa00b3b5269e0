/* SPDX-License-Identifier: MIT */
/*
 * vc-probe path: options, the legs to open, and the end. Where a name has
 * addresses of both families there are two legs, which run side by side.
 */
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/dscp.h"
#include "tool/control.h"
#include "verbs.h"

#define WAIT (5 * VC_SEC)
#define DURATION (10 * VC_SEC)
#define MAX_BPS UINT64_C(200000000)

enum {
	KEY_PROFILE = VC_KEY_OWN,
	KEY_TRACE,
	KEY_MODE,
	KEY_DSCP,
	KEY_FIND_RATE,
	KEY_MAX_RATE,
	KEY_NO_MTU,
	KEY_NAT_IDLE,
};

static const struct argp_option options[] = {
	ACTIVE_KEY_OPTION,
	{ "profile", KEY_PROFILE, "voice|sd|hd|screen", 0,
	  "send what looks like that (default voice)", 0 },
	{ "trace", KEY_TRACE, "PLACE", 0,
	  "send datagrams at these times and of these sizes: lines as "
	  "'20ms 160'",
	  0 },
	{ "find-rate", KEY_FIND_RATE, "up|down", OPTION_ARG_OPTIONAL,
	  "look for the highest rate at under 1% loss and 50 ms of queueing",
	  0 },
	ACTIVE_EXPECT_OPTIONS,
	{ "mode", KEY_MODE, "probe|reflector|echo|rtcp", 0,
	  "what the far end is: vc-probe reflect (default); one that sends "
	  "back what it gets; one that reports by RTCP",
	  0 },
	{ "dscp", KEY_DSCP, "CLASS", 0,
	  "class of service of what is sent (default EF for voice, else AF41)",
	  0 },
	{ "max-rate", KEY_MAX_RATE, "RATE", 0,
	  "--find-rate: look no higher (default 200M)", 0 },
	{ "no-mtu", KEY_NO_MTU, NULL, 0, "do not look for the path MTU", 0 },
	{ "nat-idle", KEY_NAT_IDLE, "T", 0,
	  "at the end be silent for T, and see what a NAT still knows", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const profiles[] = { "voice", "sd", "hd", "screen",
						NULL };
	static const char *const modes[] = { "probe", "reflector", "rtcp",
					     "echo", NULL };
	static const char *const ways[] = { "up", "down", NULL };
	struct path_options *o = state->input;
	struct vc_dscp dscp;
	int way = 0;
	error_t err;

	switch (key) {
	case ACTIVE_KEY_FILE:
		return active_key_opt(o->tool, arg);
	case KEY_PROFILE:
		return vc_opt_word(state, arg, profiles, &o->profile);
	case KEY_TRACE:
		o->trace = arg;
		return 0;
	case KEY_MODE:
		err = vc_opt_word(state, arg, modes, &o->mode);
		if (o->mode > PATH_RTCP)
			o->mode = PATH_REFLECTOR;
		return err;
	case KEY_DSCP:
		if (strchr(arg, '=') || vc_dscp_parse(&dscp, arg))
			argp_error(state, "--dscp %s: not as EF or AF41", arg);
		o->dscp = dscp.of[0];
		return 0;
	case KEY_FIND_RATE:
		o->finds_rate = PATH_UP;
		err = arg ? vc_opt_word(state, arg, ways, &way) : 0;
		o->finds_rate += way;
		return err;
	case KEY_MAX_RATE:
		return vc_opt_rate(state, arg, &o->max_bps);
	case KEY_NO_MTU:
		o->skips_mtu = true;
		return 0;
	case KEY_NAT_IDLE:
		if (vc_opt_time(state, arg, &o->nat_idle))
			return EINVAL;
		if (o->nat_idle < VC_SEC || o->nat_idle > 600 * VC_SEC)
			argp_error(state, "--nat-idle %s: 1s to 10m", arg);
		return 0;
	}
	return active_rules_opt(key, arg, &o->rules, path_metrics,
				n_path_metrics);
}

const struct vc_tool_info path_info = {
	.name = "vc-probe path",
	.sentence = "measures a network path with what looks like media: loss, "
		    "delay, jitter, MTU, NAT, DSCP, rate",
	.args_doc = "rtp://HOST:PORT[,bind=[ADDR]:PORT][,rtcp=mux|+1]",
	.io_doc = "Talks to vc-probe reflect there, which has the same key, "
		  "and writes a report to stdout.",
	.examples =
		"vc-probe path --key-file k rtp://far.example:5004\n"
		"vc-probe path --key-file k --profile hd -e "
		"'path.up.loss<1%' rtp://192.0.2.1:5004\n"
		"vc-probe path --key-file k --find-rate rtp://192.0.2.1:5004\n",
	.groups = VC_OPT_TIME | VC_OPT_STATS | VC_OPT_FAMILY | VC_OPT_SEED,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

/* --- legs --- */

static void add_leg(struct path *p, int family, const char *id)
{
	struct path_leg *leg = &p->leg[p->n_legs];
	socklen_t len;

	if (vc_place_resolve(p->place.host, p->place.port, family, SOCK_DGRAM,
			     &leg->to, &len))
		return;
	leg->path = p;
	leg->id = id;
	p->n_legs++;
}

/* One of two may fail, as where there is no route for IPv6. */
static int open_legs(struct path *p)
{
	int family = vc_tool_options(p->tool)->family, err = -ENXIO;
	size_t n = 0;

	if (family != AF_INET6)
		add_leg(p, AF_INET, "ipv4");
	if (family != AF_INET)
		add_leg(p, AF_INET6, "ipv6");
	for (size_t i = 0; i < p->n_legs; i++) {
		int failed = path_leg_open(&p->leg[i]);

		if (failed) {
			err = failed;
			p->leg[i].phase = PATH_DONE;
			vc_tool_note(p->tool, "%s: %s: %s", p->place.text,
				     p->leg[i].id, strerror(-failed));
		} else {
			n++;
		}
	}
	if (n)
		return 0;
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: open: %s", p->place.text,
		     vc_place_why(&p->place, err));
	return err;
}

void path_leg_done(struct path_leg *leg)
{
	struct path *p = leg->path;

	for (size_t i = 0; i < p->n_legs; i++) {
		if (p->leg[i].phase != PATH_DONE)
			return;
	}
	vc_tool_stop(p->tool, p->is_told ? "signal" : "duration");
}

static void on_signal(void *ctx)
{
	struct path *p = ctx;
	int64_t now = vc_loop_now(vc_tool_loop(p->tool));

	p->is_told = true;
	for (size_t i = 0; i < p->n_legs; i++)
		path_leg_stop(&p->leg[i], now);
	path_leg_done(&p->leg[0]);
}

/* --- the end --- */

static bool is_alive(const struct path *p)
{
	for (size_t i = 0; i < p->n_legs; i++) {
		if (p->leg[i].is_alive)
			return true;
	}
	return false;
}

static void say_nothing_came(struct path *p)
{
	bool was_refused = false;
	char why[256];

	for (size_t i = 0; i < p->n_legs; i++)
		was_refused |= p->leg[i].was_refused;
	if (p->keys && vc_keychain_locked_out(p->keys, why, sizeof(why)))
		vc_tool_fail(p->tool, VC_EXIT_AUTH, "%s: %s", p->place.text,
			     why);
	else if (was_refused)
		vc_tool_fail(p->tool, VC_EXIT_NO_MEDIA,
			     "%s: nothing came back: refused: nobody listens "
			     "there",
			     p->place.text);
	else
		vc_tool_fail(p->tool, VC_EXIT_NO_MEDIA,
			     "%s: nothing came back%s", p->place.text,
			     p->keys ? " (is vc-probe reflect there, with the "
				       "same key?)" :
				       "");
}

static void report(struct path *p)
{
	struct vc_json *record;

	if (!is_alive(p)) {
		say_nothing_came(p);
		return;
	}
	record = path_record(p, vc_loop_clock(vc_tool_loop(p->tool)));
	active_report(&p->opt->rules, p->tool, record, path_table);
	vc_json_free(record);
}

static void fill_stats(void *ctx, struct vc_json *j)
{
	struct path *p = ctx;
	uint64_t sent = 0, bad = 0, unsent = 0;

	for (size_t i = 0; i < p->n_legs; i++) {
		sent += p->leg[i].index;
		bad += p->leg[i].bad;
		unsent += p->leg[i].unsent;
	}
	vc_json_set_int(j, "probes", (int64_t)sent);
	vc_json_set_int(j, "bad", (int64_t)bad);
	vc_json_set_int(j, "unsent", (int64_t)unsent);
}

static void parse_place(struct path *p, const char *text)
{
	static const char *const keys[] = { "rtcp", "bind", NULL };
	const char *v;
	char bind[300];

	active_place(p->tool, &p->place, text, true, keys);
	v = vc_place_key(&p->place, "rtcp");
	p->has_next = v && !strcmp(v, "+1");
	if (v && p->opt->mode != PATH_RTCP)
		vc_tool_usage(p->tool, "rtcp= is for --mode rtcp");
	if (v && strcmp(v, "mux") && (!p->has_next || p->place.port == 65535))
		vc_tool_usage(p->tool, "rtcp=%s: mux or +1", v);
	v = vc_place_key(&p->place, "bind");
	if (!v)
		return;
	snprintf(bind, sizeof(bind), "rtp://%s", v);
	active_place(p->tool, &p->bind, bind, false, NULL);
	if (!p->bind.port || p->bind.port == 65535)
		vc_tool_usage(p->tool, "bind=%s: not [ADDR]:PORT", v);
}

static int set_up(struct path *p)
{
	const struct vc_options *o = vc_tool_options(p->tool);
	int err = 0;

	if (o->args.n != 1)
		vc_tool_usage(p->tool, "where to? As rtp://192.0.2.1:5004");
	parse_place(p, o->args.v[0]);
	if (p->opt->mode != PATH_OURS &&
	    (o->key_file.n || p->opt->finds_rate || p->opt->nat_idle))
		vc_tool_usage(p->tool,
			      "--key-file, --find-rate, --nat-idle: "
			      "the far end has to be vc-probe reflect");
	if (p->opt->trace)
		err = path_trace_read(p, p->opt->trace);
	if (!err && p->opt->mode == PATH_OURS)
		err = active_keys(p->tool, &p->keys, &p->seal);
	return err ? err : open_legs(p);
}

static void run(struct path *p)
{
	int64_t now;

	vc_tool_on_signal(p->tool, on_signal, p);
	vc_tool_on_stats(p->tool, fill_stats, p);
	if (!vc_tool_start(p->tool)) {
		now = vc_loop_now(vc_tool_loop(p->tool));
		p->started = now;
		for (size_t i = 0; i < p->n_legs; i++) {
			if (p->leg[i].phase != PATH_DONE)
				path_leg_start(&p->leg[i], now);
		}
		vc_tool_run(p->tool);
		report(p);
	}
	vc_tool_off_stats(p->tool, fill_stats, p);
}

int path_run(int argc, char **argv)
{
	struct path *p = vc_alloc(1, sizeof(*p));
	struct vc_tool *t = vc_tool_new(&path_info);
	struct path_options own = { .tool = t, .dscp = -1, .max_bps = MAX_BPS };
	struct vc_options *o = vc_tool_options_mut(t);
	int code;

	p->tool = t;
	p->opt = &own;
	vc_tool_parse(t, argc, argv, &own);
	if (!o->wait || o->wait == 30 * VC_SEC)
		o->wait = WAIT;
	if (!o->duration && !own.finds_rate && !own.trace)
		o->duration = DURATION;
	p->rand = *vc_tool_rand(t);
	active_rules_parse(&own.rules, t, path_metrics, n_path_metrics);
	if (!set_up(p))
		run(p);
	for (size_t i = 0; i < p->n_legs; i++)
		path_leg_close(&p->leg[i]);
	vc_keychain_free(p->keys);
	active_rules_clear(&own.rules);
	code = vc_tool_end(t);
	free(p->trace);
	free(p);
	return code;
}
