/* SPDX-License-Identifier: MIT */
/*
 * Parameter sets and slice headers (ITU-T H.264 7.3.2, 7.3.3, E.1). The octets
 * are first copied without the 03 that keeps start codes out of them; a set is
 * never near the size of the copy, and of a slice only the beginning is looked
 * at. What the size of a picture does not depend on is still read, in its
 * range, to know that the whole is sound.
 */
#include <errno.h>

#include "base/bits.h"
#include "wire/base64.h"
#include "wire/h264.h"

#define SET_MAX 2048
#define SLICE_HEAD 32

/* Copies at most 'cap' octets after the unit's first one. */
static size_t unescape(uint8_t *out, size_t cap, const uint8_t *nal, size_t len)
{
	size_t n = 0;
	unsigned int zeros = 0;

	for (size_t i = 1; i < len && n < cap; i++) {
		if (zeros >= 2 && nal[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = nal[i] ? 0 : zeros + 1;
		out[n] = nal[i];
		n++;
	}
	return n;
}

static void skip_scaling_list(struct vc_bits *b, unsigned int size)
{
	int32_t last = 8, next = 8, delta;

	for (unsigned int i = 0; i < size && !b->bad; i++) {
		if (next) {
			delta = vc_bits_se(b);
			if (delta < -128 || delta > 127)
				b->bad = true;
			else
				next = (last + delta + 256) % 256;
		}
		last = next ? next : last;
	}
}

static bool has_chroma_info(uint8_t profile_idc)
{
	static const uint8_t profiles[] = { 100, 110, 122, 244, 44,  83, 86,
					    118, 128, 138, 139, 134, 135 };

	return memchr(profiles, profile_idc, sizeof(profiles));
}

static void read_chroma(struct vc_h264_sps *sps, struct vc_bits *b)
{
	unsigned int n;

	sps->chroma_format = (uint8_t)vc_bits_ue(b, 3);
	if (sps->chroma_format == 3)
		vc_bits_skip(b, 1); /* separate_colour_plane_flag */
	sps->bit_depth = (uint8_t)(8 + vc_bits_ue(b, 6));
	sps->chroma_depth = (uint8_t)(8 + vc_bits_ue(b, 6));
	vc_bits_skip(b, 1);
	if (!vc_bits_flag(b))
		return;
	n = sps->chroma_format == 3 ? 12 : 8;
	for (unsigned int i = 0; i < n; i++)
		if (vc_bits_flag(b))
			skip_scaling_list(b, i < 6 ? 16 : 64);
}

/* Picture order count; its type. */
static uint32_t read_order_count(struct vc_bits *b)
{
	uint32_t type = vc_bits_ue(b, 2), n;

	if (type == 0)
		(void)vc_bits_ue(b, 12);
	if (type != 1)
		return type;
	vc_bits_skip(b, 1);
	(void)vc_bits_se(b);
	(void)vc_bits_se(b);
	n = vc_bits_ue(b, 255);
	for (uint32_t i = 0; i < n && !b->bad; i++)
		(void)vc_bits_se(b);
	return type;
}

static void crop(struct vc_h264_sps *sps, struct vc_bits *b,
		 unsigned int fields)
{
	unsigned int unit_x =
		sps->chroma_format == 1 || sps->chroma_format == 2 ? 2 : 1;
	unsigned int unit_y = (sps->chroma_format == 1 ? 2 : 1) * fields;
	uint32_t x = vc_bits_ue(b, VC_H264_SIDE_MAX);
	uint32_t y;

	x += vc_bits_ue(b, VC_H264_SIDE_MAX);
	y = vc_bits_ue(b, VC_H264_SIDE_MAX);
	y += vc_bits_ue(b, VC_H264_SIDE_MAX);
	if (x * unit_x >= sps->width || y * unit_y >= sps->height)
		b->bad = true;
	sps->width -= x * unit_x;
	sps->height -= y * unit_y;
}

static void read_size(struct vc_h264_sps *sps, struct vc_bits *b)
{
	uint32_t width = 16 * (vc_bits_ue(b, VC_H264_SIDE_MAX / 16 - 1) + 1);
	uint32_t height = 16 * (vc_bits_ue(b, VC_H264_SIDE_MAX / 16 - 1) + 1);
	unsigned int fields = vc_bits_flag(b) ? 1 : 2;

	sps->is_interlaced = fields == 2;
	if (sps->is_interlaced)
		vc_bits_skip(b, 1);
	sps->coded_width = width;
	sps->coded_height = height * fields;
	if (sps->coded_height > VC_H264_SIDE_MAX)
		b->bad = true;
	sps->width = sps->coded_width;
	sps->height = sps->coded_height;
	vc_bits_skip(b, 1); /* direct_8x8_inference_flag */
	if (vc_bits_flag(b))
		crop(sps, b, fields);
}

static void skip_hrd(struct vc_bits *b)
{
	uint32_t n = vc_bits_ue(b, 31) + 1;

	vc_bits_skip(b, 8);
	for (uint32_t i = 0; i < n && !b->bad; i++) {
		(void)vc_bits_ue(b, UINT32_MAX - 1);
		(void)vc_bits_ue(b, UINT32_MAX - 1);
		vc_bits_skip(b, 1);
	}
	vc_bits_skip(b, 20);
}

static void skip_vui_timing(struct vc_bits *b)
{
	bool nal, vcl;

	if (vc_bits_flag(b))
		vc_bits_skip(b, 65); /* units, scale, fixed */
	nal = vc_bits_flag(b);
	if (nal)
		skip_hrd(b);
	vcl = vc_bits_flag(b);
	if (vcl)
		skip_hrd(b);
	if (nal || vcl)
		vc_bits_skip(b, 1);
	vc_bits_skip(b, 1); /* pic_struct_present_flag */
}

/* How many pictures may be shown before one that came earlier; -1: unknown. */
static int read_vui(struct vc_bits *b)
{
	int n;

	if (vc_bits_flag(b) && vc_bits_get(b, 8) == 255)
		vc_bits_skip(b, 32); /* aspect ratio */
	if (vc_bits_flag(b))
		vc_bits_skip(b, 1); /* overscan */
	if (vc_bits_flag(b)) {	    /* video signal */
		vc_bits_skip(b, 4);
		if (vc_bits_flag(b))
			vc_bits_skip(b, 24);
	}
	if (vc_bits_flag(b)) { /* chroma location */
		(void)vc_bits_ue(b, 5);
		(void)vc_bits_ue(b, 5);
	}
	skip_vui_timing(b);
	if (!vc_bits_flag(b))
		return -1;
	vc_bits_skip(b, 1);
	(void)vc_bits_ue(b, 16);
	(void)vc_bits_ue(b, 16);
	(void)vc_bits_ue(b, 16);
	(void)vc_bits_ue(b, 16);
	n = (int)vc_bits_ue(b, 16); /* max_num_reorder_frames */
	(void)vc_bits_ue(b, 16);    /* max_dec_frame_buffering */
	return n;
}

int vc_h264_sps_parse(struct vc_h264_sps *sps, const uint8_t *nal, size_t len)
{
	struct vc_h264_sps v = { .chroma_format = 1,
				 .bit_depth = 8,
				 .chroma_depth = 8 };
	uint8_t octets[SET_MAX];
	struct vc_bits b;

	if (len > SET_MAX || !len || vc_h264_type(nal[0]) != VC_H264_SPS)
		return -EBADMSG;
	b = vc_bits_over(octets, unescape(octets, sizeof(octets), nal, len));
	v.profile_idc = (uint8_t)vc_bits_get(&b, 8);
	v.constraints = (uint8_t)vc_bits_get(&b, 8);
	v.level_idc = (uint8_t)vc_bits_get(&b, 8);
	v.id = (uint8_t)vc_bits_ue(&b, VC_H264_SPS_MAX - 1);
	if (has_chroma_info(v.profile_idc))
		read_chroma(&v, &b);
	(void)vc_bits_ue(&b, 12);
	/* Baseline has no B slices; type 2 is for what has none. */
	v.is_in_order = read_order_count(&b) == 2 || v.profile_idc == 66;
	(void)vc_bits_ue(&b, 16); /* max_num_ref_frames */
	vc_bits_skip(&b, 1);
	read_size(&v, &b);
	if (vc_bits_flag(&b))
		v.is_in_order |= read_vui(&b) == 0;
	if (b.bad)
		return -EBADMSG;
	*sps = v;
	return 0;
}

int vc_h264_pps_parse(struct vc_h264_pps *pps, const uint8_t *nal, size_t len)
{
	uint8_t octets[SLICE_HEAD];
	struct vc_h264_pps v;
	struct vc_bits b;

	if (len > SET_MAX || !len || vc_h264_type(nal[0]) != VC_H264_PPS)
		return -EBADMSG;
	b = vc_bits_over(octets, unescape(octets, sizeof(octets), nal, len));
	v.id = (uint8_t)vc_bits_ue(&b, VC_H264_PPS_MAX - 1);
	v.sps_id = (uint8_t)vc_bits_ue(&b, VC_H264_SPS_MAX - 1);
	if (b.bad || !vc_bits_left(&b))
		return -EBADMSG;
	*pps = v;
	return 0;
}

int vc_h264_sprop_next(struct vc_str *list, uint8_t *out, size_t cap)
{
	struct vc_h264_sps sps;
	struct vc_h264_pps pps;
	int n;

	if (!list->len)
		return 0;
	n = vc_base64_read(vc_str_cut(list, ','), out, cap);
	if (n < 0 || vc_h264_has_code(out, (size_t)n) ||
	    (vc_h264_sps_parse(&sps, out, (size_t)n) &&
	     vc_h264_pps_parse(&pps, out, (size_t)n)))
		return -EBADMSG;
	return n;
}

int vc_h264_slice_parse(struct vc_h264_slice *s, const uint8_t *nal, size_t len)
{
	unsigned int type = len ? vc_h264_type(nal[0]) : 0;
	uint8_t octets[SLICE_HEAD];
	struct vc_h264_slice v;
	struct vc_bits b;

	if (type != VC_H264_SLICE && type != VC_H264_PART_A &&
	    type != VC_H264_IDR)
		return -EBADMSG;
	b = vc_bits_over(octets, unescape(octets, sizeof(octets), nal, len));
	v.is_first = !vc_bits_ue(&b, UINT32_MAX - 1);
	(void)vc_bits_ue(&b, 9);
	v.pps_id = (uint8_t)vc_bits_ue(&b, VC_H264_PPS_MAX - 1);
	if (b.bad)
		return -EBADMSG;
	*s = v;
	return 0;
}
