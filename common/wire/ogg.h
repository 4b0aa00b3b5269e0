/* SPDX-License-Identifier: MIT */
/*
 * Ogg (RFC 3533): pages of packets, each with a sum. And the two packets that
 * an Opus stream in it begins with (RFC 7845), of which OpusHead is in
 * wire/opus.h. Pure.
 */
#ifndef VC_WIRE_OGG_H
#define VC_WIRE_OGG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/str.h"

#define VC_OGG_SEGMENTS 255 /* of a page, each of at most 255 octets */
#define VC_OGG_BODY_MAX (VC_OGG_SEGMENTS * 255)
#define VC_OGG_HEAD_MAX (27 + VC_OGG_SEGMENTS)
#define VC_OGG_PAGE_MAX (VC_OGG_HEAD_MAX + VC_OGG_BODY_MAX)
#define VC_OGG_NO_GRANULE (-1) /* no packet ends in it */

struct vc_ogg_page {
	bool is_continued; /* begins with the rest of a packet */
	bool is_first;	   /* of its stream */
	bool is_last;
	int64_t granule; /* Opus: samples at 48 kHz up to its end */
	uint32_t serial; /* which stream */
	uint32_t number;
	unsigned int n; /* segments */
	const uint8_t *segments;
	const uint8_t *body; /* as many octets as they say; borrows */
	size_t len;
};

/* Segments of a packet: room that it needs in a page. */
static inline unsigned int vc_ogg_segments(size_t len)
{
	return (unsigned int)(len / 255 + 1);
}

/* Writes their sizes. */
void vc_ogg_lace(uint8_t *segments, size_t len);

/* The whole page: at most VC_OGG_PAGE_MAX octets. */
void vc_ogg_page_write(struct vc_wr *w, const struct vc_ogg_page *page);

/*
 * The page at 'buf'. 1: here it is, in '*size' octets. 0: more are needed, at
 * least '*size' in all. -EBADMSG: none begins here, or its sum is wrong.
 */
int vc_ogg_page_parse(struct vc_ogg_page *page, const uint8_t *buf, size_t len,
		      size_t *size);

/* Where in a page a reader is; zero it for a new one. */
struct vc_ogg_at {
	unsigned int segment;
	size_t octet;
};

/*
 * The next packet of a page, or what of it lies there: 'is_whole' false: it
 * goes on in the next page. False: no more.
 */
bool vc_ogg_packet_next(const struct vc_ogg_page *page, struct vc_ogg_at *at,
			const uint8_t **p, size_t *len, bool *is_whole);

/* OpusTags: who wrote it, and TITLE; the octets up to 'len' are padding. */
void vc_ogg_tags_write(struct vc_wr *w, const char *vendor, const char *title,
		       size_t len);

/*
 * Reads them: 0 and the first TITLE (empty: none) of those that are whole, or
 * -EBADMSG: they are something else.
 */
#define VC_OGG_TAGS "OpusTags"
int vc_ogg_tags_parse(struct vc_str *title, const uint8_t *p, size_t len);

#endif
