/* SPDX-License-Identifier: MIT */
/*
 * How inputs begin: descriptions are taken as soon as they come, since they
 * tell the clock; what is no stream is named for what it is.
 */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "tool/control.h"
#include "tool/in_internal.h"
#include "tool/select.h"

#define SNIFF 12 /* octets that tell whether it is a capture */

/* --- the clock --- */

static void begin(struct vc_in *in, int64_t now)
{
	in->has_started = true;
	vc_timer_cancel(in->loop, &in->wait_timer);
	if (!in->conf.is_side) {
		vc_control_begin(in->tool, now);
		vc_limits_start(&in->limits, in->roster, now);
	}
	vc_in_roster_due(in, now);
	if (in->ops.start)
		in->ops.start(in->ctx, now);
	if (in->ops.desc && in->has_desc)
		in->ops.desc(in->ctx, vc_in_sdp(in));
}

/* The first description decides; the others must agree. */
static int settle_clock(struct vc_in *in, struct feed *f)
{
	const struct vc_options *o = vc_tool_options(in->tool);
	bool was_live = in->clock == VC_CLOCK_LIVE;

	if (in->has_clock) {
		if (was_live == (f->clock == VC_CLOCK_LIVE))
			return 0;
		vc_in_complain(in, f,
			       "is %s, the inputs before it are %s: "
			       "only inputs on one clock can be merged",
			       f->clock == VC_CLOCK_LIVE ? "live" : "virtual",
			       was_live ? "live" : "virtual");
		return -EINVAL;
	}
	if (in->conf.live_only && f->clock != VC_CLOCK_LIVE) {
		vc_in_complain(in, f,
			       "is %s: what goes back and forth at once has "
			       "to be live (`vc-play` plays it, `vc-capture` "
			       "without --virtual makes a live one)",
			       f->clock == VC_CLOCK_VIRTUAL ? "virtual" :
							      "recorded");
		return -EINVAL;
	}
	in->has_clock = true;
	in->clock = f->clock;
	if (in->clock == VC_CLOCK_LIVE) {
		begin(in, vc_loop_now(in->loop));
		return 0;
	}
	in->is_paced = o->live || (in->conf.faces_world && !o->fast);
	return 0;
}

/* The virtual clock begins with the first T. */
void vc_in_start_clock(struct vc_in *in, int64_t t)
{
	if (in->is_paced) {
		vc_loop_set_epoch(in->loop, t);
	} else {
		vc_loop_set_virtual(in->loop, t);
		vc_loop_set_driven(in->loop, true);
	}
	begin(in, t);
}

void vc_in_begin_live(struct vc_in *in, int64_t now)
{
	in->feeds[0].is_described = true;
	in->has_clock = true;
	in->clock = VC_CLOCK_LIVE;
	begin(in, now);
}

/* --- descriptions --- */

/* Not a stream: say what it is, and what reads it. */
static void refuse(struct vc_in *in, struct feed *f)
{
	enum vc_filekind kind = vc_input_kind(&f->input);
	const char *reader = vc_filekind_reader(kind);

	if (kind == VC_FILEKIND_VCRTP)
		vc_in_complain(in, f, "%s",
			       f->input.is_ended ?
				       "truncated in its description" :
				       "malformed: a description that makes "
				       "no sense");
	else if (reader)
		vc_in_complain(in, f, "%s, not a vc stream: `%s%s` reads it",
			       vc_filekind_name(kind), reader,
			       f->input.where.text);
	else if (kind == VC_FILEKIND_UNKNOWN)
		vc_in_complain(in, f,
			       "not a vc stream (plain RFC 4571 needs "
			       "--sdp FILE or --pt N=CODEC)");
	else
		vc_in_complain(in, f, "%s, not a vc stream",
			       vc_filekind_name(kind));
	vc_in_feed_close(in, f);
}

/* Half a frame: the beginning of a stream, or of something else? */
static bool may_become(struct vc_in *in, struct feed *f)
{
	const uint8_t *p = f->input.buf + f->input.start;
	enum vc_filekind kind = vc_input_kind(&f->input);

	if (kind == VC_FILEKIND_VCRTP)
		return true;
	/* RTP begins with its version, in the top bits. */
	return in->sdp_text && kind == VC_FILEKIND_UNKNOWN && p[2] >> 6 == 2;
}

/* True: it was met, as a capture or as what should be one. */
static bool meet_capture(struct vc_in *in, struct feed *f)
{
	enum vc_filekind kind = vc_input_kind(&f->input);
	enum vc_filekind said = f->input.where.capture;
	int err;

	if (!f->input.keeps_captures)
		return false;
	if (said && kind != said) {
		vc_in_complain(in, f, "%s, not %s", vc_filekind_name(kind),
			       vc_filekind_name(said));
		vc_in_feed_close(in, f);
		return true;
	}
	if (!vc_filekind_is_capture(kind)) {
		if (vc_select_by_call(&vc_tool_options(in->tool)->select))
			vc_tool_usage(in->tool, "--select call=: only captures "
						"of SIP tell");
		return false;
	}
	err = vc_in_capture_begin(in, f, kind);
	if (err)
		vc_in_complain(in, f, "%s", strerror(-err));
	if (err || settle_clock(in, f))
		vc_in_feed_close(in, f);
	return true;
}

/* Takes the description at the head of a feed that has none yet. */
static void meet(struct vc_in *in, struct feed *f)
{
	struct vc_frame frame;
	int got, err;

	if (vc_input_left(&f->input) >= SNIFF ||
	    (f->input.is_ended && vc_input_left(&f->input) && !f->input.err)) {
		if (meet_capture(in, f))
			return;
	} else if (f->input.keeps_captures && !f->input.is_ended) {
		return;
	}
	for (;;) {
		/* So much tells what it is. */
		if (vc_input_left(&f->input) < 8 && !f->input.is_ended)
			return;
		got = vc_input_head(&f->input, &frame);
		if (got != 1 || frame.type != VC_FRAME_EMPTY)
			break;
		/* The length of an MP4 begins like an empty frame. */
		if (vc_input_kind(&f->input) == VC_FILEKIND_MP4) {
			refuse(in, f);
			return;
		}
		vc_input_pop(&f->input, frame.size);
	}
	if (got == 0 && (!vc_input_left(&f->input) || f->input.err)) {
		vc_in_feed_end(in, f);
		return;
	}
	if (got == 0 && !f->input.is_ended && may_become(in, f))
		return;
	if (got == 1 && frame.type == VC_FRAME_DESC) {
		err = vc_in_take(in, f, &frame);
		if (!err)
			vc_input_pop(&f->input, frame.size);
	} else if (in->sdp_text && got == 1 &&
		   (frame.type == VC_FRAME_RTP ||
		    frame.type == VC_FRAME_RTCP)) {
		f->is_plain = true;
		err = vc_in_take_desc(in, f, in->sdp_text, in->sdp_len);
	} else {
		refuse(in, f);
		return;
	}
	if (err || settle_clock(in, f))
		vc_in_feed_close(in, f);
}

bool vc_in_meet_all(struct vc_in *in)
{
	bool all = true;

	for (size_t i = 0; i < in->n; i++) {
		struct feed *f = &in->feeds[i];

		if (!f->is_described && !f->is_over)
			meet(in, f);
		all &= f->is_described || f->is_over;
	}
	return all;
}

void vc_in_wait_due(void *ctx, int64_t now)
{
	(void)now;
	vc_in_enough(ctx, "empty");
}
