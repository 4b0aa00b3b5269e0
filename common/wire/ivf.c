/* SPDX-License-Identifier: MIT */
/* Little-endian. The header: mark, version, its length, and what is in it. */
#include "wire/ivf.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

#define MARK "DKIF"

void vc_ivf_write(uint8_t out[static VC_IVF_HEADER], const struct vc_ivf *ivf)
{
	struct vc_wr w = vc_wr_over(out, VC_IVF_HEADER);

	vc_wr_bytes(&w, MARK, 4);
	vc_wr_le(&w, 0, 2);
	vc_wr_le(&w, VC_IVF_HEADER, 2);
	vc_wr_bytes(&w, ivf->fourcc, 4);
	vc_wr_le(&w, ivf->width, 2);
	vc_wr_le(&w, ivf->height, 2);
	vc_wr_le(&w, ivf->rate, 4);
	vc_wr_le(&w, ivf->scale, 4);
	vc_wr_le(&w, ivf->length, 4);
	vc_wr_le(&w, 0, 4);
}

void vc_ivf_frame_write(uint8_t out[static VC_IVF_FRAME_HEADER],
			const struct vc_ivf_frame *f)
{
	struct vc_wr w = vc_wr_over(out, VC_IVF_FRAME_HEADER);

	vc_wr_le(&w, f->len, 4);
	vc_wr_le(&w, f->ticks, 8);
}

int vc_ivf_parse(struct vc_ivf *ivf, size_t *size, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_ivf v = { 0 };
	const uint8_t *fourcc;
	uint64_t version;

	if (len && memcmp(p, MARK, len < 4 ? len : 4))
		return -EBADMSG;
	vc_rd_skip(&r, 4);
	version = vc_rd_le(&r, 2);
	*size = vc_rd_le(&r, 2);
	fourcc = vc_rd_bytes(&r, 4);
	v.width = (uint16_t)vc_rd_le(&r, 2);
	v.height = (uint16_t)vc_rd_le(&r, 2);
	v.rate = (uint32_t)vc_rd_le(&r, 4);
	v.scale = (uint32_t)vc_rd_le(&r, 4);
	v.length = (uint32_t)vc_rd_le(&r, 4);
	vc_rd_skip(&r, 4);
	if (r.bad)
		return -EAGAIN;
	if (version || *size < VC_IVF_HEADER || !v.rate || !v.scale)
		return -EBADMSG;
	if (len < *size)
		return -EAGAIN;
	memcpy(v.fourcc, fourcc, 4);
	*ivf = v;
	return 0;
}

int vc_ivf_frame_parse(struct vc_ivf_frame *f, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_ivf_frame v = { .len = (uint32_t)vc_rd_le(&r, 4) };

	v.ticks = vc_rd_le(&r, 8);
	if (r.bad)
		return -EAGAIN;
	if (v.len > VC_IVF_FRAME_MAX)
		return -EBADMSG;
	*f = v;
	return 0;
}
