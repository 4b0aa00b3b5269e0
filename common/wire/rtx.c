/* SPDX-License-Identifier: MIT */
/* Both ways the header is kept, and the number put in or taken out behind. */
#include "wire/rtx.h"

#include <errno.h>
#include <string.h>

#include "wire/rtp.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define PADDING 0x20

struct vc_rid_exts vc_rtx_rids(const struct vc_sdp *sdp)
{
	return (struct vc_rid_exts){
		.rid = vc_sdp_ext_id(sdp, VC_EXT_URI_RID),
		.repaired = vc_sdp_ext_id(sdp, VC_EXT_URI_REPAIRED_RID),
	};
}

int vc_rtx_write(struct vc_wr *w, const struct vc_rtx *rtx, const uint8_t *p,
		 size_t len)
{
	struct vc_rtp rtp;
	uint8_t *out;

	if (vc_rtp_parse(&rtp, p, len))
		return -EBADMSG;
	out = vc_wr_room(w, rtp.header_len);
	vc_wr_u16(w, rtp.seq);
	vc_wr_bytes(w, rtp.payload, rtp.payload_len);
	if (w->bad)
		return 0;
	memcpy(out, p, rtp.header_len);
	out[0] = (uint8_t)(p[0] & ~PADDING);
	vc_rtp_set_ssrc(out, rtx->ssrc);
	vc_rtp_set_pt(out, rtx->pt);
	vc_rtp_set_seq(out, rtx->seq);
	vc_ext_rename(out, rtp.header_len, rtx->ids.rid, rtx->ids.repaired);
	return 0;
}

bool vc_rtx_osn(const struct vc_rtp *rtp, uint16_t *osn)
{
	if (rtp->payload_len < VC_RTX_OSN)
		return false;
	*osn = vc_get_u16(rtp->payload);
	return true;
}

int vc_rtx_unwrap(uint8_t *p, size_t *len, uint32_t ssrc, uint8_t pt)
{
	struct vc_rtp rtp;
	uint16_t osn;

	if (vc_rtp_parse(&rtp, p, *len))
		return -EBADMSG;
	if (!rtp.payload_len)
		return -ENODATA;
	if (!vc_rtx_osn(&rtp, &osn))
		return -EBADMSG;
	*len = rtp.header_len + rtp.payload_len - VC_RTX_OSN;
	memmove(p + rtp.header_len, rtp.payload + VC_RTX_OSN,
		rtp.payload_len - VC_RTX_OSN);
	p[0] = (uint8_t)(p[0] & ~PADDING);
	vc_rtp_set_ssrc(p, ssrc);
	vc_rtp_set_pt(p, pt);
	vc_rtp_set_seq(p, osn);
	return 0;
}

bool vc_rtx_apt(struct vc_str fmtp, uint8_t *apt)
{
	struct vc_str value;
	uint32_t v;

	if (!vc_sdp_fmtp_get(fmtp, "apt", &value) ||
	    !vc_str_u32(value, 127, &v))
		return false;
	*apt = (uint8_t)v;
	return true;
}

bool vc_rtx_fid(struct vc_str value, uint32_t *media, uint32_t *rtx)
{
	uint32_t a, b;

	if (!vc_str_is(vc_str_cut(&value, ' '), "FID") ||
	    !vc_str_u32(vc_str_cut(&value, ' '), UINT32_MAX, &a) ||
	    !vc_str_u32(value, UINT32_MAX, &b) || a == b)
		return false;
	*media = a;
	*rtx = b;
	return true;
}
