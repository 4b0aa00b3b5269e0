/* SPDX-License-Identifier: MIT */
/*
 * vc-recv: RTP from UDP sockets into a vc stream, admitted, counted and
 * announced, in order of arrival.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "recv.h"
#include "tool/control.h"

/* Five times RFC 3550's least interval of reports (6.3.5). */
#define TIMEOUT (25 * VC_SEC)
#define AUTO_BATCH (2 * VC_MS)

enum { KEY_TIMEOUT = VC_KEY_OWN };

static const struct argp_option options[] = {
	{ "timeout", KEY_TIMEOUT, "T", 0,
	  "a source that is silent for T has left (default 25s)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct recv *r = state->input;

	if (key != KEY_TIMEOUT)
		return ARGP_ERR_UNKNOWN;
	return vc_opt_time(state, arg, &r->timeout);
}

static const struct vc_tool_info info = {
	.name = "vc-recv",
	.sentence = "Receives RTP and RTCP on UDP ports and writes them as one "
		    "stream.",
	.args_doc = "[[NAME=]rtp://[ADDR]:PORT[,KEY=VALUE...]...]",
	.io_doc = "Listens on each operand (port 0: the kernel's choice; keys: "
		  "sdp=FILE, rtcp=mux|+1|PORT|off), or on what --sdp names. "
		  "Writes a vc stream.",
	.examples = "vc-recv rtp://:5004 | vc-probe\n"
		    "vc-recv --sdp cam.sdp -t 10s | vc-record cam.webm\n"
		    "vc-recv alice=rtp://:5004 bob=rtp://:5006 -o call.vcrtp\n",
	.groups = VC_OPT_OUT | VC_OPT_FORMATS | VC_OPT_TIME | VC_OPT_SEED |
		  VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY | VC_OPT_BATCH |
		  VC_OPT_FAMILY | VC_OPT_CNAME | VC_OPT_SOURCES |
		  VC_OPT_LATENCY,
	.options = options,
	.parse = parse,
};

/* --- key frames --- */

static void want_all(void *ctx)
{
	struct recv *r = ctx;
	const struct vc_source *src = vc_roster_first(r->roster);

	for (; src; src = src->next) {
		if (src->user && src->kind == VC_VIDEO)
			recv_want_key(src->user);
	}
}

static int run_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recv *r = ctx;
	const struct vc_source *src = vc_roster_first(r->roster);
	uint64_t ssrc;

	if (argc == 1) {
		want_all(r);
		return 0;
	}
	if (argc > 2 || vc_num_u64(argv[1], 0, UINT32_MAX, &ssrc)) {
		vc_json_set_str(reply, "error", "keyframe [SSRC]");
		return -EINVAL;
	}
	for (; src; src = src->next) {
		const struct rxsrc *s = src->user;

		if (!s || s->out_ssrc != ssrc)
			continue;
		recv_want_key(src->user);
		return 0;
	}
	vc_json_set_str(reply, "error", "no such source");
	return -ENOENT;
}

static const struct vc_command commands[] = {
	{ "keyframe", "[SSRC]", "ask for a key frame (PLI)", run_keyframe },
	{ 0 },
};

/* --- the end --- */

static void finish(struct recv *r, const char *why)
{
	if (r->is_over)
		return;
	r->is_over = true;
	vc_limits_stop(&r->limits);
	vc_timer_cancel(r->loop, &r->tick);
	vc_timer_cancel(r->loop, &r->roster_timer);
	vc_timer_cancel(r->loop, &r->end_timer);
	recv_say_bye(r);
	vc_roster_end_all(r->roster, -1, VC_LEAVE_EOF);
	/* Who has stopped reading does not want to hear of it. */
	if (!r->counts.packets && !vc_out_is_dead(r->out))
		vc_tool_fail(r->tool, VC_EXIT_NO_MEDIA, "no media came");
	vc_tool_stop(r->tool, why);
}

static void end_due(void *ctx, int64_t now)
{
	struct recv *r = ctx;

	(void)now;
	finish(r, r->why);
}

/* Said while a packet is being taken, which is to be finished with first. */
static void enough(void *ctx, const char *why)
{
	struct recv *r = ctx;

	r->why = why;
	vc_timer_arm(r->loop, &r->end_timer, vc_loop_now(r->loop));
}

static void on_signal(void *ctx)
{
	finish(ctx, "signal");
}

/* --- wiring --- */

static void roster_due(void *ctx, int64_t now)
{
	struct recv *r = ctx;
	int64_t next = vc_roster_tick(r->roster, now);

	if (next > now + VC_SEC)
		next = now + VC_SEC;
	vc_timer_arm(r->loop, &r->roster_timer, next);
}

static void start(struct recv *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);
	int64_t now = vc_loop_now(r->loop);

	vc_control_begin(r->tool, now);
	vc_out_desc(r->out, &r->merge.sdp);
	vc_limits_start(&r->limits, r->roster, now);
	vc_loop_set_batch(r->loop, o->batch < 0 ? AUTO_BATCH : o->batch);
	r->tick = (struct vc_timer){ .fn = recv_tick, .ctx = r };
	r->roster_timer = (struct vc_timer){ .fn = roster_due, .ctx = r };
	vc_timer_arm(r->loop, &r->tick, now + VC_SEC);
	vc_timer_arm(r->loop, &r->roster_timer, now + VC_SEC);
}

static int set_up(struct recv *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);

	r->loop = vc_tool_loop(r->tool);
	r->latency = o->latency > 0 ? o->latency : 0;
	recv_parse(r);
	r->end_timer = (struct vc_timer){ .fn = end_due, .ctx = r };
	vc_limits_init(&r->limits, r->tool, enough, r);
	if (recv_roster_new(r)) {
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "out of memory");
		return -ENOMEM;
	}
	recv_new_ssrc(r);
	r->out = vc_out_new(r->tool, want_all, r);
	if (!r->out || recv_open(r))
		return -EIO;
	vc_control_add(r->tool, commands, r);
	vc_tool_on_stats(r->tool, recv_fill_stats, r);
	vc_tool_on_signal(r->tool, on_signal, r);
	vc_tool_on_keyframe(r->tool, want_all, r);
	return vc_tool_start(r->tool);
}

int main(int argc, char **argv)
{
	struct recv *r = vc_alloc(1, sizeof(*r));
	struct vc_tool *t = vc_tool_new(&info);

	r->tool = t;
	r->timeout = TIMEOUT;
	vc_tool_parse(t, argc, argv, r);
	if (!set_up(r)) {
		start(r);
		vc_tool_run(t);
		finish(r, "eof");
		vc_tool_off_stats(t, recv_fill_stats, r);
	}
	vc_out_free(r->out);
	recv_close(r);
	recv_early_clear(r);
	vc_roster_free(r->roster);
	free(r);
	return vc_tool_end(t);
}
