/* SPDX-License-Identifier: MIT */
/*
 * Drives the inputs, once tool/in_begin.c knows the clock. On the live clock each input's frames are
 * taken as they come. On the virtual one the frame with the smallest time is
 * taken, which needs a frame of every open input; its T advances the loop,
 * which runs the timers before it. A sink that faces the world does the same,
 * but waits with each frame until the live clock has reached its time.
 */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/time.h"
#include "tool/control.h"
#include "tool/in_internal.h"
#include "tool/mediain.h"
#include "tool/sealkeys.h"

#define SIGNAL_GRACE (500 * VC_MS)
#define END_GRACE (2 * VC_SEC)
#define AHEAD (128u << 10) /* octets read ahead where nobody waits for them */

/* --- the end --- */

static bool held(void *ctx)
{
	struct vc_in *in = ctx;

	return in->ops.held && in->ops.held(in->ctx);
}

static void end_now(struct vc_in *in)
{
	vc_roster_end_all(in->roster, -1, VC_LEAVE_EOF);
	if (in->has_started && in->ops.end)
		in->ops.end(in->ctx, vc_loop_now(in->loop));
	if (in->conf.is_side)
		return;
	if (!in->counts.packets && in->has_failed)
		vc_tool_set_exit(in->tool, VC_EXIT_NO_MEDIA);
	else if (!in->counts.packets)
		vc_tool_fail(in->tool, VC_EXIT_NO_MEDIA, "no media came");
	vc_tool_stop(in->tool, in->why);
}

/* Live: what is held is played out, within reason. */
void vc_in_end_due(void *ctx, int64_t now)
{
	struct vc_in *in = ctx;

	if (held(in) && now < in->end_by) {
		vc_timer_arm(in->loop, &in->end_timer, now + 10 * VC_MS);
		return;
	}
	end_now(in);
}

static void finish(struct vc_in *in)
{
	if (in->is_finished)
		return;
	in->is_finished = true;
	if (!in->conf.is_side)
		vc_tool_ended(in->tool, in->why);
	vc_timer_cancel(in->loop, &in->wait_timer);
	/* Described, and not one T: its time is its beginning. */
	if (in->has_clock && !in->has_started)
		vc_in_start_clock(in, VC_VIRTUAL_EPOCH);
	for (size_t i = 0; i < in->n; i++)
		vc_input_close(&in->feeds[i].input);
	if (!in->conf.is_side)
		vc_limits_stop(&in->limits);
	vc_timer_cancel(in->loop, &in->pace_timer);
	if (vc_loop_is_virtual(in->loop)) {
		vc_loop_drain(in->loop, held, in);
		end_now(in);
		return;
	}
	in->end_by = vc_loop_now(in->loop) + END_GRACE;
	vc_in_end_due(in, vc_loop_now(in->loop));
}

void vc_in_enough(void *ctx, const char *why)
{
	struct vc_in *in = ctx;

	if (!in->why)
		in->why = why;
	if (!in->is_pumping)
		finish(in);
}

static void signal_late(void *ctx, unsigned int events)
{
	struct vc_in *in = ctx;

	(void)events;
	vc_loop_watch(in->loop, &in->signal_watch, 0);
	close(in->signal_watch.fd);
	in->signal_watch.fd = -1;
	vc_in_enough(in, "signal");
}

/* Reads on to the end of the input, at most 500 ms of real time. */
void vc_in_on_signal(void *ctx)
{
	struct vc_in *in = ctx;
	struct itimerspec grace = { .it_value.tv_nsec = SIGNAL_GRACE };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	vc_tool_ended(in->tool, "signal");
	if (fd < 0 || timerfd_settime(fd, 0, &grace, NULL)) {
		vc_in_enough(in, "signal");
		return;
	}
	in->signal_watch =
		(struct vc_watch){ .fn = signal_late, .ctx = in, .fd = fd };
	vc_loop_watch(in->loop, &in->signal_watch, VC_READ);
}

void vc_in_roster_due(void *ctx, int64_t now)
{
	struct vc_in *in = ctx;
	int64_t next = vc_roster_tick(in->roster, now);

	if (next > now + VC_SEC)
		next = now + VC_SEC;
	if (next <= now)
		next = now + VC_MS;
	vc_timer_arm(in->loop, &in->roster_timer, next);
}

/* --- taking --- */

/* No more of this one; what it left behind is played first. */
void vc_in_feed_close(struct vc_in *in, struct feed *f)
{
	f->is_over = true;
	vc_input_close(&f->input);
	vc_roster_eof(in->roster, (int)f->index, vc_loop_now(in->loop));
}

/* Two recordings of different times: that is hardly what was meant. */
static void check_overlap(struct vc_in *in, const struct feed *f)
{
	for (size_t i = 0; i < in->n; i++) {
		const struct feed *g = &in->feeds[i];

		if (in->clock == VC_CLOCK_LIVE || g->is_over || g->has_time ||
		    !f->has_time || !in->has_started ||
		    (f->clock != VC_CLOCK_RECORDED &&
		     g->clock != VC_CLOCK_RECORDED))
			continue;
		vc_tool_warn(in->tool,
			     "%s: ends before %s begins: --rebase moves "
			     "recordings to one beginning",
			     f->input.where.text, g->input.where.text);
	}
}

static const char *read_error(int err)
{
	switch (err) {
	case -EBADMSG:
		return "damaged gzip data";
	case -EILSEQ:
		return "damaged; what came before was used";
	case -ENOTSUP:
		return "nothing in it can be played";
	case -ECONNABORTED:
		return "truncated: the TLS connection was cut; what came "
		       "before was used";
	default:
		return strerror(-err);
	}
}

void vc_in_feed_end(struct vc_in *in, struct feed *f)
{
	if (f->input.sealed.why) {
		vc_in_complain(in, f, "%s", f->input.sealed.why);
		vc_sealkeys_exit(in->tool, f->input.err);
	} else if (f->input.err) {
		vc_in_complain(in, f, "read: %s", read_error(f->input.err));
	} else if (vc_input_is_cut(&f->input)) {
		vc_in_complain(in, f,
			       "truncated, or still being written: what came "
			       "before was used");
	} else if (!f->is_described && !f->input.gz) {
		in->has_failed = true;
		vc_tool_fail(in->tool,
			     in->n == 1 ? VC_EXIT_NO_MEDIA : VC_EXIT_FAIL,
			     "%s%s%s: empty (did the command before it "
			     "fail?)",
			     f->input.where.name,
			     f->input.where.name[0] ? "=" : "",
			     f->input.where.text);
	} else if (f->input.media && vc_mediain_is_cut(f->input.media)) {
		vc_in_complain(in, f, "truncated: what came before was used");
	} else if (vc_input_left(&f->input) ||
		   (f->input.gz && !f->input.gz_is_whole)) {
		vc_in_complain(in, f,
			       "truncated: the last frame is cut; what "
			       "came before was used");
	}
	check_overlap(in, f);
	vc_in_feed_close(in, f);
}

/* Takes the head frame. False: the feed is over. */
static bool take(struct vc_in *in, struct feed *f, const struct vc_frame *frame)
{
	if (vc_in_take(in, f, frame)) {
		vc_in_complain(in, f, "malformed: %s",
			       frame->type == VC_FRAME_TIME ?
				       "time that goes back" :
				       "a frame that makes no sense");
		vc_in_feed_close(in, f);
		return false;
	}
	vc_input_pop(&f->input, frame->size);
	return true;
}

/* 1 a frame is at the head, 0 not yet, -1 the feed is over. */
static int feed_head(struct vc_in *in, struct feed *f, struct vc_frame *frame)
{
	int got = vc_input_head(&f->input, frame);

	if (got == 1)
		return 1;
	if (got < 0) {
		vc_in_complain(in, f,
			       "malformed: a frame that makes no "
			       "sense");
		vc_in_feed_close(in, f);
		return -1;
	}
	if (!f->input.is_ended)
		return 0;
	vc_in_feed_end(in, f);
	return -1;
}

static bool pump_live(struct vc_in *in)
{
	bool is_open = false;
	unsigned int n = 0;

	for (size_t i = 0; i < in->n; i++) {
		struct feed *f = &in->feeds[i];
		struct vc_frame frame;

		vc_in_look_ahead(in, f);
		while (!f->is_over && f->is_described && !in->why &&
		       feed_head(in, f, &frame) == 1 && take(in, f, &frame))
			n += frame.type == VC_FRAME_RTP ||
			     frame.type == VC_FRAME_RTCP;
		is_open |= !f->is_over;
	}
	vc_loop_busy(in->loop, n);
	return is_open;
}

static int64_t head_time(const struct feed *f, const struct vc_frame *frame)
{
	enum vc_frame_time kind;
	int64_t t;

	if (frame->type == VC_FRAME_TIME &&
	    !vc_frame_time_parse(frame->payload, frame->len, &kind, &t) &&
	    kind == VC_TIME_STREAM && t + f->offset > f->t)
		return t + f->offset;
	return f->t;
}

/* --rebase: the first T becomes the virtual epoch. */
static void rebase(struct vc_in *in, struct feed *f,
		   const struct vc_frame *frame)
{
	enum vc_frame_time kind;
	int64_t t;

	if (!vc_tool_options(in->tool)->rebase || f->has_time || f->offset ||
	    frame->type != VC_FRAME_TIME || f->clock != VC_CLOCK_RECORDED)
		return;
	if (!vc_frame_time_parse(frame->payload, frame->len, &kind, &t) &&
	    kind == VC_TIME_STREAM)
		f->offset = VC_VIRTUAL_EPOCH - t;
}

/* One input is full while another one is waited for. */
static void check_hold(struct vc_in *in, const struct feed *waited)
{
	for (size_t i = 0; i < in->n; i++) {
		if (vc_input_left(&in->feeds[i].input) < VC_INPUT_HOLD)
			continue;
		vc_in_complain(in, &in->feeds[i],
			       "64 MiB are held while %s%s%s"
			       " sends nothing",
			       waited->input.where.name,
			       waited->input.where.name[0] ? "=" : "",
			       waited->input.where.text);
		in->why = "error";
	}
}

/* The feed whose head is earliest; NULL: one is waited for, or all are over
 * ('*is_open' tells). */
static struct feed *earliest(struct vc_in *in, struct vc_frame *frame,
			     int64_t *t, bool *is_open)
{
	struct feed *best = NULL;
	struct feed *waited = NULL;

	*is_open = false;
	for (size_t i = 0; i < in->n; i++) {
		struct feed *f = &in->feeds[i];
		struct vc_frame head;
		int got;

		if (f->is_over)
			continue;
		got = feed_head(in, f, &head);
		if (got < 0)
			continue;
		*is_open = true;
		if (got == 0) {
			waited = f;
			vc_input_pause(&f->input, false);
			continue;
		}
		rebase(in, f, &head);
		if (!best || head_time(f, &head) < *t) {
			best = f;
			*frame = head;
			*t = head_time(f, &head);
		}
	}
	if (waited)
		check_hold(in, waited);
	return waited ? NULL : best;
}

static bool advance(struct vc_in *in, int64_t t, enum vc_frame_type type)
{
	bool is_timed = type != VC_FRAME_DESC && type != VC_FRAME_EMPTY;

	/* Frames before the first T are of no time: the beginning's. */
	if (t == VC_TIME_NONE && (in->has_started || !is_timed))
		return true;
	if (t == VC_TIME_NONE)
		t = VC_VIRTUAL_EPOCH;
	if (!in->has_started)
		vc_in_start_clock(in, t);
	if (!in->is_paced) {
		if (t > vc_loop_now(in->loop))
			vc_loop_advance(in->loop, t, held, in);
		return true;
	}
	if (t <= vc_loop_now(in->loop))
		return true;
	vc_timer_arm(in->loop, &in->pace_timer, t);
	return false;
}

static bool pump_virtual(struct vc_in *in)
{
	bool is_open = true;

	while (!in->why && !vc_loop_is_stopped(in->loop)) {
		struct vc_frame frame;
		int64_t t = VC_TIME_NONE;
		struct feed *f = earliest(in, &frame, &t, &is_open);

		if (!f)
			break;
		if (!advance(in, t, frame.type))
			break;
		if (in->why || in->is_finished)
			break;
		take(in, f, &frame);
	}
	return is_open;
}

static bool is_any_open(const struct vc_in *in)
{
	for (size_t i = 0; i < in->n; i++) {
		if (!in->feeds[i].is_over)
			return true;
	}
	return false;
}

/* The clock is known, and not all descriptions are here. */
static void check_unmet(struct vc_in *in)
{
	for (size_t i = 0; i < in->n; i++) {
		if (in->feeds[i].is_described || in->feeds[i].is_over)
			continue;
		check_hold(in, &in->feeds[i]);
		return;
	}
}

/* Reads ahead no more than is of use; a merger of pipes reads all it can. */
static void throttle(struct vc_in *in)
{
	bool may_wait = in->has_clock && in->clock != VC_CLOCK_LIVE;

	for (size_t i = 0; i < in->n; i++) {
		struct vc_input *input = &in->feeds[i].input;
		bool is_ample = vc_input_left(input) >
				(in->is_paced ? 8 * AHEAD : AHEAD);

		if (in->feeds[i].is_over)
			continue;
		if (in->is_suspended) {
			vc_input_pause(input, in->feeds[i].is_described);
			continue;
		}
		vc_input_pause(input,
			       may_wait && is_ample &&
				       (in->n == 1 || input->is_regular ||
					vc_input_left(input) > VC_INPUT_HOLD));
	}
}

/* What will come may be told before there is a clock. */
static void tell_early(struct vc_in *in, bool is_met)
{
	if (!is_met || !in->has_desc || in->has_started || in->was_told)
		return;
	in->was_told = true;
	if (in->ops.desc)
		in->ops.desc(in->ctx, &in->merge.sdp);
}

void vc_in_pump(struct vc_in *in)
{
	bool is_open = true, is_met;

	if (in->is_pumping || in->is_finished)
		return;
	in->is_pumping = true;
	is_met = vc_in_meet_all(in);
	if (in->is_suspended)
		tell_early(in, is_met);
	if (!in->has_clock || in->is_suspended)
		is_open = is_any_open(in);
	else if (in->capture)
		is_open = vc_in_capture_pump(in);
	else if (in->clock == VC_CLOCK_LIVE)
		is_open = pump_live(in);
	else if (is_met)
		is_open = pump_virtual(in);
	else
		check_unmet(in);
	in->is_pumping = false;
	if (!is_open && !in->why)
		in->why = "eof";
	if (in->why)
		finish(in);
	else
		throttle(in);
}
