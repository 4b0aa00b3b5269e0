/* SPDX-License-Identifier: MIT */
/*
 * vc-recv: RTP from UDP sockets into a vc stream, admitted, counted and
 * announced, in order of arrival.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "link/rtprx.h"
#include "tool/control.h"
#include "tool/tool.h"

/* Five times RFC 3550's least interval of reports (6.3.5). */
#define TIMEOUT (25 * VC_SEC)
#define AUTO_BATCH (2 * VC_MS)

struct recv {
	struct vc_tool *tool;
	struct vc_rtprx_conf conf;
	struct vc_rtprx *rx;
	bool is_over;
};

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
	return vc_opt_time(state, arg, &r->conf.timeout);
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

/* --- control --- */

static int run_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recv *r = ctx;
	uint64_t ssrc;

	if (argc == 1) {
		vc_rtprx_keyframes(r->rx);
		return 0;
	}
	if (argc > 2 || vc_num_u64(argv[1], 0, UINT32_MAX, &ssrc)) {
		vc_json_set_str(reply, "error", "keyframe [SSRC]");
		return -EINVAL;
	}
	if (!vc_rtprx_keyframe(r->rx, (uint32_t)ssrc))
		return 0;
	vc_json_set_str(reply, "error", "no such source");
	return -ENOENT;
}

static const struct vc_command commands[] = {
	{ "keyframe", "[SSRC]", "ask for a key frame (PLI)", run_keyframe },
	{ 0 },
};

static void on_keyframe(void *ctx)
{
	struct recv *r = ctx;

	vc_rtprx_keyframes(r->rx);
}

/* --- the end --- */

static void finish(void *ctx, const char *why)
{
	struct recv *r = ctx;

	if (r->is_over)
		return;
	r->is_over = true;
	vc_rtprx_finish(r->rx);
	/* Who has stopped reading does not want to hear of it. */
	if (!vc_rtprx_had_media(r->rx) && !vc_rtprx_is_unread(r->rx))
		vc_tool_fail(r->tool, VC_EXIT_NO_MEDIA, "no media came");
	vc_tool_stop(r->tool, why);
}

static void on_signal(void *ctx)
{
	finish(ctx, "signal");
}

/* --- wiring --- */

static int set_up(struct recv *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);

	r->conf.enough = finish;
	r->conf.ctx = r;
	r->rx = vc_rtprx_new(r->tool, &r->conf);
	vc_rtprx_operands(r->rx);
	if (vc_rtprx_open(r->rx))
		return -EIO;
	vc_control_add(r->tool, commands, r);
	vc_tool_on_stats(r->tool, vc_rtprx_fill_stats, r->rx);
	vc_tool_on_signal(r->tool, on_signal, r);
	vc_tool_on_keyframe(r->tool, on_keyframe, r);
	vc_loop_set_batch(vc_tool_loop(r->tool),
			  o->batch < 0 ? AUTO_BATCH : o->batch);
	return vc_tool_start(r->tool);
}

int main(int argc, char **argv)
{
	struct recv *r = vc_alloc(1, sizeof(*r));
	struct vc_tool *t = vc_tool_new(&info);

	r->tool = t;
	r->conf.timeout = TIMEOUT;
	vc_tool_parse(t, argc, argv, r);
	if (!set_up(r)) {
		vc_rtprx_start(r->rx);
		vc_tool_run(t);
		finish(r, "eof");
		vc_tool_off_stats(t, vc_rtprx_fill_stats, r->rx);
	}
	vc_rtprx_free(r->rx);
	free(r);
	return vc_tool_end(t);
}
