/* SPDX-License-Identifier: MIT */
/*
 * A leg goes through its phases with one timer: hello, until the far end gives
 * a token; the largest packets, up and then down; the pattern; the far end's
 * last counts; what a NAT remembers after a silence; the highest rate, one leg
 * after the other, as they may share the path. An answer may end a phase.
 */
#include <errno.h>
#include <string.h>

#include "base/rand.h"
#include "base/time.h"
#include "path.h"
#include "wire/rtp.h"

#define BATCHES 4

/* --- from phase to phase --- */

static bool has_pattern(const struct path *p)
{
	return !p->opt->finds_rate || p->trace ||
	       vc_tool_options(p->tool)->duration;
}

void path_leg_go(struct path_leg *leg, enum path_phase phase, int64_t now)
{
	struct path *p = leg->path;

	if (phase == PATH_MTU_UP && (p->opt->skips_mtu || !has_pattern(p)))
		phase = PATH_PATTERN;
	if (phase == PATH_PATTERN && !has_pattern(p))
		phase = PATH_RATE;
	if (p->is_told && phase != PATH_COUNTS)
		phase = PATH_DONE;
	leg->phase = phase;
	leg->phase_at = now;
	leg->tries = 0;
	if (phase == PATH_MTU_UP || phase == PATH_MTU_DOWN)
		path_begin_mtu(leg);
	else if (phase == PATH_PATTERN)
		path_begin_pattern(leg);
	if (phase != PATH_DONE)
		return;
	if (p->at_rate == leg)
		p->at_rate = NULL;
	vc_timer_cancel(vc_tool_loop(p->tool), &leg->timer);
	path_leg_done(leg);
}

static void tick(void *ctx, int64_t now)
{
	static int64_t (*const does[])(struct path_leg * leg, int64_t now) = {
		[PATH_HELLO] = path_hello,	 [PATH_MTU_UP] = path_try_size,
		[PATH_MTU_DOWN] = path_try_size, [PATH_PATTERN] = path_pattern,
		[PATH_COUNTS] = path_ask_counts, [PATH_IDLE] = path_idle,
		[PATH_RATE] = path_find_rate,
	};
	struct path_leg *leg = ctx;
	int64_t next;

	if (leg->phase == PATH_DONE)
		return;
	if (leg->path->opt->mode != PATH_OURS)
		next = foreign_tick(leg, now);
	else
		next = does[leg->phase](leg, now);
	if (leg->phase != PATH_DONE)
		vc_timer_arm(vc_tool_loop(leg->path->tool), &leg->timer, next);
}

/* --- in --- */

static void see_address(struct path_leg *leg, const struct vc_path_answer *a)
{
	struct path_nat *nat = &leg->nat;
	bool is_same = nat->port == a->port &&
		       !memcmp(nat->addr, a->addr, sizeof(nat->addr));

	if (leg->phase == PATH_IDLE && a->type == VC_PATH_LATER)
		nat->kept_in = true;
	else if (leg->phase == PATH_IDLE && a->type == VC_PATH_TRAIN)
		nat->kept_out = is_same;
	nat->rebinds += nat->is_seen && !is_same;
	nat->is_seen = true;
	memcpy(nat->addr, a->addr, sizeof(nat->addr));
	nat->port = a->port;
}

/* What the phase at hand waits for; it goes on at once. */
static void go_on(struct path_leg *leg, const struct vc_path_answer *a)
{
	struct vc_loop *loop = vc_tool_loop(leg->path->tool);
	int64_t now = vc_loop_now(loop);

	switch (leg->phase) {
	case PATH_HELLO:
		leg->token = a->token;
		path_leg_go(leg, PATH_MTU_UP, now);
		break;
	case PATH_MTU_UP:
	case PATH_MTU_DOWN:
		if (a->type != VC_PATH_TRAIN || a->index != leg->mtu.size)
			return;
		leg->is_asked = false;
		vc_pathmtu_came(&leg->mtu, a->index);
		break;
	case PATH_COUNTS:
		if (a->type != VC_PATH_END)
			return;
		path_after_counts(leg, now);
		break;
	case PATH_IDLE:
		if (a->type != VC_PATH_TRAIN)
			return;
		break;
	default:
		return;
	}
	if (leg->phase != PATH_DONE)
		vc_timer_arm(loop, &leg->timer, now);
}

static void take_rate(struct path_leg *leg, const struct vc_path_answer *a,
		      const struct vc_pathmeter_in *in)
{
	bool is_up = leg->path->opt->finds_rate == PATH_UP;

	if (!is_up)
		vc_rateprobe_sent(&leg->rate, a->index, a->departed);
	vc_rateprobe_arrived(&leg->rate, a->index, is_up ? a->arrived : in->at);
}

/* What was recorded in another run is authentic too, under the same key. */
static bool is_ours(const struct path_leg *leg, const struct vc_path_answer *a)
{
	if (leg->phase == PATH_HELLO)
		return a->type == VC_PATH_HELLO && a->index == leg->hello;
	return a->token == leg->token;
}

static void take_answer(struct path_leg *leg, const struct vc_path_answer *a,
			const struct vc_pathmeter_in *in)
{
	if (!is_ours(leg, a)) {
		leg->bad++;
		return;
	}
	leg->is_alive = true;
	see_address(leg, a);
	if (a->type == VC_PATH_MEDIA || a->type == VC_PATH_END)
		vc_pathmeter_answer(leg->meter, a, in);
	else if (a->type == VC_PATH_TRAIN && leg->phase == PATH_RATE &&
		 leg->has_rate)
		take_rate(leg, a, in);
	go_on(leg, a);
}

static void take(struct path_leg *leg, const struct vc_udp_msg *m)
{
	struct vc_srtp_in *ring = vc_keychain_ring(leg->path->keys);
	struct vc_pathmeter_in in = { .at = m->pkt->arrival,
				      .dscp = m->dscp,
				      .ttl = m->ttl };
	struct vc_path_answer a;
	struct vc_srtp_got got;
	size_t len = m->pkt->len;
	struct vc_rtp rtp;

	if (vc_srtp_in_open(ring, m->pkt->data, &len, m->host, m->peer,
			    vc_loop_now(vc_tool_loop(leg->path->tool)), &got) ||
	    got.is_rtcp || vc_rtp_parse(&rtp, m->pkt->data, len) ||
	    vc_path_answer_parse(&a, rtp.payload, rtp.payload_len)) {
		leg->bad++;
		return;
	}
	in.duplicates =
		(uint32_t)vc_srtp_in_bad(ring, rtp.ssrc, got.key).replayed;
	take_answer(leg, &a, &in);
}

static void drain(struct path_leg *leg, struct vc_udp *udp)
{
	struct vc_udp_msg *msgs;

	for (unsigned int k = 0; k < BATCHES && leg->phase != PATH_DONE; k++) {
		int n = vc_udp_recv(
			udp, vc_loop_now(vc_tool_loop(leg->path->tool)), &msgs);

		leg->was_refused |= n == -ECONNREFUSED;
		if (n <= 0)
			return;
		for (int i = 0; i < n && leg->phase != PATH_DONE; i++) {
			if (msgs[i].is_cut)
				leg->bad++;
			else if (leg->path->opt->mode != PATH_OURS)
				foreign_take(leg, &msgs[i]);
			else
				take(leg, &msgs[i]);
		}
	}
}

static void ready(void *ctx, unsigned int events)
{
	struct path_leg *leg = ctx;

	(void)events;
	drain(leg, leg->udp);
}

static void rtcp_ready(void *ctx, unsigned int events)
{
	struct path_leg *leg = ctx;

	(void)events;
	drain(leg, leg->rtcp);
}

/* --- opening --- */

/* 'next': the port after that, and from the one after bind=. */
static int open_socket(struct path_leg *leg, bool next, struct vc_udp **udp,
		       struct vc_watch *watch)
{
	struct path *p = leg->path;
	struct sockaddr_storage to = leg->to, local;
	struct vc_udp_conf conf = { .peer = &to,
				    .io = vc_tool_udp_io(p->tool) };
	socklen_t len;
	int err = 0;

	vc_udp_set_port(&to, (uint16_t)(vc_udp_port(&to) + next));
	if (p->bind.port) {
		err = vc_place_resolve(p->bind.host,
				       (uint16_t)(p->bind.port + next),
				       to.ss_family, SOCK_DGRAM, &local, &len);
		conf.local = &local;
	}
	if (!err)
		err = vc_udp_open(udp, vc_tool_pool(p->tool), &conf);
	if (err)
		return err;
	*watch = (struct vc_watch){ .fn = next ? rtcp_ready : ready,
				    .ctx = leg,
				    .fd = vc_udp_fd(*udp) };
	return vc_loop_watch(vc_tool_loop(p->tool), watch, VC_READ);
}

int path_leg_open(struct path_leg *leg)
{
	struct path *p = leg->path;
	int err = open_socket(leg, false, &leg->udp, &leg->watch);

	if (!err && p->has_next)
		err = open_socket(leg, true, &leg->rtcp, &leg->rtcp_watch);
	if (err)
		return err;
	leg->headers = leg->to.ss_family == AF_INET6 ? 48 : 28;
	leg->nat.kept_out = -1;
	leg->source.seal = p->seal;
	leg->source.pt = VC_PATH_PT;
	leg->meter = vc_pathmeter_new();
	if (!leg->meter)
		return -ENOMEM;
	err = vc_rand_secret(&leg->hello, sizeof(leg->hello));
	if (err)
		return err;
	return p->keys ? active_source_init(&leg->source, p->keys,
					    (uint64_t)(leg - p->leg)) :
			 0;
}

void path_leg_start(struct path_leg *leg, int64_t now)
{
	leg->timer = (struct vc_timer){ .fn = tick, .ctx = leg };
	leg->phase_at = now;
	if (leg->path->opt->mode != PATH_OURS)
		foreign_start(leg, now);
	vc_timer_arm(vc_tool_loop(leg->path->tool), &leg->timer, now);
}

void path_leg_stop(struct path_leg *leg, int64_t now)
{
	if (leg->phase == PATH_DONE || leg->phase == PATH_COUNTS)
		return;
	path_leg_go(leg, leg->phase == PATH_PATTERN ? PATH_COUNTS : PATH_DONE,
		    now);
	if (leg->phase != PATH_DONE)
		vc_timer_arm(vc_tool_loop(leg->path->tool), &leg->timer, now);
}

void path_leg_close(struct path_leg *leg)
{
	struct vc_loop *loop = vc_tool_loop(leg->path->tool);

	if (leg->timer.fn)
		vc_timer_cancel(loop, &leg->timer);
	if (leg->watch.fn)
		vc_loop_watch(loop, &leg->watch, 0);
	if (leg->rtcp_watch.fn)
		vc_loop_watch(loop, &leg->rtcp_watch, 0);
	vc_udp_close(leg->udp);
	vc_udp_close(leg->rtcp);
	vc_pathmeter_free(leg->meter);
	vc_rateprobe_clear(&leg->rate);
}
