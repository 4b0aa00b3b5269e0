/* SPDX-License-Identifier: MIT */
#include "wire/avcc.h"

#include <errno.h>

#include "wire/h264.h"

/* 'n' sets of a type, each after its length: what they take up. */
static struct vc_rd take_sets(struct vc_rd *r, unsigned int n,
			      unsigned int type)
{
	const uint8_t *start = r->p, *nal;

	for (unsigned int i = 0; i < n && !r->bad; i++) {
		uint16_t len = vc_rd_u16(r);

		nal = vc_rd_bytes(r, len);
		if (nal && (!len || vc_h264_type(nal[0]) != type))
			r->bad = true;
	}
	return vc_rd_over(start, r->bad ? 0 : (size_t)(r->p - start));
}

int vc_avcc_parse(struct vc_avcc *a, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_avcc v = { 0 };
	uint8_t version = vc_rd_u8(&r);

	vc_rd_skip(&r, 3); /* profile and level, which the SPS says */
	v.size_len = (vc_rd_u8(&r) & 3) + 1u;
	v.sps = take_sets(&r, vc_rd_u8(&r) & 31, VC_H264_SPS);
	v.pps = take_sets(&r, vc_rd_u8(&r), VC_H264_PPS);
	if (r.bad || version != 1 || v.size_len == 3)
		return -EBADMSG;
	*a = v;
	return 0;
}

bool vc_avcc_set_next(struct vc_avcc *a, const uint8_t **nal, size_t *len)
{
	struct vc_rd *r = vc_rd_left(&a->sps) ? &a->sps : &a->pps;

	if (!vc_rd_left(r))
		return false;
	*len = vc_rd_u16(r);
	*nal = vc_rd_bytes(r, *len);
	return *nal;
}

bool vc_avcc_nal_next(struct vc_rd *r, unsigned int size_len,
		      const uint8_t **nal, size_t *len)
{
	do {
		uint32_t n = 0;

		if (!vc_rd_left(r))
			return false;
		for (unsigned int i = 0; i < size_len; i++)
			n = n << 8 | vc_rd_u8(r);
		*nal = vc_rd_bytes(r, n);
		*len = n;
	} while (!r->bad && !*len);
	return !r->bad;
}

/* Sets of 'type' in an access unit, written after their number. */
static void write_sets(struct vc_wr *w, const uint8_t *p, size_t len,
		       unsigned int type, unsigned int max, uint8_t flags)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint8_t *count = vc_wr_room(w, 1);
	const uint8_t *nal;
	unsigned int n = 0;

	while (vc_h264_annexb_next(&r, &nal, &len)) {
		if (vc_h264_type(nal[0]) != type)
			continue;
		if (len > UINT16_MAX || n == max)
			w->bad = true;
		vc_wr_u16(w, (uint16_t)len);
		vc_wr_bytes(w, nal, len);
		n++;
	}
	if (count)
		*count = (uint8_t)(flags | n);
	if (!n)
		w->bad = true;
}

int vc_avcc_write(struct vc_wr *w, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_h264_sps sps;
	const uint8_t *nal;
	size_t n;

	do {
		if (!vc_h264_annexb_next(&r, &nal, &n))
			return -EBADMSG;
	} while (vc_h264_type(nal[0]) != VC_H264_SPS);
	if (vc_h264_sps_parse(&sps, nal, n))
		return -EBADMSG;
	vc_wr_u8(w, 1);
	vc_wr_bytes(w, nal + 1, 3); /* profile, constraints, level */
	vc_wr_u8(w, 0xfc | (VC_AVCC_SIZE_LEN - 1));
	write_sets(w, p, len, VC_H264_SPS, 31, 0xe0);
	write_sets(w, p, len, VC_H264_PPS, 255, 0);
	if (sps.profile_idc == 100 || sps.profile_idc == 110 ||
	    sps.profile_idc == 122 || sps.profile_idc == 144) {
		vc_wr_u8(w, 0xfc | sps.chroma_format);
		vc_wr_u8(w, (uint8_t)(0xf8 | (sps.bit_depth - 8)));
		vc_wr_u8(w, (uint8_t)(0xf8 | (sps.chroma_depth - 8)));
		vc_wr_u8(w, 0); /* extensions of SPS */
	}
	return w->bad ? -EBADMSG : 0;
}
