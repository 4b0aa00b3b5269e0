/* SPDX-License-Identifier: MIT */
/*
 * The inputs of a tool: opening and closing them, what a tool asks of them,
 * and the way back to their producers. tool/in_pump.c drives them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/control.h"
#include "tool/formats.h"
#include "tool/in_capture.h"
#include "tool/sealkeys.h"
#include "tool/select.h"
#include "wire/defaults.h"

void vc_in_complain(struct vc_in *in, struct feed *f, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	in->has_failed = true;
	vc_tool_fail(in->tool, VC_EXIT_FAIL, "%s%s%s: %s", f->input.where.name,
		     f->input.where.name[0] ? "=" : "", f->input.where.text,
		     text);
}

static void feed_ready(void *ctx, struct vc_input *input)
{
	struct feed *f = ctx;

	(void)input;
	vc_in_pump(f->in);
}

static void pace_due(void *ctx, int64_t now)
{
	(void)now;
	vc_in_pump(ctx);
}

/* --- life --- */

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct vc_in *in = ctx;
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "packets", (int64_t)in->counts.packets);
	vc_json_set_int(j, "octets", (int64_t)in->counts.octets);
	vc_json_set_int(j, "sources", vc_roster_n(in->roster));
	vc_json_set_int(j, "malformed", (int64_t)in->counts.malformed);
	vc_json_set_int(j, "toobig", (int64_t)in->counts.toobig);
	vc_json_set_int(j, "pt", (int64_t)in->counts.pt);
	vc_json_set_int(j, "unfit", (int64_t)in->counts.unfit);
	vc_json_set_int(j, "lag", (int64_t)in->counts.lag);
	vc_json_set_int(j, "refused", (int64_t)in->counts.ssrcs);
	vc_json_set_int(j, "unselected", (int64_t)in->counts.unselected);
	vc_json_set_int(j, "remapped", (int64_t)in->merge.remaps);
	vc_json_set(record, "in", j);
}

static void make_roster(struct vc_in *in)
{
	const struct vc_options *o = vc_tool_options(in->tool);
	struct vc_roster_conf conf = {
		.max_sources = o->max_sources,
		.timeout = in->conf.timeout ? in->conf.timeout : 10 * VC_SEC,
		.latency = in->conf.latency,
		.begin = vc_in_source_begin,
		.change = vc_in_source_change,
		.end = vc_in_source_end,
		.who_end = vc_in_who_end,
		.ctx = in,
	};

	in->roster = vc_roster_new(&conf);
	if (!in->roster)
		exit(VC_EXIT_FAIL);
}

bool vc_in_renumbers_own(const struct vc_in *in)
{
	return in->has_clock && in->clock != VC_CLOCK_LIVE;
}

static bool is_own(void *ctx, uint32_t ssrc)
{
	const struct vc_in *in = ctx;

	return vc_in_renumbers_own(in) && vc_roster_is_own(in->roster, ssrc);
}

bool vc_in_has_ssrc(struct vc_in *in, uint32_t ssrc)
{
	for (size_t i = 0; i < in->n; i++)
		if (vc_merge_back(&in->merge, i, ssrc))
			return true;
	return false;
}

struct vc_in *vc_in_new(struct vc_tool *t, const struct vc_words *places,
			const struct vc_in_conf *conf,
			const struct vc_in_ops *ops, void *ctx)
{
	struct vc_in *in = vc_alloc(1, sizeof(*in));
	char why[256];

	in->tool = t;
	in->loop = vc_tool_loop(t);
	in->conf = *conf;
	in->ops = *ops;
	in->ctx = ctx;
	in->n = places->n ? places->n : 1;
	in->feeds = vc_alloc(in->n, sizeof(*in->feeds));
	in->signal_watch.fd = -1;
	for (size_t i = 0; i < in->n; i++) {
		const char *text = places->n ? places->v[i] : "-";
		struct feed *f = &in->feeds[i];

		*f = (struct feed){ .in = in,
				    .index = i,
				    .t = VC_TIME_NONE,
				    .arrival = VC_TIME_NONE,
				    .lag_base = INT64_MAX,
				    .control_fd = -1 };
		f->input.ready = feed_ready;
		f->input.ctx = f;
		f->input.tool = t;
		f->input.nth = (unsigned int)i;
		f->input.watch.fd = f->input.accept_watch.fd = -1;
		if (vc_place_parse(&f->input.where, text, conf->with_names, why,
				   sizeof(why)))
			vc_tool_usage(t, "%s: %s", text, why);
		f->input.keeps_captures = conf->captures && in->n == 1;
		if (f->input.where.kind == VC_PLACE_RTP ||
		    (f->input.where.kind == VC_PLACE_CAPTURE &&
		     !f->input.keeps_captures && !conf->captures_as_streams))
			vc_tool_usage(t,
				      "%s: packets from a network come "
				      "through vc-recv: `vc-recv %s | %s`",
				      text, text, vc_tool_name(t));
	}
	if (!conf->captures && vc_select_by_call(&vc_tool_options(t)->select))
		vc_tool_usage(t, "--select call=: only captures of SIP tell: "
				 "it is vc-recv's");
	vc_merge_init(&in->merge, in->n, vc_tool_rand(t));
	in->merge.is_own = is_own;
	in->merge.ctx = in;
	make_roster(in);
	if (!conf->is_side)
		vc_limits_init(&in->limits, t, vc_in_enough, in);
	in->roster_timer =
		(struct vc_timer){ .fn = vc_in_roster_due, .ctx = in };
	in->pace_timer = (struct vc_timer){ .fn = pace_due, .ctx = in };
	in->end_timer = (struct vc_timer){ .fn = vc_in_end_due, .ctx = in };
	in->gather_timer =
		(struct vc_timer){ .fn = vc_in_gather_due, .ctx = in };
	in->wait_timer = (struct vc_timer){ .fn = vc_in_wait_due, .ctx = in };
	if (!conf->is_side)
		vc_tool_on_signal(t, vc_in_on_signal, in);
	vc_tool_on_stats(t, fill_stats, in);
	return in;
}

static int open_sdp(struct vc_in *in)
{
	const struct vc_options *o = vc_tool_options(in->tool);
	int err;

	if (in->conf.is_side || (!o->sdp && !o->pt.n))
		return 0;
	err = vc_formats_load(in->tool, o->sdp, &o->pt, &in->sdp_text,
			      &in->sdp_len);
	return err ? err : vc_formats_unique(&in->sdp_text, &in->sdp_len);
}

int vc_in_open(struct vc_in *in)
{
	int64_t wait = vc_tool_options(in->tool)->wait;
	int err = open_sdp(in);

	if (!err && in->conf.iface)
		return vc_in_capture_listen(in);
	for (size_t i = 0; !err && i < in->n; i++) {
		struct feed *f = &in->feeds[i];
		char ready[256];

		f->input.sdp = in->sdp_text;
		f->input.sdp_len = in->sdp_len;
		err = vc_sealkeys_of(in->tool, &f->input.sealed.keys);
		if (err)
			break;
		err = vc_input_open(&f->input, in->loop, ready, sizeof(ready));
		if (err == -ENOTTY)
			vc_tool_usage(in->tool,
				      "a stream does not come from a "
				      "terminal: try `vc-capture test: | %s "
				      "...`",
				      vc_tool_name(in->tool));
		if (err)
			vc_in_complain(in, f, "open: %s", ready);
		else if (ready[0])
			vc_tool_ready(in->tool, ready);
	}
	if (!err && wait && !in->conf.is_side)
		vc_timer_arm(in->loop, &in->wait_timer,
			     vc_loop_now(in->loop) + wait);
	return err;
}

void vc_in_free(struct vc_in *in)
{
	if (!in)
		return;
	vc_tool_off_stats(in->tool, fill_stats, in);
	if (!in->conf.is_side)
		vc_limits_stop(&in->limits);
	vc_timer_cancel(in->loop, &in->roster_timer);
	vc_timer_cancel(in->loop, &in->pace_timer);
	vc_timer_cancel(in->loop, &in->end_timer);
	vc_timer_cancel(in->loop, &in->gather_timer);
	vc_timer_cancel(in->loop, &in->wait_timer);
	for (size_t i = 0; i < in->n; i++) {
		struct feed *f = &in->feeds[i];

		vc_input_close(&f->input);
		if (f->control_fd >= 0)
			close(f->control_fd);
		free(f->control);
	}
	if (in->signal_watch.fd >= 0) {
		vc_loop_watch(in->loop, &in->signal_watch, 0);
		close(in->signal_watch.fd);
	}
	vc_in_capture_free(in);
	vc_roster_free(in->roster);
	vc_routes_free(&in->routes);
	vc_in_as_free(in);
	vc_merge_clear(&in->merge);
	free(in->sdp_text);
	free(in->gathered);
	free(in->feeds);
	free(in);
}

void vc_in_suspend(struct vc_in *in, bool is_suspended)
{
	if (in->is_finished)
		return;
	in->is_suspended = is_suspended;
	/* Is there something already? */
	vc_in_pump(in);
}

struct vc_roster *vc_in_roster(struct vc_in *in)
{
	return in->roster;
}

size_t vc_in_n(const struct vc_in *in)
{
	return in->n;
}

const char *vc_in_name(const struct vc_in *in, size_t i)
{
	return in->feeds[i].input.where.name;
}

const struct vc_sdp *vc_in_sdp(const struct vc_in *in)
{
	if (in->capture)
		return in->capture->sdp;
	return in->has_desc ? &in->merge.sdp : NULL;
}

struct vc_str vc_in_fmtp_by(const struct vc_sdp *sdp,
			    const struct vc_source *src)
{
	const struct vc_sdp_fmt *fmt;

	if (src->is_by_call || !sdp ||
	    !vc_sdp_find_pt(sdp, (uint8_t)src->pt, NULL, &fmt))
		return vc_str_of(NULL, 0);
	return fmt->fmtp;
}

struct vc_str vc_in_fmtp(const struct vc_in *in, const struct vc_source *src)
{
	return vc_in_fmtp_by(vc_in_sdp(in), src);
}

enum vc_clock_kind vc_in_clock(const struct vc_in *in)
{
	return in->clock;
}

bool vc_in_is_routed(const struct vc_in *in, uint32_t ssrc, const char *who)
{
	if (vc_tool_options(in->tool)->as)
		return true;
	return vc_routes_has(in->routes, ssrc, who);
}

uint64_t vc_in_routes(const struct vc_in *in)
{
	return in->n_routes;
}

bool vc_in_is_addressed(const struct vc_in *in, uint32_t ssrc)
{
	if (vc_tool_options(in->tool)->as)
		return false;
	return vc_routes_is_addressed(in->routes, ssrc);
}

/* --- feedback --- */

static void send_back(struct vc_in *in, uint32_t ssrc, bool is_key,
		      uint64_t bps)
{
	ssrc = vc_in_as_behind(in, ssrc);
	for (size_t i = 0; i < in->n; i++) {
		struct feed *f = &in->feeds[i];
		struct vc_merge_ssrc *e = vc_merge_back(&in->merge, i, ssrc);
		int64_t now = vc_loop_now(in->loop);
		char line[64];

		if (!e || !f->control)
			continue;
		if (is_key && e->last_key && now - e->last_key < VC_SEC)
			return;
		if (is_key) {
			e->last_key = now;
			snprintf(line, sizeof(line), "keyframe %u", e->from);
		} else {
			snprintf(line, sizeof(line), "bitrate %llu %u",
				 (unsigned long long)bps, e->from);
		}
		vc_control_send(&f->control_fd, f->control, line);
		return;
	}
}

void vc_in_keyframe(struct vc_in *in, uint32_t ssrc)
{
	send_back(in, ssrc, true, 0);
}

void vc_in_bitrate(struct vc_in *in, uint32_t ssrc, uint64_t bps)
{
	send_back(in, ssrc, false, bps);
}
