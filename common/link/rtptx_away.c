/* SPDX-License-Identifier: MIT */
/*
 * A socket that is connected sends from the address that this machine had
 * then. When the address goes, the destinations that were sent to from it are
 * connected anew, on the same port, as soon as there is a way to them again.
 */
#include <string.h>

#include "base/time.h"
#include "link/rtptx_internal.h"

#define RETRY (200 * VC_MS)

static void try_all(void *ctx, int64_t now)
{
	struct vc_rtptx *s = ctx;
	bool is_any_away = false;

	for (struct vc_dest *d = s->dests; d; d = d->next) {
		if (!d->is_away)
			continue;
		d->is_away = vc_port_reconnect(d->port);
		d->counts.reopened += !d->is_away;
		is_any_away |= d->is_away;
	}
	if (is_any_away)
		vc_timer_arm(s->loop, &s->away_timer, now + RETRY);
}

static void on_gone(void *ctx, const struct sockaddr_storage *sa)
{
	struct vc_rtptx *s = ctx;
	bool is_any_away = false;

	for (struct vc_dest *d = s->dests; d; d = d->next) {
		d->is_away |= d->is_connected && vc_port_stood_at(d->port, sa);
		is_any_away |= d->is_away;
	}
	if (is_any_away)
		vc_timer_arm(s->loop, &s->away_timer, vc_loop_now(s->loop));
}

void vc_rtptx_watch_addrs(struct vc_rtptx *s)
{
	int err = vc_addrwatch_new(&s->addrs, s->loop, on_gone, s);

	s->away_timer = (struct vc_timer){ .fn = try_all, .ctx = s };
	if (err)
		vc_tool_note(s->tool, "addresses: watch: %s", strerror(-err));
}

void vc_rtptx_unwatch_addrs(struct vc_rtptx *s)
{
	vc_timer_cancel(s->loop, &s->away_timer);
	vc_addrwatch_free(s->addrs);
}
