/* SPDX-License-Identifier: MIT */
/*
 * vc-probe load: options, and a tick of 20 ms: what all sessions send is made
 * once at its beginning, and each sends it in its part of it.
 */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "verbs.h"

#define SESSIONS 10
#define DURATION (10 * VC_SEC)
#define TAIL (700 * VC_MS) /* for what is under way at the end */

enum {
	KEY_SESSIONS = VC_KEY_OWN,
	KEY_RAMP,
	KEY_LISTEN,
	KEY_GOT,
	KEY_ONLY,
};

static const struct argp_option options[] = {
	{ "sessions", KEY_SESSIONS, "N", 0, "how many (default 10)", 0 },
	{ "ramp", KEY_RAMP, "N/s", 0,
	  "begin so many a second, as 10/s (default: all at once)", 0 },
	{ "listen", KEY_LISTEN, "rtp://[ADDR]:PORT", 0,
	  "what comes back comes there, not to where each sends from", 0 },
	ACTIVE_EXPECT_OPTIONS,
	{ "got", KEY_GOT, "PLACE", 0,
	  "write what the first session gets there, as a vc stream", 0 },
	{ "only", KEY_ONLY, "audio|video", 0, "send no more than that", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const kinds[] = { "audio", "video", NULL };
	struct load_options *o = state->input;
	char number[32];
	size_t len;
	error_t err;

	switch (key) {
	case KEY_SESSIONS:
		return vc_opt_int(state, arg, 1, 10000, &o->sessions);
	case KEY_RAMP:
		len = strlen(arg);
		if (len < 3 || len >= sizeof(number) ||
		    strcmp(arg + len - 2, "/s"))
			argp_error(state, "--ramp %s: not as 10/s", arg);
		vc_str_copy(number, sizeof(number), vc_str_of(arg, len - 2));
		if (vc_num_real(number, 0.01, 10000, &o->ramp))
			argp_error(state, "--ramp %s: not as 10/s", arg);
		return 0;
	case KEY_LISTEN:
		o->listen = arg;
		return 0;
	case KEY_GOT:
		o->got = arg;
		return 0;
	case KEY_ONLY:
		err = vc_opt_word(state, arg, kinds, &o->only);
		o->only++;
		return err;
	}
	return active_rules_opt(key, arg, &o->rules, load_metrics,
				n_load_metrics);
}

const struct vc_tool_info load_info = {
	.name = "vc-probe load",
	.sentence = "sends the test picture and voice in many sessions, and "
		    "judges what comes back to each",
	.args_doc = "rtp://HOST:PORT",
	.io_doc = "Sends there from a port for each session and writes a "
		  "report to stdout.",
	.examples = "vc-probe load --sessions 500 --ramp 10/s "
		    "rtp://192.0.2.1:5004\n"
		    "vc-probe load -t 1m -e 'load.loss<1%' "
		    "-e 'load.rtt_ms.p95<200ms' rtp://192.0.2.1:5004\n"
		    "vc-probe load --got got.vcrtp rtp://192.0.2.1:5004; "
		    "vc-probe --marks got.vcrtp\n",
	.groups = VC_OPT_TIME | VC_OPT_STATS | VC_OPT_READY | VC_OPT_FAMILY |
		  VC_OPT_SEED,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

/* --- ticks --- */

static void drop_batch(struct load *l)
{
	for (size_t i = 0; i < l->n_batch; i++)
		vc_packet_unref(l->batch[i].pkt);
	l->n_batch = 0;
}

static void start_due(struct load *l, int64_t now)
{
	double due = l->opt->ramp > 0 ?
			     1 + l->opt->ramp * (double)(now - l->epoch) / 1e9 :
			     (double)l->n_sessions;

	while (l->n_started < l->n_sessions && (double)l->n_started < due) {
		load_session_start(&l->session[l->n_started], now);
		l->n_started++;
	}
}

static void finish(struct load *l, int64_t now, const char *why)
{
	if (l->is_over)
		return;
	l->is_over = true;
	for (size_t i = 0; i < l->n_started; i++)
		load_session_bye(&l->session[i], now);
	vc_tool_ended(l->tool, why);
	vc_timer_arm(vc_tool_loop(l->tool), &l->timer, now + TAIL);
}

/* What this tick has for all. */
static int make(struct load *l, int64_t now)
{
	int err;

	drop_batch(l);
	l->late_ticks += now - l->next >= LOAD_TICK;
	start_due(l, now);
	err = load_media_tick(l->media, l->next);
	if (err) {
		vc_tool_fail(l->tool, VC_EXIT_FAIL, "media: %s",
			     strerror(-err));
		finish(l, now, "error");
	}
	return err;
}

/* Sessions do not send at the same time, as people do not. */
static void tick(void *ctx, int64_t now)
{
	struct load *l = ctx;

	if (l->is_over) {
		vc_tool_stop(l->tool, "duration");
		return;
	}
	if (now >= l->until) {
		finish(l, now, "duration");
		return;
	}
	if (!l->slot && make(l, now))
		return;
	for (size_t i = l->slot; i < l->n_started; i += LOAD_SLOTS)
		load_session_send(&l->session[i], now);
	l->slot = (l->slot + 1) % LOAD_SLOTS;
	l->tick += !l->slot;
	l->next += LOAD_TICK / LOAD_SLOTS;
	vc_timer_arm(vc_tool_loop(l->tool), &l->timer, l->next);
}

static void on_signal(void *ctx)
{
	struct load *l = ctx;

	finish(l, vc_loop_now(vc_tool_loop(l->tool)), "signal");
}

/* --- opening --- */

static int open_got(struct load *l)
{
	const char *sdp = load_media_sdp();
	struct vc_place place;
	uint8_t len[2];
	char why[256];
	int fd, err;

	if (vc_place_parse(&place, l->opt->got, false, why, sizeof(why)))
		vc_tool_usage(l->tool, "--got %s: %s", place.text, why);
	if (place.kind == VC_PLACE_STDIO)
		vc_tool_usage(l->tool, "--got -: the report goes there");
	err = vc_place_open_write(l->tool, &place, &fd);
	if (!err)
		l->got = fdopen(fd, "w");
	if (!l->got) {
		vc_tool_fail(l->tool, VC_EXIT_FAIL, "%s: open: %s", place.text,
			     strerror(err ? -err : errno));
		return -EIO;
	}
	vc_put_u16(len, (uint16_t)strlen(sdp));
	fwrite(len, sizeof(len), 1, l->got);
	fputs(sdp, l->got);
	return 0;
}

static int open_sessions(struct load *l)
{
	socklen_t len;
	int err = vc_place_resolve(l->place.host, l->place.port,
				   vc_tool_options(l->tool)->family, SOCK_DGRAM,
				   &l->to, &len);

	if (err) {
		vc_tool_fail(l->tool, VC_EXIT_FAIL, "%s: %s", l->place.text,
			     vc_place_why(&l->place, err));
		return err;
	}
	for (unsigned int i = 0; i < l->n_sessions; i++) {
		err = load_session_open(l, &l->session[i], i + 1);
		if (!err)
			continue;
		vc_tool_fail(l->tool, VC_EXIT_FAIL, "session %u: open: %s%s",
			     i + 1, strerror(-err),
			     err == -EMFILE ? " (ulimit -n)" : "");
		return err;
	}
	return 0;
}

static int set_up(struct load *l)
{
	const struct vc_options *o = vc_tool_options(l->tool);
	int err = 0;

	if (o->args.n != 1)
		vc_tool_usage(l->tool, "where to? As rtp://192.0.2.1:5004");
	active_place(l->tool, &l->place, o->args.v[0], true, NULL);
	if (l->opt->listen)
		active_place(l->tool, &l->near, l->opt->listen, false, NULL);
	l->n_sessions = (size_t)l->opt->sessions;
	l->session = vc_alloc(l->n_sessions, sizeof(*l->session));
	l->cap_ssrc = 4 * l->n_sessions + 1;
	l->by_ssrc = vc_alloc(l->cap_ssrc, sizeof(*l->by_ssrc));
	l->epoch = vc_loop_now(vc_tool_loop(l->tool));
	if (l->opt->got)
		err = open_got(l);
	if (!err)
		err = load_media_new(l, l->epoch);
	if (!err)
		err = open_sessions(l);
	if (!err && l->opt->listen)
		err = load_listen(l);
	if (err && !vc_tool_has_failed(l->tool))
		vc_tool_fail(l->tool, VC_EXIT_FAIL, "open: %s", strerror(-err));
	return err;
}

/* --- the end --- */

static void judge(struct load *l)
{
	size_t silent = load_silent(l), corrupt = 0;
	struct vc_json *record;

	for (size_t i = 0; i < l->n_started; i++)
		corrupt += l->session[i].corrupt > 0;
	if (silent == l->n_started)
		vc_tool_fail(l->tool, VC_EXIT_NO_MEDIA,
			     "%s: nothing came back to any session%s",
			     l->place.text,
			     l->session[0].refused ? ": refused" : "");
	else if (silent)
		vc_tool_fail(l->tool, VC_EXIT_EXPECT,
			     "%zu of %zu sessions got nothing", silent,
			     l->n_started);
	if (corrupt)
		vc_tool_fail(l->tool, VC_EXIT_EXPECT,
			     "%zu sessions got other octets than they sent",
			     corrupt);
	record = load_record(l, vc_loop_now(vc_tool_loop(l->tool)));
	active_report(&l->opt->rules, l->tool, record, load_table);
	vc_json_free(record);
	if (l->got && fflush(l->got))
		vc_tool_fail(l->tool, VC_EXIT_FAIL, "--got: write: %s",
			     strerror(errno));
}

static void fill_stats(void *ctx, struct vc_json *j)
{
	struct load *l = ctx;
	uint64_t sent = 0, received = 0;

	for (size_t i = 0; i < l->n_started; i++) {
		sent += l->session[i].sent;
		received += l->session[i].received;
	}
	vc_json_set_int(j, "sessions", (int64_t)l->n_started);
	vc_json_set_int(j, "silent", (int64_t)load_silent(l));
	vc_json_set_int(j, "sent", (int64_t)sent);
	vc_json_set_int(j, "received", (int64_t)received);
	vc_json_set_int(j, "late_ticks", (int64_t)l->late_ticks);
}

static void run(struct load *l)
{
	struct vc_loop *loop = vc_tool_loop(l->tool);

	vc_tool_on_signal(l->tool, on_signal, l);
	vc_tool_on_stats(l->tool, fill_stats, l);
	if (!vc_tool_start(l->tool)) {
		l->next = vc_loop_clock(loop);
		l->until = l->next + vc_tool_options(l->tool)->duration;
		l->timer = (struct vc_timer){ .fn = tick, .ctx = l };
		vc_timer_arm(loop, &l->timer, l->next);
		vc_tool_run(l->tool);
		judge(l);
	}
	vc_tool_off_stats(l->tool, fill_stats, l);
}

static void clear(struct load *l)
{
	drop_batch(l);
	for (size_t i = 0; l->session && i < l->n_sessions; i++)
		load_session_close(&l->session[i]);
	for (int k = 0; k < LOAD_MEDIA; k++) {
		for (size_t i = 0; i < LOAD_KEPT; i++)
			vc_packet_unref(l->kept[k][i].pkt);
	}
	if (l->listen_watch.fn)
		vc_loop_watch(vc_tool_loop(l->tool), &l->listen_watch, 0);
	vc_udp_close(l->listen);
	load_media_free(l->media);
	if (l->got)
		fclose(l->got);
	free(l->session);
	free(l->by_ssrc);
}

int load_run(int argc, char **argv)
{
	struct load *l = vc_alloc(1, sizeof(*l));
	struct vc_tool *t = vc_tool_new(&load_info);
	struct load_options own = { .tool = t, .sessions = SESSIONS };
	struct vc_options *o = vc_tool_options_mut(t);
	int code;

	l->tool = t;
	l->opt = &own;
	vc_tool_parse(t, argc, argv, &own);
	if (!o->duration)
		o->duration = DURATION;
	active_rules_parse(&own.rules, t, load_metrics, n_load_metrics);
	if (!set_up(l))
		run(l);
	clear(l);
	active_rules_clear(&own.rules);
	code = vc_tool_end(t);
	free(l);
	return code;
}
