/* SPDX-License-Identifier: MIT */
/*
 * The file is an input as those of streams are (tool/input.c), taken piece by
 * piece where its octets lie. A packet is looked at when its time has come: on
 * the recorded clock that is at once, by moving the clock; paced, a timer waits
 * for it, reading rests, and the same octets are parsed again.
 */
#include "tool/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/live.h"
#include "tool/capture_internal.h"
#include "wire/frame.h"

#define SNIFF 12 /* octets that tell what a file is */
#define SDP_MAX 2048

/* --- the end --- */

static bool held(void *ctx)
{
	struct vc_capture *c = ctx;

	return c->ops.held && c->ops.held(c->ctx);
}

static void end_due(void *ctx, int64_t now)
{
	struct vc_capture *c = ctx;

	(void)now;
	if (vc_loop_is_virtual(c->conf.loop))
		vc_loop_drain(c->conf.loop, held, c);
	if (c->ops.end)
		c->ops.end(c->ctx, c->err);
}

/* From a timer of its own, as it may be said while a packet is given. */
static void finish(struct vc_capture *c, int err)
{
	if (c->is_over)
		return;
	c->is_over = true;
	c->err = err;
	vc_timer_cancel(c->conf.loop, &c->pace_timer);
	if (!c->live)
		vc_input_pause(&c->in, true);
	else
		vc_loop_watch(c->conf.loop, &c->live_watch, 0);
	vc_timer_arm(c->conf.loop, &c->end_timer, vc_loop_now(c->conf.loop));
	/* Nobody else drives the clock from here on. */
	if (vc_loop_is_virtual(c->conf.loop))
		vc_loop_set_driven(c->conf.loop, false);
}

void vc_capture_stop(struct vc_capture *c)
{
	finish(c, 0);
}

static void end_of_file(struct vc_capture *c)
{
	vc_tcpcalls_end(c->tcp);
	if (c->in.err) {
		c->counts.why = c->in.sealed.why;
		finish(c, c->in.err);
		return;
	}
	c->counts.is_cut_short =
		c->is_begun &&
		(vc_input_left(&c->in) || c->skip || vc_input_is_cut(&c->in));
	finish(c, c->is_begun ? 0 : -EBADMSG);
}

/* --- the clock --- */

static void start(struct vc_capture *c, int64_t t)
{
	c->has_started = true;
	if (c->conf.rebase) {
		c->offset = VC_VIRTUAL_EPOCH - t;
		t = VC_VIRTUAL_EPOCH;
	}
	if (c->conf.live) {
		vc_loop_set_epoch(c->conf.loop, t);
	} else {
		vc_loop_set_virtual(c->conf.loop, t);
		vc_loop_set_driven(c->conf.loop, true);
	}
	if (c->ops.start)
		c->ops.start(c->ctx, t);
}

/* When a packet came, on the clock it is given by. */
static int64_t time_of(struct vc_capture *c, const struct vc_piece *p)
{
	int64_t t = p->time;

	if (c->kind == VC_FILEKIND_MJR)
		t = vc_mjrinfo_time(&c->info, p);
	if (t != VC_TIME_NONE)
		c->last = t;
	if (c->last == VC_TIME_NONE)
		c->last = VC_VIRTUAL_EPOCH;
	return c->last;
}

/* Times that leap stay in what a stream can say. */
static int64_t rebased(const struct vc_capture *c, int64_t t)
{
	t += c->offset;
	if (t < 0)
		return 0;
	return t > VC_FRAME_TIME_MAX ? VC_FRAME_TIME_MAX : t;
}

/* False: its time is still to come. */
static bool has_come(struct vc_capture *c, int64_t t)
{
	if (t <= vc_loop_now(c->conf.loop))
		return true;
	if (!c->conf.live) {
		vc_loop_advance(c->conf.loop, t, held, c);
		return true;
	}
	vc_timer_arm(c->conf.loop, &c->pace_timer, t);
	vc_input_pause(&c->in, true);
	return false;
}

/* --- pieces --- */

/* 1 known, 0 not yet; else it is none, or another than was said. */
static int learn_kind(struct vc_capture *c)
{
	enum vc_filekind said = c->in.where.capture;

	if (c->kind)
		return 1;
	if (c->in.err || (vc_input_left(&c->in) < SNIFF && !c->in.is_ended))
		return 0;
	c->kind = vc_input_kind(&c->in);
	if (c->kind != VC_FILEKIND_PCAP && c->kind != VC_FILEKIND_RTPDUMP &&
	    c->kind != VC_FILEKIND_MJR)
		return -EBADMSG;
	return said && said != c->kind ? -EBADMSG : 1;
}

static int next_piece(struct vc_capture *c, struct vc_piece *p)
{
	const uint8_t *buf = c->in.buf + c->in.start;
	size_t len = vc_input_left(&c->in);

	switch (c->kind) {
	case VC_FILEKIND_RTPDUMP:
		return vc_rtpdump_next(&c->rtpdump, buf, len, p);
	case VC_FILEKIND_MJR:
		return vc_mjr_next(&c->mjr, buf, len, p);
	default:
		return vc_pcap_next(&c->pcap, buf, len, p);
	}
}

static void skip(struct vc_capture *c)
{
	size_t left = vc_input_left(&c->in);
	size_t n = c->skip < left ? c->skip : left;

	vc_input_pop(&c->in, n);
	c->skip -= n;
}

/* mjr: before the first packet is given. */
static void describe(struct vc_capture *c, const struct vc_piece *p)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	char text[SDP_MAX];
	int n = 0;

	if (sdp && vc_mjrinfo_sdp(&c->info, p, sdp) && c->ops.desc)
		n = vc_sdp_write(sdp, text, sizeof(text));
	if (n > 0)
		c->ops.desc(c->ctx, text, (size_t)n);
	free(sdp);
}

/* False: it waits, or all is over. */
static bool take_packet(struct vc_capture *c, const struct vc_piece *p)
{
	int64_t t = time_of(c, p);

	if (c->kind == VC_FILEKIND_MJR && !c->info.is_told)
		describe(c, p);
	if (!c->has_started)
		start(c, t);
	t = rebased(c, t);
	if (!has_come(c, t) || c->is_over)
		return false;
	vc_capture_packet(c, p, t);
	return true;
}

/* One piece; false: no more for now. */
static bool step(struct vc_capture *c)
{
	struct vc_piece p;
	int got;

	skip(c);
	got = c->skip ? 0 : learn_kind(c);
	if (got == 1)
		got = next_piece(c, &p);
	if (got == 0 && c->in.is_ended)
		end_of_file(c);
	if (got < 0) {
		c->counts.is_broken = c->is_begun;
		finish(c, c->is_begun ? 0 : got);
	}
	if (got != 1)
		return false;
	if (p.kind == VC_PIECE_INFO) {
		int err = vc_mjrinfo_take(&c->info, &p);

		if (err) {
			finish(c, err);
			return false;
		}
	}
	c->is_begun = true;
	c->counts.bad += p.kind == VC_PIECE_BAD;
	if (p.kind == VC_PIECE_PACKET && !take_packet(c, &p))
		return false;
	c->skip = p.size;
	skip(c);
	return true;
}

static void pump(struct vc_capture *c)
{
	unsigned int n = 0;

	if (c->is_pumping)
		return;
	c->is_pumping = true;
	while (!c->is_over && step(c))
		n++;
	c->is_pumping = false;
	if (!c->is_over)
		vc_loop_busy(c->conf.loop, n);
}

static void input_ready(void *ctx, struct vc_input *in)
{
	(void)in;
	pump(ctx);
}

static void pace_due(void *ctx, int64_t now)
{
	struct vc_capture *c = ctx;

	(void)now;
	vc_input_pause(&c->in, false);
	pump(c);
}

/* --- an interface --- */

static void take_live(void *ctx, const struct vc_piece *p)
{
	struct vc_capture *c = ctx;

	if (!c->is_over)
		vc_capture_packet(c, p, p->time);
}

static void live_ready(void *ctx, unsigned int events)
{
	struct vc_capture *c = ctx;
	int n = vc_live_read(c->live, take_live, c);

	(void)events;
	if (n < 0)
		finish(c, n);
	else
		vc_loop_busy(c->conf.loop, (unsigned int)n);
}

static int open_live(struct vc_capture *c, char *why, size_t cap)
{
	int err =
		vc_live_open(&c->live, c->conf.iface, c->conf.filter, why, cap);

	if (err)
		return err;
	c->live_watch = (struct vc_watch){ .fn = live_ready,
					   .ctx = c,
					   .fd = vc_live_fd(c->live) };
	err = vc_loop_watch(c->conf.loop, &c->live_watch, VC_READ);
	if (err)
		snprintf(why, cap, "%s", strerror(-err));
	return err;
}

/* --- life --- */

static int open_file(struct vc_capture *c, char *why, size_t cap)
{
	char ready[8];
	int err;

	c->in.where = *c->conf.where;
	c->in.sealed.keys = c->conf.keys;
	c->in.ready = input_ready;
	c->in.ctx = c;
	err = vc_input_open(&c->in, c->conf.loop, ready, sizeof(ready));
	if (err)
		snprintf(why, cap, "%s", strerror(-err));
	return err;
}

int vc_capture_new(struct vc_capture **out, const struct vc_capture_conf *conf,
		   const struct vc_capture_ops *ops, void *ctx, char *why,
		   size_t cap)
{
	struct vc_capture *c = vc_alloc(1, sizeof(*c));
	int err = -ENOMEM;

	c->conf = *conf;
	c->ops = *ops;
	c->ctx = ctx;
	c->last = VC_TIME_NONE;
	c->in.watch.fd = c->in.accept_watch.fd = -1;
	c->pace_timer = (struct vc_timer){ .fn = pace_due, .ctx = c };
	c->end_timer = (struct vc_timer){ .fn = end_due, .ctx = c };
	c->find = vc_rtpfind_new();
	c->calls = vc_sipcalls_new();
	c->tcp = vc_capture_tcp(c);
	snprintf(why, cap, "out of memory");
	if (c->find && c->calls && c->tcp)
		err = conf->iface ? open_live(c, why, cap) :
				    open_file(c, why, cap);
	if (err) {
		vc_capture_free(c);
		return err;
	}
	why[0] = '\0';
	*out = c;
	return 0;
}

void vc_capture_free(struct vc_capture *c)
{
	if (!c)
		return;
	vc_timer_cancel(c->conf.loop, &c->pace_timer);
	vc_timer_cancel(c->conf.loop, &c->end_timer);
	if (c->live)
		vc_loop_watch(c->conf.loop, &c->live_watch, 0);
	else if (c->in.loop)
		vc_input_close(&c->in);
	vc_live_close(c->live);
	vc_rtpfind_free(c->find);
	vc_sipcalls_free(c->calls);
	vc_tcpcalls_free(c->tcp);
	free(c);
}

enum vc_filekind vc_capture_kind(const struct vc_capture *c)
{
	return c->kind;
}

struct vc_capture_counts vc_capture_counts(const struct vc_capture *c)
{
	struct vc_capture_counts counts = c->counts;

	counts.tcp = vc_tcpcalls_counts(c->tcp);
	if (c->live)
		counts.dropped = vc_live_counts(c->live).dropped;
	return counts;
}
