/* SPDX-License-Identifier: MIT */
/*
 * Reads an Ogg file of Opus (RFC 3533, RFC 7845) front to back, as
 * wire/webmread.h does WebM: the first stream of Opus is track 1, each packet a
 * block. Times are when a packet is decoded, so CodecDelay is the pre-skip, and
 * come from granule positions; what is skipped beyond libopus's delay is before
 * the beginning, and no block. A page that is damaged or missing is BAD and the
 * next one read; what fills a gap (packets that have frames without octets,
 * section 4.1) is no block. A second chain is not read. Pure.
 */
#ifndef VC_WIRE_OGGREAD_H
#define VC_WIRE_OGGREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ogg.h"
#include "wire/opus.h"
#include "wire/webmread.h"

#define VC_OGGREAD_PACKET_MAX VC_OGG_BODY_MAX /* that spans pages */

/* Zero it before the first call; the reader's own, but for 'said'. */
struct vc_oggread {
	bool has_begun; /* a page was read */
	bool has_head;
	bool has_tags;
	bool is_refused; /* there is no Opus in it */
	bool is_over;	 /* the last page was read */
	bool in_page;	 /* 'page' is at the head, but its slices are stale */
	bool is_hole;	 /* pages are missing before it */
	struct vc_ogg_page page;
	size_t page_size;
	struct vc_ogg_at in;
	uint32_t serial;
	uint32_t number; /* of the next page */
	int64_t at;	 /* samples before the next packet */
	int64_t lead;	 /* of those, not of the file's time */
	int64_t said;	 /* ns that the file lasts, once it is over; else 0 */
	uint8_t head[VC_OPUS_HEAD_LEN];
	size_t part_len;
	bool is_lost; /* what goes on has no beginning, or is too long */
	uint8_t part[VC_OGGREAD_PACKET_MAX];
};

/* The next item at 'buf', as vc_webmread_next(). */
int vc_oggread_next(struct vc_oggread *r, const uint8_t *buf, size_t len,
		    struct vc_webmread_item *out);

/* May the file end here, or has it been cut? (Nothing may be left over.) */
bool vc_oggread_is_whole(const struct vc_oggread *r);

#endif
