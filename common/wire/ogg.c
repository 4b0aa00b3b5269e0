/* SPDX-License-Identifier: MIT */
/*
 * A page is "OggS", version, flags, granule position, serial, number, sum,
 * segments and their sizes, all little-endian, then the octets. A segment that
 * is shorter than 255 octets ends its packet. The sum is a CRC-32 of the whole
 * page with zeros in its own place: polynomial 04c11db7, most significant bit
 * first, from zero, here four bits at a time.
 */
#include "wire/ogg.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MARK "OggS"
#define HEAD 27
#define SUM_AT 22
#define TITLE "TITLE="

enum flag {
	CONTINUED = 1,
	FIRST = 2,
	LAST = 4,
};

static uint32_t sum_of(uint32_t sum, const uint8_t *p, size_t len)
{
	static const uint32_t by_nibble[16] = {
		0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9,
		0x130476dc, 0x17c56b6b, 0x1a864db2, 0x1e475005,
		0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
		0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd,
	};

	for (size_t i = 0; i < len; i++) {
		sum = sum << 4 ^ by_nibble[(sum >> 28 ^ p[i] >> 4) & 15];
		sum = sum << 4 ^ by_nibble[(sum >> 28 ^ p[i]) & 15];
	}
	return sum;
}

void vc_ogg_lace(uint8_t *segments, size_t len)
{
	for (; len >= 255; len -= 255)
		*segments++ = 255;
	*segments = (uint8_t)len;
}

void vc_ogg_page_write(struct vc_wr *w, const struct vc_ogg_page *page)
{
	size_t at = vc_wr_len(w);
	uint32_t sum;

	vc_wr_bytes(w, MARK, 4);
	vc_wr_u8(w, 0);
	vc_wr_u8(w, (uint8_t)((page->is_continued ? CONTINUED : 0) |
			      (page->is_first ? FIRST : 0) |
			      (page->is_last ? LAST : 0)));
	vc_wr_le(w, (uint64_t)page->granule, 8);
	vc_wr_le(w, page->serial, 4);
	vc_wr_le(w, page->number, 4);
	vc_wr_le(w, 0, 4);
	vc_wr_u8(w, (uint8_t)page->n);
	vc_wr_bytes(w, page->segments, page->n);
	vc_wr_bytes(w, page->body, page->len);
	if (w->bad)
		return;
	sum = sum_of(0, w->start + at, vc_wr_len(w) - at);
	for (unsigned int i = 0; i < 4; i++)
		w->start[at + SUM_AT + i] = (uint8_t)(sum >> 8 * i);
}

static uint32_t sum_of_page(const uint8_t *p, size_t size)
{
	static const uint8_t zeros[4];
	uint32_t sum = sum_of(0, p, SUM_AT);

	sum = sum_of(sum, zeros, sizeof(zeros));
	return sum_of(sum, p + SUM_AT + 4, size - SUM_AT - 4);
}

int vc_ogg_page_parse(struct vc_ogg_page *page, const uint8_t *buf, size_t len,
		      size_t *size)
{
	struct vc_rd r = vc_rd_over(buf, len);
	struct vc_ogg_page v = { 0 };
	uint8_t flags;
	uint32_t sum;

	if (len && memcmp(buf, MARK, len < 4 ? len : 4))
		return -EBADMSG;
	*size = HEAD;
	if (len < HEAD)
		return 0;
	vc_rd_skip(&r, 5);
	flags = vc_rd_u8(&r);
	v.granule = (int64_t)vc_rd_le(&r, 8);
	v.serial = (uint32_t)vc_rd_le(&r, 4);
	v.number = (uint32_t)vc_rd_le(&r, 4);
	sum = (uint32_t)vc_rd_le(&r, 4);
	v.n = vc_rd_u8(&r);
	if (buf[4] || flags & ~(CONTINUED | FIRST | LAST))
		return -EBADMSG;
	*size += v.n;
	v.segments = vc_rd_bytes(&r, v.n);
	if (r.bad)
		return 0;
	for (unsigned int i = 0; i < v.n; i++)
		v.len += v.segments[i];
	*size += v.len;
	v.body = vc_rd_bytes(&r, v.len);
	if (r.bad)
		return 0;
	if (sum != sum_of_page(buf, *size))
		return -EBADMSG;
	v.is_continued = flags & CONTINUED;
	v.is_first = flags & FIRST;
	v.is_last = flags & LAST;
	*page = v;
	return 1;
}

bool vc_ogg_packet_next(const struct vc_ogg_page *page, struct vc_ogg_at *at,
			const uint8_t **p, size_t *len, bool *is_whole)
{
	size_t start = at->octet;
	uint8_t n = 255;

	if (at->segment == page->n)
		return false;
	while (n == 255 && at->segment < page->n) {
		n = page->segments[at->segment];
		at->segment++;
		at->octet += n;
	}
	*p = page->body + start;
	*len = at->octet - start;
	*is_whole = n < 255;
	return true;
}

/* A text behind its length. */
static void put_text(struct vc_wr *w, const char *before, const char *text)
{
	vc_wr_le(w, strlen(before) + strlen(text), 4);
	vc_wr_bytes(w, before, strlen(before));
	vc_wr_bytes(w, text, strlen(text));
}

void vc_ogg_tags_write(struct vc_wr *w, const char *vendor, const char *title,
		       size_t len)
{
	size_t at = vc_wr_len(w), n;
	uint8_t *rest;

	vc_wr_bytes(w, VC_OGG_TAGS, strlen(VC_OGG_TAGS));
	put_text(w, "", vendor);
	vc_wr_le(w, *title ? 1 : 0, 4);
	if (*title)
		put_text(w, TITLE, title);
	n = vc_wr_len(w) - at;
	rest = n < len ? vc_wr_room(w, len - n) : NULL;
	if (rest)
		memset(rest, 0, len - n);
}

int vc_ogg_tags_parse(struct vc_str *title, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	const uint8_t *mark = vc_rd_bytes(&r, strlen(VC_OGG_TAGS));
	struct vc_str found = { 0 };
	uint64_t n;

	if (!mark || memcmp(mark, VC_OGG_TAGS, strlen(VC_OGG_TAGS)))
		return -EBADMSG;
	vc_rd_skip(&r, vc_rd_le(&r, 4));
	n = vc_rd_le(&r, 4);
	while (n && !r.bad) {
		size_t size = vc_rd_le(&r, 4);
		const char *text = (const char *)vc_rd_bytes(&r, size);

		if (text && !found.len && size > strlen(TITLE) &&
		    !strncasecmp(text, TITLE, strlen(TITLE)))
			found = vc_str_of(text + strlen(TITLE),
					  size - strlen(TITLE));
		n--;
	}
	*title = found;
	return 0;
}
