/* SPDX-License-Identifier: MIT */
/* Text on its way into files: what is typed becomes cues (media/cueline.h). */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "media/cueline.h"
#include "shelf.h"
#include "sidecar.h"

/* A cue, or as much as there is of it, into the lane's file. */
static int put_cue(void *ctx, const struct vc_cue *cue)
{
	struct lane *lane = ctx;
	const struct vc_container_unit u = {
		.time = cue->start,
		.duration = cue->end - cue->start,
		.is_key = true,
		.is_last = true,
		.is_open = !cue->is_over,
		.data = (const uint8_t *)cue->text,
		.len = cue->len,
	};

	return lane->vol ? volume_write(lane->vol, lane->track, &u) : 0;
}

int subtitles_begin(struct lane *lane)
{
	if (!lane_is_text(lane))
		return 0;
	lane->typed = vc_try_alloc(1, sizeof(*lane->typed));
	if (!lane->typed)
		return -ENOMEM;
	lane->typed->put = put_cue;
	return 0;
}

void subtitles_end(struct output *o, struct lane *lane)
{
	int err;

	if (!lane->typed)
		return;
	lane->typed->ctx = lane; /* lanes move */
	err = vc_cueline_end(lane->typed);
	o->err = o->err ? o->err : err;
}

void subtitles_end_all(struct output *o, const struct volume *v)
{
	for (unsigned int i = 0; i < o->n_lanes; i++)
		if (o->lanes[i].is_used && (!v || o->lanes[i].vol == v))
			subtitles_end(o, &o->lanes[i]);
}

void subtitles_free(struct lane *lane)
{
	free(lane->typed);
	lane->typed = NULL;
}

void subtitles_tick(struct output *o, struct lane *lane, int64_t now)
{
	int err;

	if (!lane->typed)
		return;
	lane->typed->ctx = lane;
	err = vc_cueline_look(lane->typed, now);
	o->err = o->err ? o->err : err;
}

/* U+FFFD stands for it. */
static void tell_lost(struct lane *lane, const struct vc_container_unit *u)
{
	struct vc_json *j = sidecar_event("gap");

	vc_json_set_int(j, "from", lane->last / VC_US);
	vc_json_set_int(j, "to", u->time / VC_US);
	vc_json_set_str(j, "why", "loss");
	vc_json_set_int(j, "lost", u->lost);
	vc_json_set_int(j, "ssrc", lane->info.ssrc);
	vc_json_set_int(j, "track", lane->track + 1);
	volume_tell(lane->vol, u->time, j);
	lane->vol->tracks[lane->track].gaps++;
	lane->vol->tracks[lane->track].lost += u->lost;
	vc_json_free(j);
}

int subtitles_put(struct lane *lane, const struct vc_container_unit *u)
{
	if (u->lost && lane->has_joined)
		tell_lost(lane, u);
	lane->typed->ctx = lane;
	return vc_cueline_type(lane->typed, u->time, (const char *)u->data,
			       u->len);
}
