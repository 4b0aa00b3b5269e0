/* SPDX-License-Identifier: MIT */
/*
 * Blocks have a length of their own, in words, which is checked against the
 * type here once; all parsers then read a body of known size.
 */
#include "wire/rtcpxr.h"

#include <errno.h>

#define RRT_LEN 8
#define DLRR_LEN 12 /* an entry */
#define SUMMARY_LEN 36
#define VOIP_LEN 32
#define RLE_LEN 8 /* before the chunks */

static bool fits(const struct vc_xr_block *b)
{
	switch (b->bt) {
	case VC_XR_RRT:
		return b->len == RRT_LEN;
	case VC_XR_DLRR:
		return b->len % DLRR_LEN == 0;
	case VC_XR_SUMMARY:
		return b->len == SUMMARY_LEN;
	case VC_XR_VOIP:
		return b->len == VOIP_LEN;
	case VC_XR_LOSS_RLE:
		return b->len >= RLE_LEN;
	default:
		return true;
	}
}

bool vc_xr_over(const struct vc_rtcp *pkt, uint32_t *ssrc, struct vc_rd *rd)
{
	if (pkt->pt != VC_RTCP_XR || pkt->len < 4)
		return false;
	*ssrc = vc_get_u32(pkt->body);
	*rd = vc_rd_over(pkt->body + 4, pkt->len - 4);
	return true;
}

bool vc_xr_next(struct vc_rd *rd, struct vc_xr_block *out)
{
	struct vc_xr_block b;

	if (!vc_rd_left(rd))
		return false;
	b.bt = vc_rd_u8(rd);
	b.specific = vc_rd_u8(rd);
	b.len = (size_t)4 * vc_rd_u16(rd);
	b.body = vc_rd_bytes(rd, b.len);
	if (!rd->bad && !fits(&b))
		rd->bad = true;
	if (rd->bad)
		return false;
	*out = b;
	return true;
}

static bool is_block(const struct vc_xr_block *b, enum vc_xr_bt bt)
{
	return b->bt == bt && fits(b);
}

int vc_xr_parse_rrt(uint64_t *ntp, const struct vc_xr_block *b)
{
	if (!is_block(b, VC_XR_RRT))
		return -EBADMSG;
	*ntp = vc_get_u64(b->body);
	return 0;
}

bool vc_xr_dlrr_at(const struct vc_xr_block *b, size_t i,
		   struct vc_xr_dlrr *out)
{
	const uint8_t *p;

	if (!is_block(b, VC_XR_DLRR) || i >= b->len / DLRR_LEN)
		return false;
	p = b->body + DLRR_LEN * i;
	out->ssrc = vc_get_u32(p);
	out->lrr = vc_get_u32(p + 4);
	out->dlrr = vc_get_u32(p + 8);
	return true;
}

static void read_jitter(struct vc_xr_summary *s, struct vc_rd *r)
{
	s->jitter_min = vc_rd_u32(r);
	s->jitter_max = vc_rd_u32(r);
	s->jitter_mean = vc_rd_u32(r);
	s->jitter_dev = vc_rd_u32(r);
}

static void read_hops(struct vc_xr_summary *s, struct vc_rd *r)
{
	s->hops_min = vc_rd_u8(r);
	s->hops_max = vc_rd_u8(r);
	s->hops_mean = vc_rd_u8(r);
	s->hops_dev = vc_rd_u8(r);
}

int vc_xr_parse_summary(struct vc_xr_summary *out, const struct vc_xr_block *b)
{
	struct vc_rd r = vc_rd_over(b->body, b->len);
	struct vc_xr_summary s = { 0 };

	if (!is_block(b, VC_XR_SUMMARY))
		return -EBADMSG;
	s.has_lost = b->specific & 0x80;
	s.has_dup = b->specific & 0x40;
	s.has_jitter = b->specific & 0x20;
	s.hops = (enum vc_xr_hops)(b->specific >> 3 & 3);
	s.ssrc = vc_rd_u32(&r);
	s.begin = vc_rd_u16(&r);
	s.end = vc_rd_u16(&r);
	s.lost = vc_rd_u32(&r);
	s.dup = vc_rd_u32(&r);
	s.lost = s.has_lost ? s.lost : 0;
	s.dup = s.has_dup ? s.dup : 0;
	if (s.has_jitter)
		read_jitter(&s, &r);
	else
		vc_rd_skip(&r, 16);
	if (s.hops)
		read_hops(&s, &r);
	*out = s;
	return 0;
}

int vc_xr_parse_voip(struct vc_xr_voip *out, const struct vc_xr_block *b)
{
	struct vc_rd r = vc_rd_over(b->body, b->len);
	struct vc_xr_voip v;
	uint8_t conf;

	if (!is_block(b, VC_XR_VOIP))
		return -EBADMSG;
	v.ssrc = vc_rd_u32(&r);
	v.loss = vc_rd_u8(&r);
	v.discard = vc_rd_u8(&r);
	v.burst_density = vc_rd_u8(&r);
	v.gap_density = vc_rd_u8(&r);
	v.burst_ms = vc_rd_u16(&r);
	v.gap_ms = vc_rd_u16(&r);
	v.rtt_ms = vc_rd_u16(&r);
	v.end_system_ms = vc_rd_u16(&r);
	v.signal_dbm = (int8_t)vc_rd_u8(&r);
	v.noise_dbm = (int8_t)vc_rd_u8(&r);
	v.rerl_db = vc_rd_u8(&r);
	v.gmin = vc_rd_u8(&r);
	v.r = vc_rd_u8(&r);
	v.ext_r = vc_rd_u8(&r);
	v.mos_lq = vc_rd_u8(&r);
	v.mos_cq = vc_rd_u8(&r);
	conf = vc_rd_u8(&r);
	v.plc = (enum vc_xr_plc)(conf >> 6);
	v.jba = (enum vc_xr_jba)(conf >> 4 & 3);
	v.jb_rate = conf & 15;
	vc_rd_skip(&r, 1);
	v.jb_nominal_ms = vc_rd_u16(&r);
	v.jb_max_ms = vc_rd_u16(&r);
	v.jb_abs_max_ms = vc_rd_u16(&r);
	*out = v;
	return 0;
}

int vc_xr_parse_rle(struct vc_xr_rle *out, const struct vc_xr_block *b)
{
	if (!is_block(b, VC_XR_LOSS_RLE))
		return -EBADMSG;
	*out = (struct vc_xr_rle){
		.ssrc = vc_get_u32(b->body),
		.thinning = b->specific & 15,
		.begin = vc_get_u16(b->body + 4),
		.end = vc_get_u16(b->body + 6),
		.chunks = b->body + RLE_LEN,
		.n = (b->len - RLE_LEN) / 2,
	};
	return 0;
}

bool vc_xr_rle_at(const struct vc_xr_rle *rle, size_t i,
		  struct vc_xr_chunk *out)
{
	uint16_t v;

	if (i >= rle->n)
		return false;
	v = vc_get_u16(rle->chunks + 2 * i);
	/* All zeros fill the last word. */
	if (!v)
		return false;
	*out = (struct vc_xr_chunk){ .is_vector = v & 0x8000 };
	out->bits = out->is_vector ? v & 0x7fff : 0;
	out->len = out->is_vector ? 15 : v & 0x3fff;
	out->received = !out->is_vector && v & 0x4000;
	return true;
}

/* --- writing --- */

uint8_t *vc_xr_open(struct vc_wr *w, uint32_t ssrc)
{
	uint8_t *head = vc_wr_room(w, 4);

	if (head) {
		head[0] = 2 << 6;
		head[1] = VC_RTCP_XR;
	}
	vc_wr_u32(w, ssrc);
	return head;
}

void vc_xr_close(struct vc_wr *w, uint8_t *head)
{
	if (!w->bad)
		vc_put_u16(head + 2, (uint16_t)((w->p - head) / 4 - 1));
}

static void block(struct vc_wr *w, enum vc_xr_bt bt, uint8_t specific,
		  size_t len)
{
	vc_wr_u8(w, (uint8_t)bt);
	vc_wr_u8(w, specific);
	vc_wr_u16(w, (uint16_t)(len / 4));
}

void vc_xr_write_rrt(struct vc_wr *w, uint64_t ntp)
{
	block(w, VC_XR_RRT, 0, RRT_LEN);
	vc_wr_u64(w, ntp);
}

void vc_xr_write_dlrr(struct vc_wr *w, const struct vc_xr_dlrr *entries,
		      unsigned int n)
{
	block(w, VC_XR_DLRR, 0, (size_t)DLRR_LEN * n);
	for (unsigned int i = 0; i < n; i++) {
		vc_wr_u32(w, entries[i].ssrc);
		vc_wr_u32(w, entries[i].lrr);
		vc_wr_u32(w, entries[i].dlrr);
	}
}

void vc_xr_write_summary(struct vc_wr *w, const struct vc_xr_summary *s)
{
	block(w, VC_XR_SUMMARY,
	      (uint8_t)((s->has_lost ? 0x80 : 0) | (s->has_dup ? 0x40 : 0) |
			(s->has_jitter ? 0x20 : 0) |
			(unsigned int)s->hops << 3),
	      SUMMARY_LEN);
	vc_wr_u32(w, s->ssrc);
	vc_wr_u16(w, s->begin);
	vc_wr_u16(w, s->end);
	vc_wr_u32(w, s->lost);
	vc_wr_u32(w, s->dup);
	vc_wr_u32(w, s->jitter_min);
	vc_wr_u32(w, s->jitter_max);
	vc_wr_u32(w, s->jitter_mean);
	vc_wr_u32(w, s->jitter_dev);
	vc_wr_u8(w, s->hops_min);
	vc_wr_u8(w, s->hops_max);
	vc_wr_u8(w, s->hops_mean);
	vc_wr_u8(w, s->hops_dev);
}

void vc_xr_write_voip(struct vc_wr *w, const struct vc_xr_voip *v)
{
	block(w, VC_XR_VOIP, 0, VOIP_LEN);
	vc_wr_u32(w, v->ssrc);
	vc_wr_u8(w, v->loss);
	vc_wr_u8(w, v->discard);
	vc_wr_u8(w, v->burst_density);
	vc_wr_u8(w, v->gap_density);
	vc_wr_u16(w, v->burst_ms);
	vc_wr_u16(w, v->gap_ms);
	vc_wr_u16(w, v->rtt_ms);
	vc_wr_u16(w, v->end_system_ms);
	vc_wr_u8(w, (uint8_t)v->signal_dbm);
	vc_wr_u8(w, (uint8_t)v->noise_dbm);
	vc_wr_u8(w, v->rerl_db);
	vc_wr_u8(w, v->gmin);
	vc_wr_u8(w, v->r);
	vc_wr_u8(w, v->ext_r);
	vc_wr_u8(w, v->mos_lq);
	vc_wr_u8(w, v->mos_cq);
	vc_wr_u8(w, (uint8_t)((unsigned int)v->plc << 6 |
			      (unsigned int)v->jba << 4 | (v->jb_rate & 15)));
	vc_wr_u8(w, 0);
	vc_wr_u16(w, v->jb_nominal_ms);
	vc_wr_u16(w, v->jb_max_ms);
	vc_wr_u16(w, v->jb_abs_max_ms);
}
