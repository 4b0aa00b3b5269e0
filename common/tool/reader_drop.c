/* SPDX-License-Identifier: MIT */
/* What a reader that cannot follow loses (see tool/reader.c). */
#include <stdlib.h>
#include <string.h>

#include "tool/reader_internal.h"

#define AUDIO_AGE (100 * VC_MS)

void vc_reader_item_clear(struct vc_reader *r, struct vc_item *item)
{
	if (vc_reader_is_kept(item))
		r->kept -= item->len;
	vc_packet_unref(item->pkt);
	free(item->text);
	item->pkt = NULL;
	item->text = NULL;
}

void vc_reader_note_drop(struct vc_reader *r, const struct vc_item *item)
{
	r->dropped++;
	vc_gaps_note(&r->gaps, item->ssrc, item->time, item->seq,
		     item->kind == VC_ITEM_VIDEO);
}

static bool is_overdue(struct vc_reader *r, const struct vc_item *item,
		       int64_t now)
{
	const struct vc_gap *g;

	if (item->kind == VC_ITEM_TIME)
		return true;
	if (item->kind == VC_ITEM_AUDIO)
		return now - item->queued_at > AUDIO_AGE;
	if (item->kind != VC_ITEM_VIDEO)
		return false;
	if (now - item->queued_at > VC_READER_VIDEO_AGE)
		return true;
	g = vc_gaps_find(&r->gaps, item->ssrc);
	return g && g->awaits_key && !item->is_key;
}

struct vc_item vc_reader_end_gap(struct vc_reader *r, struct vc_gap *g,
				 const struct vc_item *next)
{
	struct vc_item event = { .kind = VC_ITEM_KEEP,
				 .time = next->is_raw ? VC_TIME_NONE :
							next->time,
				 .arrival = VC_TIME_NONE };

	if (!r->conf.plain)
		event.text = (uint8_t *)r->conf.gap(r->conf.ctx, g->ssrc,
						    g->from, g->to, g->seq_from,
						    g->seq_to);
	if (event.text)
		event.len = strlen((const char *)event.text);
	vc_gaps_remove(&r->gaps, g);
	return event;
}

/*
 * Drops what waited too long; an item that is partly written stays. What is
 * left of a source after a gap gets the event before it: there is room, since
 * something was dropped.
 */
void vc_reader_trim(struct vc_reader *r)
{
	int64_t now = vc_loop_now(r->conf.loop);
	size_t keep = r->first_done ? 1 : 0;
	size_t n = keep;

	for (size_t i = keep; i < r->n; i++) {
		struct vc_item *item = vc_reader_item(r, i);
		bool is_media = item->kind >= VC_ITEM_AUDIO;
		struct vc_gap *g;

		if (is_overdue(r, item, now)) {
			if (is_media)
				vc_reader_note_drop(r, item);
			vc_reader_item_clear(r, item);
			continue;
		}
		g = is_media && n < i ? vc_gaps_find(&r->gaps, item->ssrc) :
					NULL;
		if (g) {
			struct vc_item event = vc_reader_end_gap(r, g, item);

			*vc_reader_item(r, n) = event;
			r->kept += event.len;
			n += event.text != NULL;
		}
		if (n != i)
			*vc_reader_item(r, n) = *item;
		n++;
	}
	r->n = n;
}
