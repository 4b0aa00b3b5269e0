/* SPDX-License-Identifier: MIT */
/*
 * REMB, the receiver's estimate of the bit rate it can take
 * (draft-alvestrand-rmcat-remb-03 section 2.2): a PSFB packet of format
 * VC_RTCP_FB_ALFB.
 */
#ifndef VC_WIRE_REMB_H
#define VC_WIRE_REMB_H

#include <stdint.h>

#include "wire/rtcp.h"

/* 'ssrcs' borrows from the packet. */
struct vc_remb {
	uint64_t bps; /* UINT64_MAX: what it says or more */
	unsigned int n;
	const uint8_t *ssrcs; /* the streams it is about */
};

/* 0 or -EBADMSG: another packet, or not as long as it says. */
int vc_remb_parse(struct vc_remb *out, const struct vc_rtcp_fb *fb);

static inline uint32_t vc_remb_ssrc(const struct vc_remb *r, unsigned int i)
{
	return vc_get_u32(r->ssrcs + (size_t)4 * i);
}

/* 'bps' is rounded down to 18 significant bits; 'n' at most 255. */
void vc_remb_write(struct vc_wr *w, uint32_t sender, uint64_t bps,
		   const uint32_t *ssrcs, uint8_t n);

#endif
