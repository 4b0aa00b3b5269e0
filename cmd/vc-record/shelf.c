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
#include "border.h"
#include "engine/outfile.h"
#include "engine/timeline.h"
#include "output.h"
#include "places.h"
#include "shelf.h"
#include "sidecar.h"
#include "tool/tool.h"

#define STILL (2 * VC_SEC) /* no picture so long: none is waited for */
#define GONE (10 * VC_SEC) /* so long: nor a key frame, to leave a file */

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

struct volume *shelf_find(const struct output *o, uint64_t key)
{
	for (struct volume *v = o->volumes; v; v = v->next)
		if (v->key == key && !v->is_old && !v->why)
			return v;
	return NULL;
}

/* --- lanes --- */

/* Nobody writes into it any more, and nobody will. */
static void drop(struct output *o, struct volume *v, const char *why)
{
	if (!v)
		return;
	v->lanes--;
	if (!v->why && !v->lanes && (o->conf->by != TRACKS_MIXED || v->is_old))
		files_end(o, v, v->is_old ? v->why_old : why);
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
	subtitles_end(o, lane);
	places_leave(o, lane);
	lane->vol = v;
	lane->track = lane->next_track;
	lane->next = NULL;
	drop(o, old, "moved");
	return 0;
}

static void leave_out(struct output *o, struct lane *lane, int err)
{
	static const enum vc_kind kinds[] = {
		[VC_TRACK_AUDIO] = VC_AUDIO,
		[VC_TRACK_VIDEO] = VC_VIDEO,
		[VC_TRACK_TEXT] = VC_TEXT,
	};
	enum vc_kind kind = kinds[lane->info.kind];

	lane->is_refused = true;
	if (o->warned_refused ||
	    (err == -ENOTSUP && !format_expects(o->format, kind)))
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
 * All whose file it is have a place in it from the beginning, in the same order
 * in each.
 */
static int reserve_all(struct output *o, struct volume *v)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < o->n_lanes; i++) {
		struct lane *l = &o->lanes[i];

		if (l->is_used && !l->is_refused && !l->is_clock &&
		    key_of(o, l) == v->key)
			err = reserve(o, l, v);
	}
	return err;
}

/* The file that the lane's units belong into. */
static int file_of(struct output *o, const struct lane *lane, int64_t at,
		   struct volume **out)
{
	uint64_t key = key_of(o, lane);
	struct volume *v = shelf_find(o, key);
	int err = 0;

	if (!v)
		err = files_open_next(
			o, o->conf->by == TRACKS_MIXED ? NULL : &lane->info, at,
			&v);
	if (err)
		return err;
	*out = v;
	v->key = key;
	return v->lanes ? 0 : reserve_all(o, v);
}

/* The lane's file is the one that its units belong into. */
static int move(struct output *o, struct lane *lane, int64_t at)
{
	struct volume *v = NULL;
	int err = file_of(o, lane, at, &v);

	if (!err && lane->vol != v && !lane->is_refused)
		err = enter(o, lane, v);
	if (err == -EMFILE) {
		files_leave_out(o);
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
	vc_json_set_str(j, "kind", vc_track_kind_name(lane->info.kind));
	vc_json_set_str(j, "codec", lane->info.codec);
	vc_json_set_int(j, "track", lane->track + 1);
	volume_tell(lane->vol, at, j);
	vc_json_free(j);
}

/* Has it lasted, or grown, long enough? */
static bool is_full(const struct output *o, const struct volume *v, int64_t at)
{
	const struct record_conf *c = o->conf;

	return v->has_begun && !v->is_old && !o->is_pipe &&
	       ((c->segment_time && at - v->begin >= c->segment_time) ||
		(c->segment_octets &&
		 vc_outfile_pos(v->file) >= c->segment_octets));
}

/* With a key frame, unless there are no pictures now. */
static void cut(struct output *o, const struct lane *lane,
		const struct vc_container_unit *u)
{
	struct volume *v = lane->vol;

	if (!v || !is_full(o, v, u->time))
		return;
	if (lane_is_video(lane) ? u->is_key :
				  v->last_picture == VC_TIME_NONE ||
					  u->time - v->last_picture > STILL)
		shelf_go_on(o, v, "segment");
}

static void tell_gap(struct lane *lane, const struct vc_container_unit *u)
{
	struct volume *v = lane->vol;
	struct vc_json *j;

	if (lane_is_text(lane))
		return;
	if (!lane->has_joined && v->reel.tracks[lane->track].units)
		gap_returned(&lane->gap, v->tracks[lane->track].end);
	while ((j = gap_next(&lane->gap, lane_is_video(lane), u))) {
		vc_json_set_int(j, "ssrc", lane->info.ssrc);
		vc_json_set_int(j, "track", lane->track + 1);
		volume_tell(v, u->time, j);
		v->tracks[lane->track].gaps++;
		vc_json_free(j);
	}
}

/* A file of text counts its times from where all media does. */
static int put_time(struct output *o, struct lane *lane,
		    const struct vc_container_unit *u)
{
	struct volume *v = NULL;
	int err;

	if (lane->vol && is_full(o, lane->vol, u->time))
		shelf_go_on(o, lane->vol, "segment");
	if (!is_home(o, lane)) {
		err = file_of(o, lane, u->time, &v);
		if (err == -EMFILE)
			files_leave_out(o);
		if (err)
			return err == -EMFILE ? 0 : err;
		v->lanes++;
		drop(o, lane->vol, "moved");
		lane->vol = v;
	}
	lane->last = u->time;
	volume_pass(lane->vol, u->time, u->time + u->duration);
	return 0;
}

/* 'u' is for another file than the last: that gets of it what it lacks. */
static int change_file(struct output *o, struct lane *lane,
		       const struct vc_container_unit *u)
{
	struct volume *was = lane->vol;
	int err = 0;

	if (was)
		err = border_trail(o, lane, u);
	if (!err)
		err = move(o, lane, u->time);
	if (err || !lane->vol)
		return err;
	volume_begin(lane->vol, u->time);
	return was && was != lane->vol ? border_lead(lane, u) : 0;
}

int shelf_put(struct output *o, struct lane *lane,
	      const struct vc_container_unit *u)
{
	struct volume *was = lane->vol;
	int err = 0;

	if (lane->is_clock)
		return put_time(o, lane, u);

	if (lane_is_video(lane) && u->is_key) {
		lane->needs_key = false;
		set_head(lane, u->data, u->len);
	}
	if (lane->needs_key || lane->is_refused)
		return 0;
	cut(o, lane, u);
	if (!is_home(o, lane) &&
	    (!lane_is_video(lane) || u->is_key || !lane->vol))
		err = change_file(o, lane, u);
	if (err || !lane->vol)
		return err;
	volume_begin(lane->vol, u->time);
	if (!lane->has_joined || was != lane->vol)
		tell_join(lane, u->time);
	tell_gap(lane, u);
	if (lane_is_text(lane))
		err = subtitles_put(lane, u);
	else
		err = volume_write(lane->vol, lane->track, u);
	places_tell(lane, u);
	lane->has_joined = true;
	lane->last = u->time;
	return err ? err : border_note(o, lane, u);
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
	lane->is_clock = o->format->only == VC_TEXT && !lane_is_text(lane);
	lane->serial = o->n_serials;
	o->n_serials++;
	set_head(lane, info->first, info->first_len);
	v = o->state == OUTPUT_RESTS || lane->is_clock ?
		    NULL :
		    shelf_find(o, key_of(o, lane));
	err = subtitles_begin(lane);
	if (!err && v)
		err = enter(o, lane, v);
	if (err) {
		subtitles_free(lane);
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
	if (lane->vol && !lane->is_clock)
		volume_rename(lane->vol, lane->track, name);
	return 0;
}

/* Somebody may yet want it: --pre-roll. */
static int keep(struct output *o, const struct lane *lane,
		const struct vc_container_unit *u)
{
	const struct vc_unitq_item item = {
		.time = u->time,
		.duration = u->duration,
		.is_key = u->is_key,
		.is_jump = u->is_jump,
		.is_stall = u->is_stall,
		.lost = u->lost,
		.ts = u->ts,
		.track = lane->serial,
		.len = u->len,
		.data = u->data,
	};

	if (!o->conf->pre_roll)
		return 0;
	return ring_push(&o->ring, &item, u->time - o->conf->pre_roll);
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct output *o = c;
	struct vc_container_unit mine = *u;
	struct lane *lane = &o->lanes[u->track];

	mine.time += vc_timeline_epoch(o->timeline);
	if (o->waits_for_key && u->is_key && lane_is_video(lane)) {
		o->waits_for_key = false;
		(void)agenda_add(&o->agenda, mine.time, TURN_START, AGENDA_ALL,
				 NULL);
	}
	shelf_run(o, mine.time);
	if (o->err)
		return o->err;
	if (o->state == OUTPUT_RUNS)
		return shelf_put(o, lane, &mine);
	return o->state == OUTPUT_RESTS ? keep(o, lane, &mine) : 0;
}

static void end(void *c, unsigned int track)
{
	struct output *o = c;
	struct lane *lane = &o->lanes[track];

	subtitles_end(o, lane);
	shelf_say_of(o, lane->info.source);
	drop(o, lane->next, "left");
	drop(o, lane->vol, "left");
	subtitles_free(lane);
	free(lane->head);
	vc_unitq_clear(&lane->latest);
	*lane = (struct lane){ 0 };
}

const struct vc_container_ops shelf_ops = {
	.name = "shelf",
	.add = add,
	.rename = rename_track,
	.write = write_unit,
	.end = end,
};

/* A lane whose pictures have stopped leaves a file that is over. */
static void detach(struct output *o, struct lane *lane, int64_t now)
{
	if (!lane->vol || !lane->vol->is_old || now - lane->last < GONE)
		return;
	lane->needs_key = lane_is_video(lane);
	subtitles_end(o, lane);
	places_leave(o, lane);
	drop(o, lane->vol, "left");
	lane->vol = NULL;
}

bool shelf_tick(struct output *o, int64_t now)
{
	bool wants_keys = false;

	for (unsigned int i = 0; i < o->n_lanes; i++) {
		struct lane *lane = &o->lanes[i];

		if (!lane->is_used)
			continue;
		detach(o, lane, now);
		subtitles_tick(o, lane, now);
		if (lane_is_video(lane) && lane->vol && !lane->is_clock)
			wants_keys |= lane->vol->is_old ||
				      is_full(o, lane->vol, now);
	}
	return wants_keys;
}
