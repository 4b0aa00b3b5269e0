/* SPDX-License-Identifier: MIT */
/*
 * What a capture is tells its first octets, or the operator. On the recorded
 * clock each packet moves the clock and is given at once; paced, a timer waits
 * for it, reading rests, and the same octets are parsed again. An interface is
 * live.
 */
#include "tool/in_capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/live.h"
#include "wire/defaults.h"

/* --- descriptions --- */

/* As it is: nothing is renumbered, as nothing is merged. */
static int describe(struct vc_in_capture *c, const struct vc_sdp *sdp,
		    const char *clock)
{
	struct vc_in *in = c->in;
	struct vc_sdp *copy = vc_try_alloc(1, sizeof(*copy));
	char *text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	int n = -ENOMEM;

	if (copy && text) {
		*copy = *sdp;
		copy->clock = vc_str_c(clock);
		copy->control = vc_str_c("");
		n = vc_sdp_write(copy, text, VC_FRAME_DESC_MAX);
	}
	if (n > 0)
		n = vc_sdp_parse(copy, text, (size_t)n);
	if (n) {
		free(text);
		free(copy);
		return n;
	}
	free(c->sdp);
	free(c->sdp_text);
	c->sdp = copy;
	c->sdp_text = text;
	in->has_desc = true;
	in->rid_ext = vc_sdp_ext_id(copy, VC_EXT_URI_RID);
	if (in->has_started && in->ops.desc)
		in->ops.desc(in->ctx, copy);
	return 0;
}

static void want_ports(struct vc_in_capture *c, const struct vc_sdp *sdp)
{
	if (c->in->conf.is_heuristic)
		return;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];
		uint16_t rtcp = m->rtcp_port ? m->rtcp_port :
					       (uint16_t)(m->port + 1);

		if (!m->port || !m->is_rtp || c->n_ports + 2 > VC_IN_PORTS)
			continue;
		c->ports[c->n_ports] = m->port;
		c->ports[c->n_ports + 1] = rtcp;
		c->n_ports += 2;
	}
}

static bool wants(void *ctx, uint16_t port)
{
	const struct vc_in_capture *c = ctx;

	for (unsigned int i = 0; i < c->n_ports; i++) {
		if (c->ports[i] == port)
			return true;
	}
	return false;
}

/* By the operator's words, or by our defaults; mjr by its own, later. */
static int describe_first(struct vc_in_capture *c, const char *clock)
{
	struct vc_in *in = c->in;
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	int err = sdp ? 0 : -ENOMEM;

	if (sdp && in->sdp_text)
		err = vc_sdp_parse(sdp, in->sdp_text, in->sdp_len);
	else if (sdp)
		vc_default_sdp(sdp);
	if (!err && in->sdp_text)
		want_ports(c, sdp);
	if (!err && (in->sdp_text || c->kind != VC_FILEKIND_MJR))
		err = describe(c, sdp, clock);
	free(sdp);
	return err;
}

static int make_scan(struct vc_in_capture *c)
{
	const struct vc_capscan_conf conf = {
		.kind = c->kind,
		.pool = vc_tool_pool(c->in->tool),
		.packet = vc_in_captured_packet,
		.wants = c->n_ports ? wants : NULL,
		.ctx = c,
	};

	c->scan = vc_capscan_new(&conf);
	return c->scan ? 0 : -ENOMEM;
}

/* --- what is told --- */

static void fill_stats(void *ctx, struct vc_json *record)
{
	const struct vc_in_capture *c = ctx;
	const struct vc_capscan_counts n = vc_capscan_counts(c->scan);
	struct vc_json *j = vc_json_object();
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "packets", n.packets },
		{ "bad", n.bad + c->bad },
		{ "other", n.other },
		{ "fragments", n.fragments },
		{ "cut", n.cut },
		{ "cut_taken", n.cut_taken },
		{ "datagrams", n.datagrams },
		{ "sip", n.sip },
		{ "sip_bad", n.sip_bad },
		{ "not_rtp", n.not_rtp },
		{ "toobig", n.toobig },
		{ "given", n.given },
		{ "flows", n.flows },
		{ "flows_forgotten", n.flows_forgotten },
		{ "dropped", c->live ? vc_live_counts(c->live).dropped : 0 },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(j, rows[i].key, (int64_t)rows[i].n);
	vc_capcall_fill_tcp(j, &n.tcp);
	vc_json_set(record, "capture", j);
}

struct vc_json *vc_in_capture_record(const struct vc_in *in)
{
	struct vc_json *o, *j;

	if (!in->capture || !in->capture->scan)
		return NULL;
	o = vc_json_object();
	fill_stats(in->capture, o);
	j = vc_json_copy(vc_json_get(o, "capture"));
	vc_json_free(o);
	return j;
}

const struct vc_capscan_packet *vc_in_captured(const struct vc_in *in)
{
	return in->capture ? in->capture->now : NULL;
}

uint64_t vc_in_malformed(const struct vc_in *in)
{
	return in->capture ? in->capture->malformed : 0;
}

uint64_t vc_in_refused(const struct vc_in *in)
{
	return in->counts.ssrcs;
}

/* --- files --- */

static struct vc_in_capture *capture_new(struct vc_in *in, struct feed *f,
					 enum vc_filekind kind)
{
	struct vc_in_capture *c = vc_alloc(1, sizeof(*c));

	c->in = in;
	c->f = f;
	c->kind = kind;
	c->last = VC_TIME_NONE;
	return c;
}

int vc_in_capture_begin(struct vc_in *in, struct feed *f, enum vc_filekind kind)
{
	struct vc_in_capture *c = capture_new(in, f, kind);
	int err = describe_first(c, "recorded");

	if (!err)
		err = make_scan(c);
	in->capture = c;
	if (err)
		return err;
	f->clock = VC_CLOCK_RECORDED;
	f->is_described = true;
	vc_tool_on_stats(in->tool, fill_stats, c);
	return 0;
}

static void end_of_file(struct vc_in_capture *c)
{
	struct vc_capscan_counts n;
	struct vc_in *in = c->in;
	struct feed *f = c->f;

	vc_capscan_end(c->scan);
	n = vc_capscan_counts(c->scan);
	if (c->is_broken)
		vc_in_complain(in, f,
			       "malformed after %" PRIu64 " packets: the rest "
			       "cannot be read",
			       n.packets);
	else if (!f->input.err && !vc_input_is_cut(&f->input) &&
		 (vc_input_left(&f->input) || c->skip))
		vc_in_complain(in, f, "truncated after %" PRIu64 " packets",
			       n.packets);
	if (n.cut + n.cut_taken)
		vc_tool_warn(in->tool,
			     "%s: %" PRIu64 " packets were not captured whole: "
			     "they count by their original length, what was in "
			     "them is not known (tcpdump -s 0 keeps all)",
			     f->input.where.text, n.cut + n.cut_taken);
	if (n.tcp.holes)
		vc_tool_warn(in->tool,
			     "%s: %" PRIu64 " holes in TCP connections of SIP "
			     "or RTSP: what was there is lost",
			     f->input.where.text, n.tcp.holes);
	if (n.links)
		vc_tool_warn(in->tool,
			     "%s: %" PRIu64 " packets of a link layer that is "
			     "not understood: left out",
			     f->input.where.text, n.links);
	if (n.fragments)
		vc_tool_warn(in->tool,
			     "%s: %" PRIu64 " fragments of IP packets: left "
			     "out",
			     f->input.where.text, n.fragments);
	if (!c->is_broken)
		vc_input_pop(&f->input, vc_input_left(&f->input));
	if (!c->is_broken)
		vc_in_feed_end(in, f);
	else
		vc_in_feed_close(in, f);
}

static int next_piece(struct vc_in_capture *c, struct vc_piece *p)
{
	const struct vc_input *input = &c->f->input;
	const uint8_t *buf = input->buf + input->start;
	size_t len = vc_input_left(input);

	switch (c->kind) {
	case VC_FILEKIND_RTPDUMP:
		return vc_rtpdump_next(&c->rtpdump, buf, len, p);
	case VC_FILEKIND_MJR:
		return vc_mjr_next(&c->mjr, buf, len, p);
	default:
		return vc_pcap_next(&c->pcap, buf, len, p);
	}
}

static void skip(struct vc_in_capture *c)
{
	size_t left = vc_input_left(&c->f->input);
	size_t n = c->skip < left ? c->skip : left;

	vc_input_pop(&c->f->input, n);
	c->skip -= n;
}

static void describe_mjr(struct vc_in_capture *c, const struct vc_piece *p)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));

	if (sdp && vc_mjrinfo_sdp(&c->info, p, sdp) && !c->in->sdp_text)
		describe(c, sdp, "recorded");
	free(sdp);
}

/* Times that leap stay in what a stream can say. */
static int64_t time_of(struct vc_in_capture *c, const struct vc_piece *p)
{
	int64_t t = p->time;

	if (c->kind == VC_FILEKIND_MJR)
		t = vc_mjrinfo_time(&c->info, p);
	if (t == VC_TIME_NONE)
		t = c->last == VC_TIME_NONE ? VC_VIRTUAL_EPOCH : c->last;
	c->last = t;
	if (!c->in->has_started && vc_tool_options(c->in->tool)->rebase)
		c->offset = VC_VIRTUAL_EPOCH - t;
	t += c->offset;
	if (t < 0)
		return 0;
	return t > VC_FRAME_TIME_MAX ? VC_FRAME_TIME_MAX : t;
}

static bool held(void *ctx)
{
	struct vc_in *in = ctx;

	return in->ops.held && in->ops.held(in->ctx);
}

/* False: its time is still to come. */
static bool has_come(struct vc_in_capture *c, int64_t t)
{
	struct vc_in *in = c->in;

	if (!in->has_started)
		vc_in_start_clock(in, t);
	if (t <= vc_loop_now(in->loop))
		return true;
	if (in->is_paced) {
		vc_timer_arm(in->loop, &in->pace_timer, t);
		vc_input_pause(&c->f->input, true);
		return false;
	}
	vc_loop_advance(in->loop, t, held, in);
	if (in->ops.time)
		in->ops.time(in->ctx, t);
	return true;
}

/* False: it waits. */
static bool take_packet(struct vc_in_capture *c, const struct vc_piece *p)
{
	int64_t t = time_of(c, p);

	if (c->kind == VC_FILEKIND_MJR && !c->info.is_told)
		describe_mjr(c, p);
	if (!has_come(c, t))
		return false;
	if (!c->in->why && !c->in->is_finished)
		vc_capscan_take(c->scan, p, t);
	return true;
}

/* One piece; false: no more for now. */
static bool step(struct vc_in_capture *c)
{
	struct vc_piece p;
	int got = 0;

	skip(c);
	if (!c->skip)
		got = next_piece(c, &p);
	if (got == 1 && p.kind == VC_PIECE_INFO)
		got = vc_mjrinfo_take(&c->info, &p) ? -EBADMSG : 1;
	if (got < 0)
		c->is_broken = true;
	if (got < 0 || (got == 0 && c->f->input.is_ended))
		end_of_file(c);
	if (got != 1)
		return false;
	c->bad += p.kind == VC_PIECE_BAD;
	if (p.kind == VC_PIECE_PACKET && !take_packet(c, &p))
		return false;
	c->skip = p.size;
	skip(c);
	return true;
}

bool vc_in_capture_pump(struct vc_in *in)
{
	struct vc_in_capture *c = in->capture;
	struct vc_input *input = c->f ? &c->f->input : NULL;

	if (!c->f)
		return true;
	vc_input_pause(input, false);
	while (!c->f->is_over && !in->why && !in->is_finished &&
	       !vc_loop_is_stopped(in->loop) && step(c))
		;
	return !c->f->is_over;
}

/* --- an interface --- */

static void take_live(void *ctx, const struct vc_piece *p)
{
	struct vc_in_capture *c = ctx;

	if (!c->in->why)
		vc_capscan_take(c->scan, p, p->time);
}

static void live_ready(void *ctx, unsigned int events)
{
	struct vc_in_capture *c = ctx;
	int n = vc_live_read(c->live, take_live, c);

	(void)events;
	if (n < 0) {
		vc_tool_fail(c->in->tool, VC_EXIT_FAIL, "%s: read: %s",
			     c->in->conf.iface, strerror(-n));
		c->in->why = "error";
	} else {
		vc_loop_busy(c->in->loop, (unsigned int)n);
	}
	if (c->in->why)
		vc_in_pump(c->in);
}

static void live_due(void *ctx, int64_t now)
{
	struct vc_in_capture *c = ctx;

	vc_in_begin_live(c->in, now);
	if (vc_loop_watch(c->in->loop, &c->live_watch, VC_READ))
		vc_in_enough(c->in, "error");
}

int vc_in_capture_listen(struct vc_in *in)
{
	struct vc_in_capture *c = capture_new(in, NULL, VC_FILEKIND_PCAP);
	char why[256];
	int err;

	in->capture = c;
	vc_strlcpy(in->feeds[0].input.where.text, in->conf.iface,
		   sizeof(in->feeds[0].input.where.text));
	err = describe_first(c, "live");
	if (!err)
		err = make_scan(c);
	if (err) {
		vc_tool_fail(in->tool, VC_EXIT_FAIL, "%s: %s", in->conf.iface,
			     strerror(-err));
		return err;
	}
	err = vc_live_open(&c->live, in->conf.iface, in->conf.filter, why,
			   sizeof(why));
	if (err) {
		vc_tool_fail(in->tool, VC_EXIT_FAIL, "%s: open: %s",
			     in->conf.iface, why);
		return err;
	}
	c->live_watch = (struct vc_watch){ .fn = live_ready,
					   .ctx = c,
					   .fd = vc_live_fd(c->live) };
	c->live_timer = (struct vc_timer){ .fn = live_due, .ctx = c };
	vc_timer_arm(in->loop, &c->live_timer, vc_loop_now(in->loop));
	vc_tool_on_stats(in->tool, fill_stats, c);
	return 0;
}

void vc_in_capture_free(struct vc_in *in)
{
	struct vc_in_capture *c = in->capture;

	if (!c)
		return;
	vc_tool_off_stats(in->tool, fill_stats, c);
	vc_timer_cancel(in->loop, &c->live_timer);
	if (c->live && c->live_watch.fn)
		vc_loop_watch(in->loop, &c->live_watch, 0);
	vc_live_close(c->live);
	vc_capscan_free(c->scan);
	free(c->sdp);
	free(c->sdp_text);
	free(c);
	in->capture = NULL;
}
