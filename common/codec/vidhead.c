/* SPDX-License-Identifier: MIT */
/*
 * Whatever in a frame could make a decoder allocate is looked at, by the
 * parsers of wire: each frame of a VP9 superframe, each parameter set of an
 * access unit, each sequence header of a temporal unit.
 */
#include "codec/vidhead.h"

#include <errno.h>

#include "wire/av1.h"
#include "wire/h264.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

/* The larger of what was claimed. */
static void claim(struct vc_vidhead *head, uint32_t width, uint32_t height)
{
	head->width = (int)width > head->width ? (int)width : head->width;
	head->height = (int)height > head->height ? (int)height : head->height;
}

int vc_vidhead_vp8(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_vp8_frame frame;

	if (vc_vp8_frame_parse(&frame, p, len, len))
		return -EBADMSG;
	head->is_key = frame.key;
	claim(head, frame.width, frame.height);
	return 0;
}

/* --- VP9 --- */

static int vp9_frame(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_vp9_frame frame;

	if (vc_vp9_frame_parse(&frame, p, len) || frame.profile)
		return -EBADMSG;
	head->is_key |= frame.key && !frame.show_existing;
	claim(head, frame.width, frame.height);
	return 0;
}

bool vc_vidhead_vp9_has_index(const uint8_t *p, size_t len)
{
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX];

	return vc_vp9_superframe_parse(sizes, p, len) > 0;
}

int vc_vidhead_vp9(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX];
	int n = vc_vp9_superframe_parse(sizes, p, len);

	if (n <= 0)
		return n ? -EBADMSG : vp9_frame(p, len, head);
	for (int i = 0; i < n; i++) {
		if (vp9_frame(p, sizes[i], head))
			return -EBADMSG;
		p += sizes[i];
	}
	return 0;
}

/* --- H.264 --- */

/*
 * A decoder allocates what is coded: cropping must not hide more of it than
 * part of a macroblock to each side.
 */
static int h264_sps(const uint8_t *nal, size_t len, struct vc_vidhead *head)
{
	struct vc_h264_sps sps;
	bool is_cropped;

	if (vc_h264_sps_parse(&sps, nal, len) || sps.chroma_format != 1 ||
	    sps.bit_depth != 8 || sps.is_interlaced)
		return -EBADMSG;
	is_cropped = sps.coded_width - sps.width >= 32 ||
		     sps.coded_height - sps.height >= 32;
	claim(head, is_cropped ? sps.coded_width : sps.width,
	      is_cropped ? sps.coded_height : sps.height);
	head->is_in_order = sps.is_in_order;
	return 0;
}

int vc_vidhead_h264(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_rd r = vc_rd_over(p, len);
	const uint8_t *nal;
	size_t n;
	bool is_some = false;

	while (vc_h264_annexb_next(&r, &nal, &n)) {
		is_some = true;
		head->is_key |= vc_h264_type(nal[0]) == VC_H264_IDR;
		if (vc_h264_type(nal[0]) == VC_H264_SPS &&
		    h264_sps(nal, n, head))
			return -EBADMSG;
		/* That of scalable coding, which may claim a size too. */
		if (vc_h264_type(nal[0]) == VC_H264_SUBSET_SPS)
			return -EBADMSG;
	}
	return is_some ? 0 : -EBADMSG;
}

/* --- AV1 --- */

int vc_vidhead_av1(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_av1_sequence seq;
	struct vc_av1_frame frame;
	struct vc_av1_obu obu;
	bool has_seq = false, has_frame = false;

	while (vc_av1_obu_next(&r, &obu)) {
		if (obu.type == VC_AV1_SEQUENCE) {
			if (vc_av1_sequence_parse(&seq, obu.p, obu.len) ||
			    seq.profile)
				return -EBADMSG;
			has_seq = true;
			claim(head, seq.width, seq.height);
		}
		if ((obu.type != VC_AV1_FRAME &&
		     obu.type != VC_AV1_FRAME_HEADER) ||
		    has_frame)
			continue;
		has_frame = true;
		if (has_seq && vc_av1_frame_parse(&frame, &seq, obu.p, obu.len))
			return -EBADMSG;
		head->is_key = has_seq && frame.key;
	}
	return r.bad ? -EBADMSG : 0;
}
