/* SPDX-License-Identifier: MIT */
/*
 * A capture is read by tool/capture.h; what it gives goes to endpoints that
 * have no sockets, by the way that datagrams go. So nothing is ever sent back.
 * The clock of a file begins with its first packet; until then nothing is
 * written.
 */
#include "link/rtprx_capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tool/capcall.h"
#include "tool/formats.h"
#include "tool/sealkeys.h"

/* --- what the capture tells --- */

static bool wants(void *ctx, const struct sockaddr_storage *from,
		  const struct sockaddr_storage *to)
{
	(void)from;
	return vc_captured_of_port(ctx, vc_udp_port(to)) != NULL;
}

static void take(void *ctx, const struct vc_capture_msg *m)
{
	struct captured *c = ctx;
	struct vc_rtprx *r = c->r;
	struct vc_udp_msg u = m->udp;
	struct vc_srtp_in *ring;
	struct endpoint *ep;

	if (r->is_over || r->why)
		return;
	if (u.is_cut && u.pkt->len < VC_UDP_CAP) {
		c->cut++;
		return;
	}
	if (vc_captured_ring(c, m, &ring) &&
	    !vc_keychain_is_on(r->conf.keychain)) {
		c->sdes.unkeyed++;
		return;
	}
	/* One host may be a server, whose sources are many: nobody floods a
	 * file. */
	u.host = 0;
	ep = vc_captured_taker(c, m, &u, ring);
	if (!ep) {
		c->full++;
		return;
	}
	r->call = m->call;
	ep->port->ring = ring;
	vc_port_take(ep->port, &u, false);
	ep->port->ring = NULL;
	r->call = NULL;
	/* Enough: the next packet, which would move the clock, may not come. */
	if (r->why)
		vc_capture_stop(c->capture);
}

static void start(void *ctx, int64_t now)
{
	struct captured *c = ctx;

	(void)now;
	vc_timer_cancel(c->r->loop, &c->wait_timer);
	c->r->merge.sdp.clock = vc_str_c("recorded");
	vc_rtprx_begin(c->r);
}

/* The file's own word, unless the operator has said something. */
static void learn(void *ctx, const char *text, size_t len)
{
	struct captured *c = ctx;
	struct vc_rtprx *r = c->r;
	char *copy = c->is_described ? NULL : strndup(text, len);

	if (!copy)
		return;
	if (!has_begun(r)) {
		vc_merge_clear(&r->merge);
		vc_merge_init(&r->merge, r->cap, vc_tool_rand(r->tool));
	}
	memset(r->eps[0].formats, 0, sizeof(r->eps[0].formats));
	vc_captured_describe(&r->eps[0], copy, len);
}

static bool is_held(void *ctx)
{
	const struct captured *c = ctx;
	const struct vc_source *src = vc_roster_first(c->r->roster);
	const struct vc_jbuf_item *item;

	for (; src; src = src->next) {
		const struct rxsrc *s = src->user;

		if (s && s->jb && vc_jbuf_peek(s->jb, &item) != VC_JBUF_EMPTY)
			return true;
	}
	return false;
}

/* --- the end --- */

static void say_what_it_is(struct captured *c)
{
	enum vc_filekind kind = vc_capture_kind(c->capture);
	const char *reader = vc_filekind_reader(kind);
	struct vc_tool *t = c->r->tool;

	if (kind == VC_FILEKIND_EMPTY)
		vc_tool_fail(t, VC_EXIT_NO_MEDIA,
			     "%s: empty (did the command before it fail?)",
			     c->name);
	else if (reader && !c->where.capture)
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: %s, not a capture: `%s%s` reads it", c->name,
			     vc_filekind_name(kind), reader, c->name);
	else if (kind == VC_FILEKIND_VCRTP)
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: a vc stream, not a capture: the other tools "
			     "read it as it is",
			     c->name);
	else
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: %s, not %s", c->name,
			     vc_filekind_name(kind),
			     c->where.capture ?
				     vc_filekind_name(c->where.capture) :
				     "a capture");
}

static void judge_whole(struct captured *c)
{
	const struct vc_capture_counts n = vc_capture_counts(c->capture);
	struct vc_tool *t = c->r->tool;

	if (n.is_broken)
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: malformed after %" PRIu64 " packets: the "
			     "rest cannot be read",
			     c->name, n.packets);
	else if (n.is_cut_short)
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: truncated after %" PRIu64 " packets", c->name,
			     n.packets);
	if (c->cut + n.cut)
		vc_tool_warn(t,
			     "%s: %" PRIu64 " packets were not captured whole: "
			     "dropped (tcpdump -s 0 keeps all of them)",
			     c->name, c->cut + n.cut);
	if (n.tcp.holes)
		vc_tool_warn(t,
			     "%s: %" PRIu64 " holes in TCP connections of SIP "
			     "or RTSP: what was there is lost",
			     c->name, n.tcp.holes);
	if (n.fragments)
		vc_tool_warn(t,
			     "%s: %" PRIu64 " fragments of IP packets: dropped",
			     c->name, n.fragments);
	if (c->sdes.unkeyed)
		vc_tool_warn(t,
			     "%s: %" PRIu64 " packets of calls with SRTP whose "
			     "keys SIP did not tell: dropped (cure: "
			     "--key-file)",
			     c->name, c->sdes.unkeyed);
}

static void end(void *ctx, int err)
{
	struct captured *c = ctx;
	struct vc_rtprx *r = c->r;

	const char *why = vc_capture_counts(c->capture).why;

	vc_sealkeys_exit(r->tool, err);
	if (why)
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: %s", c->name, why);
	else if (err == -EBADMSG)
		say_what_it_is(c);
	else if (err == -EPROTONOSUPPORT)
		vc_tool_fail(r->tool, VC_EXIT_FAIL,
			     "%s: a capture of a kind that is not understood",
			     c->name);
	else if (err)
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: read: %s", c->name,
			     strerror(-err));
	else
		judge_whole(c);
	r->conf.enough(r->conf.ctx, err ? "error" : "eof");
}

static void wait_due(void *ctx, int64_t now)
{
	struct captured *c = ctx;

	(void)now;
	c->r->conf.enough(c->r->conf.ctx, "empty");
}

/* --- life --- */

bool vc_rtprx_is_capture(const struct vc_rtprx *r)
{
	const struct vc_words *args = &vc_tool_options(r->tool)->args;
	struct vc_place where;
	char why[256];

	if (r->conf.iface)
		return true;
	for (size_t i = 0; i < args->n; i++) {
		if (vc_place_parse(&where, args->v[i], true, why, sizeof(why)))
			continue;
		if (where.kind == VC_PLACE_CAPTURE ||
		    where.kind == VC_PLACE_STDIO || where.kind == VC_PLACE_FD ||
		    (where.kind == VC_PLACE_PATH && !access(where.path, F_OK)))
			return true;
	}
	return false;
}

static void parse_place(struct captured *c)
{
	struct vc_tool *t = c->r->tool;
	const struct vc_words *args = &vc_tool_options(t)->args;
	char why[256];

	if (c->r->conf.back.reach)
		vc_tool_usage(t, "--reply: nothing is sent back to whom a "
				 "capture shows");
	c->name = c->r->conf.iface;
	if (c->name && args->n)
		vc_tool_usage(t, "--iface and %s: either the one or the other",
			      args->v[0]);
	if (c->name) {
		vc_strlcpy(c->where.text, c->name, sizeof(c->where.text));
		return;
	}
	if (args->n > 1)
		vc_tool_usage(t,
			      "%s: a capture is read by itself; streams of "
			      "several are merged by who reads them, as "
			      "`vc-mix <(vc-recv A) <(vc-recv B)`",
			      args->v[1]);
	if (vc_place_parse(&c->where, args->v[0], true, why, sizeof(why)))
		vc_tool_usage(t, "%s: %s", args->v[0], why);
	c->name = c->where.text;
}

/* The --sdp's ports, if it names some and they are to count. */
static void by_port(struct captured *c, const char *text, size_t len)
{
	struct vc_rtprx *r = c->r;
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));

	c->is_by_port = !r->conf.is_heuristic &&
			!vc_sdp_parse(sdp, text, len) &&
			vc_rtprx_by_sdp(r, sdp);
	for (size_t i = 0; i < r->n; i++)
		c->word[i] = WORD_PORT;
	free(sdp);
}

void vc_rtprx_capture_operand(struct vc_rtprx *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);
	struct captured *c = vc_alloc(1, sizeof(*c));
	size_t len;
	char *text;

	r->captured = c;
	c->r = r;
	parse_place(c);
	if (vc_formats_load(r->tool, o->sdp, &o->pt, &text, &len))
		exit(VC_EXIT_FAIL);
	c->is_described = o->sdp || o->pt.n;
	if (o->sdp)
		by_port(c, text, len);
	if (!c->is_by_port) {
		free(r->eps);
		r->cap = MAX_ENDPOINTS;
		r->eps = vc_alloc(r->cap, sizeof(*r->eps));
		vc_captured_endpoint(c, WORD_GENERAL);
		r->eps[0].sdp_text = vc_strdup(text);
		r->eps[0].sdp_len = len;
	}
	vc_rtprx_settle(r, text, len);
	free(text);
}

int vc_rtprx_capture_open(struct vc_rtprx *r)
{
	const struct vc_options *o = vc_tool_options(r->tool);
	struct captured *c = r->captured;
	struct vc_capture_conf conf = {
		.loop = r->loop,
		.pool = vc_tool_pool(r->tool),
		.io = vc_tool_udp_io(r->tool),
		.where = &c->where,
		.iface = r->conf.iface,
		.filter = r->conf.filter,
		.live = o->live,
		.rebase = o->rebase,
	};
	const struct vc_capture_ops ops = {
		.start = start,
		.desc = learn,
		.wants = c->is_by_port ? wants : NULL,
		.msg = take,
		.held = is_held,
		.end = end,
	};
	char why[256];
	int err = vc_srtp_init(); /* before the sandbox */

	if (err) {
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "SRTP: %s", strerror(-err));
		return err;
	}
	err = vc_sealkeys_of(r->tool, &conf.keys);
	if (err)
		return err;
	err = vc_capture_new(&c->capture, &conf, &ops, c, why, sizeof(why));
	if (err == -ENOTTY)
		vc_tool_usage(r->tool,
			      "a capture does not come from a terminal: try "
			      "`tcpdump -U -w - udp | %s pcap:-`",
			      vc_tool_name(r->tool));
	if (err)
		vc_tool_fail(r->tool, VC_EXIT_FAIL, "%s: open: %s", c->name,
			     why);
	return err;
}

bool vc_rtprx_capture_start(struct vc_rtprx *r)
{
	struct captured *c = r->captured;
	int64_t wait = vc_tool_options(r->tool)->wait;

	c->wait_timer = (struct vc_timer){ .fn = wait_due, .ctx = c };
	if (!r->conf.iface && wait)
		vc_timer_arm(r->loop, &c->wait_timer,
			     vc_loop_now(r->loop) + wait);
	return r->conf.iface;
}

void vc_rtprx_capture_stop(struct vc_rtprx *r)
{
	struct captured *c = r->captured;

	if (!c)
		return;
	vc_timer_cancel(r->loop, &c->wait_timer);
	if (c->capture)
		vc_capture_stop(c->capture);
}

void vc_rtprx_capture_free(struct vc_rtprx *r)
{
	if (!r->captured)
		return;
	vc_timer_cancel(r->loop, &r->captured->wait_timer);
	vc_capture_free(r->captured->capture);
	vc_captured_keys_free(r->captured);
	free(r->captured);
	r->captured = NULL;
}

const char *vc_rtprx_locked_out(const struct vc_rtprx *r, char *buf, size_t cap)
{
	struct captured_sdes n = { 0 };

	if (r->captured)
		n = vc_captured_sdes(r->captured);
	if (n.opened || n.auth_failed + n.replayed == 0)
		return vc_keychain_locked_out(r->conf.keychain, buf, cap);
	snprintf(buf, cap, "%s", VC_KEYCHAIN_LOCKED_OUT);
	return buf;
}

/* --- statistics --- */

void vc_rtprx_fill_capture(const struct vc_rtprx *r, struct vc_json *record)
{
	const struct captured *c = r->captured;
	struct vc_json *j = vc_json_object();
	const struct vc_capture_counts n = vc_capture_counts(c->capture);
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "packets", n.packets },  { "bad", n.bad },
		{ "other", n.other },	   { "fragments", n.fragments },
		{ "cut", n.cut + c->cut }, { "datagrams", n.datagrams },
		{ "sip", n.sip },	   { "sip_bad", n.sip_bad },
		{ "not_rtp", n.not_rtp },  { "given", n.given },
		{ "full", c->full },	   { "dropped", n.dropped },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(j, rows[i].key, (int64_t)rows[i].n);
	vc_capcall_fill_tcp(j, &n.tcp);
	vc_json_set(j, "sdes", vc_captured_sdes_json(c));
	vc_json_set(record, "capture", j);
}
