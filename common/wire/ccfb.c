/* SPDX-License-Identifier: MIT */
/*
 * The first SSRC of a report stands where other feedback has its media SSRC,
 * and the report's time is the last word. A block is filled to whole words.
 */
#include "wire/ccfb.h"

#include <assert.h>
#include <errno.h>

#include "base/time.h"

#define RECEIVED 0x8000
#define ATO_MASK 0x1fff
#define ATO_FAR 0x1ffe	/* 8 s and more before */
#define ATO_NONE 0x1fff /* after the report's time */

/* 16.16 seconds, as the middle of an NTP time. */
static int64_t ns_of(uint32_t q16)
{
	return (int64_t)(((uint64_t)q16 * (uint64_t)VC_SEC) >> 16);
}

static uint32_t q16_of(int64_t ns)
{
	int64_t s = ns / VC_SEC, rest = ns % VC_SEC;

	if (rest < 0) {
		rest += VC_SEC;
		s--;
	}
	return (uint32_t)s << 16 | (uint32_t)(rest * 65536 / VC_SEC);
}

/* Passes to the next block that has numbers; false at the end. */
static bool next_block(struct vc_ccfb *c)
{
	while (!c->n_left) {
		if (c->pad_left)
			vc_rd_skip(&c->rd, 2);
		c->pad_left = false;
		if (!vc_rd_left(&c->rd))
			return false;
		c->ssrc = vc_rd_u32(&c->rd);
		c->seq = vc_rd_u16(&c->rd);
		c->n_left = vc_rd_u16(&c->rd);
		c->pad_left = c->n_left & 1;
		c->rd.bad |= c->n_left > VC_CCFB_BLOCK_MAX;
		if (c->rd.bad)
			return false;
	}
	return true;
}

bool vc_ccfb_next(struct vc_ccfb *c, struct vc_ccfb_packet *out)
{
	uint16_t v, ato;

	if (!next_block(c))
		return false;
	v = vc_rd_u16(&c->rd);
	if (c->rd.bad)
		return false;
	ato = v & ATO_MASK;
	*out = (struct vc_ccfb_packet){
		.ssrc = c->ssrc,
		.seq = c->seq,
		.is_received = v & RECEIVED,
		.has_time = v & RECEIVED && ato < ATO_FAR,
		.ecn = v & RECEIVED ? v >> 13 & 3 : 0,
		.at = c->at - ato * VC_SEC / 1024,
	};
	c->seq++;
	c->n_left--;
	return true;
}

int vc_ccfb_parse(struct vc_ccfb *out, const struct vc_rtcp_fb *fb)
{
	struct vc_ccfb c = { 0 }, probe;
	struct vc_ccfb_packet pkt;

	if (fb->pt != VC_RTCP_RTPFB || fb->fmt != VC_RTCP_FB_CCFB ||
	    fb->fci_len % 4)
		return -EBADMSG;
	/* fb->media and what follows, without the time at the end */
	c.rd = vc_rd_over(fb->fci - 4, fb->fci_len);
	c.at = ns_of(vc_get_u32(fb->fci - 4 + fb->fci_len));
	probe = c;
	while (vc_ccfb_next(&probe, &pkt))
		;
	if (probe.rd.bad)
		return -EBADMSG;
	*out = c;
	return 0;
}

uint8_t *vc_ccfb_open(struct vc_wr *w, uint32_t sender)
{
	uint8_t *head = vc_rtcp_open(w, VC_RTCP_FB_CCFB, VC_RTCP_RTPFB);

	vc_wr_u32(w, sender);
	return head;
}

static uint16_t ato_of(int64_t at, int64_t now)
{
	int64_t age = now - at;

	if (age < 0)
		return ATO_NONE;
	if (age >= 8 * VC_SEC)
		return ATO_FAR;
	age = (age * 1024 + VC_SEC / 2) / VC_SEC;
	return (uint16_t)(age < ATO_FAR ? age : ATO_FAR);
}

void vc_ccfb_block(struct vc_wr *w, uint32_t ssrc, uint16_t base,
		   const int64_t *at, size_t n, int64_t now)
{
	assert(n <= VC_CCFB_BLOCK_MAX);
	vc_wr_u32(w, ssrc);
	vc_wr_u16(w, base);
	vc_wr_u16(w, (uint16_t)n);
	for (size_t i = 0; i < n; i++)
		vc_wr_u16(w, at[i] == VC_TIME_NONE ?
				     0 :
				     (uint16_t)(RECEIVED | ato_of(at[i], now)));
	if (n & 1)
		vc_wr_u16(w, 0);
}

void vc_ccfb_close(struct vc_wr *w, uint8_t *head, int64_t now)
{
	vc_wr_u32(w, q16_of(now));
	vc_rtcp_close(w, head);
}
