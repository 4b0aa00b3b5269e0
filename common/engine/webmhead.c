/* SPDX-License-Identifier: MIT */
/*
 * The tracks end in a Void that late ones and new names go into. Whatever is
 * written over takes as much room as before (wire/webm.h).
 */
#include "engine/webmhead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/outfile.h"
#include "wire/ebml.h"

#define HEAD_CAP 512 /* all of it but the tracks */

/* Writes tracks, and a Void up to 'room' octets unless it is 0. */
static int put_tracks(struct vc_wr *w, const struct vc_webm_track *tracks,
		      unsigned int n, size_t room)
{
	size_t at = vc_wr_len(w), len;

	vc_webm_tracks(w, tracks, n);
	len = vc_wr_len(w) - at;
	if (w->bad || (room && (len > room || room - len == 1)))
		return -ENOSPC;
	if (room)
		vc_ebml_void(w, room - len);
	return w->bad ? -ENOSPC : 0;
}

static size_t tracks_cap(const struct vc_webm_track *tracks, unsigned int n)
{
	size_t cap = 16;

	for (unsigned int i = 0; i < n; i++)
		cap += VC_WEBM_TRACK_CAP + strlen(tracks[i].name) +
		       tracks[i].priv_len;
	return cap;
}

/* Into 'w', which lies at octet 0. */
static void put_front(struct vc_webmhead *h, struct vc_wr *w)
{
	bool is_file = vc_outfile_can_patch(h->out);
	struct vc_wr seek;

	vc_webm_head(w, h->doctype);
	vc_webm_segment(w, VC_EBML_UNKNOWN);
	h->data_at = vc_wr_len(w);
	h->info_at = h->data_at + (is_file ? VC_WEBM_SEEK_HEAD_LEN : 0);
	if (is_file)
		vc_wr_room(w, VC_WEBM_SEEK_HEAD_LEN);
	vc_webm_info(w, h->app, is_file ? 0 : -1);
	h->tracks_at = vc_wr_len(w);
	if (!is_file)
		return;
	seek = vc_wr_over(w->start + h->data_at, VC_WEBM_SEEK_HEAD_LEN);
	vc_webm_seek_head(&seek, h->info_at - h->data_at,
			  h->tracks_at - h->data_at, 0, 0);
}

int vc_webmhead_write(struct vc_webmhead *h, const struct vc_webm_track *tracks,
		      unsigned int n, size_t reserve)
{
	size_t cap = tracks_cap(tracks, n);
	struct vc_wr w;
	uint8_t *room;
	int err;

	if (vc_outfile_can_patch(h->out)) {
		cap += reserve;
		h->tracks_room = cap;
	}
	cap += HEAD_CAP;
	room = vc_try_alloc(1, cap);
	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	put_front(h, &w);
	err = put_tracks(&w, tracks, n, h->tracks_room);
	if (!err)
		err = vc_outfile_write(h->out, room, vc_wr_len(&w));
	free(room);
	return err;
}

int vc_webmhead_tracks(const struct vc_webmhead *h,
		       const struct vc_webm_track *tracks, unsigned int n)
{
	uint8_t *room = vc_try_alloc(1, h->tracks_room);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, h->tracks_room);
	err = put_tracks(&w, tracks, n, h->tracks_room);
	if (!err)
		err = vc_outfile_patch(h->out, h->tracks_at, room,
				       h->tracks_room);
	free(room);
	return err;
}

int vc_webmhead_chapters(struct vc_outfile *out,
			 const struct vc_webm_chapter *list, size_t n)
{
	size_t cap = vc_webm_chapters_cap(list, n);
	uint8_t *room = vc_try_alloc(1, cap);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	vc_webm_chapters(&w, list, n);
	err = w.bad ? -EFBIG : vc_outfile_write(out, room, vc_wr_len(&w));
	free(room);
	return err;
}

static uint64_t place(const struct vc_webmhead *h, uint64_t at)
{
	return at ? at - h->data_at : 0;
}

int vc_webmhead_end(const struct vc_webmhead *h,
		    const struct vc_webmhead_end *end)
{
	uint8_t room[HEAD_CAP];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	uint64_t segment_at = h->data_at - VC_WEBM_SEGMENT_LEN;

	vc_webm_segment(&w, vc_outfile_pos(h->out) - h->data_at);
	vc_webm_seek_head(&w, h->info_at - h->data_at,
			  h->tracks_at - h->data_at, place(h, end->cues_at),
			  place(h, end->chapters_at));
	vc_webm_info(&w, h->app, vc_webm_ticks(end->duration));
	if (w.bad)
		return -EFBIG;
	return vc_outfile_patch(h->out, segment_at, room, vc_wr_len(&w));
}
