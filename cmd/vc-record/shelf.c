/* SPDX-License-Identifier: MIT */
/*
 * Units of an output's timeline -> its files. Each source has a lane, which
 * writes into one file at a time. Pictures change files with a key frame only,
 * so until then they go on in the old one, which is complete when nobody
 * writes into it any more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/timeline.h"
#include "output.h"
#include "sidecar.h"
#include "tool/tool.h"

#define NOTE_WAITS (2 * VC_SEC) /* for a file to be there */

/* Whose file the lane's units go into. */
static uint64_t key_of(const struct output *o, const struct lane *lane)
{
	switch (o->conf->by) {
	case TRACKS_MIXED:
		break;
	case TRACKS_PARTICIPANT:
		return lane->info.owner;
	case TRACKS_SOURCE:
		return lane->info.source;
	}
	return 0;
}

static struct volume *find(const struct output *o, uint64_t key)
{
	for (struct volume *v = o->volumes; v; v = v->next)
		if (v->key == key && !v->is_old && !v->why)
			return v;
	return NULL;
}

static bool is_video(const struct lane *lane)
{
	return lane->info.kind == VC_TRACK_VIDEO;
}

/* --- lanes --- */

/* Nobody writes into it any more, and nobody will. */
static void drop(struct output *o, struct volume *v, const char *why)
{
	if (!v)
		return;
	v->lanes--;
	if (!v->lanes && (o->conf->by != TRACKS_MIXED || v->is_old))
		files_end(o, v, v->is_old ? "split" : why);
}

/* It goes into that file from now on; what a container refuses is left out. */
static int enter(struct output *o, struct lane *lane, struct volume *v)
{
	struct volume *old = lane->vol;
	int err = 0;

	if (lane->next != v) {
		err = volume_attach(v, &lane->info, &lane->next_track);
		if (err)
			return err;
		drop(o, lane->next, "moved");
	}
	lane->vol = v;
	lane->track = lane->next_track;
	lane->next = NULL;
	drop(o, old, "moved");
	return 0;
}

static void leave_out(struct output *o, struct lane *lane, int err)
{
	lane->is_refused = true;
	if (o->warned_refused)
		return;
	o->warned_refused = true;
	vc_tool_warn(o->tool, "%s: %s, %s, is left out: %s %s", o->text,
		     lane->info.name, lane->info.codec, o->format->name,
		     err == -ENOTSUP ? "does not hold it" :
				       "has no room for more");
}

/* Its place in a file that is new. */
static int reserve(struct output *o, struct lane *lane, struct volume *v)
{
	unsigned int track;
	int err = volume_attach(v, &lane->info, &track);

	if (vc_track_is_refused(err)) {
		leave_out(o, lane, err);
		return 0;
	}
	if (err)
		return err;
	drop(o, lane->next, "moved");
	lane->next = v;
	lane->next_track = track;
	return 0;
}

/*
 * A lane's first unit in a file of its own. All others whose it is are tracks
 * of it from the beginning, in the same order in each file.
 */
static int open_for(struct output *o, struct lane *lane, int64_t at,
		    struct volume **out)
{
	uint64_t key = key_of(o, lane);
	int err = files_open_next(
		o, o->conf->by == TRACKS_MIXED ? NULL : &lane->info, at, out);

	if (err)
		return err;
	(*out)->key = key;
	for (unsigned int i = 0; !err && i < o->n_lanes; i++) {
		struct lane *l = &o->lanes[i];

		if (l->is_used && !l->is_refused && key_of(o, l) == key)
			err = reserve(o, l, *out);
	}
	return err;
}

static void warn_full(struct output *o)
{
	o->no_room++;
	if (!o->warned_full)
		vc_tool_warn(o->tool,
			     "%s: too many files at once: who comes now is "
			     "left out (--tracks=mixed has room)",
			     o->text);
	o->warned_full = true;
}

/* The lane's file is the one that its units belong into. */
static int move(struct output *o, struct lane *lane, int64_t at)
{
	struct volume *v = find(o, key_of(o, lane));
	int err = v ? 0 : open_for(o, lane, at, &v);

	if (!err && lane->vol != v && !lane->is_refused)
		err = enter(o, lane, v);
	if (err == -EMFILE) {
		warn_full(o);
		return 0;
	}
	if (vc_track_is_refused(err)) {
		leave_out(o, lane, err);
		return 0;
	}
	return err;
}

static bool is_home(const struct output *o, const struct lane *lane)
{
	return lane->vol && !lane->vol->is_old &&
	       lane->vol->key == key_of(o, lane);
}

static void set_head(struct lane *lane, const uint8_t *p, size_t len)
{
	lane->info.first_len = len < LANE_HEAD ? len : LANE_HEAD;
	if (len)
		memcpy(lane->head, p, lane->info.first_len);
	lane->info.first = lane->head;
}

static void tell_join(struct lane *lane, int64_t at)
{
	struct vc_json *j = sidecar_event("join");

	vc_json_set_int(j, "ssrc", lane->info.ssrc);
	vc_json_set_str(j, "cname", lane->info.cname);
	vc_json_set_str(j, "name", lane->info.name);
	vc_json_set_str(j, "kind", is_video(lane) ? "video" : "audio");
	vc_json_set_str(j, "codec", lane->info.codec);
	vc_json_set_int(j, "track", lane->track + 1);
	volume_tell(lane->vol, at, j);
	vc_json_free(j);
}

static int put(struct output *o, struct lane *lane,
	       const struct vc_container_unit *u)
{
	struct volume *was = lane->vol;
	int err = 0;

	if (is_video(lane) && u->is_key) {
		lane->needs_key = false;
		set_head(lane, u->data, u->len);
	}
	if (lane->needs_key || lane->is_refused)
		return 0;
	if (!is_home(o, lane) && (!is_video(lane) || u->is_key || !lane->vol))
		err = move(o, lane, u->time);
	if (err || !lane->vol)
		return err;
	volume_begin(lane->vol, u->time);
	if (!lane->has_joined || was != lane->vol)
		tell_join(lane, u->time);
	lane->has_joined = true;
	return volume_write(lane->vol, lane->track, u);
}

/* --- what was to happen --- */

static void end_all(struct output *o, const char *why)
{
	struct volume *next;

	for (struct volume *v = o->volumes; v; v = next) {
		next = v->next;
		if (!v->why)
			files_end(o, v, v->is_old ? "split" : why);
	}
	for (unsigned int i = 0; i < o->n_lanes; i++)
		o->lanes[i].vol = o->lanes[i].next = NULL;
}

/* What follows goes into other files. */
static void split(struct output *o)
{
	struct volume *next;

	for (struct volume *v = o->volumes; v && !o->is_pipe; v = next) {
		next = v->next;
		if (v->why || !v->has_begun)
			continue;
		v->is_old = true;
		if (!v->lanes)
			files_end(o, v, "split");
	}
}

static void want_keys(struct output *o)
{
	for (unsigned int i = 0; i < o->n_lanes; i++)
		o->lanes[i].needs_key = is_video(&o->lanes[i]);
}

static void tell_all(struct output *o, int64_t at, const struct vc_json *note)
{
	for (struct volume *v = o->volumes; v; v = v->next)
		if (v->has_begun && !v->why)
			volume_tell(v, at, note);
}

static void tell_pause(struct output *o, int64_t at)
{
	struct vc_json *j = sidecar_event("gap");

	vc_json_set_int(j, "from", o->paused / VC_US);
	vc_json_set_int(j, "to", at / VC_US);
	vc_json_set_str(j, "why", "pause");
	tell_all(o, at, j);
	vc_json_free(j);
}

static void take_turn(struct output *o, const struct agenda_item *item)
{
	bool was_paused = o->state == OUTPUT_PAUSES;

	switch (item->turn) {
	case TURN_NOTE:
		break;
	case TURN_START:
		o->state = OUTPUT_RUNS;
		want_keys(o);
		break;
	case TURN_STOP:
		if (was_paused)
			tell_pause(o, item->at);
		o->state = OUTPUT_RESTS;
		if (!o->is_pipe)
			end_all(o, "stop");
		break;
	case TURN_PAUSE:
		o->paused = item->at;
		o->state = OUTPUT_PAUSES;
		break;
	case TURN_RESUME:
		if (was_paused)
			tell_pause(o, item->at);
		o->state = OUTPUT_RUNS;
		want_keys(o);
		break;
	case TURN_SPLIT:
		split(o);
		break;
	}
}

/* False: there is no file yet that it could go into. */
static bool write_note(struct output *o, const struct agenda_item *item)
{
	const struct lane *lane = NULL;
	bool is_written = false;

	if (item->source == AGENDA_ALL) {
		for (struct volume *v = o->volumes; v; v = v->next)
			is_written |= v->has_begun && !v->why;
		tell_all(o, item->at, item->note);
		return is_written;
	}
	for (unsigned int i = 0; !lane && i < o->n_lanes; i++)
		if (o->lanes[i].is_used &&
		    o->lanes[i].info.source == item->source)
			lane = &o->lanes[i];
	if (!lane || !lane->vol || !lane->vol->has_begun)
		return false;
	volume_tell(lane->vol, item->at, item->note);
	return true;
}

void shelf_run(struct output *o, int64_t at)
{
	struct agenda later = { 0 };
	struct agenda_item *item;

	while ((item = agenda_take(&o->agenda, at))) {
		if (item->turn != TURN_NOTE) {
			take_turn(o, item);
		} else if (!write_note(o, item) && at - item->at < NOTE_WAITS) {
			(void)agenda_add(&later, item->at, TURN_NOTE,
					 item->source, item->note);
			item->note = NULL;
		}
		agenda_free_item(item);
	}
	while ((item = agenda_take(&later, INT64_MAX))) {
		(void)agenda_add(&o->agenda, item->at, TURN_NOTE, item->source,
				 item->note);
		item->note = NULL;
		agenda_free_item(item);
	}
}

/* --- the container --- */

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct output *o = c;
	struct volume *v;
	struct lane *lane, *grown;
	unsigned int i = 0;
	int err;

	while (i < o->n_lanes && o->lanes[i].is_used)
		i++;
	if (i == o->n_lanes) {
		grown = vc_try_alloc(2 * i + 4, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		if (i)
			memcpy(grown, o->lanes, i * sizeof(*grown));
		free(o->lanes);
		o->lanes = grown;
		o->n_lanes = 2 * i + 4;
	}
	lane = &o->lanes[i];
	*lane = (struct lane){ .info = *info,
			       .head = vc_try_alloc(1, LANE_HEAD) };
	if (!lane->head)
		return -ENOMEM;
	lane->is_used = true;
	set_head(lane, info->first, info->first_len);
	v = o->state == OUTPUT_RESTS ? NULL : find(o, key_of(o, lane));
	err = v ? enter(o, lane, v) : 0;
	if (err) {
		free(lane->head);
		*lane = (struct lane){ 0 };
	}
	*track = i;
	return err;
}

static int rename_track(void *c, unsigned int track, const char *name)
{
	struct output *o = c;
	struct lane *lane = &o->lanes[track];

	memcpy(lane->info.name, name, strlen(name) + 1);
	if (lane->vol)
		volume_rename(lane->vol, lane->track, name);
	return 0;
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct output *o = c;
	struct vc_container_unit mine = *u;

	mine.time += vc_timeline_epoch(o->timeline);
	shelf_run(o, mine.time);
	if (o->state != OUTPUT_RUNS)
		return 0;
	return put(o, &o->lanes[u->track], &mine);
}

static void end(void *c, unsigned int track)
{
	struct output *o = c;
	struct lane *lane = &o->lanes[track];
	struct agenda_item *item;

	while ((item = agenda_take_of(&o->agenda, lane->info.source))) {
		(void)write_note(o, item);
		agenda_free_item(item);
	}
	drop(o, lane->next, "left");
	drop(o, lane->vol, "left");
	free(lane->head);
	*lane = (struct lane){ 0 };
}

const struct vc_container_ops shelf_ops = {
	.name = "shelf",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.end = end,
};

void shelf_set_owner(struct output *o, uint64_t source, uint64_t owner)
{
	struct lane *lane;

	for (unsigned int i = 0; i < o->n_lanes; i++) {
		lane = &o->lanes[i];
		if (!lane->is_used || lane->info.source != source)
			continue;
		lane->info.owner = owner;
		if (!lane->vol)
			continue;
		vc_reel_set_owner(&lane->vol->reel, source, owner);
		/* His alone, and he has no other: it is his still. */
		if (o->conf->by == TRACKS_PARTICIPANT &&
		    lane->vol->lanes == 1 && !find(o, owner))
			lane->vol->key = owner;
	}
}

void shelf_end(struct output *o, const char *why)
{
	shelf_run(o, INT64_MAX);
	end_all(o, why);
}
