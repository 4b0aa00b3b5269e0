/* SPDX-License-Identifier: MIT */
/*
 * vc-send: a vc stream out to UDP sockets, as RTP and RTCP that speak for
 * themselves: own SSRCs, sequence numbers and reports.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx.h"
#include "tool/control.h"
#include "tool/tool.h"

#define AUTO_BATCH (2 * VC_MS)

struct send {
	struct vc_tool *tool;
	struct vc_rtptx_conf conf;
	struct vc_rtptx *tx;
};

enum { KEY_PACE = VC_KEY_OWN, KEY_SDP_OUT };

static const struct argp_option options[] = {
	{ "pace", KEY_PACE, "media|off|RATE", 0,
	  "when packets go: at their time, at once, or spread at a bit rate "
	  "(default media)",
	  0 },
	{ "sdp-out", KEY_SDP_OUT, "PLACE", 0,
	  "write an SDP by which ffmpeg and GStreamer play what is sent", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct send *s = state->input;

	switch (key) {
	case KEY_PACE:
		s->conf.rate_bps = 0;
		s->conf.is_unpaced = !strcmp(arg, "off");
		if (s->conf.is_unpaced || !strcmp(arg, "media"))
			return 0;
		return vc_opt_rate(state, arg, &s->conf.rate_bps);
	case KEY_SDP_OUT:
		s->conf.sdp_out = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct vc_tool_info info = {
	.name = "vc-send",
	.sentence = "Sends a stream as RTP and RTCP to UDP addresses.",
	.args_doc = "[NAME=]rtp://HOST:PORT[,KEY=VALUE...]...",
	.io_doc = "Reads a vc stream (-i, default stdin). Keys: "
		  "media=audio|video, rtcp=mux|+1|PORT|off, bind=[ADDR]:PORT, "
		  "ttl=N. A destination with a NAME gets what is routed to "
		  "it, others what is for everybody.",
	.examples = "vc-capture test: | vc-send rtp://192.0.2.7:5004\n"
		    "vc-send -i talk.vcrtp --sdp-out talk.sdp "
		    "rtp://127.0.0.1:5004\n"
		    "vc-send alice=rtp://192.0.2.7:5004 "
		    "bob=rtp://192.0.2.8:5004\n",
	.groups = VC_OPT_IN | VC_OPT_READ | VC_OPT_TIME | VC_OPT_SEED |
		  VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY | VC_OPT_SELECT |
		  VC_OPT_FAST | VC_OPT_BATCH | VC_OPT_FAMILY | VC_OPT_SOURCES,
	.options = options,
	.parse = parse,
};

/* --- wiring --- */

static int run_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;

	(void)argv;
	if (argc > 1) {
		vc_json_set_str(reply, "error", "keyframe has no argument");
		return -EINVAL;
	}
	vc_rtptx_keyframes(s->tx);
	return 0;
}

static const struct vc_command commands[] = {
	{ "keyframe", "", "ask the producers for key frames", run_keyframe },
	{ 0 },
};

static int set_up(struct send *s)
{
	struct vc_options *o = vc_tool_options_mut(s->tool);

	o->fast |= s->conf.is_unpaced;
	s->conf.in.faces_world = true;
	s->conf.places = &o->in;
	s->tx = vc_rtptx_new(s->tool, &s->conf);
	vc_rtptx_operands(s->tx);
	vc_control_add(s->tool, commands, s);
	vc_tool_on_stats(s->tool, vc_rtptx_fill_stats, s->tx);
	if (vc_rtptx_open(s->tx))
		return -EIO;
	vc_loop_set_batch(vc_tool_loop(s->tool),
			  o->batch < 0 ? AUTO_BATCH : o->batch);
	return vc_tool_start(s->tool);
}

int main(int argc, char **argv)
{
	struct send *s = vc_alloc(1, sizeof(*s));
	struct vc_tool *t = vc_tool_new(&info);

	s->tool = t;
	vc_tool_parse(t, argc, argv, s);
	if (!set_up(s))
		vc_tool_run(t);
	vc_tool_off_stats(t, vc_rtptx_fill_stats, s->tx);
	vc_rtptx_free(s->tx);
	free(s);
	return vc_tool_end(t);
}
