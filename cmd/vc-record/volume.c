/* SPDX-License-Identifier: MIT */
/*
 * A file is written beside its name, and so are its sidecar and its manifest;
 * all get their names at the end, the recording last: whoever waits for it
 * finds the others there.
 */
#include "volume.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "beside.h"
#include "contents.h"
#include "engine/outfile.h"
#include "net/digest.h"
#include "output.h"
#include "sidecar.h"
#include "wire/sealed.h"

#define WORK_OCTETS (8u << 20) /* summed at a time: some 10 ms */

static char *escaped(const char *text)
{
	size_t cap = VC_ESCAPE_CAP(strlen(text));
	char *out = vc_try_alloc(1, cap);

	if (out)
		vc_escape(out, cap, text, strlen(text));
	return out;
}

int volume_new(struct output *o, struct vc_outfile *file, const char *path,
	       struct volume **out)
{
	struct volume *v = vc_try_alloc(1, sizeof(*v));
	const char *end = o->conf->seal_key ? VC_SEALED_SUFFIX : "";
	size_t cap = path ? o->prefix_len + strlen(path) + strlen(end) + 1 : 0;
	const char *slash;
	int err = -ENOMEM;

	if (v) {
		v->o = o;
		v->file = file;
		v->path = path ? strdup(path) : NULL;
		v->name = path ? vc_try_alloc(1, cap) : strdup(o->operand);
		if (path && v->name)
			snprintf(v->name, cap, "%.*s%s%s", (int)o->prefix_len,
				 o->path, path, end);
		slash = v->path ? strrchr(v->path, '/') : NULL;
		v->base = slash ? slash + 1 : v->path;
		v->text = v->name ? escaped(v->name) : NULL;
		v->last_picture = VC_TIME_NONE;
		if (v->text && (v->path || !path))
			err = writer_init(&v->w, o->format, file,
					  o->conf->fragmented, o->conf->strip);
	}
	if (err) {
		vc_outfile_abandon(file);
		if (v)
			v->file = NULL;
		volume_free(v);
		return err;
	}
	v->reel = (struct vc_reel){
		.ops = v->w.ops,
		.container = v->w.container,
		.is_here = o->is_here,
		.ctx = o->ctx,
	};
	*out = v;
	return 0;
}

void volume_free(struct volume *v)
{
	if (!v)
		return;
	assert(!v->file && !v->side);
	writer_clear(&v->w);
	vc_reel_clear(&v->reel);
	vc_digest_free(v->sum);
	contents_free(v);
	vc_json_free(v->left_out);
	free(v->tracks);
	free(v->path);
	free(v->name);
	free(v->text);
	free(v);
}

int volume_add_sidecar(struct volume *v)
{
	return sidecar_open(v->o, v->path, &v->side);
}

/* --- tracks --- */

static int make_room(struct volume *v, unsigned int n)
{
	unsigned int cap = v->cap_tracks ? 2 * v->cap_tracks : 4;
	struct volume_track *grown;

	if (n <= v->cap_tracks)
		return 0;
	grown = vc_try_alloc(cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	if (v->cap_tracks)
		memcpy(grown, v->tracks, v->cap_tracks * sizeof(*grown));
	free(v->tracks);
	v->tracks = grown;
	v->cap_tracks = cap;
	return 0;
}

int volume_attach(struct volume *v, const struct vc_track_info *info,
		  unsigned int *track)
{
	unsigned int was = v->reel.n;
	struct volume_track *t;
	int err = make_room(v, was + 1);

	if (!err)
		err = vc_reel_ops.add(&v->reel, info, track);
	if (err)
		return err;
	t = &v->tracks[*track];
	if (v->reel.n > was)
		*t = (struct volume_track){ .info = *info };
	if (t->n_ssrcs < VOLUME_SSRCS) {
		t->ssrcs[t->n_ssrcs] = info->ssrc;
		t->n_ssrcs++;
	}
	v->lanes++;
	return 0;
}

void volume_rename(struct volume *v, unsigned int track, const char *name)
{
	/* It only notes it. */
	(void)vc_reel_ops.rename(&v->reel, track, name);
}

/* --- units --- */

/* It is in the manifest, too. */
static void note_left_out(struct volume *v, const struct vc_json *event)
{
	if (strcmp(vc_json_get_str(event, "ev"), "left_out") != 0)
		return;
	if (!v->left_out)
		v->left_out = vc_json_array();
	vc_json_add(v->left_out, vc_json_copy(event));
}

void volume_tell(struct volume *v, int64_t at, const struct vc_json *event)
{
	struct vc_json *j;

	contents_event(v, at, event);
	if (!v->side)
		return;
	j = vc_json_copy(event);
	vc_json_set_int(j, "t", at / VC_US);
	vc_json_set_real(j, "at_ms",
			 (double)cuts_map(&v->cuts, at - v->begin) / 1e6, 3);
	note_left_out(v, j);
	sidecar_put(v->side, j);
	vc_json_free(j);
}

static void tell_begin(struct volume *v)
{
	struct vc_json *j = sidecar_event("begin");

	vc_json_set_str(j, "schema", SIDECAR_SCHEMA);
	vc_json_set_str(j, "file", v->base);
	volume_tell(v, v->begin, j);
	vc_json_free(j);
}

void volume_begin(struct volume *v, int64_t at)
{
	if (v->has_begun)
		return;
	v->has_begun = true;
	contents_begin(v);
	if (v->n == 1 && v->o->zero && v->o->zero < at)
		at = v->o->zero;
	v->begin = v->end = at;
	if (v->side)
		tell_begin(v);
}

static void note_key(struct volume *v, unsigned int track, int64_t at)
{
	struct vc_json *j = sidecar_event("keyframe");

	v->tracks[track].keys++;
	vc_json_set_int(j, "ssrc", v->tracks[track].info.ssrc);
	vc_json_set_int(j, "track", track + 1);
	volume_tell(v, at, j);
	vc_json_free(j);
}

/* The time since the last unit of all is left out, if that is what is wanted. */
static void cut(struct volume *v, int64_t at)
{
	struct vc_json *j;

	if (v->o->conf->gap != GAP_CUT ||
	    !cuts_add(&v->cuts, v->end - v->begin, at - v->begin))
		return;
	j = sidecar_event("cut");
	vc_json_set_int(j, "from", v->end / VC_US);
	vc_json_set_int(j, "to", at / VC_US);
	volume_tell(v, v->end, j);
	vc_json_free(j);
}

void volume_pass(struct volume *v, int64_t at, int64_t end)
{
	volume_begin(v, at);
	cut(v, at);
	v->has_media = true;
	if (end > v->end)
		v->end = end;
}

int volume_write(struct volume *v, unsigned int track,
		 const struct vc_container_unit *u)
{
	struct vc_container_unit mine = *u;
	const struct vc_reel_track *t = &v->reel.tracks[track];
	uint64_t units = t->units;
	int64_t end;
	int err;

	if (t->kind != VC_TRACK_TEXT)
		cut(v, u->time);
	mine.track = track;
	mine.time = cuts_map(&v->cuts, u->time - v->begin);
	if (v->o->conf->gap == GAP_HOLD && t->kind == VC_TRACK_VIDEO)
		mine.is_last = false; /* it lasts until the next one */
	err = fill_before(v, track, mine.time);
	if (err)
		return err;
	units = t->units;
	if (u->len)
		v->tracks[track].toc = u->data[0];
	err = vc_reel_ops.write(&v->reel, &mine);
	t = &v->reel.tracks[track];
	v->tracks[track].lost += u->lost;
	if (err || t->units == units)
		return err;
	v->has_media |= t->kind != VC_TRACK_TEXT;
	end = u->time + u->duration;
	v->tracks[track].end = end;
	/* Text makes a file no longer. */
	if (t->kind == VC_TRACK_TEXT && v->has_media)
		end = u->time;
	if (end > v->end)
		v->end = end;
	if (t->kind == VC_TRACK_VIDEO)
		v->last_picture = u->time;
	if (t->kind == VC_TRACK_VIDEO && u->is_key)
		note_key(v, track, u->time);
	return 0;
}

static int put_aside(struct volume *v, unsigned int track,
		     const struct vc_container_unit *u,
		     int (*put)(void *c, const struct vc_container_unit *u))
{
	struct vc_container_unit mine = *u;

	if (!put || !v->has_begun)
		return 0;
	mine.track = track;
	mine.time = cuts_map(&v->cuts, u->time - v->begin);
	return put(v->w.container, &mine);
}

int volume_lead(struct volume *v, unsigned int track,
		const struct vc_container_unit *u)
{
	int got = put_aside(v, track, u, v->w.ops->lead);

	return got > 0 ? 0 : got;
}

int volume_trail(struct volume *v, unsigned int track,
		 const struct vc_container_unit *u)
{
	int got = put_aside(v, track, u, v->w.ops->trail);

	v->tracks[track].extra += got > 0;
	return got > 0 ? 0 : got;
}

int volume_flush(struct volume *v)
{
	int err;

	err = writer_flush(&v->w);
	if (!err && v->o->conf->fsync)
		err = vc_outfile_sync(v->file);
	return err;
}

/* --- the end --- */

static void tell_end(struct volume *v)
{
	struct vc_json *j = sidecar_event("end");

	vc_json_set_str(j, "why", v->why);
	volume_tell(v, v->end, j);
	vc_json_free(j);
}

void volume_end(struct volume *v, const char *why)
{
	v->why = why;
	v->err = v->w.tape || v->has_begun ? 0 : -ENODATA;
	if (!v->err && !v->w.tape)
		v->err = fill_end(v);
	if (!v->err && !v->w.tape)
		v->err = contents_end(v);
	if (!v->err)
		v->err = writer_finish(&v->w);
	if (!v->err)
		v->err = vc_outfile_flush(v->file);
	if (v->err || !v->side)
		return;
	tell_end(v);
	v->sum = vc_digest_new_sha256();
}

bool volume_work(struct volume *v)
{
	uint8_t room[16384];
	size_t did = 0;
	ssize_t n;

	if (v->err)
		return true;
	v->err = vc_outfile_settle(v->file);
	if (v->err > 0) {
		v->err = 0;
		return false;
	}
	if (!v->sum)
		return true;
	while (did < WORK_OCTETS) {
		n = vc_outfile_read(v->file, v->summed, room, sizeof(room));
		if (n < 0) { /* what cannot be read has no sum */
			vc_digest_free(v->sum);
			v->sum = NULL;
		}
		if (n <= 0)
			return true;
		vc_digest_add(v->sum, room, (size_t)n);
		v->summed += (uint64_t)n;
		did += (size_t)n;
	}
	return false;
}

static int publish_manifest(struct volume *v)
{
	const struct beside where = beside_of(v->o, v->path, MANIFEST_SUFFIX);
	struct vc_json *j = volume_manifest(v);
	char *text = vc_json_text(j);
	struct vc_outfile *out;
	int err = -ENOMEM;

	vc_json_free(j);
	if (text)
		err = beside_open(&where, &out);
	if (!err) {
		/* Both stick until it is finished. */
		(void)vc_outfile_write(out, text, strlen(text));
		(void)vc_outfile_write(out, "\n", 1);
		err = vc_outfile_finish(out);
	}
	free(text);
	return err;
}

int volume_publish(struct volume *v)
{
	struct vc_outfile *file = v->file;
	struct sidecar *side = v->side;
	int err = contents_publish(v), last;

	if (side) {
		last = publish_manifest(v);
		err = err ? err : last;
		last = sidecar_finish(side);
		v->side = NULL;
		err = err ? err : last;
	}
	last = vc_outfile_finish(file);
	v->file = NULL;
	return err ? err : last;
}

void volume_leave(struct volume *v)
{
	(void)vc_outfile_close(v->file);
	sidecar_close(v->side);
	v->file = NULL;
	v->side = NULL;
}

void volume_abandon(struct volume *v)
{
	vc_outfile_abandon(v->file);
	sidecar_abandon(v->side);
	v->file = NULL;
	v->side = NULL;
}

/* --- statistics --- */

static struct vc_json *track_stats(const struct vc_reel_track *t)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "name", t->name);
	vc_json_set_str(j, "kind", vc_track_kind_name(t->kind));
	vc_json_set_str(j, "codec", t->codec);
	vc_json_set_int(j, "units", (int64_t)t->units);
	vc_json_set_int(j, "octets", (int64_t)t->octets);
	vc_json_set_int(j, "dropped", (int64_t)t->dropped);
	if (t->first >= 0)
		vc_json_set_real(j, "offset_ms", (double)t->first / 1e6, 3);
	else
		vc_json_set_null(j, "offset_ms");
	vc_json_set_real(j, "end_ms", (double)t->end / 1e6, 3);
	return j;
}

struct vc_json *volume_tracks(const struct volume *v)
{
	struct vc_json *tracks = vc_json_array();

	for (unsigned int i = 0; i < v->reel.n; i++)
		vc_json_add(tracks, track_stats(&v->reel.tracks[i]));
	return tracks;
}
