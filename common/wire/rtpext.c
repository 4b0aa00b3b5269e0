/* SPDX-License-Identifier: MIT */
/*
 * Both forms are a row of elements, each with its own small header, and zeros
 * in between as padding. The iterator stops for good by making its cursor bad.
 * What the elements mean is in rtpextval.c.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "wire/rtpext.h"

#define ID_STOP 15 /* one-byte form: reserved, stop */

struct vc_ext_iter vc_ext_over(const struct vc_rtp *rtp)
{
	struct vc_ext_iter it = { .rd = { .bad = true } };

	if (!rtp->has_ext)
		return it;
	it.two_byte = (rtp->ext_profile & 0xfff0) == VC_RTP_EXT_TWO;
	if (it.two_byte || rtp->ext_profile == VC_RTP_EXT_ONE)
		it.rd = vc_rd_over(rtp->ext, rtp->ext_len);
	return it;
}

/* Reads an element's header. False: nothing that may be used follows. */
static bool read_head(struct vc_ext_iter *it, struct vc_ext *e)
{
	uint8_t first = vc_rd_u8(&it->rd);

	if (it->two_byte) {
		e->id = first;
		e->len = vc_rd_u8(&it->rd);
		return true;
	}
	e->id = first >> 4;
	e->len = (size_t)(first & 0x0f) + 1;
	return e->id != 0 && e->id != ID_STOP;
}

bool vc_ext_next(struct vc_ext_iter *it, struct vc_ext *out)
{
	struct vc_ext e;

	while (vc_rd_left(&it->rd) && *it->rd.p == 0)
		vc_rd_skip(&it->rd, 1);
	if (!vc_rd_left(&it->rd))
		return false;
	if (!read_head(it, &e))
		it->rd.bad = true;
	e.p = vc_rd_bytes(&it->rd, e.len);
	if (it->rd.bad)
		return false;
	*out = e;
	return true;
}

bool vc_ext_find(const struct vc_rtp *rtp, uint8_t id, const uint8_t **p,
		 size_t *len)
{
	struct vc_ext_iter it;
	struct vc_ext e;

	if (!rtp->has_ext)
		return false;
	it = vc_ext_over(rtp);
	while (vc_ext_next(&it, &e)) {
		if (e.id != id)
			continue;
		if (p)
			*p = e.p;
		if (len)
			*len = e.len;
		return true;
	}
	return false;
}

void vc_ext_write(struct vc_wr *w, uint8_t id, const void *data, size_t len)
{
	assert(id >= 1 && id < ID_STOP && len >= 1 && len <= 16);
	vc_wr_u8(w, (uint8_t)(id << 4 | (len - 1)));
	vc_wr_bytes(w, data, len);
}

void vc_ext_write_two(struct vc_wr *w, uint8_t id, const void *data,
		      uint8_t len)
{
	assert(id);
	vc_wr_u8(w, id);
	vc_wr_u8(w, len);
	vc_wr_bytes(w, data, len);
}

/* --- a header with other elements --- */

static bool is_put(const struct vc_ext *put, size_t n, uint8_t id)
{
	for (size_t i = 0; i < n; i++)
		if (put[i].id == id)
			return true;
	return false;
}

static bool needs_two(const struct vc_rtp *rtp, const struct vc_ext *put,
		      size_t n)
{
	if (vc_ext_over(rtp).two_byte)
		return true;
	for (size_t i = 0; i < n; i++)
		if (put[i].id >= ID_STOP || !put[i].len || put[i].len > 16)
			return true;
	return false;
}

/* Returns where its octets are. */
static size_t write_element(struct vc_wr *w, bool two, const struct vc_ext *e)
{
	uint8_t *p;

	assert(e->id && e->len <= 255);
	vc_wr_u8(w, two ? e->id : (uint8_t)(e->id << 4 | (e->len - 1)));
	if (two)
		vc_wr_u8(w, (uint8_t)e->len);
	p = vc_wr_room(w, e->len);
	if (p && e->p)
		memcpy(p, e->p, e->len);
	else if (p)
		memset(p, 0, e->len);
	return vc_wr_len(w) - e->len;
}

/* Ends the block that began at 'block' and writes its length before it. */
static void close_block(struct vc_wr *w, size_t block)
{
	vc_wr_bytes(w, "\0\0\0", (block - vc_wr_len(w)) & 3);
	if (!w->bad && (vc_wr_len(w) - block) / 4 > UINT16_MAX)
		w->bad = true;
	if (!w->bad)
		vc_put_u16(w->start + block - 2,
			   (uint16_t)((vc_wr_len(w) - block) / 4));
}

int vc_ext_put(struct vc_wr *w, const struct vc_rtp *rtp,
	       const struct vc_ext *put, size_t n, size_t *at)
{
	struct vc_ext_iter it = vc_ext_over(rtp);
	bool two = needs_two(rtp, put, n);
	size_t begin = vc_wr_len(w), block;
	struct vc_rtp head = *rtp;
	struct vc_ext e;

	if (rtp->has_ext && rtp->ext_profile != VC_RTP_EXT_ONE && !it.two_byte)
		return -ENOTSUP;
	head.has_ext = true;
	head.ext_profile = two ? VC_RTP_EXT_TWO : VC_RTP_EXT_ONE;
	head.ext_len = 0;
	if (vc_rtp_write(w, &head) || w->bad)
		return -ENOSPC;
	if (rtp->pad_len)
		w->start[begin] |= 0x20;
	block = vc_wr_len(w);
	while (vc_ext_next(&it, &e))
		if (!is_put(put, n, e.id))
			(void)write_element(w, two, &e);
	for (size_t i = 0; i < n; i++)
		at[i] = write_element(w, two, &put[i]) - begin;
	close_block(w, block);
	return w->bad ? -ENOSPC : 0;
}

void vc_ext_rename(uint8_t *p, size_t len, uint8_t from, uint8_t to)
{
	struct vc_ext_iter it;
	struct vc_rtp rtp;
	struct vc_ext ext;

	if (!from || !to || vc_rtp_parse(&rtp, p, len))
		return;
	it = vc_ext_over(&rtp);
	while (vc_ext_next(&it, &ext)) {
		uint8_t *at = p + (ext.p - p) - (it.two_byte ? 2 : 1);

		if (ext.id != from)
			continue;
		if (it.two_byte)
			at[0] = to;
		else if (to <= 14)
			at[0] = (uint8_t)((at[0] & 0x0f) | to << 4);
	}
}
