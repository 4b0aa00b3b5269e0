/* SPDX-License-Identifier: MIT */
/* What tool/reader.c (queue, writing) and tool/reader_drop.c share. */
#ifndef VC_TOOL_READER_INTERNAL_H
#define VC_TOOL_READER_INTERNAL_H

#include "base/time.h"
#include "tool/gaps.h"
#include "tool/reader.h"

struct vc_gzout;

#define VC_READER_VIDEO_AGE (20 * VC_MS)

struct vc_reader {
	struct vc_reader_conf conf;
	struct vc_watch watch;
	struct vc_item *ring;
	size_t cap; /* a power of two */
	size_t head;
	size_t n;
	size_t first_done; /* octets of the first item that are written */
	int64_t last_time; /* stream time of the last T built */
	size_t kept;	   /* octets that are never dropped */
	bool is_blocked, is_dead, is_wide;
	int64_t begun;
	int64_t tried; /* when it was blocked last */
	struct vc_gaps gaps;
	uint64_t dropped;
	uint64_t octets;
	struct vc_gzout *gz;
};

static inline struct vc_item *vc_reader_item(struct vc_reader *r, size_t i)
{
	return &r->ring[(r->head + i) & (r->cap - 1)];
}

static inline bool vc_reader_is_kept(const struct vc_item *item)
{
	return item->kind <= VC_ITEM_STATE;
}

/* --- reader_drop.c --- */

void vc_reader_item_clear(struct vc_reader *r, struct vc_item *item);
void vc_reader_note_drop(struct vc_reader *r, const struct vc_item *item);
/* The gap is over: its event, which is to stand before 'next'. */
struct vc_item vc_reader_end_gap(struct vc_reader *r, struct vc_gap *g,
				 const struct vc_item *next);
/* Drops what waited too long. */
void vc_reader_trim(struct vc_reader *r);

#endif
