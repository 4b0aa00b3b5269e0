/* SPDX-License-Identifier: MIT */
/* What happens to an output between its units: commands, notes, names. */
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "output.h"
#include "places.h"
#include "shelf.h"
#include "sidecar.h"

#define NOTE_WAITS (2 * VC_SEC) /* for a file to be there */

static void end_all(struct output *o, const char *why)
{
	struct volume *next;

	subtitles_end_all(o, NULL);
	for (unsigned int i = 0; i < o->n_lanes; i++)
		if (o->lanes[i].is_used)
			places_leave(o, &o->lanes[i]);
	for (struct volume *v = o->volumes; v; v = next) {
		next = v->next;
		if (!v->why)
			files_end(o, v, v->is_old ? v->why_old : why);
	}
	for (unsigned int i = 0; i < o->n_lanes; i++)
		o->lanes[i].vol = o->lanes[i].next = NULL;
}

void shelf_go_on(struct output *o, struct volume *v, const char *why)
{
	if (o->is_pipe || v->why || v->is_old || !v->has_begun)
		return;
	subtitles_end_all(o, v);
	v->is_old = true;
	v->why_old = why;
	if (!v->lanes)
		files_end(o, v, why);
}

static void split(struct output *o)
{
	struct volume *next;

	for (struct volume *v = o->volumes; v; v = next) {
		next = v->next;
		shelf_go_on(o, v, "split");
	}
}

/* Media was left out until now. */
static void go_on(struct output *o)
{
	o->state = OUTPUT_RUNS;
	for (unsigned int i = 0; i < o->n_lanes; i++) {
		o->lanes[i].needs_key = lane_is_video(&o->lanes[i]);
		gap_forget(&o->lanes[i].gap);
	}
}

/* What was kept from before the start. */
static void reach_back(struct output *o)
{
	struct vc_unitq_item item;

	while (!o->err && ring_front(&o->ring, &item)) {
		const struct vc_container_unit u = {
			.time = item.time,
			.duration = item.duration,
			.is_key = item.is_key,
			.is_jump = item.is_jump,
			.is_stall = item.is_stall,
			.lost = item.lost,
			.ts = item.ts,
			.data = item.data,
			.len = item.len,
		};

		for (unsigned int i = 0; !o->err && i < o->n_lanes; i++)
			if (o->lanes[i].is_used &&
			    o->lanes[i].serial == item.track)
				o->err = shelf_put(o, &o->lanes[i], &u);
		ring_pop(&o->ring);
	}
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
		go_on(o);
		reach_back(o);
		break;
	case TURN_STOP:
		if (was_paused)
			tell_pause(o, item->at);
		o->state = OUTPUT_RESTS;
		if (!o->is_pipe)
			end_all(o, "stop");
		break;
	case TURN_PAUSE:
		subtitles_end_all(o, NULL);
		o->paused = item->at;
		o->state = OUTPUT_PAUSES;
		break;
	case TURN_RESUME:
		if (was_paused)
			tell_pause(o, item->at);
		go_on(o);
		break;
	case TURN_SPLIT:
		split(o);
		break;
	}
}

/* False: there is no file yet that it could go into. */
static bool write_note(struct output *o, const struct agenda_item *item)
{
	struct lane *lane = NULL;
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
	gap_take(&lane->gap, item->note);
	volume_tell(lane->vol, item->at, item->note);
	return true;
}

void shelf_say_of(struct output *o, uint64_t source)
{
	struct agenda_item *item;

	while ((item = agenda_take_of(&o->agenda, source))) {
		(void)write_note(o, item);
		agenda_free_item(item);
	}
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

void shelf_end(struct output *o, const char *why)
{
	shelf_run(o, INT64_MAX);
	end_all(o, why);
}

/* The manifest says so, too. */
static void note_cname(const struct lane *lane)
{
	struct volume_track *t;

	if (lane->is_clock)
		return;
	t = &lane->vol->tracks[lane->track];
	if (t->info.cname[0])
		return;
	vc_strlcpy(t->info.cname, lane->info.cname, sizeof(t->info.cname));
	t->learnt_late = true;
}

void shelf_set_owner(struct output *o, uint64_t source, uint64_t owner,
		     const char *cname)
{
	struct lane *lane;

	for (unsigned int i = 0; i < o->n_lanes; i++) {
		lane = &o->lanes[i];
		if (!lane->is_used || lane->info.source != source)
			continue;
		lane->info.owner = owner;
		vc_strlcpy(lane->info.cname, cname, sizeof(lane->info.cname));
		if (!lane->vol)
			continue;
		note_cname(lane);
		vc_reel_set_owner(&lane->vol->reel, source, owner);
		/* His alone, and he has no other: it is his still. */
		if (o->conf->by == TRACKS_PARTICIPANT &&
		    lane->vol->lanes == 1 && !shelf_find(o, owner))
			lane->vol->key = owner;
	}
}
