/* SPDX-License-Identifier: MIT */
/*
 * Writing and rewriting RTCP. A packet is opened with a header whose length is
 * filled in when it is closed.
 */
#include <assert.h>

#include "wire/rtcp.h"

#define TEXT_MAX 255

uint8_t *vc_rtcp_open(struct vc_wr *w, unsigned int count, uint8_t pt)
{
	uint8_t *head = vc_wr_room(w, 4);

	assert(count <= VC_RTCP_COUNT_MAX);
	if (head) {
		head[0] = (uint8_t)(2 << 6 | count);
		head[1] = pt;
	}
	return head;
}

/* Zeros up to a multiple of 4 from 'base'. */
static void fill_word(struct vc_wr *w, const uint8_t *base)
{
	while (!w->bad && (w->p - base) % 4)
		vc_wr_u8(w, 0);
}

void vc_rtcp_close(struct vc_wr *w, uint8_t *head)
{
	fill_word(w, head);
	if (!w->bad)
		vc_put_u16(head + 2, (uint16_t)((w->p - head) / 4 - 1));
}

static void write_reports(struct vc_wr *w, const struct vc_rtcp_report *reps,
			  unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		vc_wr_u32(w, reps[i].ssrc);
		vc_wr_u8(w, reps[i].fraction);
		vc_wr_u24(w, (uint32_t)reps[i].lost);
		vc_wr_u32(w, reps[i].highest);
		vc_wr_u32(w, reps[i].jitter);
		vc_wr_u32(w, reps[i].lsr);
		vc_wr_u32(w, reps[i].dlsr);
	}
}

void vc_rtcp_write_sr(struct vc_wr *w, const struct vc_rtcp_sr *sr,
		      const struct vc_rtcp_report *reps, unsigned int n)
{
	uint8_t *head = vc_rtcp_open(w, n, VC_RTCP_SR);

	vc_wr_u32(w, sr->ssrc);
	vc_wr_u64(w, sr->ntp);
	vc_wr_u32(w, sr->rtp_ts);
	vc_wr_u32(w, sr->packets);
	vc_wr_u32(w, sr->octets);
	write_reports(w, reps, n);
	vc_rtcp_close(w, head);
}

void vc_rtcp_write_rr(struct vc_wr *w, uint32_t ssrc,
		      const struct vc_rtcp_report *reps, unsigned int n)
{
	uint8_t *head = vc_rtcp_open(w, n, VC_RTCP_RR);

	vc_wr_u32(w, ssrc);
	write_reports(w, reps, n);
	vc_rtcp_close(w, head);
}

static void write_text(struct vc_wr *w, struct vc_str text)
{
	size_t n = text.len < TEXT_MAX ? text.len : TEXT_MAX;

	vc_wr_u8(w, (uint8_t)n);
	vc_wr_bytes(w, text.p, n);
}

static void write_item(struct vc_wr *w, enum vc_sdes_type type,
		       struct vc_str text)
{
	if (!text.len)
		return;
	vc_wr_u8(w, (uint8_t)type);
	write_text(w, text);
}

void vc_rtcp_write_sdes(struct vc_wr *w, const struct vc_sdes_chunk *chunks,
			unsigned int n)
{
	uint8_t *head = vc_rtcp_open(w, n, VC_RTCP_SDES);

	for (unsigned int i = 0; i < n; i++) {
		vc_wr_u32(w, chunks[i].ssrc);
		write_item(w, VC_SDES_CNAME, chunks[i].cname);
		write_item(w, VC_SDES_NAME, chunks[i].name);
		vc_wr_u8(w, VC_SDES_END);
		fill_word(w, head);
	}
	vc_rtcp_close(w, head);
}

void vc_rtcp_write_bye(struct vc_wr *w, const uint32_t *ssrcs, unsigned int n,
		       struct vc_str reason)
{
	uint8_t *head = vc_rtcp_open(w, n, VC_RTCP_BYE);

	for (unsigned int i = 0; i < n; i++)
		vc_wr_u32(w, ssrcs[i]);
	if (reason.len)
		write_text(w, reason);
	vc_rtcp_close(w, head);
}

static uint8_t *open_fb(struct vc_wr *w, uint8_t pt, unsigned int fmt,
			uint32_t sender, uint32_t media)
{
	uint8_t *head = vc_rtcp_open(w, fmt, pt);

	vc_wr_u32(w, sender);
	vc_wr_u32(w, media);
	return head;
}

void vc_rtcp_write_pli(struct vc_wr *w, uint32_t sender, uint32_t media)
{
	vc_rtcp_close(w,
		      open_fb(w, VC_RTCP_PSFB, VC_RTCP_FB_PLI, sender, media));
}

void vc_rtcp_write_fir(struct vc_wr *w, uint32_t sender,
		       const struct vc_rtcp_fir *fir, size_t n)
{
	uint8_t *head = open_fb(w, VC_RTCP_PSFB, VC_RTCP_FB_FIR, sender, 0);

	for (size_t i = 0; i < n; i++) {
		vc_wr_u32(w, fir[i].ssrc);
		vc_wr_u8(w, fir[i].seq);
		vc_wr_u24(w, 0);
	}
	vc_rtcp_close(w, head);
}

void vc_rtcp_write_nack(struct vc_wr *w, uint32_t sender, uint32_t media,
			const struct vc_rtcp_nack *nack, size_t n)
{
	uint8_t *head =
		open_fb(w, VC_RTCP_RTPFB, VC_RTCP_FB_NACK, sender, media);

	for (size_t i = 0; i < n; i++) {
		vc_wr_u16(w, nack[i].pid);
		vc_wr_u16(w, nack[i].blp);
	}
	vc_rtcp_close(w, head);
}

static unsigned int swap(uint8_t *p, uint32_t from, uint32_t to)
{
	if (vc_get_u32(p) != from)
		return 0;
	vc_put_u32(p, to);
	return 1;
}

static unsigned int remap_sdes(uint8_t *body, const struct vc_rtcp *pkt,
			       uint32_t from, uint32_t to)
{
	struct vc_sdes_iter it = vc_sdes_over(pkt);
	const uint8_t *done = NULL;
	struct vc_sdes_item item;
	unsigned int n = 0;

	/* A chunk without items says nothing about anybody. */
	while (vc_sdes_next(&it, &item)) {
		if (it.chunk == done)
			continue;
		done = it.chunk;
		n += swap(body + (it.chunk - pkt->body), from, to);
	}
	return n;
}

static unsigned int remap_packet(uint8_t *body, const struct vc_rtcp *pkt,
				 uint32_t from, uint32_t to)
{
	size_t step = 0, at = 4, count = pkt->count;
	unsigned int n = 0;

	switch (pkt->pt) {
	case VC_RTCP_SDES:
		return remap_sdes(body, pkt, from, to);
	case VC_RTCP_SR:
	case VC_RTCP_RR:
		at = pkt->pt == VC_RTCP_SR ? 24 : 4;
		step = 24;
		break;
	case VC_RTCP_BYE:
		at = 0;
		step = 4;
		break;
	case VC_RTCP_RTPFB:
	case VC_RTCP_PSFB:
		n += swap(body + 4, from, to);
		count = 0;
		if (pkt->pt == VC_RTCP_PSFB && pkt->count == VC_RTCP_FB_FIR) {
			at = 8;
			step = 8;
			count = (pkt->len - at) / step;
		}
		break;
	case VC_RTCP_APP:
	case VC_RTCP_XR:
		count = 0;
		break;
	default:
		return 0;
	}
	if (pkt->pt != VC_RTCP_BYE)
		n += swap(body, from, to);
	for (size_t i = 0; i < count; i++)
		n += swap(body + at + step * i, from, to);
	return n;
}

unsigned int vc_rtcp_remap(uint8_t *p, size_t len, uint32_t from, uint32_t to)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;
	unsigned int n = 0;

	while (vc_rtcp_next(&rd, &pkt))
		n += remap_packet(p + (pkt.body - p), &pkt, from, to);
	return n;
}

static bool is_kept(const struct vc_rtcp *pkt)
{
	return pkt->pt == VC_RTCP_SR || pkt->pt == VC_RTCP_SDES ||
	       pkt->pt == VC_RTCP_BYE || pkt->pt == VC_RTCP_APP;
}

static void copy_packet(struct vc_wr *w, const struct vc_rtcp *pkt)
{
	uint8_t *head;
	struct vc_rtcp_sr sr;

	if (!vc_rtcp_parse_sr(&sr, pkt)) {
		vc_rtcp_write_sr(w, &sr, NULL, 0);
		return;
	}
	head = vc_rtcp_open(w, pkt->count, pkt->pt);
	vc_wr_bytes(w, pkt->body, pkt->len);
	vc_rtcp_close(w, head);
}

void vc_rtcp_write_stripped(struct vc_wr *w, const uint8_t *p, size_t len)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;
	bool is_first = true;
	/* Whoever it is, he is the first to be named. */
	uint32_t author = len >= 8 ? vc_get_u32(p + 4) : 0;

	while (vc_rtcp_next(&rd, &pkt)) {
		if (!is_kept(&pkt))
			continue;
		if (is_first && pkt.pt != VC_RTCP_SR)
			vc_rtcp_write_rr(w, author, NULL, 0);
		is_first = false;
		copy_packet(w, &pkt);
	}
}
