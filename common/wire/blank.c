/* SPDX-License-Identifier: MIT */
#include "wire/blank.h"

#include <stdbool.h>
#include <string.h>

#include "wire/av1.h"
#include "wire/h264.h"
#include "wire/opus.h"
#include "wire/red.h"
#include "wire/rtx.h"
#include "wire/sdp.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

#define DEPTH_MAX 2	/* RTX of RED of media */
#define ULPFEC_HEAD 14	/* RFC 5109, 7.3 and 7.4: a short mask */
#define FLEXFEC_HEAD 20 /* one source, a short mask */
#define VP8_TAG 3	/* RFC 6386, 9.1: whether it is a key frame */
#define KEY_HEAD 10	/* and how large: of VP8 and VP9 */
#define SILENCE_PCMU 0xff
#define SILENCE_PCMA 0xd5

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void zero_from(uint8_t *p, size_t len, size_t keep)
{
	if (keep < len)
		memset(p + keep, 0, len - keep);
}

static size_t opus_head(const uint8_t *p, size_t len)
{
	return len && (p[0] & 3) == 3 ? 2 : 1;
}

static size_t vp8_head(const uint8_t *p, size_t len)
{
	struct vc_vp8_desc d;
	size_t desc;

	if (vc_vp8_desc_parse(&d, p, len))
		return 0;
	desc = len - d.payload_len;
	if (!vc_vp8_desc_is_first(&d))
		return desc;
	return desc + (d.payload[0] & 1 ? VP8_TAG : KEY_HEAD);
}

static size_t vp9_head(const uint8_t *p, size_t len)
{
	struct vc_vp9_desc d;
	struct vc_vp9_frame f;
	size_t desc;

	if (vc_vp9_desc_parse(&d, p, len))
		return 0;
	desc = len - d.payload_len;
	if (!d.start || !d.payload_len)
		return desc;
	return desc +
	       (!vc_vp9_frame_parse(&f, d.payload, d.payload_len) && f.key ?
			KEY_HEAD :
			1);
}

/* A unit that is whole; its head is not a fragment's. */
static void blank_unit(uint8_t *p, size_t len)
{
	unsigned int type = len ? vc_h264_type(p[0]) : 0;

	if (type == VC_H264_SPS || type == VC_H264_PPS)
		return;
	zero_from(p, len, type == VC_H264_SLICE || type == VC_H264_IDR ? 2 : 1);
}

static void blank_h264(uint8_t *p, size_t len)
{
	struct vc_h264_payload h;
	const uint8_t *unit;
	struct vc_rd r;
	size_t n;

	if (vc_h264_payload_parse(&h, p, len)) {
		zero_from(p, len, 0);
		return;
	}
	if (h.kind == VC_H264_FU_A) {
		unsigned int type = vc_h264_type(h.head);
		bool is_slice = type == VC_H264_SLICE || type == VC_H264_IDR;

		zero_from(p, len, h.start && is_slice ? 3 : 2);
		return;
	}
	if (h.kind != VC_H264_STAP_A) {
		blank_unit(p, len);
		return;
	}
	r = vc_rd_over(h.p, h.len);
	while (vc_h264_stap_next(&r, &unit, &n))
		blank_unit(p + (unit - p), n);
}

/* Not the rest of one that began in another packet. */
static void blank_obu(uint8_t *p, size_t len)
{
	struct vc_av1_obu o;
	size_t head;

	if (vc_av1_obu_parse(&o, p, len)) {
		zero_from(p, len, 0);
		return;
	}
	if (o.type == VC_AV1_SEQUENCE)
		return;
	head = (size_t)(o.p - p);
	zero_from(p, len,
		  head + (o.type == VC_AV1_FRAME ||
			  o.type == VC_AV1_FRAME_HEADER));
}

static void blank_av1(uint8_t *p, size_t len)
{
	struct vc_av1_payload a;
	const uint8_t *elem;
	bool is_rest;
	size_t n;

	if (vc_av1_payload_parse(&a, p, len)) {
		zero_from(p, len, 0);
		return;
	}
	is_rest = a.continues;
	while (vc_av1_elem_next(&a, &elem, &n)) {
		uint8_t *at = p + (elem - p);

		if (is_rest)
			zero_from(at, n, 0);
		else
			blank_obu(at, n);
		is_rest = false;
	}
}

static void blank(const struct vc_sdp *sdp, uint8_t pt, uint8_t *p, size_t len,
		  unsigned int depth);

static void blank_red(const struct vc_sdp *sdp, uint8_t *p, size_t len,
		      unsigned int depth)
{
	struct vc_red red;

	if (vc_red_parse(&red, p, len)) {
		zero_from(p, len, 0);
		return;
	}
	for (size_t i = 0; i < red.n; i++)
		blank(sdp, red.blocks[i].pt, p + (red.blocks[i].p - p),
		      red.blocks[i].len, depth + 1);
}

static void blank_rtx(const struct vc_sdp *sdp, struct vc_str fmtp, uint8_t *p,
		      size_t len, unsigned int depth)
{
	uint8_t apt;

	if (len > VC_RTX_OSN && vc_rtx_apt(fmtp, &apt))
		blank(sdp, apt, p + VC_RTX_OSN, len - VC_RTX_OSN, depth + 1);
	else
		zero_from(p, len, VC_RTX_OSN);
}

/* Formats that are one piece. */
static void blank_plain(enum vc_codec codec, uint8_t *p, size_t len)
{
	switch (codec) {
	case VC_CODEC_OPUS:
		zero_from(p, len, opus_head(p, len));
		return;
	case VC_CODEC_PCMU:
		memset(p, SILENCE_PCMU, len);
		return;
	case VC_CODEC_PCMA:
		memset(p, SILENCE_PCMA, len);
		return;
	case VC_CODEC_T140:
		memset(p, 'x', len);
		return;
	case VC_CODEC_TELEPHONE_EVENT:
		zero_from(p, least(len, 1), 0);
		return;
	case VC_CODEC_CN:
		zero_from(p, len, 1);
		return;
	case VC_CODEC_VP8:
		zero_from(p, len, vp8_head(p, len));
		return;
	case VC_CODEC_VP9:
		zero_from(p, len, vp9_head(p, len));
		return;
	case VC_CODEC_ULPFEC:
		zero_from(p, len, ULPFEC_HEAD);
		return;
	case VC_CODEC_FLEXFEC:
		zero_from(p, len, FLEXFEC_HEAD);
		return;
	default:
		zero_from(p, len, 0);
	}
}

static void blank(const struct vc_sdp *sdp, uint8_t pt, uint8_t *p, size_t len,
		  unsigned int depth)
{
	const struct vc_sdp_fmt *fmt = NULL;
	enum vc_codec codec = VC_CODEC_NONE;

	if (!len)
		return;
	if (depth <= DEPTH_MAX && vc_sdp_find_pt(sdp, pt, NULL, &fmt))
		codec = vc_codec_by_name(fmt->codec);
	if (codec == VC_CODEC_H264)
		blank_h264(p, len);
	else if (codec == VC_CODEC_AV1)
		blank_av1(p, len);
	else if (codec == VC_CODEC_RED)
		blank_red(sdp, p, len, depth);
	else if (codec == VC_CODEC_RTX)
		blank_rtx(sdp, fmt->fmtp, p, len, depth);
	else
		blank_plain(codec, p, len);
}

void vc_blank_payload(const struct vc_sdp *sdp, uint8_t pt, uint8_t *p,
		      size_t len)
{
	blank(sdp, pt, p, len, 0);
}
