/* SPDX-License-Identifier: MIT */
/*
 * The header is written with the first block, when the tracks of the first
 * second are known. A cluster ends before a key frame (so that each is a place
 * to seek to), when it gets long, and before a block that is earlier than the
 * one before it: within a cluster time never goes back, which browsers insist
 * on. Late tracks and names go into the Void behind the tracks.
 */
#include "engine/webmfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/webmcodec.h"
#include "wire/avcc.h"
#include "wire/ebml.h"
#include "wire/h264.h"
#include "wire/webm.h"

#define MAX_CLUSTER (5 * VC_SEC)
#define MIN_CLUSTER_TICKS 500 /* before a key frame may end it */
#define FLUSH_TICKS 1000
#define RESERVE 16384
#define HEAD_CAP 512 /* all of the header but the tracks */

/* What is kept for a track besides its entry. */
struct side {
	char name[VC_TRACK_NAME_CAP];
	int64_t last_ticks;
	uint64_t cued; /* place of the last cluster it has a cue for */
};

struct vc_webmfile {
	struct vc_outfile *out;
	const char *doctype;
	const char *app;
	int64_t max_cluster_ticks;
	size_t reserve;

	bool started;
	bool has_video;
	bool names_changed;
	/* Places in the file. */
	uint64_t data_at; /* of the segment's data: the others count from it */
	uint64_t seek_at;
	uint64_t info_at;
	uint64_t tracks_at;
	size_t tracks_room;

	bool in_cluster;
	uint64_t cluster_at;
	int64_t cluster_ticks;
	int64_t last_ticks;
	int64_t flush_ticks;

	struct vc_webm_cue *cues;
	size_t n_cues;
	size_t cap_cues;
	struct vc_webmfile_counts counts;

	unsigned int n;
	struct vc_webm_track tracks[VC_WEBM_MAX_TRACKS];
	struct side sides[VC_WEBM_MAX_TRACKS];
};

struct vc_webmfile *vc_webmfile_new(const struct vc_webmfile_conf *conf,
				    struct vc_outfile *out)
{
	static const struct vc_webmfile_conf defaults;
	struct vc_webmfile *f = vc_try_alloc(1, sizeof(*f));
	int64_t max;

	if (!f)
		return NULL;
	if (!conf)
		conf = &defaults;
	max = vc_webm_ticks(conf->max_cluster ? conf->max_cluster :
						MAX_CLUSTER);
	f->out = out;
	f->doctype = conf->doctype ? conf->doctype : "webm";
	f->app = conf->app ? conf->app : "vc";
	f->max_cluster_ticks = max < VC_WEBM_BLOCK_MAX ? max :
							 VC_WEBM_BLOCK_MAX;
	f->reserve = conf->reserve ? conf->reserve : RESERVE;
	return f;
}

static void clear(void *c)
{
	struct vc_webmfile *f = c;

	if (!f)
		return;
	for (unsigned int i = 0; i < f->n; i++)
		free(f->tracks[i].priv);
	free(f->cues);
	free(f);
}

/* Writes tracks, and a Void up to 'room' octets unless it is 0. */
static int put_tracks(struct vc_webmfile *f, struct vc_wr *w, size_t room)
{
	size_t at = vc_wr_len(w), len;

	vc_webm_tracks(w, f->tracks, f->n);
	len = vc_wr_len(w) - at;
	if (w->bad || (room && (len > room || room - len == 1)))
		return -ENOSPC;
	if (room)
		vc_ebml_void(w, room - len);
	return w->bad ? -ENOSPC : 0;
}

static size_t tracks_cap(const struct vc_webmfile *f)
{
	size_t cap = 16;

	for (unsigned int i = 0; i < f->n; i++)
		cap += VC_WEBM_TRACK_CAP + strlen(f->sides[i].name) +
		       f->tracks[i].priv_len;
	return cap;
}

/* Everything before the first cluster, into 'w', which lies at octet 0. */
static int put_header(struct vc_webmfile *f, struct vc_wr *w)
{
	bool is_file = vc_outfile_can_patch(f->out);

	vc_webm_head(w, f->doctype);
	vc_webm_segment(w, VC_EBML_UNKNOWN);
	f->data_at = vc_wr_len(w);
	f->seek_at = f->data_at;
	f->info_at = f->seek_at + (is_file ? VC_WEBM_SEEK_HEAD_LEN : 0);
	if (is_file)
		vc_wr_room(w, VC_WEBM_SEEK_HEAD_LEN);
	vc_webm_info(w, f->app, is_file ? 0 : -1);
	f->tracks_at = vc_wr_len(w);
	if (is_file) {
		struct vc_wr head = vc_wr_over(w->start + f->seek_at,
					       VC_WEBM_SEEK_HEAD_LEN);

		vc_webm_seek_head(&head, f->info_at - f->data_at,
				  f->tracks_at - f->data_at, 0);
	}
	return put_tracks(f, w, f->tracks_room);
}

static int start(struct vc_webmfile *f)
{
	size_t cap = tracks_cap(f);
	struct vc_wr w;
	uint8_t *room;
	int err;

	if (vc_outfile_can_patch(f->out)) {
		cap += f->reserve;
		f->tracks_room = cap;
	}
	cap += HEAD_CAP;
	room = vc_try_alloc(1, cap);
	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	err = put_header(f, &w);
	if (!err)
		err = vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	f->started = !err;
	return err;
}

static int rewrite_tracks(struct vc_webmfile *f)
{
	uint8_t *room = vc_try_alloc(1, f->tracks_room);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, f->tracks_room);
	err = put_tracks(f, &w, f->tracks_room);
	if (!err)
		err = vc_outfile_patch(f->out, f->tracks_at, room,
				       f->tracks_room);
	free(room);
	return err;
}

static int set_entry(struct vc_webmfile *f, unsigned int i,
		     const struct vc_track_info *info)
{
	struct side *s = &f->sides[i];
	struct vc_webm_track *t = &f->tracks[i];

	vc_strlcpy(s->name, info->name, sizeof(s->name));
	s->cued = UINT64_MAX;
	*t = (struct vc_webm_track){
		.number = i + 1,
		.kind = info->kind == VC_TRACK_AUDIO ? VC_WEBM_AUDIO :
						       VC_WEBM_VIDEO,
		.name = s->name,
		.is_default = true,
		.width = info->width,
		.height = info->height,
	};
	for (unsigned int k = 0; k < i; k++)
		if (f->tracks[k].kind == t->kind)
			t->is_default = false;
	return vc_webmcodec_set(t, info, !strcmp(f->doctype, "webm"));
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_webmfile *f = c;
	int err;

	if (f->n == VC_WEBM_MAX_TRACKS ||
	    (f->started && !vc_outfile_can_patch(f->out)))
		return -ENOSPC;
	err = set_entry(f, f->n, info);
	if (err)
		return err;
	f->n++;
	if (f->started)
		err = rewrite_tracks(f);
	if (err) {
		f->n--;
		free(f->tracks[f->n].priv);
		return err;
	}
	*track = f->n - 1;
	f->counts.tracks = f->n;
	f->has_video |= info->kind == VC_TRACK_VIDEO;
	return 0;
}

static int rename_track(void *c, unsigned int track, const char *name)
{
	struct vc_webmfile *f = c;

	vc_strlcpy(f->sides[track].name, name, VC_TRACK_NAME_CAP);
	f->names_changed = true;
	return 0;
}

static int end_cluster(struct vc_webmfile *f)
{
	uint8_t size[8];
	struct vc_wr w = vc_wr_over(size, sizeof(size));
	uint64_t begin = f->cluster_at + VC_WEBM_CLUSTER_SIZE_AT + sizeof(size);

	if (!f->in_cluster || !vc_outfile_can_patch(f->out))
		return 0;
	f->in_cluster = false;
	vc_ebml_size(&w, vc_outfile_pos(f->out) - begin, sizeof(size));
	return vc_outfile_patch(f->out, f->cluster_at + VC_WEBM_CLUSTER_SIZE_AT,
				size, sizeof(size));
}

static int begin_cluster(struct vc_webmfile *f, int64_t ticks)
{
	uint8_t room[VC_WEBM_CLUSTER_CAP];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	int err = end_cluster(f);

	if (err)
		return err;
	f->in_cluster = true;
	f->cluster_at = vc_outfile_pos(f->out);
	f->cluster_ticks = ticks;
	f->counts.clusters++;
	vc_webm_cluster(&w, ticks, VC_EBML_UNKNOWN);
	return vc_outfile_write(f->out, room, vc_wr_len(&w));
}

static bool wants_cluster(const struct vc_webmfile *f, unsigned int track,
			  bool is_key, int64_t ticks)
{
	int64_t rel = ticks - f->cluster_ticks;

	if (!f->in_cluster || ticks < f->last_ticks ||
	    rel >= f->max_cluster_ticks)
		return true;
	return is_key && f->tracks[track].kind == VC_WEBM_VIDEO &&
	       rel >= MIN_CLUSTER_TICKS;
}

/* One for a key frame, in a file without pictures one for a cluster. */
static int cue(struct vc_webmfile *f, unsigned int track, bool is_key,
	       int64_t ticks)
{
	bool is_audio = f->tracks[track].kind == VC_WEBM_AUDIO;
	uint64_t at = f->cluster_at - f->data_at;
	size_t cap = f->cap_cues ? 2 * f->cap_cues : 64;
	struct vc_webm_cue *grown;

	if (!vc_outfile_can_patch(f->out) || !is_key ||
	    f->sides[track].cued == at ||
	    (is_audio && (f->has_video || ticks != f->cluster_ticks)))
		return 0;
	if (f->n_cues == f->cap_cues) {
		grown = vc_try_alloc(cap, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		if (f->n_cues)
			memcpy(grown, f->cues, f->n_cues * sizeof(*grown));
		free(f->cues);
		f->cues = grown;
		f->cap_cues = cap;
	}
	f->sides[track].cued = at;
	f->cues[f->n_cues++] = (struct vc_webm_cue){
		.ticks = ticks,
		.cluster = at,
		.track = track + 1,
	};
	return 0;
}

/* Octets of a unit as they stand in a block. */
static size_t block_len(const struct vc_webm_track *t,
			const struct vc_container_unit *u)
{
	struct vc_rd r = vc_rd_over(u->data, u->len);
	const uint8_t *nal;
	size_t n, sum = 0;

	if (!vc_webmcodec_has_lengths(t))
		return u->len;
	while (vc_h264_annexb_next(&r, &nal, &n))
		sum += VC_AVCC_SIZE_LEN + n;
	return sum;
}

static int put_octets(struct vc_webmfile *f, const struct vc_container_unit *u)
{
	struct vc_rd r = vc_rd_over(u->data, u->len);
	uint8_t size[VC_AVCC_SIZE_LEN];
	const uint8_t *nal;
	size_t n;
	int err = 0;

	if (!vc_webmcodec_has_lengths(&f->tracks[u->track]))
		return vc_outfile_write(f->out, u->data, u->len);
	while (!err && vc_h264_annexb_next(&r, &nal, &n)) {
		vc_put_u32(size, (uint32_t)n);
		err = vc_outfile_write(f->out, size, sizeof(size));
		if (!err)
			err = vc_outfile_write(f->out, nal, n);
	}
	return err;
}

static int put_block(struct vc_webmfile *f, const struct vc_container_unit *u,
		     int64_t ticks)
{
	struct side *s = &f->sides[u->track];
	struct vc_webm_block b = {
		.track = u->track + 1,
		.rel = (int)(ticks - f->cluster_ticks),
		.is_key = u->is_key,
		.len = block_len(&f->tracks[u->track], u),
		.duration = -1,
	};
	uint8_t room[VC_WEBM_BLOCK_CAP];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	int err;

	if (u->is_last) {
		b.duration = vc_webm_ticks(u->time + u->duration) - ticks;
		b.ref = ticks - s->last_ticks;
	}
	s->last_ticks = ticks;
	vc_webm_block(&w, &b);
	err = vc_outfile_write(f->out, room, vc_wr_len(&w));
	return err ? err : put_octets(f, u);
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_webmfile *f = c;
	int64_t ticks = vc_webm_ticks(u->time);
	int err = 0;

	if (ticks < 0) {
		f->counts.late++;
		return 0;
	}
	if (!f->started)
		err = start(f);
	if (!err && wants_cluster(f, u->track, u->is_key, ticks))
		err = begin_cluster(f, ticks);
	if (!err)
		err = cue(f, u->track, u->is_key, ticks);
	if (!err)
		err = put_block(f, u, ticks);
	if (err)
		return err;
	f->last_ticks = ticks;
	f->counts.blocks++;
	if (f->counts.duration < u->time + u->duration)
		f->counts.duration = u->time + u->duration;
	if (ticks - f->flush_ticks < FLUSH_TICKS)
		return 0;
	f->flush_ticks = ticks;
	return vc_outfile_flush(f->out);
}

static int flush(void *c)
{
	struct vc_webmfile *f = c;

	return vc_outfile_flush(f->out);
}

static int put_cues(struct vc_webmfile *f)
{
	size_t cap = vc_webm_cues_cap(f->n_cues);
	uint8_t *room = vc_try_alloc(1, cap);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	w = vc_wr_over(room, cap);
	vc_webm_cues(&w, f->cues, f->n_cues);
	err = w.bad ? -EFBIG : vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	return err;
}

/* Writes seek head, info and the segment's size over what 'start' left. */
static int patch_header(struct vc_webmfile *f, uint64_t cues_at)
{
	uint8_t room[HEAD_CAP];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	uint64_t segment_at = f->data_at - VC_WEBM_SEGMENT_LEN;

	vc_webm_segment(&w, vc_outfile_pos(f->out) - f->data_at);
	vc_webm_seek_head(&w, f->info_at - f->data_at,
			  f->tracks_at - f->data_at,
			  cues_at ? cues_at - f->data_at : 0);
	vc_webm_info(&w, f->app, vc_webm_ticks(f->counts.duration));
	if (w.bad)
		return -EFBIG;
	return vc_outfile_patch(f->out, segment_at, room, vc_wr_len(&w));
}

static int finish(void *c)
{
	struct vc_webmfile *f = c;
	uint64_t cues_at;
	int err = 0;

	if (!f->started)
		return -ENODATA;
	if (!vc_outfile_can_patch(f->out))
		return vc_outfile_flush(f->out);
	err = end_cluster(f);
	cues_at = f->n_cues ? vc_outfile_pos(f->out) : 0;
	if (!err && cues_at)
		err = put_cues(f);
	if (!err && f->names_changed) {
		err = rewrite_tracks(f);
		if (err == -ENOSPC) /* no room: the old names stay */
			err = 0;
	}
	if (!err)
		err = patch_header(f, cues_at);
	return err ? err : vc_outfile_flush(f->out);
}

const struct vc_container_ops vc_webmfile_ops = {
	.name = "webm",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.flush = flush,
	.finish = finish,
	.free = clear,
};

void vc_webmfile_counts(const struct vc_webmfile *f,
			struct vc_webmfile_counts *out)
{
	*out = f->counts;
	out->octets = vc_outfile_pos(f->out);
}
