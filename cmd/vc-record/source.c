/* SPDX-License-Identifier: MIT */
/* What is said of a source in a file. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "compose.h"
#include "recorder.h"
#include "session/roster.h"
#include "tool/in.h"
#include "wire/opus.h"
#include "wire/rtp.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define OPUS_DELAY INT64_C(6500000) /* 312 samples: the encoder's look-ahead */

const struct vc_sdp *source_sdp(const struct recorder *rec)
{
	return rec->compose ? compose_sdp(rec->compose) : vc_in_sdp(rec->in);
}

struct vc_roster *source_roster(const struct recorder *rec)
{
	return rec->compose ? compose_roster(rec->compose) :
			      vc_in_roster(rec->in);
}

void source_prepare(const struct recorder *rec, const struct vc_source *src,
		    struct vc_units *units)
{
	if (!rec->compose)
		vc_units_set_fmtp(units, vc_in_fmtp(rec->in, src));
	vc_units_set_channels(units, src->channels);
	vc_units_set_orientation(units, vc_sdp_ext_id(source_sdp(rec),
						      VC_EXT_URI_ORIENTATION));
}

void source_ask_key(const struct recorder *rec, uint32_t ssrc)
{
	if (rec->compose)
		compose_ask_key(rec->compose, ssrc);
	else
		vc_in_keyframe(rec->in, ssrc);
}

/*
 * What a track is called: who he is by key or operator, else the name he gives
 * himself (unless that is one of those), else his CNAME.
 */
static const char *name_of(const struct recorder *rec,
			   const struct vc_source *src)
{
	const struct vc_participant *other;

	if (src->id_by >= VC_ID_OPERATOR || !src->name[0])
		return src->who->id;
	other = vc_roster_who(source_roster(rec), src->name);
	if (other && other != src->who && other->id_by >= VC_ID_OPERATOR)
		return src->who->id;
	return src->name;
}

/* A stereo sender says so, or sends it; what is mono needs no second channel. */
static unsigned int channels_of(const struct recorder *rec,
				const struct vc_source *src,
				const struct vc_rtp *rtp)
{
	const struct vc_sdp_fmt *fmt;
	struct vc_str value;
	struct vc_opus opus;

	if (src->codec != VC_CODEC_OPUS)
		return src->channels ? src->channels : 1;
	if (!vc_opus_parse(&opus, rtp->payload, rtp->payload_len) &&
	    opus.channels == 2)
		return 2;
	if (vc_sdp_find_pt(source_sdp(rec), (uint8_t)src->pt, NULL, &fmt) &&
	    vc_sdp_fmtp_get(fmt->fmtp, "sprop-stereo", &value) &&
	    vc_str_is(value, "1"))
		return 2;
	return 1;
}

static bool is_slides(const struct recorder *rec, const struct vc_source *src)
{
	const struct vc_sdp *sdp = source_sdp(rec);

	return sdp && src->section >= 0 &&
	       (size_t)src->section < sdp->n_media &&
	       vc_str_is(sdp->media[src->section].content, "slides");
}

void source_name(const struct recorder *rec, const struct vc_source *src,
		 char out[static VC_TRACK_NAME_CAP])
{
	const char *name = name_of(rec, src);

	if (is_slides(rec, src))
		snprintf(out, VC_TRACK_NAME_CAP, "%s (slides)", name);
	else
		vc_strlcpy(out, name, VC_TRACK_NAME_CAP);
}

void source_describe(const struct recorder *rec, const struct vc_source *src,
		     const struct vc_rtp *rtp, struct vc_track_info *info)
{
	char name[VC_TRACK_NAME_CAP];

	*info = (struct vc_track_info){
		.kind = src->kind == VC_VIDEO ? VC_TRACK_VIDEO :
			src->kind == VC_TEXT  ? VC_TRACK_TEXT :
						VC_TRACK_AUDIO,
		.codec = vc_codec_name((enum vc_codec)src->codec),
		.rate_hz = src->rate_hz,
		.owner = vc_hash_str(src->who->id),
		.is_slides = is_slides(rec, src),
		.ssrc = src->ssrc,
	};
	if (info->kind == VC_TRACK_AUDIO)
		info->channels = channels_of(rec, src, rtp);
	if (src->codec == VC_CODEC_OPUS)
		info->delay = OPUS_DELAY;
	vc_strlcpy(info->cname, src->cname, sizeof(info->cname));
	source_name(rec, src, name);
	vc_track_set_name(info->name, name);
}
