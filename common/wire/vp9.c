/* SPDX-License-Identifier: MIT */
/*
 * The descriptor is one octet and what its bits say follows:
 *
 *	I P L F B E V Z
 *	I		M pictureid, of 15 bits with M, else 7
 *	L		TID(3) U SID(3) D; then, unless F, TL0PICIDX
 *	P and F		P_DIFF(7) N, up to three times
 *	V		N_S(3) Y G rsv; Y: sizes; G: pictures of a group
 */
#include "wire/vp9.h"

#include <errno.h>

#include "base/bits.h"

#define D_I 0x80
#define D_P 0x40
#define D_L 0x20
#define D_F 0x10
#define D_B 0x08
#define D_E 0x04
#define D_V 0x02
#define D_Z 0x01
#define S_Y 0x10
#define S_G 0x08
#define LONG_ID 0x8000
#define SYNC_CODE 0x498342
#define RGB 7

/* --- descriptor --- */

static void read_picture_id(struct vc_vp9_desc *d, struct vc_rd *r)
{
	uint8_t first = vc_rd_u8(r);

	d->long_id = first & 0x80;
	d->picture_id = first & 0x7f;
	if (d->long_id)
		d->picture_id = d->picture_id << 8 | vc_rd_u8(r);
}

static void read_layer(struct vc_vp9_desc *d, struct vc_rd *r)
{
	uint8_t octet = vc_rd_u8(r);

	d->tid = octet >> 5;
	d->switch_up = octet & 0x10;
	d->sid = octet >> 1 & 7;
	d->inter_layer = octet & 1;
	if (!d->flexible)
		d->tl0picidx = vc_rd_u8(r);
}

static void read_refs(struct vc_vp9_desc *d, struct vc_rd *r)
{
	uint8_t octet;

	do {
		if (d->n_refs == VC_VP9_REFS_MAX) {
			r->bad = true;
			return;
		}
		octet = vc_rd_u8(r);
		if (!(octet >> 1))
			r->bad = true;
		d->refs[d->n_refs] = octet >> 1;
		d->n_refs++;
	} while (octet & 1);
}

static void read_ss(struct vc_vp9_ss *ss, struct vc_rd *r)
{
	uint8_t octet = vc_rd_u8(r);

	ss->n_spatial = (uint8_t)((octet >> 5) + 1);
	ss->has_size = octet & S_Y;
	ss->has_group = octet & S_G;
	for (unsigned int i = 0; ss->has_size && i < ss->n_spatial; i++) {
		ss->width[i] = vc_rd_u16(r);
		ss->height[i] = vc_rd_u16(r);
	}
	if (!ss->has_group)
		return;
	ss->n_pictures = vc_rd_u8(r);
	ss->group = r->p;
	for (unsigned int i = 0; i < ss->n_pictures; i++)
		vc_rd_skip(r, vc_rd_u8(r) >> 2 & 3);
	ss->group_len = (size_t)(r->p - ss->group);
}

int vc_vp9_desc_parse(struct vc_vp9_desc *d, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_vp9_desc v = { .picture_id = -1,
				 .tid = -1,
				 .sid = -1,
				 .tl0picidx = -1 };
	uint8_t first = vc_rd_u8(&r);

	v.inter = first & D_P;
	v.flexible = first & D_F;
	v.start = first & D_B;
	v.end = first & D_E;
	v.has_ss = first & D_V;
	v.non_ref = first & D_Z;
	if (first & D_I)
		read_picture_id(&v, &r);
	if (first & D_L)
		read_layer(&v, &r);
	if (v.flexible && v.inter)
		read_refs(&v, &r);
	if (v.has_ss)
		read_ss(&v.ss, &r);
	if (r.bad || (v.flexible && v.picture_id < 0))
		return -EBADMSG;
	v.payload = r.p;
	v.payload_len = vc_rd_left(&r);
	*d = v;
	return 0;
}

static void write_ss(struct vc_wr *w, const struct vc_vp9_ss *ss)
{
	vc_wr_u8(w,
		 (uint8_t)((ss->n_spatial - 1) << 5 | (ss->has_size ? S_Y : 0) |
			   (ss->has_group ? S_G : 0)));
	for (unsigned int i = 0; ss->has_size && i < ss->n_spatial; i++) {
		vc_wr_u16(w, ss->width[i]);
		vc_wr_u16(w, ss->height[i]);
	}
	if (!ss->has_group)
		return;
	vc_wr_u8(w, ss->n_pictures);
	vc_wr_bytes(w, ss->group, ss->group_len);
}

static void write_layer(struct vc_wr *w, const struct vc_vp9_desc *d)
{
	vc_wr_u8(w, (uint8_t)(d->tid << 5 | (d->switch_up ? 0x10 : 0) |
			      (d->sid & 7) << 1 | d->inter_layer));
	if (!d->flexible)
		vc_wr_u8(w, (uint8_t)d->tl0picidx);
}

void vc_vp9_desc_write(struct vc_wr *w, const struct vc_vp9_desc *d)
{
	vc_wr_u8(w, (uint8_t)((d->picture_id >= 0 ? D_I : 0) |
			      (d->inter ? D_P : 0) | (d->tid >= 0 ? D_L : 0) |
			      (d->flexible ? D_F : 0) | (d->start ? D_B : 0) |
			      (d->end ? D_E : 0) | (d->has_ss ? D_V : 0) |
			      (d->non_ref ? D_Z : 0)));
	if (d->picture_id > 0x7f || (d->picture_id >= 0 && d->long_id))
		vc_wr_u16(w, (uint16_t)(LONG_ID | d->picture_id));
	else if (d->picture_id >= 0)
		vc_wr_u8(w, (uint8_t)d->picture_id);
	if (d->tid >= 0)
		write_layer(w, d);
	if (d->flexible && d->inter) {
		if (!d->n_refs)
			w->bad = true;
		for (unsigned int i = 0; i < d->n_refs; i++)
			vc_wr_u8(w, (uint8_t)(d->refs[i] << 1 |
					      (i + 1 < d->n_refs)));
	}
	if (d->has_ss)
		write_ss(w, &d->ss);
}

/* --- frame header --- */

static void read_colour(const struct vc_vp9_frame *f, struct vc_bits *b)
{
	bool is_odd = f->profile & 1;

	if (f->profile >= 2)
		vc_bits_skip(b, 1); /* 10 or 12 bits */
	if (vc_bits_get(b, 3) != RGB) {
		vc_bits_skip(b, 1);
		if (is_odd)
			vc_bits_skip(b, 2);
	} else if (!is_odd) {
		b->bad = true;
	}
	if (is_odd)
		vc_bits_expect(b, 1, 0);
}

static void read_size(struct vc_vp9_frame *f, struct vc_bits *b)
{
	f->width = vc_bits_get(b, 16) + 1;
	f->height = vc_bits_get(b, 16) + 1;
}

/* Three references; the size is one of theirs or follows. */
static void read_refs_and_size(struct vc_vp9_frame *f, struct vc_bits *b)
{
	vc_bits_skip(b, 8 + 3 * 4);
	for (int i = 0; i < VC_VP9_REFS_MAX; i++)
		if (vc_bits_flag(b))
			return;
	read_size(f, b);
}

static void read_frame(struct vc_vp9_frame *f, struct vc_bits *b)
{
	bool is_resilient;

	f->key = !vc_bits_flag(b);
	f->show = vc_bits_flag(b);
	is_resilient = vc_bits_flag(b);
	if (f->key) {
		vc_bits_expect(b, 24, SYNC_CODE);
		read_colour(f, b);
		read_size(f, b);
		return;
	}
	f->intra_only = !f->show && vc_bits_flag(b);
	if (!is_resilient)
		vc_bits_skip(b, 2);
	if (!f->intra_only) {
		read_refs_and_size(f, b);
		return;
	}
	vc_bits_expect(b, 24, SYNC_CODE);
	if (f->profile)
		read_colour(f, b);
	vc_bits_skip(b, 8);
	read_size(f, b);
}

int vc_vp9_frame_parse(struct vc_vp9_frame *f, const uint8_t *p, size_t len)
{
	struct vc_bits b = vc_bits_over(p, len);
	struct vc_vp9_frame v = { .profile = 0 };

	vc_bits_expect(&b, 2, 2);
	v.profile = (uint8_t)vc_bits_get(&b, 1);
	v.profile |= (uint8_t)(vc_bits_get(&b, 1) << 1);
	if (v.profile == 3)
		vc_bits_expect(&b, 1, 0);
	v.show_existing = vc_bits_flag(&b);
	if (v.show_existing)
		vc_bits_skip(&b, 3);
	else
		read_frame(&v, &b);
	if (b.bad)
		return -EBADMSG;
	*f = v;
	return 0;
}

/* --- superframe --- */

static uint32_t read_le(struct vc_rd *r, unsigned int n)
{
	uint32_t v = 0;

	for (unsigned int i = 0; i < n; i++)
		v |= (uint32_t)vc_rd_u8(r) << 8 * i;
	return v;
}

int vc_vp9_superframe_parse(uint32_t sizes[VC_VP9_SUPERFRAME_MAX],
			    const uint8_t *p, size_t len)
{
	uint8_t mark = len ? p[len - 1] : 0;
	unsigned int n = (mark & 7u) + 1, octets = (mark >> 3 & 3u) + 1;
	size_t index = 2 + (size_t)n * octets, left;
	struct vc_rd r;

	if ((mark & 0xe0) != 0xc0)
		return 0;
	if (len < index || p[len - index] != mark)
		return 0;
	left = len - index;
	r = vc_rd_over(p + left + 1, index - 2);
	for (unsigned int i = 0; i < n; i++) {
		sizes[i] = read_le(&r, octets);
		if (!sizes[i] || sizes[i] > left)
			return -EBADMSG;
		left -= sizes[i];
	}
	return left ? -EBADMSG : (int)n;
}

void vc_vp9_superframe_write(struct vc_wr *w, const uint32_t *sizes, size_t n)
{
	uint8_t mark = (uint8_t)(0xc0 | 3 << 3 | (n - 1));

	if (!n || n > VC_VP9_SUPERFRAME_MAX) {
		w->bad = true;
		return;
	}
	vc_wr_u8(w, mark);
	for (size_t i = 0; i < n; i++)
		for (unsigned int k = 0; k < 4; k++)
			vc_wr_u8(w, (uint8_t)(sizes[i] >> 8 * k));
	vc_wr_u8(w, mark);
}

bool vc_vp9_is_key_start(const uint8_t *payload, size_t len)
{
	struct vc_vp9_desc d;
	struct vc_vp9_frame f;

	return !vc_vp9_desc_parse(&d, payload, len) && d.start && d.sid <= 0 &&
	       d.payload_len &&
	       !vc_vp9_frame_parse(&f, d.payload, d.payload_len) && f.key;
}
