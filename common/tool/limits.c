/* SPDX-License-Identifier: MIT */
/*
 * One timer, armed for the earliest of what may come true; what media changes
 * (the first packet, silence) is only noted, and looked at when it fires.
 */
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "session/roster.h"
#include "tool/limits.h"
#include "tool/tool.h"

#define CHECK_INTERVAL (100 * VC_MS)

VC_COLD static void enough(struct vc_limits *l, const char *why)
{
	if (l->is_over)
		return;
	l->is_over = true;
	l->enough(l->ctx, why);
}

/*
 * Has anybody left by BYE (2 s ago: the roster ends him then), who was not the
 * first to be silent? Who is only not heard any more may come back.
 */
static bool was_bye(const struct vc_limits *l)
{
	return l->last_bye != VC_TIME_NONE && l->last_bye >= l->last_heard;
}

static void check_empty(struct vc_limits *l, int64_t now)
{
	unsigned int n;

	/* Who relays knows of nobody. */
	if (!l->roster)
		return;
	n = vc_roster_n(l->roster);
	if (n || !l->had_source) {
		l->had_source |= n > 0;
		l->empty_since = VC_TIME_NONE;
		return;
	}
	if (l->empty_since == VC_TIME_NONE)
		l->empty_since = now;
	if (l->stop_on_bye && was_bye(l))
		enough(l, "bye");
	else if (l->stop_on_empty && now - l->empty_since >= l->stop_on_empty)
		enough(l, "empty");
}

static void check(void *ctx, int64_t now)
{
	struct vc_limits *l = ctx;
	const struct vc_options *o = vc_tool_options(l->tool);

	vc_timer_arm(vc_tool_loop(l->tool), &l->timer, now + CHECK_INTERVAL);
	if (l->first == VC_TIME_NONE) {
		if (o->wait && now - l->started >= o->wait)
			enough(l, "empty");
		return;
	}
	if (o->duration && now - l->first_now >= o->duration)
		enough(l, "duration");
	if (o->idle_timeout && now - l->last_now >= o->idle_timeout)
		enough(l, "idle");
	check_empty(l, now);
}

void vc_limits_init(struct vc_limits *l, struct vc_tool *t,
		    void (*fn)(void *ctx, const char *why), void *ctx)
{
	const struct vc_options *o = vc_tool_options(t);

	*l = (struct vc_limits){ .tool = t,
				 .enough = fn,
				 .ctx = ctx,
				 .first = VC_TIME_NONE,
				 .last_bye = VC_TIME_NONE,
				 .last_heard = VC_TIME_NONE,
				 .empty_since = VC_TIME_NONE };
	for (size_t i = 0; i < o->stop_on.n; i++) {
		const char *w = o->stop_on.v[i];

		if (!strcmp(w, "bye"))
			l->stop_on_bye = true;
		else if (!strcmp(w, "first-frame"))
			l->stop_on_first_frame = true;
		else if (!strncmp(w, "empty:", 6) &&
			 !vc_num_time(w + 6, &l->stop_on_empty))
			continue;
		else if (strcmp(w, "eof"))
			vc_tool_usage(t,
				      "--stop-on %s: bye, empty:TIME, eof "
				      "or first-frame",
				      w);
	}
}

void vc_limits_start(struct vc_limits *l, struct vc_roster *roster, int64_t now)
{
	l->roster = roster;
	l->started = now;
	l->timer = (struct vc_timer){ .fn = check, .ctx = l };
	vc_timer_arm(vc_tool_loop(l->tool), &l->timer, now + CHECK_INTERVAL);
}

bool vc_limits_packet(struct vc_limits *l, int64_t t)
{
	const struct vc_options *o = vc_tool_options(l->tool);

	if (l->is_over)
		return false;
	l->last_now = vc_loop_now(vc_tool_loop(l->tool));
	if (l->first == VC_TIME_NONE) {
		l->first = t;
		l->first_now = l->last_now;
	}
	if (o->duration && t - l->first >= o->duration) {
		enough(l, "duration");
		return false;
	}
	l->had_source = true;
	if (l->stop_on_first_frame)
		enough(l, "first-frame");
	return true;
}

void vc_limits_left(struct vc_limits *l, const struct vc_source *src)
{
	int64_t at = src->has_bye ? src->bye_arrival : src->last_heard;
	int64_t *last = src->has_bye ? &l->last_bye : &l->last_heard;

	if (at > *last)
		*last = at;
}

void vc_limits_stop(struct vc_limits *l)
{
	vc_timer_cancel(vc_tool_loop(l->tool), &l->timer);
}
