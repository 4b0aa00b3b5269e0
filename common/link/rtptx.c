/* SPDX-License-Identifier: MIT */
/*
 * A transmitter's life: made with its input, given destinations, opened; it
 * ends with its input. Packets that wait are sent before the loop sleeps.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/dtlsport.h"
#include "link/rtptx_repair.h"

/* --- what comes in --- */

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	vc_txfec_desc(ctx, sdp);
	vc_txrepair_desc(ctx, sdp);
	vc_txrate_desc(ctx, sdp);
	vc_sdpout_desc(ctx, sdp);
}

/* Is something held back for later? */
static bool is_paced(const struct vc_rtptx *s)
{
	return s->conf.rate_bps || s->conf.bwe.by != VC_BWE_OFF;
}

static bool on_held(void *ctx)
{
	const struct vc_rtptx *s = ctx;
	bool is_busy = false;

	for (const struct vc_dest *d = s->dests; d; d = d->next)
		is_busy |= vc_dest_is_busy(d);
	return is_paced(s) && is_busy;
}

static void flush(void *ctx)
{
	vc_rtptx_flush(ctx);
}

static void on_end(void *ctx, int64_t now)
{
	struct vc_rtptx *s = ctx;

	(void)now;
	for (struct vc_dest *d = s->dests; d; d = d->next)
		vc_dest_give_up(d);
	for (struct group *g = s->groups; g; g = g->next) {
		for (struct stream *st = g->streams; st; st = st->next)
			vc_txstream_bye(st);
	}
	vc_rtptx_flush(s);
}

static const struct vc_in_ops ops = {
	.desc = on_desc,
	.rtp = vc_rtptx_rtp,
	.rtcp = vc_rtptx_rtcp,
	.begin = vc_rtptx_begin,
	.change = vc_rtptx_change,
	.gone = vc_rtptx_gone,
	.held = on_held,
	.end = on_end,
};

/* --- life --- */

struct vc_rtptx *vc_rtptx_new(struct vc_tool *t,
			      const struct vc_rtptx_conf *conf)
{
	struct vc_rtptx *s = vc_alloc(1, sizeof(*s));

	s->tool = t;
	s->loop = vc_tool_loop(t);
	s->conf = *conf;
	s->routes = 1;
	s->last_busy = &s->busy;
	s->in = vc_in_new(t, conf->places, &conf->in, &ops, s);
	s->hook = (struct vc_hook){ .fn = flush, .ctx = s };
	vc_loop_add_hook(s->loop, &s->hook);
	return s;
}

void vc_rtptx_free(struct vc_rtptx *s)
{
	if (!s)
		return;
	vc_loop_remove_hook(s->loop, &s->hook);
	vc_rtptx_unwait(s);
	/* A stream beside another (--reply) is cut off before its end. */
	vc_roster_end_all(vc_in_roster(s->in), -1, VC_LEAVE_EOF);
	vc_rtptx_unwatch_addrs(s);
	vc_rtptx_unkeep(s);
	vc_txrate_end(s);
	for (struct group *g = s->groups; g; g = g->next)
		vc_group_free_streams(g);
	vc_in_free(s->in);
	vc_sdpout_free(s);
	while (s->dests)
		vc_dest_free(s->dests);
	vc_hubs_free(s);
	vc_ownssrc_clear(&s->own);
	free(s->scratch);
	free(s);
}

int vc_rtptx_open(struct vc_rtptx *s)
{
	int err;

	vc_sdpout_open(s);
	err = vc_rtptx_open_ports(s);
	vc_rtptx_watch_addrs(s);
	vc_rtptx_keep(s);
	vc_txrate_begin(s);
	if (!err)
		err = vc_in_open(s->in);
	if (!err)
		vc_rtptx_wait(s);
	return err;
}

void vc_rtptx_each_port(struct vc_rtptx *s,
			void (*fn)(void *ctx, struct vc_port *port,
				   const struct vc_place *where,
				   const struct sockaddr_storage *peer),
			void *ctx)
{
	for (struct vc_dest *d = s->dests; d; d = d->next)
		fn(ctx, d->port, d->place, &d->peer);
}

size_t vc_rtptx_n_ports(const struct vc_rtptx *s)
{
	size_t n = 0;

	for (const struct vc_dest *d = s->dests; d; d = d->next)
		n++;
	return n;
}

void vc_rtptx_keyframes(struct vc_rtptx *s)
{
	const struct vc_source *src = vc_roster_first(vc_in_roster(s->in));

	for (; src; src = src->next)
		vc_in_keyframe(s->in, src->ssrc);
}

/* --- destinations that come and go --- */

static int set_way(struct vc_dest *d, const struct sockaddr_storage *to,
		   const struct sockaddr_storage *rtcp, bool by_next)
{
	int err;

	vc_hub_leave(d);
	d->peer = *to;
	d->rtcp = *rtcp;
	d->by_next = by_next;
	err = vc_hub_enter(d);
	if (d->srtp && d->port->dtls)
		vc_dest_rekey(d);
	return err;
}

void vc_rtptx_move(struct vc_dest *d, const struct sockaddr_storage *to,
		   const struct sockaddr_storage *rtcp, bool by_next,
		   enum vc_addr_trust trust)
{
	bool is_near = vc_udp_same(&d->peer, to, false);

	if (!is_near && trust == VC_ADDR_SAID)
		return;
	if (!vc_udp_same(&d->peer, to, true))
		vc_dest_flush(d);
	/* Without a hub it need not have entered. */
	(void)set_way(d, to, rtcp, by_next);
	if (trust == VC_ADDR_PROVEN)
		d->is_unproven = false;
	else if (!is_near)
		vc_dest_doubt(d);
}

void vc_rtptx_move_port(struct vc_rtptx *s, const struct vc_port *port,
			const char *who, const struct sockaddr_storage *to,
			const struct sockaddr_storage *rtcp, bool by_next,
			enum vc_addr_trust trust)
{
	for (struct vc_dest *d = s->dests; d; d = d->next) {
		if (d->port == port &&
		    (!d->where.name[0] || !strcmp(d->where.name, who)))
			vc_rtptx_move(d, to, rtcp, by_next, trust);
	}
}

struct vc_dest *vc_rtptx_add(struct vc_rtptx *s, const char *name,
			     struct vc_port *port,
			     const struct sockaddr_storage *to,
			     const struct sockaddr_storage *rtcp, bool by_next,
			     enum vc_addr_trust trust)
{
	struct vc_dest *d = vc_try_alloc(1, sizeof(*d));
	char addr[128];

	if (!d)
		return NULL;
	d->s = s;
	d->port = port;
	d->media = ~0u;
	d->dscp = s->conf.dscp;
	d->is_unproven = trust != VC_ADDR_PROVEN;
	vc_strlcpy(d->where.name, name, sizeof(d->where.name));
	snprintf(d->where.text, sizeof(d->where.text), "%s%s",
		 vc_place_scheme(vc_keychain_is_on(s->conf.keychain),
				 port->dtls),
		 vc_place_addr_text(to, addr, sizeof(addr)));
	vc_dest_begin(d);
	if (set_way(d, to, rtcp, by_next) || vc_dest_secure(d) ||
	    vc_hub_listen(s, port) || vc_dest_join(d, name)) {
		vc_dest_free(d);
		return NULL;
	}
	vc_dest_greet(d);
	return d;
}

void vc_rtptx_remove(struct vc_dest *d)
{
	vc_dest_bye(d);
	vc_dest_flush(d);
	vc_dest_free(d);
}

void vc_rtptx_heard(struct vc_dest *d, const struct sockaddr_storage *from,
		    size_t len)
{
	if (d->is_unproven && vc_udp_same(&d->peer, from, false))
		d->octets_in += len;
}

void vc_rtptx_heard_port(struct vc_rtptx *s, const struct vc_port *port,
			 const struct sockaddr_storage *from, size_t len)
{
	for (struct vc_dest *d = s->dests; d; d = d->next) {
		if (d->port == port)
			vc_rtptx_heard(d, from, len);
	}
}

/* --- statistics --- */

static void add_feedback(const struct vc_dest *d, struct vc_json *j)
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

static struct vc_json *dest_record(const struct vc_dest *d)
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
		{ "held", c->held },
		{ "reopened", c->reopened },
		{ "keepalives", c->keepalives },
		{ "unsealed", c->unsealed },
		{ "waiting", c->waiting },
		{ "rtcp_out", c->rtcp_out },
		{ "rtcp_in", c->rtcp_in },
		{ "pli", c->plis },
		{ "nack", c->nacks },
		{ "rtcp_malformed", c->rtcp_malformed },
		{ "rtcp_foreign", c->rtcp_foreign },
		{ "rtcp_held", c->rtcp_held },
	};

	if (d->where.name[0])
		vc_json_set_str(j, "name", d->where.name);
	vc_json_set_str(j, "to", d->where.text);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(j, rows[i].key, (int64_t)rows[i].n);
	vc_json_set(j, "errors", vc_port_errors_json(c->errors));
	if (d->own.dtls)
		vc_json_set(j, "dtls", vc_dtlsport_json(d->own.dtls));
	vc_txrepair_fill_stats(d, j);
	vc_breaker_fill_stats(d, j);
	vc_txcc_fill_stats(d, j);
	add_feedback(d, j);
	return j;
}

void vc_rtptx_fill_stats(void *ctx, struct vc_json *record)
{
	const struct vc_rtptx *s = ctx;
	struct vc_json *list = vc_json_array(), *j = vc_json_object();

	for (const struct vc_dest *d = s->dests; d; d = d->next)
		vc_json_add(list, dest_record(d));
	vc_json_set_int(j, "unrouted", (int64_t)s->unrouted);
	vc_json_set_int(j, "keyframes", (int64_t)s->keyframes);
	vc_json_set_int(j, "collisions", (int64_t)s->collisions);
	vc_json_set_int(j, "loops", (int64_t)s->loops);
	vc_json_set_int(j, "strangers",
			(int64_t)(s->shared[0].counts.strangers +
				  s->shared[1].counts.strangers));
	vc_txfec_fill_stats(s, j);
	vc_keychain_fill_stats(s->conf.keychain, j);
	vc_json_set(record, "send", j);
	vc_json_set(record, "destinations", list);
}
