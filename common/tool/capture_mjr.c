/* SPDX-License-Identifier: MIT */
/*
 * A Janus recording describes itself: "t" the kind ("a", "v", "d"), "c" the
 * codec, "f" its parameters, "u" when the first packet came, in microseconds.
 * The payload type is the first packet's. Files without times are played by
 * their RTP timestamps.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tool/capture_internal.h"
#include "wire/frame.h"
#include "wire/sdp.h"

static int take_json(struct vc_mjrinfo *info, const struct vc_json *j)
{
	const char *kind = vc_json_get_str(j, "t");
	const char *codec = vc_json_get_str(j, "c");
	const char *fmtp = vc_json_get_str(j, "f");
	int64_t us;

	if (!kind || !codec)
		return -EBADMSG;
	if (strcmp(kind, "a") && strcmp(kind, "v"))
		return -EPROTONOSUPPORT;
	info->codec = vc_codec_by_name(vc_str_c(codec));
	if (fmtp && vc_strlcpy(info->fmtp, fmtp, sizeof(info->fmtp)) >=
			    sizeof(info->fmtp))
		return -EBADMSG;
	if (vc_json_get_int(j, "u", &us) && us >= 0 &&
	    us < VC_FRAME_TIME_MAX / 2 / VC_US)
		info->start = us * VC_US;
	return info->codec ? 0 : -EPROTONOSUPPORT;
}

int vc_mjrinfo_take(struct vc_mjrinfo *info, const struct vc_piece *p)
{
	struct vc_str text = vc_str_of((const char *)p->data, p->caplen);
	struct vc_json *j;
	int err;

	info->start = VC_VIRTUAL_EPOCH;
	info->codec = vc_str_is(text, "video") ? VC_CODEC_VP8 : VC_CODEC_OPUS;
	if (vc_str_is(text, "audio") || vc_str_is(text, "video"))
		return 0;
	j = vc_json_parse(text.p, text.len, NULL);
	err = j ? take_json(info, j) : -EBADMSG;
	vc_json_free(j);
	return err;
}

static bool is_rtp(const struct vc_piece *p)
{
	return p->caplen >= VC_RTP_HEADER && p->data[0] >> 6 == 2;
}

int64_t vc_mjrinfo_time(struct vc_mjrinfo *info, const struct vc_piece *p)
{
	int64_t rate = vc_codec_rate(info->codec), ts;

	if (p->time != VC_TIME_NONE)
		return info->start + p->time;
	if (!is_rtp(p))
		return VC_TIME_NONE;
	if (!info->ts.set)
		info->ts_first = vc_rtp_get_ts(p->data);
	ts = vc_ts_extend(&info->ts, vc_rtp_get_ts(p->data)) - info->ts_first;
	if (ts < 0 || ts / rate > VC_FRAME_TIME_MAX / 2 / VC_SEC)
		return VC_TIME_NONE;
	return info->start + ts / rate * VC_SEC + ts % rate * VC_SEC / rate;
}

bool vc_mjrinfo_sdp(struct vc_mjrinfo *info, const struct vc_piece *p,
		    struct vc_sdp *sdp)
{
	if (!is_rtp(p))
		return false;
	info->is_told = true;
	*sdp = (struct vc_sdp){ .n_media = 1 };
	sdp->media[0] = (struct vc_sdp_media){
		.kind = vc_codec_kind(info->codec),
		.proto = vc_str_c("RTP/AVP"),
		.is_rtp = true,
		.mid = vc_str_c("0"),
		.n_fmt = 1,
	};
	sdp->media[0].fmt[0] = (struct vc_sdp_fmt){
		.pt = vc_rtp_get_pt(p->data),
		.codec = vc_str_c(vc_codec_name(info->codec)),
		.rate = vc_codec_rate(info->codec),
		.channels = vc_codec_channels(info->codec),
		.fmtp = vc_str_c(info->fmtp),
	};
	return true;
}
