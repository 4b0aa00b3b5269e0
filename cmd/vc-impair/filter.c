/* SPDX-License-Identifier: MIT */
/*
 * The filter: RTP and RTCP go through the network, all else passes at once.
 * A packet enters at its time of arrival and leaves at another one, which is
 * then its arrival; what is lost is lost in silence, as in a network.
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "impair.h"
#include "tool/in.h"
#include "tool/out.h"

/* The first of RTP's octets, and of RTCP's with whom it is about: broken, the
 * stream would be no stream. */
#define HEADER 12

static void come_out(struct impair *im, struct vc_packet *pkt, int64_t due,
		     uint64_t tag)
{
	(void)tag;
	pkt->arrival = due;
	vc_out_packet(im->out, pkt, true);
	vc_packet_unref(pkt);
}

static void on_start(void *ctx, int64_t now)
{
	struct impair *im = ctx;

	if (vc_in_clock(im->in) == VC_CLOCK_LIVE)
		rules_tell_seed(im);
	if (!way_start(&im->way[UP], now))
		return;
	vc_tool_fail(im->tool, VC_EXIT_FAIL, "out of memory");
	vc_tool_stop(im->tool, "error");
}

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct impair *im = ctx;

	vc_out_desc(im->out, sdp);
}

static void take(struct impair *im, struct vc_packet *pkt,
		 const struct vc_impair_what *what)
{
	if (!im->way[UP].net)
		return;
	way_put(&im->way[UP], pkt, what, 0);
	way_pump(&im->way[UP]);
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct impair *im = ctx;
	enum vc_kind kind = src->kind < 0 ? VC_OTHER : (enum vc_kind)src->kind;
	struct vc_impair_what what;

	vc_impair_kind_rtp(&im->way[UP].kinds, kind, (enum vc_codec)src->codec,
			   rtp, &what);
	take(im, pkt, &what);
}

static void on_rtcp(void *ctx, struct vc_packet *pkt)
{
	struct impair *im = ctx;
	struct vc_impair_what what;

	vc_impair_kind_rtcp(&im->way[UP].kinds, &what);
	take(im, pkt, &what);
}

static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	struct impair *im = ctx;

	(void)text;
	(void)len;
	vc_out_event(im->out, vc_json_copy(event));
}

static void on_time(void *ctx, int64_t now)
{
	struct impair *im = ctx;

	vc_out_time(im->out, now);
}

static void on_other(void *ctx, const uint8_t *frame, size_t len)
{
	struct impair *im = ctx;

	vc_out_raw(im->out, frame, len);
}

static bool is_held(void *ctx)
{
	const struct impair *im = ctx;

	return im->way[UP].net && vc_impair_held(im->way[UP].net);
}

static const struct vc_in_ops ops = {
	.start = on_start,
	.desc = on_desc,
	.rtp = on_rtp,
	.rtcp = on_rtcp,
	.event = on_event,
	.time = on_time,
	.other = on_other,
	.held = is_held,
};

void filter_keyframe(struct impair *im, const uint32_t *ssrc)
{
	const struct vc_source *src = vc_roster_first(vc_in_roster(im->in));

	if (ssrc)
		vc_in_keyframe(im->in, *ssrc);
	for (; src && !ssrc; src = src->next)
		vc_in_keyframe(im->in, src->ssrc);
}

static void on_reader(void *ctx)
{
	filter_keyframe(ctx, NULL);
}

int filter_open(struct impair *im)
{
	static const struct vc_in_conf conf = { .with_names = false };
	const struct vc_options *o = vc_tool_options(im->tool);

	im->n_ways = 1;
	im->way[UP].corrupt_from = HEADER;
	im->way[UP].out = come_out;
	if (o->args.n > 1)
		vc_tool_usage(im->tool, "one INPUT at most; vc-mix merges");
	im->in = vc_in_new(im->tool, &o->args, &conf, &ops, im);
	im->out = vc_out_new(im->tool, on_reader, im);
	vc_tool_on_keyframe(im->tool, on_reader, im);
	return im->out ? vc_in_open(im->in) : -EIO;
}

void filter_close(struct impair *im)
{
	way_stop(&im->way[UP]);
	vc_out_free(im->out);
	if (im->in)
		vc_in_free(im->in);
}
