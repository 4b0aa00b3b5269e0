/* SPDX-License-Identifier: MIT */
/*
 * Both forms are a row of elements, each with its own small header, and zeros
 * in between as padding. The iterator stops for good by making its cursor bad.
 */
#include <assert.h>

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
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_ext e;

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

bool vc_ext_audio_level(const struct vc_rtp *rtp, uint8_t id,
			struct vc_audio_level *out)
{
	const uint8_t *p;
	size_t len;

	/* One octet; more than that may follow in later versions. */
	if (!vc_ext_find(rtp, id, &p, &len) || !len)
		return false;
	out->voice = p[0] & 0x80;
	out->level = p[0] & 0x7f;
	return true;
}

void vc_ext_write_audio_level(struct vc_wr *w, uint8_t id, bool voice,
			      uint8_t level)
{
	uint8_t v = level > 127 ? 127 : level;

	if (voice)
		v |= 0x80;
	vc_ext_write(w, id, &v, 1);
}
