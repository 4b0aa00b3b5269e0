/* SPDX-License-Identifier: MIT */
/* Cues wait in a list by their start, which never goes back in the file. */
#include "engine/vttfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/outfile.h"
#include "wire/webm.h"
#include "wire/webvtt.h"

#define CUE_CAP 96 /* of a cue, text and name apart */

struct cue {
	struct cue *next;
	unsigned int track;
	int64_t start;
	int64_t end;
	bool is_over;
	size_t len;
	char text[];
};

struct vc_vttfile {
	struct vc_outfile *out;
	bool has_begun;
	int64_t last; /* where the newest in the file begins */
	struct cue *first;
	size_t n;
	unsigned int n_tracks;
	char (*names)[VC_TRACK_NAME_CAP];
};

struct vc_vttfile *vc_vttfile_new(struct vc_outfile *out)
{
	struct vc_vttfile *f = vc_try_alloc(1, sizeof(*f));

	if (f)
		f->out = out;
	return f;
}

static void drop_first(struct vc_vttfile *f)
{
	struct cue *c = f->first;

	f->first = c->next;
	f->n--;
	free(c);
}

static void clear(void *p)
{
	struct vc_vttfile *f = p;

	if (!f)
		return;
	while (f->first)
		drop_first(f);
	free(f->names);
	free(f);
}

static int add(void *p, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_vttfile *f = p;
	char(*grown)[VC_TRACK_NAME_CAP];

	if (info->kind != VC_TRACK_TEXT)
		return -ENOTSUP;
	if (f->n_tracks == VC_WEBM_MAX_TRACKS)
		return -ENOSPC;
	grown = realloc(f->names, (f->n_tracks + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	f->names = grown;
	vc_strlcpy(f->names[f->n_tracks], info->name, VC_TRACK_NAME_CAP);
	*track = f->n_tracks;
	f->n_tracks++;
	return 0;
}

static int rename_track(void *p, unsigned int track, const char *name)
{
	struct vc_vttfile *f = p;

	vc_strlcpy(f->names[track], name, VC_TRACK_NAME_CAP);
	return 0;
}

/* --- the list --- */

/* The cue's place: itself, or what it goes before. */
static struct cue **place_of(struct vc_vttfile *f,
			     const struct vc_container_unit *u)
{
	struct cue **p = &f->first;

	while (*p && (*p)->start <= u->time &&
	       !((*p)->start == u->time && (*p)->track == u->track))
		p = &(*p)->next;
	return p;
}

static int keep(struct vc_vttfile *f, const struct vc_container_unit *u)
{
	struct cue **p = place_of(f, u), *old = *p, *c;

	if (old && (old->track != u->track || old->start != u->time))
		old = NULL;
	c = vc_try_alloc(1, sizeof(*c) + u->len);
	if (!c)
		return -ENOMEM;
	c->track = u->track;
	c->start = u->time;
	c->end = u->time + u->duration;
	c->is_over = !u->is_open;
	c->len = u->len;
	if (u->len)
		memcpy(c->text, u->data, u->len);
	c->next = old ? old->next : *p;
	*p = c;
	free(old);
	f->n += !old;
	return 0;
}

static int put_head(struct vc_vttfile *f)
{
	if (f->has_begun)
		return 0;
	f->has_begun = true;
	return vc_outfile_write(f->out, VC_WEBVTT_HEAD, strlen(VC_WEBVTT_HEAD));
}

static int put_cue(struct vc_vttfile *f, const struct cue *c)
{
	const char *name = f->names[c->track];
	size_t cap = CUE_CAP + VC_WEBVTT_GROWTH * (c->len + strlen(name));
	uint8_t *room = vc_try_alloc(1, cap);
	struct vc_wr w;
	int err;

	if (!room)
		return -ENOMEM;
	err = put_head(f);
	f->last = c->start;
	w = vc_wr_over(room, cap);
	vc_webvtt_cue(&w, c->start, c->end, name, c->text, c->len);
	if (!err)
		err = w.bad ? -EFBIG :
			      vc_outfile_write(f->out, room, vc_wr_len(&w));
	free(room);
	return err;
}

static int put_due(struct vc_vttfile *f, bool is_all)
{
	int err = 0;

	while (!err && f->first &&
	       (is_all || f->first->is_over || f->n > VC_VTTFILE_CUES)) {
		if (f->first->len)
			err = put_cue(f, f->first);
		drop_first(f);
	}
	return err;
}

static int write_unit(void *p, const struct vc_container_unit *u)
{
	struct vc_vttfile *f = p;
	int err;

	if (u->time < f->last) /* it had to be over before its time */
		return 0;
	err = keep(f, u);
	return err ? err : put_due(f, false);
}

static int flush(void *p)
{
	struct vc_vttfile *f = p;

	return vc_outfile_flush(f->out);
}

static int finish(void *p)
{
	struct vc_vttfile *f = p;
	int err = put_due(f, true);

	if (!err && !f->has_begun)
		return -ENODATA;
	return err ? err : flush(f);
}

const struct vc_container_ops vc_vttfile_ops = {
	.name = "webvtt",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.flush = flush,
	.finish = finish,
	.free = clear,
};
