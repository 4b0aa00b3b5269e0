/* SPDX-License-Identifier: MIT */
/*
 * A captured packet on its way to the tool. Each flow is a space of SSRCs of
 * its own, so nothing is renumbered: to the roster the number of its flow is
 * the input that a source came by. Where what its payload types mean is a
 * guess, a source that is not what was guessed is of no known codec.
 */
#include "base/mem.h"
#include "tool/capformat.h"
#include "tool/formats.h"
#include "tool/in_capture.h"
#include "tool/select.h"
#include "wire/rtcp.h"

/* --- formats --- */

bool vc_in_captured_format(const struct vc_in *in, struct vc_source *src,
			   uint8_t pt)
{
	const struct vc_in_capture *c = in->capture;
	const struct vc_capflow *flow = c ? c->now->flow : NULL;

	if (flow)
		vc_capformat_set(src, flow, c->sdp, in->sdp_text != NULL, pt);
	return flow != NULL;
}

/* Described as something else than it is: measured as nothing that is known. */
VC_COLD static void is_unfit(struct vc_in_capture *c, struct vc_source *src)
{
	struct vc_in *in = c->in;
	uint8_t pt = (uint8_t)src->pt;

	c->unfit++;
	in->counts.unfit++;
	if (!in->warned_pt[pt])
		in->warned_pt[pt] = vc_tool_warn_limited(
			in->tool, &in->warn_pt,
			"payload type %u is taken for %s, which its packets "
			"are not: its codec is not known "
			"(cure: --sdp FILE or --pt %u=CODEC)",
			pt, vc_codec_name((enum vc_codec)src->codec), pt);
	src->codec = VC_CODEC_NONE;
	if (in->ops.change && src->is_shown)
		in->ops.change(in->ctx, src, src->who);
}

static void learn(struct vc_in_capture *c, struct vc_source *src,
		  const struct vc_rtp *rtp)
{
	const struct vc_capflow *flow = c->now->flow;
	struct vc_in *in = c->in;
	struct vc_str rid;

	if (src->pt != rtp->pt || src->told != flow->told) {
		vc_in_captured_format(in, src, rtp->pt);
		src->is_judged = false;
	}
	if (!c->now->missing && !(flow->call && flow->call->is_sealed) &&
	    !vc_formats_fits((enum vc_codec)src->codec, rtp->payload,
			     rtp->payload_len))
		is_unfit(c, src);
	if (src->rid[0] || !rtp->has_ext || !in->rid_ext ||
	    !vc_ext_token(rtp, in->rid_ext, &rid) || rid.len > VC_RID_MAX)
		return;
	vc_str_copy(src->rid, sizeof(src->rid), rid);
	src->is_judged = false;
	if (in->ops.change && src->is_shown)
		in->ops.change(in->ctx, src, src->who);
}

static bool is_selected(struct vc_in *in, struct vc_source *src)
{
	const struct vc_words *words = &vc_tool_options(in->tool)->select;
	const struct vc_capcall *call = in->capture->now->flow->call;

	if (call && call->is_rtsp)
		call = NULL;
	if (src->is_judged)
		return src->is_selected;
	src->is_judged = true;
	src->is_selected = vc_select_takes_call(words, src,
						call ? call->id : NULL,
						call ? call->caller : NULL,
						call ? call->callee : NULL);
	return src->is_selected;
}

/* --- packets --- */

static struct vc_origin origin_of(struct vc_in_capture *c)
{
	const struct vc_capscan_packet *p = c->now;
	struct vc_origin o = { .input = p->flow->id };

	if (c->f && c->f->input.where.name[0])
		o.operator_name = c->f->input.where.name;
	o.addr = p->flow->from[0] ? p->flow->from : NULL;
	return o;
}

/* What is behind the cut is not looked at: padding neither. */
static int parse(struct vc_rtp *rtp, const struct vc_capscan_packet *p)
{
	if (p->missing && p->pkt->len)
		p->pkt->data[0] &= 0xdf;
	return vc_rtp_parse(rtp, p->pkt->data, p->pkt->len);
}

static void take_rtp(struct vc_in_capture *c, struct vc_packet *pkt)
{
	struct vc_in *in = c->in;
	struct vc_packet *held = NULL;
	struct vc_origin origin;
	struct vc_source *src;
	struct vc_rtp rtp;

	if (parse(&rtp, c->now)) {
		in->counts.malformed++;
		c->malformed++;
		return;
	}
	origin = origin_of(c);
	if (vc_roster_rtp(in->roster, &origin, &rtp, NULL, pkt->arrival, &src,
			  &held)) {
		in->counts.ssrcs++;
		return;
	}
	learn(c, src, &rtp);
	src->play->is_aside = src->kind == VC_TEXT;
	vc_playout_packet(src->play, rtp.ts, pkt->arrival);
	if (!is_selected(in, src)) {
		in->counts.unselected++;
		return;
	}
	in->counts.packets++;
	in->counts.octets += pkt->len + c->now->missing;
	if (!vc_limits_packet(&in->limits, pkt->arrival))
		return;
	if (!src->is_shown && in->ops.begin)
		in->ops.begin(in->ctx, src);
	src->is_shown = true;
	if (in->ops.rtp)
		in->ops.rtp(in->ctx, src, pkt, &rtp);
}

static void take_sdes(struct vc_in *in, const struct vc_origin *o,
		      const struct vc_rtcp *r, int64_t t)
{
	const struct vc_str none = { 0 };
	struct vc_sdes_iter it = vc_sdes_over(r);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		bool is_name = item.type == VC_SDES_NAME;

		if (is_name || item.type == VC_SDES_CNAME)
			vc_roster_sdes(in->roster, o, item.ssrc,
				       is_name ? none : item.text,
				       is_name ? item.text : none, t);
	}
}

static void take_rtcp(struct vc_in_capture *c, struct vc_packet *pkt)
{
	struct vc_origin origin = origin_of(c);
	struct vc_in *in = c->in;
	struct vc_rtcp_bye bye;
	struct vc_rtcp_sr sr;
	struct vc_rtcp r;
	struct vc_rd rd;

	if (c->now->missing)
		return;
	/* Nobody says what was agreed on. */
	if (vc_rtcp_check_reduced(pkt->data, pkt->len)) {
		in->counts.malformed++;
		c->malformed++;
		return;
	}
	rd = vc_rd_over(pkt->data, pkt->len);
	while (vc_rtcp_next(&rd, &r)) {
		if (!vc_rtcp_parse_sr(&sr, &r))
			vc_roster_sr(in->roster, &origin, sr.ssrc, sr.ntp,
				     sr.rtp_ts, pkt->arrival);
		else if (r.pt == VC_RTCP_SDES)
			take_sdes(in, &origin, &r, pkt->arrival);
		else if (!vc_rtcp_parse_bye(&bye, &r))
			for (unsigned int i = 0; i < bye.n; i++)
				vc_roster_bye(in->roster, &origin,
					      vc_rtcp_bye_ssrc(&bye, i),
					      pkt->arrival);
	}
	if (in->ops.rtcp)
		in->ops.rtcp(in->ctx, pkt);
}

void vc_in_captured_packet(void *ctx, const struct vc_capscan_packet *p)
{
	struct vc_in_capture *c = ctx;

	if (c->in->why)
		return;
	c->now = p;
	if (p->is_rtcp)
		take_rtcp(c, p->pkt);
	else
		take_rtp(c, p->pkt);
	c->now = NULL;
}
