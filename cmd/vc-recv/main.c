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
#include "link/reply.h"
#include "link/rtprx.h"
#include "link/rtptx.h"
#include "link/keychain.h"
#include "tool/control.h"
#include "tool/tool.h"

/* Five times RFC 3550's least interval of reports (6.3.5). */
#define TIMEOUT (25 * VC_SEC)

struct recv {
	struct vc_tool *tool;
	struct vc_rtprx_conf conf;
	struct vc_rtprx *rx;
	struct vc_words reply;
	struct vc_dscp dscp;
	struct vc_rtptx *tx; /* --reply, or NULL */
	struct vc_keychain *keychain;
	bool is_over;
};

enum {
	KEY_TIMEOUT = VC_KEY_OWN,
	KEY_REPLY,
	KEY_ALLOW,
	KEY_OPEN,
	KEY_DSCP,
	KEY_IFACE,
	KEY_FILTER,
	KEY_HEURISTIC,
	KEY_MAX_RATE,
};

static const struct argp_option options[] = {
	{ "reply", KEY_REPLY, "PLACE", 0,
	  "send the stream from PLACE back to those who come, each what is "
	  "routed to him, from the port he came by",
	  0 },
	{ "allow", KEY_ALLOW, "CIDR", 0,
	  "take packets from these addresses only (repeatable), as "
	  "192.0.2.0/24",
	  0 },
	{ "open", KEY_OPEN, NULL, 0,
	  "with latch=: send back to any address that packets claim to come "
	  "from",
	  0 },
	{ "timeout", KEY_TIMEOUT, "T", 0,
	  "a source that is silent for T has left (default 25s)", 0 },
	{ "dscp", KEY_DSCP, "[KIND=]CLASS,...", 0,
	  "class of service of --reply and of reports, as EF or "
	  "audio=EF,video=AF41",
	  0 },
	{ "iface", KEY_IFACE, "IFACE", 0,
	  "listen to this interface, as one of `ip link`, or any (needs "
	  "CAP_NET_RAW)",
	  0 },
	{ "filter", KEY_FILTER, "EXPR", 0,
	  "with --iface: take what pcap-filter(7) lets through", 0 },
	{ "heuristic", KEY_HEURISTIC, NULL, 0,
	  "captures: take what SIP tells and what looks like RTP, also where "
	  "--sdp names ports",
	  0 },
	{ "max-rate", KEY_MAX_RATE, "RATE", 0,
	  "ask each sender to send no more than that in all (REMB)", 0 },
	VC_REPAIR_OPTION,
	VC_FEEDBACK_OPTION,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct recv *r = state->input;

	switch (key) {
	case KEY_TIMEOUT:
		return vc_opt_time(state, arg, &r->conf.timeout);
	case KEY_REPLY:
		vc_words_add(&r->reply, arg);
		return 0;
	case KEY_ALLOW:
		return vc_allow_opt(state, arg, &r->conf.rules);
	case KEY_OPEN:
		r->conf.rules.is_open = true;
		return 0;
	case KEY_DSCP:
		if (vc_dscp_parse(&r->dscp, arg))
			argp_error(state,
				   "--dscp %s: not as EF or "
				   "audio=EF,video=AF41",
				   arg);
		return 0;
	case KEY_IFACE:
		r->conf.iface = arg;
		return 0;
	case KEY_FILTER:
		r->conf.filter = arg;
		return 0;
	case KEY_HEURISTIC:
		r->conf.is_heuristic = true;
		return 0;
	case KEY_MAX_RATE:
		return vc_opt_rate(state, arg, &r->conf.max_bps);
	default:
		return vc_repair_opt(key, arg, state, &r->conf.repair);
	}
}

static const struct vc_tool_info info = {
	.name = "vc-recv",
	.sentence = "Receives RTP and RTCP on UDP ports, or from a capture, "
		    "and writes them as one stream.",
	.args_doc = "[[NAME=][s|dtls+]rtp://[ADDR]:PORT[,KEY=VALUE...]...]\n"
		    "[NAME=]CAPTURE",
	.io_doc = "Listens on each operand (port 0: the kernel's choice; keys: "
		  "sdp=FILE, rtcp=mux|+1|PORT|off, source=ADDR[:PORT], "
		  "iface=NAME, "
		  "latch=off|first|always), or on what --sdp names; or reads "
		  "CAPTURE: pcap, pcapng, rtpdump or mjr, a file or -, said by "
		  "pcap:FILE, rtpdump:FILE, mjr:FILE or known by content. "
		  "Writes a vc stream.",
	.examples = "vc-recv rtp://:5004 | vc-probe\n"
		    "ssh host tcpdump -U -w - | vc-recv pcap:- | vc-probe\n"
		    "vc-recv alice=rtp://:5004 bob=rtp://:5006 -o call.vcrtp\n",
	.groups = VC_OPT_OUT | VC_OPT_TLS | VC_OPT_FORMATS | VC_OPT_TIME |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_BATCH | VC_OPT_FAMILY | VC_OPT_CNAME | VC_OPT_SOURCES |
		  VC_OPT_LATENCY | VC_OPT_RECORD | VC_OPT_CHOOSE | VC_OPT_KEYS,
	.sandbox = VC_SANDBOX_ON,
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
	if (argc > 2 || vc_num_u64(argv[1], 0, UINT32_MAX, &ssrc))
		return vc_refuse(reply, -EINVAL, "keyframe [SSRC]");
	if (vc_rtprx_keyframe(r->rx, (uint32_t)ssrc))
		return vc_refuse(reply, -ENOENT, "no such source");
	return 0;
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
	char buf[256];

	if (r->is_over)
		return;
	r->is_over = true;
	vc_rtprx_finish(r->rx);
	/* Who has stopped reading does not want to hear of it; and of errors
	 * something was said. */
	if (vc_rtprx_had_media(r->rx) || vc_rtprx_is_unread(r->rx) ||
	    !strcmp(why, "error"))
		;
	else if (vc_rtprx_locked_out(r->rx, buf, sizeof(buf)))
		vc_tool_fail(r->tool, VC_EXIT_AUTH, "%s", buf);
	else
		vc_tool_fail(r->tool, VC_EXIT_NO_MEDIA, "no media came");
	vc_tool_stop(r->tool, why);
}

static void on_signal(void *ctx)
{
	finish(ctx, "signal");
}

/* --- wiring --- */

static void own(void *ctx, uint32_t ssrc, bool is_own)
{
	struct recv *r = ctx;

	if (r->rx)
		vc_rtprx_own(r->rx, ssrc, is_own);
}

static void set_up_reply(struct recv *r)
{
	const struct vc_rtptx_conf conf = {
		.repair = r->conf.repair,
		.keychain = r->keychain,
		.in = { .is_side = true,
			.live_only = true,
			.only_passes = true },
		.places = &r->reply,
		.dscp = r->dscp,
		.own = { .tell = own, .ctx = r },
	};

	r->tx = vc_rtptx_new(r->tool, &conf);
	r->conf.back = vc_reply_to(r->tx);
	vc_tool_on_stats(r->tool, vc_rtptx_fill_stats, r->tx);
}

static int set_up(struct recv *r)
{
	if (r->conf.filter && !r->conf.iface)
		vc_tool_usage(r->tool, "--filter is for --iface");
	r->conf.enough = finish;
	r->conf.ctx = r;
	r->conf.rtcp_dscp = vc_dscp_rtcp(&r->dscp);
	if (vc_keychain_new(&r->keychain, r->tool))
		return -EIO;
	r->conf.keychain = r->keychain;
	if (r->reply.n)
		set_up_reply(r);
	r->rx = vc_rtprx_new(r->tool, &r->conf);
	vc_rtprx_operands(r->rx);
	if (vc_keychain_open(r->keychain) || vc_rtprx_open(r->rx) ||
	    (r->tx && vc_rtptx_open(r->tx)))
		return -EIO;
	vc_control_add(r->tool, commands, r);
	vc_tool_on_stats_list(r->tool, vc_rtprx_fill_stats, "sources",
			      vc_rtprx_source_stats, r->rx);
	vc_tool_on_signal(r->tool, on_signal, r);
	vc_tool_on_keyframe(r->tool, on_keyframe, r);
	vc_tool_batch(r->tool);
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
	if (r->tx)
		vc_tool_off_stats(t, vc_rtptx_fill_stats, r->tx);
	vc_rtptx_free(r->tx);
	vc_rtprx_free(r->rx);
	vc_keychain_free(r->keychain);
	free(r->reply.v);
	free(r);
	return vc_tool_end(t);
}
