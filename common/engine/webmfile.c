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
#include "engine/webmhead.h"
#include "engine/webmindex.h"
#include "engine/webmtext.h"
#include "wire/avcc.h"
#include "wire/ebml.h"
#include "wire/h264.h"
#include "wire/webm.h"

#define MAX_CLUSTER (5 * VC_SEC)
#define MIN_CLUSTER_TICKS 500 /* before a key frame may end it */
#define FLUSH_TICKS 1000
#define RESERVE 16384

/* What is kept for a track besides its entry. */
struct side {
	char name[VC_TRACK_NAME_CAP];
	int64_t last_ticks;
	uint64_t cued; /* place of the last cluster it has a cue for */
	struct vc_webmtext *text; /* or NULL */
};

struct vc_webmfile {
	struct vc_outfile *out;
	int64_t max_cluster_ticks;
	size_t reserve;

	bool started;
	bool has_video;
	bool names_changed;
	struct vc_webmhead head;

	bool in_cluster;
	uint64_t cluster_at;
	int64_t cluster_ticks;
	int64_t last_ticks;
	int64_t flush_ticks;

	/* What it lasts: text alone makes no file longer. */
	int64_t media_end;
	int64_t text_end;
	int64_t text_last;

	struct vc_webmindex index;
	const struct vc_webm_chapter *chapters; /* borrowed */
	size_t n_chapters;
	struct vc_webmfile_counts counts;

	unsigned int n;
	unsigned int cap;
	struct vc_webm_track *tracks;
	struct side *sides[VC_WEBM_MAX_TRACKS];
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
	f->head.out = out;
	f->head.doctype = conf->doctype ? conf->doctype : "webm";
	f->head.app = conf->app ? conf->app : "vc";
	f->max_cluster_ticks = max < VC_WEBM_BLOCK_MAX ? max :
							 VC_WEBM_BLOCK_MAX;
	f->reserve = conf->reserve ? conf->reserve : RESERVE;
	return f;
}

static void free_track(struct vc_webmfile *f, unsigned int i)
{
	free(f->tracks[i].priv);
	vc_webmtext_free(f->sides[i]->text);
	free(f->sides[i]);
	f->sides[i] = NULL;
}

static void clear(void *c)
{
	struct vc_webmfile *f = c;

	if (!f)
		return;
	for (unsigned int i = 0; i < f->n; i++)
		free_track(f, i);
	free(f->tracks);
	vc_webmindex_clear(&f->index);
	free(f);
}

static int start(struct vc_webmfile *f)
{
	int err = vc_webmhead_write(&f->head, f->tracks, f->n, f->reserve);

	f->started = !err;
	return err;
}

static enum vc_webm_kind kind_of(const struct vc_track_info *info)
{
	static const enum vc_webm_kind kinds[] = {
		[VC_TRACK_AUDIO] = VC_WEBM_AUDIO,
		[VC_TRACK_VIDEO] = VC_WEBM_VIDEO,
		[VC_TRACK_TEXT] = VC_WEBM_TEXT,
	};

	return kinds[info->kind];
}

/* Most files have a few: memory for no more. */
static int make_room(struct vc_webmfile *f)
{
	if (f->n == f->cap) {
		unsigned int cap = f->cap ? 2 * f->cap : 4;
		struct vc_webm_track *grown =
			realloc(f->tracks, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		f->tracks = grown;
		f->cap = cap;
	}
	f->sides[f->n] = vc_try_alloc(1, sizeof(struct side));
	if (!f->sides[f->n])
		return -ENOMEM;
	f->tracks[f->n] = (struct vc_webm_track){ 0 };
	return 0;
}

static int set_entry(struct vc_webmfile *f, unsigned int i,
		     const struct vc_track_info *info)
{
	struct side *s = f->sides[i];
	struct vc_webm_track *t = &f->tracks[i];
	bool is_webm = !strcmp(f->head.doctype, "webm");

	vc_strlcpy(s->name, info->name, sizeof(s->name));
	s->cued = UINT64_MAX;
	*t = (struct vc_webm_track){
		.number = i + 1,
		.kind = kind_of(info),
		.name = s->name,
		.is_default = true,
		.width = info->width,
		.height = info->height,
		.orientation = info->orientation,
	};
	for (unsigned int k = 0; k < i; k++)
		if (f->tracks[k].kind == t->kind)
			t->is_default = false;
	if (info->kind != VC_TRACK_TEXT)
		return vc_webmcodec_set(t, info, is_webm);
	t->codec = is_webm ? VC_WEBMTEXT_VTT : VC_WEBMTEXT_SUBRIP;
	s->text = vc_webmtext_new(is_webm);
	return s->text ? 0 : -ENOMEM;
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_webmfile *f = c;
	int err;

	if (f->n == VC_WEBM_MAX_TRACKS ||
	    (f->started && !vc_outfile_can_patch(f->out)))
		return -ENOSPC;
	err = make_room(f);
	if (err)
		return err;
	err = set_entry(f, f->n, info);
	if (!err && f->started)
		err = vc_webmhead_tracks(&f->head, f->tracks, f->n + 1);
	if (err) {
		free_track(f, f->n);
		return err;
	}
	f->n++;
	*track = f->n - 1;
	f->counts.tracks = f->n;
	f->has_video |= info->kind == VC_TRACK_VIDEO;
	return 0;
}

static int rename_track(void *c, unsigned int track, const char *name)
{
	struct vc_webmfile *f = c;

	vc_strlcpy(f->sides[track]->name, name, VC_TRACK_NAME_CAP);
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

/*
 * One for a key frame, in a file without pictures one for a cluster, of what
 * stands in it first.
 */
static int cue(struct vc_webmfile *f, unsigned int track, bool is_key,
	       int64_t ticks)
{
	uint64_t at = f->cluster_at - f->head.data_at;
	const struct vc_webm_cue place = {
		.ticks = ticks,
		.cluster = at,
		.track = track + 1,
	};

	if (!vc_outfile_can_patch(f->out) || !is_key ||
	    f->sides[track]->cued == at)
		return 0;
	if (f->tracks[track].kind != VC_WEBM_VIDEO &&
	    (f->has_video || ticks != f->cluster_ticks))
		return 0;
	f->sides[track]->cued = at;
	return vc_webmindex_add(&f->index, &place);
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
	struct side *s = f->sides[u->track];
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

static int put_unit(struct vc_webmfile *f, const struct vc_container_unit *u,
		    int64_t ticks)
{
	struct side *s = f->sides[u->track];

	if (!s->text)
		return put_block(f, u, ticks);
	return vc_webmtext_put(s->text, f->out, u->track + 1,
			       (int)(ticks - f->cluster_ticks), s->name, u);
}

static void note_end(struct vc_webmfile *f, const struct vc_container_unit *u)
{
	int64_t end = u->time + u->duration;

	if (!f->sides[u->track]->text) {
		f->media_end = end > f->media_end ? end : f->media_end;
	} else if (u->len) {
		f->text_end = end > f->text_end ? end : f->text_end;
		f->text_last = u->time > f->text_last ? u->time : f->text_last;
	}
	f->counts.duration = !f->media_end		 ? f->text_end :
			     f->media_end > f->text_last ? f->media_end :
							   f->text_last;
}

/* A cue that is not to be placed: it has its place, or waits on a pipe. */
static bool is_cue_only(const struct vc_webmfile *f,
			const struct vc_container_unit *u)
{
	const struct vc_webmtext *t = f->sides[u->track]->text;

	return t && (vc_webmtext_is_open(t) || !u->len ||
		     (u->is_open && !vc_outfile_can_patch(f->out)));
}

static int write_again(struct vc_webmfile *f, const struct vc_container_unit *u)
{
	struct vc_webmtext *t = f->sides[u->track]->text;

	if (!vc_webmtext_is_open(t))
		return 0;
	note_end(f, u);
	return vc_webmtext_again(t, f->out, u);
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_webmfile *f = c;
	int64_t ticks = vc_webm_ticks(u->time);
	int err = 0;

	if (is_cue_only(f, u))
		return write_again(f, u);
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
		err = put_unit(f, u, ticks);
	if (err)
		return err;
	f->last_ticks = ticks;
	f->counts.blocks++;
	note_end(f, u);
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

static int chapters(void *c, const struct vc_webm_chapter *list, size_t n)
{
	struct vc_webmfile *f = c;

	if (!vc_outfile_can_patch(f->out))
		return -ESPIPE;
	f->chapters = list;
	f->n_chapters = n;
	return 0;
}

static int finish(void *c)
{
	struct vc_webmfile *f = c;
	struct vc_webmhead_end tail = { .duration = f->counts.duration };
	int err = 0;

	if (!f->started)
		return -ENODATA;
	if (!vc_outfile_can_patch(f->out))
		return vc_outfile_flush(f->out);
	err = end_cluster(f);
	tail.cues_at = f->index.n ? vc_outfile_pos(f->out) : 0;
	if (!err && tail.cues_at)
		err = vc_webmindex_write(&f->index, f->out);
	tail.chapters_at = f->n_chapters ? vc_outfile_pos(f->out) : 0;
	if (!err && f->n_chapters)
		err = vc_webmhead_chapters(f->out, f->chapters, f->n_chapters);
	if (!err && f->names_changed) {
		err = vc_webmhead_tracks(&f->head, f->tracks, f->n);
		if (err == -ENOSPC) /* no room: the old names stay */
			err = 0;
	}
	if (!err)
		err = vc_webmhead_end(&f->head, &tail);
	return err ? err : vc_outfile_flush(f->out);
}

const struct vc_container_ops vc_webmfile_ops = {
	.name = "webm",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.flush = flush,
	.chapters = chapters,
	.finish = finish,
	.free = clear,
};

void vc_webmfile_counts(const struct vc_webmfile *f,
			struct vc_webmfile_counts *out)
{
	*out = f->counts;
	out->octets = vc_outfile_pos(f->out);
}
