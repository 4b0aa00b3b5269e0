/* SPDX-License-Identifier: MIT */
/*
 * What the merged stream consists of: descriptions as they come, the sources
 * that the roster tells of, and which of them --select takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "tool/control.h"
#include "tool/in_capture.h"
#include "tool/select.h"

/* --- descriptions --- */

static enum vc_clock_kind clock_of(const struct vc_sdp *sdp,
				   const struct feed *f)
{
	if (vc_str_is(sdp->clock, "virtual"))
		return VC_CLOCK_VIRTUAL;
	if (vc_str_is(sdp->clock, "recorded"))
		return VC_CLOCK_RECORDED;
	return f->input.is_regular && !f->is_plain ? VC_CLOCK_RECORDED :
						     VC_CLOCK_LIVE;
}

static void learn_control(struct feed *f, const struct vc_sdp *sdp)
{
	char path[256];

	free(f->control);
	f->control = NULL;
	if (!sdp->control.len || sdp->control.len >= sizeof(path) ||
	    !f->input.is_fifo || f->is_plain || f->clock != VC_CLOCK_LIVE)
		return;
	vc_str_copy(path, sizeof(path), sdp->control);
	if (vc_control_may_use(path))
		f->control = strdup(path);
}

/* Once: whoever looks at sound or pictures of it sees nothing. */
static void tell_stripped(struct vc_in *in, const struct feed *f,
			  const struct vc_sdp *sdp)
{
	char what[64];

	if (in->has_told_stripped || !sdp->stripped.len)
		return;
	in->has_told_stripped = true;
	vc_escape(what, sizeof(what), sdp->stripped.p, sdp->stripped.len);
	vc_tool_warn(in->tool,
		     "%s: was made with --strip, without %s: what that tells "
		     "cannot be judged",
		     f->input.where.text, what);
}

int vc_in_take_desc(struct vc_in *in, struct feed *f, const char *text,
		    size_t len)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	int err;

	if (!sdp)
		return -ENOMEM;
	err = vc_merge_desc(&in->merge, f->index, text, len, sdp);
	if (err == -EEXIST)
		vc_in_complain(in, f, "description: payload type %u twice",
			       sdp->bad_line);
	else if (err)
		vc_in_complain(in, f, "description: line %u: %s", sdp->bad_line,
			       sdp->bad_why ? sdp->bad_why : strerror(-err));
	if (!err && f->is_described &&
	    (clock_of(sdp, f) == VC_CLOCK_LIVE) !=
		    (f->clock == VC_CLOCK_LIVE)) {
		vc_in_complain(in, f, "description: another clock than before");
		err = -EBADMSG;
	}
	if (!err) {
		f->clock = clock_of(sdp, f);
		learn_control(f, sdp);
		f->is_described = true;
		in->has_desc = true;
		in->rid_ext = vc_sdp_ext_id(&in->merge.sdp, VC_EXT_URI_RID);
		tell_stripped(in, f, sdp);
		if (in->has_started && in->ops.desc)
			in->ops.desc(in->ctx, &in->merge.sdp);
	}
	free(sdp);
	return err;
}

/* --- the roster's calls --- */

void vc_in_set_format(struct vc_source *src, const struct vc_sdp *sdp,
		      uint8_t pt)
{
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;

	src->pt = pt;
	if (!vc_sdp_find_pt(sdp, pt, &media, &fmt))
		return;
	src->section = (int)(media - sdp->media);
	src->kind = (int)media->kind;
	src->codec = (int)vc_codec_by_name(fmt->codec);
	src->format_hz = fmt->rate ? fmt->rate : 90000;
	src->channels = fmt->channels;
	if (!src->rate_hz)
		src->rate_hz = src->format_hz;
}

void vc_in_source_begin(void *ctx, struct vc_source *src,
			const struct vc_rtp *rtp)
{
	struct vc_in *in = ctx;

	if (!vc_in_captured_format(in, src, rtp->pt))
		vc_in_set_format(src, &in->merge.sdp, rtp->pt);
}

/* The first one said counts; not every packet says it. */
static void learn_rid(struct vc_in *in, struct vc_source *src,
		      struct vc_merge_ssrc *e, const struct vc_rtp *rtp)
{
	struct vc_str rid;

	if (!vc_ext_token(rtp, in->rid_ext, &rid) || rid.len > VC_RID_MAX)
		return;
	vc_str_copy(src->rid, sizeof(src->rid), rid);
	e->is_judged = false; /* --select may ask for it */
	if (in->ops.change && src->is_shown)
		in->ops.change(in->ctx, src, src->who);
}

void vc_in_learn(struct vc_in *in, struct vc_source *src,
		 struct vc_merge_ssrc *e, const struct vc_rtp *rtp)
{
	if (src->pt != rtp->pt)
		vc_in_set_format(src, &in->merge.sdp, rtp->pt);
	if (!src->rid[0] && rtp->has_ext && in->rid_ext)
		learn_rid(in, src, e, rtp);
}

void vc_in_source_change(void *ctx, struct vc_source *src,
			 struct vc_participant *was)
{
	struct vc_in *in = ctx;
	struct vc_merge_ssrc *e = NULL;

	src->is_judged = false;
	if (!in->capture)
		e = vc_merge_back(&in->merge, (size_t)src->input, src->ssrc);
	if (e)
		e->is_judged = false;
	if (in->ops.change && src->is_shown)
		in->ops.change(in->ctx, src, was);
}

void vc_in_source_end(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct vc_in *in = ctx;

	vc_limits_left(&in->limits, src);
	if (in->ops.gone && src->is_shown)
		in->ops.gone(in->ctx, src, why);
	/* After a silence whom it is for is what it was: for all others the
	 * first packets would come before the next `route`. */
	if (why != VC_LEAVE_TIMEOUT)
		vc_routes_drop(&in->routes, src->ssrc);
}

void vc_in_who_end(void *ctx, struct vc_participant *who)
{
	struct vc_in *in = ctx;

	if (in->ops.who_gone)
		in->ops.who_gone(in->ctx, who);
}

/* --- selection --- */

bool vc_in_is_selected(struct vc_in *in, struct vc_source *src,
		       struct vc_merge_ssrc *e)
{
	if (e->is_judged)
		return e->is_selected;
	e->is_judged = true;
	e->is_selected =
		vc_select_takes(&vc_tool_options(in->tool)->select, src, NULL);
	return e->is_selected;
}
