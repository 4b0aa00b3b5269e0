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
#include "base/num.h"
#include "base/time.h"
#include "send.h"
#include "tool/control.h"

#define AUTO_BATCH (2 * VC_MS)

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
		s->rate_bps = 0;
		s->is_unpaced = !strcmp(arg, "off");
		if (s->is_unpaced || !strcmp(arg, "media"))
			return 0;
		return vc_opt_rate(state, arg, &s->rate_bps);
	case KEY_SDP_OUT:
		s->sdp_out = arg;
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

/* --- what comes in --- */

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	sdpout_desc(ctx, sdp);
}

static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	struct send *s = ctx;
	const char *ev = vc_json_get_str(event, "ev");

	(void)text;
	(void)len;
	if (ev && !strcmp(ev, "route"))
		s->routes++;
}

static bool on_held(void *ctx)
{
	const struct send *s = ctx;
	bool is_busy = false;

	for (size_t i = 0; i < s->n; i++)
		is_busy |= dest_is_busy(&s->dests[i]);
	return s->rate_bps && is_busy;
}

static void flush(void *ctx)
{
	struct send *s = ctx;

	for (size_t i = 0; i < s->n; i++) {
		if (dest_is_busy(&s->dests[i]))
			dest_flush(&s->dests[i]);
	}
}

static void on_end(void *ctx, int64_t now)
{
	struct send *s = ctx;

	(void)now;
	for (size_t i = 0; s->rate_bps && i < s->n; i++)
		dest_give_up(&s->dests[i]);
	for (size_t i = 0; i < s->n_groups; i++) {
		struct stream *st = s->groups[i].streams;

		for (; st; st = st->next)
			stream_bye(st);
	}
	flush(s);
}

/* --- statistics --- */

static void add_feedback(const struct dest *d, struct vc_json *j)
{
	struct vc_json *list = vc_json_array();

	for (const struct feedback *f = d->feedback; f; f = f->next) {
		struct vc_json *one = vc_json_object();

		vc_json_set_int(one, "ssrc", f->ssrc);
		vc_json_set_int(one, "reports", (int64_t)f->reports);
		vc_json_set_real(one, "fraction_lost",
				 (double)f->fraction / 256, 4);
		vc_json_set_int(one, "lost", f->lost);
		vc_json_set_real(
			one, "jitter_ms",
			f->rate_hz ? (double)f->jitter * 1000 / f->rate_hz : 0,
			3);
		if (f->rtt >= 0)
			vc_json_set_real(one, "rtt_ms", (double)f->rtt / VC_MS,
					 3);
		else
			vc_json_set_null(one, "rtt_ms");
		vc_json_add(list, one);
	}
	vc_json_set(j, "feedback", list);
}

static struct vc_json *dest_record(const struct dest *d)
{
	const struct dest_counts *c = &d->counts;
	struct vc_json *j = vc_json_object();
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "packets", c->packets },
		{ "octets", c->octets },
		{ "dropped", c->dropped },
		{ "refused", c->refused },
		{ "errors", c->errors },
		{ "rtcp_out", c->rtcp_out },
		{ "rtcp_in", c->rtcp_in },
		{ "pli", c->plis },
		{ "nack", c->nacks },
		{ "rtcp_malformed", c->rtcp_malformed },
	};

	if (d->where.name[0])
		vc_json_set_str(j, "name", d->where.name);
	vc_json_set_str(j, "to", d->where.text);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(j, rows[i].key, (int64_t)rows[i].n);
	add_feedback(d, j);
	return j;
}

static void fill_stats(void *ctx, struct vc_json *record)
{
	const struct send *s = ctx;
	struct vc_json *list = vc_json_array(), *j = vc_json_object();

	for (size_t i = 0; i < s->n; i++)
		vc_json_add(list, dest_record(&s->dests[i]));
	vc_json_set_int(j, "unrouted", (int64_t)s->unrouted);
	vc_json_set_int(j, "keyframes", (int64_t)s->keyframes);
	vc_json_set(record, "send", j);
	vc_json_set(record, "destinations", list);
}

/* --- wiring --- */

static const struct vc_in_ops ops = {
	.desc = on_desc,
	.rtp = send_rtp,
	.rtcp = send_rtcp,
	.event = on_event,
	.begin = send_begin,
	.change = send_change,
	.gone = send_gone,
	.held = on_held,
	.end = on_end,
};

static int run_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct send *s = ctx;
	const struct vc_source *src = vc_roster_first(vc_in_roster(s->in));

	(void)argv;
	if (argc > 1) {
		vc_json_set_str(reply, "error", "keyframe has no argument");
		return -EINVAL;
	}
	for (; src; src = src->next)
		vc_in_keyframe(s->in, src->ssrc);
	return 0;
}

static const struct vc_command commands[] = {
	{ "keyframe", "", "ask the producers for key frames", run_keyframe },
	{ 0 },
};

static int set_up(struct send *s)
{
	const struct vc_in_conf conf = { .faces_world = true };
	struct vc_options *o = vc_tool_options_mut(s->tool);

	s->loop = vc_tool_loop(s->tool);
	s->routes = 1;
	o->fast |= s->is_unpaced;
	send_parse(s);
	s->in = vc_in_new(s->tool, &o->in, &conf, &ops, s);
	vc_control_add(s->tool, commands, s);
	vc_tool_on_stats(s->tool, fill_stats, s);
	if (send_open(s) || vc_in_open(s->in))
		return -EIO;
	s->hook = (struct vc_hook){ .fn = flush, .ctx = s };
	vc_loop_add_hook(s->loop, &s->hook);
	vc_loop_set_batch(s->loop, o->batch < 0 ? AUTO_BATCH : o->batch);
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
	vc_tool_off_stats(t, fill_stats, s);
	send_free_streams(s);
	vc_in_free(s->in);
	sdpout_free(s);
	send_close(s);
	free(s);
	return vc_tool_end(t);
}
