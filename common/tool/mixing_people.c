/* SPDX-License-Identifier: MIT */
#include "tool/mixing.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "tool/in.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

/* What his tile says. A stranger's NAME never covers the operator's word. */
static void tell_name(struct vc_mixing *m, struct vc_source *src)
{
	struct vc_participant *who = src->who;
	bool is_vouched = who->id_by >= VC_ID_OPERATOR;
	const char *name = who->id;

	if (!is_vouched && src->name[0])
		name = src->name;
	if (m->vouches)
		is_vouched = m->vouches(m->ctx, who);
	if (m->unnamed && strcmp(vc_mixer_who_id(who->user), who->id) != 0)
		m->unnamed(m->ctx, who->user);
	vc_mixer_who_set(m->mixer, who->user, who->id, is_vouched, name,
			 src->cname);
	if (m->named)
		m->named(m->ctx, src);
}

static struct vc_mixer_who *who_of(struct vc_mixing *m,
				   struct vc_participant *who)
{
	if (!who->user)
		who->user = vc_mixer_who_new(m->mixer);
	return who->user;
}

static bool is_kept(const struct vc_mixing *m, const struct vc_mixer_who *who)
{
	return m->keeps && m->keeps(m->ctx, who);
}

void vc_mixing_who_gone(struct vc_mixing *m, struct vc_participant *who)
{
	if (who->user && !is_kept(m, who->user)) {
		if (m->unnamed)
			m->unnamed(m->ctx, who->user);
		vc_mixer_who_free(m->mixer, who->user, vc_loop_now(m->loop));
	}
	who->user = NULL;
}

void vc_mixing_drop_if_empty(struct vc_mixing *m, struct vc_participant *who)
{
	if (who->user && vc_mixer_who_is_empty(who->user))
		vc_mixing_who_gone(m, who);
}

/* What the source is of; text may be in RED, packet by packet. */
static enum vc_codec codec_of(const struct vc_source *src)
{
	if (src->codec == VC_CODEC_RED && src->kind == VC_TEXT)
		return VC_CODEC_T140;
	return (enum vc_codec)src->codec;
}

/* The line to stream time begins anew with another clock rate. */
static void restart_line(struct vc_source *src, struct vc_packet *pkt,
			 const struct vc_rtp *rtp)
{
	enum vc_codec codec = codec_of(src);
	uint32_t rate = codec == VC_CODEC_L16 ? src->format_hz :
						vc_codec_rate(codec);

	if (!rate || rate == src->rate_hz)
		return;
	vc_playout_reclock(src->play, rate, rtp->ts, pkt->arrival);
	src->rate_hz = rate;
}

static void complain(struct vc_mixing *m, const struct vc_source *src, int err)
{
	enum vc_mixer_way way = src->kind == VC_AUDIO ? m->conf->audio_way :
							m->conf->video_way;

	if (err == -ENOMEM)
		vc_tool_warn_limited(m->tool, &m->warn_memory,
				     "source %08x: out of memory", src->ssrc);
	if (err == -ENOSPC)
		vc_tool_warn_limited(
			m->tool, &m->warn_texts,
			"source %08x: text of more than %d: dropped", src->ssrc,
			VC_MIXER_TEXTS);
	/* Digits are heard of by events. */
	if (err != -ENOTSUP || m->warned_codec[src->pt & 127] ||
	    (src->codec == VC_CODEC_TELEPHONE_EVENT && way == VC_MIXER_MIX) ||
	    src->codec == VC_CODEC_CN ||
	    (src->kind == VC_AUDIO && !m->conf->audio) ||
	    (src->kind == VC_VIDEO && !m->conf->video))
		return;
	m->warned_codec[src->pt & 127] = true;
	vc_tool_warn(m->tool, "source %08x: %s is not %s: dropped", src->ssrc,
		     src->kind == VC_TEXT ?
			     "text" :
			     vc_codec_name((enum vc_codec)src->codec),
		     way == VC_MIXER_SELECT ? "selected" : "mixed");
}

static bool is_taken(const struct vc_mixing *m, const struct vc_source *src)
{
	switch (codec_of(src)) {
	case VC_CODEC_OPUS:
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
	case VC_CODEC_G722:
	case VC_CODEC_L16:
		return m->conf->audio;
	case VC_CODEC_VP8:
	case VC_CODEC_VP9:
	case VC_CODEC_H264:
	case VC_CODEC_AV1:
		return m->conf->video;
	case VC_CODEC_T140:
		return vc_mixer_takes_text(m->conf);
	default:
		return false;
	}
}

static bool is_slides(const struct vc_mixing *m, const struct vc_source *src)
{
	const struct vc_sdp *sdp = vc_in_sdp(m->in);
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;

	return sdp && src->pt >= 0 &&
	       vc_sdp_find_pt(sdp, (uint8_t)src->pt, &media, &fmt) &&
	       vc_str_is(media->content, "slides");
}

/* What is to be done with its pictures. */
static void tell_kind(const struct vc_mixing *m, const struct vc_source *src)
{
	vc_mixer_source_set_layer(src->user, src->rid[0] ? src->section : -1);
	vc_mixer_source_set_slides(src->user, is_slides(m, src));
}

void vc_mixing_drop_source(struct vc_mixing *m, struct vc_source *src)
{
	if (src->user)
		vc_mixer_source_free(m->mixer, src->user);
	src->user = NULL;
}

static void join(struct vc_mixing *m, struct vc_source *src,
		 struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct vc_mixer_who *who;
	int err = -ENOMEM;

	if (m->admits && !m->admits(m->ctx, src))
		return;
	who = who_of(m, src->who);
	vc_mixing_drop_source(m, src);
	restart_line(src, pkt, rtp);
	if (who)
		src->user = vc_mixer_source_new(m->mixer, who, src->ssrc,
						codec_of(src), src->rate_hz,
						src->play, &err);
	if (src->user) {
		vc_mixer_source_set_channels(src->user, src->channels);
		vc_mixer_source_set_fmtp(src->user, vc_in_fmtp(m->in, src));
		tell_kind(m, src);
	}
	if (src->user)
		tell_name(m, src);
	else
		complain(m, src, err);
	vc_mixing_drop_if_empty(m, src->who);
}

/* Comfort noise or a digit among his sound, which it does not change. It is of the
 * source's own clock, or not meant for it. */
static bool is_aside(const struct vc_source *src)
{
	return src->user && src->format_hz == src->rate_hz &&
	       vc_codec_kind(vc_mixer_source_codec(src->user)) == VC_AUDIO &&
	       (src->codec == VC_CODEC_CN ||
		src->codec == VC_CODEC_TELEPHONE_EVENT);
}

void vc_mixing_rtp(struct vc_mixing *m, struct vc_source *src,
		   struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	enum vc_codec codec = (enum vc_codec)src->codec;

	if (is_aside(src)) {
		vc_mixer_source_put_as(src->user, codec, pkt, rtp);
		return;
	}
	if (!is_taken(m, src)) {
		complain(m, src, -ENOTSUP);
		return;
	}
	if (!src->user || vc_mixer_source_codec(src->user) != codec_of(src))
		join(m, src, pkt, rtp);
	if (src->user && codec == codec_of(src))
		vc_mixer_source_put(src->user, pkt, rtp);
	else if (src->user)
		vc_mixer_source_put_as(src->user, codec, pkt, rtp);
}

/* He may be known by a better name, or turn out to be somebody else. */
void vc_mixing_change(struct vc_mixing *m, struct vc_source *src,
		      struct vc_participant *was)
{
	struct vc_mixer_who *who;

	if (!src->user)
		return;
	tell_kind(m, src);
	if (src->who != was && !src->who->user && was->user &&
	    was->n_sources == 0 && !is_kept(m, was->user)) {
		src->who->user = was->user;
		was->user = NULL;
	} else if (src->who != was) {
		who = who_of(m, src->who);
		if (!who)
			return;
		vc_mixer_source_move(src->user, who);
		vc_mixing_drop_if_empty(m, was);
	}
	tell_name(m, src);
}

void vc_mixing_gone(struct vc_mixing *m, struct vc_source *src)
{
	if (!src->user)
		return;
	vc_mixing_drop_source(m, src);
	vc_mixing_drop_if_empty(m, src->who);
}

void vc_mixing_exts(const struct vc_sdp *sdp, struct vc_forward_exts *exts)
{
	*exts = (struct vc_forward_exts){
		.level = vc_sdp_ext_id(sdp, VC_EXT_URI_AUDIO_LEVEL),
		.capture_time = vc_sdp_ext_id(sdp, VC_EXT_URI_ABS_CAPTURE_TIME),
		.orientation = vc_sdp_ext_id(sdp, VC_EXT_URI_ORIENTATION),
	};
}
