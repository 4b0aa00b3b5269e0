/* SPDX-License-Identifier: MIT */
/*
 * The header is read front to back with one cursor; padding is then cut from
 * the end of what is left, so neither can reach into the other. Extenders add
 * the signed distance to their last result.
 */
#include <errno.h>

#include "wire/rtp.h"

#define VERSION 2

static void read_ext(struct vc_rtp *rtp, struct vc_rd *r)
{
	rtp->ext_profile = vc_rd_u16(r);
	rtp->ext_len = (size_t)4 * vc_rd_u16(r);
	rtp->ext = vc_rd_bytes(r, rtp->ext_len);
}

int vc_rtp_parse(struct vc_rtp *rtp, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_rtp h = { .pt = 0 };
	uint8_t first, second;

	first = vc_rd_u8(&r);
	second = vc_rd_u8(&r);
	h.marker = second & 0x80;
	h.pt = second & 0x7f;
	h.seq = vc_rd_u16(&r);
	h.ts = vc_rd_u32(&r);
	h.ssrc = vc_rd_u32(&r);
	h.n_csrc = first & 0x0f;
	for (unsigned int i = 0; i < h.n_csrc; i++)
		h.csrc[i] = vc_rd_u32(&r);
	h.has_ext = first & 0x10;
	if (h.has_ext)
		read_ext(&h, &r);
	if (r.bad || first >> 6 != VERSION)
		return -EBADMSG;

	h.payload = r.p;
	h.payload_len = vc_rd_left(&r);
	h.header_len = len - h.payload_len;
	if (first & 0x20) {
		h.pad_len = h.payload_len ? p[len - 1] : 0;
		if (!h.pad_len || h.pad_len > h.payload_len)
			return -EBADMSG;
		h.payload_len -= h.pad_len;
	}
	*rtp = h;
	return 0;
}

int vc_rtp_write(struct vc_wr *w, const struct vc_rtp *rtp)
{
	size_t words = (rtp->ext_len + 3) / 4;

	if (rtp->pt > 127 || rtp->n_csrc > VC_RTP_CSRC_MAX ||
	    (rtp->has_ext && words > UINT16_MAX))
		return -EINVAL;
	vc_wr_u8(w, (uint8_t)(VERSION << 6 | (rtp->has_ext ? 0x10 : 0) |
			      rtp->n_csrc));
	vc_wr_u8(w, (uint8_t)((rtp->marker ? 0x80 : 0) | rtp->pt));
	vc_wr_u16(w, rtp->seq);
	vc_wr_u32(w, rtp->ts);
	vc_wr_u32(w, rtp->ssrc);
	for (unsigned int i = 0; i < rtp->n_csrc; i++)
		vc_wr_u32(w, rtp->csrc[i]);
	if (!rtp->has_ext)
		return 0;
	vc_wr_u16(w, rtp->ext_profile);
	vc_wr_u16(w, (uint16_t)words);
	vc_wr_bytes(w, rtp->ext, rtp->ext_len);
	vc_wr_bytes(w, "\0\0\0", 4 * words - rtp->ext_len);
	return 0;
}

void vc_rtp_remap(uint8_t *p, uint32_t from, uint32_t to)
{
	unsigned int n = p[0] & 0x0f;

	/* The CSRCs follow the SSRC. */
	for (unsigned int i = 0; i <= n; i++) {
		if (vc_get_u32(p + 8 + 4 * i) == from)
			vc_put_u32(p + 8 + 4 * i, to);
	}
}

int64_t vc_seq_extend(struct vc_seq_ext *e, uint16_t seq)
{
	if (e->set)
		e->last += vc_seq_diff((uint16_t)e->last, seq);
	else
		e->last = seq;
	e->set = true;
	return e->last;
}

int64_t vc_ts_extend(struct vc_ts_ext *e, uint32_t ts)
{
	if (e->set)
		e->last += vc_ts_diff((uint32_t)e->last, ts);
	else
		e->last = ts;
	e->set = true;
	return e->last;
}

enum vc_demux vc_demux(const uint8_t *p, size_t len)
{
	if (!len)
		return VC_DEMUX_OTHER;
	if (p[0] <= 3)
		return VC_DEMUX_STUN;
	if (p[0] >= 16 && p[0] <= 19)
		return VC_DEMUX_ZRTP;
	if (p[0] >= 20 && p[0] <= 63)
		return VC_DEMUX_DTLS;
	if (p[0] >= 64 && p[0] <= 79)
		return VC_DEMUX_TURN;
	if (p[0] < 128 || p[0] > 191)
		return VC_DEMUX_OTHER;
	if (len > 1 && p[1] >= 192 && p[1] <= 223)
		return VC_DEMUX_RTCP;
	return VC_DEMUX_RTP;
}
