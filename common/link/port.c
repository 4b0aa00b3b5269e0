/* SPDX-License-Identifier: MIT */
/*
 * Sockets are read in batches, and in a few rounds at most before others have
 * a turn. All ports of a tool share the memory of a batch.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "link/dtlsport.h"
#include "link/port.h"
#include "link/keychain.h"
#include "tool/place.h"
#include "tool/tool.h"
#include "wire/rtp.h"

#define MIN_RTCP 8
#define MAX_ROUNDS 8 /* batches from one socket before others have a turn */
#define EVEN_TRIES 16
#define RTCP_MAX 1500

/* --- what is what --- */

static void hand_on(struct vc_port *p, const struct vc_port_msg *m)
{
	for (size_t i = 0; i < p->n_ops; i++) {
		const struct vc_port_ops *o = &p->ops[i];

		if (m->is_rtcp && o->rtcp)
			o->rtcp(o->ctx, m);
		else if (!m->is_rtcp && o->rtp)
			o->rtp(o->ctx, m);
	}
}

static bool is_known(const struct vc_port *p, const struct vc_port_msg *m)
{
	size_t i = 0;

	while (i < p->n_ops && p->ops[i].is_known &&
	       !p->ops[i].is_known(p->ops[i].ctx, m))
		i++;
	return i < p->n_ops || !i;
}

/* Nothing changes by what is not authentic. */
static bool open_it(struct vc_port *p, struct vc_port_msg *m)
{
	struct vc_srtp_in *ring = p->ring ? p->ring :
				  p->dtls ? vc_dtlsport_ring(p->dtls) :
					    vc_keychain_ring(p->keychain);
	struct vc_srtp_got got;
	const char *name;

	if (!ring)
		return !p->dtls;
	if (vc_srtp_in_open(ring, m->pkt->data, &m->pkt->len, m->host, m->peer,
			    vc_loop_now(vc_tool_loop(p->tool)), &got))
		return false;
	name = vc_srtp_in_name(ring, got.key);
	m->is_authentic = true;
	m->key = p->ring ? UINT_MAX : got.key;
	m->key_name = name[0] ? name : NULL;
	if (p->dtls)
		vc_dtlsport_opened(p->dtls, got.key, m);
	if (got.was_found)
		vc_tool_note(p->tool,
			     "SRTP: source %08x: roll-over count %u "
			     "found",
			     vc_get_u32(m->pkt->data + (m->is_rtcp ? 4 : 8)),
			     got.roc);
	return true;
}

VC_COLD static void take_dtls(struct vc_port *p, const struct vc_port_msg *m)
{
	bool may = true;

	for (size_t i = 0; i < p->n_ops; i++) {
		const struct vc_port_ops *o = &p->ops[i];

		may = may && (!o->may_shake || o->may_shake(o->ctx, m));
	}
	if (may)
		vc_dtlsport_put(p->dtls, m);
}

void vc_port_take(struct vc_port *p, const struct vc_udp_msg *u, bool is_next)
{
	struct vc_port_msg m = { .pkt = u->pkt,
				 .from = u->from,
				 .host = u->host,
				 .peer = u->peer,
				 .dscp = u->dscp,
				 .ttl = u->ttl,
				 .is_next = is_next };
	size_t len = u->pkt->len;
	enum vc_demux kind;

	p->counts.datagrams++;
	if (u->is_cut) {
		p->counts.toobig++;
		return;
	}
	kind = vc_demux(u->pkt->data, len);
	m.is_rtcp = kind == VC_DEMUX_RTCP;
	if (kind == VC_DEMUX_DTLS && p->dtls)
		take_dtls(p, &m);
	else if (len < MIN_RTCP ||
		 (kind == VC_DEMUX_RTP && len < VC_RTP_HEADER))
		p->counts.too_short++;
	else if ((kind != VC_DEMUX_RTP || is_next) &&
		 (kind != VC_DEMUX_RTCP || p->rtcp_at == VC_RTCP_AT_OFF))
		p->counts.notrtp++;
	else if (!is_known(p, &m))
		p->counts.strangers++;
	else if (open_it(p, &m))
		hand_on(p, &m);
}

VC_COLD static void tell_error(struct vc_port *p, int err)
{
	if (err == -ECONNREFUSED && p->dtls)
		vc_dtlsport_refused(p->dtls);
	for (size_t i = 0; i < p->n_ops; i++) {
		if (p->ops[i].error)
			p->ops[i].error(p->ops[i].ctx, err);
	}
}

bool vc_port_hear(struct vc_port *p)
{
	struct sockaddr_storage to;
	bool has_any = false;
	int err;

	if (!p->is_for_many)
		return false;
	while ((err = vc_udp_told(p->rtp, &to)) < 0) {
		has_any = true;
		for (size_t i = 0; i < p->n_ops; i++) {
			if (p->ops[i].told)
				p->ops[i].told(p->ops[i].ctx, &to, err);
		}
	}
	return has_any;
}

static void drain(struct vc_port *p, struct vc_udp *u, bool is_next,
		  unsigned int events)
{
	struct vc_loop *loop = vc_tool_loop(p->tool);
	unsigned int total = 0;

	for (int i = 0; i < MAX_ROUNDS; i++) {
		struct vc_udp_msg *msgs;
		int n = vc_udp_recv(u, vc_loop_now(loop), &msgs);

		if (n < 0 && !vc_port_hear(p))
			tell_error(p, n);
		for (int k = 0; k < n; k++)
			vc_port_take(p, &msgs[k], is_next);
		total += n > 0 ? (unsigned int)n : 0;
		if (n < VC_UDP_BATCH)
			break;
	}
	/* Or it would wake us again, even where nothing has failed by it. */
	if (events & VC_ERROR)
		vc_port_hear(p);
	vc_loop_busy(loop, total);
}

static void rtp_ready(void *ctx, unsigned int events)
{
	struct vc_port *p = ctx;

	drain(p, p->rtp, false, events);
}

static void rtcp_ready(void *ctx, unsigned int events)
{
	struct vc_port *p = ctx;

	drain(p, p->rtcp, true, events);
}

/* --- opening --- */

int vc_port_init(struct vc_port *p, struct vc_tool *t,
		 struct vc_keychain *keychain, const struct vc_place *where,
		 enum vc_rtcp_at or, char *why, size_t cap)
{
	const char *v = vc_place_key(where, "rtcp");
	uint64_t port = where->port + 1u;

	*p = (struct vc_port){ .tool = t, .keychain = keychain, .rtcp_at = or };
	if (where->is_dtls)
		p->rtcp_at = VC_RTCP_AT_MUX;
	if (!v)
		return 0;
	if (where->is_dtls && strcmp(v, "mux") != 0 && strcmp(v, "off") != 0) {
		snprintf(why, cap,
			 "rtcp=mux|off (RTCP has no keys of its own)");
		return -EINVAL;
	}
	if (!strcmp(v, "mux")) {
		p->rtcp_at = VC_RTCP_AT_MUX;
	} else if (!strcmp(v, "off")) {
		p->rtcp_at = VC_RTCP_AT_OFF;
	} else if (!strcmp(v, "+1") && port <= 65535) {
		p->rtcp_at = VC_RTCP_AT_NEXT;
	} else if (!vc_num_u64(v, 1, 65535, &port)) {
		p->rtcp_at = VC_RTCP_AT_PORT;
	} else {
		snprintf(why, cap, "rtcp=mux|+1|PORT|off");
		return -EINVAL;
	}
	p->rtcp_port = (uint16_t)port;
	return 0;
}

void vc_port_listen(struct vc_port *p, const struct vc_port_ops *ops)
{
	p->ops[p->n_ops] = *ops;
	p->n_ops++;
}

void vc_port_unlisten(struct vc_port *p, const void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_ops; i++) {
		if (p->ops[i].ctx == ctx)
			continue;
		p->ops[kept] = p->ops[i];
		kept++;
	}
	p->n_ops = kept;
}

static int open_socket(struct vc_port *p, const struct vc_port_conf *conf,
		       const struct sockaddr_storage *local,
		       const struct sockaddr_storage *peer, struct vc_udp **out)
{
	const struct vc_udp_conf udp = {
		.local = local,
		.peer = peer,
		.source = conf->source,
		.iface = conf->iface,
		.only_v6 = conf->only_v6,
		.is_for_many = conf->is_for_many,
		.ttl = conf->ttl,
		.io = vc_tool_udp_io(p->tool),
	};

	return vc_udp_open(out, vc_tool_pool(p->tool), &udp);
}

static bool is_muxed(const struct vc_port *p)
{
	return p->rtcp_at == VC_RTCP_AT_MUX || p->rtcp_at == VC_RTCP_AT_OFF;
}

/* To the peer's port of RTCP, from the one after ours if ours is chosen. */
static int open_connected(struct vc_port *p, const struct vc_port_conf *conf)
{
	struct sockaddr_storage local, peer = *conf->peer;
	int err = open_socket(p, conf, conf->local, conf->peer, &p->rtp);

	if (err || is_muxed(p))
		return err;
	vc_udp_set_port(&peer, p->rtcp_port);
	if (!conf->local)
		return open_socket(p, conf, NULL, &peer, &p->rtcp);
	local = *conf->local;
	if (vc_udp_port(&local))
		vc_udp_set_port(&local, (uint16_t)(vc_udp_port(&local) + 1));
	return open_socket(p, conf, &local, &peer, &p->rtcp);
}

/* The RTCP socket beside p->rtp. 0 also where none is meant to be. */
static int open_beside(struct vc_port *p, const struct vc_port_conf *conf)
{
	struct sockaddr_storage sa = *vc_udp_local(p->rtp);
	uint16_t port = vc_udp_port(&sa);

	if (is_muxed(p))
		return 0;
	if (p->rtcp_at != VC_RTCP_AT_PORT && port == 65535)
		return -EADDRNOTAVAIL;
	vc_udp_set_port(&sa, p->rtcp_at == VC_RTCP_AT_PORT ?
				     p->rtcp_port :
				     (uint16_t)(port + 1));
	return open_socket(p, conf, &sa, NULL, &p->rtcp);
}

static int open_pair(struct vc_port *p, const struct vc_port_conf *conf)
{
	int err, tries = vc_udp_port(conf->local) ? 1 : EVEN_TRIES;

	do {
		bool is_even;

		tries--;
		err = open_socket(p, conf, conf->local, NULL, &p->rtp);
		if (err)
			return err;
		is_even = vc_udp_port(vc_udp_local(p->rtp)) % 2 == 0;
		err = open_beside(p, conf);
		if (!tries || (!err && is_even))
			break;
		vc_udp_close(p->rtp);
		vc_udp_close(p->rtcp);
		p->rtp = p->rtcp = NULL;
	} while (tries > 0);
	return err && p->rtcp_at != VC_RTCP_AT_AUTO ? err : 0;
}

static int watch(struct vc_port *p, struct vc_watch *w, const struct vc_udp *u,
		 void (*fn)(void *ctx, unsigned int events))
{
	*w = (struct vc_watch){ .fn = fn, .ctx = p, .fd = -1 };
	if (!u)
		return 0;
	w->fd = vc_udp_fd(u);
	return vc_loop_watch(vc_tool_loop(p->tool), w, VC_READ);
}

int vc_port_open(struct vc_port *p, const struct vc_port_conf *conf)
{
	int err = conf->peer ? open_connected(p, conf) : open_pair(p, conf);

	p->rtcp_dscp = conf->rtcp_dscp;
	p->is_for_many = conf->is_for_many;
	if (!err)
		err = watch(p, &p->rtp_watch, p->rtp, rtp_ready);
	if (!err)
		err = watch(p, &p->rtcp_watch, p->rtcp, rtcp_ready);
	return err;
}

void vc_port_close(struct vc_port *p)
{
	struct vc_loop *loop = p->tool ? vc_tool_loop(p->tool) : NULL;

	vc_dtlsport_free(p->dtls);
	p->dtls = NULL;
	if (p->rtp)
		vc_loop_watch(loop, &p->rtp_watch, 0);
	if (p->rtcp)
		vc_loop_watch(loop, &p->rtcp_watch, 0);
	vc_udp_close(p->rtp);
	vc_udp_close(p->rtcp);
	p->rtp = p->rtcp = NULL;
}

/* --- another address --- */

bool vc_port_stood_at(const struct vc_port *p,
		      const struct sockaddr_storage *sa)
{
	return p->rtp && vc_udp_may_reconnect(p->rtp) &&
	       (!sa || vc_udp_same(vc_udp_local(p->rtp), sa, false));
}

int vc_port_reconnect(struct vc_port *p)
{
	int err = vc_udp_reconnect(p->rtp);

	return err || !p->rtcp ? err : vc_udp_reconnect(p->rtcp);
}

/* --- counts --- */

static void add_errors(const struct vc_udp *u, uint64_t *errors)
{
	for (int e = 0; u && e < VC_UDP_ERRORS; e++)
		errors[e] += vc_udp_counts(u)->errors[e];
}

void vc_port_add_errors(const struct vc_port *p, uint64_t *errors)
{
	add_errors(p->rtp, errors);
	add_errors(p->rtcp, errors);
}

struct vc_json *vc_port_errors_json(const uint64_t *errors)
{
	struct vc_json *j = vc_json_object();

	for (enum vc_udp_error e = 0; e < VC_UDP_ERRORS; e++)
		vc_json_set_int(j, vc_udp_error_name(e), (int64_t)errors[e]);
	return j;
}

uint64_t vc_port_overflow(const struct vc_port *p)
{
	uint64_t n = p->rtp ? vc_udp_counts(p->rtp)->overflow : 0;

	return n + (p->rtcp ? vc_udp_counts(p->rtcp)->overflow : 0);
}

/* --- keys of DTLS --- */

struct vc_srtp_in *vc_port_ring(const struct vc_port *p)
{
	return p->dtls ? vc_dtlsport_look(p->dtls) :
			 vc_keychain_ring(p->keychain);
}

struct vc_seal *vc_port_seal(const struct vc_port *p,
			     const struct sockaddr_storage *to)
{
	return p->dtls ? vc_dtlsport_seal(p->dtls, to) : NULL;
}

void vc_port_tell_keys(struct vc_port *p)
{
	for (size_t i = 0; i < p->n_ops; i++) {
		if (p->ops[i].keys)
			p->ops[i].keys(p->ops[i].ctx);
	}
}

/* --- sending --- */

bool vc_port_can_send(const struct vc_port *p)
{
	return p->rtp && p->rtcp_at != VC_RTCP_AT_OFF;
}

static int send_piece(struct vc_port *p, bool by_next, const uint8_t *data,
		      size_t len, const struct sockaddr_storage *to)
{
	const struct vc_udp_piece piece = { .body = data,
					    .body_len = (uint16_t)len,
					    .to = to,
					    .dscp = p->rtcp_dscp };
	struct vc_udp *by = by_next ? p->rtcp : p->rtp;
	size_t sent;
	int err = vc_udp_send(by, &piece, 1, &sent);

	/* What is refused may be an earlier one: this one can still go. */
	return err ? vc_udp_send(by, &piece, 1, &sent) : 0;
}

int vc_port_send(struct vc_port *p, const uint8_t *data, size_t len,
		 const struct sockaddr_storage *to)
{
	return p->rtp ? send_piece(p, false, data, len, to) : -EDESTADDRREQ;
}

int vc_port_send_rtcp(struct vc_port *p, bool by_next, struct vc_seal *seal,
		      const uint8_t *data, size_t len,
		      const struct sockaddr_storage *to)
{
	_Alignas(8) uint8_t buf[RTCP_MAX + VC_SRTP_TRAILER_MAX];
	struct vc_seal *own;
	int err;

	if (p->rtcp_at == VC_RTCP_AT_OFF || !(by_next ? p->rtcp : p->rtp))
		return -EDESTADDRREQ;
	if (!vc_keychain_is_on(p->keychain))
		return send_piece(p, by_next, data, len, to);
	own = vc_port_seal(p, to);
	if (own)
		seal = own;
	if (!seal)
		return -ENOKEY;
	if (len > RTCP_MAX)
		return -EMSGSIZE;
	memcpy(buf, data, len);
	err = vc_seal(seal, buf, &len, sizeof(buf));
	return err ? err : send_piece(p, by_next, buf, len, to);
}
