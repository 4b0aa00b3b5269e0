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
#include "base/str.h"
#include "link/dtlsid.h"
#include "link/rtptx_internal.h"

static const char *const known_keys[] = { "media", "rtcp",  "bind", "ttl",
					  "dscp",  "iface", NULL };
/* What comes back is described and believed as in vc-recv. */
static const char *const duplex_keys[] = { "media", "rtcp",  "bind",
					   "ttl",   "dscp",  "iface",
					   "sdp",   "latch", NULL };
/* Whose certificate it is. */
static const char *const dtls_keys[] = { "media", "rtcp",  "bind", "ttl",
					 "dscp",  "iface", "sdp",  NULL };

/* --- words --- */

static int parse_media(struct vc_dest *d, struct vc_why *why)
{
	const char *v = vc_place_key(d->place, "media");
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

static int parse_dscp(struct vc_dest *d, struct vc_why *why)
{
	const char *v = vc_place_key(d->place, "dscp");

	d->dscp = d->s->conf.dscp;
	if (!v || !vc_dscp_parse(&d->dscp, v))
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "dscp= is a class as EF, AF41 or CS1, or 0 to 63");
	return -EINVAL;
}

static int parse(struct vc_dest *d, const char *arg, struct vc_why *why)
{
	struct vc_place *p = d->place;
	const char *key;
	int err = vc_place_parse(p, arg, true, why->text, sizeof(why->text));

	if (err)
		return err;
	if (p->kind != VC_PLACE_RTP) {
		snprintf(why->text, sizeof(why->text),
			 "not an address to send to, as rtp://192.0.2.1:5004");
		return -EINVAL;
	}
	if (!p->host[0] || !p->port) {
		snprintf(why->text, sizeof(why->text),
			 "where to? rtp://HOST:PORT");
		return -EINVAL;
	}
	key = vc_place_unknown_key(p, d->s->conf.is_duplex ? duplex_keys :
				      p->is_dtls	   ? dtls_keys :
							     known_keys);
	if (key) {
		snprintf(why->text, sizeof(why->text),
			 "no such key: %s= (media= rtcp= bind= iface= ttl= or "
			 "dscp=)",
			 key);
		return -EINVAL;
	}
	if (p->is_dtls && vc_keychain_want_dtls(d->s->conf.keychain)) {
		snprintf(why->text, sizeof(why->text),
			 "what is sent already is in clear");
		return -EINVAL;
	}
	vc_strlcpy(d->where.name, p->name, sizeof(d->where.name));
	vc_strlcpy(d->where.text, p->text, sizeof(d->where.text));
	d->where.port = p->port;
	d->where.is_srtp = p->is_srtp;
	d->where.is_dtls = p->is_dtls;
	err = vc_port_init(&d->own, d->s->tool, d->s->conf.keychain, p,
			   VC_RTCP_AT_MUX, why->text, sizeof(why->text));
	if (!err)
		err = parse_media(d, why);
	return err ? err : parse_dscp(d, why);
}

/* Names are looked up at the start, when no media waits for it, and nothing
 * has been given up yet. */
static int look_up(const struct vc_dest *d, const char *host, uint16_t port,
		   int family, struct sockaddr_storage *sa, struct vc_why *why)
{
	socklen_t len;

	if (!d->s->is_open || vc_place_is_numeric(host))
		return vc_place_resolve(host, port, family, SOCK_DGRAM, sa,
					&len);
	snprintf(why->text, sizeof(why->text),
		 "names are looked up at the start only: give an address");
	return -EINVAL;
}

/* bind=[ADDR]:PORT. 0, -ENOENT where it is not given, or why not. */
static int local_of(const struct vc_dest *d, struct sockaddr_storage *sa,
		    struct vc_why *why)
{
	const char *v = vc_place_key(d->place, "bind");
	char text[300], reason[256];
	struct vc_place p;
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
	err = look_up(d, p.host, p.port, d->peer.ss_family, sa, why);
	if (err && !why->text[0])
		snprintf(why->text, sizeof(why->text), "bind=%.200s: %s", v,
			 vc_place_why(&p, err));
	return err ? -EINVAL : 0;
}

static int ttl_of(const struct vc_dest *d, int *ttl, struct vc_why *why)
{
	const char *v = vc_place_key(d->place, "ttl");
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
	const bool is_dtls = d->where.is_dtls;
	char addr[128], line[400];

	vc_place_addr_text(vc_udp_local(d->port->rtp), addr, sizeof(addr));
	snprintf(line, sizeof(line), "%s%s%s%s",
		 vc_place_scheme(d->where.is_srtp, d->where.is_dtls), addr,
		 is_dtls ? " " : "",
		 is_dtls ?
			 vc_dtlsid_text(vc_keychain_dtls(d->s->conf.keychain)) :
			 "");
	vc_tool_ready(d->s->tool, line);
}

static void on_error(void *ctx, int err)
{
	vc_dest_complain(ctx, err);
}

/* A key for it, which with --keep-ssrc is nobody else's. 0, -EINVAL and why,
 * or -ENOMEM. */
static int secure(struct vc_dest *d, struct vc_why *why)
{
	int err;

	if (d->where.is_dtls)
		return vc_dest_shake(d, why);
	err = vc_dest_secure(d);
	if (err == -ENOKEY) {
		snprintf(why->text, sizeof(why->text),
			 "no SRTP key to send with (cure: --key-file)");
		return -EINVAL;
	}
	if (err || !d->srtp)
		return err;
	vc_keychain_expect(d->s->conf.keychain, d->where.name, &d->peer);
	vc_keychain_expect(d->s->conf.keychain, d->where.name, &d->rtcp);
	if (!d->s->conf.keep_ssrc || vc_seal_is_own(d->srtp->seal))
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "--keep-ssrc wants an 'out' key that nobody else has");
	return -EINVAL;
}

/* Any address and port of the peer's family. */
static void local_any(const struct vc_dest *d, struct sockaddr_storage *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->ss_family = d->peer.ss_family;
}

/* Where to, and by which interface. */
static int find(struct vc_dest *d, struct vc_why *why)
{
	const char *iface = vc_place_key(d->place, "iface");
	int err = look_up(d, d->place->host, d->where.port,
			  vc_tool_options(d->s->tool)->family, &d->peer, why);

	if (!err)
		err = vc_udp_set_zone(&d->peer, iface);
	if (err)
		return err;
	if (!vc_udp_is_multicast(&d->peer) ||
	    (!d->s->conf.is_duplex && !d->where.is_dtls))
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "a group of many: %s for one peer",
		 d->where.is_dtls ? "dtls+rtp:// is" : "--duplex is");
	return -EINVAL;
}

/* A port of its own. A group is not connected to, as each of its members
 * reports by himself. 0, -EINVAL and why: it is written wrongly, or another
 * -errno. */
static int open_own(struct vc_dest *d, struct vc_why *why)
{
	const struct vc_port_ops ops = { .rtcp = vc_dest_take_rtcp,
					 .error = on_error,
					 .keys = vc_dest_keys,
					 .ctx = d };
	struct vc_port_conf conf = { .iface = vc_place_key(d->place, "iface"),
				     .rtcp_dscp = vc_dscp_rtcp(&d->dscp) };
	struct sockaddr_storage local;
	int err;

	d->is_connected = !d->s->conf.is_duplex &&
			  !vc_udp_is_multicast(&d->peer);
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
	return 0;
}

static int open_dest(struct vc_dest *d, struct vc_why *why)
{
	int err = find(d, why);

	if (!err)
		err = vc_hub_share(d);
	if (err == 1)
		err = open_own(d, why);
	if (!err)
		err = secure(d, why);
	if (err)
		return err;
	vc_dest_begin(d);
	return 0;
}

int vc_dest_open(struct vc_dest *d, struct vc_why *why)
{
	int err;

	why->text[0] = '\0';
	err = open_dest(d, why);
	if (!err && !d->s->conf.is_duplex) {
		free(d->place);
		d->place = NULL;
	}
	if (!err || why->text[0])
		return err;
	snprintf(why->text, sizeof(why->text), "open: %s",
		 vc_place_why(d->place, err));
	return err == -EINVAL ? -EIO : err;
}

struct vc_dest *vc_dest_new(struct vc_rtptx *s, const char *text,
			    struct vc_why *why)
{
	struct vc_dest *d = vc_try_alloc(1, sizeof(*d));

	snprintf(why->text, sizeof(why->text), "out of memory");
	if (!d)
		return NULL;
	d->s = s;
	d->port = &d->own;
	d->place = vc_try_alloc(1, sizeof(*d->place));
	if (d->place && !parse(d, text, why))
		return d;
	vc_dest_free(d);
	return NULL;
}

static void add_operand(struct vc_rtptx *s, const char *text)
{
	struct vc_why why;
	struct vc_dest *d = vc_dest_new(s, text, &why);
	char safe[512];

	vc_escape(safe, sizeof(safe), text, strlen(text));
	if (!d)
		vc_tool_usage(s->tool, "%s: %s", safe, why.text);
	if (vc_dest_join(d, d->where.name))
		exit(VC_EXIT_FAIL);
}

void vc_rtptx_operands(struct vc_rtptx *s)
{
	const struct vc_words *args = &vc_tool_options(s->tool)->args;
	struct vc_why why;

	if (!args->n && !s->conf.dest_file)
		vc_tool_usage(s->tool, "where to? rtp://HOST:PORT");
	for (size_t i = 0; i < args->n; i++)
		add_operand(s, args->v[i]);
	if (s->conf.dest_file && vc_rtptx_read_file(s, &why))
		vc_tool_usage(s->tool, "--dest-file %s", why.text);
}

int vc_rtptx_open_ports(struct vc_rtptx *s)
{
	for (struct vc_dest *d = s->dests; d; d = d->next) {
		struct vc_why why;
		int err = vc_dest_open(d, &why);

		if (err == -EINVAL)
			vc_tool_usage(s->tool, "%s: %s", d->where.text,
				      why.text);
		if (err) {
			vc_tool_fail(s->tool, VC_EXIT_FAIL, "%s: %s",
				     d->where.text, why.text);
			return err;
		}
		tell_ready(d);
	}
	s->is_open = true;
	return 0;
}
