/* SPDX-License-Identifier: MIT */
/*
 * A payload is an octet Z Y W(2) N rsv(3) and OBU elements, each after its
 * length, but for the last one if W says how many there are. An OBU is an octet
 * F type(4) X S rsv, with X an octet TID(3) SID(2) rsv(3), with S its size.
 */
#include "wire/av1.h"

#include <errno.h>

#include "base/bits.h"

#define A_Z 0x80
#define A_Y 0x40
#define A_N 0x08
#define O_F 0x80
#define O_X 0x04
#define O_S 0x02

uint32_t vc_av1_leb128_read(struct vc_rd *r)
{
	uint64_t v = 0;
	uint8_t octet;

	for (unsigned int i = 0; i < VC_AV1_LEB128_MAX; i++) {
		octet = vc_rd_u8(r);
		v |= (uint64_t)(octet & 0x7f) << 7 * i;
		if (octet & 0x80)
			continue;
		if (v > UINT32_MAX)
			r->bad = true;
		return r->bad ? 0 : (uint32_t)v;
	}
	r->bad = true;
	return 0;
}

void vc_av1_leb128_write(struct vc_wr *w, uint32_t v)
{
	for (; v > 0x7f; v >>= 7)
		vc_wr_u8(w, (uint8_t)(0x80 | (v & 0x7f)));
	vc_wr_u8(w, (uint8_t)v);
}

size_t vc_av1_leb128_len(uint32_t v)
{
	size_t n = 1;

	for (; v > 0x7f; v >>= 7)
		n++;
	return n;
}

/* --- payloads --- */

bool vc_av1_elem_next(struct vc_av1_payload *a, const uint8_t **p, size_t *len)
{
	if (a->n_elem ? a->at == a->n_elem : !vc_rd_left(&a->rd))
		return false;
	a->at++;
	*len = a->at == a->n_elem ? vc_rd_left(&a->rd) :
				    vc_av1_leb128_read(&a->rd);
	if (!*len)
		a->rd.bad = true;
	*p = vc_rd_bytes(&a->rd, *len);
	return *p;
}

int vc_av1_payload_parse(struct vc_av1_payload *a, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint8_t first = vc_rd_u8(&r);
	struct vc_av1_payload v = {
		.continues = first & A_Z,
		.is_cut = first & A_Y,
		.new_sequence = first & A_N,
		.n_elem = first >> 4 & 3,
		.rd = r,
	}, all = v;
	const uint8_t *elem;
	size_t n;

	while (vc_av1_elem_next(&all, &elem, &n))
		;
	if (all.rd.bad || !all.at || (v.new_sequence && v.continues))
		return -EBADMSG;
	*a = v;
	return 0;
}

bool vc_av1_is_key_start(const uint8_t *payload, size_t len)
{
	struct vc_av1_payload a;
	struct vc_av1_sequence seq;
	struct vc_av1_obu o;
	const uint8_t *p;
	size_t n;

	if (vc_av1_payload_parse(&a, payload, len) || a.continues)
		return false;
	while (vc_av1_elem_next(&a, &p, &n)) {
		if (vc_av1_obu_parse(&o, p, n))
			return false;
		if (o.type == VC_AV1_SEQUENCE)
			return !vc_av1_sequence_parse(&seq, o.p, o.len);
		if (!vc_av1_is_dropped(o.type) && o.type != VC_AV1_METADATA)
			return false;
	}
	return false;
}

/* --- OBUs --- */

/* Header and size; true in '*has_size' where it says that. */
static void read_head(struct vc_rd *r, struct vc_av1_obu *o, bool *has_size)
{
	uint8_t first = vc_rd_u8(r);

	*o = (struct vc_av1_obu){ .type = first >> 3 & 15,
				  .has_ext = first & O_X };
	if (o->has_ext)
		o->ext = vc_rd_u8(r);
	o->tid = o->ext >> 5;
	o->sid = o->ext >> 3 & 3;
	*has_size = first & O_S;
	o->len = *has_size ? vc_av1_leb128_read(r) : vc_rd_left(r);
	if (first & O_F)
		r->bad = true;
}

int vc_av1_obu_parse(struct vc_av1_obu *o, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_av1_obu v;
	bool has_size;

	read_head(&r, &v, &has_size);
	if (r.bad || v.len != vc_rd_left(&r))
		return -EBADMSG;
	v.p = r.p;
	*o = v;
	return 0;
}

bool vc_av1_obu_next(struct vc_rd *r, struct vc_av1_obu *o)
{
	bool has_size;

	if (!vc_rd_left(r))
		return false;
	read_head(r, o, &has_size);
	if (!has_size)
		r->bad = true;
	o->p = vc_rd_bytes(r, o->len);
	return !r->bad;
}

void vc_av1_obu_head(struct vc_wr *w, const struct vc_av1_obu *o,
		     bool with_size)
{
	vc_wr_u8(w, (uint8_t)(o->type << 3 | (o->has_ext ? O_X : 0) |
			      (with_size ? O_S : 0)));
	if (o->has_ext)
		vc_wr_u8(w, o->ext);
	if (with_size)
		vc_av1_leb128_write(w, (uint32_t)o->len);
}

/* --- sequence header (AV1 bitstream specification 5.5.1) --- */

/* uvlc(), whose value is of no interest. */
static void skip_uvlc(struct vc_bits *b)
{
	unsigned int zeros = 0;

	while (!b->bad && !vc_bits_flag(b))
		zeros++;
	if (zeros < 32)
		vc_bits_skip(b, zeros);
}

/* Returns the length of a field in each operating point; 0: there is none. */
static unsigned int skip_timing(struct vc_bits *b)
{
	unsigned int delay;

	vc_bits_skip(b, 64);
	if (vc_bits_flag(b))
		skip_uvlc(b);
	if (!vc_bits_flag(b))
		return 0;
	delay = vc_bits_get(b, 5) + 1;
	vc_bits_skip(b, 42);
	return delay;
}

/* Level and tier are the first one's. */
static void read_operating_points(struct vc_av1_sequence *s, struct vc_bits *b,
				  unsigned int delay)
{
	bool has_display_delay = vc_bits_flag(b);
	unsigned int n = vc_bits_get(b, 5) + 1;

	for (unsigned int i = 0; i < n; i++) {
		uint8_t level, tier;

		vc_bits_skip(b, 12);
		level = (uint8_t)vc_bits_get(b, 5);
		tier = level > 7 ? (uint8_t)vc_bits_get(b, 1) : 0;
		if (!i) {
			s->level = level;
			s->tier = tier;
		}
		if (delay && vc_bits_flag(b))
			vc_bits_skip(b, (size_t)2 * delay + 1);
		if (has_display_delay && vc_bits_flag(b))
			vc_bits_skip(b, 4);
	}
}

static void read_size(struct vc_av1_sequence *s, struct vc_bits *b)
{
	unsigned int width_bits = vc_bits_get(b, 4) + 1;
	unsigned int height_bits = vc_bits_get(b, 4) + 1;

	s->width = vc_bits_get(b, width_bits) + 1;
	s->height = vc_bits_get(b, height_bits) + 1;
}

/* Up to the size. */
static int read_sequence(struct vc_av1_sequence *s, struct vc_bits *b)
{
	struct vc_av1_sequence v = { .profile = (uint8_t)vc_bits_get(b, 3) };
	unsigned int delay = 0;

	v.is_still = vc_bits_flag(b);
	v.is_reduced = vc_bits_flag(b);
	if (v.is_reduced) {
		v.level = (uint8_t)vc_bits_get(b, 5);
	} else {
		if (vc_bits_flag(b))
			delay = skip_timing(b);
		read_operating_points(&v, b, delay);
	}
	read_size(&v, b);
	if (b->bad || v.profile > 2 || (v.is_reduced && !v.is_still))
		return -EBADMSG;
	*s = v;
	return 0;
}

int vc_av1_sequence_parse(struct vc_av1_sequence *s, const uint8_t *p,
			  size_t len)
{
	struct vc_bits b = vc_bits_over(p, len);

	return read_sequence(s, &b);
}

/* What lies between size and colours. */
static void skip_tools(struct vc_bits *b, bool is_reduced)
{
	bool has_order;

	if (!is_reduced && vc_bits_flag(b))
		vc_bits_skip(b, 7); /* lengths of frame ids */
	vc_bits_skip(b, 3);
	if (!is_reduced) {
		vc_bits_skip(b, 4);
		has_order = vc_bits_flag(b);
		vc_bits_skip(b, has_order ? 2 : 0);
		/* Screen content: chosen by frame, or forced (or not). */
		if ((vc_bits_flag(b) || vc_bits_flag(b)) && !vc_bits_flag(b))
			vc_bits_skip(b, 1);
		vc_bits_skip(b, has_order ? 3 : 0);
	}
	vc_bits_skip(b, 3);
}

#define BT709 1
#define SRGB 13
#define IDENTITY 0

/* Of colours that are not grey: subsampling. */
static void read_chroma(struct vc_av1_colors *c, uint8_t profile,
			struct vc_bits *b)
{
	vc_bits_skip(b, 1); /* range */
	if (profile == 2 && c->is_twelve_bit) {
		c->half_x = vc_bits_flag(b);
		c->half_y = c->half_x && vc_bits_flag(b);
	} else {
		c->half_x = profile != 1;
		c->half_y = profile == 0;
	}
	if (c->half_x && c->half_y)
		c->position = (uint8_t)vc_bits_get(b, 2);
}

int vc_av1_colors_parse(struct vc_av1_sequence *s, struct vc_av1_colors *c,
			const uint8_t *p, size_t len)
{
	struct vc_bits b = vc_bits_over(p, len);
	struct vc_av1_colors v = { 0 };
	bool is_rgb = false;

	if (read_sequence(s, &b))
		return -EBADMSG;
	skip_tools(&b, s->is_reduced);
	v.is_high = vc_bits_flag(&b);
	v.is_twelve_bit = s->profile == 2 && v.is_high && vc_bits_flag(&b);
	v.is_grey = s->profile != 1 && vc_bits_flag(&b);
	if (vc_bits_flag(&b))
		is_rgb = vc_bits_get(&b, 24) ==
			 (BT709 << 16 | SRGB << 8 | IDENTITY);
	if (v.is_grey)
		v.half_x = v.half_y = true;
	else if (!is_rgb)
		read_chroma(&v, s->profile, &b);
	if (b.bad)
		return -EBADMSG;
	*c = v;
	return 0;
}

int vc_av1c_write(struct vc_wr *w, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_av1_sequence s;
	struct vc_av1_colors c;
	struct vc_av1_obu o;

	do {
		p = r.p;
		if (!vc_av1_obu_next(&r, &o))
			return -EBADMSG;
	} while (o.type != VC_AV1_SEQUENCE);
	if (vc_av1_colors_parse(&s, &c, o.p, o.len))
		return -EBADMSG;
	vc_wr_u8(w, 0x81);
	vc_wr_u8(w, (uint8_t)(s.profile << 5 | s.level));
	vc_wr_u8(w, (uint8_t)(s.tier << 7 | c.is_high << 6 |
			      c.is_twelve_bit << 5 | c.is_grey << 4 |
			      c.half_x << 3 | c.half_y << 2 | c.position));
	vc_wr_u8(w, 0); /* no delay of presentation is told */
	vc_wr_bytes(w, p, (size_t)(r.p - p));
	return w->bad ? -ENOBUFS : 0;
}

int vc_av1_frame_parse(struct vc_av1_frame *f, const struct vc_av1_sequence *s,
		       const uint8_t *p, size_t len)
{
	struct vc_bits b = vc_bits_over(p, len);
	struct vc_av1_frame v = { .key = s->is_reduced };
	uint32_t type;

	if (!s->is_reduced) {
		v.show_existing = vc_bits_flag(&b);
		type = v.show_existing ? 1 : vc_bits_get(&b, 2);
		v.key = !type && vc_bits_flag(&b);
	}
	if (b.bad)
		return -EBADMSG;
	*f = v;
	return 0;
}
