/* SPDX-License-Identifier: MIT */
/* Tracks here have the numbers that the container behind gave them. */
#include "engine/reel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define FIRST_CAP 8

/* A track of the same owner whose source has gone, or NULL. */
static struct vc_reel_track *find_free(const struct vc_reel *r,
				       const struct vc_track_info *info,
				       unsigned int *index)
{
	for (unsigned int i = 0; i < r->n; i++) {
		struct vc_reel_track *t = &r->tracks[i];

		*index = i;
		if (t->owner == info->owner && t->kind == info->kind &&
		    t->is_slides == info->is_slides &&
		    !strcmp(t->codec, info->codec) &&
		    !r->is_here(r->ctx, t->source))
			return t;
	}
	return NULL;
}

static int make_room(struct vc_reel *r, unsigned int n)
{
	unsigned int cap = r->cap ? r->cap : FIRST_CAP;
	struct vc_reel_track *grown;

	while (cap < n)
		cap *= 2;
	if (cap == r->cap)
		return 0;
	grown = vc_try_alloc(cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	if (r->n)
		memcpy(grown, r->tracks, r->n * sizeof(*grown));
	free(r->tracks);
	r->tracks = grown;
	r->cap = cap;
	return 0;
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_reel *r = c;
	struct vc_reel_track *t = find_free(r, info, track);
	int err;

	if (t) {
		t->source = info->source;
		t->needs_key = info->kind == VC_TRACK_VIDEO;
		return 0;
	}
	err = make_room(r, r->n + 1);
	if (!err)
		err = r->ops->add(r->container, info, track);
	if (err)
		return err;
	t = &r->tracks[r->n];
	r->n++;
	*t = (struct vc_reel_track){
		.source = info->source,
		.owner = info->owner,
		.kind = info->kind,
		.is_slides = info->is_slides,
		.codec = info->codec,
		.first = -1,
		.last = -1,
	};
	vc_strlcpy(t->name, info->name, sizeof(t->name));
	return 0;
}

static int rename_track(void *c, unsigned int track, const char *name)
{
	struct vc_reel *r = c;

	vc_strlcpy(r->tracks[track].name, name, VC_TRACK_NAME_CAP);
	return r->ops->rename ? r->ops->rename(r->container, track, name) : 0;
}

static void count(struct vc_reel_track *t, const struct vc_container_unit *u)
{
	if (t->first < 0)
		t->first = u->time;
	t->end = u->time + u->duration;
	t->units++;
	t->octets += u->len;
}

/* A cue counts when it is over, and not taken back. */
static int write_text(struct vc_reel *r, struct vc_reel_track *t,
		      const struct vc_container_unit *u)
{
	if (u->time < t->last || (u->time == t->last && !t->is_open)) {
		t->dropped++;
		return 0;
	}
	t->last = u->time;
	t->is_open = u->is_open;
	if (!u->is_open && u->len)
		count(t, u);
	return r->ops->write(r->container, u);
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_reel *r = c;
	struct vc_reel_track *t = &r->tracks[u->track];
	int err;

	if (t->kind == VC_TRACK_TEXT)
		return write_text(r, t, u);
	if (u->time <= t->last)
		t->needs_key = t->kind == VC_TRACK_VIDEO;
	if (u->time <= t->last || (t->needs_key && !u->is_key)) {
		t->dropped++;
		return 0;
	}
	t->needs_key = false;
	t->last = u->time;
	count(t, u);
	err = r->ops->write(r->container, u);
	t->left_out += err > 0;
	return err > 0 ? 0 : err;
}

const struct vc_container_ops vc_reel_ops = {
	.name = "reel",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
};

void vc_reel_clear(struct vc_reel *r)
{
	free(r->tracks);
	r->tracks = NULL;
	r->n = r->cap = 0;
}

void vc_reel_set_owner(struct vc_reel *r, uint64_t source, uint64_t owner)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (r->tracks[i].source == source)
			r->tracks[i].owner = owner;
}
