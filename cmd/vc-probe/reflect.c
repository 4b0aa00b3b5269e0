/* SPDX-License-Identifier: MIT */
/*
 * vc-probe reflect: answers the probes of vc-probe path, or with --plain sends
 * back what comes. What has the key is opened by the keyring, which takes no
 * packet twice; session/reflect.h says whether it is answered, and with how
 * much. The rest costs a look at its address and at most one trial of the key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "echoes.h"
#include "link/addrrule.h"
#include "session/reflect.h"
#include "tool/limits.h"
#include "verbs.h"
#include "wire/rtp.h"

#define BATCHES 4 /* of 64 datagrams, before others have their turn */
#define IDLE (60 * VC_SEC)
#define MAX_BPS UINT64_C(200000000)
#define TICK (10 * VC_MS)

enum {
	KEY_ALLOW = VC_KEY_OWN,
	KEY_OPEN,
	KEY_PLAIN,
	KEY_MAX_RATE,
	KEY_MAX_SESSIONS,
};

struct reflecting {
	struct vc_tool *tool;
	struct vc_addr_rules rules;
	bool is_plain;
	uint64_t max_bps;
	int64_t max_sessions;
	struct vc_place place;
	struct vc_keychain *keys; /* NULL: --plain */
	struct vc_seal *seal;
	struct vc_udp *udp;
	struct vc_watch watch;
	struct vc_timer timer;
	struct vc_limits limits;
	struct vc_reflect reflect;
	struct vc_pace pace; /* of --plain */
	struct echoes *sent;
	uint64_t draws;
	bool had_any;
	/* What goes out at once. */
	size_t n;
	struct vc_udp_piece piece[VC_UDP_BATCH];
	struct sockaddr_storage to[VC_UDP_BATCH];
	uint8_t (*buf)[ACTIVE_ROOM];
	struct {
		uint64_t strangers, malformed, toobig, unsent, echoed, repeated;
	} counts;
};

static const struct argp_option options[] = {
	ACTIVE_KEY_OPTION,
	{ "allow", KEY_ALLOW, "CIDR", 0,
	  "take packets from these addresses only (repeatable), as "
	  "192.0.2.0/24",
	  0 },
	{ "plain", KEY_PLAIN, NULL, 0,
	  "without a key: send every packet back as it came", 0 },
	{ "open", KEY_OPEN, NULL, 0,
	  "with --plain: to any address, not only to near ones and to those "
	  "of --allow",
	  0 },
	{ "max-rate", KEY_MAX_RATE, "RATE", 0,
	  "send no more than that in all (default 200M)", 0 },
	{ "max-sessions", KEY_MAX_SESSIONS, "N", 0,
	  "answer at most so many at once (default 64)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct reflecting *r = state->input;

	switch (key) {
	case ACTIVE_KEY_FILE:
		return active_key_opt(r->tool, arg);
	case KEY_ALLOW:
		return vc_allow_opt(state, arg, &r->rules);
	case KEY_OPEN:
		r->rules.is_open = true;
		return 0;
	case KEY_PLAIN:
		r->is_plain = true;
		return 0;
	case KEY_MAX_RATE:
		return vc_opt_rate(state, arg, &r->max_bps);
	case KEY_MAX_SESSIONS:
		return vc_opt_int(state, arg, 1, 4096, &r->max_sessions);
	}
	return ARGP_ERR_UNKNOWN;
}

const struct vc_tool_info reflect_info = {
	.name = "vc-probe reflect",
	.sentence = "answers the probes of vc-probe path, if they have the key",
	.args_doc = "rtp://[ADDR]:PORT",
	.io_doc = "Listens there (port 0: the kernel's choice) and answers, "
		  "each probe once and with no more than it has, until it is "
		  "told to end.",
	.examples = "(umask 077; vc-send --new-key >k)\n"
		    "vc-probe reflect --key-file k rtp://:5004\n"
		    "vc-probe reflect --plain --allow 192.0.2.0/24 "
		    "rtp://:5004\n",
	.groups = VC_OPT_TIME | VC_OPT_STATS | VC_OPT_READY | VC_OPT_FAMILY |
		  VC_OPT_CONTROL,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

/* --- out --- */

static void flush(struct reflecting *r)
{
	struct sockaddr_storage to;
	size_t done = 0;
	int failed = 0;

	while (done < r->n) {
		size_t sent = 0;
		int err = vc_udp_send(r->udp, &r->piece[done], r->n - done,
				      &sent);

		done += sent;
		failed = sent || !err ? !!err : failed + 1;
		while (err && vc_udp_told(r->udp, &to))
			;
		/* What is said twice is of this one. */
		if (failed > 1) {
			r->counts.unsent++;
			done++;
			failed = 0;
		}
	}
	r->n = 0;
}

static void put(struct reflecting *r, const struct sockaddr_storage *to,
		size_t len, int dscp)
{
	r->to[r->n] = *to;
	r->piece[r->n] = (struct vc_udp_piece){
		.body = r->buf[r->n],
		.body_len = (uint16_t)len,
		.to = &r->to[r->n],
		.dscp = dscp < 0 ? 0 : (uint8_t)dscp,
	};
	r->n++;
	if (r->n == VC_UDP_BATCH)
		flush(r);
}

/* The SSRC of a session's answers. */
static int need_source(struct reflecting *r, struct vc_reflect_session *s,
		       struct active_source *source)
{
	int err;

	source->seal = r->seal;
	source->ssrc = s->own_ssrc;
	source->seq = s->own_seq;
	source->pt = VC_PATH_PT;
	if (s->has_own)
		return 0;
	err = active_source_init(source, r->keys, r->draws);
	r->draws++;
	s->has_own = !err;
	s->own_ssrc = source->ssrc;
	s->own_seq = source->seq;
	return err;
}

static void forget(void *ctx, struct vc_reflect_session *s)
{
	struct reflecting *r = ctx;

	if (s->has_own)
		vc_seal_forget(r->seal, s->own_ssrc);
}

static void answer(struct reflecting *r, struct vc_reflect_out *out,
		   const struct sockaddr_storage *to)
{
	struct vc_path_answer *a = &out->answer;
	struct active_source source = { 0 };
	uint8_t *buf = r->buf[r->n];
	int len = need_source(r, out->session, &source);

	if (!len) {
		a->departed = vc_loop_clock(vc_tool_loop(r->tool));
		vc_path_answer_write(a, buf + VC_RTP_HEADER, out->len);
		len = active_packet(&source, buf, out->len, a->index, false);
		out->session->own_seq = source.seq;
	}
	if (len < 0)
		r->counts.unsent++;
	else
		put(r, to, (size_t)len, a->dscp);
}

/* --- in --- */

static void take_probe(struct reflecting *r, const struct vc_udp_msg *m,
		       const struct vc_rtp *rtp, unsigned int key)
{
	struct vc_srtp_in *ring = vc_keychain_ring(r->keys);
	struct vc_path_probe probe;
	struct vc_reflect_out out;
	struct vc_reflect_in in = {
		.probe = &probe,
		.ssrc = rtp->ssrc,
		.len = rtp->payload_len,
		.arrived = m->pkt->arrival,
		.dscp = m->dscp,
		.ttl = m->ttl,
	};

	if (vc_path_probe_parse(&probe, rtp->payload, rtp->payload_len)) {
		r->counts.malformed++;
		return;
	}
	if (!vc_limits_packet(&r->limits, m->pkt->arrival))
		return;
	in.duplicates = (uint32_t)vc_srtp_in_bad(ring, rtp->ssrc, key).replayed;
	active_addr(m->from, in.addr, &in.port);
	if (!vc_reflect_take(&r->reflect, &in,
			     vc_loop_now(vc_tool_loop(r->tool)), &out))
		answer(r, &out, m->from);
}

static void take_sealed(struct reflecting *r, struct vc_udp_msg *m)
{
	struct vc_srtp_got got;
	struct vc_rtp rtp;
	size_t len = m->pkt->len;

	if (vc_srtp_in_open(vc_keychain_ring(r->keys), m->pkt->data, &len,
			    m->host, m->peer,
			    vc_loop_now(vc_tool_loop(r->tool)), &got))
		return;
	r->had_any = true;
	if (got.is_rtcp || vc_rtp_parse(&rtp, m->pkt->data, len))
		r->counts.malformed++;
	else
		take_probe(r, m, &rtp, got.key);
}

static void take_plain(struct reflecting *r, const struct vc_udp_msg *m)
{
	int64_t now = vc_loop_now(vc_tool_loop(r->tool));
	enum vc_demux kind = vc_demux(m->pkt->data, m->pkt->len);

	if (kind != VC_DEMUX_RTP && kind != VC_DEMUX_RTCP) {
		r->counts.malformed++;
		return;
	}
	if (!vc_addr_may_latch(&r->rules, m->from)) {
		r->counts.strangers++;
		return;
	}
	if (!vc_limits_packet(&r->limits, m->pkt->arrival))
		return;
	r->had_any = true;
	if (echoes_again(r->sent, m, now)) {
		r->counts.repeated++;
		return;
	}
	if (vc_pace_next(&r->pace, now) > now) {
		r->reflect.counts.capped++;
		return;
	}
	vc_pace_sent(&r->pace, m->pkt->len + VC_REFLECT_OVERHEAD, now);
	memcpy(r->buf[r->n], m->pkt->data, m->pkt->len);
	r->counts.echoed++;
	put(r, m->from, m->pkt->len, m->dscp);
}

static void take(struct reflecting *r, struct vc_udp_msg *m)
{
	if (m->is_cut)
		r->counts.toobig++;
	else if (!vc_addr_may_come(&r->rules, m->from))
		r->counts.strangers++;
	else if (r->is_plain)
		take_plain(r, m);
	else
		take_sealed(r, m);
}

static void ready(void *ctx, unsigned int events)
{
	struct reflecting *r = ctx;
	struct sockaddr_storage to;
	struct vc_udp_msg *msgs;

	(void)events;
	for (unsigned int k = 0; k < BATCHES; k++) {
		int n = vc_udp_recv(r->udp, vc_loop_now(vc_tool_loop(r->tool)),
				    &msgs);

		while (n < 0 && vc_udp_told(r->udp, &to))
			;
		if (n <= 0)
			break;
		for (int i = 0; i < n; i++)
			take(r, &msgs[i]);
		flush(r);
	}
}

static void tick(void *ctx, int64_t now)
{
	struct reflecting *r = ctx;
	struct vc_reflect_out out;
	struct sockaddr_storage to;

	vc_timer_arm(vc_tool_loop(r->tool), &r->timer, now + TICK);
	while (vc_reflect_due(&r->reflect, now, &out)) {
		active_sockaddr(out.answer.addr, out.answer.port,
				vc_udp_local(r->udp), &to);
		answer(r, &out, &to);
	}
	flush(r);
	vc_reflect_expire(&r->reflect, now);
}

/* --- what is told --- */

static void fill_stats(void *ctx, struct vc_json *j)
{
	struct reflecting *r = ctx;
	const struct vc_reflect_counts *c = &r->reflect.counts;
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "probes", c->probes },
		{ "answers", c->answers },
		{ "echoed", r->counts.echoed },
		{ "repeated", r->counts.repeated },
		{ "sessions", c->sessions },
		{ "strays", c->strays },
		{ "full", c->full },
		{ "capped", c->capped },
		{ "too_short", c->too_short },
		{ "rebinds", c->rebinds },
		{ "strangers", r->counts.strangers },
		{ "malformed", r->counts.malformed },
		{ "toobig", r->counts.toobig },
		{ "unsent", r->counts.unsent },
		{ "overflow", vc_udp_counts(r->udp)->overflow },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(j, rows[i].key, (int64_t)rows[i].n);
	vc_keychain_fill_stats(r->keys, j);
}

/* --- wiring --- */

static void enough(void *ctx, const char *why)
{
	struct reflecting *r = ctx;

	vc_tool_stop(r->tool, why);
}

static int open_socket(struct reflecting *r)
{
	int family = vc_tool_options(r->tool)->family;
	struct vc_udp_conf conf = {
		.only_v6 = family == AF_INET6,
		.is_for_many = true,
		.io = vc_tool_udp_io(r->tool),
	};
	struct sockaddr_storage sa;
	socklen_t len;
	int err = vc_place_resolve(r->place.host, r->place.port, family,
				   SOCK_DGRAM, &sa, &len);

	conf.local = &sa;
	if (!err)
		err = vc_udp_open(&r->udp, vc_tool_pool(r->tool), &conf);
	r->watch = (struct vc_watch){ .fn = ready, .ctx = r };
	if (!err) {
		r->watch.fd = vc_udp_fd(r->udp);
		err = vc_loop_watch(vc_tool_loop(r->tool), &r->watch, VC_READ);
	}
	if (err)
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: open: %s",
			     r->place.text, vc_place_why(&r->place, err));
	else
		active_ready(r->tool, &r->place, r->udp);
	return err;
}

static int set_up(struct reflecting *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);
	struct vc_reflect_conf conf = {
		.idle = IDLE,
		.max_bps = r->max_bps,
		.forget = forget,
		.ctx = r,
	};
	int err = 0;

	if (o->args.n != 1)
		vc_tool_usage(r->tool, "where? As rtp://:5004");
	active_place(r->tool, &r->place, o->args.v[0], false, NULL);
	if (r->is_plain && o->key_file.n)
		vc_tool_usage(r->tool, "--plain has no keys");
	if (r->rules.is_open && !r->is_plain)
		vc_tool_usage(r->tool, "--open is for --plain: a key says who "
				       "is answered");
	if (!r->is_plain)
		err = active_keys(r->tool, &r->keys, &r->seal);
	if (err)
		return err;
	conf.max_sessions = r->is_plain ? 1 : (size_t)r->max_sessions;
	if (r->keys)
		conf.rand = *vc_keychain_rand(r->keys);
	if (r->is_plain)
		r->sent = echoes_new();
	vc_pace_init(&r->pace, r->max_bps, vc_reflect_burst(r->max_bps));
	vc_limits_init(&r->limits, r->tool, enough, r);
	err = vc_reflect_init(&r->reflect, &conf);
	if (err)
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "sessions: %s",
			     strerror(-err));
	return err ? err : open_socket(r);
}

static void run(struct reflecting *r)
{
	struct vc_loop *loop = vc_tool_loop(r->tool);
	char why[256];

	vc_tool_on_stats(r->tool, fill_stats, r);
	if (!vc_tool_start(r->tool)) {
		r->timer = (struct vc_timer){ .fn = tick, .ctx = r };
		vc_timer_arm(loop, &r->timer, vc_loop_now(loop) + TICK);
		vc_limits_start(&r->limits, NULL, vc_loop_now(loop));
		vc_tool_run(r->tool);
		vc_limits_stop(&r->limits);
		vc_timer_cancel(loop, &r->timer);
		if (r->keys &&
		    vc_keychain_locked_out(r->keys, why, sizeof(why)))
			vc_tool_fail(r->tool, VC_EXIT_AUTH, "%s", why);
		else if (!r->had_any)
			vc_tool_fail(r->tool, VC_EXIT_NO_MEDIA, "nothing came");
	}
	vc_tool_off_stats(r->tool, fill_stats, r);
}

int reflect_run(int argc, char **argv)
{
	struct reflecting *r = vc_alloc(1, sizeof(*r));
	struct vc_tool *t = vc_tool_new(&reflect_info);
	int code;

	r->tool = t;
	r->max_bps = MAX_BPS;
	r->max_sessions = 64;
	r->buf = vc_alloc(VC_UDP_BATCH, sizeof(*r->buf));
	vc_tool_parse(t, argc, argv, r);
	if (!set_up(r))
		run(r);
	if (r->watch.fd > 0)
		vc_loop_watch(vc_tool_loop(t), &r->watch, 0);
	vc_udp_close(r->udp);
	vc_reflect_clear(&r->reflect);
	vc_keychain_free(r->keys);
	code = vc_tool_end(t);
	echoes_free(r->sent);
	free(r->buf);
	free(r);
	return code;
}
