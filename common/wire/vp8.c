/* SPDX-License-Identifier: MIT */
/*
 * The descriptor is one to six octets, each there only when a bit before it
 * says so:
 *
 *	X R N S R PID	X: the next octet is there
 *	I L T K rsv	I: picture id, L: TL0PICIDX, T or K: the octet of both
 *	M pictureid	M: it has 15 bits, not 7
 */
#include <errno.h>

#include "wire/vp8.h"

#define D_X 0x80
#define D_N 0x20
#define D_S 0x10
#define X_I 0x80
#define X_L 0x40
#define X_T 0x20
#define X_K 0x10
#define LONG_ID 0x8000

static void read_picture_id(struct vc_vp8_desc *d, struct vc_rd *r)
{
	uint8_t first = vc_rd_u8(r);

	d->long_id = first & 0x80;
	d->picture_id = first & 0x7f;
	if (d->long_id)
		d->picture_id = d->picture_id << 8 | vc_rd_u8(r);
}

static void read_extension(struct vc_vp8_desc *d, struct vc_rd *r)
{
	uint8_t flags = vc_rd_u8(r), octet = 0;

	if (flags & X_I)
		read_picture_id(d, r);
	if (flags & X_L)
		d->tl0picidx = vc_rd_u8(r);
	if (flags & (X_T | X_K))
		octet = vc_rd_u8(r);
	if (flags & X_T) {
		d->tid = octet >> 6;
		d->layer_sync = octet & 0x20;
	}
	if (flags & X_K)
		d->keyidx = octet & 0x1f;
}

int vc_vp8_desc_parse(struct vc_vp8_desc *d, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_vp8_desc v = { .picture_id = -1,
				 .tl0picidx = -1,
				 .tid = -1,
				 .keyidx = -1 };
	uint8_t first = vc_rd_u8(&r);

	v.non_ref = first & D_N;
	v.start = first & D_S;
	v.part = first & 0x07;
	if (first & D_X)
		read_extension(&v, &r);
	if (r.bad)
		return -EBADMSG;
	v.payload = r.p;
	v.payload_len = vc_rd_left(&r);
	*d = v;
	return 0;
}

void vc_vp8_desc_write(struct vc_wr *w, const struct vc_vp8_desc *d)
{
	bool has_tk = d->tid >= 0 || d->keyidx >= 0;
	uint8_t flags =
		(uint8_t)((d->picture_id >= 0 ? X_I : 0) |
			  (d->tl0picidx >= 0 ? X_L : 0) |
			  (d->tid >= 0 ? X_T : 0) | (d->keyidx >= 0 ? X_K : 0));

	vc_wr_u8(w, (uint8_t)((flags ? D_X : 0) | (d->non_ref ? D_N : 0) |
			      (d->start ? D_S : 0) | (d->part & 0x07)));
	if (!flags)
		return;
	vc_wr_u8(w, flags);
	if (d->picture_id > 0x7f || (d->picture_id >= 0 && d->long_id))
		vc_wr_u16(w, (uint16_t)(LONG_ID | d->picture_id));
	else if (d->picture_id >= 0)
		vc_wr_u8(w, (uint8_t)d->picture_id);
	if (d->tl0picidx >= 0)
		vc_wr_u8(w, (uint8_t)d->tl0picidx);
	if (has_tk)
		vc_wr_u8(w, (uint8_t)((d->tid >= 0 ? (d->tid & 3) << 6 : 0) |
				      (d->layer_sync ? 0x20 : 0) |
				      (d->keyidx >= 0 ? d->keyidx & 0x1f : 0)));
}

/* Little-endian, as the codec's own numbers are. */
static uint16_t rd_u16le(struct vc_rd *r)
{
	uint8_t low = vc_rd_u8(r);

	return (uint16_t)(low | vc_rd_u8(r) << 8);
}

static void read_key(struct vc_vp8_frame *f, struct vc_rd *r)
{
	uint16_t v;

	if (vc_rd_u24(r) != 0x9d012a)
		r->bad = true;
	v = rd_u16le(r);
	f->width = v & 0x3fff;
	f->scale_x = (uint8_t)(v >> 14);
	v = rd_u16le(r);
	f->height = v & 0x3fff;
	f->scale_y = (uint8_t)(v >> 14);
	if (!f->width || !f->height)
		r->bad = true;
}

int vc_vp8_frame_parse(struct vc_vp8_frame *f, const uint8_t *p, size_t len,
		       size_t frame_len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_vp8_frame v = { .key = false };
	uint32_t tag = vc_rd_u8(&r);

	tag |= (uint32_t)rd_u16le(&r) << 8;
	v.key = !(tag & 1);
	v.version = tag >> 1 & 7;
	v.show = tag >> 4 & 1;
	v.first_part_size = tag >> 5;
	if (v.key)
		read_key(&v, &r);
	if (r.bad || v.version > 3 || !v.first_part_size)
		return -EBADMSG;
	if (frame_len && v.first_part_size + (size_t)(r.p - p) > frame_len)
		return -EBADMSG;
	*f = v;
	return 0;
}

bool vc_vp8_is_key_start(const uint8_t *payload, size_t len)
{
	struct vc_vp8_desc d;
	struct vc_vp8_frame f;

	return !vc_vp8_desc_parse(&d, payload, len) &&
	       vc_vp8_desc_is_first(&d) &&
	       !vc_vp8_frame_parse(&f, d.payload, d.payload_len, 0) && f.key;
}
