/* SPDX-License-Identifier: MIT */
#include "places.h"

#include "base/json.h"
#include "base/time.h"
#include "output.h"
#include "shelf.h"
#include "sidecar.h"

#define EACH (2 * VC_SEC)

/* Is it the last one in its file? */
static bool is_there(const struct lane *lane, const struct vc_container_unit *u)
{
	const struct volume *v = lane->vol;

	return v->reel.tracks[lane->track].last ==
	       cuts_map(&v->cuts, u->time - v->begin);
}

void places_tell(struct lane *lane, const struct vc_container_unit *u)
{
	const struct vc_reel_track *t = &lane->vol->reel.tracks[lane->track];
	bool is_first = lane->placed_in != lane->vol->n;
	struct vc_json *j;

	if ((!is_first && u->time - lane->placed < EACH) ||
	    lane_is_text(lane) || !is_there(lane, u))
		return;
	lane->placed = u->time;
	lane->placed_in = lane->vol->n;
	j = sidecar_event("place");
	vc_json_set_int(j, "ssrc", lane->info.ssrc);
	vc_json_set_int(j, "track", lane->track + 1);
	vc_json_set_int(j, "unit", (int64_t)(t->units - t->left_out));
	vc_json_set_int(j, "rtp", u->ts);
	volume_tell(lane->vol, u->time, j);
	vc_json_free(j);
}

void places_leave(const struct output *o, const struct lane *lane)
{
	struct volume *v = lane->vol;
	struct vc_json *j = NULL;

	if (v && v->has_begun && !lane->is_clock && !lane_is_text(lane))
		j = o->clock_of(o->ctx, lane->info.source);
	if (!j)
		return;
	volume_tell(v, v->end, j);
	vc_json_free(j);
}
