/* SPDX-License-Identifier: MIT */
/*
 * Reading. vc_rtcp_next() alone knows about headers and padding and hands out
 * bodies; everything else reads a body with a cursor of its own. The check
 * runs over the same functions that users will call, so what passed it cannot
 * fail later. Writing is in rtcpwrite.c.
 */
#include <errno.h>

#include "wire/rtcp.h"
#include "wire/rtcpxr.h"

#define VERSION 2
#define SR_LEN 24 /* body without report blocks */
#define RR_LEN 4
#define REPORT_LEN 24
#define FB_LEN 8

/* Octets of padding at the end of a body, or -1. */
static int pad_of(const uint8_t *body, size_t len, bool is_last)
{
	uint8_t pad = len ? body[len - 1] : 0;

	if (!is_last || !pad || pad % 4 || pad > len)
		return -1;
	return pad;
}

bool vc_rtcp_next(struct vc_rd *rd, struct vc_rtcp *out)
{
	struct vc_rtcp pkt;
	uint8_t first;
	int pad = 0;

	if (!vc_rd_left(rd))
		return false;
	first = vc_rd_u8(rd);
	pkt.pt = vc_rd_u8(rd);
	pkt.len = (size_t)4 * vc_rd_u16(rd);
	pkt.body = vc_rd_bytes(rd, pkt.len);
	pkt.count = first & 0x1f;
	if (!rd->bad && first & 0x20)
		pad = pad_of(pkt.body, pkt.len, !vc_rd_left(rd));
	if (rd->bad || first >> 6 != VERSION || pad < 0) {
		rd->bad = true;
		return false;
	}
	pkt.len -= (size_t)pad;
	*out = pkt;
	return true;
}

int vc_rtcp_parse_sr(struct vc_rtcp_sr *sr, const struct vc_rtcp *pkt)
{
	struct vc_rd r = vc_rd_over(pkt->body, pkt->len);
	struct vc_rtcp_sr v;

	v.ssrc = vc_rd_u32(&r);
	v.ntp = vc_rd_u64(&r);
	v.rtp_ts = vc_rd_u32(&r);
	v.packets = vc_rd_u32(&r);
	v.octets = vc_rd_u32(&r);
	if (r.bad || pkt->pt != VC_RTCP_SR)
		return -EBADMSG;
	*sr = v;
	return 0;
}

int vc_rtcp_parse_rr(uint32_t *ssrc, const struct vc_rtcp *pkt)
{
	if (pkt->pt != VC_RTCP_RR || pkt->len < RR_LEN)
		return -EBADMSG;
	*ssrc = vc_get_u32(pkt->body);
	return 0;
}

int vc_rtcp_parse_report(struct vc_rtcp_report *rep, const struct vc_rtcp *pkt,
			 unsigned int i)
{
	struct vc_rd r = vc_rd_over(pkt->body, pkt->len);
	struct vc_rtcp_report v;
	uint32_t lost;

	if (pkt->pt != VC_RTCP_SR && pkt->pt != VC_RTCP_RR)
		return -EBADMSG;
	vc_rd_skip(&r, pkt->pt == VC_RTCP_SR ? SR_LEN : RR_LEN);
	vc_rd_skip(&r, (size_t)REPORT_LEN * i);
	v.ssrc = vc_rd_u32(&r);
	v.fraction = vc_rd_u8(&r);
	lost = vc_rd_u24(&r);
	v.lost = (int32_t)lost - (lost & 0x800000 ? 0x1000000 : 0);
	v.highest = vc_rd_u32(&r);
	v.jitter = vc_rd_u32(&r);
	v.lsr = vc_rd_u32(&r);
	v.dlsr = vc_rd_u32(&r);
	if (r.bad || i >= pkt->count)
		return -EBADMSG;
	*rep = v;
	return 0;
}

struct vc_sdes_iter vc_sdes_over(const struct vc_rtcp *pkt)
{
	struct vc_sdes_iter it = { .rd = { .bad = true } };

	if (pkt->pt != VC_RTCP_SDES)
		return it;
	it.rd = vc_rd_over(pkt->body, pkt->len);
	it.chunks = pkt->count;
	it.base = pkt->body;
	return it;
}

static void sdes_begin_chunk(struct vc_sdes_iter *it)
{
	it->chunks--;
	it->chunk = vc_rd_bytes(&it->rd, 4);
	it->in_chunk = true;
}

/* The zero was read: the rest of the word is padding. */
static void sdes_end_chunk(struct vc_sdes_iter *it)
{
	size_t over = (size_t)(it->rd.p - it->base) % 4;

	vc_rd_skip(&it->rd, over ? 4 - over : 0);
	it->in_chunk = false;
}

/* PRIV begins with a length and a prefix of its own. */
static bool priv_fits(const uint8_t *text, uint8_t len)
{
	return len >= 1 && text[0] <= len - 1;
}

bool vc_sdes_next(struct vc_sdes_iter *it, struct vc_sdes_item *out)
{
	while (!it->rd.bad) {
		const uint8_t *text;
		uint8_t type, len;

		if (!it->in_chunk) {
			if (!it->chunks)
				return false;
			sdes_begin_chunk(it);
		}
		type = vc_rd_u8(&it->rd);
		if (it->rd.bad)
			return false;
		if (type == VC_SDES_END) {
			sdes_end_chunk(it);
			continue;
		}
		len = vc_rd_u8(&it->rd);
		text = vc_rd_bytes(&it->rd, len);
		if (type == VC_SDES_PRIV && text && !priv_fits(text, len))
			it->rd.bad = true;
		if (it->rd.bad)
			return false;
		out->ssrc = vc_get_u32(it->chunk);
		out->type = type;
		out->text = vc_str_of((const char *)text, len);
		return true;
	}
	return false;
}

bool vc_rtcp_any_author(const uint8_t *p, size_t len,
			bool (*is_his)(void *ctx, uint32_t ssrc), void *ctx)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;

	while (vc_rtcp_next(&rd, &pkt)) {
		struct vc_sdes_iter it = vc_sdes_over(&pkt);
		struct vc_sdes_item item;

		if ((pkt.pt == VC_RTCP_SR || pkt.pt == VC_RTCP_RR) &&
		    is_his(ctx, vc_get_u32(pkt.body)))
			return true;
		while (pkt.pt == VC_RTCP_SDES && vc_sdes_next(&it, &item)) {
			if (is_his(ctx, item.ssrc))
				return true;
		}
	}
	return false;
}

int vc_rtcp_parse_bye(struct vc_rtcp_bye *bye, const struct vc_rtcp *pkt)
{
	struct vc_rd r = vc_rd_over(pkt->body, pkt->len);
	struct vc_rtcp_bye v = { .n = pkt->count };

	v.ssrcs = vc_rd_bytes(&r, (size_t)4 * v.n);
	if (vc_rd_left(&r)) {
		v.reason.len = vc_rd_u8(&r);
		v.reason.p = (const char *)vc_rd_bytes(&r, v.reason.len);
	}
	if (r.bad || pkt->pt != VC_RTCP_BYE)
		return -EBADMSG;
	*bye = v;
	return 0;
}

int vc_rtcp_parse_fb(struct vc_rtcp_fb *fb, const struct vc_rtcp *pkt)
{
	if (pkt->pt != VC_RTCP_RTPFB && pkt->pt != VC_RTCP_PSFB)
		return -EBADMSG;
	if (pkt->len < FB_LEN)
		return -EBADMSG;
	*fb = (struct vc_rtcp_fb){
		.pt = pkt->pt,
		.fmt = pkt->count,
		.sender = vc_get_u32(pkt->body),
		.media = vc_get_u32(pkt->body + 4),
		.fci = pkt->body + FB_LEN,
		.fci_len = pkt->len - FB_LEN,
	};
	return 0;
}

static bool is_nack(const struct vc_rtcp_fb *fb)
{
	return fb->pt == VC_RTCP_RTPFB && fb->fmt == VC_RTCP_FB_NACK;
}

static bool is_fir(const struct vc_rtcp_fb *fb)
{
	return fb->pt == VC_RTCP_PSFB && fb->fmt == VC_RTCP_FB_FIR;
}

bool vc_rtcp_nack_at(const struct vc_rtcp_fb *fb, size_t i,
		     struct vc_rtcp_nack *out)
{
	if (!is_nack(fb) || i >= fb->fci_len / 4)
		return false;
	out->pid = vc_get_u16(fb->fci + 4 * i);
	out->blp = vc_get_u16(fb->fci + 4 * i + 2);
	return true;
}

bool vc_rtcp_fir_at(const struct vc_rtcp_fb *fb, size_t i,
		    struct vc_rtcp_fir *out)
{
	if (!is_fir(fb) || i >= fb->fci_len / 8)
		return false;
	out->ssrc = vc_get_u32(fb->fci + 8 * i);
	out->seq = fb->fci[8 * i + 4];
	return true;
}

static bool is_tmmbr(const struct vc_rtcp_fb *fb)
{
	return fb->pt == VC_RTCP_RTPFB && fb->fmt == VC_RTCP_FB_TMMBR;
}

bool vc_rtcp_tmmbr_at(const struct vc_rtcp_fb *fb, size_t i,
		      struct vc_rtcp_tmmbr *out)
{
	uint64_t mantissa;
	uint32_t word;

	if (!is_tmmbr(fb) || i >= fb->fci_len / 8)
		return false;
	word = vc_get_u32(fb->fci + 8 * i + 4);
	mantissa = word >> 9 & 0x1ffff;
	out->ssrc = vc_get_u32(fb->fci + 8 * i);
	out->overhead = word & 0x1ff;
	out->bps = mantissa << (word >> 26);
	if (out->bps >> (word >> 26) != mantissa)
		out->bps = UINT64_MAX;
	return true;
}

static bool check_fb(const struct vc_rtcp *pkt)
{
	struct vc_rtcp_fb fb;

	if (vc_rtcp_parse_fb(&fb, pkt))
		return false;
	if (is_nack(&fb))
		return fb.fci_len && fb.fci_len % 4 == 0;
	if (is_fir(&fb) || is_tmmbr(&fb))
		return fb.fci_len && fb.fci_len % 8 == 0;
	if (fb.pt == VC_RTCP_PSFB && fb.fmt == VC_RTCP_FB_PLI)
		return !fb.fci_len;
	return true;
}

static bool check_sdes(const struct vc_rtcp *pkt)
{
	struct vc_sdes_iter it = vc_sdes_over(pkt);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item))
		;
	return !it.rd.bad;
}

static bool check_xr(const struct vc_rtcp *pkt)
{
	struct vc_xr_block block;
	struct vc_rd rd;
	uint32_t ssrc;

	if (!vc_xr_over(pkt, &ssrc, &rd))
		return false;
	while (vc_xr_next(&rd, &block))
		;
	return !rd.bad;
}

static bool check_packet(const struct vc_rtcp *pkt)
{
	size_t reports = (size_t)REPORT_LEN * pkt->count;
	struct vc_rtcp_bye bye;

	switch (pkt->pt) {
	case VC_RTCP_SR:
		return pkt->len >= SR_LEN + reports;
	case VC_RTCP_RR:
		return pkt->len >= RR_LEN + reports;
	case VC_RTCP_SDES:
		return check_sdes(pkt);
	case VC_RTCP_BYE:
		return !vc_rtcp_parse_bye(&bye, pkt);
	case VC_RTCP_APP:
		return pkt->len >= 8;
	case VC_RTCP_RTPFB:
	case VC_RTCP_PSFB:
		return check_fb(pkt);
	case VC_RTCP_XR:
		return check_xr(pkt);
	default:
		return true;
	}
}

int vc_rtcp_check_reduced(const uint8_t *p, size_t len)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;

	if (!len)
		return -EBADMSG;
	while (vc_rtcp_next(&rd, &pkt)) {
		if (!check_packet(&pkt))
			return -EBADMSG;
	}
	return rd.bad ? -EBADMSG : 0;
}

int vc_rtcp_check(const uint8_t *p, size_t len)
{
	if (len < 2 || (p[1] != VC_RTCP_SR && p[1] != VC_RTCP_RR))
		return -EBADMSG;
	return vc_rtcp_check_reduced(p, len);
}
