/* SPDX-License-Identifier: MIT */
/*
 * The shared options: one table, filtered by the groups that a tool takes.
 * argp parses; its tree is an empty root with two children, the tool's own
 * options and the shared ones, so that a tool may also take one over. Help is
 * printed by help.c from the same tables.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "tool/internal.h"

enum {
	KEY_PLAIN = VC_KEY_SHARED,
	KEY_SDP,
	KEY_PT,
	KEY_LIVE,
	KEY_REBASE,
	KEY_MAX_LAG,
	KEY_WAIT,
	KEY_IDLE,
	KEY_STOP_ON,
	KEY_VIRTUAL,
	KEY_START,
	KEY_SEED,
	KEY_CONTROL,
	KEY_AT,
	KEY_SCRIPT,
	KEY_STATS,
	KEY_INTERVAL,
	KEY_READY,
	KEY_SELECT,
	KEY_AS,
	KEY_TRUST,
	KEY_FAST,
	KEY_BATCH,
	KEY_CNAME,
	KEY_NAME,
	KEY_SIZE,
	KEY_FPS,
	KEY_VBITRATE,
	KEY_KEYINT,
	KEY_VCODEC,
	KEY_ABITRATE,
	KEY_PTIME,
	KEY_ACODEC,
	KEY_SOURCES,
	KEY_LATENCY,
	KEY_TAG,
};

#define ALWAYS (~0u)
#define OFTEN VC_SECTION_OFTEN
#define MEDIA VC_SECTION_MEDIA
#define READ VC_SECTION_READ
#define TIME VC_SECTION_TIME
#define RUN VC_SECTION_RUN
#define HELP VC_SECTION_HELP

static const struct {
	unsigned int groups;
	enum vc_opt_section section;
	const char *name;
	int key;
	const char *arg;
	const char *doc;
} shared[] = {
	{ VC_OPT_IN, OFTEN, "input", 'i', "PLACE",
	  "read the stream from PLACE (repeatable; default -)" },
	{ VC_OPT_OUT, OFTEN, "output", 'o', "PLACE",
	  "write the stream to PLACE (repeatable; default -)" },
	{ VC_OPT_TIME, OFTEN, "duration", 't', "T",
	  "end after T of media time from the first packet" },

	{ VC_OPT_VIDEO, MEDIA, "size", KEY_SIZE, "WxH", "picture size" },
	{ VC_OPT_VIDEO, MEDIA, "fps", KEY_FPS, "N", "frames a second" },
	{ VC_OPT_VIDEO, MEDIA, "vbitrate", KEY_VBITRATE, "RATE",
	  "video bit rate, as 800k or 1.5M" },
	{ VC_OPT_VIDEO, MEDIA, "keyint", KEY_KEYINT, "T",
	  "a key frame at least every T" },
	{ VC_OPT_VIDEO, MEDIA, "vcodec", KEY_VCODEC, "CODEC", "video codec" },
	{ VC_OPT_AUDIO, MEDIA, "abitrate", KEY_ABITRATE, "RATE",
	  "audio bit rate" },
	{ VC_OPT_AUDIO, MEDIA, "ptime", KEY_PTIME, "T",
	  "audio in one packet (default 20ms)" },
	{ VC_OPT_AUDIO, MEDIA, "acodec", KEY_ACODEC, "CODEC", "audio codec" },
	{ VC_OPT_CNAME, MEDIA, "cname", KEY_CNAME, "TEXT",
	  "who sends, for programs (default random)" },
	{ VC_OPT_CNAME, MEDIA, "name", KEY_NAME, "TEXT",
	  "who sends, for people" },
	{ VC_OPT_OUT, MEDIA, "plain", KEY_PLAIN, NULL,
	  "write RTP and RTCP frames only (RFC 4571)" },

	{ VC_OPT_READ, READ, "sdp", KEY_SDP, "PLACE",
	  "describe plain input by this SDP" },
	{ VC_OPT_READ, READ, "pt", KEY_PT, "N=CODEC[/RATE[/CH]]",
	  "describe a payload type of plain input (repeatable)" },
	{ VC_OPT_READ, READ, "live", KEY_LIVE, NULL,
	  "play a recording at its own pace" },
	{ VC_OPT_READ, READ, "rebase", KEY_REBASE, NULL,
	  "move a recording to where virtual streams begin" },
	{ VC_OPT_READ, READ, "max-lag", KEY_MAX_LAG, "T",
	  "discard live media that is later (default 500ms)" },
	{ VC_OPT_SELECT, READ, "select", KEY_SELECT, "KEY=GLOB[,...]",
	  "take sources that match: kind, name, cname, ssrc, pt, addr, role "
	  "(repeated: any of them)" },
	{ VC_OPT_SELECT, READ, "as", KEY_AS, "WHO",
	  "take what this recipient would get" },
	{ VC_OPT_SELECT, READ, "trust-names", KEY_TRUST, NULL,
	  "believe the names that senders give themselves" },
	{ VC_OPT_SOURCES, READ, "max-sources", KEY_SOURCES, "N",
	  "refuse more sources (default 4096)" },
	{ VC_OPT_LATENCY, READ, "latency", KEY_LATENCY, "T",
	  "wait so long for late packets" },
	{ VC_OPT_FAMILY, READ, "ipv4", '4', NULL, "IPv4 only" },
	{ VC_OPT_FAMILY, READ, "ipv6", '6', NULL, "IPv6 only" },

	{ VC_OPT_TIME, TIME, "wait", KEY_WAIT, "T",
	  "for the first packet (default 30s with -t, else for ever; then "
	  "exit 4)" },
	{ VC_OPT_TIME, TIME, "idle-timeout", KEY_IDLE, "T",
	  "end when nothing came for T" },
	{ VC_OPT_TIME, TIME, "stop-on", KEY_STOP_ON, "WHAT",
	  "end on bye|empty:T|silence:T|eof|first-frame (repeatable)" },
	{ VC_OPT_VIRTUAL, TIME, "virtual", KEY_VIRTUAL, NULL,
	  "virtual clock: as fast as it goes, the same on every run" },
	{ VC_OPT_VIRTUAL, TIME, "start", KEY_START, "T",
	  "begin T after the clock's beginning" },
	{ VC_OPT_FAST, TIME, "fast", KEY_FAST, NULL,
	  "do not pace virtual or recorded streams" },
	{ VC_OPT_SEED, TIME, "seed", KEY_SEED, "N",
	  "what all random numbers derive from (virtual: 1)" },
	{ VC_OPT_BATCH, TIME, "batch", KEY_BATCH, "T",
	  "hold input so long to work in batches (default at most 2ms; 0 "
	  "off)" },

	{ VC_OPT_CONTROL, RUN, "control", KEY_CONTROL, "PATH",
	  "take commands on this Unix socket; see vc-ctl(1)" },
	{ VC_OPT_CONTROL, RUN, "at", KEY_AT, "'T COMMAND'",
	  "carry out a command at T of stream time (repeatable)" },
	{ VC_OPT_CONTROL, RUN, "script", KEY_SCRIPT, "PLACE",
	  "the same from a file, one a line" },
	{ VC_OPT_STATS, RUN, "stats", KEY_STATS, "PLACE",
	  "write statistics as JSON lines" },
	{ VC_OPT_STATS, RUN, "stats-interval", KEY_INTERVAL, "T",
	  "how often (default 1s)" },
	{ VC_OPT_READY, RUN, "ready", KEY_READY, "PLACE",
	  "write a line an endpoint once all are open" },
	{ ALWAYS, RUN, "tag", KEY_TAG, "WORD",
	  "name of this run in messages and records" },
	{ ALWAYS, RUN, "quiet", 'q', NULL, "errors only" },
	{ ALWAYS, RUN, "verbose", 'v', NULL, "say more (twice: still more)" },

	{ ALWAYS, HELP, "help", 'h', NULL, "this text" },
	{ ALWAYS, HELP, "usage", VC_KEY_USAGE, NULL, "all options in short" },
	{ ALWAYS, HELP, "version", VC_KEY_VERSION, NULL, "the version" },
	{ ALWAYS, HELP, "dump-options", VC_KEY_DUMP, NULL,
	  "all options as a table: name, letter, argument" },
};

static bool has_own(const struct vc_tool_info *info, const char *name, int key)
{
	const struct argp_option *o = info->options;

	for (; o && (o->name || o->key || o->doc); o++) {
		if (o->key == key || (o->name && !strcmp(o->name, name)))
			return true;
	}
	return false;
}

void vc_opt_fill(struct vc_opt_table *table, const struct vc_tool_info *info)
{
	_Static_assert(VC_COUNT(shared) < VC_COUNT(table->o), "room");

	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < VC_COUNT(shared); i++) {
		struct argp_option *o = &table->o[table->n];

		if (shared[i].groups != ALWAYS &&
		    !(shared[i].groups & info->groups))
			continue;
		if (has_own(info, shared[i].name, shared[i].key))
			continue;
		o->name = shared[i].name;
		o->key = shared[i].key;
		o->arg = shared[i].arg;
		o->doc = shared[i].doc;
		table->section[table->n] = shared[i].section;
		table->n++;
	}
}

/* --- parsing --- */

static int on(bool *flag)
{
	*flag = true;
	return 0;
}

static int word(const char **v, const char *arg)
{
	*v = arg;
	return 0;
}

static int list(struct vc_words *w, const char *arg)
{
	vc_words_add(w, arg);
	return 0;
}

static error_t parse_media(int key, char *arg, struct argp_state *state,
			   struct vc_options *o)
{
	switch (key) {
	case KEY_SIZE:
		return vc_opt_dims(state, arg, &o->width, &o->height);
	case KEY_FPS:
		return vc_opt_fps(state, arg, &o->fps_num, &o->fps_den);
	case KEY_VBITRATE:
		return vc_opt_rate(state, arg, &o->vbitrate);
	case KEY_ABITRATE:
		return vc_opt_rate(state, arg, &o->abitrate);
	case KEY_KEYINT:
		return vc_opt_time(state, arg, &o->keyint);
	case KEY_PTIME:
		return vc_opt_time(state, arg, &o->ptime);
	case KEY_VCODEC:
		return word(&o->vcodec, arg);
	case KEY_ACODEC:
		return word(&o->acodec, arg);
	case KEY_CNAME:
		return vc_opt_text(state, arg, &o->cname);
	case KEY_NAME:
		return vc_opt_text(state, arg, &o->name);
	case KEY_PLAIN:
		return on(&o->plain);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_read(int key, char *arg, struct argp_state *state,
			  struct vc_options *o)
{
	int64_t n;

	switch (key) {
	case KEY_SDP:
		return word(&o->sdp, arg);
	case KEY_PT:
		return list(&o->pt, arg);
	case KEY_LIVE:
		return on(&o->live);
	case KEY_REBASE:
		return on(&o->rebase);
	case KEY_MAX_LAG:
		return vc_opt_time(state, arg, &o->max_lag);
	case KEY_SELECT:
		return vc_opt_select(state, arg, &o->select);
	case KEY_AS:
		return word(&o->as, arg);
	case KEY_TRUST:
		return on(&o->trust_names);
	case KEY_LATENCY:
		return vc_opt_time(state, arg, &o->latency);
	case KEY_SOURCES:
		vc_opt_int(state, arg, 1, 65536, &n);
		o->max_sources = (unsigned int)n;
		return 0;
	case '4':
	case '6':
		o->family = key == '4' ? AF_INET : AF_INET6;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_time(int key, char *arg, struct argp_state *state,
			  struct vc_options *o)
{
	int64_t n;

	switch (key) {
	case 't':
		return vc_opt_time(state, arg, &o->duration);
	case KEY_WAIT:
		return vc_opt_time(state, arg, &o->wait);
	case KEY_IDLE:
		return vc_opt_time(state, arg, &o->idle_timeout);
	case KEY_STOP_ON:
		return vc_opt_stop_on(state, arg, &o->stop_on);
	case KEY_VIRTUAL:
		return on(&o->is_virtual);
	case KEY_START:
		return vc_opt_time(state, arg, &o->start);
	case KEY_FAST:
		return on(&o->fast);
	case KEY_BATCH:
		return vc_opt_time(state, arg, &o->batch);
	case KEY_SEED:
		vc_opt_int(state, arg, 0, INT64_MAX, &n);
		o->seed = (uint64_t)n;
		o->has_seed = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_run(int key, char *arg, struct argp_state *state,
			 struct vc_options *o)
{
	switch (key) {
	case 'i':
		return list(&o->in, arg);
	case 'o':
		return list(&o->out, arg);
	case KEY_CONTROL:
		return word(&o->control, arg);
	case KEY_AT:
		return vc_opt_at(state, arg, &o->at);
	case KEY_SCRIPT:
		return word(&o->script, arg);
	case KEY_STATS:
		return word(&o->stats, arg);
	case KEY_INTERVAL:
		vc_opt_time(state, arg, &o->stats_interval);
		if (o->stats_interval < 10 * VC_MS)
			vc_opt_bad(state, arg, "at least 10ms");
		return 0;
	case KEY_READY:
		return word(&o->ready, arg);
	case KEY_TAG:
		return vc_opt_tag(state, arg, &o->tag);
	case 'q':
		o->verbose = -1;
		return 0;
	case 'v':
		o->verbose = o->verbose < 0 ? 1 : o->verbose + 1;
		return 0;
	case ARGP_KEY_ARG:
		return list(&o->args, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_help(int key, const struct vc_tool_info *info)
{
	switch (key) {
	case 'h':
		vc_help_print(info);
		break;
	case VC_KEY_USAGE:
		vc_help_usage(info);
		break;
	case VC_KEY_VERSION:
		printf("%s %s\n", info->name, VC_VERSION);
		break;
	case VC_KEY_DUMP:
		vc_help_dump(info);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	exit(fflush(stdout) && errno != EPIPE ? VC_EXIT_FAIL : VC_EXIT_OK);
}

static error_t parse_shared(int key, char *arg, struct argp_state *state)
{
	struct vc_tool *t = state->input;
	error_t err = parse_media(key, arg, state, &t->opt);

	if (err == ARGP_ERR_UNKNOWN)
		err = parse_read(key, arg, state, &t->opt);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_time(key, arg, state, &t->opt);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_run(key, arg, state, &t->opt);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_help(key, t->info);
	return err;
}

struct inputs {
	void *own;
	struct vc_tool *tool;
};

static error_t parse_root(int key, char *arg, struct argp_state *state)
{
	struct inputs *in = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = in->own;
	state->child_inputs[1] = in->tool;
	return 0;
}

static error_t parse_nothing(int key, char *arg, struct argp_state *state)
{
	(void)key;
	(void)arg;
	(void)state;
	return ARGP_ERR_UNKNOWN;
}

/* stdout carries one thing only. */
static void check_stdout_use(struct vc_tool *t)
{
	const struct vc_options *o = &t->opt;
	bool is_taken = (t->info->groups & VC_OPT_OUT) && !o->out.n;

	for (size_t i = 0; i < o->out.n; i++)
		is_taken |= !strcmp(o->out.v[i], "-");
	if (is_taken && o->stats && !strcmp(o->stats, "-"))
		vc_tool_usage(t, "--stats -: the stream is on stdout; "
			      "give a file or fd:3");
	if (is_taken && o->ready && !strcmp(o->ready, "-"))
		vc_tool_usage(t, "--ready -: the stream is on stdout; "
			      "give a file or fd:3");
}

static void set_seed(struct vc_options *o)
{
	if (o->has_seed)
		return;
	o->seed = 1;
	/* 53 bits stay exact in the record, whatever reads it. */
	if (!o->is_virtual && !vc_rand_seed(&o->seed))
		o->seed &= (UINT64_C(1) << 53) - 1;
}

void vc_opt_parse(struct vc_tool *t, int argc, char **argv, void *own)
{
	struct vc_opt_table table;
	struct argp own_argp = { .options = t->info->options,
				 .parser = t->info->parse ? t->info->parse
							  : parse_nothing };
	struct argp shared_argp = { .options = table.o,
				    .parser = parse_shared };
	struct argp_child children[] = {
		{ .argp = &own_argp },
		{ .argp = &shared_argp },
		{ 0 },
	};
	struct argp root = { .parser = parse_root, .children = children };
	struct inputs in = { .own = own, .tool = t };
	unsigned int flags = ARGP_NO_HELP;

	vc_opt_fill(&table, t->info);
	t->opt.max_lag = 500 * VC_MS;
	t->opt.wait = -1;
	t->opt.stats_interval = VC_SEC;
	t->opt.batch = -1;
	t->opt.latency = -1;
	t->opt.max_sources = 4096;
	argp_err_exit_status = VC_EXIT_USAGE;
	if (t->info->groups & VC_OPT_IN_ORDER)
		flags |= ARGP_IN_ORDER;
	if (argp_parse(&root, argc, argv, flags, NULL, &in))
		exit(VC_EXIT_USAGE);
	if (t->opt.wait < 0)
		t->opt.wait = t->opt.duration ? 30 * VC_SEC : 0;
	set_seed(&t->opt);
	check_stdout_use(t);
}
