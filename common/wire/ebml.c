/* SPDX-License-Identifier: MIT */
/*
 * Sizes carry their own width: the number of zero bits before the first one
 * says how many octets follow the first. Ids are the same, but are kept with
 * that mark, as the specification prints them. A size whose value bits are all
 * set means "unknown", so the largest of each width is one less.
 */
#include "wire/ebml.h"

#include <assert.h>

#define MARK_WIDTH 4 /* of sizes that vc_ebml_end() fills in */

static void put_be(struct vc_wr *w, uint64_t v, unsigned int width)
{
	uint8_t *p = vc_wr_room(w, width);
	unsigned int i;

	for (i = 0; p && i < width; i++)
		p[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

unsigned int vc_ebml_id_width(uint32_t id)
{
	return id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1;
}

void vc_ebml_id(struct vc_wr *w, uint32_t id)
{
	put_be(w, id, vc_ebml_id_width(id));
}

/* All value bits of a size in 'width' octets. */
static uint64_t all_bits(unsigned int width)
{
	return (UINT64_C(1) << 7 * width) - 1;
}

unsigned int vc_ebml_size_width(uint64_t size)
{
	unsigned int width = 1;

	if (size == VC_EBML_UNKNOWN)
		return 1;
	while (width < 8 && size >= all_bits(width))
		width++;
	return width;
}

void vc_ebml_size(struct vc_wr *w, uint64_t size, unsigned int width)
{
	assert(width <= 8);
	if (!width)
		width = vc_ebml_size_width(size);
	if (size == VC_EBML_UNKNOWN)
		size = all_bits(width);
	else if (size >= all_bits(width))
		w->bad = true;
	put_be(w, size | UINT64_C(1) << 7 * width, width);
}

void vc_ebml_uint(struct vc_wr *w, uint32_t id, uint64_t value)
{
	unsigned int width = 1;

	while (width < 8 && value >> 8 * width)
		width++;
	vc_ebml_id(w, id);
	vc_ebml_size(w, width, 1);
	put_be(w, value, width);
}

void vc_ebml_int(struct vc_wr *w, uint32_t id, int64_t value)
{
	uint64_t bits = (uint64_t)value;
	uint64_t sign = value < 0 ? UINT64_MAX : 0;
	unsigned int width = 1;

	/* Until the rest, with the topmost bit that is kept, is all sign. */
	while (width < 8 && (bits ^ sign) >> (8 * width - 1))
		width++;
	vc_ebml_id(w, id);
	vc_ebml_size(w, width, 1);
	put_be(w, bits, width);
}

void vc_ebml_uint8(struct vc_wr *w, uint32_t id, uint64_t value)
{
	vc_ebml_id(w, id);
	vc_ebml_size(w, 8, 1);
	vc_wr_u64(w, value);
}

void vc_ebml_double(struct vc_wr *w, uint32_t id, double value)
{
	uint64_t bits;

	static_assert(sizeof(bits) == sizeof(value), "IEEE 754 doubles");
	memcpy(&bits, &value, sizeof(bits));
	vc_ebml_uint8(w, id, bits);
}

void vc_ebml_binary(struct vc_wr *w, uint32_t id, const void *p, size_t len)
{
	vc_ebml_id(w, id);
	vc_ebml_size(w, len, 0);
	vc_wr_bytes(w, p, len);
}

void vc_ebml_string(struct vc_wr *w, uint32_t id, const char *s)
{
	vc_ebml_binary(w, id, s, strlen(s));
}

void vc_ebml_void(struct vc_wr *w, size_t total)
{
	unsigned int width = total > 128 ? 8 : 1;
	uint8_t *p;

	if (!total)
		return;
	assert(total >= 2);
	vc_ebml_id(w, VC_EBML_ID_VOID);
	vc_ebml_size(w, total - 1 - width, width);
	p = vc_wr_room(w, total - 1 - width);
	if (p)
		memset(p, 0, total - 1 - width);
}

size_t vc_ebml_begin(struct vc_wr *w, uint32_t id)
{
	vc_ebml_id(w, id);
	vc_ebml_size(w, 0, MARK_WIDTH);
	return vc_wr_len(w);
}

void vc_ebml_end(struct vc_wr *w, size_t mark)
{
	struct vc_wr at;

	if (w->bad)
		return;
	at = vc_wr_over(w->start + mark - MARK_WIDTH, MARK_WIDTH);
	vc_ebml_size(&at, vc_wr_len(w) - mark, MARK_WIDTH);
	w->bad = at.bad;
}

uint64_t vc_ebml_rd_uint(struct vc_rd *r, size_t len)
{
	const uint8_t *p = NULL;
	uint64_t v = 0;
	size_t i;

	if (len > 8)
		r->bad = true;
	else
		p = vc_rd_bytes(r, len);
	for (i = 0; p && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

/* Octets that a number beginning with 'first' takes; 9: none does. */
static unsigned int width_of(uint8_t first)
{
	unsigned int width = 1;

	while (width < 9 && !(first & 0x80)) {
		first = (uint8_t)(first << 1);
		width++;
	}
	return width;
}

uint32_t vc_ebml_rd_id(struct vc_rd *r)
{
	unsigned int width = 9;
	uint64_t id;

	if (vc_rd_left(r))
		width = width_of(*r->p);
	if (width > 4) {
		r->bad = true;
		return 0;
	}
	id = vc_ebml_rd_uint(r, width);
	return (uint32_t)id;
}

uint64_t vc_ebml_rd_size(struct vc_rd *r)
{
	unsigned int width = 9;
	uint64_t size;

	if (vc_rd_left(r))
		width = width_of(*r->p);
	if (width > 8) {
		r->bad = true;
		return 0;
	}
	size = vc_ebml_rd_uint(r, width) & all_bits(width);
	return size == all_bits(width) ? VC_EBML_UNKNOWN : size;
}
