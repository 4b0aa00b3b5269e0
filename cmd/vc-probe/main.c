/* SPDX-License-Identifier: MIT */
/* vc-probe: the stream in (and on, with --pass), the report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acts_out.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "calls.h"
#include "decode.h"
#include "judge.h"
#include "probe.h"
#include "reffile.h"
#include "top.h"
#include "tool/place.h"
#include "verbs.h"
#include "wire/rtcp.h"

#define TICK (CHAIN_STEP_MS * VC_MS)
#define LATENCY (CHAIN_LATENCY_MS * VC_MS)

/* --- the stream --- */

static void interval_due(void *ctx, int64_t now)
{
	struct probe *p = ctx;
	int64_t due = p->due;

	if (now > p->to)
		return;
	/* A loop that was held up is late once, and not from then on. Worked
	 * out, not walked: a stream's time may leap by years. */
	if (p->due <= now)
		p->due += ((now - p->due) / p->every + 1) * p->every;
	vc_timer_arm(vc_tool_loop(p->tool), &p->timer, p->due);
	if (now > p->timed)
		report_interval(p, now, due);
}

static int64_t end_of(const struct probe *p, int64_t now)
{
	if (p->last_t != VC_TIME_NONE)
		now = p->last_t;
	return now < p->to ? now : p->to;
}

static bool is_held(void *ctx)
{
	const struct probe *p = ctx;

	for (const struct meter *m = p->first; m; m = m->next) {
		if (decoder_held(m->decoder))
			return true;
	}
	return false;
}

static void tick(void *ctx, int64_t now)
{
	struct probe *p = ctx;

	if (now < p->to || is_held(p))
		vc_timer_arm(vc_tool_loop(p->tool), &p->tick, now + TICK);
	for (struct meter *m = p->first; m; m = m->next)
		meter_tick(m, now);
}

static void on_start(void *ctx, int64_t now)
{
	struct probe *p = ctx;
	struct vc_loop *loop = vc_tool_loop(p->tool);

	p->start = now;
	p->from = now + p->opt->from;
	if (p->opt->to && p->opt->to < INT64_MAX - now)
		p->to = now + p->opt->to;
	p->timed = p->stepped = p->from;
	p->due = p->from + p->every;
	p->hook = (struct vc_hook){ .fn = report_check, .ctx = p };
	vc_loop_add_hook(loop, &p->hook);
	p->timer = (struct vc_timer){ .fn = interval_due, .ctx = p };
	p->tick = (struct vc_timer){ .fn = tick, .ctx = p };
	if (p->every)
		vc_timer_arm(loop, &p->timer, p->due);
	if (decode_wanted(p))
		vc_timer_arm(loop, &p->tick, now + TICK);
}

static void on_change(void *ctx, struct vc_source *src,
		      struct vc_participant *was)
{
	(void)was;
	if (src->user)
		meter_change(ctx, src->user, src);
}

static void on_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct probe *p = ctx;
	int64_t end = end_of(p, vc_loop_now(vc_tool_loop(p->tool)));

	if (src->has_bye && src->bye_arrival < end)
		end = src->bye_arrival;
	if (src->user)
		meter_end(p, src->user, end, why);
	if (src->user && p->opt->calls)
		calls_end(p, src->user);
	src->user = NULL;
}

static bool is_in_part(const struct probe *p, int64_t t)
{
	return t >= p->from && t < p->to;
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct probe *p = ctx;

	if (!is_in_part(p, pkt->arrival))
		return;
	if (!src->user)
		src->user = meter_begin(p, src);
	if (src->user)
		meter_rtp(p, src->user, src, pkt, rtp);
	if (src->user && p->acts)
		acts_out_rtp(p->acts, &((struct meter *)src->user)->acts, src,
			     pkt, rtp);
}

static void on_rtcp(void *ctx, struct vc_packet *pkt)
{
	if (is_in_part(ctx, pkt->arrival))
		meter_rtcp(ctx, pkt);
}

static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	const char *ev = vc_json_get_str(event, "ev");
	bool is_net = !strcmp(ev, "net");
	struct meter *m;
	int64_t ssrc;

	(void)text;
	(void)len;
	if ((!is_net && strcmp(ev, "route")) ||
	    !vc_json_get_int(event, "ssrc", &ssrc))
		return;
	m = meter_find(ctx, (uint32_t)ssrc);
	if (m && is_net)
		meter_net(m, event);
	else if (m)
		meter_route(m, event);
}

static void on_time(void *ctx, int64_t now)
{
	struct probe *p = ctx;

	p->last_t = now;
	p->has_time = true;
}

static void on_raw(void *ctx, const uint8_t *frame, size_t len,
		   enum vc_frame_type type)
{
	struct probe *p = ctx;
	struct vc_rtp rtp;

	if (type == VC_FRAME_RTP)
		p->malformed += vc_rtp_parse(&rtp, frame + 2, len - 2) != 0;
	else if (type == VC_FRAME_RTCP)
		p->malformed += vc_rtcp_check(frame + 2, len - 2) != 0;
	p->has_time |= type == VC_FRAME_TIME;
	if (p->out)
		vc_out_raw(p->out, frame, len);
	/* Descriptions come before there is a time. */
	if (p->opt->packets &&
	    (p->last_t == VC_TIME_NONE || is_in_part(p, p->last_t)))
		packets_frame(p, frame, len, type);
}

static void on_end(void *ctx, int64_t now)
{
	struct probe *p = ctx;
	struct vc_loop *loop = vc_tool_loop(p->tool);

	p->is_reported = true;
	vc_timer_cancel(loop, &p->timer);
	vc_timer_cancel(loop, &p->tick);
	now = end_of(p, now);
	if (p->every)
		report_interval(p, now, now > p->stepped ? now : p->stepped);
	top_close(p->top);
	p->top = NULL;
	report_write(p, now);
}

static const struct vc_in_ops in_ops = {
	.start = on_start,
	.rtp = on_rtp,
	.rtcp = on_rtcp,
	.event = on_event,
	.time = on_time,
	.raw = on_raw,
	.change = on_change,
	.gone = on_gone,
	.held = is_held,
	.end = on_end,
};

/* --- opening --- */

static bool is_file(const struct vc_words *args)
{
	struct vc_place place;
	struct stat st;
	char why[256];

	if (!args->n)
		return !fstat(STDIN_FILENO, &st) && S_ISREG(st.st_mode);
	return !vc_place_parse(&place, args->v[0], true, why, sizeof(why)) &&
	       place.kind == VC_PLACE_PATH && !stat(place.path, &st) &&
	       S_ISREG(st.st_mode);
}

static void check_capture(struct vc_tool *t, const struct probe_options *o)
{
	if (o->filter && !o->iface)
		vc_tool_usage(t, "--filter is for --iface");
	if (o->iface && vc_tool_options(t)->args.n)
		vc_tool_usage(t, "--iface and %s: either the one or the other",
			      vc_tool_options(t)->args.v[0]);
	if (o->iface && (o->pass || o->packets))
		vc_tool_usage(t, "--iface: with --pass and --packets as "
				 "`vc-recv --iface ... | vc-probe`");
}

static int open_streams(struct probe *p)
{
	/* What goes on as a stream, or is shown as one, is read as one. */
	bool is_stream = p->opt->pass || p->opt->packets;
	const struct vc_in_conf conf = {
		.with_names = true,
		.latency = LATENCY,
		.captures = !is_stream,
		.captures_as_streams = is_stream,
		.iface = p->opt->iface,
		.filter = p->opt->filter,
		.is_heuristic = p->opt->heuristic,
	};
	static const struct vc_words no_places = { 0 };
	const struct vc_options *o = vc_tool_options(p->tool);
	int err;

	p->is_file = is_file(&o->args);
	p->in = vc_in_new(p->tool, &o->args, &conf, &in_ops, p);
	err = vc_in_open(p->in);
	if (err || !p->opt->pass)
		return err;
	p->out = vc_out_new_places(p->tool, &no_places, NULL, NULL);
	return p->out ? 0 : -EIO;
}

static void close_all(struct probe *p)
{
	if (p->hook.fn)
		vc_loop_remove_hook(vc_tool_loop(p->tool), &p->hook);
	vc_out_free(p->out);
	vc_in_free(p->in);
	meter_free_all(p);
	reffile_close(p->ref);
	judge_close(p->judge);
	acts_out_close(p->acts);
	vc_rulewatch_free(p->watch);
	vc_json_free(p->baseline);
	top_close(p->top);
	report_close(p);
	for (size_t i = 0; i < p->n_heard; i++)
		free((void *)(uintptr_t)p->heard[i]);
	for (size_t i = 0; i < p->n_seen; i++)
		free((void *)(uintptr_t)p->seen[i]);
}

static void run(struct probe *p)
{
	if (p->top)
		top_start(p->top);
	vc_tool_run(p->tool);
	/* The reader of --pass left: what was measured is not lost. */
	if (p->start != VC_TIME_NONE && !p->is_reported)
		on_end(p, vc_loop_now(vc_tool_loop(p->tool)));
}

/* What more than one operand may have been meant for. */
static void say_stray(struct vc_tool *t)
{
	const struct vc_words *args = &vc_tool_options(t)->args;
	const char *near = vc_tool_near_verb(&probe_info, args->v[0]);
	char safe[128];

	for (size_t i = 0; i < args->n; i++) {
		const struct vc_tool_verb *v = probe_info.verbs;

		vc_escape(safe, sizeof(safe), args->v[i], strlen(args->v[i]));
		if (!access(args->v[i], F_OK))
			continue;
		while (v->info &&
		       strcmp(v->info->name + strlen("vc-probe "), args->v[i]))
			v++;
		if (v->info)
			vc_tool_usage(t,
				      "%s: commands come first, as "
				      "vc-probe %s",
				      safe, safe);
		if (!i && near)
			vc_tool_usage(t, "%s: did you mean %s?", safe, near);
		if (strpbrk(args->v[i], "<>"))
			vc_tool_usage(t, "%s: a rule needs -e", safe);
	}
	vc_tool_usage(t, "one INPUT at most; vc-mix merges");
}

/* One report there is. */
static void check_report(struct vc_tool *t, const struct probe_options *o)
{
	if (o->csv && (o->json || o->packets || o->tap))
		vc_tool_usage(t, "--csv: not with --json, --packets, --tap: "
				 "one report there is");
	if (o->tap && (o->json || o->packets || (o->interval && !o->series)))
		vc_tool_usage(t, "--tap: not with --json, --packets, "
				 "--interval: one report there is");
	if (o->top && o->packets)
		vc_tool_usage(t, "--top: not with --packets: one screen there "
				 "is");
}

static int measure(int argc, char **argv)
{
	struct probe *p = vc_alloc(1, sizeof(*p));
	struct probe_options own = { 0 };
	struct vc_tool *t = vc_tool_new(&probe_info);
	int code;

	vc_tool_parse(t, argc, argv, &own);
	p->tool = t;
	p->opt = &own;
	p->start = p->last_t = p->shown_t = VC_TIME_NONE;
	p->to = INT64_MAX;
	p->video_room.max = VC_FRAMESTAT_ROOM;
	p->every = own.interval	       ? own.interval :
		   own.html || own.top ? VC_SEC :
					 0;
	p->shown_arrival = p->shown_start = VC_TIME_NONE;
	if (own.list) {
		const struct vc_metrics known = metrics_known();
		const char *stray = vc_metrics_stray(&known);

		metrics_list();
		if (stray)
			vc_tool_fail(t, VC_EXIT_FAIL, "%s: no metric", stray);
	} else {
		if (vc_tool_options(t)->args.n > 1)
			say_stray(t);
		check_capture(t, &own);
		check_report(t, &own);
		calls_check(p);
		metrics_parse(p);
		overtime_begin(p);
		baseline_open(p);
		if (vc_hashkey_init(&p->hash))
			vc_tool_fail(t, VC_EXIT_FAIL, "no random numbers");
		if (own.impair_out)
			p->acts = acts_out_new(t, own.impair_out);
		if (!judge_open(&p->judge, p) && !report_open(p)) {
			if (!open_streams(p) &&
			    !(own.top && top_open(&p->top, p)) &&
			    !vc_tool_start(t))
				run(p);
			if (!p->is_reported)
				report_nothing(p);
		}
		close_all(p);
	}
	free(own.heard.v);
	free(own.seen.v);
	free(own.expect.v);
	free(own.expect_files.v);
	free(own.tolerances.v);
	code = vc_tool_end(t);
	free(p);
	return code;
}

int main(int argc, char **argv)
{
	const struct vc_tool_verb *verb = vc_tool_verb(&probe_info, argc, argv);

	return verb ? verb->run(argc - 1, argv + 1) : measure(argc, argv);
}
