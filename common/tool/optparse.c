/* SPDX-License-Identifier: MIT */
/*
 * Parsing with argp. The tree is an empty root with two children, the tool's
 * own options and the shared ones it takes, in this order, so that a tool may
 * take a shared option over by having one of that name.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "base/time.h"
#include "tool/internal.h"

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
	static const char *const modes[] = { "0", "1", NULL };

	switch (key) {
	case KEY_SIZE:
		return vc_opt_dims(state, arg, &o->width, &o->height);
	case KEY_FPS:
		return vc_opt_fps(state, arg, &o->fps_num, &o->fps_den);
	case KEY_VBITRATE:
		return vc_opt_bitrate(state, arg, &o->vbitrate);
	case KEY_ABITRATE:
		return vc_opt_bitrate(state, arg, &o->abitrate);
	case KEY_KEYINT:
		return vc_opt_time(state, arg, &o->keyint);
	case KEY_PTIME:
		return vc_opt_time(state, arg, &o->ptime);
	case KEY_VCODEC:
		return word(&o->vcodec, arg);
	case KEY_LAYERS:
		return vc_opt_layers(state, arg, &o->layers);
	case KEY_MODE:
		return vc_opt_word(state, arg, modes, &o->packetization_mode);
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
	case KEY_LATENCY:
		o->latency = VC_LATENCY_AUTO;
		return strcmp(arg, "auto") ?
			       vc_opt_time(state, arg, &o->latency) :
			       0;
	case KEY_SOURCES:
		vc_opt_int(state, arg, 1, 65536, &n);
		o->max_sources = (unsigned int)n;
		return 0;
	case KEY_KEY_FILE:
		return list(&o->key_file, arg);
	case KEY_DECRYPT:
		return list(&o->decrypt_key_file, arg);
	case KEY_ROC:
		vc_opt_int(state, arg, 0, UINT32_MAX, &n);
		o->roc = (uint32_t)n;
		return 0;
	case '4':
	case '6':
		o->family = key == '4' ? AF_INET : AF_INET6;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_dtls(int key, char *arg, struct argp_state *state,
			  struct vc_options *o)
{
	/* As enum vc_dtls_setup. */
	static const char *const setups[] = { "active", "passive", "actpass",
					      NULL };

	switch (key) {
	case KEY_DTLS_CERT:
		return word(&o->dtls_cert, arg);
	case KEY_DTLS_KEY:
		return word(&o->dtls_key, arg);
	case KEY_DTLS_FINGERPRINT:
		return list(&o->dtls_fingerprint, arg);
	case KEY_DTLS_SETUP:
		return vc_opt_word(state, arg, setups, &o->dtls_setup);
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
		if (vc_opt_time(state, arg, &o->duration))
			return EINVAL;
		if (!o->duration)
			argp_error(state, "--duration %s: more than 0 is due",
				   arg);
		return 0;
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
	case KEY_TLS_CA:
		return word(&o->tls_ca, arg);
	case KEY_TLS_CERT:
		return word(&o->tls_cert, arg);
	case KEY_TLS_KEY:
		return word(&o->tls_key, arg);
	case KEY_INSECURE:
		return on(&o->insecure);
	case KEY_NO_SANDBOX:
		return on(&o->no_sandbox);
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
	case KEY_USAGE:
		vc_help_usage(info);
		break;
	case KEY_VERSION:
		printf("%s %s\n", info->name, VC_VERSION);
		break;
	case KEY_DUMP:
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
		err = parse_dtls(key, arg, state, &t->opt);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_time(key, arg, state, &t->opt);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_run(key, arg, state, &t->opt);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_help(key, t->info);
	return err;
}

/* argp quotes the command line as it is: what it says comes by here. */
static ssize_t say(void *cookie, const char *p, size_t len)
{
	struct vc_str rest = vc_str_of(p, len);

	(void)cookie;
	while (rest.len) {
		bool has_end = memchr(rest.p, '\n', rest.len);
		struct vc_str line = vc_str_cut(&rest, '\n');
		char text[4096];

		vc_escape_rest(text, sizeof(text), line.p, line.len);
		fprintf(stderr, "%s%s", text, has_end ? "\n" : "");
	}
	return (ssize_t)len;
}

struct inputs {
	void *own;
	struct vc_tool *tool;
	FILE *err; /* NULL: none could be had */
};

static error_t parse_root(int key, char *arg, struct argp_state *state)
{
	struct inputs *in = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	if (in->err)
		state->err_stream = in->err;
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
				 .parser = t->info->parse ? t->info->parse :
							    parse_nothing };
	struct argp shared_argp = { .options = table.o,
				    .parser = parse_shared };
	struct argp_child children[] = {
		{ .argp = &own_argp },
		{ .argp = &shared_argp },
		{ 0 },
	};
	struct argp root = { .parser = parse_root, .children = children };
	const cookie_io_functions_t with = { .write = say };
	struct inputs in = { .own = own,
			     .tool = t,
			     .err = fopencookie(NULL, "w", with) };
	unsigned int flags = ARGP_NO_HELP;

	vc_opt_fill(&table, t->info);
	t->opt.max_lag = 500 * VC_MS;
	t->opt.wait = -1;
	t->opt.stats_interval = VC_SEC;
	t->opt.batch = -1;
	t->opt.latency = -1;
	t->opt.packetization_mode = -1;
	t->opt.dtls_setup = -1;
	t->opt.max_sources = 4096;
	argp_err_exit_status = VC_EXIT_USAGE;
	/* getopt() would talk of "./build/bin/vc-mix". */
	if (argc > 0)
		argv[0] = (char *)(uintptr_t)t->info->name;
	if (t->info->groups & VC_OPT_IN_ORDER)
		flags |= ARGP_IN_ORDER;
	vc_opt_check_names(t, table.o, argc, argv);
	if (argp_parse(&root, argc, argv, flags, NULL, &in))
		exit(VC_EXIT_USAGE);
	if (in.err)
		fclose(in.err);
	if (t->opt.wait < 0)
		t->opt.wait = t->opt.duration ? 30 * VC_SEC : 0;
	set_seed(&t->opt);
	check_stdout_use(t);
}
