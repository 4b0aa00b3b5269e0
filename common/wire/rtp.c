/* SPDX-License-Identifier: MIT */
/*
 * Lengths are checked front to back, then fields are read where they are: every
 * packet comes by here, and more than once. Padding is cut from the end of what
 * is left, so neither can reach into the other. Extenders add the signed
 * distance to their last result.
 */
#include <errno.h>

#include "wire/rtp.h"

#define VERSION 2

int vc_rtp_parse(struct vc_rtp *rtp, const uint8_t *p, size_t len)
{
	size_t head = VC_RTP_HEADER, ext_len = 0, pad = 0;
	const uint8_t *ext = NULL;
	unsigned int n_csrc;

	if (len < head || p[0] >> 6 != VERSION)
		return -EBADMSG;
	n_csrc = p[0] & 0x0f;
	head += (size_t)4 * n_csrc;
	if (p[0] & 0x10) {
		if (len < head + 4)
			return -EBADMSG;
		ext = p + head + 4;
		ext_len = (size_t)4 * vc_get_u16(p + head + 2);
		head += 4 + ext_len;
	}
	if (len < head)
		return -EBADMSG;
	if (p[0] & 0x20) {
		pad = len > head ? p[len - 1] : 0;
		if (!pad || pad > len - head)
			return -EBADMSG;
	}
	rtp->pt = vc_rtp_get_pt(p);
	rtp->marker = vc_rtp_get_marker(p);
	rtp->seq = vc_rtp_get_seq(p);
	rtp->ts = vc_rtp_get_ts(p);
	rtp->ssrc = vc_rtp_get_ssrc(p);
	rtp->n_csrc = n_csrc;
	for (unsigned int i = 0; i < n_csrc; i++)
		rtp->csrc[i] = vc_get_u32(p + VC_RTP_HEADER + (size_t)4 * i);
	rtp->has_ext = ext;
	rtp->ext_profile = ext ? vc_get_u16(ext - 4) : 0;
	rtp->ext = ext;
	rtp->ext_len = ext_len;
	rtp->payload = p + head;
	rtp->payload_len = len - head - pad;
	rtp->pad_len = pad;
	rtp->header_len = head;
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

enum vc_demux vc_demux_other(uint8_t first)
{
	if (first <= 3)
		return VC_DEMUX_STUN;
	if (first >= 16 && first <= 19)
		return VC_DEMUX_ZRTP;
	if (first >= 20 && first <= 63)
		return VC_DEMUX_DTLS;
	if (first >= 64 && first <= 79)
		return VC_DEMUX_TURN;
	return VC_DEMUX_OTHER;
}
