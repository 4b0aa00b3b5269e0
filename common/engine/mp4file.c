/* SPDX-License-Identifier: MIT */
/*
 * A file is begun with
 *
 *   ftyp, free (16 octets), moov, free (room for late tracks), {moof, mdat}
 *
 * At the end a second moov with all tables is written behind it, and then the
 * 16 octets become the header of one mdat that reaches from there up to it: the
 * first moov and the moofs are dead octets in it from then on. That is one
 * write, so that the file is at any time the one thing or the other.
 */
#include "engine/mp4file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/mp4index.h"
#include "engine/mp4track.h"
#include "engine/outfile.h"
#include "wire/mp4.h"

#define FRAGMENT (1 * VC_SEC)
#define KEY_FRAGMENT (500 * VC_MS)  /* before a key frame ends one */
#define PIPE_FRAGMENT (200 * VC_MS) /* before a waiting reader does */
#define FRAGMENT_OCTETS (8u << 20)
#define RESERVE 16384

struct vc_mp4file {
	struct vc_outfile *out;
	bool is_fragmented;
	size_t reserve;

	bool has_started;
	uint64_t mark_at; /* of the 16 octets */
	uint64_t moov_at;
	size_t moov_room;

	uint32_t serial; /* of fragments */
	bool has_pending;
	int64_t begin; /* of what is pending */
	int64_t newest;
	size_t pending;

	unsigned int n;
	struct vc_mp4track *tracks[VC_MP4FILE_TRACKS];
};

struct vc_mp4file *vc_mp4file_new(const struct vc_mp4file_conf *conf,
				  struct vc_outfile *out)
{
	struct vc_mp4file *f = vc_try_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->out = out;
	f->is_fragmented = (conf && conf->is_fragmented) ||
			   !vc_outfile_can_patch(out);
	f->reserve = conf && conf->reserve ? conf->reserve : RESERVE;
	return f;
}

static void clear(void *c)
{
	struct vc_mp4file *f = c;

	if (!f)
		return;
	for (unsigned int i = 0; i < f->n; i++)
		vc_mp4track_free(f->tracks[i]);
	free(f);
}

/* --- moov --- */

static size_t moov_cap(const struct vc_mp4file *f, bool has_tables)
{
	size_t cap = VC_MP4_HEAD_CAP;

	for (unsigned int i = 0; i < f->n; i++)
		cap += vc_mp4track_cap(f->tracks[i], has_tables);
	return cap;
}

/* When the last sample of all ends, in ticks of the file. */
static uint64_t duration(const struct vc_mp4file *f)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < f->n; i++)
		if (end < vc_mp4track_end(f->tracks[i]))
			end = vc_mp4track_end(f->tracks[i]);
	return end;
}

static void put_moov(const struct vc_mp4file *f, struct vc_wr *w,
		     bool has_tables, uint64_t lasts)
{
	struct vc_mp4_track tracks[VC_MP4FILE_TRACKS];

	for (unsigned int i = 0; i < f->n; i++)
		vc_mp4track_describe(f->tracks[i], i + 1, has_tables,
				     &tracks[i]);
	for (unsigned int i = 0; i < f->n; i++)
		for (unsigned int k = 0; k < i; k++)
			tracks[i].is_off |= tracks[k].is_video ==
					    tracks[i].is_video;
	vc_mp4_moov(w, tracks, f->n, lasts, !has_tables);
}

/* All before the first fragment. */
static int start(struct vc_mp4file *f)
{
	bool is_file = vc_outfile_can_patch(f->out);
	size_t cap = moov_cap(f, false) + VC_MP4_HEAD_CAP +
		     (is_file ? f->reserve : 0);
	uint8_t *room = vc_try_alloc(1, cap);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	vc_mp4_ftyp(&w);
	f->mark_at = vc_wr_len(&w);
	if (!f->is_fragmented)
		vc_mp4_free(&w, VC_MP4_BIG_LEN);
	f->moov_at = vc_wr_len(&w);
	put_moov(f, &w, false, 0);
	if (is_file)
		vc_mp4_free(&w, f->reserve);
	f->moov_room = vc_wr_len(&w) - f->moov_at;
	err = w.bad ? -EFBIG : vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	f->has_started = !err;
	return err;
}

/* -ENOSPC: it does not fit any more, the old one stays. */
static int rewrite_moov(struct vc_mp4file *f, uint64_t lasts)
{
	uint8_t *room;
	struct vc_wr w;
	size_t left;
	int err = -ENOSPC;

	if (!vc_outfile_can_patch(f->out))
		return -ENOSPC;
	room = vc_try_alloc(1, f->moov_room);
	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, f->moov_room);
	put_moov(f, &w, false, lasts);
	left = f->moov_room - vc_wr_len(&w);
	if (!w.bad && (!left || left >= VC_MP4_BOX_LEN)) {
		vc_mp4_free(&w, left);
		err = vc_outfile_patch(f->out, f->moov_at, room, f->moov_room);
	}
	free(room);
	return err;
}

/* --- tracks --- */

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_mp4file *f = c;
	struct vc_mp4track *t;
	int err;

	if (f->n == VC_MP4FILE_TRACKS ||
	    (f->has_started && !vc_outfile_can_patch(f->out)))
		return -ENOSPC;
	err = vc_mp4track_new(info, &t);
	if (err)
		return err;
	f->tracks[f->n] = t;
	f->n++;
	if (f->has_started)
		err = rewrite_moov(f, 0);
	if (err) {
		f->n--;
		vc_mp4track_free(t);
		return err;
	}
	*track = f->n - 1;
	return 0;
}

static int rename_track(void *c, unsigned int track, const char *name)
{
	struct vc_mp4file *f = c;

	vc_mp4track_rename(f->tracks[track], name);
	return 0;
}

/* --- fragments --- */

static int put_moof(struct vc_mp4file *f, const struct vc_mp4_run *runs)
{
	uint64_t moof = vc_outfile_pos(f->out);
	size_t cap = VC_MP4_HEAD_CAP, data;
	unsigned int traf = 0;
	uint8_t *room;
	struct vc_wr w;
	int err = 0;

	for (unsigned int i = 0; i < f->n; i++)
		cap += VC_MP4_TRAF_LEN + runs[i].n * VC_MP4_SAMPLE_LEN;
	room = vc_try_alloc(1, cap);
	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	f->serial++;
	vc_mp4_moof(&w, f->serial, runs, f->n, &data);
	if (w.bad)
		err = -EFBIG;
	else
		err = vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	data += moof;
	for (unsigned int i = 0; i < f->n && !err; i++) {
		traf += runs[i].n > 0;
		err = vc_mp4track_placed(f->tracks[i], moof, data, traf);
		data += runs[i].octets;
	}
	return err;
}

/* What is pending becomes a fragment. */
static int cut(struct vc_mp4file *f)
{
	struct vc_mp4_run runs[VC_MP4FILE_TRACKS];
	int err = 0;

	if (!f->has_pending)
		return 0;
	if (!f->has_started)
		err = start(f);
	for (unsigned int i = 0; i < f->n; i++)
		vc_mp4track_run(f->tracks[i], i + 1, &runs[i]);
	if (!err)
		err = put_moof(f, runs);
	for (unsigned int i = 0; i < f->n && !err; i++)
		err = vc_outfile_write(f->out, vc_mp4track_data(f->tracks[i]),
				       runs[i].octets);
	for (unsigned int i = 0; i < f->n; i++)
		vc_mp4track_next(f->tracks[i]);
	f->has_pending = false;
	f->pending = 0;
	return err ? err : vc_outfile_flush(f->out);
}

/* Its samples are others from this one on: the moov is to say so first. */
static int change_entry(struct vc_mp4file *f, struct vc_mp4track *t,
			const struct vc_container_unit *u)
{
	int err = vc_mp4track_look(t, u->data, u->len);

	if (err != -EAGAIN)
		return err;
	err = cut(f);
	if (!err)
		err = vc_mp4track_look(t, u->data, u->len);
	if (err != -EAGAIN)
		return err;
	err = vc_mp4track_add_entry(t, u->data, u->len);
	if (err || !f->has_started)
		return err;
	err = rewrite_moov(f, 0);
	if (err != -ENOSPC)
		return err;
	vc_mp4track_drop_entry(t);
	return 0;
}

static bool is_due(const struct vc_mp4file *f, const struct vc_mp4track *t,
		   const struct vc_container_unit *u)
{
	int64_t lasts = u->time - f->begin;

	return lasts >= FRAGMENT || f->pending >= FRAGMENT_OCTETS ||
	       (lasts >= KEY_FRAGMENT && u->is_key && vc_mp4track_is_video(t));
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_mp4file *f = c;
	struct vc_mp4track *t = f->tracks[u->track];
	int err = 0;

	if (!vc_mp4track_goes_on(t, u->time))
		return 1;
	if (f->has_pending && is_due(f, t, u))
		err = cut(f);
	if (!err && u->is_key && vc_mp4track_is_video(t))
		err = change_entry(f, t, u);
	if (!err)
		err = vc_mp4track_put(t, u);
	if (err)
		return err;
	if (!f->has_pending) {
		f->has_pending = true;
		f->begin = f->newest = u->time;
	}
	if (f->newest < u->time)
		f->newest = u->time;
	f->pending += u->len;
	return 0;
}

static int flush(void *c)
{
	struct vc_mp4file *f = c;

	if (vc_outfile_can_patch(f->out) ||
	    f->newest - f->begin >= PIPE_FRAGMENT)
		return cut(f);
	return vc_outfile_flush(f->out);
}

/* --- the end --- */

/* The tables, and then the header that makes one mdat of all before them. */
static int put_tables(struct vc_mp4file *f)
{
	uint64_t at = vc_outfile_pos(f->out);
	size_t cap = moov_cap(f, true);
	uint8_t *room = vc_try_alloc(1, cap), head[VC_MP4_BIG_LEN];
	struct vc_wr w, big = vc_wr_over(head, sizeof(head));
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	put_moov(f, &w, true, duration(f));
	err = w.bad ? -EFBIG : vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	if (!err)
		err = vc_outfile_flush(f->out);
	vc_mp4_big_mdat(&big, at - f->mark_at);
	return err ? err :
		     vc_outfile_patch(f->out, f->mark_at, head, sizeof(head));
}

/* Where key frames are, behind the last fragment. */
static int put_points(struct vc_mp4file *f)
{
	struct vc_mp4_table points[VC_MP4FILE_TRACKS];
	size_t cap = VC_MP4_HEAD_CAP;
	struct vc_wr w;
	uint8_t *room;
	int err;

	for (unsigned int i = 0; i < f->n; i++) {
		points[i] = vc_mp4track_points(f->tracks[i]);
		cap += VC_MP4_MFRA_CAP + points[i].len;
	}
	room = vc_try_alloc(1, cap);
	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	vc_mp4_mfra(&w, points, f->n);
	err = w.bad ? -EFBIG : vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	return err;
}

static int finish(void *c)
{
	struct vc_mp4file *f = c;
	int err = cut(f);

	if (err)
		return err;
	if (!f->has_started)
		return -ENODATA;
	for (unsigned int i = 0; i < f->n && !err; i++)
		err = vc_mp4track_finish(f->tracks[i]);
	if (!err && !f->is_fragmented)
		err = put_tables(f);
	else if (!err)
		err = put_points(f);
	if (!err && f->is_fragmented && vc_outfile_can_patch(f->out)) {
		err = rewrite_moov(f, duration(f));
		if (err == -ENOSPC) /* no room: it says no duration */
			err = 0;
	}
	return err ? err : vc_outfile_flush(f->out);
}

const struct vc_container_ops vc_mp4file_ops = {
	.name = "mp4",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.flush = flush,
	.finish = finish,
	.free = clear,
};
