/* SPDX-License-Identifier: MIT */
/* The rate is a mantissa of 18 bits and an exponent of 6, so up to 2^81. */
#include "wire/remb.h"

#include <errno.h>

#define NAME UINT32_C(0x52454d42) /* "REMB" */
#define MANTISSA 18

static uint64_t shifted(uint64_t mantissa, unsigned int exp)
{
	if (mantissa && (exp > 63 || mantissa > UINT64_MAX >> exp))
		return UINT64_MAX;
	return mantissa << exp;
}

int vc_remb_parse(struct vc_remb *out, const struct vc_rtcp_fb *fb)
{
	struct vc_rd r = vc_rd_over(fb->fci, fb->fci_len);
	uint32_t name = vc_rd_u32(&r), rate;
	struct vc_remb v;

	v.n = vc_rd_u8(&r);
	rate = vc_rd_u24(&r);
	v.ssrcs = vc_rd_bytes(&r, (size_t)4 * v.n);
	if (r.bad || vc_rd_left(&r) || name != NAME || fb->pt != VC_RTCP_PSFB ||
	    fb->fmt != VC_RTCP_FB_ALFB)
		return -EBADMSG;
	v.bps = shifted(rate & ((1u << MANTISSA) - 1), rate >> MANTISSA);
	*out = v;
	return 0;
}

void vc_remb_write(struct vc_wr *w, uint32_t sender, uint64_t bps,
		   const uint32_t *ssrcs, uint8_t n)
{
	uint8_t *head = vc_wr_room(w, 4);
	uint32_t exp = 0;

	while (bps >> exp >= 1u << MANTISSA)
		exp++;
	if (head) {
		head[0] = 2 << 6 | VC_RTCP_FB_ALFB;
		head[1] = VC_RTCP_PSFB;
		vc_put_u16(head + 2, (uint16_t)(4 + n));
	}
	vc_wr_u32(w, sender);
	vc_wr_u32(w, 0);
	vc_wr_u32(w, NAME);
	vc_wr_u8(w, n);
	vc_wr_u24(w, exp << MANTISSA | (uint32_t)(bps >> exp));
	for (unsigned int i = 0; i < n; i++)
		vc_wr_u32(w, ssrcs[i]);
}
