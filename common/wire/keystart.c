/* SPDX-License-Identifier: MIT */
#include "wire/keystart.h"

#include "wire/av1.h"
#include "wire/h264.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

bool vc_keystart_knows(enum vc_codec codec)
{
	return codec == VC_CODEC_VP8 || codec == VC_CODEC_VP9 ||
	       codec == VC_CODEC_H264 || codec == VC_CODEC_AV1;
}

bool vc_keystart(enum vc_codec codec, const uint8_t *payload, size_t len)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return vc_vp8_is_key_start(payload, len);
	case VC_CODEC_VP9:
		return vc_vp9_is_key_start(payload, len);
	case VC_CODEC_H264:
		return vc_h264_is_key_start(payload, len);
	case VC_CODEC_AV1:
		return vc_av1_is_key_start(payload, len);
	default:
		return false;
	}
}

struct size {
	unsigned int width, height;
};

static void size_vp8(const uint8_t *payload, size_t len, struct size *s)
{
	struct vc_vp8_desc d;
	struct vc_vp8_frame f;

	if (vc_vp8_desc_parse(&d, payload, len) ||
	    vc_vp8_frame_parse(&f, d.payload, d.payload_len, 0))
		return;
	*s = (struct size){ f.width, f.height };
}

/* With spatial layers it is that of the largest. */
static void size_vp9(const uint8_t *payload, size_t len, struct size *s)
{
	struct vc_vp9_desc d;
	struct vc_vp9_frame f;

	if (vc_vp9_desc_parse(&d, payload, len) ||
	    vc_vp9_frame_parse(&f, d.payload, d.payload_len))
		return;
	*s = (struct size){ f.width, f.height };
	for (unsigned int i = 0;
	     d.has_ss && d.ss.has_size && i < d.ss.n_spatial; i++)
		if (d.ss.width[i] > s->width)
			*s = (struct size){ d.ss.width[i], d.ss.height[i] };
}

static void size_sps(const uint8_t *nal, size_t len, struct size *s)
{
	struct vc_h264_sps sps;

	if (len && vc_h264_type(nal[0]) == VC_H264_SPS &&
	    !vc_h264_sps_parse(&sps, nal, len))
		*s = (struct size){ sps.width, sps.height };
}

static void size_h264(const uint8_t *payload, size_t len, struct size *s)
{
	struct vc_h264_payload h;
	const uint8_t *nal;
	struct vc_rd r;

	if (vc_h264_payload_parse(&h, payload, len))
		return;
	if (h.kind != VC_H264_STAP_A) {
		size_sps(h.p, h.kind == VC_H264_FU_A ? 0 : h.len, s);
		return;
	}
	r = vc_rd_over(h.p, h.len);
	while (vc_h264_stap_next(&r, &nal, &len))
		size_sps(nal, len, s);
}

static void size_av1(const uint8_t *payload, size_t len, struct size *s)
{
	struct vc_av1_sequence seq;
	struct vc_av1_payload a;
	struct vc_av1_obu o;
	const uint8_t *p;

	if (vc_av1_payload_parse(&a, payload, len))
		return;
	while (vc_av1_elem_next(&a, &p, &len))
		if (!vc_av1_obu_parse(&o, p, len) &&
		    o.type == VC_AV1_SEQUENCE &&
		    !vc_av1_sequence_parse(&seq, o.p, o.len))
			*s = (struct size){ seq.width, seq.height };
}

bool vc_keystart_size(enum vc_codec codec, const uint8_t *payload, size_t len,
		      unsigned int *width, unsigned int *height)
{
	struct size s = { 0 };

	if (!vc_keystart(codec, payload, len))
		return false;
	if (codec == VC_CODEC_VP8)
		size_vp8(payload, len, &s);
	else if (codec == VC_CODEC_VP9)
		size_vp9(payload, len, &s);
	else if (codec == VC_CODEC_H264)
		size_h264(payload, len, &s);
	else
		size_av1(payload, len, &s);
	*width = s.width;
	*height = s.height;
	return s.width && s.height;
}
