/* SPDX-License-Identifier: MIT */
#include "border.h"

#include "base/time.h"

#define LEAD (500 * VC_MS) /* formats take of that what is of use */

static bool has_border(const struct output *o, const struct lane *lane)
{
	return o->format->ops && o->format->ops->lead &&
	       lane->info.kind == VC_TRACK_AUDIO;
}

int border_note(struct output *o, struct lane *lane,
		const struct vc_container_unit *u)
{
	const struct vc_unitq_item item = {
		.time = u->time,
		.duration = u->duration,
		.len = u->len,
		.data = u->data,
	};
	int err;

	if (!has_border(o, lane))
		return 0;
	err = vc_unitq_push(&lane->latest, &item);
	while (!err && vc_unitq_front(&lane->latest).time < u->time - LEAD)
		vc_unitq_pop(&lane->latest);
	return err;
}

int border_trail(struct output *o, struct lane *lane,
		 const struct vc_container_unit *u)
{
	return has_border(o, lane) ? volume_trail(lane->vol, lane->track, u) :
				     0;
}

int border_lead(struct lane *lane, const struct vc_container_unit *u)
{
	int err = 0;

	while (!err && lane->latest.n) {
		struct vc_unitq_item item = vc_unitq_front(&lane->latest);
		const struct vc_container_unit before = {
			.time = item.time,
			.duration = item.duration,
			.is_key = true,
			.len = item.len,
			.data = item.data,
		};

		if (item.time >= u->time - LEAD)
			err = volume_lead(lane->vol, lane->track, &before);
		vc_unitq_pop(&lane->latest);
	}
	return err;
}
