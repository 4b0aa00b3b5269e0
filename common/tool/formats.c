/* SPDX-License-Identifier: MIT */
/*
 * The description is parsed, changed and written again, so that whoever uses
 * it has one text to point into.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "tool/formats.h"
#include "tool/place.h"
#include "tool/tool.h"
#include "wire/av1.h"
#include "wire/cn.h"
#include "wire/defaults.h"
#include "wire/frame.h"
#include "wire/h264.h"
#include "wire/opus.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

#define SDP_MAX 65536

/* Drops what has this payload type, but for the first 'keep' of them. */
static void drop_pt(struct vc_sdp *sdp, uint8_t pt, unsigned int keep)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];
		unsigned int n = 0;

		for (unsigned int k = 0; k < m->n_fmt; k++) {
			if (m->fmt[k].pt == pt && !keep)
				continue;
			keep -= m->fmt[k].pt == pt;
			m->fmt[n++] = m->fmt[k];
		}
		m->n_fmt = n;
	}
}

static struct vc_sdp_media *media_of(struct vc_sdp *sdp, enum vc_kind kind)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		if (sdp->media[i].kind == kind && !sdp->media[i].content.len)
			return &sdp->media[i];
	}
	if (sdp->n_media == VC_SDP_MEDIA_MAX)
		return NULL;
	sdp->media[sdp->n_media] = (struct vc_sdp_media){
		.kind = kind,
		.is_rtp = true,
		.proto = vc_str_c("RTP/AVP"),
	};
	return &sdp->media[sdp->n_media++];
}

/* "97=opus", "97=opus/48000/2", "8=PCMA". */
static void apply(struct vc_tool *t, struct vc_sdp *sdp, const char *word)
{
	struct vc_str name = vc_str_c(word);
	struct vc_str number = vc_str_cut(&name, '=');
	struct vc_str codec = vc_str_cut(&name, '/');
	struct vc_str rate = vc_str_cut(&name, '/');
	enum vc_codec known = vc_codec_by_name(codec);
	struct vc_sdp_fmt fmt = { .codec = codec };
	struct vc_sdp_media *m;
	uint32_t pt, hz = vc_codec_rate(known), channels;

	if (!vc_str_u32(number, 127, &pt) || known == VC_CODEC_NONE)
		vc_tool_usage(t,
			      "--pt %s: N=CODEC[/RATE[/CHANNELS]] with N 0 "
			      "to 127 and a codec such as opus or VP8",
			      word);
	channels = vc_codec_channels(known);
	if ((rate.len && (!vc_str_u32(rate, 384000, &hz) || !hz)) ||
	    (name.len && (!vc_str_u32(name, 255, &channels) || !channels)))
		vc_tool_usage(t, "--pt %s: rate or channels make no sense",
			      word);
	drop_pt(sdp, (uint8_t)pt, 0);
	m = media_of(sdp, vc_codec_kind(known));
	if (!m || m->n_fmt == VC_SDP_FMT_MAX)
		vc_tool_usage(t, "--pt %s: too many formats", word);
	fmt.pt = (uint8_t)pt;
	fmt.rate = hz;
	fmt.channels = (uint8_t)channels;
	m->fmt[m->n_fmt++] = fmt;
}

static int read_sdp(struct vc_tool *t, const char *text, char **out,
		    size_t *len)
{
	struct vc_place place;
	char why[256];
	int err;

	if (vc_place_parse(&place, text, false, why, sizeof(why)))
		vc_tool_usage(t, "--sdp %s: %s", text, why);
	err = vc_place_slurp(&place, SDP_MAX, out, len);
	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: read: %s", text,
			     strerror(-err));
	return err;
}

static int parse_sdp(struct vc_tool *t, const char *place, struct vc_sdp *sdp,
		     const char *text, size_t len)
{
	uint8_t pt;
	int err = vc_sdp_parse(sdp, text, len);

	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: line %u: %s", place,
			     sdp->bad_line,
			     sdp->bad_why ? sdp->bad_why : strerror(-err));
	else if (vc_sdp_check_pts(sdp, &pt))
		vc_tool_warn(t,
			     "%s: payload type %u stands in two sections: "
			     "the first one counts",
			     place, pt);
	return err;
}

int vc_formats_load(struct vc_tool *t, const char *sdp_place,
		    const struct vc_words *pts, char **text, size_t *len)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));
	char *given = NULL;
	size_t given_len;
	int err = 0, n;

	*text = NULL;
	if (sdp_place) {
		err = read_sdp(t, sdp_place, &given, &given_len);
		if (!err)
			err = parse_sdp(t, sdp_place, sdp, given, given_len);
	} else {
		vc_default_sdp(sdp);
	}
	for (size_t i = 0; !err && i < pts->n; i++)
		apply(t, sdp, pts->v[i]);
	if (!err) {
		*text = vc_alloc(1, VC_FRAME_DESC_MAX);
		sdp->clock = sdp->control = (struct vc_str){ 0 };
		n = vc_sdp_write_keys(sdp, *text, VC_FRAME_DESC_MAX);
		if (n < 0)
			err = n;
		else
			*len = (size_t)n;
	}
	if (err) {
		free(*text);
		*text = NULL;
	}
	if (given)
		explicit_bzero(given, given_len);
	free(given);
	free(sdp);
	return err;
}

int vc_formats_unique(char **text, size_t *len)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));
	char *out = vc_alloc(1, VC_FRAME_DESC_MAX);
	int n = vc_sdp_parse(sdp, *text, *len);
	uint8_t pt;

	while (!n && vc_sdp_check_pts(sdp, &pt))
		drop_pt(sdp, pt, 1);
	if (!n)
		n = vc_sdp_write(sdp, out, VC_FRAME_DESC_MAX);
	free(sdp);
	if (n < 0) {
		free(out);
		return n;
	}
	free(*text);
	*text = out;
	*len = (size_t)n;
	return 0;
}

static bool fits_vp8(const uint8_t *payload, size_t len)
{
	struct vc_vp8_desc desc;

	if (vc_vp8_desc_parse(&desc, payload, len))
		return false;
	/* RFC 7741: partition indexes end at 7, reserved bits are 0. */
	return !(payload[0] & 0x48);
}

bool vc_formats_fits(enum vc_codec codec, const uint8_t *payload, size_t len)
{
	struct vc_h264_payload h264;
	struct vc_av1_payload av1;
	struct vc_vp9_desc vp9;
	struct vc_cn cn;

	if (!len)
		return true;
	switch (codec) {
	case VC_CODEC_OPUS:
		return vc_opus_samples(payload, len) > 0;
	case VC_CODEC_CN:
		return !vc_cn_parse(&cn, payload, len);
	case VC_CODEC_VP8:
		return fits_vp8(payload, len);
	case VC_CODEC_VP9:
		return !vc_vp9_desc_parse(&vp9, payload, len);
	case VC_CODEC_H264:
		return !vc_h264_payload_parse(&h264, payload, len);
	case VC_CODEC_AV1:
		return !vc_av1_payload_parse(&av1, payload, len);
	default:
		return true;
	}
}
