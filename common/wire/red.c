/* SPDX-License-Identifier: MIT */
/*
 * Block headers come before all blocks:
 *
 *	1 PT(7) offset(14) length(10)	a redundant block
 *	0 PT(7)				the primary one, to the end
 */
#include "wire/red.h"

#include <errno.h>

#define MORE 0x80

/* The headers; 'len' of the primary block is what the others leave. */
static size_t read_headers(struct vc_red *red, struct vc_rd *r)
{
	size_t n = 0;

	while (n < VC_RED_BLOCKS_MAX) {
		struct vc_red_block *b = &red->blocks[n];
		uint8_t first = vc_rd_u8(r);
		uint32_t rest = first & MORE ? vc_rd_u24(r) : 0;

		*b = (struct vc_red_block){ .pt = first & 0x7f,
					    .ts_offset = (uint16_t)(rest >> 10),
					    .len = rest & VC_RED_LEN_MAX };
		n++;
		if (!(first & MORE))
			return n;
	}
	r->bad = true;
	return n;
}

int vc_red_parse(struct vc_red *red, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	size_t n = read_headers(red, &r);

	red->n = 0;
	for (size_t i = 0; i + 1 < n; i++)
		red->blocks[i].p = vc_rd_bytes(&r, red->blocks[i].len);
	if (r.bad)
		return -EBADMSG;
	red->blocks[n - 1].p = r.p;
	red->blocks[n - 1].len = vc_rd_left(&r);
	red->n = n;
	return 0;
}

void vc_red_write(struct vc_wr *w, const struct vc_red *red)
{
	if (!red->n || red->n > VC_RED_BLOCKS_MAX) {
		w->bad = true;
		return;
	}
	for (size_t i = 0; i + 1 < red->n; i++) {
		const struct vc_red_block *b = &red->blocks[i];

		if (b->ts_offset > VC_RED_OFFSET_MAX || b->len > VC_RED_LEN_MAX)
			w->bad = true;
		vc_wr_u8(w, (uint8_t)(MORE | b->pt));
		vc_wr_u24(w, (uint32_t)b->ts_offset << 10 | (uint32_t)b->len);
	}
	vc_wr_u8(w, red->blocks[red->n - 1].pt & 0x7f);
	for (size_t i = 0; i < red->n; i++)
		vc_wr_bytes(w, red->blocks[i].p, red->blocks[i].len);
}

void vc_red_wrap(struct vc_wr *w, const uint8_t *head, const uint8_t *rest,
		 size_t rest_len, size_t header_len, uint8_t red_pt)
{
	uint8_t *first = vc_wr_room(w, VC_RTP_HEADER);
	size_t more = header_len - VC_RTP_HEADER;

	if (!first)
		return;
	memcpy(first, head, VC_RTP_HEADER);
	vc_rtp_set_pt(first, red_pt);
	vc_wr_bytes(w, rest, more);
	vc_wr_u8(w, vc_rtp_get_pt(head));
	vc_wr_bytes(w, rest + more, rest_len - more);
}

void vc_red_unwrap(struct vc_wr *w, const uint8_t *p, const struct vc_rtp *rtp,
		   const struct vc_red_block *block)
{
	uint8_t *first = vc_wr_room(w, rtp->header_len);

	if (!first)
		return;
	memcpy(first, p, rtp->header_len);
	vc_rtp_set_pt(first, block->pt);
	vc_wr_bytes(w, block->p, block->len);
	vc_wr_bytes(w, rtp->payload + rtp->payload_len, rtp->pad_len);
}
