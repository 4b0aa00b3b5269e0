/* SPDX-License-Identifier: MIT */
/* The clients of a relay: who they are, and the ports that they have. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "relay.h"

uint64_t client_tag(const struct client *c)
{
	return (uint64_t)c->generation << 32 | (uint64_t)(c - c->r->clients);
}

struct client *client_by_tag(struct relay *r, uint64_t tag)
{
	struct client *c = &r->clients[tag & UINT32_MAX];

	if (c->udp && c->generation == tag >> 32)
		return c;
	r->counts.gone++;
	return NULL;
}

void client_free(struct client *c)
{
	vc_loop_watch(c->r->im->loop, &c->watch, 0);
	vc_udp_close(c->udp);
	c->udp = NULL;
}

/* A socket to the far address, in place of the one before. */
static int bind_anew(struct client *c)
{
	struct relay *r = c->r;
	struct vc_udp_conf conf = {
		.peer = &r->far_addr,
		.io = vc_tool_udp_io(r->im->tool),
	};
	struct vc_udp *udp;
	int err = vc_udp_open(&udp, vc_tool_pool(r->im->tool), &conf);

	if (err)
		return err;
	if (c->udp)
		client_free(c);
	c->udp = udp;
	c->watch = (struct vc_watch){ .fn = relay_far_ready,
				      .ctx = c,
				      .fd = vc_udp_fd(udp) };
	err = vc_loop_watch(r->im->loop, &c->watch, VC_READ);
	if (err)
		client_free(c);
	return err;
}

static struct client *free_slot(struct relay *r)
{
	for (size_t i = 0; i < r->cap; i++) {
		if (!r->clients[i].udp)
			return &r->clients[i];
	}
	return NULL;
}

static struct client *client_new(struct relay *r, const struct vc_udp_msg *m)
{
	struct client *c = free_slot(r);
	char text[128];
	int err;

	vc_place_addr_text(m->from, text, sizeof(text));
	if (!vc_addr_may_come(&r->im->allowed, m->from) ||
	    !vc_addr_may_latch(&r->im->allowed, m->from)) {
		r->counts.stranger++;
		vc_tool_warn_limited(
			r->im->tool, &r->warn_stranger,
			"%s: not relayed for (cure: --allow or --open)", text);
		return NULL;
	}
	if (!c) {
		r->counts.full++;
		vc_tool_warn_limited(r->im->tool, &r->warn,
				     "%s: refused: %zu clients are here", text,
				     r->cap);
		return NULL;
	}
	c->r = r;
	err = bind_anew(c);
	if (err) {
		vc_tool_warn_limited(r->im->tool, &r->warn, "%s: open: %s",
				     r->far.text, strerror(-err));
		return NULL;
	}
	c->addr = *m->from;
	c->peer = m->peer;
	c->generation++;
	vc_tool_note(r->im->tool, "%s: a new client", text);
	return c;
}

struct client *client_of(struct relay *r, const struct vc_udp_msg *m)
{
	for (size_t i = 0; i < r->cap; i++) {
		struct client *c = &r->clients[i];

		if (c->udp && c->peer == m->peer &&
		    vc_udp_same(&c->addr, m->from, true))
			return c;
	}
	return client_new(r, m);
}

void clients_expire(void *ctx, int64_t now)
{
	struct relay *r = ctx;

	vc_timer_arm(r->im->loop, &r->timer, now + VC_SEC);
	for (size_t i = 0; i < r->cap; i++) {
		struct client *c = &r->clients[i];

		if (!c->udp || now - c->last < r->im->timeout)
			continue;
		client_free(c);
		r->counts.expired++;
	}
}

/* --- other ports --- */

static void rebind_all(struct relay *r)
{
	int err = 0;

	for (size_t i = 0; i < r->cap; i++) {
		if (r->clients[i].udp && !err)
			err = bind_anew(&r->clients[i]);
	}
	if (err)
		vc_tool_warn_limited(r->im->tool, &r->warn, "%s: open: %s",
				     r->far.text, strerror(-err));
	r->counts.rebinds++;
}

/* In the acts, but once only where nothing went up since the last. */
static void rebind_told(struct relay *r, uint64_t number)
{
	const struct vc_impair_act act = {
		.stream = VC_IMPAIR_REBIND,
		.number = number,
	};

	if (!r->im->acts || number == r->rebound_at)
		return;
	r->rebound_at = number;
	files_act(&r->im->way[UP], &act);
}

void clients_rebind_again(struct relay *r)
{
	struct way *way = &r->im->way[UP];
	uint64_t number = vc_impair_counts(way->net)->out_packets;

	if (!vc_impair_acts_of(&r->im->script[UP], VC_IMPAIR_REBIND, number))
		return;
	relay_flush(r->im);
	rebind_told(r, number);
	rebind_all(r);
}

/* The next time of rebind= after the last that was done; INT64_MAX: none. */
static int64_t next_rebind(const struct relay *r)
{
	int64_t next = INT64_MAX;

	for (size_t w = 0; w < r->im->n_ways; w++) {
		const struct way *way = &r->im->way[w];

		for (size_t i = 0; i < way->plan.n; i++) {
			const struct vc_impair_rule *rule = &way->plan.rules[i];
			int64_t t = way->begin + rule->from;

			if (rule->key == VC_IMPAIR_KEY_REBIND &&
			    t > r->rebound && t < next)
				next = t;
		}
	}
	return next;
}

static void rebind_due(void *ctx, int64_t now)
{
	struct relay *r = ctx;

	r->rebound = now;
	rebind_told(r, vc_impair_counts(r->im->way[UP].net)->out_packets + 1);
	rebind_all(r);
	relay_replan(r->im);
}

void relay_replan(struct impair *im)
{
	struct relay *r = im->relay;
	int64_t next = next_rebind(r);

	if (next <= vc_loop_now(im->loop))
		rebind_due(r, vc_loop_now(im->loop));
	else if (next < INT64_MAX)
		vc_timer_arm(im->loop, &r->rebind, next);
	else
		vc_timer_cancel(im->loop, &r->rebind);
}

void clients_rebind_from(struct relay *r, int64_t now)
{
	r->rebind = (struct vc_timer){ .fn = rebind_due, .ctx = r };
	r->rebound = now - 1;
	relay_replan(r->im);
}
