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
#include "link/rtprx.h"
#include "link/rtptx.h"
#include "link/keychain.h"
#include "link/dtlsid.h"
#include "tool/control.h"
#include "tool/keys.h"
#include "tool/tool.h"

/* Five times RFC 3550's least interval of reports (6.3.5). */
#define TIMEOUT (25 * VC_SEC)

struct send {
	struct vc_tool *tool;
	struct vc_rtptx_conf conf;
	struct vc_rtptx *tx;
	struct vc_rtprx *rx; /* --duplex, or NULL */
	struct vc_keychain *keychain;
};

enum {
	KEY_PACE = VC_KEY_OWN,
	KEY_SDP_OUT,
	KEY_DUPLEX,
	KEY_NEW_KEY,
	KEY_NEW_DTLS_CERT,
	KEY_DSCP,
	KEY_FEC,
	KEY_RED,
	KEY_DEST_FILE,
	KEY_KEEP_SSRC,
};

static const struct argp_option options[] = {
	{ "pace", KEY_PACE, "media|off|RATE", 0,
	  "when packets go: at their time, at once, or spread at a bit rate "
	  "(default media)",
	  0 },
	{ "sdp-out", KEY_SDP_OUT, "PLACE", 0,
	  "write an SDP by which ffmpeg and GStreamer play what is sent", 0 },
	{ "dest-file", KEY_DEST_FILE, "FILE", 0,
	  "destinations too, one a line; read again on SIGHUP", 0 },
	{ "duplex", KEY_DUPLEX, NULL, 0,
	  "a call: what the peers send back to the same ports comes out as a "
	  "stream",
	  0 },
	{ "keep-ssrc", KEY_KEEP_SSRC, NULL, 0,
	  "sources keep their SSRCs; with SRTP only under a key that was never "
	  "used before",
	  0 },
	{ "new-key", KEY_NEW_KEY, "SUITE", OPTION_ARG_OPTIONAL,
	  "print a new line for --key-file and exit", 0 },
	{ "new-dtls-cert", KEY_NEW_DTLS_CERT, "FILE", 0,
	  "make a new certificate for --dtls-cert, print its fingerprint and "
	  "exit",
	  0 },
	{ "dscp", KEY_DSCP, "[KIND=]CLASS,...", 0,
	  "class of service, as EF or audio=EF,video=AF41", 0 },
	{ "fec", KEY_FEC, "auto|N%", 0,
	  "parity packets for pictures: N for 100 packets, or as many as the "
	  "reported loss asks for",
	  0 },
	{ "red", KEY_RED, "N", 0,
	  "each packet of Opus carries the N before it once more (1 to 3)", 0 },
	{ "bwe", VC_KEY_BWE, "off|twcc|rfc8888", 0,
	  "estimate what each path carries by this feedback, and keep within "
	  "it (default off)",
	  0 },
	{ "min-rate", VC_KEY_MIN_RATE, "RATE", 0,
	  "with --bwe: never less (default 50k)", 0 },
	{ "max-rate", VC_KEY_MAX_RATE, "RATE", 0,
	  "with --bwe: never more (default 20M)", 0 },
	{ "start-rate", VC_KEY_START_RATE, "RATE", 0,
	  "with --bwe: to begin with (default 300k)", 0 },
	{ "breaker", VC_KEY_BREAKER, "auto|on|off", 0,
	  "stop sending to who reports nothing, or hardly anything but loss "
	  "(RFC 8083)",
	  0 },
	VC_REPAIR_OPTION,
	VC_FEEDBACK_OPTION,
	{ 0 },
};

static error_t parse_shared(int key, const char *arg, struct argp_state *state,
			    struct vc_rtptx_conf *conf)
{
	error_t err = vc_bwe_opt(key, arg, state, &conf->bwe);

	return err == ARGP_ERR_UNKNOWN ?
		       vc_repair_opt(key, arg, state, &conf->repair) :
		       err;
}

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
	case KEY_DUPLEX:
		s->conf.is_duplex = true;
		return 0;
	case KEY_DEST_FILE:
		s->conf.dest_file = arg;
		return 0;
	case KEY_DSCP:
		if (vc_dscp_parse(&s->conf.dscp, arg))
			argp_error(state,
				   "--dscp %s: not as EF or "
				   "audio=EF,video=AF41",
				   arg);
		return 0;
	case KEY_FEC:
		return vc_fec_opt(state, arg, &s->conf.fec);
	case KEY_RED:
		return vc_red_opt(state, arg, &s->conf.fec);
	case KEY_KEEP_SSRC:
		s->conf.keep_ssrc = true;
		return 0;
	case KEY_NEW_KEY:
		vc_keys_print_new(s->tool, arg);
	case KEY_NEW_DTLS_CERT:
		vc_dtlsid_write_new(s->tool, arg);
	default:
		return parse_shared(key, arg, state, &s->conf);
	}
}

static const struct vc_tool_info info = {
	.name = "vc-send",
	.sentence = "Sends a stream as RTP and RTCP to UDP addresses.",
	.args_doc = "[[NAME=][s|dtls+]rtp://HOST:PORT[,KEY=VALUE...]...]",
	.io_doc =
		"Reads a vc stream (-i, default stdin). Keys: "
		"media=audio|video, rtcp=mux|+1|PORT|off, bind=[ADDR]:PORT, "
		"ttl=N, iface=NAME, dscp=CLASS; with --duplex or dtls+rtp:// sdp=FILE, with --duplex latch=off|first|always. A destination with a NAME gets what is routed to "
		"it, others what is for everybody.",
	.examples = "vc-capture test: | vc-send rtp://192.0.2.7:5004\n"
		    "vc-send -i talk.vcrtp --sdp-out talk.sdp "
		    "rtp://127.0.0.1:5004\n"
		    "vc-send alice=rtp://192.0.2.7:5004 "
		    "bob=rtp://192.0.2.8:5004\n",
	.groups = VC_OPT_IN | VC_OPT_OUT | VC_OPT_TLS | VC_OPT_READ |
		  VC_OPT_TIME | VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS |
		  VC_OPT_READY | VC_OPT_SELECT | VC_OPT_FAST | VC_OPT_BATCH |
		  VC_OPT_FAMILY | VC_OPT_SOURCES | VC_OPT_KEYS,
	.sandbox = VC_SANDBOX_ON | VC_SANDBOX_UDP,
	.options = options,
	.parse = parse,
};

/* --- the way back --- */

/* The peer has moved, and that is believed. */
static void reach(void *ctx, struct vc_participant *who,
		  const struct vc_rtprx_way *way)
{
	struct send *s = ctx;

	vc_rtptx_move_port(s->tx, way->port, who->id, way->rtp, way->rtcp,
			   way->by_next, way->trust);
}

static void heard(void *ctx, struct vc_participant *who,
		  const struct vc_port *port,
		  const struct sockaddr_storage *from, size_t len)
{
	struct send *s = ctx;

	(void)who;
	vc_rtptx_heard_port(s->tx, port, from, len);
}

static void add_port(void *ctx, struct vc_port *port,
		     const struct vc_place *where,
		     const struct sockaddr_storage *peer)
{
	struct send *s = ctx;

	vc_rtprx_add_port(s->rx, port, where, peer);
}

static void collided(void *ctx, uint32_t ssrc)
{
	struct send *s = ctx;

	vc_rtptx_collided(s->tx, ssrc);
}

static void own(void *ctx, uint32_t ssrc, bool is_own)
{
	struct send *s = ctx;

	if (s->rx)
		vc_rtprx_own(s->rx, ssrc, is_own);
}

static int set_up_back(struct send *s)
{
	const struct vc_rtprx_conf conf = {
		.keychain = s->keychain,
		.timeout = TIMEOUT,
		.no_limits = true,
		.repair = s->conf.repair,
		.back = { .reach = reach,
			  .heard = heard,
			  .collided = collided,
			  .ctx = s },
	};

	s->rx = vc_rtprx_new(s->tool, &conf);
	vc_rtprx_ports(s->rx, vc_rtptx_n_ports(s->tx));
	vc_rtptx_each_port(s->tx, add_port, s);
	vc_tool_on_stats_list(s->tool, vc_rtprx_fill_stats, "sources",
			      vc_rtprx_source_stats, s->rx);
	return vc_rtprx_open(s->rx);
}

static void finish_back(struct send *s)
{
	char buf[256];

	vc_rtprx_finish(s->rx);
	if (!vc_rtprx_had_media(s->rx) &&
	    vc_keychain_locked_out(s->keychain, buf, sizeof(buf)))
		vc_tool_fail(s->tool, VC_EXIT_AUTH, "%s", buf);
}

/* --- wiring --- */

static int run_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;

	(void)argv;
	if (argc > 1)
		return vc_refuse(reply, -EINVAL, "keyframe has no argument");
	vc_rtptx_keyframes(s->tx);
	return 0;
}

static int run_add(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;
	char why[256];
	int err;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL, "add [NAME=]rtp://ADDR:PORT");
	/* The ports of a call are known from its beginning. */
	if (s->rx)
		return vc_refuse(reply, -EINVAL, "not with --duplex");
	err = vc_rtptx_add_text(s->tx, argv[1], why, sizeof(why));
	return err ? vc_refuse(reply, err, "%s", why) : 0;
}

static int run_remove(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL, "remove NAME");
	if (s->rx)
		return vc_refuse(reply, -EINVAL, "not with --duplex");
	if (vc_rtptx_remove_text(s->tx, argv[1]))
		return vc_refuse(reply, -ENOENT, "no such destination");
	return 0;
}

static int run_list(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;

	(void)argv;
	if (argc != 1)
		return vc_refuse(reply, -EINVAL, "list has no argument");
	vc_json_set(reply, "destinations", vc_rtptx_list(s->tx));
	return 0;
}

static int run_resume(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;
	int err;

	if (argc > 2)
		return vc_refuse(reply, -EINVAL, "resume [NAME]");
	err = vc_rtptx_resume(s->tx, argc == 2 ? argv[1] : NULL);
	if (err == -EAGAIN)
		return vc_refuse(reply, err,
				 "too early: as long as it took to stop");
	return err ? vc_refuse(reply, err, "no such destination") : 0;
}

static const struct vc_command commands[] = {
	{ "add", "[NAME=]URL", "send there too", run_add },
	{ "keyframe", "", "ask the producers for key frames", run_keyframe },
	{ "list", "", "where it is sent to", run_list },
	{ "remove", "NAME|URL", "send there no more", run_remove },
	{ "resume", "[NAME|URL]", "go on where a circuit breaker stopped",
	  run_resume },
	{ 0 },
};

static void on_hangup(void *ctx)
{
	struct send *s = ctx;

	vc_rtptx_reload(s->tx);
}

static void check_rates(struct send *s, const struct vc_options *o)
{
	struct vc_bwe_opts *bwe = &s->conf.bwe;

	if (!vc_bwe_settle(bwe))
		vc_tool_usage(s->tool,
			      bwe->by == VC_BWE_OFF ?
				      "--min-rate, --max-rate and --start-rate "
				      "are for --bwe" :
				      "--min-rate, --start-rate and --max-rate "
				      "rise in this order, up to 10G");
	if (bwe->by != VC_BWE_OFF && (s->conf.rate_bps || o->fast))
		vc_tool_usage(s->tool, "--bwe sets the pace: not with --pace "
				       "or --fast (a limit is --max-rate)");
}

static int set_up(struct send *s)
{
	struct vc_options *o = vc_tool_options_mut(s->tool);

	o->fast |= s->conf.is_unpaced;
	check_rates(s, o);
	s->conf.in.faces_world = true;
	s->conf.in.only_passes = true;
	s->conf.in.live_only = s->conf.is_duplex;
	if (o->out.n && !s->conf.is_duplex)
		vc_tool_usage(s->tool, "-o: nothing comes out without "
				       "--duplex");
	if (s->conf.dest_file && s->conf.is_duplex)
		vc_tool_usage(s->tool, "--dest-file: not with --duplex");
	s->conf.places = &o->in;
	if (vc_keychain_new(&s->keychain, s->tool))
		return -EIO;
	s->conf.keychain = s->keychain;
	if (s->conf.is_duplex)
		s->conf.own = (struct vc_rtptx_own){ .tell = own, .ctx = s };
	s->tx = vc_rtptx_new(s->tool, &s->conf);
	vc_rtptx_operands(s->tx);
	vc_control_add(s->tool, commands, s);
	if (s->conf.dest_file)
		vc_tool_on_hangup(s->tool, on_hangup, s);
	vc_tool_on_stats(s->tool, vc_rtptx_fill_stats, s->tx);
	if (vc_keychain_open(s->keychain) || vc_rtptx_open(s->tx) ||
	    (s->conf.is_duplex && set_up_back(s)))
		return -EIO;
	vc_tool_batch(s->tool);
	return vc_tool_start(s->tool);
}

int main(int argc, char **argv)
{
	struct send *s = vc_alloc(1, sizeof(*s));
	struct vc_tool *t = vc_tool_new(&info);

	s->tool = t;
	vc_tool_parse(t, argc, argv, s);
	if (!set_up(s)) {
		if (s->rx)
			vc_rtprx_start(s->rx);
		vc_tool_run(t);
		if (s->rx)
			finish_back(s);
	}
	if (s->rx)
		vc_tool_off_stats(t, vc_rtprx_fill_stats, s->rx);
	if (s->tx)
		vc_tool_off_stats(t, vc_rtptx_fill_stats, s->tx);
	vc_rtprx_free(s->rx);
	s->rx = NULL;
	vc_rtptx_free(s->tx);
	vc_keychain_free(s->keychain);
	free(s);
	return vc_tool_end(t);
}
