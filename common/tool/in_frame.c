/* SPDX-License-Identifier: MIT */
/*
 * What each frame of an input means: packets are checked, renumbered and shown
 * to the roster, T frames move the clock.
 * Whatever of it a tool wants, it gets by its ops.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "tool/formats.h"
#include "tool/in_internal.h"
#include "wire/rtcp.h"

#define BACKLOG (128u << 10) /* octets: more may have waited for long */
#define DRIFT 1000	     /* clocks drift apart by less than 1/1000 */
#define AHEAD VC_SEC	     /* a T that far ahead of us, or */
#define BEHIND (10 * VC_SEC) /* behind: another machine's clock */

static void origin_of(struct vc_origin *o, struct vc_in *in, struct feed *f,
		      const struct vc_merge_ssrc *e)
{
	const char *name = vc_in_name(in, f->index);

	*o = (struct vc_origin){ .input = (int)f->index,
				 .authenticated = e && e->by_key };
	if (name[0])
		o->operator_name = name;
	else if (e && e->has_id && e->by_key)
		o->key_name = e->id;
	else if (e && e->has_id)
		o->operator_name = e->id;
}

VC_COLD static void complain_pt(struct vc_in *in, struct feed *f, uint8_t pt)
{
	in->counts.pt++;
	if (in->warned_pt[pt])
		return;
	in->warned_pt[pt] = vc_tool_warn_limited(
		in->tool, &in->warn_pt,
		"%s: payload type %u is not described: dropped "
		"(cure: --sdp FILE or --pt %u=opus)",
		f->input.where.text, pt, pt);
}

/* Described as something else than it is. */
VC_COLD static void complain_unfit(struct vc_in *in, struct feed *f,
				   const struct vc_source *src, uint8_t pt)
{
	in->counts.unfit++;
	if (in->warned_pt[pt])
		return;
	in->warned_pt[pt] = vc_tool_warn_limited(
		in->tool, &in->warn_pt,
		"%s: payload type %u is described as %s, which its "
		"packets are not: dropped (cure: --sdp FILE or --pt %u=%s)",
		f->input.where.text, pt,
		vc_codec_name((enum vc_codec)src->codec), pt,
		src->codec == VC_CODEC_OPUS ? "VP8" : "opus");
}

/* The T of a live stream from another machine is brought to our clock. */
static void sync_clock(struct vc_in *in, struct feed *f, int64_t raw)
{
	int64_t skew = vc_loop_now(in->loop) - (raw + f->offset);

	if (skew < -AHEAD || (!f->has_time && skew > BEHIND))
		f->offset += skew;
}

/* How far behind us 't' is, more than the newest T was of late. */
static int64_t lag_of(struct vc_in *in, struct feed *f, int64_t t)
{
	int64_t now = vc_loop_now(in->loop);

	if (f->lag_base == INT64_MAX)
		f->lag_base = now - t;
	else
		f->lag_base += (now - f->lag_now) / DRIFT;
	f->lag_now = now;
	if (now - t < f->lag_base)
		f->lag_base = now - t;
	return now - t - f->lag_base;
}

bool vc_in_is_stamped(const struct feed *f)
{
	return f->clock == VC_CLOCK_LIVE && !f->input.is_network;
}

void vc_in_look_ahead(struct vc_in *in, struct feed *f)
{
	const uint8_t *p;
	size_t left = vc_input_left(&f->input);
	int64_t newest = VC_TIME_NONE;
	enum vc_frame_time kind;
	struct vc_frame frame;
	int64_t t;

	if (!vc_in_is_stamped(f) || f->is_over ||
	    (f->has_time && left < BACKLOG))
		return;
	p = f->input.buf + f->input.start;
	while (vc_frame_next(p, left, &frame)) {
		if (frame.type == VC_FRAME_TIME &&
		    !vc_frame_time_parse(frame.payload, frame.len, &kind, &t) &&
		    kind == VC_TIME_STREAM)
			newest = t;
		p += frame.size;
		left -= frame.size;
	}
	if (newest == VC_TIME_NONE)
		return;
	sync_clock(in, f, newest);
	lag_of(in, f, newest + f->offset);
}

/* Live media that lies far behind what has come since is of no use. */
static bool is_lagging(struct vc_in *in, struct feed *f)
{
	int64_t max = vc_tool_options(in->tool)->max_lag;

	return vc_in_is_stamped(f) && f->has_time && max > 0 &&
	       lag_of(in, f, f->t) > max;
}

/* Its line to stream time, by which text is no measure for the others. */
static void place(struct vc_source *src, uint32_t ts, int64_t arrival)
{
	if (src->play)
		src->play->is_aside = src->kind == VC_TEXT;
	vc_playout_packet(src->play, ts, arrival);
}

static void hand_over(struct vc_in *in, struct feed *f, struct vc_packet *pkt,
		      struct vc_rtp *rtp)
{
	const char *as = vc_tool_options(in->tool)->as;
	struct vc_merge_ssrc *e;
	struct vc_origin origin;
	struct vc_source *src;
	struct vc_packet *held = NULL;
	uint8_t pt = rtp->pt; /* as the input has it */
	int err;

	err = vc_merge_rtp(&in->merge, f->index, pkt, rtp, &e);
	if (err == -ENOENT) {
		complain_pt(in, f, rtp->pt);
		return;
	}
	if (err) {
		in->counts.ssrcs++;
		return;
	}
	if (as && !vc_in_as_rtp(in, pkt, rtp)) {
		in->counts.unselected++;
		return;
	}
	origin_of(&origin, in, f, e);
	err = vc_roster_rtp(in->roster, &origin, rtp, NULL, pkt->arrival, &src,
			    &held);
	vc_packet_unref(held);
	if (err) {
		in->counts.ssrcs++;
		return;
	}
	vc_in_learn(in, src, e, rtp);
	if (!vc_formats_fits((enum vc_codec)src->codec, rtp->payload,
			     rtp->payload_len)) {
		complain_unfit(in, f, src, pt);
		return;
	}
	if (!in->conf.only_passes || !src->is_shown)
		place(src, rtp->ts, pkt->arrival);
	if (!vc_in_is_selected(in, src, e)) {
		in->counts.unselected++;
		return;
	}
	in->counts.packets++;
	in->counts.octets += pkt->len;
	if (!in->conf.is_side && !vc_limits_packet(&in->limits, pkt->arrival))
		return;
	if (!src->is_shown && in->ops.begin)
		in->ops.begin(in->ctx, src);
	src->is_shown = true;
	if (in->ops.rtp)
		in->ops.rtp(in->ctx, src, pkt, rtp);
}

static void take_rtp(struct vc_in *in, struct feed *f, struct vc_packet *pkt)
{
	struct vc_rtp rtp;

	if (vc_rtp_parse(&rtp, pkt->data, pkt->len)) {
		in->counts.malformed++;
		return;
	}
	if (is_lagging(in, f)) {
		in->counts.lag++;
		return;
	}
	hand_over(in, f, pkt, &rtp);
}

/* A merger must know an SSRC before it can remap it. */
static void meet_ssrcs(struct vc_in *in, struct feed *f,
		       const struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp r;

	if (in->n == 1 && !vc_in_renumbers_own(in))
		return;
	while (vc_rtcp_next(&rd, &r)) {
		struct vc_rtcp_sr sr;
		struct vc_sdes_iter it;
		struct vc_sdes_item item;

		if (!vc_rtcp_parse_sr(&sr, &r))
			vc_merge_ssrc(&in->merge, f->index, sr.ssrc);
		if (r.pt != VC_RTCP_SDES)
			continue;
		it = vc_sdes_over(&r);
		while (vc_sdes_next(&it, &item))
			vc_merge_ssrc(&in->merge, f->index, item.ssrc);
	}
}

/*
 * An SSRC that another input has as well was given another one; with his CNAME
 * too it is taken for his. Two tools of one seed and no name draw the same.
 */
static void tell_twin(struct vc_in *in, struct feed *f,
		      const struct vc_merge_ssrc *e)
{
	const struct vc_source *src, *twin = NULL;

	if (f->has_twin || !e || e->to == e->from)
		return;
	src = vc_roster_find(in->roster, (int)f->index, e->to);
	for (size_t i = 0; i < in->n && !twin; i++)
		if (i != f->index)
			twin = vc_roster_find(in->roster, (int)i, e->from);
	if (!src || !twin || !src->cname[0] || src->who != twin->who)
		return;
	f->has_twin = true;
	vc_tool_warn(in->tool,
		     "%s: SSRC and CNAME are those of %s: taken for one "
		     "participant (cure: make them with a --name or --seed of "
		     "their own)",
		     f->input.where.text,
		     in->feeds[twin->input].input.where.text);
}

static void take_sdes(struct vc_in *in, struct feed *f, const struct vc_rtcp *r,
		      int64_t t)
{
	const struct vc_str none = { 0 };
	struct vc_sdes_iter it = vc_sdes_over(r);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		bool is_name = item.type == VC_SDES_NAME;
		struct vc_merge_ssrc *e;
		struct vc_origin origin;

		if (!is_name && item.type != VC_SDES_CNAME)
			continue;
		e = vc_merge_back(&in->merge, f->index, item.ssrc);
		origin_of(&origin, in, f, e);
		vc_roster_sdes(in->roster, &origin, item.ssrc,
			       is_name ? none : item.text,
			       is_name ? item.text : none, t);
		tell_twin(in, f, e);
	}
}

static void take_bye(struct vc_in *in, struct feed *f, const struct vc_rtcp *r,
		     int64_t t)
{
	struct vc_rtcp_bye bye;

	if (vc_rtcp_parse_bye(&bye, r))
		return;
	for (unsigned int i = 0; i < bye.n; i++) {
		struct vc_origin origin;

		origin_of(&origin, in, f, NULL);
		vc_roster_bye(in->roster, &origin, vc_rtcp_bye_ssrc(&bye, i),
			      t);
	}
}

static void take_rtcp(struct vc_in *in, struct feed *f, struct vc_packet *pkt)
{
	struct vc_rd rd;
	struct vc_rtcp r;

	if (vc_rtcp_check(pkt->data, pkt->len)) {
		in->counts.malformed++;
		return;
	}
	meet_ssrcs(in, f, pkt);
	vc_merge_rtcp(&in->merge, f->index, pkt);
	if (vc_tool_options(in->tool)->as && !vc_in_as_rtcp(in, pkt))
		return;
	rd = vc_rd_over(pkt->data, pkt->len);
	while (vc_rtcp_next(&rd, &r)) {
		struct vc_origin origin;
		struct vc_rtcp_sr sr;

		origin_of(&origin, in, f, NULL);
		if (!vc_rtcp_parse_sr(&sr, &r))
			vc_roster_sr(in->roster, &origin, sr.ssrc, sr.ntp,
				     sr.rtp_ts, pkt->arrival);
		else if (r.pt == VC_RTCP_SDES)
			take_sdes(in, f, &r, pkt->arrival);
		else if (r.pt == VC_RTCP_BYE)
			take_bye(in, f, &r, pkt->arrival);
	}
	if (in->ops.rtcp)
		in->ops.rtcp(in->ctx, pkt);
}

static void take_packet(struct vc_in *in, struct feed *f,
			const struct vc_frame *frame)
{
	struct vc_packet *pkt;
	int64_t arrival = f->arrival;

	f->arrival = VC_TIME_NONE;
	if (frame->toobig) {
		in->counts.toobig++;
		return;
	}
	pkt = vc_packet_new(vc_tool_pool(in->tool), frame->len);
	if (!pkt)
		return;
	memcpy(pkt->data, frame->payload, frame->len);
	pkt->len = frame->len;
	pkt->arrival = arrival != VC_TIME_NONE ? arrival :
		       f->has_time	       ? f->t :
						 vc_loop_now(in->loop);
	if (frame->type == VC_FRAME_RTP)
		take_rtp(in, f, pkt);
	else
		take_rtcp(in, f, pkt);
	vc_packet_unref(pkt);
}

/* --- time --- */

/* cat a.vcrtp b.vcrtp: the second goes on where the first ended. */
static int restart(struct vc_in *in, struct feed *f, int64_t raw)
{
	if (!f->at_boundary || f->clock == VC_CLOCK_LIVE)
		return -EBADMSG;
	f->offset = f->t - raw;
	vc_roster_end_all(in->roster, (int)f->index, VC_LEAVE_EOF);
	vc_merge_forget(&in->merge, f->index);
	return 0;
}

static int take_time(struct vc_in *in, struct feed *f,
		     const struct vc_frame *frame)
{
	enum vc_frame_time kind;
	int64_t raw;

	if (vc_frame_time_parse(frame->payload, frame->len, &kind, &raw))
		return -EBADMSG;
	/* Stamped anew: by when it came. */
	if (f->input.is_network && f->clock == VC_CLOCK_LIVE)
		return 0;
	if (kind == VC_TIME_ARRIVAL) {
		f->arrival = raw + f->offset;
		return 0;
	}
	if (f->has_time && raw < f->raw_t && restart(in, f, raw))
		return -EBADMSG;
	if (f->clock == VC_CLOCK_LIVE)
		sync_clock(in, f, raw);
	if (raw + f->offset > VC_FRAME_TIME_MAX)
		return -EBADMSG;
	f->raw_t = raw;
	if (!f->has_time || raw + f->offset > f->t)
		f->t = raw + f->offset;
	f->has_time = true;
	f->at_boundary = false;
	if (f->clock != VC_CLOCK_LIVE && in->ops.time && !in->is_paced)
		in->ops.time(in->ctx, vc_loop_now(in->loop));
	return 0;
}

int vc_in_take(struct vc_in *in, struct feed *f, const struct vc_frame *frame)
{
	if (in->ops.raw &&
	    !(f->input.is_network && frame->type == VC_FRAME_EVENT))
		in->ops.raw(in->ctx, frame->payload - 2, frame->size,
			    frame->type);
	switch (frame->type) {
	case VC_FRAME_RTP:
	case VC_FRAME_RTCP:
		take_packet(in, f, frame);
		return 0;
	case VC_FRAME_DESC:
		f->at_boundary = true;
		return vc_in_take_desc(in, f, (const char *)frame->payload,
				       frame->len);
	case VC_FRAME_TIME:
		return take_time(in, f, frame);
	case VC_FRAME_EVENT:
		vc_in_take_event(in, f, frame);
		return 0;
	case VC_FRAME_EMPTY:
		return 0;
	case VC_FRAME_OTHER:
		if (in->ops.other)
			in->ops.other(in->ctx, frame->payload - 2, frame->size);
		return 0;
	}
	return 0;
}
