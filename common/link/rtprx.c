/* SPDX-License-Identifier: MIT */
/*
 * A receiver's life: made, given what it listens on, opened, started, and
 * finished while its readers are still there to be told.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/rtprx_internal.h"
#include "tool/control.h"

struct vc_rtprx *vc_rtprx_new(struct vc_tool *t,
			      const struct vc_rtprx_conf *conf)
{
	struct vc_rtprx *r = vc_alloc(1, sizeof(*r));

	r->tool = t;
	r->loop = vc_tool_loop(t);
	r->conf = *conf;
	return r;
}

void vc_rtprx_free(struct vc_rtprx *r)
{
	if (!r)
		return;
	vc_out_free(r->out);
	vc_rtprx_capture_free(r);
	vc_rtprx_close_ports(r);
	vc_rtprx_early_clear(r);
	vc_roster_free(r->roster);
	free(r);
}

/* --- the end --- */

void vc_rtprx_finish(struct vc_rtprx *r)
{
	if (r->is_over)
		return;
	r->is_over = true;
	vc_rtprx_capture_stop(r);
	if (!r->conf.no_limits)
		vc_limits_stop(&r->limits);
	vc_timer_cancel(r->loop, &r->tick);
	vc_timer_cancel(r->loop, &r->roster_timer);
	vc_timer_cancel(r->loop, &r->end_timer);
	vc_rtprx_say_bye(r);
	vc_roster_end_all(r->roster, -1, VC_LEAVE_EOF);
}

static void end_due(void *ctx, int64_t now)
{
	struct vc_rtprx *r = ctx;

	(void)now;
	r->conf.enough(r->conf.ctx, r->why);
}

/* Said while a packet is being taken, which is to be finished with first. */
static void enough(void *ctx, const char *why)
{
	struct vc_rtprx *r = ctx;

	r->why = why;
	vc_timer_arm(r->loop, &r->end_timer, vc_loop_now(r->loop));
}

/* --- the beginning --- */

static void want_all(void *ctx)
{
	vc_rtprx_keyframes(ctx);
}

int vc_rtprx_open(struct vc_rtprx *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);

	r->latency = o->latency == VC_LATENCY_AUTO ? VC_PLAYOUT_AUTO :
		     o->latency > 0		   ? o->latency :
						     0;
	r->end_timer = (struct vc_timer){ .fn = end_due, .ctx = r };
	if (!r->conf.no_limits)
		vc_limits_init(&r->limits, r->tool, enough, r);
	if (vc_rtprx_roster_new(r)) {
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "out of memory");
		return -ENOMEM;
	}
	r->out = vc_out_new(r->tool, want_all, r);
	if (!r->out)
		return -EIO;
	if (r->captured)
		return vc_rtprx_capture_open(r);
	vc_rtprx_new_ssrc(r);
	return vc_rtprx_open_ports(r);
}

static void roster_due(void *ctx, int64_t now)
{
	struct vc_rtprx *r = ctx;
	int64_t next = vc_roster_tick(r->roster, now);

	if (next > now + VC_SEC)
		next = now + VC_SEC;
	vc_timer_arm(r->loop, &r->roster_timer, next);
}

void vc_rtprx_begin(struct vc_rtprx *r)
{
	int64_t now = vc_loop_now(r->loop);

	vc_control_begin(r->tool, now);
	vc_out_desc(r->out, &r->merge.sdp);
	if (!r->conf.no_limits)
		vc_limits_start(&r->limits, r->roster, now);
	r->tick = (struct vc_timer){ .fn = vc_rtprx_tick, .ctx = r };
	r->roster_timer = (struct vc_timer){ .fn = roster_due, .ctx = r };
	r->holes_room = HOLES_ROOM;
	vc_timer_arm(r->loop, &r->tick, now + VC_SEC);
	vc_timer_arm(r->loop, &r->roster_timer, now + VC_SEC);
}

void vc_rtprx_start(struct vc_rtprx *r)
{
	if (!r->captured || vc_rtprx_capture_start(r))
		vc_rtprx_begin(r);
}

bool vc_rtprx_had_media(const struct vc_rtprx *r)
{
	return r->counts.packets > 0;
}

bool vc_rtprx_is_unread(const struct vc_rtprx *r)
{
	return vc_out_is_dead(r->out);
}

/* --- key frames --- */

void vc_rtprx_keyframes(struct vc_rtprx *r)
{
	const struct vc_source *src = vc_roster_first(r->roster);

	for (; src; src = src->next) {
		if (src->user && src->kind == VC_VIDEO)
			vc_rtprx_want_key(src->user);
	}
}

int vc_rtprx_keyframe(struct vc_rtprx *r, uint32_t ssrc)
{
	const struct vc_source *src = vc_roster_first(r->roster);

	for (; src; src = src->next) {
		const struct rxsrc *s = src->user;

		if (!s || s->out_ssrc != ssrc)
			continue;
		vc_rtprx_want_key(src->user);
		return 0;
	}
	return -ENOENT;
}

/* --- statistics --- */

/* Of all ports. */
static struct vc_port_counts port_counts(const struct vc_rtprx *r,
					 uint64_t *overflow, uint64_t *errors)
{
	struct vc_port_counts sum = { 0 };

	*overflow = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct vc_port_counts *c = &r->eps[i].port->counts;

		sum.datagrams += c->datagrams;
		sum.too_short += c->too_short;
		sum.toobig += c->toobig;
		sum.notrtp += c->notrtp;
		*overflow += vc_port_overflow(r->eps[i].port);
		vc_port_add_errors(r->eps[i].port, errors);
	}
	return sum;
}

static void fill_counts(struct vc_rtprx *r, struct vc_json *j)
{
	const struct rx_counts *c = &r->counts;
	const struct vc_roster_counts *rc = vc_roster_counts(r->roster);
	uint64_t overflow, errors[VC_UDP_ERRORS] = { 0 };
	const struct vc_port_counts pc = port_counts(r, &overflow, errors);
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "datagrams", pc.datagrams },
		{ "packets", c->packets },
		{ "octets", c->octets },
		{ "sources", vc_roster_n(r->roster) },
		{ "short", pc.too_short },
		{ "toobig", pc.toobig },
		{ "notrtp", pc.notrtp },
		{ "stranger", c->stranger },
		{ "malformed", c->malformed },
		{ "pt", c->pt },
		{ "unfit", c->unfit },
		{ "repair", c->repair },
		{ "fec", c->fec },
		{ "fec_refused", c->fec_refused },
		{ "unselected", c->unselected },
		{ "crowded", c->crowded },
		{ "needless", c->needless },
		{ "candidates", rc->candidates },
		{ "evicted", rc->evicted },
		{ "full", rc->full },
		{ "host_full", rc->host_full },
		{ "collisions", rc->collisions },
		{ "own", rc->own },
		{ "loops", rc->loops },
		{ "duplicates", c->duplicates },
		{ "implausible", c->implausible },
		{ "overflow", overflow },
		{ "rtcp_in", c->rtcp_in },
		{ "rtcp_malformed", c->rtcp_malformed },
		{ "rtcp_foreign", c->rtcp_foreign },
		{ "rtcp_held", c->rtcp_held },
		{ "rtcp_out", c->rtcp_out },
		{ "nack_out", c->nack_out },
		{ "pli_out", c->pli_out },
		{ "fir_out", c->fir_out },
		{ "xr_out", c->xr_out },
		{ "twcc_out", c->twcc_out },
		{ "ccfb_out", c->ccfb_out },
		{ "remb_out", c->remb_out },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(j, rows[i].key, (int64_t)rows[i].n);
	vc_json_set(j, "errors", vc_port_errors_json(errors));
	vc_keychain_fill_stats(r->conf.keychain, j);
}

void vc_rtprx_fill_stats(void *ctx, struct vc_json *record)
{
	struct vc_rtprx *r = ctx;
	struct vc_json *j = vc_json_object();

	fill_counts(r, j);
	vc_json_set(record, "recv", j);
	vc_rtprx_fill_dtls(r, record);
	if (r->captured)
		vc_rtprx_fill_capture(r, record);
}

struct vc_json *vc_rtprx_source_stats(void *ctx, const void **pos)
{
	const struct vc_rtprx *r = ctx;
	const struct vc_source *src = *pos;
	struct vc_json *one;

	src = src ? src->next : vc_roster_first(r->roster);
	if (!src)
		return NULL;
	*pos = src;
	one = vc_json_object();
	if (src->user)
		vc_rtprx_fill_net(src->user, one);
	vc_json_set_str(one, "id", src->who->id);
	vc_json_set_str(one, "addr", src->addr);
	return one;
}
