/* SPDX-License-Identifier: MIT */
/*
 * Destinations as they are given: NAME=rtp://HOST:PORT with keys. Each gets a
 * port of its own, connected to it. Reasons are for people.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "link/rtptx_internal.h"

static const char *const known_keys[] = { "media", "rtcp",  "bind", "ttl",
					  "dscp",  "iface", NULL };
/* What comes back is described and believed as in vc-recv. */
static const char *const duplex_keys[] = { "media", "rtcp",  "bind",
					   "ttl",   "dscp",  "iface",
					   "sdp",   "latch", NULL };

struct why {
	char text[256];
};

/* --- words --- */

static int parse_media(struct vc_dest *d, struct why *why)
{
	const char *v = vc_place_key(&d->where, "media");
	enum vc_kind kind;

	d->media = ~0u;
	if (!v)
		return 0;
	kind = vc_kind_by_name(vc_str_c(v));
	d->media = 1u << kind;
	if (kind != VC_OTHER)
		return 0;
	snprintf(why->text, sizeof(why->text), "media=audio|video|text");
	return -EINVAL;
}

static int parse_dscp(struct vc_dest *d, struct why *why)
{
	const char *v = vc_place_key(&d->where, "dscp");

	d->dscp = d->s->conf.dscp;
	if (!v || !vc_dscp_parse(&d->dscp, v))
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "dscp= is a class as EF, AF41 or CS1, or 0 to 63");
	return -EINVAL;
}

static int parse(struct vc_dest *d, const char *arg, struct why *why)
{
	const char *key;
	int err = vc_place_parse(&d->where, arg, true, why->text,
				 sizeof(why->text));

	if (err)
		return err;
	if (d->where.kind != VC_PLACE_RTP) {
		snprintf(why->text, sizeof(why->text),
			 "not an address to send to, as rtp://192.0.2.1:5004");
		return -EINVAL;
	}
	if (!d->where.host[0] || !d->where.port) {
		snprintf(why->text, sizeof(why->text),
			 "where to? rtp://HOST:PORT");
		return -EINVAL;
	}
	key = vc_place_unknown_key(
		&d->where, d->s->conf.is_duplex ? duplex_keys : known_keys);
	if (key) {
		snprintf(why->text, sizeof(why->text),
			 "no such key: %s= (media= rtcp= bind= iface= ttl= or "
			 "dscp=)",
			 key);
		return -EINVAL;
	}
	err = vc_port_init(&d->own, d->s->tool, &d->where, VC_RTCP_AT_MUX,
			   why->text, sizeof(why->text));
	if (!err)
		err = parse_media(d, why);
	return err ? err : parse_dscp(d, why);
}

/* bind=[ADDR]:PORT. 0, -ENOENT where it is not given, or why not. */
static int local_of(const struct vc_dest *d, struct sockaddr_storage *sa,
		    struct why *why)
{
	const char *v = vc_place_key(&d->where, "bind");
	char text[300], reason[256];
	struct vc_place p;
	socklen_t len;
	int err;

	if (!v)
		return -ENOENT;
	snprintf(text, sizeof(text), "rtp://%s", v);
	if (vc_place_parse(&p, text, false, reason, sizeof(reason)) ||
	    p.n_keys) {
		snprintf(why->text, sizeof(why->text),
			 "bind=%.200s: not [ADDR]:PORT", v);
		return -EINVAL;
	}
	err = vc_place_resolve(p.host, p.port, d->peer.ss_family, SOCK_DGRAM,
			       sa, &len);
	if (err)
		snprintf(why->text, sizeof(why->text), "bind=%.200s: %s", v,
			 strerror(-err));
	return err ? -EINVAL : 0;
}

static int ttl_of(const struct vc_dest *d, int *ttl, struct why *why)
{
	const char *v = vc_place_key(&d->where, "ttl");
	uint64_t n = 0;

	if (v && vc_num_u64(v, 1, 255, &n)) {
		snprintf(why->text, sizeof(why->text), "ttl=1 to 255");
		return -EINVAL;
	}
	*ttl = (int)n;
	return 0;
}

/* --- opening --- */

static void tell_ready(struct vc_dest *d)
{
	char addr[128], line[160];

	vc_place_addr_text(vc_udp_local(d->port->rtp), addr, sizeof(addr));
	snprintf(line, sizeof(line), "rtp://%s", addr);
	vc_tool_ready(d->s->tool, line);
}

static void on_error(void *ctx, int err)
{
	vc_dest_complain(ctx, err);
}

/* Any address and port of the peer's family. */
static void local_any(const struct vc_dest *d, struct sockaddr_storage *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->ss_family = d->peer.ss_family;
}

/* Where to, and by which interface. */
static int find(struct vc_dest *d, struct why *why)
{
	const char *iface = vc_place_key(&d->where, "iface");
	socklen_t len;
	int err = vc_place_resolve(d->where.host, d->where.port,
				   vc_tool_options(d->s->tool)->family,
				   SOCK_DGRAM, &d->peer, &len);

	if (!err)
		err = vc_udp_set_zone(&d->peer, iface);
	if (err)
		return err;
	d->is_connected = !d->s->conf.is_duplex &&
			  !vc_udp_is_multicast(&d->peer);
	if (!d->s->conf.is_duplex || !vc_udp_is_multicast(&d->peer))
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "a group of many: --duplex is for one peer");
	return -EINVAL;
}

/* A group is not connected to, as each of its members reports by himself. 0,
 * -EINVAL and why: it is written wrongly, or another -errno. */
static int open_dest(struct vc_dest *d, struct why *why)
{
	const struct vc_port_ops ops = { .rtcp = vc_dest_take_rtcp,
					 .error = on_error,
					 .ctx = d };
	struct vc_port_conf conf = { .iface = vc_place_key(&d->where, "iface"),
				     .rtcp_dscp = vc_dscp_rtcp(&d->dscp) };
	struct sockaddr_storage local;
	int err = find(d, why);

	if (err)
		return err;
	if (d->is_connected)
		conf.peer = &d->peer;
	err = local_of(d, &local, why);
	if (err == -ENOENT && !d->is_connected)
		local_any(d, &local);
	if (!err || !d->is_connected)
		conf.local = &local;
	if (!err || err == -ENOENT)
		err = ttl_of(d, &conf.ttl, why);
	if (err)
		return err;
	vc_port_listen(d->port, &ops);
	err = vc_port_open(d->port, &conf);
	if (err)
		return err;
	d->by_next = d->port->rtcp;
	d->rtcp = d->peer;
	if (d->by_next)
		vc_udp_set_port(&d->rtcp, d->port->rtcp_port);
	return vc_dest_begin(d);
}

void vc_rtptx_operands(struct vc_rtptx *s)
{
	const struct vc_words *args = &vc_tool_options(s->tool)->args;

	if (!args->n)
		vc_tool_usage(s->tool, "where to? rtp://HOST:PORT");
	for (size_t i = 0; i < args->n; i++) {
		struct vc_dest *d = vc_alloc(1, sizeof(*d));
		struct why why;

		d->s = s;
		d->port = &d->own;
		if (parse(d, args->v[i], &why))
			vc_tool_usage(s->tool, "%s: %s", d->where.text,
				      why.text);
		if (vc_dest_join(d, d->where.name))
			exit(VC_EXIT_FAIL);
	}
}

int vc_rtptx_open_ports(struct vc_rtptx *s)
{
	for (struct vc_dest *d = s->dests; d; d = d->next) {
		struct why why = { "" };
		int err = open_dest(d, &why);

		if (why.text[0])
			vc_tool_usage(s->tool, "%s: %s", d->where.text,
				      why.text);
		if (err) {
			vc_tool_fail(s->tool, VC_EXIT_FAIL, "%s: open: %s",
				     d->where.text, strerror(-err));
			return err;
		}
		tell_ready(d);
	}
	return 0;
}
