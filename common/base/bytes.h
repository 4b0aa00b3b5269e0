/* SPDX-License-Identifier: MIT */
/*
 * Cursors over octets. A reader or writer remembers its first failure in
 * 'bad' and does nothing from then on: look at the flag once, at the end, and
 * touch the results only when it is clear. Big-endian, as network formats are,
 * but for those called le.
 */
#ifndef VC_BASE_BYTES_H
#define VC_BASE_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Reads from [p, end). Borrows the octets. */
struct vc_rd {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

static inline struct vc_rd vc_rd_over(const void *p, size_t len)
{
	const uint8_t *q = p;

	return (struct vc_rd){ .p = q, .end = q ? q + len : q };
}

static inline size_t vc_rd_left(const struct vc_rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* The next 'n' octets, which the cursor passes; NULL (and bad) if fewer. */
static inline const uint8_t *vc_rd_bytes(struct vc_rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

static inline void vc_rd_skip(struct vc_rd *r, size_t n)
{
	(void)vc_rd_bytes(r, n);
}

static inline uint8_t vc_rd_u8(struct vc_rd *r)
{
	const uint8_t *p = vc_rd_bytes(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t vc_get_u16(const uint8_t *p)
{
	return (uint16_t)((unsigned int)p[0] << 8 | p[1]);
}

static inline uint32_t vc_get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t vc_get_u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline uint16_t vc_rd_u16(struct vc_rd *r)
{
	const uint8_t *p = vc_rd_bytes(r, 2);

	return p ? vc_get_u16(p) : 0;
}

static inline uint32_t vc_rd_u24(struct vc_rd *r)
{
	const uint8_t *p = vc_rd_bytes(r, 3);

	return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t vc_rd_u32(struct vc_rd *r)
{
	const uint8_t *p = vc_rd_bytes(r, 4);

	return p ? vc_get_u32(p) : 0;
}

static inline uint64_t vc_rd_u64(struct vc_rd *r)
{
	const uint8_t *p = vc_rd_bytes(r, 8);

	return p ? vc_get_u64(p) : 0;
}

static inline void vc_put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void vc_put_u32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void vc_put_u64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

/* Writes into [start, end) at 'p'. Borrows the room. */
struct vc_wr {
	uint8_t *p;
	uint8_t *end;
	uint8_t *start;
	bool bad;
};

static inline struct vc_wr vc_wr_over(void *p, size_t cap)
{
	uint8_t *q = p;

	return (struct vc_wr){ .p = q, .end = q + cap, .start = q };
}

static inline size_t vc_wr_len(const struct vc_wr *w)
{
	return (size_t)(w->p - w->start);
}

/* Room for 'n' octets, which the caller fills; NULL (and bad) if too little. */
static inline uint8_t *vc_wr_room(struct vc_wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->bad || (size_t)(w->end - w->p) < n) {
		w->bad = true;
		return NULL;
	}
	w->p += n;
	return p;
}

static inline void vc_wr_bytes(struct vc_wr *w, const void *src, size_t n)
{
	uint8_t *p = vc_wr_room(w, n);

	if (p && n)
		memcpy(p, src, n);
}

static inline void vc_wr_u8(struct vc_wr *w, uint8_t v)
{
	vc_wr_bytes(w, &v, 1);
}

static inline void vc_wr_u16(struct vc_wr *w, uint16_t v)
{
	uint8_t *p = vc_wr_room(w, 2);

	if (p)
		vc_put_u16(p, v);
}

static inline void vc_wr_u24(struct vc_wr *w, uint32_t v)
{
	uint8_t *p = vc_wr_room(w, 3);

	if (!p)
		return;
	p[0] = (uint8_t)(v >> 16);
	vc_put_u16(p + 1, (uint16_t)v);
}

static inline void vc_wr_u32(struct vc_wr *w, uint32_t v)
{
	uint8_t *p = vc_wr_room(w, 4);

	if (p)
		vc_put_u32(p, v);
}

static inline void vc_wr_u64(struct vc_wr *w, uint64_t v)
{
	uint8_t *p = vc_wr_room(w, 8);

	if (p)
		vc_put_u64(p, v);
}

/* Numbers of up to eight octets, the least significant first. */
static inline uint64_t vc_rd_le(struct vc_rd *r, unsigned int width)
{
	const uint8_t *p = vc_rd_bytes(r, width);
	uint64_t v = 0;

	for (unsigned int i = 0; p && i < width; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static inline void vc_wr_le(struct vc_wr *w, uint64_t v, unsigned int width)
{
	for (unsigned int i = 0; i < width; i++)
		vc_wr_u8(w, (uint8_t)(v >> 8 * i));
}

#endif
