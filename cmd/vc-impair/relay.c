/* SPDX-License-Identifier: MIT */
/*
 * The relay: who sends to our port is a client and gets a socket of his own,
 * connected to the far address, so that both ends see what a NAT would show
 * them. Datagrams are never changed, but where luck corrupts one. They are sent to the far address,
 * and what comes from there to the client: to nobody else. Anybody can forge an
 * address and have the answers sent there, so a client is near, or one that the
 * operator lets in.
 *
 * A packet under way names its client by slot and generation, for he may be
 * gone when it comes out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "relay.h"
#include "tool/control.h"

#define BATCHES 4 /* of one socket, before others have their turn */

/* --- out --- */

/* Sends what it can; a refusal is of something before. */
void relay_flush(struct impair *im)
{
	struct relay *r = im->relay;
	size_t done = 0;

	while (done < r->n_pieces) {
		size_t sent = 0;
		int err = vc_udp_send(r->by, &r->pieces[done],
				      r->n_pieces - done, &sent);

		done += sent;
		if (err && err != -ECONNREFUSED) {
			r->counts.send_failed++;
			done++;
		}
	}
	for (size_t i = 0; i < r->n_pieces; i++)
		vc_packet_unref(r->pkts[i]);
	r->n_pieces = 0;
}

/* 'to' NULL: the far address. */
static void send_by(struct relay *r, struct vc_udp *udp,
		    const struct sockaddr_storage *to, struct vc_packet *pkt)
{
	if (r->n_pieces == VC_UDP_BATCH || r->by != udp)
		relay_flush(r->im);
	r->by = udp;
	r->pkts[r->n_pieces] = pkt;
	r->pieces[r->n_pieces] =
		(struct vc_udp_piece){ .body = pkt->data,
				       .body_len = (uint16_t)pkt->len,
				       .to = to };
	r->n_pieces++;
}

static void out_up(struct impair *im, struct vc_packet *pkt, int64_t due,
		   uint64_t tag)
{
	const struct client *c;

	(void)due;
	if (im->replay_path)
		clients_rebind_again(im->relay);
	c = client_by_tag(im->relay, tag);
	if (c)
		send_by(im->relay, c->udp, NULL, pkt);
	else
		vc_packet_unref(pkt);
}

static void out_down(struct impair *im, struct vc_packet *pkt, int64_t due,
		     uint64_t tag)
{
	const struct client *c = client_by_tag(im->relay, tag);

	(void)due;
	if (c)
		send_by(im->relay, im->relay->udp, &c->addr, pkt);
	else
		vc_packet_unref(pkt);
}

/* --- in --- */

static void take(struct relay *r, const struct vc_udp_msg *m, struct client *c,
		 struct way *way)
{
	struct vc_impair_what what;

	if (m->is_cut) {
		r->counts.toobig++;
	} else if (c && vc_limits_packet(&r->limits, m->pkt->arrival)) {
		kind_of(r, way, m->pkt, &what);
		way_put(way, m->pkt, &what, client_tag(c));
	}
	if (c)
		c->last = vc_loop_now(r->im->loop);
}

/* From clients, where 'c' is NULL, or from the far address to 'c'. */
static void drain(struct relay *r, struct vc_udp *udp, struct client *c)
{
	struct way *way = &r->im->way[c ? DOWN : UP];
	struct vc_udp_msg *msgs;

	for (unsigned int k = 0; k < BATCHES; k++) {
		int n = vc_udp_recv(udp, vc_loop_now(r->im->loop), &msgs);

		r->counts.refused += n == -ECONNREFUSED;
		if (n <= 0 && n != -ECONNREFUSED)
			break;
		for (int i = 0; i < n; i++)
			take(r, &msgs[i], c ? c : client_of(r, &msgs[i]), way);
	}
	way_pump(way);
}

void relay_far_ready(void *ctx, unsigned int events)
{
	struct client *c = ctx;

	(void)events;
	drain(c->r, c->udp, c);
}

static void near_ready(void *ctx, unsigned int events)
{
	struct relay *r = ctx;

	(void)events;
	drain(r, r->udp, NULL);
}

/* --- opening --- */

/* udp://HOST:PORT, which is written like rtp://'s. */
static void parse_place(struct impair *im, struct vc_place *p, const char *text)
{
	static const char *const no_keys[] = { NULL };
	const char *key;
	char why[256], as_rtp[512];

	snprintf(as_rtp, sizeof(as_rtp), "rtp://%s", text + strlen("udp://"));
	if (vc_place_parse(p, as_rtp, false, why, sizeof(why)))
		vc_tool_usage(im->tool, "%s: %s", p->text, why);
	memcpy(p->text, "udp", 3);
	key = vc_place_unknown_key(p, no_keys);
	if (key)
		vc_tool_usage(im->tool, "%s: no such key: %s=", p->text, key);
}

static int open_near(struct relay *r)
{
	int family = vc_tool_options(r->im->tool)->family;
	struct vc_udp_conf conf = {
		.only_v6 = family == AF_INET6,
		.io = vc_tool_udp_io(r->im->tool),
	};
	struct sockaddr_storage sa;
	socklen_t len;
	int err = vc_place_resolve(r->near.host, r->near.port, family,
				   SOCK_DGRAM, &sa, &len);

	conf.local = &sa;
	if (!err)
		err = vc_udp_open(&r->udp, vc_tool_pool(r->im->tool), &conf);
	if (err)
		return err;
	r->watch = (struct vc_watch){ .fn = near_ready,
				      .ctx = r,
				      .fd = vc_udp_fd(r->udp) };
	return vc_loop_watch(r->im->loop, &r->watch, VC_READ);
}

static int open_far(struct relay *r)
{
	socklen_t len;

	if (!r->far.host[0] || !r->far.port)
		vc_tool_usage(r->im->tool,
			      "%s: where to? Host and port, as "
			      "udp://192.0.2.1:5004",
			      r->far.text);
	return vc_place_resolve(r->far.host, r->far.port,
				vc_tool_options(r->im->tool)->family,
				SOCK_DGRAM, &r->far_addr, &len);
}

static void tell_ready(struct relay *r)
{
	const struct vc_options *o = vc_tool_options(r->im->tool);
	char addr[128], line[256];

	/* A wildcard is an address nobody can send to. */
	if (!r->near.host[0])
		snprintf(addr, sizeof(addr), "%s:%u",
			 o->family == AF_INET6 ? "[::1]" : "127.0.0.1",
			 vc_udp_port(vc_udp_local(r->udp)));
	else
		vc_place_addr_text(vc_udp_local(r->udp), addr, sizeof(addr));
	snprintf(line, sizeof(line), "rtp://%s", addr);
	vc_tool_ready(r->im->tool, line);
}

static void enough(void *ctx, const char *why)
{
	struct impair *im = ctx;

	vc_tool_stop(im->tool, why);
}

static void check_usage(const struct impair *im)
{
	const struct vc_options *o = vc_tool_options(im->tool);

	if (im->endpoints.n != 2)
		vc_tool_usage(im->tool,
			      "from where to where? udp://[ADDR]:PORT "
			      "udp://HOST:PORT");
	if (o->args.n)
		vc_tool_usage(im->tool,
			      "%s: neither rule nor endpoint, and a "
			      "relay has no input",
			      o->args.v[0]);
	if (o->out.n)
		vc_tool_usage(im->tool, "-o: a relay does not write a stream");
}

static int fail(struct relay *r, const struct vc_place *p, int err)
{
	vc_tool_fail(r->im->tool, VC_EXIT_FAIL, "%s: open: %s", p->text,
		     vc_place_why(p, err));
	return err;
}

int relay_open(struct impair *im)
{
	struct relay *r = vc_alloc(1, sizeof(*r));
	int err;

	check_usage(im);
	im->n_ways = 2;
	im->relay = r;
	im->way[UP].out = out_up;
	im->way[DOWN].out = out_down;
	im->way[UP].flush = im->way[DOWN].flush = relay_flush;
	r->im = im;
	r->cap = (size_t)im->max_clients;
	r->clients = vc_alloc(r->cap, sizeof(*r->clients));
	vc_limits_init(&r->limits, im->tool, enough, im);
	parse_place(im, &r->near, im->endpoints.v[0]);
	parse_place(im, &r->far, im->endpoints.v[1]);
	err = open_far(r);
	if (err)
		return fail(r, &r->far, err);
	err = open_near(r);
	if (err)
		return fail(r, &r->near, err);
	if (vc_udp_same(vc_udp_local(r->udp), &r->far_addr, true))
		vc_tool_usage(im->tool, "%s: to itself", r->far.text);
	if (kind_open(r))
		return -EINVAL;
	tcp_open(r);
	tell_ready(r);
	return 0;
}

int relay_start(struct impair *im)
{
	struct relay *r = im->relay;
	int64_t now = vc_loop_now(im->loop);

	rules_tell_seed(im);
	for (size_t i = 0; i < im->n_ways; i++) {
		int err = way_start(&im->way[i], now);

		if (err)
			return fail(r, &r->near, err);
	}
	vc_control_begin(im->tool, now);
	vc_limits_start(&r->limits, NULL, now);
	r->timer = (struct vc_timer){ .fn = clients_expire, .ctx = r };
	vc_timer_arm(im->loop, &r->timer, now + VC_SEC);
	clients_rebind_from(r, now);
	return 0;
}

void relay_close(struct impair *im)
{
	struct relay *r = im->relay;

	if (!r)
		return;
	for (size_t i = 0; i < im->n_ways; i++)
		way_stop(&im->way[i]);
	tcp_close(r);
	vc_limits_stop(&r->limits);
	if (r->timer.fn) {
		vc_timer_cancel(im->loop, &r->timer);
		vc_timer_cancel(im->loop, &r->rebind);
	}
	for (size_t i = 0; i < r->cap; i++) {
		if (r->clients[i].udp)
			client_free(&r->clients[i]);
	}
	if (r->watch.fn)
		vc_loop_watch(im->loop, &r->watch, 0);
	vc_udp_close(r->udp);
	free(r->clients);
	free(r);
	im->relay = NULL;
}

void relay_fill_stats(const struct impair *im, struct vc_json *record)
{
	const struct relay *r = im->relay;
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "toobig", r->counts.toobig },
		{ "full_clients", r->counts.full },
		{ "stranger", r->counts.stranger },
		{ "expired", r->counts.expired },
		{ "gone", r->counts.gone },
		{ "refused", r->counts.refused },
		{ "send_failed", r->counts.send_failed },
		{ "rebinds", r->counts.rebinds },
		{ "overflow", vc_udp_counts(r->udp)->overflow },
	};
	int64_t n = 0;

	for (size_t i = 0; i < r->cap; i++)
		n += r->clients[i].udp != NULL;
	vc_json_set_int(record, "clients", n);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(record, rows[i].key, (int64_t)rows[i].n);
	tcp_fill_stats(r, record);
}
